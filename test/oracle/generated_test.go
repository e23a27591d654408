package oracle

import (
	"errors"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"

	"github.com/helm-hooks/helm-hooks/test/oracle/scenario"
)

// holdGenerated demands agreement over generated scenarios and says how much was compared. The number
// of scenarios is rapid's -rapid.checks.
func holdGenerated(t *testing.T, generate func(*rapid.T) scenario.Scenario) {
	engines := newest(t)
	var played, raced, unplayable, operations atomic.Int64
	rapid.Check(t, func(rt *rapid.T) {
		n, err := agree(rt, generate(rt), engines, Run)
		switch {
		case errors.Is(err, errRace):
			raced.Add(1)
			return
		case err != nil:
			unplayable.Add(1)
			return
		}
		played.Add(1)
		operations.Add(int64(n))
	})
	t.Logf("%d generated lives agree, %d operations compared; not counted: %d with two documents for one object (a race in Helm itself), %d that do not render or that no server takes",
		played.Load(), operations.Load(), raced.Load(), unplayable.Load())
	if played.Load() < 20*(raced.Load()+unplayable.Load()) {
		t.Errorf("too many lives were not counted: the generator is no use")
	}
}

// Whole lives of one chart: install, upgrade, test, rollback, uninstall, with all kinds of flags and
// faults, for each Helm and for a history begun by one and continued by the other.
func TestGenerated(t *testing.T) {
	for name, helm := range map[string]string{"helm3": "3", "helm4": "4", "mixed": ""} {
		t.Run(name, func(t *testing.T) {
			holdGenerated(t, func(rt *rapid.T) scenario.Scenario { return GenerateScenario(rt, helm) })
		})
	}
}
