package status

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// actionOf is the action that made a revision, or that is taking it away.
func actionOf(r Revision) plan.Action {
	switch r.Status {
	case plan.StatusPendingInstall:
		return plan.Install
	case plan.StatusPendingUpgrade:
		return plan.Upgrade
	case plan.StatusPendingRollback:
		return plan.Rollback
	case plan.StatusUninstalling, plan.StatusUninstalled:
		return plan.Uninstall
	}
	switch {
	// "Rollback to 2" and `Rollback "shop" failed: …` (v3 and v4 pkg/action/rollback.go).
	case r.RollbackTo != 0, strings.HasPrefix(r.Description, "Rollback "):
		return plan.Rollback
	// An upgrade takes over when the release was first deployed (v3 and v4 pkg/action/upgrade.go prepareUpgrade).
	case r.Number == 1, r.Read && r.FirstDeployed.Equal(r.LastDeployed):
		return plan.Install
	}
	return plan.Upgrade
}

// rollbackTo is where a rollback went. Helm 3 says so in the description only.
func rollbackTo(r Revision) int {
	if r.RollbackTo != 0 {
		return r.RollbackTo
	}
	text, found := strings.CutPrefix(r.Description, "Rollback to ")
	number, err := strconv.Atoi(text)
	if !found || err != nil {
		return 0
	}
	return number
}

// began is when the action began: an uninstall notes it apart (v3 and v4 pkg/action/uninstall.go).
func began(r Revision) time.Time {
	if (r.Status == plan.StatusUninstalling || r.Status == plan.StatusUninstalled) && !r.Deleted.IsZero() {
		return r.Deleted
	}
	return r.LastDeployed
}

// underWay says that a status is one that an action has while it lasts.
func underWay(s plan.Status) bool {
	switch s {
	case plan.StatusPendingInstall, plan.StatusPendingUpgrade, plan.StatusPendingRollback, plan.StatusUninstalling:
		return true
	}
	return false
}

// eventsOf are the events of an action, in their order.
func eventsOf(a plan.Action) []plan.Event {
	switch a {
	case plan.Install:
		return []plan.Event{plan.PreInstall, plan.PostInstall}
	case plan.Upgrade:
		return []plan.Event{plan.PreUpgrade, plan.PostUpgrade}
	case plan.Rollback:
		return []plan.Event{plan.PreRollback, plan.PostRollback}
	case plan.Uninstall:
		return []plan.Event{plan.PreDelete, plan.PostDelete}
	}
	return []plan.Event{plan.TestEvent}
}

// commandOf is what people type to come to an event.
func commandOf(e plan.Event) string {
	for _, a := range []plan.Action{plan.Install, plan.Upgrade, plan.Rollback, plan.Uninstall, plan.Test} {
		if slices.Contains(eventsOf(a), e) {
			return "helm " + string(a)
		}
	}
	return "no command"
}

// shared are those events of a hook that are an action's.
func shared(h plan.Hook, a plan.Action) []plan.Event {
	var events []plan.Event
	for _, e := range h.Events {
		if slices.Contains(eventsOf(a), e) && !slices.Contains(events, e) {
			events = append(events, e)
		}
	}
	return events
}
