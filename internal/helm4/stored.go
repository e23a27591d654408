package helm4

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"helm.sh/helm/v4/pkg/chart/common/util"
	chart "helm.sh/helm/v4/pkg/chart/v2"

	"github.com/helm-hooks/helm-hooks/internal/source/sdk"
)

// LoadStored reads a chart as a release record holds it: the JSON of v4 pkg/chart/v2/chart.go, where subcharts are in
// a field that is not exported, so that the record has none.
func LoadStored(raw json.RawMessage) (*Chart, error) {
	var stored chart.Chart
	if err := json.Unmarshal(raw, &stored); err != nil {
		return nil, fmt.Errorf("read the stored chart: %w", err)
	}
	if stored.Metadata == nil || stored.Metadata.Name == "" {
		return nil, errors.New("read the stored chart: it has no name")
	}
	// Helm never looks for a nil, which none of its own charts holds.
	if slices.Contains(stored.Templates, nil) || slices.Contains(stored.Files, nil) || slices.Contains(stored.Metadata.Dependencies, nil) {
		return nil, errors.New("read the stored chart: a template, file or dependency is null")
	}
	return &Chart{chart: &stored}, nil
}

// Reuse is what --reuse-values makes of a chart and of the values that are given with it (v4 pkg/action/upgrade.go:
// reuseValues). The default values of the new chart are gone, also those that the old one did not have.
func (c *Chart) Reuse(stored json.RawMessage, config, values map[string]any) (sdk.Chart, map[string]any, error) {
	old, err := LoadStored(stored)
	if err != nil {
		return nil, nil, err
	}
	work := clone(c.chart)
	if work.Values, err = util.CoalesceValues(old.chart, sdk.CopyValues(config)); err != nil {
		return nil, nil, fmt.Errorf("failed to rebuild old values: %w", err)
	}
	return &Chart{chart: work}, c.Overlay(values, config), nil
}

// Overlay lays values over those of the old config (v4 pkg/action/upgrade.go: reuseValues).
func (c *Chart) Overlay(values, config map[string]any) map[string]any {
	return util.CoalesceTables(sdk.CopyValues(values), sdk.CopyValues(config))
}
