package flux

// interrupted are controllers that are killed in the middle.
func interrupted() []Scenario {
	kill := func(hook string) []Fault { return []Fault{{hook, Never, 1}} }
	install, upgrade := Chart{Jobs: []string{"pre-install"}}, Chart{Jobs: []string{"pre-upgrade"}}
	red := "values: {color: red}"
	return []Scenario{
		{Name: "killed in pre-install", Chart: install, Steps: []Step{
			{Do: Create, KillAt: "pre-install", Faults: kill("pre-install")}, {Do: Reconcile},
		}},
		{Name: "killed in pre-install, 1 retry", Chart: install, Steps: []Step{
			{Do: Create, Spec: "install: {remediation: {retries: 1}}", KillAt: "pre-install", Faults: kill("pre-install")},
		}},
		{Name: "killed in pre-upgrade", Chart: upgrade, Steps: []Step{
			{Do: Create}, {Do: Change, Spec: red, KillAt: "pre-upgrade", Faults: kill("pre-upgrade")}, {Do: Reconcile},
		}},
		{Name: "killed in pre-upgrade, 1 retry", Chart: upgrade, Steps: []Step{
			{Do: Create, Spec: "upgrade: {remediation: {retries: 1}}"}, {Do: Change, Spec: red, KillAt: "pre-upgrade", Faults: kill("pre-upgrade")},
		}},
		{Name: "killed in pre-upgrade, then it fails, 1 retry", Chart: upgrade, Steps: []Step{
			{Do: Create, Spec: "upgrade: {remediation: {retries: 1}}"},
			{Do: Change, Spec: red, KillAt: "pre-upgrade", Faults: []Fault{{"pre-upgrade", Never, 1}, {"pre-upgrade", Fail, 1}}},
		}},
		{Name: "killed in pre-rollback", Chart: Chart{Jobs: []string{"pre-upgrade", "pre-rollback"}}, Steps: []Step{
			{Do: Create, Spec: "upgrade: {remediation: {retries: 1}}"},
			{Do: Change, Spec: red, KillAt: "pre-rollback", Faults: []Fault{{"pre-upgrade", Fail, 1}, {"pre-rollback", Never, 1}}},
		}},
		{Name: "killed in a test", Chart: Chart{Jobs: []string{"test"}}, Steps: []Step{
			{Do: Create, Spec: "test: {enable: true}", KillAt: "test", Faults: kill("test")},
		}},
		{Name: "killed in pre-delete", Chart: Chart{Jobs: []string{"pre-delete"}}, Steps: []Step{
			{Do: Create}, {Do: Delete, KillAt: "pre-delete", Faults: kill("pre-delete")},
		}},
		{Name: "killed in pre-delete of a remediation", Chart: Chart{Jobs: []string{"pre-install", "pre-delete"}}, Steps: []Step{
			{
				Do: Create, Spec: "install: {remediation: {retries: 1}}", KillAt: "pre-delete", Actions: 4,
				Faults: []Fault{{"pre-install", Fail, 1}, {"pre-delete", Never, 1}},
			},
		}},
	}
}

// deleting are HelmReleases that are deleted.
func deleting() []Scenario {
	pre, post := Chart{Jobs: []string{"pre-delete"}}, Chart{Jobs: []string{"post-delete"}}
	return []Scenario{
		{Name: "pre-delete fails twice", Chart: pre, Steps: []Step{{Do: Create}, {Do: Delete, Faults: fails("pre-delete", 2)}}},
		{Name: "pre-delete always fails, then hooks are switched off", Chart: pre, Steps: []Step{
			{Do: Create}, {Do: Delete, Faults: fails("pre-delete", 0), Meanwhile: "uninstall: {disableHooks: true}"},
		}},
		{Name: "pre-delete always fails, then suspended", Chart: pre, Steps: []Step{
			{Do: Create}, {Do: Delete, Faults: fails("pre-delete", 0), Meanwhile: "suspend: true"},
		}},
		{Name: "post-delete fails", Chart: post, Steps: []Step{{Do: Create}, {Do: Delete, Faults: fails("post-delete", 0)}}},
		{Name: "post-delete fails, history kept", Chart: post, Steps: []Step{
			{Do: Create, Spec: "uninstall: {keepHistory: true}"}, {Do: Delete, Faults: fails("post-delete", 0)},
		}},
		{Name: "deleted, history kept", Steps: []Step{{Do: Create, Spec: "uninstall: {keepHistory: true}"}, {Do: Delete}, {Do: Create, Actions: 2}}},
		{Name: "deleted, history kept, replace", Steps: []Step{
			{Do: Create, Spec: "uninstall: {keepHistory: true}\ninstall: {replace: true}"},
			{Do: Delete},
			{Do: Create, Spec: "install: {replace: true}"},
		}},
		{Name: "deleted after a failed upgrade", Chart: Chart{Jobs: []string{"pre-upgrade"}}, Steps: []Step{
			{Do: Create}, {Do: Change, Spec: "values: {color: red}", Faults: fails("pre-upgrade", 1)}, {Do: Delete},
		}},
		{Name: "deleted, record lost", Steps: []Step{{Do: Create}, {Do: Change, Spec: "suspend: true"}, {Do: Forget}, {Do: Change, Spec: "suspend: false"}, {Do: Delete}}},
		{Name: "deleted without having been installed", Steps: []Step{{Do: Create, Spec: "suspend: true"}, {Do: Delete}}},
	}
}
