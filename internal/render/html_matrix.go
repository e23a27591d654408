package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// MatrixHTML writes a table for each action, a row a failure; the ways out are below, each once.
func MatrixHTML(w io.Writer, h Header, m plan.Matrix, o Options) error {
	s := newMatrixStory(h, m, o)
	t := s.words
	page := framed(s, "Helm hooks: what if it fails")
	for _, f := range m.Failing {
		page.Verdicts = append(page.Verdicts, htmlText{"alarm", t.loose(failingWords(f))})
	}
	page.Verdicts = append(page.Verdicts, htmlText{"calm", matrixVerdict(m)})
	legend := &wayLegend{helm: h.Helm, numbers: map[string]int{}}
	for i, action := range matrixActions(m) {
		table := t.htmlMatrix(m, action, legend)
		page.add(htmlSection{ID: fmt.Sprintf("a%d", i+1), Title: strings.ToUpper(string(action)), Tables: []htmlTable{table}})
	}
	if len(legend.ways) > 0 {
		section := htmlSection{ID: "ways", Title: "Ways out", Said: t.loose(h.Helm.reminder())}
		for i, way := range legend.ways {
			section.Ways = append(section.Ways, htmlWay{
				ID: "way-" + letter(i), Letter: letter(i), Goal: t.loose(way.Goal),
				Warnings: each(wayWarnings(way, m.Release.Namespace), t.loose), Commands: each(legend.commands(way), t.loose),
			})
		}
		page.add(section)
	}
	page.unknown(s.unknown)
	return page.write(w)
}

func (t *tree) htmlMatrix(m plan.Matrix, action plan.Action, legend *wayLegend) htmlTable {
	table := htmlTable{Head: matrixTitles()}
	for _, row := range m.Rows {
		if row.Action != action {
			continue
		}
		table.Caption = strings.ToUpper(string(action)) + " from " + t.loose(row.StartsFrom)
		var cells []htmlCell
		for _, cell := range t.cells(matrixCells(row, m.Release.Namespace, true)) {
			cells = append(cells, htmlCell{Text: cell})
		}
		ways := htmlCell{}
		for letters := range strings.SplitSeq(legend.refer(row.Recovery), ", ") {
			if letters != "" {
				ways.Links = append(ways.Links, htmlLink{ID: "way-" + letters, Text: letters})
			}
		}
		table.Rows = append(table.Rows, htmlTableRow{Cells: append(cells, ways)})
	}
	return table
}

// ReleasesHTML writes the list of releases as one page.
func ReleasesHTML(w io.Writer, r Releases, _ Style) error {
	style := documentStyle()
	title := style.loose(releasesTitle(r))
	page := &htmlPage{Kicker: "Helm releases with hooks", Heading: title, Title: title + " · Helm hooks"}
	table := htmlTable{Caption: title, Head: releaseTitles(r, true)}
	for _, one := range r.Items {
		var cells []htmlCell
		for _, cell := range releaseCells(r, one, true) {
			cells = append(cells, htmlCell{Text: style.loose(cell)})
		}
		class := map[paint]string{red: "alarm", yellow: "warn"}[releasePaint(one)]
		table.Rows = append(table.Rows, htmlTableRow{Class: class, Cells: cells})
	}
	page.add(htmlSection{ID: "releases", Title: "Releases", Tables: []htmlTable{table}})
	if len(r.Errors) > 0 {
		section := htmlSection{ID: "errors", Class: "alarm", Title: "Not read"}
		for i, e := range r.Errors {
			item := htmlItem{ID: fmt.Sprintf("e%d", i+1), Class: "alarm", Head: []htmlText{{"strong", style.loose(strings.Trim(e.Namespace+"/"+e.Name, "/"))}}}
			for _, line := range []string{e.Object, e.Message, e.Hint} {
				if line != "" {
					item.Lines = append(item.Lines, htmlText{"", style.loose(line)})
				}
			}
			section.Items = append(section.Items, item)
		}
		page.add(section)
	}
	return page.write(w)
}
