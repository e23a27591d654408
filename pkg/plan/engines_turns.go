package plan

import (
	"fmt"
	"slices"
	"strings"
)

// moment is a point in the life of what is deployed, whatever an engine calls it.
type moment int

const (
	beforeFirst moment = iota
	afterFirst
	beforeLater
	afterLater
	beforeRollback
	afterRollback
	beforeDeletion
	afterDeletion
	atTest
	amidst
	atFailure
)

// momentsOf are the moments of a phase: Argo CD knows no difference between the first sync and later ones.
func momentsOf(phase string) []moment {
	switch phase {
	case string(PreInstall):
		return []moment{beforeFirst}
	case string(PostInstall):
		return []moment{afterFirst}
	case string(PreUpgrade):
		return []moment{beforeLater}
	case string(PostUpgrade):
		return []moment{afterLater}
	case string(PreRollback):
		return []moment{beforeRollback}
	case string(PostRollback):
		return []moment{afterRollback}
	case string(PreDelete), argoPreDelete:
		return []moment{beforeDeletion}
	case string(PostDelete), argoPostDelete:
		return []moment{afterDeletion}
	case string(TestEvent):
		return []moment{atTest}
	case argoPreSync:
		return []moment{beforeFirst, beforeLater}
	case argoPostSync:
		return []moment{afterFirst, afterLater}
	case argoSyncFail:
		return []moment{atFailure}
	}
	return []moment{amidst}
}

// moments are those at which a hook really runs or is due. A delete hook that Argo CD takes for finished has none:
// there the run of the sync counts.
func (cell *EngineCell) moments() []moment {
	var all []moment
	for _, run := range cell.Runs {
		if run.Action == Delete && run.Step.NotRun {
			continue
		}
		for _, m := range momentsOf(run.Phase) {
			if !slices.Contains(all, m) {
				all = append(all, m)
			}
		}
	}
	slices.Sort(all)
	return all
}

// turn is a run at a moment.
type turn struct {
	key   engineKey
	ref   string
	order int
	wave  *int
	// together says that what stands beside it in the phase, or in its wave, is made at the same time.
	together bool
	// completes says that it does work which comes to an end.
	completes bool
}

func (c *engineTable) addTurn(engine int, phase *Phase, step *Step) {
	key := engineKey{step.Hook.Template, step.Hook.Object, anyDocument}
	if c.doubled[key] {
		key.document = step.Hook.Index
	}
	argo := c.plans[engine].Engine.Name == engineArgo
	one := turn{key: key, ref: step.Hook.Object.Ref(), order: step.Order, wave: step.Wave, together: argo, completes: runsToCompletion(step.Hook.Object)}
	for _, m := range momentsOf(phase.Name) {
		c.turns[engine][m] = append(c.turns[engine][m], one)
	}
}

// sequence is how two runs of one moment stand to each other.
type sequence int

const (
	comesBefore sequence = iota + 1
	comesAfter
	atOnce
)

// against says whether a run comes before another one. Argo CD applies a wave kind by kind without waiting, so that
// in a wave an object still comes before a Job, while two Jobs run together; delete hooks are made in no order
// (gitops-engine pkg/sync/sync_context.go runTasks; argo-cd 3.6.1 controller/hook.go executeHooks).
func (a turn) against(b turn) sequence {
	earlier, order := a, comesBefore
	if b.order < a.order {
		earlier, order = b, comesAfter
	}
	sameWave := a.wave == nil || b.wave == nil || *a.wave == *b.wave
	if a.together && sameWave && (earlier.completes || a.wave == nil) {
		return atOnce
	}
	return order
}

// orderWhys tell the hooks to which a Job or a Pod stands in another order than under the first engine. Which of two
// other objects is made first changes nothing for hooks.
func (c *engineTable) orderWhys(engine int, row *engineRow) []string {
	together, before, after := []string{}, []string{}, []string{}
	noWaves := false
	note := func(list *[]string, ref string) {
		if !slices.Contains(*list, ref) {
			*list = append(*list, ref)
		}
	}
	for m := beforeFirst; m <= atFailure; m++ {
		base, here := c.turns[0][m], c.turns[engine][m]
		mine, ok := turnOf(here, row.key)
		was, had := turnOf(base, row.key)
		if !ok || !had || !mine.completes {
			continue
		}
		for _, other := range here {
			then, known := turnOf(base, other.key)
			if other.key == row.key || !known || mine.against(other) == was.against(then) {
				continue
			}
			switch mine.against(other) {
			case atOnce:
				note(&together, other.ref)
				noWaves = noWaves || mine.wave == nil
			case comesBefore:
				note(&before, other.ref)
			case comesAfter:
				note(&after, other.ref)
			}
		}
	}
	var whys []string
	if len(together) > 0 {
		why := "equal weights"
		if noWaves {
			why = "hooks of a deletion have no order"
		}
		whys = append(whys, fmt.Sprintf("comes at the same time as %s (%s)", few(together), why))
	}
	if len(before) > 0 {
		whys = append(whys, "comes before "+few(before)+c.orderReason(engine))
	}
	if len(after) > 0 {
		whys = append(whys, "comes after "+few(after)+c.orderReason(engine))
	}
	return whys
}

func (c *engineTable) orderReason(engine int) string {
	if c.plans[engine].Engine.Name == engineArgo {
		return " (wave, then kind, then name)"
	}
	return " (weight, then name)"
}

// few names the first objects of a list and counts the others.
func few(refs []string) string {
	const most = 3
	if len(refs) > most+1 {
		return fmt.Sprintf("%s and %d more", strings.Join(refs[:most], ", "), len(refs)-most)
	}
	return enumerate(refs, "and")
}

func turnOf(all []turn, key engineKey) (turn, bool) {
	for _, one := range all {
		if one.key == key {
			return one, true
		}
	}
	return turn{}, false
}
