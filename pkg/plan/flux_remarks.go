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
	for _, event := range []Event{TestEvent, PreRollback, PostRollback} {
		refs := hooks(func(h *Hook) bool { return slices.Contains(h.Events, event) && flux.never(h, event) != "" })
		if len(refs) > 0 && !(event == PostRollback && slices.Equal(refs, hooks(on(PreRollback)))) {
			verb := "runs"
			if len(refs) > 1 {
				verb = "run"
			}
			say("%s never %s in %s: %s", strings.Join(refs, ", "), verb, event, flux.never(&Hook{Name: refName(refs[0])}, event))
		}
	}
	if refs := hooks(on(PreDelete, PostDelete)); len(refs) > 0 && !flux.Uninstall.DisableHooks {
		if undone := flux.undoneByUninstall(); undone != "" {
			say("%s: %s is undone by an uninstall, so that delete hooks run then too", strings.Join(refs, ", "), undone)
		}
	}
	if refs := hooks(on(PreInstall, PostInstall)); len(refs) > 0 && !flux.Install.DisableHooks {
		say("install hooks may never come to a good end: %s, Flux goes on with an upgrade (%s)", flux.endsInstalls(), strings.Join(refs, ", "))
	}
	return append(remarks,
		"hooks are no part of the drift that Flux detects: a hook's object that was deleted or changed stays so, and a correction of drift runs no hook",
		"a timeout bounds each wait by itself, as Helm's --timeout does, and Flux waits for ordinary objects unless disableWait is set")
}

// endsInstalls says when no install comes any more although none has come to its end.
func (f *Flux) endsInstalls() string {
	const killed = "if helm-controller is killed in the first install"
	switch {
	case f.Install.RetryOnFailure:
		return "after a failed install, and " + killed
	case f.Install.Remediation.Retries < 0:
		return killed
	}
	return "if chart, values or the HelmRelease change after an install that has failed for good, and " + killed
}

// undoneByUninstall names the failures that Flux undoes by an uninstall; empty where there are none.
func (f *Flux) undoneByUninstall() string {
	var what []string
	if !f.Install.RetryOnFailure && (f.Install.Remediation.Retries != 0 || f.remediatesLast(Install)) {
		what = append(what, "a failed install")
	}
	if r := f.Upgrade.Remediation; !f.Upgrade.RetryOnFailure && r.Uninstall && (r.Retries != 0 || f.remediatesLast(Upgrade)) {
		what = append(what, "a failed upgrade")
	}
	return strings.Join(what, ", or ")
}

// never says why a hook never runs at an event under this HelmRelease; empty where it does.
func (f *Flux) never(h *Hook, event Event) string {
	action := map[Event]Action{PreInstall: Install, PostInstall: Install, PreUpgrade: Upgrade, PostUpgrade: Upgrade, PreRollback: Rollback, PostRollback: Rollback, PreDelete: Uninstall, PostDelete: Uninstall}[event]
	switch {
	case f.Suspended:
		return "spec.suspend is set"
	case event == TestEvent && !f.Test.Enabled:
		return "spec.test.enable is not set"
	case event == TestEvent && len(testFilter([]Hook{*h}, f.Test.Filters)) == 0:
		return "spec.test.filters leave it out"
	case event == TestEvent:
		return ""
	case action == Rollback && !f.rollsBack():
		return "nothing is ever rolled back (spec.upgrade.remediation)"
	case f.action(action).DisableHooks:
		return fmt.Sprintf("spec.%s.disableHooks is set", action)
	}
	return ""
}

// refName is the name in KIND/NAME.
func refName(ref string) string {
	_, name, _ := strings.Cut(ref, "/")
	return name
}

// rollsBack says that a failed upgrade may be undone by a rollback.
func (f *Flux) rollsBack() bool {
	r := f.Upgrade.Remediation
	return !f.Upgrade.RetryOnFailure && !r.Uninstall && (r.Retries != 0 || f.remediatesLast(Upgrade))
}
