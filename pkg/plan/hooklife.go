package plan

import (
	"fmt"
	"slices"
	"strings"
)

// HookLife is all that can be said of one hook: when it runs and why there, what Helm waits for, when its
// object goes, what happens if it fails, and what stays.
type HookLife struct {
	Plan Plan
	// Hook is nil where the object is dropped; then Ignored says why.
	Hook    *Hook
	Ignored *Ignored
	Runs    []HookRun
	// Idle are the planned actions in which it does not run.
	Idle []Action
	// Never says of its events why the hook does not run at them under Flux, one sentence each.
	Never []string
	// LeftAfterUninstall are its objects that uninstall leaves; nil with UninstallUnknown.
	LeftAfterUninstall []Object
	// UninstallUnknown says that no uninstall was planned.
	UninstallUnknown bool
	Findings         []Finding
}

// HookRun is one run of the hook in one action.
type HookRun struct {
	Action     Action
	StartsFrom string
	Phase      Phase
	Step       Step
	// Of is how many runs the phase has.
	Of int
	// Before and After are the neighbours in the phase; nil for the first and the last.
	Before, After *Neighbour
	Deletions     []Deletion
	// Exists says whether an object of the hook is there when the action is over.
	Exists bool
	// IfFails is what this run leads to when it fails; nil where it cannot fail, as it does not run.
	IfFails *MatrixRow
	// UnderFlux is what helm-controller does where this run fails each time; nil for every other engine.
	UnderFlux *Situation
}

// Neighbour is the hook that runs next to another one.
type Neighbour struct {
	Object Object
	Weight int
	// Decided is the key that put the two in this order: weight, name, kind or file.
	Decided string
}

// Deletion is one of Helm's deletions of a hook's object within an action.
type Deletion struct {
	// Because is the delete policy.
	Because DeletePolicy
	// Before says that it comes before the object is made, otherwise after the run.
	Before bool
	// Idle says that there was nothing to delete.
	Idle bool
	// Waited says that Helm waits until the object is gone.
	Waited bool
}

// ExplainHook tells the life of one hook, KIND/NAME with the kind in any case.
func ExplainHook(input Input, ref string) (HookLife, error) {
	if input.Engine.planner() != nil {
		return HookLife{}, fmt.Errorf("%s %w", input.Engine, errOnlyHelm)
	}
	input.Faults, input.Then = nil, nil
	p, player, err := makeHelm(input)
	if err != nil {
		return HookLife{}, err
	}
	life := HookLife{Plan: p, UninstallUnknown: true}
	is := func(o Object) bool { return sameRef(o, ref) }
	for i := range p.Ignored {
		if is(p.Ignored[i].Object) {
			life.Ignored = &p.Ignored[i]
			return life, nil
		}
	}
	mine := func(step *Step) bool {
		return is(step.Hook.Object) || slices.ContainsFunc(objectsOf(step.Hook.parts), is)
	}
	for _, timeline := range p.Timelines {
		if player.input.Flux != nil {
			life.add(timeline, nil, mine, is)
			continue
		}
		rows, err := player.rows(timeline, func(f phaseFault) bool { return f.step != nil && mine(f.step) })
		if err != nil {
			return HookLife{}, err
		}
		life.add(timeline, rows, mine, is)
	}
	for i := range life.Runs {
		if err := player.failUnderFlux(&life.Runs[i]); err != nil {
			return HookLife{}, err
		}
	}
	// A hook of a live release that no action will run any more, such as one of an install.
	if past := hooksNamed(p.inventories, ref); life.Hook == nil && input.Live != nil && len(past) > 0 {
		life.Hook = past[0]
	}
	life.neverUnderFlux(player.input.Flux, hooksNamed(p.inventories, ref))
	if life.Hook == nil {
		return HookLife{}, unknownHook(p.inventories, ref)
	}
	for _, f := range p.Findings {
		if f.Template == life.Hook.Template && f.Document == life.Hook.Index && f.Object == life.Hook.Object {
			life.Findings = append(life.Findings, f)
		}
	}
	return life, nil
}

func sameRef(o Object, ref string) bool {
	kind, name, _ := strings.Cut(ref, "/")
	return strings.EqualFold(o.Kind, kind) && o.Name == name
}

// unknownHook names the hooks that there are. A hook that no planned action runs is told apart.
func unknownHook(inventories []Inventory, ref string) error {
	if hooks := hooksNamed(inventories, ref); len(hooks) > 0 {
		return fmt.Errorf("%s runs in none of the actions asked for; its events are %s", ref, joinEvents(eventsOf(hooks)))
	}
	for _, inventory := range inventories {
		for i := range inventory.Resources {
			if sameRef(inventory.Resources[i].Object, ref) {
				return fmt.Errorf("%s is no hook: Helm installs it as an ordinary object", ref)
			}
		}
	}
	return fmt.Errorf("%s: %s", ref, strings.TrimSuffix(noHookNamed(inventories, ref), ", and resources"))
}

// add takes in what one action does with the hook.
func (l *HookLife) add(t Timeline, rows []MatrixRow, mine func(*Step) bool, is func(Object) bool) {
	ran := false
	for _, phase := range t.Phases {
		for i := range phase.Steps {
			if !mine(&phase.Steps[i]) {
				continue
			}
			if l.Hook == nil {
				hook := phase.Steps[i].Hook
				l.Hook = &hook
			}
			ran = true
			l.Runs = append(l.Runs, runOf(t, phase, i, rows))
		}
	}
	if !ran {
		l.Idle = append(l.Idle, t.Action)
	}
	if t.Action == Uninstall {
		l.UninstallUnknown = false
		for _, o := range t.Outcome.Left {
			if is(o) || l.Hook != nil && slices.Contains(objectsOf(l.Hook.parts), o) {
				l.LeftAfterUninstall = append(l.LeftAfterUninstall, o)
			}
		}
	}
}

func runOf(t Timeline, phase Phase, i int, rows []MatrixRow) HookRun {
	step := phase.Steps[i]
	run := HookRun{Action: t.Action, StartsFrom: t.StartsFrom, Phase: phase, Step: step, Of: len(phase.Steps)}
	if i > 0 {
		run.Before = neighbour(phase.Steps[i-1].Hook, step.Hook, phase.Steps[i-1].Hook)
	}
	if i+1 < len(phase.Steps) {
		run.After = neighbour(step.Hook, phase.Steps[i+1].Hook, phase.Steps[i+1].Hook)
	}
	run.Deletions = deletions(t, phase, step)
	for _, o := range objectsOf(step.Hook.parts) {
		run.Exists = run.Exists || slices.Contains(t.Outcome.Left, o)
	}
	for k, row := range rows {
		if row.Action == t.Action && row.Phase == phase.Name && row.Order == step.Order && row.Object == step.Hook.Object {
			run.IfFails = &rows[k]
		}
	}
	return run
}

// neighbour says which key put the first of two hooks before the second.
func neighbour(first, second, other Hook) *Neighbour {
	n := &Neighbour{Object: other.Object, Weight: other.Weight, Decided: "file"}
	switch {
	case first.Weight != second.Weight:
		n.Decided = "weight"
	case first.Name != second.Name:
		n.Decided = "name"
	case first.Kind != second.Kind:
		n.Decided = "kind"
	}
	return n
}

// deletions are Helm's deletions of this run's object in the phase.
func deletions(t Timeline, phase Phase, step Step) []Deletion {
	var found []Deletion
	before := true
	for _, op := range t.Operations {
		if op.Phase != phase.Name || op.Action != phase.Action || op.Order != step.Order || !op.Hook {
			continue
		}
		switch op.Op {
		case OpCreate, OpApply:
			before = false
		case OpDelete:
			found = append(found, Deletion{Because: DeletePolicy(op.Because), Before: before, Idle: op.Idle})
		case OpWaitDeleted:
			if n := len(found); n > 0 {
				found[n-1].Waited = true
			}
		}
	}
	return found
}

// neverUnderFlux says why a hook does not run at some of its events. One that never runs is still a hook, of which to
// tell.
func (l *HookLife) neverUnderFlux(flux *Flux, named []*Hook) {
	if flux == nil || len(named) == 0 {
		return
	}
	if l.Hook == nil {
		l.Hook = named[0]
	}
	for _, event := range l.Hook.Events {
		if why := flux.never(l.Hook, event); why != "" {
			l.Never = append(l.Never, fmt.Sprintf("It never runs in %s: %s.", event, why))
		}
	}
}
