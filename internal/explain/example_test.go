package explain

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// documents cuts an example as Helm does where nothing is unusual.
func documents(example string) []plan.Document {
	var all []plan.Document
	for i, text := range strings.Split(example, "\n---\n") {
		all = append(all, plan.Document{Template: "shop/templates/example.yaml", Index: i, Text: text})
	}
	return all
}

func engine(t *testing.T, name string) plan.Engine {
	t.Helper()
	e, err := plan.ParseEngine(name)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

var shop = plan.Release{Name: "shop", Namespace: "default"}

// readAs says what Helm makes of each document, in the words of the expect lines.
func readAs(t *testing.T, example string) []string {
	t.Helper()
	all := documents(example)
	inventory, err := plan.Classify(plan.Rendered{Documents: all}, shop, engine(t, "helm4"))
	if err != nil {
		t.Fatal(err)
	}
	words := make([]string, len(all))
	for _, h := range inventory.Hooks {
		words[h.Index] = hookWords(h)
	}
	for _, r := range inventory.Resources {
		words[r.Index] = "resource"
	}
	for _, d := range inventory.Dropped {
		words[d.Index] = "dropped"
	}
	return words
}

func hookWords(h plan.Hook) string {
	words := fmt.Sprintf("hook %s weight %d", join(h.Events), h.Weight)
	if len(h.DeletePolicies) > 0 {
		words += " delete " + join(h.DeletePolicies)
	}
	if len(h.OutputLogPolicies) > 0 {
		words += " logs " + join(h.OutputLogPolicies)
	}
	if h.NeverCompletes != "" {
		words += " never-completes"
	}
	return words
}

func join[T ~string](values []T) string {
	var words []string
	for _, v := range values {
		words = append(words, string(v))
	}
	return strings.Join(words, ",")
}

// valuesOf are the front lines of one key.
func (t Topic) valuesOf(key string) []string {
	var values []string
	for _, c := range t.checks {
		if c.key == key {
			values = append(values, c.value)
		}
	}
	return values
}

func TestHelmReadsEveryExampleAsItSays(t *testing.T) {
	for _, topic := range Topics() {
		if topic.Example == "" {
			continue
		}
		t.Run(topic.Name, func(t *testing.T) {
			if got, want := readAs(t, topic.Example), topic.valuesOf("expect"); !slices.Equal(got, want) {
				t.Errorf("Helm reads the example as\n%s\nand the topic expects\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		})
	}
}

// The front lines run, left and finds are about a plan of the example. They may begin with an engine.
func TestThePlanOfEveryExampleIsAsItSays(t *testing.T) {
	checked := map[string]int{}
	for _, topic := range Topics() {
		for _, c := range topic.checks {
			name, rest := "helm4", c.value
			if first, more, _ := strings.Cut(c.value, " "); first == "helm3" {
				name, rest = first, more
			}
			var problem string
			switch c.key {
			case "run":
				problem = wrongOrder(planOf(t, topic, name), rest)
			case "left":
				problem = wrongLeft(planOf(t, topic, name), rest)
			case "finds":
				if !slices.ContainsFunc(planOf(t, topic, name).Findings, func(f plan.Finding) bool { return f.Rule == rest }) {
					problem = "there is no such finding"
				}
			default:
				continue
			}
			checked[c.key]++
			if problem != "" {
				t.Errorf("%s: %s: %s: %s", topic.Name, c.key, c.value, problem)
			}
		}
	}
	for _, key := range []string{"run", "left", "finds"} {
		if checked[key] == 0 {
			t.Errorf("no topic has a line %q", key)
		}
	}
}

func planOf(t *testing.T, topic Topic, name string) plan.Plan {
	t.Helper()
	rendered := plan.Rendered{Documents: documents(topic.Example)}
	made, err := plan.Make(plan.Input{
		Engine: engine(t, name), Release: shop, Options: plan.Options{Timeout: plan.DefaultTimeout},
		Render: func(plan.Fields) (plan.Rendered, error) { return rendered, nil },
	})
	if err != nil {
		t.Fatalf("%s: %v", topic.Name, err)
	}
	return made
}

// wrongOrder holds "install pre-install Job/a Job/b" against the plan.
func wrongOrder(made plan.Plan, line string) string {
	words := strings.Fields(line)
	for _, timeline := range made.Timelines {
		if string(timeline.Action) != words[0] {
			continue
		}
		for _, phase := range timeline.Phases {
			if phase.Name != words[1] {
				continue
			}
			var refs []string
			for _, step := range phase.Steps {
				refs = append(refs, step.Hook.Object.Ref())
			}
			if !slices.Equal(refs, words[2:]) {
				return fmt.Sprintf("%q run", refs)
			}
			return ""
		}
	}
	return "there is no such phase"
}

// wrongLeft holds "uninstall Job/a" against the hook objects that the action leaves; nothing means none.
func wrongLeft(made plan.Plan, line string) string {
	words := strings.Fields(line)
	if len(words) == 2 && words[1] == "nothing" {
		words = words[:1]
	}
	for _, timeline := range made.Timelines {
		if string(timeline.Action) != words[0] {
			continue
		}
		var refs []string
		for _, object := range timeline.Outcome.Left {
			refs = append(refs, object.Ref())
		}
		if !slices.Equal(refs, words[1:]) {
			return fmt.Sprintf("%q are left", refs)
		}
		return ""
	}
	return "there is no such action"
}

// The checks above must be able to fail.
func TestAFalseExampleIsFound(t *testing.T) {
	const lie = `title: T
summary: S
source: v3.22.0 a.go F
expect: hook pre-install weight 1
run: install pre-install Job/b
left: install nothing
---
text
` + "```yaml\n" + `apiVersion: batch/v1
kind: Job
metadata: {name: a, annotations: {helm.sh/hook: pre-install}}
` + fence
	topic, err := parse("lie", lie)
	if err != nil {
		t.Fatal(err)
	}
	if got := readAs(t, topic.Example); slices.Equal(got, topic.valuesOf("expect")) {
		t.Error("a false weight is not found")
	}
	made := planOf(t, topic, "helm4")
	for problem, want := range map[string]string{
		wrongOrder(made, "install pre-install Job/b"): `["Job/a"] run`,
		wrongOrder(made, "install pre-delete Job/a"):  "there is no such phase",
		wrongLeft(made, "install nothing"):            `["Job/a"] are left`,
		wrongLeft(made, "sync nothing"):               "there is no such action",
	} {
		if problem != want {
			t.Errorf("%q, want %q", problem, want)
		}
	}
}
