package render

import (
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// MatrixTree writes a table for each action, a line a failure, and the ways out below, each once.
func MatrixTree(w io.Writer, h Header, m plan.Matrix, o Options) error {
	t := &tree{Style: o.Style, header: h, plan: plan.Plan{Engine: m.Engine, Release: m.Release, Unknown: m.Unknown}, options: o}
	t.title()
	t.failing(m)
	if len(m.Rows) == 0 {
		if len(m.Failing) == 0 {
			t.put(t.span(bold, nothingFails))
		}
		t.unknown()
		return t.flush(w)
	}
	actions := matrixActions(m)
	t.put(t.span(bold, matrixCount(m)), t.span(plain, " · "+matrixSubject))
	legend := &wayLegend{helm: h.Helm, numbers: map[string]int{}}
	for _, action := range actions {
		if err := t.matrixAction(m, action, legend); err != nil {
			return err
		}
	}
	t.legend(legend)
	t.unknown()
	return t.flush(w)
}

const (
	nothingFails  = "nothing can fail: no hooks and no ordinary resources"
	matrixSubject = "what each leaves, and the way out once its cause is mended"
)

func matrixCount(m plan.Matrix) string {
	return count(len(m.Rows), "failure") + " in " + count(len(matrixActions(m)), "action")
}

// matrixVerdict sums a matrix up for the documents.
func matrixVerdict(m plan.Matrix) string {
	if len(m.Rows) == 0 && len(m.Failing) == 0 {
		return nothingFails
	}
	return matrixCount(m) + ": " + matrixSubject
}

func matrixTitles() []string {
	return []string{"PHASE", "IF THIS FAILS", "RELEASE", "RESOURCES", "HOOK OBJECTS LEFT", "WAY OUT"}
}

const failsByItself = ", so that what it does not reach is not here: "

func failingWords(f plan.MatrixFailure) string {
	return string(f.Action) + " fails by itself" + failsByItself + f.Error
}

// failing names the actions that fail by themselves: what they do not reach has no row.
func (t *tree) failing(m plan.Matrix) {
	for _, f := range m.Failing {
		t.paragraph(nil, blanks(gap), []span{
			t.span(alarm, string(f.Action)+" fails by itself"),
			t.span(plain, failsByItself+f.Error),
		})
	}
}

func (t *tree) flush(w io.Writer) error {
	_, err := io.WriteString(w, t.out.String())
	return err
}

func matrixActions(m plan.Matrix) []plan.Action {
	var actions []plan.Action
	for _, row := range m.Rows {
		if !slices.Contains(actions, row.Action) {
			actions = append(actions, row.Action)
		}
	}
	return actions
}

func (t *tree) matrixAction(m plan.Matrix, action plan.Action, legend *wayLegend) error {
	rows := [][]string{}
	startsFrom := ""
	for _, row := range m.Rows {
		if row.Action == action {
			startsFrom = row.StartsFrom
			rows = append(rows, t.cells(matrixCells(row, m.Release.Namespace, false), legend.refer(row.Recovery)))
		}
	}
	text, err := aligned(matrixTitles(), rows)
	if err != nil {
		return err
	}
	t.put()
	t.put(t.span(bold, strings.ToUpper(string(action))), t.span(plain, "  from "+startsFrom))
	t.out.Write(headed(text, t.Style))
	return nil
}

func (t *tree) cells(cells []string, more ...string) []string {
	all := slices.Concat(cells, more)
	for i, cell := range all {
		all[i] = strings.ReplaceAll(t.text(cell), string(tie), " ")
		if all[i] == "" {
			all[i] = noValue
		}
	}
	return all
}

// matrixCells are what every table says of a failure.
func matrixCells(row plan.MatrixRow, home string, wide bool) []string {
	failing := faultWords(plan.Fault{Object: row.Fault.Object, At: row.Fault.At})
	if row.Order > 0 {
		failing = strconv.Itoa(row.Order) + " " + ref(row.Object)
		if row.Fault.At == plan.FaultCreate {
			failing += " (create)"
		}
	}
	release := statusWords(row.Outcome.History)
	if release == "" {
		release = "no record"
	}
	left := objectsWords(row.Outcome.Left, home)
	if n := len(row.Outcome.Left); n > 2 && !wide {
		left = objectsWords(row.Outcome.Left[:1], home) + " and " + strconv.Itoa(n-1) + " more"
	}
	return []string{row.Phase, failing, release, liveCell(row), left}
}

func liveCell(row plan.MatrixRow) string {
	live := row.Outcome.Live
	switch {
	case live.Revision == 0:
		return "none"
	case live.Partly && live.Before != 0:
		return "partly " + strconv.Itoa(live.Revision) + ", partly " + strconv.Itoa(live.Before)
	case live.Partly:
		return "some of " + strconv.Itoa(live.Revision)
	}
	return "of revision " + strconv.Itoa(live.Revision)
}

// wayLegend gives each distinct way out a letter.
type wayLegend struct {
	helm    Helm
	ways    []plan.Way
	numbers map[string]int
}

// refer names the ways out of one failure by their letters.
func (l *wayLegend) refer(r *plan.Recovery) string {
	if r == nil {
		return ""
	}
	var letters []string
	for _, way := range r.Ways {
		key := way.Goal + "\x00" + strings.Join(l.commands(way), "\x00") + "\x00" + strings.Join(wayWarnings(way, ""), "\x00")
		n, known := l.numbers[key]
		if !known {
			n = len(l.ways)
			l.numbers[key] = n
			l.ways = append(l.ways, way)
		}
		letters = append(letters, letter(n))
	}
	return strings.Join(letters, ", ")
}

func (l *wayLegend) commands(way plan.Way) []string {
	var lines []string
	for _, move := range way.Moves {
		lines = append(lines, l.helm.commands(move)...)
	}
	return lines
}

// letter is A, B … Z, AA, AB …
func letter(n int) string {
	if n < 26 {
		return string(rune('A' + n))
	}
	return letter(n/26-1) + letter(n%26)
}

func (t *tree) legend(l *wayLegend) {
	if len(l.ways) == 0 {
		return
	}
	t.put()
	t.put(t.span(bold, "WAYS OUT"))
	t.indented(gap, t.span(dim, t.header.Helm.reminder()))
	for i, way := range l.ways {
		t.put(t.span(bold, letter(i)), t.span(plain, " "+way.Goal))
		for _, warning := range wayWarnings(way, t.plan.Release.Namespace) {
			t.paragraph([]span{t.span(yellow, "    ▲ ")}, blanks(6), []span{t.span(plain, warning)})
		}
		for _, text := range l.commands(way) {
			t.command(text)
		}
	}
}

// MatrixTable writes one row a failure, with the first way out.
func MatrixTable(w io.Writer, h Header, m plan.Matrix, o Options) error {
	return matrixTable(w, h, m, o, false)
}

// MatrixWide writes the rows of MatrixTable with every object that is left and every way out.
func MatrixWide(w io.Writer, h Header, m plan.Matrix, o Options) error {
	return matrixTable(w, h, m, o, true)
}

func matrixTable(w io.Writer, h Header, m plan.Matrix, o Options, wide bool) error {
	t := &tree{Style: o.Style, header: h, plan: plan.Plan{Engine: m.Engine, Release: m.Release}, options: o}
	t.title()
	t.failing(m)
	rows := [][]string{}
	for _, row := range m.Rows {
		var ways []string
		if row.Recovery != nil {
			for i, way := range row.Recovery.Ways {
				if i == 0 || wide {
					ways = append(ways, strings.Join((&wayLegend{helm: h.Helm}).commands(way), " && "))
				}
			}
		}
		rows = append(rows, t.cells(append([]string{string(row.Action)}, matrixCells(row, m.Release.Namespace, wide)...), strings.Join(ways, " | ")))
	}
	text, err := aligned([]string{"ACTION", "PHASE", "IF THIS FAILS", "RELEASE", "RESOURCES", "HOOK OBJECTS LEFT", "WAY OUT"}, rows)
	if err != nil {
		return err
	}
	t.out.Write(headed(text, o.Style))
	return t.flush(w)
}
