package render

import (
	"testing"
	"time"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

func Test_deletedWords(t *testing.T) {
	const before, succeeded, failed = plan.BeforeHookCreation, plan.HookSucceeded, plan.HookFailed
	job := func(policies ...plan.DeletePolicy) stepBuilder { return aStep(1, "Job", "x").policies(policies...) }
	for _, c := range []struct {
		name  string
		step  stepBuilder
		phase string
		want  string
	}{
		{"no annotation: the default", aStep(1, "Job", "x"), "pre-install", "at next run (default)"},
		{"before-hook-creation", job(before), "pre-install", "at next run"},
		{"hook-succeeded waits for the whole phase", job(succeeded), "pre-install", "once pre-install succeeds"},
		{"hook-succeeded of a test", job(succeeded), "test", "once the tests succeed"},
		{"hook-failed", job(failed), "pre-install", "if it fails"},
		{"before and succeeded", job(before, succeeded), "post-upgrade", "at next run; once post-upgrade succeeds"},
		{"before and failed", job(before, failed), "pre-install", "at next run; if it fails"},
		{"succeeded and failed", job(succeeded, failed), "pre-delete", "once pre-delete succeeds; if it fails"},
		{"all, in any order", job(failed, succeeded, before), "pre-install", "at next run; once pre-install succeeds; if it fails"},
		{"twice the same", job(before, before), "pre-install", "at next run"},
		{"a typo alone turns the default off", job("hook-success"), "pre-install", "never"},
		{"an empty annotation too", job(""), "pre-install", "never"},
		{"a typo beside a policy", job("hook-success", failed), "pre-install", "if it fails"},
		{"a CRD by default", aStep(1, crdKind, "x"), "pre-install", "never (Helm keeps CRDs)"},
		{"a CRD with policies", aStep(1, crdKind, "x").policies(before, succeeded), "pre-install", "never (Helm keeps CRDs)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := deletedWords(c.step.step, c.phase); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func Test_waitsWords(t *testing.T) {
	for _, c := range []struct {
		name string
		step stepBuilder
		want string
	}{
		{"a Job", aStep(1, "Job", "x"), "job completes"},
		{"a Pod", aStep(1, "Pod", "x"), "pod succeeds"},
		{"a ConfigMap", aStep(1, "ConfigMap", "x"), "created"},
		{"another kind that is waited for", aStep(1, "List", "x").with(func(s *plan.Step) { s.WaitsFor = plan.WaitsCompletion }), "it completes"},
		{"no wait", aStep(1, "Job", "x").with(func(s *plan.Step) { s.WaitsFor = plan.WaitsNone }), "nothing"},
		{"not set", aStep(1, "Job", "x").with(func(s *plan.Step) { s.WaitsFor = "" }), "unknown"},
		{"never completes", aStep(1, "Job", "x").with(func(s *plan.Step) { s.Hook.NeverCompletes = "suspended" }), "never completes"},
		{"not reached", aStep(1, "Job", "x").with(func(s *plan.Step) { s.Result = plan.Skipped }), "not reached"},
		{"success without a run", aStep(1, "Job", "x").with(func(s *plan.Step) { s.NotRun = true }), "does not run"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := waitsWords(c.step.step); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func Test_resourcesWords(t *testing.T) {
	phase := func(change func(*plan.Phase)) plan.Phase {
		p := resources(plan.Install)
		change(&p)
		return p
	}
	for _, c := range []struct {
		name  string
		phase plan.Phase
		next  string
		want  string
	}{
		{
			"not waited for", phase(func(*plan.Phase) {}), "post-install",
			"14 objects created, not waited for without --wait: post-install starts at once",
		},
		{"nothing after it", phase(func(*plan.Phase) {}), "", "14 objects created, not waited for without --wait"},
		{"waited for", phase(func(p *plan.Phase) { p.Waited = true }), "post-install", "14 objects created and waited for"},
		{
			"one object of an upgrade", phase(func(p *plan.Phase) { p.Objects, p.Action, p.Waited = 1, plan.Upgrade, true }), "",
			"1 object updated and waited for",
		},
		{"not reached", phase(func(p *plan.Phase) { p.Result = plan.Skipped }), "post-install", "14 objects, not reached"},
		{"none", phase(func(p *plan.Phase) { p.Objects = 0 }), "post-install", "no ordinary objects"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := resourcesWords(c.phase, c.next); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func Test_worstCaseWords(t *testing.T) {
	line := func(waits int, total time.Duration) plan.Timeline {
		return plan.Timeline{Waits: waits, WorstCase: int64(total)}
	}
	for _, c := range []struct {
		name string
		line plan.Timeline
		each time.Duration
		want string
	}{
		{"a product", line(5, 25*time.Minute), 5 * time.Minute, "waits at most 25m in all: 5 waits × 5m"},
		{"one wait", line(1, 5*time.Minute), 5 * time.Minute, "waits at most 5m"},
		{"the wait for CRDs has a limit of its own", line(3, 11*time.Minute), 5 * time.Minute, "waits at most 11m in all: 3 waits"},
		{"timeout not known", line(2, 3*time.Minute), 0, "waits at most 3m in all: 2 waits"},
		{"no limit", plan.Timeline{Waits: 2, Unbounded: true}, 0, "waits without any limit"},
		{"no wait", line(0, 0), 5 * time.Minute, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := ascii(worstCaseWords(c.line, c.each))
			if want := ascii(c.want); got != want && tied(got) != tied(want) {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

func Test_duration(t *testing.T) {
	for in, want := range map[time.Duration]string{
		25 * time.Minute: "25m", 90 * time.Second: "1m30s", time.Hour: "1h", 65 * time.Minute: "1h5m",
		30 * time.Second: "30s", 1500 * time.Millisecond: "1.5s", 10 * time.Hour: "10h",
	} {
		if got := duration(int64(in)); got != want {
			t.Errorf("duration(%v) = %q, want %q", in, got, want)
		}
	}
}

func Test_owner_is_the_chart_of_the_template(t *testing.T) {
	for in, want := range map[string]string{
		"shop/templates/x.yaml":                              "shop",
		"shop/templates/tests/x.yaml":                        "shop",
		"shop/charts/catalog/templates/x.yaml":               "catalog",
		"shop/charts/catalog/charts/search/templates/x.yaml": "search",
		"shop/crds/x.yaml":                                   "shop",
		"shop/templates/charts/x.yaml":                       "shop",
		"charts/charts/charts/templates/x.yaml":              "charts",
		"generated-by-postrender-3.yaml":                     "",
		"manifests/base/x.yaml":                              "",
		"shop/charts/x.yaml":                                 "",
		"":                                                   "",
	} {
		if got := owner(in); got != want {
			t.Errorf("owner(%q) = %q, want %q", in, got, want)
		}
	}
}

func Test_place(t *testing.T) {
	for _, c := range []struct {
		file, template string
		document, line int
		want           string
	}{
		{"./shop/x.yaml", "shop/x.yaml", 0, 7, "./shop/x.yaml:7"},
		{"", "shop/x.yaml", 0, 0, "shop/x.yaml"},
		{"", "shop/x.yaml", 2, 0, "shop/x.yaml (3rd document)"},
		{"", "shop/x.yaml", 11, 0, "shop/x.yaml (12th document)"},
		{"", "", 3, 0, ""},
	} {
		if got := place(c.file, c.template, c.document, c.line); got != c.want {
			t.Errorf("place(%q, %q, %d, %d) = %q, want %q", c.file, c.template, c.document, c.line, got, c.want)
		}
	}
}

func Test_kindsWords_names_the_first_kinds_and_counts_the_others(t *testing.T) {
	kinds := resources(plan.Install).Kinds
	for limit, want := range map[int]string{
		0: "5 Deployment, 4 Service, 2 ConfigMap, 1 Ingress, 1 Secret, 1 ServiceAccount",
		4: "5 Deployment, 4 Service, 2 ConfigMap, 1 Ingress and 2 more kinds",
		5: "5 Deployment, 4 Service, 2 ConfigMap, 1 Ingress, 1 Secret, 1 ServiceAccount",
	} {
		if got := kindsWords(kinds, limit); got != want {
			t.Errorf("limit %d: got %q, want %q", limit, got, want)
		}
	}
}

func Test_shorten_keeps_both_ends(t *testing.T) {
	unicode, plainStyle := Style{Unicode: true}, Style{}
	for _, c := range []struct {
		style   Style
		in      string
		columns int
		want    string
	}{
		{unicode, "Job/migrate", 0, "Job/migrate"},
		{unicode, "Job/migrate", 11, "Job/migrate"},
		{unicode, "Job/migrate-orders", 11, "Job/m…rders"},
		{plainStyle, "Job/migrate-orders", 11, "Job/...ders"},
		{unicode, "設定データベース", 9, "設定…ース"},
		{unicode, "e\u0301e\u0301e\u0301e\u0301", 3, "e\u0301…e\u0301"},
		{unicode, "Job/migrate", 2, "Jo"},
		{unicode, "Job/migrate", 1, "J"},
	} {
		if got := c.style.shorten(c.in, c.columns); got != c.want {
			t.Errorf("shorten(%q, %d) = %q, want %q", c.in, c.columns, got, c.want)
		}
	}
}
