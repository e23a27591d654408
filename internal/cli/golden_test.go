package cli

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
	"github.com/helm-hooks/helm-hooks/test/schema"
)

var update = flag.Bool("update", false, "write the golden files anew; look at the difference before it is committed")

// broken are charts that end in an error; their messages are in testdata/script/errors-chart.txtar.
var broken = map[string]bool{"bad-yaml": true, "failing-template": true, "missing-dependency": true}

// view is one way to look at a chart. The golden file is testdata/golden/CHART.ENGINE.NAME.
type view struct {
	name string
	// command is plan where it is empty.
	command   string
	arguments []string
	env       map[string]string
	terminal  bool
}

func views(chart string) []view {
	utf8 := map[string]string{"LC_ALL": "C.UTF-8", "TERM": "xterm-256color"}
	tree := []view{{name: "tree", env: utf8}}
	if chart != "shop" {
		return tree
	}
	return append(
		tree,
		view{name: "tree.w80", env: utf8, terminal: true, arguments: []string{"--color", "never"}},
		view{name: "tree.color", env: utf8, terminal: true},
		view{name: "tree.ascii", env: map[string]string{"LC_ALL": "C"}},
		view{name: "tree.wait", env: utf8, arguments: []string{"--wait"}},
		view{name: "table", env: utf8, arguments: []string{"-o", "table"}},
		view{name: "wide", env: utf8, arguments: []string{"-o", "wide"}},
		view{name: "json", env: utf8, arguments: []string{"-o", "json"}},
		view{name: "yaml", env: utf8, arguments: []string{"-o", "yaml"}},
		view{name: "html", env: utf8, arguments: []string{"-o", "html"}},
		view{name: "markdown", env: utf8, arguments: []string{"-o", "markdown"}},
		view{name: "mermaid", env: utf8, arguments: []string{"-o", "mermaid"}},
		view{name: "life", env: utf8, arguments: []string{"--life"}},
		view{name: "life.json", env: utf8, arguments: []string{"--life", "-o", "json"}},
		view{name: "matrix", env: utf8, arguments: []string{"--matrix"}},
		view{name: "matrix.table", env: utf8, arguments: []string{"--matrix", "-o", "table"}},
		view{name: "matrix.wide", env: utf8, arguments: []string{"--matrix", "-o", "wide"}},
		view{name: "matrix.json", env: utf8, arguments: []string{"--matrix", "-o", "json"}},
		view{name: "atomic", env: utf8, arguments: []string{"--fail", "Job/shop-migrate", "--action", "upgrade", "--atomic"}},
		view{name: "atomic.w80", env: utf8, terminal: true, arguments: []string{"--fail", "Job/shop-migrate", "--action", "upgrade", "--atomic", "--color", "never"}},
		view{name: "explain", env: utf8, command: "explain"},
		view{name: "explain.hook", env: utf8, command: "explain", arguments: []string{"Job/shop-migrate"}},
		view{name: "then", env: utf8, arguments: []string{"--fail", "Job/shop-migrate@pre-install:timeout", "--then", "upgrade", "--then", "uninstall --no-hooks"}},
	)
}

// viewsUnder are those that an engine has. Those that are not Helm play no failures and no lives.
func viewsUnder(chart, engine string) []view {
	all := views(chart)
	switch engine {
	case "helm3", "helm4":
		return all
	case allEngines:
		return slices.DeleteFunc(all, func(v view) bool {
			return !slices.Contains([]string{"tree", "tree.w80", "tree.ascii", "wide", "json", "html", "markdown"}, v.name)
		})
	}
	return slices.DeleteFunc(all, func(v view) bool {
		return !slices.Contains([]string{"tree", "tree.w80", "table", "json"}, v.name) || v.name != "tree" && chart != "shop"
	})
}

// enginesOf are those under which a chart is shown; all of them side by side where that shows much.
func enginesOf(chart string) []string {
	if chart == "shop" || chart == "every-event" || chart == "order-ties" {
		return append(plan.EngineNames(), allEngines)
	}
	return plan.EngineNames()
}

// answer is what one command line gave.
type answer struct {
	code           int
	stdout, stderr string
}

// run executes a command line in this process with nothing but the given environment.
func run(t *testing.T, env map[string]string, change func(*Env), arguments ...string) answer {
	t.Helper()
	var out, talk bytes.Buffer
	with := Env{
		In: strings.NewReader(""), Out: &out, Err: &talk, Version: "1.2.3",
		Lookup: func(name string) (string, bool) { value, ok := env[name]; return value, ok },
	}
	if change != nil {
		change(&with)
	}
	code := Run(context.Background(), append([]string{"helm-hooks"}, arguments...), with)
	return answer{code, out.String(), talk.String()}
}

// inRepository makes the root of the repository the working directory, so that the paths in the golden
// files are those that README's readers type. No kubeconfig decides about the namespace.
func inRepository(t *testing.T) {
	t.Helper()
	t.Chdir("../..")
	t.Setenv("KUBECONFIG", filepath.Join(t.TempDir(), "none"))
}

func chartNames(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob("testdata/charts/*/Chart.yaml")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no charts: %v", err)
	}
	var names []string
	for _, path := range paths {
		names = append(names, filepath.Base(filepath.Dir(path)))
	}
	return names
}

func Test_every_view_of_every_chart_is_as_its_golden_file(t *testing.T) {
	inRepository(t)
	wanted := map[string]bool{}
	for _, chart := range chartNames(t) {
		if broken[chart] {
			continue
		}
		for _, engine := range enginesOf(chart) {
			for _, view := range viewsUnder(chart, engine) {
				path := filepath.Join("testdata", "golden", chart+"."+engine+"."+view.name)
				wanted[path] = true
				t.Run(filepath.Base(path), func(t *testing.T) {
					arguments := append([]string{cmp.Or(view.command, "plan"), "./testdata/charts/" + chart, "--engine", engine}, view.arguments...)
					got := run(t, view.env, func(e *Env) {
						if view.terminal {
							e.Terminal, e.Width = true, 80
						}
					}, arguments...)
					if got.code != 0 || got.stderr != "" {
						t.Fatalf("exit code %d, stderr %q", got.code, got.stderr)
					}
					golden(t, path, got.stdout)
				})
			}
		}
	}
	files, err := filepath.Glob("testdata/golden/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if info, err := os.Stat(file); err == nil && !info.IsDir() && !wanted[file] {
			t.Errorf("%s belongs to no test", file)
		}
	}
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; run with -update and look at what it writes", err)
	}
	if diff := gocmp.Diff(string(want), got); diff != "" {
		t.Errorf("differs from %s (-want +got); look at it, then run with -update:\n%s", path, diff)
	}
}

func Test_no_line_of_the_narrow_tree_is_wider_than_the_terminal(t *testing.T) {
	inRepository(t)
	for _, chart := range chartNames(t) {
		if broken[chart] {
			continue
		}
		got := run(t, map[string]string{"LC_ALL": "C.UTF-8", "TERM": "dumb"}, func(e *Env) { e.Terminal, e.Width = true, 80 },
			"plan", "./testdata/charts/"+chart)
		for i, line := range strings.Split(got.stdout, "\n") {
			// Commands are to be copied, so they are never broken.
			if columns := len([]rune(line)); columns > 80 && !strings.HasPrefix(line, "      helm ") && !strings.HasPrefix(line, "      kubectl ") {
				t.Errorf("%s, line %d has %d columns: %s", chart, i+1, columns, line)
			}
		}
	}
}

func Test_json_and_yaml_of_every_chart_are_one_tree_that_keeps_to_the_schema(t *testing.T) {
	inRepository(t)
	strict := schema.Strict(t, "docs/schema", "plan")
	for _, chart := range chartNames(t) {
		if broken[chart] {
			continue
		}
		for _, engine := range plan.EngineNames() {
			t.Run(chart+"."+engine, func(t *testing.T) {
				arguments := []string{"plan", "./testdata/charts/" + chart, "--engine", engine, "-o"}
				asJSON := run(t, nil, nil, append(arguments, "json")...)
				schema.Validate(t, strict, []byte(asJSON.stdout))
				asYAML := run(t, nil, nil, append(arguments, "yaml")...)
				converted, err := yaml.YAMLToJSON([]byte(asYAML.stdout))
				if err != nil {
					t.Fatal(err)
				}
				if diff := gocmp.Diff(decoded(t, []byte(asJSON.stdout)), decoded(t, converted)); diff != "" {
					t.Errorf("json and yaml differ (-json +yaml):\n%s", diff)
				}
			})
		}
	}
}

func Test_lives_and_matrices_of_every_chart_keep_to_their_schemas(t *testing.T) {
	inRepository(t)
	for kind, flags := range map[string][]string{"life": {"--life"}, "matrix": {"--matrix"}} {
		strict := schema.Strict(t, "docs/schema", kind)
		for _, chart := range chartNames(t) {
			if broken[chart] {
				continue
			}
			for _, engine := range []string{"helm3", "helm4"} {
				t.Run(kind+" "+chart+"."+engine, func(t *testing.T) {
					arguments := append([]string{"plan", "./testdata/charts/" + chart, "--engine", engine, "-o", "json"}, flags...)
					schema.Validate(t, strict, []byte(run(t, nil, nil, arguments...).stdout))
				})
			}
		}
	}
}

func Test_explanations_of_every_chart_and_hook_keep_to_their_schema(t *testing.T) {
	inRepository(t)
	strict := schema.Strict(t, "docs/schema", "explanation")
	for _, chart := range chartNames(t) {
		if broken[chart] {
			continue
		}
		for _, engine := range []string{"helm3", "helm4"} {
			path := "./testdata/charts/" + chart
			t.Run(chart+"."+engine, func(t *testing.T) {
				schema.Validate(t, strict, []byte(run(t, nil, nil, "explain", path, "--engine", engine, "-o", "json").stdout))
				for _, hook := range hooksOf(t, path, engine) {
					got := run(t, nil, nil, "explain", path, hook, "--engine", engine, "-o", "json")
					if got.code != 0 {
						t.Errorf("%s: %s", hook, got.stderr)
						continue
					}
					schema.Validate(t, strict, []byte(got.stdout))
				}
			})
		}
	}
}

// hooksOf are the hooks and the ignored objects of a chart, as far as they have names.
func hooksOf(t *testing.T, path, engine string) (refs []string) {
	t.Helper()
	var document struct {
		Timelines []struct {
			Phases []struct {
				Steps []struct{ Object struct{ Kind, Name string } }
			}
		}
		Ignored []struct{ Object struct{ Kind, Name string } }
	}
	if err := json.Unmarshal([]byte(run(t, nil, nil, "plan", path, "--engine", engine, "-o", "json").stdout), &document); err != nil {
		t.Fatal(err)
	}
	add := func(kind, name string) {
		if name != "" && kind != "" && !slices.Contains(refs, kind+"/"+name) {
			refs = append(refs, kind+"/"+name)
		}
	}
	for _, timeline := range document.Timelines {
		for _, phase := range timeline.Phases {
			for _, step := range phase.Steps {
				add(step.Object.Kind, step.Object.Name)
			}
		}
	}
	for _, ignored := range document.Ignored {
		add(ignored.Object.Kind, ignored.Object.Name)
	}
	return refs
}

func decoded(t *testing.T, text []byte) (value any) {
	t.Helper()
	if err := json.Unmarshal(text, &value); err != nil {
		t.Fatal(err)
	}
	return value
}
