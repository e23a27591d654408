package lint

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// lineChange is the only line that a patch changes.
func lineChange(t *testing.T, s Source) (before, after string) {
	t.Helper()
	if len(s.Patches) == 0 {
		return "", ""
	}
	old, corrected := strings.Split(s.Patches[0].Old, "\n"), strings.Split(s.Patches[0].New, "\n")
	if len(s.Patches) != 1 || len(old) != len(corrected) {
		t.Fatalf("%+v", s.Patches)
	}
	for i := range old {
		if old[i] != corrected[i] {
			if before != "" {
				t.Fatalf("more than one line changes: %q and %q", before, old[i])
			}
			before, after = strings.TrimSpace(old[i]), strings.TrimSpace(corrected[i])
		}
	}
	return before, after
}

func Test_mechanical_mistakes_are_corrected_where_they_stand(t *testing.T) {
	for _, c := range []struct{ name, before, after string }{
		{"an event", `helm.sh/hook: pre-instal`, `helm.sh/hook: pre-install`},
		{"an event in quotes", `helm.sh/hook: "pre-instal"`, `helm.sh/hook: "pre-install"`},
		{"an event in single quotes, with a comment", `helm.sh/hook: 'post-install, pre-uninstall'  # why`, `helm.sh/hook: 'post-install, pre-delete'  # why`},
		{"one event of a list", `helm.sh/hook: post-install, pre-uninstall`, `helm.sh/hook: "post-install, pre-delete"`},
		{"a comma too many", `helm.sh/hook: pre-install,`, `helm.sh/hook: pre-install`},
		{"another separator", `helm.sh/hook: pre-install;post-install`, `helm.sh/hook: "pre-install,post-install"`},
		{"a key in quotes", `"helm.sh/hook": pre-instal`, `"helm.sh/hook": pre-install`},
		{"two meanings", `helm.sh/hook: install`, ``},
		{"no meaning", `helm.sh/hook: whenever`, ``},
		{"from a value", `helm.sh/hook: {{ "pre-instal" }}`, ``},
	} {
		t.Run(c.name, func(t *testing.T) {
			before, after := lineChange(t, judged(t, chart(t, files{"templates/a.yaml": job("a", c.before)}), nil))
			if after != c.after || after != "" && before != c.before {
				t.Errorf("%q becomes %q, want %q", before, after, c.after)
			}
		})
	}
}

func Test_annotations_beside_a_hook_are_corrected(t *testing.T) {
	for _, c := range []struct{ name, before, after string }{
		{"a delete policy", `helm.sh/hook-delete-policy: hook-success`, `helm.sh/hook-delete-policy: hook-succeeded`},
		{"a delete policy in a list", `helm.sh/hook-delete-policy: "before-hook-create,hook-failed"`, `helm.sh/hook-delete-policy: "before-hook-creation,hook-failed"`},
		{"a weight without quotes", `helm.sh/hook-weight: -5 # first`, `helm.sh/hook-weight: "-5" # first`},
		{"a weight that YAML reads otherwise", `helm.sh/hook-weight: 010`, ``},
		{"a weight from a value", `helm.sh/hook-weight: {{ .Values.weight }}`, `helm.sh/hook-weight: {{ .Values.weight | quote }}`},
		{"a weight from a pipeline", `helm.sh/hook-weight: {{ .Values.weight | default 3 }} # x`, `helm.sh/hook-weight: {{ .Values.weight | default 3 | quote }} # x`},
		{"a weight from two actions", `helm.sh/hook-weight: {{ .Values.weight }}{{ .Values.weight }}`, ``},
		{"a weight from an if", `helm.sh/hook-weight: {{ if .Values.weight }}5{{ end }}`, ``},
		{"a weight with a fraction", `helm.sh/hook-weight: "5.0"`, `helm.sh/hook-weight: "5"`},
		{"a boolean", `x: true`, `x: "true"`},
		{"a misspelt key", `helm.sh/hook-wieght: "5"`, `helm.sh/hook-weight: "5"`},
		{"a misspelt key with a value from elsewhere", `helm.sh/hook-wieght: {{ .Values.weight | quote }}`, `helm.sh/hook-weight: {{ .Values.weight | quote }}`},
		{"a key that nobody can guess", `helm.sh/hook-colour: red`, ``},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := chart(t, files{"values.yaml": "weight: 7\n", "templates/a.yaml": job("a", "helm.sh/hook: pre-delete", c.before)})
			before, after := lineChange(t, judged(t, dir, nil))
			if after != c.after || after != "" && before != c.before {
				t.Errorf("%q becomes %q, want %q", before, after, c.after)
			}
		})
	}
}

func Test_files_stay_as_they_are_but_for_the_line(t *testing.T) {
	for name, text := range map[string]string{
		"Windows":                  strings.ReplaceAll(job("a", "helm.sh/hook: pre-instal"), "\n", "\r\n"),
		"a byte order mark":        "\ufeff" + job("a", "helm.sh/hook: pre-instal"),
		"no line break at the end": strings.TrimSuffix(job("a", "helm.sh/hook: pre-instal"), "\n"),
	} {
		t.Run(name, func(t *testing.T) {
			s := judged(t, chart(t, files{"templates/a.yaml": text}), nil)
			want := []Patch{{Path: "chart/templates/a.yaml", Old: text, New: strings.Replace(text, "pre-instal", "pre-install", 1), Rules: []string{"HH001"}}}
			if diff := cmp.Diff(want, s.Patches); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func Test_what_is_suppressed_is_not_corrected(t *testing.T) {
	dir := chart(t, files{"templates/a.yaml": job("a", "helm.sh/hook: pre-instal", "# helm-hooks: ignore HH001 it must not run yet")})
	if s := judged(t, dir, nil); len(s.Patches) != 0 {
		t.Errorf("%+v", s.Patches)
	}
}

func Test_a_line_of_a_flow_mapping_is_left_alone(t *testing.T) {
	text := strings.Replace(job("a", "X"), "annotations:\n    X\n", "annotations: {helm.sh/hook: pre-instal}\n", 1)
	s := judged(t, chart(t, files{"templates/a.yaml": text}), nil)
	if len(s.Patches) != 0 || one(t, s, "HH001").Line != 5 {
		t.Errorf("%+v, %+v", s.Patches, s.Findings)
	}
}

func FuzzCorrected(f *testing.F) {
	f.Add(`    helm.sh/hook: "a # b"  # c`, `write helm.sh/hook: "pre-install"`, "metadata: {annotations: {helm.sh/hook: 'a # b'}}")
	f.Add(`helm.sh/hook-weight: {{ .x }}`, `write helm.sh/hook-weight: "5" (in a template: | quote)`, "metadata: {annotations: {helm.sh/hook-weight: 5}}")
	f.Fuzz(func(t *testing.T, line, fix, document string) {
		for _, rule := range mechanical {
			finding := Finding{}.Finding
			finding.Rule, finding.Fix, finding.Message = rule, fix, line
			if text, ok := corrected(line, finding, nil, newSheet(document)); ok && strings.ContainsAny(text, "\n") && !strings.ContainsAny(line, "\n") {
				t.Errorf("%q becomes more than one line: %q", line, text)
			}
		}
	})
}
