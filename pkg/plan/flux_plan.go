package plan

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
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
		for _, s := range c.snapshots {
			if s.Other {
				c.made[s.Revision] = -1
			}
		}
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

// moved is a release that becomes another one: the old one is uninstalled first (controller
// helmrelease_controller.go, action.ReleaseTargetChanged). elsewhere says that the new one has another name or storage,
// where the old one's record is not in its way.
func (c *controller) moved(elsewhere bool) (FluxEnd, error) {
	first := len(c.steps)
	end, err := c.delete()
	if len(c.steps) > first {
		c.steps[first].because = "the release would be another one from now on: the old one is uninstalled first"
	}
	if err != nil || end.Again != "" {
		return end, err
	}
	c.snapshots, c.installFailures, c.upgradeFailures = nil, 0, 0
	c.conditions = fluxConditions{}
	if elsewhere {
		c.state.history, c.state.installed = nil, false
	}
	return c.settle()
}

// nameOfChart is the name of the chart that an inventory was rendered from; empty where it holds nothing.
func nameOfChart(inventory Inventory) string {
	var template string
	switch {
	case len(inventory.Resources) > 0:
		template = inventory.Resources[0].Template
	case len(inventory.Hooks) > 0:
		template = inventory.Hooks[0].Template
	}
	name, _, _ := strings.Cut(template, "/")
	return name
}

// renamed says that the chart that is wanted has another name than the one that is installed, which Flux does not
// upgrade to.
func (p *player) renamed(c *controller) (bool, error) {
	last := c.state.last()
	if last == nil || p.input.Flux.ChartNameInPlace {
		return false, nil
	}
	if _, err := loaded(last); err != nil {
		return false, err
	}
	wanted, err := p.chart.get(Fields{Revision: last.number + 1, IsUpgrade: true})
	if err != nil {
		return false, err
	}
	old, now := nameOfChart(last.inventory), nameOfChart(wanted)
	return old != "" && now != "" && old != now, nil
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
	if !p.input.Flux.Deleting {
		to.Situations, err = situations(p.input.Engine, *p.input.Flux)
	}
	if err != nil {
		return err
	}
	if len(p.input.Faults) > 0 && p.input.Flux.Suspended {
		return errors.New("spec.suspend is set: Flux does nothing, so that nothing can fail")
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
	if p.input.From != nil {
		// What is planned comes after the chart that is installed now.
		lines = nil
	}
	plays := []func(*controller) error{p.fluxUpgrade, p.fluxRollback, fluxDeletion}
	if p.input.Flux.Deleting {
		plays = plays[len(plays)-1:]
	}
	for _, play := range plays {
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
	for _, action := range p.input.Actions {
		if !slices.ContainsFunc(to.Timelines, func(line Timeline) bool { return line.Action == action }) {
			to.Remarks = append(to.Remarks, fmt.Sprintf("%s: never runs as things are under this HelmRelease", action))
		}
	}
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
	if p.input.Flux.Suspended || p.input.Flux.Deleting {
		return base, nil, nil, nil
	}
	next := base.fork()
	end, err := next.settle()
	if err != nil {
		return nil, nil, nil, err
	}
	if end.Ready != "True" {
		asItIs := Situation{ID: "as-it-is", When: "left to itself, as things are", End: end}
		for _, step := range next.steps {
			asItIs.Steps = append(asItIs.Steps, situationStep(step))
		}
		stuck = append(stuck, asItIs)
	}
	now = p.fold(next, startsFrom)
	if (state.last() == nil || len(base.snapshots) == 0) && len(next.steps) > 0 {
		// A release that Flux cannot bring about is planned from what its first try leaves, and one that it has not made
		// from what taking it over leaves.
		base = next.fork()
		base.startsFrom = "revision 1, as install left it"
		if state.last() != nil || next.steps[0].trace.Outcome.Result == Failed {
			base.startsFrom = leftBy(now[len(now)-1])
		}
	}
	return base, now, stuck, nil
}

// fluxUpgrade is what a change brings.
func (p *player) fluxUpgrade(c *controller) error {
	renamed, err := p.renamed(c)
	if err != nil {
		return err
	}
	c.change()
	c.stock = p.chart
	if renamed {
		_, err = c.moved(false)
		return err
	}
	_, err = c.settle()
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
		if s.pause > 0 {
			line.Because += ", after a pause of " + pauseWords(s.pause)
		}
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

// pauseWords are a duration as a HelmRelease has it: 5m, not 5m0s.
func pauseWords(d time.Duration) string {
	text := d.String()
	text = strings.TrimSuffix(text, "0s")
	if text == "" || !strings.HasSuffix(text, "m") {
		return d.String()
	}
	if hours := strings.TrimSuffix(text, "0m"); strings.HasSuffix(hours, "h") {
		return hours
	}
	return text
}
