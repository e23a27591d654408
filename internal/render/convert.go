package render

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// convert is the one way from the core's values to the wire. view is the plan as it is to be shown,
// whole the plan before it was narrowed: counts and the actions of ignored documents tell of that one.
func convert(h Header, whole, view plan.Plan) wirePlan {
	c := converter{view: view, helm: h.Helm}
	kind := kindPlan
	if whole.Life {
		kind = kindLife
	}
	return wirePlan{
		APIVersion: wireAPIVersion, Kind: kind, Source: sourceWire(h.Source), Engine: engineWire(view.Engine),
		Notes:      append(append([]string{}, h.Notes...), whole.Remarks...),
		Counts:     c.counts(whole),
		Faults:     full(each(whole.Faults, faultWire)),
		WayOut:     recoveryWire(h.Helm, whole.WayOut),
		Timelines:  each(view.Timelines, c.timeline),
		Situations: each(view.Situations, situationWire),
		LifeEnd:    lifeEndWire(view),
		Ignored:    each(view.Ignored, func(i plan.Ignored) wireIgnored { return ignoredWire(i, actionsOf(whole)) }),
		Findings:   each(view.Findings, findingWire),
		Unknown:    full(each(view.Unknown, func(u plan.UnknownFact) wireUnknown { return wireUnknown(u) })),
		Errors:     []wireError{},
	}
}

func sourceWire(s Source) wireSource {
	return wireSource{
		Type: s.Type, Name: s.Name, Namespace: s.Namespace, Chart: s.Chart,
		ChartVersion: s.ChartVersion, Ref: s.Ref, Revision: positive(s.Revision), Status: s.Status, Context: s.Context,
	}
}

func engineWire(e plan.Engine) wireEngine {
	return wireEngine{Name: e.Name, Version: e.MinorVersion(), NewerThanKnown: e.NewerThanKnown}
}

type converter struct {
	view plan.Plan
	helm Helm
}

// each converts a section; an unknown one (nil) stays null.
func each[A, B any](all []A, f func(A) B) []B {
	if all == nil {
		return nil
	}
	converted := make([]B, 0, len(all))
	for _, one := range all {
		converted = append(converted, f(one))
	}
	return converted
}

// full makes [] of a list that is known to be empty.
func full[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func names[T ~string](all []T) []string {
	return full(each(all, func(one T) string { return string(one) }))
}

// positive is null for a number that stands for "none".
func positive(n int) *int {
	if n <= 0 {
		return nil
	}
	return &n
}

func (c converter) isUnknown(what string) bool {
	return slices.ContainsFunc(c.view.Unknown, func(u plan.UnknownFact) bool { return u.What == what })
}

func (c converter) counts(whole plan.Plan) wireCounts {
	counts := wireCounts{Documents: whole.Documents}
	if !c.isUnknown("resources") {
		counts.Resources = &whole.Resources
	}
	if !c.isUnknown("hooks") {
		counts.Hooks = &whole.Hooks
	}
	if whole.Ignored != nil {
		ignored := len(whole.Ignored)
		counts.Ignored = &ignored
	}
	return counts
}

func actionsOf(p plan.Plan) []string {
	actions := []string{}
	for _, line := range p.Timelines {
		if !slices.Contains(actions, string(line.Action)) {
			actions = append(actions, string(line.Action))
		}
	}
	return actions
}

func objectWire(o plan.Object) wireObject { return wireObject(o) }

func objectsWire(all []plan.Object) []wireObject { return full(each(all, objectWire)) }

func (c converter) timeline(t plan.Timeline) wireTimeline {
	line := wireTimeline{
		ID: t.ID, Engine: c.view.Engine.Name, Action: string(t.Action), StartsFrom: t.StartsFrom, Because: t.Because,
		Revision: t.Revision, SameAs: string(t.SameAs), Waits: t.Waits,
		Phases:     full(each(t.Phases, c.phase)),
		Operations: full(each(t.Operations, operationWire)),
		Outcome:    outcomeWire(c.helm, t.Outcome, t.Recovery),
	}
	if !t.Unbounded {
		seconds := time.Duration(t.WorstCase).Seconds()
		line.WorstCaseSeconds = &seconds
	}
	return line
}

// resultWire is how an action ended; operations say ok where actions say succeeded.
func resultWire(r plan.Result) string {
	if r == plan.OK {
		return "succeeded"
	}
	return string(r)
}

func (c converter) phase(p plan.Phase) wirePhase {
	phase := wirePhase{
		Name: p.Name, Action: string(p.Action), Revision: p.Revision, Steps: full(each(p.Steps, c.step)),
		Result: string(p.Result), Error: p.Error,
	}
	if p.Name != "crds" && p.Name != "resources" && p.Waves == nil && p.Action != plan.Apply {
		return phase
	}
	phase.Objects = &wireObjects{Waited: p.Waited, Waves: each(p.Waves, func(w plan.Wave) wireWave {
		return wireWave{Wave: w.Number, Count: w.Objects, Kinds: full(each(w.Kinds, func(k plan.KindCount) wireCount { return wireCount(k) })), Waited: w.Waited, Skipped: w.Skipped}
	})}
	if !c.isUnknown("resources") || p.Objects > 0 {
		phase.Objects.Count = &p.Objects
		phase.Objects.Kinds = full(each(p.Kinds, func(k plan.KindCount) wireCount { return wireCount(k) }))
	}
	return phase
}

func (c converter) step(s plan.Step) wireStep {
	h := s.Hook
	step := wireStep{
		Order: s.Order, Object: objectWire(h.Object), Items: each(h.Items, objectWire),
		Template: h.Template, Document: h.Index, Chart: owner(h.Template),
		Events: names(h.Events), Weight: h.Weight, Wave: s.Wave,
		DeletePolicies: names(s.DeletePolicies), DeletePolicySource: "annotation",
		OutputLogPolicies: names(h.OutputLogPolicies), RawAnnotations: helmAnnotations(h.Annotations),
		WaitsFor: string(s.WaitsFor), NeverCompletes: h.NeverCompletes, LastRun: lastRunWire(h.LastRun),
		VolatileName: h.VolatileName != "", Volatile: h.Volatile, ScopeUnknown: h.ScopeUnknown,
		Result: string(s.Result), Error: s.Error, Signal: string(s.Signal), NotRun: s.NotRun, Prediction: string(s.Prediction),
		Findings: []string{},
	}
	if s.PolicyFromDefault {
		step.DeletePolicySource = "default"
	}
	for _, i := range s.Findings {
		if i >= 0 && i < len(c.view.Findings) {
			step.Findings = append(step.Findings, c.view.Findings[i].Rule)
		}
	}
	return step
}

// argoAnnotations are those of Argo CD that decide about hooks.
func argoAnnotations() []string {
	return []string{"argocd.argoproj.io/hook", "argocd.argoproj.io/hook-delete-policy", "argocd.argoproj.io/sync-wave"}
}

// helmAnnotations are Helm's own and Argo CD's; others may hold what is nobody's business.
func helmAnnotations(all []plan.Annotation) map[string]string {
	raw := map[string]string{}
	for _, a := range all {
		if strings.HasPrefix(a.Key, "helm.sh/") || slices.Contains(argoAnnotations(), a.Key) {
			raw[a.Key] = a.Value
		}
	}
	return raw
}

func operationWire(o plan.Operation) wireOperation {
	op := wireOperation{
		Op: string(o.Op), Action: string(o.Action), Phase: o.Phase, Revision: o.Revision, Hook: o.Hook,
		Order: o.Order, Because: o.Because, Result: string(o.Result), Prediction: string(o.Prediction),
		NotRun: o.NotRun, Error: o.Error,
	}
	switch {
	case o.Hook && len(o.Objects) == 1:
		object := objectWire(o.Objects[0])
		op.Object = &object
	case len(o.Objects) > 0:
		op.Objects = objectsWire(o.Objects)
	}
	return op
}

func ignoredWire(i plan.Ignored, actions []string) wireIgnored {
	return wireIgnored{
		Object: objectWire(i.Object), Template: i.Template, Document: i.Index, File: i.File,
		Annotation: cmp.Or(i.Annotation, "helm.sh/hook"), Value: i.Value, Unknown: i.Dropped.Unknown, Rule: i.Rule, Message: i.Message,
		DidYouMean: i.DidYouMean, Fix: i.Fix, Harmless: i.Harmless, Actions: actions,
	}
}

func findingWire(f plan.Finding) wireFinding {
	return wireFinding{
		Rule: f.Rule, Severity: string(f.Severity), Prediction: string(f.Prediction), Object: objectWire(f.Object),
		Template: f.Template, Document: f.Document, File: f.File, Line: positive(f.Line),
		Action: string(f.Action), Phase: f.Phase, Message: f.Message, Fix: f.Fix,
	}
}
