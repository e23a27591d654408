package cluster

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/helm-hooks/helm-hooks/internal/cluster/record"
)

const (
	// atOnce is how many records are asked for at the same time, and how many requests in a row may fail before no
	// more are sent: a server that is gone is not asked two thousand times.
	atOnce = 16
	// pageBytes is about how much a page of records may weigh: how many that are the page before tells. Records have
	// up to a megabyte, so even a page of nothing but large ones behind one of small ones can be borne.
	pageBytes  = 4 << 20
	firstPage  = 20
	mostOnPage = 100
)

// reading reads the newest record of each release. Most records that are not superseded are the newest of their
// release, and a list of those costs a request for many, which the server compresses, where gets cost one each, which
// it does not. What that list does not bring is got one by one.
type reading struct {
	records  *Records
	query    Query
	wanted   []*Listed
	total    int
	listable bool
}

func newReading(r *Records, q Query, found tallies) *reading {
	wanted, useful, listed := found.wanted()
	return &reading{records: r, query: q, wanted: wanted, total: len(wanted), listable: useful > 0 && listed <= 2*useful}
}

// run reads everything and hands it on.
func (r *reading) run(ctx context.Context, results chan<- Listed) {
	missing := r.wanted
	if r.listable {
		missing = r.list(ctx, results)
	}
	r.getAll(ctx, missing, results)
}

// parcel is a record on its way to be unpacked.
type parcel struct {
	to    *Listed
	data  []byte
	found bool
}

// list reads what is not superseded, and gives back what that did not bring.
func (r *reading) list(ctx context.Context, results chan<- Listed) (missing []*Listed) {
	open := make(map[string]*Listed, len(r.wanted))
	for _, one := range r.wanted {
		open[releaseKey(one.Ref)] = one
	}
	// While one page is unpacked the next is on its way.
	parcels := make(chan parcel, firstPage)
	var unpackers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		unpackers.Go(func() {
			var light record.Light
			for p := range parcels {
				p.to.Record, p.to.Err = r.records.decode(p.to.Ref, p.data, p.found, light.Decode)
				results <- *p.to
			}
		})
	}
	arrived := map[*Listed]bool{}
	options := metav1.ListOptions{LabelSelector: r.query.selector("status!=" + superseded), Limit: firstPage}
	for expired := 0; ; {
		objects, next, err := r.records.page(ctx, r.query.Namespace, options)
		if apierrors.IsResourceExpired(err) && expired < expiries && remainder(err) != "" {
			expired++
			options.Continue = remainder(err)
			continue
		}
		weight := 0
		for _, object := range objects {
			weight += len(object.data)
			if to := object.newest(open, arrived); to != nil {
				arrived[to] = true
				parcels <- parcel{to, object.data, object.found}
			}
		}
		// An error says no more than that the rest has to be got: whoever gets it will hear of it again.
		if options.Continue = next; err != nil || next == "" {
			break
		}
		options.Limit = int64(min(max(pageBytes*len(objects)/max(weight, 1), 4), mostOnPage))
	}
	close(parcels)
	unpackers.Wait()
	for _, one := range r.wanted {
		if !arrived[one] {
			missing = append(missing, one)
		}
	}
	return missing
}

// storedRecord is a record as it is stored.
type storedRecord struct {
	meta  metav1.ObjectMeta
	data  []byte
	found bool
}

// newest is the release whose newest record this is, nil where it is none's. A revision that was made after the
// metadata were listed takes the place of the one that was the newest then.
func (s *storedRecord) newest(open map[string]*Listed, arrived map[*Listed]bool) *Listed {
	ref, ok := readRef(&metav1.PartialObjectMetadata{ObjectMeta: s.meta})
	if !ok {
		return nil
	}
	to := open[releaseKey(ref)]
	if to == nil || arrived[to] || ref.Revision < to.Revision {
		return nil
	}
	if ref.Revision > to.Revision {
		to.Revisions++
	}
	if ref.Status == deployed {
		to.Deployed = ref.Revision
	}
	to.Ref = ref
	return to
}

// page lists records with all that is in them.
func (r *Records) page(ctx context.Context, namespace string, options metav1.ListOptions) (objects []storedRecord, next string, err error) {
	if r.driver == ConfigMaps {
		list, err := r.client.core.ConfigMaps(namespace).List(ctx, options)
		if err != nil {
			return nil, "", err
		}
		for i := range list.Items {
			text, found := list.Items[i].Data["release"]
			objects = append(objects, storedRecord{list.Items[i].ObjectMeta, []byte(text), found})
		}
		return objects, list.Continue, nil
	}
	list, err := r.client.core.Secrets(namespace).List(ctx, options)
	if err != nil {
		return nil, "", err
	}
	for i := range list.Items {
		data, found := list.Items[i].Data["release"]
		objects = append(objects, storedRecord{list.Items[i].ObjectMeta, data, found})
	}
	return objects, list.Continue, nil
}

// getAll gets records one by one, a bounded number at once.
func (r *reading) getAll(ctx context.Context, missing []*Listed, results chan<- Listed) {
	queue := make(chan *Listed)
	var failures atomic.Int32
	var workers sync.WaitGroup
	for range min(atOnce, len(missing)) {
		workers.Go(func() {
			var light record.Light
			for one := range queue {
				if failures.Load() >= atOnce {
					one.Err = ErrNotAsked
					results <- *one
					continue
				}
				gone, trouble := r.records.getLight(ctx, one, &light)
				if trouble {
					failures.Add(1)
				} else {
					failures.Store(0)
				}
				if !gone {
					results <- *one
				}
			}
		})
	}
	for _, one := range missing {
		if ctx.Err() != nil {
			break
		}
		queue <- one
	}
	close(queue)
	workers.Wait()
}

// getLight reads the newest record of a release. Where that has vanished since it was listed, or has been superseded,
// it looks again: gone says that nothing is left. trouble says that the server failed, not the record.
func (r *Records) getLight(ctx context.Context, one *Listed, light *record.Light) (gone, trouble bool) {
	for range 3 {
		data, found, err := r.data(ctx, one.Ref)
		if err != nil && !apierrors.IsNotFound(err) {
			one.Err = r.client.explain(r.get(one.Ref), err)
			return false, !apierrors.IsForbidden(err)
		}
		if err == nil {
			one.Record, one.Err = r.decode(one.Ref, data, found, light.Decode)
			if one.Err != nil || one.Record.Info.Status != superseded || one.Status == superseded {
				return false, false
			}
		}
		refs, err := r.Revisions(ctx, one.Namespace, one.Release)
		switch {
		case err != nil:
			one.Record, one.Err = nil, err
			return false, !apierrors.IsForbidden(err)
		case len(refs) == 0:
			return true, false
		}
		*one = Listed{Ref: refs[len(refs)-1], Revisions: len(refs)}
		for _, ref := range refs {
			if ref.Status == deployed {
				one.Deployed = ref.Revision
			}
		}
	}
	if one.Record == nil {
		one.Err = &Error{
			fmt.Errorf("%s: no record of release %q in namespace %q stays long enough to be read", r.get(one.Ref), one.Release, one.Namespace),
			"something deletes them: look again in a while",
		}
	}
	return false, false
}
