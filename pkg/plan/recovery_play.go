package plan

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
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
		if objects := inTheWay(trace, state); len(objects) > 0 {
			return way, &obstacle{before: i, objects: objects}, nil, nil
		}
		if trace.Outcome.Result == Failed {
			return way, nil, &Refusal{Move: move, Error: trace.Outcome.Error, Fails: !trace.Outcome.Refused}, nil
		}
		if slices.ContainsFunc(trace.Operations, func(o Operation) bool { return o.Prediction != Proven }) {
			way.Prediction = Likely
		}
		for _, phase := range trace.phases {
			if len(phase.Steps) > 0 {
				way.Phases = append(way.Phases, phase)
			}
		}
		state = next
	}
	way.History, way.Live, way.Left = state.History(), state.Live(), state.Left()
	way.Unrun = r.unrun(way)
	return way, nil, nil, nil
}

// inTheWay finds objects that were there before a command and made one of its hooks fail or not run.
func inTheWay(trace Trace, before State) []Object {
	var objects []Object
	for _, phase := range trace.phases {
		for _, step := range phase.Steps {
			if step.Result != Failed && !step.NotRun {
				continue
			}
			for _, one := range step.Hook.parts {
				thing, exists := before.world.get(identityKey(step.Hook.Parsed, one.object))
				if exists && thing.byHook && !slices.Contains(objects, one.object) && expendable(one.object) {
					objects = append(objects, one.object)
				}
			}
		}
	}
	return objects
}

// expendable says that an object can be deleted by hand without losing what nobody can bring back: a
// CustomResourceDefinition takes all its objects with it, a claim its data.
func expendable(o Object) bool {
	switch o.Kind {
	case "Job", "Pod", "ConfigMap", "ServiceAccount", "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding":
		return true
	}
	return false
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

// unrun are the install hooks that a way never runs although no install of this release has: after a
// failed first install, upgrade --install is an upgrade (cmd/helm/upgrade.go).
func (r *recovery) unrun(way Way) []Object {
	if r.command.Action != Install || !slices.ContainsFunc(way.Moves, func(m Move) bool { return m.Options.Install }) {
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
	note(r.trace.phases)
	note(way.Phases)
	var objects []Object
	for _, h := range r.state.last().inventory.Hooks {
		if (slices.Contains(h.Events, PreInstall) || slices.Contains(h.Events, PostInstall)) && !ran[h.Object] {
			objects = append(objects, h.Object)
		}
	}
	return objects
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
	if slices.ContainsFunc(r.found.Refused, func(known Refusal) bool { return reflect.DeepEqual(known.Move, move) }) {
		return nil
	}
	trace, _, err := r.player.chart.run(r.state, Command{Action: move.Action, Options: move.Options})
	if err == nil && trace.Outcome.Refused {
		r.found.Refused = append(r.found.Refused, Refusal{Move: move, Error: trace.Outcome.Error})
	}
	return err
}

// logs are the Jobs and Pods that failed and that no policy has deleted.
func (r *recovery) logs() []Object {
	var objects []Object
	for _, phase := range r.trace.phases {
		for _, step := range phase.Steps {
			if step.Result != Failed {
				continue
			}
			for _, one := range step.Hook.parts {
				_, exists := r.state.world.get(identityKey(step.Hook.Parsed, one.object))
				if exists && watched(one.object) && !slices.Contains(objects, one.object) {
					objects = append(objects, one.object)
				}
			}
		}
	}
	return objects
}

// precious are hook objects that no way out deletes although nothing else would.
func (r *recovery) precious() []Object {
	if r.state.last() != nil {
		return nil
	}
	return slices.DeleteFunc(r.state.Left(), expendable)
}

func refs(objects []Object) string {
	var names []string
	for _, o := range objects {
		names = append(names, o.Ref())
	}
	return strings.Join(names, ", ")
}

// notes warn of what is easily got wrong in this state.
func (r *recovery) notes() []string {
	var notes []string
	if left := r.precious(); len(left) > 0 {
		notes = append(notes, "look before you delete by hand what hooks left: "+refs(left))
	}
	if r.trace.Action == Test && r.trace.Outcome.Signal != "" && len(r.command.Options.TestFilter) > 0 {
		notes = append(notes, "the stored release has lost all hooks but those of the filter, so that uninstall runs no others; the next upgrade stores them again")
	}
	if r.ranStoredHooks() && r.state.last() != nil {
		notes = append(notes, "the hooks that failed are those stored with the release: a mended chart does not change them")
	}
	last := r.state.last()
	if last == nil || last.number < 2 {
		return notes
	}
	// rollback.go prepareRollback: without a revision it goes to the last one less one, whatever its status.
	bare := r.state.find(last.number - 1)
	if bare == nil || bare.status == StatusDeployed || bare.status == StatusSuperseded {
		return notes
	}
	return append(notes, fmt.Sprintf("a rollback without a revision goes to revision %d, which is %s: name the revision", bare.number, bare.status))
}
