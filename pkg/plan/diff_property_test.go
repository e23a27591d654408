package plan

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// anyChart has a few objects of few names, so that two charts have much in common.
func anyChart(t *rapid.T, label string) Render {
	events := rapid.SampledFrom([]string{
		"pre-install", "pre-install", "pre-install", "pre-install", "pre-install", "pre-install", // so that there are orders to compare
		"pre-install,pre-upgrade", "post-install", "post-install,post-upgrade", "pre-delete", "pre-rollback", "test",
		"pre-upgrade", "pre-upgrade,pre-upgrade", "pre-instal", "",
	})
	policy := rapid.SampledFrom([]string{"", "hook-delete-policy: before-hook-creation", "hook-delete-policy: hook-failed", "hook-delete-policy: hook-succeeded"})
	object := rapid.Custom(func(t *rapid.T) string {
		name := rapid.SampledFrom([]string{"a", "b", "c", "d", "r-e", "f"}).Draw(t, "name")
		var annotations []string
		if event := events.Draw(t, "events"); event != "" {
			annotations = append(annotations, "hook: "+event, weight(rapid.IntRange(-1, 1).Draw(t, "weight")))
			if p := policy.Draw(t, "policy"); p != "" {
				annotations = append(annotations, p)
			}
		}
		if rapid.Bool().Draw(t, "is a Job") {
			return jobWith(name, rapid.SampledFrom([]string{"containers: [{name: m, image: a}]", "containers: [{name: m, image: b}]"}).Draw(t, "pod"), annotations...)
		}
		return configMap(name, annotations...)
	})
	texts := rapid.SliceOfNDistinct(object, 0, 7, func(text string) string { return strings.Join(strings.SplitN(text, "\n", 5)[1:4], "") }).Draw(t, label)
	return chartOf(texts...)
}

var anyEngine = rapid.SampledFrom([]string{"helm3@3.13", "helm3", "helm4@4.0", "helm4"})

func anyPlanOf(t *rapid.T, label string) Plan {
	engine, err := ParseEngine(anyEngine.Draw(t, "engine of "+label))
	if err != nil {
		t.Fatal(err)
	}
	p, err := Make(Input{
		Engine: engine, Release: Release{Name: "r", Namespace: "default"}, Render: anyChart(t, label),
		Options: Options{Timeout: DefaultTimeout, Atomic: rapid.Bool().Draw(t, "atomic")},
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestAPlanDoesNotDifferFromItself(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyPlanOf(t, "chart")
		if d := Compare(p, p); len(d.Changes) > 0 {
			t.Fatal(changesText(d))
		}
	})
}

// mirrored describes changes so that those of the opposite comparison read alike. Places are those of the new side
// where a hook runs at other times, and findings that went with their hooks are not told, so both are left out.
func mirrored(d Diff, turn bool) []string {
	var all []string
	for _, c := range d.Changes {
		if c.Kind == ChangeFinding {
			continue
		}
		kind, old, now := c.Kind, c.Old, c.New
		objects := c.Objects
		if c.Was != (Object{}) {
			objects = nil // the two sides name it otherwise
		}
		if turn {
			old, now = now, old
			switch kind {
			case ChangeAdded:
				kind = ChangeRemoved
			case ChangeRemoved:
				kind = ChangeAdded
			}
		}
		names := func(objects []Object) []string {
			var refs []string
			for _, o := range objects {
				refs = append(refs, o.Ref())
			}
			slices.Sort(refs)
			return refs
		}
		all = append(all, fmt.Sprintf("%s %v: %s -> %s %v %v", kind, names(objects), old, now, c.Parts, names(c.Unreached)))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func TestTheOppositeComparisonSaysTheOpposite(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		old, now := anyPlanOf(t, "old"), anyPlanOf(t, "new")
		if c := newComparison(old, now); len(c.renamed) > 0 {
			return
		}
		there, back := mirrored(Compare(old, now), false), mirrored(Compare(now, old), true)
		if !slices.Equal(there, back) {
			t.Fatalf("there:\n%s\nback:\n%s", strings.Join(there, "\n"), strings.Join(back, "\n"))
		}
	})
}

func TestEveryStepIsMatchedOrTold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		old, now := anyPlanOf(t, "old"), anyPlanOf(t, "new")
		c, d := newComparison(old, now), Compare(old, now)
		for _, s := range []struct {
			side  side
			apart map[subject][]run
			cut   []run
		}{{c.before, c.apartBefore, c.cutBefore}, {c.after, c.apartAfter, c.cutAfter}} {
			n := len(c.pairs) + len(s.cut)
			for id, runs := range s.apart {
				n += len(runs)
				if !slices.ContainsFunc(d.Changes, func(change Change) bool {
					kinds := []ChangeKind{ChangeAdded, ChangeRemoved, ChangeEvents, ChangeIgnored, ChangeResource}
					return slices.Contains(kinds, change.Kind) && slices.Contains(change.Objects, c.object(id))
				}) {
					t.Fatalf("nothing says what became of %+v:\n%s", id, changesText(d))
				}
			}
			for _, r := range s.cut {
				if !slices.ContainsFunc(d.Changes, func(change Change) bool { return slices.Contains(change.Unreached, c.object(r.id)) }) {
					t.Fatalf("nothing says that %+v is not reached:\n%s", r.id, changesText(d))
				}
			}
			if n != len(s.side.runs) {
				t.Fatalf("%d runs, of which %d are matched or told", len(s.side.runs), n)
			}
		}
	})
}

// What the changes say, done to the old plan's hooks, gives the new plan's.
func TestChangesLeadFromOldToNew(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		old, now := anyPlanOf(t, "old"), anyPlanOf(t, "new")
		hooks := hooksIn(old)
		for _, c := range Compare(old, now).Changes {
			for _, o := range c.Objects {
				becomes := strings.HasPrefix(c.New, "a hook in ")
				switch {
				case c.Kind == ChangeAdded, (c.Kind == ChangeIgnored || c.Kind == ChangeResource) && becomes:
					hooks[o.Ref()] = true
				case c.Kind == ChangeRemoved, c.Kind == ChangeIgnored, c.Kind == ChangeResource:
					delete(hooks, o.Ref())
				case c.Kind == ChangeName && c.Was != (Object{}):
					delete(hooks, c.Was.Ref())
					hooks[o.Ref()] = true
				}
			}
		}
		if want := hooksIn(now); fmt.Sprint(want) != fmt.Sprint(hooks) {
			t.Fatalf("got %v, want %v\n%s", hooks, want, changesText(Compare(old, now)))
		}
	})
}

func hooksIn(p Plan) map[string]bool {
	hooks := map[string]bool{}
	for _, inventory := range p.inventories {
		for i := range inventory.Hooks {
			hooks[inventory.Hooks[i].Object.Ref()] = true
		}
	}
	return hooks
}

// What is said to have moved is as little as can be, and without it the order is the same.
func TestAsFewHooksAsCanBeHaveMoved(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 8).Draw(t, "hooks")
		order := rapid.Permutation(slices.Collect(func(yield func(int) bool) {
			for i := range n {
				if !yield(i) {
					return
				}
			}
		})).Draw(t, "new order")
		pairs, places := make([]pair, n), map[runKey]int{}
		for i, place := range order {
			key := runKey{id: subject{name: string(rune('a' + i))}}
			pairs[i] = pair{run{key: key, step: &Step{}}, run{key: key, step: &Step{}}}
			places[key] = place
		}
		stays := longestCommon(pairs, places)
		last, kept := -1, 0
		for i, stay := range stays {
			if stay {
				if order[i] < last {
					t.Fatalf("%v: %v is not the same order", order, stays)
				}
				last, kept = order[i], kept+1
			}
		}
		if most := longestRising(order); kept != most {
			t.Fatalf("%v: %d stay, %d could", order, kept, most)
		}
	})
}

// longestRising tries all subsequences.
func longestRising(order []int) (most int) {
	for set := range 1 << len(order) {
		last, n, rising := -1, 0, true
		for i, place := range order {
			if set&(1<<i) != 0 {
				rising = rising && place > last
				last, n = place, n+1
			}
		}
		if rising {
			most = max(most, n)
		}
	}
	return most
}

func TestTheSameComparisonSaysTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		old, now := anyPlanOf(t, "old"), anyPlanOf(t, "new")
		first := fmt.Sprintf("%+v", Compare(old, now))
		for range 5 {
			if again := fmt.Sprintf("%+v", Compare(old, now)); again != first {
				t.Fatalf("%s\n%s", first, again)
			}
		}
	})
}
