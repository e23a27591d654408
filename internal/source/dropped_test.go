package source

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/helm-hooks/helm-hooks/internal/source/sdk"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

const (
	goodJob = "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: migrate\n  annotations: {helm.sh/hook: pre-install}\n"
	badWeb  = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n  annotations:\n    helm.sh/hook: post-install, pre-uninstall\n"
	config  = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n"
	secret  = "apiVersion: v1\nkind: Secret\nmetadata: {name: keys}\nstringData:\n  "
)

func shop(files map[string]string) map[string]string {
	all := map[string]string{"Chart.yaml": "{apiVersion: v2, name: shop, version: 1.4.0}"}
	for name, text := range files {
		all[name] = text
	}
	return all
}

// outcome is one line a document, or the reason why they are not known.
func outcome(t *testing.T, stored StoredRelease) []string {
	t.Helper()
	dropped, unknown := DroppedOf(stored)
	if unknown != nil {
		if len(dropped) > 0 || unknown.What != "ignored" || !strings.HasPrefix(unknown.HowToKnow, "--chart CHART") || strings.Contains(unknown.Why, "\n") {
			t.Errorf("got %+v, %+v", dropped, unknown)
		}
		return []string{"unknown: " + unknown.Why}
	}
	lines := []string{}
	for _, document := range dropped {
		name := document.VolatileName
		if name == "" {
			name = documentName(document.Text)
		}
		lines = append(lines, fmt.Sprintf("%s %d %s", document.Template, document.Index, name))
	}
	return lines
}

// What a revision dropped, found in what Helm itself stored of it.
func TestWhatAStoredRevisionDropped(t *testing.T) {
	const mismatch = "unknown: a render of the stored templates gives other objects than are stored: " +
		"another cluster, a post-renderer or an edit of the record may be the reason"
	const asks = "unknown: the stored templates use lookup or getHostByName, whose answers of then are not stored"
	for _, test := range []struct {
		name   string
		files  map[string]string
		values map[string]any
		want   []string
	}{
		{
			name:  "a hook on an event that there is not",
			files: map[string]string{"templates/web.yaml": badWeb, "templates/job.yaml": goodJob + "---\n" + config},
			want:  []string{"shop/templates/web.yaml 0 web"},
		},
		{name: "nothing is dropped", files: map[string]string{"templates/job.yaml": goodJob}, want: []string{}},
		{name: "nothing at all", want: []string{}},
		{
			name:   "values decide",
			files:  map[string]string{"templates/web.yaml": "{{ if .Values.on }}\n" + badWeb + "{{ end }}", "values.yaml": "on: false", "templates/c.yaml": config},
			values: map[string]any{"on": true},
			want:   []string{"shop/templates/web.yaml 0 web"},
		},
		{
			name: "partials, files and notes",
			files: map[string]string{
				"templates/_h.tpl": `{{ define "web" }}` + badWeb + `{{ end }}`, "templates/web.yaml": `{{ include "web" . }}`,
				"templates/NOTES.txt": `{{ lookup "v1" "Secret" "x" "y" }}{{ randAlpha 5 }}{{ .Release.Revision }}`, "README.md": "{{ lookup }} is a word",
				"templates/c.yaml": config + "data: {a: {{ .Files.Get \"a.txt\" | quote }}}", "a.txt": "hello",
			},
			want: []string{asks},
		},
		{
			name: "partials and notes",
			files: map[string]string{
				"templates/_h.tpl": `{{ define "web" }}` + badWeb + `{{ end }}`, "templates/web.yaml": `{{ include "web" . }}`,
				"templates/NOTES.txt": `{{ lookup "v1" "Secret" "x" "y" }}{{ randAlpha 5 }}{{ .Release.Revision }}`,
				"templates/c.yaml":    config + "data: {a: {{ .Files.Get \"a.txt\" | quote }}}", "a.txt": "hello",
			},
			want: []string{"shop/templates/web.yaml 0 web"},
		},
		{
			name: "random values and the time",
			files: map[string]string{
				"templates/web.yaml": badWeb, "templates/c.yaml": secret + "a: {{ randAlphaNum 16 }}\n  b: {{ now | date \"2006-01-02\" }}\n  c: same\n",
				"templates/job.yaml": strings.ReplaceAll(goodJob, "migrate", "migrate-{{ randAlphaNum 5 | lower }}"),
			},
			want: []string{"shop/templates/web.yaml 0 web"},
		},
		{
			name:  "a map in Go's order",
			files: map[string]string{"templates/web.yaml": badWeb, "templates/c.yaml": secret + "{{ range keys .Values.m }}{{ . }}: x\n  {{ end }}", "values.yaml": "m: {a: 1, b: 2, c: 3, d: 4, e: 5, f: 6}"},
			want:  []string{"shop/templates/web.yaml 0 web"},
		},
		{
			name:  "a random name is dropped",
			files: map[string]string{"templates/web.yaml": strings.ReplaceAll(badWeb, "name: web", "name: web-{{ randAlphaNum 5 | lower }}"), "templates/c.yaml": config},
			want:  []string{"shop/templates/web.yaml 0 web-<random>"},
		},
		{
			name:  "chance decides what exists",
			files: map[string]string{"templates/c.yaml": config, "templates/web.yaml": "{{ if eq (randInt 0 2) 1 }}\n" + badWeb + "{{ end }}"},
			want:  []string{"unknown: chance or the clock decides what shop/templates/web.yaml gives"},
		},
		{
			name:  "lookup",
			files: map[string]string{"templates/web.yaml": "{{ if lookup \"v1\" \"Secret\" \"a\" \"b\" }}\n" + badWeb + "{{ end }}", "templates/c.yaml": config},
			want:  []string{asks},
		},
		{
			name:  "lookup in a value that is a template",
			files: map[string]string{"templates/web.yaml": "# {{ tpl .Values.t . }}", "values.yaml": `t: '{{ lookup "v1" "Secret" "a" "b" }}'`},
			want:  []string{asks},
		},
		{
			name:   "lookup in what the user gave",
			files:  map[string]string{"templates/web.yaml": "# {{ tpl .Values.t . }}"},
			values: map[string]any{"t": `{{ lookup "v1" "Secret" "a" "b" }}`},
			want:   []string{asks},
		},
		{
			name: "the name of a host", files: map[string]string{"templates/c.yaml": config + "data: {a: {{ getHostByName \"x\" | quote }}}"}, want: []string{asks},
		},
		{
			name:  "lookup is no call in a comment",
			files: map[string]string{"templates/web.yaml": "{{/* no lookup here */}}" + badWeb, "values.yaml": "lookup: true"},
			want:  []string{"shop/templates/web.yaml 0 web"},
		},
		{
			name: "a subchart",
			files: map[string]string{
				"Chart.yaml":              "{apiVersion: v2, name: shop, version: 1.4.0, dependencies: [{name: redis, version: 1.0.0}]}",
				"charts/redis/Chart.yaml": "{apiVersion: v2, name: redis, version: 1.0.0}", "templates/web.yaml": badWeb,
			},
			want: []string{"unknown: records hold no subcharts, and this chart has some: redis"},
		},
		{
			name: "a subchart that is switched off",
			files: map[string]string{
				"Chart.yaml":              "{apiVersion: v2, name: shop, version: 1.4.0, dependencies: [{name: redis, version: 1.0.0, condition: redis.enabled}]}",
				"charts/redis/Chart.yaml": "{apiVersion: v2, name: redis, version: 1.0.0}", "templates/web.yaml": badWeb, "values.yaml": "redis: {enabled: false}",
			},
			want: []string{"shop/templates/web.yaml 0 web"},
		},
		{
			name: "a library that Chart.yaml does not list",
			files: map[string]string{
				"charts/lib/Chart.yaml": "{apiVersion: v2, name: lib, version: 1.0.0, type: library}", "charts/lib/templates/_l.tpl": `{{ define "lib.name" }}x{{ end }}`,
				"templates/c.yaml": config + `data: {a: {{ include "lib.name" . }}}`,
			},
			want: []string{`unknown: the stored templates include "lib.name", which they do not define: it came from a subchart`},
		},
		{
			name: "a subchart that Chart.yaml does not list",
			files: map[string]string{
				"charts/redis/Chart.yaml": "{apiVersion: v2, name: redis, version: 1.0.0}", "charts/redis/templates/c.yaml": config, "templates/web.yaml": badWeb,
			},
			want: []string{mismatch},
		},
		{
			name:   "a number of --set",
			files:  map[string]string{"templates/web.yaml": badWeb, "templates/c.yaml": config + "data: {a: '{{ .Values.n }} {{ .Values.m.n }} {{ index .Values.l 0 }} {{ .Values.d }}'}", "values.yaml": "d: 3000000"},
			values: map[string]any{"n": int64(12345678), "m": map[string]any{"n": int64(1)}, "l": []any{int64(7654321), "x"}},
			want:   []string{"shop/templates/web.yaml 0 web"},
		},
		{
			name:   "a number of a values file",
			files:  map[string]string{"templates/web.yaml": badWeb, "templates/c.yaml": config + "data: {a: '{{ .Values.n }} {{ .Values.f }}'}"},
			values: map[string]any{"n": float64(12345678), "f": 1.5},
			want:   []string{"shop/templates/web.yaml 0 web"},
		},
		{
			name:  "a template that asks for Helm's version",
			files: map[string]string{"templates/web.yaml": badWeb, "templates/c.yaml": config + "data: {a: '{{ .Capabilities.HelmVersion.Version }}'}"},
			want:  []string{"shop/templates/web.yaml 0 web"},
		},
	} {
		eachEngine(t, func(t *testing.T, engine plan.Engine) {
			t.Run(test.name, func(t *testing.T) {
				helm := newActor(t, engine)
				if err := helm.install(shop(test.files), test.values); err != nil {
					t.Fatal(err)
				}
				stored := helm.last()
				if diff := cmp.Diff(test.want, outcome(t, stored)); diff != "" {
					t.Error(diff)
				}
				// Whoever acts next may use the other Helm.
				stored.Engine = otherEngine(stored.Engine)
				if diff := cmp.Diff(test.want, outcome(t, stored)); diff != "" {
					t.Errorf("with %s: %s", stored.Engine.Name, diff)
				}
			})
		})
	}
}

// .Release of a revision is not stored: a rollback brings back what another revision rendered.
func TestTheRenderOfAStoredRevisionIsFound(t *testing.T) {
	says := map[string]string{"templates/web.yaml": badWeb, "templates/c.yaml": config + "data: {r: '{{ .Release.Revision }}', i: '{{ .Release.IsInstall }}'}"}
	decides := map[string]string{"templates/web.yaml": "{{ if .Release.IsUpgrade }}\n" + badWeb + "{{ end }}", "templates/c.yaml": config}
	again := func(helm actor, files map[string]string, times int) error {
		for range times {
			if err := helm.upgrade(shop(files), nil, mode{}); err != nil {
				return err
			}
		}
		return nil
	}
	web := []string{"shop/templates/web.yaml 0 web"}
	for _, test := range []struct {
		name  string
		files map[string]string
		act   func(helm actor) error
		want  []string
	}{
		{"an upgrade", says, func(helm actor) error { return again(helm, says, 2) }, web},
		{"back to the install", says, func(helm actor) error {
			if err := again(helm, says, 2); err != nil {
				return err
			}
			return helm.rollback(1)
		}, web},
		{"back to an upgrade", says, func(helm actor) error {
			if err := again(helm, says, 4); err != nil {
				return err
			}
			return helm.rollback(2)
		}, web},
		{"back from a rollback", says, func(helm actor) error {
			if err := again(helm, says, 3); err != nil {
				return err
			}
			if err := helm.rollback(2); err != nil {
				return err
			}
			return helm.rollback(4)
		}, web},
		{"an install that drops nothing", decides, func(actor) error { return nil }, []string{}},
		{"an upgrade, or a rollback to the install", decides, func(helm actor) error { return again(helm, decides, 1) }, []string{
			"unknown: what is dropped hangs on whether an install or an upgrade rendered the stored templates, which the record does not tell",
		}},
	} {
		eachEngine(t, func(t *testing.T, engine plan.Engine) {
			t.Run(test.name, func(t *testing.T) {
				helm := newActor(t, engine)
				if err := helm.install(shop(test.files), nil); err != nil {
					t.Fatal(err)
				}
				if err := test.act(helm); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(test.want, outcome(t, helm.last())); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

func TestAStoredRevisionThatHangsOnItsCluster(t *testing.T) {
	gate := "{{ if .Capabilities.APIVersions.Has \"example.com/v1\" }}\n"
	hook := map[string]string{"templates/web.yaml": gate + badWeb + "{{ end }}", "templates/c.yaml": config}
	plain := map[string]string{"templates/web.yaml": badWeb, "templates/c.yaml": config + gate + "data: {a: b}\n{{ end }}"}
	eachEngine(t, func(t *testing.T, engine plan.Engine) {
		stored := func(files map[string]string) StoredRelease {
			helm := newActor(t, engine)
			if err := helm.install(shop(files), nil); err != nil {
				t.Fatal(err)
			}
			return helm.last()
		}
		check := func(what string, stored StoredRelease, want string) {
			t.Helper()
			if got := strings.Join(outcome(t, stored), ", "); !strings.HasPrefix(got, want) {
				t.Errorf("%s: got %q, want %q", what, got, want)
			}
		}
		with := sdk.Cluster{KubeVersion: "v1.30.1", Major: "1", Minor: "30", APIVersions: []string{"v1", "apps/v1", "example.com/v1"}}
		without := with
		without.APIVersions = []string{"v1", "apps/v1"}
		one := stored(hook)
		check("a hook hangs on an API", one, "unknown: the template shop/templates/web.yaml with hooks asks which APIs the cluster has (example.com/v1)")
		one.Cluster = &without
		check("the cluster has it not", one, "")
		one.Cluster = &with
		check("the cluster has it", one, "shop/templates/web.yaml 0 web")
		one.Cluster, one.APIVersions = nil, []string{"example.com/v1"}
		check("the user says that it has", one, "shop/templates/web.yaml 0 web")
		one = stored(plain)
		check("as it was then", one, "shop/templates/web.yaml 0 web")
		one.Cluster = &with
		check("the API has come since", one, "unknown: a render of the stored templates gives other objects")
	})
}

// helm-controller sends all documents through kustomize, which adds its labels and writes them anew.
func TestARevisionOfFluxIsTheRenderWithItsLabels(t *testing.T) {
	const labels = "  labels:\n    helm.toolkit.fluxcd.io/name: shop\n    helm.toolkit.fluxcd.io/namespace: web\n"
	for _, test := range []struct {
		name, rendered, stored string
		want                   bool
	}{
		{"labels alone", "# a comment\n" + config, "apiVersion: v1\nkind: ConfigMap\nmetadata:\n" + labels + "  name: settings\n", true},
		{"labels beside others", "kind: A\nmetadata: {labels: {app: x}, name: a}\n", "kind: A\nmetadata:\n" + labels + "    app: x\n  name: a\n", true},
		{"no label of Flux", config, "kind: ConfigMap\napiVersion: v1\nmetadata: {name: settings}\n", false},
		{"another value", config, "apiVersion: v1\nkind: ConfigMap\nmetadata:\n" + labels + "  name: other\n", false},
		{"a patch", config, "apiVersion: v1\nkind: ConfigMap\nmetadata:\n" + labels + "    patched: here\n  name: settings\n", false},
		{"no mapping", "- a", labels, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := sameButFlux(test.rendered, test.stored); got != test.want {
				t.Errorf("%v, want %v", got, test.want)
			}
		})
	}
}
