package recorded

// job is a Job that ends well at once. Its images do not matter.
func job(image string) string {
	return "{metadata: {name: a}, spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: " + image + "}]}}}}"
}

// jobWith has more metadata or more in its spec.
func jobWith(metadata, spec string) string {
	if spec != "" {
		spec += ", "
	}
	if metadata != "" {
		metadata = ", " + metadata
	}
	return "{metadata: {name: a" + metadata + "}, spec: {" + spec + "template: {spec: {restartPolicy: Never, containers: [{name: c, image: i}]}}}}"
}

func jobs() []Scenario {
	labels := `{metadata: {name: a, labels: {l: m}}, spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: i}]}}}}`
	change := func(spec string, facts ...string) Step {
		return patch(jobKind, "a", strategic, "{spec: "+spec+"}", facts...)
	}
	return []Scenario{
		{"apply over a finished Job", "Helm 4 finds it complete, and the hook has not run", []Step{
			apply(jobKind, "a", job("i"), "uid"),
			get(jobKind, "a", "status.succeeded", "uid").until("status.succeeded", 1.0),
			apply(jobKind, "a", job("i"), "status.succeeded", "uid", "managers"),
			apply(jobKind, "a", labels, "status.succeeded", "uid", "metadata.labels.l"),
			apply(jobKind, "a", job("j")),
			apply(jobKind, "a", job("j")).asking("fieldManager=helm&fieldValidation=Strict&force=true"),
			apply(jobKind, "a", jobWith("", "backoffLimit: 2"), "status.succeeded", "spec.backoffLimit"),
			post(jobKind, job("i")),
		}},
		{"apply over a Job that Helm 3 has made", "a release that changes to Helm 4", []Step{
			post(jobKind, job("i"), "uid"),
			get(jobKind, "a", "status.succeeded").until("status.succeeded", 1.0),
			apply(jobKind, "a", job("i"), "status.succeeded", "uid", "managers"),
			apply(jobKind, "a", job("j")),
		}},
		{"what may change in a Job", "an ordinary Job in an upgrade, a hook Job under Helm 4", []Step{
			post(jobKind, jobWith("", "suspend: true, completions: 2, parallelism: 1")),
			change("{parallelism: 2}", "spec.parallelism"), change("{backoffLimit: 1}", "spec.backoffLimit"),
			change("{activeDeadlineSeconds: 100}", "spec.activeDeadlineSeconds"), change("{ttlSecondsAfterFinished: 100}", "spec.ttlSecondsAfterFinished"),
			change("{completions: 3}"), change("{completionMode: Indexed}"), change("{selector: {matchLabels: {x: z}}}"), change("{backoffLimitPerIndex: 1}"),
			change("{podFailurePolicy: {rules: [{action: FailJob, onExitCodes: {operator: In, values: [1]}}]}}"),
			change("{podReplacementPolicy: Failed}"), change("{managedBy: example.test/controller}"), change("{manualSelector: true}"),
			change("{template: {spec: {restartPolicy: OnFailure}}}"), change("{template: {spec: {containers: [{name: c, image: j}]}}}"),
			change("{template: {spec: {containers: [{name: c, env: [{name: a, value: b}]}]}}}"),
			change("{successPolicy: {rules: [{succeededCount: 1}]}}"),
			patch(jobKind, "a", strategic, "{metadata: {labels: {l: m}}}", "metadata.labels.l"),
		}},
		{"the pod template of a suspended Job", "where it runs may be changed until it starts", []Step{
			post(jobKind, jobWith("", "suspend: true")),
			change("{template: {metadata: {annotations: {a: b}}}}", "spec.template.metadata.annotations"),
			change("{template: {spec: {nodeSelector: {a: b}}}}", "spec.template.spec.nodeSelector"),
			apply(jobKind, "a", jobWith("", "suspend: true")),
		}},
		{"a suspended Job", "it does not end before somebody lets it run", []Step{
			post(jobKind, jobWith("", "suspend: true"), "status.succeeded"),
			get(jobKind, "a", "status.succeeded", "spec.suspend"),
			change("{suspend: false}", "spec.suspend"),
			get(jobKind, "a", "status.succeeded").until("status.succeeded", 1.0),
			change("{suspend: true}", "spec.suspend", "status.succeeded"),
		}},
	}
}

func pods() []Scenario {
	pod := func(extra string) string {
		return `{metadata: {name: a, annotations: {e2e.helm-hooks/outcome: never}}, spec: {containers: [{name: c, image: i` + extra + `}]}}`
	}
	change := func(spec string, facts ...string) Step {
		return patch(podKind, "a", strategic, "{spec: "+spec+"}", facts...)
	}
	return []Scenario{
		{"what may change in a Pod", "helm test Pods, hook Pods under Helm 4", []Step{
			post(podKind, pod("")),
			get(podKind, "a", "status.phase").until("status.phase", "Running"),
			change("{containers: [{name: c, image: j}]}", "spec.containers.image"),
			change("{containers: [{name: c, command: [x]}]}"), change("{containers: [{name: c, env: [{name: a, value: b}]}]}"),
			change("{restartPolicy: Never}"), change("{containers: [{name: d, image: i}]}"),
			change("{activeDeadlineSeconds: 100}", "spec.activeDeadlineSeconds"), change("{serviceAccountName: other}"),
			change("{tolerations: [{key: k, operator: Exists}]}"), change("{terminationGracePeriodSeconds: 5}"),
			patch(podKind, "a", strategic, "{metadata: {labels: {l: m}}}", "metadata.labels"),
		}},
		{"apply over a Pod", "a hook Pod without before-hook-creation under Helm 4", []Step{
			apply(podKind, "a", `{metadata: {name: a}, spec: {restartPolicy: Never, containers: [{name: c, image: i}]}}`, "uid"),
			get(podKind, "a", "status.phase").until("status.phase", "Succeeded"),
			apply(podKind, "a", `{metadata: {name: a}, spec: {restartPolicy: Never, containers: [{name: c, image: i}]}}`, "uid", "status.phase"),
			apply(podKind, "a", `{metadata: {name: a}, spec: {restartPolicy: Never, containers: [{name: c, image: j}]}}`, "uid", "status.phase"),
			apply(podKind, "a", `{metadata: {name: a}, spec: {restartPolicy: Never, containers: [{name: c, image: j, command: [x]}]}}`),
		}},
		{"delete a Pod that runs", "it has time to end; Helm 4's hookOnly applies to what is going away", []Step{
			post(podKind, `{metadata: {name: a, annotations: {e2e.helm-hooks/outcome: never, e2e.helm-hooks/gone-after: 2s}}, spec: {containers: [{name: c, image: i}]}}`, "uid"),
			get(podKind, "a", "status.phase").until("status.phase", "Running"),
			remove(podKind, "a", "deleting", "uid"),
			post(podKind, pod("")),
			apply(podKind, "a", `{metadata: {name: a}, spec: {containers: [{name: c, image: i}]}}`, "deleting", "uid"),
			get(podKind, "a").answered(404),
			post(podKind, pod(""), "uid", "deleting"),
		}},
	}
}
