package plan

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Observed is a release as it is in a cluster: what is stored of it, and which objects exist. It is where the
// actions of a plan start from instead of an empty cluster.
type Observed struct {
	// Records are the stored revisions, oldest first. None means that the release does not exist.
	Records []Record
	// Existing are the objects that were looked up and are there, oldest first.
	Existing []Existing
	// Missing are the objects that were looked up and are not there. Of what is in neither list the records are
	// believed: ordinary objects exist, and of hooks those that their last run left.
	Missing []Object
}

// Record is one stored revision.
type Record struct {
	Revision int
	Status   Status
	// Load reads the rest, when it is needed and at most once.
	Load func() (Stored, error)
}

// Stored is what a record holds beside its metadata.
type Stored struct {
	// Description is what Helm noted about the revision, such as `Upgrade "shop" failed: pre-upgrade hooks failed: …`.
	Description string
	// Documents are those of the manifest and of the hooks.
	Documents []Document
	// ServerSide says that apply_method is ssa.
	ServerSide bool
	// Began is when the action that wrote the record last began; zero where that is not stored.
	Began time.Time
	// RollbackTo is the revision that a rollback went to, 0 where it was none or is not stored.
	RollbackTo int
}

// LastRun is the last execution of a hook, as its record tells it.
type LastRun struct {
	Started, Completed time.Time
	// Phase is Succeeded, Failed, Running or Unknown; a stored Running mostly means that Helm died.
	Phase string
}

// Existing is an object that is there.
type Existing struct {
	Object Object
	// Condition is how far a Job or Pod has come; empty for all else.
	Condition Condition
	// Owned says that it carries the marks by which Helm knows its own: the label app.kubernetes.io/managed-by and
	// the annotations meta.helm.sh/release-name and -namespace of this release.
	Owned bool
	// Kept says that it carries helm.sh/resource-policy: keep.
	Kept bool
	// Applied says that Helm has used server-side apply on it, Patched that Helm has POSTed or patched it.
	Applied, Patched bool
	// Leaving says that it was deleted and waits for its finalizers.
	Leaving bool
}

// Condition is how far a live Job or Pod has come.
type Condition string

// The conditions. Stalled is one that does not come to an end by itself, such as a suspended Job.
const (
	ConditionRunning   Condition = "running"
	ConditionSucceeded Condition = "succeeded"
	ConditionFailed    Condition = "failed"
	ConditionStalled   Condition = "stalled"
)

func (c Condition) inWorld() condition {
	switch c {
	case ConditionRunning:
		return running
	case ConditionSucceeded:
		return finished
	case ConditionFailed:
		return failed
	case ConditionStalled:
		return stuck
	}
	return live
}

// state makes the state in which a live release is. coming are the documents that the next command brings.
func (o *Observed) state(s *stock, coming []Inventory) (State, error) {
	state := State{}
	for _, record := range o.Records {
		state.history = append(state.history, revision{
			number: record.Revision, rendered: record.Revision, status: record.Status, load: loader(s, record),
		})
		// Only an install that came to its end leaves such a record, or one that comes after it.
		switch record.Status {
		case StatusDeployed, StatusSuperseded, StatusPendingUpgrade, StatusPendingRollback:
			state.installed = true
		}
	}
	o.remembered(&state)
	last, err := loaded(state.last())
	if err != nil {
		return State{}, err
	}
	state.memory, state.world.touched = &memory{looked: map[string]bool{}}, map[string]bool{}
	if last != nil {
		if err := o.believe(&state, last); err != nil {
			return State{}, err
		}
	}
	state.memory.revisions = slices.Clone(state.history)
	return state, o.look(&state, coming)
}

// remembered notes an install of which only later revisions are still stored: Helm keeps the newest ten.
func (o *Observed) remembered(state *State) {
	if len(o.Records) > 0 && o.Records[0].Revision > 1 {
		state.installed = true
	}
}

// loader reads and classifies a record once.
func loader(s *stock, record Record) func() (Inventory, Stored, error) {
	var inventory Inventory
	var stored Stored
	var err error
	done := false
	return func() (Inventory, Stored, error) {
		if !done {
			done = true
			if stored, err = record.Load(); err == nil {
				inventory, err = classify(Rendered{Documents: stored.Documents}, s.engine, s.readings)
			}
		}
		return inventory, stored, err
	}
}

// loaded gives a record with all that is in it; nil stays nil. The error is not Helm's but that of reading.
func loaded(r *revision) (*revision, error) {
	if r == nil || r.load == nil {
		return r, nil
	}
	inventory, stored, err := r.load()
	if err != nil {
		return nil, &inputError{fmt.Errorf("read revision %d: %w", r.number, err)}
	}
	r.inventory, r.serverSide, r.stored, r.load = inventory, stored.ServerSide, stored, nil
	if target := rolledBackTo(r); target != 0 {
		r.rendered = target
	}
	return r, nil
}

// believe puts into the world what the records say is there.
func (o *Observed) believe(state *State, last *revision) (err error) {
	if state.live, state.memory.candidates, err = liveOf(state); err != nil {
		return err
	}
	candidates := state.memory.candidates
	if len(candidates) == 0 && last.status == StatusUninstalled {
		o.place(state, last, func(_ part, r *Resource) (there, sure bool) { return r.HasResourcePolicy, true })
	}
	for i := len(candidates) - 1; i >= 0; i-- {
		r, err := loaded(state.find(candidates[i]))
		if err != nil {
			return err
		}
		other, err := o.beside(state, r)
		if err != nil {
			return err
		}
		o.place(state, r, func(one part, resource *Resource) (there, sure bool) {
			if other == nil {
				return true, true
			}
			same, _, has := other.inventory.part(identityKey(resource.Parsed, one.object), false)
			return true, has && (!state.live.Partly || sameBody(one, same))
		})
	}
	for i := range last.inventory.Hooks {
		h := &last.inventory.Hooks[i]
		for _, one := range h.parts {
			key := identityKey(h.Parsed, one.object)
			thing, left := last.leftByRuns(key)
			if !left || one.nameless || slices.Contains(o.Missing, one.object) {
				continue
			}
			// Whether the hook or the manifest had the last word, no record tells; nor does that of a rollback what
			// has become of what its target's hooks had left.
			_, exists := state.world.get(key)
			thing.unsure = thing.unsure || exists || !last.latest(key).own
			state.world.put(key, thing)
		}
	}
	return nil
}

// place puts ordinary objects of a record into the world, unless they were looked up and are not there.
func (o *Observed) place(state *State, r *revision, judge func(part, *Resource) (there, sure bool)) {
	for i := range r.inventory.Resources {
		resource := &r.inventory.Resources[i]
		for _, one := range resource.parts {
			there, sure := judge(one, resource)
			if !there || one.nameless || slices.Contains(o.Missing, one.object) {
				continue
			}
			thing := ordinary(one, r.serverSide)
			thing.unsure = !sure
			state.world.put(identityKey(resource.Parsed, one.object), thing)
		}
	}
}

// beside is the revision that must have an object too, if it is to be there for certain: where an action broke off
// among the resources, the other one; where it failed after them, the one before, since --cleanup-on-fail then
// deletes what is new. nil means that there is no doubt.
func (o *Observed) beside(state *State, r *revision) (*revision, error) {
	numbers := slices.DeleteFunc(slices.Clone(state.memory.candidates), func(n int) bool { return n == r.number })
	switch {
	case state.live.Partly && len(numbers) == 0:
		return &revision{}, nil
	case state.live.Partly:
		return loaded(state.find(numbers[len(numbers)-1]))
	case !r.tellsFailure() || broken(r) == Install || o.lookedUp(r):
		return nil, nil
	}
	earlier := State{history: state.history[:slices.IndexFunc(state.history, func(one revision) bool { return one.number == r.number })]}
	_, candidates, err := liveOf(&earlier)
	if err != nil || len(candidates) == 0 {
		return &revision{}, err
	}
	return loaded(state.find(candidates[0]))
}

// lookedUp says that all ordinary objects of a record were looked up.
func (o *Observed) lookedUp(r *revision) bool {
	return !slices.ContainsFunc(resourceObjects(r.inventory.Resources), func(object Object) bool {
		return !slices.Contains(o.Missing, object) && !slices.ContainsFunc(o.Existing, func(e Existing) bool { return e.Object == object })
	})
}

// ordinary is an object of the manifest as Helm has made it.
func ordinary(one part, serverSide bool) placed {
	thing := placed{object: one.object, owned: true, applied: serverSide, kept: one.kept, fixed: one.fixed, condition: live}
	if watched(one.object) {
		thing.condition = finished
	}
	if one.neverCompletes != "" {
		thing.condition = blocked
	}
	if !serverSide {
		thing.posted = one.body
	}
	return thing
}

// inventories are those of the stored revisions that were read so far.
func (s *State) inventories() []Inventory {
	var inventories []Inventory
	for i := range s.history {
		if s.history[i].load == nil {
			inventories = append(inventories, s.history[i].inventory)
		}
	}
	return inventories
}

// possible are the actions that there can be from a live state.
func (s *State) possible() []Action {
	last := s.last()
	switch {
	case last == nil:
		return []Action{Install}
	case len(s.history) < 2:
		// A rollback goes to an older revision, and there is none.
		return []Action{Upgrade, Uninstall, Test}
	}
	return []Action{Upgrade, Rollback, Uninstall, Test}
}

// startsFrom says in what state a live release is.
func (o *Observed) startsFrom() string {
	looked := len(o.Existing)+len(o.Missing) > 0
	if len(o.Records) == 0 {
		if looked {
			return "no release, with the objects that are in the cluster now"
		}
		return "no release"
	}
	last := o.Records[len(o.Records)-1]
	if looked {
		return fmt.Sprintf("revision %d, %s, with the objects that are in the cluster now", last.Revision, last.Status)
	}
	return fmt.Sprintf("revision %d, %s, as its record tells", last.Revision, last.Status)
}

// reading takes the mark off an error that comes from a record.
func reading(err error) error {
	var broken *inputError
	if errors.As(err, &broken) {
		return broken.err
	}
	return err
}
