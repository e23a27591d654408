// Package live reads a release as it is in a cluster, and hands pkg/plan what it needs to start from there: the
// stored revisions, each fetched only when it is needed, and the objects that exist now.
package live

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/helm-hooks/helm-hooks/internal/cluster"
	"github.com/helm-hooks/helm-hooks/internal/cluster/record"
	"github.com/helm-hooks/helm-hooks/internal/source"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// Release is a release of which at least the metadata were read.
type Release struct {
	Client  *cluster.Client
	Records *cluster.Records
	// Refs are the stored revisions, oldest first; none where the release does not exist.
	Refs []cluster.Ref
	// Newest is the newest revision; nil where there is none.
	Newest *record.Release
	// Name and Namespace are where the release deploys to; Stored is the namespace of its records.
	Name, Namespace, Stored string

	read func(ref cluster.Ref) (*record.Release, error)
}

// Open reads the newest revision of a release.
func Open(ctx context.Context, client *cluster.Client, records *cluster.Records, namespace, name string) (*Release, error) {
	newest, refs, err := records.Newest(ctx, namespace, name)
	if err != nil {
		return nil, err
	}
	r := &Release{
		Client: client, Records: records, Refs: refs, Newest: newest, Name: name, Stored: namespace,
		Namespace: newest.Namespace, read: once(ctx, records),
	}
	if r.Namespace == "" {
		r.Namespace = namespace
	}
	return r, nil
}

// None is a release that does not exist yet.
func None(client *cluster.Client, records *cluster.Records, namespace, name string) *Release {
	return &Release{Client: client, Records: records, Name: name, Namespace: namespace, Stored: namespace}
}

// once fetches each revision once, however many ask for it.
func once(ctx context.Context, records *cluster.Records) func(cluster.Ref) (*record.Release, error) {
	type answer struct {
		release *record.Release
		err     error
	}
	var mu sync.Mutex
	known := map[string]answer{}
	return func(ref cluster.Ref) (*record.Release, error) {
		mu.Lock()
		defer mu.Unlock()
		if a, ok := known[ref.Object]; ok {
			return a.release, a.err
		}
		release, err := records.Read(ctx, ref)
		known[ref.Object] = answer{release, err}
		return release, err
	}
}

// Revision reads one stored revision.
func (r *Release) Revision(number int) (*record.Release, error) {
	if r.Newest != nil && number == r.Newest.Revision {
		return r.Newest, nil
	}
	at := slices.IndexFunc(r.Refs, func(ref cluster.Ref) bool { return ref.Revision == number })
	if at < 0 {
		return nil, &cluster.Error{
			Err:  fmt.Errorf("release %s has no revision %d", r.Name, number),
			Hint: "stored are " + strings.Join(r.numbers(), ", "),
		}
	}
	return r.read(r.Refs[at])
}

func (r *Release) numbers() []string {
	var numbers []string
	for _, ref := range r.Refs {
		numbers = append(numbers, fmt.Sprint(ref.Revision))
	}
	return numbers
}

// Documents are those of a stored revision.
func Documents(stored *record.Release) ([]plan.Document, error) {
	var hooks []source.StoredHook
	for _, hook := range stored.Hooks {
		hooks = append(hooks, source.StoredHook{Path: hook.Path, Manifest: hook.Manifest, LastRun: lastRun(hook)})
	}
	return source.StoredDocuments(fmt.Sprintf("revision %d of %s", stored.Revision, stored.Name), stored.Manifest, hooks)
}

func lastRun(hook record.Hook) plan.LastRun {
	return plan.LastRun{Started: hook.LastRun.StartedAt.Time, Completed: hook.LastRun.CompletedAt.Time, Phase: hook.LastRun.Phase}
}

// records are the stored revisions as pkg/plan takes them.
func (r *Release) records() []plan.Record {
	var records []plan.Record
	for i, ref := range r.Refs {
		one := plan.Record{Revision: ref.Revision, Status: plan.Status(ref.Status), Load: func() (plan.Stored, error) { return r.stored(ref.Revision) }}
		if i == len(r.Refs)-1 {
			// Helm goes by what is in the record; the label is what it selects by.
			one.Status = plan.Status(r.Newest.Info.Status)
		}
		records = append(records, one)
	}
	return records
}

func (r *Release) stored(revision int) (plan.Stored, error) {
	release, err := r.Revision(revision)
	if err != nil {
		return plan.Stored{}, err
	}
	documents, err := Documents(release)
	if err != nil {
		return plan.Stored{}, err
	}
	return plan.Stored{
		Description: release.Info.Description, Documents: documents, ServerSide: release.ApplyMethod == "ssa",
		Began: began(release), RollbackTo: release.Info.RollbackRevision,
	}, nil
}

// began is when the action that wrote a record began: an uninstall notes it apart.
func began(release *record.Release) time.Time {
	if !release.Info.Deleted.IsZero() {
		return release.Info.Deleted.Time
	}
	return release.Info.LastDeployed.Time
}

// HelmRelease is the one that looks after the release; name is empty where none does. helm-controller labels all that it
// installs (helm-controller 1.6.3 internal/postrender/common_renderer.go originLabels).
func (r *Release) HelmRelease() (namespace, name string) {
	if r.Newest == nil {
		return "", ""
	}
	texts := []string{r.Newest.Manifest}
	for _, h := range r.Newest.Hooks {
		texts = append(texts, h.Manifest)
	}
	for _, text := range texts {
		for line := range strings.Lines(text) {
			key, value, _ := strings.Cut(strings.TrimSpace(line), ":")
			value = strings.Trim(strings.TrimSpace(value), `"'`)
			switch key {
			case "helm.toolkit.fluxcd.io/name":
				name = value
			case "helm.toolkit.fluxcd.io/namespace":
				namespace = value
			}
			if name != "" && namespace != "" {
				return namespace, name
			}
		}
	}
	return namespace, name
}

// ByFlux says whether helm-controller looks after the release.
func (r *Release) ByFlux() bool {
	_, name := r.HelmRelease()
	return name != ""
}

// LastWriter is helm3 or helm4, as far as the record shows; else empty. Install, upgrade and rollback of Helm 4 store
// apply_method, which Helm 3 does not know and drops (v4 pkg/release/v1/release.go); an uninstall stores what it read.
func (r *Release) LastWriter() string {
	switch {
	case r.Newest == nil:
		return ""
	case r.Newest.ApplyMethod != "":
		return "helm4"
	case !r.Newest.Info.Deleted.IsZero():
		return ""
	}
	return "helm3"
}

// Values are those that the user gave for a revision.
func Values(stored *record.Release) (map[string]any, error) {
	values := map[string]any{}
	if len(stored.Config) == 0 {
		return values, nil
	}
	if err := json.Unmarshal(stored.Config, &values); err != nil {
		return nil, fmt.Errorf("values of revision %d: %w", stored.Revision, err)
	}
	return values, nil
}
