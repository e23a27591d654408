package render

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

type htmlAction struct {
	ID, Class, Title string
	Said             []htmlText
	Folded           bool
	Picture          *htmlPicture
	Ends             []htmlEnd
	WayOut           *htmlWayOut
}

// htmlEnd is how an action ends, or what a folded one has to add.
type htmlEnd struct {
	Class       string
	Label, Text []htmlText
	Notes       [][]htmlText
}

type htmlWayOut struct {
	// Deep says that it stands in an action, whose heading is above its own.
	Deep                       bool
	Title, Idle, Reminder, See string
	Logs                       []string
	Running                    string
	Awaits                     []string
	Ways, Refused              []htmlWay
	RefusedTitle               string
	Notes                      []string
}

type htmlWay struct {
	ID, Letter, Goal   string
	Warnings, Commands []string
	Said               string
}

// actions draw the timelines.
func (p *htmlPage) actions(s story) {
	if !s.withScenes {
		return
	}
	section := htmlSection{ID: "timelines", Title: "Timelines", Actions: []htmlAction{}}
	for i, one := range s.scenes {
		action := s.action(one, fmt.Sprintf("a%d", i+1))
		section.Actions = append(section.Actions, action)
		p.Contents = append(p.Contents, htmlLink{action.ID, action.Class, action.Title})
	}
	if len(section.Actions) == 0 {
		section.Said = "no action"
	}
	section.Legend = legendOf(section.Actions)
	p.add(section)
}

func (s story) action(one scene, id string) htmlAction {
	t := s.words
	action := htmlAction{ID: id, Class: "calm", Title: one.title, Said: texts(one.said), Folded: one.folded && one.draws()}
	if one.line.Outcome.Result == plan.Failed || one.line.Outcome.Refused {
		action.Class = "alarm"
	}
	if one.draws() {
		action.Picture = s.picture(one)
	}
	for _, n := range one.ends {
		end := htmlEnd{Label: texts(n.label), Text: texts(n.text), Notes: each(n.notes, texts)}
		if slices.ContainsFunc(n.label, func(piece span) bool { return piece.paint == alarm }) {
			end.Class = "alarm"
		}
		action.Ends = append(action.Ends, end)
	}
	if one.wayOut != nil {
		action.WayOut = t.htmlWayOut(one.wayOut, true)
	}
	return action
}

func (t *tree) htmlWayOut(r *recoveryText, deep bool) *htmlWayOut {
	way := func(w wayText) htmlWay {
		return htmlWay{Goal: t.loose(w.goal), Warnings: each(w.warnings, t.loose), Commands: each(w.commands, t.loose), Said: t.loose(w.said)}
	}
	return &htmlWayOut{
		Deep: deep, Title: "Way out " + t.loose(r.title), Idle: t.loose(r.idle), Reminder: t.loose(r.reminder), See: t.loose(r.see),
		Logs: each(r.logs, t.loose), Running: t.loose(r.running), Awaits: each(r.awaits, t.loose),
		Ways: each(r.ways, way), Refused: each(r.refused, way), RefusedTitle: refusedTitle, Notes: each(r.notes, t.loose),
	}
}

type htmlPicture struct {
	// Weight heads the column of what orders the steps, Scale that of the bars.
	Weight, Scale string
	Lanes         []htmlLane
	Ghosts        []htmlGhost
}

type htmlLane struct {
	Class, Name string
	Label, Said []htmlText
	// Single lanes are those of ordinary objects: one row.
	Single bool
	Track  htmlTrack
	Rows   []htmlRow
	Notes  [][]htmlText
}

type htmlRow struct {
	Class, Order, Weight, WeightTitle, Waits string
	Name, Text, Deleted                      []htmlText
	Track                                    htmlTrack
	// Facts are the details; ordinary objects have none.
	Facts []htmlFact
	Notes [][]htmlText
}

type htmlFact struct{ Name, Value string }

// htmlGhost is an ignored object beside the lanes in which it would be.
type htmlGhost struct {
	ID, Said string
	Name     []htmlText
	Track    htmlTrack
}

// mostGhosts is how many ignored objects stand beside a timeline; all have a section of their own.
const mostGhosts = 8

func (s story) picture(one scene) *htmlPicture {
	t := s.words
	drawing := drawn(one.line, one.lanes)
	p := &htmlPicture{Weight: strings.ToLower(weightTitle(one.line)), Scale: "in order, not to scale"}
	if drawing.total > 0 {
		p.Scale = "to scale: the waits took " + spanWords(drawing.total) + " the last time"
	}
	for _, lane := range drawing.lanes {
		p.Lanes = append(p.Lanes, t.lane(drawing, lane, one.line))
	}
	for i, ignored := range s.ignored {
		if !missedIn(ignored, one.line) {
			continue
		}
		if len(p.Ghosts) == mostGhosts {
			p.Ghosts = append(p.Ghosts, htmlGhost{ID: "ignored", Name: []htmlText{{"dim", "and more"}}, Track: htmlTrack{Label: "more ignored objects"}})
			break
		}
		p.Ghosts = append(p.Ghosts, ghost(fmt.Sprintf("i%d", i+1), ignored, one.line, drawing))
	}
	return p
}

func ghost(id string, ignored plan.Ignored, line plan.Timeline, drawing picture) htmlGhost {
	name := documentStyle().loose(ref(ignored.Object))
	g := htmlGhost{ID: id, Name: []htmlText{{"alarm", "✗ "}, {"", name}}, Said: "ignored: neither installed nor run"}
	if ignored.Harmless != "" {
		g.Name[0], g.Said = htmlText{"dim", "• "}, "ignored, harmless"
	}
	g.Track.Label = name + " is ignored"
	for _, lane := range drawing.lanes {
		if slices.Contains(meantFor(ignored, line), strings.ToLower(lane.node.phase.Name)) {
			g.Track.Shapes = append(g.Track.Shapes, htmlShape{Class: "ghost", X: lane.from, Y: 4, Width: lane.to - lane.from, Height: 16, Round: 2})
			g.Track.Label += ", though it names " + documentStyle().loose(lane.node.phase.Name)
		}
	}
	return g
}

func (t *tree) lane(drawing picture, lane pictureLane, line plan.Timeline) htmlLane {
	name := ""
	for _, piece := range texts(lane.node.label) {
		name += piece.Text
	}
	l := htmlLane{Name: cmp.Or(strings.TrimSpace(name), "phase"), Label: texts(lane.node.label), Said: texts(lane.node.text), Single: len(lane.node.children) == 0, Notes: each(lane.node.notes, texts)}
	if lane.node.phase.Action != "" && lane.node.phase.Action != line.Action {
		l.Class = "undoing"
	}
	if l.Single && len(l.Said) > 1 {
		// The kinds stand below, where there is room.
		l.Notes = append([][]htmlText{l.Said[1:]}, l.Notes...)
		l.Said = l.Said[:1]
	}
	if l.Single {
		l.Track = track(drawing, lane, lane.rows[0], line)
		if l.Said != nil {
			l.Track.Label = name + ": " + l.Said[0].Text
		}
		return l
	}
	for _, row := range lane.rows {
		l.Rows = append(l.Rows, t.row(drawing, lane, row, line))
	}
	return l
}

func (t *tree) row(drawing picture, lane pictureLane, row pictureRow, line plan.Timeline) htmlRow {
	r := htmlRow{
		Class: "is-" + string(row.mark), Name: texts(row.node.label), Text: texts(row.node.text),
		Track: track(drawing, lane, row, line), Notes: each(row.node.notes, texts),
	}
	if row.step == nil {
		return r
	}
	columns := row.node.row
	r.Order, r.Weight, r.WeightTitle, r.Waits = columns.order, columns.weight, strings.ToLower(weightTitle(line)), t.loose(columns.waits)
	r.Deleted, r.Facts = texts(columns.deleted), t.htmlFacts(row, lane, line)
	return r
}

// htmlFacts are the details of a step.
func (t *tree) htmlFacts(row pictureRow, lane pictureLane, line plan.Timeline) []htmlFact {
	step, hook := row.step, row.step.Hook
	policies := strings.Join(names(step.DeletePolicies), ", ")
	if step.PolicyFromDefault {
		policies += " (default)"
	}
	all := []htmlFact{
		{"template", place("", hook.Template, hook.Index, 0)},
		{"chart", owner(hook.Template)},
		{"namespace", hook.Object.Namespace},
		{"events", strings.Join(names(hook.Events), ", ")},
		{"delete policies", policies},
		{"log policies", strings.Join(names(hook.OutputLogPolicies), ", ")},
		{"object", lifeWords(row, lane.node.phase.Name, line)},
		{"contains", objectsWords(hook.Items, t.plan.Release.Namespace)},
		{"last run", lastRunWords(hook.LastRun)},
	}
	annotations := helmAnnotations(hook.Annotations)
	for _, key := range slices.Sorted(maps.Keys(annotations)) {
		all = append(all, htmlFact{key, annotations[key]})
	}
	var facts []htmlFact
	for _, f := range all {
		if f.Value = strings.TrimSpace(t.loose(f.Value)); f.Value != "" {
			facts = append(facts, htmlFact{t.loose(f.Name), f.Value})
		}
	}
	if facts == nil {
		return []htmlFact{{"template", "unknown"}}
	}
	return facts
}
