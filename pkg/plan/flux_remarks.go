package plan

import (
	"fmt"
	"slices"
	"strings"
)

// fluxRemarks are what a reader who knows Helm would not expect of helm-controller 1.6.3, as far as this chart and
// this HelmRelease are concerned.
func fluxRemarks(p *Plan, flux *Flux, inventories []Inventory) []string {
	if flux.Suspended {
		return []string{"spec.suspend is set: no action runs, and a deletion of the HelmRelease leaves the release as it is"}
	}
	hooks := func(found func(*Hook) bool) []string {
		var refs []string
		for i := range inventories {
			for k := range inventories[i].Hooks {
				if h := &inventories[i].Hooks[k]; found(h) && !slices.Contains(refs, h.Object.Ref()) {
					refs = append(refs, h.Object.Ref())
				}
			}
		}
		return refs
	}
	on := func(events ...Event) func(*Hook) bool {
		return func(h *Hook) bool {
			return slices.ContainsFunc(events, func(e Event) bool { return slices.Contains(h.Events, e) })
		}
	}
	var remarks []string
	say := func(format string, arguments ...any) { remarks = append(remarks, fmt.Sprintf(format, arguments...)) }
	var dropped []string
	for _, i := range p.Ignored {
		if i.Harmless == "" {
			dropped = append(dropped, i.Object.Ref())
		}
	}
	if len(dropped) > 0 {
		say("%s: Helm's only word of it, \"skipping unknown hooks\", goes to the stderr of helm-controller's pod, without a name, and neither into the HelmRelease's status nor into an event; Ready stays True",
			strings.Join(dropped, ", "))
	}
	if refs := hooks(func(h *Hook) bool { return len(h.OutputLogPolicies) > 0 }); len(refs) > 0 {
		say("%s: helm.sh/hook-output-log-policy makes helm-controller 1.6.3 crash as soon as Helm shows the logs (fluxcd/helm-controller issue 1562); leave the annotation out", strings.Join(refs, ", "))
	}
	if refs := hooks(on(TestEvent)); len(refs) > 0 && !flux.Test.Enabled {
		say("%s: tests never run, as spec.test.enable is not set", strings.Join(refs, ", "))
	}
	if refs := hooks(on(PreRollback, PostRollback)); len(refs) > 0 && !flux.rollsBack() {
		say("%s: nothing is ever rolled back under this HelmRelease (spec.upgrade.remediation), so that rollback hooks never run", strings.Join(refs, ", "))
	}
	if refs := hooks(on(PreDelete, PostDelete)); len(refs) > 0 && !flux.Uninstall.DisableHooks && (flux.Install.Remediation.Retries != 0 || flux.remediatesLast(Install)) && !flux.Install.RetryOnFailure {
		say("%s: a failed install is uninstalled before the next try, so that delete hooks run then too", strings.Join(refs, ", "))
	}
	after := "once chart, values or the HelmRelease change after an install that failed or was cut short"
	if flux.Install.RetryOnFailure {
		after = "after a failed install"
	}
	if refs := hooks(on(PreInstall, PostInstall)); len(refs) > 0 && (flux.Install.RetryOnFailure || flux.Install.Remediation.Retries == 0) {
		say("install hooks may never come to a good end: %s, Flux goes on with an upgrade, which runs upgrade hooks (%s)", after, strings.Join(refs, ", "))
	}
	return append(remarks,
		"hooks are no part of the drift that Flux detects: a hook's object that was deleted or changed stays so, and a correction of drift runs no hook",
		"a timeout bounds each wait by itself, as Helm's --timeout does, and Flux waits for ordinary objects unless disableWait is set")
}

// rollsBack says that a failed upgrade may be undone by a rollback.
func (f *Flux) rollsBack() bool {
	r := f.Upgrade.Remediation
	return !f.Upgrade.RetryOnFailure && !r.Uninstall && (r.Retries != 0 || f.remediatesLast(Upgrade))
}
