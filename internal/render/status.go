package render

import (
	"fmt"
	"io"
	"strings"
	"time"

	human "k8s.io/apimachinery/pkg/util/duration"

	"github.com/helm-hooks/helm-hooks/internal/status"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// StatusRenderer writes what became of a release's hooks in one format.
type StatusRenderer func(w io.Writer, h Header, r status.Report, o StatusOptions) error

// StatusOptions say how a status is shown.
type StatusOptions struct {
	Style Style
	// Command is what people type to get here, such as helm hooks.
	Command string
	// Logs says that logs were asked for.
	Logs bool
}

func statusFormats() []struct {
	name   string
	render StatusRenderer
} {
	return []struct {
		name   string
		render StatusRenderer
	}{{"text", StatusText}, {"json", StatusJSON}, {"yaml", StatusYAML}}
}

// StatusFormats are the names of the output formats, the default first.
func StatusFormats() []string {
	var names []string
	for _, f := range statusFormats() {
		names = append(names, f.name)
	}
	return names
}

// NewStatus gives the renderer of a format.
func NewStatus(name string) (StatusRenderer, error) {
	for _, f := range statusFormats() {
		if f.name == name {
			return f.render, nil
		}
	}
	return nil, fmt.Errorf("unknown output format %q: valid are %s", name, strings.Join(StatusFormats(), ", "))
}

// StatusText writes a status for people: the verdict, the hooks, the history, what comes next, and the way out, which
// stands where a terminal's reader looks first: at the end.
func StatusText(w io.Writer, h Header, r status.Report, o StatusOptions) error {
	t := &statusText{tree: tree{Style: o.Style, header: h, plan: planOf(h, r)}, report: r, options: o}
	t.verdict()
	t.title()
	t.atWork()
	t.hooks()
	t.history()
	t.next()
	t.wayOutOf()
	t.unknown()
	_, err := io.WriteString(w, t.out.String())
	return err
}

// planOf is the plan, or as much of one as the head and the commands need.
func planOf(h Header, r status.Report) plan.Plan {
	if r.Plan != nil {
		return *r.Plan
	}
	return plan.Plan{Engine: h.Helm.Engine, Release: r.Release}
}

// statusText is one writing of a status.
type statusText struct {
	tree
	report  status.Report
	options StatusOptions
}

func (t *statusText) verdict() {
	color := bold
	switch t.report.State {
	case status.Stuck, status.Broken, status.HookFailed:
		color = alarm
	case status.Attention, status.Working:
		color = yellow
	}
	t.paragraph(nil, blanks(gap), []span{t.span(color, capital(t.report.Verdict))})
	t.put()
}

// capital makes a sentence of a verdict, unless it begins with the release's name, which has a spelling of its own.
func capital(text string) string {
	if rest, ok := strings.CutPrefix(text, "the "); ok {
		return "The " + rest
	}
	return text
}

// when is a time with its age.
func (t *statusText) when(at time.Time) string {
	if at.IsZero() {
		return "at a time that is not stored"
	}
	return tied(at.UTC().Format(moment)) + " " + tied("("+human.HumanDuration(max(0, t.report.Now.Sub(at)))+" ago)")
}

// labelWidth is how wide the words before the facts about a hook are.
const labelWidth = 10

// fact writes one thing about a hook.
func (t *statusText) fact(label string, pieces ...span) {
	t.paragraph([]span{t.span(dim, strings.Repeat(" ", 2*gap)+pad(label, labelWidth))}, blanks(2*gap+labelWidth), pieces)
}

func (t *statusText) heading(name, more string) {
	t.put()
	prefix := []span{t.span(bold, name)}
	if more != "" {
		// In the text itself these blanks would be lost where it does not fit into one line.
		prefix = append(prefix, t.span(plain, "  "))
	}
	t.paragraph(prefix, blanks(gap), []span{t.span(plain, more)})
}

// atWork says whether Helm seems to be at work, where that is a question.
func (t *statusText) atWork() {
	w := t.report.Work
	words := map[status.WorkState]string{status.WorkMaybe: "maybe", status.WorkHardly: "hardly", status.WorkNo: "no"}[w.State]
	if w.Hook == nil && !t.pending() {
		return
	}
	t.heading("IS HELM AT WORK?", words+": "+w.Why)
}

func (t *statusText) pending() bool {
	switch t.report.Newest.Status {
	case plan.StatusPendingInstall, plan.StatusPendingUpgrade, plan.StatusPendingRollback, plan.StatusUninstalling:
		return true
	}
	return false
}

// history writes the revisions that were read, and counts the others.
func (t *statusText) history() {
	var rows [][]string
	var notes []status.Past
	older, width := 0, 0
	for _, past := range t.report.History {
		if !past.Read && !past.Torn {
			older++
			continue
		}
		row := []string{fmt.Sprint(past.Number), string(past.Status)}
		width = max(width, len(row[1]))
		rows, notes = append(rows, row), append(notes, past)
	}
	title := ""
	if older > 0 {
		title = count(older, "older revision") + " before these"
	}
	t.heading("HISTORY", title)
	for i, row := range rows {
		past := notes[i]
		prefix := "  " + padLeft(row[0], len(rows[len(rows)-1][0])) + "  " + pad(row[1], width) + "  "
		t.paragraph([]span{t.span(plain, prefix)}, blanks(len(prefix)), t.pastWords(past))
	}
}

func (t *statusText) pastWords(past status.Past) []span {
	if !past.Read {
		return []span{t.span(plain, "record last written "+t.when(past.Written)), t.span(yellow, "; what is in it could not be read")}
	}
	pieces := []span{t.span(plain, t.when(past.LastDeployed))}
	if !past.Deleted.IsZero() {
		pieces = append(pieces, t.span(plain, ", uninstall began "+t.when(past.Deleted)))
	}
	if past.Description != "" {
		pieces = append(pieces, t.span(plain, "  "+strings.TrimSpace(past.Description)))
	}
	if past.Note != "" {
		pieces = append(pieces, t.span(dim, " · "+past.Note))
	}
	return pieces
}

// wayOutOf writes the way out of a stuck or failed release. What to read stands with the hooks.
func (t *statusText) wayOutOf() {
	if t.report.Plan == nil || t.report.Plan.WayOut == nil {
		return
	}
	way := *t.report.Plan.WayOut
	way.Logs = nil
	title := fmt.Sprintf("  of revision %d, %s", t.report.Newest.Number, t.report.Newest.Status)
	if t.report.Work.State == status.WorkMaybe {
		title += ", once you are sure that no Helm is at work on it"
	}
	t.wayOut(t.recoveryText(strings.TrimSpace(title), "", &way, plan.Live{}))
	if s := t.header.Source; t.header.Helm.Chart == chartWord && s.Chart != "" {
		// v3 and v4 pkg/action/upgrade.go reuseValues.
		t.indented(gap, t.span(dim, fmt.Sprintf("%s stands for the chart, with -f and --set; stored is %s. An upgrade without any values keeps the stored ones",
			chartWord, strings.TrimSpace(s.Chart+" "+s.ChartVersion))))
	}
}

// chartWord stands in commands where nobody knows where the chart came from.
const chartWord = "CHART"

func (t *statusText) unknown() {
	if len(t.report.Unknown) == 0 {
		return
	}
	t.heading("UNKNOWN", "")
	for _, u := range t.report.Unknown {
		t.paragraph([]span{t.span(yellow, "? ")}, blanks(gap), []span{t.span(plain, u.What+": "+u.Why)})
		if u.HowToKnow != "" {
			t.indented(2*gap, t.span(dim, "to know: "+u.HowToKnow))
		}
	}
}
