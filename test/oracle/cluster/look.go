package cluster

import (
	"maps"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/helm-hooks/helm-hooks/test/oracle/scenario"
)

// Found is an object as one sees it who gets it from the server.
type Found struct {
	Labels, Annotations map[string]string
	// Managers are the entries of managedFields: who wrote fields, and whether by Apply or Update.
	Managers []Writer
	// State is that of a Job or Pod; Suspended says that it is a Job which is.
	State     State
	Suspended bool
	// Leaving says that it was deleted and waits for its finalizers.
	Leaving bool
	// Born orders objects by when they were made.
	Born int
	// Hook says that a hook made it, which no server tells.
	Hook bool
}

// Writer is an entry of managedFields.
type Writer struct{ Name, Operation string }

// Get looks an object up, by its identity as scenario.ID writes it. An object whose name the server made up is
// not found.
func (c *Cluster) Get(id string) (Found, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for k, o := range c.objects {
		if o.prefix != "" || scenario.ID(k.group, k.kind, k.namespace, k.name) != id {
			continue
		}
		f := Found{State: o.state, Leaving: o.leaving, Born: o.born, Hook: o.hook}
		f.Labels, _, _ = unstructured.NestedStringMap(o.content, "metadata", "labels")
		f.Annotations, _, _ = unstructured.NestedStringMap(o.content, "metadata", "annotations")
		for _, m := range o.managers {
			f.Managers = append(f.Managers, Writer{m.name, m.operation})
		}
		f.Suspended = k.is("batch", "Job") && neverEnds(k, o.content)
		return f, true
	}
	return Found{}, false
}

// Clone is another cluster with the same objects. No fault strikes in it until it is given some.
func (c *Cluster) Clone() *Cluster {
	c.mu.Lock()
	defer c.mu.Unlock()
	copied := New()
	copied.serial, copied.births = c.serial, c.births
	copied.plural = maps.Clone(c.plural)
	for k, o := range c.objects {
		one := *o
		one.content, one.managers, one.encoded = deepCopy(o.content), o.owners(), nil
		copied.objects[k] = &one
	}
	return copied
}
