package plan

import (
	"fmt"
	"slices"
	"strings"
)

// The rules about what breaks under Flux.
const (
	ruleFluxLogs  = "HH409"
	ruleFluxAsked = "HH410"
)

// foundUnderFlux adds what breaks under Flux to what Helm's machine has shown. How a failed hook strands a release is
// another matter there than in Helm, see strandedUnderFlux.
func (p *player) foundUnderFlux(observed []Finding, inventories []Inventory) ([]Finding, error) {
	kept := []Finding{}
	for _, f := range observed {
		if f.Rule != ruleStranded {
			kept = append(kept, f)
		}
	}
	kept = append(kept, fluxLogs(p.input, inventories)...)
	if p.input.Lint {
		kept = append(kept, fluxAsked(p.input, inventories)...)
	}
	if len(p.input.Faults) > 0 {
		return kept, nil
	}
	// In a plan too: lint reads charts, and only a plan knows the HelmRelease.
	stranded, err := p.strandedUnderFlux()
	return append(kept, stranded...), err
}

// fluxLogs: HH409. helm-controller 1.6.3 gives Helm no place for the logs of hooks (internal/action/config.go Build
// never sets HookOutputFunc), and Helm calls it all the same (v4 pkg/kube/client.go OutputContainerLogsForPodList), so
// that the controller crashes; fluxcd/helm-controller issue 1562.
func fluxLogs(input Input, inventories []Inventory) []Finding {
	d := diagnosis{engine: input.Engine, file: input.File}
	seen := map[place]bool{}
	for i := range inventories {
		for k := range inventories[i].Hooks {
			h := &inventories[i].Hooks[k]
			var policies []string
			for _, policy := range h.OutputLogPolicies {
				if policy == HookSucceeded || policy == HookFailed {
					policies = append(policies, string(policy))
				}
			}
			logs := slices.ContainsFunc(h.parts, func(one part) bool { return runsToCompletion(one.object) })
			if len(policies) == 0 || !logs || seen[placeOf(&h.Parsed)] {
				continue
			}
			seen[placeOf(&h.Parsed)] = true
			when := "when it succeeds"
			switch {
			case len(policies) > 1:
				when = "when it has run"
			case policies[0] == string(HookFailed):
				when = "when it fails"
			}
			d.report(&h.Parsed, Finding{
				Rule: ruleFluxLogs, Prediction: Likely,
				Message: fmt.Sprintf("%s: %q makes helm-controller 1.6.3 crash %s: it has no place for the logs, and starts the release anew", annotationOutputLog, strings.Join(policies, ","), when),
				Fix:     "remove " + annotationOutputLog + " under Flux, or check that your helm-controller is mended (fluxcd/helm-controller issue 1562)",
			})
		}
	}
	return d.findings
}

// fluxAsked: HH410. Flux runs tests and rolls back only where the HelmRelease says so.
func fluxAsked(input Input, inventories []Inventory) []Finding {
	flux := input.Flux
	if flux == nil {
		flux = &Flux{}
	}
	rollsBack := !flux.Upgrade.Remediation.Uninstall && !flux.Upgrade.RetryOnFailure && (flux.Upgrade.Remediation.Retries != 0 || flux.remediatesLast(Upgrade))
	d := diagnosis{engine: input.Engine, file: input.File}
	seen := map[place]bool{}
	for i := range inventories {
		for k := range inventories[i].Hooks {
			h := &inventories[i].Hooks[k]
			var fixes []string
			idle := !slices.ContainsFunc(h.Events, func(e Event) bool {
				switch {
				case e == TestEvent && !flux.Test.Enabled:
					fixes = append(fixes, "set spec.test.enable")
				case (e == PreRollback || e == PostRollback) && !rollsBack:
					fixes = append(fixes, "set spec.upgrade.remediation.retries")
				default:
					return true
				}
				return false
			})
			if !idle || len(fixes) == 0 || seen[placeOf(&h.Parsed)] {
				continue
			}
			seen[placeOf(&h.Parsed)] = true
			d.report(&h.Parsed, Finding{
				Rule: ruleFluxAsked, Message: fmt.Sprintf("never runs under Flux as it is set up by default (%s: %q)", annotationHook, hookValue(h)),
				Fix: enumerate(slices.Compact(fixes), "and") + " in the HelmRelease if it is to run",
			})
		}
	}
	return d.findings
}
