package recorded

func deleting() []Scenario {
	child := `{metadata: {name: child, ownerReferences: [{apiVersion: v1, kind: ConfigMap, name: a, uid: "{uid}"}]}}`
	return []Scenario{
		{"delete", "before-hook-creation, hook-succeeded, uninstall", []Step{
			post(configMaps, one, "uid"),
			remove(configMaps, "a", "kind", "status"),
			get(configMaps, "a"),
			remove(configMaps, "a"),
			post(configMaps, one, "uid"),
		}},
		{"delete a Job", "with propagationPolicy Background it has gone at once", []Step{
			post(jobKind, jobWith("", "suspend: true"), "uid"),
			remove(jobKind, "a", "kind", "status"),
			get(jobKind, "a"),
			post(jobKind, jobWith("", "suspend: true"), "uid"),
		}},
		{"delete what has a finalizer", "it stays until somebody takes the finalizer off", []Step{
			post(configMaps, held, "uid"),
			remove(configMaps, "a", "deleting", "uid"),
			get(configMaps, "a", "deleting", "uid"),
			remove(configMaps, "a", "deleting"),
			patch(configMaps, "a", strategic, `{data: {a: "3"}}`, "data", "deleting"),
			put(configMaps, "a", one),
			get(configMaps, "a").answered(404),
		}},
		{"delete a Job that has a finalizer", "Helm 3 waits for it, Helm 4's hookOnly does not", []Step{
			apply(jobKind, "a", jobWith("finalizers: [example.test/slow]", ""), "uid"),
			get(jobKind, "a", "status.succeeded").until("status.succeeded", 1.0),
			remove(jobKind, "a", "deleting"),
			apply(jobKind, "a", jobWith("finalizers: [example.test/slow]", ""), "deleting", "uid", "status.succeeded"),
			apply(jobKind, "a", job("j")),
			post(jobKind, job("i")),
		}},
		{"what an owner leaves behind", "uninstall --cascade; the garbage collector is no part of the API server", []Step{
			post(configMaps, one, "uid"),
			post(configMaps, child, "metadata.ownerReferences"),
			removeBy("Background", configMaps, "a", "status"),
			get(configMaps, "a"),
			get(configMaps, "child", "deleting"),
			post(configMaps, `{metadata: {name: b}}`),
			removeBy("Foreground", configMaps, "b", "deleting", "metadata.finalizers"),
			post(configMaps, `{metadata: {name: b}}`),
			apply(configMaps, "b", `{metadata: {name: b}, data: {a: "1"}}`, "deleting"),
			post(configMaps, `{metadata: {name: c}}`),
			removeBy("Orphan", configMaps, "c", "deleting", "metadata.finalizers"),
		}},
	}
}
