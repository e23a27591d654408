package explain

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func TestDocsAreUpToDate(t *testing.T) {
	pages, err := Pages(os.DirFS(filepath.Join(root, "testdata", "charts", "rules")))
	if err != nil {
		t.Fatal(err)
	}
	present := map[string]bool{}
	for _, folder := range []string{topicFolder, ruleFolder} {
		if *update {
			if err := os.MkdirAll(filepath.Join(root, folder), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		names, err := filepath.Glob(filepath.Join(root, folder, "*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			present[path.Join(folder, filepath.Base(name))] = true
		}
	}
	for _, page := range pages {
		delete(present, page.Path)
		file := filepath.Join(root, filepath.FromSlash(page.Path))
		if *update {
			if err := os.WriteFile(file, []byte(page.Text), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Errorf("%v; run with -update", err)
			continue
		}
		if diff := cmp.Diff(string(text), page.Text); diff != "" {
			t.Errorf("%s is stale (-file +texts); run with -update:\n%s", page.Path, diff)
		}
	}
	for name := range present {
		if !*update {
			t.Errorf("%s belongs to no topic and no rule; run with -update", name)
			continue
		}
		if err := os.Remove(filepath.Join(root, filepath.FromSlash(name))); err != nil {
			t.Fatal(err)
		}
	}
}

// link is a link within the repository, in running text.
var link = regexp.MustCompile(`\]\(([^):]+)\)`)

func TestLinksBetweenPagesLeadSomewhere(t *testing.T) {
	pages, err := Pages(fstest.MapFS{})
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, page := range pages {
		known[page.Path] = true
	}
	links := 0
	for _, page := range pages {
		for _, found := range link.FindAllStringSubmatch(page.Text, -1) {
			links++
			if target := path.Join(path.Dir(page.Path), found[1]); !known[target] {
				t.Errorf("%s links to %s, which is no page", page.Path, target)
			}
		}
	}
	if links < 100 {
		t.Errorf("only %d links", links)
	}
}

func TestRulePagesShowTheirCharts(t *testing.T) {
	long := strings.Repeat("a: 1\n", mostLines+1)
	pages, err := Pages(fstest.MapFS{
		"HH001-bad/Chart.yaml":                 {Data: []byte("name: bad\n")},
		"HH001-bad/templates/b.yaml":           {Data: []byte("b: 1\n")},
		"HH001-bad/templates/a.yaml":           {Data: []byte("a: 1\n")},
		"HH001-bad/templates/_helpers.tpl":     {Data: []byte("no\n")},
		"HH001-good/crds/c.yml":                {Data: []byte("c: 1\n")},
		"HH001-good/templates/NOTES.txt":       {Data: []byte("no\n")},
		"HH003-bad/templates/long.yaml":        {Data: []byte(long)},
		"HH003-bad/templates/charts/notme.txt": {Data: []byte("no\n")},
	})
	if err != nil {
		t.Fatal(err)
	}
	text := map[string]string{}
	for _, page := range pages {
		text[page.Path] = page.Text
	}
	want := "\n## A chart with this finding\n\n[testdata/charts/rules/HH001-bad](../../testdata/charts/rules/HH001-bad)\n" +
		"\n`templates/a.yaml`\n\n```yaml\na: 1\n```\n\n`templates/b.yaml`\n\n```yaml\nb: 1\n```\n" +
		"\n## The same chart without it\n\n[testdata/charts/rules/HH001-good](../../testdata/charts/rules/HH001-good)\n" +
		"\n`crds/c.yml`\n\n```yaml\nc: 1\n```\n"
	if got := text["docs/rules/HH001.md"]; !strings.HasSuffix(got, want) {
		t.Errorf("%s\ndoes not end with\n%s", got, want)
	}
	if got := text["docs/rules/HH003.md"]; !strings.Contains(got, "rules/HH003-bad)") || strings.Contains(got, "a: 1") {
		t.Errorf("a long chart is to be linked only:\n%s", got)
	}
	if got := text["docs/rules/HH002.md"]; strings.Contains(got, "## A chart") {
		t.Errorf("there is no such chart:\n%s", got)
	}
}
