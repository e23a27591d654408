package plan

import (
	"reflect"
	"slices"
)

// memory is what the records of a live release tell about single objects. They are read only when somebody asks.
type memory struct {
	revisions []revision
	// candidates are the revisions of which there may be ordinary objects, newest first.
	candidates []int
	// looked are the keys of the objects that were looked up.
	looked map[string]bool
}

// newest is the number of the newest record; 0 where there is none.
func (o *Observed) newest() int {
	if o == nil || len(o.Records) == 0 {
		return 0
	}
	return o.Records[len(o.Records)-1].Revision
}

// look puts into the world what was looked up. What a document says of an object that is there, the records are
// asked only when it matters.
func (o *Observed) look(state *State, coming []Inventory) error {
	for _, gone := range o.Missing {
		state.memory.looked[identityKey(Parsed{}, gone)] = true
	}
	known := slices.Concat(coming, state.inventories())
	for i := range o.Existing {
		e := &o.Existing[i]
		key := identityKey(Parsed{}, e.Object)
		state.memory.looked[key] = true
		thing := placed{
			object: e.Object, owned: e.Owned, kept: e.Kept, applied: e.Applied && e.Owned, leaving: e.Leaving,
			condition: e.Condition.inWorld(), unread: e,
		}
		// Helm puts its marks on what is in a manifest, not on what a hook makes. Without fields there is no manager.
		thing.byHook = !e.Owned && !isDefinition(known, e.Object) &&
			(e.Applied || e.Patched || isOf(known, key, true) || !isOf(known, key, false))
		thing.keptByHook = thing.byHook && e.Kept
		if watched(e.Object) && (thing.condition == running || thing.condition == stuck) {
			var err error
			if thing, err = state.memory.read(key, thing); err != nil {
				return err
			}
		}
		state.world.put(key, thing)
	}
	return nil
}

// isOf says that an object is of a hook, or of an ordinary document, of any of the inventories.
func isOf(inventories []Inventory, key string, ofHook bool) bool {
	return slices.ContainsFunc(inventories, func(inv Inventory) bool {
		_, _, found := inv.part(key, ofHook)
		return found
	})
}

// isDefinition says that an object is of a chart's crds/ folder: no hook has made it, though it has no marks.
func isDefinition(inventories []Inventory, object Object) bool {
	return slices.ContainsFunc(inventories, func(inv Inventory) bool {
		return slices.ContainsFunc(inv.CRDs, func(file CRDFile) bool { return slices.Contains(file.Objects, object) })
	})
}

// part finds the object of a key among the hooks or among the ordinary documents.
func (inv *Inventory) part(key string, ofHook bool) (one part, h *Hook, found bool) {
	if ofHook {
		for i := range inv.Hooks {
			for _, one := range inv.Hooks[i].parts {
				if identityKey(inv.Hooks[i].Parsed, one.object) == key {
					return one, &inv.Hooks[i], true
				}
			}
		}
		return part{}, nil, false
	}
	for i := range inv.Resources {
		for _, one := range inv.Resources[i].parts {
			if identityKey(inv.Resources[i].Parsed, one.object) == key {
				return one, nil, true
			}
		}
	}
	return part{}, nil, false
}

// read fills in what the records tell of an object that was looked up.
func (m *memory) read(key string, thing placed) (placed, error) {
	e := thing.unread
	thing.unread = nil
	find := m.lastRun
	if e.Owned {
		find = m.document
	}
	one, sure, err := find(key)
	if err != nil {
		return thing, err
	}
	thing.vague, thing.fixed = !sure, one.fixed
	if e.Patched {
		thing.posted = one.body
	}
	if one.neverCompletes != "" && (thing.condition == running || thing.condition == stuck) {
		thing.condition = blocked
	}
	return thing, nil
}

// document finds the ordinary document that an object was last made of. sure says that the records leave no doubt.
func (m *memory) document(key string) (one part, sure bool, err error) {
	found := 0
	sure = true
	for _, number := range m.candidates {
		r, err := loaded(m.find(number))
		if err != nil {
			return part{}, false, err
		}
		this, _, has := r.inventory.part(key, false)
		if !has {
			continue
		}
		if found++; found == 1 {
			one = this
		}
		sure = sure && sameBody(one, this)
	}
	if found > 0 {
		return one, sure, nil
	}
	// Something that was kept when it went out of the chart.
	for i := len(m.revisions) - 1; i >= 0; i-- {
		r, err := loaded(&m.revisions[i])
		if err != nil {
			return part{}, false, err
		}
		if this, _, has := r.inventory.part(key, false); has {
			return this, false, nil
		}
	}
	return part{}, false, nil
}

func (m *memory) find(number int) *revision {
	for i := range m.revisions {
		if m.revisions[i].number == number {
			return &m.revisions[i]
		}
	}
	return nil
}

// lastRun finds the hook whose run has made an object.
func (m *memory) lastRun(key string) (one part, sure bool, err error) {
	run, err := m.latest(key)
	if err != nil || run.hook == nil {
		return part{}, false, err
	}
	return run.one, run.sure, nil
}

// hookRunStored is the last run of a hook that a record tells of.
type hookRunStored struct {
	revision *revision
	hook     *Hook
	one      part
	// own says that it was a run of the record's own action, or later.
	own bool
	// sure says that this run has made the object, if it is there.
	sure bool
}

// latest finds the last run of a hook that has made an object of a key. Of the times that a rollback has copied from
// its target, the target's own record tells more.
func (m *memory) latest(key string) (last hookRunStored, err error) {
	for i := len(m.revisions) - 1; i >= 0; i-- {
		r, err := loaded(&m.revisions[i])
		if err != nil {
			return last, err
		}
		if run := r.latest(key); run.hook != nil && (last.hook == nil || run.hook.LastRun.Started.After(last.hook.LastRun.Started)) {
			last = run
		}
		if last.hook != nil && last.own {
			return last, nil
		}
	}
	return last, nil
}

// latest is the last run of a hook that a record tells of, and that has made an object of a key.
func (r *revision) latest(key string) (last hookRunStored) {
	for i := range r.inventory.Hooks {
		h := &r.inventory.Hooks[i]
		for _, one := range h.parts {
			switch {
			case identityKey(h.Parsed, one.object) != key || h.LastRun.Phase == "" || r.neverMade(h):
			case last.hook == nil || !h.LastRun.Started.Before(last.hook.LastRun.Started):
				own := r.duringAction(*h)
				// Whether there was an object before Helm ended, nobody has noted.
				ended := h.LastRun.Phase == "Succeeded" || h.LastRun.Phase == "Failed" && !r.maybeNeverMade(h)
				last = hookRunStored{revision: r, hook: h, one: one, own: own, sure: own && ended && !r.foundInTheWay(h)}
			}
		}
	}
	return last
}

// sameBody says that two documents of one object leave it the same.
func sameBody(a, b part) bool { return reflect.DeepEqual(a.body, b.body) }

// leftover finds out whether the last run of a hook has left its object, for objects that were not looked up.
func (m *memory) leftover(key string) (thing placed, left bool, err error) {
	if m.looked[key] {
		return placed{}, false, nil
	}
	run, err := m.latest(key)
	if err != nil || run.hook == nil {
		return placed{}, false, err
	}
	thing, left = run.revision.leftByRuns(key)
	thing.unsure = thing.unsure || !run.own
	return thing, left, nil
}

// known gives an object with what the records of a live release tell of it.
func (m *machine) known(key string) (placed, bool) {
	thing, exists := m.state.world.get(key)
	if !exists || thing.unread == nil {
		return thing, exists
	}
	thing, err := m.state.memory.read(key, thing)
	if err != nil {
		m.unreadable = err
		return thing, exists
	}
	m.state.world.put(key, thing)
	return thing, exists
}

// meet gives what stands where a hook's object is to be made. doubtful says that nobody knows whether it is there.
func (m *machine) meet(h *Hook, key string) (thing placed, exists, doubtful bool) {
	if !deletesBefore(h) {
		doubtful = m.recall(key)
	}
	thing, exists = m.known(key)
	return thing, exists, doubtful || thing.unsure
}

// recall puts back into the world what an earlier run of a live release has left, if nobody has looked whether it is
// there. It may read all records, so it is asked only where it makes a difference. doubtful says that the records do
// not tell.
func (m *machine) recall(key string) (doubtful bool) {
	if !m.unseen(key) {
		return false
	}
	thing, left, err := m.state.memory.leftover(key)
	switch {
	case err != nil:
		m.unreadable = err
	case left:
		m.state.world.put(key, thing)
	}
	return thing.unsure
}

// deletesBefore says that Helm deletes the object of an earlier run first.
func deletesBefore(h *Hook) bool {
	return h.Kind != "CustomResourceDefinition" && slices.Contains(effectivePolicies(h), BeforeHookCreation)
}

// unseen says that in a live cluster nobody has looked whether an object is there.
func (m *machine) unseen(key string) bool {
	return m.state.memory != nil && !m.state.memory.looked[key] && !m.state.world.touched[key]
}
