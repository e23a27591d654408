package plan

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// The phases of Argo CD: those of a sync by gitops-engine (pkg/sync/common/types.go), those of a deletion
// by argo-cd (controller/hook.go), all of 3.6.1.
const (
	argoPreSync    = "PreSync"
	argoSync       = "Sync"
	argoPostSync   = "PostSync"
	argoSyncFail   = "SyncFail"
	argoPreDelete  = "PreDelete"
	argoPostDelete = "PostDelete"
	argoSkip       = "Skip"
)

// argoObject is one object as Argo CD sees it: a document, or a member of a List.
type argoObject struct {
	entry *entry
	one   part
	// phases are those of a sync in which it is applied, in their order; deletes those of a deletion.
	phases, deletes []string
	isHook          bool
	// left is why Argo CD leaves the object alone, else empty.
	left string
	// value and annotation are what was read for it.
	annotation, value string
	wave              int
	policies          []DeletePolicy
	ownPolicies       bool
}

// argoAnnotations are what gitops-engine reads of an object. An annotation that is no string is an error
// long before that (util/kube/kube.go nestedNullableStringMap).
func argoAnnotations(body map[string]any) map[string]string {
	values, _ := metadata(body)["annotations"].(map[string]any)
	read := map[string]string{}
	for key, value := range values {
		if text, ok := value.(string); ok {
			read[key] = text
		}
	}
	return read
}

// argoWords is pkg/sync/resource/annotations.go GetAnnotationCSVs: trimmed, without what is empty or repeated.
func argoWords(annotations map[string]string, key string) []string {
	var words []string
	for _, word := range strings.Split(annotations[key], ",") {
		if word = strings.TrimSpace(word); word != "" && !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	return words
}

// argoTypes is pkg/sync/hook/hook.go Types: Helm's events count only where Argo CD's own annotation has
// nothing that gitops-engine knows, and Helm's in lower case only (hook/helm/type.go NewType). PreDelete and
// PostDelete are not among what it knows.
func argoTypes(annotations map[string]string) []string {
	var types []string
	for _, word := range argoWords(annotations, argoHook) {
		switch word {
		case argoPreSync, argoSync, argoPostSync, argoSyncFail, argoSkip:
			types = append(types, word)
		}
	}
	if len(types) > 0 {
		return types
	}
	for _, word := range argoWords(annotations, annotationHook) {
		switch event := Event(word); event {
		case PreInstall, PreUpgrade, PostInstall, PostUpgrade:
			types = append(types, argoPhases[event])
		}
	}
	return types
}

// argoSkips is hook.go Skip: Skip counts only by itself.
func argoSkips(types []string) bool { return len(types) == 1 && types[0] == argoSkip }

// argoIsHook is hook.go IsHook and helm/hook.go IsHook: only the exact value crd-install makes no hook.
func argoIsHook(annotations map[string]string, types []string) bool {
	if _, given := annotations[argoHook]; given {
		return !argoSkips(types)
	}
	value, given := annotations[annotationHook]
	return given && value != "crd-install"
}

// argoDeletePhases is controller/hook.go isHookOfType, which looks at both annotations.
func argoDeletePhases(annotations map[string]string) []string {
	var phases []string
	for _, one := range []struct{ phase, event string }{{argoPreDelete, string(PreDelete)}, {argoPostDelete, string(PostDelete)}} {
		if slices.Contains(argoWords(annotations, argoHook), one.phase) || slices.Contains(argoWords(annotations, annotationHook), one.event) {
			phases = append(phases, one.phase)
		}
	}
	return phases
}

// argoSyncPhases is sync_phase.go syncPhases behind controller/state.go partitionTargetObjsForSync.
func argoSyncPhases(annotations map[string]string, deletes []string) []string {
	types := argoTypes(annotations)
	var phases []string
	for _, phase := range []string{argoPreSync, argoSync, argoPostSync, argoSyncFail} {
		if slices.Contains(types, phase) {
			phases = append(phases, phase)
		}
	}
	switch {
	case argoSkips(types), len(deletes) > 0 && len(phases) == 0:
		return nil
	case argoIsHook(annotations, types):
		return phases
	}
	return []string{argoSync}
}

// argoWaveOf is syncwaves/waves.go Wave: a wave that is no integer leaves it to the weight, which counts for
// ordinary objects as well.
func argoWaveOf(annotations map[string]string) int {
	for _, key := range []string{argoWave, annotationWeight} {
		if wave, err := strconv.Atoi(annotations[key]); err == nil {
			return wave
		}
	}
	return 0
}

// argoPoliciesOf is hook/delete_policy.go DeletePolicies: both annotations together, what is unknown left
// out, and the default where nothing is left.
func argoPoliciesOf(annotations map[string]string) (policies []DeletePolicy, own bool) {
	names := map[string]DeletePolicy{"BeforeHookCreation": BeforeHookCreation, "HookSucceeded": HookSucceeded, "HookFailed": HookFailed}
	add := func(policy DeletePolicy) {
		if policy != "" && !slices.Contains(policies, policy) {
			policies = append(policies, policy)
		}
	}
	for _, word := range argoWords(annotations, argoDeletePolicy) {
		add(names[word])
	}
	for _, word := range argoWords(annotations, annotationDelete) {
		if policy := DeletePolicy(word); slices.Contains(knownPolicies[:], policy) {
			add(policy)
		}
	}
	if len(policies) == 0 {
		return []DeletePolicy{BeforeHookCreation}, false
	}
	return policies, true
}

// argoObjects takes documents apart into the objects that Argo CD knows: a List is its members
// (reposerver/repository/repository.go GenerateManifests), and of two objects of one name the last counts
// (controller/state.go NormalizeTargetObjects).
func argoObjects(entries []entry) (objects []argoObject, repeated []Object) {
	last := map[string]int{}
	for i := range entries {
		for k, one := range entries[i].parts {
			object := newArgoObject(&entries[i], one)
			key := object.key()
			if one.nameless {
				key += "/" + strconv.Itoa(i) + "/" + strconv.Itoa(k)
			}
			if before, ok := last[key]; ok {
				repeated = append(repeated, one.object)
				objects[before].entry = nil
			}
			last[key] = len(objects)
			objects = append(objects, object)
		}
	}
	return slices.DeleteFunc(objects, func(o argoObject) bool { return o.entry == nil }), repeated
}

func (o *argoObject) key() string {
	return o.one.object.group() + "/" + o.one.object.Kind + "/" + o.one.object.Namespace + "/" + o.one.object.Name
}

func newArgoObject(e *entry, one part) argoObject {
	annotations := argoAnnotations(one.body)
	o := argoObject{entry: e, one: one, wave: argoWaveOf(annotations)}
	types := argoTypes(annotations)
	o.deletes = argoDeletePhases(annotations)
	o.phases = argoSyncPhases(annotations, o.deletes)
	o.isHook = argoIsHook(annotations, types)
	o.policies, o.ownPolicies = argoPoliciesOf(annotations)
	o.annotation, o.value = annotationHook, annotations[annotationHook]
	if own, given := annotations[argoHook]; given {
		o.annotation, o.value = argoHook, own
	}
	switch {
	case len(o.phases)+len(o.deletes) > 0:
	case argoSkips(types):
		o.left = argoSkip
	default:
		o.left = cmp.Or(o.value, "no value")
	}
	return o
}

// renamed says that the object has another name in each sync, so that it is never found again: with
// generateName it is named after revision, phase and time of the sync (sync_context.go getSyncTasks).
func (o *argoObject) renamed() bool { return o.one.nameless || o.entry.VolatileName != "" }

// hook is the object as a step shows it.
func (o *argoObject) hook() Hook {
	h := Hook{Parsed: *o.entry.Parsed, Kind: o.one.object.Kind, Name: o.one.object.Name}
	if o.entry.helm != nil {
		h = *o.entry.helm
	}
	if len(h.parts) != 1 {
		// A member of a List has the annotations of its own alone.
		h.Items, h.Events, h.Weight, h.Annotations = nil, nil, 0, annotations(argoAnnotations(o.one.body), o.one.body)
	}
	h.Object, h.NeverCompletes = o.one.object, ""
	if runsToCompletion(h.Object) && h.Object.Kind == "Job" {
		h.NeverCompletes = o.one.neverCompletes
	}
	return h
}

// argoAwaits is what Argo CD waits for after it has applied an object. Source: gitops-engine
// pkg/health/health.go GetHealthCheckFunc, and the checks in Lua that argo-cd 3.6.1 adds for built-in kinds
// (resource_customizations). For a kind of somebody else's it may have one.
func argoAwaits(o Object) (WaitsFor, Prediction) {
	switch o.group() + "/" + o.Kind {
	case "batch/Job", "/Pod":
		return WaitsCompletion, Proven
	case "apps/Deployment", "apps/StatefulSet", "apps/ReplicaSet", "apps/DaemonSet", "extensions/Ingress",
		"networking.k8s.io/Ingress", "apiregistration.k8s.io/APIService", "/Service", "/PersistentVolumeClaim",
		"autoscaling/HorizontalPodAutoscaler", "argoproj.io/Workflow", "batch/CronJob", "policy/PodDisruptionBudget",
		"apiextensions.k8s.io/CustomResourceDefinition":
		return WaitsHealthy, Proven
	}
	if builtinGroups[o.group()] {
		return WaitsCreated, Proven
	}
	return WaitsHealthy, Likely
}
