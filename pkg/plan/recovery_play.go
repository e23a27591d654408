package plan

import (
	"fmt"
	"reflect"
	"slices"
)

func goBack(revision int) string { return fmt.Sprintf("go back to revision %d", revision) }

// try plays a way. Objects that earlier runs left and that make a hook fail, or keep it from running,
// are deleted by hand first; a way that fails all the same is told as one that does not help.
func (r *recovery) try(way Way) error {
	const attempts = 6
	for range attempts {
		played, obstacle, failure, err := r.play(way)
		switch {
		case err != nil:
			return err
		case obstacle == nil && failure == nil:
			r.found.Ways = append(r.found.Ways, played)
			return nil
		case obstacle == nil:
			r.found.Refused = append(r.found.Refused, *failure)
			return nil
		}
		way.Moves = withDeletion(way.Moves, *obstacle)
	}
	return nil
}

// obstacle are objects that must go before a move can work.
type obstacle struct {
	before  int
	objects []Object
}

// withDeletion puts a deletion before a move, into the one that is there already if there is one.
func withDeletion(moves []Move, o obstacle) []Move {
	moves = slices.Clone(moves)
	if o.before > 0 && moves[o.before-1].Action == "" {
		moves[o.before-1].Delete = slices.Concat(moves[o.before-1].Delete, o.objects)
		return moves
	}
	return slices.Insert(moves, o.before, Move{Delete: o.objects})
}

// play plays the moves of a way one after the other.
func (r *recovery) play(way Way) (Way, *obstacle, *Refusal, error) {
	state := r.state
	way.Prediction = Proven
	for i, move := range way.Moves {
		if move.Action == "" {
			state = state.without(move.Delete)
			continue
		}
		trace, next, err := r.player.chart.run(state, Command{Action: move.Action, Options: move.Options})
		if err != nil {
			return way, nil, nil, err
		}
		objects, kept := inTheWay(trace, state)
		if len(objects) > 0 {
			return way, &obstacle{before: i, objects: objects}, nil, nil
		}
		if trace.Outcome.Result == Failed {
			r.blocked(kept)
			return way, nil, &Refusal{Moves: slices.Clone(way.Moves[:i+1]), Error: trace.Outcome.Error, Fails: !trace.Outcome.Refused}, nil
		}
		if slices.ContainsFunc(trace.Operations, func(o Operation) bool { return o.Prediction != Proven }) {
			way.Prediction = Likely
		}
		for _, phase := range trace.phases {
			if len(phase.Steps) > 0 {
				way.Phases = append(way.Phases, phase)
			}
		}
		way.Lost = append(way.Lost, lost(state, next)...)
		state = next
	}
	way.History, way.Live, way.Left = state.History(), state.Live(), state.Left()
	way.Unrun = r.unrun(way, state)
	return way, nil, nil, nil
}

// inTheWay finds objects that were there before a command and made one of its hooks fail or not run: those
// that can be deleted by hand, and those that better stay.
func inTheWay(trace Trace, before State) (objects, kept []Object) {
	for _, phase := range trace.phases {
		for _, step := range phase.Steps {
			if step.Result != Failed && !step.NotRun {
				continue
			}
			for _, one := range step.Hook.parts {
				thing, exists := before.world.get(identityKey(step.Hook.Parsed, one.object))
				switch {
				case !exists || slices.Contains(objects, one.object) || slices.Contains(kept, one.object):
				case thing.byHook && !thing.kept && expendable(one.object):
					objects = append(objects, one.object)
				default:
					kept = append(kept, one.object)
				}
			}
		}
	}
	return objects, kept
}

// expendable says that an object can be deleted by hand without harm to anything but itself: a Job or Pod that
// is over. Anything else may hold data, take other objects with it, or be in use by what runs.
func expendable(o Object) bool { return watched(o) }

// precious says that an object takes with it what nobody can bring back.
func precious(o Object) bool {
	switch o.Kind {
	case "PersistentVolumeClaim", "PersistentVolume", "CustomResourceDefinition", "Namespace":
		return true
	}
	return false
}

// lost are the precious objects that a command deletes.
func lost(before, after State) []Object {
	isPrecious := func(p placed) bool { return precious(p.object) }
	had := before.world.list(isPrecious)
	if len(had) == 0 {
		return had
	}
	left := after.world.list(isPrecious)
	return slices.DeleteFunc(had, func(o Object) bool { return slices.Contains(left, o) })
}

// blocked notes what is in the way and must be looked at before anybody deletes it.
func (r *recovery) blocked(objects []Object) {
	if len(objects) == 0 {
		return
	}
	note := "what is in the way is not for the tool to delete; look what it holds and who uses it first: " + refs(objects)
	if !slices.Contains(r.found.Notes, note) {
		r.found.Notes = append(r.found.Notes, note)
	}
}

// without is the state after objects have been deleted by hand.
func (s State) without(objects []Object) State {
	next := s.clone()
	for key, thing := range s.world.things {
		if slices.Contains(objects, thing.object) {
			next.world.remove(key)
		}
	}
	return next
}

// unrun are the install hooks that have not run when a way ends with a release which no install has brought to
// its end: an upgrade or a rollback runs none of them.
func (r *recovery) unrun(way Way, end State) []Object {
	last := end.last()
	if last == nil || end.installed || last.status != StatusDeployed {
		return nil
	}
	ran := map[Object]bool{}
	note := func(phases []Phase) {
		for _, phase := range phases {
			for _, step := range phase.Steps {
				if step.Result == OK && !step.NotRun {
					ran[step.Hook.Object] = true
				}
			}
		}
	}
	if r.command.Action == Install {
		note(r.trace.phases)
	}
	note(way.Phases)
	var objects []Object
	for _, h := range last.inventory.Hooks {
		// The record of a live release tells which have run.
		if (slices.Contains(h.Events, PreInstall) || slices.Contains(h.Events, PostInstall)) && !ran[h.Object] && h.LastRun.Phase != "Succeeded" {
			objects = append(objects, h.Object)
		}
	}
	return objects
}

// unplayed gives the ways of a chart that fails by itself: what the mended chart will do cannot be played.
func (r *recovery) unplayed(candidates []Way) {
	if len(r.found.Ways) > 0 || len(candidates) == 0 || r.trace.Outcome.Refused {
		return
	}
	for _, way := range candidates[:min(2, len(candidates))] {
		way.Goal = "mend the chart, which fails by itself; then " + way.Goal
		way.Prediction, way.Unplayed = Likely, true
		r.found.Ways = append(r.found.Ways, way)
	}
}

// complete puts the way that runs the install hooks before the one that leaves them out.
func (r *recovery) complete() {
	onward := slices.IndexFunc(r.found.Ways, func(w Way) bool { return w.Goal == goalOnward })
	again := slices.IndexFunc(r.found.Ways, func(w Way) bool { return w.Goal == goalReplace })
	if onward >= 0 && again == onward+1 && len(r.found.Ways[onward].Unrun) > 0 {
		r.found.Ways[onward], r.found.Ways[again] = r.found.Ways[again], r.found.Ways[onward]
	}
}

// temptations are the commands that people type next without thinking.
func (r *recovery) temptations() []Move {
	last := r.state.last()
	if last == nil {
		return nil
	}
	switch {
	case last.status.pending() || last.status == StatusUninstalling:
		upgrade := r.move(Upgrade)
		upgrade.Options.Install = upgrade.Options.Install || r.command.Action == Install
		return []Move{upgrade}
	case r.command.Action == Install:
		return []Move{r.move(Install)}
	}
	return nil
}

// tempt notes a command that Helm refuses.
func (r *recovery) tempt(move Move) error {
	moves := []Move{move}
	if slices.ContainsFunc(r.found.Refused, func(known Refusal) bool { return reflect.DeepEqual(known.Moves, moves) }) {
		return nil
	}
	trace, _, err := r.player.chart.run(r.state, Command{Action: move.Action, Options: move.Options})
	if err == nil && trace.Outcome.Refused {
		r.found.Refused = append(r.found.Refused, Refusal{Moves: moves, Error: trace.Outcome.Error})
	}
	return err
}
