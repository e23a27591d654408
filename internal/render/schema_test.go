package render

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"sigs.k8s.io/yaml"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
	"github.com/helm-hooks/helm-hooks/test/schema"
)

func strictSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	return schema.Strict(t, "../../docs/schema", "plan")
}

func Test_every_golden_document_keeps_to_the_schema(t *testing.T) {
	strict := strictSchema(t)
	paths, err := filepath.Glob("testdata/*.json")
	if err != nil || len(paths) == 0 {
		t.Fatal(paths, err)
	}
	yamls, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(yamls) == 0 {
		t.Fatal(yamls, err)
	}
	for _, path := range append(paths, yamls...) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if text, err = yaml.YAMLToJSON(text); err != nil {
				t.Fatal(err)
			}
			schema.Validate(t, strict, text)
		})
	}
}

func Test_a_plan_with_nothing_set_keeps_to_the_schema(t *testing.T) {
	var out bytes.Buffer
	if err := JSON(&out, Header{}, plan.Plan{}, Options{}); err != nil {
		t.Fatal(err)
	}
	schema.Validate(t, strictSchema(t), out.Bytes())
}

func Test_the_strict_schema_refuses_an_unknown_key_and_a_missing_one(t *testing.T) {
	strict := strictSchema(t)
	for name, change := range map[string]func(map[string]any){
		"unknown key": func(d map[string]any) { d["surprise"] = true },
		"missing key": func(d map[string]any) { delete(d, "ignored") },
		"unknown key of a step": func(d map[string]any) {
			step := at(d, "timelines", 0, "phases", 1, "steps", 0).(map[string]any)
			step["surprise"] = true
		},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			if err := JSON(&out, aHeader(), shop(), Options{}); err != nil {
				t.Fatal(err)
			}
			var document map[string]any
			if err := json.Unmarshal(out.Bytes(), &document); err != nil {
				t.Fatal(err)
			}
			change(document)
			if strict.Validate(document) == nil {
				t.Error("the schema accepts it")
			}
		})
	}
}

func at(node any, path ...any) any {
	for _, step := range path {
		switch step := step.(type) {
		case string:
			node = node.(map[string]any)[step]
		case int:
			node = node.([]any)[step]
		}
	}
	return node
}

func Test_unknown_sections_are_null_and_empty_ones_are_lists(t *testing.T) {
	unknown := aPlan()
	unknown.Ignored, unknown.Timelines = nil, nil
	unknown.Unknown = []plan.UnknownFact{{What: "hooks"}, {What: "resources"}, {What: "ignored"}}
	for _, c := range []struct {
		name string
		plan plan.Plan
		path []any
		want string
	}{
		{"ignored unknown", unknown, []any{"ignored"}, "null"},
		{"timelines unknown", unknown, []any{"timelines"}, "null"},
		{"hooks not counted", unknown, []any{"counts", "hooks"}, "null"},
		{"resources not counted", unknown, []any{"counts", "resources"}, "null"},
		{"ignored not counted", unknown, []any{"counts", "ignored"}, "null"},
		{"ignored empty", aPlan(), []any{"ignored"}, "[]"},
		{"findings empty", aPlan(), []any{"findings"}, "[]"},
		{"errors empty", aPlan(), []any{"errors"}, "[]"},
		{"no unlimited wait", aPlan(aTimeline(plan.Install)), []any{"timelines", 0, "worstCaseSeconds"}, "0"},
		{"an unlimited wait", broken(), []any{"timelines", 1, "worstCaseSeconds"}, "null"},
		{"line unknown", withFinding(), []any{"findings", 0, "line"}, "null"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out bytes.Buffer
			if err := JSON(&out, aHeader(), c.plan, Options{}); err != nil {
				t.Fatal(err)
			}
			var document any
			if err := json.Unmarshal(out.Bytes(), &document); err != nil {
				t.Fatal(err)
			}
			got, err := json.Marshal(at(document, c.path...))
			if err != nil || string(got) != c.want {
				t.Errorf("got %s, want %s (%v)", got, c.want, err)
			}
		})
	}
}

func withFinding() plan.Plan {
	p := aPlan()
	f := aFinding("HH001", plan.SeverityError, "x")
	f.Line = 0
	p.Findings = []plan.Finding{f}
	return p
}

func Test_only_annotations_of_helm_leave_the_core(t *testing.T) {
	var out bytes.Buffer
	if err := JSON(&out, aHeader(), shop(), Options{}); err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"payments", "kind: Job"} {
		if bytes.Contains(out.Bytes(), []byte(secret)) {
			t.Errorf("the output has %q, which is no business of ours", secret)
		}
	}
}
