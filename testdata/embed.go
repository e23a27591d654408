// Package testdata carries the demo chart in the binary, so that it can be shown without a checkout.
package testdata

import (
	"embed"
	"io/fs"
)

// Without "all:" go:embed leaves out _helpers.tpl and .helmignore, and the chart would not render.
//
//go:embed all:charts/shop
var charts embed.FS

// Shop is the demo chart, rooted at its Chart.yaml.
func Shop() fs.FS {
	shop, err := fs.Sub(charts, "charts/shop")
	if err != nil {
		panic(err) // only for a malformed path, and this one is a constant
	}
	return shop
}
