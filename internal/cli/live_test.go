package cli

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// onlineRelease is revision 3 of shop in web: deployed, with a Job for upgrades that is still there.
func onlineRelease() *statusAPI {
	migrate := storedHook("migrate", "pre-install,pre-upgrade,pre-rollback", "Succeeded", time.Hour)
	return &statusAPI{
		records: []storedRecord{
			{namespace: "web", release: "shop", revision: 1, status: "superseded", age: 9 * time.Hour, hooks: migrate},
			{namespace: "web", release: "shop", revision: 2, status: "failed", age: 8 * time.Hour, hooks: migrate},
			{namespace: "web", release: "shop", revision: 3, status: "deployed", age: time.Hour, hooks: migrate},
			{namespace: "web", release: "shop-2", revision: 1, status: "deployed", age: time.Hour},
			{namespace: "web", release: "halted", revision: 1, status: "pending-install", age: time.Hour, hooks: storedHook("seed", "pre-install", "Running", time.Hour)},
		},
		objects: map[string]string{
			"jobs/migrate": `{"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"migrate","namespace":"web","uid":"1"},"status":{"conditions":[{"type":"Complete","status":"True"}]}}`,
		},
	}
}

func planOf(t *testing.T, api *statusAPI, arguments ...string) answer {
	t.Helper()
	return run(t, nil, func(env *Env) { env.Now = listNow }, append([]string{"plan", "--kubeconfig", api.start(t)}, arguments...)...)
}

func Test_a_release_is_planned_from_where_it_is(t *testing.T) {
	api := onlineRelease()
	got := planOf(t, api, "shop")
	contains(
		t, got.stdout, "release shop in namespace web · context dev · revision 3, deployed · shop 1.4.0",
		"from revision 3, deployed, with the objects that are in the cluster now", "Job/migrate", "last run 5.0s, 2026-11-03 11:00:00 UTC",
		"ROLLBACK", "runs the hooks of revision 2", "LEFT after uninstall: Job/migrate",
	)
	if got.code != exitFine || got.stderr != "" {
		t.Errorf("exit code %d, stderr %q", got.code, got.stderr)
	}
	for _, request := range api.asked() {
		if !strings.HasPrefix(request, "GET ") {
			t.Error(request)
		}
	}
}

// `helm get hooks` downloads every revision; one action needs one record, or two.
func Test_only_the_records_that_are_needed_are_fetched(t *testing.T) {
	for _, c := range []struct {
		arguments []string
		records   []string
		objects   bool
	}{
		{[]string{"--action", "uninstall"}, []string{"v3"}, true},
		{[]string{"--action", "uninstall", "--offline"}, []string{"v3"}, false},
		{[]string{"--action", "rollback", "--offline"}, []string{"v2", "v3"}, false},
		{[]string{"--action", "rollback", "--revision", "1"}, []string{"v1", "v3"}, true},
		{[]string{"--offline"}, []string{"v2", "v3"}, false},
	} {
		api := onlineRelease()
		if got := planOf(t, api, append([]string{"shop"}, c.arguments...)...); got.code != exitFine {
			t.Errorf("%q: exit code %d, %s", c.arguments, got.code, got.stderr)
		}
		var records []string
		objects := false
		for _, request := range api.asked() {
			if _, revision, ok := strings.Cut(request, "sh.helm.release.v1.shop."); ok {
				records = append(records, revision)
			}
			objects = objects || strings.Contains(request, "/jobs/")
		}
		slices.Sort(records)
		if !slices.Equal(records, c.records) || objects != c.objects {
			t.Errorf("%q: fetched %q, objects %v; want %q, %v", c.arguments, records, objects, c.records, c.objects)
		}
	}
}

func Test_what_is_in_the_cluster_changes_the_plan(t *testing.T) {
	api := onlineRelease()
	left := storedHook("migrate", "pre-upgrade", "Succeeded", time.Hour)
	left = strings.Replace(left, "annotations: {", "annotations: {helm.sh/hook-delete-policy: hook-failed, ", 1)
	api.records[2].hooks = left
	gone := onlineRelease()
	gone.records[2].hooks, gone.objects = left, nil
	running := onlineRelease()
	running.records[2].hooks = left
	running.objects["jobs/migrate"] = `{"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"migrate","deletionTimestamp":"2026-11-03T11:30:00Z","finalizers":["example.com/slow"]},"status":{}}`
	for _, c := range []struct {
		name  string
		api   *statusAPI
		flags []string
		says  string
	}{
		{"it is there: Helm 3", api, []string{"--engine", "helm3"}, `jobs.batch "migrate" already exists`},
		{"it is there: Helm 4, POSTed before", api, []string{"--engine", "helm4"}, `jobs.batch "migrate" already exists`},
		{"it is gone", gone, []string{"--engine", "helm3"}, "job completes"},
		{"it is going", running, nil, "Job/migrate was deleted and has not gone yet; it waits for example.com/slow"},
	} {
		got := planOf(t, c.api, append([]string{"shop", "--action", "upgrade"}, c.flags...)...)
		if !strings.Contains(strings.Join(strings.Fields(got.stdout), " "), c.says) {
			t.Errorf("%s: no %q in\n%s%s", c.name, c.says, got.stdout, got.stderr)
		}
	}
}

func Test_a_stuck_release_gets_its_way_out_first(t *testing.T) {
	got := planOf(t, onlineRelease(), "halted", "--engine", "helm4")
	contains(
		t, got.stdout, "WAY OUT  of revision 1, pending-install", "helm uninstall halted -n web --kube-context dev",
		"another operation (install/upgrade/rollback) is in progress", "REFUSED, nothing runs",
	)
	if at := strings.Index(got.stdout, "WAY OUT"); at < 0 || at > strings.Index(got.stdout, "UPGRADE ") {
		t.Error(got.stdout)
	}
}

func Test_the_next_chart_of_a_release(t *testing.T) {
	chart := t.TempDir()
	for name, text := range map[string]string{
		"Chart.yaml": "apiVersion: v2\nname: shop\nversion: 2.0.0\n", "values.yaml": "size: 1\n",
		"templates/job.yaml": "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: r{{ .Release.Revision }}-{{ .Release.IsUpgrade }}-{{ .Values.size }}-{{ .Values.own }}\n" +
			"  annotations: {helm.sh/hook: \"pre-upgrade,pre-install\"}\nspec: {template: {spec: {restartPolicy: Never, containers: [{name: main, image: busybox}]}}}\n",
	} {
		path := filepath.Join(chart, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name      string
		arguments []string
		says      []string
	}{
		{"the values given", []string{"shop", "--chart", chart, "--set", "own=2"}, []string{"shop 2.0.0", "the upgrade is from shop 1.4.0", "Job/r4-true-1-2"}},
		{"the stored values", []string{"shop", "--chart", chart}, []string{"Job/r4-true-1-9"}},
		{"reused", []string{"shop", "--chart", chart, "--set", "size=3", "--reset-then-reuse-values"}, []string{"Job/r4-true-3-9"}},
		{"reset", []string{"shop", "--chart", chart, "--reset-values", "--set", "own=x"}, []string{"Job/r4-true-1-x"}},
		{"no release yet", []string{"new", "--chart", chart, "--set", "own=2"}, []string{"there is no release new in namespace web", "INSTALL", "Job/r1-false-1-2"}},
	} {
		api := onlineRelease()
		api.records[2].config = `{"own":9}`
		got := planOf(t, api, c.arguments...)
		if got.code != exitFine {
			t.Errorf("%s: %s", c.name, got.stderr)
		}
		contains(t, got.stdout, c.says...)
	}
}

func Test_what_cannot_be_planned_of_a_release_says_why(t *testing.T) {
	for _, c := range []struct {
		name      string
		arguments []string
		refuse    string
		code      int
		says      []string
	}{
		{"a name nearby", []string{"shpo"}, "", 0, []string{`release "shpo" not found in namespace "web" (context "dev")`, "did you mean shop?", "./shpo"}},
		{"no such name", []string{"zzzzzz"}, "", 0, []string{"helm list -n web", "a chart's path needs a slash: ./zzzzzz"}},
		{"no release's name", []string{"Shop"}, "", 0, []string{`no release can be called "Shop"`}},
		{"forbidden", []string{"shop"}, "/secrets", http.StatusForbidden, []string{`list secrets in namespace "web"`, "kubectl --context dev auth can-i list secrets -n web"}},
		{"the server is in trouble", []string{"shop"}, "/secrets/", http.StatusInternalServerError, []string{"get secrets sh.helm.release.v1.shop.v3", "try again later"}},
		{"no such revision", []string{"shop", "--revision", "7"}, "", 0, []string{"release shop has no revision 7", "stored are 1, 2, 3"}},
		{"a revision that is none", []string{"shop", "--revision", "0"}, "", 0, []string{"revisions count from 1"}},
		{"values without a chart", []string{"shop", "--set", "a=b"}, "", 0, []string{"--set has no effect: a release is planned as it is stored", "--chart CHART"}},
		{"reuse without a chart", []string{"shop", "--reuse-values"}, "", 0, []string{"--reuse-values has no effect"}},
		{"--chart of a chart", []string{"./testdata/charts/shop", "--offline"}, "", 0, []string{"--offline is about a release in a cluster, and ./testdata/charts/shop is none"}},
		{"--chart that is none", []string{"shop", "--chart", "nothing"}, "", 0, []string{`--chart "nothing" is no chart`}},
		{"--from", []string{"shop", "--from", "./testdata/charts/shop"}, "", 0, []string{"leave --from out"}},
		{"--dry-run", []string{"shop", "--dry-run=all", "--chart", "./testdata/charts/shop"}, "", 0, []string{"--dry-run=all: valid are client and server"}},
		{"no such context", []string{"shop", "--context", "moon"}, "", 0, []string{`the kubeconfig has no context "moon"`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			inRepository(t)
			api := onlineRelease()
			if c.refuse != "" {
				api.before = func(r *http.Request) int {
					if strings.Contains(r.URL.Path, c.refuse) {
						return c.code
					}
					return 0
				}
			}
			got := planOf(t, api, c.arguments...)
			if got.code != exitError || got.stdout != "" {
				t.Errorf("exit code %d, stdout %q", got.code, got.stdout)
			}
			contains(t, got.stderr, c.says...)
		})
	}
}

// helm-controller 1.6 acts next, and it carries Helm 4.2.
func Test_a_release_of_Flux_is_planned_by_the_rules_of_the_Helm_in_it(t *testing.T) {
	api := onlineRelease()
	api.records[2].manifest = `"---\n# Source: shop/templates/a.yaml\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  labels:\n    helm.toolkit.fluxcd.io/name: shop\n    helm.toolkit.fluxcd.io/namespace: apps\n"`
	for _, flags := range [][]string{nil, {"--engine", "helm3"}} {
		got := run(t, nil, func(env *Env) {
			lookup := env.Lookup
			env.Lookup = func(name string) (string, bool) {
				if name == "HELM_BIN" || name == "HELM_PLUGIN_DIR" {
					return "/nowhere/helm", true // a Helm 3: it hands no HELM_CONTENT_CACHE over
				}
				return lookup(name)
			}
		}, append([]string{"plan", "--kubeconfig", api.start(t), "shop", "-n", "web", "--action", "uninstall"}, flags...)...)
		rules := "Helm 4.2 rules"
		if flags != nil {
			rules = "Helm 3.22 rules"
		}
		contains(t, got.stdout, "Flux looks after this release: plan helmrelease/shop -n apps", rules)
	}
}

func Test_drivers_as_HELM_DRIVER_says(t *testing.T) {
	for value, says := range map[string]string{
		"sql": "release records in a database are not read", "memory": "there are none to read", "disk": "unknown driver",
	} {
		api := onlineRelease()
		got := run(t, nil, func(env *Env) {
			lookup := env.Lookup
			env.Lookup = func(name string) (string, bool) {
				if name == "HELM_DRIVER" {
					return value, true
				}
				return lookup(name)
			}
		}, "plan", "--kubeconfig", api.start(t), "shop")
		if got.code != exitError || !strings.Contains(got.stderr, says) {
			t.Errorf("%s: %d, %s", value, got.code, got.stderr)
		}
	}
}

// Argo CD runs no Helm action and leaves no record: that is said instead of "not found" alone.
func Test_a_chart_that_Argo_CD_renders_has_no_release(t *testing.T) {
	const metadata = `{"apiVersion":"meta.k8s.io/v1","kind":"PartialObjectMetadataList","metadata":{},"items":[{"metadata":{"name":"front","namespace":"web"%s}}]}`
	for name, marks := range map[string]string{
		"the annotation":    `,"annotations":{"argocd.argoproj.io/tracking-id":"store:apps/Deployment:web/front"}`,
		"its label":         `,"labels":{"argocd.argoproj.io/instance":"store"}`,
		"none of Argo CD's": "",
	} {
		api := onlineRelease()
		api.objects["deployments"] = fmt.Sprintf(metadata, marks)
		got := planOf(t, api, "front")
		contains(t, got.stderr, `release "front" not found in namespace "web"`)
		if said := strings.Contains(got.stderr, "Argo CD looks after it (Application store), renders the chart itself and leaves no Helm record"); said != (marks != "") || got.code != exitError {
			t.Errorf("%s: %d, %s", name, got.code, got.stderr)
		}
	}
}
