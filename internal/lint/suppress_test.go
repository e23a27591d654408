package lint

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func Test_the_annotation_is_read(t *testing.T) {
	for _, c := range []struct {
		name, value string
		want        []directive
	}{
		{"one rule", "HH104: smoke test may run once", []directive{{rule: "HH104", reason: "smoke test may run once"}}},
		{"lines", "HH104: once\nHH103: it is small\n", []directive{{rule: "HH104", reason: "once"}, {rule: "HH103", reason: "it is small"}}},
		{"semicolons", "HH104: once; HH103: it is small;", []directive{{rule: "HH104", reason: "once"}, {rule: "HH103", reason: "it is small"}}},
		{"a semicolon in a reason", "HH104: once; really", []directive{{rule: "HH104", reason: "once; really"}}},
		{"several rules", "HH104, hh101 - once", []directive{{rule: "HH104", reason: "once", together: "HH104, HH101"}, {rule: "HH101", reason: "once", together: "HH104, HH101"}}},
		{"no colon", "HH104 once", []directive{{rule: "HH104", reason: "once"}}},
		{"no reason", "HH104", []directive{{rule: "HH104", problem: `HH104 has no reason, so nothing is suppressed: write "HH104: why"`}}},
		{"a colon, but no reason", "HH104: ", []directive{{rule: "HH104", problem: `HH104 has no reason, so nothing is suppressed: write "HH104: why"`}}},
		{"no such rule", "HH141: once", []directive{{rule: "HH141", reason: "once", problem: `unknown rule "HH141": did you mean HH101 or HH111 or HH114?`}}},
		{"no rule", "because", []directive{{problem: `"because" begins with no rule: write a rule and a reason, such as "HH104: why"`}}},
		{"empty", " ", []directive{{problem: `it is empty: write a rule and a reason, such as "HH104: why"`}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, parseAnnotation(c.value), cmp.AllowUnexported(directive{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func Test_comments_are_read(t *testing.T) {
	for line, want := range map[string][]directive{
		" helm-hooks: ignore HH104 once":   {{rule: "HH104", reason: "once"}},
		"helm-hooks:ignore HH104: once":    {{rule: "HH104", reason: "once"}},
		" helm-hooks: ignore: HH104, once": {{rule: "HH104", reason: "once"}},
		" helm-hooks: ignore HH104":        {{rule: "HH104", problem: `HH104 has no reason, so nothing is suppressed: write "HH104: why"`}},
		" helm-hooks: ignore":              {{problem: `"" begins with no rule: write a rule and a reason, such as "HH104: why"`}},
		" helm-hooks: ignored things":      nil,
		" see helm-hooks: ignore HH104":    nil,
		" about helm-hooks":                nil,
	} {
		if diff := cmp.Diff(want, parseComment(line), cmp.AllowUnexported(directive{})); diff != "" {
			t.Errorf("%q: %s", line, diff)
		}
	}
}

func Test_comments_in_a_document_are_told_from_data(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []int
	}{
		{"a line of its own", "a: b\n# helm-hooks: ignore HH104 once\nc: d\n", []int{5}},
		{"behind a value", "a: b # helm-hooks: ignore HH104 once\n", []int{5}},
		{"in a block of text", "a: |\n  # helm-hooks: ignore HH104 once\n", nil},
		{"in quotes", "a: \"b # helm-hooks: ignore HH104 once\"\n", nil},
		{"no blank in front", "a: b#helm-hooks: ignore HH104 once\n", nil},
		{"behind another comment", "a: b # c # helm-hooks: ignore HH104 once\n", []int{9}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []int
			for _, found := range newSheet(c.text).comments() {
				got = append(got, found.offset)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func FuzzDirectives(f *testing.F) {
	for _, s := range []string{"HH104: x", "HH104,HH101 x; HH103: y\nz", "helm-hooks: ignore HH104 x", ";;,", "HH104:\u202e"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, d := range append(parseAnnotation(s), parseComment(s)...) {
			if d.problem == "" && (d.rule == "" || strings.TrimSpace(d.reason) == "" || CheckRule(d.rule) != nil) {
				t.Errorf("%q suppresses %+v", s, d)
			}
		}
		newSheet(s).comments()
	})
}

// once is a hook that Helm 4 does not run again: HH104.
func once(name string, more ...string) string {
	return job(name, append([]string{"helm.sh/hook: post-install,post-upgrade", "helm.sh/hook-delete-policy: hook-failed"}, more...)...)
}

func Test_what_is_suppressed_says_why_and_where(t *testing.T) {
	for _, c := range []struct {
		name, template string
		want           Suppression
	}{
		{
			"an annotation", once("a", `helm-hooks/ignore: "HH104: once is enough"`),
			Suppression{Reason: "once is enough", By: ByAnnotation, File: "./chart/templates/a.yaml", Line: 8},
		},
		{
			"a YAML comment", once("a", "# helm-hooks: ignore HH104 once is enough"),
			Suppression{Reason: "once is enough", By: ByComment, File: "./chart/templates/a.yaml", Line: 8},
		},
		{
			"a template comment", "{{- /* helm-hooks: ignore HH104 once is enough */ -}}\n" + once("a"),
			Suppression{Reason: "once is enough", By: ByComment, File: "./chart/templates/a.yaml", Line: 1},
		},
		{
			"a template comment of several lines", "{{/*\nA word on this.\nhelm-hooks: ignore HH104 once is enough\n*/}}\n" + once("a"),
			Suppression{Reason: "once is enough", By: ByComment, File: "./chart/templates/a.yaml", Line: 3},
		},
		{
			"a comment in the second document", job("b", "helm.sh/hook: pre-delete") + "---\n{{/* helm-hooks: ignore HH104 once is enough */}}\n" + once("a"),
			Suppression{Reason: "once is enough", By: ByComment, File: "./chart/templates/a.yaml", Line: 15},
		},
		{
			"a comment at a loop", "{{- range list \"a\" }}\n# helm-hooks: ignore HH104 once is enough\n" + once("{{ . }}") + "{{- end }}\n",
			Suppression{Reason: "once is enough", By: ByComment, File: "./chart/templates/a.yaml"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := judged(t, chart(t, files{"templates/a.yaml": c.template}), nil)
			f := one(t, s, "HH104")
			if f.Suppressed == nil {
				t.Fatalf("%+v, %+v", f, s.Remarks)
			}
			if diff := cmp.Diff(c.want, *f.Suppressed); diff != "" {
				t.Error(diff)
			}
			if len(s.Remarks) > 0 {
				t.Errorf("%+v", s.Remarks)
			}
			if counts := Count(s.Findings); counts.Suppressed != 1 || counts.Errors != 0 {
				t.Errorf("%+v", counts)
			}
		})
	}
}

func Test_a_suppression_is_about_its_own_document(t *testing.T) {
	s := judged(t, chart(t, files{
		"templates/a.yaml": once("a", "# helm-hooks: ignore HH104 once is enough") + "---\n" + once("b") + "---\n" + once("c") + "---\n{{/* helm-hooks: ignore HH104 likewise */}}\n" + once("d"),
	}), nil)
	for _, f := range of(s, "HH104") {
		if (f.Suppressed != nil) != (f.Object.Name == "a" || f.Object.Name == "d") {
			t.Errorf("%s: %+v", f.Object.Name, f.Suppressed)
		}
	}
}

func Test_a_suppression_that_does_nothing_is_remarked(t *testing.T) {
	for _, c := range []struct {
		name, template, want string
		line                 int
	}{
		{"no reason", once("a", `helm-hooks/ignore: "HH104"`), "HH104 has no reason", 8},
		{"no such rule", once("a", "# helm-hooks: ignore HH999 once"), `unknown rule "HH999"`, 8},
		{"nothing to suppress", job("a", "helm.sh/hook: pre-delete", `helm-hooks/ignore: "HH104: once"`), "there is no such finding here", 7},
		{"a document of its own", "# helm-hooks: ignore HH104 once\n---\n" + once("a"), "document of its own", 1},
		{"in a define", "{{ define \"x\" }}{{/* helm-hooks: ignore HH104 once */}}{{ end }}\n" + once("a"), "it stands in a define", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := judged(t, chart(t, files{"templates/a.yaml": c.template}), nil)
			if len(s.Remarks) != 1 || !strings.Contains(s.Remarks[0].Message, c.want) || s.Remarks[0].Line != c.line || s.Remarks[0].File != "./chart/templates/a.yaml" {
				t.Fatalf("%+v", s.Remarks)
			}
			for _, f := range of(s, "HH104") {
				if f.Suppressed != nil {
					t.Error("it suppresses all the same")
				}
			}
		})
	}
}

func Test_a_suppression_may_serve_some_values_only(t *testing.T) {
	dir := chart(t, files{
		"values.yaml":      "policy: before-hook-creation\n",
		"templates/a.yaml": job("a", "helm.sh/hook: post-install,post-upgrade", "helm.sh/hook-delete-policy: {{ .Values.policy }}", "# helm-hooks: ignore HH104 once"),
	})
	s := judged(t, dir, nil, ValuesSet{Name: "sound"}, ValuesSet{Name: "odd", Set: []string{"policy=hook-failed"}})
	if f := one(t, s, "HH104"); f.Suppressed == nil || len(s.Remarks) != 0 || len(f.Sets) != 1 {
		t.Errorf("%+v, %+v", f, s.Remarks)
	}
	// A rule that is off finds nothing, so nobody can say that its suppression is idle.
	if s := judged(t, dir, Rules{"HH104": Off}); len(s.Remarks) != 0 {
		t.Errorf("%+v", s.Remarks)
	}
}

// Helm 3 fails where Helm 4 does not run: an entry for both is about either.
func Test_an_entry_of_several_rules_needs_one_of_them(t *testing.T) {
	s := judged(t, chart(t, files{"templates/a.yaml": once("a", "# helm-hooks: ignore HH101,HH104 once")}), nil)
	if one(t, s, "HH104").Suppressed == nil || len(s.Remarks) != 0 {
		t.Errorf("%+v", s.Remarks)
	}
}
