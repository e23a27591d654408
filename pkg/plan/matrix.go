package plan

import "fmt"

// Matrix is what each failure leads to: a row for every run of every hook, and for the ordinary
// resources, as the one that fails.
type Matrix struct {
	Engine  Engine
	Release Release
	Rows    []MatrixRow
	// Failing are the actions that fail by themselves, without any of the rows' failures: what they do not
	// reach has no row.
	Failing []MatrixFailure
	Unknown []UnknownFact
	Hooks   int
}

// MatrixFailure is an action that fails by itself.
type MatrixFailure struct {
	Action Action
	Error  string
}

// MatrixRow is one failure and what it leaves.
type MatrixRow struct {
	Action Action
	Phase  string
	// Order is the hook's place in the phase, 0 for ordinary resources.
	Order  int
	Object Object
	Fault  Fault
	// StartsFrom is the state before the action, Revision the one that the action makes or acts on.
	StartsFrom string
	Revision   int
	Outcome    Outcome
	Recovery   *Recovery
	Prediction Prediction
}

// MakeMatrix plays every action of a source once for each of its hooks and once for its ordinary
// resources, with that one failing. Input.Faults and Input.Then are of no use here.
func MakeMatrix(input Input) (Matrix, error) {
	input.Faults, input.Then = nil, nil
	if err := input.Engine.tabulates(); err != nil {
		return Matrix{}, err
	}
	p, inventories, err := newPlayer(input)
	if err != nil {
		return Matrix{}, err
	}
	m := Matrix{Engine: input.Engine, Release: input.Release, Unknown: input.Unknown, Hooks: len(inventories[0].Hooks), Rows: []MatrixRow{}}
	well, err := p.each()
	if err != nil {
		return Matrix{}, err
	}
	for _, timeline := range well {
		if timeline.Outcome.Result == Failed {
			m.Failing = append(m.Failing, MatrixFailure{Action: timeline.Action, Error: timeline.Outcome.Error})
		}
		rows, err := p.rows(timeline, func(phaseFault) bool { return true })
		if err != nil {
			return Matrix{}, err
		}
		m.Rows = append(m.Rows, rows...)
	}
	return m, nil
}

// tabulates says why the failures of an engine cannot be put into a table.
func (e Engine) tabulates() error {
	if e.planner() != nil {
		return fmt.Errorf("%s %w", e, errOnlyHelm)
	}
	if e.Name == engineFlux {
		return fmt.Errorf("%s decides itself what follows a failure: play one at a time", e)
	}
	return nil
}

// rows plays the failures of a timeline that are wanted.
func (p *player) rows(timeline Timeline, wanted func(phaseFault) bool) (rows []MatrixRow, err error) {
	for _, phase := range timeline.Phases {
		for _, fault := range faultsOf(phase) {
			if !wanted(fault) {
				continue
			}
			row, struck, err := p.row(timeline, phase, fault)
			if err != nil {
				return nil, err
			}
			if struck {
				rows = append(rows, row)
			}
		}
	}
	return rows, nil
}

// phaseFault is one failure within a phase.
type phaseFault struct {
	fault Fault
	order int
	step  *Step
}

// faultsOf are the failures of a phase, in the order of its steps.
func faultsOf(phase Phase) []phaseFault {
	if phase.Name == phaseResources && phase.Objects > 0 {
		return []phaseFault{{fault: Fault{Object: faultResources, Times: 1}}}
	}
	var faults []phaseFault
	for i := range phase.Steps {
		step := &phase.Steps[i]
		at := FaultCreate
		if step.WaitsFor == WaitsCompletion {
			at = FaultWait
		}
		faults = append(faults, phaseFault{
			fault: Fault{Object: step.Hook.Kind + "/" + step.Hook.Name, Event: Event(phase.Name), At: at, Times: 1},
			order: step.Order, step: step,
		})
	}
	return faults
}

func (p *player) row(timeline Timeline, phase Phase, f phaseFault) (row MatrixRow, struck bool, err error) {
	state, _, err := p.start(timeline.Action)
	if err != nil {
		return MatrixRow{}, false, err
	}
	command := p.command(timeline.Action)
	command.Faults = []Fault{f.fault}
	trace, next, err := p.chart.run(state, command)
	if err != nil {
		return MatrixRow{}, false, err
	}
	for _, s := range trace.strikes {
		struck = struck || s.steps > 0
	}
	row = MatrixRow{
		Action: timeline.Action, Phase: phase.Name, Order: f.order, Fault: f.fault,
		StartsFrom: timeline.StartsFrom, Revision: trace.Revision, Outcome: trace.Outcome, Prediction: Proven,
	}
	if f.step != nil {
		row.Object, row.Prediction = f.step.Hook.Object, f.step.Prediction
	}
	if trace.Outcome.Result == Failed {
		row.Recovery, err = p.recover(trace, command, next)
	}
	return row, struck, err
}
