package oracle

import (
	"fmt"
	"strings"

	"pgregory.net/rapid"

	"github.com/helm-hooks/helm-hooks/test/oracle/scenario"
)

var events = []string{
	"pre-install", "pre-install", "post-install", "pre-upgrade", "pre-upgrade", "post-upgrade", "pre-delete",
	"post-delete", "pre-rollback", "post-rollback", "test", "test-success",
}

// oddEvents are YAML scalars that drop the document.
var oddEvents = []string{
	`"pre-install,"`, `"post-install, pre-uninstall"`, `""`, "", "true", "crd-install", "test-failure",
	`"pre-install post-install"`, `"pre_install"`, "sync",
}

// weights are YAML scalars. The unquoted one makes the hook fail when it is built.
var weights = []string{
	`"5"`, `"5"`, `"-5"`, `"0"`, `"1"`, `"10"`, `"+3"`, `" 7"`, `"1.5"`, `"0x10"`, `"010"`, `"abc"`, `"1_000"`,
	`"9223372036854775807"`, `"9223372036854775808"`, `"-"`, `""`, "", "5",
}

type kind struct {
	version, kind string
	cluster       bool
	body          func(g *generator, hook bool) string
}

var kinds = func() []kind {
	job := kind{version: "batch/v1", kind: "Job", body: jobBody}
	pod := kind{version: "v1", kind: "Pod", body: podBody}
	config := kind{version: "v1", kind: "ConfigMap", body: dataBody("data")}
	return []kind{
		job, job, job, job, job, pod, pod, config, config, config,
		{version: "v1", kind: "Secret", body: dataBody("stringData")},
		{version: "v1", kind: "ServiceAccount", body: fixed("")},
		{version: "apps/v1", kind: "Deployment", body: deploymentBody},
		{version: "rbac.authorization.k8s.io/v1", kind: "Role", body: fixed("rules: []\n")},
		{version: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", cluster: true, body: fixed("rules: []\n")},
		{version: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition", cluster: true, body: crdBody},
		{version: "example.com/v1", kind: "Widget", body: dataBody("spec")},
		{version: "acme.io/v1alpha1", kind: "Gadget", body: dataBody("spec")},
		{version: "batch.volcano.sh/v1alpha1", kind: "Job", body: jobBody},
	}
}()

func fixed(text string) func(*generator, bool) string {
	return func(*generator, bool) string { return text }
}

// image sometimes changes from one revision to the next.
func (g *generator) image() string {
	return pick(g.T, "i", "i", "i", "i", "j", `"i:{{ .Release.Revision }}"`)
}

func jobBody(g *generator, hook bool) string {
	suspend := ""
	if hook && oneIn(g.T, 25) {
		suspend = "  suspend: true\n"
	}
	return fmt.Sprintf("spec:\n%s  template:\n    spec:\n      restartPolicy: Never\n      containers: [{name: c, image: %s}]\n", suspend, g.image())
}

// podBody changes the command, not the image: a Pod's image may change in place.
func podBody(g *generator, _ bool) string {
	policy := pick(g.T, "Never", "Never", "Never", "Never", "OnFailure", "Always", "")
	if policy != "" {
		policy = "  restartPolicy: " + policy + "\n"
	}
	return fmt.Sprintf("spec:\n%s  containers: [{name: c, image: i, command: [%s]}]\n", policy, g.image())
}

func dataBody(field string) func(*generator, bool) string {
	return func(g *generator, _ bool) string {
		return field + ": {a: " + g.image() + "}\n"
	}
}

func deploymentBody(g *generator, _ bool) string {
	return fmt.Sprintf("spec:\n  selector: {matchLabels: {app: x}}\n  template:\n    metadata: {labels: {app: x}}\n    spec: {containers: [{name: c, image: %s}]}\n", g.image())
}

// crdBody is of a kind no generated object has, so that scopes do not change during a life.
func crdBody(g *generator, _ bool) string {
	_, spec, _ := strings.Cut(crd("others.example.com", "Other", pick(g.T, "Namespaced", "Cluster")), "\nspec:")
	return "spec:" + spec
}

func crd(name, kind, scope string) string {
	plural, group, _ := strings.Cut(name, ".")
	return fmt.Sprintf("apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: %s\nspec:\n"+
		"  group: %s\n  scope: %s\n  names: {kind: %s, plural: %s, singular: %s, listKind: %sList}\n"+
		"  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]\n",
		name, group, scope, kind, plural, strings.ToLower(kind), kind)
}

// GenerateSteps builds a life of one release: an install and a few steps after it, often up to four more where
// one of them fails. helm is "3", "4" or "" for steps of both in turn. Faults name objects as Generate names
// them; every step uses chart 0.
func GenerateSteps(t *rapid.T, helm string) []scenario.Step {
	steps := []scenario.Step{generateStep(t, helm, scenario.Install)}
	if !oneIn(t, 4) {
		steps[0].Faults = nil // else most lives end before they begin
	}
	for left := rapid.IntRange(1, 5).Draw(t, "steps"); left > 0; left-- {
		action := pick(t, scenario.Upgrade, scenario.Upgrade, scenario.Upgrade, scenario.Test, scenario.Rollback,
			scenario.Rollback, scenario.Uninstall)
		last := steps[len(steps)-1]
		if last.Action == scenario.Uninstall && !oneIn(t, 4) || oneIn(t, 20) {
			action = scenario.Install
		}
		step := generateStep(t, helm, action)
		if action == scenario.Rollback && !oneIn(t, 8) {
			step.RollbackTo = rapid.IntRange(0, len(steps)).Draw(t, "revision")
		}
		steps = append(steps, step)
		if len(step.Faults) > 0 && oneIn(t, 2) {
			left = max(left, 1+rapid.IntRange(0, 4).Draw(t, "steps after a fault"))
		}
	}
	return steps
}

func generateStep(t *rapid.T, helm, action string) scenario.Step {
	step := scenario.Step{Helm: helm, Action: action, NoHooks: action != scenario.Test && oneIn(t, 15)}
	if helm == "" {
		step.Helm = pick(t, "3", "4")
	}
	if action != scenario.Test && oneIn(t, 3) {
		step.Wait = pick(t, scenario.WaitWatcher, scenario.WaitWatcher, scenario.WaitLegacy, scenario.WaitHookOnly)
		step.WaitForJobs = action != scenario.Uninstall && oneIn(t, 4)
	}
	switch action {
	case scenario.Install:
		step.Atomic, step.SkipCRDs, step.Replace = oneIn(t, 5), oneIn(t, 8), oneIn(t, 3)
	case scenario.Upgrade:
		step.Atomic, step.CleanupOnFail = oneIn(t, 4), oneIn(t, 5)
	case scenario.Rollback:
		step.RollbackTo, step.CleanupOnFail = pick(t, 0, 0, 1, 1, 2), oneIn(t, 5)
	case scenario.Uninstall:
		step.KeepHistory = oneIn(t, 3)
	case scenario.Test:
		if oneIn(t, 4) {
			step.Filters = pick(t, []string{"name=a"}, []string{"!name=a"}, []string{"name=b", "name=mig"}, []string{"! name=b"})
		}
	}
	if step.Helm == "4" && action != scenario.Test && action != scenario.Uninstall {
		generateFour(t, &step)
	}
	for range pick(t, 0, 0, 1, 1, 2) {
		step.Faults = append(step.Faults, generateFault(t))
	}
	return step
}

// generateFour draws what only Helm 4 has, or has in a form that matters here.
func generateFour(t *rapid.T, step *scenario.Step) {
	if oneIn(t, 6) {
		step.ServerSide = pick(t, "true", "false", "auto")
	}
	step.ForceConflicts = step.ServerSide != "false" && oneIn(t, 6)
	if step.Action == scenario.Rollback {
		step.MaxHistory = pick(t, 0, 0, 0, -1, 1, 2, 5)
		return
	}
	step.TakeOwnership = oneIn(t, 5)
	if step.Action == scenario.Upgrade {
		step.MaxHistory = pick(t, 0, 0, 0, -1, 1, 2, 5)
	}
}

func generateFault(t *rapid.T) scenario.Fault {
	f := scenario.Fault{Object: scenario.ObjectResources, Times: pick(t, 0, 0, 1)}
	if oneIn(t, 5) {
		f.At = pick(t, scenario.AtCreate, scenario.AtWait, scenario.AtDelete)
		if oneIn(t, 4) {
			f.Event = pick(t, scenario.EventResources, scenario.Install, scenario.Upgrade, scenario.Rollback, scenario.Uninstall)
		}
	} else {
		f.Object = pick(t, "Job", "Job", "Pod", "ConfigMap") + "/" + pick(t, "a", "b", "c", "mig", "job-9", "job-10")
		f.At = pick(t, scenario.AtCreate, scenario.AtWait, scenario.AtWait, scenario.AtTimeout, scenario.AtDelete)
		if oneIn(t, 2) {
			f.Event = strings.Replace(pick(t, events...), "test-success", "test", 1)
		}
	}
	if oneIn(t, 6) {
		f.At = pick(t, scenario.AtInterrupt, scenario.AtKill)
	}
	return f
}
