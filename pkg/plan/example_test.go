package plan_test

import (
	"fmt"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// chart stands for a chart that Helm has rendered: documents as they were cut out of the templates. This one is the
// same in each revision.
func chart(texts ...string) plan.Render {
	return func(plan.Fields) (plan.Rendered, error) {
		var rendered plan.Rendered
		for i, text := range texts {
			rendered.Documents = append(rendered.Documents, plan.Document{
				Template: fmt.Sprintf("shop/templates/%d.yaml", i), Text: text,
			})
		}
		return rendered, nil
	}
}

const settings = `
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
`

// job is a hook.
func job(name, annotations string) string {
	return fmt.Sprintf(`
apiVersion: batch/v1
kind: Job
metadata: {name: %s, annotations: {%s}}
spec: {template: {spec: {restartPolicy: Never, containers: [{name: main, image: shop}]}}}
`, name, annotations)
}

// question is what most callers begin with. A Timeout of zero would have Helm's own meaning of --timeout 0.
func question(engine string, render plan.Render, actions ...plan.Action) plan.Input {
	rules, err := plan.ParseEngine(engine)
	if err != nil {
		panic(err)
	}
	return plan.Input{
		Engine: rules, Release: plan.Release{Name: "shop", Namespace: "web"}, Render: render, Actions: actions,
		Options: plan.Options{Timeout: plan.DefaultTimeout},
	}
}

// What runs in an install, in which order, and what Helm waits for.
func Example() {
	render := chart(
		settings,
		job("smoke", "helm.sh/hook: post-install"),
		job("migrate", "helm.sh/hook: 'pre-install,pre-upgrade'"),
		job("account", "helm.sh/hook: pre-install, helm.sh/hook-weight: '-5'"),
	)
	made, err := plan.Make(question("helm4", render, plan.Install))
	if err != nil {
		panic(err)
	}
	for _, phase := range made.Timelines[0].Phases {
		if phase.Objects > 0 {
			fmt.Println("ordinary objects:", phase.Objects)
		}
		for _, step := range phase.Steps {
			fmt.Printf("%s: %d %s, until %s\n", phase.Name, step.Order, step.Hook.Object.Ref(), step.WaitsFor)
		}
	}
	// Output:
	// pre-install: 1 Job/account, until completion
	// pre-install: 2 Job/migrate, until completion
	// ordinary objects: 1
	// post-install: 1 Job/smoke, until completion
}

// What Helm drops without a word, and what is wrong with the rest.
func ExampleMake() {
	render := chart(
		job("drain", "helm.sh/hook: pre-uninstall"),
		job("smoke", "helm.sh/hook: 'post-install,post-upgrade', helm.sh/hook-delete-policy: hook-failed"),
	)
	made, err := plan.Make(question("helm3", render))
	if err != nil {
		panic(err)
	}
	fmt.Println(made.Documents, "documents:", made.Hooks, "hook,", made.Resources, "resources,", len(made.Ignored), "ignored")
	for _, ignored := range made.Ignored {
		fmt.Printf("%s: %s did you mean %s?\n", ignored.Rule, ignored.Message, ignored.DidYouMean)
	}
	for _, finding := range made.Findings {
		fmt.Printf("%s: %s: %s\n", finding.Rule, finding.Severity, finding.Message)
	}
	// Output:
	// 2 documents: 1 hook, 0 resources, 1 ignored
	// HH001: "pre-uninstall" is no Helm event, so Helm drops the whole object: it is neither installed nor run. did you mean pre-delete?
	// HH101: error: Job/smoke fails in post-upgrade of the next upgrade: the object of the last run already exists, as its delete policy "hook-failed" has no before-hook-creation
	// HH103: info: Job/smoke is left in the cluster after uninstall: Helm never deletes what hooks made, except by policy
}

// What a failing hook leaves, and the ways out.
func ExampleMake_failure() {
	input := question("helm4", chart(settings, job("migrate", "helm.sh/hook: 'pre-install,pre-upgrade'")), plan.Upgrade)
	fault, err := plan.ParseFault("Job/migrate:timeout")
	if err != nil {
		panic(err)
	}
	input.Faults = []plan.Fault{fault}
	made, err := plan.Make(input)
	if err != nil {
		panic(err)
	}
	upgrade := made.Timelines[0]
	fmt.Println(upgrade.Outcome.Error)
	fmt.Println(upgrade.Outcome.History)
	for _, way := range upgrade.Recovery.Ways {
		fmt.Printf("%s: %v\n", way.Goal, way.History)
	}
	// Output:
	// pre-upgrade hooks failed: resource Job/web/migrate not ready. status: InProgress: context deadline exceeded
	// [{1 deployed} {2 failed}]
	// mend the cause and upgrade again: [{1 superseded} {2 failed} {3 deployed}]
	// go back to revision 1: [{1 superseded} {2 failed} {3 deployed}]
}

// What a change of a chart does to its hooks.
func ExampleCompare() {
	before, err := plan.Make(question("helm4", chart(job("smoke", "helm.sh/hook: post-install"))))
	if err != nil {
		panic(err)
	}
	after, err := plan.Make(question("helm4", chart(job("smoke", "helm.sh/hook: post-instal"))))
	if err != nil {
		panic(err)
	}
	for _, change := range plan.Compare(before, after).Changes {
		fmt.Printf("%s: %s: %q, then %q\n", change.Impact, change.Kind, change.Old, change.New)
	}
	// Output:
	// breaks: ignored: "a hook in post-install", then "ignored: \"post-instal\" is no Helm event, so Helm drops the whole object: it is neither installed nor run. (HH001)"
	// differs: left: "left in the cluster", then ""
	// differs: waits: "install 5m", then "install not at all"
}

// Rules are named by a Helm version. Versions that are not known are errors that name the range.
func ExampleParseEngine() {
	for _, text := range []string{"helm4", "helm3@3.18", "helm3@3.2"} {
		engine, err := plan.ParseEngine(text)
		if err != nil {
			fmt.Println("error:", err)
			continue
		}
		fmt.Println(engine, engine.Actions())
	}
	// Output:
	// Helm 4.3 [install upgrade rollback uninstall test]
	// Helm 3.18 [install upgrade rollback uninstall test]
	// error: engine "helm3@3.2": the rules of helm3 are known from 3.13 on (newest 3.22)
}

// When one hook runs, and what happens if it fails.
func ExampleExplainHook() {
	render := chart(settings, job("migrate", "helm.sh/hook: 'pre-install,pre-upgrade'"))
	life, err := plan.ExplainHook(question("helm4", render), "job/migrate")
	if err != nil {
		panic(err)
	}
	for _, run := range life.Runs {
		fmt.Printf("%s: %s, until %s; if it fails: %s\n", run.Action, run.Phase.Name, run.Step.WaitsFor, run.IfFails.Outcome.Status)
	}
	fmt.Println("never in", life.Idle)
	for _, object := range life.LeftAfterUninstall {
		fmt.Println("left after uninstall:", object.Ref())
	}
	// Output:
	// install: pre-install, until completion; if it fails: failed
	// upgrade: pre-upgrade, until completion; if it fails: failed
	// never in [rollback uninstall test]
	// left after uninstall: Job/migrate
}

// Every failure of every action, a row each.
func ExampleMakeMatrix() {
	input := question("helm3", chart(settings, job("migrate", "helm.sh/hook: 'pre-install,pre-upgrade'")), plan.Install, plan.Upgrade)
	input.Options.Atomic = true
	matrix, err := plan.MakeMatrix(input)
	if err != nil {
		panic(err)
	}
	for _, row := range matrix.Rows {
		what := row.Object.Ref()
		if row.Order == 0 {
			what = "ordinary objects"
		}
		fmt.Printf("%s, %s: %s, %v\n", row.Action, what, row.Outcome.Result, row.Outcome.History)
	}
	// Output:
	// install, Job/migrate: failed, []
	// install, ordinary objects: failed, []
	// upgrade, Job/migrate: failed, [{1 superseded} {2 failed} {3 deployed}]
	// upgrade, ordinary objects: failed, [{1 superseded} {2 failed} {3 deployed}]
}

// One command after the other, each over the state that the last one left.
func ExampleRun() {
	engine, err := plan.ParseEngine("helm3")
	if err != nil {
		panic(err)
	}
	release := plan.Release{Name: "shop", Namespace: "web"}
	render := chart(job("smoke", "helm.sh/hook: 'post-install,post-upgrade', helm.sh/hook-delete-policy: hook-failed"))
	var state plan.State // an empty cluster
	for _, action := range []plan.Action{plan.Install, plan.Upgrade} {
		command := plan.Command{Action: action, Options: plan.Options{Timeout: plan.DefaultTimeout}}
		trace, next, err := plan.Run(engine, release, state, command, render)
		if err != nil {
			panic(err)
		}
		fmt.Println(action, trace.Outcome.Result)
		for _, op := range trace.Operations {
			switch {
			case op.Hook && op.Error != "":
				fmt.Printf("  %s %s: %s\n", op.Op, op.Result, op.Error)
			case op.Hook:
				fmt.Printf("  %s %s\n", op.Op, op.Result)
			}
		}
		state = next
	}
	fmt.Println(state.History())
	// Output:
	// install ok
	//   record ok
	//   create ok
	//   wait ok
	// upgrade failed
	//   record ok
	//   create failed: jobs.batch "smoke" already exists
	// [{1 deployed} {2 failed}]
}
