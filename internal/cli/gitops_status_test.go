package cli

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/helm-hooks/helm-hooks/test/schema"
)

// statusOf is a HelmRelease's status after an attempt at its spec, with more of it, and a history.
func statusOf(more string, history ...string) string {
	return fmt.Sprintf(`{"observedGeneration":1,"lastAttemptedGeneration":1,"lastAttemptedReleaseAction":"upgrade","lastAttemptedRevision":"1.4.0","lastAttemptedConfigDigest":"sha256:b","storageNamespace":"web"%s,"history":[%s]}`,
		more, strings.Join(history, ","))
}

// seen is a revision in the history, made of the values with that digest.
func seen(revision int, status, values, more string) string {
	return fmt.Sprintf(`{"name":"shop","namespace":"web","version":%d,"status":%q,"chartName":"shop","chartVersion":"1.4.0","configDigest":"sha256:%s"%s}`, revision, status, values, more)
}

// liveShop is the release with a newest revision of that status, and its HelmRelease.
func liveShop(spec, status, record, metadata string) *statusAPI {
	api := onlineRelease()
	hooks := storedHook("migrate", "pre-install,pre-upgrade,pre-rollback,pre-delete", "Succeeded", time.Hour) + "," + storedHook("check", "test", "", 0)
	api.records[2] = storedRecord{namespace: "web", release: "shop", revision: 3, status: record, age: time.Hour, hooks: hooks}
	api.objects["helmreleases/shop"] = strings.Replace(liveHelmRelease(gitChart+spec, status), `"generation":1`, `"generation":1`+metadata, 1)
	return api
}

// comingCase is a live HelmRelease, and what is said of what comes.
type comingCase struct {
	name, spec, status, record string
	says, never                []string
}

func (c comingCase) check(t *testing.T) {
	got := planOf(t, liveShop(c.spec, c.status, c.record, ""), "helmrelease/shop")
	if got.code != exitFine {
		t.Fatal(got.stderr)
	}
	contains(t, got.stdout, c.says...)
	timelines, _, _ := strings.Cut(got.stdout, "WHEN HELM-CONTROLLER")
	for _, word := range c.never {
		if word == "left to itself" && strings.Contains(got.stdout, word) || strings.Contains(timelines, word) {
			t.Errorf("%q in\n%s", word, got.stdout)
		}
	}
}

const (
	twoRetries = `,"upgrade":{"remediation":{"retries":2,"remediateLastFailure":false}}`
	withTests  = `,"test":{"enable":true}`
	stalledNow = "left to itself, as things are: nothing; stalled (RetriesExceeded) until the HelmRelease, chart or values change"
)

// The status of a HelmRelease decides what comes next (helm-controller 1.6.3 internal/reconcile/state.go
// DetermineReleaseState, atomic_release.go actionForState).
func Test_what_a_live_HelmRelease_has_behind_it_decides_what_comes(t *testing.T) {
	for _, c := range []comingCase{
		{
			"a release of somebody else is taken over", "", `{}`, "deployed",
			[]string{"UPGRADE    there is a release of that name that Flux has not made · from revision 3, deployed", "UNINSTALL  as UPGRADE, except pre-upgrade → pre-delete · the HelmRelease is being deleted · from what upgrade left"},
			[]string{"chart or values have changed ·"},
		},
		{
			"in sync", withTests, statusOf("", seen(3, "deployed", "b", `,"testHooks":{}`)), "deployed",
			[]string{"UPGRADE    chart or values have changed · from revision 3, deployed", "left to itself, as things are: nothing\n", "tested · from what upgrade left"},
			[]string{"tested · from revision 3"},
		},
		{
			"upgraded by hand", "", statusOf("", seen(2, "deployed", "b", "")), "deployed",
			[]string{"UPGRADE    the stored release is not as Flux saw it last"},
			[]string{"chart or values have changed ·"},
		},
		{
			"killed in an upgrade", twoRetries, statusOf("", seen(2, "deployed", "a", "")), "pending-upgrade",
			[]string{"UPGRADE    the stored release is not as Flux saw it last · from what unlock left"},
			[]string{"have changed"},
		},
	} {
		t.Run(c.name, c.check)
	}
}

func Test_the_failures_of_a_live_HelmRelease_decide_what_comes(t *testing.T) {
	failed, first := seen(3, "failed", "b", ""), seen(1, "superseded", "a", "")
	for _, c := range []comingCase{
		{
			"a retry is left", twoRetries, statusOf(`,"upgradeFailures":1`, failed, first), "failed",
			[]string{
				"ROLLBACK   spec.upgrade.remediation.retries: the failure is undone before the next try · from revision 3, failed", "runs the hooks of revision 1",
				"what was rolled back to is not what the HelmRelease wants",
			},
			[]string{"left to itself", "from what a failed upgrade left"},
		},
		{
			"no retry is left", twoRetries, statusOf(`,"upgradeFailures":3`, failed, first), "failed",
			[]string{stalledNow, "UPGRADE    chart, values or the HelmRelease have changed since the failure", "from what a failed upgrade left"},
			nil,
		},
		{
			"the object has changed since", twoRetries, strings.Replace(statusOf(`,"upgradeFailures":3`, failed, first), `"lastAttemptedGeneration":1`, `"lastAttemptedGeneration":0`, 1), "failed",
			[]string{"UPGRADE    chart, values or the HelmRelease have changed since the failure"},
			[]string{"left to itself"},
		},
		{
			"rolled back for good", twoRetries, statusOf(`,"upgradeFailures":3`, seen(3, "deployed", "a", ""), seen(2, "failed", "b", ""), first), "deployed",
			[]string{stalledNow},
			nil,
		},
		{
			"rolled back, with a retry left", twoRetries, statusOf(`,"upgradeFailures":1`, seen(3, "deployed", "a", ""), seen(2, "failed", "b", ""), first), "deployed",
			[]string{"UPGRADE    chart or values have changed"},
			[]string{"left to itself"},
		},
	} {
		t.Run(c.name, c.check)
	}
}

func Test_what_the_tests_of_a_live_HelmRelease_have_shown_decides_what_comes(t *testing.T) {
	deployed := seen(3, "deployed", "b", "")
	for _, c := range []comingCase{
		{"untested", withTests, statusOf("", deployed), "deployed", []string{"TEST       spec.test.enable is set, and this revision has not been tested · from revision 3, deployed"}, nil},
		{
			"killed in a test", withTests, statusOf("", seen(3, "deployed", "b", `,"testHooks":{"check":{"phase":"Running"}}`)), "deployed",
			[]string{"TEST       spec.test.enable is set, and this revision has not been tested"},
			nil,
		},
		{
			"a test has failed, and no retry is left", withTests, statusOf(`,"upgradeFailures":1`, seen(3, "deployed", "b", `,"testHooks":{"check":{"phase":"Failed"},"other":{}}`)), "deployed",
			[]string{stalledNow, "tested · from what upgrade left"},
			[]string{"tested · from revision 3"},
		},
	} {
		t.Run(c.name, c.check)
	}
}

// What a killed upgrade leaves has no revision to go back to any more: the history is cleared with the next upgrade.
func Test_a_failure_after_a_kill_has_nothing_to_go_back_to(t *testing.T) {
	spec, status := `,"upgrade":{"remediation":{"retries":1}}`, statusOf("", seen(2, "deployed", "a", ""))
	got := planOf(t, liveShop(spec, status, "pending-upgrade", ""), "helmrelease/shop", "--fail", "Job/migrate")
	contains(t, got.stdout, "1 UNLOCK", "2 UPGRADE", "THEN       stalled (MissingRollbackTarget)")
	if strings.Contains(got.stdout, "ROLLBACK") {
		t.Error(got.stdout)
	}
}

func Test_of_a_HelmRelease_that_is_deleted_only_the_uninstall_comes(t *testing.T) {
	inRepository(t)
	const deleted = `,"deletionTimestamp":"2026-01-01T00:00:00Z"`
	for _, c := range []struct {
		name, record, status string
		flags                []string
	}{
		{"deployed", "deployed", statusOf("", seen(3, "deployed", "b", "")), nil},
		// What would be undone otherwise is not, and the reason is the deletion.
		{"failed", "failed", statusOf(`,"upgradeFailures":1`, seen(3, "failed", "b", "")), nil},
		{"with a failure", "deployed", statusOf("", seen(3, "deployed", "b", "")), []string{"--fail", "Job/migrate"}},
		{"before a chart of another name", "deployed", statusOf("", seen(3, "deployed", "b", "")), []string{"--chart", "./testdata/charts/every-event"}},
	} {
		api := liveShop(`,"upgrade":{"remediation":{"retries":2,"strategy":"uninstall"}}`, c.status, c.record, deleted)
		got := planOf(t, api, append([]string{"helmrelease/shop"}, c.flags...)...)
		contains(t, got.stdout, "it is being deleted: all that comes is its uninstall", "UNINSTALL", "the HelmRelease is being deleted · from revision 3, "+c.record, "pre-delete")
		for _, word := range []string{"WHEN HELM-CONTROLLER", "INSTALL  ", "UPGRADE", "the upgrade", "name has changed"} {
			if strings.Contains(strings.ReplaceAll(got.stdout, "UNINSTALL", ""), word) {
				t.Errorf("%s: %q in\n%s", c.name, word, got.stdout)
			}
		}
	}
	api := liveShop("", statusOf("", seen(3, "deployed", "b", "")), "deployed", deleted)
	schema.Validate(t, schema.Strict(t, "docs/schema", "plan"), []byte(planOf(t, api, "helmrelease/shop", "-o", "json").stdout))
	moved := liveShop(`,"releaseName":"store","storageNamespace":"flux-system"`, statusOf("", seen(3, "deployed", "b", "")), "deployed", deleted)
	contains(t, planOf(t, moved, "helmrelease/shop").stdout, "release shop in namespace web · context dev · revision 3, deployed", "UNINSTALL  the HelmRelease is being deleted")
	api.records = nil
	contains(t, planOf(t, api, "helmrelease/shop").stderr, "helmrelease/shop is being deleted, and there is no release shop in namespace web: nothing is uninstalled, and no hook runs")
	got := planOf(t, liveShop("", `{}`, "deployed", deleted), "helmrelease/shop")
	contains(t, got.stdout, "it is being deleted, and nothing is uninstalled: Flux has made no release for it")
	if strings.Contains(got.stdout, "UNINSTALL") {
		t.Error(got.stdout)
	}
	api = liveShop(`,"suspend":true`, statusOf("", seen(3, "deployed", "b", "")), "deployed", deleted)
	got = planOf(t, api, "helmrelease/shop")
	contains(t, got.stdout, "it is being deleted, and nothing is uninstalled")
	if strings.Contains(got.stdout, "UNINSTALL") {
		t.Error(got.stdout)
	}
	got = planOf(t, api, "helmrelease/shop", "--action", "upgrade")
	contains(t, got.stderr, "--action upgrade: helmrelease/shop is being deleted, and all that comes is its uninstall")
	got = planOf(t, api, "helmrelease/shop", "--action", "upgrade", "--engine", "helm4")
	contains(t, got.stdout, "UPGRADE")
}

func Test_Flux_picks_the_revision_to_roll_back_to(t *testing.T) {
	api := liveShop("", statusOf("", seen(3, "deployed", "b", "")), "deployed", "")
	got := planOf(t, api, "helmrelease/shop", "--revision", "1")
	contains(t, got.stderr, "--revision has no effect on helmrelease/shop: Flux itself picks the revision that it rolls back to")
	got = planOf(t, api, "helmrelease/shop", "--revision", "1", "--engine", "helm4", "--action", "rollback")
	contains(t, got.stdout, "runs the hooks of revision 1")
}

func Test_a_HelmRelease_that_Flux_leaves_alone_is_not_said_to_be_installed(t *testing.T) {
	for _, c := range []struct {
		spec, status string
		installs     bool
	}{
		{"", `{}`, true},
		{`,"suspend":true`, `{}`, false},
		{"", `{"conditions":[{"type":"Stalled","status":"True","reason":"RetriesExceeded"}]}`, false},
	} {
		api := liveShop(c.spec, c.status, "deployed", "")
		api.records = nil
		got := planOf(t, api, "helmrelease/shop", "--chart", chartFolder(t))
		contains(t, got.stdout, "there is no release shop in namespace web")
		if strings.Contains(got.stdout, "Flux installs it") != c.installs {
			t.Errorf("%s %s\n%s", c.spec, c.status, got.stdout)
		}
	}
}
