package status

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

func Test_what_a_last_run_means(t *testing.T) {
	hour := time.Hour - time.Second
	back := newest(func(r *Revision) { r.Description = "Rollback to 1" })
	migrate := aHook("migrate", plan.PreInstall, plan.PreUpgrade, plan.PreRollback)
	for _, c := range []struct {
		name  string
		facts Facts
		state RunState
		event plan.Event
		words string
	}{
		{"succeeded", someFacts(plan.StatusDeployed, with(migrate.ran(phaseSucceeded, hour))), RunSucceeded, plan.PreInstall, ""},
		{"a stored Running after a failure", someFacts(plan.StatusFailed, with(migrate.ran(phaseRunning, hour))), RunAbandoned, plan.PreInstall, "has died, or was killed, while it waited"},
		{"and the Job has come to its end since", someFacts(plan.StatusPendingInstall, with(migrate.ran(phaseRunning, hour).job(Succeeded))), RunAbandoned, plan.PreInstall, "; Job/migrate has succeeded since"},
		{
			"an uninstall notes no failure, and the Job is gone", someFacts(plan.StatusUninstalling, with(aHook("bye", plan.PreDelete).ran(phaseRunning, hour))),
			RunAbandoned, plan.PreDelete, "or the hook has failed, which an uninstall does not note",
		},
		{"Unknown", someFacts(plan.StatusFailed, with(migrate.ran(phaseUnknown, hour))), RunInterrupted, plan.PreInstall, "Ctrl-C, a cancelled CI job"},
		{"a phase of the future", someFacts(plan.StatusDeployed, with(migrate.ran("Paused", hour))), RunUnknown, plan.PreInstall, `"Paused", which is not known here`},
		{"it gave up, and the Job has succeeded since", someFacts(plan.StatusFailed, with(migrate.ran(phaseFailed, hour).job(Succeeded))), RunFailed, plan.PreInstall, "gave up waiting, and Job/migrate has succeeded since"},
		{
			"copied by a rollback", someFacts(plan.StatusDeployed, history(revision(1, plan.StatusSuperseded)), back, with(aHook("smoke", plan.PostInstall).ran(phaseSucceeded, 48*time.Hour))),
			RunSucceeded, plan.PostInstall, "that was in revision 1 or before: a rollback copies the last runs of its target",
		},
		{
			"before the uninstall", someFacts(plan.StatusUninstalling, newest(func(r *Revision) { r.Deleted = ago(time.Minute) }), with(migrate.ran(phaseSucceeded, hour))),
			RunSucceeded, "", "that was before the uninstall",
		},
		{
			"which of two events it was is not stored", someFacts(plan.StatusDeployed, with(aHook("both", plan.PreInstall, plan.PostInstall).ran(phaseSucceeded, hour))),
			RunSucceeded, "", "whether that was in pre-install or post-install is not stored: a hook has one last run for all its events",
		},
		{"not of this action", someFacts(plan.StatusDeployed, with(aHook("bye", plan.PreDelete, plan.TestEvent))), RunNone, "", "pre-delete comes with helm uninstall and test comes with helm test"},
		{"--no-hooks", someFacts(plan.StatusDeployed, with(migrate)), RunNone, "", "--no-hooks"},
		{"the action failed before", someFacts(plan.StatusFailed, with(aHook("smoke", plan.PostInstall))), RunNone, "", "the install failed before its turn"},
		{"another hook failed before", someFacts(plan.StatusFailed, with(aHook("smoke", plan.PostInstall), migrate.ran(phaseFailed, hour))), RunNone, "", "Job/migrate came before it, and failed"},
		{"Helm died before", someFacts(plan.StatusPendingInstall, with(aHook("smoke", plan.PostInstall))), RunNone, "", "the install broke off before its turn"},
		{"not yet", someFacts(plan.StatusPendingInstall, newest(func(r *Revision) { r.LastDeployed, r.Written = noon(), noon() }), with(aHook("smoke", plan.PostInstall))), RunNone, "", "its turn has not come yet"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := Judge(c.facts)
			run := r.Hooks[len(r.Hooks)-1].Run
			for _, h := range r.Hooks {
				if h.Hook.Name == c.facts.Hooks[0].Hook.Name {
					run = h.Run
				}
			}
			if run.State != c.state || run.Event != c.event || !strings.Contains(run.Meaning, c.words) || c.words == "" && run.Meaning != "" {
				t.Errorf("%s, in %q: %s\nwant %s, in %q: %s", run.State, run.Event, run.Meaning, c.state, c.event, c.words)
			}
		})
	}
}

func Test_what_became_of_an_object(t *testing.T) {
	hour := time.Hour - time.Second
	migrate := aHook("migrate", plan.PreInstall)
	succeeded, failed := migrate.ran(phaseSucceeded, hour), migrate.ran(phaseFailed, hour)
	ttl := func(h HookFacts, seconds int) HookFacts {
		h.Hook.Text = fmt.Sprintf("kind: Job\nmetadata: {name: migrate}\nspec: {ttlSecondsAfterFinished: %d}\n", seconds)
		return h
	}
	item := succeeded
	item.Hook.Text = "kind: List\nitems:\n- kind: Job\n  metadata: {name: migrate}\n  spec: {ttlSecondsAfterFinished: 60}\n"
	was := func(change func(*ObjectFacts)) HookFacts { return succeeded.job(Succeeded, change) }
	set := func(h HookFacts, change func(*ObjectFacts)) HookFacts {
		o := h.Objects[0]
		change(&o)
		h.Objects = []ObjectFacts{o}
		return h
	}
	crd := succeeded.policy(plan.HookSucceeded)
	crd.Hook.Kind = crdKind
	for _, c := range []struct {
		name  string
		hook  HookFacts
		state LiveState
		odd   bool
		words string
	}{
		{"there as it should be", succeeded.job(Succeeded), Exists, false, "still there, succeeded"},
		{"deleted by hook-succeeded", succeeded.policy(plan.HookSucceeded), Gone, false, "Helm has deleted it after the success (hook-succeeded)"},
		{"deleted by hook-failed", failed.policy(plan.HookFailed), Gone, false, "after the failure (hook-failed), and its log with it"},
		{"a CRD is never deleted by policy", crd, Gone, false, "nobody knows by whom"},
		{"a TTL that is over", ttl(succeeded, 60), Gone, false, "ttlSecondsAfterFinished (60) may have removed it, or somebody has"},
		{"a TTL that is not over", ttl(succeeded, 86400), Gone, false, "somebody has deleted it; its ttlSecondsAfterFinished (86400) would not be over yet"},
		{"a TTL in a List", item, Gone, false, "ttlSecondsAfterFinished (60) may have removed it"},
		{"a TTL after a run without an end", ttl(migrate.ran(phaseRunning, hour), 60), Gone, false, "may have removed it"},
		{"gone without explanation", succeeded, Gone, false, "gone: nobody knows by whom; no policy of the hook deletes it"},
		{"failed, and not there", failed, Gone, false, "or never made, if Helm could not create it"},
		{"killed, and not there", migrate.ran(phaseRunning, hour), Gone, false, "or never made, if Helm ended before that"},
		{"never made", migrate, Absent, false, "not there, as it has not run"},
		{"going away", was(func(o *ObjectFacts) { o.Deleting, o.Finalizers = ago(time.Minute), []string{"a/b"} }), Leaving, true, "deleted 60s ago and waits for whoever put that finalizer there to take a/b off it"},
		{"not quite deleted yet", was(func(o *ObjectFacts) { o.Deleting = noon().Add(time.Minute) }), Leaving, true, "has time left to end"},
		{"somebody else's", was(func(o *ObjectFacts) { o.Managers = []string{"kubectl-create"} }), Foreign, true, "but not by Helm: kubectl-create made it"},
		{"an ordinary object", was(func(o *ObjectFacts) { o.Owner = "web/other" }), Foreign, true, "as an ordinary object of release web/other"},
		{"there although it has not run", migrate.job(Succeeded, func(o *ObjectFacts) { o.Created = ago(5 * time.Hour) }), Exists, true, "from an older revision: the hook has not run in this one"},
		{"older than its run", was(func(o *ObjectFacts) { o.Created = ago(5 * time.Hour) }), Exists, true, "the hook itself has not run"},
		{"younger than its run", was(func(o *ObjectFacts) { o.Created = ago(time.Minute) }), Exists, true, "made 60s ago, after this run had ended"},
		{"there although hook-succeeded", succeeded.policy(plan.HookSucceeded).job(Succeeded), Exists, true, "although hook-succeeded should have deleted it"},
		{"there although hook-failed", failed.policy(plan.HookFailed).job(Failed), Exists, true, "although hook-failed should have deleted it"},
		{"could not be read", set(succeeded, func(o *ObjectFacts) { o.Unread = "forbidden" }), Unread, false, "not known: forbidden"},
		{"no such kind", set(succeeded, func(o *ObjectFacts) { o.NoSuchKind = true }), Gone, false, "does not serve this kind"},
	} {
		t.Run(c.name, func(t *testing.T) {
			live := Judge(someFacts(plan.StatusDeployed, with(c.hook))).Hooks[0].Objects[0]
			if live.State != c.state || live.Odd != c.odd || !strings.Contains(live.Meaning, c.words) {
				t.Errorf("%s, odd %v: %s\nwant %s, odd %v: %s", live.State, live.Odd, live.Meaning, c.state, c.odd, c.words)
			}
		})
	}
}

func Test_why_a_hook_failed(t *testing.T) {
	failed := aHook("migrate", plan.PreInstall).ran(phaseFailed, time.Hour-time.Second)
	event := func(o *ObjectFacts) {
		o.Events = []Event{
			{Of: "Job/migrate", Warning: true, Reason: "FailedCreate", Message: "exceeded quota"},
			{Of: "Job/migrate", Reason: "SuccessfulCreate", Message: "made"},
		}
	}
	job := func(change func(*Job)) func(*ObjectFacts) { return func(o *ObjectFacts) { change(o.Job) } }
	wait := func(reason, message string) Pod {
		return aPod(Running, Container{Name: "main", State: waiting, Reason: reason, Message: message})
	}
	evicted, homeless := aPod(Failed), aPod(Running)
	evicted.Reason, evicted.Message, homeless.Unscheduled = "Evicted", "low on memory", "0/3 nodes are available"
	crash := Container{Name: "main", State: waiting, Reason: "CrashLoopBackOff", Restarts: 4, LastExitCode: 2, LastReason: "Error"}
	oom := exited(137, func(c *Container) { c.Reason = "OOMKilled" })
	initial := exited(1, func(c *Container) { c.Init, c.Name, c.Message = true, "setup", "no database\nat all" })
	for _, c := range []struct {
		name        string
		hook        HookFacts
		short, text string
	}{
		{"an exit code", failed.job(Failed, pods(aPod(Failed, exited(3)))), "exit code 3", "container main ended with exit code 3 (BackoffLimitExceeded)"},
		{"several Pods", failed.job(Failed, pods(aPod(Failed, exited(3))), job(func(j *Job) { j.Failed = 7 })), "exit code 3", "container main ended with exit code 3 (BackoffLimitExceeded after 7 failed Pods)"},
		{"an init container", failed.job(Failed, pods(aPod(Failed, initial, exited(0)))), "exit code 1", "init container setup ended with exit code 1: no database (BackoffLimitExceeded)"},
		{"a signal", failed.job(Failed, pods(aPod(Failed, exited(0, func(c *Container) { c.Signal = 9 })))), "signal 9", "container main ended with signal 9 (BackoffLimitExceeded)"},
		{"out of memory", failed.job(Failed, pods(aPod(Failed, oom))), "OOMKilled", "container main used more memory than it may (OOMKilled, exit code 137) (BackoffLimitExceeded)"},
		{"evicted", failed.job(Failed, pods(evicted)), "Evicted", "Pod migrate-x7f2c: Evicted: low on memory (BackoffLimitExceeded)"},
		{"no image", failed.job(Running, pods(wait("ImagePullBackOff", "Back-off pulling image \"nope\""))), "ImagePullBackOff", "container main cannot start: ImagePullBackOff: Back-off pulling image \"nope\""},
		{"a container that is being made is no reason", failed.job(Running, pods(wait("ContainerCreating", ""))), "not done in time", "Helm gave up waiting after 5s: the Job still runs"},
		{"no node", failed.job(Running, pods(homeless)), "cannot be scheduled", "Pod migrate-x7f2c cannot be scheduled: 0/3 nodes are available"},
		{"crash loop", failed.job(Running, pods(aPod(Running, crash))), "exit code 2", "container main ends with exit code 2 again and again (CrashLoopBackOff, 4 restarts)"},
		{"deadline", failed.job(Failed, job(func(j *Job) { j.Reason = "DeadlineExceeded" })), "DeadlineExceeded", "the Job ran longer than its activeDeadlineSeconds (DeadlineExceeded)"},
		{"the Pods are gone", failed.job(Failed), "BackoffLimitExceeded", "BackoffLimitExceeded"},
		{"no Pod could be made", failed.job(Running, event), "FailedCreate", "event FailedCreate of Job/migrate: exceeded quota"},
		{"suspended", failed.job(Suspended), "suspended", "the Job is suspended (spec.suspend: true), so that it never ends"},
		{"a failed Pod tells more than one that hangs", failed.job(Failed, pods(wait("ErrImagePull", ""), aPod(Failed, exited(3)))), "exit code 3", "container main ended with exit code 3 (BackoffLimitExceeded)"},
		{"the timeout of Helm", failed.job(Running), "not done in time", "Helm gave up waiting after 5s: the Job still runs"},
		{"it succeeded since", failed.job(Succeeded), "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			reason := Judge(someFacts(plan.StatusFailed, with(c.hook))).Hooks[0].Objects[0].Reason
			if reason == nil {
				reason = &Reason{}
			}
			if reason.Short != c.short || reason.Text != c.text {
				t.Errorf("%q: %q\nwant %q: %q", reason.Short, reason.Text, c.short, c.text)
			}
		})
	}
}

func Test_a_failure_of_which_nothing_is_left_has_the_words_of_helm(t *testing.T) {
	f := someFacts(plan.StatusFailed, with(aHook("migrate", plan.PreInstall).ran(phaseFailed, time.Hour-time.Second)), newest(func(r *Revision) {
		r.Description = "Release \"shop\" failed: failed pre-install: jobs.batch \"migrate\" already exists"
	}))
	if got := Judge(f).Hooks[0].Run.Meaning; got != `Helm noted: jobs.batch "migrate" already exists` {
		t.Error(got)
	}
}

func Test_hooks_in_trouble_come_first_and_then_as_they_ran(t *testing.T) {
	minutes := func(n int) time.Duration { return time.Duration(n) * time.Minute }
	f := someFacts(plan.StatusFailed, with(
		aHook("idle", plan.PreDelete), aHook("second", plan.PreInstall).ran(phaseSucceeded, minutes(50)), aHook("first", plan.PreInstall).ran(phaseSucceeded, minutes(55)),
		aHook("bad", plan.PostInstall).ran(phaseFailed, minutes(40)), aHook("odd", plan.PreInstall).ran(phaseSucceeded, minutes(45)).policy(plan.HookSucceeded).job(Succeeded),
	))
	var got []string
	for _, h := range Judge(f).Hooks {
		got = append(got, h.Hook.Name)
	}
	if text := strings.Join(got, " "); text != "bad odd first second idle" {
		t.Error(text)
	}
}

func Test_history_says_what_statuses_mean_together(t *testing.T) {
	back := newest(func(r *Revision) { r.RollbackTo = 1 })
	for _, c := range []struct {
		before plan.Status
		want   string
	}{
		{plan.StatusFailed, "a rollback to revision 1 after revision 2 failed"},
		{plan.StatusPendingUpgrade, "a rollback to revision 1 after revision 2 was left pending-upgrade"},
		{plan.StatusSuperseded, "a rollback to revision 1"},
	} {
		r := Judge(someFacts(plan.StatusDeployed, history(revision(1, plan.StatusSuperseded), revision(2, c.before)), back))
		if got := r.History[2].Note; got != c.want || r.Action != plan.Rollback {
			t.Errorf("%s: %q, want %q", r.Action, got, c.want)
		}
	}
}
