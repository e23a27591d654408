package plan

import (
	"slices"
	"sort"
)

// argoKinds is gitops-engine's order of kinds (pkg/sync/sync_tasks.go kindOrder). Unlike Helm's it has no
// PriorityClass and no webhooks; all that are not in it are equal, and come last by name.
var argoKinds = [...]string{
	"Namespace", "NetworkPolicy", "ResourceQuota", "LimitRange", "PodSecurityPolicy", "PodDisruptionBudget",
	"ServiceAccount", "Secret", "SecretList", "ConfigMap", "StorageClass", "PersistentVolume",
	"PersistentVolumeClaim", "CustomResourceDefinition", "ClusterRole", "ClusterRoleList", "ClusterRoleBinding",
	"ClusterRoleBindingList", "Role", "RoleList", "RoleBinding", "RoleBindingList", "Service", "DaemonSet",
	"Pod", "ReplicationController", "ReplicaSet", "Deployment", "HorizontalPodAutoscaler", "StatefulSet",
	"Job", "CronJob", "IngressClass", "Ingress", "APIService",
}

// argoTask is one object in one phase of a sync.
type argoTask struct {
	*argoObject
	phase string
	wave  int
	// namespace is never empty: gitops-engine puts the application's into every object, cluster-scoped ones too
	// (sync_context.go getSyncTasks).
	namespace string
}

// argoTasks is getSyncTasks and syncTasks.Sort: phase, wave, kind, name. What is equal in all four, which
// Argo CD leaves to chance, keeps the order of the input.
func argoTasks(objects []argoObject, release Release) []argoTask {
	var tasks []argoTask
	for i := range objects {
		namespace := objects[i].one.object.Namespace
		if namespace == "" {
			namespace = release.Namespace
		}
		for _, phase := range objects[i].phases {
			tasks = append(tasks, argoTask{argoObject: &objects[i], phase: phase, wave: objects[i].wave, namespace: namespace})
		}
	}
	kinds := map[string]int{}
	for i, kind := range argoKinds {
		kinds[kind] = i - len(argoKinds)
	}
	phases := map[string]int{argoPreSync: -1, argoSync: 0, argoPostSync: 1, argoSyncFail: 2}
	sort.SliceStable(tasks, func(i, j int) bool {
		a, b := &tasks[i], &tasks[j]
		switch {
		case a.phase != b.phase:
			return phases[a.phase] < phases[b.phase]
		case a.wave != b.wave:
			return a.wave < b.wave
		case kinds[a.one.object.Kind] != kinds[b.one.object.Kind]:
			return kinds[a.one.object.Kind] < kinds[b.one.object.Kind]
		}
		return a.one.object.Name < b.one.object.Name
	})
	argoMoveAhead(tasks, argoNamespaceName, func(t *argoTask) string { return t.namespace })
	argoMoveAhead(tasks, argoDefines, func(t *argoTask) string { return t.one.object.group() + "/" + t.one.object.Kind })
	// Two tasks of one object that were moved into one phase share their result (resourceResultKey).
	seen := map[string]bool{}
	return slices.DeleteFunc(tasks, func(t argoTask) bool {
		key := t.phase + " " + t.key()
		again := seen[key] && !t.renamed()
		seen[key] = true
		return again
	})
}

func argoNamespaceName(t *argoTask) (string, bool) {
	o := t.one.object
	return o.Name, o.Kind == "Namespace" && o.group() == ""
}

// argoDefines is the kind that a CustomResourceDefinition defines.
func argoDefines(t *argoTask) (string, bool) {
	o := t.one.object
	if o.Kind != "CustomResourceDefinition" || o.group() != "apiextensions.k8s.io" {
		return "", false
	}
	spec, _ := t.one.body["spec"].(map[string]any)
	names, _ := spec["names"].(map[string]any)
	group, hasGroup := spec["group"].(string)
	kind, hasKind := names["kind"].(string)
	return group + "/" + kind, hasGroup && hasKind
}

// argoMoveAhead is syncTasks.adjustDeps: what another task needs goes before the first that needs it, into
// its phase and wave.
func argoMoveAhead(tasks []argoTask, provides func(*argoTask) (string, bool), needs func(*argoTask) string) {
	first := map[string]int{}
	for i := range tasks {
		key, ok := provides(&tasks[i])
		if !ok {
			if _, known := first[needs(&tasks[i])]; !known {
				first[needs(&tasks[i])] = i
			}
			continue
		}
		index, ok := first[key]
		if !ok {
			continue
		}
		moved := tasks[i]
		moved.wave, moved.phase = tasks[index].wave, tasks[index].phase
		copy(tasks[index+1:i+1], tasks[index:i])
		tasks[index] = moved
		for other, at := range first {
			if at >= index {
				first[other] = at + 1
			}
		}
	}
}

// argoStep is what Argo CD applies before it looks at the health of anything: the tasks of one phase and wave.
type argoStep struct {
	phase string
	wave  int
	tasks []argoTask
	// waited says that its ordinary objects must be healthy before the sync goes on or is done; hooks always must.
	waited bool
	// ahead is the application's own namespace, which comes before everything else.
	ahead bool
}

// argoSteps groups tasks as Sync takes them (sync_context.go): the phase and wave of the first that is
// pending, and all others of the same.
func argoSteps(tasks []argoTask) []argoStep {
	var steps []argoStep
	for i := range tasks {
		t := tasks[i]
		at := slices.IndexFunc(steps, func(s argoStep) bool { return s.phase == t.phase && s.wave == t.wave })
		if at < 0 {
			at = len(steps)
			steps = append(steps, argoStep{phase: t.phase, wave: t.wave})
		}
		steps[at].tasks = append(steps[at].tasks, t)
	}
	last := len(steps) - 1
	for last >= 0 && steps[last].phase == argoSyncFail {
		last--
	}
	for i := range steps {
		// The last step's ordinary objects count as done once applied, unless a hook beside them keeps the
		// sync going; and where there is only one step, not even then.
		steps[i].waited = i < last || len(steps) > 1 && slices.ContainsFunc(steps[i].tasks, func(t argoTask) bool { return t.isHook })
	}
	return steps
}
