package plan

import (
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
	if _, _, err = o.try(installed, Test, false); err != nil {
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

// try plays one action and notes what surprises. Where it fails, the state stays as it was.
func (o *observer) try(state State, action Action, again bool) (State, Trace, error) {
	options := leadingOptions(o.input.Options)
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
	key := strings.Join([]string{id, p.Template, fmt.Sprint(p.Index), p.Object.Ref(), message}, "\x00")
	if id == ruleExists || id == ruleNotRun || id == ruleFails {
		// One cause shows up again in each later action; the first time is enough.
		key = strings.Join([]string{"run", p.Template, fmt.Sprint(p.Index), p.Object.Ref()}, "\x00")
	}
	if o.seen[key] {
		return
	}
	o.seen[key] = true
	finding := Finding{
		Rule: id, Severity: severityOf(id), Prediction: Proven, Object: p.Object, Template: p.Template,
		Document: p.Index, Action: action, Phase: phase, Message: message, Fix: fix,
	}
	if p.ScopeUnknown {
		finding.Prediction = Likely
	}
	if o.input.File != nil && p.Template != "" {
		finding.File = o.input.File(p.Template)
	}
	o.findings = append(o.findings, finding)
}

// steps looks at what became of each hook.
func (o *observer) steps(trace Trace, again bool) {
	for _, phase := range trace.phases {
		for _, step := range phase.Steps {
			h := step.Hook
			switch {
			case step.Result == Failed && strings.Contains(step.Error, "already exists"):
				o.note(ruleExists, &h.Parsed, trace.Action, phase.Name, o.existsMessage(trace, phase, h, again), createFix(h, trace))
			case step.NotRun && step.Result == OK:
				o.note(ruleNotRun, &h.Parsed, trace.Action, phase.Name, fmt.Sprintf(
					"%s does not run again in %s: the finished one is still there, so Helm applies over it, finds it complete and reports success",
					h.Object.Ref(), when(trace.Action, phase, again)), createFix(h, trace))
			}
		}
	}
}

// when says in which run something was seen.
func when(action Action, phase Phase, again bool) string {
	switch {
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

func (o *observer) existsMessage(trace Trace, phase Phase, h Hook, again bool) string {
	why := fmt.Sprintf("its delete policy %q has no before-hook-creation", policyText(h))
	if h.Kind == "CustomResourceDefinition" {
		why = "Helm never deletes a CustomResourceDefinition, whatever its policy"
	}
	if trace.Action == Install && !again {
		return fmt.Sprintf("%s fails in %s: another object of that name already exists by then, and %s", h.Object.Ref(), phase.Name, why)
	}
	return fmt.Sprintf("%s fails in %s: the object of the last run already exists, as %s", h.Object.Ref(), when(trace.Action, phase, again), why)
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
			for _, part := range objectsOf(h.parts) {
				if left[part] {
					o.note(ruleLeft, &h.Parsed, Uninstall, "", part.Ref()+" is left in the cluster after uninstall: Helm never deletes what hooks made, except by policy", leftFix(h))
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

// failure notes an action that fails by itself, where nothing more exact was said about the step.
func (o *observer) failure(trace Trace, again bool) {
	if trace.Outcome.Refused && !again && trace.Action != Install {
		return
	}
	for _, phase := range trace.phases {
		for _, step := range phase.Steps {
			if step.Result == Failed && step.Hook.NeverCompletes == "" {
				o.note(ruleFails, &step.Hook.Parsed, trace.Action, phase.Name, fmt.Sprintf("%s fails in %s: %s", step.Hook.Object.Ref(), when(trace.Action, phase, again), step.Error), "")
				return
			}
		}
		if phase.Result == Failed && len(phase.Steps) == 0 {
			o.note(ruleFails, &Parsed{}, trace.Action, phase.Name, fmt.Sprintf("%s fails in %s: %s", trace.Action, phase.Name, phase.Error), "")
			return
		}
	}
	if len(trace.phases) == 0 || trace.Outcome.Refused {
		words := string(trace.Action)
		if again {
			words = "a second install"
		}
		o.note(ruleFails, &Parsed{}, trace.Action, "", fmt.Sprintf("%s fails before anything runs: %s", words, trace.Outcome.Error), "")
	}
}
