package plan

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fluxPlan plans or lints documents under a HelmRelease.
func fluxPlan(t *testing.T, flux *Flux, lint bool, documents ...string) Plan {
	t.Helper()
	p, err := Make(Input{Engine: engineOf(t, "flux"), Flux: flux, Release: Release{Name: "shop", Namespace: "prod"}, Render: chartOf(documents...), Lint: lint})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// helm-controller 1.6.3 was seen to stay in StateError, a change of values included: test/flux, "install fails, 1 retry,
// its pre-delete fails".
func TestFailureStrandsTheReleaseUnderFlux(t *testing.T) {
	clean := hookJob("clean", `helm.sh/hook: pre-delete`)
	rollback := hookJob("back", `helm.sh/hook: "pre-rollback,post-rollback"`)
	retries := FluxRemediation{Retries: 1}
	last := true
	installs, upgrades := "HH112 Job/clean failed install", "HH112 Job/clean failed upgrade"
	for _, c := range []struct {
		name      string
		flux      *Flux
		documents []string
		want      []string
	}{
		{name: "a HelmRelease that sets nothing undoes nothing", documents: docs(clean, rollback, plainCM)},
		{name: "install retries", flux: &Flux{Install: FluxAction{Remediation: retries}}, documents: docs(clean, plainCM), want: docs(installs)},
		{name: "without end", flux: &Flux{Install: FluxAction{Remediation: FluxRemediation{Retries: -1}}}, documents: docs(clean, plainCM), want: docs(installs)},
		{name: "the last failure is undone", flux: &Flux{Install: FluxAction{Remediation: FluxRemediation{LastFailure: &last}}}, documents: docs(clean, plainCM), want: docs(installs)},
		{name: "a hook is what fails in the install", flux: &Flux{Install: FluxAction{Remediation: retries}}, documents: docs(clean, hookJob("m", "helm.sh/hook: pre-install")), want: docs(installs)},
		{name: "RetryOnFailure undoes nothing", flux: &Flux{Install: FluxAction{Remediation: retries, RetryOnFailure: true}}, documents: docs(clean, plainCM)},
		{name: "delete hooks are switched off", flux: &Flux{Install: FluxAction{Remediation: retries}, Uninstall: FluxAction{DisableHooks: true}}, documents: docs(clean, plainCM)},
		{name: "upgrades are rolled back", flux: &Flux{Upgrade: FluxAction{Remediation: retries}}, documents: docs(clean, plainCM)},
		{name: "upgrades are uninstalled", flux: &Flux{Upgrade: FluxAction{Remediation: FluxRemediation{Retries: 1, Uninstall: true}}}, documents: docs(clean, plainCM), want: docs(upgrades)},
		{name: "both, told once", flux: &Flux{Install: FluxAction{Remediation: retries}, Upgrade: FluxAction{Remediation: FluxRemediation{Retries: 1, Uninstall: true}}}, documents: docs(clean, plainCM), want: docs(installs)},
		{name: "a rollback hook is unlocked", flux: &retried, documents: docs(rollback, plainCM)},
		{name: "of both sorts", flux: &retried, documents: docs(hookJob("clean", `helm.sh/hook: "pre-rollback,pre-delete"`), plainCM), want: docs(installs)},
		{name: "a kept record is in the way of the next install anyhow", flux: &Flux{Install: FluxAction{Remediation: retries}, Uninstall: FluxAction{KeepHistory: true}}, documents: docs(clean, plainCM)},
		{name: "post-delete purges the records all the same", flux: &retried, documents: docs(hookJob("clean", "helm.sh/hook: post-delete"), plainCM)},
		{name: "a ConfigMap hardly fails", flux: &retried, documents: docs(one("ConfigMap", "c", "helm.sh/hook: pre-delete"), plainCM)},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, lint := range []bool{true, false} {
				if diff := cmp.Diff(c.want, strandings(t, fluxPlan(t, c.flux, lint, c.documents...))); diff != "" {
					t.Errorf("lint %v: -want +got\n%s", lint, diff)
				}
			}
		})
	}
}

// strandings are the findings of HH112 in a few words.
func strandings(t *testing.T, p Plan) (told []string) {
	t.Helper()
	for _, f := range p.Findings {
		if f.Rule != ruleStranded {
			continue
		}
		_, undoes, _ := strings.Cut(f.Message, "the uninstall that undoes a ")
		undoes, rest, _ := strings.Cut(undoes, " (")
		told = append(told, f.Rule+" "+f.Object.Ref()+" "+undoes)
		if !strings.Contains(rest, "StateError") || strings.Contains(f.Message, "Helm refuses") || !strings.Contains(f.Fix, "spec.uninstall.disableHooks") {
			t.Errorf("%s\n%s", f.Message, f.Fix)
		}
	}
	return told
}

// A rollback that fails leaves pending-rollback, with no retry left too: the next change unlocks that.
func TestFluxGetsOverAFailedRollback(t *testing.T) {
	for _, times := range []int{1, 0} {
		input, err := Input{Engine: engineOf(t, "flux"), Flux: &retried, Release: Release{Name: "shop"}, Render: chartOf(hookJob("back", "helm.sh/hook: pre-rollback"), plainCM)}.underFlux()
		if err != nil {
			t.Fatal(err)
		}
		p, _, err := newPlayer(input)
		if err != nil {
			t.Fatal(err)
		}
		starts, err := p.fluxStarts()
		if err != nil {
			t.Fatal(err)
		}
		faults := []Fault{{Object: faultResources, Event: Event(Upgrade)}, {Object: "Job/back", Event: PreRollback, At: FaultWait, Times: times}}
		c := starts[1].from.fork()
		c.faults = slices.Clone(faults)
		if _, err := starts[1].play(c); err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(c.steps, func(s controlled) bool { return s.trace.Outcome.Status == StatusPendingRollback }) {
			t.Fatal("no rollback fails")
		}
		over, err := getsOver(starts[1], faults)
		if err != nil || !over {
			t.Errorf("%d times: %v %v", times, over, err)
		}
	}
}

// What strands a release under Flux is up to the HelmRelease: that the finding is gone would be read as if nothing could.
func TestCompareDoesNotSayThatFluxNeverStrandsARelease(t *testing.T) {
	chart := chartOf(hookJob("clean", "helm.sh/hook: pre-delete"), plainCM)
	for _, c := range []struct {
		old, now string
		want     bool
	}{{"helm4", "flux", false}, {"flux", "helm4", true}} {
		found := slices.ContainsFunc(diffOf(t, c.old, c.now, chart, chart).Changes, func(one Change) bool { return one.Rule == ruleStranded })
		if found != c.want {
			t.Errorf("%s to %s: %v", c.old, c.now, found)
		}
	}
}

const needsLater = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec: {containers: [{name: a, envFrom: [{secretRef: {name: made}}]}]}
`

func TestComparisonSaysThatFluxWaitsForOrdinaryObjects(t *testing.T) {
	made := one("Secret", "made", "helm.sh/hook: post-install")
	gone := one("Secret", "made", "helm.sh/hook: pre-install, helm.sh/hook-delete-policy: hook-succeeded")
	noWait := FluxAction{DisableWait: true}
	flux := "ordinary objects are waited for, up to spec.timeout, before post hooks run: in install, upgrade and uninstall, unless disableWait is set there; Helm 4.3 does not wait for them without --wait"
	helm := "ordinary objects are not waited for without --wait: in install, upgrade and uninstall post hooks run as soon as these are made, changed or deleted"
	for _, c := range []struct {
		name      string
		engines   []string
		flux      *Flux
		documents []string
		notes     []string
		found     []string
	}{
		{"an install that hangs", docs("helm4", "flux"), nil, docs(needsLater, made), docs(flux), docs("HH204 error [1]")},
		{"Flux acts now", docs("flux", "helm4"), nil, docs(needsLater, made), docs(helm), docs("HH204 error [0]")},
		{"nothing that hangs", docs("helm4", "flux"), nil, docs(plainCM, made), docs(flux), nil},
		{"gone before, under both", docs("helm4", "flux"), nil, docs(needsLater, gone), docs(flux), nil},
		{"no ordinary objects", docs("helm4", "flux"), nil, docs(made), nil, nil},
		{"disableWait", docs("helm4", "flux"), &Flux{Install: noWait, Upgrade: noWait, Rollback: noWait, Uninstall: noWait}, docs(needsLater, made), nil, nil},
		{"two Helms", docs("helm4", "helm3"), nil, docs(needsLater, made), nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var plans []Plan
			for _, engine := range c.engines {
				p, err := Make(Input{Engine: engineOf(t, engine), Flux: c.flux, Release: Release{Name: "shop", Namespace: "prod"}, Render: chartOf(c.documents...)})
				if err != nil {
					t.Fatal(err)
				}
				plans = append(plans, p)
			}
			compared := CompareEngines(plans)
			var notes, found []string
			for _, note := range compared.Engines[1].Notes {
				if strings.HasPrefix(note, "ordinary objects ") {
					notes = append(notes, note)
				}
			}
			for _, f := range compared.Findings {
				if f.Rule == ruleWorkload {
					found = append(found, fmt.Sprintf("%s %s %v", f.Rule, f.Severity, f.Engines))
				}
			}
			if diff := cmp.Diff(c.notes, notes); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if diff := cmp.Diff(c.found, found); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}
