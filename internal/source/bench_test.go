package source

import (
	"path/filepath"
	"testing"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
	"github.com/helm-hooks/helm-hooks/test/bench"
)

// BenchmarkFromChart loads and renders charts, and a second revision of each.
func BenchmarkFromChart(b *testing.B) {
	for _, chart := range []struct {
		name      string
		files     bench.Files
		documents int
	}{
		{"small", bench.Small(), 8},
		{"large", bench.Large{Templates: 500, Hooks: 60}.Files(), 500},
		{"large-revisions-differ", bench.Large{Templates: 500, Hooks: 60, Aware: true}.Files(), 500},
		{"40-subcharts", bench.Umbrella(40), 4 + 40*6},
	} {
		dir := filepath.Join(b.TempDir(), chart.name)
		if err := chart.files.Write(dir); err != nil {
			b.Fatal(err)
		}
		for _, engine := range engines {
			b.Run(chart.name+"/"+engine.Name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					renderTwice(b, dir, engine, chart.documents)
				}
				b.ReportMetric(float64(chart.documents)*float64(b.N)/b.Elapsed().Seconds(), "documents/s")
			})
		}
	}
}

func renderTwice(b *testing.B, dir string, engine plan.Engine, documents int) {
	b.Helper()
	source, err := FromChart(chartOptions(dir, engine))
	if err != nil {
		b.Fatal(err)
	}
	for revision := 1; revision <= 2; revision++ {
		rendered, err := source.Render(plan.Fields{Revision: revision, IsUpgrade: revision > 1})
		if err != nil {
			b.Fatal(err)
		}
		if len(rendered.Documents) != documents {
			b.Fatalf("%d documents, not %d", len(rendered.Documents), documents)
		}
	}
}

// What is measured must be what its name says.
func TestChartsOfTheBenchmarks(t *testing.T) {
	for _, test := range []struct {
		name             string
		files            bench.Files
		documents, hooks int
		depends          dependence
		volatile         bool
	}{
		{"small", bench.Small(), 8, 2, onNothing, false},
		{"large", bench.Large{Templates: 500, Hooks: 60}.Files(), 500, 60, onNothing, false},
		{"revisions differ", bench.Large{Templates: 50, Hooks: 6, Aware: true}.Files(), 50, 6, onUpgrade, false},
		{"random", bench.Large{Templates: 50, Hooks: 6, Random: true}.Files(), 51, 6, onNothing, true},
		{"umbrella", bench.Umbrella(40), 4 + 40*6, 1 + 40, onNothing, false},
		{"heavy", bench.Heavy(3), 8 + 3, 2, onNothing, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "chart")
			if err := test.files.Write(dir); err != nil {
				t.Fatal(err)
			}
			for _, engine := range engines {
				source := mustChart(t, chartOptions(dir, engine))
				rendered, err := source.Render(plan.Fields{Revision: 1})
				if err != nil {
					t.Fatal(err)
				}
				inventory, err := plan.Classify(rendered, source.Release(), engine)
				if err != nil || len(rendered.Documents) != test.documents || len(inventory.Hooks) != test.hooks {
					t.Errorf("%s: %d documents, %d hooks, %v", engine, len(rendered.Documents), len(inventory.Hooks), err)
				}
				loaded, _, err := load(chartOptions(dir, engine))
				if err != nil {
					t.Fatal(err)
				}
				if depends, volatile := dependenceOf(loaded.Texts()), mayBeVolatile(loaded.Texts()); depends != test.depends || volatile != test.volatile {
					t.Errorf("%s: depends on %d, volatile %v", engine, depends, volatile)
				}
			}
		})
	}
}
