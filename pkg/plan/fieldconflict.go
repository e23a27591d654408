package plan

import (
	"maps"
	"reflect"
	"slices"
	"strings"
)

// unowned are the fields that no manager owns: identity, and what the server writes.
var unowned = []string{"apiVersion", "kind", "status", "metadata.name", "metadata.namespace", "metadata.generateName"}

// conflict names the first field by which server-side apply without force is refused: one that the
// object to apply sets to another value than the manager which owns it. Lists count as one value.
func conflict(applied, posted map[string]any, at string) string {
	for _, key := range sortedKeys(applied) {
		path := strings.TrimPrefix(at+"."+key, ".")
		owned, exists := posted[key]
		if !exists || slices.Contains(unowned, path) {
			continue
		}
		inner, isMap := applied[key].(map[string]any)
		ownedInner, ownedIsMap := owned.(map[string]any)
		if isMap && ownedIsMap {
			if field := conflict(inner, ownedInner, path); field != "" {
				return field
			}
			continue
		}
		if !reflect.DeepEqual(applied[key], owned) {
			return path
		}
	}
	return ""
}

// overlaid are the fields of an object after a patch that adds and changes, and takes nothing away.
func overlaid(old, patch map[string]any) map[string]any {
	merged := maps.Clone(old)
	if merged == nil {
		merged = map[string]any{}
	}
	for key, value := range patch {
		inner, isMap := value.(map[string]any)
		before, wasMap := merged[key].(map[string]any)
		if isMap && wasMap {
			merged[key] = overlaid(before, inner)
			continue
		}
		merged[key] = value
	}
	return merged
}
