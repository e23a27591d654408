package oracle

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
	"github.com/helm-hooks/helm-hooks/test/oracle/scenario"
)

const chartsDir = "../../testdata/charts"

func newest(t fataler) map[string]plan.Engine {
	t.Helper()
	engines := map[string]plan.Engine{}
	for key, name := range map[string]string{"3": "helm3", "4": "helm4"} {
		engine, err := plan.ParseEngine(name)
		if err != nil {
			t.Fatalf("%v", err)
		}
		engines[key] = engine
	}
	return engines
}

// lives are the runs that every chart goes through, without faults.
func lives(helm string) map[string][]scenario.Step {
	step := func(action string, change func(*scenario.Step)) scenario.Step {
		s := scenario.Step{Helm: helm, Action: action}
		if action == scenario.Rollback {
			s.RollbackTo = 1
		}
		if change != nil {
			change(&s)
		}
		return s
	}
	whole := func(change func(*scenario.Step)) []scenario.Step {
		var steps []scenario.Step
		for _, action := range []string{scenario.Install, scenario.Upgrade, scenario.Test, scenario.Upgrade, scenario.Rollback, scenario.Uninstall, scenario.Install} {
			steps = append(steps, step(action, change))
		}
		return steps
	}
	return map[string][]scenario.Step{
		"plain":        whole(nil),
		"wait":         whole(func(s *scenario.Step) { s.Wait = "watcher" }),
		"legacy wait":  whole(func(s *scenario.Step) { s.Wait = "legacy" }),
		"atomic":       whole(func(s *scenario.Step) { s.Atomic = s.Action == "install" || s.Action == "upgrade" }),
		"no hooks":     whole(func(s *scenario.Step) { s.NoHooks = s.Action != "test" }),
		"keep history": whole(func(s *scenario.Step) { s.KeepHistory = s.Action == "uninstall"; s.Replace = s.Action == "install" }),
	}
}

func TestTestdataCharts(t *testing.T) {
	folders, err := os.ReadDir(chartsDir)
	if err != nil {
		t.Fatal(err)
	}
	operations, played := 0, 0
	for _, folder := range folders {
		for _, helm := range []string{"3", "4"} {
			for name, steps := range lives(helm) {
				t.Run(folder.Name()+" helm"+helm+" "+name, func(t *testing.T) {
					sc := scenario.Scenario{
						Release: "r", Namespace: "default", Steps: steps,
						Charts: []scenario.Chart{{Dir: filepath.Join(chartsDir, folder.Name())}},
					}
					n, err := agree(t, sc, newest(t), Run)
					if errors.Is(err, errUnrenderable) {
						return
					}
					operations += n
					played++
				})
			}
		}
	}
	t.Logf("%d lives agree, %d operations compared", played, operations)
	if played < 150 {
		t.Errorf("only %d lives were played", played)
	}
}
