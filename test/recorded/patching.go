package recorded

func patching() []Scenario {
	return []Scenario{
		{"patch", "Helm 3 upgrades by the difference of three texts", []Step{
			post(configMaps, `{metadata: {name: a, annotations: {helm.sh/resource-policy: keep, b: c}}, data: {a: "1"}}`),
			patch(configMaps, "a", strategic, `{metadata: {annotations: {helm.sh/resource-policy: null}}}`, "metadata.annotations", "managers"),
			patch(configMaps, "a", strategic, `{data: {a: null, b: "2"}}`, "data", "managers"),
			patch(configMaps, "a", mergeJSON, `{data: {c: "3"}}`, "data"),
			patch(configMaps, "a", strategic, `{}`, "data", "managers"),
			patch(configMaps, "a", strategic, `{data: {b: "4"}}`, "data", "managers").asking("fieldManager=kubectl-edit"),
			patch(configMaps, "a", strategic, `{data: null}`, "data", "managers"),
		}},
		{"patch lists", "containers are merged by name, arguments are not", []Step{
			post(deployments, `{metadata: {name: a}, spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}},
				spec: {containers: [{name: c, image: i, args: [one]}]}}}}`),
			patch(deployments, "a", strategic, `{spec: {template: {
				spec: {containers: [{name: c, image: j, args: [two, three]}]}}}}`, "spec.template.spec.containers.image", "spec.template.spec.containers.args"),
			patch(deployments, "a", strategic, `{spec: {template: {spec: {containers: [{name: c, args: null}]}}}}`, "spec.template.spec.containers.image", "spec.template.spec.containers.args"),
		}},
		{"patch what somebody else has made", "nobody asks for the owner", []Step{
			post(configMaps, one).asking("fieldManager=kubectl-create"),
			patch(configMaps, "a", strategic, `{data: {a: "2"}}`, "data", "managers"),
		}},
		{"patch what Helm 4 has applied", "a release goes back to Helm 3", []Step{
			apply(configMaps, "a", one),
			patch(configMaps, "a", strategic, `{data: {a: "2"}}`, "data", "managers"),
			apply(configMaps, "a", one),
			apply(configMaps, "a", two, "managers"),
		}},
	}
}

func replacing() []Scenario {
	return []Scenario{
		{"replace", "upgrade --force", []Step{
			post(configMaps, `{metadata: {name: a, labels: {l: m}}, data: {a: "1", b: "2"}}`, "uid"),
			put(configMaps, "a", two, "data", "metadata.labels", "managers", "uid"),
			put(configMaps, "a", `{metadata: {name: a, resourceVersion: "1"}}`),
			put(configMaps, "a", `{metadata: {name: b}}`),
			put(configMaps, "missing", `{metadata: {name: missing}}`),
		}},
		{"replace a Job", "upgrade --force with a Job that is no hook: the server has given it a selector", []Step{
			post(jobKind, job("i"), "uid"),
			put(jobKind, "a", job("i")),
			put(jobKind, "a", job("j")),
			get(jobKind, "a", "uid"),
		}},
		{"replace a Service", "upgrade --force: the cluster IP may be left out", []Step{
			post(services, `{metadata: {name: a}, spec: {ports: [{port: 80}]}}`),
			put(services, "a", `{metadata: {name: a}, spec: {ports: [{port: 81}]}}`, "spec.ports.port"),
			put(services, "a", `{metadata: {name: a}, spec: {clusterIP: None, ports: [{port: 81}]}}`),
		}},
	}
}
