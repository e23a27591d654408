package plan

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Command is one run of a Helm command.
type Command struct {
	Action  Action
	Options Options
	Faults  []Fault
}

// Run plays one command over a state and gives the trace and the state that it leaves. The error is
// only for input that cannot be rendered or read; a Helm that refuses or fails is an Outcome.
func Run(engine Engine, release Release, state State, command Command, render Render) (Trace, State, error) {
	return newStock(engine, release, render).run(state, command)
}

// run is Run with the inventories that earlier runs have made.
func (s *stock) run(state State, command Command) (Trace, State, error) {
	m := &machine{
		engine: s.engine, rules: s.engine.rules(), release: s.release, state: state.clone(),
		stock: s, strikes: strikesOf(command),
	}
	m.trace.Action = command.Action
	m.action = command.Action
	err := m.run(command)
	if m.unreadable != nil {
		return Trace{}, State{}, reading(m.unreadable)
	}
	var broken *inputError
	if errors.As(err, &broken) {
		return Trace{}, State{}, broken.err
	}
	m.conclude(err)
	return m.trace, m.state, nil
}

// inputError is a render that failed: not something that Helm would do to a release.
type inputError struct{ err error }

func (e *inputError) Error() string { return e.err.Error() }

// refusal is Helm turning an action down before anything is stored or run.
type refusal struct{ reason error }

func (e *refusal) Error() string { return e.reason.Error() }

func refuse(format string, arguments ...any) error {
	return &refusal{reason: fmt.Errorf(format, arguments...)}
}

// machine is Helm's pkg/action over an imagined cluster. One machine runs one command, with the
// uninstall or rollback that an atomic one starts.
type machine struct {
	engine  Engine
	rules   rules
	release Release
	state   State
	stock   *stock
	strikes []strike
	// steps counts the steps that a fault can strike.
	steps int
	// interrupted are the keys of the objects that were waited for when a signal came.
	interrupted []string
	// unsure says that Helm's own goroutines race from here on.
	unsure bool
	// unreadable is why a record of a live release could not be read.
	unreadable error
	trace      Trace
	// action is the one at work: uninstall inside an atomic install.
	action Action
	phases []Phase
}

func (m *machine) run(command Command) error {
	options := command.Options
	switch command.Action {
	case Install:
		return m.install(options)
	case Upgrade:
		if last := m.state.last(); options.Install && (last == nil || last.status == StatusUninstalled && m.rules.installsOverUninstalled) {
			// cmd/helm/upgrade.go: "Release … does not exist. Installing it now."
			m.action, m.trace.Action = Install, Install
			options.Replace = last != nil
			return m.install(options)
		}
		return m.upgrade(options)
	case Rollback:
		return m.rollback(options)
	case Uninstall:
		return m.uninstall(options)
	case Test:
		return m.test(options)
	}
	return &inputError{fmt.Errorf("unknown action %q", command.Action)}
}

func (m *machine) conclude(err error) {
	m.settle()
	outcome := Outcome{Prediction: Proven, Result: OK, History: m.state.History(), Left: m.state.Left(), Live: m.state.live}
	if last := m.state.last(); last != nil {
		outcome.Status = last.status
	}
	if err != nil {
		outcome.Result = Failed
		outcome.Error = err.Error()
		var refused *refusal
		outcome.Refused = errors.As(err, &refused)
		if stopped := stopOf(err); stopped != nil {
			// Nothing is left that could print the words around it.
			outcome.Signal, outcome.Error = stopped.by, stopped.Error()
		}
	}
	if m.unsure && m.action != m.trace.Action || len(m.state.world.list(func(p placed) bool { return p.byHook && p.unsure })) > 0 {
		outcome.Prediction = Likely
	}
	m.trace.Outcome = outcome
	m.trace.phases = m.phases
	m.trace.strikes = m.strikes
}

// inventoryOf gives the documents of one revision.
func (m *machine) inventoryOf(fields Fields) (Inventory, error) {
	inventory, err := m.stock.get(fields)
	if err != nil {
		return Inventory{}, &inputError{err}
	}
	m.state.renders++
	inventory.Hooks, inventory.Resources = slices.Clone(inventory.Hooks), slices.Clone(inventory.Resources)
	for i := range inventory.Hooks {
		inventory.Hooks[i].render = m.state.renders
	}
	for i := range inventory.Resources {
		inventory.Resources[i].render = m.state.renders
	}
	return inventory, nil
}

// waits says whether Helm waits for ordinary resources and, in Helm 4, for the deletion of hooks.
// Helm 3 has one switch; Helm 4's hookOnly waiter does nothing in Wait and WaitForDelete
// (v4 pkg/kube/statuswait.go hookOnlyWaiter).
func waits(o Options) bool { return o.Wait != "" && o.Wait != WaitHookOnly }

// waitingFor gives the options with the wait that atomic forces (v3 i.Wait = i.Wait || i.Atomic; v4
// hookOnly becomes watcher).
func waitingFor(o Options) Options {
	if o.Atomic && !waits(o) {
		o.Wait = WaitWatcher
	}
	return o
}

func (m *machine) emit(op Operation) {
	op.Action = m.action
	if op.Result == "" {
		op.Result = OK
	}
	switch {
	case m.unsure:
		op.Prediction = Likely
	case op.Prediction == "":
		op.Prediction = Proven
	}
	m.trace.Operations = append(m.trace.Operations, op)
}

// begin opens a phase of the timeline.
func (m *machine) begin(name string, revision int) *Phase {
	m.phases = append(m.phases, Phase{Name: name, Action: m.action, Revision: revision, Result: OK})
	return &m.phases[len(m.phases)-1]
}

// skip opens the phases that a failure kept from starting.
func (m *machine) skip(inventory Inventory, revision int, names ...string) {
	for _, name := range names {
		phase := m.begin(name, revision)
		phase.Result = Skipped
		if name == phaseResources {
			phase.count(resourceObjects(inventory.Resources))
			continue
		}
		for i, h := range executionOrder(inventory.Hooks, Event(name)) {
			phase.Steps = append(phase.Steps, m.step(h, i+1, Skipped))
		}
	}
}

// The phases that are no hook event.
const (
	phaseCRDs      = "crds"
	phaseResources = "resources"
)

// objectsOf lists the objects of parts.
func objectsOf(parts []part) []Object {
	if len(parts) == 0 {
		return nil
	}
	objects := make([]Object, 0, len(parts))
	for _, one := range parts {
		objects = append(objects, one.object)
	}
	return objects
}

// quoted is the API server's way to name an object in an error: jobs.batch "migrate".
func quoted(o Object) string {
	resource := resourceOf(o.Kind)
	if group := o.group(); group != "" {
		resource += "." + group
	}
	return fmt.Sprintf("%s %q", resource, o.Name)
}

// resourceOf is the plural that the API server has for most kinds (k8s.io/apimachinery pkg/api/meta
// UnsafeGuessKindToResource); a CustomResourceDefinition may say otherwise.
func resourceOf(kind string) string {
	lower := strings.ToLower(kind)
	switch {
	case lower == "endpoints":
		return lower
	case lower == "gateway":
		return "gateways"
	case strings.HasSuffix(lower, "s"):
		return lower + "es"
	case strings.HasSuffix(lower, "y"):
		return strings.TrimSuffix(lower, "y") + "ies"
	}
	return lower + "s"
}
