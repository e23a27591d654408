package plan

import (
	"fmt"
	"slices"
	"strings"
)

// object is the full name of an object, as the new side has it where that does.
func (c *comparison) object(id subject) Object {
	if o, ok := c.after.objects[id]; ok {
		return o
	}
	return c.before.objects[id]
}

func placesOf(runs ...[]run) (places []Place) {
	for _, r := range slices.Concat(runs...) {
		places = append(places, r.place)
	}
	return places
}

// roles finds what became another thing: hooks that are new or gone, run at other times, or are hooks no longer.
func (c *comparison) roles() {
	for _, id := range c.ids {
		old, now := c.before.is[id], c.after.is[id]
		switch {
		case old == asIgnored || now == asIgnored:
			c.ignoring(id)
		case old == asHook && now == asHook:
			c.events(id)
		case old == asHook && now == asObject, old == asObject && now == asHook:
			c.put(id, Change{Kind: ChangeResource, Impact: ImpactDiffers, Old: c.before.roleWords(id), New: c.after.roleWords(id)})
		case old == asHook && len(c.apartBefore[id]) > 0:
			c.put(id, Change{Kind: ChangeRemoved, Impact: ImpactDiffers, Old: described(c.apartBefore[id])})
		case now == asHook && len(c.apartAfter[id]) > 0:
			change := Change{Kind: ChangeAdded, Impact: ImpactDiffers, New: described(c.apartAfter[id])}
			if silent := slices.IndexFunc(c.apartAfter[id], func(r run) bool { return r.step.NotRun }); silent >= 0 {
				change.Impact = ImpactBreaks
				c.explain(&change, c.after, c.apartAfter[id][silent])
			}
			c.put(id, change)
		}
		if c.isRenamed(id) {
			was, is := c.before.objects[id], c.after.objects[id]
			c.put(id, Change{Kind: ChangeName, Impact: ImpactDiffers, Was: was, Old: c.before.name(was), New: c.after.name(is)})
		}
	}
}

func (c *comparison) isRenamed(id subject) bool {
	for _, old := range c.renamed {
		if old == id {
			return true
		}
	}
	return false
}

// put notes a change of one hook at all places that only one side has.
func (c *comparison) put(id subject, change Change) {
	change.Objects = []Object{c.object(id)}
	change.Places = placesOf(c.apartBefore[id], c.apartAfter[id])
	c.add(change, c.at(id))
}

// name is KIND/NAME, with the namespace where it is not the release's.
func (s side) name(o Object) string {
	if o.Namespace != "" && o.Namespace != s.plan.Release.Namespace {
		return o.Ref() + " in namespace " + o.Namespace
	}
	return o.Ref()
}

// ignoring tells what Helm begins or ceases to drop. Where a side cannot tell what it drops, nothing is concluded
// from a document that is not there.
func (c *comparison) ignoring(id subject) {
	old, now := c.before.is[id], c.after.is[id]
	if old == asNothing && c.before.plan.Ignored == nil || now == asNothing && c.after.plan.Ignored == nil {
		return
	}
	change := Change{Kind: ChangeIgnored, Old: c.before.roleWords(id), New: c.after.roleWords(id)}
	was, is := c.before.ignored[id], c.after.ignored[id]
	switch {
	case old == asIgnored && now == asIgnored:
		if was.Rule == is.Rule && was.Value == is.Value {
			return
		}
		change.Impact, change.Rule, change.Fix = ImpactDiffers, is.Rule, is.Fix
	case now == asIgnored:
		change.Impact, change.Rule, change.Fix = ImpactBreaks, is.Rule, is.Fix
	case now == asNothing:
		change.Impact, change.Rule = ImpactNote, was.Rule
	default:
		change.Impact, change.Rule = ImpactMends, was.Rule
	}
	if was.Harmless+is.Harmless != "" {
		change.Impact, change.Why = ImpactNote, "harmless: "+was.Harmless
		if is.Harmless != "" {
			change.Why = "harmless: " + is.Harmless
		}
	}
	c.put(id, change)
}

// roleWords say what a document is.
func (s side) roleWords(id subject) string {
	switch s.is[id] {
	case asHook:
		if phases := s.phases(id); phases != "" {
			return "a hook in " + phases
		}
		return "a hook that runs in none of these actions"
	case asObject:
		return "an ordinary object, installed and deleted with the release"
	case asIgnored:
		return "ignored: " + s.ignored[id].Message + " (" + s.ignored[id].Rule + ")"
	}
	return ""
}

// phases lists when a hook runs: each phase once, with a number where it runs several times in it.
func (s side) phases(id subject) string {
	return s.listed(id, func(p Place) string { return p.Phase })
}

func (s side) listed(id subject, word func(Place) string) string {
	var names []string
	times := map[string]int{}
	for _, r := range s.runs {
		if r.id != id {
			continue
		}
		name := word(r.place)
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
		times[name] = max(times[name], r.key.nth+1)
	}
	for i, name := range names {
		if times[name] > 1 {
			names[i] = fmt.Sprintf("%s (%d times)", name, times[name])
		}
	}
	return strings.Join(names, ", ")
}

// events finds a hook that runs in other phases than before.
func (c *comparison) events(id subject) {
	if len(c.apartBefore[id])+len(c.apartAfter[id]) == 0 {
		return
	}
	change := Change{Kind: ChangeEvents, Impact: ImpactDiffers, Old: c.before.phases(id), New: c.after.phases(id)}
	if change.Old == change.New {
		// Only the actions differ in which the phase comes up, as with the undoing of a failed install.
		word := func(p Place) string { return string(p.Action) + ": " + p.Phase }
		change.Impact, change.Old, change.New = ImpactNote, c.before.listed(id, word), c.after.listed(id, word)
	}
	c.put(id, change)
}

// described says how a hook of one side runs.
func described(runs []run) string {
	step := runs[0].step
	said := fmt.Sprintf("weight %d; waits: %s; deleted: %s", step.Hook.Weight, waitsOf(step), policyOf(step))
	for _, r := range runs {
		if stateOf(r.step) != stateRuns {
			return said + "; " + stateWords(r.step)
		}
	}
	return said
}

// policyOf are the delete policies in force.
func policyOf(step *Step) string {
	policies := sortedPolicies(step.DeletePolicies)
	switch {
	case step.Hook.Kind == "CustomResourceDefinition":
		return "never, Helm keeps CustomResourceDefinitions"
	case len(policies) == 0:
		return "never"
	}
	return strings.Join(policies, ", ")
}

// sortedPolicies leaves out what Helm does not act on, and what is said twice: the order is of no importance.
func sortedPolicies(policies []DeletePolicy) []string {
	var known []string
	for _, p := range []DeletePolicy{BeforeHookCreation, HookSucceeded, HookFailed} {
		if slices.Contains(policies, p) {
			known = append(known, string(p))
		}
	}
	return known
}

// waitsOf says what Helm waits for after it made the hook's object.
func waitsOf(step *Step) string {
	switch {
	case step.WaitsFor == WaitsCompletion && step.Hook.NeverCompletes != "":
		return "until the timeout, since it never completes: " + step.Hook.NeverCompletes
	case step.WaitsFor == WaitsCompletion:
		return "until it completes"
	case step.WaitsFor == WaitsCreated:
		return "until it is created"
	case step.WaitsFor == WaitsNone || step.WaitsFor == "":
		return "for nothing"
	}
	return "until it is " + string(step.WaitsFor)
}
