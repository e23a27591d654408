package stage

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"

	"github.com/helm-hooks/helm-hooks/test/oracle/scenario"
)

// Records holds release records as bytes, so that a record changes only when Helm writes it and each Helm
// reads what the other wrote. It behaves as Helm's Secrets driver does, without compression.
type Records struct {
	mu      sync.Mutex
	records map[string]record
	sealed  bool
}

type record struct {
	data   []byte
	labels map[string]string
}

// NewRecords makes an empty store.
func NewRecords() *Records { return &Records{records: map[string]record{}} }

func (r *Records) clone() *Records {
	r.mu.Lock()
	defer r.mu.Unlock()
	return &Records{records: maps.Clone(r.records)}
}

// Seal shuts the store, or opens it again. While it is shut there is nothing to find and nothing changes:
// so it is to a process that is dead.
func (r *Records) Seal(sealed bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sealed = sealed
}

// Labels are those Helm puts on a record, storage/driver/secrets.go newSecretsObject.
func Labels(name, status string, revision int) map[string]string {
	return map[string]string{"name": name, "owner": "helm", "status": status, "version": strconv.Itoa(revision)}
}

// Create stores a record; false if there is one already.
func (r *Records) Create(key string, data []byte, labels map[string]string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.records[key]; ok || r.sealed {
		return false
	}
	r.records[key] = record{data, labels}
	return true
}

// Update replaces a record; false if there is none.
func (r *Records) Update(key string, data []byte, labels map[string]string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.records[key]; !ok || r.sealed {
		return false
	}
	r.records[key] = record{data, labels}
	return true
}

// Get reads a record.
func (r *Records) Get(key string) ([]byte, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	rec, ok := r.records[key]
	return rec.data, ok && !r.sealed
}

// Delete removes a record; false if there is none.
func (r *Records) Delete(key string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, ok := r.records[key]
	if !ok || r.sealed {
		return false
	}
	delete(r.records, key)
	return true
}

// Query reads the records with all these labels, ordered by key as an API server lists them.
func (r *Records) Query(labels map[string]string) [][]byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.sealed {
		return nil
	}
	var found [][]byte
	for _, key := range slices.Sorted(maps.Keys(r.records)) {
		rec := r.records[key]
		matches := true
		for k, v := range labels {
			matches = matches && rec.labels[k] == v
		}
		if matches {
			found = append(found, rec.data)
		}
	}
	return found
}

// History is the revisions and statuses of a release, by revision.
func (r *Records) History(name string) ([]scenario.Revision, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var history []scenario.Revision
	for key, rec := range r.records {
		if rec.labels["name"] != name {
			continue
		}
		revision, err := strconv.Atoi(rec.labels["version"])
		if err != nil {
			return nil, fmt.Errorf("read labels of record %q: %w", key, err)
		}
		history = append(history, scenario.Revision{Revision: revision, Status: rec.labels["status"]})
	}
	slices.SortFunc(history, func(a, b scenario.Revision) int { return a.Revision - b.Revision })
	return history, nil
}
