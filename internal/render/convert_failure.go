package render

import "github.com/helm-hooks/helm-hooks/pkg/plan"

// matrixWire is the one way from a matrix to the wire.
func matrixWire(h Header, m plan.Matrix) wireMatrix {
	return wireMatrix{
		APIVersion: wireAPIVersion, Kind: kindMatrix, Source: sourceWire(h.Source), Engine: engineWire(m.Engine),
		Notes: append([]string{}, h.Notes...),
		Failing: full(each(m.Failing, func(f plan.MatrixFailure) wireFailing {
			return wireFailing{Action: string(f.Action), Error: f.Error}
		})),
		Rows:    full(each(m.Rows, func(r plan.MatrixRow) wireMatrixRow { return matrixRowWire(h.Helm, r) })),
		Unknown: full(each(m.Unknown, func(u plan.UnknownFact) wireUnknown { return wireUnknown(u) })),
		Errors:  []wireError{},
	}
}

func matrixRowWire(helm Helm, r plan.MatrixRow) wireMatrixRow {
	row := wireMatrixRow{
		Action: string(r.Action), Phase: r.Phase, StartsFrom: r.StartsFrom, Order: r.Order, Fault: faultWire(r.Fault),
		Outcome: outcomeWire(helm, r.Outcome, r.Recovery), Prediction: string(r.Prediction),
	}
	if r.Order > 0 {
		object := objectWire(r.Object)
		row.Object = &object
	}
	return row
}

func faultWire(f plan.Fault) wireFault {
	return wireFault{Object: f.Object, Event: string(f.Event), At: string(f.At)}
}

func outcomeWire(helm Helm, o plan.Outcome, r *plan.Recovery) wireOutcome {
	outcome := wireOutcome{
		Result: resultWire(o.Result), Refused: o.Refused, Signal: string(o.Signal), Error: o.Error, Status: string(o.Status),
		Left: objectsWire(o.Left), History: historyWire(o.History), Live: liveWire(o.Live), Prediction: string(o.Prediction),
	}
	outcome.WayOut = recoveryWire(helm, r)
	return outcome
}

func recoveryWire(helm Helm, r *plan.Recovery) *wireRecovery {
	if r == nil {
		return nil
	}
	return &wireRecovery{
		Ways: full(each(r.Ways, func(w plan.Way) wireWay { return wayWire(helm, w) })),
		Refused: full(each(r.Refused, func(refused plan.Refusal) wireRefusal {
			commands := []string{}
			for _, move := range refused.Moves {
				commands = append(commands, helm.commands(move)...)
			}
			return wireRefusal{Commands: commands, Error: refused.Error, Starts: refused.Fails}
		})),
		Running: objectsWire(r.Running),
		Logs:    full(each(r.Logs, helm.logs)),
		Notes:   append([]string{}, r.Notes...),
	}
}

func wayWire(helm Helm, w plan.Way) wireWay {
	way := wireWay{
		Goal: w.Goal, Unplayed: w.Unplayed, Commands: []string{}, NeverRun: objectsWire(w.Unrun), Loses: objectsWire(w.Lost), History: historyWire(w.History),
		Live: liveWire(w.Live), Left: objectsWire(w.Left), Prediction: string(w.Prediction),
		Phases: full(each(w.Phases, func(p plan.Phase) wireHookPhase {
			return wireHookPhase{Name: p.Name, Action: string(p.Action), Revision: p.Revision, Hooks: len(p.Steps)}
		})),
	}
	for _, move := range w.Moves {
		way.Commands = append(way.Commands, helm.commands(move)...)
	}
	return way
}

func historyWire(history []plan.RevisionStatus) []wireStatus {
	return full(each(history, func(r plan.RevisionStatus) wireStatus {
		return wireStatus{Revision: r.Revision, Status: string(r.Status)}
	}))
}

func liveWire(l plan.Live) wireLive {
	return wireLive{Revision: positive(l.Revision), Partly: l.Partly, Before: positive(l.Before)}
}
