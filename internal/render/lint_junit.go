package render

import (
	"encoding/xml"
	"io"
	"slices"
	"strings"

	"github.com/helm-hooks/helm-hooks/internal/lint"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// The elements of JUnit's XML that CI servers agree on.

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Skipped  int          `xml:"skipped,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name      string       `xml:"name,attr"`
	ClassName string       `xml:"classname,attr"`
	File      string       `xml:"file,attr,omitempty"`
	Line      int          `xml:"line,attr,omitempty"`
	Failure   *junitResult `xml:"failure"`
	Error     *junitResult `xml:"error"`
	Skipped   *junitResult `xml:"skipped"`
	Output    *junitOutput `xml:"system-out"`
}

type junitResult struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",cdata"`
}

type junitOutput struct {
	Text string `xml:",cdata"`
}

// LintJUnit writes a report as JUnit's XML: a suite for each source, in it a case for each finding, and one
// that passes for each rule without any. Only what makes the run fail is a failure; other findings pass and
// say what they have to say as output, suppressed ones are skipped.
func LintJUnit(w io.Writer, r lint.Report, _ LintOptions) error {
	all := junitSuites{Name: "helm-hooks lint"}
	for _, source := range r.Sources {
		all.add(junitSource(r, source))
	}
	for _, p := range r.Errors {
		text := clean(problemWords(p))
		all.add(junitSuite{Name: clean(p.Ref), Cases: []junitCase{{
			Name: "can be read", ClassName: clean(p.Ref), Error: &junitResult{Message: text, Type: "error", Text: text},
		}}})
	}
	text, err := xml.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	_, err = w.Write(append([]byte(xml.Header), append(text, '\n')...))
	return err
}

// add counts a suite's cases and takes it in.
func (s *junitSuites) add(suite junitSuite) {
	suite.Tests = len(suite.Cases)
	for _, c := range suite.Cases {
		switch {
		case c.Failure != nil:
			suite.Failures++
		case c.Error != nil:
			suite.Errors++
		case c.Skipped != nil:
			suite.Skipped++
		}
	}
	s.Tests, s.Failures = s.Tests+suite.Tests, s.Failures+suite.Failures
	s.Errors, s.Skipped = s.Errors+suite.Errors, s.Skipped+suite.Skipped
	s.Suites = append(s.Suites, suite)
}

func junitSource(r lint.Report, source lint.Source) junitSuite {
	name := clean(source.Ref)
	suite := junitSuite{Name: name}
	for _, f := range source.Findings {
		suite.Cases = append(suite.Cases, junitFinding(r, name, f))
	}
	for _, rule := range plan.Rules() {
		if !slices.ContainsFunc(source.Findings, func(f lint.Finding) bool { return f.Rule == rule.ID }) {
			suite.Cases = append(suite.Cases, junitCase{Name: rule.ID + " " + rule.Title, ClassName: name})
		}
	}
	return suite
}

func junitFinding(r lint.Report, suite string, f lint.Finding) junitCase {
	rule, _ := plan.LookupRule(f.Rule)
	c := junitCase{
		Name:      clean(strings.Join(strings.Fields(f.Rule+" "+rule.Title+" "+about(f.Finding)), " ")),
		ClassName: suite, File: clean(relative(f.File)), Line: f.Line,
	}
	lines := []string{lintPlace(f), setsWords(f), f.Note}
	if f.Fix != "" {
		lines = append(lines, "fix: "+f.Fix)
	}
	lines = slices.DeleteFunc(lines, func(line string) bool { return line == "" })
	for i, line := range lines {
		lines[i] = clean(line)
	}
	message, rest := clean(said(f.Finding)), strings.Join(lines, "\n")
	switch {
	case f.Suppressed != nil:
		c.Skipped = &junitResult{Message: clean("suppressed: " + suppressionWords(*f.Suppressed))}
		c.Output = &junitOutput{message + "\n" + rest}
	case r.Fails(f):
		c.Failure = &junitResult{Message: message, Type: string(f.Severity), Text: rest}
	default:
		c.Output = &junitOutput{severityWord(f.Severity) + ": " + message + "\n" + rest}
	}
	return c
}
