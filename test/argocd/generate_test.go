//go:build argocd

package argocd

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

// kinds are what is generated: known to Argo CD's order of kinds and not, namespaced and not.
var kinds = [...]struct {
	version, kind string
	cluster       bool
}{
	{"batch/v1", "Job", false},
	{"batch/v1", "Job", false},
	{"v1", "Pod", false},
	{"v1", "ConfigMap", false},
	{"v1", "ServiceAccount", false},
	{"apps/v1", "Deployment", false},
	{"v1", "PersistentVolumeClaim", false},
	{"v1", "Namespace", true},
	{"rbac.authorization.k8s.io/v1", "ClusterRole", true},
	{"scheduling.k8s.io/v1", "PriorityClass", true},
	{"apiextensions.k8s.io/v1", "CustomResourceDefinition", true},
	{"example.com/v1", "Widget", false},
	{"example.com/v1", "Gadget", false},
}

// What annotations are made of: what both know, what one knows, and what nobody does.
var (
	helmEvents   = strings.Fields("pre-install post-install pre-upgrade post-upgrade pre-delete post-delete pre-rollback post-rollback test test-success crd-install Pre-Install pre-uninstall")
	argoHooks    = strings.Fields("PreSync Sync PostSync SyncFail Skip PreDelete PostDelete presync garbage")
	helmPolicies = strings.Fields("before-hook-creation hook-succeeded hook-failed Hook-Succeeded never")
	argoPolicies = strings.Fields("BeforeHookCreation HookSucceeded HookFailed hookfailed")
	weights      = strings.Fields("-5 0 0 1 1 3 +2 5.0 ten")
)

type generator struct {
	*rand.Rand
	number int
}

// list is a list of words as people write one.
func (g *generator) list(words []string) string {
	var picked []string
	for range 1 + g.IntN(2) {
		picked = append(picked, words[g.IntN(len(words))])
	}
	text := strings.Join(picked, []string{",", ", ", " ,"}[g.IntN(3)])
	if g.IntN(12) == 0 {
		text += ","
	}
	return text
}

func (g *generator) annotations() map[string]any {
	all := map[string]any{}
	add := func(oneIn int, key, value string) {
		if g.IntN(oneIn) == 0 {
			all[key] = value
		}
	}
	if g.IntN(10) < 7 {
		all["helm.sh/hook"] = g.list(helmEvents[:1+g.IntN(len(helmEvents))])
	}
	add(2, "helm.sh/hook-weight", weights[g.IntN(len(weights))])
	add(2, "helm.sh/hook-delete-policy", g.list(helmPolicies))
	add(4, "argocd.argoproj.io/hook", g.list(argoHooks))
	add(5, "argocd.argoproj.io/hook-delete-policy", g.list(argoPolicies))
	add(5, "argocd.argoproj.io/sync-wave", weights[g.IntN(len(weights))])
	return all
}

// application is some objects that belong together. Names differ, so that nothing rests on which of two counts.
func (g *generator) application(size int) []map[string]any {
	var objects []map[string]any
	for i := range size {
		kind := kinds[g.IntN(len(kinds))]
		g.number++
		name := fmt.Sprintf("%c%d", 'a'+rune(g.IntN(26)), i)
		metadata := map[string]any{"name": name}
		object := map[string]any{"apiVersion": kind.version, "kind": kind.kind, "metadata": metadata}
		if a := g.annotations(); len(a) > 0 {
			metadata["annotations"] = a
		}
		if !kind.cluster && g.IntN(4) == 0 {
			metadata["namespace"] = "other"
		}
		switch kind.kind {
		case "Namespace":
			metadata["name"] = []string{"shop", "other", name}[g.IntN(3)]
		case "CustomResourceDefinition":
			which := []string{"Widget", "Gadget"}[g.IntN(2)]
			metadata["name"] = strings.ToLower(which) + "s" + strconv.Itoa(i) + ".example.com"
			object["spec"] = map[string]any{"group": "example.com", "scope": "Namespaced", "names": map[string]any{"kind": which}}
		}
		objects = append(objects, object)
	}
	return distinct(objects)
}

// distinct keeps the first of several objects of one name.
func distinct(objects []map[string]any) []map[string]any {
	seen := map[string]bool{}
	var kept []map[string]any
	for _, object := range objects {
		metadata, _ := object["metadata"].(map[string]any)
		key := fmt.Sprint(object["kind"], metadata["namespace"], metadata["name"])
		if !seen[key] {
			seen[key] = true
			kept = append(kept, object)
		}
	}
	return kept
}
