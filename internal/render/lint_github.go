package render

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/helm-hooks/helm-hooks/internal/lint"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// mostAnnotations is how many annotations GitHub shows of a step.
const mostAnnotations = 10

// LintGitHub writes workflow commands, which GitHub Actions turns into annotations in the changed files:
// at most ten, the worst first, and one line that sums up.
func LintGitHub(w io.Writer, r lint.Report, o LintOptions) error {
	var lines []string
	for _, p := range r.Errors {
		lines = append(lines, annotation("error", "", 0, "cannot be linted", p.Ref+": "+problemWords(p)))
	}
	found := slices.DeleteFunc(r.Findings(), func(f lint.Finding) bool { return f.Suppressed != nil })
	for _, f := range lint.WorstFirst(found) {
		lines = append(lines, githubFinding(f, o))
	}
	for _, source := range r.Sources {
		for _, remark := range source.Remarks {
			lines = append(lines, annotation("notice", remark.File, remark.Line, "suppression", remark.Message))
		}
	}
	hidden := 0
	if len(lines) > mostAnnotations {
		hidden = len(lines) - mostAnnotations
		lines = lines[:mostAnnotations]
	}
	summary := "helm-hooks: " + clean(lintSummary(r))
	if hidden > 0 {
		summary += fmt.Sprintf("; %d more that GitHub would not show", hidden)
	}
	_, err := io.WriteString(w, strings.Join(append(lines, summary), "\n")+"\n")
	return err
}

func githubFinding(f lint.Finding, o LintOptions) string {
	command := "notice"
	switch f.Severity {
	case plan.SeverityError:
		command = "error"
	case plan.SeverityWarning:
		command = "warning"
	}
	rule, _ := plan.LookupRule(f.Rule)
	text := saidWith(f)
	if f.Fix != "" {
		text += "\nfix: " + f.Fix
	}
	text += "\n" + o.Command + " explain " + f.Rule
	return annotation(command, f.File, f.Line, strings.TrimSpace(f.Rule+" "+rule.Title), text)
}

// annotation is one workflow command. Lines of the message are cleaned one by one: a break is %0A there.
func annotation(command, file string, line int, title, message string) string {
	var properties []string
	if file != "" {
		properties = append(properties, "file="+property(relative(file)))
		if line > 0 {
			properties = append(properties, fmt.Sprintf("line=%d", line))
		}
	}
	properties = append(properties, "title="+property(title))
	var lines []string
	for one := range strings.Lines(message) {
		lines = append(lines, data(strings.TrimSuffix(one, "\n")))
	}
	return "::" + command + " " + strings.Join(properties, ",") + "::" + strings.Join(lines, "%0A")
}

// data and property escape as the runner reads them back (actions/toolkit, packages/core/src/command.ts).
func data(text string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(clean(text))
}

func property(text string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(data(text))
}

// relative takes off the ./ that stands before paths in text.
func relative(file string) string {
	return strings.TrimPrefix(strings.ReplaceAll(file, `\`, "/"), "./")
}
