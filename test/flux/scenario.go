package flux

import (
	"fmt"
	"slices"
	"strings"
)

// ReleaseName is the name of the HelmRelease, and so of the release where the spec gives no other.
const ReleaseName = "app"

// Scenario is the life of one HelmRelease.
type Scenario struct {
	Name string
	// Why it matters to somebody who predicts hooks; empty where the name says it all.
	Why   string
	Chart Chart
	// Ordinary are objects of the chart's own files that turn out to be no hooks, as RESOURCE/NAME.
	Ordinary []string
	// Flags are more flags of the controller.
	Flags []string
	Steps []Step
}

// Chart is a chart with a ConfigMap that is no hook, and one hook an event, which bears the event's name.
type Chart struct {
	// Jobs are the events whose hook is a Job. The other hooks are ConfigMaps, which are never waited for.
	Jobs []string
	// Without are the events that have no hook.
	Without []string
	// Policy is the hooks' delete policy; Helm's default where it is empty.
	Policy string
	// Files are more files, by their path in the chart. VERSION in them stands for the chart's version.
	Files map[string]string
}

// The words of Step.Do.
const (
	// Create makes the HelmRelease; Spec is its spec.
	Create = "create"
	// Change merges Spec into the spec.
	Change = "change"
	// Publish gives the chart a new version, Rename also another name.
	Publish = "publish"
	Rename  = "rename"
	// Reconcile asks for a reconciliation, Force also for a release, Reset for the failures to be forgotten.
	Reconcile = "reconcile"
	Force     = "force"
	Reset     = "reset"
	// Delete deletes the HelmRelease.
	Delete = "delete"
	// Forget takes the newest record of the release out of the storage, Tamper changes it; both then ask for a
	// reconciliation.
	Forget = "forget"
	Tamper = "tamper"
	// Drift deletes the ConfigMap that is no hook and the hook of post-install, and asks for a reconciliation.
	Drift = "drift"
	// Squat makes ConfigMaps of the chart's names before there is a HelmRelease.
	Squat = "squat"
)

// Other stands in a spec for a second namespace, and Home in the chart for the scenario's own.
const (
	Other = "{{other}}"
	Home  = "NAMESPACE"
)

// Step is something that happens to the HelmRelease. It is over when the controller has come to rest.
type Step struct {
	Do   string
	Spec string
	// Faults hold from here on, beside those of earlier steps.
	Faults []Fault
	// KillAt is the hook at whose creation the controller is killed, once. Then it is started again.
	KillAt string
	// Actions cuts the step off after so many Helm actions, where the controller would go on for ever.
	Actions int
	// Stuck says that the controller tries for ever without doing anything.
	Stuck bool
	// Meanwhile is merged into the spec when the first action of the step has ended.
	Meanwhile string
}

// Fault is what becomes of the next Times runs of a Job; of all where Times is 0.
type Fault struct {
	Job     string
	Outcome string
	Times   int
}

// The outcomes of a Job. Any other ends well.
const (
	Fail  = "fail"
	Never = "never"
	// Vanish is a Job that runs and is gone after a second.
	Vanish = "vanish"
)

func fails(job string, times int) []Fault { return []Fault{{Job: job, Outcome: Fail, Times: times}} }

// Events are Helm's, one hook of each being in the chart.
func Events() []string {
	return []string{
		"pre-install", "post-install", "pre-upgrade", "post-upgrade", "pre-rollback", "post-rollback", "pre-delete", "post-delete", "test",
	}
}

// Version is that of the chart before anything is published.
const Version = "1.0.0"

// Content is the chart's files by path.
func (c Chart) Content(name, version string) map[string]string {
	files := map[string]string{
		"Chart.yaml":              "apiVersion: v2\nname: " + name + "\nversion: " + version + "\n",
		"values.yaml":             "color: blue\n",
		"templates/settings.yaml": settings,
	}
	for _, event := range Events() {
		if !slices.Contains(c.Without, event) {
			files["templates/"+event+".yaml"] = c.hook(event)
		}
	}
	for path, text := range c.Files {
		files[path] = strings.ReplaceAll(text, "VERSION", version)
	}
	return files
}

const settings = `apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {color: "{{ .Values.color }}", chart: "{{ .Chart.Version }}"}
`

func (c Chart) hook(event string) string {
	annotations := "helm.sh/hook: " + event
	if c.Policy != "" {
		annotations += fmt.Sprintf(", helm.sh/hook-delete-policy: %q", c.Policy)
	}
	if !slices.Contains(c.Jobs, event) {
		return fmt.Sprintf("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s, annotations: {%s}}\n", event, annotations)
	}
	return Job(event, annotations)
}

// Job is a Job that does nothing.
func Job(name, annotations string) string {
	return strings.NewReplacer("NAME", name, "ANNOTATIONS", annotations).Replace(`apiVersion: batch/v1
kind: Job
metadata: {name: NAME, annotations: {ANNOTATIONS}}
spec: {backoffLimit: 0, template: {spec: {restartPolicy: Never, containers: [{name: main, image: example.org/main}]}}}
`)
}

// Scenarios are all there are.
func Scenarios() []Scenario {
	return slices.Concat(happy(), installing(), upgrading(), withTests(), interrupted(), deleting(), adopting(), options())
}
