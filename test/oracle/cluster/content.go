package cluster

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/client-go/kubernetes/scheme"
	sigsjson "sigs.k8s.io/json"
)

// builtInTypes holds the types of every built-in kind, as Helm's kube.kubernetesNativeScheme does.
var builtInTypes = sync.OnceValue(func() *runtime.Scheme {
	s := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{scheme.AddToScheme, apiextensions.AddToScheme} {
		if err := add(s); err != nil {
			panic(err) // only if two types claim one kind
		}
	}
	return s
})

// decode reads the content of a write, and refuses what does not fit the built-in type: a wrong JSON type
// always, an unknown field only where the request is strict, which is server-side apply (a POST or PATCH
// without fieldValidation only gets a warning). status is another endpoint's business.
func (c *Cluster) decode(req request, data []byte) (map[string]any, error) {
	var obj map[string]any
	if err := utiljson.Unmarshal(data, &obj); err != nil {
		return nil, errors.NewBadRequest(err.Error())
	}
	gvk := req.version.WithKind(req.key.kind)
	if _, builtIn := builtIn().scopes[gvk]; builtIn && gvk.Group != "apiextensions.k8s.io" && builtInTypes().Recognizes(gvk) {
		typed, err := builtInTypes().New(gvk)
		if err != nil {
			return nil, err
		}
		unknown, err := sigsjson.UnmarshalStrict(data, typed, sigsjson.DisallowUnknownFields)
		if err != nil {
			return nil, errors.NewBadRequest(fmt.Sprintf("%s in version %q cannot be handled as a %s: %v",
				gvk.Kind, gvk.Version, gvk.Kind, err))
		}
		if req.strict && len(unknown) > 0 {
			return nil, errors.NewInternalError(fmt.Errorf("failed to create typed patch object (%s/%s; %s): %w",
				req.key.namespace, req.key.name, gvk, unknown[0]))
		}
		delete(obj, "status")
	}
	for _, field := range []string{"labels", "annotations"} {
		entries, _ := metadata(obj)[field].(map[string]any)
		for k, v := range entries {
			if v == nil { // a null in a map of strings is read as ""
				entries[k] = ""
			}
		}
	}
	return obj, nil
}

func (k key) is(group, kind string) bool { return k.group == group && k.kind == kind }

// runs says whether objects of this kind run to an end.
func runs(k key) bool { return k.is("batch", "Job") || k.is("", "Pod") }

// neverEnds says whether a Job or Pod cannot come to an end: a suspended Job has no Pods, and a Pod that
// is always restarted (which is the default) is Running for ever.
func neverEnds(k key, obj map[string]any) bool {
	spec, _ := obj["spec"].(map[string]any)
	if k.kind == "Job" {
		suspended, _ := spec["suspend"].(bool)
		return suspended
	}
	policy, _ := spec["restartPolicy"].(string)
	return policy == "" || policy == "Always"
}

// frozen are the fields that the API server's validation does not let change, by group/kind.
var frozen = map[string][]string{
	"batch/Job":                             {"spec.template", "spec.completions", "spec.selector", "spec.completionMode", "spec.podFailurePolicy"},
	"apps/Deployment":                       {"spec.selector"},
	"apps/ReplicaSet":                       {"spec.selector"},
	"apps/DaemonSet":                        {"spec.selector"},
	"apps/StatefulSet":                      {"spec.selector", "spec.serviceName", "spec.volumeClaimTemplates", "spec.podManagementPolicy"},
	"rbac.authorization.k8s.io/RoleBinding": {"roleRef"},
	"rbac.authorization.k8s.io/ClusterRoleBinding": {"roleRef"},
	"/Secret": {"type"},
}

// immutable is the error of an update that changes what must not change.
func immutable(req request, before, after map[string]any) error {
	for _, field := range frozen[req.key.group+"/"+req.key.kind] {
		if !sameAt(before, after, strings.Split(field, ".")) {
			return invalid(req, field+": Invalid value: field is immutable")
		}
	}
	if sealed, _ := before["immutable"].(bool); sealed && (req.key.is("", "ConfigMap") || req.key.is("", "Secret")) {
		for _, field := range []string{"data", "binaryData", "stringData", "immutable"} {
			if !sameAt(before, after, []string{field}) {
				return invalid(req, field+": Forbidden: field is immutable when `immutable` is set")
			}
		}
	}
	if req.key.is("", "Pod") && !reflect.DeepEqual(fixedPodSpec(before), fixedPodSpec(after)) {
		return invalid(req, "spec: Forbidden: pod updates may not change fields other than image, activeDeadlineSeconds, tolerations")
	}
	return nil
}

// fixedPodSpec is a Pod's spec without what may change: pkg/apis/core/validation ValidatePodUpdate.
func fixedPodSpec(obj map[string]any) map[string]any {
	spec, _ := obj["spec"].(map[string]any)
	spec = maps.Clone(spec)
	for _, field := range []string{"containers", "initContainers"} {
		containers, _ := spec[field].([]any)
		containers = slices.Clone(containers)
		for i, c := range containers {
			if container, ok := c.(map[string]any); ok {
				container = maps.Clone(container)
				delete(container, "image")
				containers[i] = container
			}
		}
		if containers != nil {
			spec[field] = containers
		}
	}
	delete(spec, "activeDeadlineSeconds")
	delete(spec, "tolerations")
	return spec
}
