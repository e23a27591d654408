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
			if w == Legacy {
				errs = append(errs, r.legacyReady(info))
			} else {
				errs = append(errs, r.watcherReady(info))
			}
		}
		return errors.Join(errs...)
	})
	if err == nil && r.action == scenario.Install && !r.post {
		r.preInstall.done++
	}
	return err
}

// legacyReady is client.go watchUntilReady of Helm 3.22 and wait.go of Helm 4.3: kinds by their text.
func (r *Recorder) legacyReady(info *resource.Info) error {
	gvk := info.Mapping.GroupVersionKind
	if gvk.Kind != "Job" && gvk.Kind != "Pod" {
		return nil
	}
	state, found := r.stage.Cluster.StateOf(info)
	switch {
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
func (r *Recorder) watcherReady(info *resource.Info) error {
	state, found := r.stage.Cluster.StateOf(info)
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
	var fault error
	if r.recorded {
		r.post = true
		if r.fault(scenario.AtWait) != nil {
			fault = errTimedOut
		}
	} else {
		op.Event = scenario.EventCRDs
	}
	if w == HookOnly {
		return nil
	}
	return r.call(op, infos, func() error { return fault })
}

// WaitForDelete is called for the wait until hooks or ordinary resources are gone.
func (r *Recorder) WaitForDelete(infos []*resource.Info, w Waiter) error {
	if w == HookOnly {
		return nil
	}
	op := scenario.Op{Op: scenario.OpWaitDeleted, Event: scenario.EventResources}
	if r.deletesHook(infos) {
		op.Event, op.Hook = r.event(), true
	}
	return r.call(op, infos, func() error {
		for _, info := range infos {
			if _, found := r.stage.Cluster.StateOf(info); found {
				return context.DeadlineExceeded
			}
		}
		return nil
	})
}
