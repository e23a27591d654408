package cluster

import (
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
)

// frozen are the fields that the API server's validation does not let change, by group/kind.
var frozen = map[string][]string{
	"batch/Job": {
		"spec.completions", "spec.selector", "spec.completionMode", "spec.podFailurePolicy",
		"spec.backoffLimitPerIndex", "spec.managedBy", "spec.successPolicy",
	},
	"apps/Deployment":                              {"spec.selector"},
	"apps/ReplicaSet":                              {"spec.selector"},
	"apps/DaemonSet":                               {"spec.selector"},
	"rbac.authorization.k8s.io/RoleBinding":        {"roleRef"},
	"rbac.authorization.k8s.io/ClusterRoleBinding": {"roleRef"},
	"/Secret":                                       {"type"},
	"scheduling.k8s.io/PriorityClass":               {"value", "preemptionPolicy"},
	"storage.k8s.io/StorageClass":                   {"provisioner", "parameters", "reclaimPolicy", "volumeBindingMode"},
	"networking.k8s.io/IngressClass":                {"spec.controller"},
	"node.k8s.io/RuntimeClass":                      {"handler"},
	"apiextensions.k8s.io/CustomResourceDefinition": {"spec.scope"},
}

// loose are the fields of a spec that may change where all others may not.
var loose = map[string][]string{
	"apps/StatefulSet": {
		"replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit",
		"persistentVolumeClaimRetentionPolicy", "minReadySeconds",
	},
	"/PersistentVolumeClaim": {"volumeName", "volumeAttributesClassName"},
}

// immutable is the error of an update that changes what must not change.
func immutable(req request, o *object, after map[string]any) error {
	before, kind := o.content, req.key.group+"/"+req.key.kind
	for _, field := range frozen[kind] {
		if !sameAt(before, after, strings.Split(field, ".")) {
			return invalid(req, field+": Invalid value: field is immutable")
		}
	}
	if may := loose[kind]; may != nil && !reflect.DeepEqual(without(specOf(before), may...), without(specOf(after), may...)) {
		return invalid(req, "spec: Forbidden: updates to fields other than "+strings.Join(may, ", ")+" are forbidden")
	}
	switch {
	case req.key.is("batch", "Job"):
		return immutableJob(req, o, after)
	case req.key.is("", "Pod"):
		if !reflect.DeepEqual(fixedPodSpec(before), fixedPodSpec(after)) {
			return invalid(req, "spec: Forbidden: pod updates may not change fields other than image, activeDeadlineSeconds, tolerations")
		}
	case req.key.is("", "Service"):
		// One that is not given has been given by the server, and is kept.
		if ip, ok := specOf(after)["clusterIP"]; ok && ip != "" && ip != specOf(before)["clusterIP"] {
			return invalid(req, "spec.clusterIPs[0]: Invalid value: may not change once set")
		}
	case req.key.is("", "ConfigMap"), req.key.is("", "Secret"):
		return immutableData(req, before, after)
	}
	return nil
}

func immutableData(req request, before, after map[string]any) error {
	if sealed, _ := before["immutable"].(bool); !sealed {
		return nil
	}
	for _, field := range []string{"data", "binaryData", "stringData", "immutable"} {
		if !sameAt(before, after, []string{field}) {
			return invalid(req, field+": Forbidden: field is immutable when `immutable` is set")
		}
	}
	return nil
}

// immutableJob is pkg/apis/batch/validation ValidateJobUpdate: while a Job is suspended and has not started, its
// template may say otherwise where its Pods run. The server gives each Job a selector, which a PUT takes off.
func immutableJob(req request, o *object, after map[string]any) error {
	if _, ok := specOf(after)["selector"]; !ok && req.method == http.MethodPut {
		return invalid(req, "spec.selector: Required value")
	}
	was, is := templateOf(o.content), templateOf(after)
	if suspended, _ := specOf(o.content)["suspend"].(bool); suspended && o.state == Running {
		was, is = unscheduled(was), unscheduled(is)
	}
	if !reflect.DeepEqual(was, is) {
		return invalid(req, "spec.template: Invalid value: field is immutable")
	}
	return nil
}

func templateOf(obj map[string]any) map[string]any {
	template, _ := specOf(obj)["template"].(map[string]any)
	return template
}

// unscheduled is a pod template without what says where its Pods run.
func unscheduled(template map[string]any) map[string]any {
	meta, _ := template["metadata"].(map[string]any)
	out := without(template, "metadata", "spec")
	out["metadata"] = without(meta, "labels", "annotations")
	out["spec"] = without(specOf(template), "nodeSelector", "affinity", "tolerations", "schedulingGates")
	return out
}

// fixedPodSpec is a Pod's spec without what may change: pkg/apis/core/validation ValidatePodUpdate.
func fixedPodSpec(obj map[string]any) map[string]any {
	spec := without(specOf(obj), "activeDeadlineSeconds", "tolerations")
	for _, field := range []string{"containers", "initContainers"} {
		containers, _ := spec[field].([]any)
		containers = slices.Clone(containers)
		for i, c := range containers {
			if container, ok := c.(map[string]any); ok {
				containers[i] = without(container, "image")
			}
		}
		if containers != nil {
			spec[field] = containers
		}
	}
	return spec
}

func specOf(obj map[string]any) map[string]any {
	spec, _ := obj["spec"].(map[string]any)
	return spec
}

// without is a copy of m that lacks some keys.
func without(m map[string]any, keys ...string) map[string]any {
	out := map[string]any{}
	maps.Copy(out, m)
	for _, k := range keys {
		delete(out, k)
	}
	return out
}
