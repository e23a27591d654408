package render

import (
	"fmt"
	"slices"
	"strings"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// Filter narrows a plan to what the options ask for and leaves the given one as it is. Known sections
// stay known (empty, not nil), unknown ones stay unknown, and the counts still tell of the whole plan.
// A hook that the plan does not have is an error that names those it has.
func Filter(p plan.Plan, o Options) (plan.Plan, error) {
	if err := o.Validate(); err != nil {
		return plan.Plan{}, err
	}
	if o.Hook != "" {
		if !mentions(p, o.Hook) {
			return plan.Plan{}, noSuchHook(p, o.Hook)
		}
		p = onlyThisHook(p, o.Hook)
	}
	switch o.Only {
	case onlyIgnored:
		p.Timelines, p.Findings = emptied(p.Timelines), emptied(p.Findings)
	case onlyFindings:
		p.Timelines, p.Ignored = emptied(p.Timelines), emptied(p.Ignored)
	case onlyHooks:
		p.Ignored = emptied(p.Ignored)
		p.Timelines = mapTimelines(p.Timelines, func(plan.Step) bool { return true })
		linked := attached(p)
		p = keepFindings(p, func(i int) bool { return linked[i] })
	}
	return p, nil
}

// emptied keeps the difference between unknown (nil) and known to be empty.
func emptied[T any](section []T) []T {
	if section == nil {
		return nil
	}
	return []T{}
}

// same compares KIND/NAME as people write it: the kind in any case, the name exactly.
func same(o plan.Object, ref string) bool {
	kind, name, _ := strings.Cut(ref, "/")
	return strings.EqualFold(o.Kind, kind) && o.Name == name
}

func mentions(p plan.Plan, ref string) bool {
	return slices.ContainsFunc(refs(p), func(o plan.Object) bool { return same(o, ref) })
}

// refs are the objects of all steps and of all that is ignored, each once, in the order of the plan.
func refs(p plan.Plan) []plan.Object {
	var all []plan.Object
	add := func(o plan.Object) {
		if !slices.Contains(all, o) {
			all = append(all, o)
		}
	}
	for _, t := range p.Timelines {
		for _, phase := range t.Phases {
			for _, step := range phase.Steps {
				add(step.Hook.Object)
			}
		}
	}
	for _, i := range p.Ignored {
		add(i.Object)
	}
	return all
}

func noSuchHook(p plan.Plan, ref string) error {
	var names []string
	for _, o := range refs(p) {
		if name := clean(o.Ref()); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return fmt.Errorf("no hook %q: this plan has no hooks", clean(ref))
	}
	return fmt.Errorf("no hook %q in this plan: it has %s", clean(ref), strings.Join(names, ", "))
}

func onlyThisHook(p plan.Plan, ref string) plan.Plan {
	p.Timelines = mapTimelines(p.Timelines, func(s plan.Step) bool { return same(s.Hook.Object, ref) })
	for i, t := range p.Timelines {
		isIt := func(o plan.Object) bool { return same(o, ref) }
		p.Timelines[i].Operations = keep(t.Operations, func(op plan.Operation) bool {
			return slices.ContainsFunc(op.Objects, isIt)
		})
	}
	p.Ignored = keep(p.Ignored, func(i plan.Ignored) bool { return same(i.Object, ref) })
	linked := attached(p)
	return keepFindings(p, func(i int) bool { return linked[i] || same(p.Findings[i].Object, ref) })
}

// mapTimelines copies the timelines with hook phases and hook operations only, and of those only the
// steps that are wanted.
func mapTimelines(timelines []plan.Timeline, want func(plan.Step) bool) []plan.Timeline {
	copied := slices.Clone(timelines)
	for i, t := range copied {
		phases := []plan.Phase{}
		for _, phase := range t.Phases {
			phase.Steps = keep(phase.Steps, want)
			if len(phase.Steps) > 0 {
				phases = append(phases, phase)
			}
		}
		copied[i].Phases = phases
		copied[i].Operations = keep(t.Operations, func(op plan.Operation) bool { return op.Hook })
	}
	return copied
}

// attached says which findings belong to a step of the plan.
func attached(p plan.Plan) map[int]bool {
	linked := map[int]bool{}
	for _, t := range p.Timelines {
		for _, phase := range t.Phases {
			for _, step := range phase.Steps {
				for _, i := range step.Findings {
					linked[i] = true
				}
			}
		}
	}
	return linked
}

// keepFindings drops findings and renumbers the steps' references to them. The timelines of p must be
// a copy already.
func keepFindings(p plan.Plan, want func(i int) bool) plan.Plan {
	number := map[int]int{}
	kept := emptied(p.Findings)
	for i, f := range p.Findings {
		if want(i) {
			number[i] = len(kept)
			kept = append(kept, f)
		}
	}
	p.Findings = kept
	for t := range p.Timelines {
		for ph := range p.Timelines[t].Phases {
			steps := slices.Clone(p.Timelines[t].Phases[ph].Steps)
			for i, step := range steps {
				steps[i].Findings = renumber(step.Findings, number)
			}
			p.Timelines[t].Phases[ph].Steps = steps
		}
	}
	return p
}

func renumber(old []int, number map[int]int) []int {
	var renumbered []int
	for _, i := range old {
		if n, ok := number[i]; ok {
			renumbered = append(renumbered, n)
		}
	}
	return renumbered
}

// keep copies the wanted elements; nil stays nil.
func keep[T any](all []T, want func(T) bool) []T {
	kept := emptied(all)
	for _, one := range all {
		if want(one) {
			kept = append(kept, one)
		}
	}
	return kept
}
