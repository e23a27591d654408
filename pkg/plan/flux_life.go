package plan

import (
	"cmp"
	"fmt"
	"slices"
)

// fluxStart is where a life under Flux begins, and how.
type fluxStart struct {
	action Action
	from   *controller
	play   func(*controller) (FluxEnd, error)
}

// fluxStarts are the first install, a change and the deletion of the HelmRelease.
func (p *player) fluxStarts() ([]fluxStart, error) {
	base, _, _, err := p.fluxBase()
	if err != nil {
		return nil, err
	}
	start := newController(p.input.Flux, p.old, State{})
	start.startsFrom = "an empty cluster"
	if p.live != nil {
		start = base.fork()
	}
	return []fluxStart{
		{Install, start, (*controller).settle},
		{Upgrade, base, func(c *controller) (FluxEnd, error) {
			renamed, err := p.renamed(c)
			c.change()
			c.stock = p.chart
			if err != nil || renamed {
				end, failed := c.moved(false)
				return end, cmp.Or(err, failed)
			}
			return c.settle()
		}},
		{Uninstall, base, (*controller).delete},
	}, nil
}

// lives plays a life with failures from the first start at which any of them strikes, among those wanted; c is nil
// where none does.
func lives(starts []fluxStart, faults []Fault, wanted func(Action) bool) (c *controller, end FluxEnd, err error) {
	for _, life := range starts {
		if !wanted(life.action) {
			continue
		}
		c := life.from.fork()
		c.faults = slices.Clone(faults)
		end, err := life.play(c)
		if err != nil {
			return nil, FluxEnd{}, err
		}
		if slices.ContainsFunc(c.steps, func(s controlled) bool {
			return slices.ContainsFunc(s.trace.strikes, func(one strike) bool { return one.steps > 0 })
		}) {
			return c, end, nil
		}
	}
	return nil, FluxEnd{}, nil
}

// fluxLife plays what follows once something fails: on the first install, after a change, or while the HelmRelease
// is deleted, whatever comes first of what was asked for.
func (p *player) fluxLife(to *Plan) error {
	starts, err := p.fluxStarts()
	if err != nil {
		return err
	}
	asked := func(action Action) bool { return p.input.Actions == nil || slices.Contains(p.input.Actions, action) }
	c, end, err := lives(starts, p.input.Faults, asked)
	if err != nil {
		return err
	}
	if c == nil && p.rollbacksOnly() {
		return fmt.Errorf("%s: Flux rolls back only after a failed upgrade: let a hook of the upgrade fail too, or resources", p.input.Faults[0])
	}
	if c == nil {
		return missed(p.input.Faults[0], p.inventories, played(p.input.Engine.Actions()), p.input.Options)
	}
	to.Life, to.FluxEnd = true, &end
	to.Timelines = p.fold(c, c.startsFrom)
	for i := range to.Timelines {
		to.Timelines[i].ID = fmt.Sprintf("%d-%s", i+1, to.Timelines[i].Action)
	}
	for i, f := range p.input.Faults {
		if !p.struck[i] {
			return missed(f, p.inventories, to.Timelines, p.input.Options)
		}
	}
	return nil
}

// failUnderFlux says of a run what helm-controller does where it fails each time.
func (p *player) failUnderFlux(run *HookRun) error {
	if p.input.Flux == nil || run.Step.Result != OK || run.Action == Rollback {
		return nil
	}
	starts, err := p.fluxStarts()
	if err != nil {
		return err
	}
	at := FaultCreate
	if run.Step.WaitsFor == WaitsCompletion {
		at = FaultWait
	}
	fault := Fault{Object: run.Step.Hook.Kind + "/" + run.Step.Hook.Name, Event: Event(run.Phase.Name), At: at}
	c, end, err := lives(starts, []Fault{fault}, func(Action) bool { return true })
	if err != nil || c == nil {
		return err
	}
	run.UnderFlux = &Situation{ID: "hook-fails", When: fault.Object + " fails in " + run.Phase.Name + ", each time", End: end}
	for _, step := range c.steps {
		run.UnderFlux.Steps = append(run.UnderFlux.Steps, situationStep(step))
	}
	return nil
}

// rollbacksOnly says that only rollback hooks are to fail.
func (p *player) rollbacksOnly() bool {
	for _, f := range p.input.Faults {
		events := eventsOf(hooksNamed(p.inventories, f.Object))
		if f.Event != "" {
			events = []Event{f.Event}
		}
		if len(events) == 0 || slices.ContainsFunc(events, func(e Event) bool { return e != PreRollback && e != PostRollback }) {
			return false
		}
	}
	return true
}
