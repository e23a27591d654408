package plan

import (
	"slices"
	"sort"
)

// installOrder is Helm's order of kinds. Source: v3 pkg/releaseutil/kind_sorter.go InstallOrder
// (3.12.3 and later, with PriorityClass first).
var installOrder = []string{
	"PriorityClass", "Namespace", "NetworkPolicy", "ResourceQuota", "LimitRange", "PodSecurityPolicy",
	"PodDisruptionBudget", "ServiceAccount", "Secret", "SecretList", "ConfigMap", "StorageClass",
	"PersistentVolume", "PersistentVolumeClaim", "CustomResourceDefinition", "ClusterRole",
	"ClusterRoleList", "ClusterRoleBinding", "ClusterRoleBindingList", "Role", "RoleList",
	"RoleBinding", "RoleBindingList", "Service", "DaemonSet", "Pod", "ReplicationController",
	"ReplicaSet", "Deployment", "HorizontalPodAutoscaler", "StatefulSet", "Job", "CronJob",
	"IngressClass", "Ingress", "APIService",
}

// webhookKinds follow APIService in Helm 4 (v4 pkg/release/v1/util/kind_sorter.go); Helm 3 takes them
// for unknown kinds.
var webhookKinds = []string{"MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"}

// KindOrder is the order in which the engine installs kinds. Kinds that are not in it come last, by name.
func KindOrder(engine Engine) []string {
	if engine.rules().webhookKindsLast {
		return slices.Concat(installOrder, webhookKinds)
	}
	return slices.Clone(installOrder)
}

type ranks map[string]int

func kindRanks(engine Engine) ranks {
	order := KindOrder(engine)
	r := make(ranks, len(order))
	for i, kind := range order {
		r[kind] = i
	}
	return r
}

// less is lessByKind of the same file: known kinds by rank, unknown ones after them by name.
func (r ranks) less(a, b string) bool {
	rankA, knownA := r[a]
	rankB, knownB := r[b]
	switch {
	case knownA && knownB:
		return rankA < rankB
	case knownA != knownB:
		return knownA
	default:
		return a < b
	}
}

// executionOrder lists the hooks of an event in the order in which Helm runs them, once for each time
// the event is listed. The effective key is weight, name, kind, path, place in the file: the hooks are
// in storage order already and the sort is stable (v3 and v4 pkg/action/hooks.go hookByWeight).
// helm.sh documents weight, kind, name, which is not what the code does.
func executionOrder(hooks []Hook, event Event) []Hook {
	var running []Hook
	for _, h := range hooks {
		for _, e := range h.Events {
			if e == event {
				running = append(running, h)
			}
		}
	}
	sort.SliceStable(running, func(i, j int) bool {
		if running[i].Weight != running[j].Weight {
			return running[i].Weight < running[j].Weight
		}
		return running[i].Name < running[j].Name
	})
	return running
}
