package render

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// aLife is a life under Flux: an upgrade that fails and a rollback, as often as that.
func aLife(rounds int) plan.Plan {
	var lines []plan.Timeline
	for i := range rounds {
		upgrade := from(aTimeline(plan.Upgrade, aPhase(plan.Upgrade, "pre-upgrade", aStep(1, "Job", "migrate").with(func(s *plan.Step) {
			s.Result, s.Error = plan.Failed, "job migrate failed"
		}))), fmt.Sprintf("what round %d left", i))
		upgrade.ID, upgrade.Because, upgrade.Revision = fmt.Sprintf("%d-upgrade", 2*i+1), "chart or values have changed", 2*i+2
		upgrade.Outcome = plan.Outcome{Result: plan.Failed, Error: "pre-upgrade hooks failed", Status: plan.StatusFailed, Left: []plan.Object{object("Job", "migrate")}}
		rollback := from(aTimeline(plan.Rollback, aPhase(plan.Rollback, "post-rollback", aStep(1, "Job", "restore"))), "the failed upgrade")
		rollback.ID, rollback.Because, rollback.Revision = fmt.Sprintf("%d-rollback", 2*i+2), "the failure is undone", 2*i+3
		upgrade.Phases[0].Revision, rollback.Phases[0].Revision = upgrade.Revision, rollback.Revision
		lines = append(lines, upgrade, rollback)
	}
	p := aPlan(lines...)
	p.Engine, p.Life = engine("flux"), true
	p.FluxEnd = &plan.FluxEnd{Ready: "False", Reason: "RollbackSucceeded", Stalled: "RetriesExceeded"}
	return p
}

func shown(t *testing.T, format string, p plan.Plan, o Options) string {
	t.Helper()
	render, err := New(format)
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := render.Plan(&got, aHeader(), p, o); err != nil {
		t.Fatal(err)
	}
	return got.String()
}

// actionLines are the lines of a tree that begin an action.
func actionLines(text string) (lines []string) {
	for line := range strings.SplitSeq(text, "\n") {
		if len(line) > 0 && line[0] >= '1' && line[0] <= '9' && strings.ContainsAny(line, "UR") && !strings.Contains(line, "hooks in") {
			lines = append(lines, strings.Join(strings.Fields(line), " "))
		}
	}
	return lines
}

func Test_equal_rounds_of_a_life_under_flux_take_one_line_each(t *testing.T) {
	unlike := func(change func(*plan.Timeline)) plan.Plan {
		p := aLife(2)
		change(&p.Timelines[2])
		return p
	}
	first := []string{
		"1 UPGRADE chart or values have changed · from what round 0 left · waits at most 5m",
		"2 ROLLBACK the failure is undone · from the failed upgrade · waits at most 5m",
	}
	second := "3 UPGRADE as 1 UPGRADE: fails again · from what round 1 left"
	inFull := "3 UPGRADE chart or values have changed · from what round 1 left · waits at most 5m"
	fourth := "4 ROLLBACK as 2 ROLLBACK · from the failed upgrade"
	notFlux := aLife(2)
	notFlux.FluxEnd = nil
	for _, c := range []struct {
		name string
		plan plan.Plan
		want []string
	}{
		{"the same", aLife(2), []string{second, fourth}},
		{"no life under Flux", notFlux, []string{inFull, "4 ROLLBACK the failure is undone · from the failed upgrade · waits at most 5m"}},
		{"another reason", unlike(func(l *plan.Timeline) { l.Because = "it was rolled back" }), []string{
			"3 UPGRADE as 1 UPGRADE: fails again · it was rolled back · from what round 1 left", fourth,
		}},
		{"something else is left", unlike(func(l *plan.Timeline) {
			l.Outcome.Left = append([]plan.Object{object("Job", "restore")}, l.Outcome.Left...)
		}), []string{second + " · hook objects in the cluster then: Job/restore, Job/migrate", fourth}},
		{"cut short", unlike(func(l *plan.Timeline) { l.Outcome.Signal = plan.SignalKill }), []string{inFull, fourth}},
		{"it ends well", unlike(func(l *plan.Timeline) { l.Outcome = plan.Outcome{Result: plan.OK, Status: plan.StatusDeployed} }), []string{inFull, fourth}},
		{"another error", unlike(func(l *plan.Timeline) { l.Phases[0].Steps[0].Error = "timed out" }), []string{inFull, fourth}},
		{"another hook", unlike(func(l *plan.Timeline) { l.Phases[0].Steps[0].Hook.Object.Name = "other" }), []string{inFull, fourth}},
		{"a step not run", unlike(func(l *plan.Timeline) { l.Phases[0].Steps[0].NotRun = true }), []string{inFull, fourth}},
		{"more objects", unlike(func(l *plan.Timeline) { l.Phases[0].Objects++ }), []string{inFull, fourth}},
		{"a phase more", unlike(func(l *plan.Timeline) { l.Phases = append(l.Phases, resources(plan.Upgrade)) }), []string{inFull, fourth}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := actionLines(shown(t, "tree", c.plan, Options{Style: Style{Unicode: true}}))
			if diff := cmp.Diff(append(append([]string{}, first...), c.want...), got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
	three, thirty := shown(t, "tree", aLife(3), Options{}), shown(t, "tree", aLife(30), Options{})
	if more := strings.Count(thirty, "\n") - strings.Count(three, "\n"); more != 54 {
		t.Errorf("27 more rounds take %d lines:\n%s", more, thirty)
	}
}

func Test_how_a_life_under_flux_ends_stands_in_every_format_for_people(t *testing.T) {
	const said = "stalled (RetriesExceeded) until the HelmRelease, chart or values change; Ready=False (RollbackSucceeded)"
	for _, c := range []struct{ format, want string }{
		{"table", "           -      -            -       -              -                      " + said + "\n"},
		{"wide", said + "\n"},
		{"mermaid", "  then[\"THEN<br/>" + entities(said) + "\"]\n  a4 --> then\n"},
		{"tree", "THEN       " + said + "\n"},
		{"markdown", "**Then:** "},
	} {
		got := shown(t, c.format, aLife(2), Options{Style: Style{Unicode: true}})
		if !strings.Contains(got, c.want) {
			t.Errorf("%s:\n%s", c.format, got)
		}
		if got := shown(t, c.format, aLife(2), Options{Only: "ignored"}); strings.Contains(got, "RetriesExceeded") {
			t.Errorf("%s says it although only what is ignored was asked for:\n%s", c.format, got)
		}
		other := aLife(2)
		other.FluxEnd = nil
		if got := shown(t, c.format, other, Options{}); strings.Contains(strings.ToLower(got), "then[") || strings.Contains(got, "THEN ") {
			t.Errorf("%s ends a life of which nothing is known:\n%s", c.format, got)
		}
	}
	timed := aLife(1)
	for i := range timed.Timelines {
		timed.Timelines[i].Phases[0].Steps[0].Hook.LastRun = plan.LastRun{Phase: "Succeeded", Started: noon(), Completed: noon().Add(time.Minute)}
	}
	if got := shown(t, "mermaid", timed, Options{}); !strings.Contains(got, "  section THEN\n  "+entities(said)+" :milestone, then, 0, 0\n") {
		t.Error(got)
	}
}

func Test_tables_have_what_helm_controller_runs_when(t *testing.T) {
	p := aPlan(aTimeline(plan.Install, aPhase(plan.Install, "pre-install", aStep(1, "Job", "migrate"))))
	p.Situations = []plan.Situation{
		{When: "nothing has changed", End: plan.FluxEnd{Ready: "True"}},
		{When: "the HelmRelease is\x1b[31m deleted", Steps: []plan.SituationStep{{Action: plan.Uninstall}}},
	}
	want := "\nWHEN                           HELM-CONTROLLER RUNS       AND THEN\n" +
		"nothing has changed            nothing                    Ready=True\n" +
		"the HelmRelease is deleted     uninstall (without hooks)  -\n"
	squeezed := func(text string) string {
		_, below, _ := strings.Cut(text, "\n\n")
		var lines []string
		for line := range strings.SplitSeq(below, "\n") {
			lines = append(lines, strings.Join(strings.Fields(line), " "))
		}
		return strings.Join(lines, "\n")
	}
	for _, format := range []string{"table", "wide"} {
		if diff := cmp.Diff(squeezed("\n"+want), squeezed(shown(t, format, p, Options{}))); diff != "" {
			t.Errorf("%s: -want +got\n%s", format, diff)
		}
		for _, o := range []Options{{Only: "ignored"}, {Hook: "Job/migrate"}} {
			if got := shown(t, format, p, o); strings.Contains(got, "WHEN") {
				t.Errorf("%+v:\n%s", o, got)
			}
		}
	}
}
