package oracle

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
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

// life is a run that every chart goes through, without faults.
type life struct {
	name   string
	change func(*scenario.Step)
}

func chartLives() []life {
	return []life{
		{"plain", func(*scenario.Step) {}},
		{"atomic", func(s *scenario.Step) { s.Atomic = s.Action == scenario.Install || s.Action == scenario.Upgrade }},
		{"wait", func(s *scenario.Step) { s.Wait = "watcher" }},
		{"legacy wait", func(s *scenario.Step) { s.Wait = "legacy" }},
		{"no hooks", func(s *scenario.Step) { s.NoHooks = s.Action != scenario.Test }},
		{"keep history", func(s *scenario.Step) {
			s.KeepHistory = s.Action == scenario.Uninstall
			s.Replace = s.Action == scenario.Install
		}},
		{"client-side", func(s *scenario.Step) {
			if s.Action == scenario.Install {
				s.ServerSide = "false"
			}
		}},
	}
}

// steps is install, upgrade, test, upgrade, rollback, uninstall and another install.
func (l life) steps(helm string) []scenario.Step {
	var steps []scenario.Step
	for _, action := range []string{
		scenario.Install, scenario.Upgrade, scenario.Test, scenario.Upgrade, scenario.Rollback, scenario.Uninstall, scenario.Install,
	} {
		step := scenario.Step{Helm: helm, Action: action}
		if action == scenario.Rollback {
			step.RollbackTo = 1
		}
		l.change(&step)
		steps = append(steps, step)
	}
	return steps
}

// tally is what was compared.
type tally struct{ lives, operations, charts, unrenderable, unserved int }

// holdChart plays lives of a chart under both Helms.
func (n *tally) holdChart(t *testing.T, dir string, lives []life) {
	t.Helper()
	played := false
	for _, helm := range []string{"3", "4"} {
		for _, l := range lives {
			sc := scenario.Scenario{Name: l.name, Release: "r", Namespace: "default", Steps: l.steps(helm), Charts: []scenario.Chart{{Dir: dir}}}
			operations, err := agree(t, sc, newest(t), Run)
			n.operations += operations
			switch {
			case errors.Is(err, errUnserved), errors.Is(err, errVolatile):
				n.unserved++
				continue
			case errors.Is(err, errUnrenderable):
				continue
			}
			played = true
			n.lives++
		}
	}
	if played {
		n.charts++
	} else {
		n.unrenderable++
	}
}

func TestTestdataCharts(t *testing.T) {
	folders, err := os.ReadDir(chartsDir)
	if err != nil {
		t.Fatal(err)
	}
	var n tally
	for _, folder := range folders {
		t.Run(folder.Name(), func(t *testing.T) { n.holdChart(t, filepath.Join(chartsDir, folder.Name()), chartLives()) })
	}
	t.Logf("%d charts: %d lives agree, %d operations compared; %d charts do not render", n.charts, n.lives, n.operations, n.unrenderable)
	if n.charts < 15 {
		t.Errorf("only %d charts were played", n.charts)
	}
}

// chartsUnder finds charts: folders with a Chart.yaml and archives.
func chartsUnder(t *testing.T, root string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.Name() == "Chart.yaml":
			found = append(found, filepath.Dir(path))
		case strings.HasSuffix(entry.Name(), ".tgz"):
			found = append(found, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// The charts that Helm's own modules carry for their tests.
func TestHelmsOwnCharts(t *testing.T) {
	var n tally
	for _, module := range []string{"helm.sh/helm/v3", "helm.sh/helm/v4"} {
		out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", module).Output()
		if err != nil {
			t.Fatalf("find %s: %v", module, err)
		}
		for _, dir := range chartsUnder(t, strings.TrimSpace(string(out))) {
			t.Run(filepath.Base(dir), func(t *testing.T) { n.holdChart(t, dir, chartLives()[:2]) })
		}
	}
	t.Logf("%d charts: %d lives agree, %d operations compared; %d charts not played (they do not load or render, hold objects that no server takes, or name hooks at random)", n.charts, n.lives, n.operations, n.unrenderable)
	if n.charts < 50 {
		t.Errorf("only %d charts were played", n.charts)
	}
}

// Charts of other people, from the folder named by HELM_HOOKS_CHARTS (make oracle CHARTS=…). They are
// never part of this repository; without the folder there is nothing to hold.
func TestOtherCharts(t *testing.T) {
	root := os.Getenv("HELM_HOOKS_CHARTS")
	if root == "" {
		return
	}
	var n tally
	for _, dir := range chartsUnder(t, root) {
		t.Run(strings.TrimPrefix(dir, root), func(t *testing.T) { n.holdChart(t, dir, chartLives()[:3]) })
	}
	t.Logf("%d charts: %d lives agree, %d operations compared; %d charts not played (they do not load or render, hold objects that no server takes, or name hooks at random)", n.charts, n.lives, n.operations, n.unrenderable)
}
