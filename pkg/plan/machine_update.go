package plan

import (
	"errors"
	"fmt"
	"slices"
)

// update is one call of Helm's kube client Update.
type update struct {
	// original is the manifest that is taken for the current one, of revision originalNumber.
	original       []Resource
	originalNumber int
	target         []Resource
	number         int
	// adopted are objects that count as part of the original.
	adopted    map[string]bool
	serverSide bool
	// migrates says that server-side apply first takes over what client-side Helm owned
	// (ClientUpdateOptionUpgradeClientSideFieldManager).
	migrates bool
	// forced says that server-side apply takes fields from other managers.
	forced bool
}

// errForcedClientSide is Helm 4's answer to --force-conflicts where nothing is applied server-side.
var errForcedClientSide = errors.New("invalid client update option(s): forceConflicts enabled when serverSideApply disabled")

// updateResources is Helm's kube client Update: create what is missing, patch what exists, then delete
// what the original manifest has and the new one has not (pkg/kube/client.go update). An object that
// became a hook is thus deleted here, after its pre-upgrade hook made it. created lists the new
// objects, for --cleanup-on-fail.
func (m *machine) updateResources(u update) (created []creation, err error) {
	if u.forced && !u.serverSide {
		// The record may say that client-side apply goes on (v4 pkg/kube/client.go ClientUpdateOptionServerSideApply).
		m.steps++
		return nil, m.emitResult(m.resourceOperation(OpUpdate, u.number, resourceObjects(u.target)), errForcedClientSide)
	}
	defer func() { m.nowLive(u.number, err) }()
	m.steps++
	operation := m.resourceOperation(OpUpdate, u.number, resourceObjects(u.target))
	if m.resourceFault(FaultCreate) {
		return nil, m.emitResult(operation, errResources)
	}
	known := map[string]bool{}
	for i := range u.original {
		for _, one := range u.original[i].parts {
			known[m.matchKey(u.original[i].Parsed, one.object)] = true
		}
	}
	if m.guesses(u.target) {
		operation.Prediction = Likely
	}
	created, err = m.patchResources(u, known)
	if err != nil {
		operation.Prediction = Likely
		return created, m.emitResult(operation, err)
	}
	wanted := map[string]bool{}
	for i := range u.target {
		for _, one := range u.target[i].parts {
			wanted[m.matchKey(u.target[i].Parsed, one.object)] = true
		}
	}
	for i := range u.original {
		for _, one := range u.original[i].parts {
			key := identityKey(u.original[i].Parsed, one.object)
			if thing, exists := m.state.world.get(key); exists && !wanted[m.matchKey(u.original[i].Parsed, one.object)] && !thing.kept {
				m.state.world.remove(key)
			}
		}
	}
	m.emit(operation)
	return created, nil
}

// forces says whether ordinary objects are applied with force. Flux does so wherever it applies
// (helm-controller 1.6.3 internal/action/upgrade.go).
func (m *machine) forces(options Options, serverSide bool) bool {
	return options.ForceConflicts || m.rules.forcesConflicts && serverSide
}

// matchKey is what an update goes by to find the object of the original manifest that a new one stands
// for (pkg/kube/resource.go isMatchingInfo).
func (m *machine) matchKey(p Parsed, object Object) string {
	switch {
	case m.rules.matchesAnyGroup:
		object.APIVersion = ""
	case m.rules.matchesVersion:
		return object.APIVersion + "|" + identityKey(p, object)
	}
	return identityKey(p, object)
}

// patchResources is the first half of Update. What cannot be read or is not the release's ends it at
// once; a patch that fails is noted and the next object is tried.
func (m *machine) patchResources(u update, known map[string]bool) (created []creation, err error) {
	before := map[string]map[string]any{}
	for i := range u.original {
		for _, one := range u.original[i].parts {
			before[identityKey(u.original[i].Parsed, one.object)] = one.fixed
		}
	}
	var errs []error
	for i := range u.target {
		r := &u.target[i]
		for _, one := range r.parts {
			if one.nameless {
				return created, fmt.Errorf("could not get information about the resource: %w", errNameless)
			}
			key := identityKey(r.Parsed, one.object)
			old, exists := m.known(key)
			switch {
			case !exists:
				created = append(created, creation{key, one.object})
				m.own(key, one, u.serverSide, u.migrates)
			case !known[m.matchKey(r.Parsed, one.object)] && !u.adopted[key] && !m.rules.updatesForeign:
				return created, fmt.Errorf("no %s with the name %q found", one.object.Kind, one.object.Name)
			case u.serverSide && !u.migrates && !u.forced && conflict(one.body, old.posted, "") != "":
				errs = append(errs, fmt.Errorf("apply failed with %w: .%s", errConflict, conflict(one.body, old.posted, "")))
			case !old.unsure && !old.vague && changes(one.fixed, old.fixed, before[key], !u.serverSide || old.posted != nil):
				errs = append(errs, fmt.Errorf("%s is invalid: %w", quoted(one.object), errImmutable))
			default:
				if !u.serverSide && !known[m.matchKey(r.Parsed, one.object)] && !u.adopted[key] {
					// The live object stands for the old manifest: what it has and the new one has not goes.
					old.keptByHook = false
					m.state.world.put(key, old)
				}
				m.own(key, one, u.serverSide, u.migrates || u.serverSide && u.forced)
			}
		}
	}
	return created, joined(errs)
}

// creation is an object that an update made.
type creation struct {
	key    string
	object Object
}

// cleanUp deletes what a failed update created (--cleanup-on-fail), even what a hook has deleted since.
// It never touches objects that only hooks made.
func (m *machine) cleanUp(created []creation, number int) error {
	var objects []Object
	for _, one := range created {
		objects = append(objects, one.object)
	}
	m.steps++
	operation := m.resourceOperation(OpDelete, number, objects)
	switch {
	case len(objects) == 0:
		return m.emitResult(operation, fmt.Errorf("object not found, skipping delete: %w", errNoObjects))
	case m.resourceFault(FaultDelete):
		return m.emitResult(operation, errResources)
	}
	for _, one := range created {
		m.state.world.remove(one.key)
	}
	return m.emitResult(operation, nil)
}

// guesses says that there are objects in the way of ordinary resources of which the records do not tell for certain
// what they hold.
func (m *machine) guesses(resources []Resource) bool {
	return slices.ContainsFunc(resources, func(r Resource) bool {
		return slices.ContainsFunc(r.parts, func(one part) bool {
			thing, exists := m.known(identityKey(r.Parsed, one.object))
			return exists && (thing.unsure || thing.vague)
		})
	})
}
