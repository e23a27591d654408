package oracle

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/helm-hooks/helm-hooks/test/failures"
	"github.com/helm-hooks/helm-hooks/test/oracle/scenario"
)

// TestFailureTable plays each row of testdata/failures.yaml on both Helms, which must leave the status of the
// row, and on the machine, which must do the same as Helm on the way.
func TestFailureTable(t *testing.T) {
	rows, err := failures.Read("../../testdata/failures.yaml")
	if err != nil {
		t.Fatal(err)
	}
	engines := newest(t)
	for _, row := range rows {
		for _, helm := range helms {
			t.Run(row.Name+" helm"+helm, func(t *testing.T) {
				sc := scenario.Scenario{
					Name: row.Name, Release: "r", Namespace: "default", Steps: stepsOf(t, row, helm),
					Charts: []scenario.Chart{{Dir: filepath.Join(chartsDir, row.Chart)}},
				}
				did, err := Run(sc)
				if err != nil {
					t.Fatal(err)
				}
				status := []string{}
				for _, r := range did.Steps[len(did.Steps)-1].History {
					status = append(status, fmt.Sprintf("%d %s", r.Revision, r.Status))
				}
				if diff := cmp.Diff(row.Status, status); diff != "" {
					t.Errorf("-table +Helm\n%s", diff)
				}
				if failing := did.Steps[len(did.Steps)-len(row.Then)-1]; failing.Err == "" {
					t.Errorf("nothing failed")
				}
				if _, err := agree(t, sc, engines, Run); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// stepsOf are the actions that lead to a row's start, its own, and those after it.
func stepsOf(t *testing.T, row failures.Row, helm string) []scenario.Step {
	t.Helper()
	actions := map[string][]string{scenario.Install: nil, scenario.Rollback: {scenario.Install, scenario.Upgrade}}
	before, found := actions[row.Action]
	if !found {
		before = []string{scenario.Install}
	}
	var steps []scenario.Step
	for _, action := range slices.Concat(before, []string{row.Action}, row.Then) {
		steps = append(steps, scenario.Step{Helm: helm, Action: action})
	}
	failing := &steps[len(before)]
	if row.Action == scenario.Rollback {
		failing.RollbackTo = 1
	}
	for _, text := range row.Fail {
		failing.Faults = append(failing.Faults, faultOf(t, text, ""))
	}
	for _, text := range row.Interrupt {
		failing.Faults = append(failing.Faults, faultOf(t, text, scenario.AtInterrupt))
	}
	for _, text := range row.Kill {
		failing.Faults = append(failing.Faults, faultOf(t, text, scenario.AtKill))
	}
	for _, flag := range row.Flags {
		setFlag(t, failing, flag)
	}
	return steps
}

// faultOf reads OBJECT[@EVENT][:POINT]. Without a point a Job or Pod fails in the wait, and anything else
// must name one.
func faultOf(t *testing.T, text, point string) scenario.Fault {
	t.Helper()
	fault := scenario.Fault{Object: text, At: point, Times: 1}
	if object, at, found := strings.Cut(text, ":"); found {
		fault.Object, fault.At = object, at
	}
	fault.Object, fault.Event, _ = strings.Cut(fault.Object, "@")
	kind, _, _ := strings.Cut(fault.Object, "/")
	switch {
	case fault.At == "" && kind != "Job" && kind != "Pod":
		t.Fatalf("%s names no point", text)
	case fault.At == "":
		fault.At = scenario.AtWait
	}
	return fault
}

func setFlag(t *testing.T, step *scenario.Step, flag string) {
	t.Helper()
	name, value, _ := strings.Cut(flag, "=")
	switch name {
	case "--atomic":
		step.Atomic = true
	case "--wait":
		step.Wait = scenario.WaitWatcher
	case "--cleanup-on-fail":
		step.CleanupOnFail = true
	case "--keep-history":
		step.KeepHistory = true
	case "--no-hooks":
		step.NoHooks = true
	case "--filter":
		step.Filters = append(step.Filters, value)
	default:
		t.Fatalf("unknown flag %s", flag)
	}
}
