package render

import (
	"fmt"
	"time"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// moment is how a time of a cluster is written for people.
const moment = "2006-01-02 15:04:05 UTC"

// lastRunWords tell the last execution of a live release's hook.
func lastRunWords(run plan.LastRun) string {
	if run.Phase == "" || run.Started.IsZero() {
		return ""
	}
	at := tied(run.Started.UTC().Format(moment))
	took, ended := tookOf(run)
	switch {
	case run.Phase == "Succeeded" && ended:
		return tied("last run "+spanWords(took)+",") + " " + at
	case run.Phase == "Failed" && ended:
		return tied("last run failed after "+spanWords(took)+",") + " " + at
	case run.Phase == "Running":
		return "last run began " + at + ", and Helm has not noted its end"
	case run.Phase == "Unknown":
		return "last run began " + at + ", and Helm was interrupted"
	}
	return "last run " + at + ": " + run.Phase
}

func tookOf(run plan.LastRun) (took time.Duration, ended bool) {
	if run.Completed.IsZero() || run.Completed.Before(run.Started) {
		return 0, false
	}
	return run.Completed.Sub(run.Started), true
}

// spanWords is a duration in whole seconds, for short ones with a tenth.
func spanWords(d time.Duration) string {
	if d < 10*time.Second {
		return fmt.Sprintf("%.1fs", d.Seconds())
	}
	return d.Round(time.Second).String()
}

// lastRunsWords add up how long the hooks of an action took the last time, one after the other.
func lastRunsWords(line plan.Timeline) string {
	var total time.Duration
	hooks, known := 0, 0
	for _, phase := range line.Phases {
		for _, step := range phase.Steps {
			if step.WaitsFor != plan.WaitsCompletion {
				continue
			}
			hooks++
			if took, ended := tookOf(step.Hook.LastRun); ended && step.Hook.LastRun.Phase == "Succeeded" {
				known++
				total += took
			}
		}
	}
	switch {
	case known == 0:
		return ""
	case known < hooks:
		return tied(fmt.Sprintf("%d of its %d waits took %s the last time", known, hooks, spanWords(total)))
	}
	return tied("its hooks took " + spanWords(total) + " the last time")
}

func lastRunWire(run plan.LastRun) *wireLastRun {
	if run.Phase == "" || run.Started.IsZero() {
		return nil
	}
	wire := &wireLastRun{StartedAt: run.Started.UTC().Format(time.RFC3339Nano), Phase: run.Phase}
	if !run.Completed.IsZero() {
		completed := run.Completed.UTC().Format(time.RFC3339Nano)
		wire.CompletedAt = &completed
	}
	return wire
}
