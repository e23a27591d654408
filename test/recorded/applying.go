package recorded

func applying() []Scenario {
	return []Scenario{
		{"apply", "how Helm 4 makes hooks and resources", []Step{
			apply(configMaps, "a", one, "data", "managers", "uid"),
			apply(configMaps, "a", one, "data", "managers", "uid"),
			apply(configMaps, "a", two, "data", "managers", "uid"),
			get(configMaps, "a", "data", "managers", "uid"),
			post(configMaps, one),
		}},
		{"apply over what is going away", "Helm 4 takes it for done, and then it vanishes", []Step{
			apply(configMaps, "a", held, "uid"),
			remove(configMaps, "a", "deleting"),
			apply(configMaps, "a", held, "uid", "deleting", "data"),
			apply(configMaps, "a", one).answered(200),
			get(configMaps, "a").answered(404),
			apply(configMaps, "a", one, "uid", "deleting"),
		}},
		{"apply without a name", "a hook with generateName under Helm 4; client-go refuses it before", []Step{
			{
				Method: "PATCH", Path: configMaps.path, Query: "fieldManager=helm&force=false", ContentType: applyYAML,
				Body: configMaps.typed(`{metadata: {generateName: a-}}`),
			},
			apply(configMaps, "a", `{metadata: {generateName: a-}}`, "metadata.name", "metadata.generateName"),
			apply(configMaps, "b", `{metadata: {name: a}}`),
		}},
		{"apply what was copied from a cluster", "kubectl get -o yaml in a chart", []Step{
			apply(configMaps, "a", `{metadata: {name: a, resourceVersion: "7"}}`),
			apply(configMaps, "a", `{metadata: {name: a, uid: 11111111-1111-1111-1111-111111111111}}`),
			apply(configMaps, "b", `{metadata: {name: b, creationTimestamp: null}}`, "managers"),
			apply(configMaps, "b", `{metadata: {name: b, resourceVersion: "7"}}`),
			apply(configMaps, "b", `{metadata: {name: b, uid: 11111111-1111-1111-1111-111111111111}}`),
			apply(configMaps, "b", `{metadata: {name: b, managedFields: [{manager: x, operation: Apply, apiVersion: v1}]}}`),
		}},
		{"apply without what was there", "helm.sh/resource-policy is taken off, a key is renamed", []Step{
			apply(configMaps, "a", `{metadata: {name: a, annotations: {helm.sh/resource-policy: keep, b: c}, labels: {l: m}}, data: {a: "1", b: "2"}}`),
			apply(configMaps, "a", `{metadata: {name: a, annotations: {b: c}}, data: {b: "2"}}`, "metadata.annotations", "metadata.labels", "data"),
			apply(configMaps, "a", `{metadata: {name: a}}`, "metadata.annotations", "data"),
		}},
		{"apply without what others have too", "kubectl annotate, an operator's own label", []Step{
			apply(configMaps, "a", `{metadata: {name: a, annotations: {a: "1", b: "2"}}}`),
			patch(configMaps, "a", mergeJSON, `{metadata: {annotations: {c: "3"}}}`).asking("fieldManager=kubectl-annotate"),
			apply(configMaps, "a", `{metadata: {name: a, annotations: {b: "2"}}}`, "metadata.annotations", "managers").asking("fieldManager=operator&force=false"),
			apply(configMaps, "a", `{metadata: {name: a}}`, "metadata.annotations", "managers"),
			apply(configMaps, "a", `{metadata: {name: a}}`, "metadata.annotations", "managers").asking("fieldManager=operator&force=false"),
		}},
	}
}

func owning() []Scenario {
	two := `{metadata: {name: a}, data: {a: "2"}}`
	deployment := func(containers string) string {
		return `{metadata: {name: a}, spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [` + containers + `]}}}}`
	}
	return []Scenario{
		{"apply to what somebody else has made", "Helm 4 does not force", []Step{
			post(configMaps, one, "uid").asking("fieldManager=kubectl-create"),
			apply(configMaps, "a", two),
			apply(configMaps, "a", one, "managers", "uid"),
			apply(configMaps, "a", two),
			apply(configMaps, "a", two, "data", "managers", "uid").asking("fieldManager=helm&fieldValidation=Strict&force=true"),
			apply(configMaps, "a", one, "data"),
		}},
		{"apply several conflicts", "all of them are named", []Step{
			post(configMaps, `{metadata: {name: a, labels: {l: m}}, data: {a: "1", b: "2"}}`).asking("fieldManager=kubectl-create"),
			apply(configMaps, "a", `{metadata: {name: a}, data: {c: "3"}}`).asking("fieldManager=operator&force=false"),
			apply(configMaps, "a", `{metadata: {name: a, labels: {l: other}}, data: {a: "2", b: "2", c: "4"}}`),
		}},
		{"apply to what Helm 3 has made", "the same name, but another operation", []Step{
			post(configMaps, one, "managers"),
			apply(configMaps, "a", one, "managers"),
			apply(configMaps, "a", two),
			handover(configMaps, "a", "managers"),
			apply(configMaps, "a", two, "data", "managers"),
			apply(configMaps, "a", `{metadata: {name: a}}`, "data", "managers"),
		}},
		{"apply to what was edited", "kubectl edit between two releases", []Step{
			apply(configMaps, "a", one),
			patch(configMaps, "a", strategic, `{data: {a: "3"}}`, "data", "managers").asking("fieldManager=kubectl-edit"),
			apply(configMaps, "a", one),
			apply(configMaps, "a", `{metadata: {name: a}, data: {a: "3"}}`, "data", "managers"),
			apply(configMaps, "a", `{metadata: {name: a}, data: {b: "1"}}`, "data", "managers"),
		}},
		{"apply to a list with keys", "a sidecar that somebody else has put in", []Step{
			apply(deployments, "a", deployment(`{name: c, image: i}`)),
			apply(deployments, "a", deployment(`{name: side, image: s}`)).asking("fieldManager=operator&force=false"),
			apply(deployments, "a", deployment(`{name: c, image: j}`), "spec.template.spec.containers.name"),
			get(deployments, "a", "managers"),
			apply(deployments, "a", deployment(`{name: side, image: other}`)),
		}},
	}
}
