package stage

import (
	"context"
	"errors"
	"fmt"

	"k8s.io/cli-runtime/pkg/resource"

	"github.com/helm-hooks/helm-hooks/test/oracle/cluster"
	"github.com/helm-hooks/helm-hooks/test/oracle/scenario"
)

// Waiter is the way of waiting: which of Helm's implementations.
type Waiter int

// The waiters. Legacy is Helm 3's, which Helm 4 keeps as "legacy". Watcher is Helm 4's. HookOnly is
// Helm 4's default, which watches hooks as Watcher does and for all else waits not at all.
const (
	Legacy Waiter = iota
	Watcher
	HookOnly
)

var errTimedOut = errors.New("timed out waiting for the condition")

// WatchUntilReady waits for a hook's objects as the waiter would.
func (r *Recorder) WatchUntilReady(infos []*resource.Info, w Waiter) error {
	op := scenario.Op{Op: scenario.OpWait, Event: r.event(), Hook: true}
	err := r.call(op, infos, func() error {
		var errs []error
		for _, info := range infos {
			state, found, signal := r.stage.Cluster.Watch(info, r.signals())
			switch {
			case signal != "":
				return stopped(signal)
			case w == Legacy:
				errs = append(errs, legacyReady(info, state, found))
			default:
				errs = append(errs, watcherReady(info, state, found))
			}
		}
		return errors.Join(errs...)
	})
	r.obey(err)
	if err == nil && r.action == scenario.Install && !r.post {
		r.preInstall.done++
	}
	return err
}

// legacyReady is client.go watchUntilReady of Helm 3.22 and wait.go of Helm 4.3: kinds by their text.
func legacyReady(info *resource.Info, state cluster.State, found bool) error {
	gvk := info.Mapping.GroupVersionKind
	switch {
	case gvk.Kind != "Job" && gvk.Kind != "Pod":
		return nil
	case !found:
		return errTimedOut
	case state == "" && gvk.Kind == "Job":
		return fmt.Errorf("expected %s to be a *batch.Job, got %T", info.Name, info.Object)
	case state == "":
		return fmt.Errorf("expected %s to be a *v1.Pod, got %T", info.Name, info.Object)
	case state == cluster.Running:
		return errTimedOut
	case state == cluster.Failed && gvk.Kind == "Job":
		return fmt.Errorf("job %s failed: BackoffLimitExceeded", info.Name)
	case state == cluster.Failed:
		return fmt.Errorf("pod %s failed", info.Name)
	}
	return nil
}

// watcherReady is statuswait.go WatchUntilReady of Helm 4.3: batch Jobs and core Pods, all else is ready
// as soon as it is seen.
func watcherReady(info *resource.Info, state cluster.State, found bool) error {
	status := ""
	switch {
	case !found:
		status = "NotFound"
	case state == cluster.Running:
		status = "InProgress"
	case state == cluster.Failed:
		return fmt.Errorf("resource %s/%s/%s not ready. status: Failed", info.Mapping.GroupVersionKind.Kind, info.Namespace, info.Name)
	default:
		return nil
	}
	return fmt.Errorf("resource %s/%s/%s not ready. status: %s\n%w", info.Mapping.GroupVersionKind.Kind,
		info.Namespace, info.Name, status, context.DeadlineExceeded)
}

// Wait is called for the wait for ordinary resources or for CRDs. They are always ready, unless a fault
// says otherwise.
func (r *Recorder) Wait(infos []*resource.Info, w Waiter) error {
	op := scenario.Op{Op: scenario.OpWait, Event: scenario.EventResources}
	if r.recorded {
		r.post = true
	} else {
		op.Event = scenario.EventCRDs
	}
	if w == HookOnly {
		return r.died
	}
	err := r.call(op, infos, func() error { return r.waitFault(op) })
	r.obey(err)
	return err
}

// waitFault is what ends a wait for ordinary resources too early.
func (r *Recorder) waitFault(op scenario.Op) error {
	if op.Event != scenario.EventResources {
		return nil
	}
	for _, signal := range r.signals() {
		if r.strikes(signal) {
			return stopped(signal)
		}
	}
	if r.strikes(scenario.AtWait) || r.strikes(scenario.AtTimeout) {
		return errTimedOut
	}
	return nil
}

// WaitForDelete is called for the wait until hooks or ordinary resources are gone.
func (r *Recorder) WaitForDelete(infos []*resource.Info, w Waiter) error {
	if w == HookOnly {
		return r.died
	}
	op := scenario.Op{Op: scenario.OpWaitDeleted, Event: scenario.EventResources}
	if r.deletesHook(infos) {
		op.Event, op.Hook = r.event(), true
	}
	err := r.call(op, infos, func() error {
		if err := r.waitFault(op); err != nil {
			return err
		}
		for _, info := range infos {
			if r.stage.Cluster.AwaitDeletion(info) {
				return context.DeadlineExceeded
			}
		}
		return nil
	})
	r.obey(err)
	return err
}
