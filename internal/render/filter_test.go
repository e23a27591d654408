package render

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

func Test_an_unknown_format_names_the_valid_ones(t *testing.T) {
	_, err := New("xml")
	if err == nil || err.Error() != `unknown output format "xml": valid are tree, table, wide, json, yaml, html, markdown, mermaid, name, jsonpath=, go-template=` {
		t.Error(err)
	}
	for _, name := range Formats() {
		if renderer, err := New(withExpression(name)); err != nil || renderer.Plan == nil || renderer.Matrix == nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// withExpression completes a format that takes one.
func withExpression(format string) string {
	return format + map[string]string{"jsonpath=": "{.}", "go-template=": "{{.}}"}[format]
}

func Test_Options_Validate(t *testing.T) {
	for _, c := range []struct {
		name    string
		options Options
		want    string
	}{
		{"nothing asked for", Options{}, ""},
		{"a section", Options{Only: "ignored"}, ""},
		{"a hook", Options{Hook: "Job/migrate"}, ""},
		{"no such section", Options{Only: "crds"}, `unknown section "crds": valid are ignored, findings, hooks`},
		{"a hook without kind", Options{Hook: "migrate"}, `hook "migrate" is not of the form KIND/NAME, such as Job/migrate`},
		{"a hook without name", Options{Hook: "Job/"}, `hook "Job/" is not of the form KIND/NAME, such as Job/migrate`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := ""
			if err := c.options.Validate(); err != nil {
				got = err.Error()
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func Test_a_hook_that_is_not_there_is_an_error_in_every_format_and_prints_nothing(t *testing.T) {
	for _, name := range Formats() {
		render, err := New(withExpression(name))
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		err = render.Plan(&out, aHeader(), shop(), Options{Hook: "Job/nope"})
		if err == nil || !strings.HasPrefix(err.Error(), `no hook "Job/nope" in this plan: it has ServiceAccount/migrate, Job/migrate, `) {
			t.Errorf("%s: %v", name, err)
		}
		if out.Len() > 0 {
			t.Errorf("%s printed %q", name, out.String())
		}
	}
}

func Test_Filter(t *testing.T) {
	rules := func(p plan.Plan) (all []string) {
		for _, f := range p.Findings {
			all = append(all, f.Rule)
		}
		return all
	}
	steps := func(p plan.Plan) (all []string) {
		for _, line := range p.Timelines {
			for _, phase := range line.Phases {
				for _, step := range phase.Steps {
					name := phase.Name + " " + step.Hook.Object.Ref()
					for _, i := range step.Findings {
						name += " " + p.Findings[i].Rule
					}
					all = append(all, name)
				}
			}
		}
		return all
	}
	for _, c := range []struct {
		name    string
		options Options
		steps   []string
		rules   []string
		ignored int
	}{
		{"only ignored", Options{Only: "ignored"}, nil, nil, 1},
		{"only findings", Options{Only: "findings"}, nil, []string{"HH104", "HH005", "HH109", "HH109"}, 0},
		{"only hooks keeps the findings at hooks", Options{Only: "hooks"}, steps(shop()), []string{"HH104", "HH005"}, 0},
		{"one hook", Options{Hook: "Job/backup"}, []string{"pre-delete Job/backup HH005"}, []string{"HH005"}, 0},
		{
			"one hook in two actions",
			Options{Hook: "job/smoke"},
			[]string{"post-install Job/smoke HH104", "post-upgrade Job/smoke HH104"},
			[]string{"HH104", "HH005", "HH109"},
			0,
		},
		{"one ignored document", Options{Hook: "Deployment/worker"}, nil, nil, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := shop()
			got, err := Filter(before, c.options)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.steps, steps(got)); diff != "" {
				t.Error("steps", diff)
			}
			if diff := cmp.Diff(c.rules, rules(got)); diff != "" {
				t.Error("findings", diff)
			}
			if len(got.Ignored) != c.ignored {
				t.Error("ignored", got.Ignored)
			}
			if diff := cmp.Diff(shop(), before, cmpopts.EquateEmpty(), ignoreUnexported()); diff != "" {
				t.Error("the given plan was changed", diff)
			}
		})
	}
}

func ignoreUnexported() cmp.Option {
	return cmpopts.IgnoreUnexported(plan.Plan{}, plan.Parsed{})
}

func Test_Filter_keeps_unknown_sections_unknown(t *testing.T) {
	for _, only := range OnlyValues() {
		p := aPlan()
		p.Ignored, p.Timelines = nil, nil
		got, err := Filter(p, Options{Only: only})
		if err != nil || got.Ignored != nil || got.Timelines != nil {
			t.Errorf("%s: %v %v %v", only, got.Ignored, got.Timelines, err)
		}
	}
}

func Test_operations_are_narrowed_with_the_steps(t *testing.T) {
	got, err := Filter(shop(), Options{Hook: "Job/migrate"})
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range got.Timelines {
		for _, op := range line.Operations {
			if !slices.Contains(op.Objects, object("Job", "migrate")) {
				t.Errorf("%s %s", line.Action, op.Phase)
			}
		}
	}
	if len(got.Timelines[0].Operations) != 1 {
		t.Error(got.Timelines[0].Operations)
	}
}
