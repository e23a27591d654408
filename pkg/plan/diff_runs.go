package plan

import (
	"slices"
)

// state is how a run ends.
type state string

const (
	stateRuns      state = "runs"
	stateFails     state = "fails"
	stateUnreached state = "is not reached"
	stateSilent    state = "does not run, and success is reported"
)

func stateOf(s *Step) state {
	switch {
	case s.NotRun:
		return stateSilent
	case s.Result == Skipped:
		return stateUnreached
	case s.Result == Failed:
		return stateFails
	}
	return stateRuns
}

func stateWords(s *Step) string {
	said := string(stateOf(s))
	if stateOf(s) == stateFails && s.Error != "" {
		said += ": " + s.Error
	}
	return said
}

// outcomeWords say how an action ends.
func outcomeWords(o Outcome) string {
	said := "succeeds"
	switch {
	case o.Refused:
		said = "is refused"
	case o.Signal != "":
		said = "is ended by a signal"
	case o.Result == Failed:
		said = "fails"
	}
	if said != "succeeds" && o.Error != "" {
		said += ": " + o.Error
	}
	return said
}

// runs finds the actions and the hooks that end otherwise. A hook that fails, or is not reached, is told with the
// action that fails for it; one that Helm silently does not run is a change of its own.
func (c *comparison) runs() {
	for i := range c.after.plan.Timelines {
		now := &c.after.plan.Timelines[i]
		if old := c.before.timeline(now.ID); old != nil {
			c.endings(old, now)
		}
	}
}

func (c *comparison) endings(old, now *Timeline) {
	outcome := Change{
		Kind: ChangeOutcome, Places: []Place{{Action: now.Action}}, Old: outcomeWords(old.Outcome), New: outcomeWords(now.Outcome),
	}
	changed := outcome.Old != outcome.New
	silent := false
	for _, p := range c.pairs {
		if p.after.key.timeline != now.ID {
			continue
		}
		a, b := stateOf(p.before.step), stateOf(p.after.step)
		object := p.after.step.Hook.Object
		switch {
		case a == b:
			if a == stateFails && changed {
				outcome.Objects = append(outcome.Objects, object)
			}
		case a == stateSilent || b == stateSilent || !changed:
			silent = silent || b == stateSilent
			c.otherwise(p, a, b)
		case a == stateFails || b == stateFails:
			outcome.Objects = append(outcome.Objects, object)
			if b == stateFails {
				c.explain(&outcome, c.after, p.after)
			}
			c.explained(p)
		default:
			outcome.Unreached = append(outcome.Unreached, object)
		}
	}
	for _, r := range slices.Concat(c.cutBefore, c.cutAfter) {
		if r.key.timeline == now.ID {
			outcome.Unreached = append(outcome.Unreached, c.object(r.id))
		}
	}
	if changed || len(outcome.Unreached) > 0 {
		outcome.Impact = impactOf(old.Outcome, now.Outcome, outcome, silent)
		c.add(outcome, c.spot(outcome.Places[0]))
	}
}

// impactOf judges how an action ends. A success that only comes of a hook that was silently not run mends nothing.
func impactOf(old, now Outcome, change Change, silent bool) Impact {
	well := func(o Outcome) bool { return o.Result != Failed && !o.Refused }
	switch {
	case well(old) && !well(now):
		return ImpactBreaks
	case !well(old) && well(now) && !silent:
		return ImpactMends
	case !well(old) && !well(now) && old.Refused == now.Refused && len(change.Unreached) == 0:
		return ImpactNote
	}
	return ImpactDiffers
}

// otherwise tells a run that ends otherwise. What fails aloud is seen; what is silently left out is not.
func (c *comparison) otherwise(p pair, a, b state) {
	change := Change{
		Kind: ChangeRun, Impact: ImpactDiffers, Objects: []Object{p.after.step.Hook.Object}, Places: []Place{p.after.place},
		Old: stateWords(p.before.step), New: stateWords(p.after.step),
	}
	switch {
	case b == stateSilent, a == stateRuns, a == stateSilent && b == stateFails:
		change.Impact = ImpactBreaks
		c.explain(&change, c.after, p.after)
	case b == stateRuns:
		change.Impact = ImpactMends
	}
	c.explained(p)
	c.add(change, c.at(p.after.id))
}

// explain adds the finding that says why a run goes wrong.
func (c *comparison) explain(change *Change, s side, r run) {
	for _, i := range r.step.Findings {
		if i < 0 || i >= len(s.plan.Findings) || change.Rule != "" {
			continue
		}
		if f := s.plan.Findings[i]; f.Severity != SeverityInfo && slices.Contains(runRules(), f.Rule) {
			change.Rule, change.Why, change.Fix = f.Rule, withoutObject(f), f.Fix
			c.told[toldFinding{f.Rule, r.id}] = true
		}
	}
}

// runRules are those of findings that say no more than how a run ends.
func runRules() []string { return []string{ruleExists, ruleNotRun, ruleNeverCompletes, ruleFails} }

// explained says that how a hook's runs end is told.
func (c *comparison) explained(p pair) {
	for _, rule := range runRules() {
		c.told[toldFinding{rule, p.after.id}] = true
	}
}
