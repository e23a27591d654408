package plan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// The rules about references.
const (
	ruleMissing     = "HH201"
	ruleRights      = "HH202"
	ruleNoKind      = "HH203"
	ruleWorkload    = "HH204"
	ruleInstallOnly = "HH205"
	ruleNeverMade   = "HH206"
)

// missingObjects: HH201. Helm runs one hook at a time, so what a hook's pod needs and what comes later
// cannot come into being while Helm waits for that pod.
func (l *linter) missingObjects(run *lintRun) {
	run.scenes(func(s *scene) {
		if s.step == nil || s.step.NotRun {
			return
		}
		h := &s.step.Hook
		for _, one := range h.parts {
			for _, r := range l.hookReferences(h, one) {
				if s.has(r.object) || makes(h.parts, r.object) {
					continue // members of one List are made together
				}
				missing, ours := s.absence(h, r.object)
				switch {
				case run.failed != "" && s.phase == string(PreDelete) && r.need != needPull:
					l.neverMade(s, h, one, r)
				case run.failed == "" && ours:
					l.missing(s, h, one, r, missing)
				}
			}
		}
	})
}

// neverMade: HH206. An install that fails in pre-install makes no ordinary resource and no post-install hook,
// and uninstall, the only way out of it, runs the delete hooks all the same.
func (l *linter) neverMade(s *scene, h *Hook, one part, r reference) {
	makers := s.run.inventory.makersOf(r.object)
	if len(makers) == 0 || makers[0].hook != nil && !makers[0].hook.runsIn(string(PostInstall)) {
		return
	}
	l.report(&h.Parsed, r.object.Kind+"/"+r.object.Name, Finding{
		Rule: ruleNeverMade, Action: Uninstall, Phase: s.phase,
		Message: fmt.Sprintf("after an install that failed in pre-install (say %s), uninstall runs %s without %s (%s), which was never made: %s",
			s.run.failed, one.object.Ref(), r.object.Ref(), r.path, consequence(one.object, r.need)),
		Fix: fmt.Sprintf("make a %s for it by a hook of %s with a lower weight (%s: %q); to get out: helm uninstall %s --no-hooks",
			r.object.Kind, PreDelete, annotationWeight, strconv.Itoa(h.Weight-1), l.player.input.Release.Name),
	})
}

// hookReferences are what an object of a hook needs at once. Helm waits for Jobs and Pods only: the pods of
// any other kind may come up later.
func (l *linter) hookReferences(h *Hook, one part) []reference {
	var found []reference
	if one.object.Namespace != "" && one.object.Namespace != l.player.input.Release.Namespace && !h.ScopeUnknown {
		found = append(found, reference{Object{APIVersion: "v1", Kind: "Namespace", Name: one.object.Namespace}, "metadata.namespace", needNamespace})
	}
	if watched(one.object) && one.neverCompletes == "" {
		found = append(found, references(one)...)
	}
	return found
}

func (l *linter) missing(s *scene, h *Hook, one part, r reference, missing absence) {
	f := Finding{
		Rule: ruleMissing, Action: s.run.action, Phase: s.phase, Fix: missing.fix,
		Message: fmt.Sprintf("%s runs in %s and needs %s (%s), %s: %s",
			one.object.Ref(), s.phase, r.object.Ref(), r.path, missing.why, consequence(one.object, r.need)),
	}
	if r.need == needPull {
		f.Severity = SeverityWarning
	}
	l.report(&h.Parsed, r.object.Kind+"/"+r.object.Namespace+"/"+r.object.Name, f)
}

// consequence says what becomes of a hook without what it needs.
func consequence(object Object, need need) string {
	switch need {
	case needNamespace:
		return "the API server refuses it, and the action fails"
	case needAccount, needClass:
		if object.Kind == "Pod" {
			return "the API server refuses the Pod, and the action fails"
		}
		return "the API server refuses its pods, so it cannot complete and the action fails"
	case needKey:
		return "its container cannot be started, so it cannot complete and the action fails"
	case needVolume:
		return "its volume cannot be mounted, so it cannot complete and the action fails"
	case needClaim:
		return "its pod cannot be scheduled, so it cannot complete and the action fails"
	}
	return "images that need it cannot be pulled"
}

// absence is why an object of the chart is not there, and what to do.
type absence struct {
	why, fix string
}

// absence explains why an object that the chart makes does not exist in a scene. ours is false for objects
// that the chart does not have, and for those that it makes in other actions only: they may well exist, made
// by hand or by a Job.
func (s *scene) absence(h *Hook, object Object) (missing absence, ours bool) {
	how, left := s.gone[identityKey(Parsed{}, object)]
	by, ours := s.makerOf(object, left)
	switch {
	case !ours:
		return absence{}, false
	case left && how.policy == "":
		return s.deletedResource(h, object), true
	case left:
		return absence{
			why: fmt.Sprintf("which %s has deleted after %s", how.policy, how.phase),
			fix: withoutPolicy(object, by.hook),
		}, true
	case by.hook == nil:
		return s.laterResource(h, object), true
	}
	return s.laterHook(h, by.hook, object), true
}

// makerOf is the document that makes an object which does not exist in a scene, the likeliest first: a hook
// of the same phase, an ordinary resource, a later hook, and one that ran before.
func (s *scene) makerOf(object Object, left bool) (by maker, found bool) {
	makers := s.run.inventory.makersOf(object)
	for _, fits := range [...]func(maker) bool{
		func(m maker) bool { return m.hook != nil && m.hook.runsIn(s.phase) },
		func(m maker) bool { return m.hook == nil },
		func(m maker) bool { return s.comesLater(m.hook) != "" },
		func(m maker) bool {
			return left || slices.Contains(m.hook.DeletePolicies, HookSucceeded) && s.ranBefore(m.hook)
		},
	} {
		if i := slices.IndexFunc(makers, fits); i >= 0 {
			return makers[i], true
		}
	}
	return maker{}, false
}

func (h *Hook) runsIn(phase string) bool { return slices.Contains(h.Events, Event(phase)) }

// comesLater is the phase of this action, after the present one, in which a hook runs; empty for none.
func (s *scene) comesLater(h *Hook) string {
	phases := phasesOf(s.run.action)
	for _, phase := range phases[min(slices.Index(phases, s.phase)+1, len(phases)):] {
		if h.runsIn(phase) {
			return phase
		}
	}
	return ""
}

// ranBefore says that a hook ran in the install that comes before all other actions.
func (s *scene) ranBefore(h *Hook) bool {
	return s.run.action != Install && (h.runsIn(string(PreInstall)) || h.runsIn(string(PostInstall)))
}

func (s *scene) deletedResource(h *Hook, object Object) absence {
	if s.run.action == Uninstall {
		return absence{
			why: "an ordinary resource, which uninstall deletes before " + s.phase,
			fix: fmt.Sprintf("run %s in %s instead, or give it a %s of its own, made by a hook of %s with a lower weight",
				h.Object.Ref(), PreDelete, object.Kind, s.phase),
		}
	}
	return absence{
		why: "an ordinary resource of the revision before, which this one deletes",
		fix: "keep it in the chart, or make it a hook of " + s.phase + " with a lower weight",
	}
}

func (s *scene) laterResource(h *Hook, object Object) absence {
	missing := absence{why: "an ordinary resource, which Helm makes only after " + s.phase}
	users := usersOf(s.run.inventory).of(object)
	first := fmt.Sprintf("(%s: %q, %s: %q)", annotationHook, joinEvents(h.Events), annotationWeight, strconv.Itoa(h.Weight-1))
	switch {
	case object.Kind == "PersistentVolumeClaim" && s.phase == string(PreInstall):
		// A claim that is a hook is deleted on every run, with its data (HH301).
		missing.fix = fmt.Sprintf("run %s in post-install instead, when the claim is there (%s: %q)", h.Object.Ref(), annotationHook, joinEvents(afterInstall(h.Events)))
	case len(users) > 0:
		missing.fix = fmt.Sprintf("give the hook a %s of its own that is a hook and comes first %s, since %s uses this one", object.Kind, first, users[0].Ref())
	default:
		missing.fix = "make it a hook that comes first " + first
	}
	return missing
}

// afterInstall are events with post-install in place of pre-install.
func afterInstall(events []Event) []Event {
	events = slices.Clone(events)
	for i := range events {
		if events[i] == PreInstall {
			events[i] = PostInstall
		}
	}
	return events
}

// laterHook is for an object that a hook makes, but none that runs before.
func (s *scene) laterHook(h, other *Hook, object Object) absence {
	earlier := fmt.Sprintf("%s: %q", annotationWeight, strconv.Itoa(h.Weight-1))
	later := s.comesLater(other)
	switch {
	case other.runsIn(s.phase) && other.Weight == h.Weight:
		return absence{
			why: fmt.Sprintf("a hook that comes later: at equal weight (%d) Helm goes by name", h.Weight),
			fix: fmt.Sprintf("give %s a lower weight (%s)", object.Ref(), earlier),
		}
	case other.runsIn(s.phase):
		return absence{
			why: fmt.Sprintf("a hook that comes later: its weight is %d, this one's %d", other.Weight, h.Weight),
			fix: fmt.Sprintf("give %s a lower weight (%s)", object.Ref(), earlier),
		}
	case later != "":
		return absence{
			why: "which is made only in " + later,
			fix: fmt.Sprintf("make %s in %s, before the hook (%s)", object.Ref(), s.phase, earlier),
		}
	}
	return absence{
		why: fmt.Sprintf("which hook-succeeded deletes as soon as %s is over", enumerate(eventWords(other.Events), "or")),
		fix: withoutPolicy(object, other),
	}
}

func eventWords(events []Event) []string {
	var words []string
	for _, event := range events {
		if !slices.Contains(words, string(event)) {
			words = append(words, string(event))
		}
	}
	return words
}

// withoutPolicy is the delete policy that keeps an object until its hook runs again.
func withoutPolicy(object Object, h *Hook) string {
	policies := []string{string(BeforeHookCreation)}
	if h != nil && slices.Contains(h.DeletePolicies, HookFailed) {
		policies = append(policies, string(HookFailed))
	}
	return fmt.Sprintf("write %s: %s on %s", annotationDelete, strings.Join(policies, ","), object.Ref())
}
