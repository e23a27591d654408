package source

import (
	"encoding/json"
	"fmt"

	"github.com/helm-hooks/helm-hooks/internal/source/sdk"
)

// ReuseMode is what an upgrade takes over from the values of the current revision. Helm refuses no combination of
// its flags: --reset-values wins over --reuse-values, and both over --reset-then-reuse-values (v3 and v4
// pkg/action/upgrade.go: reuseValues; no flags are mutually exclusive in v3 cmd/helm/upgrade.go, v4
// pkg/cmd/upgrade.go).
type ReuseMode string

// The modes, by Helm's flags. ReuseDefault is no flag: the old values stay where no new ones are given.
const (
	ReuseDefault         ReuseMode = ""
	ReuseValues          ReuseMode = "reuse"
	ResetValues          ReuseMode = "reset"
	ResetThenReuseValues ReuseMode = "reset-then-reuse"
)

// OldValues are those of the current revision: the deployed one, else the newest (pkg/action/upgrade.go:
// prepareUpgrade).
type OldValues struct {
	Mode ReuseMode
	// Config are the values that the user gave for the current revision.
	Config map[string]any
	// Chart is the chart as its record holds it, for its default values. Only --reuse-values reads it.
	Chart json.RawMessage
}

// into is reuseValues of v3 and v4 pkg/action/upgrade.go. Records hold no subcharts, so that Helm, too, knows only
// the default values of the root chart, and what was imported into them.
func (o *OldValues) into(chart sdk.Chart, values map[string]any) (sdk.Chart, map[string]any, error) {
	switch o.Mode {
	case ResetValues:
		return chart, values, nil
	case ReuseValues:
		reused, merged, err := chart.Reuse(o.Chart, o.Config, values)
		if err != nil {
			return nil, nil, fmt.Errorf("reuse the values of the current revision: %w", err)
		}
		return reused, merged, nil
	case ResetThenReuseValues:
		return chart, chart.Overlay(values, o.Config), nil
	case ReuseDefault:
		if len(values) == 0 && len(o.Config) > 0 {
			values = sdk.CopyValues(o.Config)
		}
		return chart, values, nil
	}
	return nil, nil, fmt.Errorf("unknown way to reuse values %q", o.Mode)
}
