package plan

import (
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"

	"sigs.k8s.io/yaml"
)

// The annotations that Helm reads. Source: v3 pkg/release/hook.go, v4 pkg/release/v1/hook.go.
const (
	annotationHook           = "helm.sh/hook"
	annotationWeight         = "helm.sh/hook-weight"
	annotationDelete         = "helm.sh/hook-delete-policy"
	annotationOutputLog      = "helm.sh/hook-output-log-policy"
	annotationResourcePolicy = "helm.sh/resource-policy"
)

// eventOf is Helm's table of events (v3 pkg/releaseutil/manifest_sorter.go, the same in v4):
// test-success is Helm 2's name for test.
func eventOf(text string) (Event, bool) {
	switch event := Event(text); event {
	case PreInstall, PostInstall, PreUpgrade, PostUpgrade, PreRollback, PostRollback, PreDelete, PostDelete, TestEvent:
		return event, true
	case "test-success":
		return TestEvent, true
	}
	return "", false
}

// Classify sorts documents into resources, hooks and dropped ones exactly as Helm's SortManifests
// does (v3 pkg/releaseutil/manifest_sorter.go, v4 pkg/release/v1/util/manifest_sorter.go), and puts
// hooks and resources into Helm's storage order. A document that does not parse fails the whole
// render, as in Helm.
func Classify(rendered Rendered, release Release, engine Engine) (Inventory, error) {
	return classify(rendered, engine, newReadings(release))
}

func classify(rendered Rendered, engine Engine, readings *readings) (Inventory, error) {
	inventory := Inventory{CRDs: slices.Clone(rendered.CRDs)}
	scopes := scopes{}
	for i := range inventory.CRDs {
		scopes.learnFile(&inventory.CRDs[i], readings.release)
	}
	scopes.learnTemplates(rendered.Documents)
	for _, one := range readings.read(rendered.Documents, scopes) {
		if one.err != nil {
			return Inventory{}, fmt.Errorf("YAML parse error on %s, document %d: %w", one.parsed.Template, one.parsed.Index, one.err)
		}
		inventory.add(one)
	}
	ranks := kindRanks(engine)
	sort.SliceStable(inventory.Hooks, func(i, j int) bool {
		return ranks.less(inventory.Hooks[i].Kind, inventory.Hooks[j].Kind)
	})
	sort.SliceStable(inventory.Resources, func(i, j int) bool {
		return ranks.less(inventory.Resources[i].Kind, inventory.Resources[j].Kind)
	})
	return inventory, nil
}

func (inv *Inventory) add(one *understood) {
	value, isHook := "", false
	if one.head.Metadata != nil {
		value, isHook = one.head.Metadata.Annotations[annotationHook]
	}
	if !isHook {
		inv.Resources = append(inv.Resources, resource(one.parsed, one.head))
		return
	}
	events, unknown, ok := splitEvents(value)
	if !ok {
		inv.Dropped = append(inv.Dropped, Dropped{Parsed: one.parsed, Value: value, Unknown: unknown})
		return
	}
	inv.Hooks = append(inv.Hooks, hook(one.parsed, one.head, events))
}

func hook(parsed Parsed, h head, events []Event) Hook {
	name := h.Metadata.Name
	if parsed.VolatileName != "" {
		name = parsed.VolatileName
	}
	weight, err := strconv.Atoi(h.Metadata.Annotations[annotationWeight])
	if err != nil {
		weight = 0
	}
	return Hook{
		Parsed: parsed, Name: name, Kind: h.Kind, Events: events, Weight: weight,
		DeletePolicies:    splitPolicies(h.Metadata.Annotations, annotationDelete),
		OutputLogPolicies: splitPolicies(h.Metadata.Annotations, annotationOutputLog),
		NeverCompletes:    neverCompletesAny(parsed.parts),
	}
}

func resource(parsed Parsed, h head) Resource {
	r := Resource{Parsed: parsed, Kind: h.Kind, Empty: len(parsed.body) == 0}
	if h.Metadata == nil {
		return r
	}
	// v3 pkg/action/resource_policy.go: trimmed and lower-cased.
	policy, ok := h.Metadata.Annotations[annotationResourcePolicy]
	r.HasResourcePolicy = ok
	r.ResourcePolicy = strings.ToLower(strings.TrimSpace(policy))
	return r
}

// splitEvents reads helm.sh/hook as Helm does: one unknown part, even an empty one after a trailing
// comma, and the document is dropped.
func splitEvents(value string) (events []Event, unknown string, ok bool) {
	for _, part := range strings.Split(value, ",") {
		event, known := eventOf(strings.ToLower(strings.TrimSpace(part)))
		if !known {
			return nil, part, false
		}
		events = append(events, event)
	}
	return events, "", true
}

// splitPolicies keeps every part, known or not: an empty or misspelt one still takes the default away
// (v3 pkg/action/hooks.go, execHook sets the default only for an empty list).
func splitPolicies(annotations map[string]string, key string) []DeletePolicy {
	value, ok := annotations[key]
	if !ok {
		return nil
	}
	policies := []DeletePolicy{}
	for _, part := range strings.Split(value, ",") {
		policies = append(policies, DeletePolicy(strings.ToLower(strings.TrimSpace(part))))
	}
	return policies
}

// parse reads a document as the API server does, whatever Helm's sorter makes of it.
func parse(document Document, release Release, scopes scopes) (Parsed, map[string]any) {
	var body map[string]any
	if err := yaml.Unmarshal([]byte(document.Text), &body, useNumber); err != nil {
		return Parsed{Document: document}, nil
	}
	return identify(document, body, release, scopes), body
}

// identify gives the identity that the API server would see. Unlike Helm's sorter it is case-sensitive.
func identify(document Document, body map[string]any, release Release, scopes scopes) Parsed {
	parsed := Parsed{Document: document, body: body}
	if len(body) == 0 {
		return parsed
	}
	parsed.Object, parsed.ScopeUnknown = identity(body, release, scopes)
	if document.VolatileName != "" {
		parsed.Object.Name = document.VolatileName
	}
	parsed.BuildError = buildError(body)
	items, isList := body["items"].([]any)
	if !isList {
		parsed.parts = []part{newPart(parsed.Object, body)}
		return parsed
	}
	parsed.ValidationError = typedListError(parsed.Object, body)
	parsed.Items = []Object{}
	for _, item := range items {
		member, _ := item.(map[string]any)
		object, unknown := identity(member, release, scopes)
		if object.Kind == "" {
			object.Kind = strings.TrimSuffix(parsed.Object.Kind, "List")
			object.APIVersion = parsed.Object.APIVersion
		}
		one := newPart(object, member)
		parsed.Items = append(parsed.Items, one.object)
		parsed.parts = append(parsed.parts, one)
		parsed.ScopeUnknown = parsed.ScopeUnknown || unknown
		if parsed.BuildError == "" {
			parsed.BuildError = metadataError(member)
		}
	}
	parsed.Object.Namespace = ""
	return parsed
}

// madeUp stands for the part of a name that the API server makes up.
const madeUp = "<random>"

func newPart(object Object, body map[string]any) part {
	one := part{object: object, nameless: object.Name == "", neverCompletes: neverCompletes(object, body), fixed: fixedPart(object, body), body: body}
	if one.nameless {
		one.generateName, _ = metadata(body)["generateName"].(string)
		if one.generateName != "" {
			one.object.Name = one.generateName + madeUp
		}
	}
	values, _ := metadata(body)["annotations"].(map[string]any)
	// Update compares the live annotation to the letter (pkg/kube/client.go).
	one.kept = values[annotationResourcePolicy] == "keep"
	return one
}

func useNumber(d *json.Decoder) *json.Decoder {
	d.UseNumber()
	return d
}

func metadata(body map[string]any) map[string]any {
	m, _ := body["metadata"].(map[string]any)
	return m
}

func identity(body map[string]any, release Release, scopes scopes) (object Object, scopeUnknown bool) {
	object.APIVersion, _ = body["apiVersion"].(string)
	object.Kind, _ = body["kind"].(string)
	m := metadata(body)
	object.Name = nameOf(m["name"])
	object.Namespace, _ = m["namespace"].(string)
	switch namespaced, known := scopes.namespaced(object); {
	case !namespaced:
		object.Namespace = ""
	case object.Namespace == "":
		object.Namespace = release.Namespace
		scopeUnknown = !known
	default:
		scopeUnknown = !known
	}
	return object, scopeUnknown
}

// nameOf reads metadata.name. A number or a boolean never reaches the server (see metadataError), but
// people know the object by it.
func nameOf(value any) string {
	switch name := value.(type) {
	case string:
		return name
	case json.Number:
		return name.String()
	case bool:
		return strconv.FormatBool(name)
	}
	return ""
}

// buildError is why kubectl's resource builder refuses the document before it reaches the server.
// Seen with both Helms: a number or a boolean among annotations or labels.
func buildError(body map[string]any) string {
	if kind, _ := body["kind"].(string); kind == "" {
		return "Object 'Kind' is missing"
	}
	if version, _ := body["apiVersion"].(string); version == "" {
		return "Object 'apiVersion' is missing"
	}
	return metadataError(body)
}

// typedListError is kubectl's schema validation of a typed list such as ConfigMapList: its metadata
// knows no annotations, labels or name. For other built-in objects the API server validates instead.
func typedListError(object Object, body map[string]any) string {
	if object.Kind == "List" || !strings.HasSuffix(object.Kind, "List") || !builtinGroups[object.group()] {
		return ""
	}
	for _, field := range sortedKeys(metadata(body)) {
		switch field {
		case "continue", "remainingItemCount", "resourceVersion", "selfLink":
		default:
			return fmt.Sprintf("error validating data: ValidationError(%s.metadata): unknown field %q", object.Kind, field)
		}
	}
	return ""
}

func metadataError(body map[string]any) string {
	m := metadata(body)
	for _, field := range []string{"name", "generateName", "namespace"} {
		if kind := jsonKind(m[field]); kind != "" && kind != "string" {
			return fmt.Sprintf("json: cannot unmarshal %s into Go struct field ObjectMeta.metadata.%s of type string", kind, field)
		}
	}
	for _, field := range []string{"annotations", "labels"} {
		values, _ := m[field].(map[string]any)
		for _, key := range sortedKeys(values) {
			if kind := jsonKind(values[key]); kind != "" && kind != "string" {
				return fmt.Sprintf("json: cannot unmarshal %s into Go struct field ObjectMeta.metadata.%s of type string", kind, field)
			}
		}
	}
	return ""
}

// jsonKind names a value's type as encoding/json does; empty for null, which is harmless everywhere.
func jsonKind(value any) string {
	switch value.(type) {
	case nil:
		return ""
	case string:
		return "string"
	case bool:
		return "bool"
	case json.Number:
		return "number"
	case []any:
		return "array"
	default:
		return "object"
	}
}

func sortedKeys(values map[string]any) []string {
	keys := make([]string, 0, len(values))
	for key := range values {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}

func annotations(values map[string]string, body map[string]any) []Annotation {
	raw, _ := metadata(body)["annotations"].(map[string]any)
	list := make([]Annotation, 0, len(values))
	for key, value := range values {
		original, present := raw[key]
		kind := jsonKind(original)
		list = append(list, Annotation{Key: key, Value: value, Null: present && kind == "", NotString: present && kind != "string"})
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Key < list[j].Key })
	return list
}

func neverCompletesAny(parts []part) string {
	for _, one := range parts {
		if one.neverCompletes != "" {
			return one.neverCompletes
		}
	}
	return ""
}

// neverCompletes finds hooks whose wait can only run into the timeout: a suspended Job is not started,
// and a Pod that restarts its containers for ever never reaches the phase Succeeded.
func neverCompletes(object Object, body map[string]any) string {
	spec, _ := body["spec"].(map[string]any)
	switch {
	case object.Kind == "Job" && object.group() == "batch":
		if suspend, _ := spec["suspend"].(bool); suspend {
			return "spec.suspend is true, so the Job is never started"
		}
	case object.Kind == "Pod" && object.group() == "":
		policy, given := spec["restartPolicy"].(string)
		if !given || policy == "" {
			return "spec.restartPolicy is not set, which means Always: the Pod never succeeds"
		}
		if policy == "Always" {
			return "spec.restartPolicy is Always, so the Pod never succeeds"
		}
	}
	return ""
}
