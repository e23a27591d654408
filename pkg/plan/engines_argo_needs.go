package plan

import (
	"fmt"
	"slices"
)

// neededLater: HH404. Argo CD waits for a phase and wave before it goes on, so that nothing in them can come to its end,
// or become healthy, that needs an object of a later one. In a later sync that object exists; the first hangs.
func (l *argoLinter) neededLater(at int) {
	step := &l.steps[at]
	if step.phase == argoSyncFail || at == len(l.steps)-1 {
		return
	}
	for i := range step.tasks {
		t := &step.tasks[i]
		if !t.isHook && (!step.waited || !startsPods(t.one)) || t.isHook && !startsPods(t.one) {
			continue
		}
		for _, r := range references(t.one) {
			maker, later := l.madeLater(at, r.object)
			if r.need == needPull || maker == nil {
				continue
			}
			waits := "waits for its pods"
			if runsToCompletion(t.one.object) {
				waits = "waits for it to complete"
			}
			l.report(t.entry.Parsed, r.object.Ref(), Finding{
				Rule: ruleLaterSync, Object: t.one.object, Action: Sync, Phase: step.phase,
				Message: fmt.Sprintf("%s needs %s (%s), which Argo CD makes only in %s: it %s first, so the first sync hangs",
					t.one.object.Ref(), r.object.Ref(), r.path, placeOfStep(step, later), waits),
				Fix: neededEarlier(t, maker, r.object),
			})
		}
	}
}

// neededEarlier is what helps: the object earlier, or the hook later.
func neededEarlier(t *argoTask, maker *argoTask, object Object) string {
	switch {
	case !t.isHook && maker.isHook:
		return fmt.Sprintf("make %s an ordinary object, or a hook of %s", object.Ref(), PreInstall)
	case !t.isHook:
		return fmt.Sprintf("give %s a wave that is not later", object.Ref())
	case maker.isHook:
		return fmt.Sprintf("give %s a lower weight, in the same events", object.Ref())
	case object.Kind == "PersistentVolumeClaim":
		return "run the hook when the claim is there (helm.sh/hook: post-install,post-upgrade)"
	}
	return fmt.Sprintf("give the hook a %s of its own that is a hook with a lower weight, or run it in PostSync (helm.sh/hook: post-install,post-upgrade)", object.Kind)
}

// placeOfStep names a phase, with the wave where that alone is later.
func placeOfStep(from, to *argoStep) string {
	if from.phase == to.phase {
		return fmt.Sprintf("wave %d of %s", to.wave, to.phase)
	}
	return to.phase
}

// madeLater finds the task that makes an object, if it comes in a later step only.
func (l *argoLinter) madeLater(at int, object Object) (*argoTask, *argoStep) {
	key := identityKey(Parsed{}, object)
	for i := range l.steps {
		for k := range l.steps[i].tasks {
			t := &l.steps[i].tasks[k]
			if t.one.nameless || identityKey(Parsed{}, t.one.object) != key {
				continue
			}
			if i <= at || l.steps[i].phase == argoSyncFail {
				return nil, nil
			}
			return t, &l.steps[i]
		}
	}
	return nil, nil
}

// unusedClaims: HH406. Argo CD waits until a claim is bound, but many storage classes bind it only when a pod uses it
// (volumeBindingMode: WaitForFirstConsumer; gitops-engine pkg/health/health_pvc.go takes Pending for progressing).
func (l *argoLinter) unusedClaims(at int) {
	step := &l.steps[at]
	for i := range step.tasks {
		t := &step.tasks[i]
		spec, _ := t.one.body["spec"].(map[string]any)
		isClaim := t.one.object.Kind == "PersistentVolumeClaim" && t.one.object.group() == ""
		if !isClaim || textAt(spec, "volumeName") != "" || !t.isHook && !step.waited {
			continue
		}
		user, later := l.firstUser(t.one.object)
		if user == nil || later <= at {
			continue
		}
		l.report(t.entry.Parsed, "", Finding{
			Rule: ruleUnusedYet, Action: Sync, Phase: step.phase,
			Message: fmt.Sprintf("%s must be bound before %s is made in %s, which is the first to use it: with a storage class that binds at first use the sync hangs",
				t.one.object.Ref(), user.one.object.Ref(), placeOfStep(step, &l.steps[later])),
			Fix: "put the claim into the phase and wave of what uses it",
		})
	}
}

// firstUser is the first task whose pods use a claim, and its step.
func (l *argoLinter) firstUser(claim Object) (*argoTask, int) {
	for i := range l.steps {
		for k := range l.steps[i].tasks {
			t := &l.steps[i].tasks[k]
			uses := slices.ContainsFunc(references(t.one), func(r reference) bool {
				return identityKey(Parsed{}, r.object) == identityKey(Parsed{}, claim)
			})
			if uses && startsPods(t.one) {
				return t, i
			}
		}
	}
	return nil, 0
}

// afterDeletion: HH404. A PostDelete hook runs when the cascade has deleted everything that the Application made.
func (l *argoLinter) afterDeletion() {
	for i := range l.objects {
		o := &l.objects[i]
		if !slices.Contains(o.deletes, argoPostDelete) || !startsPods(o.one) {
			continue
		}
		for _, r := range references(o.one) {
			if r.need == needPull || r.need == needNamespace || !l.goneByThen(r.object) {
				continue
			}
			l.report(o.entry.Parsed, r.object.Ref(), Finding{
				Rule: ruleLaterSync, Object: o.one.object, Action: Delete, Phase: argoPostDelete,
				Message: fmt.Sprintf("%s needs %s (%s), which the deletion takes away before %s", o.one.object.Ref(), r.object.Ref(), r.path, argoPostDelete),
				Fix:     fmt.Sprintf("run it in %s (helm.sh/hook: %s), or give it a %s that is a hook of %s too", argoPreDelete, PreDelete, r.object.Kind, PostDelete),
			})
		}
	}
}

// goneByThen says that the chart makes an object only in syncs, so that the cascade deletes it.
func (l *argoLinter) goneByThen(object Object) bool {
	key := identityKey(Parsed{}, object)
	gone := false
	for i := range l.objects {
		o := &l.objects[i]
		if o.one.nameless || identityKey(Parsed{}, o.one.object) != key {
			continue
		}
		if slices.Contains(o.deletes, argoPostDelete) || argoKept(o) {
			return false
		}
		gone = gone || len(o.phases) > 0 || len(o.deletes) > 0
	}
	return gone
}
