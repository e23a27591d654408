package driver3

import (
	"encoding/json"
	"fmt"

	"helm.sh/helm/v3/pkg/release"
	"helm.sh/helm/v3/pkg/storage/driver"

	"github.com/helm-hooks/helm-hooks/test/oracle/stage"
)

// records is a storage driver over the records of a stage.
type records struct {
	store    *stage.Records
	recorder *stage.Recorder
}

func (*records) Name() string { return "oracle" }

func (r *records) Create(key string, rel *release.Release) error {
	data, err := json.Marshal(rel)
	if err != nil {
		return fmt.Errorf("encode release: %w", err)
	}
	if !r.store.Create(key, data, labels(rel)) {
		return driver.ErrReleaseExists
	}
	r.recorder.Created(known(rel))
	return nil
}

func (r *records) Update(key string, rel *release.Release) error {
	r.recorder.Updated()
	data, err := json.Marshal(rel)
	if err != nil {
		return fmt.Errorf("encode release: %w", err)
	}
	if !r.store.Update(key, data, labels(rel)) {
		return driver.ErrReleaseNotFound
	}
	return nil
}

// Delete gives no release back: nobody reads it, and decoding costs.
func (r *records) Delete(key string) (*release.Release, error) {
	if !r.store.Delete(key) {
		return nil, driver.ErrReleaseNotFound
	}
	return nil, nil
}

func (r *records) Get(key string) (*release.Release, error) {
	data, ok := r.store.Get(key)
	if !ok {
		return nil, driver.ErrReleaseNotFound
	}
	return r.decode(data)
}

func (r *records) List(filter func(*release.Release) bool) ([]*release.Release, error) {
	all, err := r.query(nil)
	if err != nil {
		return nil, err
	}
	var found []*release.Release
	for _, rel := range all {
		if filter(rel) {
			found = append(found, rel)
		}
	}
	return found, nil
}

func (r *records) Query(labels map[string]string) ([]*release.Release, error) {
	found, err := r.query(labels)
	if err == nil && len(found) == 0 {
		return nil, driver.ErrReleaseNotFound
	}
	return found, err
}

func (r *records) query(labels map[string]string) ([]*release.Release, error) {
	var found []*release.Release
	for _, data := range r.store.Query(labels) {
		rel, err := r.decode(data)
		if err != nil {
			return nil, err
		}
		found = append(found, rel)
	}
	return found, nil
}

func (r *records) decode(data []byte) (*release.Release, error) {
	var rel release.Release
	if err := json.Unmarshal(data, &rel); err != nil {
		return nil, fmt.Errorf("decode release: %w", err)
	}
	r.recorder.Read(known(&rel))
	return &rel, nil
}

func labels(rel *release.Release) map[string]string {
	return stage.Labels(rel.Name, rel.Info.Status.String(), rel.Version)
}

func known(rel *release.Release) stage.Release {
	out := stage.Release{Revision: rel.Version}
	for _, h := range rel.Hooks {
		hook := stage.Hook{Kind: h.Kind, Name: h.Name, Manifest: h.Manifest}
		for _, e := range h.Events {
			hook.Events = append(hook.Events, e.String())
		}
		for _, p := range h.DeletePolicies {
			hook.Policies = append(hook.Policies, p.String())
		}
		out.Hooks = append(out.Hooks, hook)
	}
	return out
}
