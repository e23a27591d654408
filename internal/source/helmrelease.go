package source

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"

	"sigs.k8s.io/yaml"

	"github.com/helm-hooks/helm-hooks/internal/gitops"
	"github.com/helm-hooks/helm-hooks/internal/helm3"
	"github.com/helm-hooks/helm-hooks/internal/source/sdk"
)

// FromHelmRelease is the chart that a HelmRelease installs, with its values. options are those of the flags.
func FromHelmRelease(h *gitops.HelmRelease, from Surroundings, options ChartOptions) (*Given, error) {
	at, err := h.Locate(from.Find)
	if err != nil && from.Chart == nil {
		return nil, err
	}
	chart, notes, err := locate(at, from, &options.Locate)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", "HelmRelease/"+h.Name, err)
	}
	values, unknown, err := h.MergeValues(gitops.References{Find: from.Find, Set: helm3.SetValue, Complete: from.Complete})
	if err != nil {
		return nil, err
	}
	options.Target, options.Release = chart.target, h.Release
	options.SkipSchemaValidation = options.SkipSchemaValidation || h.SkipSchemaValidation
	options.Adapt = func(loaded sdk.Chart) (sdk.Chart, map[string]any, error) {
		if len(at.ValuesFiles) == 0 {
			return loaded, values, nil
		}
		defaults, err := defaultsFrom(at, chart, loaded)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: valuesFiles: %w", "HelmRelease/"+h.Name, err)
		}
		return loaded.WithDefaults(defaults), values, nil
	}
	return &Given{
		Options: options, Notes: append(notes, h.Notes...), Unknown: append(unknown, h.Unknown...), secret: at.Secret, kind: TypeHelmRelease,
	}, nil
}

// defaultsFrom are the values that take the place of the chart's own: source-controller 1.9
// internal/helm/chart/builder_local.go mergeFileValues for a chart in a repository, builder_remote.go
// mergeChartValues for any other.
func defaultsFrom(at gitops.Location, chart place, loaded sdk.Chart) (map[string]any, error) {
	defaults := map[string]any{}
	for _, name := range at.ValuesFiles {
		values, err := defaultsFile(name, at, chart, loaded)
		if errors.Is(err, os.ErrNotExist) && at.IgnoreMissing {
			continue
		}
		if err != nil {
			return nil, err
		}
		defaults = layOver(defaults, values)
	}
	return defaults, nil
}

func defaultsFile(name string, at gitops.Location, chart place, loaded sdk.Chart) (map[string]any, error) {
	var text []byte
	switch clean := path.Clean(name); {
	case at.Path == "" && clean == "values.yaml":
		return loaded.Defaults(), nil
	case at.Path == "":
		if text = loaded.File(clean); text == nil {
			return nil, fmt.Errorf("the chart has no file %s: %w", name, os.ErrNotExist)
		}
	case chart.root == "":
		return nil, &Error{
			fmt.Errorf("%s lies in %s, whose root is not known", name, at.Of),
			"name the chart by its place in that repository: --chart ./REPOSITORY/" + path.Clean(at.Path),
		}
	default:
		var err error
		// A path never leads out of the repository (securejoin there).
		if text, err = os.ReadFile(filepath.Join(chart.root, filepath.Join(string(filepath.Separator), filepath.FromSlash(name)))); err != nil {
			return nil, err
		}
	}
	values := map[string]any{}
	if err := yaml.Unmarshal(text, &values); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return values, nil
}

// layOver merges tables, and replaces all else.
func layOver(a, b map[string]any) map[string]any {
	out := maps.Clone(a)
	for key, value := range b {
		old, ok := out[key].(map[string]any)
		table, isTable := value.(map[string]any)
		if ok && isTable {
			value = layOver(old, table)
		}
		out[key] = value
	}
	return out
}
