package oracle

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
	"github.com/helm-hooks/helm-hooks/test/oracle/scenario"
)

// target is what a fault can strike in a chart: an object of a hook with the hook's events, or the ordinary
// resources, which have none.
type target struct {
	object string
	events []string
}

// targets lists what can fail in a chart, and says whether the chart renders at all.
func targets(c scenario.Chart, engine plan.Engine) ([]target, bool) {
	release := plan.Release{Name: "r", Namespace: "default"}
	render, err := renderer(c, engine, release)
	if err != nil {
		return nil, false
	}
	found := []target{{object: scenario.ObjectResources}}
	for _, fields := range []plan.Fields{{Revision: 1}, {Revision: 2, IsUpgrade: true}} {
		rendered, err := render(fields)
		if err != nil {
			return nil, false
		}
		inventory, err := plan.Classify(rendered, release, engine)
		if err != nil {
			return nil, false
		}
		for _, h := range inventory.Hooks {
			objects := h.Items
			if objects == nil {
				objects = []plan.Object{h.Object}
			}
			for _, object := range objects {
				found = add(found, object.Ref(), h.Events)
			}
		}
	}
	return found, true
}

func add(found []target, object string, events []plan.Event) []target {
	i := slices.IndexFunc(found, func(t target) bool { return t.object == object })
	if i < 0 {
		found, i = append(found, target{object: object}), len(found)
	}
	for _, e := range events {
		found[i].events = append(found[i].events, string(e))
	}
	return found
}

// points are the places where something can go wrong with a target: Helm waits only for Jobs and Pods, and
// the wait for ordinary resources ends the same however it fails.
func (t target) points() []string {
	kind, _, _ := strings.Cut(t.object, "/")
	switch kind {
	case "Job", "Pod":
		return []string{scenario.AtCreate, scenario.AtWait, scenario.AtTimeout, scenario.AtDelete, scenario.AtInterrupt, scenario.AtKill}
	case scenario.ObjectResources:
		return []string{scenario.AtCreate, scenario.AtWait, scenario.AtDelete, scenario.AtInterrupt, scenario.AtKill}
	}
	return []string{scenario.AtCreate, scenario.AtDelete}
}

// meets says whether Helm comes to the target in an action.
func (t target) meets(action string) bool {
	if t.object == scenario.ObjectResources {
		return action != scenario.Test
	}
	if action == scenario.Uninstall {
		action = "delete"
	}
	return slices.ContainsFunc(t.events, func(e string) bool { return strings.HasSuffix(e, action) })
}

// usages are ways to use Helm that shape the failing step, the only one where failing is set, and those
// around it.
func usages() []func(s *scenario.Step, failing bool) {
	return []func(*scenario.Step, bool){
		func(*scenario.Step, bool) {},
		careful,
		func(s *scenario.Step, failing bool) {
			s.KeepHistory = s.Action == scenario.Uninstall
			s.Replace = s.Action == scenario.Install && !failing
			s.CleanupOnFail = failing && (s.Action == scenario.Upgrade || s.Action == scenario.Rollback)
			if failing && s.Action != scenario.Test {
				s.Wait = scenario.WaitLegacy
			}
		},
		func(s *scenario.Step, failing bool) {
			targeted := slices.ContainsFunc(s.Faults, func(f scenario.Fault) bool { return f.Object != scenario.ObjectResources })
			s.NoHooks = s.Action != scenario.Test && !targeted
			s.Atomic = failing && (s.Action == scenario.Install || s.Action == scenario.Upgrade)
		},
	}
}

func careful(s *scenario.Step, failing bool) {
	if s.Action != scenario.Test {
		s.Wait = scenario.WaitWatcher
	}
	s.Atomic = failing && (s.Action == scenario.Install || s.Action == scenario.Upgrade)
	s.CleanupOnFail = failing && (s.Action == scenario.Upgrade || s.Action == scenario.Rollback)
}

// leading are the actions that come before the one that fails, triedNext those that people try then, undo what
// an atomic action starts.
var (
	leading = map[string][]string{
		scenario.Install: nil, scenario.Upgrade: {scenario.Install}, scenario.Rollback: {scenario.Install, scenario.Upgrade},
		scenario.Uninstall: {scenario.Install}, scenario.Test: {scenario.Install},
	}
	triedNext = [][]string{
		{scenario.Upgrade, scenario.Rollback, scenario.Uninstall, scenario.Install},
		{scenario.Rollback, scenario.Upgrade, scenario.Test, scenario.Uninstall},
		{scenario.Uninstall, scenario.Install, scenario.Upgrade, scenario.Rollback},
		{scenario.Install, scenario.Test, scenario.Rollback, scenario.Rollback},
		{scenario.Uninstall, scenario.Upgrade, scenario.Uninstall, scenario.Install},
	}
	undo = map[string]string{scenario.Install: scenario.Uninstall, scenario.Upgrade: scenario.Rollback}
)

// lifeMaker makes lives in which one action fails. What is tried next and how often a fault strikes takes
// turns; so does the way of using Helm, unless all are wanted.
type lifeMaker struct {
	helm  string
	all   bool
	round int
}

// lives are those in which the target fails at the point, each with four more actions.
func (m *lifeMaker) lives(t target, point string) [][]scenario.Step {
	var lives [][]scenario.Step
	for _, action := range []string{scenario.Install, scenario.Upgrade, scenario.Rollback, scenario.Uninstall, scenario.Test} {
		fault := scenario.Fault{Object: t.object, At: point}
		if t.meets(action) {
			ways := usages()
			turn := m.round / len(triedNext) % len(ways)
			for i, use := range ways {
				if m.all || i == turn {
					lives = append(lives, m.life(action, use, fault))
				}
			}
		}
		if undo[action] != "" && t.meets(undo[action]) {
			first := scenario.Fault{Object: scenario.ObjectResources, Event: action, At: scenario.AtWait}
			if t.object == scenario.ObjectResources {
				fault.Event = undo[action]
			}
			lives = append(lives, m.life(action, careful, first, fault))
		}
	}
	return lives
}

func (m *lifeMaker) life(action string, use func(*scenario.Step, bool), faults ...scenario.Fault) []scenario.Step {
	m.round++
	faults[len(faults)-1].Times = m.round % 2
	var steps []scenario.Step
	for _, name := range slices.Concat(leading[action], []string{action}, triedNext[m.round%len(triedNext)]) {
		step := scenario.Step{Helm: m.helm, Action: name}
		failing := len(steps) == len(leading[action])
		if failing {
			step.Faults = faults
		}
		use(&step, failing)
		steps = append(steps, step)
	}
	return steps
}

func TestFaults(t *testing.T) {
	folders, err := os.ReadDir(chartsDir)
	if err != nil {
		t.Fatal(err)
	}
	engines := newest(t)
	operations, played := 0, 0
	for _, folder := range folders {
		chart := scenario.Chart{Dir: filepath.Join(chartsDir, folder.Name())}
		for _, helm := range helms {
			found, ok := targets(chart, engines[helm])
			if !ok {
				continue
			}
			t.Run(folder.Name()+" helm"+helm, func(t *testing.T) {
				maker := lifeMaker{helm: helm, all: folder.Name() == "every-event"}
				for _, target := range found {
					for _, point := range target.points() {
						for i, steps := range maker.lives(target, point) {
							if testing.Short() && (i+maker.round)%5 != 0 {
								continue
							}
							sc := scenario.Scenario{Release: "r", Namespace: "default", Charts: []scenario.Chart{chart}, Steps: steps}
							n, err := agree(t, sc, engines, Run)
							if err != nil {
								continue
							}
							operations += n
							played++
						}
					}
				}
			})
		}
	}
	t.Logf("%d lives with a fault agree, %d operations compared", played, operations)
	if !testing.Short() && played < 1000 {
		t.Errorf("only %d lives were played", played)
	}
}
