package plan

import (
	"encoding/json"
	"fmt"
	"slices"
)

// timeToLive is a Job's spec.ttlSecondsAfterFinished: so many seconds after its end the cluster deletes it, whoever
// made it (k8s.io/kubernetes pkg/controller/ttlafterfinished).
func timeToLive(one part) (seconds int64, given bool) {
	if one.object.Kind != "Job" || one.object.group() != "batch" {
		return 0, false
	}
	spec, _ := one.body["spec"].(map[string]any)
	number, given := spec["ttlSecondsAfterFinished"].(json.Number)
	seconds, err := number.Int64()
	return seconds, given && err == nil && seconds >= 0
}

// expiry is how long after a run nothing is left of a hook any more; not known where one of its objects stays for
// good.
func expiry(parts []part) (seconds int64, known bool) {
	for _, one := range parts {
		lives, given := timeToLive(one)
		if !given {
			return 0, false
		}
		seconds = max(seconds, lives)
	}
	return seconds, len(parts) > 0
}

// untilGone says up to when an object with a TTL is there, as the rest of a sentence.
func untilGone(seconds int64) string {
	return fmt.Sprintf("until %d s after it ended (spec.ttlSecondsAfterFinished)", seconds)
}

// ranEarlier names the phase in which the same hook has run before in the same action; empty where in none.
func ranEarlier(trace Trace, phase Phase, h Hook) string {
	for _, other := range trace.phases {
		if slices.ContainsFunc(other.Steps, func(s Step) bool {
			return s.Result == OK && !s.NotRun && placeOf(&s.Hook.Parsed) == placeOf(&h.Parsed)
		}) {
			return other.Name
		}
		if other.Name == phase.Name {
			break
		}
	}
	return ""
}

// unlessExpired completes a finding about a hook that meets the object of its last run: whether it still is there
// can depend on the TTL. From one action to the next that is a warning, since a TTL is mostly over by then; within
// one action an error, unless the TTL is so short that it can end between two phases.
func unlessExpired(f Finding, trace Trace, phase Phase, h Hook) (finding Finding, condition string) {
	seconds, known := expiry(h.parts)
	if !known || namedTwice(h, trace) {
		return f, ""
	}
	f.Prediction = Likely
	if ranEarlier(trace, phase, h) == "" || seconds < shortTTL {
		f.Severity = SeverityWarning
	}
	return f, fmt.Sprintf(" if that comes less than %d s after its last run ended (spec.ttlSecondsAfterFinished)", seconds)
}
