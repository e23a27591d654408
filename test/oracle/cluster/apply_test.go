package cluster

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/managedfields/managedfieldstest"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/client-go/applyconfigurations"
	"k8s.io/client-go/util/csaupgrade"
	"pgregory.net/rapid"
)

// Kubernetes' own field manager and the imitation must agree: on what an object holds after any sequence
// of updates, applies and hand-overs by several managers, and on which applies are conflicts.
func TestApplyIsKubernetesApply(t *testing.T) {
	converter := applyconfigurations.NewTypeConverter(builtInTypes())
	for _, make := range []func(*rapid.T) *unstructured.Unstructured{randomConfigMap, randomRole, randomDeployment} {
		sample := make(nil)
		gvk := sample.GroupVersionKind()
		t.Run(gvk.Kind, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				real := managedfieldstest.NewTestFieldManager(converter, gvk)
				mine := New()
				k := key{group: gvk.Group, kind: gvk.Kind, namespace: "ns", name: "x"}
				for i := range rapid.IntRange(2, 6).Draw(t, "writes") {
					obj := make(t)
					manager := rapid.SampledFrom([]string{"helm", "kubectl"}).Draw(t, "manager")
					verb := rapid.SampledFrom([]string{"apply", "apply", "force", "update", "handover"}).Draw(t, "verb")
					if i == 0 && verb == "handover" {
						verb = "update"
					}
					want := realWrite(real, obj.DeepCopy(), verb, manager)
					got := myWrite(mine, k, obj, verb, manager)
					what := fmt.Sprintf("write %d: %s by %s", i, verb, manager)
					if apierrors.IsConflict(want) != apierrors.IsConflict(got) {
						t.Fatalf("%s: Kubernetes says %v, the imitation %v", what, want, got)
					}
					if (want == nil) != (got == nil) {
						t.Fatalf("%s: Kubernetes says %v, the imitation %v", what, want, got)
					}
					if diff := cmp.Diff(shownByKubernetes(t, real), shown(mine.objects[k].content)); diff != "" {
						t.Fatalf("%s: -Kubernetes +imitation\n%s", what, diff)
					}
					if diff := cmp.Diff(writers(real.ManagedFields()), mine.objects[k].writers()); diff != "" {
						t.Fatalf("%s: -Kubernetes +imitation\n%s", what, diff)
					}
				}
			})
		})
	}
}

// writers are the managers of an object, and how they write.
func writers(entries []metav1.ManagedFieldsEntry) []string {
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Manager+" "+string(entry.Operation))
	}
	slices.Sort(names)
	return names
}

func (o *object) writers() []string {
	var names []string
	for _, m := range o.managers {
		names = append(names, m.name+" "+m.operation)
	}
	slices.Sort(names)
	return names
}

func realWrite(f managedfieldstest.TestFieldManager, obj *unstructured.Unstructured, verb, manager string) error {
	switch verb {
	case "apply", "force":
		return f.Apply(obj, manager, verb == "force")
	case "update":
		return f.Update(obj, manager)
	}
	live := f.Live().DeepCopyObject()
	if err := csaupgrade.UpgradeManagedFields(live, sets.New(manager), manager); err != nil {
		return err
	}
	return f.Update(live, "nobody")
}

func myWrite(c *Cluster, k key, obj *unstructured.Unstructured, verb, manager string) error {
	body, err := obj.MarshalJSON()
	if err != nil {
		return err
	}
	gv := obj.GroupVersionKind().GroupVersion()
	req := request{version: gv, key: k, manager: manager, body: body, strict: true}
	live, exists := c.objects[k]
	switch {
	case verb == "apply" || verb == "force":
		req.method, req.patch, req.force = http.MethodPatch, string(types.ApplyPatchType), verb == "force"
	case verb == "handover":
		req.method, req.patch = http.MethodPatch, string(types.JSONPatchType)
		shown := &unstructured.Unstructured{Object: live.shown(k, true)}
		if req.body, err = csaupgrade.UpgradeManagedFieldsPatch(shown, sets.New(manager), manager); err != nil || req.body == nil {
			return err
		}
	case exists:
		req.method = http.MethodPut
	default:
		req.method, req.key.name = http.MethodPost, ""
	}
	_, _, err = c.serve(req)
	return err
}

func shownByKubernetes(t *rapid.T, f managedfieldstest.TestFieldManager) map[string]any {
	data, err := utiljson.Marshal(f.Live())
	if err != nil {
		t.Fatal(err)
	}
	var obj map[string]any
	if err := utiljson.Unmarshal(data, &obj); err != nil {
		t.Fatal(err)
	}
	return shown(obj)
}

// shown is what tests compare: no bookkeeping, and no difference between an empty map and none.
func shown(obj map[string]any) map[string]any {
	out := prune(deepCopy(obj))
	for _, field := range []string{"managedFields", "resourceVersion", "creationTimestamp"} {
		delete(metadata(out), field)
	}
	delete(out, "status")
	return out
}

func prune(m map[string]any) map[string]any {
	for k, v := range m {
		sub, ok := v.(map[string]any)
		if v == nil || ok && len(prune(sub)) == 0 {
			delete(m, k)
		}
	}
	return m
}

func randomObject(apiVersion, kind string) *unstructured.Unstructured {
	u := &unstructured.Unstructured{Object: map[string]any{}}
	u.SetGroupVersionKind(schema.FromAPIVersionAndKind(apiVersion, kind))
	u.SetName("x")
	u.SetNamespace("ns")
	return u
}

// someEntries is a random map of few keys and values; nil without a t.
func someEntries(t *rapid.T) map[string]any {
	entries := map[string]any{}
	if t == nil {
		return entries
	}
	for _, k := range []string{"a", "b", "c"} {
		if v := rapid.SampledFrom([]string{"", "1", "2"}).Draw(t, k); v != "" {
			entries[k] = v
		}
	}
	return entries
}

func withMetadata(t *rapid.T, u *unstructured.Unstructured) *unstructured.Unstructured {
	for _, field := range []string{"labels", "annotations"} {
		if entries := someEntries(t); len(entries) > 0 {
			metadata(u.Object)[field] = entries
		}
	}
	return u
}

func randomConfigMap(t *rapid.T) *unstructured.Unstructured {
	u := withMetadata(t, randomObject("v1", "ConfigMap"))
	if data := someEntries(t); len(data) > 0 {
		u.Object["data"] = data
	}
	return u
}

func randomRole(t *rapid.T) *unstructured.Unstructured {
	u := withMetadata(t, randomObject("rbac.authorization.k8s.io/v1", "Role"))
	verbs := []any{"get"}
	if len(someEntries(t)) > 1 {
		verbs = []any{"list"}
	}
	u.Object["rules"] = []any{map[string]any{"apiGroups": []any{""}, "resources": []any{"pods"}, "verbs": verbs}}
	return u
}

func randomDeployment(t *rapid.T) *unstructured.Unstructured {
	u := withMetadata(t, randomObject("apps/v1", "Deployment"))
	container := map[string]any{"name": "c", "image": "i"}
	if len(someEntries(t)) > 1 {
		container["image"] = "j"
	}
	u.Object["spec"] = map[string]any{
		"selector": map[string]any{"matchLabels": map[string]any{"app": "x"}},
		"template": map[string]any{
			"metadata": map[string]any{"labels": map[string]any{"app": "x"}},
			"spec":     map[string]any{"containers": []any{container}},
		},
	}
	return u
}
