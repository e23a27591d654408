package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"

	"github.com/argoproj/argo-cd/gitops-engine/pkg/health"
	gitops "github.com/argoproj/argo-cd/gitops-engine/pkg/sync"
	"github.com/argoproj/argo-cd/gitops-engine/pkg/sync/common"
	"github.com/argoproj/argo-cd/gitops-engine/pkg/utils/kube"
	"github.com/argoproj/argo-cd/gitops-engine/pkg/utils/kube/kubetest"
	"github.com/go-logr/logr"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
	cmdutil "k8s.io/kubectl/pkg/cmd/util"
)

// cluster answers the little that gitops-engine asks an API server, and notes what it does. Every object is
// healthy as soon as it exists.
type cluster struct {
	kubetest.MockKubectlCmd
	server    *httptest.Server
	namespace string
	syncs     int64

	mu      sync.Mutex
	kinds   map[schema.GroupVersionKind]string
	objects map[string]*unstructured.Unstructured
	now     round
}

func newCluster(objects []*unstructured.Unstructured, namespace string) (*cluster, error) {
	c := &cluster{namespace: namespace, kinds: map[schema.GroupVersionKind]string{}, objects: map[string]*unstructured.Unstructured{}}
	for _, object := range objects {
		gvk := object.GroupVersionKind()
		if gvk.Kind == "" || gvk.Version == "" {
			return nil, errors.New("an object has no kind")
		}
		c.kinds[gvk] = strings.ToLower(gvk.Kind) + "s"
	}
	c.server = httptest.NewServer(http.HandlerFunc(c.serve))
	return c, nil
}

func (c *cluster) close() { c.server.Close() }

// GetResourceHealth takes the place of all health checks. A Job that is suspended stays so.
func (c *cluster) GetResourceHealth(object *unstructured.Unstructured) (*health.HealthStatus, error) {
	if suspended, _, _ := unstructured.NestedBool(object.Object, "spec", "suspend"); suspended && object.GetKind() == "Job" {
		return &health.HealthStatus{Status: health.HealthStatusSuspended}, nil
	}
	return &health.HealthStatus{Status: health.HealthStatusHealthy}, nil
}

// IsNamespaced is asked for live objects only; all of ours are kept under a namespace.
func (c *cluster) IsNamespaced(schema.GroupKind) (bool, error) { return true, nil }

// ManageResources hands gitops-engine the writer of objects.
func (c *cluster) ManageResources(*rest.Config) (kube.ResourceOperations, func(), error) {
	return writer{c}, func() {}, nil
}

// writer is the part of a cluster that gitops-engine writes to.
type writer struct{ c *cluster }

// ApplyResource stores an object, unless it is a dry run.
func (w writer) ApplyResource(_ context.Context, object *unstructured.Unstructured, dryRun cmdutil.DryRunStrategy, _, _, _ bool, _ string) (string, error) {
	if dryRun != cmdutil.DryRunNone {
		return "", nil
	}
	c := w.c
	c.mu.Lock()
	defer c.mu.Unlock()
	stored := object.DeepCopy()
	stored.SetResourceVersion("1")
	stored.SetUID(types.UID(keyOf(object, c.namespace)))
	if stored.GetKind() == "CustomResourceDefinition" {
		// gitops-engine waits until a new kind is served.
		stored.Object["status"] = map[string]any{"conditions": []any{map[string]any{"type": "Established", "status": "True"}}}
	}
	c.objects[keyOf(object, c.namespace)] = stored
	c.now.Applied = append(c.now.Applied, c.label(stored))
	return "applied", nil
}

var errUnused = errors.New("not part of these questions")

// ReplaceResource is for an option that no question sets.
func (writer) ReplaceResource(context.Context, *unstructured.Unstructured, cmdutil.DryRunStrategy, bool) (string, error) {
	return "", errUnused
}

// CreateResource is for an option that no question sets.
func (writer) CreateResource(context.Context, *unstructured.Unstructured, cmdutil.DryRunStrategy, bool) (string, error) {
	return "", errUnused
}

// UpdateResource is for an option that no question sets.
func (writer) UpdateResource(context.Context, *unstructured.Unstructured, cmdutil.DryRunStrategy) (*unstructured.Unstructured, error) {
	return nil, errUnused
}

// label is the key of an object as answers have it: what has generateName is called by that.
func (c *cluster) label(object *unstructured.Unstructured) string {
	if object.GetGenerateName() != "" {
		object = object.DeepCopy()
		object.SetName(object.GetGenerateName() + "<random>")
	}
	return keyOf(object, c.namespace)
}

// A sync that has done nothing for so many rounds waits for what never comes.
const patience = 5

// sync calls Sync as the controller does, once for each look at the cluster, until the operation is over.
func (c *cluster) sync(targets []*unstructured.Unstructured) ([]round, error) {
	var done []round
	c.syncs++
	phase, message, results, started := common.OperationRunning, "", []common.ResourceSyncResult(nil), metav1.NewTime(time.Unix(c.syncs, 0))
	for idle := 0; idle < patience; idle++ {
		config := &rest.Config{Host: c.server.URL, QPS: -1}
		found := gitops.Reconcile(copied(targets), c.live(), c.namespace, c)
		engine, clean, err := gitops.NewSyncContext("0123456789", found, config, config, c, c.namespace,
			gitops.WithInitialState(phase, message, results, started), gitops.WithHealthOverride(c), gitops.WithLogr(logr.Discard()))
		if err != nil {
			return nil, err
		}
		c.now = round{}
		engine.Sync()
		clean()
		if len(c.now.Applied)+len(c.now.Deleted) > 0 {
			done, idle = append(done, c.now), 0
		}
		phase, message, results = engine.GetState()
		if phase.Successful() {
			return done, nil
		}
		if phase.Completed() {
			return done, fmt.Errorf("%s: %s", phase, message)
		}
	}
	return done, nil
}

func copied(objects []*unstructured.Unstructured) []*unstructured.Unstructured {
	var copies []*unstructured.Unstructured
	for _, object := range objects {
		copies = append(copies, object.DeepCopy())
	}
	return copies
}

func (c *cluster) live() map[kube.ResourceKey]*unstructured.Unstructured {
	c.mu.Lock()
	defer c.mu.Unlock()
	live := map[kube.ResourceKey]*unstructured.Unstructured{}
	for _, object := range c.objects {
		live[kube.GetResourceKey(object)] = object.DeepCopy()
	}
	return live
}

// serve is discovery, and get, update and delete of one object.
func (c *cluster) serve(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	group, version, rest := "", "", []string(nil)
	switch {
	case len(parts) >= 2 && parts[0] == "api":
		version, rest = parts[1], parts[2:]
	case len(parts) >= 3 && parts[0] == "apis":
		group, version, rest = parts[1], parts[2], parts[3:]
	default:
		http.Error(w, "{}", http.StatusNotFound)
		return
	}
	if len(rest) == 0 {
		c.discover(w, schema.GroupVersion{Group: group, Version: version})
		return
	}
	namespace := c.namespace
	if len(rest) >= 4 && rest[0] == "namespaces" {
		namespace, rest = rest[1], rest[2:]
	}
	if len(rest) < 2 {
		http.Error(w, "{}", http.StatusNotFound)
		return
	}
	c.object(w, r, schema.GroupVersion{Group: group, Version: version}, namespace, rest[0], rest[1])
}

func (c *cluster) discover(w http.ResponseWriter, gv schema.GroupVersion) {
	list := metav1.APIResourceList{TypeMeta: metav1.TypeMeta{Kind: "APIResourceList", APIVersion: "v1"}, GroupVersion: gv.String()}
	for gvk, resource := range c.kinds {
		if gvk.GroupVersion() == gv {
			list.APIResources = append(list.APIResources, metav1.APIResource{
				Name: resource, Kind: gvk.Kind, Namespaced: true, Verbs: metav1.Verbs{"get", "list", "create", "update", "patch", "delete"},
			})
		}
	}
	_ = json.NewEncoder(w).Encode(list)
}

func (c *cluster) object(w http.ResponseWriter, r *http.Request, gv schema.GroupVersion, namespace, resource, name string) {
	kind := ""
	for gvk, one := range c.kinds {
		if gvk.GroupVersion() == gv && one == resource {
			kind = gvk.Kind
		}
	}
	key := gv.Group + "/" + kind + "/" + namespace + "/" + name
	object, exists := c.objects[key]
	if !exists {
		w.WriteHeader(http.StatusNotFound)
		_ = json.NewEncoder(w).Encode(metav1.Status{
			TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: "Failure", Reason: metav1.StatusReasonNotFound, Code: http.StatusNotFound,
		})
		return
	}
	switch r.Method {
	case http.MethodDelete:
		delete(c.objects, key)
		if len(c.now.Applied) > 0 {
			c.now.After = append(c.now.After, c.label(object))
		} else {
			c.now.Deleted = append(c.now.Deleted, c.label(object))
		}
	case http.MethodPut:
		update := &unstructured.Unstructured{}
		if err := json.NewDecoder(r.Body).Decode(&update.Object); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		c.objects[key], object = update, update
	}
	_ = json.NewEncoder(w).Encode(object.Object)
}
