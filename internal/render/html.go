package render

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strings"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

//go:embed report
var report embed.FS

// HTML writes the plan as one page that loads nothing and runs no script: what a reader can open are details of
// HTML, and the pictures are drawn by elements of the page.
func HTML(w io.Writer, h Header, p plan.Plan, o Options) error {
	s, err := newStory(h, p, o)
	if err != nil {
		return err
	}
	page := framed(s, "Helm hooks")
	page.stuck(s)
	page.actions(s)
	page.ignored(s)
	page.situations(s.words)
	page.findings(s)
	page.unknown(s.unknown)
	page.remarks(s.words.engineRemarks(), s.words.plan.Engine)
	if s.withScenes {
		page.asTable(s)
	}
	return page.write(w)
}

// htmlPage is what the frame of every page is filled with. All strings are safe, and html/template escapes them.
type htmlPage struct {
	Kicker, Title, Heading string
	Policy                 string
	Style                  template.CSS
	Facts, Remarks         []string
	Warning, Assumed       string
	Verdicts               []htmlText
	Contents               []htmlLink
	Sections               []htmlSection
}

// htmlText is a piece of text with a meaning.
type htmlText struct{ Class, Text string }

type htmlLink struct{ ID, Class, Text string }

type htmlSection struct {
	ID, Class, Title, Said string
	Legend                 []htmlLegend
	WayOut                 *htmlWayOut
	Actions                []htmlAction
	Items                  []htmlItem
	Tables                 []htmlTable
	Ways                   []htmlWay
}

// htmlItem is a finding, a note, an ignored object or what is not known.
type htmlItem struct {
	ID, Class string
	Head      []htmlText
	Lines     []htmlText
}

type htmlTable struct {
	Caption, Said string
	Folded        bool
	Head          []string
	Rows          []htmlTableRow
}

type htmlTableRow struct {
	Class string
	Cells []htmlCell
}

type htmlCell struct {
	Text  string
	Links []htmlLink
}

func framed(s story, kicker string) *htmlPage {
	page := &htmlPage{
		Kicker: kicker, Heading: s.heading, Title: s.heading + " · " + kicker, Facts: s.facts, Remarks: s.notes,
		Warning: s.warning, Verdicts: texts(s.verdicts), Assumed: strings.ReplaceAll(s.assumed, string(tie), " "),
	}
	for i, verdict := range page.Verdicts {
		if verdict.Class == "" {
			page.Verdicts[i].Class = "calm"
		}
	}
	return page
}

// add puts a section on the page, with a link at its head.
func (p *htmlPage) add(section htmlSection) {
	p.Sections = append(p.Sections, section)
	if section.Actions == nil {
		p.Contents = append(p.Contents, htmlLink{section.ID, section.Class, section.Title})
	}
}

// write fills the frame. The policy lets the browser load nothing but the one style sheet of the page, by its hash.
func (p *htmlPage) write(w io.Writer) error {
	frame, err := template.ParseFS(report, "report/*.html")
	if err != nil {
		return fmt.Errorf("read the template of the report: %w", err)
	}
	style, err := report.ReadFile("report/style.css")
	if err != nil {
		return fmt.Errorf("read the style of the report: %w", err)
	}
	hash := sha256.Sum256(style)
	p.Style = template.CSS(style)
	p.Policy = "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(hash[:]) + "'; base-uri 'none'; form-action 'none'"
	var out bytes.Buffer
	if err := frame.ExecuteTemplate(&out, "frame", p); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	_, err = w.Write(out.Bytes())
	return err
}

// texts turn the tree's pieces into the page's: paints become classes.
func texts(pieces []span) []htmlText {
	var all []htmlText
	for _, piece := range pieces {
		text := strings.ReplaceAll(piece.text, string(tie), " ")
		if text == "" {
			continue
		}
		all = append(all, htmlText{map[paint]string{bold: "strong", dim: "dim", red: "alarm", yellow: "warn", alarm: "alarm"}[piece.paint], text})
	}
	return all
}

func (p *htmlPage) stuck(s story) {
	if s.wayOut != nil {
		p.add(htmlSection{ID: "way-out", Class: "alarm", Title: "Way out", WayOut: s.words.htmlWayOut(s.wayOut, false)})
	}
}

func (p *htmlPage) ignored(s story) {
	if !s.withIgnored {
		return
	}
	t := s.words
	section := htmlSection{ID: "ignored", Title: "Ignored"}
	switch {
	case s.ignored == nil:
		why, howToKnow := ignoredDoubt(t.plan)
		item := htmlItem{ID: "i0", Class: "warn", Head: []htmlText{{"warn", "unknown"}, {"", ": " + t.loose(why)}}}
		if howToKnow != "" {
			item.Lines = append(item.Lines, htmlText{"dim", "to know: " + t.loose(howToKnow)})
		}
		section.Class, section.Items = "warn", []htmlItem{item}
	case len(s.ignored) == 0:
		section.Said = "nothing"
	default:
		section.Said = ignoredWords(s.ignored)
		for i, one := range s.ignored {
			item := htmlItem{ID: fmt.Sprintf("i%d", i+1), Class: "alarm", Head: append([]htmlText{{"alarm", "✗ "}}, texts(t.ignoredHead(one))...), Lines: texts(t.ignoredLines(one))}
			if one.Harmless != "" {
				item.Class, item.Head[0] = "", htmlText{"dim", "• "}
			} else {
				section.Class = "alarm"
			}
			section.Items = append(section.Items, item)
		}
	}
	p.add(section)
}

func (p *htmlPage) findings(s story) {
	t := s.words
	if len(s.findings) > 0 {
		section := htmlSection{ID: "findings", Class: "warn", Title: "Findings", Said: t.findingsWords(s.findings)}
		for i, f := range s.findings {
			item := htmlItem{ID: fmt.Sprintf("f%d", i+1), Class: "warn", Head: texts(t.findingHead(f)), Lines: []htmlText{{"", t.loose(message(f) + likelyWord(f.Prediction))}}}
			if f.Severity == plan.SeverityError {
				item.Class, section.Class = "alarm", "alarm"
			}
			if f.Fix != "" {
				item.Lines = append(item.Lines, htmlText{"fix", "fix: " + t.loose(f.Fix)})
			}
			section.Items = append(section.Items, item)
		}
		p.add(section)
	}
	if len(s.remarks) > 0 {
		section := htmlSection{ID: "notes", Title: "Notes"}
		for i, note := range s.remarks {
			item := htmlItem{ID: fmt.Sprintf("n%d", i+1), Head: texts(note.line)}
			if note.fix != "" {
				item.Lines = []htmlText{{"fix", "fix: " + t.loose(note.fix)}}
			}
			section.Items = append(section.Items, item)
		}
		p.add(section)
	}
}

func (p *htmlPage) unknown(all []plan.UnknownFact) {
	if len(all) == 0 {
		return
	}
	style := documentStyle()
	section := htmlSection{ID: "unknown", Class: "warn", Title: "Unknown"}
	for i, u := range all {
		item := htmlItem{ID: fmt.Sprintf("u%d", i+1), Class: "warn", Head: []htmlText{{"warn", "? "}, {"strong", style.loose(u.What)}, {"", ": " + style.loose(u.Why)}}}
		if u.HowToKnow != "" {
			item.Lines = []htmlText{{"dim", "to know: " + style.loose(u.HowToKnow)}}
		}
		section.Items = append(section.Items, item)
	}
	p.add(section)
}

func (p *htmlPage) remarks(all []string, engine plan.Engine) {
	if len(all) == 0 {
		return
	}
	section := htmlSection{ID: "engine", Title: engine.String()}
	for i, remark := range all {
		section.Items = append(section.Items, htmlItem{ID: fmt.Sprintf("e%d", i+1), Head: []htmlText{{"", documentStyle().loose(remark)}}})
	}
	p.add(section)
}

// asTable tells the same once more, for those to whom a table says more than a picture, and for copying.
func (p *htmlPage) asTable(s story) {
	table := htmlTable{Caption: "As a table", Folded: true, Head: titles(false)}
	for _, row := range tableRows(s.words.header, s.words.plan, s.words.options, false) {
		var cells []htmlCell
		for _, cell := range row.cells(false) {
			cells = append(cells, htmlCell{Text: s.words.loose(cell)})
		}
		table.Rows = append(table.Rows, htmlTableRow{Cells: cells})
	}
	if len(table.Rows) > 0 {
		p.add(htmlSection{ID: "table", Title: "The same as a table", Tables: []htmlTable{table}})
	}
}
