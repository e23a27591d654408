package plan

import (
	"errors"
	"slices"
)

// FaultPoint is where a step goes wrong.
type FaultPoint string

// A hook can fail when it is created, while it is waited for, by running into the timeout, or when it
// is deleted. Ordinary resources can fail when they are created or updated (FaultCreate), while they
// are waited for (FaultWait) and when they are deleted (FaultDelete). FaultInterrupt is Ctrl-C or SIGTERM
// while Helm waits, FaultKill is SIGKILL.
const (
	FaultCreate    FaultPoint = "create"
	FaultWait      FaultPoint = "wait"
	FaultTimeout   FaultPoint = "timeout"
	FaultDelete    FaultPoint = "delete"
	FaultInterrupt FaultPoint = "interrupt"
	FaultKill      FaultPoint = "kill"
)

// faultResources is the Object of a Fault that strikes the ordinary resources.
const faultResources = "resources"

// Fault makes a step of the machine fail.
type Fault struct {
	// Object is the hook as KIND/NAME; "resources" stands for the ordinary resources.
	Object string
	// Event narrows the fault to one event, that of ordinary resources to one action; empty means
	// wherever the hook runs.
	Event Event
	// At may be left out for ordinary resources: then they fail where the action first can, at the wait if
	// Helm waits for them, else when they are made; uninstall when they are deleted.
	At FaultPoint
	// Times is how many steps the fault strikes, the first ones that it fits; 0 means all.
	Times int
}

// strike counts what a fault has done in one run.
type strike struct {
	// given is the fault as it was asked for, fault with its point.
	given, fault Fault
	steps        int
	// last is the step that it struck last: one step may ask about each of its objects.
	last int
}

// hits says whether the fault strikes in this step, and counts it.
func (s *strike) hits(step int) bool {
	if s.fault.Times > 0 && s.steps >= s.fault.Times && s.last != step {
		return false
	}
	if s.last != step {
		s.steps++
		s.last = step
	}
	return true
}

func strikesOf(command Command) []strike {
	strikes := make([]strike, 0, len(command.Faults))
	for _, f := range command.Faults {
		s := strike{given: f, fault: f}
		if f.Object == faultResources && f.At == "" {
			s.fault.At = resourcePoint(command)
			s.fault.Event = Event(command.Action)
			if f.Event != "" {
				s.fault.Event = f.Event
			}
		}
		strikes = append(strikes, s)
	}
	return strikes
}

// resourcePoint is where the ordinary resources of a command can fail.
func resourcePoint(command Command) FaultPoint {
	options := command.Options
	if command.Action == Install || command.Action == Upgrade {
		options = waitingFor(options)
	}
	switch {
	case command.Action == Uninstall:
		return FaultDelete
	case waits(options):
		return FaultWait
	}
	return FaultCreate
}

// fault finds the fault that strikes an object of a hook at a point. The hook may be named, which means
// all its objects, or one member of a List.
func (m *machine) fault(h *Hook, object Object, event Event, at FaultPoint) bool {
	for i := range m.strikes {
		f := m.strikes[i].fault
		if f.At != at || (f.Event != "" && f.Event != event) || !m.catches(at) {
			continue
		}
		if (f.Object == h.Kind+"/"+h.Name || f.Object == object.Ref()) && m.strikes[i].hits(m.steps) {
			return true
		}
	}
	return false
}

// resourceFault finds the fault that strikes the ordinary resources at a point.
func (m *machine) resourceFault(at FaultPoint) bool {
	for i := range m.strikes {
		f := m.strikes[i].fault
		if f.Object != faultResources || f.At != at || !m.catches(at) {
			continue
		}
		if (f.Event == "" || f.Event == phaseResources || f.Event == Event(m.action)) && m.strikes[i].hits(m.steps) {
			return true
		}
	}
	return false
}

// catches says whether a signal can arrive now. While an atomic action is undone, what a signal does is
// up to the scheduler: the goroutine that listens waits for the one that undoes (pkg/action/upgrade.go
// handleContext), or nobody listens any more (install.go performInstallCtx).
func (m *machine) catches(at FaultPoint) bool {
	return at != FaultInterrupt || m.action == m.trace.Action
}

// Signal is what ends a process from outside.
type Signal string

// The signals that matter: SIGINT and SIGTERM, to which some of Helm's commands listen, and SIGKILL.
const (
	SignalInterrupt Signal = "interrupt"
	SignalKill      Signal = "kill"
)

// stop is the end of Helm, or of a wait, by a signal.
type stop struct {
	by Signal
	// crash is why the process ends by itself, empty where it is ended from outside.
	crash string
}

func (s *stop) Error() string {
	if s.crash != "" {
		return s.crash
	}
	if s.by == SignalKill {
		return "killed"
	}
	return "interrupted"
}

// errCanceled is what install and upgrade, which listen to SIGINT and SIGTERM, make of a signal.
var errCanceled = errors.New("context canceled")

// afterStop tells how an action goes on after an error: dead where Helm is no more, errCanceled where
// it has caught a signal (cmd/helm/install.go and upgrade.go; no other command listens to signals).
func (m *machine) afterStop(err error) (_ error, dead bool) {
	stopped := stopOf(err)
	if stopped == nil {
		return err, false
	}
	if stopped.by == SignalInterrupt && (m.action == Install || m.action == Upgrade) {
		// The goroutine that was interrupted works on until the process ends: if that takes a while, as
		// undoing an atomic action does, it may go on with what it was about to do.
		m.unsure = true
		return errCanceled, false
	}
	return err, true
}

func isStop(err error) bool { return stopOf(err) != nil }

func stopOf(err error) *stop {
	var stopped *stop
	errors.As(err, &stopped)
	return stopped
}

// signal finds the signal that arrives while a hook's object is waited for.
func (m *machine) signal(h *Hook, object Object, event Event) error {
	for _, at := range []FaultPoint{FaultInterrupt, FaultKill} {
		if m.fault(h, object, event, at) {
			return &stop{by: Signal(at)}
		}
	}
	return nil
}

func (m *machine) resourceSignal() error {
	for _, at := range []FaultPoint{FaultInterrupt, FaultKill} {
		if m.resourceFault(at) {
			return &stop{by: Signal(at)}
		}
	}
	return nil
}

// leaveRunning is what becomes of the object that was waited for when a signal came: nobody stops it.
func (m *machine) leaveRunning(one instance, thing placed) {
	if one.neverCompletes != "" {
		thing.condition = blocked
	} else {
		thing.condition = stuck
		m.interrupted = append(m.interrupted, one.key)
	}
	m.state.world.put(one.key, thing)
}

// settle lets what was interrupted come to its end by itself, after Helm is gone.
func (m *machine) settle() {
	for _, key := range m.interrupted {
		if thing, exists := m.state.world.get(key); exists && thing.condition == stuck {
			thing.condition = running
			m.state.world.put(key, thing)
		}
	}
}

// unspent are the faults that can still strike in a later command, with the times they have left.
func unspent(strikes []strike) []Fault {
	var left []Fault
	for _, s := range strikes {
		switch {
		case s.fault.Times == 0:
			left = append(left, s.given)
		case s.steps < s.fault.Times:
			f := s.given
			f.Times -= s.steps
			left = append(left, f)
		}
	}
	return slices.Clip(left)
}
