package plan

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// compared plans documents under several engines.
func compared(t *testing.T, change func(*Input), engines []string, documents ...string) Comparison {
	t.Helper()
	var plans []Plan
	for _, name := range engines {
		input := Input{Engine: engineOf(t, name), Release: Release{Name: "shop", Namespace: "prod"}, Render: chartOf(documents...), Options: Options{Timeout: DefaultTimeout}}
		if change != nil {
			change(&input)
		}
		p, err := Make(input)
		if err != nil {
			t.Fatal(err)
		}
		plans = append(plans, p)
	}
	return CompareEngines(plans)
}

// toldComparison is a line a cell but the first: object, engine, mark, fate with phases, reasons.
func toldComparison(c Comparison) []string {
	var lines []string
	for _, row := range c.Rows {
		for i, cell := range row.Cells {
			line := fmt.Sprintf("%s %s: %s %s", row.Object.Ref(), c.Engines[i].Engine.Name, cell.Agreement, cell.Fate)
			for _, run := range cell.Runs {
				line += fmt.Sprintf(" %s/%d", run.Phase, run.Order)
			}
			for _, d := range cell.Differences {
				line += "; " + string(d.Aspect) + ": " + d.Why
			}
			if i > 0 {
				lines = append(lines, line)
			}
		}
	}
	return lines
}

func TestEnginesCompared(t *testing.T) {
	const policy = ", helm.sh/hook-delete-policy: 'before-hook-creation,hook-succeeded'"
	const both = "helm.sh/hook: 'pre-install,pre-upgrade'"
	const goesAlong = "; deletion: goes with the deletion of the Application; an uninstall leaves it"
	argo := []string{"helm4", "argocd"}
	for _, c := range []struct {
		name      string
		engines   []string
		change    func(*Input)
		documents []string
		want      []string
	}{
		{name: "the same moments, and a default policy", engines: argo, documents: docs(hookJob("a", both+", helm.sh/hook-delete-policy: before-hook-creation"), plainCM), want: docs("Job/a argocd: similar runs PreSync/1; deletion: goes with the deletion of the Application; an uninstall leaves it")},
		{name: "hook-succeeded", engines: argo, documents: docs(hookJob("a", both+policy)), want: docs("Job/a argocd: similar runs PreSync/1; deletion: is deleted once the whole sync has succeeded, not once its phase has")},
		{name: "upgrades alone", engines: argo, documents: docs(hookJob("a", "helm.sh/hook: pre-upgrade")), want: docs("Job/a argocd: different runs PreSync/1; moments: runs in the first sync too, not in upgrades alone")},
		{name: "installs alone", engines: argo, documents: docs(hookJob("a", "helm.sh/hook: post-install")), want: docs("Job/a argocd: different runs PostSync/1; moments: runs in every sync, not in the first alone" + goesAlong)},
		{name: "both sides at one event each", engines: argo, documents: docs(hookJob("a", "helm.sh/hook: 'pre-install,post-upgrade'")), want: docs("Job/a argocd: different runs PreSync/1 PostSync/1; moments: runs in every sync at both points, the first sync included" + goesAlong)},
		{name: "rollback beside an upgrade", engines: argo, documents: docs(hookJob("a", "helm.sh/hook: 'pre-install,pre-upgrade,pre-rollback'")), want: docs("Job/a argocd: different runs PreSync/1; moments: runs in no rollback" + goesAlong)},
		{name: "a test beside an install event", engines: argo, documents: docs(testPod("a", "helm.sh/hook: 'post-install,post-upgrade,test'")), want: docs("Pod/a argocd: different runs PostSync/1; moments: is never run as a test" + goesAlong)},
		{name: "what the sync left counts as the finished delete hook", engines: argo, documents: docs(hookJob("a", "helm.sh/hook: 'pre-install,pre-upgrade,pre-delete'")), want: docs("Job/a argocd: different runs PreSync/1 PreDelete/1; moments: does not run in the deletion, since what the sync left counts as the finished delete hook" + goesAlong)},
		{name: "Argo CD's own annotation", engines: argo, documents: docs(hookJob("a", "helm.sh/hook: pre-install, argocd.argoproj.io/hook: Sync")), want: docs("Job/a argocd: different runs Sync/1; moments: runs in Sync, as argocd.argoproj.io/hook says" + goesAlong)},
		{name: "Argo CD's annotation alone", engines: argo, documents: docs(hookJob("a", "argocd.argoproj.io/hook: PostSync")), want: docs("Job/a argocd: different runs PostSync/1; fate: runs in PostSync, as argocd.argoproj.io/hook says")},
		{name: "the same the other way round", engines: []string{"argocd", "helm4", "template"}, documents: docs(hookJob("a", "argocd.argoproj.io/hook: PostSync")), want: docs("Job/a helm4: different ordinary; fate: an ordinary object: only Argo CD reads argocd.argoproj.io/hook", "Job/a template: different ordinary; fate: an ordinary object: only Argo CD reads argocd.argoproj.io/hook")},
		{name: "never made", engines: argo, documents: docs(hookJob("a", "helm.sh/hook: Pre-Install")), want: docs("Job/a argocd: different never; fate: Argo CD knows events in lower case only: it neither creates nor runs the object")},
		{name: "dropped everywhere", engines: []string{"helm4", "helm3", "flux", "argocd", "template"}, documents: docs(hookJob("a", "helm.sh/hook: nonsense")), want: docs("Job/a helm3: same dropped", "Job/a flux: same dropped", "Job/a argocd: same dropped", "Job/a template: same dropped")},
		{name: "plain YAML", engines: argo, change: raw, documents: docs(hookJob("a", "helm.sh/hook: 'post-install, pre-uninstall'"), hookJob("b", "helm.sh/hook: crd-install")), want: docs(
			"Job/a argocd: different runs PostSync/1; fate: runs in PostSync: no Helm stands in front of plain YAML, and Argo CD passes over what it does not know",
			"Job/b argocd: different ordinary; fate: an ordinary object: crd-install alone is no hook to Argo CD")},
		{name: "kind before name", engines: argo, documents: docs(hookJob("a", both+policy), one("ServiceAccount", "z", both+policy)), want: docs(
			"Job/a argocd: similar runs PreSync/2; order: comes after ServiceAccount/z (wave, then kind, then name); deletion: is deleted once the whole sync has succeeded, not once its phase has",
			"ServiceAccount/z argocd: similar runs PreSync/1; deletion: is deleted once the whole sync has succeeded, not once its phase has")},
		{name: "the same order, and no Job waits for another", engines: argo, documents: docs(one("ServiceAccount", "a", both+policy), hookJob("b", both+policy)), want: docs(
			"ServiceAccount/a argocd: similar runs PreSync/1; deletion: is deleted once the whole sync has succeeded, not once its phase has",
			"Job/b argocd: similar runs PreSync/2; deletion: is deleted once the whole sync has succeeded, not once its phase has")},
		{name: "two Jobs of one wave", engines: argo, documents: docs(hookJob("a", both+policy), hookJob("b", both+policy)), want: docs(
			"Job/a argocd: similar runs PreSync/1; order: comes at the same time as Job/b (equal weights); deletion: is deleted once the whole sync has succeeded, not once its phase has",
			"Job/b argocd: similar runs PreSync/2; order: comes at the same time as Job/a (equal weights); deletion: is deleted once the whole sync has succeeded, not once its phase has")},
		{name: "delete hooks", engines: argo, documents: docs(hookJob("a", "helm.sh/hook: pre-delete"+policy), hookJob("b", "helm.sh/hook: pre-delete, helm.sh/hook-weight: '1'"+policy)), want: docs(
			"Job/a argocd: similar runs PreDelete/1; order: comes at the same time as Job/b (hooks of a deletion have no order)",
			"Job/b argocd: similar runs PreDelete/2; order: comes at the same time as Job/a (hooks of a deletion have no order)")},
		{name: "a claim", engines: argo, documents: docs(one("PersistentVolumeClaim", "c", both+policy)), want: docs("PersistentVolumeClaim/c argocd: similar runs PreSync/1; waits: is waited for until it is healthy, and not only made; deletion: is deleted once the whole sync has succeeded, not once its phase has")},
		{name: "a kind of somebody else's", engines: argo, documents: docs(one("Widget", "w", both+policy)), want: docs("Widget/w argocd: similar runs PreSync/1; waits: is waited for, if Argo CD has a health check for its kind; deletion: is deleted once the whole sync has succeeded, not once its phase has")},
		{name: "hook-failed", engines: argo, documents: docs(hookJob("a", both+", helm.sh/hook-delete-policy: 'before-hook-creation,hook-failed'")), want: docs("Job/a argocd: similar runs PreSync/1; deletion: is deleted when the sync fails, even if it has succeeded itself; deletion: goes with the deletion of the Application; an uninstall leaves it")},
		{name: "a misspelt policy", engines: argo, documents: docs(hookJob("a", both+", helm.sh/hook-delete-policy: Hook-Succeded")), want: docs("Job/a argocd: different runs PreSync/1; again: runs again each time; deletion: a delete policy with no known word is the default: deleted before the next run; deletion: goes with the deletion of the Application; an uninstall leaves it")},
		{name: "a weight on an ordinary object", engines: []string{"helm4", "argocd", "template"}, documents: docs(one("Deployment", "web", "helm.sh/hook-weight: '7'"), plainCM), want: docs("Deployment/web argocd: similar ordinary; order: is in wave 7 of Sync: weights and waves count for ordinary objects too", "Deployment/web template: same ordinary")},
		{name: "a namespace that hooks need", engines: argo, documents: docs(hookJob("a", both+policy), one("Namespace", "prod", "a: b")), want: docs(
			"Job/a argocd: similar runs PreSync/1; deletion: is deleted once the whole sync has succeeded, not once its phase has",
			"Namespace/prod argocd: similar ordinary; order: goes ahead into PreSync, since a hook there needs it")},
		{name: "Helm 3 and Helm 4", engines: []string{"helm4", "helm3"}, documents: docs(hookJob("a", "helm.sh/hook: pre-upgrade, helm.sh/hook-delete-policy: hook-failed")), want: docs("Job/a helm3: different runs pre-upgrade/1; again: the next run fails, since the object of the last one is still there (HH101)")},
		{name: "what a failure keeps from running", engines: []string{"helm4", "helm3"}, documents: docs(hookJob("a", both+", helm.sh/hook-delete-policy: hook-failed"), hookJob("b", both)), want: docs(
			"Job/a helm3: different runs pre-install/1 pre-upgrade/1; again: the next run fails, since the object of the last one is still there (HH101)",
			"Job/b helm3: different runs pre-install/2 pre-upgrade/2; moments: is not reached in pre-upgrade: what comes before it fails")},
		{name: "Flux", engines: []string{"helm4", "flux"}, documents: docs(testPod("t", "helm.sh/hook: test"), hookJob("r", "helm.sh/hook: pre-rollback"), hookJob("u", "helm.sh/hook: 'pre-upgrade,pre-rollback'"), hookJob("l", "helm.sh/hook: pre-install, helm.sh/hook-output-log-policy: hook-failed")), want: docs(
			"Job/l flux: different runs pre-install/1; again: crashes helm-controller 1.6.3 when its logs are to be printed (HH409)",
			"Job/u flux: different runs pre-upgrade/1; moments: Flux rolls back only to undo a failed upgrade (spec.upgrade.remediation)",
			"Job/r flux: different never; fate: Flux rolls back only to undo a failed upgrade (spec.upgrade.remediation)",
			"Pod/t flux: different never; fate: Flux runs tests only with spec.test.enable")},
		{name: "template-only tools", engines: []string{"helm4", "template"}, documents: docs(hookJob("a", both), hookJob("d", "helm.sh/hook: pre-delete")), want: docs(
			"Job/a template: different at-once; fate: applied at once with everything else: no order, no wait, no deletion",
			"Job/d template: different at-once; fate: applied at once with everything else, before its time (HH402)")},
		{name: "a List and its members", engines: argo, documents: docs("apiVersion: v1\nkind: List\nmetadata: {annotations: {helm.sh/hook: pre-install}}\nitems:\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: a, annotations: {helm.sh/hook: post-install}}}\n"), want: docs("List/ argocd: same parts", "ConfigMap/a argocd: same runs PostSync/1")},
		{name: "two objects of one name", engines: argo, documents: docs(hookJob("a", both), hookJob("a", "helm.sh/hook: 'post-install,post-upgrade'")), want: docs(
			"Job/a argocd: different absent; fate: not made: c/templates/all.yaml has another object of this name, which takes its place",
			"Job/a argocd: similar runs PostSync/1; deletion: goes with the deletion of the Application; an uninstall leaves it")},
		{name: "a sync that is refused", engines: argo, documents: docs(hookJob("a", "helm.sh/hook: post-install, helm.sh/hook-weight: 5")), want: docs("Job/a argocd: different never; fate: nothing is made at all: see what fails by itself")},
		{name: "nothing but ordinary objects", engines: argo, documents: docs(plainCM), want: nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, toldComparison(compared(t, c.change, c.engines, c.documents...))); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestAComparisonNamesWhatIsRenderedForUpgradesAlone(t *testing.T) {
	render := func(i *Input) {
		i.Render = byAction(docs(hookJob("a", "helm.sh/hook: 'pre-install,pre-upgrade'")), docs(plainCM, hookJob("a", "helm.sh/hook: 'pre-install,pre-upgrade'"), hookJob("b", "helm.sh/hook: pre-upgrade")))
	}
	got := toldComparison(compared(t, render, []string{"helm4", "argocd", "template"}))
	want := docs(
		"Job/a argocd: similar runs PreSync/1; deletion: goes with the deletion of the Application; an uninstall leaves it",
		"Job/a template: different at-once; fate: applied at once with everything else: no order, no wait, no deletion",
		"Job/b argocd: different absent; fate: not rendered: helm template renders an install, never an upgrade, and leaves out what a flag says",
		"Job/b template: different absent; fate: not rendered: helm template renders an install, never an upgrade, and leaves out what a flag says")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestAComparisonCountsAndNotes(t *testing.T) {
	c := compared(t, nil, []string{"helm4", "helm3", "argocd", "template"},
		hookJob("a", "helm.sh/hook: 'pre-install,pre-upgrade', helm.sh/hook-delete-policy: hook-failed"), hookJob("d", "helm.sh/hook: post-delete"), hookJob("x", "helm.sh/hook: nonsense"))
	var counts []string
	for _, e := range c.Engines {
		counts = append(counts, fmt.Sprintf("%s %d %d %d", e.Engine.Name, e.Different, e.Similar, len(e.Notes)))
	}
	if diff := cmp.Diff(docs("helm4 0 0 0", "helm3 1 0 1", "argocd 0 1 0", "template 2 0 0"), counts); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	var found []string
	for _, f := range c.Findings {
		found = append(found, fmt.Sprintf("%s %s %s %v", f.Severity, f.Rule, f.Object.Ref(), f.Engines))
	}
	want := docs("error HH001 Job/x [0 1 2 3]", "error HH101 Job/a [1]", "error HH104 Job/a [0]", "error HH402 Job/d [3]")
	if diff := cmp.Diff(want, found); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// An engine never differs from itself, whatever the documents are; and every row has a cell for each engine.
func TestAnEngineAgreesWithItself(t *testing.T) {
	annotation := rapid.SampledFrom([]string{
		"pre-install", "pre-install,pre-upgrade", "post-upgrade", "pre-delete", "post-delete,pre-install", "test", "Post-Install", "nonsense", "pre-rollback",
	})
	rapid.Check(t, func(rt *rapid.T) {
		var documents []string
		for i := range rapid.IntRange(0, 5).Draw(rt, "documents") {
			kind := rapid.SampledFrom([]string{"Job", "ConfigMap", "Pod", "PersistentVolumeClaim"}).Draw(rt, "kind")
			documents = append(documents, one(kind, fmt.Sprintf("n%d", i%4), fmt.Sprintf("helm.sh/hook: '%s', helm.sh/hook-weight: '%d'", annotation.Draw(rt, "hook"), rapid.IntRange(-1, 1).Draw(rt, "weight"))))
		}
		for _, name := range EngineNames() {
			c := compared(t, nil, []string{name, name}, documents...)
			for _, row := range c.Rows {
				if len(row.Cells) != 2 || row.Cells[1].Agreement != AgreementSame || len(row.Cells[1].Differences) > 0 {
					rt.Fatalf("%s: %s: %+v", name, row.Object.Ref(), row.Cells[1].Differences)
				}
			}
		}
		every := compared(t, nil, EngineNames(), documents...)
		for _, row := range every.Rows {
			for i, cell := range row.Cells {
				if cell.Fate == "" || cell.Fate == FateRuns && len(cell.Runs) == 0 || i > 0 && (cell.Agreement == AgreementSame) != (len(cell.Differences) == 0) {
					rt.Fatalf("%s: %+v", row.Object.Ref(), cell)
				}
			}
		}
		again := compared(t, nil, EngineNames(), documents...)
		if !reflect.DeepEqual(toldComparison(every), toldComparison(again)) {
			rt.Fatal("not the same twice")
		}
	})
}

func TestLintUnderArgo(t *testing.T) {
	const both, after = "helm.sh/hook: 'pre-install,pre-upgrade'", "helm.sh/hook: 'post-install,post-upgrade'"
	const goes = ", helm.sh/hook-delete-policy: 'before-hook-creation,hook-succeeded'"
	with := func(name, annotations, pod string) string {
		return one("Job", name, annotations) + "spec: {template: {spec: {restartPolicy: Never, " + pod + "}}}\n"
	}
	web := func(pod string) string {
		return one("Deployment", "web", "a: b") + "spec: {template: {spec: {" + pod + "}}}\n"
	}
	const claim, usesClaim = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data, annotations: {a: b}}\n", "volumes: [{name: v, persistentVolumeClaim: {claimName: data}}]"
	for _, c := range []struct {
		name      string
		documents []string
		want      []string
	}{
		{name: "sound", documents: docs(hookJob("a", both+goes), plainCM)},
		{name: "upgrades alone, before", documents: docs(hookJob("a", "helm.sh/hook: pre-upgrade"+goes)), want: docs("HH403 warning Job/a")},
		{name: "upgrades alone, after", documents: docs(hookJob("a", "helm.sh/hook: post-upgrade"+goes)), want: docs("HH403 info Job/a")},
		{name: "installs alone", documents: docs(hookJob("a", "helm.sh/hook: pre-install"+goes)), want: docs("HH403 info Job/a")},
		{name: "installs alone, and its Job stays", documents: docs(hookJob("a", "helm.sh/hook: pre-install, helm.sh/hook-delete-policy: hook-failed"))},
		{name: "meant for Argo CD", documents: docs(hookJob("a", "helm.sh/hook: pre-upgrade, argocd.argoproj.io/hook: PostSync, argocd.argoproj.io/hook-delete-policy: 'HookSucceeded,BeforeHookCreation'"+goes)), want: docs("HH303 info Job/a")},
		{name: "no Job", documents: docs(one("ConfigMap", "a", "helm.sh/hook: pre-install"+goes))},
		{name: "an account of a later phase", documents: docs(with("a", both+goes, "serviceAccountName: z"), one("ServiceAccount", "z", "a: b")), want: docs("HH404 error Job/a in sync PreSync")},
		{name: "an account of a later wave", documents: docs(with("a", both+goes, "serviceAccountName: z"), one("ServiceAccount", "z", both+", helm.sh/hook-weight: '1'"+goes)), want: docs("HH404 error Job/a in sync PreSync")},
		{name: "an account of the same wave", documents: docs(with("a", both+goes, "serviceAccountName: z"), one("ServiceAccount", "z", both+goes))},
		{name: "an account that the chart does not have", documents: docs(with("a", both+goes, "serviceAccountName: z"))},
		{name: "a pull secret", documents: docs(with("a", both+goes, "imagePullSecrets: [{name: z}]"), one("Secret", "z", "a: b"))},
		{name: "pods that wait for PostSync", documents: docs(web("containers: [{name: c, envFrom: [{secretRef: {name: s}}]}]"), one("Secret", "s", after+goes)), want: docs("HH404 error Deployment/web in sync Sync")},
		{name: "no pods", documents: docs(one("CronJob", "web", "a: b"), one("Secret", "s", after+goes))},
		{name: "after the deletion", documents: docs(with("a", "helm.sh/hook: post-delete"+goes, "serviceAccountName: z"), one("ServiceAccount", "z", "a: b")), want: docs("HH404 error Job/a in delete PostDelete")},
		{name: "kept over the deletion", documents: docs(with("a", "helm.sh/hook: post-delete"+goes, "serviceAccountName: z"), one("ServiceAccount", "z", "helm.sh/resource-policy: keep"))},
		{name: "made for the deletion", documents: docs(with("a", "helm.sh/hook: post-delete"+goes, "serviceAccountName: z"), one("ServiceAccount", "z", "helm.sh/hook: post-delete"))},
		{name: "before the deletion everything is there", documents: docs(with("a", "helm.sh/hook: pre-delete"+goes, "serviceAccountName: z"), one("ServiceAccount", "z", "a: b"))},
		{name: "the finished one stays", documents: docs(hookJob("a", both+", helm.sh/hook-delete-policy: hook-failed")), want: docs("HH405 error Job/a in sync PreSync")},
		{name: "the finished one stays for a while", documents: docs(hookJob("a", both+", helm.sh/hook-delete-policy: hook-failed") + "spec: {ttlSecondsAfterFinished: 60}\n"), want: docs("HH405 warning Job/a in sync PreSync")},
		{name: "the sync's counts as the deletion's", documents: docs(hookJob("a", "helm.sh/hook: 'pre-install,pre-upgrade,pre-delete', helm.sh/hook-delete-policy: before-hook-creation")), want: docs("HH405 error Job/a in delete PreDelete")},
		{name: "a claim that PostSync uses", documents: docs(claim, with("a", after+goes, usesClaim)), want: docs("HH406 warning PersistentVolumeClaim/data in sync Sync")},
		{name: "a claim that pods use at once", documents: docs(claim, web(usesClaim), with("a", after+goes, usesClaim))},
		{name: "a claim of a volume that exists", documents: docs(claim+"spec: {volumeName: v}\n", with("a", after+goes, usesClaim))},
		{name: "a claim as a hook", documents: docs(one("PersistentVolumeClaim", "data", both+goes), web(usesClaim)), want: docs("HH406 warning PersistentVolumeClaim/data in sync PreSync")},
		{name: "a claim of nobody", documents: docs(claim, hookJob("a", after+goes))},
		{name: "one wave", documents: docs(hookJob("a", both+goes), hookJob("b", both+goes), hookJob("c", after+goes)), want: docs("HH407 info Job/b PreSync")},
		{name: "one wave of two events that Helm keeps apart", documents: docs(hookJob("a", "helm.sh/hook: pre-install"+goes), hookJob("b", "helm.sh/hook: pre-upgrade"+goes)), want: docs("HH403 info Job/a", "HH403 warning Job/b")},
		{name: "delete hooks with weights", documents: docs(hookJob("a", "helm.sh/hook: pre-delete"+goes), hookJob("b", "helm.sh/hook: pre-delete, helm.sh/hook-weight: '1'"+goes)), want: docs("HH407 warning Job/b in delete PreDelete")},
		{name: "delete hooks of equal weight", documents: docs(hookJob("a", "helm.sh/hook: pre-delete"+goes), hookJob("b", "helm.sh/hook: pre-delete"+goes))},
		{name: "a weight on an ordinary object", documents: docs(one("Deployment", "web", "helm.sh/hook-weight: '-7'")), want: docs("HH408 info Deployment/web")},
		{name: "a wave on an ordinary object", documents: docs(one("Deployment", "web", "argocd.argoproj.io/sync-wave: '-7'"))},
		{name: "a TTL on a hook of a sync", documents: docs(hookJob("a", both+goes) + "spec: {ttlSecondsAfterFinished: 0}\n")},
		{name: "a TTL on a delete hook", documents: docs(hookJob("a", "helm.sh/hook: pre-delete"+goes) + "spec: {ttlSecondsAfterFinished: 0}\n"), want: docs("HH302 warning Job/a in delete")},
		{name: "a sync without an end", documents: docs(hookJob("a", both+goes) + "spec: {suspend: true}\n"), want: docs("HH108 error Job/a in sync")},
		{name: "a sync that is refused", documents: docs(hookJob("a", both+goes+", x: 5")), want: docs("HH108 error Job/a in sync")},
		{name: "a weight that is no integer", documents: docs(hookJob("a", both+goes+", helm.sh/hook-weight: five")), want: docs("HH003 warning Job/a")},
		{name: "a misspelt annotation", documents: docs(hookJob("a", both+goes+", helm.sh/hook-wieght: '5'")), want: docs("HH009 warning Job/a")},
		{name: "an unknown policy, which is the default", documents: docs(hookJob("a", both+", helm.sh/hook-delete-policy: nonsense"))},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := Make(Input{
				Engine: engineOf(t, "argocd"), Release: Release{Name: "shop", Namespace: "prod"}, Render: chartOf(c.documents...), Lint: true,
				File: func(template string) string { return "./" + template },
			})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, brief(p.Findings)); diff != "" {
				t.Errorf("-want +got\n%s%s", diff, everything(p.Findings))
			}
			for _, f := range p.Findings {
				if f.Template == "" || f.File != "./"+f.Template || f.Message == "" || f.Prediction == "" || strings.Contains(f.Message, "\n") {
					t.Errorf("incomplete: %+v", f)
				}
			}
		})
	}
}

func TestLintUnderFlux(t *testing.T) {
	logs := func(policy string) string {
		return hookJob("a", "helm.sh/hook: 'pre-install,pre-upgrade', helm.sh/hook-output-log-policy: '"+policy+"'")
	}
	tests, rollback := testPod("t", "helm.sh/hook: test"), hookJob("r", "helm.sh/hook: 'pre-rollback'")
	for _, c := range []struct {
		name      string
		flux      *Flux
		documents []string
		want      []string
	}{
		{name: "logs of a success", documents: docs(logs("hook-succeeded")), want: docs("HH409 Job/a when it succeeds")},
		{name: "logs of a failure", documents: docs(logs("hook-failed")), want: docs("HH409 Job/a when it fails")},
		{name: "logs of both", documents: docs(logs("hook-failed,hook-succeeded")), want: docs("HH409 Job/a when it has run")},
		{name: "no known word", documents: docs(logs("always"))},
		{name: "no logs", documents: docs(one("ConfigMap", "a", "helm.sh/hook: pre-install, helm.sh/hook-output-log-policy: hook-failed"))},
		{name: "tests and rollbacks by default", documents: docs(tests, rollback), want: docs("HH410 Pod/t", "HH410 Job/r")},
		{name: "tests that are asked for", flux: &Flux{Test: FluxTest{Enabled: true}}, documents: docs(tests)},
		{name: "rollbacks that are asked for", flux: &Flux{Upgrade: FluxAction{Remediation: FluxRemediation{Retries: 1}}}, documents: docs(rollback)},
		{name: "an uninstall in place of the rollback", flux: &Flux{Upgrade: FluxAction{Remediation: FluxRemediation{Retries: 1, Uninstall: true}}}, documents: docs(rollback), want: docs("HH410 Job/r")},
		{name: "a rollback beside an upgrade", documents: docs(hookJob("r", "helm.sh/hook: 'pre-upgrade,pre-rollback'"))},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := Make(Input{Engine: engineOf(t, "flux"), Flux: c.flux, Release: Release{Name: "shop", Namespace: "prod"}, Render: chartOf(c.documents...), Lint: true})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range p.Findings {
				if !strings.HasPrefix(f.Rule, "HH4") {
					continue
				}
				_, when, _ := strings.Cut(f.Message, "crash ")
				when, _, _ = strings.Cut(when, ":")
				got = append(got, strings.TrimSpace(f.Rule+" "+f.Object.Ref()+" "+when))
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestPlanUnderArgoHasLintsRulesOnlyWhenAsked(t *testing.T) {
	for _, lint := range []bool{false, true} {
		p, err := Make(Input{Engine: engineOf(t, "argocd"), Render: chartOf(hookJob("a", "helm.sh/hook: pre-upgrade")), Lint: lint})
		if err != nil {
			t.Fatal(err)
		}
		if found := slices.ContainsFunc(p.Findings, func(f Finding) bool { return f.Rule == ruleEverySync }); found != lint {
			t.Errorf("lint %v: found %v", lint, found)
		}
	}
}
