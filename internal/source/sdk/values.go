package sdk

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// CopyValues is a deep copy, so that what Helm merges into values and what a template sets in them
// stays in one render.
func CopyValues(values map[string]any) map[string]any {
	if values == nil {
		return nil
	}
	return mapStrings(values, func(s string) string { return s }).(map[string]any)
}

// RewriteValues is a deep copy in which every string went through rewrite.
func RewriteValues(values map[string]any, rewrite func(string) string) map[string]any {
	if values == nil {
		return nil
	}
	return mapStrings(values, rewrite).(map[string]any)
}

func mapStrings(value any, change func(string) string) any {
	switch v := value.(type) {
	case map[string]any:
		if v == nil {
			return v
		}
		out := make(map[string]any, len(v))
		for key, item := range v {
			out[key] = mapStrings(item, change)
		}
		return out
	case []any:
		if v == nil {
			return v
		}
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = mapStrings(item, change)
		}
		return out
	case string:
		return change(v)
	}
	return value
}

// ValueTexts are the strings in values, keys among them, that hold a template action or may become the begin of one,
// in a stable order.
func ValueTexts(values map[string]any) []Text {
	var texts []Text
	var walk func(any)
	walk = func(value any) {
		switch v := value.(type) {
		case map[string]any:
			for _, key := range slices.Sorted(maps.Keys(v)) {
				walk(key) // tpl (toYaml .Values.x) runs keys as well
				walk(v[key])
			}
		case []any:
			for _, item := range v {
				walk(item)
			}
		case string:
			if HasAction(v) || strings.HasSuffix(v, "{") {
				texts = append(texts, Text{Body: v})
			}
		}
	}
	walk(values)
	return texts
}

// ChartTexts are the strings of what templates see as .Chart that hold a template action: tpl .Chart.Description.
func ChartTexts(metadata any) []Text {
	data, err := json.Marshal(metadata)
	if err != nil {
		return nil // nothing that was read as YAML
	}
	var fields map[string]any
	if err := json.Unmarshal(data, &fields); err != nil {
		return nil
	}
	return ValueTexts(fields)
}

// HasAction tells whether a text holds a template action, so that tpl could do something with it.
func HasAction(text string) bool { return strings.Contains(text, "{{") }
