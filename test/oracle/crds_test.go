package oracle

import (
	"testing"

	"github.com/helm-hooks/helm-hooks/test/oracle/scenario"
)

// Files of crds/ that hold nothing Helm can install end the install before any hook.
func TestFilesOfCRDsFolder(t *testing.T) {
	const good = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: things.example.com}\nspec:\n" +
		"  group: example.com\n  scope: Cluster\n  names: {kind: Thing, plural: things, singular: thing, listKind: ThingList}\n" +
		"  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]\n"
	for name, file := range map[string]string{
		"only a comment":                   "# only a comment\n",
		"no kind":                          "foo: bar\n",
		"another object":                   "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n",
		"a definition":                     good,
		"with a comment":                   "# a comment\n---\n" + good,
		"with a document that has no kind": good + "---\nfoo: bar\n",
	} {
		for _, helm := range []string{"3", "4"} {
			t.Run(name+" helm"+helm, func(t *testing.T) {
				sc := scenario.Scenario{
					Release: "r", Namespace: "default",
					Charts: []scenario.Chart{{Files: map[string]string{
						"Chart.yaml": "apiVersion: v2\nname: c\nversion: 0.1.0\n", "crds/a.yaml": file,
						"templates/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: hook, annotations: {helm.sh/hook: pre-install}}\n",
					}}},
					Steps: []scenario.Step{{Helm: helm, Action: scenario.Install}, {Helm: helm, Action: scenario.Upgrade}, {Helm: helm, Action: scenario.Uninstall}, {Helm: helm, Action: scenario.Install}},
				}
				if _, err := agree(t, sc, newest(t), Run); err != nil {
					t.Error(err)
				}
			})
		}
	}
}
