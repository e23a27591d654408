package source

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

func TestARecordThatNoHelmHasWritten(t *testing.T) {
	eachEngine(t, func(t *testing.T, engine plan.Engine) {
		helm := newActor(t, engine)
		if err := helm.install(shop(map[string]string{"templates/web.yaml": badWeb, "templates/c.yaml": config, "templates/job.yaml": goodJob}), nil); err != nil {
			t.Fatal(err)
		}
		good := helm.last()
		for what, change := range map[string]func(*StoredRelease){
			"a label more":         func(s *StoredRelease) { s.Documents[0].Text += "extra: true\n" },
			"a document more":      func(s *StoredRelease) { s.Documents = append(s.Documents, s.Documents[0]) },
			"a document less":      func(s *StoredRelease) { s.Documents = s.Documents[1:] },
			"another template":     func(s *StoredRelease) { s.Documents[0].Template = "shop/templates/d.yaml" },
			"a dropped one":        func(s *StoredRelease) { s.Documents = append(s.Documents, plan.Document{Template: "x", Text: badWeb}) },
			"no YAML":              func(s *StoredRelease) { s.Documents[0].Text = "a: [" },
			"an unknown engine":    func(s *StoredRelease) { s.Engine = plan.Engine{Name: "flux"}; s.Chart = nil },
			"templates that fail":  func(s *StoredRelease) { s.Chart = replaced(t, s.Chart, "templates/c.yaml", `{{ fail "s3cret" }}`) },
			"templates of no sort": func(s *StoredRelease) { s.Chart = replaced(t, s.Chart, "templates/c.yaml", `{{ if }}`) },
			"a template without end": func(s *StoredRelease) {
				s.Chart = replaced(t, s.Chart, "templates/c.yaml", `{{ define "a" }}{{ include "a" . }}{{ end }}{{ include "a" . }}`)
			},
		} {
			stored := good
			stored.Documents = append([]plan.Document{}, good.Documents...)
			change(&stored)
			if got := outcome(t, stored); len(got) != 1 || !strings.HasPrefix(got[0], "unknown: ") || strings.Contains(got[0], "s3cret") {
				t.Errorf("%s: got %q", what, got)
			}
		}
		for _, raw := range []string{
			"", "{", "[]", "null", "7", `"x"`, `{}`, `{"metadata":{}}`, `{"metadata":{"name":"shop"},"templates":[null]}`, `{"metadata":{"name":"shop"},"files":[null]}`,
			`{"metadata":{"name":"shop","dependencies":[null]}}`, `{"metadata":{"name":"shop"},"templates":{}}`, `{"metadata":{"name":"shop"},"values":[1]}`,
			`{"metadata":{"name":"shop"},"schema":"bm8="}`, `{"metadata":{"name":"shop"},"templates":[{"name":"templates/x","data":"!"}]}`,
		} {
			stored := good
			stored.Chart = json.RawMessage(raw)
			if got := outcome(t, stored); len(got) != 1 || !strings.HasPrefix(got[0], "unknown: ") {
				t.Errorf("%s: got %q", raw, got)
			}
		}
	})
}

// In a chart with random values only what is random may differ from the record.
func TestARecordWithRandomValues(t *testing.T) {
	const found = "shop/templates/web.yaml 0 web"
	files := shop(map[string]string{
		"templates/web.yaml": badWeb,
		"templates/job.yaml": goodJob + "spec:\n  a: {{ randAlphaNum 16 }}\n  b: same\n  c: {{ now | date \"2006-01-02\" }}\n",
	})
	eachEngine(t, func(t *testing.T, engine plan.Engine) {
		helm := newActor(t, engine)
		if err := helm.install(files, nil); err != nil {
			t.Fatal(err)
		}
		good := helm.last()
		for _, test := range []struct{ what, old, new, want string }{
			{"as it is", "", "", found},
			{"the random line is another", "  a: ", "  a: more", found},
			{"of another day", "  c: ", "  c: 1", found},
			{"a line is another", "b: same", "b: other", "unknown: "},
			{"a line more", "  b: same", "  b: same\n  d: more", "unknown: "},
			{"another name", "name: migrate", "name: other", "unknown: "},
			{"another event", "pre-install", "post-install", "unknown: "},
		} {
			stored := good
			stored.Documents = slices.Clone(good.Documents)
			stored.Documents[0].Text = strings.Replace(good.Documents[0].Text, test.old, test.new, 1)
			if got := strings.Join(outcome(t, stored), ", "); !strings.HasPrefix(got, test.want) {
				t.Errorf("%s: got %q", test.what, got)
			}
		}
	})
}

// With a random name, what is not random about the object must still be the same.
func TestARecordWithARandomName(t *testing.T) {
	files := shop(map[string]string{"templates/job.yaml": strings.ReplaceAll(goodJob, "name: migrate", "name: {{ randAlphaNum 5 | lower }}\n  namespace: {{ randAlphaNum 5 | lower }}")})
	eachEngine(t, func(t *testing.T, engine plan.Engine) {
		helm := newActor(t, engine)
		if err := helm.install(files, nil); err != nil {
			t.Fatal(err)
		}
		if got := outcome(t, helm.last()); len(got) != 1 || !strings.HasPrefix(got[0], "unknown: ") {
			t.Errorf("with a random namespace: got %q", got)
		}
	})
}

// --skip-schema-validation is not stored.
func TestARecordThatItsSchemaRefuses(t *testing.T) {
	eachEngine(t, func(t *testing.T, engine plan.Engine) {
		helm := newActor(t, engine)
		if err := helm.install(shop(map[string]string{"templates/web.yaml": badWeb}), nil); err != nil {
			t.Fatal(err)
		}
		stored := helm.last()
		chart := parsed(t, string(stored.Chart))
		chart["schema"] = []byte(`{"required": ["x"]}`)
		var err error
		if stored.Chart, err = json.Marshal(chart); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"shop/templates/web.yaml 0 web"}, outcome(t, stored)); diff != "" {
			t.Error(diff)
		}
	})
}

func replaced(t *testing.T, raw json.RawMessage, name, text string) json.RawMessage {
	t.Helper()
	var chart map[string]any
	if err := json.Unmarshal(raw, &chart); err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range chart["templates"].([]any) {
		if file := file.(map[string]any); file["name"] == name {
			file["data"] = strings.Trim(string(data), `"`)
		}
	}
	out, err := json.Marshal(chart)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Any bytes in a record's chart: there is an answer or a reason, never a panic.
func FuzzDroppedOf(f *testing.F) {
	for _, seed := range []string{
		``, `{}`, `{"metadata":{"name":"shop"}}`, `{"metadata":{"name":"shop","version":"1.0.0"},"templates":[{"name":"templates/a.yaml","data":"a2luZDogQQo="}],"values":{"a":1}}`,
		`{"metadata":{"name":"shop","kubeVersion":">=9"},"schema":"e30=","files":[{"name":"crds/x.yaml","data":"eA=="}]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, engine := range engines {
			stored := StoredRelease{Engine: engine, Release: plan.Release{Name: "web", Namespace: "prod"}, Chart: raw, Revision: 2, IsUpgrade: true}
			if dropped, unknown := DroppedOf(stored); unknown != nil && (len(dropped) > 0 || unknown.Why == "") {
				t.Errorf("got %+v, %+v", dropped, unknown)
			}
		}
	})
}

// Each chart at hand, installed and upgraded by Helm itself: what is found in the record is what a render of the chart
// itself drops, or it is unknown.
func TestRecordsOfAllChartsAtHand(t *testing.T) {
	eachEngine(t, func(t *testing.T, engine plan.Engine) {
		known, dropping, all := 0, 0, 0
		for _, dir := range chartDirs(t) {
			options := chartOptions(dir, engine)
			options.Release = web
			source, err := FromChart(options)
			if err != nil {
				continue
			}
			helm := newActor(t, engine)
			files := readChart(t, dir)
			if err := helm.install(files, nil); err != nil {
				t.Logf("%s: %v", filepath.Base(dir), err)
				continue
			}
			all++
			for _, fields := range []plan.Fields{{Revision: 1}, {Revision: 2, IsUpgrade: true}} {
				if fields.IsUpgrade {
					if err := helm.upgrade(files, nil, mode{}); err != nil {
						t.Fatalf("%s: %v", dir, err)
					}
				}
				got := outcome(t, helm.last())
				if len(got) == 1 && strings.HasPrefix(got[0], "unknown: ") {
					t.Logf("%s: %s", filepath.Base(dir), got[0])
					continue
				}
				rendered, err := source.Render(fields)
				if err != nil {
					t.Fatal(err)
				}
				inventory, err := plan.Classify(rendered, web, engine)
				if err != nil {
					t.Fatal(err)
				}
				want := []string{}
				for _, one := range inventory.Dropped {
					want = append(want, fmt.Sprintf("%s %d %s", one.Template, one.Index, documentName(one.Text)))
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s, revision %d: %s", dir, fields.Revision, diff)
				}
				known++
				dropping += min(len(want), 1)
			}
		}
		t.Logf("%d charts, %d revisions known, %d of them drop something", all, known, dropping)
		if all < 40 || known < 60 || dropping < 6 {
			t.Errorf("%d charts, %d revisions known, %d of them drop something: too few to mean anything", all, known, dropping)
		}
	})
}

func chartDirs(t *testing.T) []string {
	t.Helper()
	var dirs []string
	err := filepath.WalkDir("../../testdata/charts", func(path string, entry os.DirEntry, err error) error {
		if err == nil && entry.Name() == "Chart.yaml" && !strings.Contains(path, "/charts/charts/") {
			dirs = append(dirs, filepath.Dir(path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return dirs
}

func readChart(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		name, relErr := filepath.Rel(dir, path)
		files[filepath.ToSlash(name)] = string(data)
		return errors.Join(err, relErr)
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
