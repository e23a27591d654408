package lint

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func Test_a_config_is_read(t *testing.T) {
	got, err := ParseConfig("x", []byte(`# How charts are judged.
engine: helm3@3.18
kube-version: 1.30
rules:
  HH109: off
  HH103: warning
charts:
  ./charts/shop/:
    default: {}
    production:
      files: [values.yaml, &ci ci/prod.yaml]
      set: ["a=b,c=d"]
  "charts/*":
    ci:
      files: [*ci]
    empty:
`))
	if err != nil {
		t.Fatal(err)
	}
	want := Config{
		Path: "x", Engine: "helm3@3.18", KubeVersion: "1.30", Rules: Rules{"HH109": Off, "HH103": Warning},
		Charts: []ChartSets{
			{Pattern: "charts/shop", Sets: []ValuesSet{{Name: "default"}, {Name: "production", Files: []string{"values.yaml", "ci/prod.yaml"}, Set: []string{"a=b,c=d"}}}},
			{Pattern: "charts/*", Sets: []ValuesSet{{Name: "ci", Files: []string{"ci/prod.yaml"}}, {Name: "empty"}}},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for path, first := range map[string]string{"charts/shop": "default", "charts/web": "ci", "web": "", "charts/a/b": ""} {
		sets := got.SetsFor(path)
		if (first == "") != (sets == nil) || sets != nil && sets[0].Name != first {
			t.Errorf("%s: %+v", path, sets)
		}
	}
}

func Test_an_empty_config_says_nothing(t *testing.T) {
	for _, text := range []string{"", "\n", "# nothing\n", "---\n", "null\n"} {
		if got, err := ParseConfig("x", []byte(text)); err != nil || got.Rules != nil || got.Engine != "" {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
	}
}

func Test_a_wrong_config_is_an_error_with_file_and_line(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"unknown key", "engine: helm4\nrule: {}\n", `x:2: unknown key "rule": did you mean rules?`},
		{"unknown key, in another spelling", "kubeVersion: 1\n", `x:1: unknown key "kubeVersion": did you mean kube-version?`},
		{"unknown key, far from any", "foo: 1\n", `x:1: unknown key "foo": valid are engine, kube-version, rules, charts`},
		{"twice", "engine: helm4\nengine: helm3\n", `x:2: engine is written twice`},
		{"no such engine", "\nengine: helm5\n", `x:2: engine: `},
		{"no such rule", "rules:\n  HH190: off\n", `x:2: rules: unknown rule "HH190": did you mean HH109 or HH110?`},
		{"no such level", "rules:\n  HH109: on\n", `x:2: rules: HH109: unknown level "on": valid are off, info, warning, error`},
		{"no level", "rules:\n  HH109:\n", `x:2: this must be a word`},
		{"rules as a list", "rules: [HH109]\n", `x:1: this must be a mapping of rule IDs`},
		{"a list", "- a\n", `x:1: this must be a mapping`},
		{"unknown key of a set", "charts:\n  a:\n    b:\n      file: [x]\n", `x:4: unknown key "file": did you mean files?`},
		{"files as a word", "charts:\n  a:\n    b:\n      files: x\n", `x:4: this must be a list`},
		{"no set", "charts:\n  a: {}\n", `x:2: charts: a lists no set of values`},
		{"a set without a name", "charts:\n  a:\n    '': {}\n", `x:3: charts: a set of values has no name`},
		{"no pattern", "charts:\n  'a[': {}\n", `x:2: charts: "a[" is no path pattern`},
		{"two documents", "engine: helm4\n---\nengine: helm3\n", `x: it holds more than one YAML document`},
		{"no YAML", "a: [\n", `x: yaml: line `},
		{"a key that is no word", "? [a]\n: b\n", `x:1: this must be a mapping`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := ParseConfig("x", []byte(c.text))
			if err == nil || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

func FuzzParseConfig(f *testing.F) {
	f.Add([]byte("engine: helm4\nrules: {HH109: off}\ncharts: {'**': {a: {set: [x]}}}\n"))
	f.Add([]byte("a: &a [*a]\n"))
	f.Add([]byte("<<: {engine: helm4}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		config, err := ParseConfig("x", text)
		if err != nil && !strings.HasPrefix(err.Error(), "x:") {
			t.Errorf("%v names no file", err)
		}
		if err == nil {
			config.SetsFor("charts/shop")
		}
	})
}

func Test_the_nearest_config_up_to_the_repository_applies(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, ".", files{
		".helm-hooks.yaml": "engine: helm3\n", "repo/.git/HEAD": "", "repo/charts/a/Chart.yaml": "", "repo/charts/.helm-hooks.yaml": "engine: helm4\n",
		"repo/other/Chart.yaml": "", "plain/deep/Chart.yaml": "", "bad/.helm-hooks.yaml": "x: y\n",
	})
	for _, c := range []struct{ dir, path, engine string }{
		{"repo/charts/a", filepath.Join("repo", "charts", ".helm-hooks.yaml"), "helm4"},
		{"./repo/charts", filepath.Join("repo", "charts", ".helm-hooks.yaml"), "helm4"},
		{"repo/other", "", ""},
		{"plain/deep", ".helm-hooks.yaml", "helm3"},
		{".", ".helm-hooks.yaml", "helm3"},
	} {
		got, err := FindConfig(c.dir)
		if err != nil || got.Path != c.path || got.Engine != c.engine {
			t.Errorf("%s: %+v, %v", c.dir, got, err)
		}
	}
	if _, err := FindConfig("bad"); err == nil || !strings.HasPrefix(err.Error(), filepath.Join("bad", ".helm-hooks.yaml")+":1: ") {
		t.Errorf("%v", err)
	}
	t.Chdir("repo/charts/a")
	if got, err := FindConfig("."); err != nil || got.Path != filepath.Join("..", ".helm-hooks.yaml") {
		t.Errorf("%+v, %v", got, err)
	}
	absolute, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := FindConfig(absolute); err != nil || got.Path != filepath.Join(filepath.Dir(absolute), ".helm-hooks.yaml") {
		t.Errorf("%+v, %v", got, err)
	}
}

func Test_rules_of_flags_go_over_those_of_a_file(t *testing.T) {
	flags := Rules{"HH103": Error}
	flags.Enable("HH109")
	got := flags.Over(Rules{"HH109": Off, "HH103": Info, "HH101": Warning})
	if diff := cmp.Diff(Rules{"HH103": Error, "HH101": Warning}, got); diff != "" {
		t.Error(diff)
	}
}

func Test_an_unknown_rule_is_told_the_near_ones(t *testing.T) {
	for id, want := range map[string]string{
		"hh104":  `unknown rule "hh104": did you mean HH104?`,
		"HH141":  `unknown rule "HH141": did you mean HH101 or HH111 or HH114?`,
		"HH0011": `unknown rule "HH0011": did you mean HH001 or HH011?`,
		"H104":   `unknown rule "H104": did you mean HH104?`,
		"weight": "unknown rule \"weight\": `lint --rules` lists them",
		"":       "unknown rule \"\": `lint --rules` lists them",
	} {
		if err := CheckRule(id); err == nil || err.Error() != want {
			t.Errorf("%q: %v", id, err)
		}
	}
	if err := CheckRule("HH104"); err != nil {
		t.Error(err)
	}
}

func Test_the_example_in_the_documentation_is_a_config(t *testing.T) {
	text, err := os.ReadFile("../../docs/lint.md")
	if err != nil {
		t.Fatal(err)
	}
	_, example, _ := strings.Cut(string(text), "```yaml\nengine:")
	example, _, _ = strings.Cut(example, "```")
	got, err := ParseConfig("x", []byte("engine:"+example))
	if err != nil || got.Engine == "" || len(got.Rules) != 2 || len(got.Charts) != 2 || got.SetsFor("charts/a/b") == nil {
		t.Errorf("%+v, %v", got, err)
	}
}
