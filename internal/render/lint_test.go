package render

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/helm-hooks/helm-hooks/internal/lint"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
	"github.com/helm-hooks/helm-hooks/test/schema"
)

// aReport has one finding of each kind, and everything else that a report may hold.
func aReport() lint.Report {
	finding := func(rule string, severity plan.Severity, message string) lint.Finding {
		return lint.Finding{Finding: aFinding(rule, severity, message)}
	}
	suppressed := finding("HH104", plan.SeverityError, "Job/smoke does not run again")
	suppressed.Suppressed = &lint.Suppression{Reason: "once is enough", By: lint.ByComment, File: "./shop/templates/smoke.yaml", Line: 3}
	some := finding("HH005", plan.SeverityWarning, `"hook-success" is no delete policy, so Helm ignores it`)
	some.Sets, some.Line, some.Note, some.Document = []string{"production"}, 0, "no line: it comes out of an action", 1
	return lint.Report{
		Sources: []lint.Source{{
			Type: "chart", Ref: "./shop", Name: "shop", Namespace: home, Chart: "shop", ChartVersion: "1.4.0", Engine: engine("helm4@4.3"),
			Config: ".helm-hooks.yaml", Sets: []string{"default", "production"}, Notes: []string{"this chart is deprecated"},
			Unknown: []plan.UnknownFact{{What: "lookup", Why: "a template asks the cluster", HowToKnow: "helm install --dry-run=server"}},
			Findings: []lint.Finding{
				suppressed, some, finding("HH109", plan.SeverityInfo, "Job/smoke runs on every upgrade"),
				finding("HH001", plan.SeverityError, `"pre-uninstall" is no Helm event`),
			},
			Remarks: []lint.Remark{{File: "./shop/templates/web.yaml", Line: 4, Message: "this suppression does nothing"}},
			Patches: []lint.Patch{{Path: "shop/templates/smoke.yaml", Old: "a\nb\nc\n", New: "a\nB\nc\n", Rules: []string{"HH001"}}},
		}},
		Skipped: []lint.Skipped{{Ref: "./common", Why: "a library chart installs nothing by itself"}},
		Errors:  []lint.Problem{{Ref: "./broken", Set: "production", Message: "YAML parse error", Hint: "look at it"}},
	}
}

func lintOptions() LintOptions {
	return LintOptions{Style: Style{Unicode: true}, Command: "helm hooks", Version: "1.2.3"}
}

func inFormat(t *testing.T, format string, r lint.Report, o LintOptions) string {
	t.Helper()
	render, err := NewLint(format)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := render(&out, r, o); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// isLintData are the formats for programs, which are UTF-8 whatever the terminal.
func isLintData(format string) bool { return format != "text" }

// anyReport fills a report with whatever may come.
func anyReport(t *rapid.T) lint.Report {
	var r lint.Report
	anyValue(t, reflect.ValueOf(&r).Elem())
	r.FailOn = lint.FailOn(rapid.SampledFrom(append(lint.FailOns(), "")).Draw(t, "fail on"))
	for i := range r.Sources {
		for k := range r.Sources[i].Findings {
			if s := r.Sources[i].Findings[k].Suppressed; s != nil {
				s.By = rapid.SampledFrom([]string{lint.ByAnnotation, lint.ByComment}).Draw(t, "by")
			}
		}
	}
	return r
}

func Test_any_report_renders_in_every_format(t *testing.T) {
	strict, official := schema.Strict(t, "../../docs/schema", "lintreport"), sarifLogSchema(t)
	rapid.Check(t, func(t *rapid.T) {
		r := anyReport(t)
		o := LintOptions{
			Style: anyStyle(t), ShowSuppressed: rapid.Bool().Draw(t, "show"), Command: "helm hooks", Version: anyString.Draw(t, "version"),
		}
		for _, f := range lintFormats() {
			checked := Options{Style: o.Style}
			checked.Style.Unicode = checked.Style.Unicode || isLintData(f.name)
			name := f.name
			if name == "patch" {
				checkPatch(t, r, o)
				continue
			}
			sameTwice(t, name, checked, strict, func(w io.Writer) error { return f.render(w, r, o) })
		}
		var out bytes.Buffer
		if err := LintSARIF(&out, r, o); err != nil {
			t.Fatal(err)
		}
		if err := checkSARIF(official, out.Bytes()); err != nil {
			t.Fatal(err)
		}
		out.Reset()
		if err := LintJUnit(&out, r, o); err != nil {
			t.Fatal(err)
		}
		if err := checkJUnit(out.Bytes()); err != nil {
			t.Fatalf("%v\n%s", err, out.String())
		}
	})
}

// checkPatch holds a diff to what it may hold: tabs and the carriage returns of line ends besides text.
func checkPatch(t *rapid.T, r lint.Report, o LintOptions) {
	var first, second bytes.Buffer
	if err := LintPatch(&first, r, o); err != nil {
		t.Fatal(err)
	}
	if err := LintPatch(&second, r, o); err != nil || first.String() != second.String() {
		t.Fatal("patch is not the same twice")
	}
	text := strings.ReplaceAll(strings.ReplaceAll(first.String(), "\r\n", "\n"), "\t", " ")
	if c, found := unsafe([]byte(text)); found && c != 0 {
		t.Fatalf("patch has %U: %q", c, text)
	}
}

func Test_the_checks_of_sarif_and_junit_can_fail(t *testing.T) {
	text, official := inFormat(t, "sarif", aReport(), lintOptions()), sarifLogSchema(t)
	if err := checkSARIF(official, []byte(text)); err != nil {
		t.Fatal(err)
	}
	for name, broken := range map[string]string{
		"unknown key": strings.Replace(text, `"ruleId"`, `"rule"`, 1), "wrong level": strings.Replace(text, `"level": "note"`, `"level": "info"`, 1),
		"no results": strings.Replace(text, `"startLine": 7`, `"startLine": 0`, 1),
	} {
		if broken == text || checkSARIF(official, []byte(broken)) == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	text = inFormat(t, "junit", aReport(), lintOptions())
	for name, broken := range map[string]string{
		"unknown attribute": strings.Replace(text, `classname=`, `class=`, 1), "wrong number": strings.Replace(text, `failures="1"`, `failures="2"`, 1),
	} {
		if broken == text || checkJUnit([]byte(broken)) == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

func Test_an_empty_report_is_whole_in_every_format(t *testing.T) {
	for format, want := range map[string]string{
		"text": "no findings in 0 charts\n", "sarif": `"results": []`, "json": `"findings": []`, "junit": `tests="0"`, "patch": "",
		"github": "helm-hooks: no findings in 0 charts\n", "markdown": "no findings in 0 charts",
	} {
		if got := inFormat(t, format, lint.Report{}, lintOptions()); !strings.Contains(got, want) || want == "" && got != "" {
			t.Errorf("%s: %s", format, got)
		}
	}
	schema.Validate(t, schema.Strict(t, "../../docs/schema", "lintreport"), []byte(inFormat(t, "json", lint.Report{}, lintOptions())))
	if err := checkSARIF(sarifLogSchema(t), []byte(inFormat(t, "sarif", lint.Report{}, lintOptions()))); err != nil {
		t.Error(err)
	}
}

func Test_text_of_a_report(t *testing.T) {
	want := `shop 1.4.0 · ./shop · Helm 4.3 rules
this chart is deprecated
values of default and production (.helm-hooks.yaml)

./testdata/charts/shop/templates/smoke.yaml: warning HH005 Job/smoke: "hook-success" is no delete policy, so Helm ignores it
    with the values of production
    no line: it comes out of an action (2nd document)
    fix: add before-hook-creation to helm.sh/hook-delete-policy
    helm hooks explain HH005
./testdata/charts/shop/templates/smoke.yaml:7: note HH109 Job/smoke runs on every upgrade
    fix: add before-hook-creation to helm.sh/hook-delete-policy
    helm hooks explain HH109
./testdata/charts/shop/templates/smoke.yaml:7: error HH001 Job/smoke: "pre-uninstall" is no Helm event
    fix: add before-hook-creation to helm.sh/hook-delete-policy
    helm hooks explain HH001

./shop/templates/web.yaml:4: note: this suppression does nothing
unknown: lookup: a template asks the cluster
    to know: helm install --dry-run=server

./common: a library chart installs nothing by itself

1 error, 1 warning, 1 note, 1 suppressed in 1 chart; 1 library chart skipped; 1 error while reading; fails, since --fail-on is error
`
	if diff := cmp.Diff(want, inFormat(t, "text", aReport(), lintOptions())); diff != "" {
		t.Error(diff)
	}
	o := lintOptions()
	o.ShowSuppressed = true
	if got := inFormat(t, "text", aReport(), o); !strings.Contains(got, "smoke.yaml:7: suppressed error HH104 Job/smoke does not run again\n    reason: once is enough (comment in ./shop/templates/smoke.yaml:3)\n") {
		t.Error(got)
	}
}

func Test_github_shows_the_worst_ten(t *testing.T) {
	r := aReport()
	for i := range 12 {
		f := r.Sources[0].Findings[3]
		f.Line = 100 + i
		r.Sources[0].Findings = append(r.Sources[0].Findings, f)
	}
	lines := strings.Split(strings.TrimSuffix(inFormat(t, "github", r, lintOptions()), "\n"), "\n")
	if len(lines) != 11 {
		t.Fatalf("%d lines", len(lines))
	}
	for i, line := range lines {
		if isError := strings.HasPrefix(line, "::error "); isError != (i < 10) {
			t.Errorf("line %d: %s", i, line)
		}
	}
	if want := "helm-hooks: 13 errors, 1 warning, 1 note, 1 suppressed in 1 chart; 1 library chart skipped; 1 error while reading; fails, since --fail-on is error; 7 more that GitHub would not show"; lines[10] != want {
		t.Error(lines[10])
	}
}

func Test_github_escapes_as_the_runner_reads(t *testing.T) {
	r := lint.Report{Sources: []lint.Source{{Findings: []lint.Finding{{Finding: plan.Finding{
		Rule: "HH001", Severity: plan.SeverityError, File: "./a,b:c%.yaml", Line: 3, Message: "100%\r\n::error::owned\x1b[2J",
	}}}}}}
	got := strings.Split(inFormat(t, "github", r, lintOptions()), "\n")[0]
	want := `::error file=a%2Cb%3Ac%25.yaml,line=3,title=HH001 unknown event drops the object::100%25%0A::error::owned%0Ahelm hooks explain HH001`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func Test_suppressed_findings_never_become_annotations(t *testing.T) {
	if got := inFormat(t, "github", aReport(), lintOptions()); strings.Contains(got, "HH104") {
		t.Error(got)
	}
}

func Test_sarif_tells_suppressions_and_places(t *testing.T) {
	var log sarifLog
	if err := json.Unmarshal([]byte(inFormat(t, "sarif", aReport(), lintOptions())), &log); err != nil {
		t.Fatal(err)
	}
	run := log.Runs[0]
	if len(run.Tool.Driver.Rules) != len(plan.Rules()) || run.Tool.Driver.Version != "1.2.3" {
		t.Errorf("%+v", run.Tool.Driver.Version)
	}
	suppressed, some := run.Results[0], run.Results[1]
	if len(suppressed.Suppressions) != 1 || suppressed.Suppressions[0].Kind != "inSource" || suppressed.Suppressions[0].Justification != "once is enough" {
		t.Errorf("%+v", suppressed.Suppressions)
	}
	if place := suppressed.Locations[0].Physical; place.Artifact.URI != "testdata/charts/shop/templates/smoke.yaml" || place.Region.StartLine != 7 {
		t.Errorf("%+v", place)
	}
	if place := some.Locations[0].Physical; place.Region != nil {
		t.Errorf("%+v", place.Region)
	}
	if rule := run.Tool.Driver.Rules[*some.RuleIndex]; rule.ID != "HH005" {
		t.Error(rule.ID)
	}
	if run.Invocations[0].ExecutionSuccessful || len(run.Invocations[0].Configuration) != 1 {
		t.Errorf("%+v", run.Invocations)
	}
	prints := map[string]bool{}
	for _, result := range run.Results {
		prints[result.PartialFingerprints["helmHooksFinding/v1"]] = true
	}
	if len(prints) != len(run.Results) {
		t.Error("two results have one fingerprint")
	}
}

func Test_paths_as_uris(t *testing.T) {
	for file, want := range map[string]sarifArtifact{
		"./shop/a b.yaml": {"shop/a%20b.yaml", "%SRCROOT%"}, "a:b.yaml": {"./a:b.yaml", "%SRCROOT%"}, "../x.yaml": {"../x.yaml", ""},
		"/tmp/x.yaml": {"file:///tmp/x.yaml", ""}, "shop/é.yaml": {"shop/%C3%A9.yaml", "%SRCROOT%"}, `shop\x.yaml`: {"shop/x.yaml", "%SRCROOT%"},
	} {
		if got := artifact(file); got != want {
			t.Errorf("%s: %+v", file, got)
		}
	}
}

func Test_junit_fails_what_fails(t *testing.T) {
	var all junitSuites
	if err := xml.Unmarshal([]byte(inFormat(t, "junit", aReport(), lintOptions())), &all); err != nil {
		t.Fatal(err)
	}
	if all.Failures != 1 || all.Errors != 1 || all.Skipped != 1 || all.Tests != len(plan.Rules())+1 {
		t.Errorf("%d failures, %d errors, %d skipped of %d", all.Failures, all.Errors, all.Skipped, all.Tests)
	}
}

func Test_markdown_from_a_chart_is_text(t *testing.T) {
	for in, want := range map[string]string{
		"@team":                    `\@&#8203;team`,
		"see #12":                  `see \#&#8203;12`,
		"[x](http://evil.example)": `\[x\]\(http\:&#8203;//evil.example\)`,
		"www.evil.example":         `www\.&#8203;evil.example`,
		"<img src=x>":              `&lt;img src\=x&gt;`,
		"a | b":                    `a \| b`,
		"`code` *b* _i_ ~s~":       "\\`code\\` \\*b\\* \\_i\\_ \\~s\\~",
		"a\n\n# heading":           `a \#&#8203; heading`,
		"- item":                   `\- item`,
		"1. item":                  `1\. item`,
		"pre-install 5.0":          `pre-install 5.0`,
		"\x1b[31mred":              `red`,
		"GH-1 gh-1 &amp;":          `GH\-&#8203;1 gh\-&#8203;1 &amp;amp;`,
	} {
		if got := markdown(in); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}

func Test_a_patch_names_files_as_git_and_patch_read_them(t *testing.T) {
	for path, want := range map[string]string{"a.yaml": "a/a.yaml", "a b.yaml": "a/a b.yaml\t", `a"b.yaml`: `"a/a\"b.yaml"`} {
		if got := patchName("a/", path); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func Test_a_patch_leaves_out_what_a_terminal_would_obey(t *testing.T) {
	r := lint.Report{Sources: []lint.Source{{Patches: []lint.Patch{
		{Path: "a", Old: "a\n\x1b[31m\n", New: "b\n\x1b[31m\n"}, {Path: "b", Old: "a\r\n\tb\r\n", New: "c\r\n\tb\r\n"},
	}}}}
	want := "--- a/b\n+++ b/b\n@@ -1,2 +1,2 @@\n-a\r\n+c\r\n \tb\r\n"
	if got := inFormat(t, "patch", r, lintOptions()); got != want {
		t.Errorf("%q", got)
	}
}

func Test_the_rules_keep_to_their_schema(t *testing.T) {
	var out bytes.Buffer
	if err := LintRulesJSON(&out, lint.Rules{"HH109": lint.Off, "HH103": lint.Error}); err != nil {
		t.Fatal(err)
	}
	schema.Validate(t, schema.Strict(t, "../../docs/schema", "lintrules"), out.Bytes())
	out.Reset()
	if err := LintRules(&out, lint.Rules{"HH109": lint.Off}, Style{}); err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(out.String(), "\n"); lines != len(plan.Rules()) || !strings.Contains(out.String(), "HH109  off      runs on every upgrade (usually info)\n") {
		t.Error(strconv.Itoa(lines) + " lines:\n" + out.String())
	}
}

func Test_an_unknown_format_of_a_report_is_refused(t *testing.T) {
	if _, err := NewLint("xml"); err == nil || !strings.Contains(err.Error(), "text, json, sarif, github, junit, markdown, patch") {
		t.Error(err)
	}
}
