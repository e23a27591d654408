package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// EnginesHTML writes the comparison of engines as one page.
func EnginesHTML(w io.Writer, h Header, c plan.Comparison, o Options) error {
	v, err := newEnginesView(c, o)
	if err != nil {
		return err
	}
	style := documentStyle()
	parts := each(append(titleParts(h.Source), strings.Join(v.titles(), ", ")), style.loose)
	const kicker = "Helm hooks under several engines"
	page := &htmlPage{
		Kicker: kicker, Heading: parts[0], Title: parts[0] + " · " + kicker, Facts: parts[1:],
		Remarks: each(h.Notes, style.loose), Verdicts: []htmlText{{"calm", style.loose(v.verdict())}},
	}
	if v.withRows {
		page.engines(v)
	}
	if found := v.foundRules(); v.withFindings && len(found) > 0 {
		section := htmlSection{ID: "findings", Class: "warn", Title: enginesFindingsTitle}
		for i, f := range found {
			item := htmlItem{ID: fmt.Sprintf("f%d", i+1), Class: "warn", Head: []htmlText{{"warn", severityWord(f.severity) + " " + style.loose(f.rule)}, {"", " " + style.loose(f.title+" · "+f.engines)}}}
			if f.severity == plan.SeverityError {
				item.Class, section.Class, item.Head[0].Class = "alarm", "alarm", "alarm"
			}
			item.Lines = []htmlText{{"", style.loose(strings.Join(f.objects, ", "))}}
			section.Items = append(section.Items, item)
		}
		page.add(section)
	}
	page.unknown(c.Unknown)
	return page.write(w)
}

// engines puts the matrix on the page, and a section an engine with what it does otherwise.
func (p *htmlPage) engines(v enginesView) {
	style, titles := documentStyle(), v.titles()
	table := htmlTable{Caption: "Hook by engine", Said: v.legend(), Head: append([]string{"HOOK"}, each(titles, style.loose)...)}
	for _, row := range v.rows {
		cells := []htmlCell{{Text: style.loose(v.row(row))}}
		for e := range titles {
			cells = append(cells, htmlCell{Text: style.loose(v.cell(row, e, true))})
		}
		table.Rows = append(table.Rows, htmlTableRow{Cells: cells})
	}
	if len(table.Rows) > 0 {
		p.add(htmlSection{ID: "matrix", Title: "Matrix", Tables: []htmlTable{table}})
	}
	for e, title := range titles {
		section := htmlSection{ID: fmt.Sprintf("e%d", e+1), Title: style.loose(title)}
		for i, r := range v.reasons(e) {
			section.Items = append(section.Items, htmlItem{
				ID:    fmt.Sprintf("e%d-%d", e+1, i+1),
				Head:  []htmlText{{"", r.mark + " "}, {"strong", style.loose(strings.Join(r.objects, ", "))}},
				Lines: []htmlText{{"", style.loose(r.why)}},
			})
		}
		for i, note := range v.notes(e) {
			section.Items = append(section.Items, htmlItem{ID: fmt.Sprintf("e%d-n%d", e+1, i+1), Head: []htmlText{{"", style.loose(note)}}})
		}
		if len(section.Items) > 0 {
			p.add(section)
		}
	}
}
