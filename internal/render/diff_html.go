package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// DiffHTML writes the differences as one page: a section for what breaks, changes and is worth a note, a table each.
func DiffHTML(w io.Writer, h DiffHeader, d plan.Diff, _ Style) error {
	style := documentStyle()
	titles := each(h.titles(), style.loose)
	const kicker = "Helm hooks: what changes"
	page := &htmlPage{
		Kicker: kicker, Heading: titles[0], Title: titles[0] + " · " + kicker, Facts: titles[1:],
		Remarks: each(h.Notes, style.loose), Verdicts: []htmlText{{"calm", style.loose(diffVerdict(d))}},
	}
	for i, group := range diffGroups(h, d) {
		section := htmlSection{ID: fmt.Sprintf("g%d", i+1), Title: strings.ToUpper(group.title[:1]) + group.title[1:]}
		switch group.impact {
		case plan.ImpactBreaks:
			section.Class, page.Verdicts[0].Class = "alarm", "alarm"
		case plan.ImpactNote:
		default:
			section.Class = "warn"
		}
		section.Tables = []htmlTable{diffTable(h, group, count(linesOf(group), "change"), style)}
		page.add(section)
	}
	page.unknown(d.Unknown)
	if h.Hint != "" {
		page.Remarks = append(page.Remarks, style.loose(h.Hint))
	}
	return page.write(w)
}

// diffTable has a row for each change.
func diffTable(h DiffHeader, g diffGroup, caption string, style Style) htmlTable {
	old, now := h.labels()
	table := htmlTable{Caption: caption, Head: []string{"HOOK", "WHAT", strings.ToUpper(style.loose(old)), strings.ToUpper(style.loose(now)), "WHY, AND WHAT TO DO"}}
	for _, item := range g.items {
		for i, line := range item.lines {
			name := item.name
			if i > 0 {
				name = ""
			}
			before, after := line.old, line.now
			if line.text != "" {
				before, after = "", line.text
			}
			why := append([]string{}, line.more...)
			if said := strings.TrimSuffix(strings.TrimPrefix(line.rule+": "+line.why, ": "), ": "); said != "" {
				why = append(why, said)
			}
			if line.fix != "" {
				why = append(why, "fix: "+line.fix)
			}
			row := htmlTableRow{}
			for _, cell := range []string{name, line.heading(), before, after, strings.Join(why, "; ")} {
				row.Cells = append(row.Cells, htmlCell{Text: style.loose(cell)})
			}
			table.Rows = append(table.Rows, row)
		}
	}
	return table
}
