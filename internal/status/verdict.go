package status

import (
	"fmt"
	"slices"
	"strings"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// verdict sums the release up: the state, and a sentence or two that somebody understands who knows nothing else.
func (f *Facts) verdict(r *Report) (State, string) {
	switch {
	case underWay(r.Newest.Status):
		return f.pendingVerdict(r)
	case r.Newest.Status == plan.StatusFailed:
		return Broken, f.failedVerdict(r)
	case r.Newest.Status == plan.StatusUninstalled:
		return Uninstalled, f.uninstalledVerdict(r)
	case r.Work.Hook != nil && r.Work.State == WorkMaybe:
		return Working, fmt.Sprintf("%s is %s, and Helm may be at work on it right now: %s began %s ago",
			f.Release.Name, r.Newest.Status, ref(*r.Work.Hook), age(f.Now, r.Work.LastSign))
	}
	if h := r.troubled(); h != nil {
		return HookFailed, fmt.Sprintf("%s is %s; %s", f.Release.Name, r.Newest.Status, f.hookFailed(h))
	}
	return f.fineVerdict(r)
}

// pendingVerdict is about a release in the middle of an action.
func (f *Facts) pendingVerdict(r *Report) (State, string) {
	head := fmt.Sprintf("%s is stuck in %s since %s (%s)", f.Release.Name, r.Newest.Status, r.Began.UTC().Format(moment), age(f.Now, r.Began))
	if r.Began.IsZero() {
		head = fmt.Sprintf("%s is stuck in %s", f.Release.Name, r.Newest.Status)
	}
	h := r.troubled()
	switch {
	case r.Work.State == WorkMaybe && r.Work.Hook != nil:
		return Working, fmt.Sprintf("%s is %s for %s: Helm may be at work right now, waiting for %s%s; if it is not, it has died and the release is stuck",
			f.Release.Name, r.Newest.Status, age(f.Now, r.Began), ref(*r.Work.Hook), hangs(h))
	case r.Work.State == WorkMaybe:
		return Working, fmt.Sprintf("%s is %s for %s: Helm may be at work right now; if it is not, it has died and the release is stuck",
			f.Release.Name, r.Newest.Status, age(f.Now, r.Began))
	case h != nil && h.Run.State == RunFailed:
		return Stuck, head + ": " + f.hookFailed(h)
	case r.Work.Hook != nil:
		return Stuck, head + ": Helm has probably died while it waited for " + ref(*r.Work.Hook) + hangs(h)
	}
	return Stuck, head + ": Helm has probably died, or ended with an error that it could not note"
}

// moment is how times are written in sentences.
const moment = "2006-01-02 15:04:05 UTC"

func (f *Facts) failedVerdict(r *Report) string {
	head := fmt.Sprintf("the %s of %s failed %s ago", r.Action, f.Release.Name, age(f.Now, r.Began))
	h := r.troubled()
	switch {
	case h != nil && h.Run.State == RunInterrupted:
		head += fmt.Sprintf(": Helm was interrupted while it waited for %s", hookName(h))
	case h != nil:
		head += ": " + f.hookWords(h)
	default:
		head += ": " + firstOf(f.noted(), "the record does not say why")
	}
	if h != nil {
		head += reached(h.Run.Event)
	}
	if n := f.deployed(); n > 0 {
		head += fmt.Sprintf(". To Helm, revision %d is still the deployed one", n)
	}
	return head
}

// hangs is why a hook that is waited for does not come to an end, in brackets.
func hangs(h *Hook) string {
	if h == nil {
		return ""
	}
	for _, live := range h.Objects {
		if live.Reason != nil {
			return " (" + live.Reason.Short + ")"
		}
	}
	return ""
}

// reached says what of the ordinary objects there is when a hook of an event has failed.
func reached(e plan.Event) string {
	switch e {
	case plan.PreInstall:
		return ". No ordinary object had been made by then"
	case plan.PostInstall:
		return ". All ordinary objects had been made before that, and are there"
	case plan.PreUpgrade, plan.PreRollback:
		return ". The ordinary objects had not been changed by then"
	case plan.PostUpgrade, plan.PostRollback:
		return ". The ordinary objects had been changed before that"
	}
	return ""
}

func (f *Facts) uninstalledVerdict(r *Report) string {
	text := fmt.Sprintf("%s was uninstalled %s ago; its history is kept", f.Release.Name, age(f.Now, r.Began))
	var left []plan.Object
	for _, h := range r.Hooks {
		for _, live := range h.Objects {
			if live.State == Exists || live.State == Leaving {
				left = append(left, live.Object)
			}
		}
	}
	if len(left) > 0 {
		text += ", and its hooks have left " + few(left)
	}
	return text
}

// fineVerdict is about a release whose hooks did what they should. What comes next may all the same not work.
func (f *Facts) fineVerdict(r *Report) (State, string) {
	state, text := Fine, fmt.Sprintf("%s is %s", f.Release.Name, r.Newest.Status)
	ran := 0
	for _, h := range r.Hooks {
		if h.Run.State == RunSucceeded && !h.Run.Older {
			ran++
		}
	}
	switch {
	case len(r.Hooks) == 0:
		text += " and has no hooks"
	case ran == 0 && len(r.Hooks) == 1:
		text += fmt.Sprintf("; its one hook did not run in the last %s", r.Action)
	case ran == 0:
		text += fmt.Sprintf("; none of its %s ran in the last %s", count(len(r.Hooks), "hook"), r.Action)
	case ran == 1:
		text += fmt.Sprintf("; the one hook of the last %s succeeded", r.Action)
	default:
		text += fmt.Sprintf("; all %d hooks of the last %s succeeded", ran, r.Action)
	}
	for _, n := range r.Next {
		// That one may only roll back where there is something to go back to is no trouble.
		if n.Action == plan.Test {
			continue
		}
		switch {
		case n.Result == Fails && n.At != nil:
			return Attention, fmt.Sprintf("%s. But helm %s would fail now, at %s", text, n.Action, ref(*n.At))
		case n.Result != Works:
			return Attention, fmt.Sprintf("%s. But helm %s would fail now: %s", text, n.Action, n.Error)
		case len(n.NotRun) > 0 && n.Action == plan.Upgrade:
			state = Attention
			text += fmt.Sprintf(". But the next helm %s would not run %s again, and call that a success", n.Action, few(n.NotRun))
		}
	}
	if slices.ContainsFunc(r.Hooks, func(h Hook) bool { return h.Concern == Notice }) {
		state = Attention
	}
	return state, text
}

// troubled is the hook that went wrong last in the newest revision; nil where none did.
func (r *Report) troubled() *Hook {
	var last *Hook
	for i := range r.Hooks {
		h := &r.Hooks[i]
		if h.Concern == Trouble && (last == nil || h.Run.Started.After(last.Run.Started)) {
			last = h
		}
	}
	return last
}

// hookFailed is a sentence with when.
func (f *Facts) hookFailed(h *Hook) string {
	words := "its " + hookName(h)
	switch h.Run.State {
	case RunFailed:
		words += " failed"
	case RunInterrupted:
		return words + fmt.Sprintf(" was interrupted %s ago", age(f.Now, h.Run.Started))
	default:
		return words + fmt.Sprintf(" began %s ago, and Helm has not noted its end", age(f.Now, h.Run.Started))
	}
	if !h.Run.Completed.IsZero() {
		words += fmt.Sprintf(" %s ago", age(f.Now, h.Run.Completed))
	}
	return words + f.because(h)
}

// hookWords is the same without when, behind a sentence that has told it.
func (f *Facts) hookWords(h *Hook) string {
	if h.Run.State != RunFailed {
		return "Helm has not noted the end of its " + hookName(h)
	}
	return "its " + hookName(h) + " failed" + f.because(h)
}

// because is what the cluster tells of the reason, else what Helm has noted.
func (f *Facts) because(h *Hook) string {
	for _, live := range h.Objects {
		if live.Reason != nil {
			return ": " + live.Reason.Short
		}
	}
	if noted := f.noted(); noted != "" {
		return ": " + noted
	}
	return ""
}

// noted is the error that Helm has stored with a failure, empty where there is none.
func (f *Facts) noted() string {
	const enough = 200
	r := f.newest()
	if r.Status != plan.StatusFailed {
		return ""
	}
	text := oneLine(r.Description)
	if _, after, found := strings.Cut(text, " failed: "); found {
		text = after
	}
	for _, e := range []plan.Event{plan.PreInstall, plan.PostInstall, plan.PreUpgrade, plan.PostUpgrade} {
		text = strings.TrimPrefix(strings.TrimPrefix(text, "failed "+string(e)+": "), string(e)+" hooks failed: ")
	}
	// multierror's list of one (github.com/hashicorp/go-multierror).
	text = strings.Replace(text, "1 error occurred: * ", "", 1)
	if runes := []rune(text); len(runes) > enough {
		text = string(runes[:enough]) + "…"
	}
	return text
}

func hookName(h *Hook) string {
	if h.Run.Event == "" {
		return "hook " + ref(h.Hook.Object)
	}
	if h.Run.Event == plan.TestEvent {
		return "test " + ref(h.Hook.Object)
	}
	return string(h.Run.Event) + " hook " + ref(h.Hook.Object)
}
