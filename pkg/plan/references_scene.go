package plan

import "slices"

// scene is what exists at one point of a run.
type scene struct {
	run   *lintRun
	phase string
	// step is the hook whose turn it is; nil when the ordinary resources have just been made or updated,
	// and at the very start, when phase is empty.
	step *Step

	exists map[string]bool
	// gone tells of objects that this run has deleted.
	gone map[string]departure
}

// departure is how an object went.
type departure struct {
	phase string
	// policy is the delete policy that asked for it; empty where Helm deleted an ordinary resource.
	policy string
}

func (s *scene) has(object Object) bool { return s.exists[identityKey(Parsed{}, object)] }

func (s *scene) put(objects []Object) {
	for _, object := range objects {
		s.exists[identityKey(Parsed{}, object)] = true
	}
}

func (s *scene) remove(objects []Object, how departure) {
	for _, object := range objects {
		key := identityKey(Parsed{}, object)
		if s.exists[key] {
			delete(s.exists, key)
			s.gone[key] = how
		}
	}
}

// scenes goes through a run and shows each scene: when Helm has read the chart and its crds/ and builds the
// ordinary resources, when each hook is about to be created, and when the ordinary resources exist. The
// scene is only valid during the call.
func (run *lintRun) scenes(show func(*scene)) {
	s := &scene{run: run, exists: map[string]bool{}, gone: map[string]departure{}}
	s.put(run.before.Objects())
	started := false
	for i := range run.trace.Operations {
		op := &run.trace.Operations[i]
		if op.Phase != phaseCRDs && !started {
			started = true
			s.phase = ""
			show(s)
		}
		s.phase, s.step = op.Phase, nil
		switch {
		case op.Result != OK:
		case op.Op == OpDelete && op.Hook:
			s.remove(op.Objects, departure{op.Phase, op.Because})
		case op.Op == OpDelete:
			s.remove(op.Objects, departure{op.Phase, ""})
		case op.Op != OpCreate && op.Op != OpApply && op.Op != OpUpdate:
		case op.Hook:
			s.step = run.stepOf(op)
			show(s)
			s.put(op.Objects)
		default:
			s.put(op.Objects)
			if op.Phase == phaseResources {
				s.remove(run.dropped(op.Objects), departure{op.Phase, ""})
				show(s)
			}
		}
	}
}

// stepOf finds the step that an operation belongs to.
func (run *lintRun) stepOf(op *Operation) *Step {
	for i := range run.trace.phases {
		phase := &run.trace.phases[i]
		if phase.Name == op.Phase && phase.Action == op.Action && op.Order <= len(phase.Steps) {
			return &phase.Steps[op.Order-1]
		}
	}
	return nil
}

// dropped are the ordinary objects of the revision before that an update deletes: those that the new
// revision has not.
func (run *lintRun) dropped(target []Object) []Object {
	last := run.before.last()
	if last == nil || run.action == Install {
		return nil
	}
	var objects []Object
	for i := range last.inventory.Resources {
		for _, one := range last.inventory.Resources[i].parts {
			key := identityKey(Parsed{}, one.object)
			stays := slices.ContainsFunc(target, func(o Object) bool { return identityKey(Parsed{}, o) == key })
			if thing, exists := run.after.world.get(key); !stays && (!exists || thing.byHook) {
				objects = append(objects, one.object)
			}
		}
	}
	return objects
}

// maker is a document that makes an object.
type maker struct {
	parsed *Parsed
	// hook is nil for an ordinary resource.
	hook *Hook
}

// makersOf are the documents of a revision that make an object, ordinary ones first.
func (inv *Inventory) makersOf(object Object) []maker {
	var makers []maker
	for i := range inv.Resources {
		if r := &inv.Resources[i]; makes(r.parts, object) {
			makers = append(makers, maker{parsed: &r.Parsed})
		}
	}
	for i := range inv.Hooks {
		if h := &inv.Hooks[i]; makes(h.parts, object) {
			makers = append(makers, maker{parsed: &h.Parsed, hook: h})
		}
	}
	return makers
}

// makes says whether an object is among parts.
func makes(parts []part, object Object) bool {
	key := identityKey(Parsed{}, object)
	return slices.ContainsFunc(parts, func(one part) bool { return identityKey(Parsed{}, one.object) == key })
}

// phasesOf are the phases of an action in their order.
func phasesOf(action Action) []string {
	switch action {
	case Install:
		return []string{string(PreInstall), phaseResources, string(PostInstall)}
	case Upgrade:
		return []string{string(PreUpgrade), phaseResources, string(PostUpgrade)}
	case Rollback:
		return []string{string(PreRollback), phaseResources, string(PostRollback)}
	case Uninstall:
		return []string{string(PreDelete), phaseResources, string(PostDelete)}
	}
	return []string{string(TestEvent)}
}
