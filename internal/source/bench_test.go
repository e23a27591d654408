package source

import (
	"testing"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// BenchmarkFromChart loads and renders a small chart, and a second revision of it.
func BenchmarkFromChart(b *testing.B) {
	for _, engine := range engines {
		b.Run(engine.Name, func(b *testing.B) {
			for b.Loop() {
				source, err := FromChart(chartOptions("testdata/tiny", engine))
				if err != nil {
					b.Fatal(err)
				}
				if _, err := source.Render(plan.Fields{Revision: 2, IsUpgrade: true}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
