package cluster

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
)

// Event is something that happened to an object. Clusters forget it, most of them after an hour.
type Event struct {
	// Type is Normal or Warning.
	Type   string
	Reason string
	// Message has no secrets that were recognised: an image may be named with a password.
	Message string
	// Count is how often it happened, at least once.
	Count int
	// Last is when it last happened.
	Last time.Time
}

// Events are those of an object, newest last: of exactly this one where uid is given, else of all that were called
// so. Those of objects without a namespace lie in default, which an empty namespace stands for.
func (c *Client) Events(ctx context.Context, namespace, uid, kind, name string) ([]Event, error) {
	namespace = cmp.Or(namespace, metav1.NamespaceDefault)
	selector := fields.OneTermEqualSelector("involvedObject.uid", uid)
	if uid == "" {
		// A Set would name the two in another order each time.
		selector = fields.AndSelectors(fields.OneTermEqualSelector("involvedObject.kind", kind), fields.OneTermEqualSelector("involvedObject.name", name))
	}
	found, err := pages(ctx, "", selector.String(), func(ctx context.Context, options metav1.ListOptions) ([]corev1.Event, string, error) {
		list, err := c.core.Events(namespace).List(ctx, options)
		if err != nil {
			return nil, "", err
		}
		return list.Items, list.Continue, nil
	})
	if err != nil {
		return nil, c.explain(request{verb: "list", resource: "events", namespace: namespace}, err)
	}
	// By the name at the end, which holds when it first happened, the order is total.
	slices.SortFunc(found, func(a, b corev1.Event) int {
		return cmp.Or(lastSeen(&a).Compare(lastSeen(&b)), a.CreationTimestamp.Compare(b.CreationTimestamp.Time), strings.Compare(a.Name, b.Name))
	})
	events := make([]Event, len(found))
	for i := range found {
		e := &found[i]
		events[i] = Event{Type: e.Type, Reason: e.Reason, Message: Redact(e.Message), Count: max(1, int(e.Count)), Last: lastSeen(e)}
		if e.Series != nil {
			events[i].Count = max(events[i].Count, int(e.Series.Count))
		}
	}
	return events, nil
}

// lastSeen is when an event last happened: events.k8s.io writes other fields than core/v1.
func lastSeen(e *corev1.Event) time.Time {
	var latest time.Time
	times := []time.Time{e.LastTimestamp.UTC(), e.EventTime.UTC(), e.FirstTimestamp.UTC()}
	if e.Series != nil {
		times = append(times, e.Series.LastObservedTime.UTC())
	}
	for _, at := range times {
		if at.After(latest) {
			latest = at
		}
	}
	if latest.IsZero() {
		return e.CreationTimestamp.UTC()
	}
	return latest
}
