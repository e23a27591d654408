package oracle

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
	"github.com/helm-hooks/helm-hooks/test/oracle/scenario"
	"github.com/helm-hooks/helm-hooks/test/oracle/stage"
)

// TestLive plays generated lives with Helm, looks at the release on the way as the tool does, and demands that Helm
// does next what is planned. Where a plan says that something is only likely, it may be wrong from there on.
func TestLive(t *testing.T) {
	holdLives(t, outlook{looks: "all"})
}

// TestLiveHooksLookedUp is TestLive with ordinary objects that nobody has looked up, for want of rights: the records
// are believed.
func TestLiveHooksLookedUp(t *testing.T) {
	holdLives(t, outlook{looks: "hooks", open: untold})
}

// TestLiveOffline is TestLive with nothing but the records, after lives in which nothing went wrong: then the
// policies of the last runs tell what is there.
func TestLiveOffline(t *testing.T) {
	holdLives(t, outlook{looks: "none", harmless: true, open: func(p past) bool { return p.failed || p.forgotten || untold(p) }})
}

// TestLiveOfflineAfterFailures measures how often the records suffice after lives of all kinds.
func TestLiveOfflineAfterFailures(t *testing.T) {
	holdLives(t, outlook{looks: "none", open: func(past) bool { return true }})
}

// untold says that there may be objects which no record tells of: what hooks of a release left that was purged and
// installed anew, what was kept when it went out of the chart, and what is a hook's object and an ordinary one.
func untold(p past) bool { return p.purged || p.keeps || p.mixed }

// outlook is a way to hold plans against Helm.
type outlook struct {
	// looks says what is looked up.
	looks string
	// harmless takes the faults out of the lives.
	harmless bool
	// open says after which pasts a plan may be wrong. It must be right nearly always all the same.
	open func(past) bool
}

// past is what a life was like up to where its release is looked at.
type past struct {
	// failed says that a command failed or was to, purged that the records were deleted while objects stayed.
	failed, purged bool
	// forgotten says that records made room for newer ones: what hooks of theirs have left, no record tells.
	forgotten bool
	// keeps says that a chart keeps objects, mixed that an object is of a hook and ordinary too.
	keeps, mixed bool
}

// counter counts how comparisons ended.
type counter struct {
	mu     sync.Mutex
	counts map[string]int
}

func (c *counter) add(what string, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.counts == nil {
		c.counts = map[string]int{}
	}
	c.counts[what] += n
}

func (c *counter) String() string {
	var parts []string
	for _, what := range slices.Sorted(maps.Keys(c.counts)) {
		parts = append(parts, fmt.Sprintf("%s %d", what, c.counts[what]))
	}
	return strings.Join(parts, ", ")
}

// nearlyAlways is the share of plans that must be right where the past leaves something open.
const nearlyAlways = 0.85

func holdLives(t *testing.T, o outlook) {
	engines := newest(t)
	for name, helm := range map[string]string{"helm3": "3", "helm4": "4", "mixed": ""} {
		t.Run(name, func(t *testing.T) {
			var count counter
			lives := 0
			rapid.Check(t, func(rt *rapid.T) {
				if lives++; !given && lives%5 != 0 {
					return
				}
				sc := GenerateScenario(rt, helm)
				if o.harmless {
					makeHarmless(&sc)
				}
				o.hold(rt, &count, sc, engines)
			})
			t.Logf("%s", &count)
			right, wrong := count.counts["open and right"], count.counts["open and wrong"]
			if float64(right) < nearlyAlways*float64(right+wrong) {
				t.Errorf("only %d of %d plans are right", right, right+wrong)
			}
			if agree := count.counts[string(agrees)] + right; agree < 20*(count.counts[string(admitted)]+count.counts[string(racing)]+count.counts[string(unplayable)]) {
				t.Errorf("too much is left open")
			}
		})
	}
}

// makeHarmless takes out of a life what makes it fail, lets every uninstall keep the records, and lets no chart keep
// objects.
func makeHarmless(sc *scenario.Scenario) {
	for i := range sc.Steps {
		step := &sc.Steps[i]
		step.Faults = nil
		step.KeepHistory = step.Action == scenario.Uninstall
		step.Replace = i > 0 && step.Action == scenario.Install
	}
	for _, c := range sc.Charts {
		for name, text := range c.Files {
			c.Files[name] = strings.ReplaceAll(text, "helm.sh/resource-policy: keep", "note: keep")
		}
	}
}

// hold plays a life and looks at the release at its end, and now and then on the way.
func (o outlook) hold(rt *rapid.T, count *counter, sc scenario.Scenario, engines map[string]plan.Engine) {
	s := stage.New(sc)
	p := past{}
	for _, c := range sc.Charts {
		for _, text := range c.Files {
			p.keeps = p.keeps || strings.Contains(text, "helm.sh/resource-policy")
		}
	}
	for i, step := range sc.Steps {
		did, err := s.Play(step, stepper)
		if err != nil {
			count.add("lives cut short", 1)
			return
		}
		p.failed = p.failed || did.Err != "" || len(step.Faults) > 0
		p.purged = p.purged || len(did.History) == 0 && len(did.Objects) > 0
		p.forgotten = p.forgotten || len(did.History) > 0 && did.History[0].Revision > 1
		if i < len(sc.Steps)-1 && !oneIn(rt, 4) {
			continue
		}
		l, err := lookAt(s, engines[step.Helm])
		if err != nil {
			rt.Fatalf("%v", err)
		}
		n := drawNext(rt, l, step.Helm, sc.Charts)
		o.holdNext(rt, count, l, n, p, func(n next) string { return l.words(s, i, n) })
	}
}

// holdNext demands that Helm does what is planned, without a fault and with one.
func (o outlook) holdNext(rt *rapid.T, count *counter, l *seen, n next, p past, words func(next) string) {
	for _, failing := range []bool{false, true} {
		a, err := l.foretell(n, o.looks)
		if err != nil {
			count.add(string(unplayable), 1)
			return
		}
		if failing {
			fault, found := drawFault(rt, a)
			if !found {
				return
			}
			// In a plan a fault that has not struck goes on to the next command.
			n.steps = slices.Clone(n.steps[:1])
			n.steps[0].Faults = []scenario.Fault{fault}
			if a, err = l.foretell(n, o.looks); err != nil {
				count.add("with a fault that cannot be planned", 1)
				return
			}
		}
		did, err := l.do(n)
		if err != nil {
			count.add(string(unplayable), 1)
			return
		}
		p.mixed = a.mixed
		o.judge(rt, count, a, did, o.open != nil && o.open(p), func() string { return words(n) })
	}
}

func (o outlook) judge(rt *rapid.T, count *counter, a answer, did []scenario.StepResult, open bool, words func() string) {
	v, diff := a.compare(did)
	switch {
	case v == agrees && diff != "" && open:
		count.add("open and wrong", 1)
	case v == agrees && diff != "":
		rt.Fatalf("%s\n%s", diff, words())
	case open:
		count.add("open and right", 1)
	default:
		count.add(string(v), 1)
		for i := range did {
			count.add("operations", len(did[i].Ops))
		}
	}
}
