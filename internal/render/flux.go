package render

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// situationTitles head the columns of what helm-controller does.
func situationTitles() []string { return []string{"WHEN", "HELM-CONTROLLER RUNS", "AND THEN"} }

// situationCells are the columns of one situation.
func situationCells(s plan.Situation) []string {
	return []string{s.When, stepsWords(s.Steps, s.End.Repeats), endWords(s.End)}
}

// stepsWords tell a chain of actions; what comes again and again stands in brackets.
func stepsWords(steps []plan.SituationStep, repeats int) string {
	if len(steps) == 0 {
		return "nothing"
	}
	words := each(steps, stepWord)
	if repeats < 1 || repeats > len(words) {
		return chainWords(words)
	}
	loop := chainWords(words[repeats-1:])
	if len(words[repeats-1:]) > 1 {
		loop = "(" + loop + ")"
	}
	chain := loop + ", again and again"
	if before := words[:repeats-1]; len(before) > 0 {
		chain = chainWords(before) + " → " + chain
	}
	return chain
}

func stepWord(s plan.SituationStep) string {
	word := string(s.Action)
	switch {
	case s.Action == "unlock":
		return "unlock (the record is marked failed)"
	case s.Failed:
		word += " fails"
	case s.Killed:
		word += ", cut short"
	}
	if s.Events == nil {
		word += " (without hooks)"
	}
	if s.Pause > 0 {
		word = "after " + durationWords(s.Pause) + " " + word
	}
	return word
}

// longestLoop is how many actions are looked at for coming several times in a row.
const longestLoop = 4

// chainWords joins the words of actions, and counts what comes several times in a row.
func chainWords(words []string) string {
	var parts []string
	for i := 0; i < len(words); {
		size, times := 1, 1
		for n := 1; n <= longestLoop && i+2*n <= len(words); n++ {
			k := 1
			for i+(k+1)*n <= len(words) && reflect.DeepEqual(words[i:i+n], words[i+k*n:i+(k+1)*n]) {
				k++
			}
			if k > 1 {
				size, times = n, k
				break
			}
		}
		part := strings.Join(words[i:i+size], " → ")
		if times > 1 {
			part = strconv.Itoa(times) + " × (" + part + ")"
		}
		parts = append(parts, part)
		i += size * times
	}
	return strings.Join(parts, " → ")
}

// endWords say where helm-controller comes to rest.
func endWords(e plan.FluxEnd) string {
	var parts []string
	switch {
	case e.Stalled != "":
		parts = append(parts, "stalled ("+e.Stalled+") until the HelmRelease, chart or values change")
	case e.Again == plan.FluxInterval:
		parts = append(parts, "a pause of "+durationWords(e.Interval)+" before each further try")
	case e.Again == plan.FluxBackoff:
		parts = append(parts, "a growing pause before each further try")
	}
	if e.Ready != "" {
		ready := "Ready=" + e.Ready
		if e.Ready != "True" && e.Reason != "" {
			ready += " (" + e.Reason + ")"
		}
		parts = append(parts, ready)
	}
	if e.Note != "" {
		parts = append(parts, e.Note)
	}
	return strings.Join(parts, "; ")
}

func durationWords(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// situationsShown are the situations where they are asked for: they are about the HelmRelease, not about one hook.
func (t *tree) situationsShown() []plan.Situation {
	if t.options.Only != "" || t.options.Hook != "" || t.plan.Life {
		return nil
	}
	return t.plan.Situations
}

// situations lists what helm-controller runs when.
func (t *tree) situations() {
	all := t.situationsShown()
	if len(all) == 0 {
		return
	}
	t.put()
	t.put(t.span(bold, "WHEN HELM-CONTROLLER RUNS THEM"))
	for _, s := range all {
		cells := situationCells(s)
		pieces := []span{t.span(plain, cells[0]+": "), t.span(bold, cells[1])}
		if cells[2] != "" {
			pieces = append(pieces, t.span(dim, "; "+cells[2]))
		}
		t.paragraph([]span{t.span(dim, "• ")}, blanks(2*gap), pieces)
	}
}

// lifeEnd says where a life under Flux ends.
func (t *tree) lifeEnd() {
	said := lifeEndWords(t.plan)
	if said == "" {
		return
	}
	t.put()
	t.paragraph([]span{t.span(bold, pad("THEN", actionWidth))}, blanks(actionWidth), []span{t.span(plain, said)})
}

// lifeEndWords say how a life under Flux goes on, empty for every other.
func lifeEndWords(p plan.Plan) string {
	if p.FluxEnd == nil {
		return ""
	}
	said := endWords(*p.FluxEnd)
	n := p.FluxEnd.Repeats
	switch {
	case n < 1:
	case n == len(p.Timelines):
		said = fmt.Sprintf("%d %s comes again and again; %s", n, p.Timelines[n-1].Action, said)
	case n < len(p.Timelines):
		said = fmt.Sprintf("%d %s to %d %s come again and again; %s", n, p.Timelines[n-1].Action, len(p.Timelines), p.Timelines[len(p.Timelines)-1].Action, said)
	}
	return said
}

// wireSituation is what may happen to a HelmRelease, and what helm-controller then does.
type wireSituation struct {
	ID    string              `json:"id"`
	When  string              `json:"when"`
	Steps []wireSituationStep `json:"steps"`
	End   wireFluxEnd         `json:"end"`
}

type wireSituationStep struct {
	Action  string   `json:"action"`
	Because string   `json:"because"`
	Events  []string `json:"events"`
	Failed  bool     `json:"failed,omitempty"`
	Killed  bool     `json:"killed,omitempty"`
	// PauseSeconds is how long helm-controller waits before it.
	PauseSeconds float64 `json:"pauseSeconds,omitempty"`
}

type wireFluxEnd struct {
	// Ready is the condition's status, null where it is not set.
	Ready   *string `json:"ready"`
	Reason  string  `json:"reason,omitempty"`
	Stalled string  `json:"stalled,omitempty"`
	// Again is at-once, back-off, interval or restart, and is left out where nothing comes by itself.
	Again           string  `json:"again,omitempty"`
	IntervalSeconds float64 `json:"intervalSeconds,omitempty"`
	// Repeats is the first of the steps that come again and again, from 1.
	Repeats int    `json:"repeats,omitempty"`
	Note    string `json:"note,omitempty"`
}

func situationWire(s plan.Situation) wireSituation {
	return wireSituation{
		ID: s.ID, When: s.When, End: fluxEndWire(s.End),
		Steps: full(each(s.Steps, func(one plan.SituationStep) wireSituationStep {
			return wireSituationStep{Action: string(one.Action), Because: one.Because, Events: names(one.Events), Failed: one.Failed, Killed: one.Killed, PauseSeconds: one.Pause.Seconds()}
		})),
	}
}

func fluxEndWire(e plan.FluxEnd) wireFluxEnd {
	wire := wireFluxEnd{
		Reason: e.Reason, Stalled: e.Stalled, Again: string(e.Again), IntervalSeconds: e.Interval.Seconds(), Repeats: e.Repeats, Note: e.Note,
	}
	if e.Ready != "" {
		wire.Ready = &e.Ready
	}
	return wire
}

func lifeEndWire(p plan.Plan) *wireFluxEnd {
	if p.FluxEnd == nil {
		return nil
	}
	wire := fluxEndWire(*p.FluxEnd)
	return &wire
}

// ranUnder says of the action's head why helm-controller runs it.
func ranUnder(facts []string, line plan.Timeline) []string {
	if line.Because == "" {
		return facts
	}
	return slices.Insert(facts, 0, line.Because)
}

// lifeEnd says where a life under Flux ends.
func (m *planMarkdown) lifeEnd() {
	if said := lifeEndWords(m.plan); said != "" {
		m.block("**Then:** " + markdown(m.loose(said)))
	}
}

// situations is a table of what helm-controller runs when.
func (m *planMarkdown) situations() {
	all := m.situationsShown()
	if len(all) == 0 {
		return
	}
	m.block("### When helm-controller runs them")
	m.row(each(situationTitles(), strings.ToLower)...)
	m.row("---", "---", "---")
	for _, s := range all {
		m.row(each(situationCells(s), func(cell string) string { return markdown(m.loose(cell)) })...)
	}
	m.out.WriteString("\n")
}

// situations is the section of what helm-controller runs when, and where a life ends.
func (p *htmlPage) situations(t *tree) {
	if said := lifeEndWords(t.plan); said != "" {
		p.add(htmlSection{ID: "then", Title: "Then", Said: t.loose(said)})
	}
	all := t.situationsShown()
	if len(all) == 0 {
		return
	}
	table := htmlTable{Caption: "What happens, and what helm-controller then does", Head: situationTitles()}
	for _, s := range all {
		row := htmlTableRow{}
		for _, cell := range situationCells(s) {
			row.Cells = append(row.Cells, htmlCell{Text: t.loose(cell)})
		}
		table.Rows = append(table.Rows, row)
	}
	p.add(htmlSection{ID: "when", Title: "When helm-controller runs them", Tables: []htmlTable{table}})
}
