package plan

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// underFlux completes the input of a plan under Flux, and leaves any other as it is.
func (input Input) underFlux() (Input, error) {
	if input.Engine.Name != engineFlux {
		input.Flux = nil
		return input, nil
	}
	if input.Then != nil {
		return input, errors.New("under Flux no command follows by hand: helm-controller decides what comes next")
	}
	if input.Flux == nil {
		input.Flux = &Flux{}
	}
	target := input.Options.RollbackTo
	input.Options = input.Flux.options(Install)
	input.Options.RollbackTo = target
	return input, nil
}

// newController starts helm-controller over a state.
func newController(flux *Flux, stock *stock, state State) *controller {
	c := &controller{flux: flux, stock: stock, state: state, made: map[int]int{}}
	if flux.Status != nil {
		c.last, c.installFailures, c.upgradeFailures = flux.Status.Last, flux.Status.InstallFailures, flux.Status.UpgradeFailures
		c.snapshots = slices.Clone(flux.Status.History)
		return c
	}
	// Nothing is known of the HelmRelease's status: it is taken to have made what is stored.
	for _, r := range slices.Backward(state.history) {
		c.snapshots = append(c.snapshots, FluxSnapshot{Revision: r.number, Status: r.status, Tested: true})
	}
	if last := state.last(); last != nil {
		c.last = Upgrade
		if last.number == 1 {
			c.last = Install
		}
		if last.status == StatusFailed {
			c.fail(c.last)
		}
	}
	return c
}

// fork is the controller as it is now, to be played on by itself.
func (c *controller) fork() *controller {
	other := *c
	other.made, other.snapshots, other.steps, other.faults = maps.Clone(c.made), slices.Clone(c.snapshots), nil, nil
	return &other
}

// moved is a release that gets another name or namespace: the old one is uninstalled first (controller
// helmrelease_controller.go, action.ReleaseTargetChanged).
func (c *controller) moved() (FluxEnd, error) {
	end, err := c.delete()
	if err != nil || end.Again != "" {
		return end, err
	}
	c.steps[len(c.steps)-1].because = "the release would be another one from now on: the old one is uninstalled first"
	c.snapshots, c.installFailures, c.upgradeFailures = nil, 0, 0
	c.conditions = fluxConditions{}
	return c.settle()
}

// eventsOfAction are the events that an action runs.
func eventsOfAction(action Action) []Event {
	switch action {
	case unlock:
		return nil
	case Test:
		return []Event{TestEvent}
	}
	before, after := eventsAround(action)
	return []Event{before, after}
}

// flux plays what helm-controller does: a life where something is to fail, else each action once, and the
// situations in which they come.
func (p *player) flux(to *Plan) (err error) {
	if to.Situations, err = situations(p.input.Engine, *p.input.Flux); err != nil {
		return err
	}
	if len(p.input.Faults) > 0 {
		return p.fluxLife(to)
	}
	to.Timelines = []Timeline{}
	base, now, stuck, err := p.fluxBase()
	if err != nil {
		return err
	}
	to.Situations = slices.Concat(stuck, to.Situations)
	lines := now
	for _, play := range []func(*controller) error{p.fluxUpgrade, p.fluxRollback, fluxDeletion} {
		c := base.fork()
		if p.input.Flux.Suspended {
			break
		}
		if err := play(c); err != nil {
			return err
		}
		lines = append(lines, p.fold(c, base.startsFrom)...)
	}
	to.Timelines = append(to.Timelines, p.chosen(lines)...)
	return nil
}

// fluxBase is the state from which changes and the deletion are planned: the live one, else what the first install
// leaves. now are the actions that come without anybody changing anything, stuck the situation where they do not
// end well.
func (p *player) fluxBase() (base *controller, now []Timeline, stuck []Situation, err error) {
	state, startsFrom := State{}, "an empty cluster"
	if p.live != nil {
		state, startsFrom = *p.live, p.input.Live.startsFrom()
	}
	base = newController(p.input.Flux, p.old, state)
	base.startsFrom = startsFrom
	if p.input.Flux.Suspended {
		return base, nil, nil, nil
	}
	next := base.fork()
	end, err := next.settle()
	if err != nil {
		return nil, nil, nil, err
	}
	if end.Ready != "True" && len(next.steps) > 0 {
		asItIs := Situation{ID: "as-it-is", When: "left to itself, as things are", End: end}
		for _, step := range next.steps {
			asItIs.Steps = append(asItIs.Steps, situationStep(step))
		}
		stuck = append(stuck, asItIs)
	}
	now = p.fold(next, startsFrom)
	if state.last() == nil {
		// A release that Flux cannot bring about is planned from what its first try leaves.
		if len(next.steps) > 0 {
			base = next.fork()
			base.startsFrom = "revision 1, as install left it"
			if next.steps[0].trace.Outcome.Result == Failed {
				base.startsFrom = leftBy(now[len(now)-1])
			}
		}
	}
	return base, now, stuck, nil
}

// fluxUpgrade is what a change brings.
func (p *player) fluxUpgrade(c *controller) error {
	c.change()
	c.stock = p.chart
	_, err := c.settle()
	return err
}

// fluxRollback is what a change brings that fails, where Flux then rolls back.
func (p *player) fluxRollback(c *controller) error {
	if !p.input.Flux.rollsBack() || c.state.last() == nil {
		return nil
	}
	c.change()
	c.stock = p.chart
	whole := c.fork()
	if _, err := whole.settle(); err != nil || len(whole.steps) == 0 {
		return err
	}
	// What fails makes no difference to the rollback, but for what hooks have left; at the resources most of them
	// have run.
	for _, phase := range whole.steps[0].trace.phases {
		for _, f := range faultsOf(phase) {
			if phase.Name == phaseResources || c.faults == nil {
				c.faults = []Fault{f.fault}
			}
		}
	}
	if _, err := c.settle(); err != nil {
		return err
	}
	c.steps = slices.DeleteFunc(c.steps, func(s controlled) bool { return s.trace.Action != Rollback })
	c.startsFrom = "what a failed upgrade left"
	return nil
}

func fluxDeletion(c *controller) error {
	if c.state.last() == nil {
		return nil
	}
	_, err := c.delete()
	c.steps = c.steps[:min(len(c.steps), 1)]
	return err
}

// fold makes timelines of what the controller has done.
func (p *player) fold(c *controller, startsFrom string) []Timeline {
	if c.startsFrom != "" && len(c.steps) > 0 && c.steps[0].trace.Action == Rollback {
		startsFrom = c.startsFrom
	}
	var lines []Timeline
	for _, s := range c.steps {
		p.note(s.trace)
		line := fold(s.trace, p.input.Engine, s.options)
		line.StartsFrom, line.Because = startsFrom, s.because
		lines = append(lines, line)
		startsFrom = leftBy(line)
	}
	return lines
}

// chosen are the timelines of the actions asked for, the first of each action; the IDs tell them apart.
func (p *player) chosen(lines []Timeline) []Timeline {
	var kept []Timeline
	for _, line := range lines {
		again := slices.ContainsFunc(kept, func(k Timeline) bool { return k.Action == line.Action })
		if again || line.Action == unlock || p.input.Actions != nil && !slices.Contains(p.input.Actions, line.Action) {
			continue
		}
		kept = append(kept, line)
	}
	return kept
}

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
			c.change()
			c.stock = p.chart
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
