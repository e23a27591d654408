//go:build argocd

package argocd

import (
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/helm-hooks/helm-hooks/internal/source"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

const chartsDir = "../../testdata/charts"

// Every chart of testdata, as helm template --include-crds hands it to Argo CD.
func TestChartsAgree(t *testing.T) {
	d := startDriver(t)
	var n tally
	charts, refused := 0, 0
	for _, dir := range chartDirs(t) {
		input, ok := chartInput(t, dir)
		if !ok {
			continue
		}
		p := made(t, input)
		if len(p.Timelines) > 0 && p.Timelines[0].Outcome.Refused {
			refused++
			continue
		}
		charts++
		n.hold(t, d, dir, handedOver(t, input), p)
	}
	t.Logf("gitops-engine %s agrees on %d charts (%d more are refused before a sync): %d objects (%d hooks, %d ignored), %d syncs and %d operations",
		version, charts, refused, n.objects, n.hooks, n.ignored, n.syncs, n.operations)
	if charts < 80 {
		t.Errorf("only %d charts were compared", charts)
	}
}

func chartDirs(t *testing.T) []string {
	t.Helper()
	var dirs []string
	err := filepath.WalkDir(chartsDir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Name() == "Chart.yaml" && !strings.Contains(path, "/charts/shop/charts/") && !strings.Contains(path, "/charts/subcharts/charts/") {
			dirs = append(dirs, filepath.Dir(path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return dirs
}

// chartInput reads a chart; those that Helm cannot render are left out.
func chartInput(t *testing.T, dir string) (plan.Input, bool) {
	t.Helper()
	engine, err := plan.ParseEngine("argocd")
	if err != nil {
		t.Fatal(err)
	}
	read, err := source.FromChart(source.ChartOptions{
		Target: source.Target{Kind: source.KindChart, Ref: dir, Given: dir}, Engine: engine.Helm(), Release: plan.Release{Namespace: home},
	})
	if err != nil {
		t.Logf("%s is left out: %v", dir, err)
		return plan.Input{}, false
	}
	if filepath.Base(dir) == "volatile" {
		t.Logf("%s is left out: its names change at each render", dir)
		return plan.Input{}, false
	}
	input := plan.Input{Engine: engine, Release: read.Release(), Render: read.Render}
	if _, err := plan.Make(input); err != nil {
		t.Logf("%s is left out: %v", dir, err)
		return plan.Input{}, false
	}
	return input, true
}

// handedOver is what Argo CD's repo-server makes of Helm's output (reposerver/repository/repository.go) and its
// controller of that (controller/state.go NormalizeTargetObjects): Lists taken apart, of two objects of one name
// the last, in the order CRDs, ordinary objects, hooks.
func handedOver(t *testing.T, input plan.Input) []map[string]any {
	t.Helper()
	rendered, err := input.Render(plan.Fields{Revision: 1})
	if err != nil {
		t.Fatal(err)
	}
	inventory, err := plan.Classify(rendered, input.Release, input.Engine)
	if err != nil {
		t.Fatal(err)
	}
	var objects []map[string]any
	add := func(text string, known plan.Object) {
		var body map[string]any
		if err := yaml.Unmarshal([]byte(text), &body); err != nil || len(body) == 0 {
			return
		}
		items, isList := body["items"].([]any)
		if !isList {
			objects = append(objects, placed(body, known))
			return
		}
		for _, item := range items {
			if member, ok := item.(map[string]any); ok {
				objects = append(objects, member)
			}
		}
	}
	for _, file := range rendered.CRDs {
		for _, document := range file.Documents {
			add(document.Text, plan.Object{})
		}
	}
	for _, r := range inventory.Resources {
		add(r.Text, r.Object)
	}
	for _, h := range inventory.Hooks {
		add(h.Text, h.Object)
	}
	return lastOfEach(objects)
}

// placed takes the namespace out of what has none.
func placed(body map[string]any, known plan.Object) map[string]any {
	if metadata, ok := body["metadata"].(map[string]any); ok && known.Kind != "" && known.Namespace == "" {
		delete(metadata, "namespace")
	}
	return body
}

func lastOfEach(objects []map[string]any) []map[string]any {
	key := func(object map[string]any) string {
		metadata, _ := object["metadata"].(map[string]any)
		namespace, _ := metadata["namespace"].(string)
		name, _ := metadata["name"].(string)
		version, _ := object["apiVersion"].(string)
		kind, _ := object["kind"].(string)
		return keyOf(plan.Object{APIVersion: version, Kind: kind, Namespace: namespace, Name: name})
	}
	last := map[string]int{}
	for i, object := range objects {
		last[key(object)] = i
	}
	var kept []map[string]any
	for i, object := range objects {
		if last[key(object)] == i {
			kept = append(kept, object)
		}
	}
	return kept
}
