package plan

import "testing"

// settings is a ConfigMap as a hook and as an ordinary object.
func settings(annotations ...string) []string {
	return []string{configMap("settings"), configMap("settings", annotations...)}
}

func TestHookAndResourceAreOneObject(t *testing.T) {
	testObserve(t, []observeCase{
		{
			name: "deleted and made anew", engine: "helm4", rules: "HH106", chart: settings(`hook: pre-install,pre-upgrade`), want: []string{"HH106 error ConfigMap/settings (proven)"},
			says: []string{"the hook's before-hook-creation policy deletes the live object in pre-upgrade"},
		},
		{
			name: "gone after a test", engine: "helm4", rules: "HH106", chart: settings(`hook: test`, goes), want: []string{"HH106 error ConfigMap/settings (proven)"},
			says: []string{"deletes the live object in test, and hook-succeeded the new one, so that none is left after test"},
		},
		{
			name: "gone after one of two events", engine: "helm3", rules: "HH106", chart: settings(`hook: pre-upgrade,post-upgrade`, goes), want: []string{"HH106 error ConfigMap/settings (proven)"},
			says: []string{"so that none is left after post-upgrade"},
		},
		{
			name: "applied over", engine: "helm4", rules: "HH106", chart: settings(`hook: post-upgrade`, `hook-delete-policy: hook-failed`), want: []string{"HH106 error ConfigMap/settings (proven)"},
			says: []string{"the hook is applied over the live object in post-upgrade"},
		},
		{
			name: "applied over and deleted", engine: "helm4", rules: "HH106", chart: settings(`hook: post-upgrade`, `hook-delete-policy: hook-succeeded`), want: []string{"HH106 error ConfigMap/settings (proven)"},
			says: []string{"and hook-succeeded deletes it"},
		},
		{
			name: "refused", engine: "helm3", rules: "HH106", chart: settings(`hook: post-upgrade`, `hook-delete-policy: hook-failed`), want: []string{"HH106 error ConfigMap/settings (proven)"},
			says: []string{"the hook is refused in post-upgrade, since the object already exists"},
		},
		{
			name: "gone before the other is made", engine: "helm3", rules: "HH106 HH108", chart: settings(`hook: pre-install`, goes), want: []string{"HH106 info ConfigMap/settings (proven)"},
			says: []string{"the two never meet"},
		},
		{
			name: "the ordinary one is applied over", engine: "helm4", rules: "HH106 HH108", chart: settings(`hook: pre-install`), want: []string{"HH106 warning ConfigMap/settings (proven)"},
			says: []string{"the ordinary object is applied over what the hook made"},
		},
		{
			name: "the ordinary one is refused", engine: "helm3", rules: "HH106 HH108", chart: settings(`hook: pre-install`),
			want: []string{"HH108 error ConfigMap/settings in install resources (proven)", "HH106 error ConfigMap/settings (proven)"},
			says: []string{"the ordinary object is refused", "give the hook in c/templates/all.yaml a name of its own"},
		},
		{
			name: "left by a post-delete hook", engine: "helm4", rules: "HH106 HH108", chart: settings(`hook: post-delete`),
			want: []string{"HH108 error ConfigMap/settings in install (proven)", "HH106 error ConfigMap/settings (proven)"},
			says: []string{"the next install refuses an object that is not the release's", "a second install fails before anything runs"},
		},
		{
			name: "names that the server makes up", engine: "helm3", rules: "HH106",
			chart: []string{
				"apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: m-}\nspec: {template: {}}\n",
				"apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: m-, annotations: {helm.sh/hook: post-upgrade}}\nspec: {template: {}}\n",
			},
		},
		{name: "names that the renderer makes up", engine: "helm4", rules: "HH106", render: standIns(configMap("c-x"), configMap("c-y", `hook: post-upgrade`))},
	})
}

func TestOrdinaryObjectBecomesAHook(t *testing.T) {
	const before = `hook: pre-upgrade`
	account := func(annotations ...string) string {
		return manifest("v1", "ServiceAccount", "runner", "", annotations...)
	}
	role := func(annotations ...string) string {
		return manifest("rbac.authorization.k8s.io/v1", "Role", "runner", "rules: []\n", annotations...)
	}
	binding := func(annotations ...string) string {
		return manifest("rbac.authorization.k8s.io/v1", "RoleBinding", "runner", "roleRef: {kind: Role, name: runner}\nsubjects: [{kind: ServiceAccount, name: runner}]\n", annotations...)
	}
	const asRunner = "serviceAccountName: runner"
	testObserve(t, []observeCase{
		{
			name: "a Job", engine: "helm4", rules: "HH106", render: byAction([]string{job("m")}, []string{job("m", before)}),
			want: []string{"HH106 info Job/m in upgrade pre-upgrade (proven)"}, says: []string{"the same upgrade deletes it, when it has run"},
		},
		{
			name: "what only hooks use", engine: "helm3", rules: "HH106",
			render: byAction(
				[]string{account(), role(), binding(), jobWith("m", asRunner, `hook: post-install`)},
				[]string{account(before), role(before), binding(before), jobWith("m", asRunner, before)}),
			want: []string{
				"HH106 info ServiceAccount/runner in upgrade pre-upgrade (proven)", "HH106 info Role/runner in upgrade pre-upgrade (proven)",
				"HH106 info RoleBinding/runner in upgrade pre-upgrade (proven)",
			},
			says: []string{"the same upgrade deletes it, when the hooks that use it have run"},
		},
		{
			name: "what workloads use", engine: "helm4", rules: "HH106",
			render: byAction(
				[]string{account(), role(), binding(), deployment("web", asRunner)},
				[]string{account(before), role(before), binding(before), deployment("web", asRunner), jobWith("m", asRunner, before)}),
			want: []string{
				"HH106 error ServiceAccount/runner in upgrade pre-upgrade (proven)", "HH106 error Role/runner in upgrade pre-upgrade (proven)",
				"HH106 error RoleBinding/runner in upgrade pre-upgrade (proven)",
			},
		},
		{
			name: "what nothing is seen to use", engine: "helm4", rules: "HH106", render: byAction([]string{configMap("c")}, []string{configMap("c", before)}),
			want: []string{"HH106 error ConfigMap/c in upgrade pre-upgrade (proven)"}, says: []string{"the same upgrade deletes it, because the old manifest has it"},
		},
	})
}
