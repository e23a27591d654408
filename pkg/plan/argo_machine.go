package plan

import (
	"slices"
	"strings"
)

// argoMachine is Argo CD 3.6 over an imagined cluster: gitops-engine's sync context
// (pkg/sync/sync_context.go) and the finalizers of an Application (controller/appcontroller.go
// finalizeApplicationDeletion). It knows of hooks only which objects of theirs exist.
type argoMachine struct {
	objects []argoObject
	release Release
	exists  map[string]bool
	// made says that a sync has applied the ordinary objects.
	made bool
	t    Timeline
	// certainty is what may be said of the steps at hand.
	certainty Prediction
	// stuck is the hook that Argo CD waits for without an end.
	stuck bool
}

func (m *argoMachine) begin(id string, action Action, startsFrom string, certainty Prediction) {
	m.t = Timeline{ID: id, Action: action, StartsFrom: startsFrom, Phases: []Phase{}, Operations: []Operation{}}
	m.t.Outcome = Outcome{Result: OK, Prediction: certainty}
	m.certainty, m.stuck = certainty, false
}

// phase opens a phase, or goes on with the last.
func (m *argoMachine) phase(name string) *Phase {
	if n := len(m.t.Phases); n == 0 || m.t.Phases[n-1].Name != name {
		m.t.Phases = append(m.t.Phases, Phase{Name: name, Action: m.t.Action, Result: OK})
	}
	return &m.t.Phases[len(m.t.Phases)-1]
}

func (m *argoMachine) emit(op Operation) {
	op.Action = m.t.Action
	if op.Result == "" {
		op.Result = OK
	}
	if op.Prediction == "" {
		op.Prediction = m.certainty
	}
	m.t.Operations = append(m.t.Operations, op)
}

// sync plays one sync in which all goes well. The hooks of SyncFail are shown, and not reached.
func (m *argoMachine) sync() {
	tasks := argoTasks(m.objects, m.release)
	for _, step := range m.namespaceFirst(argoSteps(tasks)) {
		if m.stuck || step.phase == argoSyncFail && !step.ahead {
			m.unreached(step)
			continue
		}
		m.apply(step)
	}
	if m.stuck {
		m.conclude()
		return
	}
	// All at once, when the whole sync has succeeded (sync_context.go deleteHooks).
	for i := range tasks {
		t := &tasks[i]
		if t.isHook && t.phase != argoSyncFail && (m.exists[t.key()] || t.renamed()) && slices.Contains(t.policies, HookSucceeded) {
			m.emit(m.hookOperation(t, OpDelete, string(HookSucceeded)))
			delete(m.exists, t.key())
		}
	}
	m.conclude()
}

// namespaceFirst: the application's own namespace, where it is among the objects and does not exist yet, is
// applied before the dry run of everything else (sync_context.go getNamespaceCreationTask).
func (m *argoMachine) namespaceFirst(steps []argoStep) []argoStep {
	for i := range steps {
		for k, t := range steps[i].tasks {
			if name, ok := argoNamespaceName(&t); !ok || name != m.release.Namespace {
				continue
			}
			if i == 0 && t.phase != argoSyncFail && m.exists[t.key()] {
				// A sync that has only deleted leftovers counts as not begun, and so looks again.
				m.clear(steps[0])
			}
			if t.isHook && m.exists[t.key()] || !t.isHook && m.made {
				continue
			}
			first := argoStep{phase: t.phase, wave: t.wave, tasks: []argoTask{t}, waited: len(steps) > 1, ahead: true}
			steps[i].tasks = slices.Delete(slices.Clone(steps[i].tasks), k, k+1)
			steps = slices.DeleteFunc(steps, func(s argoStep) bool { return len(s.tasks) == 0 })
			return slices.Concat([]argoStep{first}, steps)
		}
	}
	return steps
}

func (m *argoMachine) hookOperation(t *argoTask, op Op, because string) Operation {
	return Operation{Op: op, Phase: t.phase, Hook: true, Objects: []Object{t.one.object}, Because: because}
}

// clear deletes what is left of the hooks of a step, for all of them at once.
func (m *argoMachine) clear(step argoStep) {
	var gone []*argoTask
	for i := range step.tasks {
		t := &step.tasks[i]
		if t.isHook && !t.renamed() && m.exists[t.key()] && slices.Contains(t.policies, BeforeHookCreation) {
			gone = append(gone, t)
			m.emit(m.hookOperation(t, OpDelete, string(BeforeHookCreation)))
		}
	}
	for _, t := range gone {
		m.emit(m.hookOperation(t, OpWaitDeleted, string(BeforeHookCreation)))
		delete(m.exists, t.key())
	}
}

// apply is runTasks: the leftovers that are to go before, for all hooks of the step at once, then kind after
// kind; the wait is for all together.
func (m *argoMachine) apply(step argoStep) {
	m.clear(step)
	phase := m.phase(step.phase)
	var ordinary []Object
	var hooks []*argoTask
	for i := range step.tasks {
		t := &step.tasks[i]
		if !t.isHook {
			ordinary = append(ordinary, t.one.object)
			continue
		}
		hooks = append(hooks, t)
		shown := m.step(t, len(phase.Steps)+1)
		operation := m.hookOperation(t, OpApply, "")
		operation.Order, operation.NotRun, operation.Prediction = shown.Order, shown.NotRun, shown.Prediction
		m.emit(operation)
		phase.Steps = append(phase.Steps, shown)
		m.exists[t.key()] = true
	}
	if len(ordinary) > 0 {
		m.made = true
		m.emit(Operation{Op: OpApply, Phase: step.phase, Objects: ordinary})
		phase.addWave(step.wave, ordinary, step.waited)
		if step.waited {
			m.emit(Operation{Op: OpWait, Phase: step.phase, Objects: ordinary})
			m.t.Waits++
		}
	}
	for _, t := range hooks {
		m.wait(t, phase)
	}
}

// wait is the wait for one hook. A Job that is suspended is never done, and nothing ends the wait
// (getOperationPhase: Suspended counts as running).
func (m *argoMachine) wait(t *argoTask, phase *Phase) {
	operation := m.hookOperation(t, OpWait, "")
	m.t.Waits++
	for i := range phase.Steps {
		step := &phase.Steps[i]
		if step.Hook.Object != t.one.object || step.Hook.NeverCompletes == "" || step.NotRun {
			continue
		}
		m.stuck = true
		step.Result, step.Error = Failed, step.Hook.NeverCompletes
		phase.Result, phase.Error = Failed, step.Error
		operation.Result, operation.Error = Failed, step.Error
		m.t.Outcome.Result = Failed
		m.t.Outcome.Error = "waits for " + t.one.object.Ref() + " without an end: " + step.Error
	}
	m.emit(operation)
}

// addWave counts the ordinary objects of one more wave.
func (p *Phase) addWave(number int, objects []Object, waited bool) {
	var one Phase
	one.count(objects)
	p.Waves = append(p.Waves, Wave{Number: number, Objects: one.Objects, Kinds: one.Kinds, Waited: waited})
	p.Objects += one.Objects
	p.Waited = p.Waited || waited
	for _, kind := range one.Kinds {
		if i := slices.IndexFunc(p.Kinds, func(k KindCount) bool { return k.Kind == kind.Kind }); i >= 0 {
			p.Kinds[i].Count += kind.Count
		} else {
			p.Kinds = append(p.Kinds, kind)
		}
	}
	slices.SortStableFunc(p.Kinds, func(a, b KindCount) int {
		if a.Count != b.Count {
			return b.Count - a.Count
		}
		return strings.Compare(a.Kind, b.Kind)
	})
}

// step shows a hook. One that exists still and is not deleted before is applied over: a Job or Pod that has
// finished counts as healthy at once, and does not run again.
func (m *argoMachine) step(t *argoTask, order int) Step {
	h := t.hook()
	s := Step{Order: order, Hook: h, DeletePolicies: t.policies, PolicyFromDefault: !t.ownPolicies, Result: OK, Prediction: m.certainty}
	if t.phase != argoPreDelete && t.phase != argoPostDelete {
		wave := t.wave
		s.Wave = &wave
	}
	var sure Prediction
	if s.WaitsFor, sure = argoAwaits(h.Object); sure == Likely {
		s.Prediction = Likely
	}
	if s.NameChanges = t.renamed(); s.NameChanges {
		s.Prediction = Likely
	}
	if m.exists[t.key()] && !s.NameChanges && runsToCompletion(h.Object) {
		s.NotRun, s.Prediction = true, Likely
	}
	return s
}

func (m *argoMachine) unreached(step argoStep) {
	phase := m.phase(step.phase)
	if len(phase.Steps)+phase.Objects == 0 {
		phase.Result = Skipped
	}
	var ordinary []Object
	for i := range step.tasks {
		if !step.tasks[i].isHook {
			ordinary = append(ordinary, step.tasks[i].one.object)
			continue
		}
		shown := m.step(&step.tasks[i], len(phase.Steps)+1)
		shown.Result, shown.NotRun = Skipped, false
		phase.Steps = append(phase.Steps, shown)
	}
	if len(ordinary) > 0 {
		phase.addWave(step.wave, ordinary, false)
		phase.Waves[len(phase.Waves)-1].Skipped = true
	}
}

// conclude says which objects of hooks exist now, in the order of the input. No wait has a limit of its own:
// sync_context.go knows none, and the controller's sync timeout is off unless it is set.
func (m *argoMachine) conclude() {
	m.t.Unbounded = m.t.Waits > 0
	for i := range m.objects {
		if o := &m.objects[i]; m.exists[o.key()] {
			m.t.Outcome.Left = append(m.t.Outcome.Left, o.one.object)
		}
	}
}
