package cluster

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/helm-hooks/helm-hooks/internal/cluster/record"
)

// Query says which releases are listed.
type Query struct {
	// Namespace is empty for all.
	Namespace string
	// Selector picks releases by the labels of their newest record, as `helm list` does; nil picks all.
	Selector labels.Selector
	// Progress hears how far it is. total is 0 as long as done counts records whose metadata came; then both count
	// releases. It can be left out.
	Progress func(done, total int)
}

// Listed is a release as its newest record tells it.
type Listed struct {
	// Ref is the newest revision; its status is that of the label.
	Ref
	// Revisions is how many are stored, and Deployed the newest one that is deployed, 0 for none.
	Revisions, Deployed int
	// Record is without what is large (record.Light), nil where there is an error.
	Record *record.Release
	// Err says why the record cannot be read, or is ErrNotAsked.
	Err error
}

// ErrNotAsked says that a record was not asked for, since the server had failed too often in a row.
var ErrNotAsked = errors.New("not asked for")

// List hands on the releases that a query picks, each as soon as its newest record is read, in no order and never two
// at a time. A record that cannot be read is no error of the list. Where the list breaks off, give gets what was
// listed in full before.
func (r *Records) List(ctx context.Context, q Query, give func(Listed)) error {
	found := tallies{}
	broken := found.read(ctx, r, q)
	if err := ctx.Err(); err != nil {
		return err
	}
	reading := newReading(r, q, found)
	results := make(chan Listed)
	go func() {
		defer close(results)
		reading.run(ctx, results)
	}()
	done := 0
	for one := range results {
		done++
		q.progress(done, reading.total)
		give(one)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return broken
}

func (q Query) progress(done, total int) {
	if q.Progress != nil {
		q.Progress(done, total)
	}
}

// selector is what the server is asked to pick from. Only the name is the same in all records of a release: were the
// server asked for status=failed, an old revision would be taken for the newest.
func (q Query) selector(more ...string) string {
	parts := append([]string{"owner=helm"}, more...)
	if q.Selector != nil {
		requirements, _ := q.Selector.Requirements()
		for _, one := range requirements {
			if one.Key() == "name" {
				parts = append(parts, one.String())
			}
		}
	}
	return strings.Join(parts, ",")
}

func (q Query) picks(set map[string]string) bool {
	return q.Selector == nil || q.Selector.Matches(labels.Set(set))
}

// Statuses of a revision: another has taken its place, or it is what runs (v3 pkg/release/status.go, v4
// pkg/release/common/status.go).
const (
	superseded = "superseded"
	deployed   = "deployed"
)

// tally is what is kept of all the records of a release: one Ref, and numbers.
type tally struct {
	Listed
	// picked says what the selector says of the newest record.
	picked bool
	// live is how many records are not superseded.
	live int
}

// tallies are by namespace and name.
type tallies map[string]*tally

func releaseKey(ref Ref) string { return ref.Namespace + "/" + ref.Release }

// read lists all metadata. If that breaks off, it keeps the releases of which all records were seen.
func (t tallies) read(ctx context.Context, r *Records, q Query) error {
	last, count := "", 0
	err := r.walk(ctx, q.Namespace, q.selector(), func(items []metav1.PartialObjectMetadata) {
		for i := range items {
			if ref, ok := readRef(&items[i]); ok {
				t.add(ref, q.picks(items[i].Labels))
			}
		}
		if len(items) > 0 {
			last = items[len(items)-1].Namespace + "/" + items[len(items)-1].Name
		}
		count += len(items)
		q.progress(count, 0)
	}, func() {
		clear(t)
		last, count = "", 0
	})
	if err == nil {
		return nil
	}
	for key, one := range t {
		// The server lists by namespace and name; what comes behind all names of a release has come, or not.
		if one.Namespace+"/"+recordPrefix+one.Release+".v:" > last {
			delete(t, key)
		}
	}
	var known *Error
	if q.Namespace == "" && apierrors.IsForbidden(err) && errors.As(err, &known) {
		known.Hint += "; -n NAMESPACE lists one namespace"
	}
	return err
}

func (t tallies) add(ref Ref, picked bool) {
	one := t[releaseKey(ref)]
	if one == nil {
		one = &tally{}
		t[releaseKey(ref)] = one
	}
	one.Revisions++
	if ref.Status != superseded {
		one.live++
	}
	if ref.Status == deployed {
		one.Deployed = max(one.Deployed, ref.Revision)
	}
	if ref.Revision > one.Revision {
		one.Ref, one.picked = ref, picked
	}
}

// wanted are the releases to read, in order, and what a list of all live records would bring: how many of them, and
// how many that nobody asked for.
func (t tallies) wanted() (wanted []*Listed, useful, listed int) {
	for _, one := range t {
		listed += one.live
		if !one.picked {
			continue
		}
		if one.Status != superseded {
			useful++
		}
		wanted = append(wanted, &one.Listed)
	}
	slices.SortFunc(wanted, func(a, b *Listed) int {
		return cmp.Or(strings.Compare(a.Namespace, b.Namespace), strings.Compare(a.Release, b.Release))
	})
	return wanted, useful, listed
}
