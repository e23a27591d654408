package plan

import (
	"fmt"
	"testing"
)

// both is a Job with Helm's and Argo CD's annotations.
func both(name, annotations string) string {
	return fmt.Sprintf("apiVersion: batch/v1\nkind: Job\nmetadata: {name: %s, annotations: {%s, helm.sh/hook-delete-policy: 'before-hook-creation,hook-succeeded'}}\nspec: {template: {spec: {restartPolicy: Never}}}\n", name, annotations)
}

func TestArgoDisagrees(t *testing.T) {
	const warning, note = "HH303 warning Job/migrate", "HH303 info Job/migrate"
	testLint(t, []lintCase{
		{
			name: "an unknown hook", chart: []string{both("migrate", `helm.sh/hook: post-upgrade, argocd.argoproj.io/hook: Post-Sync`)}, want: []string{warning},
			says: []string{`argocd.argoproj.io/hook: "Post-Sync" beside helm.sh/hook: "post-upgrade": "Post-Sync" is no hook of Argo CD's, so it goes by Helm's annotation`},
		},
		{
			name: "PostDelete does not keep Helm's events away", chart: []string{both("migrate", `helm.sh/hook: pre-upgrade, argocd.argoproj.io/hook: PostDelete`)}, want: []string{warning},
			says: []string{"Argo CD runs it in PreSync as well as in PostDelete"},
		},
		{
			name: "another phase, which may be meant", chart: []string{both("migrate", `helm.sh/hook: 'post-install,post-upgrade', argocd.argoproj.io/hook: Sync`)}, want: []string{note},
			says: []string{"Argo CD runs it in Sync, where Helm's annotation alone would mean PostSync"},
		},
		{
			name: "a policy of Helm's that stays", chart: []string{both("migrate", `helm.sh/hook: pre-upgrade, argocd.argoproj.io/hook-delete-policy: BeforeHookCreation`)}, want: []string{note},
			says: []string{`does not replace helm.sh/hook-delete-policy: "before-hook-creation,hook-succeeded"`},
		},
		{name: "an unknown policy", chart: []string{both("migrate", `helm.sh/hook: pre-upgrade, argocd.argoproj.io/hook-delete-policy: hook-succeeded`)}, want: []string{warning}, says: []string{`Argo CD does not know "hook-succeeded"`}},
		{
			name: "a wave that is no integer", chart: []string{both("migrate", `helm.sh/hook: pre-upgrade, helm.sh/hook-weight: '3', argocd.argoproj.io/sync-wave: first`)}, want: []string{warning},
			says: []string{"so Argo CD goes by the weight, 3"},
		},
		{
			name: "waves that turn the order around",
			chart: []string{
				both("migrate", `helm.sh/hook: pre-upgrade, helm.sh/hook-weight: '-5', argocd.argoproj.io/sync-wave: '1'`), both("seed", `helm.sh/hook: pre-upgrade`),
			},
			want: []string{warning},
			says: []string{`argocd.argoproj.io/sync-wave "1" beside weight -5: Helm runs it before Job/seed, Argo CD after`},
		},
	})
}

func TestArgoAgrees(t *testing.T) {
	testLint(t, []lintCase{
		{name: "the same point", chart: []string{both("migrate", `helm.sh/hook: 'pre-install,pre-upgrade', argocd.argoproj.io/hook: PreSync`)}},
		{name: "both points", chart: []string{both("migrate", `helm.sh/hook: 'pre-upgrade,post-upgrade', argocd.argoproj.io/hook: 'PreSync, PostSync'`)}},
		{name: "the deletion", chart: []string{both("migrate", `helm.sh/hook: post-delete, argocd.argoproj.io/hook: PostDelete`)}},
		{name: "left alone on purpose", chart: []string{both("migrate", `helm.sh/hook: pre-upgrade, argocd.argoproj.io/hook: Skip`)}},
		{name: "events that Argo CD does not have", chart: []string{both("migrate", `helm.sh/hook: test, argocd.argoproj.io/hook: Sync`)}},
		{name: "the same policies", chart: []string{both("migrate", `helm.sh/hook: pre-upgrade, argocd.argoproj.io/hook-delete-policy: 'HookSucceeded,BeforeHookCreation'`)}},
		{
			name: "waves in the order of the weights",
			chart: []string{
				both("migrate", `helm.sh/hook: pre-upgrade, helm.sh/hook-weight: '-5', argocd.argoproj.io/sync-wave: '-1'`), both("seed", `helm.sh/hook: pre-upgrade`),
				both("other", `helm.sh/hook: post-upgrade, helm.sh/hook-weight: '-7', argocd.argoproj.io/sync-wave: '3'`),
			},
		},
		{
			name: "Argo CD's delete hooks have no order",
			chart: []string{
				both("migrate", `helm.sh/hook: post-delete, helm.sh/hook-weight: '-5', argocd.argoproj.io/sync-wave: '1'`), both("seed", `helm.sh/hook: post-delete`),
			},
		},
		{name: "no hook of Helm's", chart: []string{"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, annotations: {argocd.argoproj.io/hook: Nonsense, argocd.argoproj.io/sync-wave: x}}\n"}},
	})
}
