package plan

import (
	"encoding/json"
	"fmt"
	"slices"
)

// waitingWorkloads: HH204. An ordinary workload needs what only a hook makes that runs after it, or that a
// policy deletes before its pods start.
func (l *linter) waitingWorkloads(run *lintRun) {
	if run.action != Install && run.action != Upgrade {
		return
	}
	run.scenes(func(s *scene) {
		if s.phase != phaseResources {
			return
		}
		var told []string
		run.inventory.eachPart(func(_ *Parsed, h *Hook, one part) {
			if h != nil || !startsPods(one) {
				return
			}
			for _, r := range references(one) {
				if r.need == needPull || s.has(r.object) {
					continue
				}
				by := s.hookMaking(r.object)
				if by != nil && !slices.Contains(told, r.object.Ref()) {
					told = append(told, r.object.Ref())
					l.lacks(s, one, r, by)
				}
			}
		})
	})
}

// startsPods says that a workload makes pods as soon as it exists.
func startsPods(one part) bool {
	spec, _ := one.body["spec"].(map[string]any)
	switch one.object.Kind {
	case "CronJob":
		return false
	case "Job":
		suspend, _ := spec["suspend"].(bool)
		return !suspend
	case "Pod", "DaemonSet":
		return true
	}
	replicas, given := spec["replicas"].(json.Number)
	return !given || replicas.String() != "0"
}

// hookMaking is the hook that makes an object later in this action, or has made it before; nil where an
// ordinary document makes it, and for other hooks: a Job may make the object in this action.
func (s *scene) hookMaking(object Object) *Hook {
	makers := s.run.inventory.makersOf(object)
	for _, m := range makers {
		if m.hook == nil {
			return nil
		}
		if s.deletedBy(object) != "" || s.comesLater(m.hook) != "" {
			return m.hook
		}
	}
	return nil
}

// deletedBy is the delete policy that took an object away; empty where none did.
func (s *scene) deletedBy(object Object) string { return s.gone[identityKey(Parsed{}, object)].policy }

func (l *linter) lacks(s *scene, one part, r reference, by *Hook) {
	later := s.comesLater(by)
	policy := s.deletedBy(r.object)
	if l.hangsOnly && (policy != "" || !l.awaited(one, s.run.action)) {
		return
	}
	f := Finding{Rule: ruleWorkload, Action: s.run.action, Phase: later, Severity: SeverityError}
	events := PreInstall
	if s.run.action == Upgrade {
		events = PreUpgrade
	}
	switch {
	case policy != "":
		f.Message = fmt.Sprintf("%s needs %s (%s), which %s has deleted by then: its pods never start", one.object.Ref(), r.object.Ref(), r.path, policy)
		f.Fix = fmt.Sprintf("remove %s, so that it is an ordinary resource, or %s", annotationHook, withoutPolicy(r.object, by))
	case l.awaited(one, s.run.action):
		f.Message = fmt.Sprintf("%s needs %s (%s), which is made only in %s: Helm waits for its pods first, so neither comes and %s fails",
			one.object.Ref(), r.object.Ref(), r.path, later, s.run.action)
		f.Fix = fmt.Sprintf("remove %s, so that it is an ordinary resource, or make it in %s", annotationHook, events)
	default:
		f.Severity = SeverityWarning
		f.Message = fmt.Sprintf("%s needs %s (%s), which is made only in %s: its pods cannot start before, and %s neither ever comes",
			one.object.Ref(), r.object.Ref(), r.path, later, l.waiting())
		f.Fix = fmt.Sprintf("remove %s, so that it is an ordinary resource, or make it in %s", annotationHook, events)
	}
	l.report(&by.Parsed, r.object.Ref(), f)
}

// awaited says whether Helm waits for an ordinary workload before post hooks. For a Job it does only with
// --wait-for-jobs.
func (l *linter) awaited(one part, action Action) bool {
	options := waitingFor(l.player.input.Options)
	if flux := l.player.input.Flux; flux != nil {
		options = flux.options(action)
	}
	return waits(options) && (one.object.Kind != "Job" || options.WaitForJobs)
}

// waiting is what makes the engine wait for ordinary objects.
func (l *linter) waiting() string {
	if l.player.input.Flux != nil {
		return "without disableWait"
	}
	return "with --wait"
}

// hangs are the workloads that an install or an upgrade waits for in vain: HH204, as far as the engine's wait for
// ordinary objects makes an error of it.
func (p *player) hangs(inventories []Inventory) ([]Finding, error) {
	l := &linter{player: p, inventories: inventories, seen: map[string]bool{}, hangsOnly: true}
	if !waits(waitingFor(p.leading(Install))) && !waits(waitingFor(p.leading(Upgrade))) && !p.input.Options.Atomic {
		return nil, nil
	}
	installed, err := l.run(Install, State{})
	if err != nil {
		return nil, err
	}
	if _, err := l.run(Upgrade, installed.after); err != nil {
		return nil, err
	}
	for i := range l.runs {
		l.waitingWorkloads(&l.runs[i])
	}
	return l.findings, nil
}

// installOnly: HH205. What pods use and only an install makes stays as it is for ever.
func (l *linter) installOnly(inventory *Inventory, users users) {
	for i := range inventory.Hooks {
		h := &inventory.Hooks[i]
		upgrades := h.runsIn(string(PreUpgrade)) || h.runsIn(string(PostUpgrade))
		installs := h.runsIn(string(PreInstall)) || h.runsIn(string(PostInstall))
		if !installs || upgrades || slices.Contains(h.DeletePolicies, HookSucceeded) {
			continue
		}
		for _, one := range h.parts {
			by := users.of(one.object)
			if len(by) == 0 || longLivedKind(one.object) || len(inventory.makersOf(one.object)) > 1 {
				continue
			}
			l.report(&h.Parsed, one.object.Ref(), Finding{
				Rule: ruleInstallOnly, Object: one.object, Prediction: Proven,
				Message: fmt.Sprintf("%s is made by install only (%s: %q) and %s: no upgrade changes it, and uninstall leaves it",
					one.object.Ref(), annotationHook, hookValue(h), usedBy(by)),
				Fix: fmt.Sprintf("remove %s to have it upgraded and uninstalled with the release, unless it must stay as the first install made it", annotationHook),
			})
		}
	}
}

func hookValue(h *Hook) string {
	a, _ := h.annotation(annotationHook)
	return a.Value
}

// usedBy names the first workload that needs an object and counts the others.
func usedBy(workloads []Object) string {
	if len(workloads) == 1 {
		return workloads[0].Ref() + " uses it"
	}
	return fmt.Sprintf("%s and %d more use it", workloads[0].Ref(), len(workloads)-1)
}
