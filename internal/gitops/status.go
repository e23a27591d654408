package gitops

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Status is what helm-controller has written into a HelmRelease of a cluster; empty for one of a file.
type Status struct {
	// Ready and Stalled are nil where there is no such condition.
	Ready, Stalled *Condition
	// History are the releases that Flux made, newest first.
	History []Snapshot
	// LastAction is the last attempt: install, upgrade, rollback, uninstall or uninstall-remediation.
	LastAction string
	// Failures are counted since the chart or the values have changed.
	Failures, InstallFailures, UpgradeFailures int64
	// Stored is the namespace of the records.
	Stored string
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
}

// read takes in status. Fields that are not known are of another version of the controller, and no mistake.
func (s *Status) read(o *Object, raw json.RawMessage) error {
	var status struct {
		ObservedGeneration *int64 `json:"observedGeneration"`
		Conditions         []struct {
			Type    string `json:"type"`
			Status  string `json:"status"`
			Reason  string `json:"reason"`
			Message string `json:"message"`
		} `json:"conditions"`
		History                    []Snapshot `json:"history"`
		LastAttemptedReleaseAction string     `json:"lastAttemptedReleaseAction"`
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
		InstallFailures: status.InstallFailures, UpgradeFailures: status.UpgradeFailures, Stored: status.StorageNamespace,
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
func (s *Status) notes(o *Object) []string {
	var notes []string
	if o.metadata.DeletionTimestamp != "" {
		notes = append(notes, "it is being deleted")
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

// Moved says that the release is to be another one than the last, so that Flux uninstalls that first, its delete hooks
// included (ReleaseTargetChanged of internal/action/verify.go). chart is the name of the chart; empty is not known.
func (h *HelmRelease) Moved(chart string) (note string, moved bool) {
	if h.Status.Stored == "" || len(h.Status.History) == 0 {
		return "", false
	}
	last := slices.MaxFunc(h.Status.History, func(a, b Snapshot) int { return a.Version - b.Version })
	what := ""
	switch {
	case h.Stored != h.Status.Stored:
		what = "storageNamespace"
	case h.Release.Namespace != last.Namespace:
		what = "targetNamespace"
	case h.Release.Name != last.Name:
		what = "release name"
	case chart != "" && chart != last.ChartName && h.spec.Upgrade.ChartNameChangeStrategy != "InPlaceUpdate":
		what = "chart's name"
	default:
		return "", false
	}
	return fmt.Sprintf("its %s has changed: Flux first uninstalls release %s of namespace %s, with its delete hooks, and then installs anew", what, last.Name, last.Namespace), true
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
