// Package lint turns plans into findings for CI: it joins what several sets of values show, finds the file
// and line of each finding, takes out what the chart's authors have suppressed with a reason, and prepares
// the corrections that can be made mechanically. It reads charts' files through a function that it is
// given, and knows neither how sources are rendered nor how a report is printed.
package lint

import (
	"cmp"
	"slices"
	"strings"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// Report is the whole answer: what was looked at, what was found and what could not be read.
type Report struct {
	FailOn  FailOn
	Sources []Source
	Skipped []Skipped
	Errors  []Problem
}

// Source is one chart or stream that was looked at.
type Source struct {
	// Type is chart or stream.
	Type string
	// Ref is the path or reference, as it was given or found below a folder that was given.
	Ref string
	// Name and Namespace are those of the simulated release.
	Name         string
	Namespace    string
	Chart        string
	ChartVersion string
	Engine       plan.Engine
	// Config is the .helm-hooks.yaml that applies, else empty.
	Config string
	// Sets are the names of the sets of values that were tried; nil where there was only the chart's own.
	Sets  []string
	Notes []string
	// Unknown is what cannot be told; where it holds for some sets only, it says so.
	Unknown []plan.UnknownFact
	// Findings are in the order of files and lines, the suppressed ones among them.
	Findings []Finding
	// Remarks are about suppressions that do not do what they say.
	Remarks []Remark
	Patches []Patch
}

// Finding is a finding of the plan with all that a reader in CI needs.
type Finding struct {
	plan.Finding
	// Sets are the sets of values that show it; nil for all.
	Sets []string
	// Note says why there is no line, or what File is where the template has no file of its own.
	Note string
	// Suppressed is nil for what counts.
	Suppressed *Suppression
}

// Suppression is why a finding does not count.
type Suppression struct {
	Reason string
	// By is annotation or comment.
	By string
	// File and Line are where it stands; Line is 0 where that is not certain.
	File string
	Line int
}

// The ways to suppress.
const (
	ByAnnotation = "annotation"
	ByComment    = "comment"
)

// Remark is something about the chart's suppressions that their author should know. It never fails a run.
type Remark struct {
	File    string
	Line    int
	Message string
}

// Skipped is a chart that is not linted by itself.
type Skipped struct {
	Ref string
	Why string
}

// Problem is a source that could not be read, wholly or under one set of values.
type Problem struct {
	Ref     string
	Set     string
	Message string
	Hint    string
}

// Patch is a file of a chart with its mechanical mistakes corrected.
type Patch struct {
	// Path is relative to the working directory, with slashes.
	Path string
	Old  string
	New  string
	// Rules are the rules of the findings that it answers, in order.
	Rules []string
}

// FailOn is the least severity that makes a run fail: a plan.Severity, or never.
type FailOn string

// FailNever lets findings of any severity pass.
const FailNever FailOn = "never"

// FailOns are the valid values, for help, completion and checks.
func FailOns() []string {
	return []string{string(plan.SeverityError), string(plan.SeverityWarning), string(plan.SeverityInfo), string(FailNever)}
}

// Counts are the numbers of findings.
type Counts struct {
	Errors, Warnings, Notes, Suppressed int
}

// Count counts findings.
func Count(findings []Finding) Counts {
	var c Counts
	for _, f := range findings {
		switch {
		case f.Suppressed != nil:
			c.Suppressed++
		case f.Severity == plan.SeverityError:
			c.Errors++
		case f.Severity == plan.SeverityWarning:
			c.Warnings++
		default:
			c.Notes++
		}
	}
	return c
}

// Findings are those of all sources, in order.
func (r Report) Findings() []Finding {
	var all []Finding
	for _, s := range r.Sources {
		all = append(all, s.Findings...)
	}
	return all
}

// Fails says whether a finding makes the run fail.
func (r Report) Fails(f Finding) bool {
	if f.Suppressed != nil || r.FailOn == FailNever {
		return false
	}
	return rank(f.Severity) <= rank(plan.Severity(cmp.Or(r.FailOn, FailOn(plan.SeverityError))))
}

// ExitCode is 1 where something could not be read, else 2 where a finding makes the run fail, else 0.
func (r Report) ExitCode() int {
	switch {
	case len(r.Errors) > 0:
		return 1
	case slices.ContainsFunc(r.Findings(), r.Fails):
		return 2
	}
	return 0
}

// rank orders severities, the worst first.
func rank(s plan.Severity) int {
	switch s {
	case plan.SeverityError:
		return 0
	case plan.SeverityWarning:
		return 1
	}
	return 2
}

// WorstFirst orders findings by severity and keeps the order within one.
func WorstFirst(findings []Finding) []Finding {
	sorted := slices.Clone(findings)
	slices.SortStableFunc(sorted, func(a, b Finding) int { return cmp.Compare(rank(a.Severity), rank(b.Severity)) })
	return sorted
}

// sortFindings puts findings in the order of files and lines; what has no line comes after what has one.
func sortFindings(all []Finding) {
	line := func(f Finding) int {
		if f.Line == 0 {
			return int(^uint(0) >> 1)
		}
		return f.Line
	}
	slices.SortStableFunc(all, func(a, b Finding) int {
		return cmp.Or(
			cmp.Compare(a.File, b.File), cmp.Compare(a.Template, b.Template), cmp.Compare(line(a), line(b)),
			cmp.Compare(a.Document, b.Document), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Object.Ref(), b.Object.Ref()),
			cmp.Compare(a.Object.Namespace, b.Object.Namespace), cmp.Compare(a.Action, b.Action), cmp.Compare(a.Phase, b.Phase),
			cmp.Compare(a.Message, b.Message), cmp.Compare(a.Fix, b.Fix), slices.Compare(a.Sets, b.Sets),
		)
	})
}

// Where is file:line, file, or Helm's template path: whatever is known.
func (f Finding) Where() (file string, line int) {
	if f.File == "" {
		return f.Template, 0
	}
	return f.File, f.Line
}

// slashed is a path as it is written in URLs and patches.
func slashed(path string) string { return strings.ReplaceAll(path, `\`, "/") }
