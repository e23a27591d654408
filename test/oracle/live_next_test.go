package oracle

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/helm-hooks/helm-hooks/internal/live"
	"github.com/helm-hooks/helm-hooks/internal/source/sdk"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
	"github.com/helm-hooks/helm-hooks/test/oracle/scenario"
	"github.com/helm-hooks/helm-hooks/test/oracle/stage"
)

// next is what is asked of a live release: one command, and perhaps another on what that leaves.
type next struct {
	steps []scenario.Step
	// chart is what an upgrade brings; nil is what is stored.
	chart *scenario.Chart
}

// answer is what the machine foretells of it.
type answer struct {
	timelines []plan.Timeline
	// asked are the objects that were looked up; doubtful those of which the cluster does not tell who made them.
	asked, doubtful map[string]bool
	// twins says that two ordinary documents of a revision are one object, mixed that a hook and an ordinary document
	// are, be it of different revisions.
	twins, mixed bool
}

// lookups are the ways to look around.
var lookups = map[string]func(hook bool) bool{
	"all":   func(bool) bool { return false },
	"hooks": func(hook bool) bool { return !hook },
	"none":  func(bool) bool { return true },
}

// foretell plans the commands from what is seen.
func (l *seen) foretell(n next, looks string) (answer, error) {
	render, err := l.renderOf(n)
	if err != nil {
		return answer{}, err
	}
	first := n.steps[0]
	rollbackTo := 0
	if first.Action == scenario.Rollback && len(l.stored) > 0 {
		if rollbackTo = first.RollbackTo; rollbackTo == 0 {
			rollbackTo = l.stored[len(l.stored)-1].Revision - 1
		}
	}
	world, err := l.look(render, rollbackTo, lookups[looks])
	if err != nil {
		return answer{}, err
	}
	if looks == "none" {
		world = nil
	}
	observed := l.observed(world)
	c := command(first)
	input := plan.Input{
		Engine: l.engine, Release: l.release, Render: render, Options: c.Options, Actions: []plan.Action{c.Action},
		Faults: c.Faults, Live: observed, AlreadyRendered: n.chart == nil,
	}
	for _, step := range n.steps[1:] {
		input.Then = append(input.Then, command(step))
	}
	p, err := plan.Make(input)
	if err != nil {
		return answer{}, err
	}
	a := answer{timelines: p.Timelines}
	return a, l.note(&a, observed, render)
}

func (l *seen) renderOf(n next) (plan.Render, error) {
	if n.chart == nil {
		stored, err := l.again()
		if err != nil {
			return nil, err
		}
		return stored.Render, nil
	}
	chart, err := load(*n.chart, l.engine.Name)
	if err != nil {
		return nil, err
	}
	values, err := parseValues(n.chart.Values)
	return func(fields plan.Fields) (plan.Rendered, error) {
		result, err := chart.Render(sdk.Request{Engine: l.engine, Release: l.release, Fields: fields, Values: values})
		return result.Rendered, err
	}, err
}

// note finds out what the comparison must leave open.
func (l *seen) note(a *answer, observed *plan.Observed, render plan.Render) error {
	a.asked, a.doubtful = map[string]bool{}, map[string]bool{}
	for _, e := range observed.Existing {
		id := ids([]plan.Object{e.Object})[0]
		a.asked[id] = true
		// Whose marks an object carries is not who made it: Helm takes over what its hooks made, and a hook takes the
		// marks off. What has no fields that anybody owns does not even tell that it was Helm.
		found, exists := l.stage.Cluster.Get(id)
		a.doubtful[id] = exists && (found.Hook == e.Owned || !e.Applied && !e.Patched)
	}
	for _, o := range observed.Missing {
		a.asked[ids([]plan.Object{o})[0]] = true
	}
	var all [][]plan.Document
	for _, stored := range l.stored {
		documents, err := live.Documents(stored)
		if err != nil {
			return err
		}
		all = append(all, documents)
	}
	rendered, err := render(plan.Fields{Revision: len(l.stored) + 1, IsUpgrade: len(l.stored) > 0})
	if err != nil {
		return err
	}
	hooks, resources := map[string]bool{}, map[string]bool{}
	for _, documents := range append(all, rendered.Documents) {
		inventory, err := plan.Classify(plan.Rendered{Documents: documents}, l.release, l.engine)
		if err != nil {
			return err
		}
		mine := map[string]bool{}
		for i := range inventory.Resources {
			for _, o := range want(nil, &inventory.Resources[i].Parsed) {
				id := ids([]plan.Object{o})[0]
				a.twins = a.twins || mine[id]
				mine[id], resources[id] = true, true
			}
		}
		for i := range inventory.Hooks {
			for _, o := range want(nil, &inventory.Hooks[i].Parsed) {
				hooks[ids([]plan.Object{o})[0]] = true
			}
		}
	}
	for id := range hooks {
		a.mixed = a.mixed || resources[id]
	}
	return nil
}

// do plays the commands with Helm.
func (l *seen) do(n next) (did []scenario.StepResult, err error) {
	chart := n.chart
	if chart == nil {
		var documents []plan.Document
		if len(l.stored) > 0 {
			if documents, err = live.Documents(l.stored[len(l.stored)-1]); err != nil {
				return nil, err
			}
		}
		made := storedChart(documents)
		chart = &made
	}
	s := l.stage.Clone(*chart)
	for _, step := range n.steps {
		step.Chart = len(s.Scenario.Charts) - 1
		result, err := s.Play(step, stepper)
		if err != nil {
			return nil, err
		}
		did = append(did, result)
	}
	return did, nil
}

// verdict is how a comparison ends.
type verdict string

const (
	agrees     verdict = "agree"
	admitted   verdict = "differ where the plan says likely"
	racing     verdict = "two documents for one object"
	unplayable verdict = "cannot be played"
)

// compare holds a plan against what Helm did, and gives what differs.
func (a answer) compare(did []scenario.StepResult) (verdict, string) {
	for i := range did {
		if refusedByServer(did[i].Err) {
			return unplayable, ""
		}
		if i >= len(a.timelines) {
			return agrees, fmt.Sprintf("%d commands were planned, %d played", len(a.timelines), len(did))
		}
		t := a.timelines[i]
		want := lines(scenario.StepResult{Ops: did[i].Ops, Err: did[i].Err, History: did[i].History})
		got, doubt := foretoldLines(t)
		diff := ""
		if !slices.Equal(want, got) {
			diff = cmp.Diff(want, got)
		} else if left := a.left(did[i], t); left != "" {
			diff = left
		}
		at := 0
		for at < len(got) && at < len(want) && got[at] == want[at] {
			at++
		}
		switch {
		case diff == "":
		case a.twins:
			return racing, diff
		case doubt >= 0 && doubt <= at:
			return admitted, diff
		default:
			return agrees, fmt.Sprintf("command %d: -Helm +machine\n%s\nHelm: %s\nmachine: %s", i, diff, did[i].Err, t.Outcome.Error)
		}
		if doubt >= 0 {
			// What follows rests on what is only likely.
			return agrees, ""
		}
	}
	return agrees, ""
}

// foretoldLines are a timeline in the oracle's language, and the first line that is not said for certain; -1 where
// all are.
func foretoldLines(t plan.Timeline) (text []string, doubt int) {
	result := scenario.StepResult{}
	doubt = -1
	for i, op := range t.Operations {
		result.Ops = append(result.Ops, scenario.Op{
			Op: string(op.Op), Event: op.Phase, Hook: op.Hook, Revision: op.Revision, Objects: ids(op.Objects), Err: op.Error,
		})
		if doubt < 0 && op.Prediction != plan.Proven {
			doubt = i
		}
	}
	if doubt < 0 && t.Outcome.Prediction != plan.Proven {
		doubt = len(t.Operations)
	}
	for _, r := range t.Outcome.History {
		result.History = append(result.History, scenario.Revision{Revision: r.Revision, Status: string(r.Status)})
	}
	if t.Outcome.Result == plan.Failed {
		result.Err = t.Outcome.Error
	}
	return lines(result), doubt
}

// left compares the hook objects that exist afterwards, of those that were looked up or that the plan names.
func (a answer) left(did scenario.StepResult, t plan.Timeline) string {
	told := ids(t.Outcome.Left)
	sort.Strings(told)
	touched := map[string]bool{}
	for _, op := range t.Operations {
		for _, id := range ids(op.Objects) {
			touched[id] = touched[id] || op.Hook
		}
	}
	var diff []string
	for _, id := range told {
		if !slices.Contains(did.Objects, id) {
			diff = append(diff, "+ left "+id+", which does not exist")
		} else if !slices.Contains(did.HookObjects, id) && !a.doubtful[id] {
			diff = append(diff, "+ left "+id+", which no hook made")
		}
	}
	for _, id := range did.HookObjects {
		if !slices.Contains(told, id) && (a.asked[id] || touched[id]) && !a.doubtful[id] && !strings.HasSuffix(id, "*") {
			diff = append(diff, "- left "+id)
		}
	}
	return strings.Join(diff, "\n")
}

// drawNext draws a command for a live release: any action, with flags, and mostly another command after it.
func drawNext(t *rapid.T, l *seen, helm string, charts []scenario.Chart) next {
	actions := []string{scenario.Upgrade, scenario.Upgrade, scenario.Rollback, scenario.Rollback, scenario.Uninstall, scenario.Test}
	if len(l.stored) == 0 {
		actions = []string{scenario.Install}
	}
	n := next{steps: []scenario.Step{drawStep(t, l, helm, pick(t, actions...))}}
	if len(l.stored) == 0 || oneIn(t, 2) {
		chart := pick(t, charts...)
		n.chart = &chart
	}
	if oneIn(t, 2) {
		n.steps = append(n.steps, drawStep(t, l, helm, pick(t, scenario.Upgrade, scenario.Rollback, scenario.Uninstall, scenario.Uninstall, scenario.Test)))
	}
	return n
}

func drawStep(t *rapid.T, l *seen, helm, action string) scenario.Step {
	step := generateStep(t, helm, action)
	step.Faults = nil
	if action == scenario.Rollback {
		step.RollbackTo = 0
		if len(l.stored) > 0 && !oneIn(t, 3) {
			step.RollbackTo = l.stored[rapid.IntRange(0, len(l.stored)-1).Draw(t, "revision")].Revision
		}
	}
	if step.Helm == "3" {
		step.ServerSide = ""
	}
	return step
}

// drawFault draws something that goes wrong in the first command, at one of the steps that the plan has.
func drawFault(t *rapid.T, a answer) (scenario.Fault, bool) {
	var faults []scenario.Fault
	for _, op := range a.timelines[0].Operations {
		if op.Result != plan.OK || len(op.Objects) == 0 {
			continue
		}
		at := map[plan.Op][]string{
			plan.OpDelete: {scenario.AtDelete}, plan.OpCreate: {scenario.AtCreate}, plan.OpApply: {scenario.AtCreate}, plan.OpUpdate: {scenario.AtCreate},
			plan.OpWait: {scenario.AtWait, scenario.AtTimeout, scenario.AtInterrupt, scenario.AtKill},
		}[op.Op]
		for _, point := range at {
			fault := scenario.Fault{Object: scenario.ObjectResources, At: point, Times: 1}
			if op.Hook {
				o := pick(t, op.Objects...)
				fault.Object, fault.Event = o.Ref(), op.Phase
				if strings.ContainsAny(o.Name, "<>*") || op.Op == plan.OpWait && o.Kind != "Job" && o.Kind != "Pod" {
					continue
				}
			} else if op.Phase != scenario.EventResources || point == scenario.AtTimeout {
				continue
			}
			faults = append(faults, fault)
		}
	}
	if len(faults) == 0 {
		return scenario.Fault{}, false
	}
	return pick(t, faults...), true
}

// words prints what was asked after which life.
func (l *seen) words(s *stage.Stage, lived int, n next) string {
	sc := s.Scenario
	sc.Steps = slices.Clone(sc.Steps[:lived+1])
	out := describe(sc) + "then\n"
	for _, step := range n.steps {
		out += stepWords(step) + "\n"
	}
	if n.chart == nil {
		return out + "with the stored chart\n"
	}
	return out + "with the chart\n" + describe(scenario.Scenario{Charts: []scenario.Chart{*n.chart}})
}
