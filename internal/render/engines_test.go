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

func aRun(phase string, order int, change func(*plan.EngineRun)) plan.EngineRun {
	run := plan.EngineRun{Phase: phase, Order: order, Of: order, Step: aStep(order, "Job", "a").step}
	if change != nil {
		change(&run)
	}
	return run
}

// everyCell has a row for each fate and each mark.
func everyCell() plan.Comparison {
	wave := -5
	base := func(fate plan.Fate, runs ...plan.EngineRun) plan.EngineCell {
		return plan.EngineCell{Fate: fate, Runs: runs, Agreement: plan.AgreementSame}
	}
	differs := func(cell plan.EngineCell, agreement plan.Agreement, aspect plan.Aspect, why string) plan.EngineCell {
		cell.Agreement = agreement
		cell.Differences = []plan.EngineDifference{{Aspect: aspect, Why: why}}
		return cell
	}
	row := func(kind, name string, cells ...plan.EngineCell) plan.ComparedObject {
		return plan.ComparedObject{Object: object(kind, name), Template: "shop/templates/" + name + ".yaml", Value: "pre-install", Cells: cells}
	}
	away := row("Job", "far", base(plan.FateRuns, aRun("pre-install", 1, nil)), base(plan.FateRuns, aRun("pre-install", 1, nil)))
	away.Object.Namespace = "kube-system"
	second := row("Job", "migrate", base(plan.FateNever), base(plan.FateNever))
	second.Document = 1
	waved := base(plan.FateRuns, aRun("PreSync", 2, func(r *plan.EngineRun) { r.Step.Wave, r.Action, r.Once = &wave, plan.Sync, true }))
	return plan.Comparison{
		Engines: []plan.ComparedEngine{
			{Engine: engine("helm4"), Notes: []string{}},
			{Engine: engine("argocd"), Different: 4, Similar: 2, Notes: []string{"crds/ is elsewhere"}},
		},
		Release: plan.Release{Name: "shop", Namespace: home},
		Rows: []plan.ComparedObject{
			row("Job", "migrate", base(plan.FateRuns, aRun("pre-install", 1, nil), aRun("pre-upgrade", 2, func(r *plan.EngineRun) { r.Step.NotRun = true })),
				differs(waved, plan.AgreementSimilar, plan.AspectOrder, "comes after Job/b")),
			second,
			away,
			row("Job", "b", base(plan.FateRuns, aRun("pre-upgrade", 1, func(r *plan.EngineRun) { r.Step.Result = plan.Failed })),
				differs(base(plan.FateRuns, aRun("PreSync", 1, nil)), plan.AgreementDifferent, plan.AspectMoments, "runs in the first sync too")),
			row("Job", "c", base(plan.FateRuns, aRun("pre-upgrade", 2, func(r *plan.EngineRun) { r.Step.Result = plan.Skipped })),
				differs(base(plan.FateRuns, aRun("PreSync", 3, nil)), plan.AgreementDifferent, plan.AspectMoments, "runs in the first sync too")),
			row("Job", "bye", base(plan.FateRuns, aRun("pre-delete", 1, nil)), base(plan.FateRuns, aRun("PreDelete", 1, func(r *plan.EngineRun) { r.Action = plan.Delete }))),
			row("Job", "fail", base(plan.FateOrdinary), differs(base(plan.FateRuns, aRun("SyncFail", 1, func(r *plan.EngineRun) { r.Step.Result = plan.Skipped })), plan.AgreementDifferent, plan.AspectFate, "a hook")),
			row("Deployment", "worker", plan.EngineCell{Fate: plan.FateDropped, Rule: "HH001", Agreement: plan.AgreementSame}, base(plan.FateDropped)),
			row("Pod", "test", base(plan.FateRuns, aRun("test", 1, nil)), differs(base(plan.FateNever), plan.AgreementDifferent, plan.AspectFate, "no tests")),
			row("Job", "other", base(plan.FateAtOnce), differs(base(plan.FateAbsent), plan.AgreementDifferent, plan.AspectFate, "not rendered")),
			row("ConfigMap", "late", base(plan.FateOrdinary), differs(plan.EngineCell{Fate: plan.FateOrdinary, Phase: "Sync", Wave: 7}, plan.AgreementSimilar, plan.AspectOrder, "wave 7")),
			row("List", "all", base(plan.FateRuns, aRun("pre-install", 3, nil)), base(plan.FateParts)),
			row("ConfigMap", "one", base(plan.FatePart), base(plan.FateRuns, aRun("PreSync", 4, nil))),
		},
		Findings: []plan.ComparedFinding{
			{Rule: "HH001", Severity: plan.SeverityError, Object: object("Deployment", "worker"), Engines: []int{0, 1}},
			{Rule: "HH401", Severity: plan.SeverityWarning, Object: object("Pod", "test"), Engines: []int{1}},
			{Rule: "HH401", Severity: plan.SeverityWarning, Object: object("Pod", "other"), Engines: []int{1}},
			{Rule: "HH108", Severity: plan.SeverityError, Engines: []int{0}},
		},
		Unknown: []plan.UnknownFact{{What: "ignored", Why: renderedAlready, HowToKnow: "plan the chart itself"}},
	}
}

func Test_a_comparison_of_engines_is_as_its_golden_file(t *testing.T) {
	h := aHeader()
	h.Notes = []string{"this chart is deprecated"}
	nothing := plan.Comparison{Engines: everyCell().Engines[:1], Rows: []plan.ComparedObject{}}
	for _, c := range []struct {
		name   string
		render func(io.Writer, Header, plan.Comparison, Options) error
		all    plan.Comparison
		o      Options
	}{
		{"every.txt", EnginesTree, everyCell(), Options{Style: Style{Unicode: true}}},
		{"every-80.txt", EnginesTree, everyCell(), Options{Style: Style{Unicode: true, Width: 80}}},
		{"every-40.txt", EnginesTree, everyCell(), Options{Style: Style{Unicode: true, Width: 40}}},
		{"every-ascii.txt", EnginesTree, everyCell(), Options{}},
		{"every-color.txt", EnginesTree, everyCell(), Options{Style: Style{Unicode: true, Color: true}}},
		{"every.table.txt", EnginesTable, everyCell(), Options{Style: Style{Unicode: true}}},
		{"every.wide.txt", EnginesWide, everyCell(), Options{Style: Style{Unicode: true}}},
		{"every.md", EnginesMarkdown, everyCell(), Options{}},
		{"every.json", EnginesJSON, everyCell(), Options{}},
		{"every.yaml", EnginesYAML, everyCell(), Options{}},
		{"every.names.txt", EnginesNames, everyCell(), Options{}},
		{"hook.txt", EnginesTree, everyCell(), Options{Style: Style{Unicode: true}, Hook: "job/b"}},
		{"ignored.txt", EnginesTree, everyCell(), Options{Style: Style{Unicode: true}, Only: "ignored"}},
		{"hooks.txt", EnginesTree, everyCell(), Options{Style: Style{Unicode: true}, Only: "hooks"}},
		{"findings.txt", EnginesTree, everyCell(), Options{Style: Style{Unicode: true}, Only: "findings"}},
		{"nothing.txt", EnginesTree, nothing, Options{Style: Style{Unicode: true}}},
		{"nothing.json", EnginesJSON, nothing, Options{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got bytes.Buffer
			if err := c.render(&got, h, c.all, c.o); err != nil {
				t.Fatal(err)
			}
			golden(t, "engines/"+c.name, got.Bytes())
			if strings.HasSuffix(c.name, ".json") {
				schema.Validate(t, schema.Strict(t, "../../docs/schema", "enginecomparison"), got.Bytes())
			}
		})
	}
}

func Test_any_comparison_of_engines_renders_in_every_format(t *testing.T) {
	strict := schema.Strict(t, "../../docs/schema", "enginecomparison")
	rapid.Check(t, func(t *rapid.T) {
		var h Header
		anyValue(t, reflect.ValueOf(&h).Elem())
		var c plan.Comparison
		anyValue(t, reflect.ValueOf(&c).Elem())
		o := Options{Style: anyStyle(t), Only: rapid.SampledFrom(append(OnlyValues(), "", "")).Draw(t, "only")}
		for _, f := range formats() {
			if f.render.Engines != nil {
				sameTwice(t, f.name, o, strict, func(w io.Writer) error { return f.render.Engines(w, h, c, o) })
			}
		}
	})
}

func Test_a_hook_that_no_engine_knows_is_an_error_with_those_there_are(t *testing.T) {
	for _, c := range []struct {
		all  plan.Comparison
		want string
	}{
		{everyCell(), `no hook "Job/nope" in this source: it has Job/migrate, Job/far, Job/b`},
		{plan.Comparison{}, `no hook "Job/nope": this source has no hooks`},
	} {
		err := EnginesTree(io.Discard, aHeader(), c.all, Options{Hook: "Job/nope"})
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%v, want %s", err, c.want)
		}
	}
}

// What a chart says is text in a ticket: it makes no markup and no mentions.
func Test_markdown_of_a_comparison_escapes_what_comes_from_a_chart(t *testing.T) {
	all := everyCell()
	all.Rows[0].Object.Name = "<img src=x> @octocat #1 [x](https://evil.example)"
	all.Rows[3].Cells[1].Differences[0].Why = "**b** <img src=x> @octocat"
	var out bytes.Buffer
	if err := EnginesMarkdown(&out, aHeader(), all, Options{}); err != nil {
		t.Fatal(err)
	}
	for _, evil := range []string{"<img", "@octocat", "](https://evil", "**b**"} {
		if strings.Contains(out.String(), evil) {
			t.Errorf("%q stands in\n%s", evil, out.String())
		}
	}
}

func Test_any_explanation_of_another_engine_renders_in_every_format(t *testing.T) {
	strict := schema.Strict(t, "../../docs/schema", "explanation")
	rapid.Check(t, func(t *rapid.T) {
		var h Header
		anyValue(t, reflect.ValueOf(&h).Elem())
		var c plan.Comparison
		anyValue(t, reflect.ValueOf(&c).Elem())
		p := anyPlan(t)
		for i := range p.Timelines {
			p.Timelines[i].Action = rapid.SampledFrom([]plan.Action{plan.Sync, plan.Delete, plan.Apply}).Draw(t, "action")
			for k := range p.Timelines[i].Phases {
				p.Timelines[i].Phases[k].Action = p.Timelines[i].Action
			}
		}
		hook := "Job/nope"
		if all := refs(p); len(all) > 0 {
			hook = all[0].Ref()
		}
		explanations := []Explanation{OtherNarration(h, p)}
		if one, err := OtherHook(h, p, hook); err == nil {
			explanations = append(explanations, WithEngines(one, c, hook))
		}
		style := anyStyle(t)
		for _, e := range explanations {
			o := Options{Style: style}
			sameTwice(t, "text", o, strict, func(w io.Writer) error { return ExplainText(w, h, p.Engine, e, style) })
			sameTwice(t, "json", o, strict, func(w io.Writer) error { return ExplainJSON(w, h, p.Engine, e) })
			sameTwice(t, "yaml", o, strict, func(w io.Writer) error { return ExplainYAML(w, h, p.Engine, e) })
		}
	})
}
