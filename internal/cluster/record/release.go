// Package record reads what Helm 3 and 4 store about a release, without their storage packages: those bring along
// drivers for databases.
package record

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"time"
)

// Release is one revision as Helm 3 or 4 has stored it.
type Release struct {
	Name string
	// Namespace is where it deploys to. Flux may store the record in another one.
	Namespace string
	Revision  int
	Info      Info
	Chart     Chart
	// Config are the values that the user gave, as JSON.
	Config   json.RawMessage
	Manifest string
	// Hooks are in the order of `helm get hooks`.
	Hooks []Hook
	// ApplyMethod is ssa or csa. Helm 3 knows no such field.
	ApplyMethod string
}

// Info is what Helm noted about a revision.
type Info struct {
	FirstDeployed Time   `json:"first_deployed"`
	LastDeployed  Time   `json:"last_deployed"`
	Deleted       Time   `json:"deleted"`
	Description   string `json:"description"`
	Status        string `json:"status"`
	// RollbackRevision is the revision that a rollback went back to, 0 where it was none. Helm 3 has no such field.
	RollbackRevision int `json:"rollback_revision"`
}

// Chart is the chart of a revision. Subcharts are not stored (v3 pkg/chart/chart.go: the field is not exported).
type Chart struct {
	Name, Version, AppVersion string
	// Dependencies are the names of the subcharts that the chart has.
	Dependencies []string
	// Raw is the whole chart as JSON: metadata, templates, values, schema and files.
	Raw json.RawMessage
}

// Hook is a hook in Helm's stored form.
type Hook struct {
	Name              string       `json:"name"`
	Kind              string       `json:"kind"`
	Path              string       `json:"path"`
	Manifest          string       `json:"manifest"`
	Events            list[string] `json:"events"`
	LastRun           LastRun      `json:"last_run"`
	Weight            int          `json:"weight"`
	DeletePolicies    list[string] `json:"delete_policies"`
	OutputLogPolicies list[string] `json:"output_log_policies"`
}

// LastRun is the most recent execution of a hook; a hook that never ran has an empty phase.
type LastRun struct {
	StartedAt   Time   `json:"started_at"`
	CompletedAt Time   `json:"completed_at"`
	Phase       string `json:"phase"`
}

// Time is a time that Helm 3 may have stored as an empty string (v3 pkg/time/time.go); Helm 4 leaves it out.
type Time struct{ time.Time }

// UnmarshalJSON reads what either Helm reads.
func (t *Time) UnmarshalJSON(text []byte) error {
	if string(text) == `""` || string(text) == "null" {
		return nil
	}
	return t.Time.UnmarshalJSON(text)
}

// stored is the JSON of a record, as far as it is read: v3 pkg/release/release.go, v4 pkg/release/v1/release.go.
type stored struct {
	Name        string          `json:"name"`
	Info        *Info           `json:"info"`
	Chart       json.RawMessage `json:"chart"`
	Config      json.RawMessage `json:"config"`
	Manifest    string          `json:"manifest"`
	Hooks       list[*Hook]     `json:"hooks"`
	Version     int             `json:"version"`
	Namespace   string          `json:"namespace"`
	ApplyMethod string          `json:"apply_method"`
}

// maxListed bounds what a small text can make of memory: "{}," is three bytes, and a Hook some hundred.
const maxListed = 10_000

// list is a JSON list that is counted while it is read.
type list[T any] []T

// UnmarshalJSON reads the members one by one.
func (l *list[T]) UnmarshalJSON(text []byte) error {
	*l = nil
	if string(text) == "null" {
		return nil
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	if start, err := decoder.Token(); err != nil || start != json.Delim('[') {
		return &json.UnmarshalTypeError{Value: "value that is no list", Type: reflect.TypeFor[[]T]()}
	}
	for decoder.More() {
		if len(*l) == maxListed {
			return fmt.Errorf("%w: a list of more than %d members", ErrTooLarge, maxListed)
		}
		var one T
		if err := decoder.Decode(&one); err != nil {
			return err
		}
		*l = append(*l, one)
	}
	return nil
}

func (s stored) release() (*Release, error) {
	if s.Name == "" || s.Info == nil {
		return nil, fmt.Errorf("%w: it has no name or no info", ErrNoRelease)
	}
	r := &Release{
		Name: s.Name, Namespace: s.Namespace, Revision: s.Version, Info: *s.Info, Config: s.Config, Manifest: s.Manifest,
		ApplyMethod: s.ApplyMethod,
	}
	for i, hook := range s.Hooks {
		if hook == nil {
			return nil, fmt.Errorf("%w: hook %d is null", ErrCorrupt, i)
		}
		r.Hooks = append(r.Hooks, *hook)
	}
	var chart struct {
		Metadata struct {
			Name         string `json:"name"`
			Version      string `json:"version"`
			AppVersion   string `json:"appVersion"`
			Dependencies list[struct {
				Name string `json:"name"`
			}] `json:"dependencies"`
		} `json:"metadata"`
	}
	if len(s.Chart) > 0 {
		if err := json.Unmarshal(s.Chart, &chart); err != nil {
			return nil, fmt.Errorf("%w: chart: %w", ErrNoRelease, err)
		}
	}
	r.Chart = Chart{Name: chart.Metadata.Name, Version: chart.Metadata.Version, AppVersion: chart.Metadata.AppVersion, Raw: s.Chart}
	for _, dependency := range chart.Metadata.Dependencies {
		r.Chart.Dependencies = append(r.Chart.Dependencies, dependency.Name)
	}
	return r, nil
}
