package plan

import (
	"fmt"
	"testing"
)

func crd(annotations ...string) string {
	return manifest("apiextensions.k8s.io/v1", "CustomResourceDefinition", "orders.example.com",
		"spec: {group: example.com, scope: Namespaced, names: {kind: Order, plural: orders}}\n", annotations...)
}

func anOrder(name string, annotations ...string) string {
	return manifest("example.com/v1", "Order", name, "", annotations...)
}

// shipping is a chart with the definition in crds/.
func shipping(texts ...string) Render {
	render := chartOf(texts...)
	return func(f Fields) (Rendered, error) {
		rendered, err := render(f)
		rendered.CRDs = []CRDFile{{Path: "c/crds/order.yaml", Documents: []Document{{Template: "c/crds/order.yaml", Text: crd()}}}}
		return rendered, err
	}
}

func TestKindIsDefinedTooLate(t *testing.T) {
	const fails = "HH203 error Order/first in install resources"
	testLint(t, []lintCase{
		{
			name: "ordinary objects beside an ordinary definition", chart: []string{crd(), anOrder("first"), anOrder("second")}, want: []string{fails},
			says: []string{
				`Order/first and 1 more of its kind: the kind comes from CustomResourceDefinition/orders.example.com, an ordinary resource of the same chart, but Helm looks all kinds up before it runs a hook or makes a resource: install fails (no matches for kind "Order")`,
				"move CustomResourceDefinition/orders.example.com to the chart's crds/ folder",
			},
		},
		{name: "a definition that is a hook comes too late as well", chart: []string{crd(`hook: pre-install`), anOrder("first")}, want: []string{fails}, says: []string{"a hook of the same chart"}},
		{
			name: "a hook before its ordinary definition", chart: []string{crd(), anOrder("first", `hook: pre-install`, goes)},
			want: []string{"HH203 error Order/first in install pre-install"}, says: []string{"an ordinary resource, which Helm makes only after pre-install"},
		},
		{
			name:  "a hook before the hook that defines it",
			chart: []string{crd(`hook: pre-install`, `hook-weight: "1"`), anOrder("first", `hook: pre-install`, goes)},
			want:  []string{"HH203 error Order/first in install pre-install"},
		},
		{
			name:   "new in the upgrade",
			render: byAction([]string{configMap("x")}, []string{crd(), anOrder("first")}),
			want:   []string{"HH203 error Order/first in upgrade resources"},
		},
		{name: "a hook after the hook that defines it", chart: []string{crd(`hook: pre-install`, muchEarlier), anOrder("first", `hook: pre-install`, goes)}},
		{name: "a hook of another action defines it: a Job may do so here", chart: []string{crd(`hook: post-rollback`), anOrder("first", `hook: pre-install`, goes)}},
		{name: "a hook after its ordinary definition", chart: []string{crd(), anOrder("first", `hook: post-install`, goes)}},
		{name: "the definition is in crds/", render: shipping(anOrder("first"), anOrder("early", `hook: pre-install`, goes))},
		{name: "in crds/ and in the templates", render: shipping(crd(), anOrder("first"))},
		{name: "crds/ is skipped on purpose", options: Options{SkipCRDs: true}, render: shipping(crd(), anOrder("first"))},
		{name: "the definition is not the chart's", chart: []string{anOrder("first")}},
		{name: "nothing of the kind", chart: []string{crd()}},
	})
}

func TestWorkloadWaitsForALaterHook(t *testing.T) {
	web := deployment("web", envFromDB)
	after := secret("db", `hook: post-install,post-upgrade`)
	const made = "HH301 warning Secret/db"
	testLint(t, []lintCase{
		{
			name: "made only in post-install", chart: []string{web, after}, want: []string{"HH204 warning Secret/db in install post-install", made},
			says: []string{"Deployment/web needs Secret/db (spec.template.spec.containers[0].envFrom[0].secretRef), which is made only in post-install: its pods cannot start before, and with --wait neither ever comes"},
		},
		{name: "and Helm waits for the pods", options: Options{Wait: WaitWatcher}, chart: []string{web, after}, want: []string{"HH204 error Secret/db in install post-install", made}, says: []string{"so neither comes and install fails"}},
		{name: "atomic waits too", options: Options{Atomic: true}, engine: "helm3", chart: []string{web, after}, want: []string{"HH204 error Secret/db in install post-install", made}},
		{name: "nobody waits for a Job without --wait-for-jobs", options: Options{Wait: WaitWatcher}, chart: []string{jobWith("seed", envFromDB), secret("db", `hook: post-install`)}, want: []string{"HH204 warning Secret/db in install post-install"}},
		{name: "with --wait-for-jobs", options: Options{Wait: WaitWatcher, WaitForJobs: true}, chart: []string{jobWith("seed", envFromDB), secret("db", `hook: post-install`)}, want: []string{"HH204 error Secret/db in install post-install"}},
		{
			name: "deleted before the pods start", chart: []string{web, secret("db", `hook: pre-install,pre-upgrade`, goes)}, want: []string{"HH204 error Secret/db in install"},
			says: []string{"which hook-succeeded has deleted by then: its pods never start"},
		},
		{
			name:   "new in the upgrade",
			render: byAction([]string{configMap("x")}, []string{web, secret("db", `hook: post-upgrade`, `hook-delete-policy: hook-succeeded`)}),
			want:   []string{"HH204 warning Secret/db in upgrade post-upgrade"},
		},
		{name: "made in pre-install", chart: []string{web, secret("db", `hook: pre-install,pre-upgrade`)}, want: []string{made}},
		{name: "made by hooks of another action only: a Job may make it here", chart: []string{web, secret("db", `hook: pre-rollback`)}},
		{name: "no pods yet", chart: []string{manifest("apps/v1", "Deployment", "web", "spec: {replicas: 0, template: {spec: {"+envFromDB+"}}}\n"), secret("db", `hook: post-install`)}, want: []string{"HH205 info Secret/db"}},
		{
			name: "a CronJob comes round later", want: []string{"HH205 info Secret/db"},
			chart: []string{manifest("batch/v1", "CronJob", "nightly", fmt.Sprintf("spec: {jobTemplate: {spec: {template: {spec: {%s}}}}}\n", envFromDB)), secret("db", `hook: post-install`)},
		},
		{name: "a pull secret", chart: []string{deployment("web", "imagePullSecrets: [{name: db}]"), secret("db", `hook: post-install`)}, want: []string{"HH205 info Secret/db"}},
		{name: "an ordinary Secret", chart: []string{web, secret("db")}},
	})
}

func TestMadeByInstallOnly(t *testing.T) {
	web := deployment("web", envFromDB)
	const found = "HH205 info Secret/db"
	testLint(t, []lintCase{
		{
			name: "a Secret of pre-install", chart: []string{web, deployment("api", envFromDB), secret("db", `hook: "pre-install"`)}, want: []string{found},
			says: []string{`Secret/db is made by install only (helm.sh/hook: "pre-install") and Deployment/web and 1 more use it: no upgrade changes it, and uninstall leaves it`},
		},
		{name: "nobody uses it", chart: []string{secret("db", `hook: pre-install`)}},
		{name: "only a hook uses it", chart: []string{secret("db", `hook: pre-install`), jobWith("migrate", envFromDB, `hook: pre-install`, goes)}},
		{name: "an upgrade makes it as well", chart: []string{web, secret("db", `hook: pre-install,post-upgrade`)}, want: []string{"HH301 warning Secret/db"}},
		{name: "also an ordinary resource", chart: []string{web, secret("db"), secret("db", `hook: pre-install`)}},
	})
}
