//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// hooksPlan is the part of `-o json` that these tests read.
type hooksPlan struct {
	Source    struct{ Namespace string }
	Timelines []struct {
		Action string
		Phases []struct {
			Name  string
			Steps []struct {
				Object   object
				Template string
			}
		}
	}
	Ignored []struct {
		Object   object
		Template string
	}
}

type object struct{ Kind, Name string }

func decode(t *testing.T, text string) hooksPlan {
	t.Helper()
	var plan hooksPlan
	if err := json.Unmarshal([]byte(text), &plan); err != nil {
		t.Fatalf("%v in %.300s", err, text)
	}
	return plan
}

// document is one document of `helm template`.
type document struct {
	source   string
	text     string
	Kind     string
	Metadata struct {
		Name        string
		Annotations map[string]any
	}
}

// hook is the value of helm.sh/hook, or "".
func (d document) hook() string {
	value, _ := d.Metadata.Annotations["helm.sh/hook"].(string)
	return value
}

func documents(t *testing.T, rendered string) []document {
	t.Helper()
	var all []document
	for text := range strings.SplitSeq("\n"+rendered, "\n---\n") {
		if strings.TrimSpace(text) == "" {
			continue
		}
		doc := document{text: strings.TrimSpace(text)}
		if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		first, _, _ := strings.Cut(doc.text, "\n")
		doc.source = strings.TrimPrefix(first, "# Source: ")
		all = append(all, doc)
	}
	return all
}

// Real Helm and the plan name the same hooks, drop the same documents, and refuse the same charts.
func TestAgreesWithHelmTemplate(t *testing.T) {
	bin := filepath.Join(built(t), "helm-hooks")
	charts, err := filepath.Glob(filepath.Join(at.checkout, "testdata", "charts", "*"))
	if err != nil || len(charts) == 0 {
		t.Fatalf("no charts: %v", err)
	}
	for _, helm := range helms() {
		for _, path := range charts {
			chart := filepath.Base(path)
			t.Run(helm.version+"/"+chart, func(t *testing.T) {
				home := newHome(t)
				install := home.run(t, helm.path(), "template", chart, path)
				got := home.run(t, bin, "plan", "--engine", helm.engine, "--name", chart, "-o", "json", path)
				if install.code != 0 {
					if got.code != 1 || got.stdout != "" || got.stderr == "" {
						t.Errorf("Helm refuses the chart, the plan ends with %+v", got)
					}
					return
				}
				got.succeeds(t, "plan "+chart)
				upgrade := home.run(t, helm.path(), "template", chart, path, "--is-upgrade")
				compare(t, chart, decode(t, got.stdout), install, upgrade)
			})
		}
	}
}

func compare(t *testing.T, chart string, plan hooksPlan, install, upgrade result) {
	t.Helper()
	// `helm template` renders revision 1 only, and each render has other random names.
	nameless := chart == "revision-aware" || chart == "volatile"
	key := func(template string, o object) string {
		if nameless {
			o.Name = "*"
		}
		return fmt.Sprintf("%s %s/%s", template, o.Kind, o.Name)
	}
	for _, side := range []struct {
		rendered result
		upgrade  bool
	}{{install, false}, {upgrade, true}} {
		var want, have []string
		printed := map[string]bool{}
		for _, doc := range documents(t, side.rendered.stdout) {
			id := key(doc.source, object{doc.Kind, doc.Metadata.Name})
			printed[id] = true
			if doc.hook() != "" && runsIn(doc.hook(), side.upgrade) {
				want = append(want, id)
			}
		}
		for _, timeline := range plan.Timelines {
			if (timeline.Action == "upgrade") != side.upgrade {
				continue
			}
			for _, phase := range timeline.Phases {
				for _, step := range phase.Steps {
					have = append(have, key(step.Template, step.Object))
				}
			}
		}
		slices.Sort(want)
		slices.Sort(have)
		want, have = slices.Compact(want), slices.Compact(have)
		if !slices.Equal(want, have) {
			t.Errorf("hooks with upgrade=%v:\nhelm %s\nplan %s", side.upgrade, strings.Join(want, "\n     "), strings.Join(have, "\n     "))
		}
		if !side.upgrade {
			for _, ignored := range plan.Ignored {
				if id := key(ignored.Template, ignored.Object); printed[id] {
					t.Errorf("the plan calls %s ignored, Helm prints it", id)
				}
			}
		}
	}
	if dropped := strings.Count(install.stderr, "skipping unknown hook"); dropped != len(plan.Ignored) {
		t.Errorf("Helm drops %d documents, the plan names %d", dropped, len(plan.Ignored))
	}
}

// runsIn says whether a hook has an event of the upgrade, or of any other action.
func runsIn(events string, upgrade bool) bool {
	return slices.ContainsFunc(strings.Split(events, ","), func(event string) bool {
		return strings.HasSuffix(strings.ToLower(strings.TrimSpace(event)), "-upgrade") == upgrade
	})
}

func TestDemoChartIsClean(t *testing.T) {
	for _, helm := range helms() {
		got := newHome(t).run(t, helm.path(), "lint", "--strict", filepath.Join(at.checkout, shop))
		if got.code != 0 || strings.Contains(got.stdout+got.stderr, "[WARNING]") || strings.Contains(got.stdout+got.stderr, "[INFO]") {
			t.Errorf("helm %s lint: %+v", helm.version, got)
		}
	}
	// What go:embed carries is the whole chart.
	for _, name := range []string{".helmignore", "templates/_helpers.tpl", "charts/catalog/templates/_helpers.tpl", "crds/coupons.yaml"} {
		if _, err := os.Stat(filepath.Join(at.checkout, shop, name)); err != nil {
			t.Error(err)
		}
	}
}
