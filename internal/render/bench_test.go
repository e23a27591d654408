package render

import (
	"fmt"
	"io"
	"testing"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// largePlan is the plan of a chart with so many ordinary objects and hooks.
func largePlan(b *testing.B, resources, hooks int) plan.Plan {
	b.Helper()
	var rendered plan.Rendered
	add := func(name, text string) {
		rendered.Documents = append(rendered.Documents, plan.Document{Template: "large/templates/" + name + ".yaml", Text: text})
	}
	for i := range resources {
		add(fmt.Sprintf("part-%03d", i), fmt.Sprintf("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: part-%d\n", i))
	}
	events := []string{"pre-install,pre-upgrade", "post-install,post-upgrade", "pre-rollback", "post-delete", "test"}
	for i := range hooks {
		add(fmt.Sprintf("hook-%02d", i), fmt.Sprintf("apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: hook-%d\n  annotations:\n    helm.sh/hook: %s\n    helm.sh/hook-weight: \"%d\"\n",
			i, events[i%len(events)], i%7-3))
	}
	made, err := plan.Make(plan.Input{
		Engine: engine("helm4"), Release: plan.Release{Name: "large", Namespace: "default"},
		Render:  func(plan.Fields) (plan.Rendered, error) { return rendered, nil },
		Options: plan.Options{Timeout: plan.DefaultTimeout},
	})
	if err != nil {
		b.Fatal(err)
	}
	return made
}

// BenchmarkLargePlan writes the plan of a chart with 440 ordinary objects and 60 hooks in two formats.
func BenchmarkLargePlan(b *testing.B) {
	made := largePlan(b, 440, 60)
	for _, format := range []string{"tree", "json"} {
		b.Run(format, func(b *testing.B) {
			renderer, err := New(format)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if err := renderer.Plan(io.Discard, aHeader(), made, Options{}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(500*float64(b.N)/b.Elapsed().Seconds(), "documents/s")
		})
	}
}
