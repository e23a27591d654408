package plan

import "reflect"

// fixedPart is what the API server refuses to change in an object that exists: a Job's template, selector
// and completions, and nearly all of a Pod's spec. It is nil for other kinds.
func fixedPart(object Object, body map[string]any) map[string]any {
	spec, _ := body["spec"].(map[string]any)
	switch {
	case object.Kind == "Job" && object.group() == "batch":
		fixed := map[string]any{}
		for _, field := range []string{"template", "selector", "completions"} {
			if value, given := spec[field]; given {
				fixed[field] = value
			}
		}
		return fixed
	case object.Kind == "Pod" && object.group() == "":
		return fixedPodSpec(spec)
	}
	return nil
}

// fixedPodSpec is a Pod's spec without what may change in place: images, tolerations and the deadline
// (k8s.io/kubernetes pkg/apis/core/validation ValidatePodUpdate).
func fixedPodSpec(spec map[string]any) map[string]any {
	fixed := map[string]any{}
	for field, value := range spec {
		switch field {
		case "tolerations", "activeDeadlineSeconds":
		case "containers", "initContainers":
			fixed[field] = withoutImages(value)
		default:
			fixed[field] = value
		}
	}
	return fixed
}

func withoutImages(containers any) any {
	list, isList := containers.([]any)
	if !isList {
		return containers
	}
	var stripped []any
	for _, item := range list {
		container, isMap := item.(map[string]any)
		if !isMap {
			return containers
		}
		copied := map[string]any{}
		for field, value := range container {
			if field != "image" {
				copied[field] = value
			}
		}
		stripped = append(stripped, copied)
	}
	return stripped
}

// changes says whether applying target changes live. With merge, what target does not give stays as it
// is, unless original, the manifest of before, gave it; without, target replaces it all.
func changes(target, live, original map[string]any, merge bool) bool {
	if !merge {
		return !reflect.DeepEqual(normal(target), normal(live))
	}
	for key, value := range target {
		inner, isMap := value.(map[string]any)
		liveInner, liveIsMap := live[key].(map[string]any)
		if isMap && liveIsMap {
			originalInner, _ := original[key].(map[string]any)
			if changes(inner, liveInner, originalInner, true) {
				return true
			}
			continue
		}
		if !reflect.DeepEqual(value, live[key]) {
			return true
		}
	}
	for key := range original {
		_, stays := target[key]
		if _, exists := live[key]; exists && !stays {
			return true
		}
	}
	return false
}

// normal makes an absent map equal to an empty one.
func normal(m map[string]any) map[string]any {
	if m == nil {
		return map[string]any{}
	}
	return m
}
