package render

import (
	"fmt"
	"time"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// The builders give valid values by default; each With changes one thing.

const home = "prod"

// object guesses the group from the kind as the charts of these tests use it.
func object(kind, name string) plan.Object {
	versions := map[string]string{
		"Job": "batch/v1", "Deployment": "apps/v1", "CustomResourceDefinition": "apiextensions.k8s.io/v1",
	}
	version, ok := versions[kind]
	if !ok {
		version = "v1"
	}
	return plan.Object{APIVersion: version, Kind: kind, Namespace: home, Name: name}
}

type stepBuilder struct{ step plan.Step }

// aStep is a step of a hook that Helm has run, deleted before the next run by default.
func aStep(order int, kind, name string) stepBuilder {
	waits := plan.WaitsCreated
	if kind == "Job" || kind == "Pod" {
		waits = plan.WaitsCompletion
	}
	return stepBuilder{plan.Step{
		Order: order,
		Hook: plan.Hook{
			Parsed: plan.Parsed{
				Document: plan.Document{Template: "shop/templates/" + name + ".yaml", Text: "kind: " + kind},
				Object:   object(kind, name),
				Annotations: []plan.Annotation{
					{Key: "helm.sh/hook", Value: "pre-install"},
					{Key: "team", Value: "payments"},
				},
			},
			Name: name, Kind: kind, Events: []plan.Event{plan.PreInstall},
		},
		WaitsFor:          waits,
		DeletePolicies:    []plan.DeletePolicy{plan.BeforeHookCreation},
		PolicyFromDefault: true,
		Result:            plan.OK,
		Prediction:        plan.Proven,
	}}
}

func (b stepBuilder) weight(w int) stepBuilder {
	b.step.Hook.Weight = w
	b.step.Hook.Annotations = append([]plan.Annotation{{Key: "helm.sh/hook-weight", Value: fmt.Sprint(w)}}, b.step.Hook.Annotations...)
	return b
}

func (b stepBuilder) policies(policies ...plan.DeletePolicy) stepBuilder {
	b.step.Hook.DeletePolicies, b.step.DeletePolicies, b.step.PolicyFromDefault = policies, policies, false
	return b
}

func (b stepBuilder) template(path string) stepBuilder {
	b.step.Hook.Template = path
	return b
}

func (b stepBuilder) namespace(ns string) stepBuilder {
	b.step.Hook.Object.Namespace = ns
	return b
}

func (b stepBuilder) volatile(name string) stepBuilder {
	b.step.Hook.VolatileName, b.step.Hook.Object.Name, b.step.Hook.Volatile = name, name, true
	return b
}

func (b stepBuilder) findings(indexes ...int) stepBuilder {
	b.step.Findings = indexes
	return b
}

func (b stepBuilder) with(change func(*plan.Step)) stepBuilder {
	change(&b.step)
	return b
}

// aPhase is a hook phase in which everything goes well.
func aPhase(action plan.Action, name string, steps ...stepBuilder) plan.Phase {
	phase := plan.Phase{Name: name, Action: action, Revision: 1, Result: plan.OK}
	for _, s := range steps {
		phase.Steps = append(phase.Steps, s.step)
	}
	return phase
}

func resources(action plan.Action) plan.Phase {
	return plan.Phase{
		Name: "resources", Action: action, Revision: 1, Result: plan.OK, Objects: 14,
		Kinds: []plan.KindCount{
			{Kind: "Deployment", Count: 5},
			{Kind: "Service", Count: 4},
			{Kind: "ConfigMap", Count: 2},
			{Kind: "Ingress", Count: 1},
			{Kind: "Secret", Count: 1},
			{Kind: "ServiceAccount", Count: 1},
		},
	}
}

func crds(n int) plan.Phase {
	return plan.Phase{
		Name: "crds", Action: plan.Install, Revision: 1, Objects: n, Result: plan.OK,
		Kinds: []plan.KindCount{{Kind: "CustomResourceDefinition", Count: n}},
	}
}

// aTimeline succeeds from an empty cluster.
func aTimeline(action plan.Action, phases ...plan.Phase) plan.Timeline {
	line := plan.Timeline{
		ID: string(action), Action: action, StartsFrom: "an empty cluster", Revision: 1, Phases: phases,
		Outcome: plan.Outcome{
			Result: plan.OK, Status: plan.StatusDeployed,
			History: []plan.RevisionStatus{{Revision: 1, Status: plan.StatusDeployed}},
		},
	}
	for _, phase := range phases {
		for _, step := range phase.Steps {
			line.Operations = append(line.Operations, plan.Operation{
				Op: plan.OpApply, Action: action, Phase: phase.Name, Revision: 1, Hook: true, Order: step.Order,
				Objects: []plan.Object{step.Hook.Object}, Result: step.Result, Prediction: plan.Proven,
			})
			if step.WaitsFor == plan.WaitsCompletion {
				line.Waits++
				line.WorstCase += int64(5 * time.Minute)
			}
		}
		if phase.Name == "resources" {
			line.Operations = append(line.Operations, plan.Operation{
				Op: plan.OpCreate, Action: action, Phase: phase.Name, Revision: 1,
				Objects: []plan.Object{object("Deployment", "web"), object("Service", "web")},
				Result:  plan.OK, Prediction: plan.Proven,
			})
		}
	}
	return line
}

func from(line plan.Timeline, state string) plan.Timeline {
	line.StartsFrom = state
	return line
}

func sameAs(line plan.Timeline, action plan.Action) plan.Timeline {
	line.SameAs = action
	return line
}

// anIgnored is the case that the tool was built for: one unknown event drops the whole Deployment.
func anIgnored() plan.Ignored {
	return plan.Ignored{
		Dropped: plan.Dropped{
			Parsed: plan.Parsed{
				Document:    plan.Document{Template: "shop/templates/worker.yaml"},
				Object:      object("Deployment", "worker"),
				Annotations: []plan.Annotation{{Key: "helm.sh/hook", Value: "post-install, pre-uninstall"}},
			},
			Value: "post-install, pre-uninstall", Unknown: "pre-uninstall",
		},
		Rule:       "HH001",
		Message:    `"pre-uninstall" is no Helm event, so Helm drops the whole object; post-install does not run it either.`,
		DidYouMean: "pre-delete",
		Fix:        `write "post-install, pre-delete"`,
		File:       "./testdata/charts/shop/templates/worker.yaml",
	}
}

// aFinding is a warning at Job/smoke.
func aFinding(rule string, severity plan.Severity, message string) plan.Finding {
	return plan.Finding{
		Rule: rule, Severity: severity, Prediction: plan.Proven, Object: object("Job", "smoke"),
		Template: "shop/templates/smoke.yaml", File: "./testdata/charts/shop/templates/smoke.yaml", Line: 7,
		Action: plan.Upgrade, Phase: "post-upgrade", Message: message,
		Fix: "add before-hook-creation to helm.sh/hook-delete-policy",
	}
}

func aHeader() Header {
	return Header{
		Source: Source{
			Type: "chart", Name: "shop", Namespace: home, Chart: "shop", ChartVersion: "1.4.0",
			Ref: "./testdata/charts/shop",
		},
		Timeout: 5 * time.Minute,
	}
}

func engine(text string) plan.Engine {
	e, err := plan.ParseEngine(text)
	if err != nil {
		panic(err)
	}
	return e
}

// aPlan is a plan of a chart of which nothing is dropped.
func aPlan(timelines ...plan.Timeline) plan.Plan {
	p := plan.Plan{
		Engine: engine("helm4@4.3"), Release: plan.Release{Name: "shop", Namespace: home},
		Timelines: timelines, Ignored: []plan.Ignored{}, Findings: []plan.Finding{}, Unknown: []plan.UnknownFact{},
		Documents: 16, Resources: 14,
	}
	for _, line := range timelines {
		for _, phase := range line.Phases {
			p.Hooks = max(p.Hooks, len(phase.Steps))
		}
	}
	return p
}
