package render

import (
	"bytes"
	"io"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
	"github.com/helm-hooks/helm-hooks/test/schema"
)

func placesAt(places ...string) (all []plan.Place) {
	for _, place := range places {
		action, phase, _ := strings.Cut(place, "/")
		all = append(all, plan.Place{Action: plan.Action(action), Phase: phase})
	}
	return all
}

// everyChange has one change of each kind.
func everyChange() plan.Diff {
	one := func(names ...string) (objects []plan.Object) {
		for _, name := range names {
			objects = append(objects, object("Job", name))
		}
		return objects
	}
	away := object("Job", "far")
	away.Namespace = "kube-system"
	return plan.Diff{
		Changes: []plan.Change{
			{Kind: plan.ChangeOutcome, Impact: plan.ImpactBreaks, Objects: one("migrate"), Places: placesAt("upgrade"), Old: "succeeds", New: "fails: pre-upgrade hooks failed: 1 error occurred:\n\t* job migrate failed: BackoffLimitExceeded\n\n", Unreached: one("seed", "smoke"), Rule: "HH108", Why: "fails", Fix: "mend it"},
			{Kind: plan.ChangeIgnored, Impact: plan.ImpactBreaks, Objects: one("worker"), Old: "an ordinary object, installed and deleted with the release", New: `ignored: "pre-uninstall" is no Helm event, so Helm drops the whole object. (HH001)`, Rule: "HH001", Fix: `write helm.sh/hook: "pre-delete"`},
			{Kind: plan.ChangeRun, Impact: plan.ImpactBreaks, Objects: one("smoke"), Places: placesAt("install/post-install", "upgrade/post-upgrade"), Old: "runs", New: "does not run, and success is reported", Rule: "HH104", Why: "the finished one is still there"},
			{Kind: plan.ChangeOutcome, Impact: plan.ImpactMends, Places: placesAt("uninstall"), Old: "fails: no", New: "succeeds", Unreached: one("bye")},
			{Kind: plan.ChangeFinding, Impact: plan.ImpactMends, Objects: one("seed"), Old: "error", Rule: "HH201", Why: "needs Secret/db, which is not there yet"},
			{Kind: plan.ChangeResource, Impact: plan.ImpactDiffers, Objects: one("seed"), Old: "a hook in pre-install", New: "an ordinary object, installed and deleted with the release"},
			{Kind: plan.ChangeName, Impact: plan.ImpactDiffers, Objects: one("load-2"), Was: object("Job", "load-1"), Old: "Job/load-1", New: "Job/load-2", Places: placesAt("test/test")},
			{Kind: plan.ChangeAdded, Impact: plan.ImpactDiffers, Objects: []plan.Object{away}, Places: placesAt("install/pre-install"), New: "weight 0; waits: until it completes; deleted: before-hook-creation"},
			{Kind: plan.ChangeRemoved, Impact: plan.ImpactDiffers, Objects: one("old"), Places: placesAt("install/pre-install"), Old: "weight 0; waits: until it completes; deleted: never"},
			{Kind: plan.ChangeEvents, Impact: plan.ImpactDiffers, Objects: one("migrate"), Places: placesAt("install/pre-install"), Old: "pre-install, pre-upgrade", New: "pre-upgrade"},
			{Kind: plan.ChangeOrder, Impact: plan.ImpactDiffers, Objects: one("migrate", "check"), Places: placesAt("upgrade/pre-upgrade"), Old: "weight -5, after Job/a-hook-with-a-name-that-takes-much-room", New: "weight 5, first"},
			{Kind: plan.ChangeWaits, Impact: plan.ImpactDiffers, Objects: one("migrate"), Places: placesAt("upgrade/pre-upgrade"), Old: "until it completes", New: "until it is created"},
			{Kind: plan.ChangePolicy, Impact: plan.ImpactDiffers, Objects: one("migrate"), Places: placesAt("upgrade/pre-upgrade"), Old: "before-hook-creation", New: "never"},
			{Kind: plan.ChangeContent, Impact: plan.ImpactDiffers, Objects: one("migrate"), Places: placesAt("upgrade/pre-upgrade"), Parts: []string{"image of container main", "pod spec.volumes"}},
			{Kind: plan.ChangeFinding, Impact: plan.ImpactDiffers, Objects: one("migrate", "check"), New: "warning", Rule: "HH114", Why: "stays if it fails", Fix: "add before-hook-creation"},
			{Kind: plan.ChangeApply, Impact: plan.ImpactDiffers, Places: placesAt("install", "upgrade"), Old: "create", New: "server-side apply"},
			{Kind: plan.ChangeDeletion, Impact: plan.ImpactDiffers, Places: placesAt("install", "upgrade"), Old: "waits until they are gone", New: "goes on at once"},
			{Kind: plan.ChangeLeft, Impact: plan.ImpactDiffers, Objects: one("a", "b"), Places: placesAt("uninstall"), New: "left in the cluster"},
			{Kind: plan.ChangeLeft, Impact: plan.ImpactDiffers, Objects: one("c"), Places: placesAt("uninstall"), Old: "left in the cluster"},
			{Kind: plan.ChangeWaits, Impact: plan.ImpactDiffers, Places: placesAt("install", "upgrade"), Old: "install 5m, upgrade 10m", New: "install without limit, upgrade 15m"},
			{Kind: plan.ChangeOrder, Impact: plan.ImpactNote, Objects: one("seed"), Places: placesAt("install/pre-install"), Old: "weight 1", New: "weight 2"},
			{Kind: plan.ChangeLogs, Impact: plan.ImpactNote, Objects: one("seed"), Places: placesAt("install/pre-install"), Old: "not shown", New: "hook-failed"},
			{Kind: plan.ChangeName, Impact: plan.ImpactNote, Objects: one("seed"), Places: placesAt("install/pre-install"), Old: "templates/seed.yaml", New: "charts/db/templates/seed.yaml"},
			{Kind: plan.ChangeFinding, Impact: plan.ImpactNote, Objects: one("seed"), Old: "warning", New: "info", Rule: "HH009", Why: "has a misspelt annotation"},
		},
		Unknown: []plan.UnknownFact{{What: "ignored", Why: "old: " + renderedAlready, HowToKnow: "name the chart"}},
	}
}

func aDiffHeader() DiffHeader {
	h := DiffHeader{Notes: []string{"new: this chart is deprecated"}, Hint: "the upgrade from the one to the other: helm hooks plan ./new --from ./old"}
	h.Old = DiffSide{Source: aHeader().Source, Engine: engine("helm4@4.3"), Home: home}
	h.New = h.Old
	h.Old.Source.Type, h.Old.Source.Revision, h.Old.Source.Status, h.Old.Source.Context = "release", 3, "superseded", "prod"
	h.New.Source.ChartVersion, h.New.With = "1.5.0", "with prod.yaml"
	return h
}

func enginesHeader() DiffHeader {
	h := DiffHeader{Old: DiffSide{Source: aHeader().Source, Engine: engine("helm3@3.22"), Home: home}}
	h.New = h.Old
	h.New.Engine = engine("helm4@4.3")
	return h
}

func Test_a_diff_is_as_its_golden_file(t *testing.T) {
	nothing := plan.Diff{Changes: []plan.Change{}}
	unknown := plan.Diff{Unknown: everyChange().Unknown}
	for _, c := range []struct {
		name   string
		render DiffRenderer
		header DiffHeader
		diff   plan.Diff
		style  Style
	}{
		{"every.txt", DiffTree, aDiffHeader(), everyChange(), Style{Unicode: true}},
		{"every-80.txt", DiffTree, aDiffHeader(), everyChange(), Style{Unicode: true, Width: 80}},
		{"every-ascii.txt", DiffTree, enginesHeader(), everyChange(), Style{}},
		{"every-color.txt", DiffTree, enginesHeader(), everyChange(), Style{Unicode: true, Color: true}},
		{"every.md", DiffMarkdown, aDiffHeader(), everyChange(), Style{}},
		{"every.html", DiffHTML, aDiffHeader(), everyChange(), Style{}},
		{"every.json", DiffJSON, aDiffHeader(), everyChange(), Style{}},
		{"every.yaml", DiffYAML, aDiffHeader(), everyChange(), Style{}},
		{"nothing.txt", DiffTree, enginesHeader(), nothing, Style{Unicode: true}},
		{"nothing.md", DiffMarkdown, enginesHeader(), nothing, Style{}},
		{"nothing.json", DiffJSON, enginesHeader(), nothing, Style{}},
		{"unknown.txt", DiffTree, aDiffHeader(), unknown, Style{Unicode: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got bytes.Buffer
			if err := c.render(&got, c.header, c.diff, c.style); err != nil {
				t.Fatal(err)
			}
			golden(t, "diff/"+c.name, got.Bytes())
			if strings.HasSuffix(c.name, ".json") {
				schema.Validate(t, schema.Strict(t, "../../docs/schema", "hooksdiff"), got.Bytes())
			}
		})
	}
}

func Test_any_diff_renders_in_every_format(t *testing.T) {
	strict := schema.Strict(t, "../../docs/schema", "hooksdiff")
	rapid.Check(t, func(t *rapid.T) {
		var h DiffHeader
		anyValue(t, reflect.ValueOf(&h).Elem())
		var d plan.Diff
		anyValue(t, reflect.ValueOf(&d).Elem())
		style := anyStyle(t)
		for _, f := range diffFormats() {
			o := Options{Style: style}
			if f.name == "markdown" || f.name == "html" {
				o.Style.Unicode = true // it goes to a server, not to this terminal
			}
			sameTwice(t, f.name, o, strict, func(w io.Writer) error { return f.render(w, h, d, style) })
		}
	})
}

func Test_the_verdict_of_a_diff(t *testing.T) {
	of := func(impacts ...plan.Impact) (d plan.Diff) {
		for _, impact := range impacts {
			d.Changes = append(d.Changes, plan.Change{Impact: impact})
		}
		return d
	}
	unknown := of()
	unknown.Unknown = []plan.UnknownFact{{What: "ignored"}}
	for want, d := range map[string]plan.Diff{
		"no difference in what hooks do":                                             of(),
		"no difference in what hooks do, as far as it can be told · 1 thing unknown": unknown,
		"1 difference that breaks":                                                   of(plan.ImpactBreaks),
		"2 differences that break":                                                   of(plan.ImpactBreaks, plan.ImpactBreaks),
		"3 differences: 1 that breaks, 2 to know":                                    of(plan.ImpactBreaks, plan.ImpactDiffers, plan.ImpactDiffers),
		"4 differences: 2 that break, 1 mended, 1 note":                              of(plan.ImpactBreaks, plan.ImpactBreaks, plan.ImpactMends, plan.ImpactNote),
		"1 difference to know":                                                       of(plan.ImpactDiffers),
		"2 differences, to note only":                                                of(plan.ImpactNote, plan.ImpactNote),
	} {
		if got := diffVerdict(d); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// What a chart says is text in a comment for a pull request: it makes no markup and no mentions.
func Test_markdown_of_a_diff_escapes_what_comes_from_a_chart(t *testing.T) {
	evil := "a|b`c` <img src=x> @octocat #1 [x](https://evil.example) **b**"
	d := plan.Diff{Changes: []plan.Change{{
		Kind: plan.ChangeRun, Impact: plan.ImpactBreaks, Objects: []plan.Object{{Kind: "Job", Name: evil}}, Places: placesAt(evil + "/" + evil),
		Old: evil, New: evil, Parts: []string{evil}, Rule: evil, Why: evil, Fix: evil,
	}}, Unknown: []plan.UnknownFact{{What: evil, Why: evil, HowToKnow: evil}}}
	h := DiffHeader{Notes: []string{evil}, Old: DiffSide{Source: Source{Chart: evil, Ref: evil}}, New: DiffSide{Source: Source{Chart: evil}, With: evil}}
	var out bytes.Buffer
	if err := DiffMarkdown(&out, h, d, Style{}); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"a|b", "`c`", "<img", "@octocat", " #1", "[x](https", "**b**", "https://evil"} {
		if strings.Contains(out.String(), bad) {
			t.Errorf("%s is markup in\n%s", bad, out.String())
		}
	}
	for i, line := range strings.Split(out.String(), "\n") {
		if strings.HasPrefix(line, "|") && strings.Count(strings.ReplaceAll(line, `\|`, ""), "|") != 5 {
			t.Errorf("line %d has other columns: %s", i+1, line)
		}
	}
}

func Test_unknown_diff_formats_are_refused_with_the_valid_ones(t *testing.T) {
	if _, err := NewDiff("table"); err == nil || !strings.Contains(err.Error(), "tree, markdown, json, yaml") {
		t.Error(err)
	}
}
