package plan

import (
	"errors"
	"fmt"
	"strings"
)

// watched says whether Helm waits for the object to complete, by its real group.
func watched(o Object) bool {
	return (o.Kind == "Job" && o.group() == "batch") || (o.Kind == "Pod" && o.group() == "")
}

// watch is WatchUntilReady.
func (m *machine) watch(r hookRun, h *Hook, i int, made []instance) error {
	m.steps++
	operation := m.hookOperation(r, h, i, OpWait)
	var errs []error
	for _, one := range made {
		err := m.watchObject(r, h, one)
		if err != nil {
			errs = append(errs, err)
			if isStop(err) {
				break
			}
		}
		if one.neverCompletes != "" && one.object.Kind == "Job" && err == nil {
			// Only Flux goes on here: the Job is made, and has not run.
			operation.NotRun = true
		}
		if one.existed && one.before != blocked && watched(one.object) {
			operation.NotRun = true
			if before := one.before; before == stuck || before == running {
				// How far it has come since, or what the patch did to it, only the cluster knows.
				operation.Prediction = Likely
			}
		}
	}
	err := joined(errs)
	if err != nil {
		operation.Result, operation.Error = Failed, err.Error()
	}
	m.emit(operation)
	m.phases[r.phase].Steps[i].NotRun = operation.NotRun
	return err
}

// timedOutError is the end of a wait for something that does not complete, as each Helm words it
// (v3 k8s.io/apimachinery wait.ErrWaitTimeout, v4 pkg/kube/statuswait.go wait).
func (m *machine) timedOutError(r hookRun, o Object) error {
	if m.rules.fluxWaiter && r.options.Wait != WaitLegacy {
		return fmt.Errorf("timeout waiting for: [%s/%s/%s status: 'InProgress']", o.Kind, o.Namespace, o.Name)
	}
	if !m.rules.waiters {
		return errors.New("timed out waiting for the condition")
	}
	return fmt.Errorf("resource %s/%s/%s not ready. status: InProgress: context deadline exceeded", o.Kind, o.Namespace, o.Name)
}

// failedError is the end of a wait for a Job or Pod that failed. What more Helm prints comes from the
// cluster.
func (m *machine) failedError(r hookRun, o Object) error {
	if m.rules.fluxWaiter && r.options.Wait != WaitLegacy {
		// fluxcd/pkg/ssa 0.76.0 manager_wait.go WaitForSetWithContext.
		return fmt.Errorf("failed early due to stalled resources: [%s/%s/%s status: 'Failed']", o.Kind, o.Namespace, o.Name)
	}
	if !m.rules.waiters {
		return fmt.Errorf("%s %s failed", strings.ToLower(o.Kind), o.Name)
	}
	return fmt.Errorf("resource %s/%s/%s not ready. status: Failed", o.Kind, o.Namespace, o.Name)
}

// watchObject waits for one object.
func (m *machine) watchObject(r hookRun, h *Hook, one instance) error {
	object := one.object
	if !watched(object) {
		if (!m.rules.waiters || r.options.Wait == WaitLegacy) && (object.Kind == "Job" || object.Kind == "Pod") {
			// Decided by the text of the kind; a Job of another group is no *batch.Job
			// (v3 pkg/kube/client.go waitForJob).
			return fmt.Errorf("expected %s to be a *batch.Job, got *unstructured.Unstructured", object.Name)
		}
		return nil
	}
	thing, _ := m.state.world.get(one.key)
	if ended := one.existed && (thing.condition == finished || thing.condition == failed || thing.condition == running); !ended {
		if signal := m.signal(h, object, r.event); signal != nil {
			m.leaveRunning(one, thing)
			return signal
		}
	}
	if one.neverCompletes != "" && object.Kind == "Job" && m.rules.fluxWaiter && r.options.Wait != WaitLegacy {
		thing.condition = blocked
		m.state.world.put(one.key, thing)
		return nil
	}
	switch {
	case one.existed && thing.condition == failed:
		return m.failedError(r, object)
	case one.existed && (thing.condition == stuck || thing.condition == blocked):
		return m.timedOutError(r, object)
	case one.existed:
		// It has ended before this run, or ends as it would have without it: the watch is over and the
		// work was not done again.
	case one.neverCompletes != "" || m.fault(h, object, r.event, FaultTimeout):
		thing.condition = stuck
		if one.neverCompletes != "" {
			thing.condition = blocked
		}
		m.state.world.put(one.key, thing)
		return m.timedOutError(r, object)
	case m.fault(h, object, r.event, FaultWait):
		thing.condition = failed
		m.state.world.put(one.key, thing)
		return m.failedError(r, object)
	}
	thing.condition = finished
	m.state.world.put(one.key, thing)
	return nil
}
