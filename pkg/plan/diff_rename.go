package plan

import (
	"cmp"
	"maps"
	"slices"
)

// rename finds the hooks that only changed their names: each side has one of that kind in that template which the
// other has not, and they do the same, or are the only ones there. From then on the new side calls them as the old
// one does.
func (c *comparison) rename() {
	old, now := c.before.only(c.after), c.after.only(c.before)
	for _, at := range slices.SortedFunc(maps.Keys(now), func(a, b home) int {
		return cmp.Or(cmp.Compare(a.template, b.template), cmp.Compare(a.kind, b.kind))
	}) {
		alone := c.before.hooksAt(at) == 1 && c.after.hooksAt(at) == 1
		for _, id := range now[at] {
			same := slices.DeleteFunc(slices.Clone(old[at]), func(other subject) bool {
				return !alone && !c.doTheSame(other, id)
			})
			twins := slices.DeleteFunc(slices.Clone(now[at]), func(other subject) bool {
				return len(same) != 1 || !alone && !c.doTheSame(same[0], other)
			})
			if len(same) == 1 && len(twins) == 1 {
				c.renamed[id] = same[0]
			}
		}
	}
	for id, as := range c.renamed {
		c.after.call(id, as)
	}
}

// home is where hooks of one kind are written.
type home struct{ kind, template string }

// only are the hooks that the other side does not have, by their homes.
func (s side) only(other side) map[home][]subject {
	homes := map[home][]subject{}
	for id, h := range s.hooks {
		if _, there := other.is[id]; !there && chartOfTemplate(h.Template) != "" {
			at := home{id.kind, withinChart(h.Template)}
			homes[at] = append(homes[at], id)
		}
	}
	return homes
}

func (s side) hooksAt(at home) (n int) {
	for id, h := range s.hooks {
		if id.kind == at.kind && withinChart(h.Template) == at.template {
			n++
		}
	}
	return n
}

// doTheSame says that two hooks run at the same time and differ in nothing but names and labels.
func (c *comparison) doTheSame(old, now subject) bool {
	a, b := c.before.hooks[old], c.after.hooks[now]
	return slices.Equal(a.Events, b.Events) && !slices.ContainsFunc(changedParts(&a.Parsed, &b.Parsed), func(part string) bool { return !isMetadata(part) })
}

// call gives an object another subject.
func (s *side) call(id, as subject) {
	for i := range s.runs {
		if s.runs[i].id == id {
			s.runs[i].id, s.runs[i].key.id = as, as
		}
	}
	move(s.is, id, as)
	move(s.objects, id, as)
	move(s.hooks, id, as)
	move(s.seen, id, as)
}

func move[V any](all map[subject]V, from, to subject) {
	if value, ok := all[from]; ok {
		all[to] = value
		delete(all, from)
	}
}
