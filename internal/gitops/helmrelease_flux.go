package gitops

import (
	"strings"
	"time"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// flux is the spec as pkg/plan takes it.
func (s *helmReleaseSpec) flux() plan.Flux {
	flux := plan.Flux{
		Suspended: s.Suspend, Timeout: s.Timeout.orZero(), MaxHistory: s.MaxHistory, PostRenderStrategy: s.PostRenderStrategy,
		ChartNameInPlace: s.Upgrade.ChartNameChangeStrategy == "InPlaceUpdate",
		Install: plan.FluxAction{
			Timeout: s.Install.Timeout.orZero(), DisableHooks: s.Install.DisableHooks, DisableWait: s.Install.DisableWait,
			DisableWaitForJobs: s.Install.DisableWaitForJobs, DisableTakeOwnership: s.Install.DisableTakeOwnership,
			ServerSide: serverSideSwitch(s.Install.ServerSideApply), Replace: s.Install.Replace, CRDs: s.Install.CRDs,
			Remediation: plan.FluxRemediation{
				Retries: s.Install.Remediation.Retries, LastFailure: s.Install.Remediation.RemediateLastFailure,
				IgnoreTestFailures: s.Install.Remediation.IgnoreTestFailures,
			},
		},
		Upgrade: plan.FluxAction{
			Timeout: s.Upgrade.Timeout.orZero(), DisableHooks: s.Upgrade.DisableHooks, DisableWait: s.Upgrade.DisableWait,
			DisableWaitForJobs: s.Upgrade.DisableWaitForJobs, DisableTakeOwnership: s.Upgrade.DisableTakeOwnership,
			ServerSide: serverSide(s.Upgrade.ServerSideApply), CleanupOnFail: s.Upgrade.CleanupOnFail, CRDs: s.Upgrade.CRDs,
			Remediation: plan.FluxRemediation{
				Retries: s.Upgrade.Remediation.Retries, LastFailure: s.Upgrade.Remediation.RemediateLastFailure,
				IgnoreTestFailures: s.Upgrade.Remediation.IgnoreTestFailures, Uninstall: s.Upgrade.Remediation.Strategy == "uninstall",
			},
		},
		Rollback: plan.FluxAction{
			Timeout: s.Rollback.Timeout.orZero(), DisableHooks: s.Rollback.DisableHooks, DisableWait: s.Rollback.DisableWait,
			DisableWaitForJobs: s.Rollback.DisableWaitForJobs, ServerSide: serverSide(s.Rollback.ServerSideApply), CleanupOnFail: s.Rollback.CleanupOnFail,
		},
		Uninstall: plan.FluxAction{
			Timeout: s.Uninstall.Timeout.orZero(), DisableHooks: s.Uninstall.DisableHooks, DisableWait: s.Uninstall.DisableWait,
			KeepHistory: s.Uninstall.KeepHistory,
		},
		Test: plan.FluxTest{Enabled: s.Test.Enable, IgnoreFailures: s.Test.IgnoreFailures, Timeout: s.Test.Timeout.orZero()},
	}
	flux.Install.RetryOnFailure, flux.Install.RetryInterval = s.Install.Strategy.retries()
	flux.Upgrade.RetryOnFailure, flux.Upgrade.RetryInterval = s.Upgrade.Strategy.retries()
	if s.WaitStrategy != nil {
		flux.WaitStrategy = s.WaitStrategy.Name
	}
	// internal/action/test.go newTest.
	for _, filter := range s.Test.Filters {
		key := "name="
		if filter.Exclude {
			key = "!name="
		}
		flux.Test.Filters = append(flux.Test.Filters, key+filter.Name)
	}
	return flux
}

func (d *duration) orZero() time.Duration {
	if d == nil {
		return 0
	}
	return d.Duration
}

// retries is GetRetry of api/v2/helmrelease_types.go.
func (s *strategy) retries() (bool, time.Duration) {
	if s == nil || s.Name != "RetryOnFailure" {
		return false, 0
	}
	return true, s.RetryInterval.orZero()
}

func serverSideSwitch(on *bool) plan.ServerSide {
	switch {
	case on == nil:
		return ""
	case *on:
		return plan.ServerSideTrue
	}
	return plan.ServerSideFalse
}

func serverSide(mode string) plan.ServerSide {
	switch mode {
	case "enabled":
		return plan.ServerSideTrue
	case "disabled":
		return plan.ServerSideFalse
	case "auto":
		return plan.ServerSideAuto
	}
	return ""
}

// zeroTimeouts names the waits that the object bounds by no time at all: what then happens differs by kind, and is not
// planned.
func (s *helmReleaseSpec) zeroTimeouts() []plan.UnknownFact {
	var fields []string
	for _, one := range []struct {
		field string
		value *duration
	}{
		{"spec.timeout", s.Timeout},
		{"spec.install.timeout", s.Install.Timeout},
		{"spec.upgrade.timeout", s.Upgrade.Timeout},
		{"spec.rollback.timeout", s.Rollback.Timeout},
		{"spec.uninstall.timeout", s.Uninstall.Timeout},
		{"spec.test.timeout", s.Test.Timeout},
	} {
		if one.value != nil && one.value.Duration == 0 {
			fields = append(fields, one.field)
		}
	}
	if len(fields) == 0 {
		return nil
	}
	return []plan.UnknownFact{{
		What: "timeouts", Why: strings.Join(fields, ", ") + " is 0s: planned is as if it were left out, and Flux gives such a wait no time",
		HowToKnow: "a timeout of 1s or more",
	}}
}

// postRendering is what spec.postRenderers and spec.commonMetadata may do to hooks. Nothing of it is applied here.
// Flux's own post-renderer adds two labels, which no hook is known by (internal/postrender/build.go). Helm looks for
// hooks behind the post-renderer, so that with combined, the default, a patch makes an object a hook or takes that from
// it (Helm 4.3.1 pkg/action/action.go renderResources; helm-controller 1.6.3 internal/action/post_render.go).
func (s *helmReleaseSpec) postRendering() []plan.UnknownFact {
	var facts []plan.UnknownFact
	patches, aboutHooks := 0, false
	for _, renderer := range s.PostRenderers {
		if renderer.Kustomize == nil {
			continue
		}
		for _, patch := range renderer.Kustomize.Patches {
			patches++
			aboutHooks = aboutHooks || mentionsHooks(patch.Patch)
		}
	}
	const howToKnow = "helm get all RELEASE | helm hooks plan - shows what became of the hooks of a release that Flux has made"
	switch {
	case patches == 0:
	case aboutHooks:
		facts = append(facts, plan.UnknownFact{
			What: "post-renderer", Why: "spec.postRenderers has patches that name hook annotations: they decide what is a hook, and the plan shows the chart without them",
			HowToKnow: howToKnow,
		})
	case s.PostRenderStrategy != "nohooks":
		facts = append(facts, plan.UnknownFact{
			What: "post-renderer", Why: "the patches of spec.postRenderers reach hooks too (postRenderStrategy " + firstOf(s.PostRenderStrategy, "combined") +
				"), and the plan shows the chart without them: they may delete, rename or change hooks",
			HowToKnow: howToKnow,
		})
	}
	for key := range s.CommonMetadata.Annotations {
		if strings.HasPrefix(key, "helm.sh/") {
			return append(facts, plan.UnknownFact{
				What: "post-renderer", Why: "spec.commonMetadata sets annotations of helm.sh on every object, which makes hooks of what is none: the plan shows the chart without them",
				HowToKnow: howToKnow,
			})
		}
	}
	return facts
}

// mentionsHooks says whether a patch names a hook annotation. In a JSON patch the slash is written ~1.
func mentionsHooks(patch string) bool {
	return strings.Contains(patch, "helm.sh/") || strings.Contains(patch, "helm.sh~1")
}
