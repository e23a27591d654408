package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// player plays the actions of one input, each on the state that others have left.
type player struct {
	input Input
	// chart is the one that is planned; old the one that the release was made of, the same where the
	// input names none.
	chart, old *stock
	// inventories are what the faults' names were looked up in.
	inventories []Inventory
	// struck says of each fault whether it has struck anywhere.
	struck []bool
	// live is the state of a live release; nil where the plan starts from an empty cluster.
	live *State
	// starts are the states in which actions begin, by the actions that lead there, each played once. A run works
	// on a copy.
	starts map[string]beginning
}

// newPlayer renders the input and resolves its faults. The inventories are those of the chart alone.
func newPlayer(input Input) (*player, []Inventory, error) {
	p := &player{input: input, chart: newStock(input.Engine, input.Release, input.Render), starts: map[string]beginning{}}
	p.chart.postRender = input.Flux.postRendering()
	p.old = p.chart
	inventories, err := inventoriesOf(p.chart, input.Live.newest())
	if err != nil {
		return nil, nil, err
	}
	p.inventories = inventories
	if input.Live != nil {
		state, err := input.Live.state(p.chart, inventories)
		if err != nil {
			return nil, nil, reading(err)
		}
		p.live = &state
		p.inventories = append(slices.Clone(inventories), p.live.inventories()...)
	}
	if input.From != nil {
		p.old = newStock(input.Engine, input.Release, input.From)
		p.old.postRender = p.chart.postRender
		first, err := p.old.get(Fields{Revision: 1})
		if err != nil {
			return nil, nil, err
		}
		p.inventories = append(slices.Clone(inventories), first)
	}
	if p.input.Faults, err = resolveFaults(p.inventories, input.Faults); err != nil {
		return nil, nil, err
	}
	p.struck = make([]bool, len(input.Faults))
	return p, inventories, nil
}

// timelines plays what the input asks for.
func (p *player) timelines() (timelines []Timeline, err error) {
	if p.input.Then != nil {
		timelines, err = p.life()
	} else {
		timelines, err = p.each()
	}
	if err != nil {
		return nil, err
	}
	for i, f := range p.input.Faults {
		if !p.struck[i] {
			return nil, missed(f, p.inventories, timelines, p.input.Options)
		}
	}
	return timelines, nil
}

// each plays every action for itself.
func (p *player) each() ([]Timeline, error) {
	actions := p.input.Actions
	switch {
	case actions == nil && p.live != nil:
		actions = p.live.possible()
	case actions == nil && p.input.From != nil:
		actions = []Action{Upgrade, Rollback}
	case actions == nil:
		actions = slices.Clone(allActions)
	}
	timelines := []Timeline{}
	for _, action := range actions {
		state, startsFrom, err := p.start(action)
		if err != nil {
			return nil, err
		}
		timeline, _, struck, err := p.play(state, p.command(action))
		if err != nil {
			return nil, err
		}
		if p.input.Actions == nil && len(p.input.Faults) > 0 && !struck {
			continue
		}
		timeline.StartsFrom = startsFrom
		timelines = append(timelines, timeline)
	}
	if len(timelines) == 0 && len(p.input.Faults) > 0 {
		return nil, missed(p.input.Faults[0], p.inventories, played(actions), p.input.Options)
	}
	return timelines, nil
}

func played(actions []Action) []Timeline {
	var timelines []Timeline
	for _, action := range actions {
		timelines = append(timelines, Timeline{Action: action})
	}
	return timelines
}

// command is an action under the input's options and faults.
func (p *player) command(action Action) Command {
	options := p.input.Options
	if p.input.Flux != nil {
		options = p.input.Flux.options(action)
		options.RollbackTo = p.input.Options.RollbackTo
	}
	if action == Rollback && options.RollbackTo == 0 && p.live == nil {
		options.RollbackTo = 1
	}
	return Command{Action: action, Options: options, Faults: p.input.Faults}
}

// play plays one command and folds it, with the way out if it fails.
func (p *player) play(state State, command Command) (timeline Timeline, next State, struck bool, err error) {
	trace, next, err := p.chart.run(state, command)
	if err != nil {
		return Timeline{}, State{}, false, err
	}
	struck = p.note(trace)
	timeline = fold(trace, p.input.Engine, command.Options)
	if timeline.Outcome.Result == Failed {
		timeline.Recovery, err = p.recover(trace, command, next)
	}
	return timeline, next, struck, err
}

// note keeps in mind which faults have struck.
func (p *player) note(trace Trace) (any bool) {
	for i, s := range p.input.Faults {
		for _, strike := range trace.strikes {
			if strike.steps > 0 && strike.given.Object == s.Object && strike.given.Event == s.Event && strike.given.At == s.At {
				p.struck[i], any = true, true
			}
		}
	}
	return any
}

// beginning is the state in which an action is planned; after is the last of the actions that failed on the way.
type beginning struct {
	state State
	after Action
}

// start gives the state in which an action is planned.
func (p *player) start(action Action) (state State, startsFrom string, err error) {
	if p.live != nil {
		return *p.live, p.input.Live.startsFrom(), nil
	}
	commands, startsFrom := p.before(action)
	begins, err := p.lead(commands)
	if err != nil {
		return State{}, "", err
	}
	if begins.after != "" {
		startsFrom = "what a failed " + string(begins.after) + " left"
	}
	return begins.state, startsFrom, nil
}

// lead plays the actions that lead to the state in which another is planned.
func (p *player) lead(commands []Action) (beginning, error) {
	if len(commands) == 0 {
		return beginning{}, nil
	}
	key := fmt.Sprint(commands)
	if known, ok := p.starts[key]; ok {
		return known, nil
	}
	last := len(commands) - 1
	begins, err := p.lead(commands[:last])
	if err != nil {
		return beginning{}, err
	}
	stock := p.chart
	if last == 0 {
		stock = p.old
	}
	trace, next, err := stock.run(begins.state, Command{Action: commands[last], Options: p.leading(commands[last])})
	if err != nil {
		return beginning{}, err
	}
	if trace.Outcome.Result == Failed {
		begins.after = commands[last]
	}
	begins.state = next
	p.starts[key] = begins
	return begins, nil
}

// before are the actions that lead to an action's start.
func (p *player) before(action Action) (commands []Action, startsFrom string) {
	changed := p.input.From != nil
	switch {
	case action == Install:
		return nil, "an empty cluster"
	case action == Upgrade && changed:
		return []Action{Install}, "revision 1, as install of the old chart left it"
	case action == Upgrade:
		return []Action{Install}, "revision 1, as install left it"
	case changed:
		return []Action{Install, Upgrade}, "revision 2, after install of the old chart and upgrade to this one"
	case action == Rollback:
		return []Action{Install, Upgrade}, "revision 2, after install and upgrade"
	}
	return []Action{Install}, "revision 1, as install left it"
}

// leading are the options under which the machine gets to the state that an action starts from: those that
// shape what the release leaves, not those that belong to the action asked for.
func (p *player) leading(action Action) Options {
	o := p.input.Options
	if p.input.Flux != nil {
		return p.input.Flux.options(action)
	}
	return Options{Wait: o.Wait, WaitForJobs: o.WaitForJobs, NoHooks: o.NoHooks, SkipCRDs: o.SkipCRDs, ServerSide: o.ServerSide, Timeout: o.Timeout}
}

// life plays the first action and those that follow it. Each fault strikes where it first can.
func (p *player) life() ([]Timeline, error) {
	first, err := p.first()
	if err != nil {
		return nil, err
	}
	state, startsFrom, err := p.start(first)
	if err != nil {
		return nil, err
	}
	commands := slices.Concat([]Command{p.command(first)}, p.input.Then)
	faults := p.input.Faults
	var timelines []Timeline
	for i, command := range commands {
		command.Faults = faults
		stock := p.chart
		if i == 0 && first == Install {
			stock = p.old
		}
		trace, next, err := stock.run(state, command)
		if err != nil {
			return nil, err
		}
		p.note(trace)
		faults = unspent(trace.strikes)
		timeline := fold(trace, p.input.Engine, command.Options)
		timeline.ID = fmt.Sprintf("%d-%s", i+1, trace.Action)
		timeline.StartsFrom = startsFrom
		if i == len(commands)-1 && timeline.Outcome.Result == Failed {
			if timeline.Recovery, err = p.recover(trace, command, next); err != nil {
				return nil, err
			}
		}
		timelines = append(timelines, timeline)
		startsFrom, state = leftBy(timeline), next
	}
	return timelines, nil
}

// first is the action that a life begins with: the one asked for, else the first that a fault strikes.
func (p *player) first() (Action, error) {
	switch {
	case len(p.input.Actions) > 1:
		return "", fmt.Errorf("a life begins with one action, not with %d", len(p.input.Actions))
	case len(p.input.Actions) == 1:
		return p.input.Actions[0], nil
	}
	usual := Install
	if p.input.From != nil || p.live != nil && p.live.last() != nil {
		usual = Upgrade
	}
	if len(p.input.Faults) == 0 {
		return usual, nil
	}
	for _, action := range allActions {
		state, _, err := p.start(action)
		if err != nil {
			return "", err
		}
		trace, _, err := p.chart.run(state, p.command(action))
		if err != nil {
			return "", err
		}
		if slices.ContainsFunc(trace.strikes, func(s strike) bool { return s.steps > 0 }) {
			return action, nil
		}
	}
	return usual, nil
}

// leftBy says from what the next action of a life starts.
func leftBy(t Timeline) string {
	var statuses []string
	for _, r := range t.Outcome.History {
		statuses = append(statuses, fmt.Sprintf("%d %s", r.Revision, r.Status))
	}
	what := "what " + string(t.Action) + " left"
	if t.Outcome.Result == Failed {
		what = "what the failed " + string(t.Action) + " left"
	}
	return what + ": " + cmp.Or(strings.Join(statuses, ", "), "no release")
}
