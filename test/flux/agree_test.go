package flux

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/helm-hooks/helm-hooks/internal/gitops"
	"github.com/helm-hooks/helm-hooks/internal/source"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

const namespace = "shop"

// What a plan says of a HelmRelease is what the real controller did with it: the same Helm actions in the same order, the
// same objects made and deleted for hooks, the same records, the same end.
func TestPlansAgreeWithTheController(t *testing.T) {
	recorded := load(t)
	compared := 0
	for _, scenario := range Scenarios() {
		t.Run(scenario.Name, func(t *testing.T) {
			recording, ok := recorded[scenario.Name]
			if !ok {
				t.Fatalf("%s has no recording: see doc.go", scenario.Name)
			}
			for i := range scenario.Steps[:min(2, len(scenario.Steps))] {
				l := life{t: t, scenario: scenario, at: i}
				if why := l.beyond(); why != "" {
					t.Logf("step %d, %s, is not compared: %s", i+1, scenario.Steps[i].Do, why)
					return
				}
				l.compare(recording.Steps[i])
				compared++
			}
		})
	}
	if compared < 100 {
		t.Errorf("%d steps were compared", compared)
	}
}

func load(t *testing.T) map[string]Recording {
	t.Helper()
	all, err := Load(Path)
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string]Recording{}
	for _, recording := range all {
		byName[recording.Name] = recording
	}
	return byName
}

// apart are the scenarios of which a plan says less than what happens, and why.
func apart() map[string]string {
	renderer := "post-renderers are not played"
	return map[string]string{
		"post-renderer takes a hook's annotation away":           renderer,
		"post-renderer takes a hook's annotation away, separate": renderer,
		"post-renderer makes an object a hook":                   renderer,
		"post-renderer makes an object a hook, nohooks":          renderer,
		"hook and object of one name, nohooks":                   "the trace does not tell the hook from the object",
		"hook and object of one name, separate":                  "the trace does not tell the hook from the object",
		"chart cannot be rendered":                               "a plan cannot be made either",
		"foreign objects, not taken over":                        "the plan is told of no foreign objects",
	}
}

// life is a step of a scenario: the creation of a HelmRelease, or what comes after a creation that went well.
type life struct {
	t        *testing.T
	scenario Scenario
	at       int
}

// afterFailure is what keeps a step from being planned from the first install on; later_test.go plans it.
const afterFailure = "what came before has failed"

// beyond says why a plan cannot tell this step.
func (l life) beyond() string {
	step, first := l.scenario.Steps[l.at], l.scenario.Steps[0]
	if why, ok := apart()[l.scenario.Name]; ok {
		return why
	}
	switch {
	case len(l.scenario.Flags) > 0:
		return "the controller has flags of its own"
	case step.Meanwhile != "":
		return "the spec changes in the middle"
	case !slices.Contains([]string{Create, Change, Publish, Delete}, step.Do):
		return "no plan is about this"
	case step.Do == Change && !strings.HasPrefix(step.Spec, "values: "):
		return "it is not a change of the values alone"
	case l.at > 0 && len(first.Faults) > 0:
		return afterFailure
	}
	return ""
}

// input is the step as a plan's input.
func (l life) input() plan.Input {
	l.t.Helper()
	step := l.scenario.Steps[l.at]
	engine, err := plan.ParseEngine("flux")
	if err != nil {
		l.t.Fatal(err)
	}
	spec := map[string]any{}
	merge(l.t, spec, l.scenario.Steps[0].Spec)
	version := Version
	input := plan.Input{Engine: engine, Release: plan.Release{Name: ReleaseName, Namespace: namespace}, Actions: []plan.Action{plan.Install}}
	if spec["test"] != nil && len(step.Faults) == 0 {
		input.Actions = append(input.Actions, plan.Test)
	}
	switch {
	case step.Do == Delete:
		input.Actions = []plan.Action{plan.Uninstall}
	case l.at > 0:
		input.From, input.Actions = l.render(version, spec), []plan.Action{plan.Upgrade}
		merge(l.t, spec, step.Spec)
		if step.Do == Publish {
			version = "1.1.0"
		}
	}
	input.Render, input.Flux = l.render(version, spec), l.flux(spec)
	for _, fault := range step.Faults {
		if fault.Job == "batch" && fault.Outcome == Never || fault.Job == "brief" {
			continue // an ordinary Job that is not waited for, and one that may vanish
		}
		input.Faults = append(input.Faults, faultOf(fault, step.KillAt))
	}
	if l.neverReady(spec) {
		event := plan.Event(plan.Install)
		if l.at > 0 {
			event = plan.Event(plan.Upgrade)
		}
		input.Faults = append(input.Faults, plan.Fault{Object: "resources", Event: event, At: plan.FaultWait})
	}
	return input
}

// neverReady says that there is a Deployment, which is waited for in vain.
func (l life) neverReady(spec map[string]any) bool {
	always := l.scenario.Chart.Files["templates/worker.yaml"] == deployment["templates/worker.yaml"]
	values, _ := spec["values"].(map[string]any)
	install, _ := spec["install"].(map[string]any)
	return (always || values["worker"] == true) && install["disableWait"] != true
}

// faultOf is a fault as a plan has it.
func faultOf(fault Fault, killAt string) plan.Fault {
	f := plan.Fault{Object: "Job/" + fault.Job, At: plan.FaultWait, Times: fault.Times}
	switch {
	case fault.Job == killAt && fault.Outcome == Never:
		f.At = plan.FaultKill
	case fault.Outcome == Never, fault.Outcome == Vanish:
		f.At = plan.FaultTimeout
	case fault.Job == "batch":
		f.Object = "resources"
	}
	return f
}

// merge changes a spec as a merge patch does.
func merge(t *testing.T, spec map[string]any, text string) {
	t.Helper()
	patch := map[string]any{}
	if err := yaml.Unmarshal([]byte(text), &patch); err != nil {
		t.Fatal(err)
	}
	for key, value := range patch {
		old, isMap := spec[key].(map[string]any)
		if more, ok := value.(map[string]any); ok && isMap {
			maps.Copy(old, more)
			continue
		}
		spec[key] = value
	}
}

func (l life) flux(spec map[string]any) *plan.Flux {
	l.t.Helper()
	whole := maps.Clone(spec)
	whole["interval"], whole["chartRef"] = "1h", map[string]any{"kind": "HelmChart", "name": "app"}
	text, err := yaml.Marshal(map[string]any{
		"apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease", "metadata": map[string]any{"name": ReleaseName, "namespace": namespace}, "spec": whole,
	})
	if err != nil {
		l.t.Fatal(err)
	}
	body, err := yaml.YAMLToJSON(text)
	if err != nil {
		l.t.Fatal(err)
	}
	object, err := gitops.ParseObject(body, l.scenario.Name)
	if err != nil {
		l.t.Fatal(err)
	}
	release, err := gitops.ParseHelmRelease(object, "")
	if err != nil {
		l.t.Fatal(err)
	}
	return &release.Flux
}

// render renders the chart with the values of a spec.
func (l life) render(version string, spec map[string]any) plan.Render {
	l.t.Helper()
	files := fstest.MapFS{}
	for path, text := range l.scenario.Chart.Content("app", version) {
		files[path] = &fstest.MapFile{Data: []byte(strings.ReplaceAll(text, Home, namespace))}
	}
	helm4, err := plan.ParseEngine("helm4")
	if err != nil {
		l.t.Fatal(err)
	}
	options := source.ChartOptions{
		Target: source.Target{Given: "app"}, FS: files, Engine: helm4, Release: plan.Release{Name: ReleaseName, Namespace: namespace},
	}
	options.Values.Base, _ = spec["values"].(map[string]any)
	made, err := source.FromChart(options)
	if err != nil {
		return func(plan.Fields) (plan.Rendered, error) { return plan.Rendered{}, err }
	}
	return made.Render
}

func (l life) compare(observed Observed) {
	l.t.Helper()
	made, err := plan.Make(l.input())
	if err != nil {
		l.t.Errorf("%s: %v", observed.Do, err)
		return
	}
	stored := map[int]string{}
	if l.at > 0 {
		stored[1] = "deployed"
	}
	timelines := made.Timelines
	if end := made.FluxEnd; observed.Cut && end != nil && end.Repeats > 0 {
		for i := end.Repeats - 1; len(timelines) < len(observed.Actions); i++ {
			timelines = append(timelines, timelines[i])
		}
	}
	// Without a fault, a plan has each action once: the one that is refused, or in which the controller ends, but not what
	// comes of it.
	crashes := strings.HasPrefix(l.scenario.Name, "hook output log policy")
	if !made.Life && (crashes || observed.Cut) && len(timelines) > 0 && len(timelines) < len(observed.Actions) {
		observed.Actions, observed.Cut = observed.Actions[:len(timelines)], true
	}
	if diff := cmp.Diff(said(l.scenario, observed.Actions, stored), foretold(timelines)); diff != "" {
		l.t.Errorf("%s: -the controller +the plan\n%s", observed.Do, diff)
	}
	vanished := slices.ContainsFunc(l.scenario.Steps[l.at].Faults, func(f Fault) bool { return f.Outcome == Vanish })
	if l.at == len(l.scenario.Steps)-1 && !observed.Cut && !vanished {
		l.compareLeft(observed, timelines)
	}
	if observed.Cut || made.FluxEnd == nil {
		return
	}
	if gone := observed.Do == Delete && made.FluxEnd.Again == ""; observed.Gone != gone {
		l.t.Errorf("%s: the HelmRelease is gone: %t, the plan says %+v", observed.Do, observed.Gone, *made.FluxEnd)
	}
	if observed.Gone {
		return
	}
	ready, reason := observed.Condition("Ready")
	_, stalled := observed.Condition("Stalled")
	wantEnd, gotEnd := fmt.Sprintf("%s %s %s", ready, reason, stalled), fmt.Sprintf("%s %s %s", made.FluxEnd.Ready, made.FluxEnd.Reason, made.FluxEnd.Stalled)
	if wantEnd != gotEnd {
		l.t.Errorf("%s ends with Ready %s, the plan says %s", observed.Do, wantEnd, gotEnd)
	}
}

// compareLeft compares which objects of hooks exist in the end.
func (l life) compareLeft(observed Observed, timelines []plan.Timeline) {
	l.t.Helper()
	var got []string
	if len(timelines) > 0 {
		for _, o := range timelines[len(timelines)-1].Outcome.Left {
			if slices.Contains([]string{"ConfigMap", "Job"}, o.Kind) {
				got = append(got, strings.ToLower(o.Kind)+"s/"+o.Name)
			}
		}
	}
	slices.Sort(got)
	if diff := cmp.Diff(observed.HooksLeft(), got); diff != "" {
		l.t.Errorf("%s leaves: -the controller +the plan\n%s", observed.Do, diff)
	}
}

// said is what the controller did, as foretold has it.
func said(scenario Scenario, actions []Action, stored map[int]string) []string {
	var lines []string
	for _, a := range actions {
		lines = append(lines, a.Name)
		for _, call := range a.Calls(scenario.Ordinary...) {
			lines = append(lines, "  "+call)
		}
		a.Records(stored)
		lines = append(lines, "  history: "+history(stored))
	}
	return lines
}

func history(stored map[int]string) string {
	var parts []string
	for _, revision := range slices.Sorted(maps.Keys(stored)) {
		parts = append(parts, fmt.Sprintf("v%d %s", revision, stored[revision]))
	}
	return strings.Join(parts, ", ")
}

// foretold is what a plan says, a line each action, call for a hook, and history after an action.
func foretold(timelines []plan.Timeline) []string {
	var lines []string
	for _, line := range timelines {
		lines = append(lines, string(line.Action))
		for _, call := range calls(line) {
			lines = append(lines, "  "+call)
		}
		stored := map[int]string{}
		for _, r := range line.Outcome.History {
			stored[r.Revision] = string(r.Status)
		}
		lines = append(lines, "  history: "+history(stored))
	}
	return lines
}

func calls(line plan.Timeline) []string {
	var all []string
	for _, op := range line.Operations {
		if !slices.Contains([]plan.Op{plan.OpDelete, plan.OpCreate, plan.OpApply, plan.OpUpdate}, op.Op) || op.Result == plan.Skipped {
			continue
		}
		if !op.Hook {
			text := OrdinaryCalls
			if op.Phase == "crds" {
				text = DefinitionCalls
			}
			if len(all) == 0 || all[len(all)-1] != text {
				all = append(all, text)
			}
			continue
		}
		for _, o := range op.Objects {
			if strings.HasSuffix(o.Name, "<random>") && op.Result == plan.Failed {
				continue // an object without a name is refused before it is sent
			}
			text := fmt.Sprintf("%s %ss/%s", op.Op, strings.ToLower(o.Kind), o.Name)
			if op.Idle {
				text += " (404)"
			}
			all = append(all, text)
		}
	}
	return all
}
