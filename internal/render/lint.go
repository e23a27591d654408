package render

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/helm-hooks/helm-hooks/internal/lint"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// LintOptions choose how a report is written.
type LintOptions struct {
	Style Style
	// ShowSuppressed shows findings that do not count in the formats for people.
	ShowSuppressed bool
	// Command is what people type to get here: helm hooks, kubectl hooks.
	Command string
	// Version is this program's own.
	Version string
}

// LintRenderer writes a report in one format.
type LintRenderer func(w io.Writer, r lint.Report, o LintOptions) error

// lintFormats is the one list of formats of a report: names, help, completion and the switch come from it.
func lintFormats() []struct {
	name   string
	render LintRenderer
} {
	return []struct {
		name   string
		render LintRenderer
	}{
		{"text", LintText},
		{"json", LintJSON},
		{"sarif", LintSARIF},
		{"github", LintGitHub},
		{"junit", LintJUnit},
		{"markdown", LintMarkdown},
		{"patch", LintPatch},
	}
}

// LintFormats are the names of the formats of a report, the default first.
func LintFormats() []string {
	var names []string
	for _, f := range lintFormats() {
		names = append(names, f.name)
	}
	return names
}

// NewLint gives the renderer of a format.
func NewLint(name string) (LintRenderer, error) {
	for _, f := range lintFormats() {
		if f.name == name {
			return f.render, nil
		}
	}
	return nil, fmt.Errorf("unknown output format %q: valid are %s", name, strings.Join(LintFormats(), ", "))
}

// lintTitle is what a source is called: chart, version and reference.
func lintTitle(s lint.Source) string {
	return strings.Join(titleParts(Source{Type: s.Type, Name: s.Name, Namespace: s.Namespace, Chart: s.Chart, ChartVersion: s.ChartVersion, Ref: s.Ref}), " · ")
}

// about is the object that a finding is about, where it has a name.
func about(f plan.Finding) string {
	if f.Object.Name == "" {
		return ""
	}
	return f.Object.Ref()
}

// said is the message of a finding with its object in front and how sure it is behind.
func said(f plan.Finding) string {
	text := f.Message + likelyWord(f.Prediction)
	if name := about(f); name != "" && !strings.Contains(f.Message, name) {
		return name + ": " + text
	}
	return text
}

// saidWith is the same with what there is to say about sets of values and the place.
func saidWith(f lint.Finding) string {
	text := said(f.Finding)
	for _, more := range []string{setsWords(f), f.Note} {
		if more != "" {
			text += " (" + more + ")"
		}
	}
	return text
}

// lintPlace is file:line, a file alone, or Helm's template path: whatever is known.
func lintPlace(f lint.Finding) string {
	file, line := f.Where()
	return place(file, "", 0, line)
}

// countWords sums up a report: 2 errors, 1 warning and 3 notes.
func countWords(c lint.Counts) string {
	var parts []string
	for _, one := range []struct {
		n    int
		noun string
	}{{c.Errors, "error"}, {c.Warnings, "warning"}, {c.Notes, "note"}} {
		if one.n > 0 {
			parts = append(parts, count(one.n, one.noun))
		}
	}
	if len(parts) == 0 {
		parts = []string{"no findings"}
	}
	if c.Suppressed > 0 {
		parts = append(parts, fmt.Sprintf("%d suppressed", c.Suppressed))
	}
	return strings.Join(parts, ", ")
}

// lintSummary is the last line of the formats for people.
func lintSummary(r lint.Report) string {
	noun := "chart"
	if slices.ContainsFunc(r.Sources, func(s lint.Source) bool { return s.Type != "chart" }) {
		noun = "source"
	}
	text := countWords(lint.Count(r.Findings())) + " in " + count(len(r.Sources), noun)
	if len(r.Skipped) > 0 {
		text += "; " + count(len(r.Skipped), "library chart") + " skipped"
	}
	if len(r.Errors) > 0 {
		text += "; " + count(len(r.Errors), "error") + " while reading"
	}
	if slices.ContainsFunc(r.Findings(), r.Fails) {
		text += "; fails, since --fail-on is " + failOn(r)
	}
	return text
}

// problemWords is what went wrong with a source.
func problemWords(p lint.Problem) string {
	if p.Set == "" {
		return p.Message
	}
	return "with the values of " + p.Set + ": " + p.Message
}

// setsWords says which sets of values show a finding; empty for all.
func setsWords(f lint.Finding) string {
	if f.Sets == nil {
		return ""
	}
	return "with the values of " + enumerateWords(f.Sets)
}

func enumerateWords(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// suppressionWords says why and where a finding is suppressed.
func suppressionWords(s lint.Suppression) string {
	return s.Reason + " (" + s.By + " in " + place(s.File, "", 0, s.Line) + ")"
}
