package plan

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// linted gives what lint finds beyond the plan of a chart.
func linted(t *testing.T, engine string, options Options, render Render) []Finding {
	t.Helper()
	if options.Timeout == 0 {
		options.Timeout = DefaultTimeout
	}
	p, inventories, err := newPlayer(Input{
		Engine: engineOf(t, engine), Release: Release{Name: "r", Namespace: "default"}, Render: render, Options: options,
		File: func(template string) string { return "./" + template },
	})
	if err != nil {
		t.Fatal(err)
	}
	findings, err := lintFindings(p, inventories)
	if err != nil {
		t.Fatal(err)
	}
	return mergeFindings(nil, findings)
}

// brief writes findings as a test table does: rule, severity, object, and where it shows.
func brief(findings []Finding) []string {
	var lines []string
	for _, f := range findings {
		line := fmt.Sprintf("%s %s %s", f.Rule, f.Severity, f.Object.Ref())
		if f.Action != "" {
			line += fmt.Sprintf(" in %s", f.Action)
		}
		if f.Phase != "" {
			line += fmt.Sprintf(" %s", f.Phase)
		}
		lines = append(lines, line)
	}
	return lines
}

// lintCase is one chart and what lint says of it.
type lintCase struct {
	name    string
	engine  string
	options Options
	// chart renders the same documents every time, render what it likes.
	chart  []string
	render Render
	want   []string
	// says are words that the messages and fixes hold.
	says []string
}

func testLint(t *testing.T, cases []lintCase) {
	t.Helper()
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			if test.render == nil {
				test.render = chartOf(test.chart...)
			}
			if test.engine == "" {
				test.engine = "helm4"
			}
			findings := linted(t, test.engine, test.options, test.render)
			if diff := cmp.Diff(test.want, brief(findings)); diff != "" {
				t.Errorf("found (-want +got):\n%s%s", diff, everything(findings))
			}
			for _, words := range test.says {
				if !strings.Contains(everything(findings), words) {
					t.Errorf("nothing says %q in\n%s", words, everything(findings))
				}
			}
			for _, f := range findings {
				if f.Template == "" || f.File != "./"+f.Template || f.Message == "" || f.Fix == "" || f.Prediction == "" || strings.Contains(f.Message, "\n") {
					t.Errorf("incomplete: %+v", f)
				}
			}
		})
	}
}

func everything(findings []Finding) string {
	var out strings.Builder
	for _, f := range findings {
		fmt.Fprintf(&out, "%s %s (%s)\n  %s\n  fix: %s\n", f.Rule, f.Object.Ref(), f.Prediction, f.Message, f.Fix)
	}
	return out.String()
}

// jobWith is a Job with a pod spec, in YAML flow style.
func jobWith(name, pod string, annotations ...string) string {
	return manifest("batch/v1", "Job", name, fmt.Sprintf("spec: {template: {spec: {restartPolicy: Never, %s}}}\n", pod), annotations...)
}

func deployment(name, pod string, annotations ...string) string {
	return manifest("apps/v1", "Deployment", name, fmt.Sprintf("spec: {template: {metadata: {labels: {app: %s}}, spec: {%s}}}\n", name, pod), annotations...)
}

func secret(name string, annotations ...string) string {
	return manifest("v1", "Secret", name, "", annotations...)
}

func account(name string, annotations ...string) string {
	return manifest("v1", "ServiceAccount", name, "", annotations...)
}

// byAction renders one list of documents on install and another on upgrade.
func byAction(install, upgrade []string) Render {
	first, later := chartOf(install...), chartOf(upgrade...)
	return func(f Fields) (Rendered, error) {
		if f.IsUpgrade {
			return later(f)
		}
		return first(f)
	}
}

const (
	envFromDB   = "containers: [{name: main, envFrom: [{secretRef: {name: db}}]}]"
	asMigrator  = "serviceAccountName: migrator"
	bothBefore  = `hook: pre-install,pre-upgrade`
	goes        = `hook-delete-policy: before-hook-creation,hook-succeeded`
	muchEarlier = `hook-weight: "-5"`
)

func TestMakeLintsOnlyWhenAsked(t *testing.T) {
	input := Input{
		Engine: engineOf(t, "helm4"), Release: Release{Name: "r", Namespace: "default"},
		Render: chartOf(jobWith("migrate", envFromDB, bothBefore, goes), secret("db")),
	}
	for _, lint := range []bool{false, true} {
		input.Lint = lint
		p, err := Make(input)
		if err != nil {
			t.Fatal(err)
		}
		found := slices.ContainsFunc(p.Findings, func(f Finding) bool { return f.Rule == ruleMissing })
		if found != lint {
			t.Errorf("Lint %v: %s found: %v", lint, ruleMissing, found)
		}
		attached := strings.Contains(rulesAt(p, "Job/migrate"), "install:"+ruleMissing)
		if attached != lint {
			t.Errorf("Lint %v: at the step: %v", lint, attached)
		}
	}
}

func TestLintOfAChartThatCannotBeInstalledSaysNothing(t *testing.T) {
	testLint(t, []lintCase{
		{name: "a broken resource", chart: []string{"kind: Foo\nmetadata: {name: x}\n", jobWith("migrate", envFromDB, bothBefore), secret("db")}},
		{name: "no documents"},
	})
}

func TestLintKeepsToTheOptions(t *testing.T) {
	testLint(t, []lintCase{{
		name: "without hooks nothing needs anything", options: Options{NoHooks: true},
		chart: []string{jobWith("migrate", envFromDB, bothBefore, goes), secret("db")},
	}})
}
