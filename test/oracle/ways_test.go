package oracle

import (
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
	"github.com/helm-hooks/helm-hooks/test/oracle/scenario"
)

// TestWaysOut plays what a matrix promises: each hook of each chart in testdata fails, Helm is given the
// commands of each way out, and all of them must work and end where the way says.
func TestWaysOut(t *testing.T) {
	folders, err := os.ReadDir(chartsDir)
	if err != nil {
		t.Fatal(err)
	}
	engines := newest(t)
	rows, ways := 0, 0
	for _, folder := range folders {
		if folder.Name() == "volatile" {
			continue // a fault cannot name a hook whose name no two renders agree on
		}
		chart := scenario.Chart{Dir: filepath.Join(chartsDir, folder.Name())}
		for _, helm := range helms {
			release := plan.Release{Name: "r", Namespace: "default"}
			render, err := renderer(chart, engines[helm], release)
			if err != nil {
				continue
			}
			for name, options := range map[string]plan.Options{
				"plain":  {Timeout: plan.DefaultTimeout},
				"atomic": {Timeout: plan.DefaultTimeout, Wait: plan.WaitWatcher, Atomic: true, CleanupOnFail: true},
			} {
				matrix, err := plan.MakeMatrix(plan.Input{Engine: engines[helm], Release: release, Render: render, Options: options})
				if err != nil {
					continue
				}
				t.Run(folder.Name()+" helm"+helm+" "+name, func(t *testing.T) {
					for _, row := range matrix.Rows {
						if row.Order > 0 && row.Object.Name == "" {
							continue // a List: the oracle's faults strike its members one by one
						}
						rows++
						for _, way := range wayOf(row) {
							if way.Unplayed {
								continue // the chart fails by itself
							}
							ways++
							holdWay(t, chart, helm, options, row, way)
						}
					}
				})
			}
		}
	}
	t.Logf("%d failures, %d ways out were taken with Helm", rows, ways)
	if ways < 300 {
		t.Errorf("only %d ways were taken", ways)
	}
}

func wayOf(row plan.MatrixRow) []plan.Way {
	if row.Recovery == nil {
		return nil
	}
	return row.Recovery.Ways
}

func holdWay(t *testing.T, chart scenario.Chart, helm string, options plan.Options, row plan.MatrixRow, way plan.Way) {
	t.Helper()
	sc := scenario.Scenario{Release: "r", Namespace: "default", Charts: []scenario.Chart{chart}, Steps: failingSteps(helm, options, row)}
	first := len(sc.Steps)
	for _, move := range way.Moves {
		sc.Steps = append(sc.Steps, stepOf(helm, move))
	}
	did, err := Run(sc)
	if err != nil {
		t.Fatal(err)
	}
	where := fmt.Sprintf("%s %s %s, %s", row.Action, row.Phase, row.Fault, way.Goal)
	for i := first; i < len(did.Steps); i++ {
		if did.Steps[i].Err != "" {
			t.Errorf("%s: %s fails: %s\n%s", where, stepWords(sc.Steps[i]), did.Steps[i].Err, describe(sc))
			return
		}
	}
	last := did.Steps[len(did.Steps)-1]
	if sc.Steps[len(sc.Steps)-1].Action == scenario.DeleteByHand {
		return
	}
	var want []scenario.Revision
	for _, r := range way.History {
		want = append(want, scenario.Revision{Revision: r.Revision, Status: string(r.Status)})
	}
	if diff := cmp.Diff(want, last.History); diff != "" {
		t.Errorf("%s: history -way +Helm\n%s", where, diff)
	}
	left := ids(way.Left)
	sort.Strings(left)
	for i := range left {
		left[i] = madeUp.ReplaceAllString(left[i], "/seed-*")
	}
	for i := range last.HookObjects {
		last.HookObjects[i] = madeUp.ReplaceAllString(last.HookObjects[i], "/seed-*")
	}
	if diff := cmp.Diff(left, last.HookObjects); diff != "" {
		t.Errorf("%s: left -way +Helm\n%s", where, diff)
	}
}

// failingSteps are the actions that lead to a row's start, and the one that fails.
func failingSteps(helm string, options plan.Options, row plan.MatrixRow) []scenario.Step {
	before := map[plan.Action][]plan.Action{plan.Install: nil, plan.Rollback: {plan.Install, plan.Upgrade}}
	leading, found := before[row.Action]
	if !found {
		leading = []plan.Action{plan.Install}
	}
	var steps []scenario.Step
	for _, action := range leading {
		steps = append(steps, stepOf(helm, plan.Move{Action: action, Options: plan.Options{Wait: options.Wait, Timeout: options.Timeout}}))
	}
	own := options
	if row.Action == plan.Rollback {
		own.RollbackTo = 1
	}
	if row.Action == plan.Test {
		own = plan.Options{Timeout: options.Timeout}
	}
	failing := stepOf(helm, plan.Move{Action: row.Action, Options: own})
	fault := scenario.Fault{Object: row.Fault.Object, Event: string(row.Fault.Event), At: string(row.Fault.At), Times: 1}
	if fault.Object == scenario.ObjectResources {
		fault.Event = string(row.Action)
		switch {
		case row.Action == plan.Uninstall:
			fault.At = scenario.AtDelete
		case options.Wait == plan.WaitWatcher:
			fault.At = scenario.AtWait
		default:
			fault.At = scenario.AtCreate
		}
	}
	failing.Faults = []scenario.Fault{fault}
	return append(steps, failing)
}

// stepOf is a move as a step of the oracle.
func stepOf(helm string, move plan.Move) scenario.Step {
	if move.Action == "" {
		return scenario.Step{Helm: helm, Action: scenario.DeleteByHand, Delete: ids(move.Delete)}
	}
	o := move.Options
	step := scenario.Step{
		Helm: helm, Action: string(move.Action), Wait: string(o.Wait), WaitForJobs: o.WaitForJobs, NoHooks: o.NoHooks,
		SkipCRDs: o.SkipCRDs, KeepHistory: o.KeepHistory, Replace: o.Replace, ServerSide: string(o.ServerSide),
		TakeOwnership: o.TakeOwnership, ForceConflicts: o.ForceConflicts, MaxHistory: o.MaxHistory,
		TimeoutSeconds: int(o.Timeout.Seconds()), Filters: o.TestFilter, RollbackTo: o.RollbackTo,
	}
	if move.Action == plan.Install || move.Action == plan.Upgrade {
		step.Atomic = o.Atomic
	}
	if move.Action == plan.Upgrade || move.Action == plan.Rollback {
		step.CleanupOnFail = o.CleanupOnFail
	}
	return step
}
