package oracle

import (
	"strings"
	"testing"

	"github.com/helm-hooks/helm-hooks/test/oracle/scenario"
)

// corner demands that Helm and the machine agree on a life.
func corner(t *testing.T, name string, charts []scenario.Chart, steps ...scenario.Step) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		if _, err := agree(t, scenario.Scenario{Release: "r", Namespace: "ns", Charts: charts, Steps: steps}, newest(t), Run); err != nil {
			t.Error(err)
		}
	})
}

func TestCorners(t *testing.T) {
	config := func(name, rest string) string {
		return "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: " + name + "\n" + rest
	}
	for _, helm := range helms {
		// handleContext hands failRelease an empty list of what was created (upgrade.go).
		hook := object("Job", "b", "hook: post-upgrade")
		corner(t, "interrupted post-upgrade with cleanup-on-fail, helm"+helm, []scenario.Chart{chartOf(hook), chartOf(hook, config("new", ""))},
			scenario.Step{Helm: helm, Action: "install"},
			scenario.Step{Helm: helm, Action: "upgrade", Chart: 1, CleanupOnFail: true, Faults: at("interrupt", "Job/b")})

		// An update of an object that is not in the old manifest takes the live one for the baseline of its patch
		// (v3.22 client.go update, "using cluster state as baseline"), so that the keep of the hook goes.
		charts := []scenario.Chart{chartOf(config("a", "")), chartOf(
			config("b", "  annotations: {helm.sh/hook: pre-upgrade, helm.sh/resource-policy: keep}\n"), config("b", ""),
			object("Job", "x", "hook: post-upgrade"))}
		corner(t, "keep of a hook is gone after a client-side update from nothing, helm"+helm, charts,
			scenario.Step{Helm: helm, Action: "install", ServerSide: map[string]string{"4": "false"}[helm]},
			scenario.Step{Helm: helm, Action: "upgrade", Chart: 1, Atomic: true, Faults: at("wait", "Job/x")})
	}
	// What was interrupted has ended by the next action: server-side apply over it leaves nothing to wait for.
	chart := chartOf(object("Job", "a", "hook: pre-install,pre-rollback", "hook-delete-policy: hook-succeeded"))
	corner(t, "signal after an interrupt", []scenario.Chart{chart}, scenario.Step{Helm: "4", Action: "install", Faults: at("interrupt", "Job/a")},
		scenario.Step{Helm: "4", Action: "rollback", RollbackTo: 1, Faults: at("interrupt", "Job/a")})

	// A three-way patch does not take suspend away, which only the hook has.
	job := object("Job", "b")
	suspended := strings.Replace(object("Job", "b", "hook: pre-install", `hook-delete-policy: ""`, "resource-policy: keep"), "spec:\n", "spec:\n  suspend: true\n", 1)
	charts := []scenario.Chart{chartOf(suspended, job), chartOf(config("c", ""))}
	corner(t, "suspended by the hook alone", charts, scenario.Step{Helm: "4", Action: "install"}, scenario.Step{Helm: "3", Action: "rollback", RollbackTo: 1},
		scenario.Step{Helm: "3", Action: "upgrade", Chart: 1}, scenario.Step{Helm: "3", Action: "uninstall"}, scenario.Step{Helm: "4", Action: "install"})

	// The release's marks still belong to the manager that applied them, though the last upgrade patched.
	charts = []scenario.Chart{chartOf(config("a", "  annotations: {helm.sh/hook: pre-delete, helm.sh/hook-delete-policy: \"\"}\n"), config("a", "data: {a: i}\n"))}
	corner(t, "marks taken away after a client-side upgrade", charts, scenario.Step{Helm: "4", Action: "install"},
		scenario.Step{Helm: "4", Action: "upgrade", ServerSide: "false"}, scenario.Step{Helm: "4", Action: "uninstall"})

	// What the hook POSTed and the manifest does not mention still belongs to the manager that POSTed it.
	charts = []scenario.Chart{chartOf(config("b", "  annotations: {helm.sh/hook: pre-install}\ndata: {a: j}\n"),
		config("b", "  annotations: {helm.sh/hook: pre-delete, helm.sh/hook-delete-policy: hook-succeeded}\ndata: {a: i}\n"), config("b", ""))}
	corner(t, "a field of the hook under the manifest's object", charts, scenario.Step{Helm: "3", Action: "install"},
		scenario.Step{Helm: "3", Action: "rollback", RollbackTo: 1}, scenario.Step{Helm: "4", Action: "uninstall"})

	// A failed client-side upgrade has patched what the deployed revision applied: the next apply meets a conflict,
	// which only force decides (v4 pkg/action/upgrade.go ForceConflicts).
	chart = chartOf(config("a", "data: {r: \"{{ .Release.Revision }}\"}\n"))
	for _, forced := range []bool{false, true} {
		corner(t, map[bool]string{false: "a field conflict", true: "a field conflict, forced"}[forced], []scenario.Chart{chart},
			scenario.Step{Helm: "4", Action: "install"},
			scenario.Step{Helm: "4", Action: "upgrade", ServerSide: "false", Wait: "watcher", Faults: at("wait", "resources")},
			scenario.Step{Helm: "4", Action: "upgrade", ServerSide: "true", ForceConflicts: forced},
			scenario.Step{Helm: "4", Action: "upgrade", ServerSide: "true"})
	}
}

// Helm keeps ten records, and a rollback may go to the very one that it forgets.
func TestForgottenRecords(t *testing.T) {
	chart := chartOf(object("Job", "a", "hook: pre-upgrade,pre-rollback"), strings.Replace(object("ConfigMap", "plain"), "a: b", `revision: "{{ .Release.Revision }}"`, 1))
	for _, helm := range helms {
		steps := []scenario.Step{{Helm: helm, Action: "install"}}
		for range 9 {
			steps = append(steps, scenario.Step{Helm: helm, Action: "upgrade"})
		}
		full := len(steps)
		failing := scenario.Step{Helm: helm, Action: "upgrade", Faults: at("wait", "Job/a")}
		for name, next := range map[string][]scenario.Step{
			"upgrade":                {{Action: "upgrade"}, {Action: "upgrade"}},
			"rollback to the oldest": {{Action: "rollback", RollbackTo: 1}, {Action: "rollback", RollbackTo: 1}, {Action: "rollback", RollbackTo: 2}},
			"atomic keeps one more":  {{Action: "upgrade", Atomic: true, Faults: at("wait", "Job/a@pre-upgrade")}, {Action: "upgrade"}},
			"the deployed one stays": {failing, failing, failing, failing, failing, failing, failing, failing, failing, failing, failing, {Action: "rollback", RollbackTo: 10}},
		} {
			for i := range next {
				next[i].Helm = helm
			}
			corner(t, name+", helm"+helm, []scenario.Chart{chart}, append(steps[:full:full], next...)...)
		}
	}
}
