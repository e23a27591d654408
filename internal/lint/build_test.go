package lint

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/helm-hooks/helm-hooks/internal/helm3"
	"github.com/helm-hooks/helm-hooks/internal/source"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// files are the files of a chart called shop, by path.
type files map[string]string

// job is a hook that is sound but for what the lines say: they stand among its annotations.
func job(name string, annotations ...string) string {
	return "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: " + name + "\n  annotations:\n    " +
		strings.Join(annotations, "\n    ") + "\nspec:\n  template:\n    spec:\n      restartPolicy: Never\n" +
		"      containers:\n        - name: main\n          image: busybox:1.36\n"
}

// write puts files into a folder.
func write(t *testing.T, dir string, all files) {
	t.Helper()
	for name, text := range all {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// chart writes a chart below the working directory of the test, which becomes a new folder.
func chart(t *testing.T, all files) string {
	t.Helper()
	t.Chdir(t.TempDir())
	write(t, "chart", files{"Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.4.0\n"})
	write(t, "chart", all)
	return "./chart"
}

// judged lints a chart under sets of values, given as --set has them; none is the chart's own values.
func judged(t *testing.T, dir string, rules Rules, sets ...ValuesSet) Source {
	t.Helper()
	engine, err := plan.ParseEngine("helm4@4.3")
	if err != nil {
		t.Fatal(err)
	}
	in := Input{
		Source: Source{Ref: dir}, Dir: dir, ReadFile: os.ReadFile, Rules: rules,
		Patched: func(path string) string { return filepath.Clean(path) },
	}
	if strings.HasSuffix(dir, ".tgz") {
		in.Dir, in.Archive = "", dir
	}
	if len(sets) == 0 {
		sets = []ValuesSet{{}}
	}
	for _, set := range sets {
		read, err := source.Open(source.ChartOptions{
			Target: source.Target{Kind: source.KindChart, Ref: dir, Given: dir}, Engine: engine, Values: helm3.ValueOptions{Set: set.Set},
		}, nil)
		if err != nil {
			t.Fatal(err)
		}
		planned, err := plan.Make(plan.Input{
			Engine: engine, Release: read.Release(), Render: read.Render, Unknown: read.Unknown, File: read.File, Lint: true,
			Options: plan.Options{Timeout: plan.DefaultTimeout},
		})
		if err != nil {
			t.Fatal(err)
		}
		run := Run{Set: set.Name, Plan: planned}
		for _, fields := range []plan.Fields{{Revision: 1}, {Revision: 2, IsUpgrade: true}, {Revision: 3, IsUpgrade: true}} {
			rendered, err := read.Render(fields)
			if err != nil {
				t.Fatal(err)
			}
			inventory, err := plan.Classify(rendered, read.Release(), engine)
			if err != nil {
				t.Fatal(err)
			}
			run.Revisions = append(run.Revisions, inventory)
		}
		in.Runs, in.File = append(in.Runs, run), read.File
	}
	return Judge(in)
}

// of are the findings of a rule.
func of(s Source, rule string) []Finding {
	var all []Finding
	for _, f := range s.Findings {
		if f.Rule == rule {
			all = append(all, f)
		}
	}
	return all
}

// one is the only finding of a rule.
func one(t *testing.T, s Source, rule string) Finding {
	t.Helper()
	all := of(s, rule)
	if len(all) != 1 {
		t.Fatalf("%d findings of %s: %+v", len(all), rule, s.Findings)
	}
	return all[0]
}
