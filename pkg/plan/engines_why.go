package plan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// repetition is what becomes of a hook the next time that its moment comes.
type repetition int

const (
	runsAgain repetition = iota
	failsAgain
	notAgain
)

// compare holds every cell against the first of its row.
func (c *engineTable) compare() {
	for _, row := range c.rows {
		for e := range row.Cells {
			cell := &row.Cells[e]
			cell.Agreement, cell.Differences = AgreementSame, []EngineDifference{}
			if e == 0 {
				if cell.Fate == FateOrdinary && (cell.Wave != 0 || cell.moved) {
					cell.Agreement = AgreementSimilar
				}
				continue
			}
			cell.Differences = append(cell.Differences, c.differences(e, row)...)
			for _, d := range cell.Differences {
				switch {
				case d.Aspect == AspectFate, d.Aspect == AspectMoments, d.Aspect == AspectAgain:
					cell.Agreement = AgreementDifferent
				case cell.Agreement == AgreementSame:
					cell.Agreement = AgreementSimilar
				}
			}
		}
	}
}

func (c *engineTable) differences(e int, row *engineRow) []EngineDifference {
	base, cell := &row.Cells[0], &row.Cells[e]
	engine := c.plans[e].Engine
	var all []EngineDifference
	add := func(aspect Aspect, whys ...string) {
		for _, why := range whys {
			if why != "" {
				all = append(all, EngineDifference{aspect, why})
			}
		}
	}
	switch {
	case base.Fate != cell.Fate:
		if !sameInEffect(base.Fate, cell.Fate) {
			add(AspectFate, c.fateWhy(e, row))
		}
		return all
	case cell.Fate == FateOrdinary:
		if base.Wave != cell.Wave || base.moved != cell.moved {
			add(AspectOrder, placeWhy(engine, cell))
		}
		return all
	case cell.Fate != FateRuns:
		return all
	}
	add(AspectMoments, momentsWhy(engine, base, cell))
	unequal := endingsWhys(base, cell)
	add(AspectMoments, unequal...)
	if base.again != cell.again && len(unequal) == 0 {
		add(AspectAgain, againWhy(engine, cell.again))
	}
	if c.found(e, ruleFluxLogs, row) {
		add(AspectAgain, "crashes helm-controller 1.6.3 when its logs are to be printed ("+ruleFluxLogs+")")
	}
	add(AspectOrder, c.orderWhys(e, row)...)
	add(AspectWaits, waitsWhy(base, cell))
	add(AspectDeletion, deletionWhys(engine, base, cell)...)
	return all
}

// sameInEffect: a List and its members tell of each other, and what one engine does not have another does not
// have to make.
func sameInEffect(a, b Fate) bool {
	return slices.Contains([]Fate{FatePart, FateParts}, a) || slices.Contains([]Fate{FatePart, FateParts}, b)
}

// fateWhy says why an engine makes something else of an object than the first one does.
func (c *engineTable) fateWhy(e int, row *engineRow) string {
	base, cell, engine := &row.Cells[0], &row.Cells[e], c.plans[e].Engine
	switch cell.Fate {
	case FateDropped:
		return "Helm drops it when it renders (" + cell.Rule + ")"
	case FateNever:
		return neverWhy(c.plans[e], base, cell)
	case FateAtOnce:
		return c.atOnceWhy(e, row)
	case FateAbsent:
		return c.absentWhy(e, row)
	case FateOrdinary:
		switch {
		case base.own:
			return "an ordinary object: only Argo CD reads argocd.argoproj.io/hook"
		case engine.Name == engineArgo && strings.TrimSpace(row.Value) == "crd-install":
			return "an ordinary object: crd-install alone is no hook to Argo CD"
		case row.Value == "":
			return "an ordinary object"
		}
		return "an ordinary object, in spite of helm.sh/hook"
	}
	phases := enumerate(phasesOfCell(cell), "and")
	switch {
	case cell.own:
		return "runs in " + phases + ", as argocd.argoproj.io/hook says"
	case base.Fate == FateNever:
		return "is made, and runs"
	case base.Fate == FateDropped && engine.Name == engineArgo:
		return "runs in " + phases + ": no Helm stands in front of plain YAML, and Argo CD passes over what it does not know"
	}
	return "is a hook, with a time, an order and deletions of its own"
}

func neverWhy(p Plan, base, cell *EngineCell) string {
	engine := p.Engine
	switch {
	case slices.ContainsFunc(p.Timelines, func(t Timeline) bool { return t.Outcome.Refused }) && cell.message == "":
		return "nothing is made at all: see what fails by itself"
	case cell.message != "":
		return strings.TrimSuffix(cell.message, ".")
	case engine.Name == engineFlux && slices.Contains(base.moments(), atTest):
		return "Flux runs tests only with spec.test.enable"
	case engine.Name == engineFlux:
		return "Flux rolls back only to undo a failed upgrade (spec.upgrade.remediation)"
	}
	return "no action runs it"
}

// atOnceWhy: nothing is too late or too early for an engine that knows no hooks.
func (c *engineTable) atOnceWhy(e int, row *engineRow) string {
	if c.found(e, ruleOutOfTurn, row) {
		return "applied at once with everything else, before its time (" + ruleOutOfTurn + ")"
	}
	return "applied at once with everything else: no order, no wait, no deletion"
}

// found says that a rule was found about an object.
func (c *engineTable) found(e int, rule string, row *engineRow) bool {
	return slices.ContainsFunc(c.plans[e].Findings, func(f Finding) bool { return row.isAbout(f) && f.Rule == rule })
}

// isAbout says that a finding is about the object of the row.
func (r *engineRow) isAbout(f Finding) bool {
	return f.Object == r.Object && f.Template == r.Template && (r.key.document == anyDocument || r.key.document == f.Document)
}

// absentWhy: a render as an install leaves out what a chart renders for upgrades alone; of two objects of one name
// Argo CD takes the last.
func (c *engineTable) absentWhy(e int, row *engineRow) string {
	for _, other := range c.rows {
		if other.key != row.key && other.Object == row.Object && other.Cells[e].doc != nil {
			return "not made: " + other.Template + " has another object of this name, which takes its place"
		}
	}
	if name := c.plans[e].Engine.Name; name == engineArgo || name == engineTemplate {
		return "not rendered: helm template renders an install, never an upgrade, and leaves out what a flag says"
	}
	return "not rendered"
}

func placeWhy(engine Engine, cell *EngineCell) string {
	switch {
	case cell.moved:
		return "goes ahead into " + cell.Phase + ", since a hook there needs it"
	case cell.Wave != 0 && engine.Name == engineArgo:
		return fmt.Sprintf("is in wave %d of %s: weights and waves count for ordinary objects too", cell.Wave, cell.Phase)
	}
	return "is made with all other ordinary objects"
}

func phasesOfCell(cell *EngineCell) []string {
	var phases []string
	for _, run := range cell.Runs {
		if !slices.Contains(phases, run.Phase) {
			phases = append(phases, run.Phase)
		}
	}
	return phases
}

// momentsWhy says at which moments a hook runs that the first engine lets pass, and the reverse.
func momentsWhy(engine Engine, base, cell *EngineCell) string {
	was, is := base.moments(), cell.moments()
	if slices.Equal(was, is) {
		return ""
	}
	gained := slices.DeleteFunc(slices.Clone(is), func(m moment) bool { return slices.Contains(was, m) })
	lost := slices.DeleteFunc(slices.Clone(was), func(m moment) bool { return slices.Contains(is, m) })
	has := func(all []moment, some ...moment) bool {
		return slices.ContainsFunc(all, func(m moment) bool { return slices.Contains(some, m) })
	}
	switch {
	case engine.Name == engineArgo && cell.own:
		return "runs in " + enumerate(phasesOfCell(cell), "and") + ", as argocd.argoproj.io/hook says"
	case engine.Name == engineArgo:
		return argoMomentsWhy(gained, lost, has)
	case engine.Name == engineFlux && len(gained) == 0 && has(lost, beforeRollback, afterRollback, atTest):
		var never []string
		if has(lost, beforeRollback, afterRollback) {
			never = append(never, "rolls back only to undo a failed upgrade (spec.upgrade.remediation)")
		}
		if has(lost, atTest) {
			never = append(never, "runs tests only with spec.test.enable")
		}
		return "Flux " + enumerate(never, "and")
	}
	return "runs in " + enumerate(phasesOfCell(cell), "and") + " alone"
}

// endingsWhys tell the phases which both engines have and which only one comes to, or gets through. What fails because
// the object is still there is told as the next run.
func endingsWhys(base, cell *EngineCell) []string {
	var whys []string
	for _, run := range cell.Runs {
		i := slices.IndexFunc(base.Runs, func(other EngineRun) bool { return other.Phase == run.Phase })
		if i < 0 || base.Runs[i].Step.Result == run.Step.Result {
			continue
		}
		switch {
		case run.Step.Result == Skipped:
			whys = append(whys, "is not reached in "+run.Phase+": what comes before it fails")
		case base.Runs[i].Step.Result == Skipped:
			whys = append(whys, "is reached in "+run.Phase)
		case cell.again != base.again:
		case run.Step.Result == Failed:
			whys = append(whys, "fails in "+run.Phase)
		default:
			whys = append(whys, "does not fail in "+run.Phase)
		}
	}
	return whys
}

// argoMomentsWhy: install and upgrade are one to Argo CD, and what its rollback does runs no hooks.
func argoMomentsWhy(gained, lost []moment, has func([]moment, ...moment) bool) string {
	var said []string
	switch first, later := has(gained, beforeFirst, afterFirst), has(gained, beforeLater, afterLater); {
	case first && later:
		said = append(said, "runs in every sync at both points, the first sync included")
	case first:
		said = append(said, "runs in the first sync too, not in upgrades alone")
	case later:
		said = append(said, "runs in every sync, not in the first alone")
	}
	if has(lost, beforeRollback, afterRollback) {
		said = append(said, "runs in no rollback")
	}
	if has(lost, atTest) {
		said = append(said, "is never run as a test")
	}
	if has(lost, beforeDeletion, afterDeletion) {
		said = append(said, "does not run in the deletion, since what the sync left counts as the finished delete hook")
	}
	return enumerate(said, "and")
}

func againWhy(engine Engine, again repetition) string {
	switch again {
	case failsAgain:
		return "the next run fails, since the object of the last one is still there (" + ruleExists + ")"
	case notAgain:
		if engine.Name == engineArgo {
			return "does not run again in the next sync: the finished one is still there, and counts as done"
		}
		return "does not run again: the finished one is still there, and success is reported (" + ruleNotRun + ")"
	}
	return "runs again each time"
}

// waitsWhy tells a wait that only one of two engines has.
func waitsWhy(base, cell *EngineCell) string {
	was, is := base.Runs[0].Step, cell.Runs[0].Step
	switch {
	case was.WaitsFor == is.WaitsFor || was.Result == Skipped || is.Result == Skipped:
		return ""
	case is.WaitsFor == WaitsHealthy && is.Prediction == Likely:
		return "is waited for, if Argo CD has a health check for its kind"
	case is.WaitsFor == WaitsHealthy:
		return "is waited for until it is healthy, and not only made"
	case was.WaitsFor == WaitsHealthy:
		return "is made, and not waited for until it is healthy"
	}
	return "is waited for until " + string(is.WaitsFor)
}

// deletionWhys tell when the object goes, where that is another time. Source of Argo CD's: gitops-engine
// pkg/sync/sync_context.go deleteHooks, argo-cd 3.6.1 controller/hook.go.
func deletionWhys(engine Engine, base, cell *EngineCell) []string {
	was, is := deletionOf(base), deletionOf(cell)
	var whys []string
	say := func(policy DeletePolicy, text, without string) {
		switch a, b := was[policy], is[policy]; {
		case a == b:
		case b != "":
			whys = append(whys, text)
		default:
			whys = append(whys, without)
		}
	}
	argo := engine.Name == engineArgo
	if argo && cell.Runs[0].Step.PolicyFromDefault && !base.Runs[0].Step.PolicyFromDefault {
		whys = append(whys, "a delete policy with no known word is the default: deleted before the next run")
	} else {
		say(BeforeHookCreation, "is deleted before the next run", "is not deleted before the next run")
	}
	if argo {
		say(HookSucceeded, "is deleted once the whole sync has succeeded, not once its phase has", "is not deleted when it has succeeded")
		say(HookFailed, "is deleted when the sync fails, even if it has succeeded itself", "is not deleted when it fails")
	} else {
		say(HookSucceeded, "is deleted once its event is over", "is not deleted when it has succeeded")
		say(HookFailed, "is deleted if it fails itself", "is not deleted when it fails")
	}
	switch {
	case base.left == cell.left || !base.ranByTheEnd() || !cell.ranByTheEnd():
	case cell.left:
		whys = append(whys, "stays in the cluster at the end")
	case argo:
		whys = append(whys, "goes with the deletion of the Application; an uninstall leaves it")
	default:
		whys = append(whys, "does not stay at the end")
	}
	return whys
}

// ranByTheEnd says that a hook has run before a first release is deleted, or then: what was made by an upgrade or a test
// exists only if there was one.
func (cell *EngineCell) ranByTheEnd() bool {
	return slices.ContainsFunc(cell.moments(), func(m moment) bool {
		return m == beforeFirst || m == afterFirst || m == amidst || m == beforeDeletion || m == afterDeletion
	})
}

// deletionOf is what each policy in force means to a cell, so that only equal meanings are equal.
func deletionOf(cell *EngineCell) map[DeletePolicy]string {
	meaning := map[DeletePolicy]string{}
	crd := cell.Runs[0].Step.Hook.Kind == "CustomResourceDefinition"
	for _, run := range cell.Runs {
		argo := run.Action == Sync || run.Action == Delete
		for _, policy := range run.Step.DeletePolicies {
			switch {
			case !slices.Contains(knownPolicies[:], policy), crd && !argo:
			case policy == BeforeHookCreation:
				meaning[policy] = "before"
			case run.Action == Delete || run.Action == Uninstall:
				// What a deletion leaves is compared by itself.
				meaning[policy] = "deletion"
			default:
				meaning[policy] = strconv.FormatBool(argo)
			}
		}
	}
	return meaning
}
