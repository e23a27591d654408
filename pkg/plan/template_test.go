package plan

import (
	"slices"
	"strings"
	"testing"
)

// Sections 4 and "flattening engines" of the notes that docs/engines.md sums up: every event that Helm knows is
// applied as a plain object, whatever it is meant for, and what Helm does not know is dropped by its rendering.
func TestTemplateAppliesEverythingAtOnce(t *testing.T) {
	everything := []string{
		one("Job", "delete", `helm.sh/hook: pre-delete, helm.sh/hook-weight: "-5", helm.sh/hook-delete-policy: hook-succeeded`),
		one("Pod", "test", `helm.sh/hook: test`), one("Job", "rollback", `helm.sh/hook: post-rollback`), one("Job", "both", `helm.sh/hook: "post-install,test"`),
		one("ConfigMap", "plain", `a: b`), one("Job", "unknown", `helm.sh/hook: "post-install, pre-uninstall"`), one("Job", "argo", `argocd.argoproj.io/hook: Skip`),
	}
	for _, c := range []struct {
		name    string
		raw     bool
		options Options
		want    []string
	}{
		{name: "from a chart", want: []string{"apply apply: Pod/test Job/delete Job/rollback Job/both", "apply-2 apply: Pod/test (not run) Job/delete (not run) Job/rollback (not run) Job/both (not run)", "ignored HH001 Job/unknown"}},
		{name: "plain YAML has no Helm that drops anything", raw: true, want: []string{"apply apply: Job/delete Pod/test Job/rollback Job/both Job/unknown"}},
		{name: "--skip-tests takes whatever has a test among its events", options: Options{SkipTests: true}, want: []string{"apply apply: Job/delete Job/rollback"}},
		{name: "--no-hooks", options: Options{NoHooks: true}, want: []string{"apply apply:"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := otherPlan(t, "template", c.raw, c.options, everything...)
			got := toldOther(p)
			for _, line := range c.want {
				if !slices.Contains(got, line) {
					t.Errorf("%q is missing in\n%s", line, strings.Join(got, "\n"))
				}
			}
			for _, step := range p.Timelines[0].Phases[0].Steps {
				if step.WaitsFor != WaitsNone || len(step.DeletePolicies) > 0 || step.Order != 0 {
					t.Errorf("%s waits, is deleted or has an order: %+v", step.Hook.Object.Ref(), step)
				}
			}
		})
	}
}

func TestTemplateTellsWhatRunsTooEarly(t *testing.T) {
	p := otherPlan(t, "template", false, Options{}, one("Job", "delete", `helm.sh/hook: pre-delete`), one("Pod", "test", `helm.sh/hook: test`), one("Job", "fine", `helm.sh/hook: "pre-upgrade,pre-delete"`))
	var got []string
	for _, f := range p.Findings {
		got = append(got, f.Rule+" "+string(f.Severity)+" "+f.Message)
	}
	want := []string{
		"HH402 error Job/delete is meant for pre-delete, but runs with the first apply, like everything else",
		"HH402 warning Pod/test is meant for test, but runs with the first apply, like everything else",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
}

func TestTemplateHasNoVersions(t *testing.T) {
	for text, valid := range map[string]bool{"template": true, "template@4.3": false, "argocd": true, "argocd@3.6": true, "argocd@3.5": false, "argocd@4.0": false} {
		if _, err := ParseEngine(text); (err == nil) != valid {
			t.Errorf("%s: %v", text, err)
		}
	}
	if engine, err := ParseEngine("argocd@3.9"); err != nil || !engine.NewerThanKnown {
		t.Errorf("argocd@3.9: %+v, %v", engine, err)
	}
}
