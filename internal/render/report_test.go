package render

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
	"pgregory.net/rapid"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// attack is what a chart would put into a name to become more than text.
const attack = `</script></style>--><script>alert(1)</script><img src=x onerror="alert(2)">'` + "`" + `![a](http://x) @all #1 |` + "\n```\n" + `"]; click a1 "javascript:x"`

// textOut renders or fails.
func textOut(t interface {
	Helper()
	Fatal(...any)
}, write func(io.Writer) error,
) string {
	t.Helper()
	var out bytes.Buffer
	if err := write(&out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// pages are all kinds of pages, for a plan.
func pages(h Header, p plan.Plan) map[string]func(io.Writer) error {
	life := p
	life.Life = true
	list := someReleases()
	fill(reflect.ValueOf(&list).Elem(), h.Source.Name)
	sides, diff := aDiffHeader(), everyChange()
	fill(reflect.ValueOf(&sides).Elem(), h.Source.Name)
	fill(reflect.ValueOf(&diff).Elem(), h.Source.Name)
	return map[string]func(io.Writer) error{
		"plan":   func(w io.Writer) error { return HTML(w, h, p, Options{}) },
		"life":   func(w io.Writer) error { return HTML(w, h, life, Options{Brief: true}) },
		"matrix": func(w io.Writer) error { return MatrixHTML(w, h, nastyMatrix(p), Options{}) },
		"diff":   func(w io.Writer) error { return DiffHTML(w, sides, diff, Style{}) },
		"list":   func(w io.Writer) error { return ReleasesHTML(w, list, Style{}) },
	}
}

func Test_a_page_stays_what_it_is_whatever_a_chart_says(t *testing.T) {
	h, p := nasty(attack)
	for name, page := range pages(h, p) {
		text := textOut(t, page)
		checkPage(t, name, text)
		if !strings.Contains(visible(parsed(t, text)), "<script>alert(1)</script>") {
			t.Errorf("%s: the attack does not stay visible as text", name)
		}
	}
}

func Test_every_page_has_the_structure_that_readers_rely_on(t *testing.T) {
	plans := map[string]plan.Plan{"shop": shop(), "broken": broken(), "stream": stream(), "long": long(), "timed": timed(), "empty": aPlan(aTimeline(plan.Install))}
	for of, p := range plans {
		for name, page := range pages(releaseHeader(), p) {
			checkPage(t, of+" "+name, textOut(t, page))
		}
	}
}

func Test_any_plan_makes_a_sound_page(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var h Header
		anyValue(t, reflect.ValueOf(&h).Elem())
		p := anyPlan(t)
		checkPage(t, "plan", textOut(t, func(w io.Writer) error { return HTML(w, h, p, Options{}) }))
	})
}

func parsed(t interface{ Fatal(...any) }, text string) *html.Node {
	root, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return root
}

func walk(n *html.Node, visit func(*html.Node)) {
	visit(n)
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		walk(child, visit)
	}
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// visible is the text of a page without its style sheet.
func visible(root *html.Node) string {
	var out strings.Builder
	walk(root, func(n *html.Node) {
		if n.Type == html.TextNode && n.Parent.Data != "style" {
			out.WriteString(n.Data)
		}
	})
	return out.String()
}

// elements are all that a page is made of: what could load, run or send something is not among them.
var elements = strings.Fields(`html head meta title style body a header main footer nav section article p h1 h2 h3 h4 ul ol li span
	details summary svg rect div dl dt dd table caption thead tbody tr th td pre code`)

var attributes = strings.Fields(`lang charset http-equiv content name class href id tabindex role aria-label aria-labelledby aria-hidden
	viewbox preserveaspectratio x y width height rx scope`)

func checkPage(t interface {
	Errorf(string, ...any)
	Fatal(...any)
}, name, text string,
) {
	root := parsed(t, text)
	ids, links, level, first := map[string]bool{}, []string{}, 0, 0
	walk(root, func(n *html.Node) {
		if n.Type != html.ElementNode {
			return
		}
		if !slices.Contains(elements, n.Data) {
			t.Errorf("%s has an element %s", name, n.Data)
		}
		for _, a := range n.Attr {
			if !slices.Contains(attributes, strings.ToLower(a.Key)) {
				t.Errorf("%s: %s has an attribute %s=%q", name, n.Data, a.Key, a.Val)
			}
		}
		if id := attribute(n, "id"); id != "" {
			if ids[id] {
				t.Errorf("%s: the id %s is there twice", name, id)
			}
			ids[id] = true
		}
		switch n.Data {
		case "a":
			links = append(links, attribute(n, "href"))
		case "h1", "h2", "h3", "h4":
			now := int(n.Data[1] - '0')
			if now > level+1 {
				t.Errorf("%s: h%d follows h%d", name, now, level)
			}
			if level = now; now == 1 {
				first++
			}
		case "svg":
			if attribute(n, "role") != "img" || strings.TrimSpace(attribute(n, "aria-label")) == "" {
				t.Errorf("%s: a picture has no words: %v", name, n.Attr)
			}
		case "section", "article", "nav":
			if attribute(n, "aria-label") == "" && attribute(n, "aria-labelledby") == "" {
				t.Errorf("%s: a %s has no name", name, n.Data)
			}
		}
	})
	for _, link := range links {
		if to, here := strings.CutPrefix(link, "#"); !here || !ids[to] {
			t.Errorf("%s: a link goes to %q", name, link)
		}
	}
	if first != 1 {
		t.Errorf("%s has %d headings of the first level", name, first)
	}
	checkPolicy(t, name, root)
}

// checkPolicy demands that the page allows itself its one style sheet and nothing else.
func checkPolicy(t interface{ Errorf(string, ...any) }, name string, root *html.Node) {
	policy, style := "", ""
	walk(root, func(n *html.Node) {
		if n.Data == "meta" && attribute(n, "http-equiv") == "Content-Security-Policy" {
			policy = attribute(n, "content")
		}
		if n.Data == "style" {
			style = n.FirstChild.Data
		}
	})
	hash := sha256.Sum256([]byte(style))
	want := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(hash[:]) + "'; base-uri 'none'; form-action 'none'"
	if policy != want {
		t.Errorf("%s: the policy is %q, want %q", name, policy, want)
	}
	if strings.Contains(style, "url(") || strings.Contains(style, "@import") {
		t.Errorf("%s: the style loads something", name)
	}
}

// timed is a live release whose hooks have run before.
func timed() plan.Plan {
	began := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	ran := func(long time.Duration, phase string) func(*plan.Step) {
		return func(s *plan.Step) {
			s.Hook.LastRun = plan.LastRun{Started: began, Completed: began.Add(long), Phase: phase}
		}
	}
	p := aPlan(from(aTimeline(plan.Upgrade,
		aPhase(plan.Upgrade, "pre-upgrade", aStep(1, "ServiceAccount", "db"), aStep(2, "Job", "migrate").with(ran(90*time.Second, "Succeeded"))),
		resources(plan.Upgrade),
		aPhase(plan.Upgrade, "post-upgrade", aStep(1, "Job", "a:b;#<script>").with(ran(30*time.Second, "Succeeded")), aStep(2, "Job", "new"), aStep(3, "Job", "broken").with(ran(time.Second, "Failed"))),
	), "revision 3"))
	return p
}

func Test_mermaid_draws_a_gantt_where_the_last_runs_are_known(t *testing.T) {
	got := textOut(t, func(w io.Writer) error { return Mermaid(w, aHeader(), timed(), Options{}) })
	want := `gantt
  title shop 1.4.0, as long as the last time
  dateFormat x
  axisFormat %H:%M:%S
  section UPGRADE pre-upgrade
  1 ServiceAccount/db :milestone, a1_1_1, 0, 0
  2 Job/migrate :a1_1_2, 0, 90000
  section UPGRADE post-upgrade
  1 Job/a#58;b#59;#35;#60;script#62; :a1_3_1, 90000, 120000
  2 Job/new :milestone, a1_3_2, 120000, 120000
  3 Job/broken :milestone, a1_3_3, 120000, 120000
`
	if got != want {
		t.Errorf("got\n%s", got)
	}
}

func Test_the_picture_is_to_scale_where_the_last_runs_are_known(t *testing.T) {
	line := timed().Timelines[0]
	p := timed()
	s, err := newStory(aHeader(), p, Options{})
	if err != nil {
		t.Fatal(err)
	}
	drawing := drawn(line, s.scenes[0].lanes)
	migrate, other := drawing.lanes[0].rows[1], drawing.lanes[2].rows[0]
	long, short := migrate.to-migrate.from, other.to-other.from
	if drawing.total != 2*time.Minute || long < 3*short-3 || long > 3*short+3 {
		t.Errorf("90s are %d wide, 30s %d, of %s", long, short, drawing.total)
	}
}

// statement is what a diagram may consist of: nothing of a chart is left outside a label.
var statement = regexp.MustCompile(`^(flowchart (TB|LR)|gantt| *(direction LR|end|dateFormat x|axisFormat %H:%M:%S|classDef [a-z]+ [a-z0-9#:,\- ]+` +
	`|(subgraph )?[a-z0-9_]+ ?(\["[^"]*"\](:::[a-z]+)?)?( (-->|~~~) [a-z0-9_]+(\["[^"]*"\])?)*|(title|section) [^:;<>"]*(#\d+;[^:;<>"]*)*` +
	`|([^:;<>"]|#\d+;)* :[a-z0-9_, ]+))$`)

func Test_nothing_of_a_chart_becomes_a_statement_of_a_diagram(t *testing.T) {
	h, p := nasty(attack)
	for name, write := range map[string]func(io.Writer) error{
		"plan":   func(w io.Writer) error { return Mermaid(w, h, p, Options{}) },
		"gantt":  func(w io.Writer) error { return Mermaid(w, h, timed(), Options{}) },
		"matrix": func(w io.Writer) error { return MatrixMermaid(w, h, nastyMatrix(p), Options{}) },
	} {
		for line := range strings.Lines(textOut(t, write)) {
			line = strings.TrimSuffix(line, "\n")
			if !statement.MatchString(line) {
				t.Errorf("%s: %s", name, line)
			}
			for _, raw := range []string{"<script", "`", "onerror=", "@all"} {
				if strings.Contains(line, raw) {
					t.Errorf("%s holds %s: %s", name, raw, line)
				}
			}
		}
	}
}

func Test_nothing_of_a_chart_becomes_markup_in_markdown(t *testing.T) {
	h, p := nasty(attack)
	list := someReleases()
	fill(reflect.ValueOf(&list).Elem(), attack)
	for name, write := range map[string]func(io.Writer) error{
		"plan":   func(w io.Writer) error { return Markdown(w, h, p, Options{}) },
		"matrix": func(w io.Writer) error { return MatrixMarkdown(w, h, nastyMatrix(p), Options{}) },
		"list":   func(w io.Writer) error { return ReleasesMarkdown(w, list, Style{}) },
	} {
		for i, line := range strings.Split(outsideFences(t, textOut(t, write)), "\n") {
			for _, raw := range []string{"<script", "<img", " @all", "![a]", "](http"} {
				if strings.Contains(line, raw) {
					t.Errorf("%s, line %d holds %s: %s", name, i+1, raw, line)
				}
			}
			if strings.HasPrefix(line, "|") && strings.Count(strings.ReplaceAll(line, `\|`, ""), "|") < 3 {
				t.Errorf("%s, line %d is a broken row: %s", name, i+1, line)
			}
		}
	}
}

// outsideFences are the lines that are not code, and a proof that every fence is closed.
func outsideFences(t *testing.T, text string) string {
	t.Helper()
	var out []string
	fence := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		ticks := line[:len(line)-len(strings.TrimLeft(line, "`"))]
		switch {
		case fence == "" && len(ticks) >= 3:
			fence = ticks
		case fence != "" && line == fence:
			fence = ""
		case fence == "":
			out = append(out, line)
		}
	}
	if fence != "" {
		t.Errorf("a fence %s is not closed", fence)
	}
	return strings.Join(out, "\n")
}

func Test_expressions_are_those_of_kubectl(t *testing.T) {
	for _, c := range []struct{ format, want, fails string }{
		{format: "jsonpath={.source.name}", want: "shop"},
		{format: "jsonpath={.timelines[*].action}", want: "install upgrade rollback uninstall test"},
		{format: `jsonpath={range .ignored[*]}{.object.kind}/{.object.name}{"\n"}{end}`, want: "Deployment/worker\n"},
		{format: `jsonpath={.findings[?(@.severity=="error")].rule}`, want: "HH104"},
		{format: "jsonpath={.nothing.here}", want: ""},
		{format: "jsonpath={.counts.hooks}", want: "6"},
		{format: "go-template={{.kind}} {{len .timelines}} {{.counts.hooks}}", want: "Plan 5 6"},
		{format: "go-template={{.nothing}}", want: "<no value>"},
		{format: "go-template={{index .timelines 99}}", fails: "index out of range"},
		{format: "jsonpath={.timelines[99]}", fails: "array index out of bounds"},
	} {
		renderer, err := New(c.format)
		if err != nil {
			t.Errorf("%s: %v", c.format, err)
			continue
		}
		var out bytes.Buffer
		err = renderer.Plan(&out, aHeader(), shop(), Options{})
		switch {
		case c.fails != "" && (err == nil || !strings.Contains(err.Error(), c.fails) || len(err.Error()) > 300 || out.Len() > 0):
			t.Errorf("%s: %v, and %q", c.format, err, out.String())
		case c.fails == "" && (err != nil || out.String() != c.want):
			t.Errorf("%s: got %q, %v; want %q", c.format, out.String(), err, c.want)
		}
	}
	for _, format := range []string{"jsonpath", "jsonpath=", "jsonpath={.a", "go-template", "go-template=", "go-template={{", "custom-columns=A:.a"} {
		if _, err := New(format); err == nil {
			t.Errorf("%s is taken", format)
		}
		if _, err := NewReleases(format); err == nil {
			t.Errorf("%s is taken for a list", format)
		}
	}
}

func Test_names_are_what_the_flags_take(t *testing.T) {
	got := textOut(t, func(w io.Writer) error { return Names(w, aHeader(), shop(), Options{}) })
	want := "ServiceAccount/migrate\nJob/migrate\nJob/warm-cache\nJob/smoke\nJob/backup\nPod/cart-test\n"
	if got != want {
		t.Errorf("got\n%s", got)
	}
	for name := range strings.Lines(got) {
		if _, err := Filter(shop(), Options{Hook: strings.TrimSpace(name)}); err != nil {
			t.Error(err)
		}
	}
	if got := textOut(t, func(w io.Writer) error { return Names(w, aHeader(), shop(), Options{Only: "ignored"}) }); got != "Deployment/worker\n" {
		t.Errorf("got %q", got)
	}
}

func Test_two_hundred_hooks_are_drawn(t *testing.T) {
	var steps []stepBuilder
	for i := range 200 {
		steps = append(steps, aStep(i+1, "Job", fmt.Sprintf("a-rather-long-name-of-a-job-that-does-the-step-number-%d", i+1)))
	}
	p := aPlan(aTimeline(plan.Install, aPhase(plan.Install, "pre-install", steps...), resources(plan.Install)))
	text := textOut(t, func(w io.Writer) error { return HTML(w, aHeader(), p, Options{}) })
	checkPage(t, "200 hooks", text)
	if n := strings.Count(text, `<details class="step">`); n != 200 || len(text) > 1<<20 {
		t.Errorf("%d steps in %d bytes", n, len(text))
	}
}
