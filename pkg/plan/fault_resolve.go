package plan

import (
	"fmt"
	"slices"
	"strings"
)

// faultError says why a fault cannot be played.
func faultError(f Fault, format string, arguments ...any) error {
	return fmt.Errorf("%s: %s", f, fmt.Sprintf(format, arguments...))
}

// resolveFaults finds the hooks that faults name and fills in the point of those that leave it open: a
// Job or Pod fails in the wait, any other hook when it is created.
func resolveFaults(inventories []Inventory, faults []Fault) ([]Fault, error) {
	var resolved []Fault
	for _, f := range faults {
		if f.Object == faultResources {
			resolved = append(resolved, f)
			continue
		}
		hooks := hooksNamed(inventories, f.Object)
		if len(hooks) == 0 {
			return nil, faultError(f, "%s", noHookNamed(inventories, f.Object))
		}
		h := hooks[0]
		f.Object = exactRef(h, f.Object)
		if f.Event != "" && !slices.ContainsFunc(hooks, func(h *Hook) bool { return slices.Contains(h.Events, f.Event) }) {
			return nil, faultError(f, "it does not run in %s; its events are %s", f.Event, joinEvents(eventsOf(hooks)))
		}
		waited := slices.ContainsFunc(objectsOf(h.parts), watched)
		switch {
		case f.At == "" && waited:
			f.At = FaultWait
		case f.At == "":
			f.At = FaultCreate
		case !waited && (f.At == FaultInterrupt || f.At == FaultKill):
			return nil, faultError(f, "Helm does not wait for a %s, so nothing can be interrupted there; name a Job or a Pod, or resources", h.Kind)
		case !waited && (f.At == FaultWait || f.At == FaultTimeout):
			return nil, faultError(f, "Helm does not wait for a %s: it can fail at create or delete", h.Kind)
		}
		resolved = append(resolved, f)
	}
	return resolved, nil
}

// hooksNamed finds hooks, or members of a List that is one, by KIND/NAME: the kind in any case.
func hooksNamed(inventories []Inventory, ref string) []*Hook {
	kind, name, _ := strings.Cut(ref, "/")
	is := func(o Object) bool { return strings.EqualFold(o.Kind, kind) && o.Name == name }
	var found []*Hook
	for i := range inventories {
		for k := range inventories[i].Hooks {
			h := &inventories[i].Hooks[k]
			if is(h.Object) || slices.ContainsFunc(objectsOf(h.parts), is) {
				found = append(found, h)
			}
		}
	}
	return found
}

func exactRef(h *Hook, ref string) string {
	kind, name, _ := strings.Cut(ref, "/")
	for _, o := range append([]Object{h.Object}, objectsOf(h.parts)...) {
		if strings.EqualFold(o.Kind, kind) && o.Name == name {
			return o.Ref()
		}
	}
	return ref
}

func eventsOf(hooks []*Hook) []Event {
	var events []Event
	for _, h := range hooks {
		for _, e := range h.Events {
			if !slices.Contains(events, e) {
				events = append(events, e)
			}
		}
	}
	return events
}

// noHookNamed names the hooks that there are.
func noHookNamed(inventories []Inventory, ref string) string {
	kind, name, _ := strings.Cut(ref, "/")
	var refs []string
	for _, inventory := range inventories {
		for _, d := range inventory.Dropped {
			if strings.EqualFold(d.Object.Kind, kind) && d.Object.Name == name {
				return "Helm drops this object, so it can neither run nor fail: see IGNORED"
			}
		}
		for i := range inventory.Hooks {
			if one := inventory.Hooks[i].Object.Ref(); !slices.Contains(refs, one) {
				refs = append(refs, one)
			}
		}
	}
	if len(refs) == 0 {
		return "there is no such hook: this input has none, only resources can fail"
	}
	return "there is no such hook; there are " + strings.Join(refs, ", ") + ", and resources"
}

// missed says why a fault never struck in the actions that were played.
func missed(f Fault, inventories []Inventory, timelines []Timeline, options Options) error {
	var actions []string
	for _, t := range timelines {
		actions = append(actions, string(t.Action))
	}
	shown := strings.Join(actions, ", ")
	if f.Object == faultResources {
		if (f.At == FaultWait || f.At == FaultInterrupt || f.At == FaultKill) && !waits(options) {
			return faultError(f, "Helm does not wait for ordinary resources in %s without --wait", shown)
		}
		return faultError(f, "the ordinary resources do not come to that in %s", shown)
	}
	events := eventsOf(hooksNamed(inventories, f.Object))
	if f.Event != "" {
		events = []Event{f.Event}
	}
	switch {
	case options.NoHooks && !slices.Contains(events, TestEvent):
		return faultError(f, "--no-hooks keeps it from running in %s", shown)
	case len(options.TestFilter) > 0 && slices.Equal(events, []Event{TestEvent}):
		return faultError(f, "--filter leaves it out of %s, or what fails before it keeps it from failing", shown)
	}
	return faultError(f, "it does not come to that in %s: its events are %s, and what fails before it, or keeps its object from existing, keeps it from failing", shown, joinEvents(events))
}
