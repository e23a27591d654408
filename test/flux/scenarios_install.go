package flux

// installing are installs that fail.
func installing() []Scenario {
	pre, post := Chart{Jobs: []string{"pre-install"}}, Chart{Jobs: []string{"post-install"}}
	return []Scenario{
		{Name: "install fails", Chart: pre, Steps: []Step{
			{Do: Create, Faults: fails("pre-install", 1)}, {Do: Reconcile}, {Do: Change, Spec: "interval: 2h"},
		}},
		{Name: "post-install fails", Chart: post, Steps: []Step{
			{Do: Create, Faults: fails("post-install", 1)}, {Do: Change, Spec: "values: {color: red}"},
		}},
		{Name: "install fails, reset", Chart: pre, Steps: []Step{{Do: Create, Faults: fails("pre-install", 1)}, {Do: Reset}}},
		{Name: "install fails, force", Chart: pre, Steps: []Step{{Do: Create, Faults: fails("pre-install", 1)}, {Do: Force}}},
		{Name: "install fails, new chart", Chart: pre, Steps: []Step{{Do: Create, Faults: fails("pre-install", 1)}, {Do: Publish}}},
		{Name: "install fails, last failure remediated", Chart: pre, Steps: []Step{
			{Do: Create, Spec: "install: {remediation: {remediateLastFailure: true}}", Faults: fails("pre-install", 1)},
			{Do: Reconcile},
			{Do: Change, Spec: "values: {color: red}"},
		}},
		{Name: "install fails, 1 retry helps", Chart: pre, Steps: []Step{
			{Do: Create, Spec: "install: {remediation: {retries: 1}}", Faults: fails("pre-install", 1)}, {Do: Change, Spec: "values: {color: red}"},
		}},
		{Name: "install fails, 1 retry fails", Chart: pre, Steps: []Step{
			{Do: Create, Spec: "install: {remediation: {retries: 1}}", Faults: fails("pre-install", 0)}, {Do: Reconcile}, {Do: Delete},
		}},
		{Name: "install fails, 2 retries fail", Chart: post, Steps: []Step{
			{Do: Create, Spec: "install: {remediation: {retries: 2}}", Faults: fails("post-install", 0)},
		}},
		{Name: "install fails, 1 retry fails, last failure remediated", Chart: pre, Steps: []Step{
			{Do: Create, Spec: "install: {remediation: {retries: 1, remediateLastFailure: true}}", Faults: fails("pre-install", 2)},
			{Do: Force},
		}},
		{Name: "install fails, 1 retry, uninstall without hooks", Chart: pre, Steps: []Step{
			{Do: Create, Spec: "install: {remediation: {retries: 1}}\nuninstall: {disableHooks: true}", Faults: fails("pre-install", 1)},
		}},
		{Name: "install fails, 1 retry, history kept", Chart: pre, Steps: []Step{
			{Do: Create, Spec: "install: {remediation: {retries: 1}}\nuninstall: {keepHistory: true}", Faults: fails("pre-install", 1), Actions: 4},
		}},
		{Name: "install fails, 1 retry, history kept, replace", Chart: pre, Steps: []Step{
			{Do: Create, Spec: "install: {remediation: {retries: 1}, replace: true}\nuninstall: {keepHistory: true}", Faults: fails("pre-install", 1)},
		}},
		{Name: "install fails, 1 retry, its pre-delete fails", Chart: Chart{Jobs: []string{"pre-install", "pre-delete"}}, Steps: []Step{
			{
				Do: Create, Spec: "install: {remediation: {retries: 1}}", Stuck: true,
				Faults: []Fault{{"pre-install", Fail, 1}, {"pre-delete", Fail, 1}},
			},
			{Do: Change, Spec: "values: {color: red}", Stuck: true},
			{Do: Delete},
		}},
		{Name: "install fails twice, any number of retries", Chart: pre, Steps: []Step{
			{Do: Create, Spec: "install: {remediation: {retries: -1}}", Faults: fails("pre-install", 2)},
		}},
		{Name: "install fails, retried by default", Chart: pre, Flags: []string{"--feature-gates=DefaultToRetryOnFailure=true"}, Steps: []Step{
			{Do: Create, Spec: "install: {strategy: {name: RemediateOnFailure}, remediation: {retries: 1}}", Faults: fails("pre-install", 1)},
		}},
		{Name: "install fails, 1 retry, its post-delete fails", Chart: Chart{Jobs: []string{"pre-install", "post-delete"}}, Steps: []Step{
			{
				Do: Create, Spec: "install: {remediation: {retries: 1}}", Actions: 4,
				Faults: []Fault{{"pre-install", Fail, 1}, {"post-delete", Fail, 1}},
			},
		}},
		{Name: "install fails, RetryOnFailure", Chart: pre, Steps: []Step{
			{Do: Create, Spec: "install: {strategy: {name: RetryOnFailure, retryInterval: 1s}}", Faults: fails("pre-install", 1)},
		}},
		{Name: "install and upgrade fail, RetryOnFailure for both", Chart: Chart{Jobs: []string{"pre-install", "pre-upgrade"}}, Steps: []Step{
			{
				Do:     Create,
				Spec:   "install: {strategy: {name: RetryOnFailure, retryInterval: 1s}}\nupgrade: {strategy: {name: RetryOnFailure, retryInterval: 1s}}",
				Faults: []Fault{{"pre-install", Fail, 1}, {"pre-upgrade", Fail, 2}},
			},
		}},
		{Name: "install and upgrade fail, RetryOnFailure for install", Chart: Chart{Jobs: []string{"pre-install", "pre-upgrade"}}, Steps: []Step{
			{
				Do: Create, Spec: "install: {strategy: {name: RetryOnFailure, retryInterval: 1s}}",
				Faults: []Fault{{"pre-install", Fail, 1}, {"pre-upgrade", Fail, 1}},
			},
		}},
		{Name: "install and upgrade fail, RetryOnFailure for install, 1 retry of upgrade", Chart: Chart{Jobs: []string{"pre-install", "pre-upgrade"}}, Steps: []Step{
			{
				Do: Create, Spec: "install: {strategy: {name: RetryOnFailure, retryInterval: 1s}}\nupgrade: {remediation: {retries: 1}}",
				Faults: []Fault{{"pre-install", Fail, 1}, {"pre-upgrade", Fail, 1}},
			},
		}},
		{Name: "hook never ends", Chart: pre, Steps: []Step{
			{Do: Create, Spec: "timeout: 7s", Faults: []Fault{{"pre-install", Never, 1}}},
		}},
		{Name: "Deployment never ready", Chart: Chart{Files: deployment}, Steps: []Step{{Do: Create, Spec: "timeout: 7s"}}},
		{Name: "Deployment never ready, not waited for", Chart: Chart{Files: deployment}, Steps: []Step{
			{Do: Create, Spec: "timeout: 7s\ninstall: {disableWait: true}"},
		}},
	}
}

// deployment is a chart's file: without a controller, it is never ready.
var deployment = map[string]string{"templates/worker.yaml": `apiVersion: apps/v1
kind: Deployment
metadata: {name: worker}
spec:
  selector: {matchLabels: {app: worker}}
  template: {metadata: {labels: {app: worker}}, spec: {containers: [{name: main, image: example.org/main}]}}
`}
