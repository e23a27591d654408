package cli

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// hookedChart is a chart whose Job tells its release, its values and whether it is an upgrade.
func hookedChart() map[string]string {
	return map[string]string{
		"Chart.yaml": "apiVersion: v2\nname: shop\nversion: 2.0.0\n", "values.yaml": "size: 1\nown: none\n", "ci/big.yaml": "size: 8\n",
		"templates/job.yaml": "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: {{ .Release.Name }}-{{ .Release.IsUpgrade }}-{{ .Values.size }}-{{ .Values.own }}\n" +
			"  annotations: {helm.sh/hook: \"pre-upgrade,pre-install\"}\nspec: {template: {spec: {restartPolicy: Never, containers: [{name: main, image: busybox}]}}}\n",
	}
}

func chartFolder(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	for name, text := range hookedChart() {
		path := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// chartRepository serves the chart, and asks for a password where one is set.
func chartRepository(t *testing.T, password string) (url string) {
	t.Helper()
	var packed bytes.Buffer
	zipped := gzip.NewWriter(&packed)
	archive := tar.NewWriter(zipped)
	chart := hookedChart()
	for _, name := range []string{"Chart.yaml", "values.yaml", "ci/big.yaml", "templates/job.yaml"} {
		_ = archive.WriteHeader(&tar.Header{Name: "shop/" + name, Mode: 0o644, Size: int64(len(chart[name]))})
		_, _ = archive.Write([]byte(chart[name]))
	}
	_, _ = archive.Close(), zipped.Close()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, given, _ := r.BasicAuth(); given != password {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		switch r.URL.Path {
		case "/index.yaml":
			fmt.Fprint(w, "apiVersion: v1\nentries:\n  shop:\n  - {apiVersion: v2, name: shop, version: 2.0.0, urls: [shop-2.0.0.tgz]}\n  - {apiVersion: v2, name: shop, version: 3.0.0, urls: [gone.tgz]}\n")
		case "/shop-2.0.0.tgz":
			_, _ = w.Write(packed.Bytes())
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	t.Cleanup(server.Close)
	t.Setenv("HELM_REPOSITORY_CACHE", t.TempDir())
	return server.URL
}

func liveHelmRelease(spec, status string) string {
	return fmt.Sprintf(`{"apiVersion":"helm.toolkit.fluxcd.io/v2","kind":"HelmRelease","metadata":{"name":"shop","namespace":"web","generation":1},
		"spec":{"interval":"10m",%s},"status":%s}`, spec, status)
}

const gitChart = `"chart":{"spec":{"chart":"charts/shop","sourceRef":{"kind":"GitRepository","name":"flux-system"}}}`

// repoChart takes the chart from the repository in the same namespace.
const repoChart = `"chart":{"spec":{"chart":"shop","version":"2.x","sourceRef":{"kind":"HelmRepository","name":"charts"}}}`

func Test_a_live_HelmRelease_is_planned_from_where_its_release_is(t *testing.T) {
	api := onlineRelease()
	api.objects["helmreleases/shop"] = liveHelmRelease(gitChart+`,"upgrade":{"remediation":{"retries":2}}`, `{"observedGeneration":1,"conditions":[{"type":"Ready","status":"False","reason":"UpgradeFailed","message":"one hook failed"}]}`)
	got := planOf(t, api, "helmrelease/shop")
	contains(
		t, got.stdout, "shop 1.4.0 · helmrelease/shop · release shop in namespace web · context dev · revision 3, deployed · Flux helm-controller 1.6 rules",
		"Ready is False (UpgradeFailed): one hook failed", "the upgrade shown is the stored chart with the stored values once more", "from revision 3, deployed, with the objects that are in the cluster now",
	)
	if got.code != exitFine || got.stderr != "" {
		t.Errorf("exit code %d, stderr %q", got.code, got.stderr)
	}
	for _, request := range api.asked() {
		if !strings.HasPrefix(request, "GET ") {
			t.Error(request)
		}
		if strings.Contains(request, "configmaps") || strings.Contains(request, "gitrepositories") {
			t.Errorf("%s is asked, and nothing needs it", request)
		}
	}
}

func Test_the_next_chart_of_a_live_HelmRelease_has_its_values(t *testing.T) {
	chart := chartFolder(t)
	for _, c := range []struct {
		name, spec string
		flags      []string
		says       string
	}{
		{"its values, and none of the last revision", `"values":{"size":4}`, nil, "Job/shop-true-4-none"},
		{"preserveValues", `"values":{"size":4},"upgrade":{"preserveValues":true}`, nil, "Job/shop-true-4-9"},
		{"valuesFrom", `"valuesFrom":[{"kind":"Secret","name":"own"},{"kind":"ConfigMap","name":"gone","optional":true}]`, nil, "Job/shop-true-1-sealed"},
		{"--set goes before all", `"values":{"size":4}`, []string{"--set", "size=6"}, "Job/shop-true-6-none"},
	} {
		api := onlineRelease()
		api.records[2].config = `{"own":9}`
		api.objects["helmreleases/shop"] = liveHelmRelease(gitChart+","+c.spec, `{}`)
		api.objects["secrets/own"] = `{"apiVersion":"v1","kind":"Secret","metadata":{"name":"own","namespace":"web"},"data":{"values.yaml":"b3duOiBzZWFsZWQ="}}`
		got := planOf(t, api, append([]string{"helmrelease/shop", "--chart", chart, "--action", "upgrade"}, c.flags...)...)
		if got.code != exitFine {
			t.Errorf("%s: %s", c.name, got.stderr)
		}
		contains(t, got.stdout, c.says, "the upgrade is from shop 1.4.0")
		if strings.Contains(got.stdout, "b3duOiBzZWFsZWQ") {
			t.Errorf("%s: a Secret is printed", c.name)
		}
	}
}

func Test_a_HelmRelease_without_a_release_is_installed_from_its_source(t *testing.T) {
	url := chartRepository(t, "")
	api := onlineRelease()
	api.records = nil
	api.objects["helmreleases/shop"] = liveHelmRelease(repoChart+`,"releaseName":"fresh"`, `{}`)
	api.objects["helmrepositories/charts"] = fmt.Sprintf(`{"apiVersion":"source.toolkit.fluxcd.io/v1","kind":"HelmRepository","metadata":{"name":"charts","namespace":"web"},"spec":{"url":%q}}`, url)
	got := planOf(t, api, "helmrelease/shop", "-n", "web", "--action", "install")
	contains(t, got.stdout, "there is no release fresh in namespace web: Flux installs it", "its chart: shop 2.x of "+url, "INSTALL", "Job/fresh-false-1-none")
	if got.code != exitFine {
		t.Error(got.stderr)
	}
}

func Test_what_cannot_be_read_of_a_live_HelmRelease_says_why(t *testing.T) {
	for _, c := range []struct {
		name      string
		spec      string
		arguments []string
		refuse    string
		code      int
		says      []string
	}{
		{"no such name", gitChart, []string{"helmrelease/none"}, "", 0, []string{`there is no HelmRelease/none in namespace web (context "dev")`, "kubectl get helmreleases -A shows all"}},
		{"no name at all", gitChart, []string{"helmrelease/a%2Fb/.."}, "", 0, []string{"no HelmRelease can be called"}},
		{"no right", gitChart, []string{"helmrelease/shop"}, "helmreleases", http.StatusForbidden, []string{`get helmreleases.helm.toolkit.fluxcd.io shop in namespace "web"`, "kubectl --context dev auth can-i get helmreleases.helm.toolkit.fluxcd.io -n web"}},
		{"no Flux", gitChart, []string{"helmrelease/shop"}, "helmreleases", -1, []string{`context "dev" serves no HelmRelease of helm.toolkit.fluxcd.io/v2`, "is Flux installed there"}},
		{"no Argo CD", gitChart, []string{"application/shop"}, "applications", -1, []string{`context "dev" serves no Application of argoproj.io/v1alpha1`, "is Argo CD installed there"}},
		{"another cluster", gitChart + `,"kubeConfig":{"secretRef":{"name":"far"}}`, []string{"helmrelease/shop"}, "", 0, []string{"installs into the cluster of its spec.kubeConfig", "shop -n web"}},
		{"values that are not there", gitChart + `,"valuesFrom":[{"kind":"Secret","name":"gone"}]`, []string{"helmrelease/shop", "--chart", "./testdata/charts/shop"}, "", 0, []string{"there is no Secret/gone in namespace web: Flux stops here, with Ready False (ValuesError)"}},
		{"a Secret that must not be read", gitChart + `,"valuesFrom":[{"kind":"Secret","name":"own"}]`, []string{"helmrelease/shop", "--chart", "./testdata/charts/shop"}, "secrets/own", http.StatusForbidden, []string{`get secrets own in namespace "web"`}},
		{"a flag of Helm's", gitChart, []string{"helmrelease/shop", "--reuse-values"}, "", 0, []string{"spec.upgrade.preserveValues says so"}},
		{"a revision that is none", gitChart, []string{"helmrelease/shop", "--revision", "0"}, "", 0, []string{"revisions count from 1"}},
		{"a chart to come from", gitChart, []string{"helmrelease/shop", "--from", "./testdata/charts/shop"}, "", 0, []string{"leave --from out"}},
		{"--object", gitChart, []string{"helmrelease/shop", "--object", "x"}, "", 0, []string{"it names one object already"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			inRepository(t)
			api := onlineRelease()
			api.objects["helmreleases/shop"] = liveHelmRelease(c.spec, `{}`)
			api.before = func(r *http.Request) int {
				if c.refuse != "" && strings.Contains(r.URL.Path, c.refuse) {
					return c.code
				}
				return 0
			}
			got := planOf(t, api, c.arguments...)
			if got.code != exitError || got.stdout != "" {
				t.Errorf("exit code %d, stdout %q", got.code, got.stdout)
			}
			contains(t, got.stderr, c.says...)
		})
	}
}

func Test_a_live_Application(t *testing.T) {
	const app = `{"apiVersion":"argoproj.io/v1alpha1","kind":"Application","metadata":{"name":"shop","namespace":"web"},
		"spec":{"project":"default","destination":{"namespace":"prod"},"source":{"repoURL":"https://git.example.com/x.git","path":"charts/shop"}},
		"status":{"sync":{"status":"OutOfSync"},"health":{"status":"Degraded"}}}`
	chart := chartFolder(t)
	api := onlineRelease()
	api.objects["applications/shop"] = app
	got := planOf(t, api, "application/shop", "--chart", chart, "--action", "sync")
	contains(t, got.stdout, "application/shop · release shop in namespace prod · Argo CD 3.6 rules", "Job/shop-false-1-none", `Application/shop of namespace web, context "dev"`, "it is OutOfSync and Degraded")
	if got.code != exitFine {
		t.Error(got.stderr)
	}
	asked := api.asked()
	at := func(part string) bool {
		return slices.ContainsFunc(asked, func(r string) bool { return strings.Contains(r, part) })
	}
	if !at("/namespaces/argocd/applications/shop") || !at("/namespaces/web/applications/shop") || at("/secrets") {
		t.Errorf("%q", asked)
	}
	got = planOf(t, api, "application/shop", "-n", "other")
	contains(t, got.stderr, `there is no Application/shop in namespace other (context "dev")`)
	got = planOf(t, api, "application/shop", "-n", "web")
	contains(t, got.stderr, "its chart is charts/shop in https://git.example.com/x.git, and there is no such chart here", "--chart ./PATH names it")
}

func Test_a_HelmRelease_of_a_file_with_its_repository(t *testing.T) {
	write := func(t *testing.T, url, extra, secret string) string {
		t.Helper()
		file := filepath.Join(t.TempDir(), "shop.yaml")
		text := fmt.Sprintf("apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: shop}\nspec:\n  interval: 1m\n  chart: {spec: {chart: shop, version: 2.x, sourceRef: {kind: HelmRepository, name: charts}%s}}\n"+
			"---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\nmetadata: {name: charts}\nspec: {url: %q%s}\n", extra, url, secret)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	t.Setenv("KUBECONFIG", filepath.Join(t.TempDir(), "none"))
	open := chartRepository(t, "")
	got := run(t, nil, nil, "plan", write(t, open, "", ""), "-n", "web", "--action", "install")
	contains(t, got.stdout, "shop 2.0.0", "release shop in namespace web", "Job/shop-false-1-none")
	got = run(t, nil, nil, "plan", write(t, open, ", valuesFiles: [values.yaml, ci/big.yaml, none.yaml], ignoreMissingValuesFiles: true", ""), "--action", "install")
	contains(t, got.stdout, "Job/shop-false-8-none")
	got = run(t, nil, nil, "plan", write(t, open, ", valuesFiles: [none.yaml]", ""))
	contains(t, got.stderr, "HelmRelease/shop: valuesFiles: the chart has no file none.yaml")

	closed := chartRepository(t, "hunter2")
	got = run(t, nil, nil, "plan", write(t, closed, "", ", secretRef: {name: login}"))
	contains(t, got.stderr, "find chart shop", "the credentials of Secret/login are not read: give --username and --password, or --chart ./PATH")
	got = run(t, nil, nil, "plan", write(t, closed, "", ", secretRef: {name: login}"), "--username", "u", "--password", "hunter2", "--action", "install")
	contains(t, got.stdout, "Job/shop-false-1-none")
	if strings.Contains(got.stdout, "hunter2") {
		t.Error(got.stdout)
	}
}

func Test_a_live_HelmRelease_whose_release_moves(t *testing.T) {
	api := onlineRelease()
	api.objects["helmreleases/shop"] = liveHelmRelease(gitChart+`,"releaseName":"store"`, `{"storageNamespace":"web","history":[{"name":"shop","namespace":"web","version":3,"status":"deployed","chartName":"shop"}]}`)
	got := planOf(t, api, "helmrelease/shop", "--chart", chartFolder(t), "--action", "install")
	contains(t, got.stdout, "its release name has changed: Flux first uninstalls release shop of namespace web, with its delete hooks, and then installs anew", "Job/store-false-1-none")
	if got.code != exitFine {
		t.Error(got.stderr)
	}
}
