package source

import (
	"regexp"
	"testing"

	"github.com/helm-hooks/helm-hooks/internal/source/sdk"
)

func TestDependsOnRelease(t *testing.T) {
	for _, c := range []struct {
		want bool
		text string
	}{
		{false, "{{ .Release.Name }}-{{ $.Release.Namespace }} {{ .Release.Service }}"},
		{true, "{{ .Release.Revision }}"},
		{true, "{{ if $.Release.IsUpgrade }}x{{ end }}"},
		{true, "{{ (.Release).IsInstall }}"},
		{true, "{{ $r := .Release }}{{ $r.Name }}"},
		{true, "{{ toYaml .Release }}"},
		{true, "{{ .Release | toJson }}"},
		{true, `{{ index . "Release" "Name" }}`},
		{true, "{{ get $ `Release` }}"},
		{true, "{{ toYaml $ | sha256sum }}"},
		{true, "{{ $ | toJson }}"},
		{true, "{{ range $k, $v := $ }}{{ end }}"},
		{false, "{{ toYaml .Values }} {{ toYaml $x }} {{ range $x }}{{ end }}"},
		{true, `{{ tpl (printf "{{ .Release.%s }}" "Revision") . }}`},
		{false, "{{ .ReleaseName }} {{ .Values.Releases }}"},
		{false, "kind: ControllerRevision"},
		{false, "revisionHistoryLimit: 3"},
		{true, "{{ toYaml . | nindent 2 }}"},
		{false, "{{ with .Values.a }}{{ toYaml . | nindent 2 }}{{ end }}"},
		{false, "{{ with $.Values.a }}{{ . | toYaml }}{{ else }}{{ end }}"},
		{true, "{{ with .Values.a }}{{ else }}{{ toYaml . | trim }}{{ end }}"},
		{false, "{{ range .Values.a }}{{ with .b }}{{ toYaml . }}{{ end }}{{ toYaml . }}{{ end }}"},
		{false, "{{ range $k, $v := default .Values.a .Values.b }}{{ toYaml . }}{{ end }}"},
		{true, "{{ with .Values.a }}{{ toYaml . }}{{ end }}{{ toYaml . }}"},
		{true, "{{ with . }}{{ toYaml . }}{{ end }}"},
		{true, "{{ with $ }}{{ toYaml . }}{{ end }}"},
		{true, "{{ with .Subcharts.a }}{{ toYaml . }}{{ end }}"},
		{true, "{{ with .Values.a }}{{ with $ }}{{ toYaml . }}{{ end }}{{ end }}"},
		{true, "{{ with dict \"a\" . }}{{ toYaml . }}{{ end }}"},
		{false, "{{ define \"x\" }}{{ toYaml . }}{{ end }}"},
		{true, "{{ include \"x\" . }}{{ define \"x\" }}{{ toYaml . }}{{ end }}"},
		{false, "{{ define \"x\" }}{{ with .Values.a }}{{ toYaml . }}{{ end }}{{ end }}"},
		{true, "{{ include \"x\" (dict \"Values\" $) }}{{ with .Values.a }}{{ toYaml . }}{{ end }}"},
		{true, "{{ $_ := set .Values \"top\" $ }}{{ with .Values.top }}{{ toYaml . }}{{ end }}"},
		{true, "{{ $_ := merge .Values . }}{{ with .Values }}{{ toYaml . }}{{ end }}"},
		{true, "{{ tpl \"{{ $_ := set .Values `top` $ }}\" . }}{{ with .Values.top }}{{ toYaml . }}{{ end }}"},
		{false, "{{ $_ := set .Values \"a\" .Values.b }}{{ with .Values.a }}{{ toYaml . }}{{ end }}"},
		{true, "{{ with .Values.a }}{{ tpl \"{{ toYaml . }}\" $ }}{{ end }}"},
		{false, "{{ with .Values.a }}{{ deepCopy . | toYaml }}{{ printf \"%v\" . }}{{ omit . \"x\" }}{{ end }}"},
		{false, "{{ include \"x\" . }}{{ with .Values.a }}\n{{- toYaml . | nindent 8 }}{{ end }}{{ range .Values.b }}{{ . }}{{end}}"},
	} {
		if got := dependenceOf([]sdk.Text{{Body: "plain"}, {Body: c.text}}) != onNothing; got != c.want {
			t.Errorf("%s: got %v", c.text, got)
		}
	}
}

func TestUpgradesAreAlike(t *testing.T) {
	for text, want := range map[string]dependence{
		"{{ .Release.Name }}":                                         onNothing,
		"{{ .Release.IsUpgrade }}":                                    onUpgrade,
		"{{ if (.Release).IsInstall }}{{ end }}":                      onRevision,
		"{{ $r := $.Release.IsInstall }}":                             onUpgrade,
		"{{ .Release.IsUpgrade }}{{ .Release.Revision }}":             onRevision,
		"{{ .Release.IsUpgrade }}{{ toYaml .Release }}":               onRevision,
		"{{ .Release.IsUpgrade }}{{ toYaml . }}":                      onRevision,
		"{{ tpl (printf `{{ .Release.%s }}` `IsUpgrade`) . }}":        onRevision,
		"{{ .Values.IsUpgrade }}":                                     onUpgrade,
		"{{ with .Values.a }}{{ toYaml . }}{{ end }}{{ .IsInstall }}": onUpgrade,
	} {
		if got := dependenceOf([]sdk.Text{{Body: "plain"}, {Body: text}}); got != want {
			t.Errorf("%s: got %v, want %v", text, got, want)
		}
	}
}

// The quick looks must say what the expressions say that they stand before.
func FuzzQuickScans(f *testing.F) {
	releaseUse := regexp.MustCompile(`\.Release\b(\.\w+)?`)
	for _, text := range []string{
		"{{ .Release.Name }}{{ .Release }}", ".Releases .Release_ .Release.Nam .Release.Names", "date keys now", ".Release.", ".Release.Service.x", "randomValue",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		takes := onNothing
		for _, match := range releaseUse.FindAllStringSubmatch(text, -1) {
			switch match[1] {
			case ".Name", ".Namespace", ".Service":
			case ".IsInstall", ".IsUpgrade":
				takes = max(takes, onUpgrade)
			default:
				takes = onRevision
			}
		}
		if got := takesRelease(text); got != takes {
			t.Errorf("%q: takesRelease is %v, not %v", text, got, takes)
		}
		if got := mentionsVolatile(text); got != volatileUse.MatchString(text) {
			t.Errorf("%q: mentionsVolatile is %v", text, got)
		}
	})
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
