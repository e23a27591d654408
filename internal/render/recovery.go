package render

import (
	"fmt"
	"slices"
	"strings"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// recoveryText is what to do after a failure, in words; commands are lines to copy.
type recoveryText struct {
	// title follows the words WAY OUT.
	title string
	// idle says that there is nothing to do.
	idle     string
	reminder string
	// see says what logs are good for.
	see  string
	logs []string
	// running says who may still be at work, awaits how to wait for the end.
	running string
	awaits  []string
	ways    []wayText
	refused []wayText
	notes   []string
}

// wayText is one way out, or one that Helm turns down; that has no goal.
type wayText struct {
	goal     string
	warnings []string
	commands []string
	// said is what comes of it.
	said string
}

const (
	wayOutTitle  = "WAY OUT"
	refusedTitle = "this does not work from here:"
)

// recoveryOf tells what to do after a failure; nil where there is nothing to say.
func (t *tree) recoveryOf(line plan.Timeline) *recoveryText {
	if line.Recovery == nil || t.options.Hook != "" {
		return nil
	}
	see := "read why it failed:"
	if signaled(line) {
		see = "see how far it is:"
	}
	return t.recoveryText("after the failed "+string(line.Action), see, line.Recovery, line.Outcome.Live)
}

// stuck tells what to do about the state in which a live release is; nil where there is nothing to say.
func (t *tree) stuck() *recoveryText {
	if t.plan.WayOut == nil || t.options.Hook != "" {
		return nil
	}
	s := t.header.Source
	return t.recoveryText(fmt.Sprintf("of revision %d, %s", s.Revision, s.Status), "read why it failed:", t.plan.WayOut, plan.Live{})
}

func (t *tree) recoveryText(title, see string, r *plan.Recovery, live plan.Live) *recoveryText {
	helm, home := t.header.Helm, t.plan.Release.Namespace
	told := &recoveryText{title: title, logs: each(r.Logs, helm.logs), awaits: each(r.Running, helm.await), notes: r.Notes}
	if len(r.Ways) == 0 && len(r.Refused) == 0 && len(r.Notes) == 0 {
		told.idle = "nothing is left to do: no release, no object of a hook"
	}
	if len(r.Ways) > 0 && !helm.Live {
		told.reminder = helm.reminder()
	}
	if len(r.Logs) > 0 {
		told.see = see
	}
	if len(r.Running) > 0 {
		told.running = objectsWords(r.Running, home) + " may still be running: nobody stops it, and what comes next may delete it or run beside it. Wait for its end first:"
	}
	for _, way := range r.Ways {
		one := wayText{goal: way.Goal, warnings: wayWarnings(way, home), said: wayWords(way, live, home)}
		for _, move := range way.Moves {
			one.commands = append(one.commands, helm.commands(move)...)
		}
		told.ways = append(told.ways, one)
	}
	for _, refused := range r.Refused {
		one := wayText{said: refusedWords(refused)}
		for _, move := range refused.Moves {
			one.commands = append(one.commands, helm.commands(move)...)
		}
		told.refused = append(told.refused, one)
	}
	return told
}

// refusedWords say what comes of a command that does not work.
func refusedWords(refused plan.Refusal) string {
	word := "refused: "
	if refused.Fails {
		word = "fails: "
	}
	if len(refused.Moves) > 1 {
		word = "the last one " + word
	}
	return word + refused.Error
}

// wayOut writes ways out. Commands stand in lines of their own that are never broken, so that they can be copied.
func (t *tree) wayOut(r *recoveryText) {
	if r == nil {
		return
	}
	t.put()
	t.put(t.span(bold, wayOutTitle), t.span(plain, "  "+r.title))
	if r.idle != "" {
		t.indented(gap, t.span(plain, r.idle))
	}
	if r.reminder != "" {
		t.indented(gap, t.span(dim, r.reminder))
	}
	if r.see != "" {
		t.indented(gap, t.span(plain, r.see))
	}
	t.commands(r.logs)
	if r.running != "" {
		t.indented(gap, t.span(yellow, r.running))
	}
	t.commands(r.awaits)
	for i, way := range r.ways {
		t.way(i+1, way)
	}
	if len(r.refused) > 0 {
		t.put(t.span(plain, "  "), t.span(alarm, "✗ "), t.span(plain, refusedTitle))
	}
	for _, refused := range r.refused {
		t.commands(refused.commands)
		t.indented(6, t.span(dim, refused.said))
	}
	for _, note := range r.notes {
		t.paragraph([]span{t.span(yellow, "  ▲ ")}, blanks(2*gap), []span{t.span(plain, note)})
	}
}

func (t *tree) command(text string) {
	t.put(t.span(plain, "      "), t.span(bold, text))
}

func (t *tree) commands(all []string) {
	for _, text := range all {
		t.command(text)
	}
}

func (t *tree) way(number int, way wayText) {
	prefix := fmt.Sprintf("  %d ", number)
	t.paragraph([]span{t.span(plain, prefix)}, blanks(len(prefix)), []span{t.span(bold, way.goal)})
	for _, warning := range way.warnings {
		t.paragraph([]span{t.span(yellow, "    ▲ ")}, blanks(6), []span{t.span(plain, warning)})
	}
	t.commands(way.commands)
	if way.said != "" {
		t.indented(6, t.span(dim, way.said))
	}
}

// wayWords say what a way does and where it ends.
func wayWords(way plan.Way, live plan.Live, home string) string {
	if way.Unplayed {
		return "not played: what the mended chart will do cannot be known"
	}
	var said []string
	if slices.ContainsFunc(way.Moves, func(m plan.Move) bool { return m.Action == "" }) && len(way.Moves) > 1 {
		said = append(said, "what is deleted by hand would keep a hook from running")
	}
	if ran := phasesWords(way.Phases); ran != "" {
		said = append(said, "runs "+ran)
	} else if slices.ContainsFunc(way.Moves, func(m plan.Move) bool { return m.Action != "" }) {
		said = append(said, "runs no hook")
	}
	if n := len(way.Moves); n > 0 && way.Moves[n-1].Action == plan.Rollback && way.Live == live && !live.Partly && live.Revision > 0 {
		said = append(said, "changes no resource: they are those of that revision already")
	}
	switch {
	case len(way.History) > 0:
		said = append(said, "helm history then shows "+statusWords(way.History))
	case slices.ContainsFunc(way.Moves, func(m plan.Move) bool { return m.Action != "" }):
		said = append(said, "then the release is gone")
	}
	if left := objectsWords(way.Left, home); left != "" && len(way.History) == 0 {
		said = append(said, "left in the cluster: "+left)
	}
	if len(said) == 0 {
		return ""
	}
	return strings.Join(said, "; ") + likelyWord(way.Prediction)
}

func signaled(line plan.Timeline) bool {
	return slices.ContainsFunc(line.Phases, func(p plan.Phase) bool {
		return slices.ContainsFunc(p.Steps, func(s plan.Step) bool { return s.Signal != "" })
	})
}

// wayWarnings are what one must know before one takes a way.
func wayWarnings(way plan.Way, home string) []string {
	var warnings []string
	if len(way.Unrun) > 0 {
		warnings = append(warnings, "never runs "+objectsWords(way.Unrun, home)+": no install has come to its end, and this is none")
	}
	if len(way.Lost) > 0 {
		warnings = append(warnings, "deletes "+objectsWords(way.Lost, home)+" and all that it holds")
	}
	return warnings
}

// phasesWords name the hook phases that run, with the number of hooks.
func phasesWords(phases []plan.Phase) string {
	var parts []string
	for _, phase := range phases {
		part := fmt.Sprintf("%s (%s)", phase.Name, count(len(phase.Steps), "hook"))
		if phase.Action == plan.Rollback && phase.Revision > 0 {
			part = fmt.Sprintf("%s of revision %d (%s)", phase.Name, phase.Revision, count(len(phase.Steps), "hook"))
		}
		parts = append(parts, tied(part))
	}
	return strings.Join(parts, ", ")
}

// undoneWords say how the undoing of an atomic action went.
func undoneWords(line plan.Timeline) string {
	i := slices.IndexFunc(line.Phases, func(p plan.Phase) bool { return p.Action != "" && p.Action != line.Action })
	out := line.Outcome
	switch {
	case i < 0:
		return ""
	case line.Phases[i].Action == plan.Uninstall && len(out.History) == 0:
		return "undone: Helm has removed the release again"
	case line.Phases[i].Action == plan.Rollback && out.Status == plan.StatusDeployed:
		return fmt.Sprintf("undone: revision %d is deployed, with the resources and hooks of revision %d", out.History[len(out.History)-1].Revision, line.Phases[i].Revision)
	}
	return "undoing it fails as well, and leaves the release between two states"
}

// racesWords say why the end of an interrupted atomic action is not certain.
func racesWords(out plan.Outcome) string {
	if out.Prediction != plan.Likely {
		return ""
	}
	return " (likely: the interrupted goroutine lives on while Helm undoes; if its hook ends first, it goes on with what comes next)"
}

// liveWords say which revision's ordinary resources exist after an action.
func liveWords(line plan.Timeline) string {
	live := line.Outcome.Live
	switch {
	case !hasResources(line):
		return ""
	case live.Revision == 0 && live.Deleted && line.Action == plan.Install:
		return "resources: made, and deleted again"
	case live.Revision == 0 && live.Deleted:
		return "resources: deleted"
	case live.Revision == 0:
		return "resources: none was made"
	case live.Partly && live.Before != 0:
		return fmt.Sprintf("resources: partly those of revision %d, partly those of revision %d; how far Helm came only the cluster knows", live.Revision, live.Before)
	case live.Partly:
		return fmt.Sprintf("resources: some of revision %d; how far Helm came only the cluster knows", live.Revision)
	case line.Action == plan.Upgrade && live.Revision < line.Revision:
		return fmt.Sprintf("resources: the old ones, of revision %d", live.Revision)
	case line.Action == plan.Upgrade && line.Outcome.Status != plan.StatusDeployed:
		return fmt.Sprintf("resources: the new ones, of revision %d", live.Revision)
	}
	return fmt.Sprintf("resources: those of revision %d", live.Revision)
}

func hasResources(line plan.Timeline) bool {
	return slices.ContainsFunc(line.Phases, func(p plan.Phase) bool { return p.Name == "resources" && p.Objects > 0 })
}

// assumedWords say what was asked to go wrong.
func assumedWords(faults []plan.Fault) string {
	var parts []string
	for _, f := range faults {
		said := faultWords(f)
		switch {
		case f.Times == 0:
			said += ", each time"
		case f.Times > 1:
			said += ", " + count(f.Times, "time")
		}
		parts = append(parts, tied(said))
	}
	return strings.Join(parts, "; ")
}

func faultWords(f plan.Fault) string {
	what := f.Object
	if f.Object == "resources" {
		what = "the ordinary resources"
	}
	how := map[plan.FaultPoint]string{
		plan.FaultCreate:    " cannot be created",
		plan.FaultWait:      " fails",
		plan.FaultTimeout:   " does not end before the timeout",
		plan.FaultDelete:    " cannot be deleted",
		plan.FaultInterrupt: ": Ctrl-C while Helm waits for it",
		plan.FaultKill:      ": Helm is killed while it waits for it",
	}[f.At]
	if f.Object == "resources" {
		how = map[plan.FaultPoint]string{
			plan.FaultInterrupt: ": Ctrl-C while Helm waits for them",
			plan.FaultKill:      ": Helm is killed while it waits for them",
			plan.FaultCreate:    " cannot be made or updated",
			plan.FaultDelete:    " cannot be deleted",
			plan.FaultWait:      " do not become ready, or do not go away, in time",
			"":                  " fail",
		}[f.At]
	}
	if f.Event != "" {
		how += " (in " + string(f.Event) + ")"
	}
	return what + how
}
