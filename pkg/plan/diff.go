package plan

import (
	"cmp"
	"slices"
	"strings"
)

// Diff is what changes for hooks from one plan to another.
type Diff struct {
	// Changes are sorted: what breaks, what is mended, what else differs, notes; within these by the place in the
	// timelines.
	Changes []Change
	// Unknown is what one of the two plans cannot tell, or both.
	Unknown []UnknownFact
}

// ChangeKind says in what respect something changed.
type ChangeKind string

// The kinds of changes.
const (
	// ChangeAdded and ChangeRemoved are hooks that only one side has.
	ChangeAdded   ChangeKind = "added"
	ChangeRemoved ChangeKind = "removed"
	// ChangeEvents is a hook that runs in other phases.
	ChangeEvents ChangeKind = "events"
	// ChangeOrder is a hook that changed places with its neighbours, or, as a note, its weight alone.
	ChangeOrder ChangeKind = "order"
	// ChangePolicy is another delete policy in force, ChangeLogs another output log policy.
	ChangePolicy ChangeKind = "policy"
	ChangeLogs   ChangeKind = "logs"
	// ChangeWaits is another wait for a hook; without an object it is what all waits of an action may take.
	ChangeWaits ChangeKind = "waits"
	// ChangeRun is a hook whose run ends otherwise: it fails, is not reached, or does not run at all.
	ChangeRun ChangeKind = "run"
	// ChangeOutcome is an action that ends otherwise.
	ChangeOutcome ChangeKind = "outcome"
	// ChangeContent is another object that the hook makes.
	ChangeContent ChangeKind = "content"
	// ChangeName is a hook with another name or, as a note, in another template.
	ChangeName ChangeKind = "name"
	// ChangeIgnored is a document that Helm begins or ceases to drop.
	ChangeIgnored ChangeKind = "ignored"
	// ChangeResource is a hook that becomes an ordinary object, or the reverse.
	ChangeResource ChangeKind = "resource"
	// ChangeApply is another way in which Helm makes hooks' objects.
	ChangeApply ChangeKind = "apply"
	// ChangeDeletion is whether Helm waits until a hook's object that it deletes is gone.
	ChangeDeletion ChangeKind = "deletion"
	// ChangeLeft is what uninstall leaves.
	ChangeLeft ChangeKind = "left"
	// ChangeFinding is a finding that is new or gone, or matters more or less.
	ChangeFinding ChangeKind = "finding"
)

// Impact is how much a change matters.
type Impact string

// The impacts. Breaks is what worked, or was at least reported, and does so no longer.
const (
	ImpactBreaks  Impact = "breaks"
	ImpactMends   Impact = "mends"
	ImpactDiffers Impact = "differs"
	ImpactNote    Impact = "note"
)

// Change is one difference.
type Change struct {
	Kind   ChangeKind
	Impact Impact
	// Objects are those that it is about, most often one; as the new side names them, if that has them. None where
	// it is about an action.
	Objects []Object
	// Was is what the old side called the object of a ChangeName.
	Was Object
	// Places are where it shows, in the order of the timelines; empty where it has no place.
	Places []Place
	// Old and New say in a few words how it was and how it is; empty for what is not there.
	Old, New string
	// Parts are the parts of a document that differ. What they hold is never told.
	Parts []string
	// Unreached are the hooks that an action reaches on one side only.
	Unreached []Object
	// Rule, Why and Fix are those of the finding, or of the ignored document, that explains it.
	Rule, Why, Fix string
}

// Place is a phase of an action; the phase is empty where the action as a whole is meant.
type Place struct {
	Action Action
	Phase  string
}

// Compare says what changes for hooks from one plan to another: two charts, two revisions, or one chart under two
// engines. Hooks are the same that have the same kind, namespace and name; the releases' own names and namespaces
// count as equal.
func Compare(before, after Plan) Diff {
	c := newComparison(before, after)
	c.roles()
	c.facets()
	c.orders()
	c.runs()
	c.traits()
	c.left()
	c.findings()
	c.waits()
	return Diff{Changes: c.sorted(), Unknown: unknownOfBoth(before, after)}
}

// unknownOfBoth joins what the two plans cannot tell.
func unknownOfBoth(before, after Plan) []UnknownFact {
	all := []UnknownFact{}
	add := func(facts, others []UnknownFact, side string) {
		for _, fact := range facts {
			if !slices.Contains(others, fact) {
				fact.Why = side + ": " + fact.Why
			}
			if !slices.Contains(all, fact) {
				all = append(all, fact)
			}
		}
	}
	add(before.Unknown, after.Unknown, "old")
	add(after.Unknown, before.Unknown, "new")
	return all
}

// noted is a change with the place of its object, by which it is sorted.
type noted struct {
	Change
	at int
}

// add notes a change; one that was noted for another place already only gets the place.
func (c *comparison) add(change Change, at int) {
	for i := range c.changes {
		if sameChange(c.changes[i].Change, change) {
			c.changes[i].Places = withPlaces(c.changes[i].Places, change.Places)
			return
		}
	}
	change.Places = withPlaces(nil, change.Places)
	c.changes = append(c.changes, noted{change, at})
}

func withPlaces(places, more []Place) []Place {
	for _, place := range more {
		if !slices.Contains(places, place) {
			places = append(places, place)
		}
	}
	return places
}

func sameChange(a, b Change) bool {
	return a.Kind == b.Kind && a.Impact == b.Impact && slices.Equal(a.Objects, b.Objects) && a.Was == b.Was && a.Old == b.Old && a.New == b.New &&
		slices.Equal(a.Parts, b.Parts) && a.Rule == b.Rule && a.Why == b.Why && a.Fix == b.Fix && slices.Equal(a.Unreached, b.Unreached)
}

// sorted puts what matters first. What is about an action stands before its hooks, sums after them.
func (c *comparison) sorted() []Change {
	for i := range c.changes {
		slices.SortStableFunc(c.changes[i].Places, func(a, b Place) int {
			return cmp.Or(cmp.Compare(c.spot(a), c.spot(b)), cmp.Compare(a.Action, b.Action), cmp.Compare(a.Phase, b.Phase))
		})
	}
	slices.SortStableFunc(c.changes, func(a, b noted) int {
		return cmp.Or(
			cmp.Compare(slices.Index(impacts[:], a.Impact), slices.Index(impacts[:], b.Impact)),
			cmp.Compare(rank(a.Change), rank(b.Change)),
			cmp.Compare(a.at, b.at),
			cmp.Compare(refsText(a.Objects), refsText(b.Objects)),
			cmp.Compare(slices.Index(changeKinds[:], a.Kind), slices.Index(changeKinds[:], b.Kind)),
			cmp.Compare(a.Rule, b.Rule),
			comparePlaces(a.Places, b.Places),
			cmp.Compare(a.Old, b.Old), cmp.Compare(a.New, b.New), cmp.Compare(a.Why, b.Why), cmp.Compare(a.Fix, b.Fix),
			cmp.Compare(strings.Join(a.Parts, "\n"), strings.Join(b.Parts, "\n")), cmp.Compare(refsText(a.Unreached), refsText(b.Unreached)))
	})
	sorted := []Change{}
	for _, one := range c.changes {
		sorted = append(sorted, one.Change)
	}
	return sorted
}

// impacts and changeKinds are in the order in which people should read them. Never written to after start-up.
var (
	impacts     = [...]Impact{ImpactBreaks, ImpactMends, ImpactDiffers, ImpactNote}
	changeKinds = [...]ChangeKind{
		ChangeOutcome, ChangeIgnored, ChangeResource, ChangeName, ChangeAdded, ChangeRemoved, ChangeEvents, ChangeRun, ChangeOrder,
		ChangeWaits, ChangePolicy, ChangeLogs, ChangeContent, ChangeApply, ChangeDeletion, ChangeLeft, ChangeFinding,
	}
)

func rank(c Change) int {
	switch {
	case c.Kind == ChangeOutcome:
		return 0
	case c.Kind == ChangeApply, c.Kind == ChangeDeletion, c.Kind == ChangeLeft, c.Kind == ChangeWaits && len(c.Objects) == 0:
		return 2
	case c.Kind == ChangeFinding && len(c.Objects) != 1:
		return 3
	}
	return 1
}

func refsText(objects []Object) string {
	var all []string
	for _, o := range objects {
		all = append(all, o.Ref()+" "+o.Namespace+" "+o.APIVersion)
	}
	return strings.Join(all, ",")
}

func comparePlaces(a, b []Place) int {
	return slices.CompareFunc(a, b, func(x, y Place) int {
		return cmp.Or(cmp.Compare(x.Action, y.Action), cmp.Compare(x.Phase, y.Phase))
	})
}
