package cli

import (
	"context"
	"slices"
	"sync"

	"github.com/helm-hooks/helm-hooks/internal/cluster"
	"github.com/helm-hooks/helm-hooks/internal/live"
	"github.com/helm-hooks/helm-hooks/internal/render"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// examinedAtOnce is how many releases are looked into at the same time: each takes a whole record and, for leftovers,
// a request for each object of a hook.
const examinedAtOnce = 8

// examine finds out what --ignored and --leftovers ask for.
func (l *listing) examine(ctx context.Context, records *cluster.Records) error {
	if !l.o.ignored && !l.o.leftovers {
		return nil
	}
	progress := newProgress(l.o.env, len(l.answer.Items))
	var mu sync.Mutex
	var work sync.WaitGroup
	slots := make(chan struct{}, examinedAtOnce)
	for i := range l.answer.Items {
		item := &l.answer.Items[i]
		if item.Unread {
			continue
		}
		work.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			if ctx.Err() != nil {
				return
			}
			l.look(ctx, records, item)
			mu.Lock()
			defer mu.Unlock()
			progress.next(item.Namespace + "/" + item.Name)
		})
	}
	work.Wait()
	progress.done()
	l.hideFine()
	return ctx.Err()
}

// hideFine leaves out the releases that are shown for the sake of --ignored alone, and have nothing ignored.
func (l *listing) hideFine() {
	if l.o.all {
		return
	}
	before := len(l.answer.Items)
	l.answer.Items = slices.DeleteFunc(l.answer.Items, func(r render.Release) bool {
		return !r.Unread && r.Hooks == 0 && (r.Ignored == nil || r.Ignored.Why == "" && len(r.Ignored.Objects) == 0)
	})
	l.answer.Hidden += before - len(l.answer.Items)
}

// look reads one release whole.
func (l *listing) look(ctx context.Context, records *cluster.Records, item *render.Release) {
	r, err := live.Open(ctx, l.client, records, item.Namespace, item.Name)
	if l.o.ignored {
		item.Ignored = l.ignored(r, err)
	}
	if l.o.leftovers {
		item.Left = l.left(ctx, r, err)
	}
}

// ignored are the objects that Helm dropped when it rendered the newest revision.
func (l *listing) ignored(r *live.Release, err error) *render.ReleaseObjects {
	if err != nil {
		return &render.ReleaseObjects{Why: err.Error()}
	}
	read, err := r.Source(l.o.engine)
	if err != nil {
		return &render.ReleaseObjects{Why: err.Error()}
	}
	if read.AlreadyRendered {
		why := "the record holds no trace of what was dropped"
		for _, fact := range read.Unknown {
			if fact.What == "ignored" {
				why = fact.Why
			}
		}
		return &render.ReleaseObjects{Why: why}
	}
	inventory, err := inventoryOf(r, l.o.engine, read.Render)
	if err != nil {
		return &render.ReleaseObjects{Why: err.Error()}
	}
	found := &render.ReleaseObjects{}
	for _, dropped := range inventory.Dropped {
		found.Objects = append(found.Objects, dropped.Object)
	}
	return found
}

func inventoryOf(r *live.Release, engine plan.Engine, rendered plan.Render) (plan.Inventory, error) {
	documents, err := rendered(r.NextFields())
	if err != nil {
		return plan.Inventory{}, err
	}
	return plan.Classify(documents, plan.Release{Name: r.Name, Namespace: r.Namespace}, engine)
}

// left are the objects of hooks that exist now: no uninstall deletes them.
func (l *listing) left(ctx context.Context, r *live.Release, err error) *render.ReleaseObjects {
	if err != nil {
		return &render.ReleaseObjects{Why: err.Error()}
	}
	documents, err := live.Documents(r.Newest)
	if err != nil {
		return &render.ReleaseObjects{Why: err.Error()}
	}
	inventory, err := plan.Classify(plan.Rendered{Documents: documents}, plan.Release{Name: r.Name, Namespace: r.Namespace}, l.o.engine)
	if err != nil {
		return &render.ReleaseObjects{Why: err.Error()}
	}
	world, err := r.Look(ctx, plan.Inventory{Hooks: inventory.Hooks})
	if err != nil {
		return &render.ReleaseObjects{Why: err.Error()}
	}
	found := &render.ReleaseObjects{}
	for i, seen := range world.Seen {
		switch {
		case seen.Exists:
			found.Objects = append(found.Objects, world.Asked[i])
		case seen.Err != nil && !seen.NoSuchKind:
			found.Why = seen.Err.Error()
		}
	}
	return found
}
