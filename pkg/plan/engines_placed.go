package plan

// placed is where Argo CD puts each object; crds/ is told of as a whole.
func (m *argoMachine) placed() []placedObject {
	tasks := argoTasks(m.objects, m.release)
	var all []placedObject
	for i := range m.objects {
		o := &m.objects[i]
		if o.entry.inCRDs {
			continue
		}
		one := placedObject{parsed: o.entry.Parsed, object: o.shown(), fate: FateOrdinary, phase: argoSync, wave: o.wave, own: o.annotation == argoHook}
		switch {
		case o.left != "":
			one.fate = FateNever
		case o.isHook || len(o.deletes) > 0:
			one.fate = FateRuns
		}
		for k := range tasks {
			if t := &tasks[k]; t.argoObject == o && !o.isHook {
				one.moved = t.phase != argoSync || t.wave != o.wave
				one.phase, one.wave = t.phase, t.wave
			}
		}
		all = append(all, one)
	}
	return all
}

// shown is the object as a step of Helm's names it: a document by its own identity, a member of a List by itself.
func (o *argoObject) shown() Object {
	if len(o.entry.parts) == 1 && o.entry.Items == nil {
		return o.entry.Object
	}
	return o.one.object
}

// placed is every object of the one apply.
func (h *handed) placed() []placedObject {
	var all []placedObject
	for i := range h.entries {
		e := &h.entries[i]
		if e.inCRDs {
			continue
		}
		one := placedObject{parsed: e.Parsed, object: e.Object, fate: FateOrdinary}
		if e.helm != nil || e.value != "" {
			one.fate = FateAtOnce
		}
		all = append(all, one)
	}
	return all
}
