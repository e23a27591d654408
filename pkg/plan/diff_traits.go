package plan

import "slices"

// traits finds what Helm does otherwise with hooks' objects, whichever they are: how it makes them, and whether it
// waits for their deletion. What holds for all hooks is told once.
func (c *comparison) traits() {
	c.trait(ChangeApply, side.makes)
	c.trait(ChangeDeletion, side.awaits)
}

// trait compares one word about each run; an empty one says nothing.
func (c *comparison) trait(kind ChangeKind, words func(side) map[runKey]string) {
	type turn struct{ old, now string }
	turned := map[turn][]pair{}
	var turns []turn
	same := false
	old, now := words(c.before), words(c.after)
	for _, p := range c.pairs {
		t := turn{old[p.before.key], now[p.after.key]}
		switch {
		case t.old == "" || t.now == "":
		case t.old == t.now:
			same = true
		default:
			if turned[t] == nil {
				turns = append(turns, t)
			}
			turned[t] = append(turned[t], p)
		}
	}
	for _, t := range turns {
		change := Change{Kind: kind, Impact: ImpactDiffers, Old: t.old, New: t.now}
		for _, p := range turned[t] {
			change.Places = append(change.Places, Place{Action: p.after.place.Action})
			object := p.after.step.Hook.Object
			if all := !same && len(turns) == 1; !all && !slices.Contains(change.Objects, object) {
				change.Objects = append(change.Objects, object)
			}
		}
		c.add(change, 0)
	}
}

// makes says how each run makes its object.
func (s side) makes() map[runKey]string {
	return s.told(func(op Operation) string {
		switch {
		case !op.Hook:
		case op.Op == OpCreate:
			return "create"
		case op.Op == OpApply:
			return "server-side apply"
		}
		return ""
	})
}

// awaits says whether each run that deletes an object waits until that is gone.
func (s side) awaits() map[runKey]string {
	return s.told(func(op Operation) string {
		switch {
		case !op.Hook || op.Idle:
		case op.Op == OpDelete:
			return "goes on at once"
		case op.Op == OpWaitDeleted:
			return "waits until they are gone"
		}
		return ""
	})
}

// told is what the operations of each run say; of several words the last one.
func (s side) told(word func(Operation) string) map[runKey]string {
	type at struct {
		action Action
		phase  string
		order  int
	}
	told := map[runKey]string{}
	for t := range s.plan.Timelines {
		words := map[at]string{}
		for _, op := range s.plan.Timelines[t].Operations {
			if said := word(op); said != "" {
				words[at{op.Action, op.Phase, op.Order}] = said
			}
		}
		for _, r := range s.runs {
			if said := words[at{r.key.action, r.key.phase, r.step.Order}]; r.timeline == t && said != "" {
				told[r.key] = said
			}
		}
	}
	return told
}
