package render

import (
	"io"
	"slices"
	"strings"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// EnginesTree writes the comparison of engines for people: the matrix, and below it why each engine differs. Where the
// terminal is too narrow for the matrix, each object takes a line an engine.
func EnginesTree(w io.Writer, h Header, c plan.Comparison, o Options) error {
	v, err := newEnginesView(c, o)
	if err != nil {
		return err
	}
	t := &tree{Style: o.Style, header: h, plan: plan.Plan{Release: c.Release, Ignored: []plan.Ignored{}, Unknown: c.Unknown}, options: o}
	t.enginesTitle(v)
	if v.withRows && len(v.rows) > 0 {
		t.put()
		text, err := t.enginesTable(v, false)
		if err != nil {
			return err
		}
		if t.fits(text) {
			t.out.Write(headed(text, t.Style))
		} else {
			t.enginesStacked(v)
		}
		t.put()
		t.indented(0, t.span(dim, v.legend()))
	}
	if v.withRows {
		t.enginesReasons(v)
	}
	if v.withFindings {
		t.enginesFindings(v)
	}
	t.unknown()
	return t.flush(w)
}

func (t *tree) enginesTitle(v enginesView) {
	parts := titleParts(t.header.Source)
	for i, part := range append(parts, strings.Join(v.titles(), ", ")) {
		if i < len(parts) {
			parts[i] = tied(part)
		} else {
			parts = append(parts, part)
		}
	}
	t.paragraph(nil, blanks(gap), []span{t.span(bold, parts[0]), t.span(plain, strings.Join(append([]string{""}, parts[1:]...), " · "))})
	for _, e := range v.all.Engines {
		if e.Engine.NewerThanKnown {
			t.indented(0, t.span(yellow, e.Engine.String()+" is newer than the newest one whose rules are known; the newest known rules are used."))
		}
	}
	for _, note := range t.header.Notes {
		t.indented(0, t.span(dim, note))
	}
	t.indented(0, t.span(bold, v.verdict()))
}

// enginesTable lays the matrix out. wide spells out what is the same as under the first engine.
func (t *tree) enginesTable(v enginesView, wide bool) ([]byte, error) {
	head := []string{"HOOK"}
	for _, title := range v.titles() {
		head = append(head, t.cells([]string{strings.ToUpper(title)})...)
	}
	var rows [][]string
	for _, row := range v.rows {
		cells := []string{v.row(row)}
		for e := range v.all.Engines {
			cells = append(cells, v.cell(row, e, wide))
		}
		rows = append(rows, t.cells(cells))
	}
	return aligned(head, rows)
}

// fits says whether no line is wider than the terminal.
func (t *tree) fits(text []byte) bool {
	return t.Width <= 0 || !slices.ContainsFunc(strings.Split(string(text), "\n"), func(line string) bool {
		return width(strings.TrimRight(line, " ")) > t.Width
	})
}

// enginesStacked writes a block an object; engines that do the same share a line.
func (t *tree) enginesStacked(v enginesView) {
	titles := v.titles()
	for i, row := range v.rows {
		if i > 0 {
			t.put()
		}
		t.indented(0, t.span(bold, v.row(row)))
		var names, cells []string
		for e := range v.all.Engines {
			cell := v.cell(row, e, true)
			bare := strings.TrimPrefix(cell, markSame+" ")
			if k := slices.Index(cells, bare); k >= 0 {
				names[k] += ", " + titles[e]
				continue
			}
			names, cells = append(names, titles[e]), append(cells, bare)
		}
		for k, name := range names {
			t.paragraph(blanks(gap), blanks(2*gap), []span{t.span(dim, name+": "), t.span(plain, cells[k])})
		}
	}
}

// enginesReasons tell why each engine differs from the first.
func (t *tree) enginesReasons(v enginesView) {
	for e, title := range v.titles() {
		reasons, notes := v.reasons(e), v.notes(e)
		if len(reasons)+len(notes) == 0 {
			continue
		}
		t.put()
		t.put(t.span(bold, strings.ToUpper(title)))
		for _, r := range reasons {
			p := plain
			if r.mark == markSimilar {
				p = dim
			}
			t.paragraph([]span{t.span(p, r.mark+" ")}, blanks(2*gap), []span{t.span(bold, strings.Join(r.objects, ", ")), t.span(plain, ": "+r.why)})
		}
		for _, note := range notes {
			t.paragraph([]span{t.span(plain, "• ")}, blanks(2*gap), []span{t.span(plain, note)})
		}
	}
}

func (t *tree) enginesFindings(v enginesView) {
	found := v.foundRules()
	if len(found) == 0 {
		return
	}
	t.put()
	t.indented(0, t.span(bold, strings.ToUpper(enginesFindingsTitle)))
	for _, f := range found {
		mark, p := "▲ ", yellow
		if f.severity == plan.SeverityError {
			mark, p = "✗ ", red
		}
		t.paragraph([]span{t.span(p, mark)}, blanks(2*gap), []span{
			t.span(p, severityWord(f.severity)+" "+f.rule), t.span(plain, " "+f.title+" · "+f.engines+": "), t.span(bold, strings.Join(f.objects, ", ")),
		})
	}
}

// EnginesTable writes the matrix alone, a row an object.
func EnginesTable(w io.Writer, h Header, c plan.Comparison, o Options) error {
	return enginesAsTable(w, h, c, o, false)
}

// EnginesWide writes the matrix with every cell spelt out.
func EnginesWide(w io.Writer, h Header, c plan.Comparison, o Options) error {
	return enginesAsTable(w, h, c, o, true)
}

func enginesAsTable(w io.Writer, h Header, c plan.Comparison, o Options, wide bool) error {
	v, err := newEnginesView(c, o)
	if err != nil {
		return err
	}
	t := &tree{Style: o.Style, header: h, options: o}
	t.Width = 0
	t.enginesTitle(v)
	text, err := t.enginesTable(v, wide)
	if err != nil {
		return err
	}
	t.out.Write(headed(text, t.Style))
	return t.flush(w)
}

// EnginesNames writes the objects of the rows as KIND/NAME, a line each.
func EnginesNames(w io.Writer, _ Header, c plan.Comparison, o Options) error {
	v, err := newEnginesView(c, o)
	if err != nil {
		return err
	}
	return writeNames(w, each(v.rows, func(r plan.ComparedObject) plan.Object { return r.Object }))
}
