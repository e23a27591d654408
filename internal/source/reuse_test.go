package source

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
	"sigs.k8s.io/yaml"

	"github.com/helm-hooks/helm-hooks/internal/helm3"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

const showValues = `{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"release": {{ .Release | toJson | quote }}, "values": {{ .Values | toJson | quote }}}}`

// chartOf is a chart with default values, in YAML, that shows the values that reach its template.
func chartOf(values string, more map[string]string) map[string]string {
	files := map[string]string{
		"Chart.yaml": "{apiVersion: v2, name: shop, version: 1.0.0}", "values.yaml": values, "templates/c.yaml": showValues,
	}
	for name, text := range more {
		files[name] = text
	}
	return files
}

// withChild adds a subchart whose values the parent imports.
func withChild(values string) map[string]string {
	return map[string]string{
		"Chart.yaml": `{apiVersion: v2, name: shop, version: 1.0.0, dependencies: [
			{name: child, version: 1.0.0, condition: child.enabled, import-values: [{child: data, parent: imported}]}]}`,
		"charts/child/Chart.yaml":       "{apiVersion: v2, name: child, version: 1.0.0}",
		"charts/child/values.yaml":      values,
		"charts/child/templates/c.yaml": showValues,
	}
}

func memoryFS(files map[string]string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return fsys
}

func parsed(t interface{ Fatal(...any) }, text string) map[string]any {
	values := map[string]any{}
	if err := yaml.Unmarshal([]byte(text), &values); err != nil {
		t.Fatal(err)
	}
	return values
}

var modes = map[ReuseMode]mode{
	ReuseDefault: {}, ReuseValues: {reuse: true}, ResetValues: {reset: true}, ResetThenReuseValues: {resetThenReuse: true},
}

func TestAnUpgradeTakesOverTheValuesThatHelmTakesOver(t *testing.T) {
	for _, test := range []struct {
		name                         string
		before, config, after, given string
		moreBefore, moreAfter        map[string]string
	}{
		{name: "nothing is given", before: "{a: 1}", config: "{a: 2}", after: "{a: 3, b: 4}", given: "{}"},
		{name: "nothing was given", before: "{a: 1}", config: "{}", after: "{a: 3, b: 4}", given: "{}"},
		{name: "a new value", before: "{a: 1}", config: "{a: 2}", after: "{a: 3}", given: "{b: 5}"},
		{name: "nested", before: "{m: {a: 1, n: {x: 1}}}", config: "{m: {n: {y: 2}}}", after: "{m: {a: 9, n: {z: 3}}}", given: "{m: {n: {y: 7, w: 8}}}"},
		{name: "a new null", before: "{a: 1, m: {x: 1, y: 2}}", config: "{a: 2, m: {x: 3}}", after: "{a: 3, m: {x: 4}}", given: "{a: null, m: {x: null}}"},
		{name: "an old null", before: "{a: 1, m: {x: 1, y: 2}}", config: "{a: null, m: {x: null}}", after: "{a: 3, m: {x: 4, y: 5}}", given: "{b: 1}"},
		{name: "a null by default", before: "{a: null, m: {x: null}}", config: "{b: 1}", after: "{a: null, c: null}", given: "{d: 1}"},
		{name: "defaults come and go", before: "{gone: 1, stays: 2}", config: "{own: 3}", after: "{stays: 4, new: 5}", given: "{}"},
		{name: "a table becomes a scalar", before: "{a: {b: 1}}", config: "{a: {c: 2}}", after: "{a: 3}", given: "{a: 4}"},
		{name: "a scalar becomes a table", before: "{a: 1}", config: "{a: 2}", after: "{a: {b: 3}}", given: "{a: {c: 4}}"},
		{name: "lists are replaced", before: "{l: [1]}", config: "{l: [2, 3]}", after: "{l: [4]}", given: "{m: []}"},
		{name: "large numbers", before: "{n: 12345678}", config: "{m: 12345678}", after: "{n: 1}", given: "{o: 1.5}"},
		{
			name: "subcharts", before: "{a: 1, child: {x: 1}}", config: "{child: {own: 2}, global: {g: 1}}", after: "{a: 2, child: {z: 9}}",
			given: "{child: {more: 3}}", moreBefore: withChild("{x: 0, data: {d: 1}}"), moreAfter: withChild("{x: 5, new: 6, data: {d: 2, e: 3}}"),
		},
		{
			name: "a subchart is switched off", before: "{child: {enabled: true}}", config: "{child: {own: 2}}", after: "{}",
			given: "{child: {enabled: false}}", moreBefore: withChild("{data: {d: 1}}"), moreAfter: withChild("{data: {d: 2}}"),
		},
	} {
		for ours, theirs := range modes {
			eachEngine(t, func(t *testing.T, engine plan.Engine) {
				t.Run(test.name+"/"+string(ours), func(t *testing.T) {
					helm := newActor(t, engine)
					if err := helm.install(chartOf(test.before, test.moreBefore), parsed(t, test.config)); err != nil {
						t.Fatal(err)
					}
					stored := helm.last()
					theirs.dryRun = true
					if err := helm.upgrade(chartOf(test.after, test.moreAfter), parsed(t, test.given), theirs); err != nil {
						t.Fatal(err)
					}
					file := filepath.Join(t.TempDir(), "values.yaml")
					if err := os.WriteFile(file, []byte(test.given), 0o600); err != nil {
						t.Fatal(err)
					}
					options := ChartOptions{
						FS: memoryFS(chartOf(test.after, test.moreAfter)), Engine: engine, Release: web, Values: helm3.ValueOptions{Files: []string{file}},
						Old: &OldValues{Mode: ours, Config: stored.Values, Chart: stored.Chart}, First: plan.Fields{Revision: 2, IsUpgrade: true},
					}
					source := mustChart(t, options)
					if diff := cmp.Diff(cleanAll(cut("", helm.manifest(), 1)), texts(t, source, options.First)); diff != "" {
						t.Error(diff)
					}
				})
			})
		}
	}
}

func cleanAll(pieces []piece) []string {
	var list []string
	for _, piece := range pieces {
		list = append(list, clean(piece.text))
	}
	return list
}

// Any defaults, any old and new values, in each mode: the values that reach the template are Helm's.
func TestReuseIsHelmsForAnyValues(t *testing.T) {
	eachEngine(t, func(t *testing.T, engine plan.Engine) {
		rapid.Check(t, func(r *rapid.T) {
			ours := rapid.SampledFrom([]ReuseMode{ReuseDefault, ReuseValues, ResetValues, ResetThenReuseValues}).Draw(r, "mode")
			before, after := tableText(r, "before"), tableText(r, "after")
			config, given := tableText(r, "config"), tableText(r, "given")
			helm := newActor(t, engine)
			if helm.install(chartOf(before, nil), parsed(r, config)) != nil {
				return
			}
			stored := helm.last()
			theirs := modes[ours]
			theirs.dryRun = true
			wantErr := helm.upgrade(chartOf(after, nil), parsed(r, given), theirs)

			options := ChartOptions{FS: memoryFS(chartOf(after, nil)), Engine: engine, Release: web, First: plan.Fields{Revision: 2, IsUpgrade: true}}
			loaded, err := loadFS(options)
			if err != nil {
				r.Fatal(err)
			}
			old := OldValues{Mode: ours, Config: stored.Values, Chart: stored.Chart}
			loaded, values, err := old.into(loaded, parsed(r, given))
			if err != nil {
				r.Fatal(err)
			}
			source, err := build(options, loaded, values, "")
			if (err != nil) != (wantErr != nil) {
				r.Fatalf("Helm says %v, we say %v", wantErr, err)
			}
			if err != nil {
				return
			}
			rendered, err := source.Render(options.First)
			if err != nil {
				r.Fatal(err)
			}
			if want := cleanAll(cut("", helm.manifest(), 1)); len(rendered.Documents) != 1 || len(want) != 1 || clean(rendered.Documents[0].Text) != want[0] {
				r.Fatalf("Helm gives\n%s\nwe give\n%+v", want, rendered.Documents)
			}
		})
	})
}

func tableText(r *rapid.T, label string) string {
	text, err := json.Marshal(table(r, label, 3))
	if err != nil {
		r.Fatal(err)
	}
	return string(text)
}

func table(r *rapid.T, label string, depth int) map[string]any {
	values := map[string]any{}
	for _, key := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c", "global"}), 0, 3, rapid.ID[string]).Draw(r, label+" keys") {
		kinds := []string{"null", "number", "text", "list", "table", "table"}
		switch kind := rapid.SampledFrom(kinds).Draw(r, label+" kind of "+key); {
		case kind == "table" && depth > 1:
			values[key] = table(r, label+"."+key, depth-1)
		case kind == "null":
			values[key] = nil
		case kind == "number":
			values[key] = rapid.IntRange(0, 3).Draw(r, label+" number")
		case kind == "list":
			values[key] = []any{rapid.IntRange(0, 2).Draw(r, label+" item"), nil}
		default:
			values[key] = strings.Repeat("x", rapid.IntRange(0, 2).Draw(r, label+" text"))
		}
	}
	return values
}

func TestReuseOfWhatIsNoChart(t *testing.T) {
	eachEngine(t, func(t *testing.T, engine plan.Engine) {
		for _, raw := range []string{"", "{", "null", "{}", `{"metadata": null}`, `{"metadata": {"name": "x"}, "templates": [null]}`, `{"metadata": {"name": "x", "dependencies": [null]}}`} {
			options := ChartOptions{FS: memoryFS(chartOf("{}", nil)), Engine: engine, Old: &OldValues{Mode: ReuseValues, Chart: json.RawMessage(raw)}}
			if _, err := FromChart(options); err == nil || !strings.Contains(err.Error(), "reuse the values of the current revision: read the stored chart") {
				t.Errorf("%s: got %v", raw, err)
			}
		}
		options := ChartOptions{FS: memoryFS(chartOf("{}", nil)), Engine: engine, Old: &OldValues{Mode: "sometimes"}}
		if _, err := FromChart(options); err == nil || !strings.Contains(err.Error(), `"sometimes"`) {
			t.Errorf("got %v", err)
		}
	})
}
