package plan

import (
	"slices"
	"strings"
)

// leftByRuns says what the last runs of all hooks of one object have left: the latest counts, but a hook that ran
// before it may have deleted the object at the end of the event.
func (r *revision) leftByRuns(key string) (thing placed, left bool) {
	var latest *Hook
	deleted := false
	for i := range r.inventory.Hooks {
		h := &r.inventory.Hooks[i]
		for _, one := range h.parts {
			if identityKey(h.Parsed, one.object) != key || h.LastRun.Phase == "" || r.neverMade(h) {
				continue
			}
			this, stays := r.leftByLastRun(h, one)
			deleted = deleted || !stays
			if latest == nil || !h.LastRun.Started.Before(latest.LastRun.Started) {
				latest, thing, left = h, this, stays
			}
		}
	}
	thing.unsure = thing.unsure || deleted
	return thing, left
}

// leftByLastRun says what the last run of a hook has left, as far as its record and its policies tell (v3 and v4
// pkg/action/hooks.go execHook).
func (r *revision) leftByLastRun(h *Hook, one part) (thing placed, left bool) {
	thing = placed{object: one.object, byHook: true, kept: one.kept, keptByHook: one.kept, fixed: one.fixed, condition: live}
	if !r.serverSide {
		thing.posted = one.body
	}
	deletes := func(policy DeletePolicy) bool {
		return h.Kind != "CustomResourceDefinition" && slices.Contains(effectivePolicies(h), policy)
	}
	switch h.LastRun.Phase {
	case "Succeeded":
		left, thing.condition = true, finished
		if deletes(HookSucceeded) {
			left, thing.unsure = r.stoppedBeforeCleaning(h)
		}
	case "Failed":
		// What Helm does not wait for can fail only when it is made, and then no policy runs.
		left, thing.condition, thing.unsure = !deletes(HookFailed) || !isRun(one.object), failed, r.maybeNeverMade(h)
		if r.foundInTheWay(h) {
			left, thing.condition, thing.vague = true, finished, true
		}
	case "Running", "Unknown":
		// Helm died, or nothing stored the end: a rollback and an uninstall do not when a hook fails.
		left, thing.condition = true, running
		thing.unsure = true
	}
	if !watched(one.object) {
		thing.condition = live
	}
	return thing, left && !one.nameless
}

// neverMade says that the run failed before there was an object.
func (r *revision) neverMade(h *Hook) bool {
	return h.LastRun.Phase == "Failed" && len(h.parts) == 1 && r.tellsCreation(h) && !r.foundInTheWay(h)
}

// foundInTheWay says that the run failed because there was an object already.
func (r *revision) foundInTheWay(h *Hook) bool {
	return h.LastRun.Phase == "Failed" && len(h.parts) == 1 && r.tellsCreation(h) && strings.Contains(r.stored.Description, "already exists")
}

// isRun says that Helm 3 or 4 waits for an object of this kind: what it does not wait for can fail only when it is
// made.
func isRun(o Object) bool { return o.Kind == "Job" || o.Kind == "Pod" }

// maybeNeverMade says that the record leaves open whether the run failed before there was an object: that stands in
// the description of a failed install or upgrade, and of nothing else.
func (r *revision) maybeNeverMade(h *Hook) bool {
	return len(h.parts) > 1 || !r.neverMade(h) && !r.foundInTheWay(h) && (!r.duringAction(*h) || r.status != StatusFailed || !strings.Contains(r.stored.Description, "failed: "))
}

// tellsCreation says that the description tells of a hook that could not be made ("warning: Hook %s %s failed").
func (r *revision) tellsCreation(h *Hook) bool {
	return r.duringAction(*h) && slices.ContainsFunc(h.Events, func(event Event) bool {
		return strings.Contains(r.stored.Description, "warning: Hook "+string(event)+" "+h.Template+" failed")
	})
}

// stoppedBeforeCleaning says whether Helm stopped after a hook had succeeded and before it deleted the hooks that
// had: a later hook of the event could not be made, or Helm died while it waited for it.
func (r *revision) stoppedBeforeCleaning(h *Hook) (stopped, unsure bool) {
	for i := range r.inventory.Hooks {
		other := &r.inventory.Hooks[i]
		together := slices.ContainsFunc(other.Events, func(e Event) bool { return slices.Contains(h.Events, e) })
		if !together || other.LastRun.Phase == "" || other.LastRun.Started.Before(h.LastRun.Started) {
			continue
		}
		switch {
		case other.LastRun.Phase == "Unknown", r.neverMade(other), r.foundInTheWay(other):
			stopped = true
		case other.LastRun.Phase == "Running", other.LastRun.Phase == "Failed" && r.maybeNeverMade(other):
			stopped, unsure = true, true
		default:
			continue
		}
		// It may have been another event that stopped.
		unsure = unsure || len(h.Events) > 1
	}
	return stopped, unsure
}
