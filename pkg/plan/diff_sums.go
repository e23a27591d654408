package plan

import (
	"slices"
	"strings"
	"time"
)

// left finds what only one side leaves in the cluster after uninstall.
func (c *comparison) left() {
	for i := range c.after.plan.Timelines {
		now := &c.after.plan.Timelines[i]
		old := c.before.timeline(now.ID)
		if now.Action != Uninstall || old == nil {
			continue
		}
		was, is := c.leftBy(c.before, old), c.leftBy(c.after, now)
		place := []Place{{Action: Uninstall}}
		if gone := c.missingFrom(was, is); len(gone) > 0 {
			c.add(Change{Kind: ChangeLeft, Impact: ImpactDiffers, Objects: gone, Places: place, Old: "left in the cluster"}, 1)
		}
		if more := c.missingFrom(is, was); len(more) > 0 {
			c.add(Change{Kind: ChangeLeft, Impact: ImpactDiffers, Objects: more, Places: place, New: "left in the cluster"}, 1)
		}
	}
}

type leftover struct {
	id     subject
	object Object
}

func (c *comparison) leftBy(s side, t *Timeline) (all []leftover) {
	for _, o := range t.Outcome.Left {
		all = append(all, leftover{c.canonical(s, s.named(o, "", 0)), o})
	}
	return all
}

// canonical is the subject under which both sides know an object.
func (c *comparison) canonical(s side, id subject) subject {
	if old, ok := c.renamed[id]; ok && s.is[id] == asNothing {
		return old
	}
	return id
}

// missingFrom are those of a list that the other lacks. That they are left needs no finding then.
func (c *comparison) missingFrom(all, other []leftover) (objects []Object) {
	for _, l := range all {
		if !slices.ContainsFunc(other, func(o leftover) bool { return o.id == l.id }) {
			objects = append(objects, l.object)
			c.told[toldFinding{ruleLeft, l.id}] = true
		}
	}
	return objects
}

// findings finds those that are new or gone, or matter more or less. What went with its object is not mended. Notes about a hook that is itself new or gone,
// or runs at other times, go without saying, and so do all notes where an action ends otherwise: they come and go
// with what it reaches.
func (c *comparison) findings() {
	old, now := c.findingsOf(c.before), c.findingsOf(c.after)
	for _, f := range now.all {
		was, there := old.by[f.key]
		switch {
		case !there:
			c.finding(f, "", f.Severity)
		case was.Severity != f.Severity:
			c.finding(f, was.Severity, f.Severity)
		}
	}
	for _, f := range old.all {
		if _, there := now.by[f.key]; !there && c.after.is[f.key.id] != asNothing && !c.unseen(f.Rule) {
			c.finding(f, f.Severity, "")
		}
	}
}

// unseen says that nobody has looked for a rule on the new side: those of HH1xx are observed in a life that only a Helm
// of its own goes through, so that their absence under another engine mends nothing. How a failure strands a release
// under Flux is up to the HelmRelease, and another HelmRelease may be the one that counts.
func (c *comparison) unseen(rule string) bool {
	helm := func(s side) bool { return s.plan.Engine.RunsHelm() }
	flux := func(s side) bool { return s.plan.Engine.Name == engineFlux }
	if rule == ruleStranded && flux(c.after) && !flux(c.before) {
		return true
	}
	return strings.HasPrefix(rule, "HH1") && helm(c.before) && !helm(c.after)
}

// followsFrom says that another change lets expect that notes about a hook come or go.
func (c *comparison) followsFrom(id subject) bool {
	causes := []ChangeKind{ChangeAdded, ChangeRemoved, ChangeEvents, ChangeIgnored, ChangeResource, ChangeRun, ChangeName}
	return slices.ContainsFunc(c.changes, func(n noted) bool {
		return n.Kind == ChangeOutcome || slices.Contains(causes, n.Kind) && slices.Contains(n.Objects, c.object(id))
	})
}

type knownFinding struct {
	Finding
	key toldFinding
}

type knownFindings struct {
	all []knownFinding
	by  map[toldFinding]knownFinding
}

// findingsOf are a plan's findings, the worst of each rule about each object.
func (c *comparison) findingsOf(s side) knownFindings {
	known := knownFindings{by: map[toldFinding]knownFinding{}}
	for _, f := range s.plan.Findings {
		key := toldFinding{f.Rule, c.canonical(s, s.named(f.Object, f.Template, f.Document))}
		if old, ok := known.by[key]; !ok || severityRank(f.Severity) < severityRank(old.Severity) {
			known.by[key] = knownFinding{f, key}
		}
	}
	for _, f := range s.plan.Findings {
		key := toldFinding{f.Rule, c.canonical(s, s.named(f.Object, f.Template, f.Document))}
		if worst := known.by[key]; !slices.ContainsFunc(known.all, func(k knownFinding) bool { return k.key == key }) {
			known.all = append(known.all, worst)
		}
	}
	return known
}

func severityRank(s Severity) int {
	return slices.Index([]Severity{SeverityError, SeverityWarning, SeverityInfo}, s)
}

// finding notes one, unless another change tells it already. Of one rule that says the same of several objects one
// change is made.
func (c *comparison) finding(f knownFinding, old, now Severity) {
	id := f.key.id
	isNote := (old == "" || old == SeverityInfo) && (now == "" || now == SeverityInfo)
	if c.told[f.key] || isNote && c.followsFrom(id) {
		return
	}
	change := Change{
		Kind: ChangeFinding, Impact: ImpactNote, Objects: []Object{f.Object}, Old: string(old), New: string(now),
		Rule: f.Rule, Why: withoutObject(f.Finding), Fix: f.Fix,
	}
	switch {
	case now == SeverityError:
		change.Impact = ImpactBreaks
	case old == SeverityError, old == SeverityWarning && now == "":
		change.Impact = ImpactMends
	case now == SeverityWarning || old == SeverityWarning:
		change.Impact = ImpactDiffers
	}
	if f.Action != "" {
		change.Places = []Place{{f.Action, f.Phase}}
	}
	if f.Object == (Object{}) {
		change.Objects = nil
	}
	for i := range c.changes {
		other := c.changes[i].Change
		objects := other.Objects
		other.Objects = change.Objects
		other.Places = change.Places
		if other.Kind == ChangeFinding && sameChange(other, change) {
			c.changes[i].Objects = append(slices.Clone(objects), change.Objects...)
			c.changes[i].Places = withPlaces(c.changes[i].Places, change.Places)
			return
		}
	}
	c.add(change, c.at(id))
}

// withoutObject is a finding's message without the object's name at its beginning.
func withoutObject(f Finding) string {
	if rest, ok := strings.CutPrefix(f.Message, f.Object.Ref()+" "); ok && f.Object.Name != "" {
		return rest
	}
	return f.Message
}

// waits compares what all waits of each action may take together.
func (c *comparison) waits() {
	change := Change{Kind: ChangeWaits, Impact: ImpactDiffers}
	var was, is []string
	for i := range c.after.plan.Timelines {
		now := &c.after.plan.Timelines[i]
		old := c.before.timeline(now.ID)
		if old == nil || old.WorstCase == now.WorstCase && old.Unbounded == now.Unbounded {
			continue
		}
		change.Places = append(change.Places, Place{Action: now.Action})
		was = append(was, now.ID+" "+totalWait(old))
		is = append(is, now.ID+" "+totalWait(now))
	}
	if len(was) > 0 {
		change.Old, change.New = strings.Join(was, ", "), strings.Join(is, ", ")
		c.add(change, 2)
	}
}

// totalWait is how long an action may wait: 25m, 1h5m, 90s as 1m30s.
func totalWait(t *Timeline) string {
	switch {
	case t.Unbounded:
		return "without limit"
	case t.Waits == 0:
		return "not at all"
	}
	text := time.Duration(t.WorstCase).String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
