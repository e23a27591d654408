package oracle

import (
	"fmt"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
	"github.com/helm-hooks/helm-hooks/test/oracle/scenario"
	"github.com/helm-hooks/helm-hooks/test/oracle/stage"
)

// TestLiveWaysOut stops Helm in every way it can be stopped, looks at what that leaves as the tool does, and takes
// each way out that a plan offers: it must work and end where the plan says.
func TestLiveWaysOut(t *testing.T) {
	chart := scenario.Chart{Dir: filepath.Join(chartsDir, "every-event")}
	engines := newest(t)
	stuck, ways := 0, 0
	for _, helm := range helms {
		for _, life := range stuckLives(helm) {
			s := stage.New(scenario.Scenario{Release: "r", Namespace: "default", Charts: []scenario.Chart{chart}, Steps: life})
			name := fmt.Sprintf("helm%s %s", helm, stepWords(life[len(life)-1]))
			for _, step := range life {
				if _, err := s.Play(step, stepper); err != nil {
					t.Fatal(err)
				}
			}
			l, err := lookAt(s, engines[helm])
			if err != nil {
				t.Fatal(err)
			}
			for _, looks := range []string{"all", "none"} {
				found, err := l.wayOut(next{chart: &chart}, looks)
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				if (found != nil) != l.isStuck() {
					t.Errorf("%s, looking at %s: a way out is offered: %v, stuck: %v", name, looks, found != nil, l.isStuck())
				}
				if found == nil {
					continue
				}
				stuck++
				if len(found.Ways) == 0 {
					t.Errorf("%s, looking at %s: no way leads out of %v", name, looks, l.refs)
				}
				for _, way := range found.Ways {
					l.holdWay(t, name+", looking at "+looks+", "+way.Goal, helm, chart, way, looks == "all")
					ways++
				}
				l.holdRefusals(t, name, helm, chart, found)
			}
		}
	}
	t.Logf("%d states in which a release is stuck, %d ways out of them were taken with Helm", stuck, ways)
	if stuck < 100 || ways < 200 {
		t.Errorf("that is too little")
	}
}

// stuckLives end with an action that fails at one of its hooks or in its resources, by a failure, a signal or a kill.
func stuckLives(helm string) [][]scenario.Step {
	hooks := map[string][]string{
		scenario.Install: {"pre-install", "post-install"}, scenario.Upgrade: {"pre-upgrade", "post-upgrade"},
		scenario.Rollback: {"pre-rollback", "post-rollback"}, scenario.Uninstall: {"pre-delete", "post-delete"},
	}
	before := map[string][]string{
		scenario.Upgrade: {scenario.Install}, scenario.Rollback: {scenario.Install, scenario.Upgrade}, scenario.Uninstall: {scenario.Install, scenario.Upgrade},
	}
	var lives [][]scenario.Step
	for _, action := range []string{scenario.Install, scenario.Upgrade, scenario.Rollback, scenario.Uninstall} {
		var faults []scenario.Fault
		for _, point := range []string{scenario.AtWait, scenario.AtTimeout, scenario.AtCreate, scenario.AtInterrupt, scenario.AtKill} {
			for _, hook := range hooks[action] {
				faults = append(faults, scenario.Fault{Object: "Job/" + hook, At: point})
			}
			if point != scenario.AtTimeout {
				faults = append(faults, scenario.Fault{Object: scenario.ObjectResources, At: point})
			}
		}
		faults = append(faults, scenario.Fault{Object: scenario.ObjectResources, At: scenario.AtDelete})
		for _, fault := range faults {
			for _, again := range []string{"", action} {
				var steps []scenario.Step
				for _, leading := range before[action] {
					steps = append(steps, scenario.Step{Helm: helm, Action: leading})
				}
				fault.Times = 1
				failing := scenario.Step{Helm: helm, Action: action, Faults: []scenario.Fault{fault}}
				if fault.Object == scenario.ObjectResources {
					failing.Wait = scenario.WaitWatcher
				}
				steps = append(steps, failing)
				if again != "" {
					// People try once more before they ask; where Helm refuses that, nothing has changed.
					steps = append(steps, failing)
				}
				lives = append(lives, steps)
			}
		}
	}
	return lives
}

// isStuck says whether the last record is neither deployed nor uninstalled.
func (l *seen) isStuck() bool {
	if len(l.stored) == 0 {
		return false
	}
	status := l.stored[len(l.stored)-1].Info.Status
	return status != "deployed" && status != "uninstalled" && status != "superseded"
}

func (l *seen) wayOut(n next, looks string) (*plan.Recovery, error) {
	render, err := l.renderOf(n)
	if err != nil {
		return nil, err
	}
	world, err := l.look(render, 0, lookups[looks])
	if err != nil {
		return nil, err
	}
	if looks == "none" {
		world = nil
	}
	p, err := plan.Make(plan.Input{
		Engine: l.engine, Release: l.release, Render: render, Options: plan.Options{Timeout: plan.DefaultTimeout}, Live: l.observed(world),
	})
	return p.WayOut, err
}

// holdWay takes a way with Helm.
func (l *seen) holdWay(t *testing.T, name, helm string, chart scenario.Chart, way plan.Way, left bool) {
	t.Helper()
	s := l.stage.Clone(chart)
	var last scenario.StepResult
	for _, move := range way.Moves {
		step := stepOf(helm, move)
		step.Chart = len(s.Scenario.Charts) - 1
		var err error
		if last, err = s.Play(step, stepper); err != nil {
			t.Fatal(err)
		}
		if last.Err != "" {
			t.Errorf("%s: %s fails: %s", name, stepWords(step), last.Err)
			return
		}
	}
	if way.Moves[len(way.Moves)-1].Action == "" {
		return
	}
	var want []scenario.Revision
	for _, r := range way.History {
		want = append(want, scenario.Revision{Revision: r.Revision, Status: string(r.Status)})
	}
	if diff := cmp.Diff(want, last.History, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s: history -way +Helm\n%s", name, diff)
	}
	if stays := ids(way.Left); left {
		sort.Strings(stays)
		if diff := cmp.Diff(stays, last.HookObjects, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s: left -way +Helm\n%s", name, diff)
		}
	}
}

// holdRefusals tries what a plan says will be refused.
func (l *seen) holdRefusals(t *testing.T, name, helm string, chart scenario.Chart, found *plan.Recovery) {
	t.Helper()
	for _, refusal := range found.Refused {
		s := l.stage.Clone(chart)
		var last scenario.StepResult
		for _, move := range refusal.Moves {
			step := stepOf(helm, move)
			step.Chart = len(s.Scenario.Charts) - 1
			var err error
			if last, err = s.Play(step, stepper); err != nil {
				t.Fatal(err)
			}
		}
		if last.Err == "" || !slices.ContainsFunc(strings.Split(last.Err, "\n"), func(line string) bool {
			return strings.Contains(strings.ToLower(line), strings.ToLower(firstWords(refusal.Error)))
		}) {
			t.Errorf("%s: %+v was to be refused with %q, Helm says %q", name, refusal.Moves, refusal.Error, last.Err)
		}
	}
}

func firstWords(text string) string {
	words := strings.Fields(text)
	return strings.Join(words[:min(3, len(words))], " ")
}
