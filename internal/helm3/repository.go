package helm3

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"
	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/helmpath"
	"sigs.k8s.io/yaml"
)

// repository is an entry of repositories.yaml (v3 pkg/repo/chartrepo.go: Entry).
type repository struct {
	Name               string `json:"name"`
	URL                string `json:"url"`
	Username           string `json:"username"`
	Password           string `json:"password"`
	CertFile           string `json:"certFile"`
	KeyFile            string `json:"keyFile"`
	CAFile             string `json:"caFile"`
	PassCredentialsAll bool   `json:"pass_credentials_all"`
}

// repositories reads repositories.yaml; without one there are none.
func (s Settings) repositories() ([]repository, error) {
	data, err := os.ReadFile(s.RepositoryConfig)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("couldn't load repositories file (%s): %w", s.RepositoryConfig, err)
	}
	var file struct {
		Repositories []repository `json:"repositories"`
	}
	if err := yaml.Unmarshal(data, &file); err != nil {
		return nil, fmt.Errorf("couldn't load repositories file (%s): %w", s.RepositoryConfig, err)
	}
	return file.Repositories, nil
}

// index is the part of index.yaml that finding a chart needs (v3 pkg/repo/index.go: IndexFile). Entries
// are decoded one chart at a time, as index files run to tens of thousands of versions.
type index struct {
	APIVersion string                     `json:"apiVersion"`
	Entries    map[string]json.RawMessage `json:"entries"`
}

type indexEntry struct {
	*chart.Metadata
	URLs []string `json:"urls"`
}

func (s Settings) cachedIndex(repositoryName string) (*index, error) {
	name := filepath.Join(s.RepositoryCache, helmpath.CacheIndexFile(repositoryName))
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	parsed, err := parseIndex(data)
	if err != nil {
		return nil, fmt.Errorf("error loading %s: %w", name, err)
	}
	return parsed, nil
}

func parseIndex(data []byte) (*index, error) {
	if len(data) == 0 {
		return nil, errors.New("empty index.yaml file")
	}
	if !json.Valid(data) {
		converted, err := yaml.YAMLToJSONStrict(data)
		if err != nil {
			return nil, err
		}
		data = converted
	}
	var parsed index
	if err := json.Unmarshal(data, &parsed); err != nil {
		return nil, err
	}
	if parsed.APIVersion == "" {
		return nil, errors.New("no API version specified")
	}
	return &parsed, nil
}

// versions are the valid entries of a chart, newest first (v3 pkg/repo/index.go: loadIndex, SortEntries).
func (i *index) versions(name string) ([]indexEntry, error) {
	raw, ok := i.Entries[name]
	if !ok {
		return nil, errors.New("no chart name found")
	}
	var entries []*indexEntry
	if err := json.Unmarshal(raw, &entries); err != nil {
		return nil, err
	}
	var valid []indexEntry
	for _, entry := range entries {
		if entry == nil || entry.Metadata == nil {
			continue
		}
		if entry.APIVersion == "" {
			entry.APIVersion = chart.APIVersionV1
		}
		if err := entry.Validate(); err != nil && !skippable(err) {
			continue
		}
		valid = append(valid, *entry)
	}
	if len(valid) == 0 {
		return nil, errors.New("no chart version found")
	}
	slices.SortStableFunc(valid, func(a, b indexEntry) int { return newerFirst(a.Version, b.Version) })
	return valid, nil
}

// skippable is ignoreSkippableChartValidationError of v3 pkg/repo/index.go.
func skippable(err error) bool {
	return strings.HasPrefix(err.Error(), "validation: more than one dependency with name or alias")
}

func newerFirst(a, b string) int {
	va, errA := semver.NewVersion(a)
	vb, errB := semver.NewVersion(b)
	switch {
	case errA != nil && errB != nil:
		return 0
	case errA != nil:
		return 1
	case errB != nil:
		return -1
	}
	return vb.Compare(va)
}

// get is Get of v3 pkg/repo/index.go: the exact version if there is one, else the newest that satisfies
// the constraint; without a version the newest stable one.
func (i *index) get(name, version string) (indexEntry, error) {
	entries, err := i.versions(name)
	if err != nil {
		return indexEntry{}, err
	}
	wanted := version
	if wanted == "" {
		wanted = "*"
	}
	constraint, err := semver.NewConstraint(wanted)
	if err != nil {
		return indexEntry{}, err
	}
	for _, entry := range entries {
		if version != "" && entry.Version == version {
			return entry, nil
		}
	}
	for _, entry := range entries {
		if parsed, err := semver.NewVersion(entry.Version); err == nil && constraint.Check(parsed) {
			return entry, nil
		}
	}
	return indexEntry{}, fmt.Errorf("no chart version found for %s-%s", name, version)
}

// holds tells whether any chart of the index is offered at the URL.
func (i *index) holds(href string) bool {
	for name := range i.Entries {
		entries, err := i.versions(name)
		if err != nil {
			continue
		}
		for _, entry := range entries {
			if slices.ContainsFunc(entry.URLs, func(u string) bool { return sameURL(href, u) }) {
				return true
			}
		}
	}
	return false
}

// sameURL is Equal of v3 internal/urlutil/urlutil.go.
func sameURL(a, b string) bool {
	au, err := url.Parse(a)
	if err != nil {
		return filepath.Clean(a) == filepath.Clean(b)
	}
	bu, err := url.Parse(b)
	if err != nil {
		return false
	}
	for _, u := range []*url.URL{au, bu} {
		if u.Path == "" {
			u.Path = "/"
		}
		u.Path = filepath.Clean(u.Path)
	}
	return au.String() == bu.String()
}

// resolveURL is ResolveReferenceURL of v3 pkg/repo/chartrepo.go.
func resolveURL(base, ref string) (string, error) {
	parsedRef, err := url.Parse(ref)
	if err != nil {
		return "", fmt.Errorf("failed to parse %s as URL: %w", ref, err)
	}
	if parsedRef.IsAbs() {
		return ref, nil
	}
	parsedBase, err := url.Parse(base)
	if err != nil {
		return "", fmt.Errorf("failed to parse %s as URL: %w", base, err)
	}
	parsedBase.RawPath = strings.TrimSuffix(parsedBase.RawPath, "/") + "/"
	parsedBase.Path = strings.TrimSuffix(parsedBase.Path, "/") + "/"
	resolved := parsedBase.ResolveReference(parsedRef)
	resolved.RawQuery = parsedBase.RawQuery
	return resolved.String(), nil
}
