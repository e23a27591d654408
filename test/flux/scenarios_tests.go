package flux

// withTests are releases with tests.
func withTests() []Scenario {
	chart := Chart{Jobs: []string{"test"}}
	two := Chart{Jobs: []string{"test"}, Files: map[string]string{
		"templates/second.yaml": Job("test-second", "helm.sh/hook: test"),
	}}
	enabled, red := "test: {enable: true}\n", "values: {color: red}"
	return []Scenario{
		{Name: "test fails", Chart: chart, Steps: []Step{{Do: Create, Spec: enabled, Faults: fails("test", 1)}, {Do: Reconcile}, {Do: Change, Spec: red}}},
		{Name: "first of two tests fails", Chart: two, Steps: []Step{{Do: Create, Spec: enabled, Faults: fails("test", 1)}, {Do: Reconcile}}},
		{Name: "test fails, ignored", Chart: chart, Steps: []Step{
			{Do: Create, Spec: "test: {enable: true, ignoreFailures: true}", Faults: fails("test", 1)}, {Do: Reconcile}, {Do: Change, Spec: red},
		}},
		{Name: "test fails, 1 install retry", Chart: chart, Steps: []Step{
			{Do: Create, Spec: enabled + "install: {remediation: {retries: 1}}", Faults: fails("test", 1)},
		}},
		{Name: "test fails, 1 install retry, its failure ignored", Chart: chart, Steps: []Step{
			{Do: Create, Spec: enabled + "install: {remediation: {retries: 1, ignoreTestFailures: true}}", Faults: fails("test", 1)},
		}},
		{Name: "test fails, ignored but not for install", Chart: chart, Steps: []Step{
			{
				Do: Create, Spec: "test: {enable: true, ignoreFailures: true}\ninstall: {remediation: {retries: 1, ignoreTestFailures: false}}",
				Faults: fails("test", 1),
			},
		}},
		{Name: "test fails after upgrade, 1 retry", Chart: chart, Steps: []Step{
			{Do: Create, Spec: enabled + "upgrade: {remediation: {retries: 1}}"}, {Do: Change, Spec: red, Faults: fails("test", 1)},
		}},
		{Name: "test fails after upgrade, 1 retry fails", Chart: chart, Steps: []Step{
			{Do: Create, Spec: enabled + "upgrade: {remediation: {retries: 1}}"}, {Do: Change, Spec: red, Faults: fails("test", 2)},
		}},
		{Name: "test fails after upgrade, last failure remediated", Chart: chart, Steps: []Step{
			{Do: Create, Spec: enabled + "upgrade: {remediation: {remediateLastFailure: true}}"}, {Do: Change, Spec: red, Faults: fails("test", 1)},
		}},
		{Name: "test fails after upgrade, uninstall", Chart: chart, Steps: []Step{
			{Do: Create, Spec: enabled + "upgrade: {remediation: {retries: 1, strategy: uninstall}}"}, {Do: Change, Spec: red, Faults: fails("test", 1)},
		}},
		{Name: "test fails after upgrade, RetryOnFailure", Chart: chart, Steps: []Step{
			{Do: Create, Spec: enabled + "upgrade: {strategy: {name: RetryOnFailure, retryInterval: 1s}}"},
			{Do: Change, Spec: red, Faults: fails("test", 1), Actions: 5},
		}},
		{Name: "test fails after install, RetryOnFailure", Chart: chart, Steps: []Step{
			{Do: Create, Spec: enabled + "install: {strategy: {name: RetryOnFailure, retryInterval: 1s}}", Faults: fails("test", 1), Actions: 5},
		}},
		{Name: "test switched on after a failed test was ignored", Chart: chart, Steps: []Step{
			{Do: Create, Spec: "test: {enable: true, ignoreFailures: true}", Faults: fails("test", 1)},
			{Do: Change, Spec: "test: {ignoreFailures: false}"},
		}},
		{Name: "test switched off and on", Chart: Chart{}, Steps: []Step{
			{Do: Create, Spec: enabled}, {Do: Change, Spec: "test: {enable: false}"}, {Do: Change, Spec: "test: {enable: true}"},
		}},
		{Name: "test never ends", Chart: chart, Steps: []Step{
			{Do: Create, Spec: "test: {enable: true, timeout: 7s}", Faults: []Fault{{"test", Never, 1}}},
		}},
		{Name: "one of two tests", Chart: two, Steps: []Step{{Do: Create, Spec: "test: {enable: true, filters: [{name: test-second}]}"}}},
		{Name: "all but one of two tests", Chart: two, Steps: []Step{{Do: Create, Spec: "test: {enable: true, filters: [{name: test-second, exclude: true}]}"}}},
		{Name: "every test filtered out", Chart: chart, Steps: []Step{
			{Do: Create, Spec: "test: {enable: true, filters: [{name: test, exclude: true}]}"},
			{Do: Reconcile},
			{Do: Change, Spec: "test: {filters: null}"},
		}},
		{Name: "only a test that is not there", Chart: chart, Steps: []Step{
			{Do: Create, Spec: "test: {enable: true, filters: [{name: absent}]}", Actions: 3},
		}},
		{Name: "no test hooks", Chart: Chart{Without: []string{"test"}}, Steps: []Step{{Do: Create, Spec: enabled}, {Do: Reconcile}}},
		{Name: "tests without hooks of install", Chart: Chart{}, Steps: []Step{{Do: Create, Spec: enabled + "install: {disableHooks: true}"}}},
		{Name: "tested and rolled back", Chart: Chart{Jobs: []string{"pre-upgrade"}}, Steps: []Step{
			{Do: Create, Spec: enabled + "upgrade: {remediation: {remediateLastFailure: true}}"},
			{Do: Change, Spec: red, Faults: fails("pre-upgrade", 1)},
			{Do: Change, Spec: "values: null"},
		}},
	}
}
