package status

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// Live is an object of a hook as it is now.
type Live struct {
	Object plan.Object
	State  LiveState
	// Meaning is the state in words, and how it came about.
	Meaning string
	// Odd says that it is not as the record and the policies let one expect.
	Odd bool
	// Progress is that of a Job or Pod that exists, else empty.
	Progress Progress
	Created  time.Time
	// Reason is why it failed or does not come to an end, nil where it did neither, or nobody knows.
	Reason *Reason
	// Pods are a Job's, newest first.
	Pods []Pod
	// Events are the warnings, newest last.
	Events []Event
	Logs   []Log
	// Readable are the Pods whose logs can be read; a Job's where there is none to choose.
	Readable []plan.Object
	// Gaps say what could not be read.
	Gaps []string
}

// LiveState is what became of an object.
type LiveState string

// The states. Gone is what was there; Absent is what was never made, as far as the record tells. Foreign is somebody
// else's object of that name.
const (
	Exists  LiveState = "exists"
	Leaving LiveState = "leaving"
	Gone    LiveState = "gone"
	Absent  LiveState = "absent"
	Foreign LiveState = "foreign"
	Unread  LiveState = "unknown"
)

// skew is how far the clocks of Helm and of the API server may be apart before times tell anything.
const skew = 10 * time.Second

func (f *Facts) object(h plan.Hook, run Run, o ObjectFacts) Live {
	live := Live{
		Object: o.Object, Created: o.Created, Progress: progressOf(o), Pods: o.Pods, Logs: o.Logs, Gaps: o.Gaps,
		Events: warnings(o.Events), Readable: readable(o),
	}
	switch {
	case o.NoSuchKind:
		live.State, live.Meaning = Gone, "the cluster does not serve this kind"
	case o.Unread != "":
		live.State, live.Meaning = Unread, "not known: "+o.Unread
	case o.Exists && !o.Deleting.IsZero():
		live.State, live.Odd, live.Meaning = Leaving, true, f.leaving(o)
	case o.Exists:
		f.present(&live, h, run, o)
	case run.State == RunNone:
		live.State = Absent
		live.Meaning = "not there, as it has not run"
	default:
		live.State, live.Meaning = Gone, f.gone(h, run, o)
	}
	if run.State != RunNone && run.State != RunSucceeded || live.Progress == Failed || live.Progress == Suspended {
		live.Reason = reasonOf(o, run)
	}
	return live
}

func (f *Facts) leaving(o ObjectFacts) string {
	said := fmt.Sprintf("going: it was deleted %s ago", age(f.Now, o.Deleting))
	if o.Deleting.After(f.Now) {
		said = "going: it was deleted, and has time left to end"
	}
	if len(o.Finalizers) > 0 {
		said += fmt.Sprintf(" and waits for %s to take %s off it", who(o.Finalizers), enumerate(o.Finalizers, "and"))
	}
	return said
}

func who(finalizers []string) string {
	if len(finalizers) == 1 {
		return "whoever put that finalizer there"
	}
	return "whoever put those finalizers there"
}

// present judges an object that is there.
func (f *Facts) present(live *Live, h plan.Hook, run Run, o ObjectFacts) {
	live.State = Exists
	what := "still there"
	if live.Progress != "" {
		what += ", " + string(live.Progress)
	}
	byHelm := len(o.Managers) == 0 || slices.ContainsFunc(o.Managers, func(m string) bool { return strings.Contains(strings.ToLower(m), "helm") })
	switch {
	case o.Owner != "":
		live.State, live.Odd = Foreign, true
		live.Meaning = fmt.Sprintf("%s, as an ordinary object of release %s", what, o.Owner)
	case !byHelm:
		live.State, live.Odd = Foreign, true
		live.Meaning = fmt.Sprintf("%s, but not by Helm: %s made it", what, enumerate(o.Managers, "and"))
	case run.Older && (live.Progress == Failed) != (run.State == RunFailed) && live.Progress != "":
		live.Odd = true
		live.Meaning = what + ": of a later run, of which this revision's record does not tell"
	case run.State == RunNone:
		live.Odd = true
		live.Meaning = what + ", from an older revision: the hook has not run in this one"
	case o.Created.Before(run.Started.Add(-skew)):
		live.Odd = run.State != RunFailed
		live.Meaning = fmt.Sprintf("%s, but made before this run (%s ago): of an earlier one", what, age(f.Now, o.Created))
		if run.State == RunSucceeded && live.Progress != "" {
			live.Meaning += ". Helm 4 applies over a finished " + o.Object.Kind + " and calls that a success: the hook itself has not run"
		}
	case !run.Completed.IsZero() && o.Created.After(run.Completed.Add(skew)):
		live.Odd = true
		live.Meaning = fmt.Sprintf("%s, but made %s ago, after this run had ended", what, age(f.Now, o.Created))
	case run.State == RunSucceeded && slices.Contains(policies(h), plan.HookSucceeded) && h.Kind != crdKind:
		live.Odd = true
		live.Meaning = what + ", although hook-succeeded should have deleted it"
	case run.State == RunFailed && slices.Contains(policies(h), plan.HookFailed) && h.Kind != crdKind:
		live.Odd = true
		live.Meaning = what + ", although hook-failed should have deleted it"
	default:
		live.Meaning = what
	}
}

// crdKind is the kind whose objects Helm never deletes by policy (v3 and v4 pkg/action/hooks.go deleteHookByPolicy).
const crdKind = "CustomResourceDefinition"

// policies are those in force.
func policies(h plan.Hook) []plan.DeletePolicy {
	if h.DeletePolicies == nil {
		return []plan.DeletePolicy{plan.BeforeHookCreation}
	}
	return h.DeletePolicies
}

// gone says who may have taken away what a run had made.
func (f *Facts) gone(h plan.Hook, run Run, o ObjectFacts) string {
	has := func(p plan.DeletePolicy) bool { return slices.Contains(policies(h), p) && h.Kind != crdKind }
	switch {
	case run.State == RunSucceeded && has(plan.HookSucceeded):
		return "gone: Helm has deleted it after the success (hook-succeeded)"
	case run.State == RunFailed && has(plan.HookFailed):
		return "gone: Helm has deleted it after the failure (hook-failed), and its log with it"
	}
	if ttl, ok := ttlOf(h, o.Object); ok {
		said := fmt.Sprintf("gone: its ttlSecondsAfterFinished (%d) may have removed it, or somebody has", ttl)
		end := run.Completed
		switch {
		case end.IsZero():
			return said
		case f.Now.Sub(end) >= time.Duration(ttl)*time.Second:
			return said
		}
		return fmt.Sprintf("gone: somebody has deleted it; its ttlSecondsAfterFinished (%d) would not be over yet", ttl)
	}
	switch run.State {
	case RunFailed:
		return "not there: gone, nobody knows by whom, or never made, if Helm could not create it"
	case RunAbandoned, RunRunning, RunInterrupted:
		return "not there: gone, nobody knows by whom, or never made, if Helm ended before that"
	}
	return "gone: nobody knows by whom; no policy of the hook deletes it after a run"
}

// ttlOf reads spec.ttlSecondsAfterFinished of an object from the stored manifest.
func ttlOf(h plan.Hook, o plan.Object) (seconds int64, ok bool) {
	type head struct {
		Metadata struct{ Name string }
		Spec     struct {
			TTL *int64 `json:"ttlSecondsAfterFinished"`
		}
	}
	var document struct {
		head  `json:",inline"`
		Items []head
	}
	// What does not parse so has no TTL that could be told.
	if yaml.Unmarshal([]byte(h.Text), &document) != nil || o.Kind != "Job" {
		return 0, false
	}
	for _, one := range append([]head{document.head}, document.Items...) {
		if one.Metadata.Name == o.Name && one.Spec.TTL != nil {
			return *one.Spec.TTL, true
		}
	}
	return 0, false
}

// sinceThen says what became of the object since the record was written, where that is news.
func sinceThen(run Run, objects []Live) string {
	for _, live := range objects {
		switch {
		case live.State != Exists:
		case (run.State == RunAbandoned || run.State == RunInterrupted) && live.Progress == Succeeded:
			return ref(live.Object) + " has succeeded since"
		case run.State == RunAbandoned && live.Progress == Failed:
			return ref(live.Object) + " has failed since"
		case run.State == RunFailed && live.Progress == Succeeded && !live.Odd:
			return "Helm gave up waiting, and " + ref(live.Object) + " has succeeded since"
		}
	}
	return ""
}

func warnings(all []Event) []Event {
	const most = 3
	found := slices.DeleteFunc(slices.Clone(all), func(e Event) bool { return !e.Warning })
	return found[max(0, len(found)-most):]
}

// readable are the Pods of which a container has begun.
func readable(o ObjectFacts) []plan.Object {
	pods := o.Pods
	if o.Pod != nil {
		pods = []Pod{*o.Pod}
	}
	for _, p := range pods {
		if slices.ContainsFunc(p.Containers, func(c Container) bool { return c.State != waiting || c.Restarts > 0 }) {
			return []plan.Object{{APIVersion: "v1", Kind: "Pod", Namespace: o.Object.Namespace, Name: p.Name}}
		}
	}
	return nil
}
