package plan

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// strayPlace is a mapping other than metadata.annotations in which authors put hook annotations by mistake.
type strayPlace struct {
	path   string
	values map[string]any
	// undeclared says that no kind has a hook annotation as a field there, so that server-side apply
	// refuses the object on top of it all.
	undeclared bool
}

// templateKinds are the built-in kinds whose pod template is looked into, with the path to it. Any
// other kind may hold whole manifests in its spec for good reasons.
var templateKinds = map[string][]string{
	"apps/Deployment": {"spec", "template"}, "apps/StatefulSet": {"spec", "template"},
	"apps/DaemonSet": {"spec", "template"}, "apps/ReplicaSet": {"spec", "template"},
	"extensions/Deployment": {"spec", "template"}, "extensions/DaemonSet": {"spec", "template"}, "extensions/ReplicaSet": {"spec", "template"},
	"batch/Job": {"spec", "template"}, "batch/CronJob": {"spec", "jobTemplate", "spec", "template"},
	"/ReplicationController": {"spec", "template"}, "/PodTemplate": {"template"}, "/Pod": {"spec"},
}

// misplaced: HH008. It says whether the document, or an item of it, would be a hook if its annotations
// stood in the right place.
func (d *diagnosis) misplaced(s *suspect) (wouldBeHook bool) {
	for _, at := range strayPlaces(s) {
		keys := s.strayKeys(at.values)
		if len(keys) == 0 {
			continue
		}
		wouldBeHook = wouldBeHook || slices.Contains(keys, annotationHook) && !s.isHook
		d.report(s.parsed, d.stray(s, at, keys))
	}
	return d.misplacedItems(s) || wouldBeHook
}

// stray says what keys in one wrong place come to.
func (d *diagnosis) stray(s *suspect, at strayPlace, keys []string) Finding {
	f := Finding{Rule: "HH008", Fix: "move it to metadata.annotations"}
	refused := at.undeclared && d.engine.rules().serverSideApply
	switch {
	case slices.Contains(keys, annotationHook) && !s.isHook:
		then := ": Helm installs it as an ordinary resource"
		if refused {
			then = " but an ordinary resource"
		}
		f.Message = fmt.Sprintf("helm.sh/hook: %s stands %s, where Helm does not look, so this object is no hook%s",
			shownValue(at.values[annotationHook]), at.path, then)
	case len(keys) > 1:
		f.Fix = "move them to metadata.annotations"
		f.Message = fmt.Sprintf("%s stand %s, where Helm does not look, and have no effect", enumerate(keys, "and"), at.path)
	default:
		f.Message = fmt.Sprintf("%s stands %s, where Helm does not look, and has no effect", keys[0], at.path)
	}
	if refused {
		f.Severity, f.Prediction = SeverityError, Likely
		f.Message += "; besides, server-side apply refuses a field that the kind does not have, and the action fails"
	}
	return f
}

// misplacedItems: the items of a List are never looked at one by one; Helm installs them as they are.
func (d *diagnosis) misplacedItems(s *suspect) (wouldBeHook bool) {
	items, isList := s.body["items"].([]any)
	kind, _ := s.body["kind"].(string)
	if !isList || s.isHook || !strings.HasSuffix(kind, "List") {
		return false
	}
	for i, item := range items {
		member, _ := item.(map[string]any)
		meta, _ := member["metadata"].(map[string]any)
		values, _ := meta["annotations"].(map[string]any)
		if keys := s.strayKeys(values); !slices.Contains(keys, annotationHook) {
			continue
		}
		wouldBeHook = true
		f := Finding{
			Rule: "HH008", Fix: "write each item as a document of its own, separated by ---",
			Message: fmt.Sprintf("helm.sh/hook: %s stands on an item of a List (items[%d].metadata.annotations), where Helm does not look: it installs the item as an ordinary resource",
				shownValue(values[annotationHook]), i),
		}
		if i < len(s.parsed.Items) {
			f.Object = s.parsed.Items[i]
		}
		d.report(s.parsed, f)
	}
	return wouldBeHook
}

// strayPlaces lists where to look, in a fixed order. Below metadata that is every mapping, since
// "annotation" is as likely a mistake as labels; below spec only what leads to a pod template.
func strayPlaces(s *suspect) []strayPlace {
	list := []strayPlace{{path: "at top level", values: s.body, undeclared: true}}
	add := func(path string, value any, undeclared bool) {
		if values, ok := value.(map[string]any); ok {
			list = append(list, strayPlace{path: "in " + path, values: values, undeclared: undeclared})
		}
	}
	add("annotations at top level", s.body["annotations"], true)
	add("labels at top level", s.body["labels"], true)
	add("metadata itself", s.body["metadata"], true)
	meta, _ := s.body["metadata"].(map[string]any)
	for _, key := range sortedKeys(meta) {
		if key != "annotations" {
			add("metadata."+visible(key), meta[key], key != "labels")
		}
	}
	steps := templateKinds[s.parsed.Object.group()+"/"+s.parsed.Object.Kind]
	value := s.body
	for i, step := range steps {
		value, _ = value[step].(map[string]any)
		path := strings.Join(steps[:i+1], ".")
		inner, _ := value["metadata"].(map[string]any)
		// Only the templates have metadata: spec.metadata is as wrong as spec.annotations.
		undeclared := !strings.HasSuffix(strings.ToLower(step), "template")
		add(path, value, true)
		add(path+".annotations", value["annotations"], true)
		add(path+".metadata", value["metadata"], true)
		add(path+".metadata.annotations", inner["annotations"], undeclared)
		add(path+".metadata.labels", inner["labels"], undeclared)
	}
	return list
}

// strayKeys are the hook annotations among values that the object itself does not carry: what a pod
// template repeats is a copy, not a mistake.
func (s *suspect) strayKeys(values map[string]any) []string {
	var keys []string
	for _, key := range hookKeys {
		if _, there := values[key]; !there {
			continue
		}
		if _, carried := s.parsed.annotation(key); !carried {
			keys = append(keys, key)
		}
	}
	return keys
}

func shownValue(value any) string {
	switch v := value.(type) {
	case string:
		return quoteRaw(v)
	case nil:
		return "(empty)"
	case bool:
		return strconv.FormatBool(v)
	case json.Number:
		number, _ := v.Float64()
		return strconv.FormatFloat(number, 'g', -1, 64)
	default:
		return "(no text)"
	}
}

// repeatedKeys: HH014. Helm's decoder takes the last of equal keys; the API server sees the same. It
// says whether that is why the document is no hook.
func (d *diagnosis) repeatedKeys(s *suspect) (wouldBeHook bool) {
	if !s.mayRepeat() {
		return false
	}
	metadata := mappingValues(s.root(), "metadata")
	if len(metadata) == 0 {
		return false
	}
	last := metadata[len(metadata)-1]
	blocks := mappingValues(last, "annotations")
	seen := map[string]bool{}
	lose := func(annotations *yaml.Node, block string) {
		for _, key := range hookKeys {
			for _, value := range mappingValues(annotations, key) {
				wouldBeHook = d.lost(s, block, key, value, seen) || wouldBeHook
			}
		}
	}
	for _, earlier := range metadata[:len(metadata)-1] {
		lose(lastValue(earlier, "annotations"), "metadata")
	}
	for i, block := range blocks {
		if i < len(blocks)-1 {
			lose(block, "metadata.annotations")
			continue
		}
		for _, key := range hookKeys {
			if values := mappingValues(block, key); len(values) > 1 {
				for _, value := range values[:len(values)-1] {
					d.lost(s, key, key, value, seen)
				}
			}
		}
	}
	return wouldBeHook
}

// lost reports one annotation that a later key replaces, unless it says the same again.
func (d *diagnosis) lost(s *suspect, block, key string, value *yaml.Node, seen map[string]bool) (wouldBeHook bool) {
	text := ""
	if value != nil && value.Kind == yaml.ScalarNode {
		text = value.Value
	}
	kept, carried := s.parsed.annotation(key)
	if carried && kept.Value == text || seen[key+"\x00"+text] {
		return false
	}
	seen[key+"\x00"+text] = true
	f := Finding{Rule: "HH014", Fix: "merge the two into one"}
	if block == key {
		f.Fix = "keep one of the two"
	}
	switch {
	case carried:
		f.Message = fmt.Sprintf("%s is written twice and the last one counts: %s is %s, not %s", block, key, quoteRaw(kept.Value), quoteRaw(text))
	case key == annotationHook && !s.isHook:
		wouldBeHook = true
		f.Message = fmt.Sprintf("%s is written twice and the last one counts: helm.sh/hook: %s is lost, so Helm installs this object as an ordinary resource", block, quoteRaw(text))
	default:
		f.Message = fmt.Sprintf("%s is written twice and the last one counts: %s: %s is lost", block, key, quoteRaw(text))
	}
	d.report(s.parsed, f)
	return wouldBeHook
}

// mappingValues are the values of a key in a mapping, as often as it is written.
func mappingValues(node *yaml.Node, key string) []*yaml.Node {
	if node != nil && node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	if node == nil || node.Kind != yaml.MappingNode {
		return nil
	}
	var values []*yaml.Node
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == key {
			value := node.Content[i+1]
			if value.Kind == yaml.AliasNode {
				value = value.Alias
			}
			values = append(values, value)
		}
	}
	return values
}

// lastValue is the value that counts, nil if there is none.
func lastValue(node *yaml.Node, key string) *yaml.Node {
	values := mappingValues(node, key)
	if len(values) == 0 {
		return nil
	}
	return values[len(values)-1]
}
