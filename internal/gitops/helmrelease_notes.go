package gitops

import (
	"fmt"
	"slices"
	"strings"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// note says what else bears on when something happens.
func (h *HelmRelease) note() {
	s := &h.spec
	add := func(format string, arguments ...any) { h.Notes = append(h.Notes, fmt.Sprintf(format, arguments...)) }
	if s.Suspend {
		add("it is suspended: Flux does nothing, and a deletion of it uninstalls nothing and runs no hook")
	}
	if s.Interval == nil {
		add("spec.interval is missing, without which the API server refuses it")
	}
	if s.Install.SkipCRDs {
		add("spec.install.skipCRDs does nothing any more: spec.install.crds: Skip does")
	}
	if s.Install.DisableSchemaValidation != s.Upgrade.DisableSchemaValidation {
		add("only one of spec.install and spec.upgrade disables the schema validation, and here none is made: values that break the schema fail the other one")
	}
	if names := s.dependencies(h.Namespace); len(names) > 0 {
		add("nothing runs before these are ready: %s", strings.Join(names, ", "))
	}
	if note := s.disabledHooks(); note != "" {
		add("%s", note)
	}
	if s.DriftDetection.Mode == "enabled" {
		add("spec.driftDetection is enabled: Flux corrects drift of ordinary objects by applying them, and runs no hook for it")
	}
	// reconcileRelease goes on without a namespace, and Helm's install fails at its first object (helm-controller 1.6.3
	// internal/action/install.go).
	if s.TargetNamespace != "" && s.TargetNamespace != h.Namespace && !s.Install.CreateNamespace && len(h.Status.History) == 0 {
		add("namespace %s has to exist: spec.install.createNamespace is not set", s.TargetNamespace)
	}
	if what := s.identity(); what != "" && !s.Suspend {
		add("if %s is gone when the HelmRelease is deleted, Flux leaves the uninstall out: no delete hook runs, and the release stays", what)
	}
	if strings.Contains(string(h.object.body), "${") {
		add("it holds ${…}, which postBuild of a Kustomization would replace; it is read as it stands")
	}
	h.Notes = append(h.Notes, h.Status.notes(h.object, s.Suspend)...)
}

func (s *helmReleaseSpec) dependencies(namespace string) []string {
	var names []string
	for _, d := range s.DependsOn {
		name := "HelmRelease/" + d.Name
		if d.Namespace != "" && d.Namespace != namespace {
			name += " of " + d.Namespace
		}
		names = append(names, name)
	}
	return slices.Compact(names)
}

// disabledHooks says which actions run no hook; empty where all do. Tests have no such switch.
func (s *helmReleaseSpec) disabledHooks() string {
	var fields, actions []string
	for _, one := range []struct {
		field, action string
		disabled      bool
	}{
		{"spec.install.disableHooks", "an install", s.Install.DisableHooks},
		{"spec.upgrade.disableHooks", "an upgrade", s.Upgrade.DisableHooks},
		{"spec.rollback.disableHooks", "a rollback", s.Rollback.DisableHooks},
		{"spec.uninstall.disableHooks", "an uninstall", s.Uninstall.DisableHooks},
	} {
		if one.disabled {
			fields, actions = append(fields, one.field), append(actions, one.action)
		}
	}
	if len(fields) == 0 {
		return ""
	}
	last := len(actions) - 1
	all := actions[last]
	if last > 0 {
		all = strings.Join(actions[:last], ", ") + " or " + all
	}
	return strings.Join(fields, ", ") + ": no hook of " + all + " runs"
}

// identity names what Flux acts with, and without which it does not uninstall: the kubeconfig's Secret or ConfigMap, else
// the ServiceAccount (helm-controller 1.6.3 internal/controller/helmrelease_controller.go reconcileReleaseDeletion).
func (s *helmReleaseSpec) identity() string {
	switch k := s.KubeConfig; {
	case k != nil && k.SecretRef != nil:
		return "Secret/" + k.SecretRef.Name + " of spec.kubeConfig"
	case k != nil && k.ConfigMapRef != nil:
		return "ConfigMap/" + k.ConfigMapRef.Name + " of spec.kubeConfig"
	case s.ServiceAccountName != "":
		return "ServiceAccount/" + s.ServiceAccountName
	}
	return ""
}

// healthChecks are kinds that Flux waits for by expressions of the HelmRelease. They go before its readers of Jobs and
// Pods, and before the one that takes all other hooks for ready at once, also where waiting is disabled (helm-controller
// 1.6.3 internal/controller/helmrelease_controller.go newResourceManager, internal/action/wait.go WatchUntilReady). Helm's
// own waiter, which is legacy, does not know them (internal/action/client.go newWaiter), nor does the deletion.
func (s *helmReleaseSpec) healthChecks() []plan.UnknownFact {
	var kinds []string
	for _, one := range s.HealthCheckExprs {
		kind := strings.TrimSpace(one.APIVersion + " " + one.Kind)
		if !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	if len(kinds) == 0 || s.WaitStrategy != nil && s.WaitStrategy.Name == "legacy" {
		return nil
	}
	return []plan.UnknownFact{{
		What: "waits", Why: "spec.healthCheckExprs says when an object of these kinds is ready, hooks included: " + strings.Join(kinds, ", ") +
			". Flux waits by these expressions, which are not evaluated here; one that is not valid stops Flux before anything runs",
		HowToKnow: "spec.healthCheckExprs, against the status of such objects: kubectl get KIND NAME -o yaml",
	}}
}
