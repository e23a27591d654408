package oracle

import (
	"fmt"
	"sort"
	"strings"

	"github.com/helm-hooks/helm-hooks/test/oracle/scenario"
)

// stepWords writes a step as one would type it.
func stepWords(step scenario.Step) string {
	text := fmt.Sprintf("helm%s %s", step.Helm, step.Action)
	for _, flag := range []struct {
		name string
		on   bool
	}{
		{fmt.Sprintf("chart %d", step.Chart), step.Chart != 0},
		{"wait=" + step.Wait, step.Wait != ""},
		{"atomic", step.Atomic},
		{"no-hooks", step.NoHooks},
		{"cleanup-on-fail", step.CleanupOnFail},
		{"keep-history", step.KeepHistory},
		{"replace", step.Replace},
		{"take-ownership", step.TakeOwnership},
		{"force-conflicts", step.ForceConflicts},
		{"skip-crds", step.SkipCRDs},
		{"server-side=" + step.ServerSide, step.ServerSide != ""},
		{fmt.Sprintf("to %d", step.RollbackTo), step.RollbackTo != 0},
		{fmt.Sprintf("history-max %d", step.MaxHistory), step.MaxHistory != 0},
		{fmt.Sprint(step.Filters), len(step.Filters) > 0},
		{fmt.Sprintf("%+v", step.Faults), len(step.Faults) > 0},
	} {
		if flag.on {
			text += " " + flag.name
		}
	}
	return text
}

// describe prints a scenario so that a failure can be understood and played again.
func describe(sc scenario.Scenario) string {
	var out strings.Builder
	for i, c := range sc.Charts {
		fmt.Fprintf(&out, "chart %d %s\n", i, c.Dir)
		var names []string
		for name := range c.Files {
			names = append(names, name)
		}
		sort.Strings(names)
		for _, name := range names {
			fmt.Fprintf(&out, "--- %s\n%s\n", name, c.Files[name])
		}
	}
	for _, step := range sc.Steps {
		fmt.Fprintln(&out, stepWords(step))
	}
	return out.String()
}
