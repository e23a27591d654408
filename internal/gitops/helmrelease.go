package gitops

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"

	"sigs.k8s.io/yaml"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// versionHelmRelease is the one version that helm-controller 1.6 serves (CHANGELOG: v2beta1 and v2beta2 are gone).
const versionHelmRelease = groupHelmRelease + "/v2"

// HelmRelease is what a HelmRelease says, with Flux's defaults where they decide names.
type HelmRelease struct {
	// Name and Namespace are those of the object.
	Name, Namespace string
	// Release is the Helm release that it makes; Stored is the namespace of its records.
	Release plan.Release
	Stored  string
	Flux    plan.Flux
	// Values are spec.values; ValuesFrom is laid under them by MergeValues.
	Values     map[string]any
	ValuesFrom []ValuesReference
	// PreserveValues is spec.upgrade.preserveValues: an upgrade keeps the values of the last release.
	PreserveValues bool
	// SkipSchemaValidation says that an install or an upgrade passes over the chart's schema.
	SkipSchemaValidation bool
	// OtherCluster says that spec.kubeConfig names the cluster to install into.
	OtherCluster bool
	// Deleting says that the object goes: what comes is its uninstall.
	Deleting bool
	Status   Status
	// Notes are for the head of an answer, Unknown for what the object leaves open.
	Notes   []string
	Unknown []plan.UnknownFact

	object *Object
	spec   helmReleaseSpec
}

// Error is an error whose way out is known.
type Error struct {
	Err error
	// Hint says what to do about it.
	Hint string
}

func (e *Error) Error() string { return e.Err.Error() }

// Unwrap gives the error itself.
func (e *Error) Unwrap() error { return e.Err }

// ParseHelmRelease reads a HelmRelease. namespace is where it lives if it does not say so itself.
func ParseHelmRelease(o *Object, namespace string) (*HelmRelease, error) {
	if o.APIVersion != versionHelmRelease {
		return nil, &Error{
			fmt.Errorf("%s: %s is of %s, and helm-controller 1.6 serves %s alone", o.Where, o.Ref(), o.APIVersion, versionHelmRelease),
			"flux migrate -f FILE rewrites it; or change apiVersion, and what the API server says of the fields that are gone",
		}
	}
	if err := o.named(); err != nil {
		return nil, err
	}
	parts, err := o.parts()
	if err != nil {
		return nil, err
	}
	if len(parts["spec"]) == 0 {
		return nil, fmt.Errorf("%s: %s has no spec", o.Where, o.Ref())
	}
	h := &HelmRelease{Name: o.Name, Namespace: firstOf(o.Namespace, namespace), object: o}
	dropped, err := decode(o, "spec", parts["spec"], &h.spec)
	if err != nil {
		return nil, err
	}
	h.Notes = dropped
	if err := h.check(); err != nil {
		return nil, err
	}
	if err := h.Status.read(o, parts["status"]); err != nil {
		return nil, err
	}
	if err := h.settle(); err != nil {
		return nil, err
	}
	return h, nil
}

// settle works out what the fields mean together.
func (h *HelmRelease) settle() error {
	s := &h.spec
	values, err := readValues(s.Values)
	if err != nil {
		return fmt.Errorf("%s: %s: spec.values: %w", h.object.Where, h.object.Ref(), err)
	}
	h.Values, h.ValuesFrom = values, s.ValuesFrom
	h.Release = plan.Release{Name: shorten(h.releaseName()), Namespace: firstOf(s.TargetNamespace, h.Namespace)}
	h.Stored = firstOf(s.StorageNamespace, h.Namespace)
	h.Flux = s.flux()
	h.PreserveValues = s.Upgrade.PreserveValues
	h.SkipSchemaValidation = s.Install.DisableSchemaValidation || s.Upgrade.DisableSchemaValidation
	h.OtherCluster = s.KubeConfig != nil
	h.Deleting = h.object.metadata.DeletionTimestamp != ""
	if h.Deleting && h.Status.Stored != "" && len(h.Status.History) > 0 {
		// What is uninstalled is the release that was made, whatever the spec says by now (helm-controller 1.6.3
		// internal/reconcile/uninstall.go Reconcile, internal/controller/helmrelease_controller.go reconcileUninstall).
		last := h.newest()
		h.Release, h.Stored = plan.Release{Name: last.Name, Namespace: last.Namespace}, h.Status.Stored
	}
	h.note()
	h.Unknown = append(h.Unknown, s.postRendering()...)
	h.Unknown = append(h.Unknown, s.zeroTimeouts()...)
	h.Unknown = append(h.Unknown, s.healthChecks()...)
	return nil
}

// firstOf is the first of two texts that is not empty.
func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// readValues reads values as helm-controller does (api/v2/helmrelease_types.go GetValues), except that what is no
// object is an error: the API server takes any JSON, and the controller then goes on without values.
func readValues(raw json.RawMessage) (map[string]any, error) {
	var values map[string]any
	if len(raw) == 0 {
		return nil, nil
	}
	if err := yaml.Unmarshal(raw, &values); err != nil {
		return nil, errors.New("it is no object, so Flux installs the chart without it")
	}
	return values, nil
}

// releaseName is GetReleaseName of api/v2/helmrelease_types.go.
func (h *HelmRelease) releaseName() string {
	switch {
	case h.spec.ReleaseName != "":
		return h.spec.ReleaseName
	case h.spec.TargetNamespace != "":
		return h.spec.TargetNamespace + "-" + h.Name
	}
	return h.Name
}

// shorten is ShortenName of internal/release/name.go: 40 letters, and a hash of all of them.
func shorten(name string) string {
	const most, hash = 53, 12
	if len(name) <= most {
		return name
	}
	sum := fmt.Sprintf("%x", sha256.Sum256([]byte(name)))
	return name[:most-hash-1] + "-" + sum[:hash]
}

var (
	valuesKeyText  = regexp.MustCompile(`^[\-._a-zA-Z0-9]+$`)
	targetPathText = regexp.MustCompile(`^([a-zA-Z0-9_\-.\\\/]|\[[0-9]{1,5}\])+$`)
)

// check refuses what the CustomResourceDefinition refuses, of the fields that are read here.
func (h *HelmRelease) check() error {
	s, c := &h.spec, &checks{object: h.object}
	c.length("spec.releaseName", s.ReleaseName, 53)
	c.length("spec.targetNamespace", s.TargetNamespace, 63)
	c.length("spec.storageNamespace", s.StorageNamespace, 63)
	c.oneOf("spec.install.crds", s.Install.CRDs, "Skip", "Create", "CreateReplace")
	c.oneOf("spec.upgrade.crds", s.Upgrade.CRDs, "Skip", "Create", "CreateReplace")
	c.strategy("spec.install.strategy", s.Install.Strategy)
	c.strategy("spec.upgrade.strategy", s.Upgrade.Strategy)
	c.oneOf("spec.upgrade.remediation.strategy", s.Upgrade.Remediation.Strategy, "rollback", "uninstall")
	c.oneOf("spec.upgrade.serverSideApply", s.Upgrade.ServerSideApply, "enabled", "disabled", "auto")
	c.oneOf("spec.upgrade.chartNameChangeStrategy", s.Upgrade.ChartNameChangeStrategy, "InPlaceUpdate", "Reinstall")
	c.oneOf("spec.rollback.serverSideApply", s.Rollback.ServerSideApply, "enabled", "disabled", "auto")
	c.oneOf("spec.uninstall.deletionPropagation", s.Uninstall.DeletionPropagation, "background", "foreground", "orphan")
	c.oneOf("spec.driftDetection.mode", s.DriftDetection.Mode, "enabled", "warn", "disabled")
	c.oneOf("spec.postRenderStrategy", s.PostRenderStrategy, "nohooks", "combined", "separate")
	if s.WaitStrategy != nil {
		c.required("spec.waitStrategy.name", s.WaitStrategy.Name)
		c.oneOf("spec.waitStrategy.name", s.WaitStrategy.Name, "poller", "legacy")
	}
	for i, expressions := range s.HealthCheckExprs {
		c.required(fmt.Sprintf("spec.healthCheckExprs[%d].apiVersion", i), expressions.APIVersion)
		c.required(fmt.Sprintf("spec.healthCheckExprs[%d].current", i), expressions.Current)
	}
	c.kubeConfig(s.KubeConfig)
	for i, ref := range s.ValuesFrom {
		c.valuesFrom(fmt.Sprintf("spec.valuesFrom[%d]", i), ref)
	}
	for i, filter := range s.Test.Filters {
		c.required(fmt.Sprintf("spec.test.filters[%d].name", i), filter.Name)
	}
	if s.Chart != nil && s.ChartRef != nil {
		c.refuse("spec has both chart and chartRef")
	}
	return c.err
}

func (c *checks) strategy(field string, s *strategy) {
	if s == nil {
		return
	}
	c.required(field+".name", s.Name)
	c.oneOf(field+".name", s.Name, "RemediateOnFailure", "RetryOnFailure")
	if s.RetryInterval != nil && s.Name == "RemediateOnFailure" {
		c.refuse("%s.retryInterval goes with RetryOnFailure only", field)
	}
}

func (c *checks) kubeConfig(k *kubeConfig) {
	switch {
	case k == nil:
	case (k.SecretRef == nil) == (k.ConfigMapRef == nil):
		c.refuse("spec.kubeConfig takes one of secretRef and configMapRef")
	case k.SecretRef != nil:
		c.required("spec.kubeConfig.secretRef.name", k.SecretRef.Name)
	default:
		c.required("spec.kubeConfig.configMapRef.name", k.ConfigMapRef.Name)
	}
}

func (c *checks) valuesFrom(field string, ref ValuesReference) {
	c.required(field+".kind", ref.Kind)
	c.oneOf(field+".kind", ref.Kind, "Secret", "ConfigMap")
	c.required(field+".name", ref.Name)
	if ref.ValuesKey != "" && !valuesKeyText.MatchString(ref.ValuesKey) {
		c.refuse("%s.valuesKey: %q is no key", field, ref.ValuesKey)
	}
	if ref.TargetPath != "" && (!targetPathText.MatchString(ref.TargetPath) || len(ref.TargetPath) > 250) {
		c.refuse("%s.targetPath: %q is no path", field, ref.TargetPath)
	}
}
