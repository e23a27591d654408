package render

import (
	"fmt"
	"slices"
	"strings"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// recovery writes what to do after a failure.
func (t *tree) recovery(line plan.Timeline) {
	if line.Recovery == nil || t.options.Hook != "" {
		return
	}
	see := "read why it failed:"
	if signaled(line) {
		see = "see how far it is:"
	}
	t.wayOut("  after the failed "+string(line.Action), see, line.Recovery, line.Outcome.Live)
}

// stuck writes what to do about the state in which a live release is.
func (t *tree) stuck() {
	if t.plan.WayOut == nil || t.options.Hook != "" {
		return
	}
	s := t.header.Source
	t.wayOut(fmt.Sprintf("  of revision %d, %s", s.Revision, s.Status), "read why it failed:", t.plan.WayOut, plan.Live{})
}

// wayOut writes ways out. Commands stand in lines of their own that are never broken, so that they can be copied.
func (t *tree) wayOut(title, see string, r *plan.Recovery, live plan.Live) {
	t.put()
	t.put(t.span(bold, "WAY OUT"), t.span(plain, title))
	if len(r.Ways) == 0 && len(r.Refused) == 0 && len(r.Notes) == 0 {
		t.indented(gap, t.span(plain, "nothing is left to do: no release, no object of a hook"))
	}
	if len(r.Ways) > 0 && !t.header.Helm.Live {
		t.indented(gap, t.span(dim, t.header.Helm.reminder()))
	}
	if len(r.Logs) > 0 {
		t.indented(gap, t.span(plain, see))
	}
	for _, o := range r.Logs {
		t.command(t.header.Helm.logs(o))
	}
	if len(r.Running) > 0 {
		t.indented(gap, t.span(yellow, objectsWords(r.Running, t.plan.Release.Namespace)+" may still be running: nobody stops it, and what comes next may delete it or run beside it. Wait for its end first:"))
	}
	for _, o := range r.Running {
		t.command(t.header.Helm.await(o))
	}
	for i, way := range r.Ways {
		t.way(i+1, way, live)
	}
	if len(r.Refused) > 0 {
		t.put(t.span(plain, "  "), t.span(alarm, "✗ "), t.span(plain, "this does not work from here:"))
	}
	for _, refused := range r.Refused {
		t.refused(refused)
	}
	for _, note := range r.Notes {
		t.paragraph([]span{t.span(yellow, "  ▲ ")}, blanks(2*gap), []span{t.span(plain, note)})
	}
}

func (t *tree) command(text string) {
	t.put(t.span(plain, "      "), t.span(bold, text))
}

func (t *tree) way(number int, way plan.Way, live plan.Live) {
	prefix := fmt.Sprintf("  %d ", number)
	t.paragraph([]span{t.span(plain, prefix)}, blanks(len(prefix)), []span{t.span(bold, way.Goal)})
	for _, warning := range wayWarnings(way, t.plan.Release.Namespace) {
		t.paragraph([]span{t.span(yellow, "    ▲ ")}, blanks(6), []span{t.span(plain, warning)})
	}
	for _, move := range way.Moves {
		for _, text := range t.header.Helm.commands(move) {
			t.command(text)
		}
	}
	if said := wayWords(way, live, t.plan.Release.Namespace); said != "" {
		t.indented(6, t.span(dim, said))
	}
}

func (t *tree) refused(refused plan.Refusal) {
	word := "refused: "
	if refused.Fails {
		word = "fails: "
	}
	if len(refused.Moves) > 1 {
		word = "the last one " + word
	}
	for _, move := range refused.Moves {
		for _, text := range t.header.Helm.commands(move) {
			t.command(text)
		}
	}
	t.indented(6, t.span(dim, word+refused.Error))
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
		parts = append(parts, tied(faultWords(f)))
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
