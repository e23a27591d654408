package gitops

import (
	"reflect"
	"strings"
	"testing"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

func application(spec ...string) string {
	return object("argoproj.io/v1alpha1", "Application", "shop", append([]string{"project: team", "destination: {namespace: prod, name: in-cluster}"}, spec...)...)
}

func readApp(t *testing.T, spec ...string) *Application {
	t.Helper()
	a, err := ParseApplication(one(t, application(spec...)), "")
	if err != nil {
		t.Fatal(err)
	}
	return a
}

const gitSource = "source: {repoURL: https://git.example.com/x.git, path: charts/shop, targetRevision: main"

func TestWhereAnApplicationsChartComesFrom(t *testing.T) {
	for _, c := range []struct {
		source string
		want   Location
	}{
		{gitSource + "}", Location{Path: "charts/shop", Of: "https://git.example.com/x.git"}},
		{"source: {repoURL: https://git.example.com/x.git}", Location{Path: ".", Of: "https://git.example.com/x.git"}},
		{"source: {repoURL: https://charts.example.com, chart: shop, targetRevision: 1.x, helm: {passCredentials: true}}", Location{RepoURL: "https://charts.example.com", Chart: "shop", Version: "1.x", PassCredentials: true}},
		{"source: {repoURL: https://charts.example.com, chart: shop, targetRevision: '*'}", Location{RepoURL: "https://charts.example.com", Chart: "shop"}},
		{"source: {repoURL: registry.example.com/charts, chart: shop, targetRevision: 1.2.3}", Location{Ref: "oci://registry.example.com/charts/shop", Version: "1.2.3"}},
		{"source: {repoURL: oci://registry.example.com/shop, path: ., targetRevision: 1.2.3}", Location{Ref: "oci://registry.example.com/shop", Version: "1.2.3"}},
		{"sources: [{repoURL: https://git.example.com/v.git, ref: values}, {repoURL: https://charts.example.com, chart: shop}]", Location{RepoURL: "https://charts.example.com", Chart: "shop"}},
	} {
		if got := readApp(t, c.source).Locate(); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s:\n%+v", c.source, got)
		}
	}
}

func TestTheReleaseOfAnApplication(t *testing.T) {
	for source, want := range map[string]plan.Release{
		gitSource + "}": {Name: "shop", Namespace: "prod"},
		gitSource + ", helm: {releaseName: store, namespace: other}}": {Name: "store", Namespace: "other"},
	} {
		if got := readApp(t, source).Release; got != want {
			t.Errorf("%s: %v", source, got)
		}
	}
}

func TestParametersOfAnApplication(t *testing.T) {
	a := readApp(t, "sources:", "- {repoURL: https://git.example.com/v.git, ref: values}", "- repoURL: https://git.example.com/x.git", "  path: charts/shop", "  helm:",
		"    ignoreMissingValueFiles: true", "    skipCrds: true", "    skipTests: true", "    skipSchemaValidation: true", "    kubeVersion: 1.30.0", "    apiVersions: [a/v1]",
		"    valueFiles: [a.yaml, $values/prod/b.yaml, '$ARGOCD_APP_NAME.yaml', $other/c.yaml]",
		"    values: 'a: 1'", "    valuesObject: {b: 2}",
		"    parameters: [{name: x, value: 'a,b'}, {name: l, value: '{a,b}'}, {name: z, value: '1', forceString: true}, {name: x, value: '$ARGOCD_APP_NAMESPACE-$$-$ARGOCD_APP_REVISION-$NONE'}, {name: c, value: 'a\\,b,,c'}]",
		"    fileParameters: [{name: f, path: f.txt}, {name: g, path: $values/g.txt}]",
	)
	got, unknown, err := a.Parameters()
	if err != nil {
		t.Fatal(err)
	}
	want := Parameters{
		ValueFiles: []string{"a.yaml", "$values/prod/b.yaml", "shop.yaml", "/c.yaml"}, IgnoreMissing: true, Values: "b: 2\n",
		Set: []string{"x=prod-$--", "l={a,b}", `c=a\,b\,\,c`}, SetString: []string{"z=1"}, SetFile: []string{"f=f.txt", "g=$values/g.txt"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if len(unknown) != 1 || !strings.Contains(unknown[0].Why, "ARGOCD_APP_REVISION, which") {
		t.Errorf("%v", unknown)
	}
	if !a.SkipCRDs() || !a.SkipTests() || !a.SkipSchemaValidation() || a.KubeVersion() != "1.30.0" || !reflect.DeepEqual(a.APIVersions(), []string{"a/v1"}) {
		t.Errorf("%+v", a.Source.Helm)
	}
}

func TestApplicationsThatRenderNoChart(t *testing.T) {
	for _, c := range []struct {
		spec []string
		says string
	}{
		{nil, "it has neither spec.source nor spec.sources"},
		{[]string{"source: {path: x}"}, "spec.source.repoURL is missing"},
		{[]string{gitSource + ", kustomize: {namePrefix: a}}"}, "Kustomize renders it"},
		{[]string{gitSource + ", plugin: {name: a}}"}, "a plugin renders it"},
		{[]string{gitSource + ", directory: {recurse: true}}"}, "it is a folder of manifests"},
		{[]string{"sources: [{repoURL: a, ref: x}]"}, "none of spec.sources renders anything"},
		{[]string{"sources: [{repoURL: a, path: one}, {repoURL: b, chart: two}]"}, "2 of spec.sources render objects (one, two)"},
		{[]string{"sourceHydrator: {drySource: {}}"}, "spec.sourceHydrator syncs what was rendered before"},
		{[]string{gitSource + ", helm: {skipTests: 'yes'}}"}, "spec.source.helm.skipTests is a string and should be true or false"},
		{[]string{gitSource + ", helm: {parameters: [{name: a, value: 1}]}}"}, "should be a string"},
	} {
		_, err := ParseApplication(one(t, application(c.spec...)), "")
		if err == nil {
			t.Errorf("%q: taken", c.spec)
			continue
		}
		says(t, err.Error(), "Application/shop", c.says)
	}
}

func TestNotesOfAnApplication(t *testing.T) {
	for _, c := range []struct {
		spec []string
		want string
	}{
		{nil, "no automated sync"},
		{[]string{"syncPolicy: {automated: {enabled: false}}"}, "no automated sync"},
		{[]string{"syncPolicy: {automated: {}}"}, "a failed sync is tried again up to 5 times"},
		{[]string{"syncPolicy: {automated: {selfHeal: true}}"}, "selfHeal undoes what others change without running a hook"},
		{[]string{"syncPolicy: {automated: {}, retry: {limit: -1}}"}, "without end"},
		{[]string{"syncPolicy: {syncOptions: [ApplyOutOfSyncOnly=true]}"}, "ApplyOutOfSyncOnly leaves out what is in sync, and no hook"},
		{[]string{"syncPolicy: {automatic: {}}"}, "spec.syncPolicy.automatic is no field of an Application, so the API server drops it; did you mean automated?"},
		{nil, "without the finalizer resources-finalizer.argocd.argoproj.io"},
	} {
		says(t, strings.Join(readApp(t, append([]string{gitSource + "}"}, c.spec...)...).Notes, "\n"), c.want)
	}
	text := strings.Replace(application(gitSource+"}", "syncPolicy: {retry: {limit: 0}}"), "namespace: web}",
		"namespace: web, finalizers: [resources-finalizer.argocd.argoproj.io], annotations: {argocd.argoproj.io/skip-reconcile: \"true\"}}", 1) +
		"status: {sync: {status: OutOfSync}, health: {status: Degraded}, operationState: {phase: Failed, message: one hook failed}}\n"
	a, err := ParseApplication(one(t, text), "")
	if err != nil {
		t.Fatal(err)
	}
	notes := strings.Join(a.Notes, "\n")
	says(t, notes, "Argo CD leaves this Application alone", "it is OutOfSync and Degraded", "its last sync: Failed: one hook failed")
	if strings.Contains(notes, "without the finalizer") || strings.Contains(notes, "tried again") {
		t.Error(notes)
	}
}
