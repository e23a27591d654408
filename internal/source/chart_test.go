package source

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/helm-hooks/helm-hooks/internal/helm3"
	"github.com/helm-hooks/helm-hooks/internal/source/sdk"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

var engines = []plan.Engine{{Name: "helm3", Version: [3]int{3, 22, 0}}, {Name: "helm4", Version: [3]int{4, 3, 1}}}

// eachEngine runs a test under both Helms.
func eachEngine(t *testing.T, test func(t *testing.T, engine plan.Engine)) {
	t.Helper()
	for _, engine := range engines {
		t.Run(engine.Name, func(t *testing.T) { test(t, engine) })
	}
}

// chartDir writes a chart called shop; Chart.yaml is there unless given.
func chartDir(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "folder")
	all := map[string]string{"Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.4.0\nappVersion: \"9\"\n"}
	for name, text := range files {
		all[name] = text
	}
	for name, text := range all {
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

func chartOptions(dir string, engine plan.Engine) ChartOptions {
	return ChartOptions{Target: Target{Kind: KindChart, Ref: dir, Given: dir}, Engine: engine}
}

func mustChart(t *testing.T, options ChartOptions) *Source {
	t.Helper()
	source, err := FromChart(options)
	if err != nil {
		t.Fatal(err)
	}
	return source
}

func texts(t *testing.T, source *Source, fields plan.Fields) []string {
	t.Helper()
	rendered, err := source.Render(fields)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, document := range rendered.Documents {
		out = append(out, strings.TrimSpace(document.Text))
	}
	return out
}

func TestFromChart(t *testing.T) {
	eachEngine(t, func(t *testing.T, engine plan.Engine) {
		dir := chartDir(t, map[string]string{
			"values.yaml":      "a: 1\n",
			"templates/x.yaml": "v: {{ .Values.a }} {{ .Values.b }} {{ .Release.Name }} {{ .Release.Namespace }} {{ .Capabilities.KubeVersion.Version }}",
			"crds/c.yaml":      "kind: C\n",
			"Chart.yaml":       "apiVersion: v2\nname: shop\nversion: 1.4.0\nappVersion: \"9\"\ndeprecated: true\n",
		})
		options := chartOptions(dir, engine)
		options.Release = plan.Release{Name: "web", Namespace: "prod"}
		options.Values = helm3.ValueOptions{Set: []string{"b=two"}}
		options.KubeVersion = "1.31.2"
		source := mustChart(t, options)
		if diff := cmp.Diff([]string{"v: 1 two web prod v1.31.2"}, texts(t, source, plan.Fields{Revision: 1})); diff != "" {
			t.Error(diff)
		}
		rendered, err := source.Render(plan.Fields{Revision: 1})
		if err != nil || len(rendered.CRDs) != 1 || rendered.CRDs[0].Path != "shop/crds/c.yaml" {
			t.Errorf("got %+v, %v", rendered.CRDs, err)
		}
		if source.Type != TypeChart || source.Chart != "shop" || source.ChartVersion != "1.4.0" || source.AppVersion != "9" ||
			source.Name != "web" || source.Namespace != "prod" || source.AlreadyRendered || len(source.Notes) != 1 {
			t.Errorf("got %+v", source)
		}
		if source := mustChart(t, chartOptions(dir, engine)); source.Name != "shop" || source.Namespace != "default" {
			t.Errorf("by default the release is %+v", source.Release())
		}
	})
}

// counting counts the renders of a chart.
type counting struct {
	sdk.Chart
	renders atomic.Int64
}

func (c *counting) Render(request sdk.Request) (sdk.Result, error) {
	c.renders.Add(1)
	return c.Chart.Render(request)
}

func TestOneRenderServesAllRevisionsThatNobodyCanTellApart(t *testing.T) {
	for _, test := range []struct {
		name    string
		files   map[string]string
		values  map[string]any
		renders int64
		want    string
	}{
		{"no template asks", map[string]string{"templates/x.yaml": "v: {{ .Release.Name }}"}, nil, 1, "v: web"},
		{"a template asks", map[string]string{"templates/x.yaml": "v: {{ .Release.Revision }} {{ .Release.IsUpgrade }}"}, nil, 3, "v: 3 true"},
		{"a template asks whether it is an upgrade", map[string]string{"templates/x.yaml": "v: {{ .Release.Name }} {{ $.Release.IsUpgrade }}"}, nil, 2, "v: web true"},
		{"a helper asks", map[string]string{
			"templates/x.yaml": `v: {{ include "h" . }}`, "templates/_h.tpl": `{{ define "h" }}{{ .Release.Revision }}{{ end }}`,
		}, nil, 3, "v: 3"},
		{"the default values ask", map[string]string{
			"templates/x.yaml": "v: {{ tpl .Values.v . }}", "values.yaml": `v: "{{ .Release.Revision }}"`,
		}, nil, 3, "v: 3"},
		{"the user's values ask", map[string]string{"templates/x.yaml": "v: {{ tpl .Values.v . }}"}, map[string]any{"v": "{{ .Release.Revision }}"}, 3, "v: 3"},
		{"a file asks", map[string]string{"templates/x.yaml": `v: {{ tpl (.Files.Get "f") . }}`, "f": "{{ .Release.Revision }}"}, nil, 3, "v: 3"},
		{"a subchart asks", map[string]string{
			"templates/x.yaml": "v: 0", "charts/s/Chart.yaml": "apiVersion: v2\nname: s\nversion: 0.1.0\n", "charts/s/templates/x.yaml": "v: {{ .Release.Revision }}",
		}, nil, 3, "v: 3"},
	} {
		t.Run(test.name, func(t *testing.T) {
			loaded, err := helm3.Load(chartDir(t, test.files))
			if err != nil {
				t.Fatal(err)
			}
			counted := &counting{Chart: loaded}
			request := sdk.Request{Engine: engines[0], Release: plan.Release{Name: "web"}, Values: test.values}
			renders := newRevisions(counted, request, append(loaded.Texts(), sdk.ValueTexts(test.values)...))
			if _, err := renders.begin(plan.Fields{Revision: 1}); err != nil {
				t.Fatal(err)
			}
			source := &Source{Render: renders.render}
			for range 2 {
				for revision := 1; revision <= 3; revision++ {
					got := texts(t, source, plan.Fields{Revision: revision, IsUpgrade: revision > 1})
					if revision == 3 && got[0] != test.want {
						t.Errorf("got %q", got)
					}
				}
			}
			if got := counted.renders.Load(); got != test.renders {
				t.Errorf("%d renders, want %d", got, test.renders)
			}
		})
	}
}

func TestVolatileDocuments(t *testing.T) {
	eachEngine(t, func(t *testing.T, engine plan.Engine) {
		source := mustChart(t, chartOptions(chartDir(t, map[string]string{
			"templates/a.yaml": "kind: A\nmetadata: {name: \"seed-{{ randAlphaNum 5 }}\"}\n---\nkind: B\nmetadata: {name: b}\n",
			"templates/b.yaml": "kind: C\nmetadata: {name: c, annotations: {at: {{ now | date \"2006\" | quote }}}}\n",
			"templates/c.yaml": "kind: D\nmetadata: {name: \"run-{{ now | unixEpoch }}-x\"}\n",
			"templates/d.yaml": "kind: E\nmetadata: {name: e}\nkeys: {{ keys (dict \"a\" 1) }}\n",
		}), engine))
		for range 2 {
			rendered, err := source.Render(plan.Fields{Revision: 1})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, document := range rendered.Documents {
				line := documentName(document.Text)
				if document.Volatile {
					line = "volatile " + document.VolatileName
				}
				got = append(got, line)
			}
			want := []string{"volatile seed-<random>", "b", "volatile ", "volatile run-<random>-x", "e"}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		}
		if source.Unknown != nil {
			t.Errorf("got %+v", source.Unknown)
		}
	})
}

func TestRandomNumberOfDocuments(t *testing.T) {
	source := mustChart(t, chartOptions(chartDir(t, map[string]string{
		"templates/a.yaml": "{{ range until (int (mod (now | date \"2006\" | int) 7)) }}kind: A\n---\n{{ end }}kind: B\n",
		"templates/b.yaml": "kind: C\n",
	}), engines[0]))
	if len(source.Unknown) != 1 || source.Unknown[0].What != "chance" || !strings.Contains(source.Unknown[0].Why, "shop/templates/a.yaml") {
		t.Fatalf("got %+v", source.Unknown)
	}
	rendered, err := source.Render(plan.Fields{Revision: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, document := range rendered.Documents {
		if want := document.Template == "shop/templates/a.yaml"; document.Volatile != want {
			t.Errorf("%s is volatile: %v", document.Template, document.Volatile)
		}
	}
}

func TestMarkVolatileSeesATemplateThatAppears(t *testing.T) {
	first := []plan.Document{{Template: "a", Text: "x"}}
	facts := markVolatile(first, []plan.Document{{Template: "a", Text: "x"}, {Template: "b", Text: "y"}})
	if len(facts) != 1 || !strings.Contains(facts[0].Why, " in b:") || first[0].Volatile {
		t.Errorf("got %+v", facts)
	}
}

func TestClusterFactsOfAChart(t *testing.T) {
	eachEngine(t, func(t *testing.T, engine plan.Engine) {
		dir := chartDir(t, map[string]string{
			"Chart.yaml":       "apiVersion: v2\nname: shop\nversion: 1.4.0\ndependencies: [{name: idle, version: 0.1.0, condition: idle.enabled}]\n",
			"templates/a.yaml": `{{ if .Capabilities.APIVersions.Has "example.com/v1" }}` + hookJob + "{{ end }}",
			"values.yaml":      "idle: {enabled: false}\n", "charts/idle/Chart.yaml": "apiVersion: v2\nname: idle\nversion: 0.1.0\n",
			"charts/idle/templates/b.yaml": `{{ if lookup "v1" "A" "" "" }}` + hookJob + "{{ end }}",
		})
		source := mustChart(t, chartOptions(dir, engine))
		if len(source.Unknown) != 1 || source.Unknown[0].What != "capabilities" {
			t.Errorf("got %+v", source.Unknown)
		}
		options := chartOptions(dir, engine)
		options.APIVersions, options.Values.Set = []string{"example.com/v1"}, []string{"idle.enabled=true"}
		source = mustChart(t, options)
		if len(source.Unknown) != 1 || source.Unknown[0].What != "lookup" || len(texts(t, source, plan.Fields{Revision: 1})) != 1 {
			t.Errorf("got %+v", source.Unknown)
		}
	})
}

func TestChartErrors(t *testing.T) {
	meta := "apiVersion: v2\nname: shop\nversion: 1.4.0\n"
	for _, test := range []struct {
		name      string
		files     map[string]string
		change    func(t *testing.T, o *ChartOptions)
		err, hint string
	}{
		{"a failing template", map[string]string{"templates/x.yaml": "a\n{{ fail \"no luck\" }}"}, nil, "shop/templates/x.yaml:2:3): no luck", ""},
		{"a broken template", map[string]string{"templates/x.yaml": "{{ end }}"}, nil, "parse error at (shop/templates/x.yaml:1): unexpected {{end}}", ""},
		{"missing dependencies", map[string]string{"Chart.yaml": meta + "dependencies: [{name: db, version: 1.0.0}]\n"}, nil, "missing in charts/ directory: db", "helm dependency build "},
		{"a library chart", map[string]string{"Chart.yaml": meta + "type: library\n"}, nil, "library charts are not installable", "depends on it"},
		{"an invalid Chart.yaml", map[string]string{"Chart.yaml": "apiVersion: v2\nname: shop\n"}, nil, "chart.metadata.version is required", ""},
		{"a newer Kubernetes", map[string]string{"Chart.yaml": meta + "kubeVersion: \">=2\"\n"}, nil, "chart requires kubeVersion: >=2", "--kube-version"},
		{"values against the schema", map[string]string{"values.schema.json": `{"required": ["a"]}`}, nil, "don't meet the specifications", "--skip-schema-validation"},
		{"a missing values file", nil, func(_ *testing.T, o *ChartOptions) { o.Values.Files = []string{"none.yaml"} }, "open none.yaml: no such file", ""},
		{"an odd release name", nil, func(_ *testing.T, o *ChartOptions) { o.Release.Name = "Web_1" }, `release name "Web_1": `, ""},
		{"another engine", nil, func(_ *testing.T, o *ChartOptions) { o.Engine.Name = "template" }, `a chart cannot be rendered by engine "template"`, ""},
		{"a corrupt archive", nil, archiveOf("\x1f\x8b\x08\x00\x00\x00\x00\x00"), "load chart ", "the archive is damaged"},
		{"a text called .tgz", nil, archiveOf("hello"), "does not appear to be a gzipped archive", "the archive is damaged"},
		{"no repository of that name", nil, refTo(KindRepo, "none/shop"), "find chart none/shop: repo none not found", "helm repo add"},
		{"an unknown scheme", nil, refTo(KindURL, "s3://bucket/shop"), `scheme "s3" not supported`, "helm pull"},
		{"a registry as --repo", nil, func(t *testing.T, o *ChartOptions) {
			refTo(KindRepo, "shop")(t, o)
			o.Locate.RepoURL = "oci://127.0.0.1:1/charts"
		}, "find chart shop: looks like", "oci://127.0.0.1:1/charts/shop"},
	} {
		t.Run(test.name, func(t *testing.T) {
			eachEngine(t, func(t *testing.T, engine plan.Engine) {
				options := chartOptions(chartDir(t, test.files), engine)
				if test.change != nil {
					test.change(t, &options)
				}
				_, err := FromChart(options)
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Fatalf("got %v, want %s", err, test.err)
				}
				var hinted *Error
				if test.hint != "" && (!errors.As(err, &hinted) || !strings.Contains(hinted.Hint, test.hint)) {
					t.Errorf("no hint %q in %#v", test.hint, err)
				}
			})
		})
	}
}

func archiveOf(text string) func(*testing.T, *ChartOptions) {
	return func(t *testing.T, o *ChartOptions) {
		name := filepath.Join(t.TempDir(), "x.tgz")
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		o.Target.Ref, o.Target.Given = name, name
	}
}

func refTo(kind Kind, ref string) func(*testing.T, *ChartOptions) {
	return func(t *testing.T, o *ChartOptions) {
		o.Target = Target{Kind: kind, Ref: ref, Given: ref}
		home := t.TempDir()
		o.Locate.Settings = helm3.Settings{RepositoryConfig: filepath.Join(home, "r.yaml"), RepositoryCache: home, Plugins: home}
	}
}

func TestChartFiles(t *testing.T) {
	dir := chartDir(t, map[string]string{
		"Chart.yaml":       "apiVersion: v2\nname: shop\nversion: 1.4.0\ndependencies: [{name: db, version: 0.1.0, alias: main}, {name: mq, version: 0.1.0}]\n",
		"templates/x.yaml": "", "charts/db-folder/Chart.yaml": "apiVersion: v2\nname: db\nversion: 0.1.0\n",
		"charts/db-folder/templates/y.yaml": "", "charts/db-folder/charts/mq/Chart.yaml": "apiVersion: v2\nname: mq\nversion: 0.1.0\n",
		"charts/db-folder/charts/mq/templates/z.yaml": "", "charts/mq/Chart.yaml": "apiVersion: v2\nname: mq\nversion: 0.1.0\n", "charts/mq/templates/m.yaml": "",
	})
	t.Chdir(filepath.Dir(dir))
	options := chartOptions("./folder", engines[1])
	source := mustChart(t, options)
	for template, want := range map[string]string{
		"shop/templates/x.yaml":                       "./folder/templates/x.yaml",
		"shop/charts/main/templates/y.yaml":           "./folder/charts/db-folder/templates/y.yaml",
		"shop/charts/main/charts/mq/templates/z.yaml": "./folder/charts/db-folder/charts/mq/templates/z.yaml",
		"shop/charts/mq/templates/m.yaml":             "./folder/charts/mq/templates/m.yaml",
		"shop/templates/none.yaml":                    "",
		"shop/charts/none/templates/x.yaml":           "",
		"other/templates/x.yaml":                      "",
		"generated-by-postrender-0.yaml":              "",
	} {
		if got := filepath.ToSlash(source.File(template)); got != want {
			t.Errorf("%s: got %q, want %q", template, got, want)
		}
	}
}

func TestChartFromAFileSystem(t *testing.T) {
	eachEngine(t, func(t *testing.T, engine plan.Engine) {
		embedded := fstest.MapFS{
			"Chart.yaml":       {Data: []byte("apiVersion: v2\nname: shop\nversion: 1.4.0\n")},
			"templates/x.yaml": {Data: []byte("v: {{ .Chart.Version }}")},
		}
		options := ChartOptions{Target: Target{Given: "demo"}, FS: embedded, Engine: engine}
		source := mustChart(t, options)
		if got := texts(t, source, plan.Fields{Revision: 1}); len(got) != 1 || got[0] != "v: 1.4.0" || source.Ref != "demo" || source.File("shop/templates/x.yaml") != "" {
			t.Errorf("got %q", got)
		}
		options.FS = fstest.MapFS{}
		if _, err := FromChart(options); err == nil {
			t.Error("an empty file system is no chart")
		}
	})
}

func TestRenderMayBeCalledAtTheSameTime(t *testing.T) {
	source := mustChart(t, chartOptions(chartDir(t, map[string]string{
		"templates/x.yaml": "v: {{ .Release.Revision }} {{ randAlpha 3 }}", "crds/c.yaml": "kind: C\n",
	}), engines[1]))
	var group sync.WaitGroup
	for i := range 16 {
		group.Go(func() {
			rendered, err := source.Render(plan.Fields{Revision: i % 4})
			if err != nil || !rendered.Documents[0].Volatile {
				t.Errorf("got %+v, %v", rendered, err)
				return
			}
			rendered.Documents[0].Text = "" // the caller's own
			rendered.CRDs[0].Documents[0].Text = ""
		})
	}
	group.Wait()
	if rendered, err := source.Render(plan.Fields{Revision: 1}); err != nil || rendered.Documents[0].Text == "" || rendered.CRDs[0].Documents[0].Text == "" {
		t.Errorf("a caller's change shows in the next render: %v", err)
	}
}

func TestOpen(t *testing.T) {
	dir := chartDir(t, map[string]string{"templates/x.yaml": "kind: A", "rendered": "kind: B"})
	for _, test := range []struct {
		target Target
		want   string
		err    string
	}{
		{Target{Kind: KindStdin, Ref: "-", Given: "-"}, "stdin 0 C/", ""},
		{Target{Kind: KindFile, Ref: filepath.Join(dir, "rendered")}, filepath.Join(dir, "rendered") + " 0 B/", ""},
		{Target{Kind: KindChart, Ref: dir}, "shop/templates/x.yaml 0 A/", ""},
		{Target{Kind: KindRelease, Ref: "web", Given: "web"}, "", "web is a release, which takes a cluster to read"},
		{Target{Kind: KindApplication, Ref: "web", Given: "application/web"}, "", "application/web is a application"},
		{Target{Kind: "x"}, "", "unknown kind"},
	} {
		source, err := Open(ChartOptions{Target: test.target, Engine: engines[1]}, strings.NewReader("kind: C\n"))
		switch {
		case test.err != "":
			if err == nil || !strings.Contains(err.Error(), test.err) {
				t.Errorf("got %v, want %s", err, test.err)
			}
		case err != nil:
			t.Error(err)
		default:
			if got := summary(t, source); len(got) != 1 || got[0] != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		}
	}
}

func TestOpenSeesAnArchiveByItsContent(t *testing.T) {
	name := filepath.Join(t.TempDir(), "download")
	if err := os.WriteFile(name, []byte("\x1f\x8b\x08\x00"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Open(ChartOptions{Target: Target{Kind: KindFile, Ref: name, Given: name}, Engine: engines[1]}, nil)
	if err == nil || !strings.Contains(err.Error(), "load chart") {
		t.Errorf("got %v", err)
	}
	if _, err := Open(ChartOptions{Target: Target{Kind: KindFile, Ref: name + "x"}}, nil); err == nil || errors.Is(err, fs.ErrClosed) {
		t.Errorf("got %v", err)
	}
}

func TestHooksInValuesThatAskTheCluster(t *testing.T) {
	for name, test := range map[string]struct {
		template, value string
		want            []string
	}{
		"lookup":          {"{{ tpl .Values.t . }}", "{{ if not (lookup \"v1\" \"Secret\" \"a\" \"b\") }}kind: Job\nmetadata: {name: j, annotations: {helm.sh/hook: pre-install}}{{ end }}", []string{"lookup"}},
		"API versions":    {"{{ tpl .Values.t . }}", "{{ if .Capabilities.APIVersions.Has \"q.io/v1\" }}kind: Job\nmetadata: {name: j, annotations: {helm.sh/hook: pre-install}}{{ end }}", []string{"capabilities"}},
		"no hook in it":   {"{{ tpl .Values.t . }}", "{{ if not (lookup \"v1\" \"Secret\" \"a\" \"b\") }}kind: Job{{ end }}", nil},
		"never run as it": {"kind: ConfigMap", "{{ if not (lookup \"v1\" \"Secret\" \"a\" \"b\") }}kind: Job\nmetadata: {annotations: {helm.sh/hook: pre-install}}{{ end }}", nil},
	} {
		t.Run(name, func(t *testing.T) {
			values, err := yaml.Marshal(map[string]string{"t": test.value})
			if err != nil {
				t.Fatal(err)
			}
			source := mustChart(t, chartOptions(chartDir(t, map[string]string{"templates/a.yaml": test.template, "values.yaml": string(values)}), engines[0]))
			var got []string
			for _, fact := range source.Unknown {
				got = append(got, fact.What)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
