package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// observer plays a life and notes what surprises.
type observer struct {
	stock    *stock
	input    Input
	findings []Finding
	seen     map[string]bool
}

// observe runs a life of the source (install, two upgrades, rollback, test, uninstall, install again) and
// reports what fails, is silently not done, or is left behind. What fails is told once and then undone,
// so that each observation is about a release on which all went well before.
func observe(s *stock, input Input, inventories []Inventory) ([]Finding, error) {
	o := &observer{stock: s, input: input, seen: map[string]bool{}}
	for _, inventory := range inventories {
		o.neverComplete(inventory)
		o.sharedNames(inventory)
		o.kindOrder(inventory)
	}
	o.changingNames(inventories)
	o.becomesHook(inventories[0], inventories[1])
	installed, first, err := o.try(State{}, Install, false)
	if err != nil || first.Outcome.Result == Failed {
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

// try plays one action and notes what surprises. Where it fails, the state stays as it was.
func (o *observer) try(state State, action Action, again bool) (State, Trace, error) {
	options := leadingOptions(o.input.Options)
	if action == Rollback {
		options.RollbackTo = 1
	}
	trace, next, err := o.stock.run(state, Command{Action: action, Options: options})
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

// namedTwice says whether another document of the same action makes the same object.
func namedTwice(h Hook, trace Trace) bool {
	for _, phase := range trace.phases {
		for _, step := range phase.Steps {
			other := step.Hook
			if (other.Template != h.Template || other.Index != h.Index) && slices.ContainsFunc(objectsOf(other.parts), func(object Object) bool { return object == h.Object }) {
				return true
			}
		}
	}
	return false
}

// neverComplete notes hooks whose wait can only end in the timeout.
func (o *observer) neverComplete(inventory Inventory) {
	for i := range inventory.Hooks {
		h := &inventory.Hooks[i]
		if h.NeverCompletes == "" {
			continue
		}
		fix := "set spec.restartPolicy to Never"
		if h.Kind == "Job" {
			fix = "remove spec.suspend from the hook"
		}
		o.note(ruleNeverCompletes, &h.Parsed, "", "", fmt.Sprintf("%s never completes (%s), so Helm waits until the timeout and the action fails", h.Object.Ref(), h.NeverCompletes), fix)
	}
}

// sharedNames notes hooks that are the same object as an ordinary resource of the chart.
func (o *observer) sharedNames(inventory Inventory) {
	resources := map[string]string{}
	for i := range inventory.Resources {
		for _, object := range objectsOf(inventory.Resources[i].parts) {
			if object.Name != "" {
				resources[identityKey(inventory.Resources[i].Parsed, object)] = inventory.Resources[i].Template
			}
		}
	}
	for i := range inventory.Hooks {
		h := &inventory.Hooks[i]
		for _, part := range objectsOf(h.parts) {
			template, shared := resources[identityKey(h.Parsed, part)]
			if !shared {
				continue
			}
			consequence := "the hook is refused or patches the live object"
			if slices.Contains(effectivePolicies(h), BeforeHookCreation) && h.Kind != "CustomResourceDefinition" {
				consequence = "the hook's before-hook-creation policy deletes the live object whenever the hook runs"
			}
			o.note(ruleShared, &h.Parsed, "", "", fmt.Sprintf("%s is a hook and also an ordinary resource (%s): %s", part.Ref(), template, consequence),
				"give the hook a name of its own")
		}
	}
}

// becomesHook notes ordinary objects of the first revision that are hooks of an upgrade: made by the
// pre-upgrade hook and then deleted by the update, since the old manifest has them and the new one has not.
func (o *observer) becomesHook(first, upgraded Inventory) {
	ordinary, stays := map[string]bool{}, map[string]bool{}
	for i := range first.Resources {
		for _, one := range first.Resources[i].parts {
			ordinary[identityKey(first.Resources[i].Parsed, one.object)] = !one.kept
		}
	}
	for i := range upgraded.Resources {
		for _, one := range upgraded.Resources[i].parts {
			stays[identityKey(upgraded.Resources[i].Parsed, one.object)] = true
		}
	}
	for i := range upgraded.Hooks {
		h := &upgraded.Hooks[i]
		for _, part := range objectsOf(h.parts) {
			key := identityKey(h.Parsed, part)
			if ordinary[key] && !stays[key] && slices.Contains(h.Events, PreUpgrade) {
				o.note(ruleShared, &h.Parsed, Upgrade, string(PreUpgrade), part.Ref()+" was an ordinary object of revision 1: the hook makes it, and then the same upgrade deletes it, because the old manifest has it and the new one has not",
					"give the hook a name of its own")
			}
		}
	}
}

// kindOrder notes where Helm's order by name differs from the order by kind that people expect.
func (o *observer) kindOrder(inventory Inventory) {
	ranks := kindRanks(o.input.Engine)
	for _, event := range []Event{PreInstall, PostInstall, PreUpgrade, PostUpgrade, PreRollback, PostRollback, PreDelete, PostDelete, TestEvent} {
		hooks := executionOrder(inventory.Hooks, event)
		for j := range hooks {
			for i := range hooks[:j] {
				a, b := &hooks[i], &hooks[j]
				if a.Weight != b.Weight || a.Name == b.Name || !ranks.less(b.Kind, a.Kind) {
					continue
				}
				o.note(ruleNameOrder, &b.Parsed, "", string(event), fmt.Sprintf(
					"%s runs after %s: at equal weight (%d) Helm sorts by name; by kind it would have come first", b.Object.Ref(), a.Object.Ref(), a.Weight),
					"give the hooks different weights")
				break
			}
		}
	}
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

// changingNames notes hooks whose object has another name in each revision, so that before-hook-creation
// never finds the last one.
func (o *observer) changingNames(inventories []Inventory) {
	changing := changingNames(inventories)
	for _, inventory := range inventories {
		for i := range inventory.Hooks {
			h := &inventory.Hooks[i]
			if !changing[placeOf(&h.Parsed)] || slices.Contains(effectivePolicies(h), HookSucceeded) {
				continue
			}
			o.note(ruleNameChanges, &h.Parsed, "", "", h.Object.Ref()+" has another name in each revision, so no later run finds it to delete: each run leaves one more",
				"add hook-succeeded and hook-failed to its delete policy, or give it a fixed name")
		}
	}
}

// place is one object of one document. An index is an identity within one revision only: what is rendered
// on install alone moves the documents after it.
type place struct {
	template string
	document int
	object   Object
}

func placeOf(p *Parsed) place { return place{p.Template, p.Index, p.Object} }

// role is what a hook is there for, by which it is found again in another revision under another name.
type role struct {
	template, kind, events string
	// nth tells hooks of one role in one template apart.
	nth int
}

// roles gives each hook of an inventory its role, in the order of the file.
func roles(inventory Inventory) map[role]*Hook {
	hooks := make([]*Hook, len(inventory.Hooks))
	for i := range inventory.Hooks {
		hooks[i] = &inventory.Hooks[i]
	}
	slices.SortStableFunc(hooks, func(a, b *Hook) int {
		return cmp.Or(cmp.Compare(a.Template, b.Template), cmp.Compare(a.Index, b.Index))
	})
	found := map[role]*Hook{}
	for _, h := range hooks {
		r := role{template: h.Template, kind: h.Kind, events: fmt.Sprint(h.Events)}
		for found[r] != nil {
			r.nth++
		}
		found[r] = h
	}
	return found
}

// changingNames finds the hooks whose name changes at each render, or from one upgrade to the next: the
// last two inventories are those of two upgrades in a row.
func changingNames(inventories []Inventory) map[place]bool {
	changing := map[place]bool{}
	second, third := roles(inventories[1]), roles(inventories[2])
	names := func(hooks map[role]*Hook) map[string]bool {
		set := map[string]bool{}
		for _, h := range hooks {
			set[h.Object.Ref()] = true
		}
		return set
	}
	inSecond, inThird := names(second), names(third)
	for _, inventory := range inventories {
		for r, h := range roles(inventory) {
			x, y := second[r], third[r]
			moves := x != nil && y != nil && !inThird[x.Object.Ref()] && !inSecond[y.Object.Ref()]
			if h.VolatileName != "" || moves {
				changing[placeOf(&h.Parsed)] = true
			}
		}
	}
	return changing
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

// mergeFindings joins and sorts: by place, then rule, then text.
func mergeFindings(a, b []Finding) []Finding {
	all := append(slices.Clone(a), b...)
	slices.SortStableFunc(all, func(x, y Finding) int {
		return cmp.Or(
			cmp.Compare(x.Template, y.Template), cmp.Compare(x.Document, y.Document), cmp.Compare(x.Rule, y.Rule),
			cmp.Compare(x.Object.Ref(), y.Object.Ref()), cmp.Compare(x.Phase, y.Phase), cmp.Compare(x.Message, y.Message))
	})
	return withoutEchoes(all)
}

// withoutEchoes leaves out "the action fails" where another error about the same document says why.
func withoutEchoes(all []Finding) []Finding {
	told := []Finding{}
	for _, f := range all {
		echo := f.Rule == ruleFails && f.Template != "" && slices.ContainsFunc(all, func(other Finding) bool {
			return other.Rule != ruleFails && other.Severity == SeverityError && other.Template == f.Template && other.Document == f.Document
		})
		if !echo {
			told = append(told, f)
		}
	}
	return told
}

// attach tells each step which findings concern it.
func attach(p *Plan, changing map[place]bool) {
	for t := range p.Timelines {
		timeline := &p.Timelines[t]
		for f := range timeline.Phases {
			phase := &timeline.Phases[f]
			for s := range phase.Steps {
				step := &phase.Steps[s]
				step.NameChanges = changing[placeOf(&step.Hook.Parsed)]
				step.Findings = nil
				for i, finding := range p.Findings {
					if finding.Template == step.Hook.Template && finding.Document == step.Hook.Index && finding.Object == step.Hook.Object && concerns(finding, *timeline, *phase) {
						step.Findings = append(step.Findings, i)
					}
				}
			}
		}
	}
}

// concerns says whether a finding belongs beside a step of this phase. What was observed in an upgrade
// or a second install is told where the object comes from as well.
func concerns(f Finding, t Timeline, p Phase) bool {
	switch f.Rule {
	case ruleExists, ruleNotRun, ruleLeft, ruleNameChanges:
		return true
	case ruleFails:
		return f.Action == t.Action && f.Phase == p.Name
	case ruleEveryUpgrade:
		return t.Action == Upgrade
	}
	return f.Phase == "" || f.Phase == p.Name
}

// The rules that a run of the machine can show.
const (
	ruleExists         = "HH101"
	ruleNotRun         = "HH104"
	ruleLeft           = "HH103"
	ruleNeverCompletes = "HH105"
	ruleShared         = "HH106"
	ruleUnowned        = "HH107"
	ruleFails          = "HH108"
	ruleEveryUpgrade   = "HH109"
	ruleNameOrder      = "HH110"
	ruleNameChanges    = "HH111"
)

func severityOf(id string) Severity {
	rule, _ := LookupRule(id)
	return rule.Severity
}
