package status

import (
	"fmt"
	"time"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// Work is whether a Helm process seems to be at work now. Nothing in a cluster shows one, so it is never certain.
type Work struct {
	State WorkState
	// Why is how one knows.
	Why string
	// LastSign is the last thing that was heard of Helm, zero where nothing was.
	LastSign time.Time
	// Hook is the object of the hook that is said to be running; nil where none is.
	Hook *plan.Object
}

// WorkState is how likely it is that Helm is at work.
type WorkState string

// The states.
const (
	WorkNo     WorkState = "no"
	WorkMaybe  WorkState = "maybe"
	WorkHardly WorkState = "hardly"
)

// grace is how long Helm may take to note that what it waits for has ended: it watches, so it is a second at most,
// unless the API server is slow.
const grace = 30 * time.Second

func (f *Facts) work(action plan.Action) Work {
	r := f.newest()
	running := f.runningHook()
	if !underWay(r.Status) && running == nil {
		return Work{State: WorkNo, Why: fmt.Sprintf("the record says %q, which an action says at its end", r.Status), LastSign: f.lastSign()}
	}
	work := Work{LastSign: f.lastSign()}
	if running != nil {
		work.Hook = &running.Hook.Object
	} else if h := f.endedBy(action); h != nil {
		work.State = WorkNo
		work.Why = fmt.Sprintf("Helm has noted that %s failed, and an action of Helm ends with that", ref(h.Object))
		return work
	}
	quiet := f.Now.Sub(work.LastSign)
	heard := fmt.Sprintf("Helm last wrote the record %s ago", age(f.Now, work.LastSign))
	ended, how := endOf(running)
	switch {
	case running != nil && (action == plan.Uninstall || action == plan.Rollback) && failedUnnoted(running):
		work.State = WorkHardly
		work.Why = fmt.Sprintf("%s failed %s ago, and with that %s ends without noting it", ref(*work.Hook), age(f.Now, ended), anAction(action))
	case work.LastSign.IsZero():
		work.State, work.Why = WorkHardly, "the record does not tell when it was written"
	case !ended.IsZero() && f.Now.Sub(ended) > grace:
		work.State = WorkHardly
		work.Why = fmt.Sprintf("%s %s %s ago, and Helm, which would note that at once, has not", ref(*work.Hook), how, age(f.Now, ended))
	case quiet > f.Quiet:
		work.State = WorkHardly
		work.Why = heard + "; it writes when a hook begins and ends, and waits 5m for each unless --timeout says more"
		if running != nil && stillRuns(running) {
			work.Why += fmt.Sprintf(". %s still runs, which it does with and without Helm", ref(*work.Hook))
		}
	default:
		work.State, work.Why = WorkMaybe, heard
		if running != nil && stillRuns(running) {
			work.Why += fmt.Sprintf(", and %s, for which it then waited, still runs", ref(*work.Hook))
		}
		work.Why += ". No cluster shows whether a Helm process is there: ask who runs it, or look again in a while"
	}
	return work
}

// lastSign is the last thing that was heard of Helm.
func (f *Facts) lastSign() time.Time {
	r := f.newest()
	latest := r.Written
	times := []time.Time{r.LastDeployed, r.Deleted}
	for _, h := range f.Hooks {
		times = append(times, h.Hook.LastRun.Started, h.Hook.LastRun.Completed)
	}
	for _, t := range times {
		if t.After(latest) {
			latest = t
		}
	}
	return latest
}

// runningHook is the hook whose start Helm noted last, without its end; nil where there is none. What a rollback has
// copied from an older revision does not count.
func (f *Facts) runningHook() *HookFacts {
	var last *HookFacts
	for i := range f.Hooks {
		run := f.Hooks[i].Hook.LastRun
		if run.Phase == phaseRunning && !run.Started.Before(began(f.newest())) && (last == nil || run.Started.After(last.Hook.LastRun.Started)) {
			last = &f.Hooks[i]
		}
	}
	return last
}

// endedBy is the failed hook that has ended an action which keeps its status then: the status of an uninstall and of
// a rollback stays (v3 and v4 pkg/action/uninstall.go, rollback.go); those of install and upgrade become failed.
func (f *Facts) endedBy(action plan.Action) *plan.Hook {
	if action != plan.Uninstall && action != plan.Rollback {
		return nil
	}
	var last *plan.Hook
	for i := range f.Hooks {
		h := &f.Hooks[i].Hook
		if h.LastRun.Started.Before(began(f.newest())) || h.LastRun.Phase == "" {
			continue
		}
		if last == nil || !h.LastRun.Started.Before(last.LastRun.Started) {
			last = h
		}
	}
	if last == nil || last.LastRun.Phase != phaseFailed {
		return nil
	}
	return last
}

// endOf is when the Job or Pod of a hook ended, zero where it has not or nobody knows.
func endOf(h *HookFacts) (ended time.Time, how string) {
	if h == nil {
		return time.Time{}, ""
	}
	for _, o := range h.Objects {
		switch {
		case o.Job != nil && !o.Job.Ended.IsZero() && o.Job.Ended.After(ended):
			ended, how = o.Job.Ended, string(o.Job.Progress)
		case o.Pod != nil && !o.Pod.Ended.IsZero() && o.Pod.Ended.After(ended):
			ended, how = o.Pod.Ended, string(o.Pod.Progress)
		case o.Exists && progressOf(o) == Running:
			return time.Time{}, ""
		}
	}
	// What ended before the run began is of an earlier run.
	if ended.Before(h.Hook.LastRun.Started.Truncate(time.Second)) {
		return time.Time{}, ""
	}
	return ended, how
}

func stillRuns(h *HookFacts) bool {
	for _, o := range h.Objects {
		if o.Exists && progressOf(o) == Running {
			return true
		}
	}
	return false
}

// progressOf is empty for all but Jobs and Pods that exist.
func progressOf(o ObjectFacts) Progress {
	switch {
	case o.Job != nil:
		return o.Job.Progress
	case o.Pod != nil:
		return o.Pod.Progress
	}
	return ""
}
