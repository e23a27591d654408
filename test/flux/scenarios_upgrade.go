package flux

// upgrading are upgrades that fail.
func upgrading() []Scenario {
	chart := Chart{Jobs: []string{"pre-upgrade"}}
	red := "values: {color: red}"
	// after is an install that goes well, under a spec, and a change whose upgrades fail so many times.
	after := func(spec string, times int, more ...Step) []Step {
		return append([]Step{{Do: Create, Spec: spec}, {Do: Change, Spec: red, Faults: fails("pre-upgrade", times)}}, more...)
	}
	return []Scenario{
		{Name: "upgrade fails", Chart: chart, Steps: after("", 1, Step{Do: Reconcile}, Step{Do: Change, Spec: "values: {color: green}"})},
		{Name: "upgrade fails, changed back", Chart: chart, Steps: after("", 1, Step{Do: Change, Spec: "values: null"})},
		{Name: "upgrade fails, force", Chart: chart, Steps: after("", 1, Step{Do: Force})},
		{Name: "upgrade fails, last failure remediated", Chart: chart, Steps: after(
			"upgrade: {remediation: {remediateLastFailure: true}}", 1, Step{Do: Reconcile}, Step{Do: Force}, Step{Do: Reconcile},
		)},
		{Name: "upgrade fails, last failure remediated, changed back", Chart: chart, Steps: after(
			"upgrade: {remediation: {remediateLastFailure: true}}", 1, Step{Do: Change, Spec: "values: null"},
		)},
		{Name: "upgrade fails, 1 retry helps", Chart: chart, Steps: after("upgrade: {remediation: {retries: 1}}", 1)},
		{Name: "upgrade fails, 1 retry fails", Chart: chart, Steps: after("upgrade: {remediation: {retries: 1}}", 0, Step{Do: Reconcile}, Step{Do: Delete})},
		{Name: "upgrade fails, 1 retry fails, last failure left", Chart: chart, Steps: after(
			"upgrade: {remediation: {retries: 1, remediateLastFailure: false}}", 0, Step{Do: Reconcile},
		)},
		{Name: "upgrade fails, 2 retries, uninstall", Chart: chart, Steps: after(
			"upgrade: {remediation: {retries: 2, strategy: uninstall}}", 1, Step{Do: Change, Spec: "values: {color: green}"},
		)},
		{Name: "upgrade fails, uninstall, install fails", Chart: Chart{Jobs: []string{"pre-upgrade", "pre-install"}}, Steps: []Step{
			{Do: Create, Spec: "upgrade: {remediation: {retries: 1, strategy: uninstall}}"},
			{Do: Change, Spec: red, Faults: []Fault{{"pre-upgrade", Fail, 1}, {"pre-install", Fail, 1}}},
		}},
		{Name: "upgrade fails, no retries, uninstall", Chart: chart, Steps: after("upgrade: {remediation: {strategy: uninstall}}", 1)},
		{Name: "upgrade fails, no retries, uninstall, last failure remediated", Chart: chart, Steps: after(
			"upgrade: {remediation: {strategy: uninstall, remediateLastFailure: true}}", 1,
		)},
		{Name: "upgrade fails, rollback without hooks", Chart: chart, Steps: after("upgrade: {remediation: {retries: 1}}\nrollback: {disableHooks: true}", 1)},
		{Name: "upgrade fails, pre-rollback fails", Chart: Chart{Jobs: []string{"pre-upgrade", "pre-rollback"}}, Steps: []Step{
			{Do: Create, Spec: "upgrade: {remediation: {retries: 1}}"},
			{Do: Change, Spec: red, Faults: []Fault{{"pre-upgrade", Fail, 1}, {"pre-rollback", Fail, 1}}},
		}},
		{Name: "upgrade fails, post-rollback fails", Chart: Chart{Jobs: []string{"pre-upgrade", "post-rollback"}}, Steps: []Step{
			{Do: Create, Spec: "upgrade: {remediation: {retries: 2}}"},
			{Do: Change, Spec: red, Faults: []Fault{{"pre-upgrade", Fail, 1}, {"post-rollback", Fail, 1}}},
		}},
		{Name: "upgrade fails twice, any number of retries", Chart: chart, Steps: after("upgrade: {remediation: {retries: -1}}", 2)},
		{Name: "upgrade fails, no retries, last failure remediated, post-rollback fails twice", Chart: Chart{Jobs: []string{"pre-upgrade", "post-rollback"}}, Steps: []Step{
			{Do: Create, Spec: "upgrade: {remediation: {remediateLastFailure: true}}"},
			{Do: Change, Spec: red, Faults: []Fault{{"pre-upgrade", Fail, 1}, {"post-rollback", Fail, 2}}},
		}},
		{Name: "upgrade fails, RetryOnFailure", Chart: chart, Steps: after("upgrade: {strategy: {name: RetryOnFailure, retryInterval: 1s}}", 2)},
		{Name: "upgrade fails, RetryOnFailure, remediation ignored", Chart: chart, Steps: after(
			"upgrade: {strategy: {name: RetryOnFailure, retryInterval: 1s}, remediation: {retries: 1, strategy: rollback}}", 2,
		)},
		{Name: "failed install, failed upgrade, nothing to roll back to", Chart: Chart{Jobs: []string{"pre-upgrade", "pre-install"}}, Steps: []Step{
			{Do: Create, Spec: "upgrade: {remediation: {retries: 1}}", Faults: fails("pre-install", 1)},
			{Do: Change, Spec: red, Faults: fails("pre-upgrade", 1)},
		}},
		{Name: "new resource of a failed upgrade, cleaned up", Chart: fresh, Steps: []Step{
			{Do: Create, Spec: "upgrade: {cleanupOnFail: true}"}, {Do: Change, Spec: "values: {more: true}", Faults: fails("post-upgrade", 1)},
		}},
		{Name: "new resource of an upgrade that is not ready, cleaned up", Chart: fresh, Steps: []Step{
			{Do: Create, Spec: "upgrade: {cleanupOnFail: true, timeout: 7s}"}, {Do: Change, Spec: "values: {more: true, worker: true}"},
		}},
		{Name: "new resource of an upgrade that is not ready, left", Chart: fresh, Steps: []Step{
			{Do: Create, Spec: "upgrade: {timeout: 7s}"}, {Do: Change, Spec: "values: {more: true, worker: true}"},
		}},
		{Name: "new resource of an upgrade that is not ready, rolled back", Chart: fresh, Steps: []Step{
			{Do: Create, Spec: "upgrade: {timeout: 7s, remediation: {remediateLastFailure: true}}"},
			{Do: Change, Spec: "values: {more: true, worker: true}"},
		}},
		{Name: "chart cannot be rendered", Chart: Chart{Files: map[string]string{
			"templates/check.yaml": "{{ if eq .Values.color \"red\" }}{{ fail \"no\" }}{{ end }}",
		}}, Steps: []Step{
			{Do: Create, Spec: "upgrade: {remediation: {retries: 1}}"}, {Do: Change, Spec: red, Actions: 2},
		}},
		{Name: "history of at most 2", Steps: []Step{
			{Do: Create, Spec: "maxHistory: 2"}, {Do: Change, Spec: red}, {Do: Change, Spec: "values: {color: green}"},
		}},
	}
}

// fresh has objects that appear with values, one of them never ready, and a post-upgrade Job.
var fresh = Chart{Jobs: []string{"post-upgrade"}, Files: map[string]string{
	"templates/more.yaml":   "{{ if .Values.more }}\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: more}\n{{ end }}\n",
	"templates/worker.yaml": "{{ if .Values.worker }}\n" + deployment["templates/worker.yaml"] + "{{ end }}\n",
}}
