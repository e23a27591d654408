package plan

import (
	"slices"
	"time"
)

// DefaultTimeout is Helm's --timeout when none is given.
const DefaultTimeout = 5 * time.Minute

// allActions are the timelines of a plan that asks for none in particular.
var allActions = []Action{Install, Upgrade, Rollback, Uninstall, Test}

// Make plans the wanted actions of one source. Install starts in an empty cluster; every other action
// starts where the machine's own install of the same source, or of Input.From, left things; with
// Input.Then the actions follow one another.
func Make(input Input) (Plan, error) {
	if other := input.Engine.planner(); other != nil {
		if err := input.onlyForHelm(); err != nil {
			return Plan{}, err
		}
		return other(input)
	}
	p, _, err := makeHelm(input)
	return p, err
}

// makeHelm is Make for engines that run Helm. The player may go on to play.
func makeHelm(input Input) (Plan, *player, error) {
	input, err := input.underFlux()
	if err != nil {
		return Plan{}, nil, err
	}
	p := Plan{Engine: input.Engine, Release: input.Release, Unknown: slices.Clone(input.Unknown), Life: input.Then != nil}
	player, inventories, err := newPlayer(input)
	if err != nil {
		return Plan{}, nil, err
	}
	first := inventories[0]
	p.inventories = inventories
	p.Resources, p.Hooks = len(first.Resources), len(first.Hooks)
	p.Documents = p.Resources + p.Hooks + len(first.Dropped)
	p.Ignored, p.Findings = diagnoseAll(inventories, input)
	if input.AlreadyRendered {
		p.Ignored, p.Unknown = nil, withDropUnknown(p.Unknown)
	}
	if err = player.fill(&p); err != nil {
		return Plan{}, nil, err
	}
	observed, err := player.observed(inventories)
	if err != nil {
		return Plan{}, nil, err
	}
	if input.Live == nil && input.From == nil && len(input.Faults) == 0 {
		if p.hangs, err = player.hangs(inventories); err != nil {
			return Plan{}, nil, err
		}
	}
	p.Findings = shownFindings(mergeFindings(p.Findings, observed), actionsOf(p.Timelines))
	p.Unknown = append(p.Unknown, laterUpgrades(inventories)...)
	attach(&p, changingNames(inventories))
	if input.Options.NoHooks {
		p.Findings = aboutShown(p.Findings, p.Timelines, inventories)
		attach(&p, changingNames(inventories))
	}
	markSame(p.Timelines)
	if input.Flux != nil {
		p.Remarks = append(p.Remarks, fluxRemarks(&p, input.Flux, inventories)...)
	}
	return p, player, nil
}

// fill plays the timelines, and what is to be done about the state of a live release.
func (p *player) fill(to *Plan) (err error) {
	if p.input.Flux != nil {
		err = p.flux(to)
	} else {
		to.Timelines, err = p.timelines()
	}
	if err != nil {
		return err
	}
	to.Faults = p.input.Faults
	if p.input.Flux == nil {
		to.WayOut, err = p.wayOut()
	}
	return err
}

// observed are the findings of a life, with those of lint where they are asked for.
func (p *player) observed(inventories []Inventory) ([]Finding, error) {
	observed, err := observe(p, inventories)
	if err != nil {
		return nil, err
	}
	if p.input.Lint {
		more, err := lintFindings(p, inventories)
		if err != nil {
			return nil, err
		}
		observed = append(observed, more...)
	}
	if p.input.Flux != nil {
		return p.foundUnderFlux(observed, inventories)
	}
	return observed, nil
}

// withDropUnknown says that nobody can know what Helm dropped before.
func withDropUnknown(facts []UnknownFact) []UnknownFact {
	if slices.ContainsFunc(facts, func(u UnknownFact) bool { return u.What == "ignored" }) {
		return facts
	}
	return append(facts, UnknownFact{
		What:      "ignored",
		Why:       "this input was already rendered by Helm, which leaves no trace of what it dropped",
		HowToKnow: "plan the chart itself",
	})
}

func actionsOf(timelines []Timeline) []Action {
	var actions []Action
	for _, t := range timelines {
		actions = append(actions, t.Action)
	}
	return actions
}

// inventoriesOf gives what an install, an upgrade and a later upgrade hold, or three upgrades of a release that has
// stored revisions already. They are one and the same where no template can tell revisions apart.
func inventoriesOf(s *stock, stored int) ([]Inventory, error) {
	var inventories []Inventory
	for next := stored + 1; next <= stored+3; next++ {
		fields := Fields{Revision: next, IsUpgrade: next > 1}
		inventory, err := s.get(fields)
		if err != nil {
			return nil, err
		}
		inventories = append(inventories, inventory)
	}
	return inventories, nil
}

// diagnoseAll looks at both inventories and says each thing once.
func diagnoseAll(inventories []Inventory, input Input) ([]Ignored, []Finding) {
	ignored, findings := []Ignored{}, []Finding{}
	type place struct {
		template, value, rule, message string
		document                       int
		object                         Object
	}
	seen := map[place]bool{}
	for i, inventory := range inventories {
		if i > 0 && sameInventory(inventories[i-1], inventory) {
			continue
		}
		dropped, found := diagnose(inventory, input.Engine, input.File)
		for _, d := range dropped {
			at := place{template: d.Template, value: d.Value, rule: d.Rule, document: d.Index, object: d.Object}
			if !seen[at] {
				seen[at] = true
				ignored = append(ignored, d)
			}
		}
		for _, f := range found {
			at := place{template: f.Template, rule: f.Rule, document: f.Document, object: f.Object, message: f.Message}
			if !seen[at] {
				seen[at] = true
				findings = append(findings, f)
			}
		}
	}
	return ignored, findings
}

// aboutShown leaves out findings about hooks that no timeline runs (--no-hooks).
func aboutShown(all []Finding, timelines []Timeline, inventories []Inventory) []Finding {
	hooks, runs := map[place]bool{}, map[place]bool{}
	for _, inventory := range inventories {
		for i := range inventory.Hooks {
			hooks[placeOf(&inventory.Hooks[i].Parsed)] = true
		}
	}
	for _, timeline := range timelines {
		for _, phase := range timeline.Phases {
			for _, step := range phase.Steps {
				runs[placeOf(&step.Hook.Parsed)] = true
			}
		}
	}
	shown := []Finding{}
	for _, f := range all {
		if at := (place{f.Template, f.Document, f.Object}); !hooks[at] || runs[at] {
			shown = append(shown, f)
		}
	}
	return shown
}

// shownFindings leaves out what was observed in an action that nobody asked for.
func shownFindings(all []Finding, actions []Action) []Finding {
	shown := []Finding{}
	for _, f := range all {
		if f.Action == "" || slices.Contains(actions, f.Action) || f.Rule == ruleExists || f.Rule == ruleNotRun {
			shown = append(shown, f)
		}
	}
	return shown
}

// laterUpgrades says when the upgrades after the one that is shown run other hooks.
func laterUpgrades(inventories []Inventory) []UnknownFact {
	second, third := inventories[1].Hooks, inventories[2].Hooks
	same := slices.EqualFunc(second, third, func(a, b Hook) bool {
		return placeOf(&a.Parsed) == placeOf(&b.Parsed) && a.Weight == b.Weight &&
			slices.Equal(a.Events, b.Events) && slices.Equal(a.DeletePolicies, b.DeletePolicies)
	})
	if same {
		return nil
	}
	return []UnknownFact{{
		What:      "upgrades",
		Why:       "the templates look at .Release.Revision: the upgrade shown makes revision 2, and already revision 3 has other hooks",
		HowToKnow: "helm template --is-upgrade cannot show it either: read the conditions on .Release.Revision in the templates",
	}}
}

// fold makes a timeline of a trace.
func fold(trace Trace, engine Engine, options Options) Timeline {
	t := Timeline{
		ID: string(trace.Action), Action: trace.Action, Revision: trace.Revision,
		Phases: trace.phases, Operations: trace.Operations, Outcome: trace.Outcome,
	}
	if t.Operations == nil {
		t.Operations = []Operation{}
	}
	t.addWaits(engine.rules(), options)
	return t
}

// crdWait is the fixed wait for new CRDs (pkg/action/install.go installCRDs).
const crdWait = 60 * time.Second

// addWaits adds up what all waits of the timeline may take together. --timeout bounds each wait on its
// own, never the action.
func (t *Timeline) addWaits(r rules, options Options) {
	var total time.Duration
	for _, op := range t.Operations {
		switch {
		case op.Idle || (op.Op == OpWait && !op.Hook && len(op.Objects) == 0):
			continue
		case op.Phase == phaseCRDs && op.Op == OpWait:
			total += crdWait
		case op.Op == OpWait && op.Hook && !slices.ContainsFunc(op.Objects, watched):
			continue
		case options.Timeout == 0 && r.waiters && !r.zeroTimeoutIsThirtySeconds,
			op.Op == OpWait && op.Hook && options.Timeout == 0 && (!r.waiters || options.Wait == WaitLegacy):
			t.Unbounded = true
		case (op.Op == OpWait || op.Op == OpWaitDeleted) && options.Timeout == 0 && r.zeroTimeoutIsThirtySeconds:
			total += 30 * time.Second
		case op.Op == OpWait || op.Op == OpWaitDeleted:
			total += options.Timeout
		default:
			continue
		}
		t.Waits++
	}
	t.WorstCase = int64(total)
}

// markSame finds the timelines whose phases hold the same steps as an earlier one's, so that they need
// to be printed once.
func markSame(timelines []Timeline) {
	for i := range timelines {
		for k := range timelines[:i] {
			if timelines[k].SameAs == "" && sameSteps(timelines[k], timelines[i]) {
				timelines[i].SameAs = timelines[k].Action
				break
			}
		}
	}
}

func sameSteps(a, b Timeline) bool {
	phasesA, phasesB := withoutCRDs(a.Phases), withoutCRDs(b.Phases)
	if len(phasesA) != len(phasesB) || a.Outcome.Result != b.Outcome.Result || a.Outcome.Error != b.Outcome.Error {
		return false
	}
	for i := range phasesA {
		if !samePhase(phasesA[i], phasesB[i]) {
			return false
		}
	}
	return true
}

// withoutCRDs leaves out the phase that only an install has.
func withoutCRDs(phases []Phase) []Phase {
	if len(phases) > 0 && phases[0].Name == phaseCRDs {
		return phases[1:]
	}
	return phases
}

func samePhase(a, b Phase) bool {
	isResources := a.Name == phaseResources
	if isResources != (b.Name == phaseResources) || a.Waited != b.Waited || a.Result != b.Result ||
		len(a.Steps) != len(b.Steps) || !slices.Equal(a.Kinds, b.Kinds) {
		return false
	}
	for i := range a.Steps {
		x, y := a.Steps[i], b.Steps[i]
		if x.Hook.Template != y.Hook.Template || x.Hook.Index != y.Hook.Index || x.Hook.Object != y.Hook.Object ||
			x.Result != y.Result || x.NotRun != y.NotRun || x.Hook.Weight != y.Hook.Weight ||
			!slices.Equal(x.DeletePolicies, y.DeletePolicies) {
			return false
		}
	}
	return true
}
