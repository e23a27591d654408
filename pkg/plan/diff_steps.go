package plan

import (
	"fmt"
	"slices"
	"strings"
)

// facets compares the hooks that both sides have, wherever they run.
func (c *comparison) facets() {
	for _, p := range c.facing() {
		a, b := p.before.step, p.after.step
		note := func(kind ChangeKind, impact Impact, old, now string) {
			if old != now {
				c.add(Change{Kind: kind, Impact: impact, Objects: []Object{b.Hook.Object}, Places: []Place{p.after.place}, Old: old, New: now}, c.at(p.after.id))
			}
		}
		note(ChangePolicy, ImpactDiffers, policyOf(a), policyOf(b))
		note(ChangeLogs, ImpactNote, logsOf(a), logsOf(b))
		c.compareWaits(p)
		c.compareContent(p)
		if old, now := withinChart(a.Hook.Template), withinChart(b.Hook.Template); chartOfTemplate(a.Hook.Template) != "" && chartOfTemplate(b.Hook.Template) != "" {
			note(ChangeName, ImpactNote, old, now)
		}
	}
}

// facing pairs runs of one hook: those that match, and one each where it runs in other phases altogether.
func (c *comparison) facing() []pair {
	all := slices.Clone(c.pairs)
	for _, id := range c.ids {
		if old, now := c.apartBefore[id], c.apartAfter[id]; len(old) > 0 && len(now) > 0 {
			all = append(all, pair{old[0], now[0]})
		}
	}
	return all
}

func logsOf(step *Step) string {
	policies := sortedPolicies(step.Hook.OutputLogPolicies)
	if len(policies) == 0 {
		return "not shown"
	}
	return strings.Join(policies, ", ")
}

func (c *comparison) compareWaits(p pair) {
	a, b := p.before.step, p.after.step
	old, now := waitsOf(a), waitsOf(b)
	if old == now {
		return
	}
	change := Change{Kind: ChangeWaits, Impact: ImpactDiffers, Objects: []Object{b.Hook.Object}, Places: []Place{p.after.place}, Old: old, New: now}
	switch {
	case stateOf(a) != stateOf(b):
		// How the run or the action ends says so already.
	case b.Hook.NeverCompletes != "" && a.Hook.NeverCompletes == "":
		change.Impact = ImpactBreaks
		c.explain(&change, c.after, p.after)
	case a.Hook.NeverCompletes != "" && b.Hook.NeverCompletes == "":
		change.Impact = ImpactMends
	}
	c.told[toldFinding{ruleNeverCompletes, p.after.id}] = true
	c.add(change, c.at(p.after.id))
}

// compareContent looks for other differences between the objects that a hook makes.
func (c *comparison) compareContent(p pair) {
	a, b := &p.before.step.Hook, &p.after.step.Hook
	if a.Volatile || b.Volatile {
		return // two renders of one and the same chart differ there
	}
	parts := changedParts(&a.Parsed, &b.Parsed)
	if len(parts) == 0 {
		return
	}
	change := Change{Kind: ChangeContent, Impact: ImpactDiffers, Objects: []Object{b.Object}, Places: []Place{p.after.place}, Parts: parts}
	if !slices.ContainsFunc(parts, func(part string) bool { return !isMetadata(part) }) {
		change.Impact = ImpactNote
	}
	c.add(change, c.at(p.after.id))
}

// orders finds the hooks that changed places within a phase, and those whose weight changed without effect.
func (c *comparison) orders() {
	var keys []runKey
	phases := map[runKey][]pair{}
	for _, p := range c.pairs {
		key := p.before.key.phaseKey()
		if phases[key] == nil {
			keys = append(keys, key)
		}
		phases[key] = append(phases[key], p)
	}
	aheadBefore, aheadAfter := c.before.ahead(), c.after.ahead()
	moved := map[subject]bool{}
	for _, key := range keys {
		for _, block := range movedBlocks(phases[key], c.after.order(), aheadBefore, aheadAfter) {
			first := block[0]
			change := Change{
				Kind: ChangeOrder, Impact: ImpactDiffers, Places: []Place{first.after.place},
				Old: position(first.before, first.after, aheadBefore), New: position(first.after, first.before, aheadAfter),
			}
			for _, p := range block {
				moved[p.after.id] = true
				change.Objects = append(change.Objects, p.after.step.Hook.Object)
			}
			c.add(change, c.at(first.after.id))
		}
	}
	for _, p := range c.facing() {
		a, b := p.before.step.Hook.Weight, p.after.step.Hook.Weight
		impact := ImpactNote
		if p.before.key != p.after.key {
			impact = ImpactDiffers // there is no order in common
		}
		if a != b && !moved[p.after.id] {
			c.add(Change{
				Kind: ChangeOrder, Impact: impact, Objects: []Object{p.after.step.Hook.Object}, Places: []Place{p.after.place},
				Old: fmt.Sprintf("weight %d", a), New: fmt.Sprintf("weight %d", b),
			}, c.at(p.after.id))
		}
	}
}

// ahead is the run before each in its phase; those that come first have none.
func (s side) ahead() map[runKey]run {
	ahead, last := map[runKey]run{}, map[runKey]run{}
	for _, r := range s.runs {
		phase := r.key.phaseKey()
		if previous, ok := last[phase]; ok {
			ahead[r.key] = previous
		}
		last[phase] = r
	}
	return ahead
}

func (s side) order() map[runKey]int {
	order := map[runKey]int{}
	for i, r := range s.runs {
		order[r.key] = i
	}
	return order
}

// position says where a run stands among its neighbours, with its weight where the other side has another one.
func position(r, other run, ahead map[runKey]run) string {
	said := "first"
	if previous, ok := ahead[r.key]; ok {
		said = "after " + previous.step.Hook.Object.Ref()
	}
	if r.step.Hook.Weight != other.step.Hook.Weight {
		said = fmt.Sprintf("weight %d, %s", r.step.Hook.Weight, said)
	}
	return said
}

// movedBlocks are the pairs of a phase that changed places with others, those that moved together as one. What
// stays is the longest sequence that both orders have in common; of several the one in which most kept their
// weights, since it is the others then that were moved. pairs are in the old order.
func movedBlocks(pairs []pair, order map[runKey]int, aheadBefore, aheadAfter map[runKey]run) (blocks [][]pair) {
	stays := longestCommon(pairs, order)
	for i, p := range pairs {
		if stays[i] {
			continue
		}
		a, hasA := aheadBefore[p.before.key]
		b, hasB := aheadAfter[p.after.key]
		follows := hasA && hasB && a.key == b.key && p.before.step.Hook.Weight == p.after.step.Hook.Weight
		if n := len(blocks); n > 0 && follows && i > 0 && !stays[i-1] && blocks[n-1][len(blocks[n-1])-1].before.key == a.key {
			blocks[n-1] = append(blocks[n-1], p)
			continue
		}
		blocks = append(blocks, []pair{p})
	}
	return blocks
}

// chain is the best common sequence that ends at some pair.
type chain struct {
	length, kept int
	// previous is -1 at the beginning.
	previous int
}

// longestCommon marks the pairs that keep their order. Among sequences that are as good, the one whose names come
// first is taken, so that the answer does not depend on which side is the old one.
func longestCommon(pairs []pair, order map[runKey]int) []bool {
	chains := make([]chain, len(pairs))
	best := -1
	for i, p := range pairs {
		kept := 0
		if p.before.step.Hook.Weight == p.after.step.Hook.Weight {
			kept = 1
		}
		chains[i] = chain{1, kept, -1}
		for j := range i {
			if order[pairs[j].after.key] > order[p.after.key] {
				continue
			}
			longer := chain{chains[j].length + 1, chains[j].kept + kept, j}
			if better(pairs, chains, longer, chains[i]) {
				chains[i] = longer
			}
		}
		if best < 0 || better(pairs, chains, chain{chains[i].length, chains[i].kept, i}, chain{chains[best].length, chains[best].kept, best}) {
			best = i
		}
	}
	stays := make([]bool, len(pairs))
	for i := best; i >= 0; i = chains[i].previous {
		stays[i] = true
	}
	return stays
}

func better(pairs []pair, chains []chain, a, b chain) bool {
	if a.length != b.length {
		return a.length > b.length
	}
	if a.kept != b.kept {
		return a.kept > b.kept
	}
	// The sequences are as long as each other, so the last difference from the end is the first from the beginning.
	result := 0
	for i, j := a.previous, b.previous; i != j && i >= 0 && j >= 0; i, j = chains[i].previous, chains[j].previous {
		if one := pairs[i].before.key.compare(pairs[j].before.key); one != 0 {
			result = one
		}
	}
	return result < 0
}

func (k runKey) compare(other runKey) int {
	if order := k.id.compare(other.id); order != 0 {
		return order
	}
	return k.nth - other.nth
}
