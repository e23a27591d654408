package oracle

import (
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
	"github.com/helm-hooks/helm-hooks/test/oracle/scenario"
)

// The chart every-event writes its revision into the ordinary ConfigMap settings. What the machine says is
// live must be what stands there, whatever failed on the way.
func TestLiveResources(t *testing.T) {
	chart := scenario.Chart{Dir: filepath.Join(chartsDir, "every-event")}
	engines := newest(t)
	played, known := 0, 0
	for _, helm := range helms {
		for i, steps := range liveLives(helm) {
			if testing.Short() && i%5 != 0 {
				continue
			}
			known += holdLive(t, scenario.Scenario{Release: "r", Namespace: "default", Charts: []scenario.Chart{chart}, Steps: steps}, engines)
			played++
		}
	}
	t.Logf("%d lives: what is live is as the machine says after %d steps", played, known)
	if known < 3*played {
		t.Errorf("the machine knows too rarely what is live")
	}
}

// liveLives are lives of four steps, one of which fails in every way it can.
func liveLives(helm string) [][]scenario.Step {
	var lives [][]scenario.Step
	for _, life := range []struct {
		failing int
		actions [4]string
	}{
		{0, [4]string{scenario.Install, scenario.Upgrade, scenario.Rollback, scenario.Uninstall}},
		{1, [4]string{scenario.Install, scenario.Upgrade, scenario.Upgrade, scenario.Rollback}},
		{1, [4]string{scenario.Install, scenario.Upgrade, scenario.Rollback, scenario.Rollback}},
		{2, [4]string{scenario.Install, scenario.Upgrade, scenario.Rollback, scenario.Upgrade}},
		{2, [4]string{scenario.Install, scenario.Upgrade, scenario.Uninstall, scenario.Uninstall}},
		{1, [4]string{scenario.Install, scenario.Uninstall, scenario.Upgrade, scenario.Install}},
		{1, [4]string{scenario.Install, scenario.Test, scenario.Upgrade, scenario.Uninstall}},
	} {
		for _, atomic := range []bool{false, true} {
			for _, faults := range liveFaults(life.actions[life.failing], atomic) {
				var steps []scenario.Step
				for _, action := range life.actions {
					steps = append(steps, scenario.Step{Helm: helm, Action: action})
				}
				steps[life.failing].Faults, steps[life.failing].Atomic = faults, atomic
				if slices.ContainsFunc(faults, func(f scenario.Fault) bool { return f.Object == scenario.ObjectResources }) {
					steps[life.failing].Wait = scenario.WaitWatcher
				}
				lives = append(lives, steps)
			}
		}
	}
	return lives
}

// liveFaults are the ways in which an action can fail with this chart: at each of its hooks, in its wait and,
// if it is atomic, in all of what undoes it.
func liveFaults(action string, atomic bool) [][]scenario.Fault {
	hooks := map[string][]string{
		scenario.Install: {"pre-install", "post-install"}, scenario.Upgrade: {"pre-upgrade", "post-upgrade"},
		scenario.Rollback: {"pre-rollback", "post-rollback"}, scenario.Uninstall: {"pre-delete", "post-delete"}, scenario.Test: {"check"},
	}
	undo := map[string]string{scenario.Install: scenario.Uninstall, scenario.Upgrade: scenario.Rollback}[action]
	if atomic && undo == "" {
		return nil
	}
	var list [][]scenario.Fault
	all := func(of string, first ...scenario.Fault) {
		for _, point := range []string{scenario.AtWait, scenario.AtInterrupt, scenario.AtKill} {
			for _, name := range hooks[of] {
				list = append(list, append(slices.Clip(first), scenario.Fault{Object: "Job/" + name, At: point, Times: 1}))
			}
			if of != scenario.Test {
				list = append(list, append(slices.Clip(first), scenario.Fault{Object: scenario.ObjectResources, Event: of, At: point, Times: 1}))
			}
		}
	}
	all(action)
	if atomic {
		all(undo, scenario.Fault{Object: "Job/post-" + action, At: scenario.AtWait, Times: 1})
	}
	if undo != "" {
		list = append(list, []scenario.Fault{{Object: "ConfigMap/settings-hook", At: scenario.AtCreate, Times: 1}})
	}
	return list
}

// holdLive gives the number of steps after which the machine knew what is live.
func holdLive(t *testing.T, sc scenario.Scenario, engines map[string]plan.Engine) (known int) {
	t.Helper()
	predicted, err := predict(sc, engines)
	if err != nil {
		t.Fatal(err)
	}
	did, err := Run(sc)
	if err != nil {
		t.Fatal(err)
	}
	for i, step := range did.Steps {
		live := predicted.states[i].Live()
		if live.Partly {
			continue
		}
		known++
		want := map[string]string{}
		if live.Rendered != 0 {
			want[scenario.ID("", "ConfigMap", sc.Namespace, "settings")] = strconv.Itoa(live.Rendered)
		}
		if diff := cmp.Diff(step.Contents, want, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("step %d (%s): -cluster +machine\n%s\n%s", i, stepWords(sc.Steps[i]), diff, describe(sc))
		}
	}
	return known
}
