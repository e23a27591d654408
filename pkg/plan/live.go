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

// state makes the state in which a live release is.
func (o *Observed) state(s *stock) (State, error) {
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
	if last != nil {
		if err := o.believe(&state, last); err != nil {
			return State{}, err
		}
	}
	return state, o.look(&state, s)
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
				inventory, err = Classify(Rendered{Documents: stored.Documents}, s.release, s.engine)
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
	return r, nil
}

// believe puts into the world what the records say is there.
func (o *Observed) believe(state *State, last *revision) error {
	state.live = liveOf(state, last)
	revisions := []int{state.live.Revision}
	if state.live.Partly {
		revisions = []int{state.live.Before, state.live.Revision}
	}
	for _, number := range revisions {
		r, err := loaded(state.find(number))
		switch {
		case err != nil:
			return err
		case r == nil:
			continue
		}
		for i := range r.inventory.Resources {
			resource := &r.inventory.Resources[i]
			for _, one := range resource.parts {
				if !one.nameless && !slices.Contains(o.Missing, one.object) {
					state.world.put(identityKey(resource.Parsed, one.object), ordinary(one, r.serverSide))
				}
			}
		}
	}
	for i := range last.inventory.Hooks {
		h := &last.inventory.Hooks[i]
		for _, one := range h.parts {
			if thing, left := leftByLastRun(h, one); left && !slices.Contains(o.Missing, one.object) {
				state.world.put(identityKey(h.Parsed, one.object), thing)
			}
		}
	}
	return nil
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

// leftByLastRun says what the last run of a hook has left, as far as its record and its policies tell.
func leftByLastRun(h *Hook, one part) (thing placed, left bool) {
	thing = placed{object: one.object, byHook: true, kept: one.kept, keptByHook: one.kept, fixed: one.fixed, condition: live}
	policies := effectivePolicies(h)
	isCRD := h.Kind == "CustomResourceDefinition"
	switch h.LastRun.Phase {
	case "Succeeded":
		left = isCRD || !slices.Contains(policies, HookSucceeded)
		thing.condition = finished
	case "Failed":
		left = isCRD || !slices.Contains(policies, HookFailed)
		thing.condition = failed
	case "Running", "Unknown":
		left = true
		thing.condition = running
	}
	if !watched(one.object) {
		thing.condition = live
	}
	return thing, left && !one.nameless
}

// look puts into the world what was looked up. What made an object is known from the records: the newest that has
// it tells what cannot be changed about it.
func (o *Observed) look(state *State, s *stock) error {
	for _, e := range o.Existing {
		thing := placed{object: e.Object, owned: e.Owned, kept: e.Kept, applied: e.Applied && e.Owned, leaving: e.Leaving, condition: e.Condition.inWorld()}
		key := identityKey(Parsed{}, e.Object)
		for i := len(state.history) - 1; i >= 0; i-- {
			// What no action has needed so far is not fetched for this.
			r := &state.history[i]
			if r.load != nil && i < len(state.history)-1 {
				continue
			}
			r, err := loaded(r)
			if err != nil {
				return err
			}
			one, byHook, found := r.inventory.part(key)
			if !found {
				continue
			}
			thing.byHook = byHook && !e.Owned
			thing.keptByHook = thing.byHook && one.kept
			thing.fixed = one.fixed
			if e.Patched {
				thing.posted = one.body
			}
			if thing.condition == running && one.neverCompletes != "" {
				thing.condition = blocked
			}
			break
		}
		state.world.put(key, thing)
	}
	return nil
}

// part finds the object of a key.
func (inv *Inventory) part(key string) (one part, byHook, found bool) {
	for i := range inv.Hooks {
		for _, one := range inv.Hooks[i].parts {
			if identityKey(inv.Hooks[i].Parsed, one.object) == key {
				return one, true, true
			}
		}
	}
	for i := range inv.Resources {
		for _, one := range inv.Resources[i].parts {
			if identityKey(inv.Resources[i].Parsed, one.object) == key {
				return one, false, true
			}
		}
	}
	return part{}, false, false
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
