package recorded

const (
	one = `{metadata: {name: a}, data: {a: "1"}}`
	two = `{metadata: {name: a}, data: {a: "2"}}`
	// held has a finalizer that nobody takes off.
	held  = `{metadata: {name: a, finalizers: [example.test/slow]}, data: {a: "1"}}`
	freed = `{metadata: {finalizers: null}}`
)

func creating() []Scenario {
	return []Scenario{
		{"create", "Helm 3 creates hooks and resources by POST", []Step{
			post(configMaps, one, "data", "managers", "uid"),
			get(configMaps, "a", "data", "managers", "uid"),
		}},
		{"create what exists", "a hook without before-hook-creation fails on its second run", []Step{
			post(configMaps, one, "uid"),
			post(configMaps, two),
			post(configMaps, two).asking("fieldManager=kubectl-create"),
			get(configMaps, "a", "data", "uid"),
		}},
		{"create what is going away", "Helm 4's hookOnly does not wait until the old hook has gone", []Step{
			post(configMaps, held, "uid"),
			remove(configMaps, "a", "deleting"),
			post(configMaps, one),
			patch(configMaps, "a", strategic, freed),
			get(configMaps, "a").answered(404),
			post(configMaps, one, "uid"),
		}},
		{"create with generateName", "the name is known only once the object is made", []Step{
			post(configMaps, `{metadata: {generateName: mig-}}`, "metadata.name", "uid"),
			post(configMaps, `{metadata: {generateName: mig-}}`, "metadata.name", "uid"),
			post(configMaps, `{metadata: {generateName: mig-, name: a}}`, "metadata.name", "uid"),
		}},
		{"create without a name", "charts leave metadata out", []Step{
			post(configMaps, `{data: {a: "1"}}`),
			post(configMaps, `{metadata: {name: ""}}`),
			post(configMaps, `{metadata: {name: null}}`),
		}},
		{"create with a status", "a manifest that was copied from a cluster", []Step{
			post(deployments, `{metadata: {name: a}, status: {replicas: 3},
				spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i}]}}}}`, "status.replicas"),
			post(configMaps, `{metadata: {name: a, uid: 11111111-1111-1111-1111-111111111111, generation: 7, creationTimestamp: "2020-01-01T00:00:00Z"}}`, "metadata.generation"),
			post(configMaps, `{metadata: {name: b, resourceVersion: "7"}}`),
		}},
		{"create a list", "Helm takes lists apart, and never sends one", []Step{
			post(configMaps, `{kind: ConfigMapList, items: [{metadata: {name: a}}]}`),
			post(configMaps, `{kind: List, items: [{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}]}`),
			get(configMaps, "a"),
		}},
	}
}

// elsewhere is a namespace that a scenario makes or that does not exist.
func elsewhere(name string) kind {
	return kind{"/api/v1/namespaces/{namespace}-" + name + "/configmaps", "v1", "ConfigMap"}
}

func refusing() []Scenario {
	inNamespace := kind{rbac + "namespaces/{namespace}/clusterroles", clusterRoles.apiVersion, clusterRoles.name}
	return []Scenario{
		{"a namespace that does not exist", "install without --create-namespace, a hook in another namespace", []Step{
			post(elsewhere("missing"), one),
			apply(elsewhere("missing"), "a", one),
			get(elsewhere("missing"), "a"),
			remove(elsewhere("missing"), "a"),
		}},
		{"a namespace that is going away", "a release is uninstalled while its namespace is deleted", []Step{
			post(namespaces, `{metadata: {name: "{namespace}-gone"}}`),
			post(elsewhere("gone"), one),
			remove(namespaces, "{namespace}-gone", "deleting"),
			post(elsewhere("gone"), two),
			post(elsewhere("gone"), `{metadata: {name: b}}`),
			apply(elsewhere("gone"), "b", `{metadata: {name: b}}`),
			apply(elsewhere("gone"), "a", one),
			remove(elsewhere("gone"), "a"),
		}},
		{"a namespace in the body", "the path is made from metadata.namespace", []Step{
			post(configMaps, `{metadata: {name: a, namespace: other}}`),
			apply(configMaps, "a", `{metadata: {name: a, namespace: other}}`),
			post(clusterRoles, `{metadata: {name: "{namespace}-a", namespace: other}}`, "metadata.namespace"),
		}},
		{"a cluster-scoped kind in a namespace", "Helm asks discovery for the scope, so it never does this", []Step{
			post(inNamespace, `{metadata: {name: "{namespace}-a"}}`),
		}},
		{"a kind that is not served", "a chart for an older or newer Kubernetes", []Step{
			post(kind{"/apis/apps/v1beta1/namespaces/{namespace}/deployments", "apps/v1beta1", "Deployment"}, one),
			post(kind{"/apis/policy/v1/namespaces/{namespace}/podsecuritypolicies", "policy/v1", "PodSecurityPolicy"}, one),
			get(kind{path: "/apis/example.test/v1/namespaces/{namespace}/widgets"}, "a"),
			apply(kind{"/apis/example.test/v1/namespaces/{namespace}/widgets", "example.test/v1", "Widget"}, "a", one),
		}},
		{"what is missing", "Helm looks before it creates, updates or deletes", []Step{
			get(configMaps, "a"),
			remove(configMaps, "a"),
			patch(configMaps, "a", strategic, `{data: {a: "2"}}`),
			patch(configMaps, "a", mergeJSON, `{data: {a: "2"}}`),
			put(configMaps, "a", one),
			get(jobKind, "a"),
		}},
		{"what lacks required fields", "such a hook fails when it runs, not before", []Step{
			post(jobKind, `{metadata: {name: a}, spec: {template: {spec: {restartPolicy: Never}}}}`),
			post(jobKind, `{metadata: {name: a}, spec: {template: {spec: {containers: [{name: c, image: i}]}}}}`),
			post(jobKind, `{metadata: {name: a}}`),
			apply(jobKind, "a", `{metadata: {name: a}, spec: {template: {spec: {containers: [{name: c, image: i}]}}}}`),
			post(deployments, `{metadata: {name: a}, spec: {template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i}]}}}}`),
			post(kind{rbac + "namespaces/{namespace}/rolebindings", roles.apiVersion, "RoleBinding"}, `{metadata: {name: a}}`),
		}},
	}
}
