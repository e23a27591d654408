package gitops

import (
	"reflect"
	"strings"
	"testing"
)

func TestWhereAChartComesFrom(t *testing.T) {
	const source = "source.toolkit.fluxcd.io/v1"
	find := among(
		t, object(source, "HelmRepository", "charts", "url: https://charts.example.com", "secretRef: {name: login}", "passCredentials: true"),
		object(source, "HelmRepository", "registry", "url: oci://registry.example.com/charts/", "type: oci", "insecure: true"),
		object(source, "HelmRepository", "wrong", "url: https://registry.example.com", "type: oci"),
		object(source, "HelmRepository", "empty", "type: default"),
		object(source, "OCIRepository", "tag", "url: oci://registry.example.com/shop", "ref: {tag: 1.2.3}"),
		object(source, "OCIRepository", "range", "url: oci://registry.example.com/shop", "ref: {semver: 1.x, tag: 9.9.9, semverFilter: \".*-rc.*\"}"),
		object(source, "OCIRepository", "digest", "url: oci://registry.example.com/shop", "ref: {digest: \"sha256:ab\", semver: 1.x}"),
		object(source, "OCIRepository", "newest", "url: oci://registry.example.com/shop", "secretRef: {name: login}"),
		object(source, "OCIRepository", "wrong", "url: https://registry.example.com/shop"),
		object(source, "HelmChart", "shop", "chart: shop", "version: 2.x", "valuesFiles: [a.yaml]", "sourceRef: {kind: HelmRepository, name: charts}"),
	)
	chart := func(spec string) []string { return []string{"interval: 1m", "chart: {spec: {" + spec + "}}"} }
	ref := func(kind, name string) []string {
		return []string{"interval: 1m", "chartRef: {kind: " + kind + ", name: " + name + "}"}
	}
	const digestNote = "Flux adds +DIGEST to .Chart.Version; rendered here is the plain version"
	const versionNote = "Flux adds +… to .Chart.Version, as valuesFiles and reconcileStrategy: Revision ask for; rendered here is the plain version"
	for _, c := range []struct {
		name string
		spec []string
		want Location
		err  string
	}{
		{"a repository", chart("chart: shop, version: 1.x, sourceRef: {kind: HelmRepository, name: charts}"), Location{RepoURL: "https://charts.example.com", Chart: "shop", Version: "1.x", Secret: "login", PassCredentials: true}, ""},
		{"any version", chart("chart: shop, version: '*', sourceRef: {kind: HelmRepository, name: charts}"), Location{RepoURL: "https://charts.example.com", Chart: "shop", Secret: "login", PassCredentials: true}, ""},
		{"a registry", chart("chart: shop, version: 1.2.3, sourceRef: {kind: HelmRepository, name: registry}"), Location{Ref: "oci://registry.example.com/charts/shop", Version: "1.2.3", PlainHTTP: true}, ""},
		{"a path", chart("chart: ./charts/shop, sourceRef: {kind: GitRepository, name: flux-system}"), Location{Path: "./charts/shop", Of: "GitRepository/flux-system"}, ""},
		{
			"values files", chart("chart: shop, valuesFiles: [a.yaml, b.yaml], ignoreMissingValuesFiles: true, sourceRef: {kind: Bucket, name: b}"),
			Location{Path: "shop", Of: "Bucket/b", ValuesFiles: []string{"a.yaml", "b.yaml"}, IgnoreMissing: true, Notes: []string{versionNote}},
			"",
		},
		{"the revision in the version", chart("chart: shop, reconcileStrategy: Revision, sourceRef: {kind: GitRepository, name: b}"), Location{Path: "shop", Of: "GitRepository/b", Notes: []string{versionNote}}, ""},
		{"a tag", ref("OCIRepository", "tag"), Location{Ref: "oci://registry.example.com/shop:1.2.3", Notes: []string{digestNote}}, ""},
		{
			"a range", ref("OCIRepository", "range"),
			Location{Ref: "oci://registry.example.com/shop", Version: "1.x", Notes: []string{digestNote, "OCIRepository/range: semverFilter is not applied: the newest version of 1.x is taken"}},
			"",
		},
		{"a digest", ref("OCIRepository", "digest"), Location{Ref: "oci://registry.example.com/shop@sha256:ab", Notes: []string{digestNote}}, ""},
		{"nothing", ref("OCIRepository", "newest"), Location{Ref: "oci://registry.example.com/shop:latest", Secret: "login", Notes: []string{digestNote}}, ""},
		{"a HelmChart", ref("HelmChart", "shop"), Location{RepoURL: "https://charts.example.com", Chart: "shop", Version: "2.x", Secret: "login", PassCredentials: true, ValuesFiles: []string{"a.yaml"}, Notes: []string{versionNote}}, ""},
		{"an artifact", ref("ExternalArtifact", "x"), Location{}, "which only a cluster has"},
		{"a kind that does not exist", ref("GitRepository", "x"), Location{}, `spec.chartRef.kind: "GitRepository" is none of OCIRepository, HelmChart, ExternalArtifact`},
		{"a repository that is not there", chart("chart: shop, sourceRef: {kind: HelmRepository, name: gone}"), Location{}, "takes its chart from HelmRepository/gone of namespace web, which is not there"},
		{"one of another namespace", chart("chart: shop, sourceRef: {kind: HelmRepository, name: charts, namespace: flux-system}"), Location{}, "HelmRepository/charts of namespace flux-system, which is not there"},
		{"a registry without its scheme", chart("chart: shop, sourceRef: {kind: HelmRepository, name: wrong}"), Location{}, "is no oci:// URL"},
		{"no URL", chart("chart: shop, sourceRef: {kind: HelmRepository, name: empty}"), Location{}, "spec.url is missing"},
		{"an image without its scheme", ref("OCIRepository", "wrong"), Location{}, "is no oci:// URL"},
		{"no source", chart("chart: shop"), Location{}, "spec.chart.spec.sourceRef.kind is missing"},
		{"nothing at all", []string{"interval: 1m"}, Location{}, "has neither spec.chart nor spec.chartRef"},
	} {
		h, err := ParseHelmRelease(one(t, object("helm.toolkit.fluxcd.io/v2", "HelmRelease", "shop", c.spec...)), "")
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		got, err := h.Locate(find)
		switch {
		case c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)):
			t.Errorf("%s: %v", c.name, err)
		case c.err == "" && (err != nil || !reflect.DeepEqual(got, c.want)):
			t.Errorf("%s: %v\ngot  %+v\nwant %+v", c.name, err, got, c.want)
		}
	}
}
