package render

import (
	"io"

	"github.com/helm-hooks/helm-hooks/internal/lint"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// LintText writes a report for people: by source and file, each finding beginning with file:line so that
// editors and terminals can jump there, and one line that sums up.
func LintText(w io.Writer, r lint.Report, o LintOptions) error {
	t := &lintText{tree: tree{Style: o.Style}, options: o}
	for _, source := range r.Sources {
		t.source(source)
	}
	for _, skipped := range r.Skipped {
		t.paragraph(nil, blanks(2*gap), []span{t.span(dim, skipped.Ref+": "+skipped.Why)})
	}
	if len(r.Skipped) > 0 {
		t.put()
	}
	summary := lintSummary(r)
	paint := bold
	if r.ExitCode() != 0 {
		paint = alarm
	}
	t.paragraph(nil, blanks(2*gap), []span{t.span(paint, summary)})
	return t.flush(w)
}

type lintText struct {
	tree
	options LintOptions
}

func (t *lintText) source(s lint.Source) {
	t.header = Header{
		Source: Source{Type: s.Type, Name: s.Name, Namespace: s.Namespace, Chart: s.Chart, ChartVersion: s.ChartVersion, Ref: s.Ref},
		Notes:  s.Notes,
	}
	t.plan = plan.Plan{Engine: s.Engine}
	t.title()
	if len(s.Sets) > 0 {
		t.indented(0, t.span(dim, "values of "+enumerateWords(s.Sets)+" ("+s.Config+")"))
	}
	t.put()
	last, shown := "", false
	for _, f := range s.Findings {
		if f.Suppressed != nil && !t.options.ShowSuppressed {
			continue
		}
		file, _ := f.Where()
		if shown && file != last {
			t.put()
		}
		last, shown = file, true
		t.found(f)
	}
	if !shown {
		t.put(t.span(plain, "nothing found"))
	}
	t.put()
	for _, remark := range s.Remarks {
		t.jump(place(remark.File, "", 0, remark.Line), t.span(bold, "note"), t.span(plain, ": "+remark.Message))
	}
	for _, unknown := range s.Unknown {
		t.paragraph(nil, blanks(2*gap), []span{t.span(yellow, "unknown: "), t.span(plain, unknown.What+": "+unknown.Why)})
		if unknown.HowToKnow != "" {
			t.indented(2*gap, t.span(dim, "to know: "+unknown.HowToKnow))
		}
	}
	if len(s.Remarks)+len(s.Unknown) > 0 {
		t.put()
	}
}

// jump writes a paragraph that begins with a place.
func (t *lintText) jump(where string, pieces ...span) {
	if where != "" {
		pieces = append([]span{t.span(plain, where+": ")}, pieces...)
	}
	t.paragraph(nil, blanks(2*gap), pieces)
}

func (t *lintText) found(f lint.Finding) {
	_, line := f.Where()
	word, color := severityWord(f.Severity), paints(f.Severity)
	if f.Suppressed != nil {
		word, color = "suppressed "+word, dim
	}
	t.jump(lintPlace(f), t.span(color, word+" "+f.Rule), t.span(plain, " "+said(f.Finding)))
	under := func(text string) {
		if text != "" {
			t.indented(2*gap, t.span(dim, text))
		}
	}
	if f.Suppressed != nil {
		under("reason: " + suppressionWords(*f.Suppressed))
		return
	}
	under(setsWords(f))
	note := f.Note
	if note != "" && line == 0 && f.Document > 0 {
		note += " (" + ordinal(f.Document+1) + " document)"
	}
	under(note)
	if f.Fix != "" {
		under("fix: " + f.Fix)
	}
	under(t.options.Command + " explain " + f.Rule)
}

func paints(s plan.Severity) paint {
	switch s {
	case plan.SeverityError:
		return alarm
	case plan.SeverityWarning:
		return yellow
	}
	return bold
}
