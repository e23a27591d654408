package plan

import (
	"fmt"
	"slices"
	"strings"
)

// makeArgo plans what Argo CD does with a chart or with plain YAML: a first sync, one more on what it left,
// and the deletion of the Application.
func makeArgo(input Input) (Plan, error) {
	if input.Options.NoHooks {
		return Plan{}, fmt.Errorf("%s has no switch that leaves hooks out", input.Engine)
	}
	h, err := handOver(input, !input.Options.SkipCRDs)
	if err != nil {
		return Plan{}, err
	}
	p := h.newPlan(input)
	objects, repeated := argoObjects(h.entries)
	m := &argoMachine{objects: objects, release: input.Release, exists: map[string]bool{}}
	p.Timelines = []Timeline{}
	if problem := argoRefused(&h); problem != "" {
		p.Timelines = refusedByArgo(input, problem)
	} else {
		p.Timelines = m.all(input)
	}
	left := argoLeft(objects, input.File)
	if len(left) > 0 || p.Ignored != nil {
		p.Ignored = append(p.Ignored, left...)
	}
	p.placed = m.placed()
	if !input.Options.SkipCRDs {
		p.crds = len(h.inventory.CRDs)
	}
	p.Hooks, p.Resources = countArgo(&h, objects, left)
	p.Documents = p.Hooks + p.Resources + len(h.dropped) + len(left)
	l := &linter{player: &player{input: input}, seen: map[string]bool{}}
	l.argoDisagrees(&h.inventory)
	if input.Lint {
		l.findings = append(l.findings, lintArgo(input, &h, m, p.Timelines)...)
	}
	p.Findings = mergeFindings(p.Findings, l.findings)
	attach(&p, nil)
	markSame(p.Timelines)
	p.Remarks = append(p.Remarks, argoRemarks(&h, objects, repeated)...)
	return p, nil
}

// all plays the timelines that are asked for. What one leaves the next finds.
func (m *argoMachine) all(input Input) []Timeline {
	timelines := []Timeline{}
	m.begin("sync", Sync, "an empty cluster", Proven)
	m.sync()
	if input.wants(Sync) {
		timelines = append(timelines, m.t)
	}
	m.begin("sync-2", Sync, "what the first sync left", Proven)
	m.sync()
	if input.wants(Sync) {
		timelines = append(timelines, m.t)
	}
	if input.wants(Delete) {
		m.begin("delete", Delete, "what a sync left", Likely)
		m.remove()
		timelines = append(timelines, m.t)
	}
	return timelines
}

// argoRefused is why no sync begins: an annotation or a name that is no string ends the generation of all
// manifests, or the dry run of all tasks that comes before the first hook (sync_context.go Sync).
func argoRefused(h *handed) string {
	for i := range h.entries {
		if e := &h.entries[i]; e.BuildError != "" {
			return fmt.Sprintf("%s (%s): %s", e.Object.Ref(), e.Template, e.BuildError)
		}
	}
	return ""
}

func refusedByArgo(input Input, problem string) []Timeline {
	timelines := []Timeline{}
	if input.wants(Sync) {
		timelines = append(timelines, Timeline{
			ID: "sync", Action: Sync, StartsFrom: "an empty cluster", Phases: []Phase{}, Operations: []Operation{},
			Outcome: Outcome{Result: Failed, Refused: true, Error: problem, Prediction: Likely},
		})
	}
	return timelines
}

// argoLeft: HH401. What Argo CD neither creates nor runs (gitops-engine pkg/sync/ignore/ignore.go).
func argoLeft(objects []argoObject, file func(string) string) []Ignored {
	d := diagnosis{file: file}
	var ignored []Ignored
	for i := range objects {
		o := &objects[i]
		if o.left == "" || len(o.entry.parts) > 1 && o != firstOf(objects, o.entry) {
			continue
		}
		parsed := *o.entry.Parsed
		parsed.Object = o.one.object
		one := Ignored{
			Dropped: Dropped{Parsed: parsed, Value: o.value}, Annotation: o.annotation, Rule: ruleNotByArgo, File: d.path(parsed.Template),
			Fix: "add argocd.argoproj.io/hook with PreSync, Sync or PostSync beside it if Argo CD is to run it",
		}
		one.Message, one.Harmless = argoLeftWords(o)
		if strings.ToLower(o.value) != o.value && o.annotation == annotationHook {
			one.Fix = "write the events in lower case"
		}
		ignored = append(ignored, one)
	}
	return ignored
}

func firstOf(objects []argoObject, e *entry) *argoObject {
	for i := range objects {
		if objects[i].entry == e {
			return &objects[i]
		}
	}
	return nil
}

func argoLeftWords(o *argoObject) (message, harmless string) {
	words := argoWords(argoAnnotations(o.one.body), annotationHook)
	isTest := func(word string) bool { return word == "test" || word == "test-success" }
	switch {
	case o.left == argoSkip:
		return "Argo CD leaves it alone, as argocd.argoproj.io/hook: Skip says.", "it is left out on purpose"
	case o.annotation == argoHook:
		return "Argo CD knows no such hook, and finds none in helm.sh/hook: it neither creates nor runs the object.", ""
	case len(words) > 0 && !slices.ContainsFunc(words, func(w string) bool { return !isTest(w) }):
		return "Argo CD has no tests: it neither creates nor runs the object.", "nothing in Argo CD would run it"
	case strings.ToLower(o.value) != o.value:
		return "Argo CD knows events in lower case only: it neither creates nor runs the object.", ""
	}
	return "Argo CD knows none of these events: it neither creates nor runs the object, and its rollback runs no hooks.", ""
}

// countArgo counts documents by what becomes of them.
func countArgo(h *handed, objects []argoObject, left []Ignored) (hooks, resources int) {
	hook := map[*entry]bool{}
	for i := range objects {
		if o := &objects[i]; o.isHook && len(o.phases) > 0 || len(o.deletes) > 0 {
			hook[o.entry] = true
		}
	}
	documents := 0
	for i := range h.entries {
		if e := &h.entries[i]; !e.inCRDs {
			documents++
			if hook[e] {
				hooks++
			}
		}
	}
	return hooks, max(documents-hooks-len(left), 0)
}

// argoRemarks say when no hook runs at all, and what a reader who knows Helm would not expect. Sources:
// controller/sync.go (skipHooks), state.go, server/application/application.go of argo-cd 3.6.1.
func argoRemarks(h *handed, objects []argoObject, repeated []Object) []string {
	remarks := []string{
		"install and upgrade hooks run on every sync, the first one too; .Release.IsInstall is always true",
		"hooks of equal wave run together, and all of them are waited for: each as long as Argo CD's health check says, without a limit of its own",
		"no hook runs in a sync of selected resources, a self-heal, argocd app rollback, or with the strategy apply",
		"a change of hooks alone does not make the Application OutOfSync, so that no automated sync starts",
		"every object is applied as a dry run before the first hook: one that is refused keeps all hooks from running",
		"deletion without the cascade runs PreDelete and PostDelete all the same",
	}
	ordinary := slices.ContainsFunc(objects, func(o argoObject) bool { return !o.isHook && len(o.phases) > 0 })
	if len(objects) > 0 && !ordinary {
		remarks = append(remarks, "there is nothing here but hooks: the Application is always Synced, and only a manual sync of everything runs them")
	}
	for _, o := range repeated {
		remarks = append(remarks, o.Ref()+" is there more than once: Argo CD takes the last of them")
	}
	for i := range h.entries {
		if e := &h.entries[i]; e.Items != nil && e.value != "" {
			remarks = append(remarks, e.Object.Ref()+" in "+e.Template+": Argo CD takes a List apart, and reads the annotations of its members, not the List's own")
		}
	}
	return remarks
}
