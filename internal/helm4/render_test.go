package helm4

import (
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"helm.sh/helm/v4/pkg/action"
	ci "helm.sh/helm/v4/pkg/chart"
	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/loader"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	release "helm.sh/helm/v4/pkg/release/v1"

	"github.com/helm-hooks/helm-hooks/internal/source/sdk"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

var engine431 = plan.Engine{Name: "helm4", Version: [3]int{4, 3, 1}}

// writeFiles writes a tree of files and gives its root.
func writeFiles(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func request(revision int, upgrade bool) sdk.Request {
	return sdk.Request{
		Engine: engine431, Release: plan.Release{Name: "demo", Namespace: "prod"},
		Fields: plan.Fields{Revision: revision, IsUpgrade: upgrade},
	}
}

func mustLoad(t *testing.T, dir string) *Chart {
	t.Helper()
	chart, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	return chart
}

// family is a parent with aliased, disabled and import-values subcharts: all that ProcessDependencies
// changes in a chart.
func family(t *testing.T) string {
	return writeFiles(t, map[string]string{
		"Chart.yaml": `{apiVersion: v2, name: parent, version: 1.2.3, appVersion: "9", dependencies: [
			{name: child, version: 0.1.0, alias: one, import-values: [data]},
			{name: child, version: 0.1.0, alias: two},
			{name: idle, version: 0.1.0, condition: idle.enabled}]}`,
		"values.yaml":           "text: mine\nidle: {enabled: false}\none: {num: 1}\n",
		"templates/a.yaml":      "{{ include \"parent.meta\" . }}\n---\nv: {{ .Values.text }} {{ .Values.imported }}\n",
		"templates/_h.tpl":      `{{ define "parent.meta" }}r: {{ .Release | toJson }}{{ end }}`,
		"templates/NOTES.txt":   "notes",
		"templates/mutate.yaml": `{{ $_ := set .Values "text" "changed" }}x: {{ .Values.text }}`,
		"templates/caps.yaml": "kube: {{ .Capabilities.KubeVersion.Version }} {{ .Capabilities.KubeVersion.Minor }}\n" +
			"helm: {{ .Capabilities.HelmVersion.Version }}\napi: {{ .Capabilities.APIVersions.Has \"batch/v1\" }} {{ .Capabilities.APIVersions.Has \"example.com/v1\" }}\n",
		"crds/x.yaml":                       "kind: A\n---\nkind: B\n",
		"charts/child/Chart.yaml":           "{apiVersion: v2, name: child, version: 0.1.0}",
		"charts/child/values.yaml":          "num: 0\nexports: {data: {imported: yes-it-is}}\n",
		"charts/child/templates/c.yaml":     "num: {{ .Values.num }} {{ .Chart.Name }}",
		"charts/child/crds/child.yaml":      "kind: C\n",
		"charts/idle/Chart.yaml":            "{apiVersion: v2, name: idle, version: 0.1.0}",
		"charts/idle/templates/idle.yaml":   "idle: true",
		"charts/unlisted/Chart.yaml":        "{apiVersion: v2, name: unlisted, version: 0.1.0}",
		"charts/unlisted/crds/u.yaml":       "kind: U\n",
		"charts/another/Chart.yaml":         "{apiVersion: v2, name: another, version: 0.1.0}",
		"charts/another/crds/u.yaml":        "kind: V\n",
		"charts/another/templates/_lib.tpl": "",
	})
}

// build is the folder of a module.
func build(t *testing.T, module string) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

func TestRenderGivesHelmsDocuments(t *testing.T) {
	result, err := mustLoad(t, family(t)).Render(request(2, true))
	if err != nil {
		t.Fatal(err)
	}
	want := []plan.Document{
		{Template: "parent/charts/one/templates/c.yaml", Text: "num: 1 one"},
		{Template: "parent/charts/two/templates/c.yaml", Text: "num: 0 two"},
		{
			Template: "parent/templates/a.yaml",
			Text:     `r: {"IsInstall":false,"IsUpgrade":true,"Name":"demo","Namespace":"prod","Revision":2,"Service":"Helm"}` + "\n",
		},
		{Template: "parent/templates/a.yaml", Index: 1, Text: "v: mine yes-it-is\n"},
		{
			Template: "parent/templates/caps.yaml",
			Text:     "kube: v1.37.0 37\nhelm: v4.3.1\napi: true false\n",
		},
		{Template: "parent/templates/mutate.yaml", Text: "x: changed"},
	}
	// The order in which templates run decides what .Values.text is in a.yaml: Helm runs them by
	// descending path (v4 pkg/engine/engine.go: sortTemplates).
	want[3].Text = "v: changed yes-it-is\n"
	if diff := cmp.Diff(want, result.Documents); diff != "" {
		t.Error(diff)
	}
	var crds []string
	for _, crd := range result.CRDs {
		crds = append(crds, fmt.Sprintf("%s %d", crd.Path, len(crd.Documents)))
	}
	wantCRDs := []string{
		"parent/crds/x.yaml 2", "parent/charts/another/crds/u.yaml 1", "parent/charts/unlisted/crds/u.yaml 1",
		"parent/charts/one/crds/child.yaml 1", "parent/charts/two/crds/child.yaml 1",
	}
	if diff := cmp.Diff(wantCRDs, crds); diff != "" {
		t.Error(diff)
	}
	for _, text := range result.Active {
		if strings.Contains(text.Path, "/idle/") {
			t.Errorf("the disabled subchart's %s is active", text.Path)
		}
	}
}

func TestRenderLeavesNoTrace(t *testing.T) {
	chart := mustLoad(t, family(t))
	values := map[string]any{"text": "user", "one": map[string]any{"num": 7}}
	first := request(1, false)
	first.Values = values
	want, err := chart.Render(first)
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			got, err := chart.Render(first)
			if err != nil {
				t.Error(err)
				return
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	group.Wait()
	if diff := cmp.Diff(map[string]any{"text": "user", "one": map[string]any{"num": 7}}, values); diff != "" {
		t.Errorf("the user's values were changed: %s", diff)
	}
}

func TestCapabilitiesLeaveTheDefaultsAlone(t *testing.T) {
	before := *common.DefaultCapabilities
	versions := append(common.VersionSet{}, common.DefaultVersionSet...)
	asked := request(1, false)
	asked.KubeVersion, asked.APIVersions = "1.29.3", []string{"example.com/v1"}
	result, err := mustLoad(t, family(t)).Render(asked)
	if err != nil {
		t.Fatal(err)
	}
	want := "kube: v1.29.3 29\nhelm: v4.3.1\napi: true true\n"
	if got := result.Documents[4].Text; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if !reflect.DeepEqual(before, *common.DefaultCapabilities) || !reflect.DeepEqual(versions, common.DefaultVersionSet) {
		t.Error("the SDK's defaults were changed")
	}
}

func TestErrorsAreHelms(t *testing.T) {
	meta := "{apiVersion: v2, name: c, version: 0.1.0%s}"
	for _, test := range []struct {
		name   string
		files  map[string]string
		change func(*sdk.Request)
		want   string
	}{
		{"a library chart", map[string]string{"Chart.yaml": fmt.Sprintf(meta, ", type: library")}, nil, "library charts are not installable"},
		{
			"missing dependencies",
			map[string]string{"Chart.yaml": fmt.Sprintf(meta, ", dependencies: [{name: db, version: 1.0.0}, {name: mq, version: 1.0.0}]")},
			nil,
			"an error occurred while checking for chart dependencies. You may need to run 'helm dependency build' to fetch missing dependencies: " +
				"found in Chart.yaml, but missing in charts/ directory: db, mq",
		},
		{"no Chart.yaml", map[string]string{"values.yaml": ""}, nil, "unable to detect chart at "},
		{"chart API v3", map[string]string{"Chart.yaml": "{apiVersion: v3, name: c, version: 0.1.0}"}, nil, "invalid chart apiVersion"},
		{
			"another Kubernetes",
			map[string]string{"Chart.yaml": fmt.Sprintf(meta, `, kubeVersion: ">=1.99.0"`)},
			nil, "chart requires kubeVersion: >=1.99.0 which is incompatible with Kubernetes v1.37.0",
		},
		{
			"an odd --kube-version",
			map[string]string{"Chart.yaml": fmt.Sprintf(meta, "")},
			func(r *sdk.Request) { r.KubeVersion = "latest" },
			"invalid kube version 'latest'",
		},
		{
			"values against the schema",
			map[string]string{"Chart.yaml": fmt.Sprintf(meta, ""), "values.schema.json": `{"required": ["image"]}`},
			nil, "values don't meet the specifications of the schema(s) in the following chart(s):\nc:",
		},
		{
			"a failing template",
			map[string]string{"Chart.yaml": fmt.Sprintf(meta, ""), "templates/x.yaml": "a: b\nc: {{ fail \"no luck\" }}"},
			nil, "execution error at (c/templates/x.yaml:2:6): no luck",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			chart, err := Load(writeFiles(t, test.files))
			if err == nil {
				asked := request(1, false)
				if test.change != nil {
					test.change(&asked)
				}
				_, err = chart.Render(asked)
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

func TestSchemaValidationCanBeSkipped(t *testing.T) {
	dir := writeFiles(t, map[string]string{"Chart.yaml": "{apiVersion: v2, name: c, version: 0.1.0}", "values.schema.json": `{"required": ["image"]}`})
	asked := request(1, false)
	asked.SkipSchemaValidation = true
	if _, err := mustLoad(t, dir).Render(asked); err != nil {
		t.Error(err)
	}
}

func TestLoadFSEqualsLoad(t *testing.T) {
	dir := family(t)
	for name, text := range map[string]string{".helmignore": "*.bak\nsecret/\n", "templates/x.yaml.bak": "{{ fail }}", "secret/x": "x"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	embedded, err := LoadFS(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(mustLoad(t, dir).Texts(), embedded.Texts()); diff != "" {
		t.Error(diff)
	}
}

// charts are all charts at hand: the project's and those in the module's own testdata.
func charts(t *testing.T) []string {
	t.Helper()
	var dirs []string
	module := filepath.Join(build(t, "helm.sh/helm/v4"), "pkg")
	for _, root := range []string{"../../testdata/charts", module} {
		err := filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
			if err == nil && entry.Name() == "Chart.yaml" {
				dirs = append(dirs, filepath.Dir(path))
			}
			if err == nil && strings.HasSuffix(path, ".tgz") {
				dirs = append(dirs, path)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return dirs
}

// missing is Helm's own check for dependencies.
func missing(c *chart.Chart) bool {
	var wanted []ci.Dependency
	for _, dependency := range c.Metadata.Dependencies {
		wanted = append(wanted, dependency)
	}
	return action.CheckDependencies(c, wanted) != nil
}

// TestRenderEqualsAction holds the documents against what `helm template` of the SDK makes of the same
// chart: each hook and each manifest must be among them, and what is left over must be dropped ones.
func TestRenderEqualsAction(t *testing.T) {
	kube, err := common.ParseKubeVersion("v1.37.0")
	if err != nil {
		t.Fatal(err)
	}
	compared, all := 0, 0
	for _, dir := range charts(t) {
		random, unknown := 0, 0
		client := action.NewInstall(action.NewConfiguration(action.ConfigurationSetLogger(slog.DiscardHandler)))
		client.DryRunStrategy, client.Replace, client.ReleaseName, client.Namespace = action.DryRunClient, true, "demo", "prod"
		client.KubeVersion = kube
		loaded, err := loader.Load(dir)
		v2, isV2 := loaded.(*chart.Chart)
		if err != nil || !isV2 || (v2.Metadata.Type != "" && v2.Metadata.Type != "application") || missing(v2) {
			if _, ours := Load(dir); ours == nil {
				t.Errorf("%s: loaded, but Helm says %v", dir, err)
			}
			continue
		}
		released, wantErr := client.Run(loaded, map[string]any{})
		result, err := mustLoad(t, dir).Render(request(1, false))
		if wantErr != nil {
			if err == nil && !strings.Contains(wantErr.Error(), "YAML parse error") {
				t.Errorf("%s: rendered, but Helm says %v", dir, wantErr)
			}
			if err != nil && err.Error() != wantErr.Error() {
				t.Errorf("%s: got error\n%v\nwant\n%v", dir, err, wantErr)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", dir, err)
			continue
		}
		again, err := mustLoad(t, dir).Render(request(1, false))
		if err != nil {
			t.Fatal(err)
		}
		release := released.(*release.Release)
		left := map[string]int{}
		for i, document := range result.Documents {
			if document.Text != again.Documents[i].Text {
				random++ // a random value: no two renders are alike
				continue
			}
			left[document.Template+"\n"+strings.TrimRight(document.Text, "\n")]++ // cutting the manifest apart loses them
		}
		for _, hook := range release.Hooks {
			left[hook.Path+"\n"+strings.TrimRight(hook.Manifest, "\n")]--
		}
		for _, part := range strings.Split("\n"+release.Manifest, "\n---\n# Source: ") {
			if part != "" && part != "\n" {
				left[strings.TrimRight(part, "\n")]--
			}
		}
		for document, count := range left {
			if count < 0 {
				unknown -= count
			}
			if count > 0 && !strings.Contains(document, "helm.sh/hook") {
				t.Errorf("%s: Helm has no\n%s", dir, document)
			}
		}
		if unknown != random {
			t.Errorf("%s: Helm has %d documents that we have not, %d are random", dir, unknown, random)
		}
		compared += len(result.Documents) - random
		all++
	}
	t.Logf("%d documents of %d charts compared", compared, all)
	if compared < 50 {
		t.Errorf("only %d documents were compared", compared)
	}
}
