package plan

import (
	"fmt"
	"time"
)

// FluxEnd is where helm-controller comes to rest, or how it goes on for ever.
type FluxEnd struct {
	// Ready is the condition of that name: True, False, Unknown or empty where it is not set; Reason is its reason.
	Ready  string
	Reason string
	// Stalled is the reason of the condition of that name, empty where it is not set: Flux does nothing more until
	// the HelmRelease, the chart or the values change.
	Stalled string
	// Again says when Flux goes on by itself; empty is not before something changes.
	Again FluxAgain
	// Interval is the wait of FluxInterval.
	Interval time.Duration
	// Repeats is the first of the steps that come again and again, from 1; 0 where they come to an end.
	Repeats int
	// Note is what else is worth knowing.
	Note string
}

// FluxAgain is when helm-controller reconciles again.
type FluxAgain string

// At once, after a back-off that grows, after the retryInterval, or when helm-controller has started again.
const (
	FluxAtOnce   FluxAgain = "at-once"
	FluxBackoff  FluxAgain = "back-off"
	FluxInterval FluxAgain = "interval"
	FluxRestart  FluxAgain = "restart"
)

// The reasons of the condition Stalled.
const (
	fluxRetriesExceeded = "RetriesExceeded"
	fluxMissingTarget   = "MissingRollbackTarget"
)

// fluxCondition is one of a HelmRelease's conditions; without a reason it is not set.
type fluxCondition struct {
	ok     bool
	reason string
}

// fluxConditions are those that Ready is made of (internal/reconcile/release.go summarize).
type fluxConditions struct {
	release, test, remediation, ready fluxCondition
	// remediated is what the last remediation was, until a release succeeds.
	remediated string
}

func (f *fluxConditions) released(action Action, failed bool) {
	words := map[Action]string{Install: "Install", Upgrade: "Upgrade"}[action]
	f.test, f.remediation, f.remediated = fluxCondition{}, fluxCondition{}, ""
	f.release = fluxCondition{ok: !failed, reason: words + outcomeWord(failed)}
}

func outcomeWord(failed bool) string {
	if failed {
		return "Failed"
	}
	return "Succeeded"
}

func (f *fluxConditions) tested(failed bool) {
	f.test = fluxCondition{ok: !failed, reason: "Test" + outcomeWord(failed)}
}

func (f *fluxConditions) rolledBack(failed bool) {
	f.remediated = "Rollback" + outcomeWord(failed)
	f.remediation = fluxCondition{ok: !failed, reason: f.remediated}
}

func (f *fluxConditions) uninstalled(failed bool) {
	f.remediated = "Uninstall" + outcomeWord(failed)
	f.remediation = fluxCondition{ok: !failed, reason: f.remediated}
}

// replaceRemediated is what actionForState does where what was rolled back to is what is wanted.
func (f *fluxConditions) replaceRemediated() {
	if f.remediation.ok {
		f.release, f.remediation, f.remediated = fluxCondition{ok: true, reason: "UpgradeSucceeded"}, fluxCondition{}, ""
	}
}

// inSync is what actionForState says of a release that needs nothing.
func (f *fluxConditions) inSync() {
	switch {
	case f.ready.ok && f.release.ok:
	case f.release.reason == "InstallFailed":
		f.release = fluxCondition{ok: true, reason: "InstallSucceeded"}
	case f.release.reason == "UpgradeFailed":
		f.release = fluxCondition{ok: true, reason: "UpgradeSucceeded"}
	}
}

// summarize makes Ready of the others: the first of remediation, test and release that is set.
func (c *controller) summarize() {
	f := &c.conditions
	if !c.flux.Test.Enabled {
		f.test = fluxCondition{}
	}
	switch {
	case f.remediation.reason != "":
		// Any remediation is an error.
		f.ready = fluxCondition{reason: f.remediation.reason}
	case f.test.reason != "" && !c.flux.Test.IgnoreFailures:
		f.ready = f.test
	default:
		f.ready = f.release
	}
}

// end is the ending with Ready as it stands.
func (c *controller) end() *FluxEnd {
	e := &FluxEnd{Reason: c.conditions.ready.reason}
	switch {
	case c.conditions.ready.ok:
		e.Ready = "True"
	case e.Reason != "":
		e.Ready = "False"
	}
	return e
}

// ended is an end with nothing left to do.
func (c *controller) ended() *FluxEnd {
	c.summarize()
	return c.end()
}

// stalled is an end until something changes.
func (c *controller) stalled(reason string) *FluxEnd {
	e := c.end()
	e.Stalled = reason
	return e
}

// again is an end of one reconciliation.
func (c *controller) again(when FluxAgain, interval time.Duration) *FluxEnd {
	e := c.end()
	e.Again, e.Interval = when, interval
	return e
}

// stuck is a status of which DetermineReleaseState can make nothing: it is an error each time, and nothing runs.
func (c *controller) stuck() *FluxEnd {
	last := c.state.last()
	return &FluxEnd{
		Ready: "False", Reason: "StateError",
		Note: fmt.Sprintf("revision %d is %s, of which Flux can make nothing: no action runs any more until the HelmRelease is deleted, or somebody uninstalls the release with helm", last.number, last.status),
	}
}
