package status

import (
	"slices"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// Next is what an action would do if it came now.
type Next struct {
	Action plan.Action
	Result NextResult
	// Error is what Helm would say.
	Error string
	// At is the hook at which it fails, in Phase; both are empty where it fails elsewhere.
	At    *plan.Object
	Phase string
	// NotRun are hooks that would be called a success without having run.
	NotRun []plan.Object
	// Hooks is how many hooks run.
	Hooks int
	// Left are the hook objects that exist at its end.
	Left       []plan.Object
	Prediction plan.Prediction
}

// NextResult is how an action would end.
type NextResult string

// The results. Refused is what Helm turns down before it does anything.
const (
	Works   NextResult = "works"
	Fails   NextResult = "fails"
	Refused NextResult = "refused"
)

func nextOf(p *plan.Plan) []Next {
	if p == nil {
		return nil
	}
	var all []Next
	for _, line := range p.Timelines {
		n := Next{Action: line.Action, Result: Works, Error: oneLine(line.Outcome.Error), Left: line.Outcome.Left, Prediction: line.Outcome.Prediction}
		switch {
		case line.Outcome.Refused:
			n.Result = Refused
		case line.Outcome.Result == plan.Failed:
			n.Result = Fails
		}
		for _, phase := range line.Phases {
			for i := range phase.Steps {
				n.step(phase.Name, &phase.Steps[i])
			}
		}
		all = append(all, n)
	}
	return all
}

func (n *Next) step(phase string, s *plan.Step) {
	if s.Result != plan.Skipped {
		n.Hooks++
	}
	switch {
	case s.Result == plan.Failed && n.At == nil:
		n.At, n.Phase = &s.Hook.Object, phase
	case s.NotRun && s.Result == plan.OK && !slices.Contains(n.NotRun, s.Hook.Object):
		n.NotRun = append(n.NotRun, s.Hook.Object)
	}
}

// next is what an action would do; nil where that is not known, or it is not possible.
func (r *Report) next(action plan.Action) *Next {
	for i := range r.Next {
		if r.Next[i].Action == action {
			return &r.Next[i]
		}
	}
	return nil
}

// UninstallLeaves are the hook objects that helm uninstall would leave behind.
func (r *Report) UninstallLeaves() []plan.Object {
	if n := r.next(plan.Uninstall); n != nil && n.Result == Works {
		return n.Left
	}
	return nil
}
