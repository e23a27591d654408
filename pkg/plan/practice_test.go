package plan

import (
	"testing"
)

func service(name, selector string, annotations ...string) string {
	return manifest("v1", "Service", name, "spec: {selector: {app: "+selector+"}}\n", annotations...)
}

func TestLongLivedObjectAsAHook(t *testing.T) {
	const after, always = `hook: post-install`, `hook: post-install,post-upgrade`
	claim := func(annotations ...string) string {
		return manifest("v1", "PersistentVolumeClaim", "data", "", annotations...)
	}
	const useClaim = "volumes: [{name: v, persistentVolumeClaim: {claimName: data}}]"
	testLint(t, []lintCase{
		{
			name: "made anew on every upgrade", chart: []string{deployment("web", "hostNetwork: false", always)}, want: []string{"HH301 warning Deployment/web"},
			says: []string{`Deployment/web is a hook (helm.sh/hook: "post-install,post-upgrade"), so before-hook-creation deletes it and makes it anew on every upgrade, a rollback does not change it back, and uninstall leaves it`},
		},
		{name: "made once", chart: []string{deployment("web", "hostNetwork: false", after)}, want: []string{"HH301 warning Deployment/web"}, says: []string{"so no upgrade changes it, and uninstall leaves it"}},
		{
			name: "applied over by each upgrade", chart: []string{deployment("web", "hostNetwork: false", `hook: post-install,post-upgrade,post-rollback`, `hook-delete-policy: hook-failed`)},
			want: []string{"HH301 warning Deployment/web"}, says: []string{"so uninstall leaves it"},
		},
		{name: "a Service", chart: []string{service("web", "web", always)}, want: []string{"HH301 warning Service/web"}},
		{name: "a webhook", chart: []string{manifest("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", "guard", "", always)}, want: []string{"HH301 warning ValidatingWebhookConfiguration/guard"}},
		{
			name: "every upgrade deletes the claim", chart: []string{claim(bothBefore), deployment("db", useClaim)}, want: []string{"HH301 error PersistentVolumeClaim/data"},
			says: []string{"and Deployment/db uses it, so before-hook-creation deletes it on every upgrade, with its data, unless the volume is retained"},
		},
		{name: "the next install deletes the claim", chart: []string{claim(`hook: pre-install`), deployment("db", useClaim)}, want: []string{"HH301 warning PersistentVolumeClaim/data"}, says: []string{"and the next install deletes it, with its data"}},
		{
			name: "a claim that is never deleted", chart: []string{claim(bothBefore, `hook-delete-policy: hook-failed`), deployment("db", useClaim)}, want: []string{"HH301 info PersistentVolumeClaim/data"},
			says: []string{"so a rollback does not change it back, and uninstall leaves it"},
		},
		{name: "a claim that is never touched again", chart: []string{claim(`hook: pre-install`, `hook-delete-policy: hook-failed`), deployment("db", useClaim)}, want: []string{"HH301 info PersistentVolumeClaim/data"}},
		{name: "every upgrade deletes the namespace", chart: []string{manifest("v1", "Namespace", "jobs", "", bothBefore)}, want: []string{"HH301 error Namespace/jobs"}, says: []string{"with everything in it"}},
		{
			name: "a Secret of running pods and of hooks", chart: []string{deployment("web", envFromDB), secret("db", bothBefore, muchEarlier), jobWith("migrate", envFromDB, bothBefore, goes)}, want: []string{"HH301 warning Secret/db"},
			says: []string{"Secret/db is a hook (helm.sh/hook: \"pre-install,pre-upgrade\") and Deployment/web uses it", "give the hooks that need it a copy under another name"},
		},
	})
}

func TestShortLivedAndServingHooks(t *testing.T) {
	const always, deleted = `hook: post-install,post-upgrade`, `hook-delete-policy: before-hook-creation,hook-succeeded`
	testLint(t, []lintCase{
		{name: "a test's own server", chart: []string{deployment("server", "hostNetwork: false", `hook: test`), service("server", "server", `hook: test`)}},
		{name: "there for one event", chart: []string{deployment("server", "hostNetwork: false", always, deleted)}},
		{name: "an account of hooks only", chart: []string{account("migrator", bothBefore, muchEarlier), jobWith("migrate", asMigrator, bothBefore, goes)}},
		{name: "a Secret of hooks only", chart: []string{secret("db", bothBefore, muchEarlier), jobWith("migrate", envFromDB, bothBefore, goes)}},
		{
			name: "a claim of hooks only",
			chart: []string{
				manifest("v1", "PersistentVolumeClaim", "data", "", bothBefore, muchEarlier),
				jobWith("backup", "volumes: [{name: v, persistentVolumeClaim: {claimName: data}}]", bothBefore, goes),
			},
		},
		{
			name: "a Service before a hook's pods",
			chart: []string{
				service("setup", "setup", bothBefore, muchEarlier),
				manifest("batch/v1", "Job", "setup", "spec: {template: {metadata: {labels: {app: setup}}, spec: {restartPolicy: Never}}}\n", bothBefore, goes),
			},
		},
		{name: "rights of hooks", chart: []string{manifest("rbac.authorization.k8s.io/v1", "ClusterRole", "migrator", "", bothBefore)}},
		{name: "a custom resource", chart: []string{anOrder("first", always)}},
		{name: "no hook at all", chart: []string{deployment("web", envFromDB), secret("db"), service("web", "web")}},
	})
}

func TestShortTTL(t *testing.T) {
	ttl := func(seconds string) string {
		return manifest("batch/v1", "Job", "migrate", "spec: {ttlSecondsAfterFinished: "+seconds+", template: {spec: {restartPolicy: Never}}}\n", bothBefore, goes)
	}
	const found = "HH302 warning Job/migrate"
	testLint(t, []lintCase{
		{
			name: "at once", chart: []string{ttl("0")}, want: []string{found},
			says: []string{
				"Job/migrate is deleted 0 s after it ends (spec.ttlSecondsAfterFinished), with the logs that tell why it failed; and Helm, if its watch breaks off meanwhile, waits for a Job that has vanished until the timeout",
				"write helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded",
			},
		},
		{name: "under Helm 3", engine: "helm3", chart: []string{ttl("29")}, want: []string{found}, says: []string{"takes a Job that has vanished for a success, even if it failed"}},
		{name: "under Helm 4 with the old wait", options: Options{Wait: WaitLegacy}, chart: []string{ttl("5")}, want: []string{found}, says: []string{"for a success, even if it failed"}},
		{name: "half a minute", chart: []string{ttl("30")}},
		{name: "no number", chart: []string{ttl("soon")}},
		{name: "null", chart: []string{ttl("null")}},
		{name: "no TTL", chart: []string{job("migrate", bothBefore, goes)}},
		{name: "no hook", chart: []string{manifest("batch/v1", "Job", "seed", "spec: {ttlSecondsAfterFinished: 0, template: {spec: {restartPolicy: Never}}}\n")}},
	})
}
