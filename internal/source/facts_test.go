package source

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/helm-hooks/helm-hooks/internal/source/sdk"
)

// hookJob is the rest of a hook, after what a test puts before it.
const hookJob = "\nkind: Job\nmetadata: {annotations: {helm.sh/hook: pre-install}}\n"

func TestClusterFacts(t *testing.T) {
	known := []string{"v1", "batch/v1", "policy/v1beta1"}
	const (
		lookup = "lookup|c/templates/x.yaml"
		hasX   = "capabilities|c/templates/x.yaml|--api-versions x/v1 if the cluster has it"
		anyAPI = "capabilities|c/templates/x.yaml|--api-versions GROUP/VERSION"
		kube   = "capabilities|c/templates/x.yaml|--kube-version"
	)
	for _, test := range []struct {
		name    string
		x       string
		helpers string
		request sdk.Request
		want    []string
	}{
		{name: "nothing", x: hookJob},
		{name: "lookup around a hook", x: `{{ if not (lookup "v1" "Secret" "a" "b") }}` + hookJob + "{{ end }}", want: []string{lookup}},
		{name: "lookup in a variable", x: `{{ $s := lookup "v1" "Secret" "a" "b" }}{{ if $s }}` + hookJob + "{{ end }}", want: []string{lookup}},
		{name: "lookup in a file without hooks", x: `{{ if lookup "v1" "Secret" "a" "b" }}kind: A{{ end }}`},
		{name: "lookup as a word", x: "{{/* lookup */}}lookup: {{ .Values.lookup }}" + hookJob},
		{
			name: "a helper that looks up decides", x: `{{ if include "h" . }}` + hookJob + "{{ end }}",
			helpers: `{{ define "h" }}{{ include "deep" . }}{{ end }}{{ define "deep" }}{{ lookup "v1" "A" "" "" }}{{ end }}`, want: []string{lookup},
		},
		{
			name: "a helper's result in a variable decides", x: `{{ $h := include "h" . }}{{ if $h }}` + hookJob + "{{ end }}",
			helpers: `{{ define "h" }}{{ lookup "v1" "A" "" "" }}{{ end }}`, want: []string{lookup},
		},
		{
			name: "a helper that only fills in a value", x: hookJob + `password: {{ include "h" . }}`,
			helpers: `{{ define "h" }}{{ lookup "v1" "A" "" "" }}{{ end }}`,
		},
		{
			name: "a helper that holds the whole hook", x: `{{ include "job" . }}`,
			helpers: `{{ define "job" }}{{ if lookup "v1" "A" "" "" }}` + hookJob + "{{ end }}{{ end }}", want: []string{lookup},
		},
		{
			name: "a helper that nobody includes", x: hookJob,
			helpers: `{{ define "job" }}{{ if lookup "v1" "A" "" "" }}` + hookJob + "{{ end }}{{ end }}",
		},
		{name: "an API of the cluster", x: `{{ if .Capabilities.APIVersions.Has "x/v1" }}` + hookJob + "{{ end }}", want: []string{hasX}},
		{name: "an API through the root", x: `{{ if $.Capabilities.APIVersions.Has "x/v1" }}` + hookJob + "{{ end }}", want: []string{hasX}},
		{
			name: "an API in brackets", x: `{{ if and .Values.a (.Capabilities.APIVersions.Has "x/v1") }}` + hookJob + "{{ end }}", want: []string{hasX},
		},
		{
			name: "an API that --api-versions gives", x: `{{ if .Capabilities.APIVersions.Has "x/v1" }}` + hookJob + "{{ end }}",
			request: sdk.Request{APIVersions: []string{"x/v1"}},
		},
		{name: "a stable built-in API", x: `{{ if .Capabilities.APIVersions.Has "batch/v1" }}` + hookJob + "{{ end }}"},
		{
			name: "a built-in beta, which a cluster may have dropped", x: `{{ if .Capabilities.APIVersions.Has "policy/v1beta1" }}` + hookJob + "{{ end }}",
			want: []string{"capabilities|c/templates/x.yaml|--api-versions policy/v1beta1"},
		},
		{name: "an API by a variable", x: `{{ if .Capabilities.APIVersions.Has $.Values.api }}` + hookJob + "{{ end }}", want: []string{anyAPI}},
		{name: "the list of APIs", x: `{{ if has "x" .Capabilities.APIVersions }}` + hookJob + "{{ end }}", want: []string{anyAPI}},
		{name: "the Kubernetes version around a hook", x: `{{ if semverCompare ">1" .Capabilities.KubeVersion.Version }}` + hookJob + "{{ end }}", want: []string{kube}},
		{name: "the Kubernetes version in a variable", x: `{{ $v := .Capabilities.KubeVersion.Minor }}{{ if gt $v "1" }}` + hookJob + "{{ end }}", want: []string{kube}},
		{
			name: "the Kubernetes version in a helper that decides", x: `{{ if eq (include "v" .) "x" }}` + hookJob + "{{ end }}",
			helpers: `{{ define "v" }}{{ .Capabilities.KubeVersion }}{{ end }}`, want: []string{kube},
		},
		{
			name: "the Kubernetes version around the annotation", x: `metadata: {annotations: { {{ if .Capabilities.KubeVersion.Minor }}helm.sh/hook: test{{ end }} }}`,
			want: []string{kube},
		},
		{name: "the Kubernetes version around a field", x: hookJob + `{{ if semverCompare ">1" .Capabilities.KubeVersion.Version }}ttl: 1{{ end }}`},
		{
			name: "the Kubernetes version in apiVersion", x: `apiVersion: {{ include "v" . }}` + hookJob,
			helpers: `{{ define "v" }}{{ if .Capabilities.KubeVersion.Minor }}v1{{ end }}{{ end }}`,
		},
		{
			name: "a given --kube-version", x: `{{ if .Capabilities.KubeVersion.Minor }}` + hookJob + "{{ end }}",
			request: sdk.Request{KubeVersion: "v1.30"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			texts := []sdk.Text{{Path: "c/templates/_h.tpl", Body: test.helpers}, {Path: "c/templates/x.yaml", Body: test.x}}
			var got []string
			for i, fact := range clusterFacts(texts, nil, known, test.request) {
				line := fact.What + "|" + fact.Why + "|" + fact.HowToKnow
				if i < len(test.want) && containsAll(line, strings.Split(test.want[i], "|")) {
					line = test.want[i]
				}
				got = append(got, line)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func containsAll(text string, parts []string) bool {
	for _, part := range parts {
		if !strings.Contains(text, part) {
			return false
		}
	}
	return true
}

func TestFactsNameAllTemplatesOnce(t *testing.T) {
	texts := []sdk.Text{
		{Path: "c/templates/b.yaml", Body: `{{ if lookup "a" "b" "" "" }}{{ if .Capabilities.APIVersions.Has "y/v1" }}` + hookJob + "{{ end }}{{ end }}"},
		{Path: "c/templates/a.yaml", Body: `{{ if lookup "a" "b" "" "" }}{{ if .Capabilities.APIVersions.Has "x/v1" }}` + hookJob + "{{ end }}{{ end }}"},
	}
	facts := clusterFacts(texts, nil, nil, sdk.Request{})
	if len(facts) != 2 || !strings.HasPrefix(facts[0].Why, "the templates c/templates/a.yaml, c/templates/b.yaml with hooks use lookup") ||
		facts[1].HowToKnow != "--api-versions x/v1 --api-versions y/v1, each if the cluster has it" {
		t.Errorf("got %+v", facts)
	}
}
