package plan

import (
	"strings"
	"testing"
)

// Whatever stands in a chart, lint does not panic and says the same again.
func FuzzLint(f *testing.F) {
	for _, chart := range [][]string{
		{jobWith("migrate", envFromDB, bothBefore, goes), secret("db"), deployment("web", envFromDB)},
		{job("init", `hook: pre-install`, goes), jobWith("clean", asMigrator, `hook: pre-delete`, goes), account("migrator")},
		{crd(), anOrder("first", `hook: pre-install`), service("web", "web", `hook: post-install,post-upgrade`)},
		{both("migrate", `helm.sh/hook: pre-upgrade, argocd.argoproj.io/hook: Sync, argocd.argoproj.io/sync-wave: x`)},
		{
			"apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: b}\nroleRef: {kind: Role, name: migrator}\nsubjects: [{kind: ServiceAccount, name: migrator, namespace: default}]\n",
			jobWith("migrate", asMigrator, bothBefore),
		},
	} {
		f.Add(strings.Join(chart, "---\n"), false)
	}
	f.Fuzz(func(t *testing.T, text string, helm3 bool) {
		engine := "helm4"
		if helm3 {
			engine = "helm3"
		}
		var said [2]string
		for i := range said {
			p, err := Make(Input{
				Engine: engineOf(t, engine), Release: Release{Name: "r", Namespace: "default"}, Lint: true,
				Render: chartOf(strings.Split(text, "---\n")...),
			})
			if err != nil {
				return
			}
			said[i] = everything(p.Findings)
		}
		if said[0] != said[1] {
			t.Errorf("two answers:\n%s\n%s", said[0], said[1])
		}
	})
}
