package plan

import (
	"fmt"
	"testing"
)

func TestHookNeedsWhatIsNotThereYet(t *testing.T) {
	const installs = "HH201 error Job/migrate in install pre-install"
	testLint(t, []lintCase{
		{
			name:  "an ordinary Secret in envFrom",
			chart: []string{jobWith("migrate", envFromDB, bothBefore, goes), secret("db")},
			want:  []string{installs},
			says: []string{
				"Job/migrate runs in pre-install and needs Secret/db (spec.template.spec.containers[0].envFrom[0].secretRef), an ordinary resource, which Helm makes only after pre-install: its container cannot be started",
				`make it a hook that comes first (helm.sh/hook: "pre-install,pre-upgrade", helm.sh/hook-weight: "-1")`,
			},
		},
		{
			name:  "an ordinary ServiceAccount that running pods use too",
			chart: []string{jobWith("migrate", asMigrator, bothBefore, goes), account("migrator"), deployment("web", asMigrator)},
			want:  []string{installs},
			says:  []string{"the API server refuses its pods", `give the hook a ServiceAccount of its own that is a hook and comes first (helm.sh/hook: "pre-install,pre-upgrade", helm.sh/hook-weight: "-1"), since Deployment/web uses this one`},
		},
		{
			name: "a Pod without its account is refused itself",
			chart: []string{
				manifest("v1", "Pod", "check", "spec: {restartPolicy: Never, serviceAccountName: migrator}\n", `hook: pre-install`, goes), account("migrator"),
			},
			want: []string{"HH201 error Pod/check in install pre-install"},
			says: []string{"the API server refuses the Pod, and the action fails"},
		},
		{
			name: "a ConfigMap in a mounted volume and a claim",
			chart: []string{
				jobWith("migrate", "volumes: [{name: a, configMap: {name: conf}}, {name: b, persistentVolumeClaim: {claimName: data}}], containers: [{name: main, volumeMounts: [{name: a}]}]", `hook: pre-install`, goes),
				configMap("conf"), manifest("v1", "PersistentVolumeClaim", "data", ""),
			},
			want: []string{installs, installs},
			says: []string{"its volume cannot be mounted", "its pod cannot be scheduled", `run Job/migrate in post-install instead, when the claim is there (helm.sh/hook: "post-install")`},
		},
		{
			name:  "a pull secret is a warning",
			chart: []string{jobWith("migrate", "imagePullSecrets: [{name: registry}]", `hook: pre-install`, goes), secret("registry")},
			want:  []string{"HH201 warning Job/migrate in install pre-install"},
			says:  []string{"images that need it cannot be pulled"},
		},
		{
			name: "a namespace of the chart",
			chart: []string{
				"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: seed, namespace: other, annotations: {helm.sh/hook: pre-install, helm.sh/hook-delete-policy: hook-succeeded}}\n",
				manifest("v1", "Namespace", "other", ""),
			},
			want: []string{"HH201 error ConfigMap/seed in install pre-install"},
			says: []string{"needs Namespace/other (metadata.namespace)"},
		},
		{
			name:  "a hook of equal weight whose name comes later",
			chart: []string{jobWith("migrate", envFromDB, bothBefore, goes), secret("db", bothBefore, goes, `hook-weight: "1"`)},
			want:  []string{installs},
			says:  []string{"a hook that comes later: its weight is 1, this one's 0", `give Secret/db a lower weight (helm.sh/hook-weight: "-1")`},
		},
		{
			name:  "a hook of greater weight",
			chart: []string{jobWith("a-migrate", envFromDB, bothBefore, goes), secret("db", bothBefore, goes)},
			want:  []string{"HH201 error Job/a-migrate in install pre-install"},
			says:  []string{"a hook that comes later: at equal weight (0) Helm goes by name"},
		},
		{
			name:  "a hook of a later event",
			chart: []string{jobWith("migrate", envFromDB, `hook: pre-install`, goes), secret("db", `hook: post-install`, goes)},
			want:  []string{installs},
			says:  []string{"which is made only in post-install", "make Secret/db in pre-install, before the hook"},
		},
		{
			name:  "hook-succeeded has deleted it after an earlier event",
			chart: []string{jobWith("check", envFromDB, `hook: post-install`, goes), secret("db", `hook: pre-install`, goes)},
			want:  []string{"HH201 error Job/check in install post-install"},
			says:  []string{"which hook-succeeded has deleted after pre-install", "write helm.sh/hook-delete-policy: before-hook-creation on Secret/db"},
		},
		{
			name:  "hook-succeeded has deleted it in an earlier action",
			chart: []string{jobWith("check", envFromDB, `hook: test`, goes), secret("db", `hook: pre-install`, goes)},
			want:  []string{"HH201 error Job/check in test test"},
			says:  []string{"which hook-succeeded deletes as soon as pre-install is over"},
		},
		{
			name:  "uninstall deletes it before post-delete",
			chart: []string{jobWith("clean", asMigrator, `hook: post-delete`, goes), account("migrator")},
			want:  []string{"HH201 error Job/clean in uninstall post-delete"},
			says:  []string{"an ordinary resource, which uninstall deletes before post-delete", "run Job/clean in pre-delete instead"},
		},
		{
			name: "new in the upgrade",
			render: byAction([]string{configMap("x")}, []string{
				configMap("x"), jobWith("migrate", envFromDB, bothBefore, goes), secret("db"),
			}),
			want: []string{"HH201 error Job/migrate in upgrade pre-upgrade"},
		},
		{
			name: "gone from the upgrade, and deleted before post-upgrade",
			render: byAction([]string{secret("db")}, []string{
				configMap("x"), jobWith("check", envFromDB, `hook: post-upgrade`, goes), secret("db", `hook: post-delete`, goes),
			}),
			want: []string{"HH201 error Job/check in upgrade post-upgrade"},
		},
	})
}

func TestHookHasWhatItNeeds(t *testing.T) {
	testLint(t, []lintCase{
		{name: "the chart does not have it: it may exist", chart: []string{jobWith("migrate", envFromDB, bothBefore, goes)}},
		{name: "an earlier hook makes it", chart: []string{jobWith("migrate", envFromDB, bothBefore, goes), secret("db", bothBefore, goes, muchEarlier)}},
		{name: "an earlier hook, by name", chart: []string{jobWith("migrate", envFromDB, bothBefore, goes), secret("db", bothBefore, goes)}},
		{
			name: "an ordinary resource, after it was made", chart: []string{jobWith("migrate", envFromDB, `hook: post-install,pre-upgrade,pre-delete,test`, goes), secret("db")},
			want: []string{"HH112 info Job/migrate in uninstall pre-delete"},
		},
		{name: "optional", chart: []string{jobWith("migrate", "containers: [{name: a, envFrom: [{secretRef: {name: db, optional: true}}]}]", bothBefore, goes), secret("db")}},
		{name: "a volume that nothing mounts", chart: []string{jobWith("migrate", "volumes: [{name: v, secret: {secretName: db}}]", bothBefore, goes), secret("db")}},
		{name: "in another namespace", chart: []string{jobWith("migrate", envFromDB, bothBefore, goes), "apiVersion: v1\nkind: Secret\nmetadata: {name: db, namespace: other}\n"}},
		{name: "nobody waits for a Deployment", chart: []string{deployment("web", envFromDB, `hook: pre-install`, `hook-delete-policy: hook-succeeded`), secret("db")}},
		{name: "a Job that never starts", chart: []string{
			manifest("batch/v1", "Job", "migrate", "spec: {suspend: true, template: {spec: {restartPolicy: Never, serviceAccountName: migrator}}}\n", `hook: pre-install`, goes), account("migrator"),
		}},
		{
			name: "one List makes both", chart: []string{"apiVersion: v1\nkind: List\nmetadata: {name: both, annotations: {helm.sh/hook: pre-install, helm.sh/hook-delete-policy: hook-succeeded}}\nitems:\n" +
				"- {apiVersion: v1, kind: ServiceAccount, metadata: {name: migrator}}\n" +
				"- {apiVersion: batch/v1, kind: Job, metadata: {name: migrate}, spec: {template: {spec: {restartPolicy: Never, serviceAccountName: migrator}}}}\n"},
			want: []string{"HH114 warning List/both in install pre-install"},
		},
		{name: "made by the hooks of another action only: a Job may make it here", chart: []string{
			jobWith("migrate", envFromDB, `hook: pre-install`, goes), secret("db", `hook: pre-upgrade`, goes),
		}},
		{name: "kept by its resource policy", chart: []string{
			jobWith("clean", envFromDB, `hook: post-delete`, goes), secret("db", `resource-policy: keep`),
		}},
		{
			name: "Helm 4 applies over the finished Job, so no pod starts",
			chart: []string{
				jobWith("migrate", envFromDB, `hook: post-install,pre-upgrade`, `hook-delete-policy: hook-failed`), secret("db", `hook: post-install`, goes, muchEarlier),
			},
		},
		{name: "the namespace of the release", chart: []string{jobWith("migrate", "hostNetwork: false", `hook: pre-install`, goes), manifest("v1", "Namespace", "default", "")}},
	})
}

func TestPreDeleteHookAfterAFailedInstall(t *testing.T) {
	init, clean := job("init", `hook: pre-install`, goes), jobWith("clean", asMigrator, `hook: pre-delete`, goes)
	stranded := "HH112 info Job/clean in uninstall pre-delete"
	testLint(t, []lintCase{
		{
			name: "its account is an ordinary resource", chart: []string{init, clean, account("migrator")},
			want: []string{stranded, "HH206 warning Job/clean in uninstall pre-delete"},
			says: []string{
				"after an install that failed in pre-install (say Job/init), uninstall runs Job/clean without ServiceAccount/migrator",
				`make a ServiceAccount for it by a hook of pre-delete with a lower weight (helm.sh/hook-weight: "-1"); to get out: helm uninstall r --no-hooks`,
			},
		},
		{name: "its account is a hook of post-install", chart: []string{init, clean, account("migrator", `hook: post-install`)}, want: []string{stranded, "HH206 warning Job/clean in uninstall pre-delete"}},
		{name: "its account is a hook of pre-delete", chart: []string{init, clean, account("migrator", `hook: pre-delete`, goes, muchEarlier)}, want: []string{stranded}},
		{name: "its account is not the chart's", chart: []string{init, clean}, want: []string{stranded}},
		{name: "nothing in pre-install can fail", chart: []string{configMap("c", `hook: pre-install`), clean, account("migrator")}, want: []string{stranded}},
	})
}

func TestHookRunsBeforeItsRights(t *testing.T) {
	const installs = "HH202 warning Job/migrate in install pre-install"
	binding := func(name, annotations string) string {
		return fmt.Sprintf("apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: %s, annotations: {%s}}\nroleRef: {kind: Role, name: migrator}\nsubjects: [{kind: ServiceAccount, name: migrator}]\n", name, annotations)
	}
	role := func(annotations string) string {
		return fmt.Sprintf("apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: migrator, annotations: {%s}}\n", annotations)
	}
	const early = `helm.sh/hook: "pre-install,pre-upgrade", helm.sh/hook-weight: "-5"`
	migrate := jobWith("migrate", asMigrator, bothBefore, goes)
	mine, shared := account("migrator", bothBefore, goes, muchEarlier), account("migrator", bothBefore, muchEarlier)
	testLint(t, []lintCase{
		{
			name: "an ordinary binding", chart: []string{migrate, mine, role(""), binding("b", "")}, want: []string{installs},
			says: []string{"Job/migrate runs in pre-install as ServiceAccount/migrator, which has its rights from RoleBinding/b, an ordinary resource, which Helm makes only after pre-install: the API server turns its requests down"},
		},
		{name: "a binding that comes first, its role after", chart: []string{migrate, mine, role(""), binding("b", early)}, want: []string{installs}, says: []string{"from Role/migrator"}},
		{
			name:  "uninstall deletes the binding before post-delete",
			chart: []string{jobWith("clean", asMigrator, `hook: post-delete`, goes), account("migrator", `hook: post-delete`, goes, muchEarlier), role(""), binding("b", "")},
			want:  []string{"HH202 warning Job/clean in uninstall post-delete"},
			says:  []string{"from RoleBinding/b, an ordinary resource, which uninstall deletes before post-delete"},
		},
		{name: "both come first", chart: []string{migrate, mine, role(early), binding("b", early)}},
		{name: "one of two bindings comes first", chart: []string{migrate, mine, role(early), binding("b", early), binding("c", "")}},
		{name: "the role is not the chart's", chart: []string{migrate, mine, binding("b", early)}},
		{name: "an account from elsewhere", chart: []string{migrate, role(""), binding("b", "")}, want: []string{installs}},
		{name: "its account is missing as well, which is worse", chart: []string{migrate, account("migrator"), role(""), binding("b", "")}, want: []string{"HH201 error Job/migrate in install pre-install"}},
		{
			name:  "pods of the chart have the same account",
			chart: []string{migrate, shared, role(""), binding("b", ""), deployment("web", asMigrator)},
			want:  []string{"HH202 info Job/migrate in install pre-install", "HH301 warning ServiceAccount/migrator"},
		},
		{
			name: "and the hook calls kubectl",
			chart: []string{
				jobWith("migrate", asMigrator+", containers: [{name: a, command: [kubectl, get, pods]}]", bothBefore, goes), shared, role(""), binding("b", ""), deployment("web", asMigrator),
			},
			want: []string{installs, "HH301 warning ServiceAccount/migrator"},
		},
		{name: "no token", chart: []string{jobWith("migrate", asMigrator+", automountServiceAccountToken: false", bothBefore, goes), mine, role(""), binding("b", "")}},
		{name: "a binding of another action: a Job may make it here", chart: []string{migrate, mine, role(early), binding("b", "helm.sh/hook: pre-rollback")}},
		{name: "somebody else's binding", chart: []string{jobWith("migrate", "serviceAccountName: other", bothBefore, goes), mine, role(""), binding("b", "")}},
	})
}
