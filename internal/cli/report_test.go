package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// drawnLeft are, for each timeline of a page, the hooks whose objects the picture shows to be there afterwards, and
// all that it draws as reached.
func drawnLeft(t *testing.T, page string) (left, reached []map[string]bool) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	attribute := func(n *html.Node, name string) string {
		for _, a := range n.Attr {
			if a.Key == name {
				return a.Val
			}
		}
		return ""
	}
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		switch {
		case n.Data == "article":
			left, reached = append(left, map[string]bool{}), append(reached, map[string]bool{})
		case n.Data == "svg" && n.Parent.Parent.Data == "summary":
			name, rest, _ := strings.Cut(attribute(n, "aria-label"), ", ")
			if !strings.Contains(rest, "not reached") {
				reached[len(reached)-1][name] = true
			}
			if strings.Contains(rest, "still there after") {
				left[len(left)-1][name] = true
			}
		}
		for child := n.FirstChild; child != nil; child = child.NextSibling {
			walk(child)
		}
	}
	walk(root)
	return left, reached
}

// The picture follows the operations, the outcome is counted by the machine: they must agree.
func Test_a_bar_stays_open_where_the_object_is_left(t *testing.T) {
	inRepository(t)
	bars := 0
	for _, chart := range chartNames(t) {
		if broken[chart] {
			continue
		}
		for _, flags := range [][]string{{"--engine", "helm3"}, {"--engine", "helm4"}, {"--life"}} {
			arguments := append([]string{"plan", "./testdata/charts/" + chart}, flags...)
			left, reached := drawnLeft(t, run(t, nil, nil, append(arguments, "-o", "html")...).stdout)
			var document struct {
				Timelines []struct {
					Outcome struct {
						Left []struct{ Kind, Name string }
					}
				}
			}
			if err := json.Unmarshal([]byte(run(t, nil, nil, append(arguments, "-o", "json")...).stdout), &document); err != nil {
				t.Fatal(err)
			}
			if len(left) != len(document.Timelines) {
				t.Fatalf("%s %v: %d timelines are drawn, there are %d", chart, flags, len(left), len(document.Timelines))
			}
			for i, timeline := range document.Timelines {
				want := map[string]bool{}
				for _, o := range timeline.Outcome.Left {
					want[o.Kind+"/"+o.Name] = true
				}
				for name := range reached[i] {
					if strings.HasPrefix(name, "List/") || strings.HasSuffix(name, "/(no name)") {
						continue
					}
					bars++
					if left[i][name] != want[name] {
						t.Errorf("%s %v, timeline %d: %s is left %v, drawn as left %v", chart, flags, i+1, name, want[name], left[i][name])
					}
				}
			}
		}
	}
	if bars < 100 {
		t.Errorf("only %d bars", bars)
	}
}

func Test_expressions_fail_before_anything_is_printed(t *testing.T) {
	inRepository(t)
	file := filepath.Join(t.TempDir(), "expression")
	if err := os.WriteFile(file, []byte(`{.timelines[0].action}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		output, stdout, stderr string
	}{
		{output: "jsonpath={.source.name}", stdout: "shop"},
		{output: "jsonpath-file=" + file, stdout: "install"},
		{output: "go-template={{len .timelines}}", stdout: "5"},
		{output: "jsonpath={.source.name", stderr: "error: read the expression of -o jsonpath: unclosed action\n"},
		{output: "jsonpath={.source.name}{.timelines[77]}", stderr: "array index out of bounds"},
		{output: "go-template={{.source.name}}{{index .timelines 77}}", stderr: "index out of range"},
		{output: "go-template={{", stderr: "error: read the expression of -o go-template: "},
		{output: "jsonpath", stderr: "error: -o jsonpath needs an expression, such as -o jsonpath='{.source.name}'\n"},
		{output: "go-template-file=" + file + ".not", stderr: "error: read the expression of -o go-template-file: "},
		{output: "xml", stderr: `error: unknown output format "xml": valid are tree, table, wide, json, yaml, html, markdown, mermaid, name, jsonpath=, go-template=` + "\n"},
	} {
		got := run(t, nil, nil, "plan", "./testdata/charts/shop", "-o", c.output)
		fails := c.stderr != ""
		if (got.code == 1) != fails || got.stdout != c.stdout || !strings.Contains(got.stderr, c.stderr) || !fails && got.stderr != "" {
			t.Errorf("-o %s: exit code %d, stdout %q, stderr %q", c.output, got.code, got.stdout, got.stderr)
		}
	}
}

func Test_an_output_that_takes_an_expression_is_completed_without_a_blank(t *testing.T) {
	inRepository(t)
	for typed, want := range map[string]string{
		"js":       "json\njsonpath=\n:4\n",
		"jsonp":    "jsonpath=\n:6\n",
		"go":       "go-template=\n:6\n",
		"m":        "markdown\nmermaid\n:4\n",
		"nonsense": ":6\n",
	} {
		for _, command := range []string{"plan", "list"} {
			if command == "list" && typed == "m" {
				continue
			}
			got := run(t, nil, nil, "__complete", command, "-o", typed)
			lines := slices.Collect(strings.Lines(got.stdout))
			if strings.Join(lines, "") != want {
				t.Errorf("%s -o %s: %q", command, typed, got.stdout)
			}
		}
	}
}
