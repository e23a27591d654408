package plan

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// hookRun is one event of one revision while its hooks run: the arguments of Helm's execHook.
type hookRun struct {
	event    Event
	revision int
	options  Options
	// serverSide: hooks are applied, not POSTed (Helm 4 only).
	serverSide bool
	// store is what Helm's recordRelease does to the history just before a hook is created.
	store func()
	phase int
}

// errNoObjects is what kubectl's builder makes of a document without objects (an empty List).
var errNoObjects = errors.New("no objects visited")

// runHooks is execHook: v3 pkg/action/hooks.go, v4 execHookWithDelayedShutdown.
func (m *machine) runHooks(r hookRun, inventory Inventory) error {
	m.begin(string(r.event), r.revision)
	r.phase = len(m.phases) - 1
	hooks := executionOrder(inventory.Hooks, r.event)
	for i := range hooks {
		m.phases[r.phase].Steps = append(m.phases[r.phase].Steps, m.step(hooks[i], i+1, Skipped))
	}
	err := m.runInOrder(r, hooks)
	if err != nil {
		m.phases[r.phase].Result = Failed
		m.phases[r.phase].Error = err.Error()
	}
	return err
}

func (m *machine) runInOrder(r hookRun, hooks []Hook) error {
	for i := range hooks {
		watched, err := m.runHook(r, &hooks[i], i)
		step := &m.phases[r.phase].Steps[i]
		if err == nil {
			step.Result = OK
			continue
		}
		step.Result = Failed
		step.Error = err.Error()
		if stopped := stopOf(err); stopped != nil {
			step.Signal = stopped.by
			// No policy runs, no log is shown: the goroutine that would do it ends with the process.
			return err
		}
		if !watched {
			// An error before the watch ends the phase at once: no logs, no policy runs.
			return err
		}
		return m.afterFailure(r, hooks, i, err)
	}
	return m.afterSuccess(r, hooks)
}

// runHook makes one hook's object and waits for it. watched says whether the failure came from the
// wait, which is the only kind of failure after which policies run.
func (m *machine) runHook(r hookRun, h *Hook, i int) (watched bool, err error) {
	if err := m.deleteByPolicy(r, h, i, BeforeHookCreation); err != nil {
		return false, err
	}
	if reason := cmp.Or(h.BuildError, h.ValidationError); reason != "" {
		return false, fmt.Errorf("unable to build kubernetes object for %s hook %s: %s", r.event, h.Template, reason)
	}
	r.store()
	m.emit(m.hookOperation(r, h, i, OpRecord))
	made, err := m.create(r, h, i)
	if err != nil {
		return false, fmt.Errorf("warning: Hook %s %s failed: %w", r.event, h.Template, err)
	}
	return true, m.watch(r, h, i, made)
}

func (m *machine) hookOperation(r hookRun, h *Hook, i int, op Op) Operation {
	operation := Operation{Op: op, Phase: string(r.event), Revision: r.revision, Hook: true, Order: i + 1, Objects: objectsOf(h.parts)}
	if h.ScopeUnknown || h.VolatileName != "" {
		operation.Prediction = Likely
	}
	return operation
}

// effectivePolicies are the policies in force. The default is set only where the list is empty.
func effectivePolicies(h *Hook) []DeletePolicy {
	if len(h.DeletePolicies) == 0 {
		return []DeletePolicy{BeforeHookCreation}
	}
	return h.DeletePolicies
}

// deleteByPolicy is deleteHookByPolicy: v3 and v4 pkg/action/hooks.go. A CustomResourceDefinition is
// known by the text of its kind and never deleted.
func (m *machine) deleteByPolicy(r hookRun, h *Hook, i int, policy DeletePolicy) error {
	if h.Kind == "CustomResourceDefinition" || !slices.Contains(effectivePolicies(h), policy) {
		return nil
	}
	if h.BuildError != "" {
		return fmt.Errorf("unable to build kubernetes object for deleting hook %s: %s", h.Template, h.BuildError)
	}
	m.steps++
	operation := m.hookOperation(r, h, i, OpDelete)
	operation.Because = string(policy)
	operation.Idle = !slices.ContainsFunc(h.parts, func(one part) bool {
		_, exists := m.state.world.get(identityKey(h.Parsed, one.object))
		return exists
	})
	if m.leaving(h) {
		// When its finalizers are done is for others to decide.
		operation.Prediction = Likely
		m.phases[r.phase].Steps[i].Prediction = Likely
	}
	doubtful, err := m.deleteObjects(r, h)
	if doubtful {
		operation.Prediction = Likely
	}
	if err != nil {
		operation.Result, operation.Error = Failed, err.Error()
	}
	m.emit(operation)
	if err != nil {
		return err
	}
	if m.awaitsDeletion(r) {
		operation.Op = OpWaitDeleted
		m.emit(operation)
	}
	return nil
}

func (m *machine) leaving(h *Hook) bool {
	return slices.ContainsFunc(h.parts, func(one part) bool {
		thing, exists := m.state.world.get(identityKey(h.Parsed, one.object))
		return exists && thing.leaving
	})
}

// deleteObjects deletes what a hook's document names. doubtful says that something of a live release could not be
// deleted of which nobody knows whether it is there.
func (m *machine) deleteObjects(r hookRun, h *Hook) (doubtful bool, err error) {
	if len(h.parts) == 0 {
		return false, fmt.Errorf("object not found, skipping delete: %w", errNoObjects)
	}
	var errs []error
	for _, one := range h.parts {
		switch {
		case one.nameless:
			// client-go refuses a DELETE without a name before it is sent (rest/request.go Name).
			errs = append(errs, errNameless)
		case m.fault(h, one.object, r.event, FaultDelete):
			doubtful = m.recall(identityKey(h.Parsed, one.object)) || doubtful
			errs = append(errs, fmt.Errorf("%s could not be deleted", quoted(one.object)))
		default:
			m.deleteObject(r, identityKey(h.Parsed, one.object))
		}
	}
	return doubtful, joined(errs)
}

// deleteObject takes an object away, unless it is on its way out already and Helm does not wait for that.
func (m *machine) deleteObject(r hookRun, key string) {
	if thing, exists := m.state.world.get(key); !exists || !thing.leaving || m.awaitsDeletion(r) {
		m.state.world.remove(key)
	}
}

// awaitsDeletion says whether Helm waits until a hook's object is gone.
func (m *machine) awaitsDeletion(r hookRun) bool {
	return m.rules.waitsForDeletion && (!m.rules.waiters || waits(r.options))
}

func joined(errs []error) error {
	if len(errs) == 0 {
		return nil
	}
	err := errs[0]
	for _, next := range errs[1:] {
		err = fmt.Errorf("%w; %w", err, next)
	}
	return err
}

// instance is an object of a hook in the world. existed says that it was there before and was applied over.
type instance struct {
	part
	key     string
	existed bool
	// before is how far the object had come when it was applied over.
	before condition
	// unsure says that what was there before is not known for certain.
	unsure bool
}

// create makes the objects of a hook: POST in Helm 3 and under client-side apply, server-side apply
// otherwise.
func (m *machine) create(r hookRun, h *Hook, i int) ([]instance, error) {
	op := OpCreate
	if r.serverSide {
		op = OpApply
	}
	m.steps++
	operation := m.hookOperation(r, h, i, op)
	var made []instance
	var errs []error
	if len(h.parts) == 0 {
		errs = append(errs, errNoObjects)
	}
	for _, one := range h.parts {
		done, err := m.place(r, h, one)
		if done.unsure {
			operation.Prediction = Likely
		}
		if err != nil {
			errs = append(errs, err)
			continue
		}
		made = append(made, done)
	}
	err := joined(errs)
	if err != nil {
		operation.Result, operation.Error = Failed, err.Error()
		if errors.Is(err, errImmutable) || errors.Is(err, errConflict) {
			operation.Prediction = Likely
		}
	}
	m.emit(operation)
	if operation.Prediction != "" {
		m.phases[r.phase].Steps[i].Prediction = operation.Prediction
	}
	return made, err
}

// errImmutable is the API server refusing to change a Job's template or a Pod's spec.
var errImmutable = errors.New("field is immutable")

// errNameless is client-go refusing a request that needs a name.
var errNameless = errors.New("resource name may not be empty")

// errConflict is server-side apply refusing to take a field from another manager.
var errConflict = errors.New("a field conflict")

// place puts one object of a hook into the world as the API server would.
func (m *machine) place(r hookRun, h *Hook, one part) (instance, error) {
	object := one.object
	key := identityKey(h.Parsed, object)
	switch {
	case one.nameless && r.serverSide:
		return instance{}, errNameless
	case m.fault(h, object, r.event, FaultCreate):
		_, _, unsure := m.meet(h, key)
		return instance{unsure: unsure}, fmt.Errorf("%s could not be created", quoted(object))
	case one.nameless && one.generateName == "":
		return instance{}, fmt.Errorf("%s is invalid: metadata.name: Required value: name or generateName is required", quoted(object))
	case one.nameless:
		key = m.state.world.newKey(h.Parsed, object)
	}
	old, found, unsure := m.meet(h, key)
	doubtful := instance{unsure: unsure}
	switch {
	case !found:
		fresh := placed{object: object, byHook: true, kept: one.kept, keptByHook: one.kept, condition: live, fixed: one.fixed}
		if !r.serverSide {
			fresh.posted = one.body
		}
		if watched(object) {
			fresh.condition = running
		}
		m.state.world.put(key, fresh)
		return instance{key: key, part: one, unsure: unsure}, nil
	case !r.serverSide:
		return doubtful, fmt.Errorf("%s already exists", quoted(object))
	}
	doubtful.unsure = doubtful.unsure || old.vague
	if field := conflict(one.body, old.posted, ""); field != "" {
		return doubtful, fmt.Errorf("apply failed with %w: .%s", errConflict, field)
	}
	if !doubtful.unsure && changes(one.fixed, old.fixed, nil, old.posted != nil) {
		return doubtful, fmt.Errorf("%s is invalid: %w", quoted(object), errImmutable)
	}
	before := old.condition
	if before == blocked && one.neverCompletes == "" {
		old.condition = finished
	}
	if old.posted == nil || old.applied {
		// The same field manager applies without the release's marks, so the server takes them away.
		old.owned, old.kept = false, one.kept
	}
	m.state.world.put(key, old)
	return instance{key: key, part: one, existed: true, before: before, unsure: doubtful.unsure}, nil
}

// afterFailure is what Helm does when the wait for hook i failed.
func (m *machine) afterFailure(r hookRun, hooks []Hook, i int, failure error) error {
	if err := m.logs(r, &hooks[i], i, HookFailed); err != nil {
		return err
	}
	if err := m.deleteByPolicy(r, &hooks[i], i, HookFailed); err != nil && m.rules.failedDeletionMasks {
		return err
	}
	if m.rules.earlierSucceeded {
		for k := range hooks[:i] {
			if err := m.deleteByPolicy(r, &hooks[k], k, HookSucceeded); err != nil {
				// This error replaces the hook's own.
				return err
			}
		}
	}
	return failure
}

// afterSuccess is what Helm does when all hooks of the event have succeeded.
func (m *machine) afterSuccess(r hookRun, hooks []Hook) error {
	for n := range hooks {
		i := n
		if m.rules.succeededBackward {
			i = len(hooks) - 1 - n
		}
		if err := m.logs(r, &hooks[i], i, HookSucceeded); err != nil {
			return err
		}
		if err := m.deleteByPolicy(r, &hooks[i], i, HookSucceeded); err != nil {
			return err
		}
	}
	return nil
}

func (m *machine) logs(r hookRun, h *Hook, i int, policy DeletePolicy) error {
	if !m.rules.logPolicies || !slices.Contains(h.OutputLogPolicies, policy) || (h.Kind != "Job" && h.Kind != "Pod") {
		return nil
	}
	operation := m.hookOperation(r, h, i, OpLogs)
	operation.Because = string(policy)
	if m.rules.logsCrash {
		return m.emitResult(operation, &stop{by: SignalKill, crash: "helm-controller crashes when it is to show the logs of " + h.Object.Ref() + " (" + annotationOutputLog + ")"})
	}
	m.emit(operation)
	return nil
}

// step is the view of one run of one hook.
func (m *machine) step(h Hook, order int, result Result) Step {
	s := Step{
		Order: order, Hook: h, WaitsFor: WaitsCreated, Result: result, Prediction: Proven,
		DeletePolicies: effectivePolicies(&h), PolicyFromDefault: len(h.DeletePolicies) == 0,
	}
	if slices.ContainsFunc(objectsOf(h.parts), watched) {
		s.WaitsFor = WaitsCompletion
	}
	if h.ScopeUnknown || h.VolatileName != "" {
		s.Prediction = Likely
	}
	return s
}
