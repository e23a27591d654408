package plan

import (
	"fmt"
	"slices"
	"strings"
)

// phaseApply is the one phase of an engine that applies everything at once.
const phaseApply = "apply"

// makeTemplate plans what becomes of hooks where helm template renders and something else applies: to
// kubectl apply, Kustomize, kapp or Spinnaker they are objects like any other. No annotation of Helm's
// means anything there: no event, no weight, no delete policy.
func makeTemplate(input Input) (Plan, error) {
	h, err := handOver(input, input.Options.IncludeCRDs)
	if err != nil {
		return Plan{}, err
	}
	p := h.newPlan(input)
	for i := range h.entries {
		switch e := h.entries[i]; {
		case e.inCRDs:
		case e.value != "" || e.helm != nil:
			p.Hooks++
		default:
			p.Resources++
		}
	}
	p.Documents = p.Hooks + p.Resources + len(p.Ignored)
	p.placed, p.crds, p.crdsApplied = h.placed(), len(h.inventory.CRDs), input.Options.IncludeCRDs
	if input.wants(Apply) {
		p.Timelines = []Timeline{h.apply("apply", false), h.apply("apply-2", true)}
	} else {
		p.Timelines = []Timeline{}
	}
	p.Findings = mergeFindings(p.Findings, h.outOfTurn(input))
	attach(&p, nil)
	markSame(p.Timelines)
	p.Remarks = append(p.Remarks, templateRemarks(&h, input)...)
	return p, nil
}

// apply is one run of the tool over everything. again says that it has run before, and that nothing has
// changed since.
func (h *handed) apply(id string, again bool) Timeline {
	t := Timeline{ID: id, Action: Apply, StartsFrom: "an empty cluster", Operations: []Operation{}, Outcome: Outcome{Result: OK, Prediction: Proven}}
	certainty := Proven
	if again {
		t.StartsFrom, t.Outcome.Prediction, certainty = "what the first apply left", Likely, Likely
	}
	phase := Phase{Name: phaseApply, Action: Apply, Result: OK}
	var resources []Object
	for i := range h.entries {
		e := &h.entries[i]
		objects := objectsOf(e.parts)
		if e.helm == nil && e.value == "" {
			resources = append(resources, objects...)
			continue
		}
		step := Step{Hook: e.asHook(), WaitsFor: WaitsNone, Result: OK, Prediction: certainty, DeletePolicies: []DeletePolicy{}}
		// A patch that changes nothing starts nothing, and the Job or Pod of the first time has finished.
		step.NotRun = again && slices.ContainsFunc(objects, runsToCompletion)
		phase.Steps = append(phase.Steps, step)
		t.Outcome.Left = append(t.Outcome.Left, objects...)
		t.Operations = append(t.Operations, Operation{
			Op: OpApply, Action: Apply, Phase: phaseApply, Hook: true, Objects: objects, Result: OK, Prediction: certainty, NotRun: step.NotRun,
		})
	}
	phase.count(resources)
	if len(resources) > 0 {
		t.Operations = append(t.Operations, Operation{Op: OpApply, Action: Apply, Phase: phaseApply, Objects: resources, Result: OK, Prediction: certainty})
	}
	t.Phases = []Phase{phase}
	return t
}

// asHook is the document as a step shows it; what Helm would have dropped has no events that count.
func (e *entry) asHook() Hook {
	if e.helm != nil {
		return *e.helm
	}
	return Hook{Parsed: *e.Parsed, Name: e.Object.Name, Kind: e.Object.Kind}
}

// outOfTurn: HH402. What is meant for a later time, or for no time of its own, and is applied at once.
func (h *handed) outOfTurn(input Input) []Finding {
	d := diagnosis{engine: input.Engine, file: input.File}
	for i := range h.entries {
		e := &h.entries[i]
		if e.helm == nil || slices.ContainsFunc(e.helm.Events, deploys) {
			continue
		}
		var events []string
		severity := SeverityWarning
		for _, event := range e.helm.Events {
			if event == PreDelete || event == PostDelete {
				severity = SeverityError
			}
			events = append(events, string(event))
		}
		does, switches := "is created", "--no-hooks, Kustomize's skipHooks"
		if slices.ContainsFunc(objectsOf(e.parts), runsToCompletion) {
			does = "runs"
		}
		if slices.Contains(e.helm.Events, TestEvent) {
			switches = "--skip-tests, Kustomize's skipTests"
		}
		d.report(e.Parsed, Finding{
			Rule: ruleOutOfTurn, Severity: severity,
			Message: fmt.Sprintf("%s is meant for %s, but %s with the first apply, like everything else", e.Object.Ref(), enumerate(events, "and"), does),
			Fix:     "leave it out where the chart is rendered (" + switches + "), or make it depend on a value",
		})
	}
	return d.findings
}

// templateRemarks say in what the tools differ that this engine stands for. The switches are those of the
// tools' sources, named in docs/engines.md.
func templateRemarks(h *handed, input Input) []string {
	remarks := []string{
		"events, weights, delete policies and Argo CD's annotations mean nothing here: no order, no waiting, no deletion, and no other time than the apply",
		"an object that has not changed is left as it is; a Job or Pod whose pods would change is refused by the API server, which fails the apply unless the tool replaces it (likely)",
		"kubectl apply after helm template, Skaffold's renderer, Spinnaker's bake, kapp-controller and Config Sync apply hooks as shown; --no-hooks and --skip-tests are helm template's own and exist only where one writes that command oneself (Skaffold has skipTests)",
		"Kustomize's helmCharts: skipHooks leaves all hooks out, skipTests the tests",
		"Pulumi's Chart v3 leaves tests out unless includeTestHookResources is set; its Chart v4 leaves all hooks out",
	}
	if len(h.inventory.CRDs) > 0 && !input.Options.IncludeCRDs {
		remarks = append(remarks, "the crds/ folder is left out, as helm template does without --include-crds; kapp-controller always includes it")
	}
	var nameless []string
	for i := range h.entries {
		for _, one := range h.entries[i].parts {
			if one.nameless && one.generateName != "" {
				nameless = append(nameless, one.object.Ref())
			}
		}
	}
	if len(nameless) > 0 {
		remarks = append(remarks, strings.Join(nameless, ", ")+": kubectl apply refuses what has generateName in place of a name (likely)")
	}
	return remarks
}
