package plan

import (
	"fmt"
	"testing"
)

func TestFailureStrandsTheRelease(t *testing.T) {
	testLint(t, []lintCase{
		{
			name: "pre-delete", chart: []string{job("clean", `hook: pre-delete`, goes)}, want: []string{"HH112 info Job/clean in uninstall pre-delete"},
			says: []string{
				`if Job/clean fails in pre-delete, nothing is deleted and the release stays "uninstalling", in which Helm refuses upgrades ("r" has no deployed releases)`,
				"to get out: helm uninstall r, helm uninstall r --no-hooks or helm rollback r 1",
			},
		},
		{
			name: "both events of a rollback, told once", chart: []string{job("migrate", `hook: pre-rollback,post-rollback`, goes)}, want: []string{"HH112 info Job/migrate in rollback pre-rollback"},
			says: []string{`the release stays "pending-rollback", in which Helm refuses upgrades (another operation (install/upgrade/rollback) is in progress)`, "to get out: helm rollback r 1"},
		},
		{name: "post-delete purges the records all the same", chart: []string{job("clean", `hook: post-delete`, goes)}},
		{name: "upgrades and installs leave a failed revision", chart: []string{job("migrate", `hook: pre-install,pre-upgrade,post-install,post-upgrade,test`, goes)}},
		{name: "a ConfigMap hardly fails", chart: []string{configMap("c", `hook: pre-delete,pre-rollback`)}},
		{name: "a hook that never completes is told of otherwise", chart: []string{manifest("v1", "Pod", "p", "spec: {}\n", `hook: pre-delete`)}},
	})
}

func TestFailedRunBlocksTheNext(t *testing.T) {
	const alone = `hook-delete-policy: hook-succeeded`
	testLint(t, []lintCase{
		{
			name: "hook-succeeded alone", chart: []string{job("migrate", bothBefore, alone)}, want: []string{"HH114 warning Job/migrate in install pre-install"},
			says: []string{
				`if Job/migrate fails in pre-install it stays (helm.sh/hook-delete-policy: "hook-succeeded"), and the next run finds the old failure and fails again, until someone deletes it by hand`,
				"write helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded",
			},
		},
		{name: "under Helm 3", engine: "helm3", chart: []string{job("migrate", `hook: pre-upgrade`, alone)}, want: []string{"HH114 warning Job/migrate in upgrade pre-upgrade"}, says: []string{"the next run fails (already exists)"}},
		{name: "a test keeps nothing from being deployed", chart: []string{job("check", `hook: test`, alone)}, want: []string{"HH114 info Job/check in test test"}},
		{
			name: "in pre-delete it strands the release, and uninstalling again does not help", chart: []string{job("clean", `hook: pre-delete`, alone)},
			want: []string{"HH112 info Job/clean in uninstall pre-delete", "HH114 warning Job/clean in uninstall pre-delete"},
			says: []string{"to get out: helm uninstall r --no-hooks or helm rollback r 1"},
		},
		{name: "deleted before the next run", chart: []string{job("migrate", bothBefore, goes)}},
		{name: "deleted when it fails", chart: []string{job("migrate", bothBefore, `hook-delete-policy: hook-succeeded,hook-failed`)}},
		{name: "the default", chart: []string{job("migrate", bothBefore)}},
		{name: "it deletes itself in time", chart: []string{manifest("batch/v1", "Job", "migrate", "spec: {ttlSecondsAfterFinished: 600, template: {spec: {restartPolicy: Never}}}\n", bothBefore, alone)}},
		{name: "nobody waits for a ConfigMap", chart: []string{configMap("c", bothBefore, alone)}},
	})
}

func TestNeverRuns(t *testing.T) {
	revision := func(f Fields) (Rendered, error) {
		return chartOf(job(fmt.Sprintf("migrate-%d", f.Revision), `hook: pre-upgrade`, goes))(f)
	}
	testLint(t, []lintCase{
		{
			name: "upgrade events on install only", render: byAction([]string{job("init", `hook: pre-upgrade`, goes)}, []string{configMap("x")}),
			want: []string{"HH113 warning Job/init"},
			says: []string{"Job/init never runs: the template gives it only on install, and its events (helm.sh/hook: \"pre-upgrade\") are those of an upgrade", "add an event of an install"},
		},
		{
			name: "install events on upgrade only", render: byAction([]string{configMap("x")}, []string{configMap("x"), job("init", `hook: post-install`, goes)}),
			want: []string{"HH113 warning Job/init"}, says: []string{"the template gives it only on upgrade"},
		},
		{name: "one event of each", render: byAction([]string{configMap("x")}, []string{configMap("x"), job("init", `hook: post-install,pre-upgrade`, goes)})},
		{name: "events of other actions", render: byAction([]string{configMap("x")}, []string{configMap("x"), job("init", `hook: post-delete`, goes)})},
		{name: "rendered every time", chart: []string{job("init", `hook: pre-upgrade`, goes), job("seed", `hook: post-install`, goes)}},
		{name: "under another name in each revision", render: revision},
	})
}
