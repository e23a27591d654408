package render

import (
	"io"
	"strings"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// EnginesMarkdown writes the comparison of engines for a ticket. All that comes from a chart is escaped, as in
// LintMarkdown.
func EnginesMarkdown(w io.Writer, h Header, c plan.Comparison, o Options) error {
	v, err := newEnginesView(c, o)
	if err != nil {
		return err
	}
	o.Style = documentStyle()
	m := &planMarkdown{tree: &tree{Style: o.Style, header: h, options: o}}
	parts := append(titleParts(h.Source), strings.Join(v.titles(), ", "))
	m.block("## " + markdown(m.loose(parts[0])))
	m.block(strings.Join(each(parts[1:], func(part string) string { return markdown(m.loose(part)) }), " · "))
	for _, note := range h.Notes {
		m.block("_" + markdown(m.loose(note)) + "_")
	}
	m.block("**" + markdown(m.loose(v.verdict())) + "**")
	if v.withRows {
		m.engines(v)
	}
	if found := v.foundRules(); v.withFindings && len(found) > 0 {
		m.list(enginesFindingsTitle, each(found, func(f enginesFinding) string {
			rule := "[" + markdown(f.rule) + "](" + rulesURL + ruleFile(f.rule) + ".md)"
			return severityWord(f.severity) + " " + rule + " " + markdown(m.loose(f.title+" · "+f.engines)) + ": " + m.codes(f.objects)
		}))
	}
	m.unknown(c.Unknown)
	_, err = io.WriteString(w, m.out.String())
	return err
}

// engines writes the matrix and the reasons below it.
func (m *planMarkdown) engines(v enginesView) {
	titles := v.titles()
	if len(v.rows) > 0 {
		m.row(append([]string{"hook"}, each(titles, func(t string) string { return markdown(m.loose(t)) })...)...)
		m.row(append([]string{"---"}, each(titles, func(string) string { return "---" })...)...)
		for _, row := range v.rows {
			cells := []string{code(m.loose(v.row(row)))}
			for e := range titles {
				cells = append(cells, markdown(m.loose(v.cell(row, e, false))))
			}
			m.row(cells...)
		}
		m.out.WriteString("\n")
		m.block(markdown(v.legend()))
	}
	for e, title := range titles {
		lines := each(v.reasons(e), func(r engineReason) string {
			return markdown(r.mark) + " " + m.codes(r.objects) + ": " + markdown(m.loose(r.why))
		})
		for _, note := range v.notes(e) {
			lines = append(lines, markdown(m.loose(note)))
		}
		m.list(m.loose(title), lines)
	}
}

func (m *planMarkdown) codes(names []string) string {
	return strings.Join(each(names, func(name string) string { return code(m.loose(name)) }), ", ")
}
