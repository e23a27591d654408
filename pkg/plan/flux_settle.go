package plan

import (
	"fmt"
)

// maxRounds bounds the reconciliations that are played until nothing is left to do.
const maxRounds = 100

// settle reconciles until there is nothing left to do, or until it is clear that it goes on like this for ever. A
// helm-controller that was killed is started again.
func (c *controller) settle() (FluxEnd, error) {
	seen := map[string]int{}
	for range maxRounds {
		first := len(c.steps)
		end, err := c.reconcile()
		if err != nil {
			return FluxEnd{}, err
		}
		if end.Again == "" {
			return *end, nil
		}
		c.pause = end.Interval
		signature := c.signature(first, end)
		if at, again := seen[signature]; again {
			// The steps of this round are those of an earlier one.
			c.steps = c.steps[:first]
			end.Repeats = min(at+1, len(c.steps))
			return *end, nil
		}
		seen[signature] = first
	}
	end := c.end()
	end.Again, end.Note = FluxAtOnce, fmt.Sprintf("only %d reconciliations were played: the retries allow more", maxRounds)
	return *end, nil
}

// signature tells whether a round did what an earlier one has done, and left things alike.
func (c *controller) signature(first int, end *FluxEnd) string {
	text := fmt.Sprintf("%s %s %s %s", end.Again, end.Ready, end.Reason, c.last)
	for _, s := range c.steps[first:] {
		text += fmt.Sprintf("\n%s %s %s", s.trace.Action, s.trace.Outcome.Result, s.trace.Outcome.Error)
		for _, phase := range s.trace.phases {
			text += fmt.Sprintf(" %s %s", phase.Name, phase.Result)
			for _, step := range phase.Steps {
				text += fmt.Sprintf(" %s %v", step.Result, step.NotRun)
			}
		}
	}
	if len(c.snapshots) > 0 {
		s := c.snapshots[0]
		text += fmt.Sprintf("\n%s %v %v %v", s.Status, s.Tested, s.TestFailed, c.previous() != nil)
	}
	if c.last != "" && c.retryInterval() == 0 && c.flux.action(c.last).Remediation.Retries >= 0 {
		text += fmt.Sprintf("\n%d %d", c.installFailures, c.upgradeFailures)
	}
	for _, f := range c.faults {
		text += fmt.Sprintf("\n%s %d", f.Object, f.Times)
	}
	return text
}

// delete is the deletion of the HelmRelease (controller/helmrelease_controller.go reconcileDelete): an uninstall that
// is repeated until it ends well, or finds no release any more.
func (c *controller) delete() (FluxEnd, error) {
	if c.flux.Suspended {
		return FluxEnd{Note: "suspended: the HelmRelease goes, and the release stays as it is"}, nil
	}
	seen := map[string]int{}
	for range maxRounds {
		c.round++
		// A record that is uninstalled already counts as done where spec.uninstall.keepHistory keeps it
		// (internal/reconcile/uninstall.go "is already deleted").
		done := c.state.last() == nil || c.flux.Uninstall.KeepHistory && c.state.last().status == StatusUninstalled
		if len(c.snapshots) == 0 || done {
			return FluxEnd{Note: "the HelmRelease is gone"}, nil
		}
		first := len(c.steps)
		n := next{action: Uninstall, because: "the HelmRelease is being deleted"}
		if first > 0 && c.steps[first-1].trace.Action == Uninstall {
			n.because = "the uninstall has failed, and Flux tries again"
			if c.steps[first-1].trace.Outcome.Signal == SignalKill {
				n.because = "helm-controller was killed in the uninstall, and tries again"
			}
		}
		if _, err := c.run(n); err != nil {
			return FluxEnd{}, err
		}
		trace := c.steps[first].trace
		if trace.Outcome.Result == OK {
			return FluxEnd{Note: "the HelmRelease is gone"}, nil
		}
		end := FluxEnd{Ready: "False", Reason: "UninstallFailed", Again: FluxBackoff}
		signature := c.signature(first, &end)
		if at, again := seen[signature]; again {
			c.steps = c.steps[:first]
			end.Repeats = min(at+1, len(c.steps))
			end.Note = "the HelmRelease stays, with its deletion pending; spec.uninstall.disableHooks lets it go without its hooks"
			return end, nil
		}
		seen[signature] = first
	}
	return FluxEnd{Ready: "False", Reason: "UninstallFailed", Again: FluxBackoff}, nil
}
