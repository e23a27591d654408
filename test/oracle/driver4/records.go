package driver4

import (
	"encoding/json"
	"fmt"

	"helm.sh/helm/v4/pkg/release"
	rspb "helm.sh/helm/v4/pkg/release/v1"
	"helm.sh/helm/v4/pkg/storage/driver"

	"github.com/helm-hooks/helm-hooks/test/oracle/stage"
)

// records is a storage driver over the records of a stage.
type records struct {
	store    *stage.Records
	recorder *stage.Recorder
}

func (*records) Name() string { return "oracle" }

func (r *records) Create(key string, rel release.Releaser) error {
	v1, data, err := encode(rel)
	if err != nil {
		return err
	}
	if !r.store.Create(key, data, labels(v1)) {
		return driver.ErrReleaseExists
	}
	r.recorder.Created(known(v1))
	return nil
}

func (r *records) Update(key string, rel release.Releaser) error {
	r.recorder.Updated()
	v1, data, err := encode(rel)
	if err != nil {
		return err
	}
	if !r.store.Update(key, data, labels(v1)) {
		return driver.ErrReleaseNotFound
	}
	return nil
}

func encode(rel release.Releaser) (*rspb.Release, []byte, error) {
	v1, ok := rel.(*rspb.Release)
	if !ok {
		return nil, nil, fmt.Errorf("unsupported release type: %T", rel)
	}
	data, err := json.Marshal(v1)
	if err != nil {
		return nil, nil, fmt.Errorf("encode release: %w", err)
	}
	return v1, data, nil
}

// Delete gives no release back: nobody reads it, and decoding costs.
func (r *records) Delete(key string) (release.Releaser, error) {
	if !r.store.Delete(key) {
		return nil, driver.ErrReleaseNotFound
	}
	return nil, nil
}

func (r *records) Get(key string) (release.Releaser, error) {
	data, ok := r.store.Get(key)
	if !ok {
		return nil, driver.ErrReleaseNotFound
	}
	return r.decode(data)
}

func (r *records) List(filter func(release.Releaser) bool) ([]release.Releaser, error) {
	all, err := r.query(nil)
	if err != nil {
		return nil, err
	}
	var found []release.Releaser
	for _, rel := range all {
		if filter(rel) {
			found = append(found, rel)
		}
	}
	return found, nil
}

func (r *records) Query(labels map[string]string) ([]release.Releaser, error) {
	found, err := r.query(labels)
	if err == nil && len(found) == 0 {
		return nil, driver.ErrReleaseNotFound
	}
	return found, err
}

func (r *records) query(labels map[string]string) ([]release.Releaser, error) {
	var found []release.Releaser
	for _, data := range r.store.Query(labels) {
		rel, err := r.decode(data)
		if err != nil {
			return nil, err
		}
		found = append(found, rel)
	}
	return found, nil
}

func (r *records) decode(data []byte) (release.Releaser, error) {
	var rel rspb.Release
	if err := json.Unmarshal(data, &rel); err != nil {
		return nil, fmt.Errorf("decode release: %w", err)
	}
	r.recorder.Read(known(&rel))
	return &rel, nil
}

func labels(rel *rspb.Release) map[string]string {
	return stage.Labels(rel.Name, rel.Info.Status.String(), rel.Version)
}

func known(rel *rspb.Release) stage.Release {
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
