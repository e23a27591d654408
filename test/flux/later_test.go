package flux

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// What a plan says of a live release and the status of its HelmRelease, such as a failed one, is what the real
// controller did next.
func TestPlansOfLiveReleasesAgreeWithTheController(t *testing.T) {
	recorded := load(t)
	compared := 0
	for _, scenario := range Scenarios() {
		for i := 1; i < len(scenario.Steps); i++ {
			l := life{t: t, scenario: scenario, at: i}
			before := recorded[scenario.Name].Steps[i-1]
			if l.beyond() != "" && l.beyond() != afterFailure || l.oddLive(before) {
				continue
			}
			compared++
			t.Run(fmt.Sprintf("%s/%d-%s", scenario.Name, i+1, scenario.Steps[i].Do), func(t *testing.T) {
				l.t = t
				l.compareLive(before, recorded[scenario.Name].Steps[i])
			})
		}
	}
	if compared < 60 {
		t.Errorf("%d steps were compared", compared)
	}
}

// oddLive says that a step is not about a live release of the name, or about one that is not as it was rendered.
func (l life) oddLive(before Observed) bool {
	unsaid := []string{
		// What exists is not told to the plan,
		"hook without before-hook-creation, client-side apply", "definitions, Create, client-side apply",
		// nor what comes of a controller that has ended,
		"hook output log policy of pre-upgrade",
		// nor which chart a record is of.
		"rollback hooks of two versions",
	}
	renamed := slices.ContainsFunc(before.Storage, func(line string) bool { return !strings.HasPrefix(line, ReleaseName+" v") })
	back := l.scenario.Steps[l.at].Spec == "values: null"
	return slices.Contains(unsaid, l.scenario.Name) || before.Gone || before.Last == "" || renamed || back || specAt(l.t, l.scenario, l.at)["suspend"] == true
}

func (l life) compareLive(before, observed Observed) {
	l.t.Helper()
	input := l.input()
	spec := specAt(l.t, l.scenario, l.at)
	input.From = l.render(l.version(l.at-1), spec)
	if l.scenario.Steps[l.at].Do != Delete {
		spec = specAt(l.t, l.scenario, l.at+1)
		input.Actions = []plan.Action{plan.Upgrade}
	}
	input.Render, input.Flux = l.render(l.version(l.at), spec), l.flux(spec)
	input.Live = l.live(before, input.From)
	input.From = nil
	input.Flux.Status = statusAfter(l.t, before)
	if l.neverReady(spec) {
		input.Faults = slices.DeleteFunc(input.Faults, func(f plan.Fault) bool { return f.Object == "resources" })
		input.Faults = append(input.Faults, plan.Fault{Object: "resources", Event: "upgrade", At: plan.FaultWait})
	}
	if len(input.Faults) == 0 && len(observed.Actions) > 0 {
		input.Actions = nil
		for _, action := range observed.Actions {
			input.Actions = append(input.Actions, plan.Action(action.Name))
		}
	}
	made, err := plan.Make(input)
	if err != nil {
		l.t.Errorf("%s: %v", observed.Do, err)
		return
	}
	stored := map[int]string{}
	for _, record := range input.Live.Records {
		stored[record.Revision] = string(record.Status)
	}
	want, got := said(l.scenario, observed.Actions, stored), foretold(made.Timelines)
	for _, lines := range [][]string{want, got} {
		for i := range lines {
			// What earlier steps have left is not told to the plan.
			lines[i] = strings.TrimSuffix(lines[i], " (404)")
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		l.t.Errorf("%s: -the controller +the plan\n%s", observed.Do, diff)
	}
}

// version is that of the chart in a step.
func (l life) version(at int) string {
	published := 0
	for _, step := range l.scenario.Steps[:at+1] {
		if step.Do == Publish {
			published++
		}
	}
	return fmt.Sprintf("1.%d.0", published)
}

// live are the records that a step has left.
func (l life) live(before Observed, render plan.Render) *plan.Observed {
	l.t.Helper()
	live := &plan.Observed{}
	for _, line := range before.Storage {
		var revision int
		var status string
		if _, err := fmt.Sscanf(line, ReleaseName+" v%d %s", &revision, &status); err != nil {
			l.t.Fatalf("%s: %v", line, err)
		}
		live.Records = append(live.Records, plan.Record{Revision: revision, Status: plan.Status(status), Load: func() (plan.Stored, error) {
			rendered, err := render(plan.Fields{Revision: revision, IsUpgrade: revision > 1})
			return plan.Stored{Documents: rendered.Documents, ServerSide: l.serverSide()}, err
		}})
	}
	return live
}

// serverSide says how the release was applied.
func (l life) serverSide() bool {
	return !strings.Contains(l.scenario.Steps[0].Spec, "serverSideApply: false")
}

// statusAfter is the HelmRelease's status after a step, as far as a plan reads it. The counters begin anew, as chart,
// values or spec change.
func statusAfter(t *testing.T, before Observed) *plan.FluxStatus {
	t.Helper()
	status := &plan.FluxStatus{Last: plan.Action(before.Last)}
	for _, line := range before.History {
		record, tests, _ := strings.Cut(line, ", ")
		snapshot := plan.FluxSnapshot{Tested: tests != "", TestFailed: strings.Contains(tests, "Failed")}
		var word string
		if _, err := fmt.Sscanf(record, "v%d %s", &snapshot.Revision, &word); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		snapshot.Status = plan.Status(word)
		status.History = append(status.History, snapshot)
	}
	return status
}
