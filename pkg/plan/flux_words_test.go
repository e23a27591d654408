package plan_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// renamed is fluxChart under another name.
func renamed(fields plan.Fields) (plan.Rendered, error) {
	rendered, err := fluxChart(fields)
	for i := range rendered.Documents {
		rendered.Documents[i].Template = strings.Replace(rendered.Documents[i].Template, "c/", "other/", 1)
	}
	return rendered, err
}

// A chart of another name is no upgrade to Flux (spec.upgrade.chartNameChangeStrategy).
func Test_a_chart_of_another_name(t *testing.T) {
	engine, err := plan.ParseEngine("flux")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		inPlace bool
		want    []string
	}{{false, []string{"uninstall", "install"}}, {true, []string{"upgrade", "uninstall"}}} {
		made, err := plan.Make(plan.Input{
			Engine: engine, Release: plan.Release{Name: "r", Namespace: "n"}, Render: renamed, From: fluxChart, Flux: &plan.Flux{ChartNameInPlace: c.inPlace},
		})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, line := range made.Timelines {
			got = append(got, string(line.Action))
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("in place %v: -want +got:\n%s", c.inPlace, diff)
		}
	}
}

func Test_failures_that_cannot_come_about_under_flux(t *testing.T) {
	engine, err := plan.ParseEngine("flux")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		flux plan.Flux
		hook string
		says string
	}{
		{plan.Flux{Suspended: true}, "pre-install", "spec.suspend is set"},
		{plan.Flux{Upgrade: plan.FluxAction{Remediation: plan.FluxRemediation{Retries: 1}}}, "pre-rollback", "Flux rolls back only after a failed upgrade"},
	} {
		_, err := plan.Make(plan.Input{
			Engine: engine, Release: plan.Release{Name: "r", Namespace: "n"}, Render: fluxChart, Flux: &c.flux,
			Faults: []plan.Fault{{Object: "Job/" + c.hook, At: plan.FaultWait}},
		})
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", c.hook, err, c.says)
		}
	}
}

func Test_what_a_reader_should_know_about_flux(t *testing.T) {
	retries := plan.FluxAction{Remediation: plan.FluxRemediation{Retries: 1}}
	for _, c := range []struct {
		name string
		flux plan.Flux
		says []string
		not  []string
	}{
		{"nothing set", plan.Flux{}, []string{"Job/test never runs in test: spec.test.enable is not set", "Job/pre-rollback never runs in pre-rollback", "install hooks may never come to a good end"}, []string{"delete hooks run then too"}},
		{"a filter", plan.Flux{Test: plan.FluxTest{Enabled: true, Filters: []string{"!name=test"}}}, []string{"spec.test.filters leave it out"}, nil},
		{"install hooks off", plan.Flux{Install: plan.FluxAction{DisableHooks: true}}, nil, []string{"install hooks may never"}},
		{"installs are tried again", plan.Flux{Install: retries}, []string{"a failed install is undone by an uninstall"}, nil},
		{"upgrades are rolled back", plan.Flux{Upgrade: retries}, nil, []string{"nothing is ever rolled back", "delete hooks run then too"}},
		{
			"upgrades are uninstalled",
			plan.Flux{Upgrade: plan.FluxAction{Remediation: plan.FluxRemediation{Retries: 1, Uninstall: true}}},
			[]string{"a failed upgrade is undone by an uninstall", "nothing is ever rolled back"},
			nil,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			remarks := strings.Join(fluxPlan(t, c.flux).Remarks, "\n")
			for _, want := range c.says {
				if !strings.Contains(remarks, want) {
					t.Errorf("not said: %q in\n%s", want, remarks)
				}
			}
			for _, unwanted := range c.not {
				if strings.Contains(remarks, unwanted) {
					t.Errorf("said: %q", unwanted)
				}
			}
		})
	}
}

// A hook that never runs is explained, with the reason.
func Test_a_hook_that_flux_never_runs(t *testing.T) {
	engine, err := plan.ParseEngine("flux")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		hook string
		flux plan.Flux
		want []string
	}{
		{"test", plan.Flux{}, []string{"It never runs in test: spec.test.enable is not set."}},
		{"pre-delete", plan.Flux{Uninstall: plan.FluxAction{DisableHooks: true}}, []string{"It never runs in pre-delete: spec.uninstall.disableHooks is set."}},
		{"pre-install", plan.Flux{}, nil},
	} {
		life, err := plan.ExplainHook(plan.Input{Engine: engine, Release: plan.Release{Name: "r", Namespace: "n"}, Render: fluxChart, Flux: &c.flux}, "Job/"+c.hook)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, life.Never); diff != "" {
			t.Errorf("%s: -want +got:\n%s", c.hook, diff)
		}
		if c.want == nil && (len(life.Runs) == 0 || life.Runs[0].UnderFlux == nil) {
			t.Errorf("%s: nothing is said of a failure", c.hook)
		}
	}
}
