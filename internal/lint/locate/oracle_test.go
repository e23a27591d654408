package locate

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"text/template"

	"pgregory.net/rapid"

	"github.com/helm-hooks/helm-hooks/internal/helm4"
)

// The oracle: a template of few different lines, so that they are easily mistaken for one another, is run
// once as it is and once with its line number in each literal line. The second run says where each line of
// the first really came from.

// words are the lines that the generated templates and their includes are made of.
var words = []string{"a: x", "b: x", "  a: x", "a: y"}

// mark stands behind the text of a literal line, with the number of the line.
var mark = regexp.MustCompile(`§(\d+)`)

// anyTemplate draws the lines of a template.
func anyTemplate(t *rapid.T, depth int) []string {
	var lines []string
	for range rapid.IntRange(1, 4).Draw(t, "length") {
		trim := rapid.SampledFrom([]string{"{{-", "{{"}).Draw(t, "trim")
		trimEnd := rapid.SampledFrom([]string{"-}}", "}}"}).Draw(t, "trim at the end")
		kind := rapid.IntRange(0, 10).Draw(t, "kind")
		switch {
		case kind <= 3 || depth == 0:
			lines = append(lines, rapid.SampledFrom(words).Draw(t, "word"))
		case kind == 4:
			lines = append(lines, "---")
		case kind == 5:
			lines = append(lines, trim+" include "+strconv.Itoa(rapid.IntRange(0, 3).Draw(t, "include"))+" "+trimEnd)
		case kind == 6:
			lines = append(lines, "c: {{ include 0 }}")
		case kind == 7:
			lines = append(lines, rapid.SampledFrom([]string{"{{/* comment */}}", "{{- /* comment */ -}}", "{{- /* comment */}}"}).Draw(t, "comment"))
		case kind == 8:
			lines = append(lines, trim+" range $.Loop "+trimEnd)
			lines = append(lines, anyTemplate(t, depth-1)...)
			lines = append(lines, trim+" end "+trimEnd)
		default:
			lines = append(lines, trim+" if on "+strconv.Itoa(rapid.IntRange(0, 3).Draw(t, "condition"))+" "+trimEnd)
			lines = append(lines, anyTemplate(t, depth-1)...)
			if rapid.Bool().Draw(t, "else") {
				lines = append(lines, trim+" else "+trimEnd)
				lines = append(lines, anyTemplate(t, depth-1)...)
			}
			lines = append(lines, trim+" end "+trimEnd)
		}
	}
	return lines
}

// execute renders as text/template does.
func execute(t *rapid.T, source string, on []bool, includes []string) string {
	functions := template.FuncMap{
		"include": func(i int) string { return includes[i] },
		"on":      func(i int) bool { return on[i] },
	}
	parsed, err := template.New("x").Funcs(functions).Parse(source)
	if err != nil {
		t.Fatalf("%v\n%s", err, source)
	}
	var out strings.Builder
	if err := parsed.Execute(&out, map[string]any{"Loop": []int{1, 2}}); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func Test_no_line_is_ever_made_up(t *testing.T) {
	told := 0
	rapid.Check(t, func(t *rapid.T) {
		lines := anyTemplate(t, 2)
		var marked []string
		for i, line := range lines {
			if !strings.Contains(line, "{{") && line != "---" {
				line += fmt.Sprintf("§%d", i+1)
			}
			marked = append(marked, line)
		}
		on := rapid.SliceOfN(rapid.Bool(), 4, 4).Draw(t, "conditions")
		includes := []string{"x"}
		for range 3 {
			includes = append(includes, strings.Join(rapid.SliceOfN(rapid.SampledFrom(append(words, "---", "")), 0, 4).Draw(t, "include"), "\n"))
		}
		version := rapid.SampledFrom([][3]int{{4, 1, 0}, {4, 2, 0}, {4, 3, 0}}).Draw(t, "Helm")
		documents := helm4.Split(version)(execute(t, strings.Join(lines, "\n")+"\n", on, includes))
		truth := helm4.Split(version)(execute(t, strings.Join(marked, "\n")+"\n", on, includes))
		parsed, err := Parse(strings.Join(lines, "\n") + "\n")
		if err != nil {
			t.Fatal(err)
		}
		var places []Place
		var want []int
		for d, text := range documents {
			offset := 0
			trueLines := strings.SplitAfter(truth[d], "\n")
			for i, line := range strings.SplitAfter(text, "\n") {
				if strings.TrimSpace(line) != "" {
					places = append(places, Place{d, offset + len(line) - len(strings.TrimLeft(line, " "))})
					want = append(want, number(trueLines[i], line))
				}
				offset += len(line)
			}
		}
		for i, answer := range parsed.Lines(documents, places) {
			if answer.Why == Unmatched {
				t.Fatalf("the render does not fit its own template\n%s\n%q", strings.Join(lines, "\n"), documents)
			}
			if answer.Line != 0 && want[i] >= 0 {
				told++
				if answer.Line != want[i] {
					t.Fatalf("%+v is said to be line %d, but is line %d\n%s\n%q", places[i], answer.Line, want[i], strings.Join(lines, "\n"), documents)
				}
			}
		}
	})
	if told == 0 {
		t.Error("no line was ever told")
	}
}

// number is the line that a marked line came from, 0 for what an include gave. A line that is put together
// of several (c: {{ include }}) and --- are left out of the comparison with -1.
func number(marked, line string) int {
	found := mark.FindAllStringSubmatch(marked, -1)
	switch {
	case strings.Contains(line, "---"), len(found) == 0 && strings.HasPrefix(strings.TrimSpace(line), "c: "):
		return -1
	case len(found) == 0:
		return 0
	case len(found) > 1 || strings.Count(line, ":") > 1:
		return -1
	}
	n, _ := strconv.Atoi(found[0][1])
	return n
}

func FuzzParseAndMatch(f *testing.F) {
	f.Add("a: {{ .x }}\n{{ if .y }}---{{ end }}\n", "a: b\n", "c", 3)
	f.Add("{{ define \"x\" }}a{{ end }}{{ template \"x\" . }}{{/* c */}}", "a", "", 0)
	f.Fuzz(func(t *testing.T, source, one, two string, offset int) {
		parsed, err := Parse(source)
		if err != nil {
			return
		}
		documents := []string{one, two}
		lines := strings.Count(source, "\n") + 1
		for _, answer := range parsed.Lines(documents, []Place{{0, offset}, {1, 0}, {2, 0}}) {
			if answer.Line < 0 || answer.Line > lines || (answer.Line == 0) == (answer.Why == "") {
				t.Errorf("%+v", answer)
			}
		}
		parsed.Sections(documents)
		for _, comment := range parsed.Comments() {
			if comment.Line < 1 || comment.Line > lines {
				t.Errorf("%+v", comment)
			}
		}
	})
}
