package plan

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
)

// resourceObjects are the objects of ordinary documents in install order, Lists taken apart.
func resourceObjects(resources []Resource) []Object {
	var objects []Object
	for i := range resources {
		if !resources[i].Empty {
			objects = append(objects, objectsOf(resources[i].parts)...)
		}
	}
	return objects
}

// count fills in how many objects a phase has, by kind.
func (p *Phase) count(objects []Object) {
	p.Objects = len(objects)
	p.Kinds = nil
	for _, o := range objects {
		i := slices.IndexFunc(p.Kinds, func(k KindCount) bool { return k.Kind == o.Kind })
		if i < 0 {
			p.Kinds = append(p.Kinds, KindCount{Kind: o.Kind})
			i = len(p.Kinds) - 1
		}
		p.Kinds[i].Count++
	}
	sort.SliceStable(p.Kinds, func(i, j int) bool {
		if p.Kinds[i].Count != p.Kinds[j].Count {
			return p.Kinds[i].Count > p.Kinds[j].Count
		}
		return p.Kinds[i].Kind < p.Kinds[j].Kind
	})
}

// resourcePhase opens the phase of the ordinary resources and gives its place.
func (m *machine) resourcePhase(inventory Inventory, number int, options Options) int {
	phase := m.begin(phaseResources, number)
	phase.count(resourceObjects(inventory.Resources))
	phase.Waited = waits(options)
	return len(m.phases) - 1
}

func (m *machine) resourceOperation(op Op, number int, objects []Object) Operation {
	return Operation{Op: op, Phase: phaseResources, Revision: number, Objects: objects}
}

// emitResult notes an operation with the error it ended in.
func (m *machine) emitResult(operation Operation, err error) error {
	if err != nil {
		operation.Result, operation.Error = Failed, err.Error()
	}
	m.emit(operation)
	return err
}

// checkResources is what Helm does with the ordinary resources before it stores a record: it builds
// them all and refuses objects that exist and are not its own (pkg/action/validate.go
// existingResourceConflict). adopted are the ones that exist and are the release's own although the
// original manifest does not have them, or, with take, anybody's (requireAdoption).
func (m *machine) checkResources(resources, original []Resource, number int, verb string, take bool) (adopted map[string]bool, err error) {
	for i := range resources {
		if reason := cmp.Or(resources[i].BuildError, resources[i].ValidationError); reason != "" && !resources[i].Empty {
			return nil, refuse("unable to build kubernetes objects from %s manifest: error parsing %s: %s",
				map[string]string{"install": "release", "update": "new release"}[verb], resources[i].Template, reason)
		}
	}
	known := map[string]bool{}
	for i := range original {
		for _, one := range original[i].parts {
			known[objectKey(original[i].Parsed, one)] = true
		}
	}
	adopted = map[string]bool{}
	for i := range resources {
		for _, one := range resources[i].parts {
			key := identityKey(resources[i].Parsed, one.object)
			if one.nameless && !known[objectKey(resources[i].Parsed, one)] && !(m.rules.passesGenerateName && one.generateName != "") {
				return nil, refuse("Unable to continue with %s: could not get information about the resource %s %q in namespace %q: %w",
					verb, one.object.Kind, "", one.object.Namespace, errNameless)
			}
			thing, exists := m.state.world.get(key)
			if !exists || known[objectKey(resources[i].Parsed, one)] {
				continue
			}
			if !thing.owned && !take {
				return nil, refuse("Unable to continue with %s: %s %q in namespace %q exists and cannot be imported into the current release: invalid ownership metadata",
					verb, one.object.Kind, one.object.Name, one.object.Namespace)
			}
			adopted[key] = true
		}
	}
	return adopted, nil
}

// objectKey is what upgrade.go goes by to find objects that are new: unlike Update it compares versions,
// and all objects without a name are one.
func objectKey(p Parsed, one part) string {
	if one.nameless {
		one.object.Name = ""
	}
	return one.object.APIVersion + "|" + identityKey(p, one.object)
}

// makeResources creates the ordinary resources of an install, or updates them where some are adopted.
func (m *machine) makeResources(resources []Resource, number int, serverSide bool, adopted map[string]bool, options Options) error {
	objects := resourceObjects(resources)
	if len(objects) == 0 {
		m.nowLive(number, nil)
		return nil
	}
	if len(adopted) > 0 {
		_, err := m.updateResources(update{target: resources, number: number, adopted: adopted, serverSide: serverSide, migrates: true, forced: m.forces(options, serverSide)})
		return err
	}
	op := OpCreate
	if serverSide {
		op = OpApply
	}
	m.steps++
	if m.resourceFault(FaultCreate) {
		m.nowLive(number, errResources)
		return m.emitResult(m.resourceOperation(op, number, objects), errResources)
	}
	operation := m.resourceOperation(op, number, objects)
	if m.guesses(resources) {
		operation.Prediction = Likely
	}
	var errs []error
	for i := range resources {
		for _, one := range resources[i].parts {
			if err := m.makeResource(&resources[i], one, serverSide); err != nil {
				errs = append(errs, err)
			}
		}
	}
	m.nowLive(number, joined(errs))
	return m.emitResult(operation, joined(errs))
}

// nowLive notes whose ordinary resources exist after they were made or updated.
func (m *machine) nowLive(number int, err error) {
	// The new record has what its templates saw, a rollback's that of its target, which may be forgotten by now.
	next := Live{Revision: number, Rendered: m.state.last().rendered}
	if err != nil {
		next.Partly, next.Before = true, m.state.live.Revision
		if next.Before == number {
			next.Before = m.state.live.Before
		}
	}
	m.state.live = next
}

func (m *machine) makeResource(r *Resource, one part, serverSide bool) error {
	key := identityKey(r.Parsed, one.object)
	switch {
	case one.nameless && serverSide:
		return errNameless
	case one.nameless && one.generateName == "":
		return fmt.Errorf("%s is invalid: metadata.name: Required value: name or generateName is required", quoted(one.object))
	case one.nameless:
		key = m.state.world.newKey(r.Parsed, one.object)
	}
	old, exists := m.known(key)
	if exists && !serverSide {
		return fmt.Errorf("%s already exists", quoted(one.object))
	}
	if field := conflict(one.body, old.posted, ""); exists && field != "" {
		return fmt.Errorf("apply failed with %w: .%s", errConflict, field)
	}
	if exists && !old.unsure && !old.vague && changes(one.fixed, old.fixed, nil, old.posted != nil) {
		return fmt.Errorf("%s is invalid: %w", quoted(one.object), errImmutable)
	}
	m.own(key, one, serverSide, false)
	return nil
}

// own puts an ordinary object into the world, with the release's marks on it.
func (m *machine) own(key string, one part, serverSide, migrates bool) {
	thing, exists := m.known(key)
	if !exists {
		thing = placed{object: one.object, condition: live}
		if watched(one.object) {
			// Nobody waits for it; it comes to its end by itself.
			thing.condition = finished
		}
	}
	switch {
	case !exists && one.neverCompletes != "":
		thing.condition = blocked
	case thing.condition == blocked && one.neverCompletes == "" && (!thing.byHook || serverSide && (thing.posted == nil || migrates)):
		// What only a hook has set is in no old manifest, so that a three-way patch leaves it.
		thing.condition = finished
	}
	// Applied over by the manager that applied it, the hook's annotation is gone for good.
	thing.keptByHook = thing.keptByHook && (!serverSide || thing.posted != nil)
	thing.applied = serverSide && (thing.posted == nil || migrates) || !serverSide && thing.applied && thing.owned
	thing.unsure, thing.vague = false, false
	thing.owned, thing.kept, thing.fixed = true, one.kept || thing.keptByHook, one.fixed
	switch {
	case !serverSide && thing.byHook:
		thing.posted = overlaid(thing.posted, one.body)
	case !serverSide:
		thing.posted = one.body
	case migrates:
		thing.posted = nil
	}
	m.state.world.put(key, thing)
}

// waitResources waits for ordinary resources where Helm does.
func (m *machine) waitResources(resources []Resource, number int, options Options) error {
	if !waits(options) {
		return nil
	}
	m.steps++
	operation := m.resourceOperation(OpWait, number, resourceObjects(resources))
	if signal := m.resourceSignal(); signal != nil {
		return m.emitResult(operation, signal)
	}
	if m.resourceFault(FaultWait) || m.resourceFault(FaultTimeout) {
		return m.emitResult(operation, errResources)
	}
	return m.emitResult(operation, nil)
}

// deleteResources is uninstall's deleteRelease. A resource policy of keep leaves the object; any other
// value leaves it too and Helm does not even say so (pkg/action/resource_policy.go).
func (m *machine) deleteResources(resources []Resource, number int) (objects []Object, err error) {
	var keys []string
	nameless := false
	for i := range resources {
		if resources[i].Empty || resources[i].HasResourcePolicy {
			continue
		}
		for _, one := range resources[i].parts {
			key := identityKey(resources[i].Parsed, one.object)
			if thing, exists := m.state.world.get(key); m.rules.ownedDeletionOnly && (!exists || !thing.owned) {
				continue
			}
			nameless = nameless || one.nameless
			objects = append(objects, one.object)
			keys = append(keys, key)
		}
	}
	if len(objects) == 0 {
		m.state.live = Live{Deleted: m.state.live.Revision != 0 || m.state.live.Deleted}
		return nil, nil
	}
	m.steps++
	operation := m.resourceOperation(OpDelete, number, objects)
	if m.rules.ownedDeletionOnly && m.guesses(resources) {
		operation.Prediction = Likely
	}
	if m.resourceFault(FaultDelete) {
		m.state.live.Partly = true
		return objects, m.emitResult(operation, errResources)
	}
	for _, key := range keys {
		m.state.world.remove(key)
	}
	m.state.live = Live{Deleted: m.state.live.Revision != 0 || m.state.live.Deleted}
	if nameless {
		return objects, m.emitResult(operation, errNameless)
	}
	return objects, m.emitResult(operation, nil)
}

func (m *machine) waitResourcesDeleted(deleted []Object, number int) error {
	m.steps++
	operation := m.resourceOperation(OpWaitDeleted, number, deleted)
	if signal := m.resourceSignal(); signal != nil {
		return m.emitResult(operation, signal)
	}
	if m.resourceFault(FaultWait) || m.resourceFault(FaultTimeout) {
		return m.emitResult(operation, errResources)
	}
	return m.emitResult(operation, nil)
}
