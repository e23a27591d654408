package locate

import (
	"strings"
	"testing"
)

// at is the place of a piece of text in documents; it must be there once.
func at(t *testing.T, documents []string, piece string) Place {
	t.Helper()
	var found []Place
	for d, text := range documents {
		if i := strings.Index(text, piece); i >= 0 {
			found = append(found, Place{d, i})
		}
		if strings.Count(text, piece) > 1 {
			t.Fatalf("%q is there more than once", piece)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%q is in %d documents", piece, len(found))
	}
	return found[0]
}

func Test_the_line_is_told_only_where_it_is_certain(t *testing.T) {
	for _, c := range []struct {
		name, source string
		documents    []string
		piece        string
		line         int
		why          Why
	}{
		{
			name: "plain text", source: "kind: Job\nmetadata:\n  name: a\n",
			documents: []string{"kind: Job\nmetadata:\n  name: a\n"}, piece: "name", line: 3,
		},
		{
			name: "Helm 3 and older Helm 4 trim the end", source: "kind: Job\nname: a\n\n",
			documents: []string{"kind: Job\nname: a"}, piece: "name", line: 2,
		},
		{
			name:   "a whole file in an if",
			source: "{{- if .Values.on }}\nkind: Job\nname: {{ include \"x\" . }}-a\nhook: b\n{{- end }}\n", line: 4,
			documents: []string{"kind: Job\nname: shop-a\nhook: b\n"}, piece: "hook",
		},
		{
			name:   "an include before it",
			source: "labels:\n  {{- include \"labels\" . | nindent 2 }}\nhook: b\nend: c\n", line: 3,
			documents: []string{"labels:\n  a: b\n  c: d\nhook: b\nend: c\n"}, piece: "hook",
		},
		{
			name: "what the include gives", source: "labels:\n  {{- include \"labels\" . | nindent 2 }}\nhook: b\n",
			documents: []string{"labels:\n  a: b\n  c: d\nhook: b\n"}, piece: "c: d", why: Generated,
		},
		{
			name: "the key in an if, and nothing else could give it", source: "a: b\n{{- if .x }}\nhook: b\n{{- end }}\nc: d\n",
			documents: []string{"a: b\nhook: b\nc: d\n"}, piece: "hook", line: 3,
		},
		{
			name: "the key in an if, and a value beside it that could give it", why: Ambiguous,
			source:    "a: b\n{{- if .x }}\nhook: b\n{{- end }}\n{{- with .more }}\n{{ toYaml . }}\n{{- end }}\n",
			documents: []string{"a: b\nhook: b\n"}, piece: "hook",
		},
		{
			name: "the same key in both branches, told apart by the value", source: "{{ if .x }}hook: a{{ else }}\nhook: b{{ end }}\n",
			documents: []string{"hook: b\n"}, piece: "hook", line: 2,
		},
		{
			name: "the same line in both branches", source: "{{ if .x }}hook: b{{ else }}\nhook: b{{ end }}\n", why: Ambiguous,
			documents: []string{"hook: b\n"}, piece: "hook",
		},
		{
			name: "a loop", source: "a: b\n{{- range .x }}\n---\nhook: {{ . }}\n{{- end }}\n", why: Generated,
			documents: []string{"a: b", "hook: b\n"}, piece: "hook",
		},
		{
			name: "the second of three documents", source: "hook: a\n---\nhook: b\n---\nhook: c\n", line: 3,
			documents: []string{"hook: a\n", "hook: b\n", "hook: c\n"}, piece: "hook: b",
		},
		{
			name: "documents that are left out", source: "{{ if .a }}\nhook: a\n{{ end }}\n---\n{{ if .b }}\nhook: b\n{{ end }}\n---\nhook: c\n", line: 6,
			documents: []string{"hook: b\n", "hook: c\n"}, piece: "hook: b",
		},
		{
			name: "equal documents that may be left out", source: "{{ if .a }}\nhook: a\n{{ end }}\n---\n{{ if .b }}\nhook: a\n{{ end }}\n", why: Ambiguous,
			documents: []string{"hook: a\n"}, piece: "hook",
		},
		{
			name: "a comment behind the separator stays in the document", source: "--- # one\nhook: a\n", line: 2,
			documents: []string{"# one\nhook: a\n"}, piece: "hook",
		},
		{
			name: "carriage returns", source: "a: b\r\nhook: a\r\n", documents: []string{"a: b\r\nhook: a\r\n"}, piece: "hook", line: 2,
		},
		{
			name: "a byte order mark", source: "\ufeffa: b\nhook: a\n", documents: []string{"a: b\nhook: a\n"}, piece: "hook", line: 2,
		},
		{
			name: "template comments of several lines", source: "{{/* one\ntwo */}}\n{{- /* three */ -}}\nhook: a\n", documents: []string{"hook: a\n"}, piece: "hook", line: 4,
		},
		{
			name: "variables print nothing", source: "{{ $x := 1 }}{{ $x = 2 }}hook: a\n", documents: []string{"hook: a\n"}, piece: "hook", line: 1,
		},
		{
			name: "a define prints nothing where it stands", source: "{{ define \"x\" }}\nhook: a\n{{ end }}\nhook: a\n", documents: []string{"hook: a\n"}, piece: "hook", line: 4,
		},
		{
			name: "another template's render", source: "kind: Job\n", documents: []string{"kind: Pod\n"}, piece: "kind", why: Unmatched,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			template, err := Parse(c.source)
			if err != nil {
				t.Fatal(err)
			}
			got := template.Lines(c.documents, []Place{at(t, c.documents, c.piece)})[0]
			if got.Line != c.line || got.Why != c.why {
				t.Errorf("line %d (%s), want %d (%s)", got.Line, got.Why, c.line, c.why)
			}
		})
	}
}

func Test_what_cannot_be_located_is_refused(t *testing.T) {
	for name, source := range map[string]string{
		"no template": "{{ if }}", "Helm takes <no value> away": "a: <no value>", "too large": strings.Repeat("a", mostStates+1),
	} {
		if _, err := Parse(source); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	template, err := Parse(strings.Repeat("abcdefg\n", 20000))
	if err != nil {
		t.Fatal(err)
	}
	if got := template.Lines([]string{strings.Repeat("abcdefg\n", 20000)}, []Place{{0, 1}})[0]; got.Why != TooLarge {
		t.Errorf("%+v", got)
	}
}

func Test_comments_know_their_lines_and_sections(t *testing.T) {
	template, err := Parse("{{/* a */}}\nx: 1\n---\n{{- /* b */ -}}\n{{ if .x }}{{/* c\nd */}}\n---\n{{ end }}{{ range .y }}{{/* e */}}{{ end }}\n{{ define \"z\" }}{{/* f */}}{{ end }}\n")
	if err != nil {
		t.Fatal(err)
	}
	want := []Comment{{" a ", 1, 0}, {" b ", 4, 1}, {" c\nd ", 5, 1}, {" e ", 8, 2}, {" f ", 9, -1}}
	got := template.Comments()
	if len(got) != len(want) {
		t.Fatalf("%+v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("got %+v, want %+v", got[i], want[i])
		}
	}
}

func Test_sections_of_documents(t *testing.T) {
	template, err := Parse("{{ if .a }}\nhook: a\n{{ end }}\n---\n{{ if .b }}\nhook: b\n{{ end }}\n---\nhook: c\n")
	if err != nil {
		t.Fatal(err)
	}
	if got := template.Sections([]string{"hook: b\n", "hook: c\n"}); len(got) != 2 || len(got[0]) != 1 || got[0][0] != 1 || len(got[1]) != 1 || got[1][0] != 2 {
		t.Errorf("%v", got)
	}
}
