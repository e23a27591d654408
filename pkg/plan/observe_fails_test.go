package plan

import (
	"strings"
	"testing"
)

// standIns renders documents whose names the renderer makes up anew each time.
func standIns(texts ...string) Render {
	return func(f Fields) (Rendered, error) {
		rendered, err := chartOf(texts...)(f)
		for i := range rendered.Documents {
			rendered.Documents[i].Volatile, rendered.Documents[i].VolatileName = true, "c-"+madeUp
		}
		return rendered, err
	}
}

func TestFailureNamesItsDocument(t *testing.T) {
	crd := func(annotations ...string) string {
		return manifest("apiextensions.k8s.io/v1", "CustomResourceDefinition", "carts.shop.example", "spec: {}\n", annotations...)
	}
	pod := func(command string, annotations ...string) string {
		return manifest("v1", "Pod", "p", "spec: {restartPolicy: Never, containers: [{name: c, command: ["+command+"]}]}\n", annotations...)
	}
	testObserve(t, []observeCase{
		{
			name: "no kind", engine: "helm4", rules: "HH108", chart: []string{configMap("a"), "apiVersion: v1\nmetadata: {name: b}\n"},
			want: []string{"HH108 error /b in install (proven)"}, says: []string{"install fails before anything runs: ", "fix: write apiVersion and kind"},
		},
		{
			name: "a number among labels", engine: "helm3", rules: "HH108", chart: []string{"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b, labels: {a: 1}}\n"},
			want: []string{"HH108 error ConfigMap/b in install (proven)"}, says: []string{"fix: put the value in quotes"},
		},
		{
			name: "no name", engine: "helm4", rules: "HH108", chart: []string{configMap("a"), "apiVersion: v1\nkind: Secret\nmetadata: {labels: {a: b}}\n"},
			want: []string{"HH108 error Secret/ in install (proven)"}, says: []string{"fix: give it metadata.name"},
		},
		{
			name: "no name on a hook", engine: "helm4", rules: "HH108", chart: []string{"apiVersion: v1\nkind: Secret\nmetadata: {annotations: {helm.sh/hook: pre-install}}\n"},
			want: []string{"HH108 error Secret/ in install pre-install (proven)"}, says: []string{"fix: give it metadata.name"},
		},
		{
			name: "made twice", engine: "helm3", rules: "HH108", chart: []string{configMap("a"), configMap("a")},
			want: []string{"HH108 error ConfigMap/a in install resources (proven)"}, says: []string{`configmaps "a" already exists`, "fix: make it once"},
		},
		{
			name: "in crds/ and among the templates", engine: "helm3", rules: "HH108",
			render: func(f Fields) (Rendered, error) {
				rendered, err := chartOf(crd())(f)
				rendered.CRDs = []CRDFile{{Path: "c/crds/carts.yaml", Documents: []Document{{Template: "c/crds/carts.yaml", Text: crd()}}}}
				return rendered, err
			},
			want: []string{"HH108 error CustomResourceDefinition/carts.shop.example in install (proven)"}, says: []string{"fix: keep it in crds/ or among the templates, not in both"},
		},
		{
			name: "a Job that changes", engine: "helm3", rules: "HH108", render: byAction([]string{job("m")}, []string{jobWith("m", "hostNetwork: true")}),
			want: []string{"HH108 error Job/m in upgrade resources (likely)"}, says: []string{"fix: make it a hook, or give it a name that changes with its content"},
		},
		{
			name: "a hook that changes", engine: "helm4", rules: "HH108",
			render: byAction([]string{pod("a", `hook: post-install`, `hook-delete-policy: hook-failed`)}, []string{pod("b", `hook: post-upgrade`, `hook-delete-policy: hook-failed`)}),
			want:   []string{"HH108 error Pod/p in upgrade post-upgrade (likely)"}, says: []string{"fix: write helm.sh/hook-delete-policy: before-hook-creation,hook-failed"},
		},
		{
			name: "a hook that becomes an ordinary object", engine: "helm4", rules: "HH108", render: byAction([]string{configMap("c", `hook: pre-install`)}, []string{configMap("c")}),
			want: []string{"HH108 error ConfigMap/c in upgrade (proven)"},
			says: []string{"upgrade fails before anything runs: Unable to continue with update", "give the hook in c/templates/all.yaml a name of its own, or delete what it made"},
		},
		{
			name: "left for the second install, beside HH106 about the same document", engine: "helm4", rules: "HH106 HH108", render: byAction([]string{configMap("c")}, []string{configMap("c", `hook: pre-upgrade`)}),
			want: []string{"HH106 error ConfigMap/c in upgrade pre-upgrade (proven)", "HH108 error ConfigMap/c in install (proven)"},
		},
		{
			name: "an empty list", engine: "helm4", rules: "HH108", chart: []string{"apiVersion: v1\nkind: List\nmetadata: {annotations: {helm.sh/hook: post-install}}\nitems: []\n"},
			want: []string{"HH108 error List/ in install post-install (proven)"}, says: []string{"fix: let the template give nothing at all where its list is empty"},
		},
		{name: "made-up names of two hooks", engine: "helm4", rules: "HH101 HH104 HH108", render: standIns(pod("a", `hook: test`), pod("b", `hook: test`, `hook-delete-policy: hook-succeeded`))},
		{name: "made-up names of two resources", engine: "helm3", rules: "HH108", render: standIns(configMap("c-x"), configMap("c-y"))},
		{
			name: "one made-up name in two events", engine: "helm3", rules: "HH101", render: standIns(job("c-x", `hook: pre-install,post-install`, `hook-delete-policy: hook-failed`)),
			want: []string{"HH101 error Job/c-<random> in install post-install (proven)"},
		},
	})
}

// before-hook-creation is no advice for what cannot be made anew.
func TestClaimsAreNotToBeDeleted(t *testing.T) {
	p := made(t, "helm3", func(Fields) []string {
		return []string{manifest("v1", "Namespace", "jobs", "", `hook: pre-install`, `hook-delete-policy: hook-failed`)}
	})
	for _, f := range p.Findings {
		if f.Rule == ruleExists && !strings.Contains(f.Fix, "remove helm.sh/hook: before-hook-creation would delete it before each run, with everything in it") {
			t.Errorf("fix: %s", f.Fix)
		}
	}
}
