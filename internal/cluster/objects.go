package cluster

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/validate/content"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Wanted names an object as a manifest does.
type Wanted struct {
	APIVersion, Kind string
	// Namespace is empty for the client's. It means nothing for a kind that has none.
	Namespace, Name string
}

// Seen is what a cluster tells of an object.
type Seen struct {
	// Wanted is what was asked for. Its namespace is the one that was looked in, empty for a kind without.
	Wanted
	// ClusterScoped says that the kind has no namespaces.
	ClusterScoped bool
	Exists        bool
	// Err is why nothing is known of the object. An object that is not there is no error.
	Err error
	// NoSuchKind says that the cluster does not serve the kind in this version; Err says so in words.
	NoSuchKind bool

	UID     string
	Created time.Time
	// Deleting is set once the object is to go: when that was asked for, for a Pod plus its grace period.
	Deleting time.Time
	// Finalizers keep an object that is to go.
	Finalizers  []string
	Labels      map[string]string
	Annotations map[string]string
	// Managers are those who have written fields, sorted.
	Managers []Manager
	// Job and Pod are set for a Job of batch/v1 and a Pod that exist, the two kinds that Helm waits for in a hook.
	Job *JobState
	Pod *PodState
}

// Manager is who has written fields of an object.
type Manager struct {
	Name string
	// Operation is Apply (server-side) or Update.
	Operation string
	// Subresource is such as status, mostly empty.
	Subresource string
}

// Progress is how far a Job or Pod has come, as Helm sees it.
type Progress string

// What Helm waits for is the end: Succeeded or Failed.
const (
	Running   Progress = "running"
	Suspended Progress = "suspended"
	Succeeded Progress = "succeeded"
	Failed    Progress = "failed"
)

// lookAtOnce is how many objects are asked for at the same time.
const lookAtOnce = 8

// Look gets objects, in the order asked. Of all but Jobs and Pods it fetches the metadata alone. An object that
// cannot be read says so in its own Err; an error of the call holds for all objects.
func (c *Client) Look(ctx context.Context, wanted []Wanted) ([]Seen, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	seen := make([]Seen, len(wanted))
	// Hooks may share a name: one object has one answer.
	first := map[Wanted]int{}
	kinds := &kindAnswers{client: c, known: map[[2]string]found{}}
	places := make(chan struct{}, lookAtOnce)
	var group sync.WaitGroup
	for i, w := range wanted {
		if _, ok := first[w]; ok {
			continue
		}
		first[w] = i
		group.Go(func() {
			places <- struct{}{}
			defer func() { <-places }()
			if ctx.Err() != nil {
				return
			}
			var err error
			if seen[i], err = c.look(ctx, kinds, w); err != nil {
				cancel(err)
			}
		})
	}
	group.Wait()
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	for i, w := range wanted {
		seen[i] = seen[first[w]]
	}
	return seen, nil
}

// look gets one object. Its error holds for every other object too.
func (c *Client) look(ctx context.Context, kinds *kindAnswers, w Wanted) (Seen, error) {
	seen := Seen{Wanted: w}
	known, asked, err := kinds.of(ctx, w)
	switch {
	case unanswered(err):
		return seen, c.explain(asked, err)
	case errors.Is(err, errNoSuchKind):
		seen.Err, seen.NoSuchKind = c.noSuchKind(w), true
		return seen, nil
	case err != nil:
		seen.Err = c.explain(asked, err)
		return seen, nil
	}
	seen.ClusterScoped = !known.namespaced
	seen.Namespace = ""
	if known.namespaced {
		seen.Namespace = cmp.Or(w.Namespace, c.Namespace, metav1.NamespaceDefault)
	}
	if seen.Err = validPlace(seen.Wanted); seen.Err != nil {
		return seen, nil
	}
	err = c.get(ctx, known, &seen)
	asked = request{verb: "get", resource: known.resource.GroupResource().String(), namespace: seen.Namespace, name: w.Name}
	switch {
	case err == nil:
		seen.Exists = true
	case unanswered(err):
		return seen, c.explain(asked, err)
	case isUnknownPath(err):
		seen.Err, seen.NoSuchKind = c.noSuchKind(w), true
	case !apierrors.IsNotFound(err):
		seen.Err = c.explain(asked, err)
	}
	return seen, nil
}

// get fetches the object that seen names.
func (c *Client) get(ctx context.Context, known kind, seen *Seen) error {
	switch known.resource {
	case jobs():
		job, err := c.batch.Jobs(seen.Namespace).Get(ctx, seen.Name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		seen.describe(job)
		seen.Job = jobState(job)
	case pods():
		pod, err := c.core.Pods(seen.Namespace).Get(ctx, seen.Name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		seen.describe(pod)
		seen.Pod = podState(pod)
	default:
		object, err := c.meta.Resource(known.resource).Namespace(seen.Namespace).Get(ctx, seen.Name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		seen.describe(object)
	}
	return nil
}

// describe takes what every object tells.
func (s *Seen) describe(object metav1.Object) {
	s.UID = string(object.GetUID())
	s.Created = object.GetCreationTimestamp().UTC()
	s.Deleting = moment(object.GetDeletionTimestamp())
	s.Finalizers = object.GetFinalizers()
	s.Labels = object.GetLabels()
	// kubectl apply writes the whole object into this annotation, of a Secret too.
	s.Annotations = maps.Clone(object.GetAnnotations())
	delete(s.Annotations, corev1.LastAppliedConfigAnnotation)
	for _, entry := range object.GetManagedFields() {
		s.Managers = append(s.Managers, Manager{entry.Manager, string(entry.Operation), entry.Subresource})
	}
	slices.SortFunc(s.Managers, func(a, b Manager) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Operation, b.Operation), strings.Compare(a.Subresource, b.Subresource))
	})
	// The same manager has an entry for each version of the kind that it has used.
	s.Managers = slices.Compact(s.Managers)
}

// moment is a time that may not be there.
func moment(at *metav1.Time) time.Time {
	if at == nil {
		return time.Time{}
	}
	return at.UTC()
}

// validPlace refuses what would ask for another path: the metadata client puts names into it as they are, and they
// come from manifests.
func validPlace(w Wanted) error {
	if w.Name == "" {
		return &Error{fmt.Errorf("%s without a name cannot be looked up", w.Kind), "a name that the server makes up (generateName) stands in no manifest"}
	}
	for _, segment := range []string{w.Namespace, w.Name} {
		if wrong := content.IsPathSegmentName(segment); len(wrong) > 0 {
			return &Error{fmt.Errorf("no %s can be called %q: it %s", w.Kind, segment, strings.Join(wrong, ", it ")), "the API server refuses such a manifest"}
		}
	}
	return nil
}

// unanswered tells the errors that every other object would meet too: nobody has answered, or not us.
func unanswered(err error) bool {
	var transport *url.Error
	return errors.As(err, &transport) || apierrors.IsUnauthorized(err) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// isUnknownPath tells a path that the server does not serve from an object that is not there: only of the latter it
// answers with a Status of its own.
func isUnknownPath(err error) bool {
	return apierrors.IsNotFound(err) && apierrors.HasStatusCause(err, metav1.CauseTypeUnexpectedServerResponse)
}
