package plan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// The rules about what breaks under Argo CD, beside HH303 and HH401.
const (
	ruleEverySync  = "HH403"
	ruleLaterSync  = "HH404"
	ruleTakenOver  = "HH405"
	ruleUnusedYet  = "HH406"
	ruleTogether   = "HH407"
	ruleWeightWave = "HH408"
)

// argoLinter looks at what Argo CD does with the objects of a source.
type argoLinter struct {
	*linter
	engine    Engine
	objects   []argoObject
	tasks     []argoTask
	steps     []argoStep
	timelines []Timeline
	inventory *Inventory
}

// lintArgo is what lint says beyond a plan under Argo CD: the rules about documents that hold there as well, and the
// rules of Argo CD.
func lintArgo(input Input, h *handed, m *argoMachine, timelines []Timeline) []Finding {
	tasks := argoTasks(m.objects, m.release)
	l := &argoLinter{
		linter: &linter{player: &player{input: input}, seen: map[string]bool{}}, engine: input.Engine,
		objects: m.objects, tasks: tasks, steps: argoSteps(tasks), timelines: timelines, inventory: &h.inventory,
	}
	l.documents()
	l.failing()
	for i := range l.objects {
		l.everySync(&l.objects[i])
		l.weightWave(&l.objects[i])
		l.vanishes(&l.objects[i])
	}
	for i := range l.steps {
		l.neededLater(i)
		l.unusedClaims(i)
		l.together(&l.steps[i])
	}
	l.afterDeletion()
	l.deletedTogether()
	l.takenOver()
	return l.findings
}

// documents are Helm's rules about annotations that hold for Argo CD too: a weight that is no integer is 0 there
// (syncwaves.Wave), and what is misspelt or in the wrong place is not seen. It does look at the members of a List.
func (l *argoLinter) documents() {
	_, found := diagnose(*l.inventory, l.engine.Helm(), l.player.input.File)
	lists := map[string]bool{}
	l.inventory.eachDocument(func(p *Parsed) {
		if p.Items != nil {
			lists[p.Template+" "+strconv.Itoa(p.Index)] = true
		}
	})
	for _, f := range found {
		holds := f.Rule == "HH003" || f.Rule == "HH008" || f.Rule == "HH009"
		if holds && !lists[f.Template+" "+strconv.Itoa(f.Document)] {
			l.findings = append(l.findings, f)
		}
	}
}

// failing: HH108. A sync or a deletion that cannot succeed.
func (l *argoLinter) failing() {
	for _, t := range l.timelines {
		if t.Outcome.Result != Failed {
			continue
		}
		f := Finding{Rule: ruleFails, Severity: SeverityError, Action: t.Action, Message: string(t.Action) + " " + t.Outcome.Error, Fix: "let the Job or Pod come to an end"}
		if t.Outcome.Refused {
			f.Message, f.Fix = "no "+string(t.Action)+" begins: "+t.Outcome.Error, "put annotations' values in quotes"
		}
		for i := range l.objects {
			o := &l.objects[i]
			if strings.Contains(t.Outcome.Error, o.one.object.Ref()) {
				l.report(o.entry.Parsed, "", f)
				break
			}
		}
	}
}

// helms is a hook of Helm's that Argo CD puts into phases by itself: no annotation of Argo CD's says where.
func (o *argoObject) helms() *Hook {
	if o.entry.helm == nil || o.annotation == argoHook || len(o.entry.parts) != 1 {
		return nil
	}
	return o.entry.helm
}

// everySync: HH403. Install and upgrade are one to Argo CD.
func (l *argoLinter) everySync(o *argoObject) {
	h := o.helms()
	if h == nil || !runsToCompletion(o.one.object) || len(o.phases) == 0 {
		return
	}
	installs := h.runsIn(string(PreInstall)) || h.runsIn(string(PostInstall))
	switch upgrades := h.upgrades(); {
	case installs && !upgrades && !l.ranOnce(o):
		l.report(o.entry.Parsed, "", Finding{
			Rule: ruleEverySync, Message: fmt.Sprintf("is meant for the first install alone (%s: %q), but Argo CD runs it in every sync", annotationHook, hookValue(h)),
			Fix: "make it safe to run again, or leave it out under Argo CD (argocd.argoproj.io/hook: Skip)",
		})
	case upgrades && !installs && h.runsIn(string(PreUpgrade)):
		l.report(o.entry.Parsed, "", Finding{
			Rule: ruleEverySync, Severity: SeverityWarning,
			Message: fmt.Sprintf("is meant for upgrades alone (%s: %q), but Argo CD runs it in the first sync too, before anything else exists", annotationHook, hookValue(h)),
			Fix:     "let it end well where there is nothing to work on yet",
		})
	case upgrades && !installs:
		l.report(o.entry.Parsed, "", Finding{
			Rule: ruleEverySync, Message: fmt.Sprintf("is meant for upgrades alone (%s: %q), but Argo CD runs it in the first sync too", annotationHook, hookValue(h)),
			Fix: "let it end well on a first sync",
		})
	}
}

// ranOnce says that a second sync does not run a hook again.
func (l *argoLinter) ranOnce(o *argoObject) bool {
	idle := false
	l.eachStep(func(t *Timeline, _ *Phase, step *Step) {
		idle = idle || t.ID == "sync-2" && step.NotRun && step.Hook.Object == o.one.object
	})
	return idle
}

func (l *argoLinter) eachStep(show func(*Timeline, *Phase, *Step)) {
	for t := range l.timelines {
		for f := range l.timelines[t].Phases {
			phase := &l.timelines[t].Phases[f]
			for s := range phase.Steps {
				show(&l.timelines[t], phase, &phase.Steps[s])
			}
		}
	}
}

// weightWave: HH408. syncwaves.Wave reads the weight of ordinary objects as well.
func (l *argoLinter) weightWave(o *argoObject) {
	annotations := argoAnnotations(o.one.body)
	if _, own := annotations[argoWave]; own || o.isHook || o.wave == 0 || len(o.phases) == 0 || o.entry.inCRDs {
		return
	}
	side := "after all of the waves before it are healthy"
	if o.wave < 0 {
		side = "before all others, which wait until it is healthy"
	}
	l.report(o.entry.Parsed, o.one.object.Ref(), Finding{
		Rule: ruleWeightWave, Object: o.one.object, Prediction: Proven,
		Message: fmt.Sprintf("%s is no hook, but Argo CD reads its %s: %d as the wave: it is applied %s", o.one.object.Ref(), annotationWeight, o.wave, side),
		Fix:     "remove the annotation, or write argocd.argoproj.io/sync-wave if this is meant",
	})
}

// vanishes: HH302 for a delete hook. Argo CD keeps a finalizer on the hooks of a sync until it has seen their end, but
// makes a delete hook again that is not there any more (argo-cd 3.6.1 controller/hook.go executeHooks).
func (l *argoLinter) vanishes(o *argoObject) {
	seconds, given := timeToLive(o.one)
	if len(o.deletes) == 0 || !given || seconds >= shortTTL {
		return
	}
	l.report(o.entry.Parsed, "", Finding{
		Rule: ruleShortLived, Action: Delete,
		Message: fmt.Sprintf("%s is deleted %d s after it ends (spec.ttlSecondsAfterFinished): if Argo CD has not looked by then, it makes the hook again, and the deletion goes on", o.one.object.Ref(), seconds),
		Fix:     "remove spec.ttlSecondsAfterFinished, and leave the deletion to Argo CD",
	})
}

// together: HH407. What Helm runs one after the other runs at the same time in one wave.
func (l *argoLinter) together(step *argoStep) {
	var first *argoTask
	for i := range step.tasks {
		t := &step.tasks[i]
		h := t.helms()
		if !t.isHook || h == nil || !runsToCompletion(t.one.object) {
			continue
		}
		if first == nil {
			first = t
			continue
		}
		shared := slices.ContainsFunc(h.Events, func(e Event) bool { return deploys(e) && slices.Contains(first.helms().Events, e) })
		if shared {
			l.report(t.entry.Parsed, t.one.object.Ref(), Finding{
				Rule: ruleTogether, Prediction: Proven, Phase: step.phase,
				Message: fmt.Sprintf("runs at the same time as %s: both are in wave %d of %s, where Helm runs one after the other by name", first.one.object.Ref(), step.wave, step.phase),
				Fix:     "give them different weights if one needs the other",
			})
		}
	}
}

// deletedTogether: HH407. Delete hooks have no order at all.
func (l *argoLinter) deletedTogether() {
	for _, phase := range []string{argoPreDelete, argoPostDelete} {
		var first *argoObject
		for i := range l.objects {
			o := &l.objects[i]
			h := o.helms()
			if !slices.Contains(o.deletes, phase) || h == nil || !runsToCompletion(o.one.object) {
				continue
			}
			if first == nil {
				first = o
				continue
			}
			if other := first.helms(); other.Weight != h.Weight {
				l.report(o.entry.Parsed, o.one.object.Ref(), Finding{
					Rule: ruleTogether, Severity: SeverityWarning, Action: Delete, Phase: phase,
					Message: fmt.Sprintf("runs at the same time as %s, in spite of the weights %d and %d: %s has no order under Argo CD", first.one.object.Ref(), h.Weight, other.Weight, phase),
					Fix:     "let one Job do both, or let the later one wait for the other",
				})
			}
		}
	}
}

// takenOver: HH405. A finished Job or Pod that is still there is taken for the one that is to run.
func (l *argoLinter) takenOver() {
	l.eachStep(func(t *Timeline, phase *Phase, step *Step) {
		h := &step.Hook
		if !step.NotRun || t.ID == "sync" {
			return
		}
		f := Finding{Rule: ruleTakenOver, Action: t.Action, Phase: phase.Name, Fix: withBeforeCreation(h)}
		switch {
		case t.Action == Delete:
			f.Message = fmt.Sprintf("does not run in %s: what the last sync left of it is still there, and Argo CD takes it for the finished delete hook", phase.Name)
			f.Fix = "make two hooks of it, one for the sync and one for the deletion"
		case !h.upgrades():
			return // Helm runs it once as well.
		case h.Volatile:
			f.Message = "runs in the first sync alone: afterwards the finished one is still there, and what is rendered otherwise each time is applied over it, which changes nothing or is refused"
		default:
			f.Message = "runs in the first sync alone: afterwards the finished one is still there, Argo CD applies over it, finds it complete and goes on"
		}
		if seconds, known := expiry(h.parts); known {
			f.Severity = SeverityWarning
			f.Message += ", " + untilGone(seconds)
		}
		l.report(&h.Parsed, string(t.Action), f)
	})
}

// withBeforeCreation is the delete policy with before-hook-creation put in front.
func withBeforeCreation(h *Hook) string {
	policies := []string{string(BeforeHookCreation)}
	for _, policy := range h.DeletePolicies {
		if slices.Contains(knownPolicies[:], policy) && policy != BeforeHookCreation {
			policies = append(policies, string(policy))
		}
	}
	return "write " + annotationDelete + ": " + strings.Join(policies, ",")
}
