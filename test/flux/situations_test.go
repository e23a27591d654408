package flux

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// meeting is a step in which a HelmRelease comes into a situation that a plan foretells.
type meeting struct {
	scenario string
	// step counts from 1.
	step int
	id   string
}

func meetings() []meeting {
	return []meeting{
		{"a life", 1, "first"},
		{"a life", 2, "unchanged"},
		{"a life", 3, "changed"},
		{"a life", 4, "changed"},
		{"a life", 5, "unchanged"},
		{"a life", 6, "forced"},
		{"a life", 7, "unchanged"},
		{"a life", 8, "test-enabled"},
		{"a life", 9, "changed"},
		{"a life", 10, "deleted"},
		{"drift", 2, "unchanged"},
		{"post-renderer added", 2, "changed"},
		{"common metadata", 2, "changed"},
		{"adopted", 4, "foreign"},
		{"adopted after a failed install", 4, "foreign"},
		{"record altered", 2, "foreign"},
		{"newest record lost", 3, "foreign"},
		{"suspended", 3, "suspended"},
		{"suspended", 4, "suspended"},
		{"deleted while suspended", 3, "deleted"},
		{"install fails", 1, "install-fails"},
		{"install fails", 3, "install-fails-changed"},
		{"post-install fails", 2, "install-fails-changed"},
		{"install fails, new chart", 2, "install-fails-changed"},
		{"install fails, last failure remediated", 1, "install-fails"},
		{"install fails, last failure remediated", 3, "install-fails-changed"},
		{"install fails, 1 retry fails", 1, "install-fails"},
		{"install fails, 2 retries fail", 1, "install-fails"},
		{"install fails, 1 retry fails, last failure remediated", 1, "install-fails"},
		{"upgrade fails", 2, "upgrade-fails"},
		{"upgrade fails, last failure remediated", 2, "upgrade-fails"},
		{"upgrade fails, 1 retry fails", 2, "upgrade-fails"},
		{"upgrade fails, 1 retry fails, last failure left", 2, "upgrade-fails"},
		{"upgrade fails, no retries, uninstall", 2, "upgrade-fails"},
		{"upgrade fails, no retries, uninstall, last failure remediated", 2, "upgrade-fails"},
		{"test fails after upgrade, 1 retry fails", 2, "test-fails"},
		{"test fails after upgrade, last failure remediated", 2, "test-fails"},
		{"killed in pre-install", 1, "killed-install"},
		{"killed in pre-install, 1 retry", 1, "killed-install"},
		{"killed in pre-upgrade", 2, "killed-upgrade"},
		{"killed in pre-upgrade, 1 retry", 2, "killed-upgrade"},
		{"release name changed", 2, "target"},
		{"target namespace changed", 2, "target"},
		{"storage namespace changed", 2, "target"},
		{"chart name changed", 2, "target"},
	}
}

// The Helm actions of each situation, and how it ends, are those of the real controller.
func TestSituationsAgreeWithTheController(t *testing.T) {
	recorded := load(t)
	met := map[string]bool{}
	for _, m := range meetings() {
		t.Run(fmt.Sprintf("%s/%d-%s", m.scenario, m.step, m.id), func(t *testing.T) {
			scenario := scenarioOf(t, m.scenario)
			l := life{t: t, scenario: scenario, at: m.step - 1}
			situation := situationOf(t, l.flux(specAt(t, scenario, m.step)), m.id)
			met[m.id] = true
			observed := recorded[m.scenario].Steps[m.step-1]
			var want, got []string
			for _, action := range observed.Actions {
				if action.Name != "correct cluster drift" {
					want = append(want, action.Name)
				}
			}
			for _, step := range situation.Steps {
				got = append(got, string(step.Action))
			}
			if !slices.Equal(want, got) {
				t.Errorf("the controller does %q, the plan says %q", want, got)
			}
			ready, reason := observed.Condition("Ready")
			_, stalled := observed.Condition("Stalled")
			end := situation.End
			if m.id == "unchanged" {
				reason = end.Reason // it is that of the last action, whichever that was
			}
			if said := end.Ready + " " + end.Reason + " " + end.Stalled; end.Ready != "" && said != ready+" "+reason+" "+stalled {
				t.Errorf("it ends with Ready %s %s, stalled %q; the plan says %q", ready, reason, stalled, said)
			}
		})
	}
	for _, id := range []string{
		"first", "changed", "unchanged", "forced", "foreign", "install-fails", "install-fails-changed", "upgrade-fails", "test-fails",
		"test-enabled", "killed-install", "killed-upgrade", "target", "deleted", "suspended",
	} {
		if !met[id] {
			t.Errorf("no recording shows situation %s", id)
		}
	}
}

func scenarioOf(t *testing.T, name string) Scenario {
	t.Helper()
	all := Scenarios()
	at := slices.IndexFunc(all, func(s Scenario) bool { return s.Name == name })
	if at < 0 {
		t.Fatalf("there is no scenario %q", name)
	}
	return all[at]
}

// specAt is the spec in a step; for test-enabled that before it.
func specAt(t *testing.T, scenario Scenario, step int) map[string]any {
	t.Helper()
	spec := map[string]any{}
	for i, s := range scenario.Steps[:step] {
		switch {
		case s.Do == Create:
			spec = map[string]any{}
			merge(t, spec, s.Spec)
		case s.Do == Change && !(i == step-1 && strings.HasPrefix(s.Spec, "test: ")):
			merge(t, spec, strings.ReplaceAll(s.Spec, Other, "elsewhere"))
		}
	}
	return spec
}

func situationOf(t *testing.T, flux *plan.Flux, id string) plan.Situation {
	t.Helper()
	engine, err := plan.ParseEngine("flux")
	if err != nil {
		t.Fatal(err)
	}
	made, err := plan.Make(plan.Input{
		Engine: engine, Release: plan.Release{Name: ReleaseName, Namespace: namespace}, Flux: flux,
		Render: func(plan.Fields) (plan.Rendered, error) { return plan.Rendered{}, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(made.Situations, func(s plan.Situation) bool { return s.ID == id })
	if at < 0 {
		t.Fatalf("the plan has no situation %q", id)
	}
	return made.Situations[at]
}
