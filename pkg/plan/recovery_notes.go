package plan

import (
	"fmt"
	"slices"
	"strings"
)

// logs are the Jobs and Pods that failed while Helm waited for them, and that no policy has deleted.
func (r *recovery) logs() []Object {
	var objects []Object
	for _, op := range r.trace.Operations {
		if op.Op != OpWait || !op.Hook || op.Result != Failed {
			continue
		}
		for _, o := range op.Objects {
			if r.exists(o) && watched(o) && nameable(o) && !slices.Contains(objects, o) {
				objects = append(objects, o)
			}
		}
	}
	for _, thing := range r.state.world.things {
		// A live cluster shows failures that this plan has not played.
		if r.player.live != nil && thing.condition == failed && watched(thing.object) && nameable(thing.object) && !slices.Contains(objects, thing.object) {
			objects = append(objects, thing.object)
		}
	}
	slices.SortStableFunc(objects, func(a, b Object) int {
		if r.player.live == nil {
			return 0
		}
		return compareObjects(a, b)
	})
	return objects
}

func compareObjects(a, b Object) int {
	return strings.Compare(a.Namespace+"/"+a.Ref(), b.Namespace+"/"+b.Ref())
}

// running are the Jobs and Pods that Helm has stopped waiting for and that nobody has stopped.
func (r *recovery) running() []Object {
	var objects []Object
	for _, thing := range r.state.world.things {
		if (thing.condition == stuck || thing.condition == running) && watched(thing.object) && nameable(thing.object) {
			objects = append(objects, thing.object)
		}
	}
	slices.SortFunc(objects, compareObjects)
	return objects
}

func (r *recovery) exists(o Object) bool { return slices.Contains(r.state.Objects(), o) }

// nameable leaves out objects whose name nobody knows before they are made.
func nameable(o Object) bool { return o.Name != "" && !strings.ContainsAny(o.Name, "<>*") }

// notes warn of what is easily got wrong in this state.
func (r *recovery) notes() []string {
	notes := r.found.Notes
	if left := r.looked(); len(left) > 0 {
		notes = append(notes, "hooks have left more; look before you delete it by hand: "+refs(left))
	}
	if r.trace.Action == Uninstall && r.state.last() == nil {
		notes = append(notes, r.afterPurge()...)
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

// afterPurge says what an uninstall that ended with errors has left undone, since no later one can do it.
func (r *recovery) afterPurge() []string {
	var notes []string
	for _, phase := range r.trace.phases {
		switch {
		case phase.Result != Failed || phase.Action != Uninstall:
		case phase.Name == phaseResources:
			notes = append(notes, "some of the ordinary objects had not gone when Helm stopped waiting, and no record names them any more: look for objects that a finalizer holds")
		case phase.Name == string(PostDelete):
			notes = append(notes, "what the failed post-delete hook was there for has not been done, and Helm cannot run it again: the record is gone")
		}
	}
	return notes
}

// looked are hook objects that no way out deletes although nothing else would.
func (r *recovery) looked() []Object {
	if r.state.last() != nil {
		return nil
	}
	return slices.DeleteFunc(r.state.Left(), func(o Object) bool { return expendable(o) && nameable(o) })
}

func refs(objects []Object) string {
	var names []string
	for _, o := range objects {
		names = append(names, o.Ref())
	}
	return strings.Join(names, ", ")
}
