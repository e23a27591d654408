package render

import (
	"slices"
	"strconv"
	"strings"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// The phases of Argo CD in which words differ from a sync's.
const (
	preDeletePhase  = "PreDelete"
	postDeletePhase = "PostDelete"
)

// isOther says that an action is of an engine that does not run Helm's machine.
func isOther(action plan.Action) bool {
	return action == plan.Sync || action == plan.Delete || action == plan.Apply
}

// otherEngine says that a phase is none of Helm's: ordinary objects may stand in it beside hooks.
func otherEngine(phase plan.Phase) bool { return isOther(phase.Action) }

// weightTitle heads the column beside the names: Argo CD goes by waves.
func weightTitle(line plan.Timeline) string {
	if line.Action == plan.Sync || line.Action == plan.Delete {
		return "WAVE"
	}
	return "WEIGHT"
}

// weightWord is what orders a step; nothing does where everything is applied at once.
func weightWord(phase plan.Phase, step plan.Step) string {
	switch {
	case step.Wave != nil:
		return strconv.Itoa(*step.Wave)
	case isOther(phase.Action):
		return noValue
	}
	return strconv.Itoa(step.Hook.Weight)
}

func orderWord(step plan.Step) string {
	if step.Order == 0 {
		return noValue
	}
	return strconv.Itoa(step.Order)
}

// otherPhase makes a phase of Argo CD or of a tool that applies at once: the hooks, and the ordinary objects
// wave by wave, in the order in which they are come to.
func (t *tree) otherPhase(n node, phase plan.Phase) node {
	if phase.Name == "SyncFail" {
		n.text = []span{t.span(dim, "runs only if the sync fails")}
	}
	if phase.Waves == nil && phase.Objects > 0 {
		n.children = append(n.children, t.objectsNode("", phase.Objects, phase.Kinds, objectsDone(phase, false)))
	}
	waves := slices.Clone(phase.Waves)
	single := len(waves) == 1 && len(phase.Steps) == 0
	flush := func(upTo *int) {
		for len(waves) > 0 && (upTo == nil || waves[0].Number <= *upTo) {
			label := "wave " + strconv.Itoa(waves[0].Number)
			n.children = append(n.children, t.objectsNode(label, waves[0].Objects, waves[0].Kinds, waveDone(phase, waves[0])))
			waves = waves[1:]
		}
	}
	if single {
		one := t.objectsNode("", waves[0].Objects, waves[0].Kinds, waveDone(phase, waves[0]))
		n.text = one.label
		if waves[0].Number != 0 {
			n.text = append([]span{t.span(plain, "wave "+strconv.Itoa(waves[0].Number)+": ")}, n.text...)
		}
		return n
	}
	for i := range phase.Steps {
		step := phase.Steps[i]
		if step.Wave != nil {
			flush(step.Wave)
		}
		child := t.step(phase, step)
		if together := togetherWith(phase, i); together != "" && !child.row.faint {
			child.notes = append([][]span{{t.span(dim, "together with "+together)}}, child.notes...)
		}
		n.children = append(n.children, child)
	}
	flush(nil)
	if t.Fold {
		n.children = t.folded(n.children)
	}
	return n
}

// togetherWith says at the first hook of a wave how many of those that follow run at the same time.
func togetherWith(phase plan.Phase, at int) string {
	same := func(a, b plan.Step) bool {
		return a.Wave == nil && b.Wave == nil || a.Wave != nil && b.Wave != nil && *a.Wave == *b.Wave
	}
	if phase.Action == plan.Apply || at > 0 && same(phase.Steps[at-1], phase.Steps[at]) {
		return ""
	}
	n := 0
	for _, step := range phase.Steps[at+1:] {
		if !same(phase.Steps[at], step) {
			break
		}
		n++
	}
	switch n {
	case 0:
		return ""
	case 1:
		return "the next one"
	}
	return "the next " + strconv.Itoa(n)
}

func waveDone(phase plan.Phase, wave plan.Wave) string {
	if wave.Skipped {
		return "not reached"
	}
	return objectsDone(phase, wave.Waited)
}

func objectsDone(phase plan.Phase, waited bool) string {
	done := map[plan.Action]string{plan.Sync: "applied", plan.Apply: "applied", plan.Delete: "deleted"}[phase.Action]
	switch {
	case waited && phase.Action == plan.Delete:
		return done + ", gone before the next"
	case waited:
		return done + " and waited for until healthy"
	}
	return done + ", not waited for"
}

func (t *tree) objectsNode(label string, objects int, kinds []plan.KindCount, done string) node {
	limit := 0
	if t.Fold {
		limit = foldKinds
	}
	text := []span{t.span(plain, count(objects, "object")+" "+done+" "), t.span(dim, "("+kindsWords(kinds, limit)+")")}
	if label == "" {
		return node{label: text, foldable: true}
	}
	return node{label: []span{t.span(plain, label)}, text: text, foldable: true}
}

// otherDeletedWords say when an engine other than Helm deletes a hook's object; other is false for Helm's.
func otherDeletedWords(step plan.Step, phase string) (words string, other bool) {
	has := func(p plan.DeletePolicy) bool { return slices.Contains(step.DeletePolicies, p) }
	switch {
	case step.WaitsFor == plan.WaitsNone && step.Wave == nil:
		return "never", true
	case phase == preDeletePhase:
		return "with the cascade", true
	case phase == postDeletePhase && has(plan.HookSucceeded):
		return "once all of them succeed", true
	case phase == postDeletePhase:
		return "never", true
	case step.Wave == nil:
		return "", false
	}
	var when []string
	if has(plan.BeforeHookCreation) && !step.NameChanges {
		when = append(when, "at next run")
	}
	if has(plan.HookSucceeded) {
		when = append(when, "once the sync succeeds")
	}
	if has(plan.HookFailed) {
		when = append(when, "if the sync fails")
	}
	switch {
	case len(when) == 0:
		return "never", true
	case step.PolicyFromDefault:
		return strings.Join(when, "; ") + " (default)", true
	}
	return strings.Join(when, "; "), true
}

// againWords compare a timeline with an earlier one of its action: what another engine does again differs
// only in what does not run. ok is false where more differs.
func againWords(line, model plan.Timeline) (words string, ok bool) {
	if !isOther(line.Action) || line.Action != model.Action || len(line.Phases) != len(model.Phases) || line.Outcome.Result != model.Outcome.Result {
		return "", false
	}
	var idle []string
	for i := range line.Phases {
		mine, theirs := line.Phases[i], model.Phases[i]
		if mine.Name != theirs.Name || len(mine.Steps) != len(theirs.Steps) {
			return "", false
		}
		for k, step := range mine.Steps {
			before := theirs.Steps[k]
			if step.Hook.Object != before.Hook.Object || step.Result != before.Result {
				return "", false
			}
			if step.NotRun && !before.NotRun {
				idle = append(idle, ref(step.Hook.Object))
			}
		}
	}
	said := tied("as ") + strings.ToUpper(string(model.Action))
	switch len(idle) {
	case 0:
		return said, true
	case 1:
		return said + ", except that " + idle[0] + " does not run again: the finished one is still there, and is left as it is (likely)", true
	}
	return said + ", except that " + strings.Join(idle[:len(idle)-1], ", ") + " and " + idle[len(idle)-1] + " do not run again: the finished ones are still there, and are left as they are (likely)", true
}

// endless is what becomes of a wait for what never completes: only Helm has a limit.
func endless(p plan.Plan) string {
	if !p.Engine.RunsHelm() {
		return ""
	}
	return " → times out"
}
