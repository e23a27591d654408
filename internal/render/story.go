package render

import (
	"slices"
	"strings"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// story is a plan told in the words of the tree, for the documents: html, markdown and mermaid. All text in
// it is safe, but for what recoveryText holds.
type story struct {
	words *tree
	// heading is what was read, facts are what else belongs to the title.
	heading  string
	facts    []string
	warning  string
	notes    []string
	verdicts []span
	assumed  string
	wayOut   *recoveryText
	scenes   []scene
	// ignored is nil where it cannot be known, or is not asked for.
	ignored  []plan.Ignored
	findings []plan.Finding
	remarks  []noteText
	unknown  []plan.UnknownFact
	// withIgnored and withScenes say which sections are asked for.
	withIgnored, withScenes bool
}

// scene is one action.
type scene struct {
	line  plan.Timeline
	title string
	// said stands beside the title; folded says that it tells enough, so that the lanes may be hidden.
	said   []span
	folded bool
	lanes  []node
	// ends say how it ends, or what a folded action has to add.
	ends   []node
	wayOut *recoveryText
}

// documentStyle is how text looks where a browser lays it out: documents are UTF-8 on every terminal.
func documentStyle() Style { return Style{Unicode: true} }

func newStory(h Header, whole plan.Plan, o Options) (story, error) {
	view, err := Filter(whole, o)
	if err != nil {
		return story{}, err
	}
	o.Style = documentStyle()
	t := &tree{Style: o.Style, header: h, plan: view, options: o, told: map[string]bool{}}
	s := story{words: t, verdicts: t.verdicts(whole), assumed: t.text(assumedWords(view.Faults))}
	s.entitle(h)
	if o.Only == "" {
		s.wayOut = t.stuck()
	}
	if o.Only == "" || o.Only == onlyHooks {
		s.withScenes = true
		s.play()
	}
	if o.Only == "" || o.Only == onlyIgnored {
		s.withIgnored = len(view.Ignored) > 0 || o.Hook == ""
		s.ignored = view.Ignored
	}
	if o.Only == "" || o.Only == onlyFindings {
		s.findings, s.remarks = t.untoldFindings(), t.noteTexts()
	}
	s.unknown = t.unknowns()
	return s, nil
}

// newMatrixStory is the frame of a matrix: its title and what is not known.
func newMatrixStory(h Header, m plan.Matrix, o Options) story {
	o.Style = documentStyle()
	t := &tree{Style: o.Style, header: h, plan: plan.Plan{Engine: m.Engine, Release: m.Release, Unknown: m.Unknown}, options: o, told: map[string]bool{}}
	s := story{words: t, unknown: t.unknowns()}
	s.entitle(h)
	return s
}

func (s *story) entitle(h Header) {
	t := s.words
	parts := append(titleParts(h.Source), t.plan.Engine.String()+" rules")
	for i, part := range parts {
		parts[i] = t.loose(part)
	}
	s.heading, s.facts = parts[0], parts[1:]
	if t.plan.Engine.NewerThanKnown {
		s.warning = newerThanKnown
	}
	s.notes = each(h.Notes, t.loose)
}

// loose makes text safe, and lets lines break everywhere.
func (s Style) loose(raw string) string { return strings.ReplaceAll(s.text(raw), string(tie), " ") }

// play tells the actions.
func (s *story) play() {
	t := s.words
	for _, b := range t.branches() {
		one := scene{line: b.timeline, title: t.loose(t.label(b.timeline)), said: b.compact, folded: b.compact != nil}
		for _, n := range b.nodes {
			if n.phase != nil {
				one.lanes = append(one.lanes, n)
			} else {
				one.ends = append(one.ends, n)
			}
		}
		if one.folded {
			for i, phase := range b.timeline.Phases {
				if n, ok := t.phase(b.timeline, phase, followed(b.timeline.Phases[i+1:])); ok {
					one.lanes = append(one.lanes, n)
				}
			}
		} else {
			one.said = t.joined(t.facts(b.timeline))
		}
		if t.plan.WayOut == nil || len(t.plan.Faults) > 0 {
			one.wayOut = t.recoveryOf(b.timeline)
		}
		s.scenes = append(s.scenes, one)
	}
}

// draws says whether an action has anything to draw: one without hooks takes a line.
func (s scene) draws() bool { return hasSteps(s.line) && len(s.lanes) > 0 }

// stepsOf pairs the rows of a phase with its steps: those of its nodes that have columns, in the same order.
func stepsOf(lane node) []*plan.Step {
	steps := make([]*plan.Step, len(lane.children))
	k := 0
	for i, child := range lane.children {
		if child.row != nil && k < len(lane.phase.Steps) {
			steps[i] = &lane.phase.Steps[k]
			k++
		}
	}
	return steps
}

// meantFor are the phases of an action that an ignored object names.
func meantFor(i plan.Ignored, line plan.Timeline) []string {
	var phases []string
	for word := range strings.SplitSeq(i.Value, ",") {
		word = strings.ToLower(strings.TrimSpace(word))
		named := func(p plan.Phase) bool { return strings.EqualFold(p.Name, word) && len(p.Steps) > 0 }
		if slices.ContainsFunc(line.Phases, named) {
			phases = append(phases, word)
		}
	}
	return phases
}

// missedIn says whether an ignored object would be seen in an action: in one that makes objects, or by its event.
func missedIn(i plan.Ignored, line plan.Timeline) bool {
	makes := slices.Contains([]plan.Action{plan.Install, plan.Upgrade, plan.Sync, plan.Apply}, line.Action)
	return makes || len(meantFor(i, line)) > 0
}
