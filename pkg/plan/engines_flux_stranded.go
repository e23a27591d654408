package plan

import (
	"fmt"
	"slices"
)

// strandedUnderFlux: HH112 under Flux. What is pending is unlocked (internal/reconcile/unlock.go), and a failed deletion
// of the HelmRelease is tried again (helmrelease_controller.go reconcileDelete). What an uninstall between two tries
// has left uninstalling is neither: DetermineReleaseState (state.go) makes nothing of it, a change included.
func (p *player) strandedUnderFlux() ([]Finding, error) {
	if !p.input.Flux.undoesByUninstall() {
		return nil, nil
	}
	starts, err := p.fluxStarts()
	if err != nil {
		return nil, err
	}
	d := diagnosis{engine: p.input.Engine, file: p.input.File}
	seen := map[place]bool{}
	for _, life := range starts {
		if life.action != Install && life.action != Upgrade {
			continue
		}
		failure, hooks, err := undoing(life)
		if err != nil {
			return nil, err
		}
		// A failure that is not got over with all hooks well is not a hook's doing.
		if over, err := getsOver(life, failure); err != nil {
			return nil, err
		} else if !over {
			continue
		}
		for _, f := range hooks {
			h := &f.step.Hook
			if seen[placeOf(&h.Parsed)] {
				continue
			}
			over, err := getsOver(life, append(slices.Clone(failure), f.fault))
			if err != nil {
				return nil, err
			}
			if over {
				continue
			}
			seen[placeOf(&h.Parsed)] = true
			d.report(&h.Parsed, Finding{
				Rule: ruleStranded, Action: Uninstall, Phase: string(PreDelete), Prediction: f.step.Prediction,
				Message: fmt.Sprintf("if %s fails in pre-delete of the uninstall that undoes a failed %s (spec.%s.remediation), the release stays %q, of which Flux can make nothing: Ready=False (StateError), also after a change",
					h.Object.Ref(), life.action, life.action, StatusUninstalling),
				Fix: fmt.Sprintf("set spec.uninstall.disableHooks to undo without delete hooks; to get out: delete the HelmRelease, helm uninstall %[1]s or helm uninstall %[1]s --no-hooks", p.input.Release.Name),
			})
		}
	}
	return d.findings, nil
}

// undoesByUninstall says that a HelmRelease can bring an uninstall without being deleted.
func (f *Flux) undoesByUninstall() bool {
	return f.Install.Remediation.Retries != 0 || f.remediatesLast(Install) || f.Upgrade.Remediation.Uninstall
}

// undoing makes the first action of a life fail, and gives the hooks of the uninstalls with which Flux undoes that.
func undoing(life fluxStart) (failure []Fault, hooks []phaseFault, err error) {
	well := life.from.fork()
	if _, err := life.play(well); err != nil || len(well.steps) == 0 {
		return nil, nil, err
	}
	for _, phase := range well.steps[0].trace.phases {
		for _, f := range faultsOf(phase) {
			if phase.Name == phaseResources || failure == nil {
				failure = []Fault{f.fault}
			}
		}
	}
	c := life.from.fork()
	c.faults = slices.Clone(failure)
	if _, err := life.play(c); err != nil {
		return nil, nil, err
	}
	for _, s := range c.steps {
		for _, phase := range s.trace.phases {
			if s.trace.Action != Uninstall || phase.Name != string(PreDelete) {
				continue
			}
			for _, f := range faultsOf(phase) {
				if f.fault.At == FaultWait && f.step.Result == OK && !f.step.NotRun {
					hooks = append(hooks, f)
				}
			}
		}
	}
	return failure, hooks, nil
}

// getsOver says whether Flux comes to a good end after failures, once nothing fails any more and something changes.
func getsOver(life fluxStart, faults []Fault) (bool, error) {
	c := life.from.fork()
	c.faults = slices.Clone(faults)
	if _, err := life.play(c); err != nil {
		return false, err
	}
	c.faults = nil
	c.change()
	end, err := c.settle()
	return end.Ready == "True", err
}
