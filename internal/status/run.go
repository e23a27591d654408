package status

import (
	"fmt"
	"slices"
	"time"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// Run is the last execution of a hook as its record tells it, and what that means.
type Run struct {
	State RunState
	// Phase is what Helm stored.
	Phase              string
	Started, Completed time.Time
	// Event is the one in which it ran, empty where nothing tells: a hook has one last run for all its events.
	Event plan.Event
	// Older says that it ran before the newest revision was made.
	Older bool
	// Meaning is said where the state alone does not tell all.
	Meaning string
}

// RunState is how a run ended.
type RunState string

// The states of a run. Abandoned is one whose end Helm has not noted, and hardly will.
const (
	RunNone        RunState = "not-run"
	RunSucceeded   RunState = "succeeded"
	RunFailed      RunState = "failed"
	RunRunning     RunState = "running"
	RunAbandoned   RunState = "abandoned"
	RunInterrupted RunState = "interrupted"
	RunUnknown     RunState = "unknown"
)

// The phases of a run (v3 pkg/release/hook.go, v4 pkg/release/v1/hook.go).
const (
	phaseSucceeded = "Succeeded"
	phaseFailed    = "Failed"
	phaseRunning   = "Running"
	phaseUnknown   = "Unknown"
)

// Took is how long it ran, and whether that is known.
func (r Run) Took() (took time.Duration, ended bool) {
	if r.Completed.IsZero() || r.Completed.Before(r.Started) {
		return 0, false
	}
	return r.Completed.Sub(r.Started), true
}

func (f *Facts) run(h HookFacts, r *Report) Run {
	last := h.Hook.LastRun
	run := Run{Phase: last.Phase, Started: last.Started, Completed: last.Completed}
	if last.Phase == "" || last.Started.IsZero() {
		run.State, run.Meaning = RunNone, f.whyNot(h.Hook, r)
		return run
	}
	run.Older = last.Started.Before(r.Newest.LastDeployed)
	switch last.Phase {
	case phaseSucceeded:
		run.State = RunSucceeded
	case phaseFailed:
		run.State = RunFailed
	case phaseRunning:
		run.State, run.Meaning = f.unended(h, r)
	case phaseUnknown:
		run.State, run.Meaning = RunInterrupted, "Helm was interrupted while it waited (Ctrl-C, a cancelled CI job)"
	default:
		run.State, run.Meaning = RunUnknown, fmt.Sprintf("Helm stored the phase %q, which is not known here", last.Phase)
	}
	var which string
	run.Event, which = f.eventOfRun(h.Hook, run, r)
	run.Meaning = sentences(run.Meaning, f.whose(run, r), which)
	return run
}

// unended says what it means that Helm has stored a hook as running.
func (f *Facts) unended(h HookFacts, r *Report) (RunState, string) {
	endsUnnoted := r.Action == plan.Uninstall || r.Action == plan.Rollback
	switch {
	case r.Work.State == WorkMaybe && r.Work.Hook != nil && *r.Work.Hook == h.Hook.Object:
		return RunRunning, "Helm noted its start and not yet its end"
	case endsUnnoted && failedUnnoted(&h):
		return RunFailed, fmt.Sprintf("Helm noted only its start: %s that fails ends without a word in the record", anAction(r.Action))
	case endsUnnoted:
		return RunAbandoned, fmt.Sprintf("Helm noted its start and never its end: it has died while it waited, or the hook has failed, which %s does not note", anAction(r.Action))
	}
	return RunAbandoned, "Helm noted its start and never its end: it has died, or was killed, while it waited"
}

// failedUnnoted says that what Helm has stored as running has failed. The end of a hook is noted with the end of its
// event, or with the failure of the action, which uninstall and rollback do not store (v3 and v4 pkg/action/hooks.go
// execHook, uninstall.go, rollback.go).
func failedUnnoted(h *HookFacts) bool {
	ended, how := endOf(h)
	return !ended.IsZero() && how == string(Failed)
}

// whose says which action the last run belongs to, where it is not the one that made the newest revision.
func (f *Facts) whose(run Run, r *Report) string {
	switch {
	case run.Older && r.Action == plan.Rollback:
		if to := rollbackTo(r.Newest); to > 0 {
			return fmt.Sprintf("that was in revision %d or before: a rollback copies the last runs of its target", to)
		}
		return "that was in an older revision: a rollback copies the last runs of its target"
	case run.Older:
		return "that was before this revision"
	case r.Action == plan.Uninstall && run.Started.Before(r.Began):
		return "that was before the uninstall"
	}
	return ""
}

// eventOfRun finds out in which event a hook ran.
func (f *Facts) eventOfRun(h plan.Hook, run Run, r *Report) (event plan.Event, which string) {
	possible := shared(h, r.Action)
	// A test comes after the action that made the revision, and leaves its status as it is.
	if !underWay(r.Newest.Status) && slices.Contains(h.Events, plan.TestEvent) {
		possible = append(possible, plan.TestEvent)
	}
	if run.Older || run.Started.Before(r.Began) {
		possible = h.Events
	}
	switch {
	case len(possible) == 1:
		return possible[0], ""
	case len(possible) > 1 && !run.Older && !run.Started.Before(r.Began):
		return "", "whether that was in " + enumerate(names(possible), "or") + " is not stored: a hook has one last run for all its events"
	}
	return "", ""
}

func names(all []plan.Event) []string {
	var texts []string
	for _, e := range all {
		texts = append(texts, string(e))
	}
	return texts
}

// whyNot says why a hook has not run in the newest revision.
func (f *Facts) whyNot(h plan.Hook, r *Report) string {
	here := shared(h, r.Action)
	if len(here) == 0 {
		return comesWith(h)
	}
	broken := f.brokenBy(r)
	switch {
	case r.Newest.Status == plan.StatusDeployed, r.Newest.Status == plan.StatusUninstalled:
		return fmt.Sprintf("the %s has ended without it: most likely it was run with --no-hooks", r.Action)
	case r.Work.State == WorkMaybe:
		return "its turn has not come yet"
	case broken != nil:
		return fmt.Sprintf("not reached: %s came before it, and %s", ref(broken.Object), brokenWords(broken))
	case underWay(r.Newest.Status):
		return fmt.Sprintf("not reached: the %s broke off before its turn", r.Action)
	}
	return fmt.Sprintf("not reached: the %s failed before its turn", r.Action)
}

// comesWith names the commands that run a hook.
func comesWith(h plan.Hook) string {
	var parts, seen []string
	for _, e := range h.Events {
		if command := commandOf(e); !slices.Contains(seen, command) {
			seen = append(seen, command)
			parts = append(parts, fmt.Sprintf("%s comes with %s", e, command))
		}
	}
	return enumerate(parts, "and")
}

// brokenBy is the hook that ended the action; nil where none did.
func (f *Facts) brokenBy(r *Report) *plan.Hook {
	var last *plan.Hook
	for i := range f.Hooks {
		h := &f.Hooks[i].Hook
		if h.LastRun.Phase == "" || h.LastRun.Phase == phaseSucceeded || h.LastRun.Started.Before(r.Began) {
			continue
		}
		if last == nil || h.LastRun.Started.After(last.LastRun.Started) {
			last = h
		}
	}
	return last
}

func brokenWords(h *plan.Hook) string {
	switch h.LastRun.Phase {
	case phaseFailed:
		return "failed"
	case phaseUnknown:
		return "was interrupted"
	}
	return "its end was not noted"
}
