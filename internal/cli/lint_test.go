package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
	"github.com/helm-hooks/helm-hooks/test/schema"
)

// linted is what the tests read of a report.
type linted struct {
	ExitCode int
	Findings []struct {
		Rule, File, Message, Note, Template string
		Line                                int
		Object                              struct{ Kind, Name string }
	}
	Errors []struct{ Source, Message string }
}

func lintJSON(t *testing.T, arguments ...string) (linted, answer) {
	t.Helper()
	got := run(t, nil, nil, append([]string{"lint", "-o", "json"}, arguments...)...)
	var report linted
	if err := json.Unmarshal([]byte(got.stdout), &report); err != nil {
		t.Fatalf("%v\n%s\n%s", err, got.stdout, got.stderr)
	}
	return report, got
}

func Test_reports_of_every_chart_keep_to_the_schema(t *testing.T) {
	inRepository(t)
	strict := schema.Strict(t, "docs/schema", "lintreport")
	for _, chart := range chartNames(t) {
		for _, engine := range []string{"helm3", "helm4"} {
			t.Run(chart+"."+engine, func(t *testing.T) {
				report, got := lintJSON(t, "./testdata/charts/"+chart, "--engine", engine)
				schema.Validate(t, strict, []byte(got.stdout))
				if report.ExitCode != got.code || broken[chart] != (len(report.Errors) > 0) {
					t.Errorf("exit code %d, in the report %d, errors %v", got.code, report.ExitCode, report.Errors)
				}
			})
		}
	}
}

// keyLine is a line of YAML that begins with a key.
var keyLine = regexp.MustCompile(`^\s*(?:- )?["']?[A-Za-z0-9./_-]+["']?\s*:`)

func Test_every_line_that_is_told_holds_what_the_finding_is_about(t *testing.T) {
	inRepository(t)
	told, untold := 0, 0
	for _, engine := range []string{"helm3", "helm4"} {
		report, _ := lintJSON(t, "./testdata/charts", "--engine", engine)
		for _, f := range report.Findings {
			if f.Line == 0 {
				untold++
				if f.Note == "" && f.Template != "" {
					t.Errorf("%s in %s has neither a line nor a reason", f.Rule, f.File)
				}
				continue
			}
			told++
			text, err := os.ReadFile(f.File)
			if err != nil {
				t.Fatal(err)
			}
			lines := strings.Split(string(text), "\n")
			if f.Line > len(lines) || !keyLine.MatchString(lines[f.Line-1]) {
				t.Errorf("%s:%d for %s holds no key", f.File, f.Line, f.Rule)
				continue
			}
			line := lines[f.Line-1]
			if f.Rule == "HH001" && !strings.Contains(line, "helm.sh/hook") || f.Rule == "HH003" && !strings.Contains(line, "hook-weight") {
				t.Errorf("%s:%d for %s is %q", f.File, f.Line, f.Rule, line)
			}
		}
	}
	if told < 20*untold {
		t.Errorf("%d lines are told, %d are not", told, untold)
	}
}

// Findings that a patch answers must be gone once it is applied, and no others may come.
func Test_patches_apply_and_answer_the_findings(t *testing.T) {
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skip(err)
	}
	inRepository(t)
	charts, err := filepath.Abs("testdata/charts")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	if err := os.CopyFS(".", os.DirFS(charts)); err != nil {
		t.Fatal(err)
	}
	before, _ := lintJSON(t, ".")
	got := run(t, nil, nil, "lint", ".", "-o", "patch")
	if !strings.Contains(got.stdout, "\n@@ ") {
		t.Fatalf("no patch: %s", got.stderr)
	}
	if err := os.WriteFile("it.patch", []byte(got.stdout), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, arguments := range [][]string{{"apply", "--check", "it.patch"}, {"apply", "it.patch"}} {
		if out, err := exec.Command(git, arguments...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	again := run(t, nil, nil, "lint", ".", "-o", "patch")
	if again.stdout != "" {
		t.Errorf("there is more to correct:\n%s", again.stdout)
	}
	after, _ := lintJSON(t, ".")
	count := func(report linted, rule string) (n int) {
		for _, f := range report.Findings {
			if f.Rule == rule {
				n++
			}
		}
		return n
	}
	fewer := 0
	for _, rule := range []string{"HH001", "HH003", "HH004", "HH005", "HH006", "HH009", "HH011"} {
		if count(after, rule) < count(before, rule) {
			fewer++
		}
	}
	if fewer < 4 {
		t.Errorf("only %d rules have fewer findings", fewer)
	}
	if len(after.Errors) != len(before.Errors) {
		t.Errorf("charts that no longer render: %v", after.Errors)
	}
}

func Test_the_same_report_twice(t *testing.T) {
	inRepository(t)
	for _, format := range []string{"text", "json", "sarif", "github", "junit", "markdown", "patch"} {
		first := run(t, nil, nil, "lint", "./testdata/charts", "-o", format)
		if second := run(t, nil, nil, "lint", "./testdata/charts", "-o", format); second != first {
			t.Errorf("%s differs", format)
		}
	}
}

func Test_completion_of_rules_offers_all_of_them(t *testing.T) {
	got := run(t, nil, nil, "__complete", "lint", "--severity", "HH")
	for _, rule := range plan.Rules() {
		if !strings.Contains(got.stdout, rule.ID+"=\n") {
			t.Errorf("%s is missing", rule.ID)
		}
	}
}

func Test_rules_by_flags(t *testing.T) {
	rules, err := rulesOf([]string{"HH101"}, []string{"HH103"}, []string{"HH109=error", "HH110=off"})
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]struct {
		severity plan.Severity
		on       bool
	}{"HH101": {"info", false}, "HH103": {"info", true}, "HH109": {"error", true}, "HH110": {"info", false}, "HH001": {"info", true}} {
		if severity, on := rules.Severity(id, plan.SeverityInfo); severity != want.severity || on != want.on {
			t.Errorf("%s: %s, %v", id, severity, on)
		}
	}
}

func Test_the_formats_are_those_of_the_help_text(t *testing.T) {
	help := run(t, nil, nil, "lint", "--help").stdout
	for _, word := range slices.Concat([]string{"sarif", "junit", "markdown", "patch"}, []string{"--fail-on", "--show-suppressed", ".helm-hooks.yaml"}) {
		if !strings.Contains(help, word) {
			t.Errorf("%s is missing in the help text", word)
		}
	}
}

func Test_progress_is_for_whoever_waits_at_a_terminal(t *testing.T) {
	var talk bytes.Buffer
	p := newProgress(Env{Err: &talk, Lookup: os.LookupEnv}, 2)
	p.next("./a")
	p.done()
	if p.on || talk.Len() > 0 {
		t.Errorf("%q", talk.String())
	}
	p.on, p.count = true, 0
	p.next("./a")
	if talk.Len() > 0 {
		t.Errorf("too soon: %q", talk.String())
	}
	p.started = p.started.Add(-2 * patience)
	p.next("./b\x1b[31m")
	p.done()
	if want := "\r\x1b[2K2 of 2: ./b[31m\r\x1b[2K"; talk.String() != want {
		t.Errorf("%q, want %q", talk.String(), want)
	}
}

func Test_whoever_waits_long_at_a_terminal_is_told_what_for(t *testing.T) {
	var talk bytes.Buffer
	waiting(Env{Err: &talk, Lookup: os.LookupEnv}, "planning ./a")()
	p := &progress{env: Env{Err: &talk}, on: true}
	p.during("planning ./a")()
	if talk.Len() > 0 {
		t.Errorf("off a terminal, or too soon: %q", talk.String())
	}
	p = &progress{env: Env{Err: &talk}, on: true}
	done := p.during("planning ./a\x1b[31m")
	time.Sleep(patience + patience/2)
	done()
	if want := "\r\x1b[2Kplanning ./a[31m …\r\x1b[2K"; talk.String() != want {
		t.Errorf("%q, want %q", talk.String(), want)
	}
}
