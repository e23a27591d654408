package recorded

import "strings"

func fields() []Scenario {
	misspelt := `{metadata: {name: a}, spec: {template: {spec: {restartPolicy: Never, restartPolicyy: x, containers: [{name: c, image: i, imagee: j}]}}}}`
	applied := strings.Replace(misspelt, ", imagee: j", "", 1) // the server names one, or says only that there are several
	shown := []string{"spec.template.spec.restartPolicyy", "spec.template.spec.containers.imagee"}
	return []Scenario{
		{"an unknown field in a POST", "Helm 3 sends no fieldValidation", []Step{
			post(jobKind, misspelt, shown...),
			post(configMaps, misspelt).asking("fieldManager=helm&fieldValidation=Strict"),
			post(jobKind, strings.Replace(misspelt, "name: a", "name: b", 1)).asking("fieldManager=helm&fieldValidation=Strict"),
			patch(jobKind, "a", strategic, `{spec: {backoffLimitt: 3}}`, "spec.backoffLimitt"),
			patch(jobKind, "a", mergeJSON, `{specc: {a: b}}`, "specc"),
			post(configMaps, `{metadata: {name: a, labelss: {a: b}}, dataa: {a: b}}`, "dataa", "metadata.labelss"),
			put(configMaps, "a", `{metadata: {name: a}, dataa: {a: b}}`, "dataa"),
		}},
		{"an unknown field in an apply", "Helm 4 says Strict, and no validation flag changes it", []Step{
			apply(jobKind, "a", applied),
			apply(jobKind, "a", applied).asking("fieldManager=helm&force=false"),
			apply(jobKind, "a", applied).asking("fieldManager=helm&fieldValidation=Ignore&force=true"),
			apply(configMaps, "a", `{metadata: {name: a}, dataa: {a: b}}`),
			apply(configMaps, "a", `{metadata: {name: a, labelss: {a: b}}}`),
			get(jobKind, "a"),
		}},
		{"a value of the wrong type", "an unquoted number or bool; Helm itself refuses those among the annotations of a hook", []Step{
			post(configMaps, `{metadata: {name: a, annotations: {helm.sh/hook-weight: 5}}}`),
			post(configMaps, `{metadata: {name: a, annotations: {a: true}}}`),
			post(configMaps, `{metadata: {name: a, labels: {a: 5}}}`),
			post(configMaps, `{metadata: {name: a}, data: {a: 5}}`),
			apply(configMaps, "a", `{metadata: {name: a, annotations: {helm.sh/hook-weight: 5}}}`),
			apply(configMaps, "a", `{metadata: {name: a, labels: {a: true}}}`),
			apply(configMaps, "a", `{metadata: {name: a}, data: {a: 5}}`),
			post(jobKind, `{metadata: {name: a}, spec: {backoffLimit: "2"}}`),
			apply(jobKind, "a", `{metadata: {name: a}, spec: {backoffLimit: "2"}}`),
		}},
		{"null", "an empty annotation such as helm.sh/hook-weight: and nothing behind", []Step{
			post(configMaps, `{metadata: {name: a, annotations: {a: null, b: c}, labels: {l: null}}, data: {a: null}}`, "metadata.annotations", "metadata.labels", "data"),
			apply(configMaps, "b", `{metadata: {name: b, annotations: {a: null, b: c}, labels: {l: null}}, data: {a: null}}`, "metadata.annotations", "metadata.labels", "data"),
			apply(configMaps, "b", `{metadata: {name: b, annotations: {a: null, b: c}, labels: {l: null}}, data: {a: null}}`, "metadata.annotations"),
			post(configMaps, `{metadata: {name: c, annotations: null}, data: null}`, "metadata.annotations", "data"),
			apply(configMaps, "d", `{metadata: {name: d, annotations: null}, data: null}`, "metadata.annotations", "data"),
			patch(configMaps, "a", strategic, `{metadata: {annotations: {b: null}}}`, "metadata.annotations"),
		}},
	}
}

func naming() []Scenario {
	named := func(name string) string { return "{metadata: {name: " + name + "}}" }
	job := func(name string) Step {
		return post(jobKind, "{metadata: {name: "+name+"}, spec: {suspend: true, template: {spec: {restartPolicy: Never, containers: [{name: c, image: i}]}}}}")
	}
	cron := func(name string) Step {
		return post(cronJobs, "{metadata: {name: "+name+"}, spec: {schedule: '* * * * *', jobTemplate: "+
			"{spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: i}]}}}}}}")
	}
	service := func(name string) Step {
		return post(services, "{metadata: {name: "+name+"}, spec: {ports: [{port: 80}]}}")
	}
	return []Scenario{
		{"names", "a long release name, or one with capitals, in a hook's name", []Step{
			post(configMaps, named("Upper")),
			post(configMaps, named("a_b")),
			post(configMaps, named(strings.Repeat("a", 253))),
			post(configMaps, named(strings.Repeat("a", 254))),
			apply(configMaps, "Upper", named("Upper")),
			apply(configMaps, strings.Repeat("a", 254), named(strings.Repeat("a", 254))),
			post(configMaps, named("1.a")),
			job(strings.Repeat("a", 63)), job(strings.Repeat("a", 64)),
			cron(strings.Repeat("a", 52)), cron(strings.Repeat("a", 53)),
			service("a-1"), service("1-a"), service("a.b"), service(strings.Repeat("a", 64)),
			post(roles, named("a:b")),
			post(roles, named("Upper")),
			post(namespaces, named(`"{namespace}.a"`)),
		}},
		{"labels and annotations", "a chart's version with a + in a label, a long value", []Step{
			post(configMaps, `{metadata: {name: a, labels: {helm.sh/chart: shop-1.0.0+build}}}`),
			post(configMaps, "{metadata: {name: b, labels: {a: "+strings.Repeat("b", 63)+"}}}"),
			post(configMaps, "{metadata: {name: c, labels: {a: "+strings.Repeat("b", 64)+"}}}"),
			apply(configMaps, "d", "{metadata: {name: d, labels: {a: "+strings.Repeat("b", 64)+"}}}"),
			post(configMaps, `{metadata: {name: e, labels: {"a b": c}}}`),
			post(configMaps, `{metadata: {name: f, annotations: {"a b": c}}}`),
			post(configMaps, `{metadata: {name: g, annotations: {Helm.sh/Hook: c}}}`),
			post(configMaps, "{metadata: {name: h, annotations: {a: "+strings.Repeat("b", 262144)+"}}}"),
			patch(configMaps, "b", strategic, `{metadata: {labels: {a: b c}}}`),
		}},
	}
}
