package render

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// Folding: a phase with more steps than foldAbove keeps the first foldKeep and every step that has
// something to say.
const (
	foldAbove = 12
	foldKeep  = 10
	// foldKinds is how many kinds of ordinary objects a folded view names.
	foldKinds = 4
)

// branch is one action's part of the view: its head and, unless it takes one line, its tree.
type branch struct {
	timeline plan.Timeline
	compact  []span
	nodes    []node
	steps    bool
}

// timelines writes all actions.
func (t *tree) timelines() {
	branches := t.branches()
	t.cols = columns{name: width("WEIGHT"), waits: width("WAITS UNTIL")}
	for _, b := range branches {
		t.measureOrder(b.nodes)
	}
	for _, b := range branches {
		t.measure(b.nodes, 1)
	}
	t.bound()
	for i, b := range branches {
		if i == 0 || b.compact == nil || branches[i-1].compact == nil {
			t.put()
		}
		t.drawBranch(b)
		if t.plan.WayOut == nil || len(t.plan.Faults) > 0 {
			t.wayOut(t.recoveryOf(b.timeline))
		}
	}
}

// label names an action; those of a life are numbered.
func (t *tree) label(line plan.Timeline) string {
	return strings.ToUpper(actionLabel(t.plan, line))
}

// branches make all actions' parts.
func (t *tree) branches() []branch {
	var branches []branch
	full := map[plan.Action]plan.Timeline{}
	var earlier []plan.Timeline
	for _, line := range t.plan.Timelines {
		if t.options.Hook != "" && !hasSteps(line) {
			continue
		}
		facts, again := t.asBefore(line, earlier)
		earlier = append(earlier, line)
		if again {
			branches = append(branches, branch{timeline: line, compact: t.joined(facts)})
			continue
		}
		b := t.branch(line, full)
		if b.compact == nil {
			if _, ok := full[line.Action]; !ok {
				full[line.Action] = line
			}
		}
		branches = append(branches, b)
	}
	return branches
}

func (t *tree) drawBranch(b branch) {
	room := actionWidth
	if t.plan.Life {
		room += gap
	}
	label := pad(t.text(t.label(b.timeline)), room)
	head := b.compact
	if head == nil {
		head = t.joined(t.facts(b.timeline))
	}
	t.paragraph([]span{{label, bold}}, blanks(width(label)), head)
	if b.steps {
		// The title may be wider than the weights: it reaches to the left, where no name is on this line.
		rail := t.railsTo("│", t.cols.weightAt()+t.cols.weight-width("WEIGHT"))
		weight := padLeft(weightTitle(b.timeline), width("WEIGHT"))
		titles := weight + "  " + pad("WAITS UNTIL", t.cols.waits+gap) + "DELETED"
		t.put(rail, span{titles, dim})
	}
	for i, n := range b.nodes {
		t.draw(n, "", i == len(b.nodes)-1)
	}
}

// facts are what the head of an action says: where it starts and how long it may wait.
func (t *tree) facts(line plan.Timeline) []string {
	var facts []string
	if !t.plan.Life && t.twins(line.Action) && line.ID != "" && line.ID != string(line.Action) {
		facts = append(facts, line.ID)
	}
	if from := line.StartsFrom; from != "" {
		facts = append(facts, "from "+strings.TrimPrefix(from, "from "))
	}
	if older := olderRevision(line); older != 0 {
		facts = append(facts, fmt.Sprintf("runs the hooks of revision %d", older))
	}
	if waits := worstCaseWords(line, t.header.Timeout); waits != "" {
		facts = append(facts, tied(waits))
	}
	if took := lastRunsWords(line); took != "" {
		facts = append(facts, took)
	}
	return ranUnder(facts, line)
}

// surprises says that an action has more to tell than that it went well.
func (t *tree) surprises(line plan.Timeline) bool {
	if line.Outcome.Result == plan.Failed {
		return true
	}
	for _, phase := range line.Phases {
		for _, step := range phase.Steps {
			if step.Result != plan.OK || step.NotRun {
				return line.SameAs != line.Action
			}
		}
	}
	return false
}

func (t *tree) joined(facts []string) []span {
	return []span{t.span(plain, strings.Join(facts, " · "))}
}

// twins says that an action has more than one timeline, which their IDs tell apart.
func (t *tree) twins(action plan.Action) bool {
	n := 0
	for _, line := range t.plan.Timelines {
		if line.Action == action {
			n++
		}
	}
	return n > 1
}

// hasSteps says that any hook runs or would have run.
func hasSteps(line plan.Timeline) bool { return len(hookPhases(line)) > 0 }

func hookPhases(line plan.Timeline) []plan.Phase {
	return slices.DeleteFunc(slices.Clone(line.Phases), func(p plan.Phase) bool { return len(p.Steps) == 0 })
}

// branch makes an action's part. full are the actions that stand there in full already.
func (t *tree) branch(line plan.Timeline, full map[plan.Action]plan.Timeline) branch {
	b := branch{timeline: line}
	if t.options.Brief && !t.surprises(line) {
		said := cmp.Or(phasesWords(hookPhases(line)), "no hooks")
		if line.SameAs == line.Action {
			said = "the same once more"
		}
		b.compact = t.joined([]string{"ok", said, tied("then " + cmp.Or(statusWords(line.Outcome.History), "no release"))})
		b.nodes = t.outcome(line)
		return b
	}
	if said, ok := againWords(line, full[line.Action]); ok {
		b.compact = t.joined([]string{said, "from " + line.StartsFrom})
		return b
	}
	if model, ok := full[line.SameAs]; ok && line.SameAs != "" && hasSteps(line) && !t.plan.Life {
		b.compact = t.joined(append([]string{sameWords(line, model)}, t.facts(line)...))
		b.nodes = append(t.untold(line), t.outcome(line)...)
		return b
	}
	if !hasSteps(line) && !line.Outcome.Refused {
		none := "no hooks"
		if t.isUnknown("hooks") {
			none = "hooks unknown"
		}
		b.compact = []span{t.span(dim, none)}
		b.nodes = t.outcome(line)
		return b
	}
	b.steps = hasSteps(line)
	for i, phase := range line.Phases {
		if n, ok := t.phase(line, phase, followed(line.Phases[i+1:])); ok {
			b.nodes = append(b.nodes, n)
		}
	}
	b.nodes = append(b.nodes, t.outcome(line)...)
	return b
}

// followed is the name of the next phase with hooks, empty where there is none.
func followed(rest []plan.Phase) string {
	for _, phase := range rest {
		if len(phase.Steps) > 0 {
			return phase.Name
		}
	}
	return ""
}

// sameWords says in which events two actions differ that run the same hooks.
func sameWords(line, model plan.Timeline) string {
	var except []string
	mine, theirs := hookPhases(line), hookPhases(model)
	for i := range min(len(mine), len(theirs)) {
		if mine[i].Name != theirs[i].Name {
			except = append(except, tied(theirs[i].Name+" → "+mine[i].Name))
		}
	}
	if hasPhase(model, "crds") && !hasPhase(line, "crds") {
		except = append(except, tied("no crds"))
	}
	said := tied("as ") + strings.ToUpper(string(model.Action))
	if len(except) > 0 {
		said += ", except " + strings.Join(except, ", ")
	}
	return said
}

func hasPhase(line plan.Timeline, name string) bool {
	return slices.ContainsFunc(line.Phases, func(p plan.Phase) bool { return p.Name == name })
}

// untold are the findings of a shortened action that no step above has told.
func (t *tree) untold(line plan.Timeline) []node {
	var nodes []node
	for _, phase := range line.Phases {
		for _, step := range phase.Steps {
			fresh := slices.DeleteFunc(t.findingsAt(step), func(f plan.Finding) bool { return t.told[saying(f)] })
			if notes := t.findingNotes(fresh); len(notes) > 0 {
				label := phase.Name + " · " + ref(step.Hook.Object)
				nodes = append(nodes, node{label: []span{t.span(plain, label)}, notes: notes})
			}
		}
	}
	return nodes
}

// phase makes a phase with its steps; an event without hooks is left out.
func (t *tree) phase(line plan.Timeline, phase plan.Phase, next string) (node, bool) {
	n := node{label: []span{t.span(bold, t.phaseLabel(line, phase))}, phase: &phase}
	if otherEngine(phase) {
		return t.otherPhase(n, phase), true
	}
	switch {
	case phase.Name == "crds":
		if phase.Objects == 0 && phase.Error == "" {
			return node{}, false
		}
		n.text = []span{t.span(plain, crdsWords(phase, line))}
	case phase.Name == "resources":
		n.text = t.resources(phase, next)
	case len(phase.Steps) == 0 && phase.Error == "":
		return node{}, false
	}
	for _, step := range phase.Steps {
		n.children = append(n.children, t.step(phase, step))
	}
	if t.Fold {
		n.children = t.folded(n.children)
	}
	if phase.Error != "" && !slices.ContainsFunc(phase.Steps, func(s plan.Step) bool { return s.Error != "" }) {
		n.notes = append(n.notes, []span{t.span(alarm, "✗ failed: "), t.span(plain, phase.Error)})
	}
	return n, true
}

// phaseLabel names a phase, and the action and revision where they are not the timeline's own: an
// atomic upgrade rolls back, and a rollback runs the hooks of an older revision.
func (t *tree) phaseLabel(line plan.Timeline, phase plan.Phase) string {
	label := phase.Name
	if phase.Action == "" || phase.Action == line.Action {
		return label
	}
	label = string(phase.Action) + ": " + label
	if phase.Revision != 0 && phase.Revision != line.Revision && len(phase.Steps) > 0 {
		label += fmt.Sprintf(" (hooks of revision %d)", phase.Revision)
	}
	return label
}

// olderRevision is the revision whose hooks an action runs where that is not its own: a rollback runs
// those of its target. 0 otherwise.
func olderRevision(line plan.Timeline) int {
	for _, phase := range hookPhases(line) {
		if phase.Action == line.Action && phase.Revision != 0 && line.Revision != 0 && phase.Revision != line.Revision {
			return phase.Revision
		}
	}
	return 0
}

func (t *tree) resources(phase plan.Phase, next string) []span {
	if t.isUnknown("resources") && phase.Objects == 0 {
		return []span{t.span(dim, "unknown: the input holds hooks only")}
	}
	text := resourcesWords(phase, next)
	limit := 0
	if t.Fold {
		limit = foldKinds
	}
	if kinds := kindsWords(phase.Kinds, limit); kinds != "" {
		return []span{t.span(plain, text+" "), t.span(dim, "("+kinds+")")}
	}
	return []span{t.span(plain, text)}
}

// folded leaves the middle of a long phase out, but no step that has something to say.
func (t *tree) folded(steps []node) []node {
	if len(steps) <= foldAbove {
		return steps
	}
	var kept []node
	for i := 0; i < len(steps); {
		run := 0
		for i >= foldKeep && i+run < len(steps) && steps[i+run].foldable {
			run++
		}
		if run < 2 {
			kept = append(kept, steps[i])
			i++
			continue
		}
		more := "… " + strconv.Itoa(run) + " more, -o wide"
		kept = append(kept, node{label: []span{t.span(dim, more)}})
		i += run
	}
	return kept
}

func (t *tree) isUnknown(what string) bool {
	return slices.ContainsFunc(t.plan.Unknown, func(u plan.UnknownFact) bool { return u.What == what })
}
