package plan

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// subject is what tells that two plans speak of one object. A document without a name is known by its place.
type subject struct{ kind, namespace, name, place string }

// becoming is what becomes of a document.
type becoming string

const (
	asHook    becoming = "hook"
	asIgnored becoming = "ignored"
	asObject  becoming = "ordinary object"
	asNothing becoming = ""
)

// run is one run of one hook in one action.
type run struct {
	id       subject
	timeline int
	place    Place
	// key tells the runs of a plan apart, and matches them with the other plan's.
	key  runKey
	step *Step
}

type runKey struct {
	timeline string
	// action is that of the phase: an atomic install runs the phases of an uninstall.
	action Action
	phase  string
	id     subject
	// nth counts the runs of one hook in one phase, and the phases of one name in one action.
	nth int
}

// phaseKey is a runKey without the hook.
func (k runKey) phaseKey() runKey {
	k.id, k.nth = subject{}, 0
	return k
}

// side is one of the two plans, taken apart.
type side struct {
	plan Plan
	runs []run
	// is is what becomes of each object; objects is its full name, and hooks its document where it is a hook.
	is      map[subject]becoming
	objects map[subject]Object
	hooks   map[subject]*Hook
	ignored map[subject]Ignored
	// seen is where each object first stands.
	seen map[subject]int
	// spots is where each place stands.
	spots map[Place]int
}

// comparison is two plans and what was found so far.
type comparison struct {
	before, after side
	// pairs are the runs that both have; apart are those that only one of them has, by hook; cut are those that the
	// other plan does not get to, since its action is refused or fails before that phase.
	pairs                   []pair
	apartBefore, apartAfter map[subject][]run
	cutBefore, cutAfter     []run
	// renamed leads from the new subject of a hook to the old one.
	renamed map[subject]subject
	// ids are all objects of both, in the order of the new plan, then of the old one.
	ids     []subject
	changes []noted
	// told are the findings that another change tells already.
	told map[toldFinding]bool
}

type pair struct{ before, after run }

type toldFinding struct {
	rule string
	id   subject
}

// nowhere is behind all places.
const nowhere = 1 << 30

func newComparison(before, after Plan) *comparison {
	c := &comparison{
		before: newSide(before), after: newSide(after), told: map[toldFinding]bool{},
		apartBefore: map[subject][]run{}, apartAfter: map[subject][]run{}, renamed: map[subject]subject{},
	}
	c.rename()
	c.match()
	known := map[subject]bool{}
	for _, s := range []side{c.after, c.before} {
		ids := slices.SortedFunc(maps.Keys(s.is), func(a, b subject) int {
			return cmp.Or(cmp.Compare(s.at(a), s.at(b)), a.compare(b))
		})
		for _, id := range ids {
			if !known[id] {
				known[id] = true
				c.ids = append(c.ids, id)
			}
		}
	}
	return c
}

func newSide(p Plan) side {
	s := side{
		plan: p, is: map[subject]becoming{}, objects: map[subject]Object{}, hooks: map[subject]*Hook{}, ignored: map[subject]Ignored{},
		seen: map[subject]int{}, spots: map[Place]int{},
	}
	s.addRuns()
	note := func(id subject, as becoming, object Object) {
		if s.is[id] == asNothing {
			s.is[id], s.objects[id] = as, object
		}
	}
	for _, r := range s.runs {
		note(r.id, asHook, r.step.Hook.Object)
		if s.hooks[r.id] == nil {
			s.hooks[r.id] = &r.step.Hook
		}
	}
	for _, inventory := range p.inventories {
		for i := range inventory.Hooks {
			h := &inventory.Hooks[i]
			id := s.identify(&h.Parsed)
			note(id, asHook, h.Object)
			if s.hooks[id] == nil {
				s.hooks[id] = h
			}
		}
	}
	for i := range p.Ignored {
		id := s.identify(&p.Ignored[i].Parsed)
		note(id, asIgnored, p.Ignored[i].Object)
		s.ignored[id] = p.Ignored[i]
	}
	for _, inventory := range p.inventories {
		for i := range inventory.Resources {
			if r := &inventory.Resources[i]; !r.Empty {
				note(s.identify(&r.Parsed), asObject, r.Object)
			}
		}
	}
	return s
}

// addRuns lists all runs, each with a key of its own.
func (s *side) addRuns() {
	used := map[runKey]bool{}
	spot := 0
	for t := range s.plan.Timelines {
		timeline := &s.plan.Timelines[t]
		s.spotOf(Place{Action: timeline.Action}, spot)
		for f := range timeline.Phases {
			phase := &timeline.Phases[f]
			spot++
			place := Place{timeline.Action, phase.Name}
			s.spotOf(place, spot)
			for i := range phase.Steps {
				step := &phase.Steps[i]
				id := s.identify(&step.Hook.Parsed)
				key := runKey{timeline: timeline.ID, action: phase.Action, phase: phase.Name, id: id}
				for used[key] {
					key.nth++
				}
				used[key] = true
				spot++
				if _, ok := s.seen[id]; !ok {
					s.seen[id] = spot
				}
				s.runs = append(s.runs, run{id: id, timeline: t, place: place, key: key, step: step})
			}
		}
		spot++
	}
}

func (s *side) spotOf(place Place, spot int) {
	if _, ok := s.spots[place]; !ok {
		s.spots[place] = spot
	}
}

func (s side) at(id subject) int {
	if at, ok := s.seen[id]; ok {
		return at
	}
	return nowhere
}

// at is where an object first stands in the new plan, else in the old one.
func (c *comparison) at(id subject) int {
	if at := c.after.at(id); at != nowhere {
		return at
	}
	return c.before.at(id)
}

// spot is where a place stands in the new plan, else in the old one.
func (c *comparison) spot(place Place) int {
	for _, s := range []side{c.after, c.before} {
		if at, ok := s.spots[place]; ok {
			return at
		}
	}
	return nowhere
}

// identify names an object so that the other plan names it alike: its release's own name and namespace count as
// equal to the other's.
func (s side) identify(p *Parsed) subject { return s.named(p.Object, p.Template, p.Index) }

func (s side) named(o Object, template string, index int) subject {
	id := subject{kind: o.Kind, namespace: o.Namespace, name: o.Name}
	own := s.plan.Release
	if o.Namespace == own.Namespace {
		id.namespace = ""
	}
	if rest, ok := strings.CutPrefix(o.Name, own.Name); ok && own.Name != "" && (rest == "" || rest[0] == '-') {
		id.name = "\x00" + rest
	}
	if o.Name == "" {
		id.place = withinChart(template) + "#" + strconv.Itoa(index)
	}
	return id
}

func (a subject) compare(b subject) int {
	return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.name, b.name), cmp.Compare(a.namespace, b.namespace), cmp.Compare(a.place, b.place))
}

// withinChart is a template's path without the root chart's name, which may be another one on the other side.
func withinChart(template string) string {
	if _, path, ok := strings.Cut(template, "/"); ok {
		return path
	}
	return template
}

// match pairs the runs of both plans.
func (c *comparison) match() {
	after := map[runKey]run{}
	for _, r := range c.after.runs {
		after[r.key] = r
	}
	matched := map[runKey]bool{}
	for _, r := range c.before.runs {
		switch other, ok := after[r.key]; {
		case ok:
			matched[r.key] = true
			c.pairs = append(c.pairs, pair{r, other})
		case c.after.breaksOffBefore(r):
			c.cutBefore = append(c.cutBefore, r)
		default:
			c.apartBefore[r.id] = append(c.apartBefore[r.id], r)
		}
	}
	for _, r := range c.after.runs {
		switch {
		case matched[r.key]:
		case c.before.breaksOffBefore(r):
			c.cutAfter = append(c.cutAfter, r)
		default:
			c.apartAfter[r.id] = append(c.apartAfter[r.id], r)
		}
	}
}

// breaksOffBefore says that this plan has the hook of a run of the other one, and only does not get to its phase.
func (s side) breaksOffBefore(r run) bool {
	t := s.timeline(r.key.timeline)
	if t == nil || s.is[r.id] != asHook || t.Outcome.Result != Failed && !t.Outcome.Refused {
		return false
	}
	return !slices.ContainsFunc(t.Phases, func(p Phase) bool { return p.Name == r.key.phase && p.Action == r.key.action })
}

// timeline finds one by its ID; nil where there is none.
func (s side) timeline(id string) *Timeline {
	for i := range s.plan.Timelines {
		if s.plan.Timelines[i].ID == id {
			return &s.plan.Timelines[i]
		}
	}
	return nil
}

// chartOfTemplate is the chart that a template belongs to: shop/charts/catalog/templates/x.yaml is catalog's.
// Empty where the path does not tell, as with a file of plain YAML.
func chartOfTemplate(template string) string {
	parts := strings.Split(template, "/")
	for i := len(parts) - 2; i > 0; i-- {
		if parts[i] == "templates" {
			return parts[i-1]
		}
	}
	return ""
}
