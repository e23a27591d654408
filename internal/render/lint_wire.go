package render

import (
	"io"

	"github.com/helm-hooks/helm-hooks/internal/lint"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// The wire types of `lint -o json`: docs/schema/lintreport.v1alpha1.schema.json.

const kindLintReport = "LintReport"

type wireLintReport struct {
	APIVersion string            `json:"apiVersion"`
	Kind       string            `json:"kind"`
	FailOn     string            `json:"failOn"`
	ExitCode   int               `json:"exitCode"`
	Counts     wireLintCounts    `json:"counts"`
	Sources    []wireLintSource  `json:"sources"`
	Skipped    []wireSkipped     `json:"skipped"`
	Findings   []wireLintFinding `json:"findings"`
	Remarks    []wireRemark      `json:"remarks"`
	Errors     []wireLintError   `json:"errors"`
}

// wireLintCounts leave suppressed findings out of the other numbers.
type wireLintCounts struct {
	Errors     int `json:"errors"`
	Warnings   int `json:"warnings"`
	Notes      int `json:"notes"`
	Suppressed int `json:"suppressed"`
}

type wireLintSource struct {
	Source wireSource `json:"source"`
	Engine wireEngine `json:"engine"`
	// Config is the .helm-hooks.yaml that applies, empty where there is none.
	Config string `json:"config"`
	// ValuesSets is null where the chart was tried with one set of values only.
	ValuesSets []string       `json:"valuesSets"`
	Notes      []string       `json:"notes"`
	Counts     wireLintCounts `json:"counts"`
	Unknown    []wireUnknown  `json:"unknown"`
}

type wireLintFinding struct {
	// Ref is that of the source.
	Ref string `json:"ref"`
	wireFinding
	// ValuesSets is null where all sets show it.
	ValuesSets []string `json:"valuesSets"`
	Note       string   `json:"note,omitempty"`
	// Suppressed is null for what counts.
	Suppressed *wireSuppression `json:"suppressed"`
}

type wireSuppression struct {
	Reason string `json:"reason"`
	By     string `json:"by"`
	Where  string `json:"where"`
}

type wireRemark struct {
	Ref     string `json:"ref"`
	File    string `json:"file"`
	Line    *int   `json:"line"`
	Message string `json:"message"`
}

type wireSkipped struct {
	Ref string `json:"ref"`
	Why string `json:"why"`
}

type wireLintError struct {
	Source     string `json:"source"`
	ValuesSets string `json:"valuesSet,omitempty"`
	Message    string `json:"message"`
	Hint       string `json:"hint,omitempty"`
}

// LintJSON writes a report as one document of docs/schema/lintreport.v1alpha1.schema.json.
func LintJSON(w io.Writer, r lint.Report, _ LintOptions) error {
	text, err := encode(lintWire(r))
	if err != nil {
		return err
	}
	_, err = w.Write(escaped(text))
	return err
}

func lintWire(r lint.Report) wireLintReport {
	out := wireLintReport{
		APIVersion: wireAPIVersion, Kind: kindLintReport, FailOn: failOn(r), ExitCode: r.ExitCode(),
		Counts:  wireLintCounts(lint.Count(r.Findings())),
		Sources: full(each(r.Sources, lintSourceWire)),
		Skipped: full(each(r.Skipped, func(s lint.Skipped) wireSkipped { return wireSkipped(s) })),
		Errors: full(each(r.Errors, func(p lint.Problem) wireLintError {
			return wireLintError{Source: p.Ref, ValuesSets: p.Set, Message: p.Message, Hint: p.Hint}
		})),
		Findings: []wireLintFinding{}, Remarks: []wireRemark{},
	}
	for _, s := range r.Sources {
		for _, f := range s.Findings {
			out.Findings = append(out.Findings, lintFindingWire(s.Ref, f))
		}
		for _, remark := range s.Remarks {
			out.Remarks = append(out.Remarks, wireRemark{Ref: s.Ref, File: remark.File, Line: positive(remark.Line), Message: remark.Message})
		}
	}
	return out
}

func failOn(r lint.Report) string {
	if r.FailOn == "" {
		return string(plan.SeverityError)
	}
	return string(r.FailOn)
}

func lintSourceWire(s lint.Source) wireLintSource {
	return wireLintSource{
		Source: sourceWire(Source{Type: s.Type, Name: s.Name, Namespace: s.Namespace, Chart: s.Chart, ChartVersion: s.ChartVersion, Ref: s.Ref}),
		Engine: engineWire(s.Engine), Config: s.Config, ValuesSets: s.Sets, Notes: full(s.Notes),
		Counts:  wireLintCounts(lint.Count(s.Findings)),
		Unknown: full(each(s.Unknown, func(u plan.UnknownFact) wireUnknown { return wireUnknown(u) })),
	}
}

func lintFindingWire(ref string, f lint.Finding) wireLintFinding {
	out := wireLintFinding{Ref: ref, wireFinding: findingWire(f.Finding), ValuesSets: f.Sets, Note: f.Note}
	if s := f.Suppressed; s != nil {
		out.Suppressed = &wireSuppression{Reason: s.Reason, By: s.By, Where: place(s.File, "", 0, s.Line)}
	}
	return out
}
