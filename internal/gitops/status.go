package gitops

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// Status is what helm-controller has written into a HelmRelease of a cluster; empty for one of a file.
type Status struct {
	// Ready and Stalled are nil where there is no such condition.
	Ready, Stalled *Condition
	// History are the releases that Flux made, newest first.
	History []Snapshot
	// LastAction is the last attempt: install, upgrade, rollback, uninstall or uninstall-remediation.
	LastAction string
	// LastVersion and LastDigest are those of the chart and the values that were tried last.
	LastVersion, LastDigest string
	// Failures are counted since the chart or the values have changed.
	Failures, InstallFailures, UpgradeFailures int64
	// Stored is the namespace of the records.
	Stored string
	// Anew says that the failures count no more with the next attempt, since the object has changed after the last one.
	Anew bool
	// Behind says that the controller has not looked at the newest spec yet.
	Behind bool
}

// Condition is one of status.conditions.
type Condition struct {
	// Value is True, False or Unknown.
	Value, Reason, Message string
}

// Snapshot is one of status.history: a release as Flux remembers it.
type Snapshot struct {
	Name         string `json:"name"`
	Namespace    string `json:"namespace"`
	Version      int    `json:"version"`
	Status       string `json:"status"`
	ChartName    string `json:"chartName"`
	ChartVersion string `json:"chartVersion"`
	ConfigDigest string `json:"configDigest"`
	// TestHooks are nil where no tests were run.
	TestHooks *map[string]*TestHook `json:"testHooks"`
}

// TestHook is how one test ended.
type TestHook struct {
	Phase string `json:"phase"`
}

// read takes in status. Fields that are not known are of another version of the controller, and no mistake.
func (s *Status) read(o *Object, raw json.RawMessage) error {
	var status struct {
		ObservedGeneration      *int64 `json:"observedGeneration"`
		LastAttemptedGeneration int64  `json:"lastAttemptedGeneration"`
		Conditions              []struct {
			Type    string `json:"type"`
			Status  string `json:"status"`
			Reason  string `json:"reason"`
			Message string `json:"message"`
		} `json:"conditions"`
		History                    []Snapshot `json:"history"`
		LastAttemptedReleaseAction string     `json:"lastAttemptedReleaseAction"`
		LastAttemptedRevision      string     `json:"lastAttemptedRevision"`
		LastAttemptedConfigDigest  string     `json:"lastAttemptedConfigDigest"`
		Failures                   int64      `json:"failures"`
		InstallFailures            int64      `json:"installFailures"`
		UpgradeFailures            int64      `json:"upgradeFailures"`
		StorageNamespace           string     `json:"storageNamespace"`
	}
	if len(raw) == 0 {
		return nil
	}
	if err := json.Unmarshal(raw, &status); err != nil {
		return fmt.Errorf("%s: %s: status: %w", o.Where, o.Ref(), withoutGo(err))
	}
	*s = Status{
		History: status.History, LastAction: status.LastAttemptedReleaseAction, Failures: status.Failures,
		LastVersion: status.LastAttemptedRevision, LastDigest: status.LastAttemptedConfigDigest,
		InstallFailures: status.InstallFailures, UpgradeFailures: status.UpgradeFailures, Stored: status.StorageNamespace,
		// MustResetFailures of internal/action/reset.go; another chart or other values are the plan's.
		Anew:   status.LastAttemptedGeneration != o.metadata.Generation,
		Behind: status.ObservedGeneration != nil && *status.ObservedGeneration != o.metadata.Generation,
	}
	for _, c := range status.Conditions {
		condition := &Condition{c.Status, c.Reason, c.Message}
		switch c.Type {
		case "Ready":
			s.Ready = condition
		case "Stalled":
			s.Stalled = condition
		}
	}
	return nil
}

// notes say how the object fares.
func (s *Status) notes(o *Object, suspended bool) []string {
	var notes []string
	switch deleted := o.metadata.DeletionTimestamp != ""; {
	case deleted && (s.Stored == "" || len(s.History) == 0):
		// reconcileReleaseDeletion of internal/controller/helmrelease_controller.go: what Flux has not made it leaves.
		notes = append(notes, "it is being deleted, and nothing is uninstalled: Flux has made no release for it")
	case deleted && suspended:
		notes = append(notes, "it is being deleted, and nothing is uninstalled")
	case deleted:
		notes = append(notes, "it is being deleted: all that comes is its uninstall")
	}
	if s.Ready != nil {
		notes = append(notes, "Ready is "+s.Ready.words())
	}
	if s.Stalled != nil && s.Stalled.Value == "True" {
		notes = append(notes, fmt.Sprintf("Stalled (%s): Flux tries no more until something changes, or flux reconcile helmrelease %s -n %s --reset", s.Stalled.Reason, o.Name, o.Namespace))
	}
	if s.Behind {
		notes = append(notes, "Flux has not seen the newest spec yet")
	}
	return notes
}

// Idle says that Flux does nothing before something changes.
func (h *HelmRelease) Idle() bool {
	return h.Flux.Suspended || h.Status.Stalled != nil && h.Status.Stalled.Value == "True"
}

// Moved says that the release is to be another one than the last, so that Flux uninstalls that first, its delete hooks
// included (ReleaseTargetChanged of internal/action/verify.go). chart is the name of the chart; empty is not known.
func (h *HelmRelease) Moved(chart string) (note string, moved bool) {
	what := h.elsewhere()
	if h.Status.Stored == "" || len(h.Status.History) == 0 {
		return "", false
	}
	last := h.newest()
	switch {
	case what != "":
	case chart != "" && chart != last.ChartName && h.spec.Upgrade.ChartNameChangeStrategy != "InPlaceUpdate":
		what = "chart's name"
	default:
		return "", false
	}
	return fmt.Sprintf("its %s has changed: Flux first uninstalls release %s of namespace %s, with its delete hooks, and then installs anew", what, last.Name, last.Namespace), true
}

func (h *HelmRelease) newest() Snapshot {
	return slices.MaxFunc(h.Status.History, func(a, b Snapshot) int { return a.Version - b.Version })
}

// elsewhere names what makes the release one of another name or place; empty where it stays.
func (h *HelmRelease) elsewhere() string {
	if h.Status.Stored == "" || len(h.Status.History) == 0 {
		return ""
	}
	switch last := h.newest(); {
	case h.Stored != h.Status.Stored:
		return "storageNamespace"
	case h.Release.Namespace != last.Namespace:
		return "targetNamespace"
	case h.Release.Name != last.Name:
		return "release name"
	}
	return ""
}

// Past is what the status says that decides what comes next. Without a history Flux takes whatever is stored for the
// work of somebody else.
func (h *HelmRelease) Past() *plan.FluxStatus {
	past := &plan.FluxStatus{}
	if action := plan.Action(h.Status.LastAction); action == plan.Install || action == plan.Upgrade {
		past.Last = action
	}
	if h.Deleting && h.Status.Stored == "" {
		return past
	}
	if h.elsewhere() != "" {
		// The old release is uninstalled first, and then history and counters are cleared (controller
		// helmrelease_controller.go reconcileRelease).
		return past
	}
	if !h.Status.Anew {
		past.InstallFailures, past.UpgradeFailures = int(h.Status.InstallFailures), int(h.Status.UpgradeFailures)
	}
	for _, s := range h.Status.History {
		tested, failed := s.tests()
		past.History = append(past.History, plan.FluxSnapshot{
			Revision: s.Version, Status: plan.Status(s.Status), Tested: tested, TestFailed: failed,
			// VerifyRelease of internal/action/verify.go.
			Other: differ(s.ChartVersion, h.Status.LastVersion) || differ(s.ConfigDigest, h.Status.LastDigest),
		})
	}
	slices.SortStableFunc(past.History, func(a, b plan.FluxSnapshot) int { return b.Revision - a.Revision })
	return past
}

// differ says so of two texts that are both known.
func differ(a, b string) bool { return a != "" && b != "" && a != b }

// tests are HasBeenTested and HasTestInPhase of api/v2/snapshot_types.go: no tests to run counts as tested.
func (s *Snapshot) tests() (tested, failed bool) {
	if s.TestHooks == nil {
		return false, false
	}
	tested = true
	for _, hook := range *s.TestHooks {
		switch {
		case hook != nil && hook.Phase == "Failed":
			failed = true
		case hook == nil || hook.Phase != "Succeeded":
			tested = false
		}
	}
	return tested || failed, failed
}

// words are a condition in one line.
func (c *Condition) words() string {
	text := c.Value
	if c.Reason != "" {
		text += " (" + c.Reason + ")"
	}
	if message, _, _ := strings.Cut(strings.TrimSpace(c.Message), "\n"); message != "" {
		text += ": " + message
	}
	return text
}
