package plan

import (
	"fmt"
	"slices"
	"time"
)

// unlock is what helm-controller does to a release that is stuck in a pending status: its record is marked failed. No
// Helm command does that.
const unlock Action = "unlock"

// controller is helm-controller at work on one HelmRelease: it looks at the stored release, decides which of Helm's
// actions comes next, and runs it on the machine (helm-controller 1.6.3 internal/reconcile/atomic_release.go,
// state.go; each quirk below names its function).
type controller struct {
	flux  *Flux
	stock *stock
	state State
	// wanted counts the changes of chart and values, made says for which of them a revision was made.
	wanted int
	made   map[int]int
	// forced is a request by annotation that has not been looked at yet.
	forced bool
	// last is status.lastAttemptedReleaseAction; failures are those of installs and of upgrades.
	last                             Action
	installFailures, upgradeFailures int
	snapshots                        []FluxSnapshot
	faults                           []Fault
	conditions                       fluxConditions
	steps                            []controlled
	// round counts the reconciliations.
	round int
	// startsFrom says what state it is in.
	startsFrom string
	// pause is what passes before the next action, where the strategy is to retry after a while.
	pause time.Duration
}

// controlled is one action that the controller has run.
type controlled struct {
	trace   Trace
	options Options
	because string
	// before is the state that it started from.
	before State
	round  int
	// pause is how long the controller waits before it.
	pause time.Duration
}

// storedState is what DetermineReleaseState makes of the stored release.
type storedState int

const (
	stateAbsent storedState = iota
	stateLocked
	stateUnmanaged
	stateFailed
	stateOutOfSync
	stateUntested
	stateInSync
	// stateUnknown is a status that Flux has no answer to, such as uninstalling.
	stateUnknown
)

// look is DetermineReleaseState (state.go).
func (c *controller) look() storedState {
	last := c.state.last()
	switch {
	case last == nil:
		return stateAbsent
	case last.status.pending():
		return stateLocked
	case len(c.snapshots) == 0 && last.status == StatusUninstalled:
		return stateAbsent
	case len(c.snapshots) == 0, c.snapshots[0].Revision != last.number, c.snapshots[0].Status != last.status:
		// The latter two stand for a digest that is not the one noted.
		return stateUnmanaged
	}
	switch last.status {
	case StatusFailed:
		return stateFailed
	case StatusUninstalled:
		return stateAbsent
	case StatusDeployed:
	default:
		return stateUnknown
	}
	switch {
	case c.made[last.number] != c.wanted:
		return stateOutOfSync
	case c.flux.Test.Enabled && !c.snapshots[0].Tested:
		return stateUntested
	case c.flux.Test.Enabled && c.last != "" && c.snapshots[0].TestFailed && !c.flux.ignoresTests(c.last):
		return stateFailed
	}
	return stateInSync
}

// next is what comes next: an action, unlock, or an end.
type next struct {
	action  Action
	because string
	end     *FluxEnd
}

// decide is actionForState (atomic_release.go).
func (c *controller) decide() next {
	forced := c.forced
	c.forced = false
	switch state := c.look(); state {
	case stateAbsent:
		if c.exhausted(Install) && !forced {
			return next{end: c.stalled(fluxRetriesExceeded)}
		}
		return next{action: Install, because: c.absence()}
	case stateLocked:
		return next{action: unlock, because: fmt.Sprintf("revision %d is %s, and nobody is at work on it", c.state.last().number, c.state.last().status)}
	case stateUnmanaged:
		because := "there is a release of that name that Flux has not made"
		if len(c.snapshots) > 0 {
			because = "the stored release is not as Flux saw it last"
		} else if len(c.steps) > 0 {
			because = "Flux has no note of the stored release"
		}
		c.snapshots = nil
		return next{action: Upgrade, because: because}
	case stateOutOfSync:
		if c.exhausted(Upgrade) && !forced {
			return next{end: c.stalled(fluxRetriesExceeded)}
		}
		because := "chart or values have changed"
		if c.conditions.remediated != "" {
			because = "what was rolled back to is not what the HelmRelease wants"
		}
		return next{action: Upgrade, because: because}
	case stateUntested:
		c.conditions.replaceRemediated()
		return next{action: Test, because: "spec.test.enable is set, and this revision has not been tested"}
	case stateFailed:
		return c.decideFailed(forced)
	case stateInSync:
		if forced {
			return next{action: Upgrade, because: "the force annotation asks for it"}
		}
		c.conditions.replaceRemediated()
		c.conditions.inSync()
		return next{end: c.ended()}
	}
	return next{end: c.stuck()}
}

func (c *controller) absence() string {
	switch {
	case c.conditions.remediated != "":
		return fmt.Sprintf("the failed release is gone, and spec.%s.remediation.retries leaves another try", c.last)
	case c.state.last() != nil:
		return "the stored release is uninstalled"
	}
	return "no release is stored"
}

// decideFailed is actionForState's answer to a failed release.
func (c *controller) decideFailed(forced bool) next {
	retries := c.flux.action(c.last).RetryOnFailure
	switch {
	case c.last != "" && retries:
		c.snapshots = c.snapshots[:min(len(c.snapshots), fluxSnapshots)]
		return next{action: Upgrade, because: fmt.Sprintf("spec.%s.strategy is RetryOnFailure, which always retries with an upgrade", c.last)}
	case c.last == "":
		return next{action: Upgrade, because: "the stored release has failed"}
	case c.count(c.last) <= 0:
		return next{action: Upgrade, because: "chart, values or the HelmRelease have changed since the failure"}
	case forced:
		return next{action: Upgrade, because: "the force annotation asks for it"}
	case c.exhausted(c.last) && !c.flux.remediatesLast(c.last):
		return next{end: c.stalled(fluxRetriesExceeded)}
	}
	c.truncate()
	because := fmt.Sprintf("spec.%s.remediation.retries: the failure is undone before the next try", c.last)
	if c.exhausted(c.last) {
		because = fmt.Sprintf("no retry is left, and the last failure is undone too (spec.%s.remediation.remediateLastFailure)", c.last)
	}
	if c.flux.uninstalls(c.last) {
		return next{action: Uninstall, because: because}
	}
	target := c.previous()
	if target == nil {
		return next{end: c.stalled(fluxMissingTarget)}
	}
	if stored := c.state.find(target.Revision); stored == nil || stored.status != target.Status {
		return next{action: Upgrade, because: fmt.Sprintf("revision %d, to roll back to, is not stored any more as Flux saw it", target.Revision)}
	}
	return next{action: Rollback, because: because}
}

// exhausted is RetriesExhausted (api/v2): a negative number of retries never is.
func (c *controller) exhausted(action Action) bool {
	retries := c.flux.action(action).Remediation.Retries
	return retries >= 0 && c.count(action) > retries
}

func (c *controller) count(action Action) int {
	if action == Install {
		return c.installFailures
	}
	return c.upgradeFailures
}

func (c *controller) fail(action Action) {
	if action == Install {
		c.installFailures++
	} else {
		c.upgradeFailures++
	}
}

// retryInterval is the wait of the active retry strategy, 0 where there is none (GetActiveRetry).
func (c *controller) retryInterval() time.Duration {
	if c.last == "" {
		return 0
	}
	return c.flux.action(c.last).retryInterval()
}

// good says of an older revision that Flux would go back to it (Snapshots.Previous).
func (c *controller) good(s FluxSnapshot) bool {
	return (s.Status == StatusDeployed || s.Status == StatusSuperseded) && (!s.TestFailed || c.flux.ignoresTests(c.last))
}

func (c *controller) previous() *FluxSnapshot {
	for i := range c.snapshots {
		if i > 0 && c.good(c.snapshots[i]) {
			return &c.snapshots[i]
		}
	}
	return nil
}

// fluxSnapshots is how many are kept where none of them is good (defaultMaxHistory).
const fluxSnapshots = 5

// truncate is Snapshots.Truncate: what is older than the revision to go back to is forgotten.
func (c *controller) truncate() {
	for i := range c.snapshots {
		if i > 0 && c.good(c.snapshots[i]) {
			c.snapshots = c.snapshots[:i+1]
			return
		}
	}
	c.snapshots = c.snapshots[:min(len(c.snapshots), fluxSnapshots)]
}

// reconcile is one reconciliation: AtomicRelease.Reconcile. Each type of action runs once at most.
func (c *controller) reconcile() (*FluxEnd, error) {
	c.round++
	var done []string
	for {
		n := c.decide()
		if n.end != nil {
			return n.end, nil
		}
		if slices.Contains(done, typeOf(n.action)) {
			return c.stopped(), nil
		}
		ran, err := c.run(n)
		switch {
		case err != nil:
			return nil, err
		case ran.killed:
			return c.again(FluxRestart, 0), nil
		case ran.nothingStored && c.retryInterval() > 0:
			return c.again(FluxInterval, c.retryInterval()), nil
		case ran.nothingStored:
			return c.again(FluxBackoff, 0), nil
		}
		if typeOf(n.action) == typeOf(Rollback) {
			return c.remediated(), nil
		}
		done = append(done, typeOf(n.action))
	}
}

// typeOf is the ReconcilerType of an action.
func typeOf(action Action) string {
	switch action {
	case Install, Upgrade:
		return "release"
	case Rollback, Uninstall:
		return "remediate"
	}
	return string(action)
}

// stopped is where a reconciliation ends that may not run an action of one type twice.
func (c *controller) stopped() *FluxEnd {
	switch {
	case c.retryInterval() > 0:
		return c.again(FluxInterval, c.retryInterval())
	case c.last == "" || !c.exhausted(c.last):
		return c.again(FluxAtOnce, 0)
	}
	return c.ended()
}

// remediated is where a reconciliation ends after it has undone a failure.
func (c *controller) remediated() *FluxEnd {
	switch {
	case c.retryInterval() > 0:
		return c.again(FluxInterval, c.retryInterval())
	case c.last == "" || !c.exhausted(c.last) || c.last == Upgrade && c.flux.uninstalls(Upgrade):
		return c.again(FluxAtOnce, 0)
	}
	return c.stalled(fluxRetriesExceeded)
}

// change is a new chart, or new values: the counters begin anew (action/reset.go MustResetFailures).
func (c *controller) change() {
	c.wanted++
	c.installFailures, c.upgradeFailures = 0, 0
}
