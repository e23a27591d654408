package plan

import (
	"cmp"
	"slices"
	"strings"
)

// remove plays the deletion of the Application with its cascade, as finalizeApplicationDeletion does it: the
// PreDelete hooks, the objects wave by wave from the last to the first, the PostDelete hooks, and then what
// their policies delete.
func (m *argoMachine) remove() {
	for _, part := range []func(){func() { m.deleteHooks(argoPreDelete) }, m.cascade, func() { m.deleteHooks(argoPostDelete) }} {
		if part(); m.stuck {
			m.conclude()
			return
		}
	}
	// cleanupHooks goes by the health of all hooks of the phase together; before-hook-creation means nothing to it.
	for _, phase := range []string{argoPreDelete, argoPostDelete} {
		for i := range m.objects {
			o := &m.objects[i]
			if slices.Contains(o.deletes, phase) && m.exists[o.key()] && slices.Contains(o.policies, HookSucceeded) {
				t := argoTask{argoObject: o, phase: phase}
				m.emit(m.hookOperation(&t, OpDelete, string(HookSucceeded)))
				delete(m.exists, o.key())
			}
		}
	}
	m.conclude()
}

// deleteHooks is controller/hook.go executeHooks: all hooks are created together in no order, and one that
// exists, be it from a sync, is taken for this run's.
func (m *argoMachine) deleteHooks(name string) {
	var made []argoTask
	for i := range m.objects {
		if slices.Contains(m.objects[i].deletes, name) {
			made = append(made, argoTask{argoObject: &m.objects[i], phase: name})
		}
	}
	if len(made) == 0 {
		return
	}
	phase := m.phase(name)
	for i := range made {
		t := &made[i]
		shown := m.step(t, len(phase.Steps)+1)
		phase.Steps = append(phase.Steps, shown)
		if m.exists[t.key()] {
			continue
		}
		operation := m.hookOperation(t, OpCreate, "")
		operation.Order, operation.Prediction = shown.Order, shown.Prediction
		m.emit(operation)
		m.exists[t.key()] = true
	}
	for i := range made {
		m.wait(&made[i], phase)
	}
}

// cascade deletes what the Application has made, hooks' objects included (sort_delete.go, shouldBeDeleted):
// no CustomResourceDefinition, and nothing that asks to be kept.
func (m *argoMachine) cascade() {
	type gone struct {
		wave   int
		object *argoObject
	}
	var all []gone
	for i := range m.objects {
		o := &m.objects[i]
		isOrdinary := !o.isHook && slices.Contains(o.phases, argoSync)
		if o.one.object.Kind == "CustomResourceDefinition" || argoKept(o) || !isOrdinary && !m.exists[o.key()] {
			continue
		}
		all = append(all, gone{o.wave, o})
	}
	slices.SortStableFunc(all, func(a, b gone) int { return cmp.Compare(b.wave, a.wave) })
	for len(all) > 0 {
		wave := all[0].wave
		n := slices.IndexFunc(all, func(g gone) bool { return g.wave != wave })
		if n < 0 {
			n = len(all)
		}
		var objects []Object
		for _, g := range all[:n] {
			objects = append(objects, g.object.one.object)
			delete(m.exists, g.object.key())
		}
		all = all[n:]
		phase := m.phase(phaseResources)
		phase.addWave(wave, objects, true)
		m.emit(Operation{Op: OpDelete, Phase: phaseResources, Objects: objects})
		m.emit(Operation{Op: OpWaitDeleted, Phase: phaseResources, Objects: objects})
		m.t.Waits++
	}
}

// argoKept is shouldBeDeleted's look at the annotations.
func argoKept(o *argoObject) bool {
	annotations := argoAnnotations(o.one.body)
	if slices.Contains(argoWords(annotations, annotationResourcePolicy), "keep") {
		return true
	}
	return slices.ContainsFunc(argoWords(annotations, "argocd.argoproj.io/sync-options"), func(word string) bool {
		name, value, _ := strings.Cut(word, "=")
		return name == "Delete" && value == "false"
	})
}
