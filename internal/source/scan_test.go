package source

import (
	"testing"

	"github.com/helm-hooks/helm-hooks/internal/source/sdk"
)

func TestDependsOnRelease(t *testing.T) {
	for text, want := range map[string]bool{
		"{{ .Release.Name }}-{{ $.Release.Namespace }} {{ .Release.Service }}": false,
		"{{ .Release.Revision }}":                                      true,
		"{{ if $.Release.IsUpgrade }}x{{ end }}":                       true,
		"{{ (.Release).IsInstall }}":                                   true,
		"{{ $r := .Release }}{{ $r.Name }}":                            true,
		"{{ toYaml .Release }}":                                        true,
		"{{ .Release | toJson }}":                                      true,
		`{{ index . "Release" "Name" }}`:                               true,
		"{{ get $ `Release` }}":                                        true,
		"{{ toYaml $ | sha256sum }}":                                   true,
		"{{ $ | toJson }}":                                             true,
		"{{ range $k, $v := $ }}{{ end }}":                             true,
		"{{ toYaml .Values }} {{ toYaml $x }} {{ range $x }}{{ end }}": false,
		`{{ tpl (printf "{{ .Release.%s }}" "Revision") . }}`:          true,
		"{{ .ReleaseName }} {{ .Values.Releases }}":                    false,
		"kind: ControllerRevision":                                     false,
		"revisionHistoryLimit: 3":                                      false,
	} {
		if got := dependsOnRelease([]sdk.Text{{Body: "plain"}, {Body: text}}); got != want {
			t.Errorf("%s: got %v", text, got)
		}
	}
}

func TestMayBeVolatile(t *testing.T) {
	for text, want := range map[string]bool{
		"{{ randAlphaNum 5 }}":                  true,
		"{{ now | date \"2006\" }}":             true,
		"{{ genSelfSignedCertWithKey 1 2 }}":    true,
		"{{ genSignedCert 1 }}":                 true,
		"{{ uuidv4 }}":                          true,
		"{{ htpasswd \"a\" \"b\" }}":            true,
		"{{ keys .Values | join \",\" }}":       true,
		"{{ tpl \"{{ now }}\" . }}":             true,
		"{{ derivePassword 1 \"long\" \"a\" }}": false,
		"{{ .Values.now }} {{ .Values.keys }}":  false,
		"{{/* now */}} date: {{ .Values.x }}":   false,
		"now date keys":                         false,
		"{{ broken now":                         true,
	} {
		if got := mayBeVolatile([]sdk.Text{{Body: text}}); got != want {
			t.Errorf("%s: got %v", text, got)
		}
	}
}

func TestShiftClock(t *testing.T) {
	for text, want := range map[string]string{
		"now: {{ now }}":                     "now: {{ " + clockShift + " }}",
		"{{- now | date \"now\" -}}":         "{{- " + clockShift + " | date \"now\" -}}",
		"{{ date `now` now }}":               "{{ date `now` " + clockShift + " }}",
		"{{ now.Unix }}{{/* now */}}":        "{{ " + clockShift + ".Unix }}{{/* now */}}",
		"{{ .now }}{{ $now := 1 }}":          "{{ .now }}{{ $now := 1 }}",
		"{{ if (now) }}{{ else }}{{ end }}":  "{{ if (" + clockShift + ") }}{{ else }}{{ end }}",
		"{{ define \"x\" }}{{ now }}{{end}}": "{{ define \"x\" }}{{ " + clockShift + " }}{{end}}",
		"{{ now":                             "{{ now",
	} {
		if got := shiftClock(text); got != want {
			t.Errorf("%s: got %s", text, got)
		}
	}
}

func TestStableName(t *testing.T) {
	for _, test := range []struct{ a, b, want string }{
		{"same", "same", ""},
		{"job-abc12", "job-xyz98", "job-<random>"},
		{"job-abc12", "job-abd98", "job-<random>"},
		{"job-1-end", "job-2-end", "job-<random>-end"},
		{"job-1x-end", "job-2x-end", "job-<random>-end"},
		{"jobabc", "jobxyz", "<random>"},
		{"a-b", "a-b-c", "a-<random>"},
		{"a-a", "a-a-a", "a-<random>"},
		{"", "x", "<random>"},
		{"job-20261122070405", "job-20280101121116", "job-<random>"},
		{"db.v1.x", "db.v2.x", "db.<random>.x"},
	} {
		if got := stableName(test.a, test.b); got != test.want {
			t.Errorf("%s and %s: got %s, want %s", test.a, test.b, got, test.want)
		}
		if a, b := stableName(test.a, test.b), stableName(test.b, test.a); a != b {
			t.Errorf("%s and %s: %s one way, %s the other", test.a, test.b, a, b)
		}
	}
}
