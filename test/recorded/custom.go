package recorded

// definition is a CustomResourceDefinition of the group {namespace}.test, so that each scenario has its own.
func definition(plural, kindName, scope, more string) string {
	return `{metadata: {name: "` + plural + `.{namespace}.test"}, spec: {group: "{namespace}.test", scope: ` + scope +
		`, names: {plural: ` + plural + `, kind: ` + kindName + more + `}, versions: [{name: v1, served: true, storage: true,` +
		` schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {size: {type: integer}}}}}}}]}}`
}

const (
	definitionName = "widgets.{namespace}.test"
	customVersion  = "{namespace}.test/v1"
)

var widgets = kind{"/apis/{namespace}.test/v1/namespaces/{namespace}/widgets", `"` + customVersion + `"`, "Widget"}

var (
	defined  = definition("widgets", "Widget", "Namespaced", "")
	accepted = get(definitions, definitionName).until("status.acceptedNames.kind", "Widget")
)

func widget(size string) string { return "{metadata: {name: a}, spec: {size: " + size + "}}" }

// served are the steps up to the first custom resource. A server sleeps over that, as others may not know the kind yet.
func served(more ...Step) []Step {
	return append([]Step{post(definitions, defined), accepted, post(widgets, widget("1"), "spec.size", "managers").answered(201)}, more...)
}

func custom() []Scenario {
	return []Scenario{
		{"a custom resource before its definition", "a chart with both and no crds folder", []Step{
			post(widgets, widget("1")), get(widgets, "a"), remove(widgets, "a"), apply(widgets, "a", widget("1")),
		}},
		{"a definition that is not established", "one that was created a moment ago, or whose names are taken", []Step{
			post(definitions, defined), accepted,
			post(definitions, definition("others", "Widget", "Namespaced", "")),
			post(kind{"/apis/" + customVersion + "/namespaces/{namespace}/others", widgets.apiVersion, "Widget"}, widget("1")),
		}},
		{"a custom resource", "there are only merge patches for those", served(
			patch(widgets, "a", mergeJSON, `{spec: {size: 2}}`, "spec.size", "managers"),
			patch(widgets, "a", strategic, `{spec: {size: 3}}`),
			apply(widgets, "a", widget("2"), "spec.size", "managers"),
			apply(widgets, "a", widget("4")),
			post(widgets, widget("1")),
			put(widgets, "a", widget("5"), "spec.size", "managers"),
			remove(widgets, "a", "kind", "status"),
			get(widgets, "a"),
			apply(widgets, "a", widget("1"), "managers"),
		)},
		{"what a custom resource may hold", "the definition's schema is the server's business", served(
			post(widgets, `{metadata: {name: b}, spec: {sizee: 1}}`, "spec"),
			apply(widgets, "c", `{metadata: {name: c}, spec: {sizee: 1}}`),
			post(widgets, `{metadata: {name: c}, spec: {size: many}}`),
			apply(widgets, "c", `{metadata: {name: c}, spec: {size: many}}`),
		)},
		{"the metadata of a custom resource", "it is checked as everywhere", served(
			post(widgets, `{metadata: {name: b, annotations: {a: 5}}}`),
			apply(widgets, "b", `{metadata: {name: b, annotations: {a: 5}}}`),
			post(widgets, `{metadata: {name: b, annotations: {a: null, b: c}}}`, "metadata.annotations"),
			post(widgets, `{metadata: {name: Upper}}`),
			post(widgets, `{metadata: {name: c, labels: {a: b c}}}`),
		)},
		{"a cluster-scoped custom resource", "one in a namespace is not found", []Step{
			post(definitions, definition("widgets", "Widget", "Cluster", "")), accepted,
			post(kind{"/apis/" + customVersion + "/widgets", widgets.apiVersion, "Widget"}, widget("1"), "metadata.namespace").answered(201),
			post(widgets, widget("1")),
		}},
	}
}

func defining() []Scenario {
	wider := definition("widgets", "Widget", "Namespaced", ", shortNames: [w]")
	return []Scenario{
		{"a definition that exists", "Helm 3 skips it, Helm 4 applies to it", []Step{
			post(definitions, defined, "managers"), accepted,
			post(definitions, wider),
			apply(definitions, definitionName, defined, "managers"),
			apply(definitions, definitionName, wider, "spec.names.shortNames"),
			apply(definitions, definitionName, definition("widgets", "Widget", "Cluster", "")),
			patch(definitions, definitionName, mergeJSON, `{spec: {scope: Cluster}}`),
			patch(definitions, definitionName, strategic, `{spec: {names: {shortNames: [v]}}}`),
		}},
		{"a definition that is deleted", "its objects go with it, by and by", served(
			remove(definitions, definitionName),
			get(definitions, definitionName).answered(404),
			get(widgets, "a").answered(404),
		)},
	}
}
