package render

import (
	"fmt"
	"slices"
	"strings"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// diffGroup is the changes of one impact.
type diffGroup struct {
	impact plan.Impact
	title  string
	items  []diffItem
}

// diffItem is what changes about one hook or action.
type diffItem struct {
	// name is that of the hook or the action; kind is hook, or empty.
	name   string
	isHook bool
	lines  []diffLine
}

// diffLine is one change in words.
type diffLine struct {
	// label says what changed, where says where.
	label, where string
	old, now     string
	// text stands for old and now where the change is no pair of them.
	text string
	// more are sentences that belong to it.
	more           []string
	rule, why, fix string
}

// diffGroups put the changes in groups, and those of one hook together. They are sorted already.
func diffGroups(h DiffHeader, d plan.Diff) []diffGroup {
	titles := []diffGroup{
		{impact: plan.ImpactBreaks, title: "breaks"},
		{impact: plan.ImpactMends, title: "mended"},
		{impact: plan.ImpactDiffers, title: "to know"},
		{impact: plan.ImpactNote, title: "notes"},
	}
	var groups []diffGroup
	for _, group := range titles {
		for _, change := range d.Changes {
			if change.Impact != group.impact {
				continue
			}
			item := diffItemOf(h, change)
			if n := len(group.items); n > 0 && group.items[n-1].isHook == item.isHook && group.items[n-1].name == item.name {
				group.items[n-1].lines = append(group.items[n-1].lines, item.lines...)
				continue
			}
			group.items = append(group.items, item)
		}
		if len(group.items) > 0 {
			groups = append(groups, group)
		}
	}
	return groups
}

// diffVerdict is the one line that sums up the differences.
func diffVerdict(d plan.Diff) string {
	n := map[plan.Impact]int{}
	for _, change := range d.Changes {
		n[change.Impact]++
	}
	var parts []string
	add := func(impact plan.Impact, one, many string) {
		switch n[impact] {
		case 0:
		case 1:
			parts = append(parts, "1 "+one)
		default:
			parts = append(parts, fmt.Sprintf("%d %s", n[impact], many))
		}
	}
	add(plan.ImpactBreaks, "that breaks", "that break")
	add(plan.ImpactMends, "mended", "mended")
	add(plan.ImpactDiffers, "to know", "to know")
	add(plan.ImpactNote, "note", "notes")
	said := "no difference in what hooks do"
	switch {
	case len(parts) == 1 && n[plan.ImpactNote] > 0:
		said = count(len(d.Changes), "difference") + ", to note only"
	case len(parts) == 1:
		_, word, _ := strings.Cut(parts[0], " ")
		said = count(len(d.Changes), "difference") + " " + word
	case len(parts) > 1:
		said = count(len(d.Changes), "difference") + ": " + strings.Join(parts, ", ")
	case len(d.Unknown) > 0:
		said += ", as far as it can be told"
	}
	if len(d.Unknown) > 0 {
		said += " · " + count(len(d.Unknown), "thing") + " unknown"
	}
	return said
}

// diffItemOf puts one change into words.
func diffItemOf(h DiffHeader, c plan.Change) diffItem {
	line := diffLine{old: c.Old, now: c.New, rule: c.Rule, why: c.Why, fix: c.Fix, where: phasesOf(c.Places)}
	item := diffItem{name: diffObjects(h, c.Objects), isHook: len(c.Objects) == 1}
	switch c.Kind {
	case plan.ChangeAdded:
		line.label, line.text = "new hook", c.New
	case plan.ChangeRemoved:
		line.label, line.text = "no longer there", "it was: "+c.Old
		line.where = "" // where it ran; now it runs nowhere
		if where := phasesOf(c.Places); where != "" {
			line.text = "it ran in " + where + "; " + c.Old
		}
	case plan.ChangeEvents:
		line.label, line.where = "runs in", ""
	case plan.ChangeOrder:
		line.label = "order"
		if c.Impact == plan.ImpactNote {
			line.label = "weight, without effect on the order"
			line.old, line.now = strings.TrimPrefix(c.Old, "weight "), strings.TrimPrefix(c.New, "weight ")
		}
	case plan.ChangePolicy:
		line.label = "deleted"
	case plan.ChangeLogs:
		line.label = "logs shown"
	case plan.ChangeContent:
		line.label, line.text = "other content", strings.Join(c.Parts, ", ")
	case plan.ChangeIgnored, plan.ChangeResource:
		line.label, line.where, line.rule = "", "", ""
		if c.Old == "" {
			line.old = "not there"
		}
		if c.New == "" {
			line.now = "not there"
		}
	case plan.ChangeName:
		line.label = "name"
		if c.Impact == plan.ImpactNote {
			line.label, line.where = "template", ""
		}
	case plan.ChangeLeft:
		item = diffItem{name: "after uninstall"}
		line.where, line.label, line.text = "", "left no longer", diffObjects(h, c.Objects)
		if c.New != "" {
			line.label = "left in the cluster now"
		}
	case plan.ChangeFinding:
		line = findingLine(c)
		if len(c.Objects) == 0 {
			item.name = "the plan"
		}
	default:
		item, line = sumWords(h, c, item, line)
	}
	item.lines = []diffLine{line}
	return item
}

// sumWords are those of changes of waits, runs, actions and of the way in which objects are made.
func sumWords(h DiffHeader, c plan.Change, item diffItem, line diffLine) (diffItem, diffLine) {
	switch c.Kind {
	case plan.ChangeWaits:
		line.label = "Helm waits"
		if len(c.Objects) == 0 {
			item, line.label, line.where = diffItem{name: "all waits together"}, "at most", ""
		}
	case plan.ChangeRun:
		line.label = "run"
	case plan.ChangeOutcome:
		item, line.where = diffItem{name: actionsWords(c.Places)}, ""
		line.more = outcomeWords(h, c)
	case plan.ChangeApply, plan.ChangeDeletion:
		line.label, line.where = "objects made by", actionsWords(c.Places)
		line.more = []string{"create fails on an object that exists; server-side apply takes it over, and over a finished Job or Pod it changes nothing, so that the hook does not run"}
		if c.Kind == plan.ChangeDeletion {
			line.label, line.more = "deletion of objects", nil
		}
		if item.name = diffObjects(h, c.Objects); len(c.Objects) == 0 {
			item.name = "every hook"
		}
	}
	return item, line
}

func outcomeWords(h DiffHeader, c plan.Change) (more []string) {
	if len(c.Objects) > 0 {
		more = append(more, "it is about "+diffObjects(h, c.Objects))
	}
	if len(c.Unreached) > 0 {
		word := "reached on one side only: "
		switch c.Impact {
		case plan.ImpactBreaks:
			word = "not reached any more: "
		case plan.ImpactMends:
			word = "reached now: "
		default:
			if c.New == "succeeds" {
				word = "reached now: "
			}
		}
		more = append(more, word+diffObjects(h, c.Unreached))
	}
	return more
}

// findingLine says what became of a finding.
func findingLine(c plan.Change) diffLine {
	old, now := severityWord(plan.Severity(c.Old)), severityWord(plan.Severity(c.New))
	line := diffLine{text: c.Why}
	switch {
	case c.Old == "":
		line.label = "new " + now + " " + c.Rule
		line.fix = c.Fix
	case c.New == "":
		line.label = "no longer " + old + " " + c.Rule
	default:
		line.label = c.Rule + ", " + old + " before, " + now + " now"
		line.fix = c.Fix
	}
	return line
}

// diffObjects names objects, with the namespace where it is not the release's.
func diffObjects(h DiffHeader, objects []plan.Object) string {
	home := h.New.Home
	for _, o := range objects {
		if o.Namespace != home && o.Namespace == h.Old.Home {
			home = h.Old.Home
		}
	}
	return objectsWords(objects, home)
}

// phasesOf names places by their phases, each once.
func phasesOf(places []plan.Place) string {
	var names []string
	for _, p := range places {
		name := p.Phase
		if name == "" {
			name = string(p.Action)
		}
		if name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

func actionsWords(places []plan.Place) string {
	var names []string
	for _, p := range places {
		if !slices.Contains(names, string(p.Action)) {
			names = append(names, string(p.Action))
		}
	}
	return strings.Join(names, ", ")
}

// heading joins label and place.
func (l diffLine) heading() string {
	if l.label != "" && l.where != "" {
		return l.label + " (" + l.where + ")"
	}
	return l.label + l.where
}
