package plan_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// fluxPlan plans a chart of one hook an event under a HelmRelease.
func fluxPlan(t interface {
	Helper()
	Fatal(...any)
}, flux plan.Flux, faults ...plan.Fault,
) plan.Plan {
	t.Helper()
	engine, err := plan.ParseEngine("flux")
	if err != nil {
		t.Fatal(err)
	}
	made, err := plan.Make(plan.Input{
		Engine: engine, Release: plan.Release{Name: "r", Namespace: "n"}, Render: fluxChart, Flux: &flux, Faults: faults,
	})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func fluxChart(plan.Fields) (plan.Rendered, error) {
	documents := []plan.Document{{Template: "c/templates/plain.yaml", Text: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: plain}\n"}}
	for _, event := range []string{"pre-install", "post-install", "pre-upgrade", "post-upgrade", "pre-rollback", "post-rollback", "pre-delete", "post-delete", "test"} {
		documents = append(documents, plan.Document{
			Template: "c/templates/" + event + ".yaml",
			Text: fmt.Sprintf("apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: %[1]s\n  annotations: {helm.sh/hook: %[1]s}\nspec:\n  template:\n    spec:\n      restartPolicy: Never\n",
				event),
		})
	}
	return plan.Rendered{Documents: documents}, nil
}

// chain writes the steps of a situation and its end in one line.
func chain(s plan.Situation) string {
	var words []string
	for _, step := range s.Steps {
		word := string(step.Action)
		switch {
		case step.Failed:
			word += "!"
		case step.Killed:
			word += "~"
		}
		if len(step.Events) == 0 && step.Action != "unlock" {
			word += "-"
		}
		words = append(words, word)
	}
	return strings.TrimSpace(strings.Join(words, " ") + " => " + endOf(s.End))
}

func endOf(e plan.FluxEnd) string {
	text := e.Ready + " " + e.Reason
	if e.Stalled != "" {
		text += " stalled " + e.Stalled
	}
	if e.Again != "" {
		text += fmt.Sprintf(" again %s %s from %d", e.Again, e.Interval, e.Repeats)
	}
	return strings.TrimSpace(text)
}

func pointer[T any](v T) *T { return &v }

// The rows are those of what helm-controller runs when. ! failed, ~ killed, - without hooks.
func Test_what_helm_controller_runs(t *testing.T) {
	remediation := func(retries int) plan.FluxAction {
		return plan.FluxAction{Remediation: plan.FluxRemediation{Retries: retries}}
	}
	for _, c := range []struct {
		name, id, want string
		flux           plan.Flux
	}{
		{"a new HelmRelease", "first", "install => True InstallSucceeded", plan.Flux{}},
		{"with tests", "first", "install test => True TestSucceeded", plan.Flux{Test: plan.FluxTest{Enabled: true}}},
		{"a change", "changed", "upgrade => True UpgradeSucceeded", plan.Flux{}},
		{"a change with tests", "changed", "upgrade test => True TestSucceeded", plan.Flux{Test: plan.FluxTest{Enabled: true}}},
		{"nothing changed", "unchanged", "=> True InstallSucceeded", plan.Flux{}},
		{"force", "forced", "upgrade => True UpgradeSucceeded", plan.Flux{}},
		{"adoption", "foreign", "upgrade => True UpgradeSucceeded", plan.Flux{}},
		{"tests switched on later", "test-enabled", "test => True TestSucceeded", plan.Flux{}},
		{"an install fails", "install-fails", "install! => False InstallFailed stalled RetriesExceeded", plan.Flux{}},
		{
			"an install fails with two retries", "install-fails",
			"install! uninstall install! uninstall install! => False InstallFailed stalled RetriesExceeded",
			plan.Flux{Install: remediation(2)},
		},
		{
			"the last failed install is undone too", "install-fails", "install! uninstall install! uninstall => False InstallFailed stalled RetriesExceeded",
			plan.Flux{Install: plan.FluxAction{Remediation: plan.FluxRemediation{Retries: 1, LastFailure: pointer(true)}}},
		},
		{
			"an install is retried without end", "install-fails", "install! uninstall => False InstallFailed again at-once 0s from 1",
			plan.Flux{Install: remediation(-1)},
		},
		{
			"RetryOnFailure upgrades", "install-fails", "install! upgrade! => False UpgradeFailed again interval 5m0s from 2",
			plan.Flux{Install: plan.FluxAction{RetryOnFailure: true}, Upgrade: plan.FluxAction{RetryOnFailure: true}},
		},
		{"values change after a failed install", "install-fails-changed", "upgrade => True UpgradeSucceeded", plan.Flux{}},
		{"an upgrade fails", "upgrade-fails", "upgrade! => False UpgradeFailed stalled RetriesExceeded", plan.Flux{}},
		{
			"an upgrade fails with a retry", "upgrade-fails", "upgrade! rollback upgrade! rollback => False RollbackSucceeded stalled RetriesExceeded",
			plan.Flux{Upgrade: remediation(1)},
		},
		{
			"the last failed upgrade stays", "upgrade-fails", "upgrade! rollback upgrade! => False UpgradeFailed stalled RetriesExceeded",
			plan.Flux{Upgrade: plan.FluxAction{Remediation: plan.FluxRemediation{Retries: 1, LastFailure: pointer(false)}}},
		},
		{
			"an upgrade is retried every minute", "upgrade-fails", "upgrade! => False UpgradeFailed again interval 1m0s from 1",
			plan.Flux{Upgrade: plan.FluxAction{RetryOnFailure: true, RetryInterval: time.Minute}},
		},
		{
			"a failed upgrade is uninstalled", "upgrade-fails", "upgrade! uninstall install => True InstallSucceeded",
			plan.Flux{Upgrade: plan.FluxAction{Remediation: plan.FluxRemediation{Retries: 1, Uninstall: true}}},
		},
		{
			"a test fails", "test-fails", "upgrade test! => False TestFailed stalled RetriesExceeded",
			plan.Flux{Test: plan.FluxTest{Enabled: true}},
		},
		{
			"a test fails and that is ignored", "test-fails", "upgrade test! => True UpgradeSucceeded",
			plan.Flux{Test: plan.FluxTest{Enabled: true, IgnoreFailures: true}},
		},
		{
			"a test fails with a retry", "test-fails", "upgrade test! rollback upgrade test! rollback => False RollbackSucceeded stalled RetriesExceeded",
			plan.Flux{Test: plan.FluxTest{Enabled: true}, Upgrade: remediation(1)},
		},
		{"killed in the first install", "killed-install", "install~ unlock upgrade => True UpgradeSucceeded", plan.Flux{}},
		{"killed in an upgrade", "killed-upgrade", "upgrade~ unlock upgrade => True UpgradeSucceeded", plan.Flux{}},
		{"killed in an upgrade with retries", "killed-upgrade", "upgrade~ unlock upgrade => True UpgradeSucceeded", plan.Flux{Upgrade: remediation(3)}},
		{"another target", "target", "uninstall install => True InstallSucceeded", plan.Flux{}},
		{"another name with a kept record", "target", "uninstall install => True InstallSucceeded", plan.Flux{Uninstall: plan.FluxAction{KeepHistory: true}}},
		{"another chart", "chart-name", "uninstall install => True InstallSucceeded", plan.Flux{}},
		{"another chart in place", "chart-name", "upgrade => True UpgradeSucceeded", plan.Flux{ChartNameInPlace: true}},
		{
			"another chart with a kept record", "chart-name", "uninstall install! => False InstallFailed again back-off 0s from 2",
			plan.Flux{Uninstall: plan.FluxAction{KeepHistory: true}},
		},
		{
			"a test fails after the first install", "test-fails-first", "install test! uninstall install test! => False TestFailed stalled RetriesExceeded",
			plan.Flux{Test: plan.FluxTest{Enabled: true}, Install: remediation(1)},
		},
		{"deleted", "deleted", "uninstall =>", plan.Flux{}},
		{"deleted while suspended", "deleted", "=>", plan.Flux{Suspended: true}},
		{"suspended", "suspended", "=>", plan.Flux{Suspended: true}},
		{"install hooks off", "first", "install- => True InstallSucceeded", plan.Flux{Install: plan.FluxAction{DisableHooks: true}}},
		{"upgrade hooks off", "changed", "upgrade- => True UpgradeSucceeded", plan.Flux{Upgrade: plan.FluxAction{DisableHooks: true}}},
		{"uninstall hooks off", "deleted", "uninstall- =>", plan.Flux{Uninstall: plan.FluxAction{DisableHooks: true}}},
		{
			"rollback hooks off", "upgrade-fails", "upgrade! rollback- upgrade! rollback- => False RollbackSucceeded stalled RetriesExceeded",
			plan.Flux{Upgrade: remediation(1), Rollback: plan.FluxAction{DisableHooks: true}},
		},
		{
			"an uninstalled record is in the way of the next install", "install-fails", "install! uninstall install! => False InstallFailed again back-off 0s from 3",
			plan.Flux{Install: remediation(2), Uninstall: plan.FluxAction{KeepHistory: true}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, s := range fluxPlan(t, c.flux).Situations {
				if s.ID == c.id {
					if got := chain(s); got != c.want {
						t.Errorf("%s: %q, want %q", s.ID, got, c.want)
					}
					return
				}
			}
			t.Errorf("no situation %s", c.id)
		})
	}
}

// life writes the actions of a life with their hooks.
func lifeOf(p plan.Plan) []string {
	var lines []string
	for _, line := range p.Timelines {
		text := string(line.Action)
		for _, phase := range line.Phases {
			for _, step := range phase.Steps {
				if step.Result != plan.Skipped {
					text += " " + phase.Name
				}
			}
		}
		lines = append(lines, text+" "+string(line.Outcome.Result))
	}
	return append(lines, endOf(*p.FluxEnd))
}

func Test_a_hook_that_fails_under_flux(t *testing.T) {
	retries := plan.FluxRemediation{Retries: 1}
	for _, c := range []struct {
		name  string
		flux  plan.Flux
		fault plan.Fault
		want  []string
	}{
		{
			"in an install with a retry",
			plan.Flux{Install: plan.FluxAction{Remediation: retries}},
			plan.Fault{Object: "Job/post-install", At: plan.FaultWait},
			[]string{"install pre-install post-install failed", "uninstall pre-delete post-delete ok", "install pre-install post-install failed", "False InstallFailed stalled RetriesExceeded"},
		},
		{
			"once",
			plan.Flux{Install: plan.FluxAction{Remediation: retries}},
			plan.Fault{Object: "Job/pre-install", At: plan.FaultWait, Times: 1},
			[]string{"install pre-install failed", "uninstall pre-delete post-delete ok", "install pre-install post-install ok", "True InstallSucceeded"},
		},
		{
			"in an upgrade with a retry",
			plan.Flux{Upgrade: plan.FluxAction{Remediation: retries}},
			plan.Fault{Object: "Job/pre-upgrade", At: plan.FaultWait},
			[]string{
				"upgrade pre-upgrade failed", "rollback pre-rollback post-rollback ok", "upgrade pre-upgrade failed", "rollback pre-rollback post-rollback ok",
				"False RollbackSucceeded stalled RetriesExceeded",
			},
		},
		{
			// A failed first install is never tried again: its hooks stay undone.
			"in an install with RetryOnFailure",
			plan.Flux{Install: plan.FluxAction{RetryOnFailure: true}},
			plan.Fault{Object: "Job/pre-install", At: plan.FaultWait},
			[]string{"install pre-install failed", "upgrade pre-upgrade post-upgrade ok", "True UpgradeSucceeded"},
		},
		{
			"in the deletion",
			plan.Flux{},
			plan.Fault{Object: "Job/pre-delete", At: plan.FaultWait},
			[]string{"uninstall pre-delete failed", "False UninstallFailed again back-off 0s from 1"},
		},
		{
			"at the end of the deletion",
			plan.Flux{},
			plan.Fault{Object: "Job/post-delete", At: plan.FaultWait},
			[]string{"uninstall pre-delete post-delete failed", ""},
		},
		{
			"and helm-controller is killed there",
			plan.Flux{Install: plan.FluxAction{Remediation: retries}},
			plan.Fault{Object: "Job/pre-install", At: plan.FaultKill, Times: 1},
			[]string{"install pre-install failed", "unlock ok", "upgrade pre-upgrade post-upgrade ok", "True UpgradeSucceeded"},
		},
		{
			// The record stays uninstalling, of which Flux can make nothing: it is no repetition.
			"in the uninstall between two installs",
			plan.Flux{Install: plan.FluxAction{Remediation: retries}},
			plan.Fault{Object: "Job/pre-delete", At: plan.FaultWait},
			[]string{"install pre-install failed", "uninstall pre-delete failed", "False StateError"},
		},
		{
			"at the end of a deletion that keeps the history",
			plan.Flux{Uninstall: plan.FluxAction{KeepHistory: true}},
			plan.Fault{Object: "Job/post-delete", At: plan.FaultWait},
			[]string{"uninstall pre-delete post-delete failed", ""},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			faults := []plan.Fault{c.fault}
			if c.name == "in the uninstall between two installs" {
				faults = append(faults, plan.Fault{Object: "Job/pre-install", At: plan.FaultWait})
			}
			if diff := cmp.Diff(c.want, lifeOf(fluxPlan(t, c.flux, faults...))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// Whatever a HelmRelease says, helm-controller comes to an end or is seen to go round in circles, and no install
// follows a failed one without an uninstall between.
func Test_helm_controller_comes_to_an_end(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		action := func(name string) plan.FluxAction {
			a := plan.FluxAction{
				DisableHooks: rapid.Bool().Draw(t, name+" hooks"), DisableWait: rapid.Bool().Draw(t, name+" wait"), KeepHistory: rapid.Bool().Draw(t, name+" keep"),
				Replace: rapid.Bool().Draw(t, name+" replace"), CleanupOnFail: rapid.Bool().Draw(t, name+" cleanup"), RetryOnFailure: rapid.Bool().Draw(t, name+" retry"),
			}
			a.Remediation.Retries = rapid.IntRange(-1, 3).Draw(t, name+" retries")
			a.Remediation.Uninstall = rapid.Bool().Draw(t, name+" uninstall")
			a.Remediation.LastFailure = rapid.SampledFrom([]*bool{nil, pointer(true), pointer(false)}).Draw(t, name+" last")
			a.Remediation.IgnoreTestFailures = rapid.SampledFrom([]*bool{nil, pointer(true), pointer(false)}).Draw(t, name+" tests")
			return a
		}
		flux := plan.Flux{Install: action("install"), Upgrade: action("upgrade"), Rollback: action("rollback"), Uninstall: action("uninstall")}
		flux.Test = plan.FluxTest{Enabled: rapid.Bool().Draw(t, "test"), IgnoreFailures: rapid.Bool().Draw(t, "ignore")}
		flux.MaxHistory = rapid.SampledFrom([]*int{nil, pointer(0), pointer(1), pointer(2)}).Draw(t, "history")
		for _, s := range fluxPlan(t, flux).Situations {
			if strings.HasPrefix(s.End.Note, "played for") {
				t.Fatalf("%s goes on for ever without a repetition: %s", s.ID, chain(s))
			}
			for i, step := range s.Steps {
				if i > 0 && step.Action == plan.Install && s.Steps[i-1].Action == plan.Install && s.End.Again != plan.FluxBackoff {
					t.Fatalf("%s: %s", s.ID, chain(s))
				}
			}
		}
		hook := rapid.SampledFrom([]string{"pre-install", "post-install", "pre-upgrade", "post-rollback", "pre-delete", "post-delete"}).Draw(t, "hook")
		fault := plan.Fault{Object: "Job/" + hook, At: plan.FaultWait, Times: rapid.IntRange(0, 2).Draw(t, "times")}
		engine, _ := plan.ParseEngine("flux")
		made, err := plan.Make(plan.Input{Engine: engine, Release: plan.Release{Name: "r", Namespace: "n"}, Render: fluxChart, Flux: &flux, Faults: []plan.Fault{fault}})
		if err != nil {
			return // the hook is never run
		}
		if !slices.ContainsFunc(made.Timelines, func(l plan.Timeline) bool { return l.Outcome.Result == plan.Failed }) {
			t.Fatal("the fault strikes, and nothing fails")
		}
	})
}
