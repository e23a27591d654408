package gitops

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

func TestFieldsOfAHelmReleaseReachThePlan(t *testing.T) {
	yes, no, three := true, false, 3
	for _, c := range []struct {
		name string
		spec []string
		want plan.Flux
	}{
		{"nothing is set", nil, plan.Flux{}},
		{"suspended", []string{"suspend: true"}, plan.Flux{Suspended: true}},
		{"the timeout and the history", []string{"timeout: 1h30m", "maxHistory: 3"}, plan.Flux{Timeout: 90 * time.Minute, MaxHistory: &three}},
		{"the waiter", []string{"waitStrategy: {name: legacy}"}, plan.Flux{WaitStrategy: "legacy"}},
		{
			"an install",
			[]string{"install: {disableHooks: true, disableWait: true, disableWaitForJobs: true, disableTakeOwnership: true, replace: true, crds: CreateReplace, timeout: 90s, serverSideApply: false}"},
			plan.Flux{Install: plan.FluxAction{DisableHooks: true, DisableWait: true, DisableWaitForJobs: true, DisableTakeOwnership: true, Replace: true, CRDs: "CreateReplace", Timeout: 90 * time.Second, ServerSide: plan.ServerSideFalse}},
		},
		{"an install by server-side apply", []string{"install: {serverSideApply: true}"}, plan.Flux{Install: plan.FluxAction{ServerSide: plan.ServerSideTrue}}},
		{
			"an upgrade",
			[]string{"upgrade: {disableHooks: true, disableWait: true, disableWaitForJobs: true, disableTakeOwnership: true, cleanupOnFail: true, crds: Skip, timeout: 2m, serverSideApply: disabled}"},
			plan.Flux{Upgrade: plan.FluxAction{DisableHooks: true, DisableWait: true, DisableWaitForJobs: true, DisableTakeOwnership: true, CleanupOnFail: true, CRDs: "Skip", Timeout: 2 * time.Minute, ServerSide: plan.ServerSideFalse}},
		},
		{
			"a rollback",
			[]string{"rollback: {disableHooks: true, disableWait: true, disableWaitForJobs: true, cleanupOnFail: true, timeout: 2m, serverSideApply: auto}"},
			plan.Flux{Rollback: plan.FluxAction{DisableHooks: true, DisableWait: true, DisableWaitForJobs: true, CleanupOnFail: true, Timeout: 2 * time.Minute, ServerSide: plan.ServerSideAuto}},
		},
		{
			"an uninstall",
			[]string{"uninstall: {disableHooks: true, disableWait: true, keepHistory: true, timeout: 2m}"},
			plan.Flux{Uninstall: plan.FluxAction{DisableHooks: true, DisableWait: true, KeepHistory: true, Timeout: 2 * time.Minute}},
		},
		{
			"remediation of installs",
			[]string{"install: {remediation: {retries: -1, ignoreTestFailures: true, remediateLastFailure: false}}"},
			plan.Flux{Install: plan.FluxAction{Remediation: plan.FluxRemediation{Retries: -1, IgnoreTestFailures: &yes, LastFailure: &no}}},
		},
		{
			"remediation of upgrades",
			[]string{"upgrade: {remediation: {retries: 3, strategy: uninstall, remediateLastFailure: true, ignoreTestFailures: false}}"},
			plan.Flux{Upgrade: plan.FluxAction{Remediation: plan.FluxRemediation{Retries: 3, Uninstall: true, LastFailure: &yes, IgnoreTestFailures: &no}}},
		},
		{
			"a failed upgrade is rolled back", []string{"upgrade: {remediation: {strategy: rollback}}"}, plan.Flux{},
		},
		{
			"RetryOnFailure",
			[]string{"install: {strategy: {name: RetryOnFailure}}", "upgrade: {strategy: {name: RetryOnFailure, retryInterval: 30s}}"},
			plan.Flux{Install: plan.FluxAction{RetryOnFailure: true}, Upgrade: plan.FluxAction{RetryOnFailure: true, RetryInterval: 30 * time.Second}},
		},
		{"RemediateOnFailure", []string{"install: {strategy: {name: RemediateOnFailure}}"}, plan.Flux{}},
		{
			"tests",
			[]string{"test: {enable: true, ignoreFailures: true, timeout: 1m, filters: [{name: a}, {name: b, exclude: true}]}"},
			plan.Flux{Test: plan.FluxTest{Enabled: true, IgnoreFailures: true, Timeout: time.Minute, Filters: []string{"name=a", "!name=b"}}},
		},
	} {
		if got := read(t, c.spec...).Flux; !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s:\ngot  %+v\nwant %+v", c.name, got, c.want)
		}
	}
}

// internal/release/name_test.go of helm-controller has the hash of the long name.
func TestTheNameAndThePlaceOfTheRelease(t *testing.T) {
	for _, c := range []struct {
		name   string
		spec   []string
		want   plan.Release
		stored string
	}{
		{"that of the object", nil, plan.Release{Name: "shop", Namespace: "web"}, "web"},
		{"releaseName", []string{"releaseName: store"}, plan.Release{Name: "store", Namespace: "web"}, "web"},
		{"targetNamespace comes first in the name", []string{"targetNamespace: prod"}, plan.Release{Name: "prod-shop", Namespace: "prod"}, "web"},
		{"storageNamespace", []string{"releaseName: store", "targetNamespace: prod", "storageNamespace: flux-system"}, plan.Release{Name: "store", Namespace: "prod"}, "flux-system"},
	} {
		h := read(t, c.spec...)
		if h.Release != c.want || h.Stored != c.stored {
			t.Errorf("%s: %v, stored in %s", c.name, h.Release, h.Stored)
		}
	}
	if got := shorten(strings.Repeat("a", 54)); len(got) != 53 || !strings.HasPrefix(got, strings.Repeat("a", 40)+"-") {
		t.Error(got)
	}
	h, err := ParseHelmRelease(one(t, strings.Replace(helmRelease(), ", namespace: web", "", 1)), "elsewhere")
	if err != nil || h.Namespace != "elsewhere" || h.Release.Namespace != "elsewhere" {
		t.Errorf("%v, %v", h, err)
	}
}

func TestWhatTheAPIServerRefuses(t *testing.T) {
	for _, c := range []struct {
		spec string
		says string
	}{
		{"install: {disableHooks: \"true\"}", "spec.install.disableHooks is a string and should be true or false: the API server refuses it"},
		{"install: []", "spec.install is a list and should be an object"},
		{"timeout: 300", "spec"},
		{"timeout: 5 minutes", `"5 minutes" is no duration such as 5m or 1h30m`},
		{"timeout: 1d", `"1d" is no duration`},
		{"maxHistory: 1.5", "maxHistory"},
		{"install: {crds: create}", `spec.install.crds: "create" is none of Skip, Create, CreateReplace: the API server refuses it`},
		{"upgrade: {crds: Replace}", "spec.upgrade.crds"},
		{"install: {strategy: {name: Retry}}", `spec.install.strategy.name: "Retry" is none of RemediateOnFailure, RetryOnFailure`},
		{"upgrade: {strategy: {retryInterval: 5m}}", "spec.upgrade.strategy.name is missing"},
		{"upgrade: {strategy: {name: RemediateOnFailure, retryInterval: 5m}}", "spec.upgrade.strategy.retryInterval goes with RetryOnFailure only"},
		{"upgrade: {remediation: {strategy: Rollback}}", `"Rollback" is none of rollback, uninstall`},
		{"upgrade: {serverSideApply: true}", "spec.upgrade.serverSideApply is true or false and should be a string"},
		{"upgrade: {serverSideApply: \"on\"}", `"on" is none of enabled, disabled, auto`},
		{"postRenderStrategy: none", `"none" is none of nohooks, combined, separate`},
		{"waitStrategy: {name: watcher}", `"watcher" is none of poller, legacy`},
		{"releaseName: " + strings.Repeat("a", 54), "is longer than 53 letters"},
		{"valuesFrom: [{kind: Configmap, name: a}]", `spec.valuesFrom[0].kind: "Configmap" is none of Secret, ConfigMap`},
		{"valuesFrom: [{kind: Secret}]", "spec.valuesFrom[0].name is missing"},
		{"valuesFrom: [{kind: Secret, name: a, valuesKey: a/b}]", "valuesKey"},
		{"valuesFrom: [{kind: Secret, name: a, targetPath: \"a b\"}]", "targetPath"},
		{"test: {filters: [{exclude: true}]}", "spec.test.filters[0].name is missing"},
		{"chartRef: {kind: OCIRepository, name: a}", "spec has both chart and chartRef"},
		{"values: [1]", "spec.values: it is no object"},
		{"driftDetection: {mode: bogus}", `spec.driftDetection.mode: "bogus" is none of enabled, warn, disabled: the API server refuses it`},
		{"driftDetection: {mode: true}", "spec.driftDetection.mode is true or false and should be a string"},
		{"healthCheckExprs: [{kind: Job, current: a}]", "spec.healthCheckExprs[0].apiVersion is missing"},
		{"healthCheckExprs: [{apiVersion: batch/v1}]", "spec.healthCheckExprs[0].current is missing"},
		{"kubeConfig: {}", "spec.kubeConfig takes one of secretRef and configMapRef"},
		{"kubeConfig: {secretRef: {name: a}, configMapRef: {name: b}}", "spec.kubeConfig takes one of"},
		{"kubeConfig: {secretRef: {}}", "spec.kubeConfig.secretRef.name is missing"},
	} {
		_, err := ParseHelmRelease(one(t, helmRelease(c.spec)), "")
		if err == nil {
			t.Errorf("%s: taken", c.spec)
			continue
		}
		says(t, err.Error(), "x.yaml, line 1: HelmRelease/shop: ", c.says)
	}
}

func TestFieldsThatDoNotExistAreTold(t *testing.T) {
	h := read(t, "install: {disableHook: true, disablehooks: true}", "upgrade: {remediation: {retry: 3}}", "rollback: {remediation: {}}", "nothing: 1",
		"chart2: {}", "test: {filters: [{nam: x, name: b}]}")
	says(
		t, strings.Join(h.Notes, "\n"),
		"spec.install.disableHook is no field of a HelmRelease, so the API server drops it; did you mean disableHooks?",
		"spec.install.disablehooks is no field of a HelmRelease, so the API server drops it; did you mean disableHooks?",
		"spec.upgrade.remediation.retry is no field", "spec.rollback.remediation is no field", "spec.nothing is no field of a HelmRelease, so the API server drops it",
		"spec.test.filters[0].nam is no field of a HelmRelease, so the API server drops it; did you mean name?",
	)
	if h.Flux.Install.DisableHooks || h.Flux.Upgrade.Remediation.Retries != 0 {
		t.Errorf("a dropped field is in force: %+v", h.Flux)
	}
}

func TestNotesOfAHelmRelease(t *testing.T) {
	for spec, want := range map[string]string{
		"suspend: true":                                       "it is suspended: Flux does nothing",
		"install: {skipCRDs: true}":                           "spec.install.skipCRDs does nothing any more",
		"install: {disableSchemaValidation: true}":            "only one of spec.install and spec.upgrade disables the schema validation",
		"dependsOn: [{name: db}, {name: x, namespace: data}]": "nothing runs before these are ready: HelmRelease/db, HelmRelease/x of data",
		"values: {domain: \"${domain}\"}":                     "postBuild of a Kustomization would replace",
		"install: {disableHooks: true}":                       "spec.install.disableHooks: no hook of an install runs",
		"driftDetection: {mode: enabled}":                     "spec.driftDetection is enabled: Flux corrects drift of ordinary objects by applying them, and runs no hook for it",
		"targetNamespace: prod":                               "namespace prod has to exist: spec.install.createNamespace is not set",
		"serviceAccountName: deployer":                        "if ServiceAccount/deployer is gone when the HelmRelease is deleted, Flux leaves the uninstall out: no delete hook runs, and the release stays",
		"kubeConfig: {secretRef: {name: far}}":                "if Secret/far of spec.kubeConfig is gone when the HelmRelease is deleted",
		"kubeConfig: {configMapRef: {name: far}}":             "if ConfigMap/far of spec.kubeConfig is gone when the HelmRelease is deleted",
	} {
		says(t, strings.Join(read(t, spec).Notes, "\n"), want)
	}
	says(
		t, strings.Join(read(t, "upgrade: {disableHooks: true}", "rollback: {disableHooks: true}", "uninstall: {disableHooks: true}").Notes, "\n"),
		"spec.upgrade.disableHooks, spec.rollback.disableHooks, spec.uninstall.disableHooks: no hook of an upgrade, a rollback or an uninstall runs",
	)
	for _, spec := range [][]string{
		nil,
		{"driftDetection: {mode: warn}"},
		{"driftDetection: {mode: disabled}"},
		{"install: {disableHooks: false}"},
		{"targetNamespace: prod", "install: {createNamespace: true}"},
		{"targetNamespace: web"},
	} {
		if notes := read(t, spec...).Notes; notes != nil {
			t.Errorf("%v has notes: %q", spec, notes)
		}
	}
	if notes := read(t, "suspend: true", "serviceAccountName: a").Notes; len(notes) != 1 {
		t.Errorf("nothing is uninstalled of what is suspended: %q", notes)
	}
	bare := one(t, "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: shop}\nspec: {chartRef: {kind: OCIRepository, name: a}}\n")
	h, err := ParseHelmRelease(bare, "web")
	if err != nil {
		t.Fatal(err)
	}
	says(t, strings.Join(h.Notes, "\n"), "spec.interval is missing")
}

func TestAnObjectWithoutANameIsRefused(t *testing.T) {
	_, err := ParseHelmRelease(one(t, strings.Replace(helmRelease(), "name: shop, ", "generateName: shop-, ", 1)), "")
	if err == nil {
		t.Fatal("taken")
	}
	says(t, err.Error(), "x.yaml, line 1: metadata.name of the HelmRelease is missing: the API server refuses it")
	_, err = ParseApplication(one(t, "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {}\nspec: {source: {chart: a, repoURL: https://charts.example.com}}\n"), "argocd")
	if err == nil {
		t.Fatal("taken")
	}
	says(t, err.Error(), "metadata.name of the Application is missing: the API server refuses it")
}

func TestExpressionsForHealthAreNotEvaluated(t *testing.T) {
	const expressions = "healthCheckExprs: [{apiVersion: batch/v1, kind: Job, current: a}, {apiVersion: db.example.com/v1, kind: Database, current: a, failed: b}, {apiVersion: batch/v1, kind: Job, current: c}]"
	facts := read(t, expressions, "install: {disableWait: true}").Unknown
	if len(facts) != 1 || facts[0].What != "waits" || facts[0].HowToKnow == "" || !strings.Contains(facts[0].Why, "hooks included: batch/v1 Job, db.example.com/v1 Database. Flux waits by these expressions, which are not evaluated here") {
		t.Errorf("%+v", facts)
	}
	// Helm's own waiter asks none of them.
	if facts := read(t, expressions, "waitStrategy: {name: legacy}").Unknown; facts != nil {
		t.Errorf("%+v", facts)
	}
}

func TestWhatALiveHelmReleaseHasBehindIt(t *testing.T) {
	for _, c := range []struct {
		name, status string
		spec         []string
		want         plan.FluxStatus
	}{
		{"nothing", "{}", nil, plan.FluxStatus{}},
		{
			"newest first, with tests", `{lastAttemptedReleaseAction: install, lastAttemptedRevision: 1.1.0, lastAttemptedConfigDigest: b, history: [
				{version: 1, status: superseded, chartVersion: 1.0.0, configDigest: b, testHooks: {}},
				{version: 4, status: deployed, chartVersion: 1.1.0, configDigest: b, testHooks: {a: {phase: Succeeded}, b: {phase: Succeeded}}},
				{version: 2, status: failed, chartVersion: 1.1.0, configDigest: a, testHooks: {a: {phase: Failed}, b: {}}},
				{version: 3, status: superseded, testHooks: {a: {phase: Succeeded}, b: {phase: Running}}}]}`,
			nil,
			plan.FluxStatus{Last: plan.Install, History: []plan.FluxSnapshot{
				{Revision: 4, Status: plan.StatusDeployed, Tested: true},
				{Revision: 3, Status: plan.StatusSuperseded},
				{Revision: 2, Status: plan.StatusFailed, Tested: true, TestFailed: true, Other: true},
				{Revision: 1, Status: plan.StatusSuperseded, Tested: true, Other: true},
			}},
		},
		{"failures count", "{lastAttemptedGeneration: 2, lastAttemptedReleaseAction: upgrade, installFailures: 1, upgradeFailures: 3}", nil, plan.FluxStatus{Last: plan.Upgrade, InstallFailures: 1, UpgradeFailures: 3}},
		{"failures of another spec", "{lastAttemptedGeneration: 1, lastAttemptedReleaseAction: upgrade, installFailures: 1, upgradeFailures: 3}", nil, plan.FluxStatus{Last: plan.Upgrade}},
		{
			"a release that moves", "{lastAttemptedGeneration: 2, upgradeFailures: 3, storageNamespace: web, history: [{name: shop, namespace: web, version: 1, status: deployed}]}",
			[]string{"releaseName: store"},
			plan.FluxStatus{},
		},
	} {
		text := strings.Replace(helmRelease(c.spec...), "namespace: web}", "namespace: web, generation: 2}", 1) + "status: " + strings.ReplaceAll(c.status, "\t", " ") + "\n"
		h, err := ParseHelmRelease(one(t, text), "")
		if err != nil {
			t.Fatal(err)
		}
		if got := h.Past(); !reflect.DeepEqual(*got, c.want) {
			t.Errorf("%s:\ngot  %+v\nwant %+v", c.name, *got, c.want)
		}
	}
}

func TestOtherVersionsAreRefused(t *testing.T) {
	for _, version := range []string{"v2beta1", "v2beta2", "v3"} {
		_, err := ParseHelmRelease(one(t, strings.Replace(helmRelease(), "/v2", "/"+version, 1)), "")
		if err == nil {
			t.Fatal(version)
		}
		says(t, err.Error(), "is of helm.toolkit.fluxcd.io/"+version+", and helm-controller 1.6 serves helm.toolkit.fluxcd.io/v2 alone")
	}
}

func TestWhatPostRenderersLeaveOpen(t *testing.T) {
	const patch = "postRenderers: [{kustomize: {patches: [{patch: 'apiVersion: batch/v1'}]}}]"
	for _, c := range []struct {
		name string
		spec []string
		want string
	}{
		{"none", nil, ""},
		{"images only", []string{"postRenderers: [{kustomize: {images: [{name: a, newTag: b}]}}]"}, ""},
		{"patches reach hooks", []string{patch}, "reach hooks too (postRenderStrategy combined)"},
		{"patches apart from resources", []string{patch, "postRenderStrategy: separate"}, "reach hooks too (postRenderStrategy separate)"},
		{"no hooks", []string{patch, "postRenderStrategy: nohooks"}, ""},
		{"a patch of a hook annotation", []string{"postRenderers: [{kustomize: {patches: [{patch: '- {op: remove, path: /metadata/annotations/helm.sh~1hook}'}]}}]"}, "they decide what is a hook"},
		{"the same in words", []string{"postRenderers: [{kustomize: {patches: [{patch: 'metadata: {annotations: {helm.sh/hook: test}}'}]}}]", "postRenderStrategy: nohooks"}, "they decide what is a hook"},
		{"common labels", []string{"commonMetadata: {labels: {team: a}, annotations: {a: b}}"}, ""},
		{"a hook for all", []string{"commonMetadata: {annotations: {helm.sh/hook: pre-install}}"}, "which makes hooks of what is none"},
	} {
		facts := read(t, c.spec...).Unknown
		if c.want == "" {
			if len(facts) > 0 {
				t.Errorf("%s: %v", c.name, facts)
			}
			continue
		}
		if len(facts) != 1 || facts[0].What != "post-renderer" || !strings.Contains(facts[0].Why, c.want) || facts[0].HowToKnow == "" {
			t.Errorf("%s: %+v", c.name, facts)
		}
	}
	facts := read(t, "timeout: 0s", "test: {timeout: 0s}").Unknown
	if len(facts) != 1 || !strings.HasPrefix(facts[0].Why, "spec.timeout, spec.test.timeout is 0s") {
		t.Errorf("%+v", facts)
	}
}

func TestTheStateOfALiveHelmRelease(t *testing.T) {
	text := strings.Replace(helmRelease(), "namespace: web}", "namespace: web, generation: 4, deletionTimestamp: \"2026-01-01T00:00:00Z\"}", 1) + `status:
  observedGeneration: 3
  installFailures: 2
  failures: 2
  lastAttemptedReleaseAction: install
  storageNamespace: web
  somethingNew: {a: 1}
  history: [{name: shop, namespace: web, version: 2, status: failed, chartName: shop, chartVersion: 1.0.0}]
  conditions:
  - {type: Ready, status: "False", reason: InstallFailed, message: "pre-install hook failed\nand more"}
  - {type: Stalled, status: "True", reason: RetriesExceeded, message: x}
`
	h, err := ParseHelmRelease(one(t, text), "")
	if err != nil {
		t.Fatal(err)
	}
	want := Status{
		Ready: &Condition{"False", "InstallFailed", "pre-install hook failed\nand more"}, Stalled: &Condition{"True", "RetriesExceeded", "x"},
		History:    []Snapshot{{Name: "shop", Namespace: "web", Version: 2, Status: "failed", ChartName: "shop", ChartVersion: "1.0.0"}},
		LastAction: "install", Failures: 2, InstallFailures: 2, Stored: "web", Behind: true, Anew: true,
	}
	if !reflect.DeepEqual(h.Status, want) {
		t.Errorf("%+v", h.Status)
	}
	says(
		t, strings.Join(h.Notes, "\n"), "it is being deleted: all that comes is its uninstall", "Ready is False (InstallFailed): pre-install hook failed",
		"Stalled (RetriesExceeded): Flux tries no more until something changes, or flux reconcile helmrelease shop -n web --reset", "Flux has not seen the newest spec yet",
	)
}

func TestAReleaseThatMoves(t *testing.T) {
	with := func(history string, spec ...string) *HelmRelease {
		h, err := ParseHelmRelease(one(t, helmRelease(spec...)+"status: {storageNamespace: web, history: ["+history+"]}\n"), "")
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	const last = "{name: old, namespace: x, version: 1, chartName: old}, {name: shop, namespace: web, version: 2, chartName: shop}"
	for _, c := range []struct {
		name    string
		history string
		spec    []string
		chart   string
		want    string
	}{
		{"it stays", last, nil, "shop", ""},
		{"nothing is known of the chart", last, nil, "", ""},
		{"nothing was made yet", "", []string{"releaseName: a"}, "shop", ""},
		{"the storage", last, []string{"storageNamespace: a"}, "shop", "its storageNamespace has changed: Flux first uninstalls release shop of namespace web"},
		{"the namespace", last, []string{"targetNamespace: a", "releaseName: shop"}, "shop", "its targetNamespace has changed"},
		{"the name", last, []string{"releaseName: a"}, "shop", "its release name has changed"},
		{"the chart", last, nil, "store", "its chart's name has changed"},
		{"the chart in place", last, []string{"upgrade: {chartNameChangeStrategy: InPlaceUpdate}"}, "store", ""},
	} {
		note, moved := with(c.history, c.spec...).Moved(c.chart)
		if moved != (c.want != "") || !strings.HasPrefix(note, c.want) {
			t.Errorf("%s: %q", c.name, note)
		}
	}
}
