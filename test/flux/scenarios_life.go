package flux

// happy are lives without a failure.
func happy() []Scenario {
	return []Scenario{
		{Name: "first install", Chart: Chart{Jobs: []string{"pre-install"}}, Steps: []Step{{Do: Create}}},
		{Name: "install and test", Chart: Chart{}, Steps: []Step{{Do: Create, Spec: "test: {enable: true}"}}},
		{
			Name: "a life", Steps: []Step{
				{Do: Create},
				{Do: Reconcile},
				{Do: Change, Spec: "values: {color: red}"},
				{Do: Publish},
				{Do: Change, Spec: "interval: 2h"},
				{Do: Force},
				{Do: Reconcile},
				{Do: Change, Spec: "test: {enable: true}"},
				{Do: Change, Spec: "values: {color: green}"},
				{Do: Delete},
			},
		},
		{
			Name: "suspended", Steps: []Step{
				{Do: Create},
				{Do: Change, Spec: "suspend: true"},
				{Do: Change, Spec: "values: {color: red}"},
				{Do: Force},
				{Do: Change, Spec: "suspend: false"},
			},
		},
		{Name: "deleted while suspended", Steps: []Step{{Do: Create}, {Do: Change, Spec: "suspend: true"}, {Do: Delete}}},
		{Name: "release name changed", Steps: []Step{{Do: Create}, {Do: Change, Spec: "releaseName: other"}}},
		{Name: "target namespace changed", Steps: []Step{{Do: Create}, {Do: Change, Spec: "targetNamespace: {{other}}"}}},
		{Name: "storage namespace changed", Steps: []Step{{Do: Create}, {Do: Change, Spec: "storageNamespace: {{other}}"}}},
		{Name: "chart name changed", Steps: []Step{{Do: Create}, {Do: Rename}}},
		{Name: "chart name changed in place", Steps: []Step{{Do: Create, Spec: "upgrade: {chartNameChangeStrategy: InPlaceUpdate}"}, {Do: Rename}}},
		{Name: "release name changed, uninstall without hooks", Steps: []Step{
			{Do: Create}, {Do: Change, Spec: "releaseName: other\nuninstall: {disableHooks: true}"},
		}},
	}
}

// adopting are releases that the HelmRelease did not make, or not as they are.
func adopting() []Scenario {
	return []Scenario{
		{
			Name: "adopted", Why: "a release that is there already is upgraded, even to what it is",
			Steps: []Step{{Do: Create}, {Do: Change, Spec: "suspend: true"}, {Do: Delete}, {Do: Create}},
		},
		{
			Name: "adopted after a failed install", Chart: Chart{Jobs: []string{"post-install"}},
			Steps: []Step{
				{Do: Create, Faults: fails("post-install", 1)}, {Do: Change, Spec: "suspend: true"}, {Do: Delete}, {Do: Create},
			},
		},
		{Name: "adopted, then the upgrade fails, 1 retry", Chart: Chart{Jobs: []string{"pre-upgrade"}}, Steps: []Step{
			{Do: Create},
			{Do: Change, Spec: "suspend: true"},
			{Do: Delete},
			{Do: Create, Spec: "upgrade: {remediation: {retries: 1}}", Faults: fails("pre-upgrade", 1)},
		}},
		{Name: "record altered", Steps: []Step{{Do: Create}, {Do: Tamper}}},
		{Name: "only record lost", Steps: []Step{{Do: Create}, {Do: Forget}}},
		{Name: "newest record lost", Steps: []Step{{Do: Create}, {Do: Change, Spec: "values: {color: red}"}, {Do: Forget}}},
	}
}
