package plan

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// condition is how far a Job or Pod has come. Objects of other kinds are always live.
type condition int

const (
	live condition = iota + 1
	running
	// stuck is a Job or Pod that a wait has given up on: whether it ever ends, nobody knows.
	stuck
	// blocked is a Job or Pod that cannot come to an end as it is written.
	blocked
	finished
	failed
)

// placed is an object in the imagined cluster.
type placed struct {
	object Object
	// since orders objects by the time they were made.
	since int
	// byHook says that a hook made the object, not the release's manifest.
	byHook bool
	// owned says that the object carries the marks by which Helm knows the release's own objects:
	// label app.kubernetes.io/managed-by and annotations meta.helm.sh/release-*.
	owned bool
	// applied says that server-side apply put those marks there, so that an apply without them takes them away,
	// whoever has patched other fields since.
	applied bool
	// kept says that the object carries helm.sh/resource-policy: keep; keptByHook that a hook put it
	// there, so that no patch of the manifest takes it away.
	kept       bool
	keptByHook bool
	condition  condition
	fixed      map[string]any
	// posted is the object as it was last POSTed or patched, nil if it was only ever applied. Those
	// fields belong to another manager than server-side apply's, even if both are Helm.
	posted map[string]any
	// leaving says that it was deleted before and waits for its finalizers.
	leaving bool
	// unread is set for an object of a live cluster of which the records have not been asked yet.
	unread *Existing
	// unsure says that the records do not tell for certain whether it is there, vague that they do not tell what it
	// was made of.
	unsure, vague bool
}

// world is the imagined cluster: what exists, by group, kind, namespace and name.
type world struct {
	things map[string]placed
	clock  int
	// touched are the keys of objects that were made or deleted in it; nil where nobody asks.
	touched map[string]bool
}

func (w world) clone() world {
	return world{things: maps.Clone(w.things), clock: w.clock, touched: maps.Clone(w.touched)}
}

// identityKey tells objects apart. Versions of one group are the same object to the API server. A name
// that changes at each render is a new object for each render.
func identityKey(p Parsed, object Object) string {
	key := strings.Join([]string{object.group(), object.Kind, object.Namespace, object.Name}, "|")
	if p.VolatileName != "" {
		// The stand-ins of two documents may be the same, their names never are.
		key += fmt.Sprintf("|render %d|%s|%d", p.render, p.Template, p.Index)
	}
	return key
}

// newKey is the key of an object whose name the API server makes up: one that nothing else has.
func (w *world) newKey(p Parsed, object Object) string {
	return fmt.Sprintf("%s|made up %d", identityKey(p, object), w.clock)
}

func (w *world) get(key string) (placed, bool) {
	p, ok := w.things[key]
	return p, ok
}

func (w *world) put(key string, p placed) {
	if old, ok := w.things[key]; ok {
		p.since = old.since
	} else {
		w.clock++
		p.since = w.clock
	}
	if w.things == nil {
		w.things = map[string]placed{}
	}
	w.things[key] = p
	w.touch(key)
}

func (w *world) remove(key string) {
	delete(w.things, key)
	w.touch(key)
}

func (w *world) touch(key string) {
	if w.touched != nil {
		w.touched[key] = true
	}
}

// left lists the objects that hooks made and that still exist, oldest first.
func (w *world) left() []Object {
	return w.list(func(p placed) bool { return p.byHook })
}

func (w *world) list(wanted func(placed) bool) []Object {
	type aged struct {
		since  int
		object Object
	}
	var found []aged
	for _, p := range w.things {
		if wanted(p) {
			found = append(found, aged{p.since, p.object})
		}
	}
	slices.SortFunc(found, func(a, b aged) int { return cmp.Compare(a.since, b.since) })
	objects := make([]Object, 0, len(found))
	for _, p := range found {
		objects = append(objects, p.object)
	}
	return objects
}

// State is a cluster and a release's history between two actions. The zero value is an empty cluster
// without the release. A State is never changed: each action gives a new one.
type State struct {
	world   world
	history []revision
	// renders counts how often the chart was rendered.
	renders int
	live    Live
	// installed says that an install of this release came to its end, so that its install hooks have run.
	installed bool
	// memory is what the records of a live release tell; nil where the cluster is imagined from the start.
	memory *memory
}

// revision is one stored record of the release.
type revision struct {
	number int
	// rendered is the .Release.Revision that the templates saw.
	rendered  int
	status    Status
	inventory Inventory
	// serverSide is the record's apply_method: true for ssa. Helm 3 knows no such field and drops it.
	serverSide bool
	// stored is what a live revision's record says of itself.
	stored Stored
	// load reads what is stored of a live revision; nil once it has, and where nothing is to be read.
	load func() (Inventory, Stored, error)
}

func (s State) clone() State {
	return State{
		world: s.world.clone(), history: slices.Clone(s.history), renders: s.renders, live: s.live, installed: s.installed,
		memory: s.memory,
	}
}

// History is what `helm history` would show, oldest first.
func (s State) History() []RevisionStatus {
	list := make([]RevisionStatus, 0, len(s.history))
	for _, r := range s.history {
		list = append(list, RevisionStatus{Revision: r.number, Status: r.status})
	}
	return list
}

// Live says which revision's ordinary resources exist.
func (s State) Live() Live { return s.live }

// Left are the objects that hooks made and that still exist, oldest first.
func (s State) Left() []Object { return s.world.left() }

// Objects are all objects that exist, oldest first.
func (s State) Objects() []Object { return s.world.list(func(placed) bool { return true }) }

// last is the newest record; nil where there is none.
func (s *State) last() *revision {
	if len(s.history) == 0 {
		return nil
	}
	return &s.history[len(s.history)-1]
}

func (s *State) find(number int) *revision {
	for i := range s.history {
		if s.history[i].number == number {
			return &s.history[i]
		}
	}
	return nil
}

// deployed is the newest record of status deployed (v3 and v4 pkg/storage/storage.go Deployed).
func (s *State) deployed() *revision {
	for i := len(s.history) - 1; i >= 0; i-- {
		if s.history[i].status == StatusDeployed {
			return &s.history[i]
		}
	}
	return nil
}
