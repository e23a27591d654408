package cluster

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/helm-hooks/helm-hooks/internal/cluster/record"
)

// recordPrefix begins the name of every record (v3 and v4 pkg/storage/storage.go makeKey).
const recordPrefix = "sh.helm.release.v1."

// Records are the release records of a cluster, as one of Helm's drivers keeps them.
type Records struct {
	client *Client
	driver Driver
}

// Records reads what a driver has stored.
func (c *Client) Records(driver Driver) *Records { return &Records{c, driver} }

// Ref is a stored revision, as its metadata tell it.
type Ref struct {
	Release string
	// Namespace is where the record is stored.
	Namespace string
	Revision  int
	// Status is the one of the label.
	Status string
	// Object is the name of the Secret or ConfigMap.
	Object string
	// Created is when the record was made; Modified when Helm last changed it, as far as its label says so.
	Created  time.Time
	Modified time.Time
}

// Newest reads the newest revision of a release. refs are all its revisions, oldest first.
func (r *Records) Newest(ctx context.Context, namespace, release string) (newest *record.Release, refs []Ref, err error) {
	// A record may vanish between the list and the get: Helm keeps ten, and somebody may be uninstalling.
	for range 3 {
		if refs, err = r.Revisions(ctx, namespace, release); err != nil {
			return nil, nil, err
		}
		if len(refs) == 0 {
			return nil, nil, r.notFound(ctx, namespace, release)
		}
		newest, err = r.Read(ctx, refs[len(refs)-1])
		if !apierrors.IsNotFound(err) {
			break
		}
	}
	return newest, refs, err
}

// Revisions lists the stored revisions of a release, oldest first, without what is in them.
func (r *Records) Revisions(ctx context.Context, namespace, release string) ([]Ref, error) {
	if err := validName(release); err != nil {
		return nil, err
	}
	var refs []Ref
	err := r.each(ctx, namespace, labels.Set{"owner": "helm", "name": release}, func(ref Ref) { refs = append(refs, ref) })
	slices.SortFunc(refs, compareRefs)
	return refs, err
}

func compareRefs(a, b Ref) int {
	return cmp.Or(strings.Compare(a.Namespace, b.Namespace), strings.Compare(a.Release, b.Release), cmp.Compare(a.Revision, b.Revision))
}

// pageSize is how many records the server tells of at once.
const pageSize = 500

// each lists the metadata of records; an empty namespace stands for all.
func (r *Records) each(ctx context.Context, namespace string, selector labels.Set, give func(Ref)) error {
	seen := map[string]bool{}
	return r.walk(ctx, namespace, selector.AsSelector().String(), func(items []metav1.PartialObjectMetadata) {
		for i := range items {
			key := items[i].Namespace + "/" + items[i].Name
			if ref, ok := readRef(&items[i]); ok && !seen[key] {
				seen[key] = true
				give(ref)
			}
		}
	}, func() {})
}

// expiries is how often a list may outlive the state that it began with.
const expiries = 10

// walk lists metadata page by page. again says that everything comes once more.
func (r *Records) walk(ctx context.Context, namespace, selector string, page func([]metav1.PartialObjectMetadata), again func()) error {
	resource := r.client.meta.Resource(schema.GroupVersionResource{Version: "v1", Resource: string(r.driver)}).Namespace(namespace)
	options := metav1.ListOptions{LabelSelector: selector, Limit: pageSize}
	for expired := 0; ; {
		list, err := resource.List(ctx, options)
		if apierrors.IsResourceExpired(err) && options.Continue != "" && expired < expiries {
			expired++
			if options.Continue = remainder(err); options.Continue == "" {
				options.Limit = 0 // in one go, so that it cannot happen again
				again()
			}
			continue
		}
		if err != nil {
			return r.client.explain(request{verb: "list", resource: string(r.driver), namespace: namespace}, err)
		}
		page(list.Items)
		if options.Continue = list.Continue; options.Continue == "" {
			return nil
		}
	}
}

// remainder is what a server offers that has forgotten the state a list began with: to go on behind the same record,
// in the state of now. It is empty where the server offers nothing.
func remainder(err error) string {
	var status apierrors.APIStatus
	if !errors.As(err, &status) {
		return ""
	}
	return status.Status().Continue
}

// readRef reads metadata. What carries Helm's label but not the name that Helm gives is none of Helm's.
func readRef(item *metav1.PartialObjectMetadata) (Ref, bool) {
	key, ok := strings.CutPrefix(item.Name, recordPrefix)
	at := strings.LastIndex(key, ".v")
	if !ok || at < 1 {
		return Ref{}, false
	}
	// Helm gets a single revision by this name, so the number in it counts more than the label.
	revision, err := strconv.Atoi(key[at+2:])
	if err != nil || revision < 1 {
		return Ref{}, false
	}
	ref := Ref{
		Release: key[:at], Namespace: item.Namespace, Revision: revision, Status: item.Labels["status"],
		Object: item.Name, Created: item.CreationTimestamp.Time,
	}
	if seconds, err := strconv.ParseInt(item.Labels["modifiedAt"], 10, 64); err == nil {
		ref.Modified = time.Unix(seconds, 0).UTC()
	}
	return ref, true
}

// Read fetches one revision and unpacks it. The error of a record that is gone by now is a NotFound of the API
// server.
func (r *Records) Read(ctx context.Context, ref Ref) (*record.Release, error) {
	data, found, err := r.data(ctx, ref)
	if err != nil {
		return nil, r.client.explain(r.get(ref), err)
	}
	return r.decode(ref, data, found, record.Decode)
}

func (r *Records) get(ref Ref) request {
	return request{verb: "get", resource: string(r.driver), namespace: ref.Namespace, name: ref.Object}
}

// decode unpacks a record and holds it against its name.
func (r *Records) decode(ref Ref, data []byte, found bool, decode func([]byte) (*record.Release, error)) (*record.Release, error) {
	said := fmt.Sprintf("%s %s in namespace %q", r.driver.kind(), ref.Object, ref.Namespace)
	hint := fmt.Sprintf("Helm passes over a record that it cannot read; helm history %s -n %s shows the revisions that it still knows", ref.Release, ref.Namespace)
	if !found {
		return nil, &Error{fmt.Errorf("%s: %w: it has no data key \"release\"", said, record.ErrNoRelease), hint}
	}
	release, err := decode(data)
	switch {
	case errors.Is(err, record.ErrTooLarge):
		return nil, &Error{fmt.Errorf("%s: %w", said, err), fmt.Sprintf("helm get all %s -n %s --revision %d | helm hooks plan -", ref.Release, ref.Namespace, ref.Revision)}
	case err != nil:
		return nil, &Error{fmt.Errorf("%s: %w", said, err), hint}
	case release.Name != ref.Release || release.Revision != ref.Revision:
		return nil, &Error{
			fmt.Errorf("%s holds revision %d of release %q: it was copied or renamed by hand", said, release.Revision, release.Name),
			"Helm goes by what is in the record: delete it or put the right one in its place",
		}
	}
	return release, nil
}

func (r *Records) data(ctx context.Context, ref Ref) (data []byte, found bool, err error) {
	if r.driver == ConfigMaps {
		object, err := r.client.core.ConfigMaps(ref.Namespace).Get(ctx, ref.Object, metav1.GetOptions{})
		if err != nil {
			return nil, false, err
		}
		text, found := object.Data["release"]
		return []byte(text), found, nil
	}
	object, err := r.client.core.Secrets(ref.Namespace).Get(ctx, ref.Object, metav1.GetOptions{})
	if err != nil {
		return nil, false, err
	}
	data, found = object.Data["release"]
	return data, found, nil
}

// Releases lists the names of the releases of a namespace, sorted.
func (r *Records) Releases(ctx context.Context, namespace string) ([]string, error) {
	names := map[string]bool{}
	err := r.each(ctx, namespace, labels.Set{"owner": "helm"}, func(ref Ref) { names[ref.Release] = true })
	return slices.Sorted(maps.Keys(names)), err
}

// Driver is the one whose records are read.
func (r *Records) Driver() Driver { return r.driver }
