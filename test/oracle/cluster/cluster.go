// Package cluster is the oracle's API server: a small, stateful imitation that Helm's own kube clients
// talk to over REST. It is written from what a real API server was seen to answer and from Kubernetes'
// API conventions, and knows nothing of what anybody predicts.
//
// Out of its scope: finalizers, but for those of objects that somebody deletes by hand (Remove), namespaces that do
// not exist, admission, defaulting, required fields, owner references, and names or labels that are not valid. What it
// answers otherwise than a real one did is listed in recorded_test.go.
package cluster

import (
	"fmt"
	"maps"
	"slices"
	"sync"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/cli-runtime/pkg/resource"

	"github.com/helm-hooks/helm-hooks/test/oracle/scenario"
)

// State is how far a Job or Pod has come. Other kinds have none.
type State string

// The states. There is no time here: a Job or Pod that ends at all has ended when it is looked at.
const (
	Running  State = "running"
	Finished State = "finished"
	Failed   State = "failed"
)

// Scope says on whose behalf requests are made until the next call of During.
type Scope struct {
	Hook  bool   // for a hook, so that the faults of hooks strike
	Event string // the hook event that runs
}

// Cluster holds the objects. Its zero value is of no use; make one with New.
type Cluster struct {
	mu      sync.Mutex
	objects map[key]*object
	strikes strikes
	scope   Scope
	serial  int // of generated names
	births  int // objects made so far

	plural map[schema.GroupResource]string // the kind behind a resource, learnt from mappings
	rest   map[schema.GroupVersion]resource.RESTClient

	showManagers bool // in each answer
}

type key struct{ group, kind, namespace, name string }

// object is one object and what the server knows about it beside its content.
type object struct {
	content  map[string]any
	managers []manager
	state    State
	fresh    bool   // a hook's Job or Pod that began to run and that nobody has waited for yet
	stopped  bool   // Helm was stopped while it waited for it
	leaving  bool   // deleted, and held by its finalizers until somebody waits for it to go
	hook     bool   // a hook created it
	prefix   string // of its generateName, if the server named it
	born     int    // its number among the objects made
	writes   int    // how often it was written
	encoded  []byte // content as JSON, until the next write
}

// manager is one entry of managedFields.
type manager struct {
	name, operation, apiVersion string
	fields                      fieldSet
}

// New makes an empty cluster.
func New() *Cluster {
	return &Cluster{
		objects: map[key]*object{},
		plural:  map[schema.GroupResource]string{},
		rest:    map[schema.GroupVersion]resource.RESTClient{},
	}
}

// During runs fn with its requests made in scope s. However many objects a fault fits meanwhile, it strikes
// once.
func (c *Cluster) During(s Scope, fn func()) {
	c.setScope(s)
	defer c.setScope(Scope{})
	fn()
}

func (c *Cluster) setScope(s Scope) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.scope = s
	c.strikes.call++
}

// Objects lists every object, sorted. HookObjects lists those a hook created.
func (c *Cluster) Objects() []string { return c.list(func(*object) bool { return true }) }

// HookObjects lists the objects that a hook created, sorted.
func (c *Cluster) HookObjects() []string { return c.list(func(o *object) bool { return o.hook }) }

func (c *Cluster) list(want func(*object) bool) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var ids []string
	for k, o := range c.objects {
		if want(o) {
			ids = append(ids, o.id(k))
		}
	}
	slices.Sort(ids)
	return ids
}

// Remove deletes objects as somebody does who knows nothing of Helm. Those that finalizers hold are then on their
// way out until somebody waits for them to go.
func (c *Cluster) Remove(ids []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for k, o := range c.objects {
		if slices.Contains(ids, o.id(k)) {
			held, _, _ := unstructured.NestedStringSlice(o.content, "metadata", "finalizers")
			if o.leaving = len(held) > 0; !o.leaving {
				delete(c.objects, k)
			}
		}
	}
}

// AwaitDeletion says whether an object is there for one who waits until it is gone: its finalizers are done by then.
func (c *Cluster) AwaitDeletion(info *resource.Info) (there bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	o, there := c.objects[keyOf(info)]
	if there && o.leaving {
		delete(c.objects, keyOf(info))
		return false
	}
	return there
}

// States gives the state of each Job and Pod.
func (c *Cluster) States() map[string]string {
	c.mu.Lock()
	defer c.mu.Unlock()
	states := map[string]string{}
	for k, o := range c.objects {
		if o.state != "" {
			states[o.id(k)] = string(o.state)
		}
	}
	if len(states) == 0 {
		return nil
	}
	return states
}

// Contents gives the data.revision of each ConfigMap that has one.
func (c *Cluster) Contents() map[string]string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var contents map[string]string
	for k, o := range c.objects {
		revision, found, err := unstructured.NestedString(o.content, "data", "revision")
		if !k.is("", "ConfigMap") || !found || err != nil {
			continue
		}
		if contents == nil {
			contents = map[string]string{}
		}
		contents[o.id(k)] = revision
	}
	return contents
}

// ID is the identity of what info stands for, as scenario.ID writes it.
func (c *Cluster) ID(info *resource.Info) string {
	k := keyOf(info)
	if k.name == "" {
		if m, err := meta.Accessor(info.Object); err == nil && m.GetGenerateName() != "" {
			k.name = m.GetGenerateName() + "*"
		}
		return scenario.ID(k.group, k.kind, k.namespace, k.name)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if o, ok := c.objects[k]; ok {
		return o.id(k)
	}
	return scenario.ID(k.group, k.kind, k.namespace, k.name)
}

func (o *object) id(k key) string {
	if o.prefix != "" {
		k.name = o.prefix + "*"
	}
	return scenario.ID(k.group, k.kind, k.namespace, k.name)
}

func keyOf(info *resource.Info) key {
	gvk := info.Mapping.GroupVersionKind
	k := key{group: gvk.Group, kind: gvk.Kind, name: info.Name}
	if info.Namespaced() {
		k.namespace = info.Namespace
	}
	return k
}

// learn remembers the kind behind a resource's plural, which is all a request's path tells.
func (c *Cluster) learn(gr schema.GroupResource, kind string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.plural[gr] = kind
}

// customScope is the scope of a kind that is not built in.
func (c *Cluster) customScope(gk schema.GroupKind) meta.RESTScope {
	c.mu.Lock()
	defer c.mu.Unlock()
	for k, o := range c.objects {
		if k.kind != "CustomResourceDefinition" {
			continue
		}
		group, _, _ := unstructured.NestedString(o.content, "spec", "group")
		kind, _, _ := unstructured.NestedString(o.content, "spec", "names", "kind")
		scope, _, _ := unstructured.NestedString(o.content, "spec", "scope")
		if group == gk.Group && kind == gk.Kind && scope == "Cluster" {
			return meta.RESTScopeRoot
		}
	}
	return meta.RESTScopeNamespace
}

// newName is a name the server gives to a generateName object.
func (c *Cluster) newName(prefix string) string {
	c.serial++
	return fmt.Sprintf("%s%05d", prefix, c.serial)
}

func deepCopy(m map[string]any) map[string]any { return runtime.DeepCopyJSON(m) }

func (o *object) owners() []manager {
	copied := make([]manager, len(o.managers))
	for i, m := range o.managers {
		copied[i] = m
		copied[i].fields = m.fields.clone()
	}
	return copied
}

func (s fieldSet) clone() fieldSet {
	if s == nil {
		return nil
	}
	c := maps.Clone(s)
	for k, sub := range c {
		c[k] = sub.clone()
	}
	return c
}
