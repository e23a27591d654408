package cluster

import (
	"sync"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/client-go/kubernetes/scheme"
	sigsjson "sigs.k8s.io/json"
)

// builtInTypes holds the types of every built-in kind, as Helm's kube.kubernetesNativeScheme does.
var builtInTypes = sync.OnceValue(func() *runtime.Scheme {
	s := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{scheme.AddToScheme, apiextensions.AddToScheme} {
		if err := add(s); err != nil {
			panic(err) // only if two types claim one kind
		}
	}
	return s
})

// decode reads the content of a write, and refuses what does not fit the path or the built-in type. status is another
// endpoint's business.
func (c *Cluster) decode(req request, data []byte) (map[string]any, error) {
	var obj map[string]any
	if err := utiljson.Unmarshal(data, &obj); err != nil {
		return nil, errors.NewBadRequest(err.Error())
	}
	if err := addressed(req, obj); err != nil {
		return nil, err
	}
	gvk := req.version.WithKind(req.key.kind)
	if _, builtIn := builtIn().scopes[gvk]; builtIn && gvk.Group != "apiextensions.k8s.io" && builtInTypes().Recognizes(gvk) {
		typed, err := builtInTypes().New(gvk)
		if err != nil {
			return nil, err
		}
		undeclared, err := sigsjson.UnmarshalStrict(data, typed, sigsjson.DisallowUnknownFields)
		if err != nil {
			return nil, malformed(req, err)
		}
		if err := unknown(req, obj, undeclared); err != nil {
			return nil, err
		}
		delete(obj, "status")
	} else if err := sigsjson.UnmarshalCaseSensitivePreserveInts(data, &metav1.PartialObjectMetadata{}); err != nil {
		return nil, malformed(req, err)
	}
	maps := []any{metadata(obj)["labels"], metadata(obj)["annotations"]}
	if req.key.is("", "ConfigMap") || req.key.is("", "Secret") {
		maps = append(maps, obj["data"], obj["stringData"])
	}
	for _, m := range maps {
		entries, _ := m.(map[string]any)
		for k, v := range entries {
			if v == nil { // a null in a map of strings is read as ""
				entries[k] = ""
			}
		}
	}
	return obj, nil
}

func (k key) is(group, kind string) bool { return k.group == group && k.kind == kind }

// runs says whether objects of this kind run to an end.
func runs(k key) bool { return k.is("batch", "Job") || k.is("", "Pod") }

// neverEnds says whether a Job or Pod cannot come to an end: a suspended Job has no Pods, and a Pod that
// is always restarted (which is the default) is Running for ever.
func neverEnds(k key, obj map[string]any) bool {
	spec, _ := obj["spec"].(map[string]any)
	if k.kind == "Job" {
		suspended, _ := spec["suspend"].(bool)
		return suspended
	}
	policy, _ := spec["restartPolicy"].(string)
	return policy == "" || policy == "Always"
}
