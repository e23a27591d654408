package oracle

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/helm-hooks/helm-hooks/test/oracle/scenario"
)

// The expectations here are from Helm's code (cited beside scenario.Fault and in stage/signal.go) and from
// what real binaries did when they were signalled.

// signalled has a Job for each event that the tests below stop Helm at. No policy deletes any of them.
func signalled() scenario.Chart {
	policy := "hook-delete-policy: hook-failed"
	return chartOf(object("Job", "pre", "hook: pre-install,pre-upgrade,pre-rollback", "hook-delete-policy: before-hook-creation,hook-failed,hook-succeeded"),
		object("Job", "del", "hook: pre-delete", policy), object("Job", "gone", "hook: post-delete", policy),
		object("Job", "check", "hook: test", policy), object("Job", "other", "hook: test", policy), object("ConfigMap", "plain"))
}

// at is a fault that strikes once.
func at(point, target string) []scenario.Fault {
	name, event, _ := strings.Cut(target, "@")
	return []scenario.Fault{{Object: name, Event: event, At: point, Times: 1}}
}

// after plays a last step after some of the actions, and gives what it did.
func after(t *testing.T, helm, before string, last scenario.Step, next ...scenario.Step) []scenario.StepResult {
	t.Helper()
	var steps []scenario.Step
	for action := range strings.FieldsSeq(before) {
		steps = append(steps, scenario.Step{Helm: helm, Action: action})
	}
	last.Helm = helm
	results := play(t, []scenario.Chart{signalled()}, append(append(steps, last), next...)...)
	return results[len(steps):]
}

// brief are the records, the error and the objects that a step leaves.
func brief(s scenario.StepResult) string {
	lines := strings.Split(strings.TrimSpace(told(s)), "\n")
	return strings.Join(lines[len(lines)-2:], "\n") + "\n" + s.Err
}

func TestInstallAndUpgradeCatchAnInterrupt(t *testing.T) {
	for _, helm := range helms {
		step := after(t, helm, "", scenario.Step{Action: "install", Wait: "watcher", Faults: at("interrupt", "Job/pre")})[0]
		expect(t, step, strings.ReplaceAll(`
			pre-install delete Job/pre
			pre-install wait-deleted Job/pre
			pre-install record Job/pre
			pre-install PUT Job/pre
			pre-install wait Job/pre !
			= failed 1:failed
			left Job/pre`, "PUT", put[helm]))
		if diff := cmp.Diff(map[string]string{"batch/Job/ns/pre": "finished"}, step.States); diff != "" || step.Err != "context canceled" {
			t.Errorf("helm %s: %s, states: %s", helm, step.Err, diff)
		}
		step = after(t, helm, "install", scenario.Step{Action: "upgrade", Faults: at("interrupt", "Job/pre")})[0]
		if got, want := brief(step), "= failed 1:deployed 2:failed\nleft ConfigMap/plain Job/pre\ncontext canceled"; got != want {
			t.Errorf("helm %s upgrade:\n%s\nwant\n%s", helm, got, want)
		}
		// handleContext (upgrade.go) knows nothing of what the update created, so nothing is cleaned up.
		chart := signalled()
		bigger := signalled()
		bigger.Files["templates/new.yaml"] = object("ConfigMap", "new")
		step = play(t, []scenario.Chart{chart, bigger}, scenario.Step{Helm: helm, Action: "install"},
			scenario.Step{Helm: helm, Action: "upgrade", Chart: 1, Wait: "watcher", CleanupOnFail: true, Faults: at("interrupt", "resources")})[1]
		if got, want := brief(step), "= failed 1:deployed 2:failed\nleft ConfigMap/new ConfigMap/plain\ncontext canceled"; got != want {
			t.Errorf("helm %s upgrade, resources:\n%s\nwant\n%s", helm, got, want)
		}
	}
}

func TestAtomicUndoesAfterAnInterrupt(t *testing.T) {
	flag := map[string]string{"3": "atomic", "4": "rollback-on-failure"}
	for _, helm := range helms {
		step := after(t, helm, "", scenario.Step{Action: "install", Atomic: true, Faults: []scenario.Fault{{Object: "resources", At: "interrupt"}, {Object: "Job/del", At: "interrupt"}}})[0]
		want := `
			pre-install delete Job/pre
			pre-install wait-deleted Job/pre
			pre-install record Job/pre
			pre-install PUT Job/pre
			pre-install wait Job/pre
			pre-install delete Job/pre
			pre-install wait-deleted Job/pre
			resources PUT ConfigMap/plain
			resources wait ConfigMap/plain !
			pre-delete record Job/del
			pre-delete PUT Job/del
			pre-delete wait Job/del
			resources delete ConfigMap/plain
			resources wait-deleted ConfigMap/plain
			post-delete record Job/gone
			post-delete PUT Job/gone
			post-delete wait Job/gone
			= failed
			left Job/del Job/gone`
		if helm == "3" { // its clean-up does not wait
			want = strings.Replace(want, "resources wait-deleted ConfigMap/plain", "", 1)
		}
		expect(t, step, strings.ReplaceAll(strings.ReplaceAll(want, "PUT", put[helm]), "\n\t\t\t\n", "\n"))
		if want := "release r failed, and has been uninstalled due to " + flag[helm] + " being set: context canceled"; step.Err != want {
			t.Errorf("helm %s: %s, want %s", helm, step.Err, want)
		}
		step = after(t, helm, "install", scenario.Step{Action: "upgrade", Atomic: true, Faults: at("interrupt", "Job/pre@pre-upgrade")})[0]
		want = "= failed 1:superseded 2:failed 3:deployed\nleft ConfigMap/plain\nrelease r failed, and has been rolled back due to " + flag[helm] + " being set: context canceled"
		if got := brief(step); got != want {
			t.Errorf("helm %s upgrade:\n%s\nwant\n%s", helm, got, want)
		}
	}
}

// Only install and upgrade listen to SIGINT and SIGTERM (v3 cmd/helm, v4 pkg/cmd).
func TestOtherActionsDieOfAnInterrupt(t *testing.T) {
	for _, c := range []struct {
		before string
		step   scenario.Step
		want   string
	}{
		{"install upgrade", scenario.Step{Action: "rollback", Faults: at("interrupt", "Job/pre")}, "= failed 1:superseded 2:deployed 3:pending-rollback\nleft ConfigMap/plain Job/pre"},
		{"install upgrade", scenario.Step{Action: "rollback", Wait: "watcher", Faults: at("interrupt", "resources")}, "= failed 1:superseded 2:deployed 3:pending-rollback\nleft ConfigMap/plain"},
		{"install", scenario.Step{Action: "uninstall", Faults: at("interrupt", "Job/del")}, "= failed 1:uninstalling\nleft ConfigMap/plain Job/del"},
		{"install", scenario.Step{Action: "uninstall", Wait: "watcher", Faults: at("interrupt", "resources")}, "= failed 1:uninstalling\nleft Job/del"},
		{"install", scenario.Step{Action: "uninstall", Faults: at("interrupt", "Job/gone")}, "= failed 1:uninstalling\nleft Job/del Job/gone"},
		{"install", scenario.Step{Action: "test", Faults: at("interrupt", "Job/check")}, "= failed 1:deployed\nleft ConfigMap/plain Job/check"},
	} {
		for _, helm := range helms {
			if got, want := brief(after(t, helm, c.before, c.step)[0]), c.want+"\ninterrupted"; got != want {
				t.Errorf("helm %s %s:\n%s\nwant\n%s", helm, stepWords(c.step), got, want)
			}
		}
	}
}

// release_testing.go Run hides the hooks that the filter leaves out while execHook stores the record.
func TestInterruptedFilterLosesTheOtherHooks(t *testing.T) {
	for _, point := range []string{"interrupt", "kill"} {
		for _, helm := range helms {
			steps := after(t, helm, "install", scenario.Step{Action: "test", Filters: []string{"name=check"}, Faults: at(point, "Job/check")},
				scenario.Step{Helm: helm, Action: "uninstall"})
			expect(t, steps[1], "resources delete ConfigMap/plain\n=\nleft Job/check")
			steps = after(t, helm, "install", scenario.Step{Action: "test", Filters: []string{"name=check"}}, scenario.Step{Helm: helm, Action: "uninstall"})
			if got, want := brief(steps[1]), "=\nleft Job/check Job/del Job/gone\n"; got != want {
				t.Errorf("helm %s, not stopped:\n%s\nwant\n%s", helm, got, want)
			}
		}
	}
}

func TestKilled(t *testing.T) {
	atomic := append(at("kill", "Job/del@pre-delete"), at("create", "resources")...)
	for _, c := range []struct {
		before string
		step   scenario.Step
		want   string
	}{
		{"", scenario.Step{Action: "install", Faults: at("kill", "Job/pre")}, "= failed 1:pending-install\nleft Job/pre"},
		{"", scenario.Step{Action: "install", Atomic: true, Faults: at("kill", "resources")}, "= failed 1:pending-install\nleft ConfigMap/plain"},
		{"", scenario.Step{Action: "install", Atomic: true, Faults: atomic}, "= failed 1:uninstalling\nleft Job/del"},
		{"install", scenario.Step{Action: "upgrade", Atomic: true, Faults: at("kill", "Job/pre")}, "= failed 1:deployed 2:pending-upgrade\nleft ConfigMap/plain Job/pre"},
		{"install", scenario.Step{Action: "upgrade", Wait: "watcher", Faults: at("kill", "resources")}, "= failed 1:deployed 2:pending-upgrade\nleft ConfigMap/plain"},
		{"install", scenario.Step{Action: "upgrade", Atomic: true, Faults: append(at("wait", "Job/pre@pre-upgrade"), at("kill", "Job/pre@pre-rollback")...)}, "= failed 1:deployed 2:failed 3:pending-rollback\nleft ConfigMap/plain Job/pre"},
		{"install upgrade", scenario.Step{Action: "rollback", Faults: at("kill", "Job/pre")}, "= failed 1:superseded 2:deployed 3:pending-rollback\nleft ConfigMap/plain Job/pre"},
		{"install", scenario.Step{Action: "uninstall", Faults: at("kill", "Job/del")}, "= failed 1:uninstalling\nleft ConfigMap/plain Job/del"},
		{"install", scenario.Step{Action: "test", Faults: at("kill", "Job/check")}, "= failed 1:deployed\nleft ConfigMap/plain Job/check"},
	} {
		for _, helm := range helms {
			step := after(t, helm, c.before, c.step)[0]
			if got, want := brief(step), c.want+"\nkilled"; got != want {
				t.Errorf("helm %s %s:\n%s\nwant\n%s", helm, stepWords(c.step), got, want)
			}
			if last := step.Ops[len(step.Ops)-1]; last.Op != scenario.OpWait || last.Err != "killed" {
				t.Errorf("helm %s %s: the last operation is %s", helm, stepWords(c.step), last)
			}
		}
	}
}

// A signal needs a wait: what has ended, or what Helm does not wait for, is no place for one.
func TestSignalsNeedAWait(t *testing.T) {
	config := chartOf(object("ConfigMap", "a", "hook: pre-install"), object("ConfigMap", "plain"))
	stale := chartOf(object("Job", "a", "hook: pre-install,pre-upgrade", "hook-delete-policy: none"))
	for _, point := range []string{"interrupt", "kill"} {
		for _, helm := range helms {
			faults := append(at(point, "ConfigMap/a"), at(point, "resources")...)
			if step := play(t, []scenario.Chart{config}, scenario.Step{Helm: helm, Action: "install", Faults: faults})[0]; step.Err != "" {
				t.Errorf("helm %s %s: %s", helm, point, step.Err)
			}
		}
		steps := play(t, []scenario.Chart{stale}, scenario.Step{Helm: "4", Action: "install"}, scenario.Step{Helm: "4", Action: "upgrade", Faults: at(point, "Job/a")})
		if steps[1].Err != "" {
			t.Errorf("%s of a wait for a Job that is complete: %s", point, steps[1].Err)
		}
	}
	// What never ends does not end after Helm is gone either.
	suspended := chartOf(strings.Replace(object("Job", "j", "hook: pre-install"), "spec:\n", "spec:\n  suspend: true\n", 1))
	for _, helm := range helms {
		step := play(t, []scenario.Chart{suspended}, scenario.Step{Helm: helm, Action: "install", Faults: at("interrupt", "Job/j")})[0]
		if step.Err != "context canceled" || step.States["batch/Job/ns/j"] != "running" {
			t.Errorf("helm %s, suspended Job: %q, %v", helm, step.Err, step.States)
		}
	}
}

func TestTimesOfAFault(t *testing.T) {
	chart := chartOf(object("Job", "a", "hook: pre-upgrade,pre-rollback"), object("ConfigMap", "plain"))
	for _, c := range []struct {
		fault scenario.Fault
		want  string
	}{
		{scenario.Fault{Object: "Job/a", At: "wait", Times: 1}, "1:superseded 2:failed 3:deployed"},
		{scenario.Fault{Object: "Job/a", At: "wait", Times: 2}, "1:deployed 2:failed 3:pending-rollback"},
		{scenario.Fault{Object: "Job/a", At: "wait"}, "1:deployed 2:failed 3:pending-rollback"},
		{scenario.Fault{Object: "Job/a", At: "timeout", Times: 1}, "1:superseded 2:failed 3:deployed"},
		{scenario.Fault{Object: "Job/a", At: "create", Times: 1}, "1:superseded 2:failed 3:deployed"},
		{scenario.Fault{Object: "Job/a", At: "delete", Times: 1}, "1:superseded 2:failed 3:deployed"},
		{scenario.Fault{Object: "Job/a", At: "delete", Times: 2}, "1:deployed 2:failed 3:pending-rollback"},
		{scenario.Fault{Object: "resources", At: "create", Times: 1}, "1:superseded 2:failed 3:deployed"},
		{scenario.Fault{Object: "resources", At: "create"}, "1:deployed 2:superseded 3:failed"},
		{scenario.Fault{Object: "resources", At: "wait", Times: 1}, "1:superseded 2:failed 3:deployed"},
		{scenario.Fault{Object: "resources", At: "wait"}, "1:deployed 2:failed 3:failed"},
	} {
		for _, helm := range helms {
			step := play(t, []scenario.Chart{chart}, scenario.Step{Helm: helm, Action: "install"},
				scenario.Step{Helm: helm, Action: "upgrade", Atomic: true, Faults: []scenario.Fault{c.fault}})[1]
			if got, _, _ := strings.Cut(brief(step), "\n"); got != "= failed "+c.want {
				t.Errorf("helm %s %+v: %s, want %s", helm, c.fault, got, c.want)
			}
		}
	}
}

// uninstall --wait that gives up still runs post-delete and purges the records.
func TestResourcesThatAreSlowToGo(t *testing.T) {
	for _, helm := range helms {
		step := after(t, helm, "install", scenario.Step{Action: "uninstall", Wait: "watcher", Faults: at("wait", "resources")})[0]
		expect(t, step, strings.ReplaceAll(`
			pre-delete record Job/del
			pre-delete PUT Job/del
			pre-delete wait Job/del
			resources delete ConfigMap/plain
			resources wait-deleted ConfigMap/plain !
			post-delete record Job/gone
			post-delete PUT Job/gone
			post-delete wait Job/gone
			= failed
			left Job/del Job/gone`, "PUT", put[helm]))
	}
}

func TestContents(t *testing.T) {
	settings := strings.Replace(object("ConfigMap", "settings"), "a: b", `revision: "{{ .Release.Revision }}"`, 1)
	for _, helm := range helms {
		steps := play(t, []scenario.Chart{chartOf(settings, object("ConfigMap", "other"))},
			scenario.Step{Helm: helm, Action: "install"}, scenario.Step{Helm: helm, Action: "upgrade"}, scenario.Step{Helm: helm, Action: "rollback"})
		for i, want := range []string{"1", "2", "1"} {
			if diff := cmp.Diff(map[string]string{"/ConfigMap/ns/settings": want}, steps[i].Contents); diff != "" {
				t.Errorf("helm %s step %d: %s", helm, i, diff)
			}
		}
	}
}

// A process that was stopped leaves no goroutine of Helm behind in this one.
func TestStoppedHelmLeavesNothingRunning(t *testing.T) {
	life := func() {
		for _, helm := range helms {
			for _, point := range []string{"interrupt", "kill"} {
				for _, atomic := range []bool{false, true} {
					after(t, helm, "", scenario.Step{Action: "install", Atomic: atomic, Faults: at(point, "Job/pre")}, scenario.Step{Helm: helm, Action: "uninstall"},
						scenario.Step{Helm: helm, Action: "install"}, scenario.Step{Helm: helm, Action: "upgrade", Atomic: atomic, Faults: at(point, "Job/pre")},
						scenario.Step{Helm: helm, Action: "rollback", Faults: at(point, "Job/pre")}, scenario.Step{Helm: helm, Action: "rollback"},
						scenario.Step{Helm: helm, Action: "upgrade", Atomic: true, Faults: []scenario.Fault{{Object: "resources", Event: "upgrade", At: "create"}, {Object: "Job/pre", Event: "pre-rollback", At: point}}})
				}
			}
		}
	}
	life()
	before := runtime.NumGoroutine()
	for range 5 {
		life()
	}
	for deadline := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > before && time.Now().Before(deadline); {
		time.Sleep(10 * time.Millisecond)
	}
	if n := runtime.NumGoroutine(); n > before {
		t.Errorf("%d goroutines became %d", before, n)
	}
}
