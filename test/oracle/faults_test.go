package oracle

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
	"github.com/helm-hooks/helm-hooks/test/oracle/scenario"
)

// hookRefs lists the objects of a chart's hooks as KIND/NAME, and says whether the chart renders at all.
func hookRefs(c scenario.Chart, engine plan.Engine) ([]string, bool) {
	release := plan.Release{Name: "r", Namespace: "default"}
	render, err := renderer(c, engine, release)
	if err != nil {
		return nil, false
	}
	var refs []string
	for _, fields := range []plan.Fields{{Revision: 1}, {Revision: 2, IsUpgrade: true}} {
		rendered, err := render(fields)
		if err != nil {
			return nil, false
		}
		inventory, err := plan.Classify(rendered, release, engine)
		if err != nil {
			return nil, false
		}
		for _, h := range inventory.Hooks {
			objects := h.Items
			if objects == nil {
				objects = []plan.Object{h.Object}
			}
			for _, object := range objects {
				if !slices.Contains(refs, object.Ref()) {
					refs = append(refs, object.Ref())
				}
			}
		}
	}
	return refs, true
}

// faultyLives are install, upgrade, rollback and uninstall with one fault in one of them, followed by
// what people try next.
func faultyLives(helm string, fault scenario.Fault, atomic, wait bool) [][]scenario.Step {
	step := func(action string, faulty bool) scenario.Step {
		s := scenario.Step{Helm: helm, Action: action}
		if wait && action != scenario.Test {
			s.Wait = "watcher"
		}
		if faulty {
			s.Faults = []scenario.Fault{fault}
			s.Atomic = atomic && (action == scenario.Install || action == scenario.Upgrade)
			s.CleanupOnFail = wait && (action == scenario.Upgrade || action == scenario.Rollback)
		}
		return s
	}
	install, upgrade, rollback := step(scenario.Install, false), step(scenario.Upgrade, false), step(scenario.Rollback, false)
	uninstall := step(scenario.Uninstall, false)
	return [][]scenario.Step{
		{step(scenario.Install, true), upgrade, uninstall},
		{install, step(scenario.Upgrade, true), upgrade, rollback},
		{install, upgrade, step(scenario.Rollback, true), upgrade, uninstall},
		{install, step(scenario.Uninstall, true), upgrade, uninstall},
		{install, step(scenario.Test, true), uninstall},
	}
}

func TestFaults(t *testing.T) {
	folders, err := os.ReadDir(chartsDir)
	if err != nil {
		t.Fatal(err)
	}
	engines := newest(t)
	operations, played := 0, 0
	for _, folder := range folders {
		chart := scenario.Chart{Dir: filepath.Join(chartsDir, folder.Name())}
		for _, helm := range []string{"3", "4"} {
			refs, ok := hookRefs(chart, engines[helm])
			if !ok {
				continue
			}
			t.Run(folder.Name()+" helm"+helm, func(t *testing.T) {
				for _, object := range append(refs, "resources") {
					for _, at := range []string{scenario.AtCreate, scenario.AtWait, scenario.AtTimeout, scenario.AtDelete} {
						if object == scenario.ObjectResources && at == scenario.AtTimeout {
							continue // the wait for ordinary resources ends the same, however it fails
						}
						for i, steps := range slices.Concat(faultyLives(helm, scenario.Fault{Object: object, At: at}, false, false), faultyLives(helm, scenario.Fault{Object: object, At: at}, true, true)) {
							if testing.Short() && i%3 != 0 {
								continue
							}
							sc := scenario.Scenario{Release: "r", Namespace: "default", Charts: []scenario.Chart{chart}, Steps: steps}
							n, err := agree(t, sc, engines, Run)
							if err != nil {
								continue
							}
							operations += n
							played++
						}
					}
				}
			})
		}
	}
	t.Logf("%d lives with a fault agree, %d operations compared", played, operations)
	if !testing.Short() && played < 1000 {
		t.Errorf("only %d lives were played", played)
	}
}
