package status

import (
	"cmp"
	"slices"
	"time"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// Report is what the facts mean.
type Report struct {
	Now     time.Time
	Release plan.Release
	State   State
	// Verdict is the whole in one or two sentences.
	Verdict string
	Newest  Revision
	// Action is the one that made the newest revision, or that is taking it away; Began is when it did.
	Action plan.Action
	Began  time.Time
	Work   Work
	// Hooks are those of the newest revision, the ones in trouble first, then as they ran.
	Hooks []Hook
	// History is oldest first.
	History []Past
	// Next are what the actions would do that are possible now.
	Next []Next
	Plan *plan.Plan
	// Unknown is what could not be found out.
	Unknown []plan.UnknownFact
}

// State sums a release up.
type State string

// The states. Stuck is a release in the middle of an action that nobody goes on with.
const (
	Fine        State = "fine"
	Attention   State = "attention"
	HookFailed  State = "hook-failed"
	Broken      State = "failed"
	Stuck       State = "stuck"
	Working     State = "working"
	Uninstalled State = "uninstalled"
)

// Troubled says that somebody has to do something.
func (r *Report) Troubled() bool {
	return r.State == Stuck || r.State == Broken || r.State == HookFailed
}

// Hook is what became of one.
type Hook struct {
	Hook plan.Hook
	Run  Run
	// Objects are one, or the members of a List.
	Objects []Live
	Concern Concern
}

// Concern is how much a hook needs a look.
type Concern int

// The concerns, the worst first.
const (
	Trouble Concern = iota
	Notice
	NoConcern
)

// Judge finds out what the facts mean. There must be at least one revision.
func Judge(f Facts) Report {
	r := Report{
		Now: f.Now, Release: f.Release, Newest: f.newest(), Plan: f.Plan, Unknown: f.Unknown,
		Action: actionOf(f.newest()),
	}
	r.Began = began(r.Newest)
	r.Work = f.work(r.Action)
	for _, h := range f.Hooks {
		r.Hooks = append(r.Hooks, f.hook(h, &r))
	}
	// As they ran; what has not run keeps its order behind them.
	slices.SortStableFunc(r.Hooks, func(a, b Hook) int {
		return cmp.Or(
			cmp.Compare(a.Concern, b.Concern), compareBool(a.Run.Started.IsZero(), b.Run.Started.IsZero()),
			a.Run.Started.Compare(b.Run.Started),
		)
	})
	r.History = f.history()
	r.Next = nextOf(f.Plan)
	r.State, r.Verdict = f.verdict(&r)
	return r
}

// compareBool puts false first.
func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

func (f *Facts) hook(h HookFacts, r *Report) Hook {
	judged := Hook{Hook: h.Hook, Run: f.run(h, r), Concern: NoConcern}
	for _, o := range h.Objects {
		judged.Objects = append(judged.Objects, f.object(h.Hook, judged.Run, o))
	}
	judged.Run.Meaning = sentences(judged.Run.Meaning, sinceThen(judged.Run, judged.Objects))
	switch judged.Run.State {
	case RunFailed, RunAbandoned, RunInterrupted, RunRunning:
		if !judged.Run.Older {
			judged.Concern = Trouble
		}
	}
	if judged.Concern == Trouble && judged.Run.State == RunFailed && !slices.ContainsFunc(judged.Objects, func(l Live) bool { return l.Reason != nil }) {
		if noted := f.noted(); noted != "" {
			judged.Run.Meaning = sentences(judged.Run.Meaning, "Helm noted: "+noted)
		}
	}
	if judged.Concern == NoConcern && slices.ContainsFunc(judged.Objects, func(l Live) bool { return l.Odd }) {
		judged.Concern = Notice
	}
	return judged
}
