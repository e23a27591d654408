package plan

import (
	"cmp"
	"fmt"
	"slices"
)

// namedTwice says whether another document of the same action makes the same object.
func namedTwice(h Hook, trace Trace) bool {
	for _, phase := range trace.phases {
		for _, step := range phase.Steps {
			other := step.Hook
			if (other.Template != h.Template || other.Index != h.Index) && slices.ContainsFunc(objectsOf(other.parts), func(object Object) bool { return object == h.Object }) {
				return true
			}
		}
	}
	return false
}

// neverComplete notes hooks whose wait can only end in the timeout.
func (o *observer) neverComplete(inventory Inventory) {
	for i := range inventory.Hooks {
		h := &inventory.Hooks[i]
		if h.NeverCompletes == "" {
			continue
		}
		fix := "set spec.restartPolicy to Never"
		if h.Kind == "Job" {
			fix = "remove spec.suspend from the hook"
		}
		then := "so Helm waits until the timeout and the action fails"
		if h.Kind == "Job" && o.input.Engine.rules().fluxWaiter && o.input.Options.Wait != WaitLegacy {
			then = "and Flux takes a suspended Job for a finished one: it goes on without the hook's work being done"
		}
		o.note(ruleNeverCompletes, &h.Parsed, "", "", fmt.Sprintf("%s never completes (%s), %s", h.Object.Ref(), h.NeverCompletes, then), fix)
	}
}

// kindOrder notes where Helm's order by name differs from the order by kind that people expect.
func (o *observer) kindOrder(inventory Inventory) {
	ranks := kindRanks(o.input.Engine)
	for _, event := range []Event{PreInstall, PostInstall, PreUpgrade, PostUpgrade, PreRollback, PostRollback, PreDelete, PostDelete, TestEvent} {
		hooks := executionOrder(inventory.Hooks, event)
		for j := range hooks {
			for i := range hooks[:j] {
				a, b := &hooks[i], &hooks[j]
				if a.Weight != b.Weight || a.Name == b.Name || !ranks.less(b.Kind, a.Kind) {
					continue
				}
				o.note(ruleNameOrder, &b.Parsed, "", string(event), fmt.Sprintf(
					"%s runs after %s: at equal weight (%d) Helm sorts by name; by kind it would have come first", b.Object.Ref(), a.Object.Ref(), a.Weight),
					"give the hooks different weights")
				break
			}
		}
	}
}

// changingNames notes hooks whose object has another name in each revision, so that before-hook-creation
// never finds the last one.
func (o *observer) changingNames(inventories []Inventory) {
	changing := changingNames(inventories)
	for _, inventory := range inventories {
		for i := range inventory.Hooks {
			h := &inventory.Hooks[i]
			if !changing[placeOf(&h.Parsed)] || slices.Contains(effectivePolicies(h), HookSucceeded) {
				continue
			}
			f := Finding{
				Rule: ruleNameChanges, Fix: "add hook-succeeded and hook-failed to its delete policy, or give it a fixed name",
				Message: h.Object.Ref() + " has another name in each revision, so no later run finds it to delete: each run leaves one more",
			}
			if seconds, known := expiry(h.parts); known {
				f.Severity, f.Prediction = SeverityInfo, Likely
				f.Message += ", " + untilGone(seconds)
			}
			o.add(&h.Parsed, f)
		}
	}
}

// place is one object of one document. An index is an identity within one revision only: what is rendered
// on install alone moves the documents after it.
type place struct {
	template string
	document int
	object   Object
}

func placeOf(p *Parsed) place { return place{p.Template, p.Index, p.Object} }

// role is what a hook is there for, by which it is found again in another revision under another name.
type role struct {
	template, kind, events string
	// nth tells hooks of one role in one template apart.
	nth int
}

// roles gives each hook of an inventory its role, in the order of the file.
func roles(inventory Inventory) map[role]*Hook {
	hooks := make([]*Hook, len(inventory.Hooks))
	for i := range inventory.Hooks {
		hooks[i] = &inventory.Hooks[i]
	}
	slices.SortStableFunc(hooks, func(a, b *Hook) int {
		return cmp.Or(cmp.Compare(a.Template, b.Template), cmp.Compare(a.Index, b.Index))
	})
	found := map[role]*Hook{}
	for _, h := range hooks {
		r := role{template: h.Template, kind: h.Kind, events: fmt.Sprint(h.Events)}
		for found[r] != nil {
			r.nth++
		}
		found[r] = h
	}
	return found
}

// changingNames finds the hooks whose name changes at each render, or from one upgrade to the next: the
// last two inventories are those of two upgrades in a row.
func changingNames(inventories []Inventory) map[place]bool {
	changing := map[place]bool{}
	second, third := roles(inventories[1]), roles(inventories[2])
	names := func(hooks map[role]*Hook) map[string]bool {
		set := map[string]bool{}
		for _, h := range hooks {
			set[h.Object.Ref()] = true
		}
		return set
	}
	inSecond, inThird := names(second), names(third)
	for _, inventory := range inventories {
		for r, h := range roles(inventory) {
			x, y := second[r], third[r]
			moves := x != nil && y != nil && !inThird[x.Object.Ref()] && !inSecond[y.Object.Ref()]
			if h.VolatileName != "" || moves {
				changing[placeOf(&h.Parsed)] = true
			}
		}
	}
	return changing
}
