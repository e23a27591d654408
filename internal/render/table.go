package render

import (
	"bytes"
	"cmp"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// Table writes one row a hook run, and a row for everything else that the plan tells: what is ignored,
// what fails, what was found at no step, what is unknown. Findings are told by their rules.
func Table(w io.Writer, h Header, p plan.Plan, o Options) error {
	return writeTable(w, h, p, o, false)
}

// Wide writes the rows of Table with more columns, and errors and warnings in full.
func Wide(w io.Writer, h Header, p plan.Plan, o Options) error {
	return writeTable(w, h, p, o, true)
}

// tableRow is one row; the columns of wide are filled in always and shown only there.
type tableRow struct {
	action, phase, order, hook, weight, waits, deleted string
	chart, template, policies, namespace, events       string
	notes                                              []string
}

func (r tableRow) cells(wide bool) []string {
	cells := []string{r.action, r.phase, r.order, r.hook, r.weight, r.waits, r.deleted}
	if wide {
		cells = append(cells, r.chart, r.template, r.policies, r.namespace, r.events)
	}
	return append(cells, sentences(r.notes))
}

// sentences joins notes, of which some are whole sentences and some are not.
func sentences(notes []string) string {
	var parts []string
	for _, note := range notes {
		if note = strings.TrimRight(clean(note), " ."); note != "" {
			parts = append(parts, note)
		}
	}
	return strings.Join(parts, "; ")
}

func titles(wide bool) []string {
	head := []string{"ACTION", "PHASE", "ORDER", "HOOK", "WEIGHT", "WAITS", "DELETED"}
	if wide {
		head = append(head, "CHART", "TEMPLATE", "POLICIES", "NAMESPACE", "EVENTS")
	}
	return append(head, "NOTES")
}

// noValue stands in cells to which nothing applies, so that columns can be counted.
const noValue = "-"

func writeTable(w io.Writer, h Header, p plan.Plan, o Options, wide bool) error {
	view, err := Filter(p, o)
	if err != nil {
		return err
	}
	var rows [][]string
	for _, row := range tableRows(h, view, o, wide) {
		cells := row.cells(wide)
		for i, cell := range cells {
			cells[i] = strings.TrimSpace(strings.ReplaceAll(o.Style.text(cell), string(tie), " "))
			if cells[i] == "" && i < len(cells)-1 {
				cells[i] = noValue
			}
		}
		rows = append(rows, cells)
	}
	text, err := aligned(titles(wide), rows)
	if err != nil {
		return err
	}
	text = headed(text, o.Style)
	below, err := situationsTable(&tree{Style: o.Style, plan: view, options: o})
	if err != nil {
		return err
	}
	head := append(titleParts(h.Source), p.Engine.String()+" rules")
	title := strings.ReplaceAll(o.Style.text(strings.Join(head, " · ")), string(tie), " ") + "\n"
	_, err = w.Write(slices.Concat([]byte(title), text, below))
	return err
}

// aligned lays cells out in columns two blanks apart, without lines, as kubectl does.
func aligned(head []string, rows [][]string) ([]byte, error) {
	var out bytes.Buffer
	none := tw.CellPadding{Global: tw.Padding{Right: strings.Repeat(tw.Space, gap), Overwrite: true}}
	left := tw.CellAlignment{Global: tw.AlignLeft}
	table := tablewriter.NewTable(&out,
		tablewriter.WithRenderer(renderer.NewBlueprint()),
		tablewriter.WithRendition(tw.Rendition{
			Borders:  tw.BorderNone,
			Settings: tw.Settings{Lines: tw.LinesNone, Separators: tw.SeparatorsNone},
		}),
		tablewriter.WithConfig(tablewriter.Config{
			Header: tw.CellConfig{Padding: none, Alignment: left, Formatting: tw.CellFormatting{AutoFormat: tw.Off, AutoWrap: tw.WrapNone}},
			Row:    tw.CellConfig{Padding: none, Alignment: left, Formatting: tw.CellFormatting{AutoFormat: tw.Off, AutoWrap: tw.WrapNone}},
		}),
		tablewriter.WithTrimSpace(tw.Off),
	)
	table.Header(head)
	if err := table.Bulk(rows); err != nil {
		return nil, err
	}
	if err := table.Render(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// headed takes the blanks off the ends of lines and gives the titles their colour.
func headed(text []byte, s Style) []byte {
	var out strings.Builder
	for i, line := range strings.Split(strings.TrimRight(string(text), "\n"), "\n") {
		line = strings.TrimRight(line, " ")
		if i == 0 {
			line = s.colored(span{line, bold})
		}
		out.WriteString(line + "\n")
	}
	return []byte(out.String())
}

// tableRows are all rows in the order of the tree view.
func tableRows(h Header, p plan.Plan, o Options, wide bool) []tableRow {
	var rows []tableRow
	for _, line := range p.Timelines {
		first := len(rows)
		for _, phase := range line.Phases {
			for _, step := range phase.Steps {
				rows = append(rows, stepRow(p, line, phase, step, wide))
			}
		}
		if o.Hook == "" {
			rows = append(rows, endRows(h, p, line)...)
		}
		for i := range rows[first:] {
			rows[first+i].action = actionLabel(p, line)
			if !p.Engine.RunsHelm() {
				rows[first+i].action = line.ID
			}
		}
	}
	if said := lifeEndWords(p); said != "" && o.Only != onlyIgnored && o.Only != onlyFindings {
		rows = append(rows, tableRow{phase: "THEN", notes: []string{said}})
	}
	if p.WayOut != nil && o.Hook == "" && o.Only == "" {
		rows = append(wayOutRows(h, p, p.WayOut), rows...)
	}
	rows = append(rows, ignoredRows(p, o)...)
	linked := attached(p)
	for i, f := range p.Findings {
		if !linked[i] {
			rows = append(rows, findingRow(f))
		}
	}
	for _, u := range p.Unknown {
		if u.What == onlyIgnored {
			continue
		}
		rows = append(rows, tableRow{phase: "UNKNOWN", hook: u.What, notes: []string{u.Why, "to know: " + u.HowToKnow}})
	}
	return rows
}

// situationsTable is what helm-controller runs when, as a table of its own below that of the hooks.
func situationsTable(t *tree) ([]byte, error) {
	all := t.situationsShown()
	if len(all) == 0 {
		return nil, nil
	}
	var rows [][]string
	for _, s := range all {
		rows = append(rows, each(situationCells(s), func(cell string) string { return cmp.Or(t.loose(cell), noValue) }))
	}
	text, err := aligned(situationTitles(), rows)
	if err != nil {
		return nil, err
	}
	return append([]byte("\n"), headed(text, t.Style)...), nil
}

// actionLabel names an action; those of a life are numbered.
func actionLabel(p plan.Plan, line plan.Timeline) string {
	if number, _, ok := strings.Cut(line.ID, "-"); p.Life && ok {
		return number + " " + string(line.Action)
	}
	return string(line.Action)
}

// endRows say how an action ends, what it leaves, and the ways out.
func endRows(h Header, p plan.Plan, line plan.Timeline) []tableRow {
	var rows []tableRow
	out := line.Outcome
	switch {
	case out.Refused:
		rows = append(rows, tableRow{phase: "RESULT", notes: []string{"refused, nothing runs: " + failureWords(line), releaseWords(line)}})
	case out.Result == plan.Failed:
		notes := []string{"fails: " + failureWords(line)}
		if !isOther(line.Action) {
			notes = append(notes, undoneWords(line), releaseWords(line), liveWords(line))
		}
		rows = append(rows, tableRow{phase: "RESULT", notes: notes})
	case p.Life:
		rows = append(rows, tableRow{phase: "RESULT", notes: []string{"ends well: " + cmp.Or(statusWords(out.History), "no release record is left")}})
	}
	if left := objectsWords(out.Left, p.Release.Namespace); line.Action == plan.Uninstall && left != "" {
		rows = append(rows, tableRow{phase: "LEFT", notes: []string{left}})
	}
	if line.Recovery == nil {
		return rows
	}
	return append(rows, wayOutRows(h, p, line.Recovery)...)
}

func wayOutRows(h Header, p plan.Plan, r *plan.Recovery) []tableRow {
	var rows []tableRow
	for i, way := range r.Ways {
		commands := (&wayLegend{helm: h.Helm}).commands(way)
		notes := append([]string{way.Goal + ": " + strings.Join(commands, " && ")}, wayWarnings(way, p.Release.Namespace)...)
		rows = append(rows, tableRow{phase: "WAY OUT", order: strconv.Itoa(i + 1), notes: notes})
	}
	for _, refused := range r.Refused {
		word := "refused: "
		if refused.Fails {
			word = "fails: "
		}
		var commands []string
		for _, move := range refused.Moves {
			commands = append(commands, h.Helm.commands(move)...)
		}
		rows = append(rows, tableRow{phase: "NO WAY OUT", notes: []string{strings.Join(commands, " && "), word + refused.Error}})
	}
	return rows
}

func stepRow(p plan.Plan, line plan.Timeline, phase plan.Phase, step plan.Step, wide bool) tableRow {
	object := step.Hook.Object
	row := tableRow{
		action: string(line.Action), phase: phase.Name, order: orderWord(step), hook: ref(object),
		weight: weightWord(phase, step), waits: waitsWords(step),
		chart: owner(step.Hook.Template), template: step.Hook.Template,
		policies: strings.Join(names(step.Hook.DeletePolicies), ","), namespace: object.Namespace,
		events: strings.Join(names(step.Hook.Events), ","),
	}
	if step.Result != plan.Skipped {
		row.deleted = deletedWords(step, phase.Name)
	}
	if phase.Action != "" && phase.Action != line.Action {
		row.notes = append(row.notes, "part of a "+string(phase.Action))
	}
	if object.Namespace != "" && object.Namespace != p.Release.Namespace && !wide {
		row.notes = append(row.notes, "in namespace "+object.Namespace)
	}
	if last := lastRunWords(step.Hook.LastRun); last != "" && wide {
		row.notes = append(row.notes, last)
	}
	if step.Hook.VolatileName != "" {
		row.notes = append(row.notes, "name changes at each render")
	}
	if step.Hook.NeverCompletes != "" && step.WaitsFor == plan.WaitsCompletion {
		row.notes = append(row.notes, "never completes: "+step.Hook.NeverCompletes+" → times out")
	}
	if step.Result == plan.Failed {
		row.notes = append(row.notes, strings.TrimSuffix("fails: "+step.Error, ": "))
	}
	for _, i := range step.Findings {
		if i < 0 || i >= len(p.Findings) {
			continue
		}
		f := p.Findings[i]
		note := severityWord(f.Severity) + " " + f.Rule
		if wide && f.Severity != plan.SeverityInfo {
			note += ": " + message(f) + likelyWord(f.Prediction)
		}
		row.notes = append(row.notes, note)
	}
	return row
}

func ignoredRows(p plan.Plan, o Options) []tableRow {
	if p.Ignored == nil && (o.Only == "" || o.Only == onlyIgnored) {
		row := tableRow{phase: "IGNORED", hook: "unknown", notes: []string{renderedAlready}}
		if i := slices.IndexFunc(p.Unknown, func(u plan.UnknownFact) bool { return u.What == onlyIgnored }); i >= 0 {
			row.notes = []string{p.Unknown[i].Why, "to know: " + p.Unknown[i].HowToKnow}
		}
		return []tableRow{row}
	}
	var rows []tableRow
	for _, i := range p.Ignored {
		row := tableRow{
			phase: "IGNORED", hook: ref(i.Object), chart: owner(i.Template), template: i.Template,
			namespace: i.Object.Namespace, events: i.Value, notes: []string{"ignored " + i.Rule + ": " + i.Message},
		}
		if i.DidYouMean != "" {
			row.notes = append(row.notes, `did you mean "`+i.DidYouMean+`"?`)
		}
		if i.Harmless != "" {
			row.notes = append(row.notes, "harmless: "+i.Harmless)
		}
		rows = append(rows, row)
	}
	return rows
}

func findingRow(f plan.Finding) tableRow {
	row := tableRow{
		action: string(f.Action), phase: "FINDING", chart: owner(f.Template), template: f.Template,
		namespace: f.Object.Namespace,
		notes:     []string{severityWord(f.Severity) + " " + f.Rule + ": " + message(f) + likelyWord(f.Prediction)},
	}
	if f.Object.Name != "" {
		row.hook = f.Object.Ref()
	}
	return row
}
