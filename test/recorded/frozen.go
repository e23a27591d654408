package recorded

const podTemplate = `template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i}]}}`

// frozen is what the server's validation does not let change, apart from Jobs and Pods. An upgrade fails on it.
func frozen() []Scenario {
	workload := func(name, plural, spec string, changes ...string) Scenario {
		k := kind{apps + plural, "apps/v1", name}
		s := Scenario{"what may change in a " + name, "an upgrade with a change that is refused", []Step{
			post(k, "{metadata: {name: a}, spec: {"+spec+"selector: {matchLabels: {a: b}}, "+podTemplate+"}}"),
		}}
		for _, change := range append(changes, "{selector: {matchLabels: {c: d}}, template: {metadata: {labels: {c: d}}}}", "{template: {spec: {containers: [{name: c, image: j}]}}}") {
			s.Steps = append(s.Steps, patch(k, "a", strategic, "{spec: "+change+"}"))
		}
		return s
	}
	changed := func(k kind, name, body string, changes ...string) Scenario {
		s := Scenario{"what may change in a " + k.name, "an upgrade with a change that is refused", []Step{post(k, "{metadata: {name: "+name+"}"+body+"}")}}
		for _, change := range changes {
			s.Steps = append(s.Steps, patch(k, name, strategic, change))
		}
		return s
	}
	return append([]Scenario{
		workload("Deployment", "deployments", "", "{replicas: 2}", "{strategy: {type: Recreate, rollingUpdate: null}}"),
		workload("ReplicaSet", "replicasets", "", "{replicas: 2}"),
		workload("DaemonSet", "daemonsets", "", "{minReadySeconds: 2}"),
		workload("StatefulSet", "statefulsets", "serviceName: s, ", "{replicas: 2}", "{serviceName: other}", "{podManagementPolicy: Parallel}",
			"{updateStrategy: {type: OnDelete, rollingUpdate: null}}", "{minReadySeconds: 2}", "{revisionHistoryLimit: 2}", "{persistentVolumeClaimRetentionPolicy: {whenDeleted: Delete}}",
			"{volumeClaimTemplates: [{metadata: {name: v}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}]}"),
		changed(secrets, "a", `, type: Opaque, data: {a: MQ==}`, `{data: {a: Mg==}}`, `{type: kubernetes.io/basic-auth}`, `{immutable: true}`, `{data: {a: Mw==}}`, `{metadata: {labels: {l: m}}}`),
		changed(configMaps, "a", `, immutable: true, data: {a: "1"}`, `{data: {a: "2"}}`, `{data: {b: "2"}}`, `{immutable: null}`, `{binaryData: {b: MQ==}}`, `{metadata: {labels: {l: m}}}`),
		changed(services, "a", `, spec: {ports: [{port: 80}]}`, `{spec: {ports: [{port: 80, targetPort: 81}]}}`, `{spec: {clusterIP: None}}`, `{spec: {type: NodePort}}`, `{spec: {selector: {a: b}}}`),
		changed(kind{core + "persistentvolumeclaims", "v1", "PersistentVolumeClaim"}, "a", `, spec: {accessModes: [ReadWriteOnce], storageClassName: s, resources: {requests: {storage: 1Gi}}}`,
			`{spec: {accessModes: [ReadWriteMany]}}`, `{spec: {storageClassName: other}}`, `{spec: {resources: {requests: {storage: 2Gi}}}}`, `{spec: {volumeName: v}}`, `{metadata: {labels: {l: m}}}`),
		changed(kind{core + "serviceaccounts", "v1", "ServiceAccount"}, "a", ``, `{automountServiceAccountToken: false}`),
		changed(kind{rbac + "namespaces/{namespace}/rolebindings", roles.apiVersion, "RoleBinding"}, "a",
			`, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}`, `{roleRef: {name: edit}}`, `{subjects: [{kind: ServiceAccount, name: a, namespace: "{namespace}"}]}`),
	}, frozenInCluster()...)
}

// frozenInCluster is frozen for cluster-scoped kinds.
func frozenInCluster() []Scenario {
	const name = `"{namespace}"`
	changed := func(group, plural, kindName, body string, changes ...string) Scenario {
		k := kind{"/apis/" + group + "/" + plural, group, kindName}
		s := Scenario{"what may change in a " + kindName, "an upgrade with a change that is refused", []Step{post(k, "{metadata: {name: "+name+"}"+body+"}")}}
		for _, change := range changes {
			s.Steps = append(s.Steps, patch(k, "{namespace}", strategic, change))
		}
		return s
	}
	return []Scenario{
		changed("rbac.authorization.k8s.io/v1", "clusterrolebindings", "ClusterRoleBinding",
			`, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}`, `{roleRef: {name: edit}}`, `{metadata: {labels: {l: m}}}`),
		changed("scheduling.k8s.io/v1", "priorityclasses", "PriorityClass", `, value: 10`, `{value: 11}`, `{preemptionPolicy: Never}`, `{description: d}`, `{globalDefault: false}`),
		changed("storage.k8s.io/v1", "storageclasses", "StorageClass", `, provisioner: example.test/p, parameters: {a: b}`,
			`{provisioner: example.test/other}`, `{parameters: {a: c}}`, `{reclaimPolicy: Retain}`, `{volumeBindingMode: WaitForFirstConsumer}`, `{allowVolumeExpansion: true}`),
		changed("networking.k8s.io/v1", "ingressclasses", "IngressClass", `, spec: {controller: example.test/c}`, `{spec: {controller: example.test/other}}`, `{metadata: {labels: {l: m}}}`),
		changed("node.k8s.io/v1", "runtimeclasses", "RuntimeClass", `, handler: runc`, `{handler: other}`, `{metadata: {labels: {l: m}}}`),
	}
}
