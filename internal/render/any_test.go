package render

import (
	"bytes"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
	"github.com/helm-hooks/helm-hooks/test/schema"
)

// closed are the lists of words in a plan, by type. Phase names are strings and come from anyString, which
// knows the two that are special.
var closed = map[reflect.Type][]string{
	reflect.TypeFor[plan.Action]():       {"install", "upgrade", "rollback", "uninstall", "test", ""},
	reflect.TypeFor[plan.Op]():           {"delete", "wait-deleted", "record", "create", "apply", "wait", "logs", "update"},
	reflect.TypeFor[plan.Result]():       {"ok", "failed", "skipped", ""},
	reflect.TypeFor[plan.Prediction]():   {"proven", "likely", "unknown"},
	reflect.TypeFor[plan.Severity]():     {"error", "warning", "info"},
	reflect.TypeFor[plan.WaitsFor]():     {"completion", "created", "none"},
	reflect.TypeFor[plan.Signal]():       {"interrupt", "kill", ""},
	reflect.TypeFor[plan.FaultPoint]():   {"create", "wait", "timeout", "delete", "interrupt", "kill", ""},
	reflect.TypeFor[plan.Impact]():       {"breaks", "mends", "differs", "note"},
	reflect.TypeFor[plan.DeletePolicy](): {"before-hook-creation", "hook-succeeded", "hook-failed", "", "typo"},
	reflect.TypeFor[plan.Fate]():         {"runs", "ordinary", "at-once", "dropped", "never", "absent", "parts", "part", ""},
	reflect.TypeFor[plan.Agreement]():    {"same", "similar", "different", ""},
	reflect.TypeFor[plan.Aspect]():       {"fate", "moments", "again", "order", "waits", "deletion", ""},
	reflect.TypeFor[plan.ChangeKind](): {
		"added", "removed", "events", "order", "policy", "logs", "waits", "run", "outcome", "content", "name", "ignored", "resource", "apply",
		"deletion", "left", "finding",
	},
}

var anyString = rapid.OneOf(
	rapid.SampledFrom([]string{"", "crds", "resources", "pre-install", "Job", "Pod", "List", crdKind, "a", "ignored", "hooks", "shop/charts/a/templates/x.yaml"}),
	controls(),
	rapid.StringN(0, 200, -1),
)

// anyValue fills a value of any shape: the generator cannot fall behind the plan's types.
func anyValue(t *rapid.T, v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				anyValue(t, v.Field(i))
			}
		}
	case reflect.Pointer:
		if rapid.Bool().Draw(t, "present") {
			v.Set(reflect.New(v.Type().Elem()))
			anyValue(t, v.Elem())
		}
	case reflect.Slice:
		n := rapid.IntRange(-1, 2).Draw(t, "length")
		if n < 0 {
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			anyValue(t, v.Index(i))
		}
	case reflect.Array:
		for i := range v.Len() {
			anyValue(t, v.Index(i))
		}
	case reflect.String:
		if list, ok := closed[v.Type()]; ok {
			v.SetString(rapid.SampledFrom(list).Draw(t, "word"))
			return
		}
		v.SetString(anyString.Draw(t, "string"))
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(rapid.OneOf(rapid.IntRange(-1, 3), rapid.Int()).Draw(t, "int")))
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, "bool"))
	}
}

func anyPlan(t *rapid.T) plan.Plan {
	var p plan.Plan
	anyValue(t, reflect.ValueOf(&p).Elem())
	for i, line := range p.Timelines {
		if line.Outcome.Result == plan.Skipped {
			// An action is never skipped, see plan.Result.
			p.Timelines[i].Outcome.Result = plan.Failed
		}
	}
	return p
}

func anyStyle(t *rapid.T) Style {
	return Style{
		Unicode: rapid.Bool().Draw(t, "unicode"), Fold: rapid.Bool().Draw(t, "fold"),
		Width: rapid.SampledFrom([]int{0, 1, 20, 40, 80, 120}).Draw(t, "width"),
	}
}

func Test_any_plan_renders_in_every_format(t *testing.T) {
	strict := strictSchema(t)
	rapid.Check(t, func(t *rapid.T) {
		var h Header
		anyValue(t, reflect.ValueOf(&h).Elem())
		p := anyPlan(t)
		o := Options{Style: anyStyle(t), Only: rapid.SampledFrom(append(OnlyValues(), "", "", "")).Draw(t, "only")}
		for _, f := range formats() {
			sameTwice(t, f.name, o, strict, func(w io.Writer) error { return f.render.Plan(w, h, p, o) })
		}
	})
}

func Test_any_matrix_renders_in_every_format(t *testing.T) {
	strict := schema.Strict(t, "../../docs/schema", "matrix")
	rapid.Check(t, func(t *rapid.T) {
		var h Header
		anyValue(t, reflect.ValueOf(&h).Elem())
		var m plan.Matrix
		anyValue(t, reflect.ValueOf(&m).Elem())
		for i := range m.Rows {
			if m.Rows[i].Outcome.Result == plan.Skipped {
				m.Rows[i].Outcome.Result = plan.Failed
			}
			m.Rows[i].Order = max(m.Rows[i].Order, 0)
		}
		o := Options{Style: anyStyle(t)}
		for _, f := range formats() {
			sameTwice(t, f.name, o, strict, func(w io.Writer) error { return f.render.Matrix(w, h, m, o) })
		}
	})
}

func Test_any_explanation_renders_in_every_format(t *testing.T) {
	strict := schema.Strict(t, "../../docs/schema", "explanation")
	rapid.Check(t, func(t *rapid.T) {
		var h Header
		anyValue(t, reflect.ValueOf(&h).Elem())
		var life plan.HookLife
		anyValue(t, reflect.ValueOf(&life).Elem())
		life.Plan = anyPlan(t)
		if life.Ignored == nil && life.Hook == nil {
			life.Hook = &plan.Hook{}
		}
		engine, style := life.Plan.Engine, anyStyle(t)
		for _, e := range []Explanation{HookLife(h, life), Narration(h, life.Plan)} {
			o := Options{Style: style}
			sameTwice(t, "text", o, strict, func(w io.Writer) error { return ExplainText(w, h, engine, e, style) })
			sameTwice(t, "json", o, strict, func(w io.Writer) error { return ExplainJSON(w, h, engine, e) })
			sameTwice(t, "yaml", o, strict, func(w io.Writer) error { return ExplainYAML(w, h, engine, e) })
		}
	})
}

// sameTwice renders twice, and demands the same bytes, without controls and in json as the schema has it.
func sameTwice(t *rapid.T, format string, o Options, strict *jsonschema.Schema, write func(io.Writer) error) {
	var first, second bytes.Buffer
	if err := write(&first); err != nil {
		t.Fatalf("%s: %v", format, err)
	}
	if err := write(&second); err != nil || !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Fatalf("%s is not the same twice", format)
	}
	checkSafe(t, format, first.Bytes(), o)
	if format != "json" {
		return
	}
	document, err := jsonschema.UnmarshalJSON(&first)
	if err != nil {
		t.Fatal(err)
	}
	if err := strict.Validate(document); err != nil {
		t.Fatal(err)
	}
}

func Test_colour_only_adds_escapes(t *testing.T) {
	for _, p := range []plan.Plan{shop(), broken(), stream(), long()} {
		for _, f := range formats() {
			var off, on bytes.Buffer
			style := Style{Unicode: true, Width: 80, Fold: true}
			if err := f.render.Plan(&off, aHeader(), p, Options{Style: style}); err != nil {
				t.Fatal(err)
			}
			style.Color = true
			if err := f.render.Plan(&on, aHeader(), p, Options{Style: style}); err != nil {
				t.Fatal(err)
			}
			if strings.Contains(off.String(), "\x1b") {
				t.Errorf("%s without colour has escapes", f.name)
			}
			var stripped strings.Builder
			for _, line := range strings.SplitAfter(on.String(), "\n") {
				text, newline := strings.CutSuffix(line, "\n")
				if !isData(f.name) {
					text = clean(text)
				}
				stripped.WriteString(text)
				if newline {
					stripped.WriteString("\n")
				}
			}
			if stripped.String() != off.String() {
				t.Errorf("%s with colour says something else:\n%s", f.name, stripped.String())
			}
		}
	}
}

func isData(format string) bool { return format == "json" || format == "yaml" }

// isDocument says that a format is read elsewhere than on this terminal, so that it is UTF-8 always.
func isDocument(format string) bool {
	return slices.Contains([]string{"html", "markdown", "mermaid", "name"}, format) || strings.Contains(format, "=")
}

func Test_a_terminal_80_columns_wide_is_enough(t *testing.T) {
	for _, p := range []plan.Plan{shop(), broken(), stream(), long()} {
		for _, unicode := range []bool{true, false} {
			var out bytes.Buffer
			if err := Tree(&out, releaseHeader(), p, Options{Style: Style{Unicode: unicode, Width: 80, Fold: true}}); err != nil {
				t.Fatal(err)
			}
			for _, line := range strings.Split(out.String(), "\n") {
				if width(line) > 80 {
					t.Errorf("%d columns: %s", width(line), line)
				}
				if strings.HasSuffix(line, " ") {
					t.Errorf("blank at the end: %q", line)
				}
			}
		}
	}
}

func Test_off_a_terminal_nothing_is_shortened(t *testing.T) {
	for _, p := range []plan.Plan{shop(), broken(), stream(), long()} {
		var out bytes.Buffer
		if err := Tree(&out, aHeader(), p, Options{Style: Style{Unicode: true}}); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(out.String(), "…") {
			t.Error(out.String())
		}
		for _, o := range refs(p) {
			if !strings.Contains(out.String(), o.Ref()) {
				t.Errorf("%s is not shown", o.Ref())
			}
		}
	}
}

func Benchmark_formats(b *testing.B) {
	p := broken()
	for _, f := range formats() {
		b.Run(f.name, func(b *testing.B) {
			for b.Loop() {
				var out bytes.Buffer
				if err := f.render.Plan(&out, aHeader(), p, Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
