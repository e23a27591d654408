package render

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

var update = flag.Bool("update", false, "write the golden files")

// shop is the chart of the design's drawing: every usual thing once.
func shop() plan.Plan {
	account := aStep(1, "ServiceAccount", "migrate").weight(-10)
	migrate := aStep(2, "Job", "migrate").weight(-5).policies(plan.BeforeHookCreation, plan.HookSucceeded)
	warm := aStep(3, "Job", "warm-cache").template("shop/charts/catalog/templates/warm.yaml")
	smoke := aStep(4, "Job", "smoke").weight(5).policies(plan.HookFailed).findings(0)
	test := aStep(1, "Pod", "cart-test").policies(plan.HookSucceeded)
	backup := aStep(1, "Job", "backup").weight(-1).policies("hook-success").findings(1)
	p := aPlan(
		aTimeline(plan.Install, crds(2),
			aPhase(plan.Install, "pre-install", account, migrate), resources(plan.Install),
			aPhase(plan.Install, "post-install", warm, smoke)),
		sameAs(from(aTimeline(plan.Upgrade,
			aPhase(plan.Upgrade, "pre-upgrade", account, migrate), resources(plan.Upgrade),
			aPhase(plan.Upgrade, "post-upgrade", warm, smoke)), "revision 1, as install left it"), plan.Install),
		from(aTimeline(plan.Rollback, resources(plan.Rollback)), "revision 2"),
		from(aTimeline(plan.Uninstall, aPhase(plan.Uninstall, "pre-delete", backup), resources(plan.Uninstall)),
			"revision 1, as install left it"),
		from(aTimeline(plan.Test, aPhase(plan.Test, "test", test)), "revision 1, as install left it"),
	)
	p.Timelines[3].Outcome.Left = []plan.Object{object("Job", "smoke"), object("Job", "backup")}
	p.Timelines[3].Outcome.Status, p.Timelines[3].Outcome.History = "", nil
	p.Hooks, p.Documents = 6, 21
	p.Ignored = []plan.Ignored{anIgnored()}
	everyUpgrade := aFinding("HH109", plan.SeverityInfo, "Job/migrate runs on every upgrade, whether anything changed or not")
	everyUpgrade.Object = object("Job", "migrate")
	p.Findings = []plan.Finding{
		aFinding("HH104", plan.SeverityError, "Job/smoke is still there, finished, when post-upgrade of the next upgrade comes: Helm applies it, finds it complete and reports success, but the hook does not run again"),
		aFinding("HH005", plan.SeverityWarning, `delete policy "hook-success" is unknown to Helm, and any delete policy turns the default off`),
		aFinding("HH109", plan.SeverityInfo, "Job/smoke runs on every upgrade, whether anything changed or not"),
		everyUpgrade,
	}
	return p
}

// broken has all that can go wrong or be out of the ordinary.
func broken() plan.Plan {
	stuck := aStep(1, "Job", "suspended-job-with-a-name-that-is-far-too-long-for-any-narrow-terminal").
		with(func(s *plan.Step) { s.Hook.NeverCompletes = "spec.suspend is true" })
	failed := aStep(2, "Job", "migrate").with(func(s *plan.Step) {
		s.Result, s.Error = plan.Failed, "job migrate failed: BackoffLimitExceeded"
	})
	skipped := aStep(3, "ConfigMap", "done").with(func(s *plan.Step) { s.Result = plan.Skipped })
	notRun := aStep(1, "Job", "smoke").policies("").with(func(s *plan.Step) { s.NotRun = true }).findings(0)
	again := aStep(2, "Job", "smoke").findings(0, 1)
	away := aStep(3, "Secret", "token").namespace("kube-system").weight(2147483647)
	random := aStep(4, "Job", "seed-x7f2").volatile("seed-(random)")
	list := aStep(5, "List", "bundle").with(func(s *plan.Step) {
		s.Hook.Items = []plan.Object{object("ConfigMap", "a"), object("ConfigMap", "b")}
	})
	crd := aStep(6, "CustomResourceDefinition", "orders.example.com").policies(plan.HookSucceeded)
	east := aStep(7, "ConfigMap", "設定-データベース移行-ジョブ-設定ファイル一覧-その二")
	old := aPhase(plan.Rollback, "pre-rollback", aStep(1, "Job", "restore"))
	old.Revision = 1

	install := aTimeline(plan.Install, aPhase(plan.Install, "pre-install", stuck, failed, skipped), resources(plan.Install),
		aPhase(plan.Install, "post-install", skipped))
	install.Phases[1].Result = plan.Skipped
	install.Outcome = plan.Outcome{
		Result: plan.Failed, Error: "failed pre-install: 1 error occurred:\n\t* job migrate failed: BackoffLimitExceeded\n\n",
		Status: plan.StatusFailed, History: []plan.RevisionStatus{{Revision: 1, Status: plan.StatusFailed}},
		Left: []plan.Object{object("Job", "migrate"), {APIVersion: "v1", Kind: "Secret", Namespace: "kube-system", Name: "token"}},
	}
	upgrade := from(aTimeline(plan.Upgrade, resources(plan.Upgrade),
		aPhase(plan.Upgrade, "post-upgrade", notRun, again, away, random, list, crd, east), old), "revision 1, which failed")
	upgrade.Revision, upgrade.Unbounded = 2, true
	upgrade.Phases[0].Waited = true
	upgrade.Phases[1].Revision = 2
	refused := from(aTimeline(plan.Rollback), "revision 1, pending-install")
	refused.Outcome = plan.Outcome{
		Result: plan.Failed, Refused: true, Error: "release has no 0 version",
		Status: plan.StatusPendingInstall, History: []plan.RevisionStatus{{Revision: 1, Status: plan.StatusPendingInstall}},
	}
	uninstall := aTimeline(plan.Uninstall, resources(plan.Uninstall))
	uninstall.Phases[0].Result, uninstall.Phases[0].Error = plan.Failed, "deployments.apps \"web\" is forbidden"
	uninstall.Outcome = plan.Outcome{Result: plan.Failed, Error: "failed to delete release: shop"}

	p := aPlan(install, upgrade, refused, uninstall)
	harmless := anIgnored()
	harmless.Object, harmless.Index = object("CustomResourceDefinition", "orders.example.com"), 2
	harmless.Value, harmless.DidYouMean, harmless.Rule, harmless.File, harmless.Fix = "crd-install", "", "HH002", "", "delete this document"
	harmless.Message = `"crd-install" was an event of Helm 2 and is none now, so Helm drops the whole object.`
	harmless.Harmless = "the same CustomResourceDefinition stands in shop/crds/orders.yaml"
	p.Ignored = []plan.Ignored{anIgnored(), harmless}
	p.Findings = []plan.Finding{
		aFinding("HH104", plan.SeverityWarning, "not run again"), aFinding("HH101", plan.SeverityError, "fails on the next run: already exists"),
	}
	p.Findings[1].Prediction = plan.Likely
	p.Unknown = []plan.UnknownFact{{What: "lookup", Why: "shop/templates/token.yaml asks the cluster with lookup, which finds nothing here", HowToKnow: "--dry-run=server"}}
	return p
}

// stream is the plan of `helm template | helm hooks plan -`.
func stream() plan.Plan {
	p := shop()
	p.Ignored, p.Findings, p.Engine = nil, []plan.Finding{}, engine("helm3@3.22")
	for t := range p.Timelines {
		for ph := range p.Timelines[t].Phases {
			for s := range p.Timelines[t].Phases[ph].Steps {
				p.Timelines[t].Phases[ph].Steps[s].Findings = nil
			}
		}
	}
	p.Unknown = []plan.UnknownFact{{What: "ignored", Why: renderedAlready, HowToKnow: "helm hooks plan CHART"}}
	return p
}

// long has one phase with many steps, one of which has a finding.
func long() plan.Plan {
	var steps []stepBuilder
	for i := range 24 {
		step := aStep(i+1, "Job", "step-"+string(rune('a'+i)))
		if i == 15 {
			step = step.findings(0)
		}
		steps = append(steps, step)
	}
	p := aPlan(aTimeline(plan.Install, aPhase(plan.Install, "pre-install", steps...), resources(plan.Install)))
	p.Findings = []plan.Finding{aFinding("HH104", plan.SeverityWarning, "not run again by the next upgrade")}
	return p
}

func streamHeader() Header {
	return Header{Source: Source{Type: "stream", Ref: "-", Name: "shop", Namespace: home}}
}

func releaseHeader() Header {
	h := aHeader()
	h.Source.Type, h.Source.Revision, h.Source.Ref = "release", 3, "shop"
	h.Notes = []string{"last written by Helm 3", "shop could also be the folder ./shop: write ./shop for it"}
	h.Timeout = 90 * time.Second
	return h
}

func Test_golden(t *testing.T) {
	wide := Style{Unicode: true}
	narrow := Style{Unicode: true, Width: 80, Fold: true}
	for _, c := range []struct {
		name    string
		format  string
		header  Header
		plan    plan.Plan
		options Options
	}{
		{"shop-tree.txt", "tree", aHeader(), shop(), Options{Style: wide}},
		{"shop-tree-80.txt", "tree", aHeader(), shop(), Options{Style: narrow}},
		{"shop-tree-ascii.txt", "tree", aHeader(), shop(), Options{}},
		{"shop-tree-color.txt", "tree", aHeader(), shop(), Options{Style: Style{Color: true, Unicode: true}}},
		{"shop-tree-ignored.txt", "tree", aHeader(), shop(), Options{Style: wide, Only: "ignored"}},
		{"shop-tree-findings.txt", "tree", aHeader(), shop(), Options{Style: wide, Only: "findings"}},
		{"shop-tree-hooks.txt", "tree", aHeader(), shop(), Options{Style: wide, Only: "hooks"}},
		{"shop-tree-one-hook.txt", "tree", aHeader(), shop(), Options{Style: wide, Hook: "job/migrate"}},
		{"shop-tree-ignored-hook.txt", "tree", aHeader(), shop(), Options{Style: wide, Hook: "Deployment/worker"}},
		{"shop-table.txt", "table", aHeader(), shop(), Options{Style: wide}},
		{"shop-wide.txt", "wide", aHeader(), shop(), Options{Style: wide}},
		{"shop.json", "json", aHeader(), shop(), Options{}},
		{"shop.yaml", "yaml", aHeader(), shop(), Options{}},
		{"shop-one-hook.json", "json", aHeader(), shop(), Options{Hook: "Job/smoke", Only: "hooks"}},
		{"broken-tree.txt", "tree", releaseHeader(), broken(), Options{Style: wide}},
		{"broken-tree-80.txt", "tree", releaseHeader(), broken(), Options{Style: narrow}},
		{"broken-tree-ascii.txt", "tree", releaseHeader(), broken(), Options{Style: Style{Width: 80}}},
		{"broken-table.txt", "table", releaseHeader(), broken(), Options{}},
		{"broken-wide.txt", "wide", releaseHeader(), broken(), Options{Style: wide}},
		{"broken.json", "json", releaseHeader(), broken(), Options{}},
		{"stream-tree.txt", "tree", streamHeader(), stream(), Options{Style: wide}},
		{"stream-table.txt", "table", streamHeader(), stream(), Options{Style: wide}},
		{"stream.json", "json", streamHeader(), stream(), Options{}},
		{"long-tree.txt", "tree", aHeader(), long(), Options{Style: wide}},
		{"long-tree-80.txt", "tree", aHeader(), long(), Options{Style: narrow}},
		{"empty-tree.txt", "tree", aHeader(), aPlan(aTimeline(plan.Install), aTimeline(plan.Upgrade)), Options{Style: wide}},
		{"empty-table.txt", "table", aHeader(), aPlan(aTimeline(plan.Install)), Options{Style: wide}},
	} {
		t.Run(c.name, func(t *testing.T) {
			render, err := New(c.format)
			if err != nil {
				t.Fatal(err)
			}
			var got bytes.Buffer
			if err := render.Plan(&got, c.header, c.plan, c.options); err != nil {
				t.Fatal(err)
			}
			golden(t, c.name, got.Bytes())
		})
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs from the golden file (-want +got); look at it, then run with -update:\n%s", name, diff)
	}
}
