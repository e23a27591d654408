package flux

import "strings"

// options are fields of the spec that change what an action does to hooks.
func options() []Scenario {
	red := "values: {color: red}"
	life := func(spec string) []Step {
		return []Step{{Do: Create, Spec: spec}, {Do: Change, Spec: red}, {Do: Delete}}
	}
	return append(shapes(), []Scenario{
		{Name: "hooks of install disabled", Steps: life("install: {disableHooks: true}")},
		{Name: "hooks of upgrade disabled", Steps: life("upgrade: {disableHooks: true}")},
		{Name: "hooks of uninstall disabled", Steps: life("uninstall: {disableHooks: true}")},
		{Name: "waits disabled", Chart: Chart{Jobs: []string{"pre-install", "post-upgrade"}}, Steps: life(
			"install: {disableWait: true, disableWaitForJobs: true}\nupgrade: {disableWait: true, disableWaitForJobs: true}\nuninstall: {disableWait: true}",
		)},
		{Name: "client-side apply", Steps: life("install: {serverSideApply: false}")},
		{Name: "client-side apply, later server-side", Steps: []Step{
			{Do: Create, Spec: "install: {serverSideApply: false}\nupgrade: {serverSideApply: enabled}"}, {Do: Change, Spec: red}, {Do: Delete},
		}},
		{Name: "ordinary Job fails", Chart: Chart{Files: ordinaryJob}, Steps: []Step{{Do: Create, Faults: fails("batch", 1)}}},
		{Name: "ordinary Job fails, Jobs not waited for", Chart: Chart{Files: ordinaryJob}, Steps: []Step{
			{Do: Create, Spec: "timeout: 7s\ninstall: {disableWaitForJobs: true}", Faults: fails("batch", 1)},
		}},
		{Name: "ordinary Job never ends, Jobs not waited for", Chart: Chart{Files: ordinaryJob}, Steps: []Step{
			{Do: Create, Spec: "timeout: 7s\ninstall: {disableWaitForJobs: true}", Faults: []Fault{{"batch", Never, 1}}},
		}},
		{Name: "hook succeeded is deleted", Chart: Chart{Jobs: []string{"pre-install"}, Policy: "before-hook-creation,hook-succeeded"}, Steps: life("")},
		{Name: "hook without before-hook-creation", Chart: Chart{Jobs: []string{"post-upgrade"}, Policy: "hook-failed"}, Steps: []Step{
			{Do: Create}, {Do: Change, Spec: red}, {Do: Change, Spec: "values: {color: green}"},
		}},
		{Name: "hook without before-hook-creation, client-side apply", Chart: Chart{Jobs: []string{"post-upgrade"}, Policy: "hook-failed"}, Steps: []Step{
			{Do: Create, Spec: "install: {serverSideApply: false}"}, {Do: Change, Spec: red}, {Do: Change, Spec: "values: {color: green}"},
		}},
		{Name: "unknown event", Why: "Helm drops the object; only the standard error tells", Chart: Chart{Files: map[string]string{
			"templates/both.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: both, annotations: {helm.sh/hook: \"post-install, pre-uninstall\"}}\n",
		}}, Steps: []Step{{Do: Create}}},
		{Name: "hook output log policy", Why: "the controller ends: fluxcd/helm-controller#1562", Chart: Chart{Files: map[string]string{
			"templates/logs.yaml": Job("logs", "helm.sh/hook: pre-install, helm.sh/hook-output-log-policy: hook-succeeded"),
		}}, Steps: []Step{{Do: Create}}},
		{Name: "hook output log policy of pre-upgrade", Chart: Chart{Files: map[string]string{
			"templates/logs.yaml": Job("logs", "helm.sh/hook: pre-upgrade, helm.sh/hook-output-log-policy: hook-succeeded"),
		}}, Steps: []Step{{Do: Create}, {Do: Change, Spec: red, Actions: 4}}},
		{Name: "hook Job vanishes", Chart: Chart{Jobs: []string{"pre-install"}}, Steps: []Step{
			{Do: Create, Spec: "timeout: 12s", Faults: []Fault{{"pre-install", Vanish, 1}}},
		}},
		{Name: "hook Job with a time to live vanishes", Chart: Chart{Files: map[string]string{
			"templates/brief.yaml": strings.Replace(Job("brief", "helm.sh/hook: pre-install"), "{backoffLimit", "{ttlSecondsAfterFinished: 1, backoffLimit", 1),
		}}, Steps: []Step{{Do: Create, Spec: "timeout: 12s", Faults: []Fault{{"brief", Vanish, 1}}}}},
		{Name: "hook Job suspended", Chart: Chart{Files: map[string]string{
			"templates/held.yaml": strings.Replace(Job("held", "helm.sh/hook: pre-install"), "{backoffLimit", "{suspend: true, backoffLimit", 1),
		}}, Steps: []Step{{Do: Create, Spec: "timeout: 12s"}}},
		{Name: "hook Job slow to go", Chart: slow, Steps: []Step{{Do: Create}, {Do: Change, Spec: red}, {Do: Change, Spec: "values: {color: green}"}}},
		{Name: "hook Job slow to go, waits disabled", Chart: slow, Steps: []Step{
			{Do: Create, Spec: "timeout: 12s\nupgrade: {disableWait: true}"}, {Do: Change, Spec: red}, {Do: Change, Spec: "values: {color: green}"},
		}},
		{Name: "rollback hooks of two versions", Why: "those of the revision that is rolled back to run", Chart: Chart{
			Jobs: []string{"pre-upgrade"},
			Files: map[string]string{
				"templates/versioned.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: back-from-VERSION, annotations: {helm.sh/hook: \"pre-rollback,pre-delete\"}}\n",
			},
		}, Steps: []Step{
			{Do: Create, Spec: "upgrade: {remediation: {remediateLastFailure: true}}"}, {Do: Publish, Faults: fails("pre-upgrade", 1)}, {Do: Delete},
		}},
		{Name: "definitions, no policy", Chart: defining, Steps: crds("")},
		{Name: "definitions, Create", Chart: defining, Steps: crds("crds: Create")},
		{Name: "definitions, CreateReplace", Chart: defining, Steps: crds("crds: CreateReplace")},
		{Name: "definitions, Skip", Chart: defining, Steps: crds("crds: Skip")},
		{Name: "definitions, Create, client-side apply", Chart: defining, Steps: []Step{
			{Do: Create, Spec: "install: {crds: Create, serverSideApply: false}\nupgrade: {crds: Create}"}, {Do: Publish},
		}},
		{Name: "definitions, CreateReplace, client-side apply", Chart: defining, Steps: []Step{
			{Do: Create, Spec: "install: {crds: CreateReplace, serverSideApply: false}\nupgrade: {crds: CreateReplace}"}, {Do: Publish},
		}},
		{Name: "post-renderer", Steps: rendering("", labelling)},
		{Name: "post-renderer, nohooks", Steps: rendering("postRenderStrategy: nohooks", labelling)},
		{Name: "post-renderer, separate", Steps: rendering("postRenderStrategy: separate", labelling)},
		{Name: "post-renderer takes a hook's annotation away", Chart: Chart{Jobs: []string{"pre-install"}}, Steps: rendering("", unhooking)},
		{Name: "post-renderer takes a hook's annotation away, separate", Chart: Chart{Jobs: []string{"pre-install"}}, Steps: rendering("postRenderStrategy: separate", unhooking)},
		{Name: "post-renderer makes an object a hook", Steps: rendering("", hooking)},
		{Name: "post-renderer makes an object a hook, nohooks", Steps: rendering("postRenderStrategy: nohooks", hooking)},
		{Name: "post-renderer added", Steps: []Step{{Do: Create}, {Do: Change, Spec: labelling}}},
		{Name: "common metadata", Steps: []Step{{Do: Create, Spec: "commonMetadata: {labels: {team: one}}"}, {Do: Change, Spec: "commonMetadata: {labels: {team: two}}"}}},
		{Name: "hook and object of one name", Chart: clashing, Steps: []Step{{Do: Create, Actions: 2}}},
		{Name: "hook and object of one name, nohooks", Chart: clashing, Steps: []Step{{Do: Create, Spec: "postRenderStrategy: nohooks"}, {Do: Change, Spec: red}}},
		{Name: "hook and object of one name, separate", Chart: clashing, Steps: []Step{{Do: Create, Spec: "postRenderStrategy: separate"}, {Do: Change, Spec: red}}},
		{Name: "two hooks of one name", Chart: Chart{Files: map[string]string{
			"templates/first.yaml":  account("pre-install"),
			"templates/second.yaml": account("post-install"),
		}}, Steps: []Step{{Do: Create, Actions: 2}}},
		{Name: "foreign objects", Steps: []Step{{Do: Squat}, {Do: Create}}},
		{Name: "foreign objects, not taken over", Steps: []Step{{Do: Squat}, {Do: Create, Spec: "install: {disableTakeOwnership: true}", Actions: 2}}},
		{Name: "Helm 3 defaults", Chart: Chart{Jobs: []string{"pre-install"}}, Flags: []string{"--feature-gates=UseHelm3Defaults=true"}, Steps: life("")},
		{Name: "drift", Chart: Chart{}, Steps: []Step{
			{Do: Create, Spec: "driftDetection: {mode: enabled}"}, {Do: Drift},
		}},
	}...)
}

var ordinaryJob = map[string]string{"templates/batch.yaml": Job("batch", "")}

// slow has a pre-upgrade Job that takes six seconds to vanish once it is deleted.
var slow = Chart{Without: []string{"pre-upgrade"}, Files: map[string]string{"templates/slow.yaml": `apiVersion: batch/v1
kind: Job
metadata: {name: slow, finalizers: [e2e.helm-hooks/slow], annotations: {helm.sh/hook: pre-upgrade}}
spec:
  backoffLimit: 0
  template:
    metadata: {annotations: {e2e.helm-hooks/gone-after: 6s}}
    spec: {restartPolicy: Never, containers: [{name: main, image: example.org/main}]}
`}}

// defining has a CustomResourceDefinition in crds/.
var defining = Chart{Files: map[string]string{"crds/widgets.yaml": `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.NAMESPACE.example.org, labels: {version: "VERSION"}}
spec:
  group: NAMESPACE.example.org
  scope: Namespaced
  names: {plural: widgets, singular: widget, kind: Widget, listKind: WidgetList}
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
`}}

// crds is a life under a policy for the definitions.
func crds(policy string) []Step {
	return []Step{
		{Do: Create, Spec: "install: {" + policy + "}\nupgrade: {" + policy + "}"}, {Do: Publish}, {Do: Delete},
	}
}

// account is a ServiceAccount as a hook.
func account(event string) string {
	return "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: account, annotations: {helm.sh/hook: \"" + event + "\"}}\n"
}

// clashing has an object that is a hook as well.
var clashing = Chart{Files: map[string]string{
	"templates/account.yaml": "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: account}\n",
	"templates/early.yaml":   account("pre-install,pre-upgrade"),
}}

// The post-renderers: one labels every ConfigMap, one makes an ordinary object of a hook, one a hook of an object.
const (
	labelling = `
postRenderers:
- kustomize:
    patches:
    - target: {kind: ConfigMap}
      patch: |
        - op: add
          path: /metadata/labels
          value: {seen: "yes"}
`
	unhooking = `
postRenderers:
- kustomize:
    patches:
    - target: {kind: Job, name: pre-install}
      patch: |
        - op: remove
          path: /metadata/annotations
`
	hooking = `
postRenderers:
- kustomize:
    patches:
    - target: {kind: ConfigMap, name: settings}
      patch: |
        - op: add
          path: /metadata/annotations
          value: {helm.sh/hook: post-install}
`
)

// rendering is a life with a post-renderer.
func rendering(strategy, renderer string) []Step {
	return []Step{{Do: Create, Spec: strategy + renderer}, {Do: Force}, {Do: Delete}}
}
