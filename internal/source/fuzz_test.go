package source

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/helm-hooks/helm-hooks/internal/source/sdk"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// FuzzStream feeds any text. Nothing panics; what is read has every line of the input that is no
// separator, no # Source: line and not blank, in the order of the input; documents are numbered without
// gaps within their template.
func FuzzStream(f *testing.F) {
	files, err := filepath.Glob("testdata/streams/*")
	if err != nil || len(files) == 0 {
		f.Fatal("no seeds")
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(data))
	}
	for _, seed := range []string{
		"", "---", "--- \n---\n", "---kind: A", "# Source: \n", "# Source: a/b\n---\n# Source: a/b", "kind: A\r\n---\r\nkind: B",
		"NAME: x\nNAMESPACE: y\nHOOKS:\nMANIFEST:", "NAME: x\nNAMESPACE: y\nHOOKS:\n---\nkind: A\nMANIFEST:\n\nNOTES:\n", "\xFF\xFEk\x00",
		`{"name":"x","info":{},"manifest":"kind: A"}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		source, err := FromStdin(strings.NewReader(text), StreamOptions{Limit: 1 << 16})
		if err != nil {
			return
		}
		rendered, err := source.Render(plan.Fields{})
		if err != nil {
			t.Fatal(err)
		}
		next := map[string]int{}
		var got strings.Builder
		for _, document := range rendered.Documents {
			if document.Index != next[document.Template] {
				t.Errorf("document %d of %q follows %d", document.Index, document.Template, next[document.Template])
			}
			next[document.Template]++
			got.WriteString(document.Text)
			got.WriteString("\n")
		}
		_, isReport, _ := readReport("", text)
		_, isRelease, _ := readRelease("", text)
		if isReport || isRelease || strings.HasPrefix(text, "\xFF\xFE") || strings.HasPrefix(text, "\xFE\xFF") {
			return // sections are left out on purpose
		}
		if want := content(strings.TrimPrefix(text, "\xEF\xBB\xBF"), true); want != content(got.String(), false) {
			t.Errorf("documents have\n%q\nthe input has\n%q", content(got.String(), false), want)
		}
	})
}

// content is a text without separators, without the # Source: lines that begin a document, and without
// white space.
func content(text string, separators bool) string {
	var out strings.Builder
	begins := true
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, "---"); ok && separators {
			line, begins = strings.TrimLeft(rest, " \t"), true
		}
		switch {
		case strings.TrimSpace(line) == "":
		case separators && begins && strings.HasPrefix(line, sourceMark):
			begins = false
		default:
			begins = false
			out.WriteString(strings.Join(strings.Fields(line), ""))
		}
	}
	return out.String()
}

// FuzzShiftClock rewrites any template text: nothing panics, what parsed still parses, and nothing but
// calls of now has changed.
func FuzzShiftClock(f *testing.F) {
	for _, seed := range []string{
		"", "now", "{{ now }}", "{{ now | date \"2006\" }}", "{{ date \"x\" now }}", "{{ now.Unix }}", "{{/* now */}}{{ .now }}", "{{ $now := now }}{{ $now }}",
		"{{ define \"now\" }}{{ now }}{{ end }}{{ template \"now\" }}", "{{ \"now\" }}{{ `now` }}", "{{- range $i, $x := now -}}{{ else with now }}{{ end }}",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		shifted := shiftClock(text)
		if strings.ReplaceAll(shifted, clockShift, "now") != strings.ReplaceAll(text, clockShift, "now") {
			t.Errorf("%q became %q", text, shifted)
		}
		if _, err := parseTemplate("x", text); err == nil {
			if _, err := parseTemplate("x", shifted); err != nil {
				t.Errorf("%q became %q: %v", text, shifted, err)
			}
		}
		all := []sdk.Text{{Path: "c/templates/x.yaml", Body: text}}
		dependenceOf(all)
		mayBeVolatile(all)
		clusterFacts(all, nil, nil, sdk.Request{})
	})
}
