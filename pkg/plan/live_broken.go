package plan

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// liveOf says whose ordinary resources exist. Where an action broke off, its record tells in which part; then what
// was there before counts, or counts too. candidates are the revisions of which there may be objects, newest first.
func liveOf(state *State) (live Live, candidates []int, err error) {
	for i := len(state.history) - 1; i >= 0; i-- {
		r, err := loaded(&state.history[i])
		if err != nil {
			return Live{}, nil, err
		}
		came := reached(r)
		uninstalling := r.status == StatusUninstalling
		doubtful := uninstalling && hadFailed(state.history[:i])
		switch {
		case r.status == StatusUninstalled, uninstalling && came == reachedAll:
			live.Deleted = len(candidates) == 0
			return live, candidates, nil
		case came == reachedNothing && !uninstalling:
			continue
		case len(candidates) == 0:
			live = Live{Revision: r.number, Rendered: r.rendered, Partly: came == reachedSome || doubtful}
		default:
			live.Before = r.number
		}
		candidates = append(candidates, r.number)
		if (came != reachedSome || uninstalling) && !doubtful {
			return live, candidates, nil
		}
	}
	return live, candidates, nil
}

// hadFailed says that the revision after these, which is being uninstalled, may never have been deployed: its own status
// and description are overwritten (uninstall.go Run). One that was deployed left no earlier record deployed, and made
// the one before it superseded (upgrade.go performUpgrade).
func hadFailed(earlier []revision) bool {
	is := func(status Status) bool {
		return slices.ContainsFunc(earlier, func(r revision) bool { return r.status == status })
	}
	return is(StatusDeployed) || len(earlier) > 0 && !is(StatusSuperseded)
}

// wentWell says that the action which wrote a record came to its end. A rollback that fails makes the revision
// before it superseded, even one that had failed (rollback.go performRollback): only its description tells.
func (r *revision) wentWell() bool {
	switch r.status {
	case StatusDeployed:
		return true
	case StatusSuperseded:
		return !r.tellsFailure()
	}
	return false
}

// tellsFailure says that the description is that of a failure: Release, Upgrade or Rollback "name" failed: why
// (install.go, upgrade.go and rollback.go).
func (r *revision) tellsFailure() bool { return failureText.MatchString(r.stored.Description) }

var failureText = regexp.MustCompile(`^(Release|Upgrade|Rollback) "[^"]*" failed: `)

// reach is how far an action came with the ordinary resources.
type reach int

const (
	reachedSome reach = iota
	reachedNothing
	reachedAll
)

// reached finds out where an action broke off: from the description that Helm stores with a failure (v3 and v4
// pkg/action/install.go and upgrade.go failRelease: the error as it stands), else from the hooks that ran.
func reached(r *revision) reach {
	failure := failureText.ReplaceAllString(r.stored.Description, "")
	starts := func(words string) bool { return strings.HasPrefix(failure, words) }
	switch {
	case r.wentWell():
		return reachedAll
	case r.tellsFailure() && (starts("pre-upgrade hooks failed") || starts("failed pre-install")):
		return reachedNothing
	case r.tellsFailure() && (starts("post-upgrade hooks failed") || starts("failed post-install")):
		return reachedAll
	case r.tellsFailure() && failure != errCanceled.Error():
		// The resources were refused, or Helm waited for them in vain.
		return reachedSome
	}
	before, after := eventsAround(broken(r))
	switch {
	case r.ran(after):
		return reachedAll
	case r.brokeOffBefore(before, after):
		return reachedNothing
	}
	return reachedSome
}

// brokeOffBefore says that the hooks before the resources did not come to their end: some have run, and one has not,
// or not well. A hook that runs after the resources as well does not tell which of its runs failed.
func (r *revision) brokeOffBefore(before, after Event) bool {
	ran, missing, failed := false, false, false
	for i := range r.inventory.Hooks {
		h := &r.inventory.Hooks[i]
		switch {
		case !slices.Contains(h.Events, before):
		case !r.duringAction(*h):
			missing = true
		default:
			ran = true
			failed = failed || h.LastRun.Phase != "Succeeded" && !slices.Contains(h.Events, after) && !slices.Contains(h.Events, TestEvent)
		}
	}
	return failed || ran && missing
}

// eventsAround are the events before and after the resources of an action.
func eventsAround(action Action) (before, after Event) {
	switch action {
	case Install:
		return PreInstall, PostInstall
	case Upgrade:
		return PreUpgrade, PostUpgrade
	case Rollback:
		return PreRollback, PostRollback
	}
	return PreDelete, PostDelete
}

// broken is the action that wrote a record which is not deployed (v3 and v4 pkg/action: SetStatus and Description of
// each).
func broken(r *revision) Action {
	switch r.status {
	case StatusPendingInstall:
		return Install
	case StatusPendingUpgrade:
		return Upgrade
	case StatusPendingRollback:
		return Rollback
	case StatusUninstalling, StatusUninstalled:
		return Uninstall
	}
	switch {
	case strings.HasPrefix(r.stored.Description, "Upgrade "):
		return Upgrade
	case strings.HasPrefix(r.stored.Description, "Rollback "):
		return Rollback
	case r.stored.RollbackTo != 0 || r.copied():
		return Rollback
	case r.number == 1 || strings.HasPrefix(r.stored.Description, "Release "):
		return Install
	}
	return Upgrade
}

// ran says whether a hook of an event has run in the action that wrote the record.
func (r *revision) ran(event Event) bool {
	return slices.ContainsFunc(r.inventory.Hooks, func(h Hook) bool {
		return slices.Contains(h.Events, event) && r.duringAction(h) && !sharedWithBefore(h, event)
	})
}

// duringAction says that a hook's last run belongs to the action that wrote the record: a rollback copies the times
// of its target (rollback.go prepareRollback: Hooks: previousRelease.Hooks).
func (r *revision) duringAction(h Hook) bool {
	return h.LastRun.Phase != "" && !h.LastRun.Started.IsZero() && !h.LastRun.Started.Before(r.stored.Began)
}

// copied says that a hook's last run is older than the record, as only those of a rollback are.
func (r *revision) copied() bool {
	return slices.ContainsFunc(r.inventory.Hooks, func(h Hook) bool {
		return !h.LastRun.Started.IsZero() && h.LastRun.Started.Before(r.stored.Began)
	})
}

// sharedWithBefore says that a hook runs before the resources too, or in a test that came later, so that its last run
// does not tell which it was.
func sharedWithBefore(h Hook, event Event) bool {
	for _, action := range allActions {
		if before, after := eventsAround(action); after == event && slices.Contains(h.Events, before) {
			return true
		}
	}
	return slices.Contains(h.Events, TestEvent)
}

// brokenHooks are the hooks of an event whose run the record does not call a success.
func (r *revision) brokenHooks(event Event) []*Hook {
	var found []*Hook
	for i := range r.inventory.Hooks {
		h := &r.inventory.Hooks[i]
		if slices.Contains(h.Events, event) && r.duringAction(*h) && h.LastRun.Phase != "Succeeded" {
			found = append(found, h)
		}
	}
	return found
}

// rolledBackTo is the revision to which a broken rollback went, 0 where the record does not say. Helm 3 says so in
// the description only, until the failure takes its place (v3 pkg/action/rollback.go).
func rolledBackTo(r *revision) int {
	if r.stored.RollbackTo != 0 {
		return r.stored.RollbackTo
	}
	text, found := strings.CutPrefix(r.stored.Description, "Rollback to ")
	if number, err := strconv.Atoi(text); found && err == nil {
		return number
	}
	return 0
}

// wayOut finds the ways out of the state in which a live release is; nil where it is deployed, or is none.
func (p *player) wayOut() (*Recovery, error) {
	if p.live == nil || p.live.last() == nil {
		return nil, nil
	}
	last := p.live.last()
	if last.status == StatusDeployed || last.status == StatusSuperseded || last.status == StatusUninstalled {
		return nil, nil
	}
	action := broken(last)
	options := p.leading(action)
	if action == Rollback {
		if options.RollbackTo = rolledBackTo(last); options.RollbackTo == 0 {
			options.RollbackTo = goodRevision(*p.live)
		}
	}
	trace := Trace{Action: action, Outcome: Outcome{Result: Failed, Status: last.status}, phases: p.brokenPhases(last, action)}
	found, err := p.recover(trace, Command{Action: action, Options: options}, *p.live)
	return found, reading(err)
}

// brokenPhases are the phases in which the record shows hooks that did not succeed.
func (p *player) brokenPhases(last *revision, action Action) []Phase {
	var phases []Phase
	before, after := eventsAround(action)
	for _, event := range []Event{before, after} {
		if hooks := last.brokenHooks(event); len(hooks) > 0 {
			phase := Phase{Name: string(event), Action: action, Revision: last.number, Result: Failed}
			for _, h := range hooks {
				phase.Steps = append(phase.Steps, Step{Hook: *h, Result: Failed})
			}
			phases = append(phases, phase)
		}
	}
	return phases
}
