package helm4

import (
	"github.com/helm-hooks/helm-hooks/internal/source/sdk"
)

// File is a file of the chart that is neither metadata, template nor values.yaml; nil where there is none.
func (c *Chart) File(name string) []byte {
	for _, file := range c.chart.Files {
		if file.Name == name {
			return file.Data
		}
	}
	return nil
}

// Defaults are the chart's own values.
func (c *Chart) Defaults() map[string]any { return sdk.CopyValues(c.chart.Values) }

// WithDefaults is the chart with other default values, as if they stood in its values.yaml.
func (c *Chart) WithDefaults(values map[string]any) sdk.Chart {
	work := clone(c.chart)
	work.Values = values
	return &Chart{chart: work}
}
