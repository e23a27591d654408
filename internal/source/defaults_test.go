package source

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/helm-hooks/helm-hooks/internal/source/sdk"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// Default values that take the place of the chart's own are those of its values.yaml, to both Helms.
func TestOtherDefaultsAreAsInValuesYAML(t *testing.T) {
	write := func(values string) string {
		dir := t.TempDir()
		for name, text := range map[string]string{
			"Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n", "values.yaml": values, "extra/a.yaml": "size: 3\n",
			"templates/job.yaml":             "kind: A\nmetadata: {name: \"{{ .Values.size }}-{{ .Values.own }}-{{ toJson .Values.sub }}\"}\n",
			"charts/sub/Chart.yaml":          "apiVersion: v2\nname: sub\nversion: 1.0.0\n",
			"charts/sub/values.yaml":         "deep: {a: 1, b: 2}\n",
			"charts/sub/templates/none.yaml": "",
		} {
			path := filepath.Join(dir, filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		return dir
	}
	for _, name := range []string{"helm3", "helm4"} {
		engine, err := plan.ParseEngine(name)
		if err != nil {
			t.Fatal(err)
		}
		render := func(values string, adapt func(sdk.Chart) (sdk.Chart, map[string]any, error)) string {
			read, err := FromChart(ChartOptions{Target: Target{Kind: KindChart, Ref: write(values)}, Engine: engine, Adapt: adapt})
			if err != nil {
				t.Fatal(err)
			}
			rendered, err := read.Render(plan.Fields{Revision: 1})
			if err != nil {
				t.Fatal(err)
			}
			var all []string
			for _, d := range rendered.Documents {
				all = append(all, d.Text)
			}
			return strings.Join(all, "---\n")
		}
		other := map[string]any{"size": 7, "sub": map[string]any{"deep": map[string]any{"a": 9}}}
		got := render("size: 1\nown: gone\n", func(c sdk.Chart) (sdk.Chart, map[string]any, error) {
			if string(c.File("extra/a.yaml")) != "size: 3\n" || c.File("values.yaml") != nil || c.Defaults()["own"] != "gone" {
				t.Errorf("%s: the files of the chart", name)
			}
			return c.WithDefaults(other), map[string]any{"own": "given"}, nil
		})
		want := render("size: 7\nsub: {deep: {a: 9}}\nown: given\n", nil)
		if got != want || !strings.Contains(got, "7-given") {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, want)
		}
	}
}
