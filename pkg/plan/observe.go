package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// observer plays a life and notes what surprises.
type observer struct {
	player   *player
	input    Input
	findings []Finding
	seen     map[string]bool
	// before is what the release is made of at first, inventories what the chart gives.
	before      Inventory
	inventories []Inventory
}

// observe runs a life of the source (install, two upgrades, rollback, test, uninstall, install again) and
// reports what fails, is silently not done, or is left behind. What fails is told once and then undone,
// so that each observation is about a release on which all went well before.
func observe(p *player, inventories []Inventory) ([]Finding, error) {
	o := &observer{player: p, input: p.input, seen: map[string]bool{}}
	before := inventories[0]
	if p.live != nil && p.live.last() != nil {
		before = p.live.last().inventory
	}
	if p.old != p.chart {
		before = p.inventories[len(p.inventories)-1]
	}
	o.before, o.inventories = before, inventories
	for _, inventory := range inventories {
		o.neverComplete(inventory)
		o.sharedNames(inventory)
		o.kindOrder(inventory)
	}
	o.changingNames(inventories)
	o.becomesHook(before, inventories[1])
	installed, failed, err := o.begin()
	if err != nil || failed {
		return o.findings, err
	}
	state, second, err := o.try(installed, Upgrade, false)
	if err != nil {
		return nil, err
	}
	if second.Outcome.Result == OK {
		var third Trace
		if state, third, err = o.try(state, Upgrade, false); err != nil {
			return nil, err
		}
		o.everyUpgrade(second, third)
		if _, _, err = o.try(state, Rollback, false); err != nil {
			return nil, err
		}
	}
	if err = o.testTwice(installed); err != nil {
		return nil, err
	}
	gone, last, err := o.try(state, Uninstall, false)
	if err != nil || last.Outcome.Result == Failed {
		return o.findings, err
	}
	o.leftAfterUninstall(gone, inventories)
	_, _, err = o.try(gone, Install, true)
	return o.findings, err
}

// begin gives the release that the life goes on with: the live one, else what an install makes.
func (o *observer) begin() (installed State, failed bool, err error) {
	if live := o.player.live; live != nil {
		if live.last() != nil {
			return *live, false, nil
		}
		installed = *live
	}
	installed, trace, err := o.try(installed, Install, false)
	return installed, trace.Outcome.Result == Failed, err
}

// testTwice runs the tests and then runs them again.
func (o *observer) testTwice(installed State) error {
	tested, first, err := o.try(installed, Test, false)
	if err != nil || first.Outcome.Result == Failed {
		return err
	}
	_, _, err = o.try(tested, Test, true)
	return err
}

// try plays one action and notes what surprises. Where it fails, the state stays as it was.
func (o *observer) try(state State, action Action, again bool) (State, Trace, error) {
	options := o.player.leading(action)
	if action == Rollback && o.player.live == nil {
		options.RollbackTo = 1
	}
	stock := o.player.chart
	if action == Install && !again {
		stock = o.player.old
	}
	trace, next, err := stock.run(state, Command{Action: action, Options: options})
	if err != nil {
		return State{}, Trace{}, err
	}
	o.steps(trace, again)
	if trace.Outcome.Result == Failed {
		o.failure(trace, again)
		return state, trace, nil
	}
	return next, trace, nil
}

func (o *observer) note(id string, p *Parsed, action Action, phase, message, fix string) {
	o.add(p, Finding{Rule: id, Action: action, Phase: phase, Message: message, Fix: fix})
}

// add completes a finding about a document and keeps it, unless the same was said before.
func (o *observer) add(p *Parsed, f Finding) {
	key := strings.Join([]string{f.Rule, p.Template, fmt.Sprint(p.Index), p.Object.Ref(), f.Message}, "\x00")
	if f.Rule == ruleExists || f.Rule == ruleNotRun || f.Rule == ruleFails {
		// One cause shows up again in each later action; the first time is enough.
		key = strings.Join([]string{"run", p.Template, fmt.Sprint(p.Index), p.Object.Ref()}, "\x00")
	}
	if o.seen[key] {
		return
	}
	o.seen[key] = true
	f.Object, f.Template, f.Document = p.Object, p.Template, p.Index
	f.Severity, f.Prediction = cmp.Or(f.Severity, severityOf(f.Rule)), cmp.Or(f.Prediction, Proven)
	if p.ScopeUnknown {
		f.Prediction = Likely
	}
	if o.input.File != nil && p.Template != "" {
		f.File = o.input.File(p.Template)
	}
	o.findings = append(o.findings, f)
}

// steps looks at what became of each hook.
func (o *observer) steps(trace Trace, again bool) {
	for _, phase := range trace.phases {
		for _, step := range phase.Steps {
			h := step.Hook
			exists := step.Result == Failed && strings.Contains(step.Error, "already exists")
			if !exists && (!step.NotRun || step.Result != OK) || o.standsForAnother(&h) {
				continue
			}
			if !exists && h.NeverCompletes != "" && o.input.Engine.rules().fluxWaiter {
				continue // HH105 tells of it
			}
			f := Finding{Action: trace.Action, Phase: phase.Name, Fix: createFix(h, trace)}
			f, condition := unlessExpired(f, trace, phase, h)
			if exists {
				f.Rule, f.Message = ruleExists, o.existsMessage(trace, phase, h, again, condition)
			} else {
				f.Rule, f.Message = ruleNotRun, fmt.Sprintf("%s does not run again in %s%s: the finished one is still there, so Helm applies over it, finds it complete and reports success",
					h.Object.Ref(), when(trace.Action, phase, again), condition)
			}
			o.add(&h.Parsed, f)
		}
	}
}

// when says in which run something was seen.
func when(action Action, phase Phase, again bool) string {
	switch {
	case action == Test && again:
		return "the next helm test"
	case again:
		return phase.Name + " of a second install, since uninstall leaves it"
	case action == Install:
		return phase.Name
	case action == Test:
		return "helm test"
	case action == Upgrade:
		return phase.Name + " of the next upgrade"
	default:
		return phase.Name + " of " + string(action)
	}
}

func (o *observer) existsMessage(trace Trace, phase Phase, h Hook, again bool, condition string) string {
	why := fmt.Sprintf("its delete policy %q has no before-hook-creation", policyText(h))
	if h.Kind == "CustomResourceDefinition" {
		why = "Helm never deletes a CustomResourceDefinition, whatever its policy"
	}
	if earlier := ranEarlier(trace, phase, h); earlier != "" {
		return fmt.Sprintf("%s fails in %s%s: the object of its run in %s already exists, as %s", h.Object.Ref(), when(trace.Action, phase, again), condition, earlier, why)
	}
	if trace.Action == Install && !again {
		return fmt.Sprintf("%s fails in %s: another object of that name already exists by then, and %s", h.Object.Ref(), phase.Name, why)
	}
	return fmt.Sprintf("%s fails in %s%s: the object of the last run already exists, as %s", h.Object.Ref(), when(trace.Action, phase, again), condition, why)
}

func policyText(h Hook) string {
	for _, a := range h.Annotations {
		if a.Key == annotationDelete {
			return a.Value
		}
	}
	return string(BeforeHookCreation)
}

func createFix(h Hook, trace Trace) string {
	if h.Kind == "CustomResourceDefinition" {
		return "move the CustomResourceDefinition to the chart's crds/ folder"
	}
	if slices.Contains(effectivePolicies(&h), BeforeHookCreation) || namedTwice(h, trace) {
		return "give the two objects different names"
	}
	if what := goesWith(h.Object); what != "" {
		return fmt.Sprintf("remove %s: before-hook-creation would delete it before each run, %s", annotationHook, what)
	}
	var kept []string
	for _, policy := range h.DeletePolicies {
		if policy == HookSucceeded || policy == HookFailed {
			kept = append(kept, string(policy))
		}
	}
	kept = append([]string{string(BeforeHookCreation)}, kept...)
	return fmt.Sprintf("write %s: %s", annotationDelete, strings.Join(kept, ","))
}

func (o *observer) leftAfterUninstall(state State, inventories []Inventory) {
	left := map[Object]bool{}
	for _, object := range state.Left() {
		left[object] = true
	}
	for _, inventory := range inventories {
		for i := range inventory.Hooks {
			h := &inventory.Hooks[i]
			for _, one := range h.parts {
				if left[one.object] {
					o.add(&h.Parsed, leftBehind(h, one))
				}
			}
		}
		for i := range inventory.Resources {
			r := &inventory.Resources[i]
			for _, part := range objectsOf(r.parts) {
				if thing, exists := state.world.get(identityKey(r.Parsed, part)); exists && !thing.kept && !r.HasResourcePolicy && !thing.byHook {
					o.note(ruleUnowned, &r.Parsed, Uninstall, "", part.Ref()+" is not deleted by uninstall: a hook of the same name took the release's ownership marks off it",
						"give the hook a name of its own")
				}
			}
		}
	}
}

// leftBehind: HH103 about one object of a hook.
func leftBehind(h *Hook, one part) Finding {
	f := Finding{Rule: ruleLeft, Action: Uninstall, Fix: leftFix(h)}
	stays := ""
	if seconds, given := timeToLive(one); given {
		f.Prediction, stays = Likely, ", "+untilGone(seconds)
	}
	f.Message = fmt.Sprintf("%s is left in the cluster after uninstall%s: Helm never deletes what hooks made, except by policy", one.object.Ref(), stays)
	return f
}

// leftFix says how to be rid of an object that uninstall leaves.
func leftFix(h *Hook) string {
	switch {
	case h.Kind == "CustomResourceDefinition":
		return "no policy deletes a CustomResourceDefinition; remove it by hand"
	case !slices.ContainsFunc(objectsOf(h.parts), watched):
		return "remove it in a post-delete hook; hook-succeeded would delete it as soon as its event is over"
	}
	policies := fmt.Sprintf("%s,%s", BeforeHookCreation, HookSucceeded)
	if slices.Contains(h.DeletePolicies, HookFailed) {
		policies += "," + string(HookFailed)
	}
	return fmt.Sprintf("write %s: %s", annotationDelete, policies)
}

// everyUpgrade notes the Jobs and Pods that run in two upgrades one after the other.
func (o *observer) everyUpgrade(second, third Trace) {
	type run struct {
		phase string
		place place
	}
	ran := map[run]bool{}
	for _, phase := range second.phases {
		for _, step := range phase.Steps {
			ran[run{phase.Name, placeOf(&step.Hook.Parsed)}] = step.Result == OK && !step.NotRun
		}
	}
	for _, phase := range third.phases {
		for _, step := range phase.Steps {
			if ran[run{phase.Name, placeOf(&step.Hook.Parsed)}] && step.Result == OK && !step.NotRun && step.WaitsFor == WaitsCompletion {
				o.note(ruleEveryUpgrade, &step.Hook.Parsed, Upgrade, phase.Name, step.Hook.Object.Ref()+" runs on every upgrade, whether anything changed or not", "")
			}
		}
	}
}
