package render

import (
	"reflect"
	"strings"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// asBefore shortens an action of a life under Flux that does what an earlier one has done: a HelmRelease with many
// retries goes through the same rounds again and again.
func (t *tree) asBefore(line plan.Timeline, earlier []plan.Timeline) (facts []string, ok bool) {
	if t.plan.FluxEnd == nil || t.options.Brief {
		return nil, false
	}
	var model *plan.Timeline
	for i := range earlier {
		// The first one that leaves the same objects too says most; the first of all is better than none.
		same := doesTheSame(line, earlier[i])
		if same && reflect.DeepEqual(line.Outcome.Left, earlier[i].Outcome.Left) {
			model = &earlier[i]
			break
		}
		if same && model == nil {
			model = &earlier[i]
		}
	}
	if model == nil {
		return nil, false
	}
	facts = append(facts, tied("as "+t.label(*model))+againEnds(line.Outcome))
	if line.Because != model.Because {
		facts = append(facts, line.Because)
	}
	if line.StartsFrom != "" {
		facts = append(facts, "from "+strings.TrimPrefix(line.StartsFrom, "from "))
	}
	if waits := worstCaseWords(line, t.header.Timeout); waits != "" && waits != worstCaseWords(*model, t.header.Timeout) {
		facts = append(facts, tied(waits))
	}
	if left := objectsWords(line.Outcome.Left, t.plan.Release.Namespace); left != "" && !reflect.DeepEqual(line.Outcome.Left, model.Outcome.Left) {
		facts = append(facts, "hook objects in the cluster then: "+left)
	}
	return facts, true
}

// againEnds says how an action ends that does what another one has done, where that is not well.
func againEnds(o plan.Outcome) string {
	switch {
	case o.Refused:
		return ": refused again"
	case o.Signal == plan.SignalKill:
		return ": cut short again"
	case o.Result == plan.Failed:
		return ": fails again"
	}
	return ""
}

// doesTheSame says that two actions run the same hooks and end alike, whatever their revisions.
func doesTheSame(a, b plan.Timeline) bool {
	if a.Action != b.Action || len(a.Phases) != len(b.Phases) || !sameEnd(a.Outcome, b.Outcome) {
		return false
	}
	for i := range a.Phases {
		if !samePhase(a.Phases[i], b.Phases[i]) {
			return false
		}
	}
	return true
}

func sameEnd(a, b plan.Outcome) bool {
	return a.Result == b.Result && a.Refused == b.Refused && a.Error == b.Error && a.Signal == b.Signal && a.Status == b.Status &&
		a.Live.Partly == b.Live.Partly && a.Live.Deleted == b.Live.Deleted
}

func samePhase(a, b plan.Phase) bool {
	if a.Name != b.Name || a.Action != b.Action || a.Objects != b.Objects || a.Waited != b.Waited || a.Result != b.Result || a.Error != b.Error ||
		!reflect.DeepEqual(a.Kinds, b.Kinds) || len(a.Steps) != len(b.Steps) {
		return false
	}
	for i := range a.Steps {
		one, other := a.Steps[i], b.Steps[i]
		one.Hook, other.Hook = plan.Hook{}, plan.Hook{}
		if a.Steps[i].Hook.Object != b.Steps[i].Hook.Object || !reflect.DeepEqual(one, other) {
			return false
		}
	}
	return true
}
