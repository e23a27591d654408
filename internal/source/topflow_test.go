package source

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/helm-hooks/helm-hooks/internal/helm4"
	"github.com/helm-hooks/helm-hooks/internal/source/sdk"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// topValues are the values of the charts below, unless a row has its own.
const topValues = `
a: {x: 1}
l: [1, 2]
k: Release
u: IsUpgrade
r: Revision
w: top
dn: c/templatesd
alt: '<< toJson . >>'
b64: e3sgLlJlbGVhc2UuUmV2Xw==
dot64: e3sgdG9Kc29uIC4gfX0=
keyed: {'{{ toJson . }}': x}
expr: toJson .
noise: 'x { { toJson . }}'
open: '{'
t: '{{ include "d" . }}'
p: '{{ toJson $t }}'
`

// topChart is a chart with one template, or with the given files.
func topChart(t *testing.T, template string, files map[string]string) sdk.Chart {
	t.Helper()
	tree := fstest.MapFS{}
	put := func(name, text string) { tree[name] = &fstest.MapFile{Data: []byte(text)} }
	put("Chart.yaml", `{apiVersion: v2, name: c, version: 0.1.0}`)
	put("values.yaml", topValues)
	put("templates/a.yaml", template)
	for name, text := range files {
		put(name, text)
	}
	chart, err := helm4.LoadFS(tree)
	if err != nil {
		t.Fatal(err)
	}
	return chart
}

// threeRevisions are the documents of an install and of two upgrades, as Helm renders them.
func threeRevisions(t *testing.T, chart sdk.Chart) (all [3][]plan.Document) {
	t.Helper()
	for i := range all {
		result, err := chart.Render(sdk.Request{
			Engine:  plan.Engine{Name: "helm4", Version: [3]int{4, 3, 1}},
			Release: plan.Release{Name: "demo", Namespace: "prod"}, Fields: plan.Fields{Revision: i + 1, IsUpgrade: i > 0},
		})
		if err != nil {
			t.Fatal(err)
		}
		all[i] = result.Documents
	}
	return all
}

// judge holds what the scan says against what Helm renders: where one render serves, there is no difference. It tells
// what differs, and what the scan says.
func judge(t *testing.T, chart sdk.Chart) (differ, scan dependence) {
	t.Helper()
	all := threeRevisions(t, chart)
	switch {
	case !cmp.Equal(all[1], all[2]):
		differ = onRevision
	case !cmp.Equal(all[0], all[1]):
		differ = onUpgrade
	}
	scan = dependenceOf(chart.Texts())
	if scan < differ {
		t.Errorf("the scan says %d, the renders differ by %d:\n%s", scan, differ, cmp.Diff(all[0], all[2]))
	}
	return differ, scan
}

// Each row gets the top of all values, or something of .Release, into what is rendered in another way.
func TestWhatLooksAtTheTop(t *testing.T) {
	for _, template := range strings.Split(strings.TrimSpace(`
{{ printf "%v" (toYaml .) }}
{{ toYaml (.) }}
{{ toYaml ($) }}
{{ ( . ) | toYaml }}
{{ $h := $ | toJson | sha256sum }}{{ $h }}
{{ dict "a" . | toYaml }}
{{ toJson (list .) }}
{{ $t := . }}{{ toYaml $t }}
{{ $ctx := . }}{{ with .Values.a }}{{ toYaml $ctx }}{{ end }}
{{ $c := . | deepCopy }}{{ toYaml $c }}
{{ $c := omit $ "Values" }}{{ toYaml $c }}
{{ $c := merge (dict) . }}{{ toYaml $c }}
{{ range $v := . }}{{ toYaml $v }}{{ end }}
{{ range list . }}{{ toYaml . }}{{ end }}
{{ values (pick . .Values.k) | toJson }}
{{ pick . (print "Rel" "ease") | toJson }}
{{ pluck (print "Rel" "ease") . | toJson }}
{{ index . (print "Rel" "ease") (print "Revi" "sion") }}
{{ index . .Values.k .Values.r }}
{{ index . "Rel\x65ase" "Revi\x73ion" }}
{{ if index . "\u0052elease" "Is\u0055pgrade" }}u{{ end }}
{{ get $ (title "release") | toJson }}
{{ range $k := keys . | sortAlpha }}{{ index $ $k | toJson }}{{ end }}
{{ mustToPrettyJson $ }}
{{ toToml . }}
{{ toYaml (ternary . nil true) }}
{{ toYaml (default . nil) }}
{{ (and true .) | toJson }}
{{ with $x := . }}{{ toYaml $x }}{{ end }}
{{ with .Values.none }}{{ else with $ }}{{ toYaml . }}{{ end }}
{{ range .Values.none }}{{ else }}{{ toYaml . }}{{ end }}
{{ include "d" . }}{{ define "d" }}{{ toYaml . }}{{ end }}
{{ include "d" (dict "ctx" $) }}{{ define "d" }}{{ .ctx | toJson | sha256sum }}{{ end }}
{{ include "d" (list $ 1) }}{{ define "d" }}{{ $root := first . }}{{ toYaml $root }}{{ end }}
{{ include "d" (dict "ctx" $) }}{{ define "d" }}{{ with .ctx }}{{ toYaml . }}{{ end }}{{ end }}
{{ with .Values.a }}{{ block "b" $ }}{{ toYaml . }}{{ end }}{{ end }}
{{ include "d" (dict "Chart" $) }}{{ define "d" }}{{ with .Chart }}{{ toYaml . }}{{ end }}{{ end }}
{{ include "d" (dict "\x43hart" $) }}{{ define "d" }}{{ with .Chart }}{{ toYaml . }}{{ end }}{{ end }}
{{ $d := dict (title "values") $ }}{{ include "d" $d }}{{ define "d" }}{{ with .Values }}{{ toYaml . }}{{ end }}{{ end }}
{{ $d := dict .Values.w $ }}{{ $d.top | toJson }}
{{ define "e" }}{{ toJson . }}{{ end }}{{ define "d" }}{{ template "e" .x }}{{ end }}{{ template "d" (dict "x" $) }}
{{ define "d" }}{{ $ | toJson }}{{ end }}{{ $n := "d" }}{{ include $n . }}
{{ include (print .Template.BasePath "/d") . }}{{ define "c/templates/d" }}{{ toJson . }}{{ end }}
{{ include (.Values.dn | replace .Template.BasePath "") . }}{{ define "d" }}{{ toJson . }}{{ end }}
{{ with .Values.a }}{{ tpl "{{ toYaml . }}" $ }}{{ end }}
{{ with .Values.a }}{{ tpl (print "{{ toYa" "ml . }}") $ }}{{ end }}
{{ tpl (printf "{{ .%s.%s }}" .Values.k .Values.r) . }}
{{ tpl (printf "{{ %s }}" .Values.expr) . }}
{{ tpl (print "{{" .Values.expr "}}") . }}
{{ tpl (.Values.alt | replace "<<" "{{" | replace ">>" "}}") . }}
{{ $x := .Values.alt | replace "<<" "{{" | replace ">>" "}}" }}{{ tpl $x . }}
{{ tpl (.Values.dot64 | b64dec) . }}
{{ include "d" (dict "v" (b64dec .Values.dot64) "c" $) }}{{ define "d" }}{{ tpl .v .c }}{{ end }}
{{ tpl (regexReplaceAll "a|x" "a{x{ toJson . }}" "") . }}
{{ tpl (regexReplaceAll "x|[{] " .Values.noise "{") . }}
{{ tpl (regexFind "[{].*" .Values.noise | replace "{ {" "{{") . }}
{{ tpl "{{ .\u0052elease.\u0052evision }}" . }}
{{ tpl (toYaml .Values.keyed) . }}
{{ range $k, $v := .Values.keyed }}{{ tpl $k $ }}: {{ $v }}{{ end }}
{{ tpl (print .Values.open "{ toJson . }}") . }}
{{ tpl (join "" (list "{" "{ toJson . }" "}")) . }}
{{ tpl (printf "%s toJson . %s" (repeat 2 "{") (repeat 2 "}")) . }}
{{ tpl (include "d" .) . }}{{ define "d" }}{{ "{{" }} toJson . {{ "}}" }}{{ end }}
{{ $p := print "{{ $t := . }}" .Values.p }}{{ tpl $p . }}
{{ tpl .Values.t . }}{{ define "d" }}{{ toJson . }}{{ end }}
{{ $_ := set .Values "top" (omit $ "Values") }}{{ toYaml .Values }}
{{ $v := .Values }}{{ $_ := set $v "t" (pick $ .Values.k) }}{{ toYaml .Values }}
{{ $_ := set (dict "q" 1) "top" $ | set .Values "m" }}{{ toJson (omit .Values.m.top "Values") }}
{{ $d := dict "x" dict }}{{ $_ := set $d.x "t" (omit $ "Values") }}{{ toJson $d }}
{{ $a := dict }}{{ $b := list $a }}{{ $_ := set $a "t" $ }}{{ range $b }}{{ toJson .t }}{{ end }}
{{ $a := dict "t" 1 }}{{ $b := dict "in" $a }}{{ $_ := mergeOverwrite $a (dict "t" $) }}{{ toJson $b }}
{{ define "d" }}{{ $_ := set .m "t" .c }}{{ end }}{{ $a := dict }}{{ include "d" (dict "m" $a "c" $) }}{{ toJson $a }}
{{ $x := .Values.a }}{{ if true }}{{ $x = $ }}{{ end }}{{ with $x }}{{ toYaml . }}{{ end }}
{{ range $i, $x := list 1 }}{{ $x = $ }}{{ with $x }}{{ toYaml . }}{{ end }}{{ end }}
{{ $l := list }}{{ $l = append $l $ }}{{ toJson $l }}
{{ (index (list .) 0) | toYaml }}
{{ (dict "a" $).a | toJson }}
{{ (dict "a" (dict "b" $)).a.b | toJson }}
{{ chunk 1 (list .) | toJson }}
{{ fromYaml (toYaml (dict "a" .)) | toJson }}
{{ if index . .Values.k .Values.u }}u{{ else }}i{{ end }}
{{ if index (dict "ctx" .) "ctx" .Values.k .Values.u }}u{{ else }}i{{ end }}
{{ if .Values.u | get (.Values.k | get $) }}u{{ else }}i{{ end }}
{{ ternary 1 2 (index $ .Values.k .Values.u) }}
{{ with index . .Values.k }}{{ if index . $.Values.u }}u{{ else }}i{{ end }}{{ end }}
{{ if first (pluck .Values.u (first (pluck .Values.k .))) }}u{{ else }}i{{ end }}
{{ $x := pick $ .Values.k }}{{ range $x }}{{ range . }}{{ if kindIs "bool" . }}{{ . }}{{ end }}{{ end }}{{ end }}
{{ range $k, $v := . }}{{ if eq (lower $k) "release" }}{{ toYaml $v }}{{ end }}{{ end }}
{{ if regexMatch (print "Upg" "rade\":true") (toJson (list .)) }}up{{ else }}in{{ end }}
{{ with .Release }}{{ .Revision }}{{ end }}
{{ range .Release }}{{ . }}{{ end }}
{{ ($).Release.Revision }}
{{ range .Values.l }}{{ with $ }}{{ toYaml . }}{{ end }}{{ end }}
{{ with .Values.a }}{{ else }}{{ end }}{{ toYaml . }}
{{ if .Release.IsUpgrade }}u{{ end }}{{ toJson (list .) }}`), "\n") {
		t.Run(template, func(t *testing.T) {
			if differ, _ := judge(t, topChart(t, "v: "+template, nil)); differ == onNothing {
				t.Error("the renders do not differ: the row proves nothing")
			}
		})
	}
}

func TestWhatLooksAtTheTopFromOtherFiles(t *testing.T) {
	const (
		subchart = "{apiVersion: v2, name: s, version: 0.1.0}"
		library  = "{apiVersion: v2, name: s, version: 0.1.0, type: library}"
	)
	for name, files := range map[string]map[string]string{
		"a subchart as a whole":    {"templates/a.yaml": "v: {{ toYaml .Subcharts | sha256sum }}", "charts/s/Chart.yaml": subchart, "charts/s/templates/x.yaml": "x: 1"},
		"subcharts under a key":    {"templates/a.yaml": `v: {{ include "d" (dict "s" .Subcharts) }}{{ define "d" }}{{ toJson .s.s }}{{ end }}`, "charts/s/Chart.yaml": subchart},
		"a subchart's own values":  {"templates/a.yaml": `v: {{ with .Subcharts }}{{ with .s }}{{ toJson . }}{{ end }}{{ end }}`, "charts/s/Chart.yaml": subchart},
		"a library's define":       {"templates/a.yaml": `v: {{ include "x" (dict "root" $) }}`, "charts/s/Chart.yaml": library, "charts/s/templates/_x.tpl": `{{ define "x" }}{{ toJson .root }}{{ end }}`},
		"a value for a subchart":   {"values.yaml": "global: {t: '{{ toJson . }}'}", "charts/s/Chart.yaml": subchart, "charts/s/templates/x.yaml": "v: {{ with .Values.global }}{{ tpl .t $ }}{{ end }}"},
		"a file":                   {"templates/a.yaml": `v: {{ tpl (.Files.Get "f") . }}`, "f": "{{ toJson . }}"},
		"a file with other braces": {"templates/a.yaml": `v: {{ tpl (.Files.Get "f" | replace "[[" "{{" | replace "]]" "}}") . }}`, "f": "[[ toJson . ]]"},
		"the lines of a file":      {"templates/a.yaml": `{{ range .Files.Lines "f" }}v: {{ tpl (printf "{{ %s }}" .) $ }}{{ end }}`, "f": "toJson ."},
		"the name of a file":       {"templates/a.yaml": `v: {{ tpl (.Files.Glob "f/*").AsConfig . | quote }}`, "f/{{ .Release.Revision }}": "x"},
		"the chart's description":  {"templates/a.yaml": `v: {{ tpl .Chart.Description . }}`, "Chart.yaml": `{apiVersion: v2, name: c, version: 0.1.0, description: "\x7b{ toJson . }}"}`},
		"a value in two pieces":    {"templates/a.yaml": `v: {{ tpl (print .Values.a .Values.b) . }}`, "values.yaml": "a: '{{ with .Values.none }}{{ else }}'\nb: '{{ toJson . }}{{ end }}'"},
		"braces in two values":     {"templates/a.yaml": `v: {{ tpl (print .Values.a .Values.b) . }}`, "values.yaml": "a: '{'\nb: '{ toJson . }}'"},
		"a value that is changed":  {"templates/a.yaml": `v: {{ tpl (.Values.t | replace ".Values.a" ".") . }}`, "values.yaml": "t: '{{ with .Values.a }}{{ toJson . }}{{ end }}'"},
		"a define of another file": {"templates/a.yaml": `v: {{ include "d" . }}`, "templates/b.yaml": `{{ define "d" }}{{ . | toJson }}{{ end }}`},
	} {
		t.Run(name, func(t *testing.T) {
			if differ, _ := judge(t, topChart(t, "", files)); differ == onNothing {
				t.Error("the renders do not differ: the row proves nothing")
			}
		})
	}
}

// What charts do every day must be known to look at nothing, or each of them is rendered three times.
func TestWhatLooksAtNothing(t *testing.T) {
	const render = `{{- define "render" -}}{{- $text := typeIs "string" .value | ternary .value (toYaml .value) -}}` +
		`{{- if contains "{{" (toJson .value) -}}{{- if .scope -}}{{- tpl (cat "{{- with $.Scope -}}" $text "{{- end }}") (merge (dict "Scope" .scope) .context) -}}` +
		`{{- else -}}{{- tpl $text .context -}}{{- end -}}{{- else -}}{{- $text -}}{{- end -}}{{- end -}}`
	for name, files := range map[string]map[string]string{
		"with":         {"templates/a.yaml": "v:\n{{ with .Values.a }}{{ toYaml . | indent 2 }}{{ end }}"},
		"with and tpl": {"templates/a.yaml": "v: {{ with .Values.t }}{{ tpl . $ }}{{ end }}", "values.yaml": "t: '{{ .Release.Name }}-{{ .Values.t | len }}'"},
		"range":        {"templates/a.yaml": "{{ $root := . }}{{ range .Values.l }}{{ include \"x\" (dict \"root\" $root \"item\" .) }}{{ end }}{{ define \"x\" }}\n{{ .root.Release.Name }}{{ .item }}: {{ toJson .item }}{{ end }}"},
		"labels": {
			"templates/a.yaml":   `v: {{ include "common.labels" . }}`,
			"templates/_all.tpl": `{{ define "common.labels" }}{{ .Release.Name }}-{{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}{{ end }}`,
		},
		"values that are templates": {
			"templates/a.yaml":   `v: {{ include "render" (dict "value" .Values.t "context" $) }}{{ include "render" (dict "value" .Values.m "context" $ "scope" .Values.m) | indent 2 }}`,
			"templates/_all.tpl": render, "values.yaml": "t: '{{ .Release.Name }}'\nm: {b: '{{ $.Release.Namespace }}'}",
		},
		"labels that are templates": {
			"templates/a.yaml":   `v: {{ include "render" (dict "value" (include "label" "1.0+x-") "context" $) }}`,
			"templates/_all.tpl": render + `{{ define "label" }}{{ regexReplaceAll "[^A-Za-z0-9]+$" (. | replace "+" "_" | trunc 63) "" }}{{ regexReplaceAll "(-?[^a-z\\d\\-])+-?" (lower .) "-" }}{{ end }}`,
		},
		"checksum":            {"templates/a.yaml": `v: {{ include (print $.Template.BasePath "/b.yaml") . | sha256sum }}`, "templates/b.yaml": "b: {{ .Values.a.x }}\n"},
		"text for another":    {"templates/a.yaml": "v: {{ \"{{ $labels.job }}\" }}{{ tpl \"{{ .Release.Name }}\" . }}"},
		"a define of nobody":  {"templates/a.yaml": "v: 1\n{{ define \"x\" }}{{ toYaml . }}{{ end }}"},
		"a define for values": {"templates/a.yaml": "v: {{ include \"x\" .Values.a }}{{ define \"x\" }}{{ toJson . }}{{ end }}"},
		"the kind of the top": {"templates/a.yaml": "v: {{ kindOf . }}{{ hasKey . \"Values\" }}{{ len $ }}"},
		"a subchart's values": {"templates/a.yaml": "v: {{ with .Subcharts.s.Values }}{{ toJson . }}{{ end }}", "charts/s/Chart.yaml": "{apiVersion: v2, name: s, version: 0.1.0}"},
		"parts of the top":    {"templates/a.yaml": "v: {{ toJson .Chart }}{{ toJson .Capabilities.KubeVersion }}{{ index . \"Values\" \"a\" | toJson }}{{ get $ \"Chart\" | toJson }}"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, ok := files["values.yaml"]; !ok {
				files["values.yaml"] = "a: {x: 1}\nl: [1, 2]\n"
			}
			if differ, scan := judge(t, topChart(t, "", files)); differ != onNothing || scan != onNothing {
				t.Errorf("the renders differ by %d, the scan says %d", differ, scan)
			}
		})
	}
}

// FuzzTopLeaks follows any texts: nothing panics, and the search ends.
func FuzzTopLeaks(f *testing.F) {
	f.Add("{{ define \"a\" }}{{ include \"b\" . }}{{ end }}{{ define \"b\" }}{{ include \"a\" . }}{{ end }}{{ include \"a\" $ }}", "{{ tpl .x . }}")
	f.Add("{{ $x := $y }}", "{{ tpl \"{{ tpl `{{ . }}` . }}\" . }}")
	f.Add("{{ $a := dict \"b\" $ }}{{ $b := $a.b }}{{ $a = $b }}{{ tpl $a . }}", "{{ range $i, $v := . }}{{ else }}{{ end }}{{ break }}")
	f.Add("{{ get . }}{{ get }}{{ set }}{{ dict }}{{ merge . }}{{ pluck . }}{{ include . }}{{ tpl . }}", "{{ (print).x }}{{ .a.b (.c).d }}")
	f.Add(strings.Repeat("{{ if . }}{{ with .x }}", 200)+strings.Repeat("{{ end }}{{ end }}", 200), strings.Repeat("(", 300))
	f.Fuzz(func(t *testing.T, template, value string) {
		texts := []sdk.Text{{Path: "c/templates/x.yaml", Body: template}, {Body: value}, {Path: "c/f", Body: value}}
		if leaks := topLeaks(texts); leaks != topLeaks(texts) {
			t.Error("another answer for the same texts")
		}
	})
}
