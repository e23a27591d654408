package oracle

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"sigs.k8s.io/yaml"

	"github.com/helm-hooks/helm-hooks/internal/helm3"
	"github.com/helm-hooks/helm-hooks/internal/helm4"
	"github.com/helm-hooks/helm-hooks/internal/source/sdk"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
	"github.com/helm-hooks/helm-hooks/test/oracle/scenario"
)

// foretold is what the machine makes of a scenario: the result, in the oracle's language so that the two can
// be compared to the letter, and its state after each step. twins says that two ordinary documents of a step
// are one object.
type foretold struct {
	scenario.Result
	states []plan.State
	twins  bool
}

// predict plays a scenario on the machine of pkg/plan.
func predict(sc scenario.Scenario, engines map[string]plan.Engine) (f foretold, err error) {
	release := plan.Release{Name: sc.Release, Namespace: sc.Namespace}
	if release.Namespace == "" {
		release.Namespace = "default"
	}
	var state plan.State
	for i, step := range sc.Steps {
		engine := engines[step.Helm]
		render, err := renderer(sc.Charts[step.Chart], engine, release)
		if err != nil {
			return f, fmt.Errorf("step %d: %w", i, err)
		}
		trace, next, err := plan.Run(engine, release, state, command(step), render)
		if err != nil {
			return f, fmt.Errorf("step %d: %w", i, err)
		}
		state = next
		one := stepResult(trace, state)
		double, err := sorted(&one, trace, engine, release, render)
		if err != nil {
			return f, fmt.Errorf("step %d: %w", i, err)
		}
		f.Steps, f.states, f.twins = append(f.Steps, one), append(f.states, state), f.twins || double
	}
	return f, nil
}

// sorted adds what the classifier makes of the step's render. twins says that two ordinary documents of
// it are one object.
func sorted(result *scenario.StepResult, trace plan.Trace, engine plan.Engine, release plan.Release, render plan.Render) (twins bool, err error) {
	fields := plan.Fields{Revision: 1}
	switch trace.Action {
	case plan.Install:
	case plan.Upgrade:
		fields = plan.Fields{Revision: trace.Revision, IsUpgrade: true}
	default:
		return false, nil
	}
	rendered, err := render(fields)
	if err != nil {
		return false, err
	}
	inventory, err := plan.Classify(rendered, release, engine)
	if err != nil {
		return false, err
	}
	result.Resources, result.DroppedCount = len(inventory.Resources), len(inventory.Dropped)
	for _, h := range inventory.Hooks {
		info := scenario.HookInfo{Path: h.Template, Kind: h.Kind, Name: h.Name, Weight: h.Weight}
		for _, e := range h.Events {
			info.Events = append(info.Events, string(e))
		}
		for _, p := range h.DeletePolicies {
			info.DeletePolicies = append(info.DeletePolicies, string(p))
		}
		result.Hooks = append(result.Hooks, info)
	}
	seen := map[string]bool{}
	for _, r := range inventory.Resources {
		objects := r.Items
		if objects == nil {
			objects = []plan.Object{r.Object}
		}
		for _, id := range ids(objects) {
			twins = twins || (seen[id] && r.Object.Kind != "")
			seen[id] = true
		}
	}
	return twins, nil
}

func renderer(c scenario.Chart, engine plan.Engine, release plan.Release) (plan.Render, error) {
	chart, err := load(c, engine.Name)
	if err != nil {
		return nil, err
	}
	values, err := parseValues(c.Values)
	if err != nil {
		return nil, err
	}
	return func(fields plan.Fields) (plan.Rendered, error) {
		result, err := chart.Render(sdk.Request{Engine: engine, Release: release, Fields: fields, Values: values})
		return result.Rendered, err
	}, nil
}

func parseValues(text string) (map[string]any, error) {
	values := map[string]any{}
	err := yaml.Unmarshal([]byte(text), &values)
	return values, err
}

func load(c scenario.Chart, engine string) (sdk.Chart, error) {
	if c.Dir != "" {
		if engine == "helm3" {
			return helm3.Load(c.Dir)
		}
		return helm4.Load(c.Dir)
	}
	files := fstest.MapFS{}
	for name, content := range c.Files {
		files[name] = &fstest.MapFile{Data: []byte(content)}
	}
	if engine == "helm3" {
		return helm3.LoadFS(files)
	}
	return helm4.LoadFS(files)
}

func command(step scenario.Step) plan.Command {
	timeout := time.Duration(step.TimeoutSeconds) * time.Second
	if timeout == 0 {
		timeout = plan.DefaultTimeout
	}
	c := plan.Command{
		Action: plan.Action(step.Action),
		Options: plan.Options{
			Wait: plan.WaitStrategy(step.Wait), WaitForJobs: step.WaitForJobs, Atomic: step.Atomic,
			NoHooks: step.NoHooks, SkipCRDs: step.SkipCRDs, CleanupOnFail: step.CleanupOnFail,
			KeepHistory: step.KeepHistory, Replace: step.Replace, ServerSide: plan.ServerSide(step.ServerSide),
			Timeout: timeout, TestFilter: step.Filters, RollbackTo: step.RollbackTo,
			TakeOwnership: step.TakeOwnership, ForceConflicts: step.ForceConflicts, MaxHistory: step.MaxHistory,
		},
	}
	for _, f := range step.Faults {
		c.Faults = append(c.Faults, plan.Fault{Object: f.Object, Event: plan.Event(f.Event), At: plan.FaultPoint(f.At), Times: f.Times})
	}
	return c
}

func stepResult(trace plan.Trace, state plan.State) scenario.StepResult {
	result := scenario.StepResult{Objects: ids(state.Objects()), HookObjects: ids(state.Left())}
	sort.Strings(result.Objects)
	sort.Strings(result.HookObjects)
	for _, op := range trace.Operations {
		result.Ops = append(result.Ops, scenario.Op{
			Op: string(op.Op), Event: op.Phase, Hook: op.Hook, Revision: op.Revision, Objects: ids(op.Objects), Err: op.Error,
		})
	}
	for _, r := range trace.Outcome.History {
		result.History = append(result.History, scenario.Revision{Revision: r.Revision, Status: string(r.Status)})
	}
	if trace.Outcome.Result == plan.Failed {
		result.Err = trace.Outcome.Error
	}
	return result
}

func ids(objects []plan.Object) []string {
	var list []string
	for _, o := range objects {
		group, _, found := strings.Cut(o.APIVersion, "/")
		if !found {
			group = ""
		}
		list = append(list, scenario.ID(group, o.Kind, o.Namespace, strings.Replace(o.Name, "<random>", "*", 1)))
	}
	return list
}

// madeUp matches the names that testdata/charts/volatile makes up at each render, as no two renders
// agree on them.
var madeUp = regexp.MustCompile(`/seed-[a-z0-9]{5}\b`)

// lines reduces a step to what must be equal: each operation with its objects and whether it failed,
// the records, and the objects that exist. The words of errors are not compared.
func lines(step scenario.StepResult) []string {
	var out []string
	for _, op := range step.Ops {
		objects := slices.Clone(op.Objects)
		if !op.Hook {
			// Ordinary objects of one kind are sent at the same time: their order means nothing.
			sort.Strings(objects)
		}
		if op.Op == scenario.OpLogs {
			objects = logged(objects)
		}
		line := fmt.Sprintf("%s %s %s", op.Event, op.Op, strings.Join(objects, " "))
		if op.Err != "" {
			line += " FAILED"
		}
		out = append(out, line)
	}
	verdict := "ok"
	if step.Err != "" {
		verdict = "failed"
	}
	out = append(out, "= "+verdict)
	for _, r := range step.History {
		out = append(out, fmt.Sprintf("record %d %s", r.Revision, r.Status))
	}
	for _, o := range step.HookObjects {
		out = append(out, "left "+o)
	}
	for _, o := range step.Objects {
		out = append(out, "exists "+o)
	}
	for i := range out {
		out[i] = madeUp.ReplaceAllString(out[i], "/seed-*")
	}
	return out
}

// logged reduces objects to kind, namespace and name, by which Helm asks for Pods; the group does not
// come into it, and neither does a name that the server made up.
func logged(objects []string) []string {
	var asked []string
	for _, id := range objects {
		_, id, _ = strings.Cut(id, "/")
		if strings.HasSuffix(id, "*") {
			id = id[:strings.LastIndex(id, "/")+1]
		}
		asked = append(asked, id)
	}
	return asked
}

// errUnrenderable marks scenarios that neither side can render.
var errUnrenderable = errors.New("not renderable")

// errUnserved marks scenarios with objects that the imitated server refuses whatever Helm does.
var errUnserved = errors.New("holds an object that no server takes")

// refusedByServer tells an API that is not served (removed versions) and an object that breaks its
// schema. The machine takes it that the cluster serves and accepts what the chart asks for.
func refusedByServer(text string) bool {
	return strings.Contains(text, "no matches for kind") || strings.Contains(text, "cannot be handled as a") ||
		strings.Contains(text, "failed to create typed patch object")
}

// refusedByCommandLine tells charts that the command line turns down before Helm's actions, which the
// oracle drives, would see them.
func refusedByCommandLine(err error) bool {
	return err != nil && (strings.Contains(err.Error(), "missing in charts/ directory") || strings.Contains(err.Error(), "charts are not installable") ||
		strings.Contains(err.Error(), "invalid chart apiVersion"))
}

// agree demands that Helm and the machine do the same. It gives the number of operations compared.
func agree(t fataler, sc scenario.Scenario, engines map[string]plan.Engine, helm func(scenario.Scenario) (scenario.Result, error)) (operations int, err error) {
	t.Helper()
	predicted, predictError := predict(sc, engines)
	did, helmError := helm(sc)
	if predictError != nil || helmError != nil {
		if refusedByCommandLine(predictError) || predictError != nil && (helmError != nil || failedToRender(did)) {
			return 0, errUnrenderable
		}
		t.Fatalf("one side could not play the scenario: Helm %v, machine %v\n%s", helmError, predictError, describe(sc))
	}
	for i := range did.Steps {
		if refusedByServer(did.Steps[i].Err) {
			return operations, errUnserved
		}
		if !slices.Equal(lines(did.Steps[i]), lines(predicted.Steps[i])) {
			if predicted.twins {
				return operations, errRace
			}
			t.Fatalf("step %d (%s): -Helm +machine\n%s\nHelm: %s\nmachine: %s\n%s", i, stepWords(sc.Steps[i]),
				cmp.Diff(lines(did.Steps[i]), lines(predicted.Steps[i])), did.Steps[i].Err, predicted.Steps[i].Err, describe(sc))
		}
		operations += len(did.Steps[i].Ops)
		if namesChange(sc, i, did, helm) {
			return operations, errVolatile
		}
		agreeOnSorting(t, did.Steps[i], predicted.Steps[i], sc)
	}
	return operations, nil
}

// errVolatile marks charts that name hooks at random: no two renders of theirs can be compared.
var errVolatile = errors.New("names hooks at random")

// namesChange says whether Helm's own next run names the hooks of a step otherwise. It runs Helm again
// only for charts that could do so.
func namesChange(sc scenario.Scenario, step int, did scenario.Result, helm func(scenario.Scenario) (scenario.Result, error)) bool {
	if len(did.Steps[step].Hooks) == 0 || sc.Charts[0].Dir == "" || strings.Contains(sc.Charts[0].Dir, "testdata/charts/") {
		return false
	}
	again, err := helm(sc)
	return err == nil && !cmp.Equal(did.Steps[step].Hooks, again.Steps[step].Hooks)
}

// errRace marks scenarios in which two ordinary documents are one object: Helm sends objects of one kind
// at the same time, so that it is chance which of the two stays.
var errRace = errors.New("two documents for one object race in Helm itself")

// agreeOnSorting compares what SortManifests and the classifier made of the same render. Helm gives it
// only where it got as far as a release.
func agreeOnSorting(t fataler, did, predicted scenario.StepResult, sc scenario.Scenario) {
	t.Helper()
	if len(did.Hooks)+did.Resources+did.DroppedCount == 0 {
		return
	}
	// Running the hooks puts the default policy into Helm's record of them.
	for i := range did.Hooks {
		if i < len(predicted.Hooks) && len(predicted.Hooks[i].DeletePolicies) == 0 && slices.Equal(did.Hooks[i].DeletePolicies, []string{"before-hook-creation"}) {
			did.Hooks[i].DeletePolicies = nil
		}
	}
	if diff := cmp.Diff(did.Hooks, predicted.Hooks, cmpopts.EquateEmpty(), cmp.Transformer("name", func(s string) string { return madeUp.ReplaceAllString("/"+s, "/seed-*") })); diff != "" {
		t.Fatalf("hooks: -Helm +machine\n%s\n%s", diff, describe(sc))
	}
	if did.Resources != predicted.Resources || did.DroppedCount != predicted.DroppedCount {
		t.Fatalf("Helm sorted %d resources and dropped %d, the classifier %d and %d\n%s", did.Resources, did.DroppedCount, predicted.Resources, predicted.DroppedCount, describe(sc))
	}
}

// fataler is what *testing.T and *rapid.T have in common here.
type fataler interface {
	Helper()
	Fatalf(format string, arguments ...any)
}

func failedToRender(r scenario.Result) bool {
	for _, step := range r.Steps {
		if step.Err != "" && len(step.Ops) == 0 {
			return true
		}
	}
	return false
}

var _ fataler = (*testing.T)(nil)
