package plan

import (
	"fmt"
	"strings"
	"testing"
)

// made plans a chart whose install and upgrades render different documents.
func made(t *testing.T, engine string, render func(Fields) []string) Plan {
	t.Helper()
	p, err := Make(Input{
		Engine: engineOf(t, engine), Release: Release{Name: "r", Namespace: "default"},
		Options: Options{Timeout: DefaultTimeout},
		Render: func(f Fields) (Rendered, error) {
			rendered, err := chartOf(render(f)...)(f)
			return rendered, err
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// rulesAt lists the rules found at the steps of one hook, notes left out.
func rulesAt(p Plan, ref string) string {
	var rules []string
	for _, timeline := range p.Timelines {
		for _, phase := range timeline.Phases {
			for _, step := range phase.Steps {
				for _, i := range step.Findings {
					if f := p.Findings[i]; step.Hook.Object.Ref() == ref && f.Severity != SeverityInfo {
						rules = append(rules, fmt.Sprintf("%s:%s", timeline.Action, f.Rule))
					}
				}
			}
		}
	}
	return strings.Join(rules, " ")
}

// What only the install renders moves the documents after it, so a place in the file is no identity
// from one revision to the next.
func TestFindingsStayWithTheirHook(t *testing.T) {
	render := func(f Fields) []string {
		migrate := job("migrate", `hook: pre-upgrade,post-rollback`, `hook-weight: "3"`)
		if f.IsUpgrade {
			return []string{migrate}
		}
		return []string{job("init", `hook: pre-install`, `hook-weight: abc`, `hook-delete-policy: never`), migrate}
	}
	for _, engine := range []string{"helm3", "helm4"} {
		p := made(t, engine, render)
		if got := rulesAt(p, "Job/migrate"); got != "" {
			t.Errorf("%s: found at migrate: %s", engine, got)
		}
		if got := rulesAt(p, "Job/init"); !strings.Contains(got, "HH003") || !strings.Contains(got, "HH005") {
			t.Errorf("%s: found at init: %s", engine, got)
		}
	}
}

func TestChangingNames(t *testing.T) {
	for _, test := range []struct {
		name   string
		render func(Fields) []string
		want   bool
	}{
		{"fixed names, one hook on install only", func(f Fields) []string {
			hooks := []string{job("migrate", `hook: pre-install,pre-upgrade`), job("check", `hook: post-install,post-upgrade`)}
			if !f.IsUpgrade {
				hooks = append([]string{job("init", `hook: pre-install`)}, hooks...)
			}
			return hooks
		}, false},
		{"one name on install, another on every upgrade", func(f Fields) []string {
			if f.IsUpgrade {
				return []string{job("migrate", `hook: pre-install,pre-upgrade`)}
			}
			return []string{job("init", `hook: pre-install,pre-upgrade`)}
		}, false},
		{"the revision in the name", func(f Fields) []string {
			return []string{job(fmt.Sprintf("migrate-%d", f.Revision), `hook: pre-install,pre-upgrade`)}
		}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := made(t, "helm4", test.render)
			found := false
			for _, f := range p.Findings {
				found = found || f.Rule == ruleNameChanges
			}
			if found != test.want {
				t.Errorf("%s found: %v", ruleNameChanges, found)
			}
		})
	}
}

// A chart whose next upgrade fails is looked at as it stands after the install, so that the failure does
// not show up again in what uninstall leaves or in hooks that clean up after themselves.
func TestOneFailureIsToldOnce(t *testing.T) {
	render := func(Fields) []string {
		return []string{
			job("a-clean", `hook: pre-upgrade`, `hook-delete-policy: hook-succeeded`),
			job("b-stays", `hook: post-install,pre-upgrade`, `hook-delete-policy: hook-failed`),
		}
	}
	p := made(t, "helm3", render)
	for _, f := range p.Findings {
		if f.Object.Name == "a-clean" && f.Severity == SeverityError {
			t.Errorf("found at a-clean: %s %s", f.Rule, f.Message)
		}
	}
	if got := rulesAt(p, "Job/b-stays"); !strings.Contains(got, "upgrade:"+ruleExists) {
		t.Errorf("found at b-stays: %s", got)
	}
}

func TestOrdinaryObjectThatBecomesAHookIsFound(t *testing.T) {
	p := made(t, "helm4", func(f Fields) []string {
		if f.IsUpgrade {
			return []string{configMap("conv", `hook: pre-upgrade`)}
		}
		return []string{configMap("conv")}
	})
	if got := rulesAt(p, "ConfigMap/conv"); !strings.Contains(got, ruleShared) {
		t.Errorf("found: %q", got)
	}
}
