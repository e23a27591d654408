package plan

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// changedParts names the parts in which the objects of a document differ, never what they hold. What is told
// elsewhere is left out: names, hook annotations; so is what changes with each version of a chart and changes
// nothing in what a hook does: the labels for the versions of chart and application.
func changedParts(a, b *Parsed) []string {
	if a.Text == b.Text {
		return nil
	}
	if len(a.parts) != len(b.parts) {
		return []string{"the objects of the List"}
	}
	var parts []string
	for i := range a.parts {
		differences(nil, map[string]any(a.parts[i].body), map[string]any(b.parts[i].body), func(path []string) {
			if name := partName(path); name != "" && !slices.Contains(parts, name) {
				parts = append(parts, name)
			}
		})
	}
	slices.Sort(parts)
	return parts
}

// differences calls found with the path of each difference. Entries of a list that have names are matched by them.
func differences(path []string, a, b any, found func(path []string)) {
	one, isMap := a.(map[string]any)
	other, both := b.(map[string]any)
	if last := len(path) - 1; last >= 0 && (path[last] == "labels" || path[last] == "annotations") {
		// Of these each entry counts for itself, also where the other side has none at all.
		isMap, both = isMap || a == nil, both || b == nil
	}
	if isMap && both {
		keys := map[string]bool{}
		for key := range one {
			keys[key] = true
		}
		for key := range other {
			keys[key] = true
		}
		for key := range keys {
			differences(append(slices.Clone(path), key), one[key], other[key], found)
		}
		return
	}
	named, isList := byName(a)
	others, both := byName(b)
	if isList && both && (len(named) > 0 || len(others) > 0) {
		differences(path, named, others, found)
		return
	}
	if !reflect.DeepEqual(a, b) {
		found(path)
	}
}

// byName makes a map of a list whose entries all have names of their own.
func byName(list any) (map[string]any, bool) {
	entries, ok := list.([]any)
	if !ok {
		return nil, false
	}
	named := map[string]any{}
	for _, entry := range entries {
		one, ok := entry.(map[string]any)
		name, isText := one["name"].(string)
		if _, taken := named[name]; !ok || !isText || taken {
			return nil, false
		}
		named[name] = one
	}
	return named, true
}

// isVersionLabel tells the labels that change with each version of a chart, whatever else does.
func isVersionLabel(key string) bool {
	return key == "helm.sh/chart" || key == "chart" || key == "app.kubernetes.io/version"
}

// partName is the part of an object in which a path lies, empty for what is told elsewhere or changes nothing.
func partName(path []string) string {
	pod := ""
	for i, key := range path {
		if key == "template" && i+1 < len(path) && (path[i+1] == "metadata" || path[i+1] == "spec") {
			pod, path = "pod ", path[i+1:]
			break
		}
	}
	switch {
	case len(path) == 0:
		return "the whole document"
	case path[0] == "metadata":
		return metadataPart(pod, path[1:])
	case path[0] == "spec" && len(path) > 1:
		return specPart(pod, path[1:])
	}
	return path[0]
}

func metadataPart(pod string, path []string) string {
	if len(path) == 0 {
		return pod + "metadata"
	}
	key := ""
	if len(path) > 1 {
		key = path[1]
	}
	switch path[0] {
	case "name", "namespace", "generateName":
		return ""
	case "labels":
		if isVersionLabel(key) {
			return ""
		}
		return pod + "labels"
	case "annotations":
		if pod == "" && strings.HasPrefix(key, "helm.sh/hook") {
			return ""
		}
		return pod + "annotations"
	}
	return pod + "metadata." + path[0]
}

func isMetadata(part string) bool {
	part = strings.TrimPrefix(part, "pod ")
	return part == "labels" || part == "annotations" || strings.HasPrefix(part, "metadata")
}

func specPart(pod string, path []string) string {
	kinds := map[string]string{"containers": "container", "initContainers": "init container", "ephemeralContainers": "ephemeral container"}
	container := kinds[path[0]]
	switch {
	case container != "" && len(path) > 2:
		return path[2] + " of " + container + " " + path[1]
	case container != "" && len(path) == 2:
		return container + " " + path[1]
	case container != "":
		return path[0]
	}
	if _, err := strconv.Atoi(path[0]); err == nil {
		return pod + "spec"
	}
	return pod + "spec." + path[0]
}
