package oracle

import (
	"strings"
	"testing"

	"github.com/helm-hooks/helm-hooks/test/oracle/scenario"
)

// What people try after a failure, where two actions must fail or a flag is needed, so that a row of the
// failure table cannot say it. Real binaries were seen to do the same.

// recovery plays steps on Helm and on the machine, which must agree, and compares the records that the last
// step leaves.
func recovery(t *testing.T, helm, want, refusal string, steps ...scenario.Step) {
	t.Helper()
	recoveryOf(t, signalled(), helm, want, refusal, steps...)
}

func recoveryOf(t *testing.T, chart scenario.Chart, helm, want, refusal string, steps ...scenario.Step) {
	t.Helper()
	for i := range steps {
		steps[i].Helm = helm
	}
	sc := scenario.Scenario{Release: "r", Namespace: "ns", Charts: []scenario.Chart{chart}, Steps: steps}
	if _, err := agree(t, sc, newest(t), Run); err != nil {
		t.Error(err)
	}
	results := play(t, sc.Charts, steps...)
	last := results[len(results)-1]
	text, _, _ := strings.Cut(brief(last), "\nleft")
	if text != want || !strings.Contains(last.Err, refusal) || (refusal == "") != (last.Err == "") {
		t.Errorf("helm %s: %s (%s), want %s (%s)", helm, text, last.Err, want, refusal)
	}
}

func TestWaysOutOfUninstalling(t *testing.T) {
	failed := scenario.Step{Action: "uninstall", Faults: at("wait", "Job/del")}
	for _, helm := range helms {
		recovery(t, helm, "= failed 1:uninstalling", "has no deployed releases", scenario.Step{Action: "install"}, failed, scenario.Step{Action: "upgrade"})
		recovery(t, helm, "= 1:uninstalling 2:deployed", "", scenario.Step{Action: "install"}, failed, scenario.Step{Action: "rollback", RollbackTo: 1})
		recovery(t, helm, "=", "", scenario.Step{Action: "install"}, failed, scenario.Step{Action: "uninstall", NoHooks: true})
		// With an older revision that is still deployed the upgrade works.
		recovery(t, helm, "= 1:superseded 2:uninstalling 3:deployed", "", scenario.Step{Action: "install"},
			scenario.Step{Action: "upgrade", Faults: at("wait", "Job/pre")}, failed, scenario.Step{Action: "upgrade"})
	}
}

// upgrade.go failRelease looks for a revision that is superseded or deployed.
func TestAtomicUpgradeWithNothingToGoBackTo(t *testing.T) {
	for _, helm := range helms {
		recovery(t, helm, "= failed 1:failed 2:failed", "unable to find a previously successful release",
			scenario.Step{Action: "install", Faults: at("wait", "Job/pre")},
			scenario.Step{Action: "upgrade", Atomic: true, Faults: at("wait", "Job/pre")})
	}
}

// A Job that failed and that nothing deletes: POST finds it in the way, server-side apply finds it failed.
func TestLeftoverFailedJob(t *testing.T) {
	chart := chartOf(object("Job", "a", "hook: pre-install,pre-upgrade", `hook-delete-policy: ""`))
	for helm, refusal := range map[string]string{"3": "already exists", "4": "status: Failed"} {
		recoveryOf(t, chart, helm, "= failed 1:failed 2:failed", refusal,
			scenario.Step{Action: "install", Faults: at("wait", "Job/a")}, scenario.Step{Action: "upgrade"})
	}
}

func TestKilledInstallNeedsAnUninstall(t *testing.T) {
	killed := scenario.Step{Action: "install", Faults: at("kill", "Job/pre")}
	for _, helm := range helms {
		for _, c := range []struct {
			step    scenario.Step
			refusal string
		}{
			{scenario.Step{Action: "upgrade"}, "in progress"},
			{scenario.Step{Action: "install"}, "still in use"},
			{scenario.Step{Action: "install", Replace: true}, "still in use"},
			{scenario.Step{Action: "rollback"}, "release has no 0 version"},
		} {
			recovery(t, helm, "= failed 1:pending-install", c.refusal, killed, c.step)
		}
		recovery(t, helm, "=", "", killed, scenario.Step{Action: "uninstall"})
		after := after(t, helm, "", killed, scenario.Step{Helm: helm, Action: "uninstall"})[1]
		if !strings.Contains(told(after), "pre-delete wait Job/del\n") || !strings.Contains(told(after), "post-delete wait Job/gone\n") {
			t.Errorf("helm %s: no delete hooks\n%s", helm, told(after))
		}
	}
}
