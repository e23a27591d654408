package status

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

func timeline(action plan.Action, change func(*plan.Timeline)) plan.Timeline {
	t := plan.Timeline{Action: action, Outcome: plan.Outcome{Result: plan.OK}}
	if change != nil {
		change(&t)
	}
	return t
}

func planned(lines ...plan.Timeline) func(*Facts) {
	return func(f *Facts) { f.Plan = &plan.Plan{Timelines: lines} }
}

func stepOf(h HookFacts, result plan.Result, notRun bool) plan.Phase {
	return plan.Phase{Name: "post-upgrade", Steps: []plan.Step{{Hook: h.Hook, Result: result, NotRun: notRun}}}
}

// verdictCase is what a release's facts should come to.
type verdictCase struct {
	name  string
	facts Facts
	state State
	want  string
}

func judged(t *testing.T, cases []verdictCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := Judge(c.facts)
			if r.State != c.state || r.Verdict != c.want {
				t.Errorf("%s: %s\nwant %s: %s", r.State, r.Verdict, c.state, c.want)
			}
			if r.Troubled() != (c.state == Stuck || c.state == Broken || c.state == HookFailed) {
				t.Error("troubled:", r.Troubled())
			}
		})
	}
}

// withExit is a failed Job whose container has ended with exit code 3.
func withExit(h HookFacts) HookFacts { return h.job(Failed, pods(aPod(Failed, exited(3)))) }

func Test_the_verdict_on_an_action_that_has_ended(t *testing.T) {
	migrate, smoke := aHook("migrate", plan.PreInstall, plan.PreUpgrade), aHook("smoke", plan.PostInstall, plan.PostUpgrade)
	bye, hour := aHook("bye", plan.PreDelete), time.Hour-time.Second
	judged(t, []verdictCase{
		{
			"all is well", someFacts(plan.StatusDeployed, with(migrate.ran(phaseSucceeded, hour), smoke.ran(phaseSucceeded, hour), bye)),
			Fine, "shop is deployed; all 2 hooks of the last install succeeded",
		},
		{"no hooks", someFacts(plan.StatusDeployed), Fine, "shop is deployed and has no hooks"},
		{"none has run", someFacts(plan.StatusDeployed, with(bye)), Fine, "shop is deployed; its one hook did not run in the last install"},
		{
			"a post-install hook failed", someFacts(plan.StatusFailed, with(migrate.ran(phaseSucceeded, hour), withExit(smoke.ran(phaseFailed, hour)))),
			Broken, "the install of shop failed 60m ago: its post-install hook Job/smoke failed: exit code 3. All ordinary objects had been made before that, and are there",
		},
		{
			"a pre-upgrade hook failed, and the Job is gone",
			someFacts(plan.StatusFailed, history(revision(1, plan.StatusDeployed)), with(migrate.ran(phaseFailed, hour).policy(plan.HookFailed)), newest(func(r *Revision) {
				r.Description = "Upgrade \"shop\" failed: pre-upgrade hooks failed: 1 error occurred:\n\t* job migrate failed: BackoffLimitExceeded\n\n"
			})),
			Broken, "the upgrade of shop failed 60m ago: its pre-upgrade hook Job/migrate failed: job migrate failed: BackoffLimitExceeded. The ordinary objects had not been changed by then. To Helm, revision 1 is still the deployed one",
		},
		{
			"no hook is to blame", someFacts(plan.StatusFailed, newest(func(r *Revision) { r.Description = `Release "shop" failed: services "web" is forbidden` })),
			Broken, `the install of shop failed 60m ago: services "web" is forbidden`,
		},
		{
			"interrupted", someFacts(plan.StatusFailed, with(migrate.ran(phaseUnknown, hour).job(Running))),
			Broken, "the install of shop failed 60m ago: Helm was interrupted while it waited for pre-install hook Job/migrate. No ordinary object had been made by then",
		},
		{
			"uninstalled, history kept, leftovers",
			someFacts(plan.StatusUninstalled, newest(func(r *Revision) { r.Deleted = ago(time.Minute) }), with(migrate.ran(phaseSucceeded, hour).job(Succeeded))),
			Uninstalled, "shop was uninstalled 60s ago; its history is kept, and its hooks have left Job/migrate",
		},
		{
			"a failure that a rollback has copied is none of this revision",
			someFacts(plan.StatusDeployed, history(revision(1, plan.StatusSuperseded)), newest(func(r *Revision) { r.Description = "Rollback to 1" }), with(smoke.ran(phaseFailed, 48*time.Hour))),
			Fine, "shop is deployed; its one hook did not run in the last rollback",
		},
		{
			"the next upgrade would fail",
			someFacts(plan.StatusDeployed, planned(timeline(plan.Upgrade, func(l *plan.Timeline) {
				l.Outcome = plan.Outcome{Result: plan.Failed, Error: "already exists"}
				l.Phases = []plan.Phase{stepOf(smoke, plan.Failed, false)}
			}))),
			Attention, "shop is deployed and has no hooks. But helm upgrade would fail now, at Job/smoke",
		},
		{
			"the next upgrade would not run a hook",
			someFacts(plan.StatusDeployed, planned(timeline(plan.Upgrade, func(l *plan.Timeline) {
				l.Phases = []plan.Phase{stepOf(smoke, plan.OK, true)}
			}))),
			Attention, "shop is deployed and has no hooks. But the next helm upgrade would not run Job/smoke again, and call that a success",
		},
	})
}

func Test_the_verdict_on_an_action_that_has_not_ended(t *testing.T) {
	migrate, hour := aHook("migrate", plan.PreInstall, plan.PreUpgrade), time.Hour-time.Second
	bye, probe := aHook("bye", plan.PreDelete), aHook("probe", plan.TestEvent)
	recently := newest(func(r *Revision) { r.LastDeployed, r.Written = ago(40*time.Second), ago(40*time.Second) })
	judged(t, []verdictCase{
		{
			"killed long ago", someFacts(plan.StatusPendingInstall, with(migrate.ran(phaseRunning, hour).job(Running))),
			Stuck, "shop is stuck in pending-install since 2026-11-03 11:00:00 UTC (60m): Helm has probably died while it waited for Job/migrate",
		},
		{
			"killed long ago, in an image that cannot be pulled",
			someFacts(plan.StatusPendingInstall, with(migrate.ran(phaseRunning, hour).job(Running, pods(aPod(Running, Container{Name: "main", State: waiting, Reason: "ImagePullBackOff"}))))),
			Stuck, "shop is stuck in pending-install since 2026-11-03 11:00:00 UTC (60m): Helm has probably died while it waited for Job/migrate (ImagePullBackOff)",
		},
		{
			"at work, perhaps", someFacts(plan.StatusPendingInstall, recently, with(migrate.ran(phaseRunning, 30*time.Second).job(Running))),
			Working, "shop is pending-install for 40s: Helm may be at work right now, waiting for Job/migrate; if it is not, it has died and the release is stuck",
		},
		{
			"at work, perhaps, on ordinary objects", someFacts(plan.StatusPendingInstall, recently, with(migrate.ran(phaseSucceeded, 30*time.Second))),
			Working, "shop is pending-install for 40s: Helm may be at work right now; if it is not, it has died and the release is stuck",
		},
		{
			"died between hooks", someFacts(plan.StatusPendingInstall, with(migrate.ran(phaseSucceeded, hour))),
			Stuck, "shop is stuck in pending-install since 2026-11-03 11:00:00 UTC (60m): Helm has probably died, or ended with an error that it could not note",
		},
		{
			"an uninstall whose hook failed counts from its own start",
			someFacts(plan.StatusUninstalling, newest(func(r *Revision) { r.Deleted = ago(2 * time.Minute) }), with(withExit(bye.ran(phaseRunning, 110*time.Second)))),
			Stuck, "shop is stuck in uninstalling since 2026-11-03 11:58:00 UTC (2m): its pre-delete hook Job/bye failed: exit code 3",
		},
		{
			"a test failed", someFacts(plan.StatusDeployed, with(withExit(probe.ran(phaseFailed, time.Minute)))),
			HookFailed, "shop is deployed; its test Job/probe failed 55s ago: exit code 3",
		},
		{
			"a test may be running", someFacts(plan.StatusDeployed, newest(func(r *Revision) { r.Written = ago(20 * time.Second) }), with(probe.ran(phaseRunning, 20*time.Second).job(Running))),
			Working, "shop is deployed, and Helm may be at work on it right now: Job/probe began 20s ago",
		},
		{
			"a test whose Helm died", someFacts(plan.StatusDeployed, with(probe.ran(phaseRunning, 30*time.Minute).job(Running))),
			HookFailed, "shop is deployed; its test Job/probe began 30m ago, and Helm has not noted its end",
		},
	})
}

func Test_whether_helm_is_at_work_is_never_certain(t *testing.T) {
	migrate := aHook("migrate", plan.PreUpgrade)
	now := newest(func(r *Revision) { r.LastDeployed, r.Written = ago(2*time.Minute), ago(2*time.Minute) })
	for _, c := range []struct {
		name  string
		facts Facts
		state WorkState
		words []string
	}{
		{"an end is an end", someFacts(plan.StatusFailed), WorkNo, []string{`"failed", which an action says at its end`}},
		{
			"a running Job and a fresh record", someFacts(plan.StatusPendingUpgrade, now, with(migrate.ran(phaseRunning, time.Minute).job(Running))),
			WorkMaybe,
			[]string{"last wrote the record 60s ago", "Job/migrate, for which it then waited, still runs", "No cluster shows whether a Helm process is there"},
		},
		{
			"a Job that has ended without a word of Helm", someFacts(plan.StatusPendingUpgrade, now, with(migrate.ran(phaseRunning, time.Minute).job(Succeeded))),
			WorkHardly,
			[]string{"Job/migrate succeeded 56s ago, and Helm, which would note that at once, has not"},
		},
		{
			"a Job that has just ended", someFacts(plan.StatusPendingUpgrade, now, with(migrate.ran(phaseRunning, 10*time.Second).job(Succeeded))),
			WorkMaybe,
			[]string{"last wrote the record 10s ago"},
		},
		{
			"a Job of an earlier run has ended long ago", someFacts(plan.StatusPendingUpgrade, now, with(migrate.ran(phaseRunning, time.Minute).job(Succeeded, func(o *ObjectFacts) {
				o.Created, o.Job.Ended = ago(5*time.Hour), ago(4*time.Hour)
			}))),
			WorkMaybe, nil,
		},
		{
			"a running Job and an old record", someFacts(plan.StatusPendingUpgrade, with(migrate.ran(phaseRunning, 50*time.Minute).job(Running))),
			WorkHardly,
			[]string{"waits 5m for each unless --timeout says more", "Job/migrate still runs, which it does with and without Helm"},
		},
		{"no time is known", someFacts(plan.StatusPendingUpgrade, newest(func(r *Revision) { *r = Revision{Number: 1, Status: plan.StatusPendingUpgrade} })), WorkHardly, []string{"does not tell"}},
		{
			"a hook that Helm has noted as failed ends a rollback", someFacts(plan.StatusPendingRollback, now, with(aHook("back", plan.PreRollback).ran(phaseFailed, time.Minute))),
			WorkNo,
			[]string{"Job/back failed, and an action of Helm ends with that"},
		},
		{
			"a failed hook ends an uninstall unnoted", someFacts(plan.StatusUninstalling, now, with(aHook("bye", plan.PreDelete).ran(phaseRunning, 5*time.Second).job(Failed))),
			WorkHardly,
			[]string{"Job/bye failed 1s ago, and with that an uninstall ends without noting it"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Judge(c.facts).Work
			if got.State != c.state {
				t.Errorf("%s, want %s: %s", got.State, c.state, got.Why)
			}
			if i := slices.IndexFunc(c.words, func(words string) bool { return !strings.Contains(got.Why, words) }); i >= 0 {
				t.Errorf("%q lacks %q", got.Why, c.words[i])
			}
		})
	}
}
