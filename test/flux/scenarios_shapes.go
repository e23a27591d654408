package flux

import "strings"

// shapes are documents of odd shapes, of which the post-renderer, which every release has, makes something else.
func shapes() []Scenario {
	hook := "annotations: {helm.sh/hook: pre-install}"
	// Two objects of one kind would come in any order.
	member := func(kind, name, annotations string) string {
		return "- {apiVersion: v1, kind: " + kind + ", metadata: {name: " + name + ", " + annotations + "}}\n"
	}
	file := func(name, text string) Chart {
		return Chart{Files: map[string]string{"templates/" + name + ".yaml": text}}
	}
	list := func(annotations string, members ...string) string {
		return "apiVersion: v1\nkind: List\nmetadata: {name: several, " + annotations + "}\nitems:\n" + strings.Join(members, "")
	}
	// cut is how often the post-renderer refuses the chart before the scenario is left.
	thrice := func(name string, chart Chart, cut int) []Scenario {
		return []Scenario{
			{Name: name, Chart: chart, Steps: []Step{{Do: Create, Actions: cut}}},
			{Name: name + ", nohooks", Chart: chart, Steps: []Step{{Do: Create, Spec: "postRenderStrategy: nohooks"}}},
			{Name: name + ", separate", Chart: chart, Steps: []Step{{Do: Create, Spec: "postRenderStrategy: separate", Actions: cut}}},
		}
	}
	// ordinary says which objects of scenarios are no hooks.
	ordinary := func(scenarios []Scenario, objects ...string) []Scenario {
		for i := range scenarios {
			scenarios[i].Ordinary = objects
		}
		return scenarios
	}
	all := thrice("List that is a hook", file("list", list(hook, member("ServiceAccount", "first", "labels: {}"), member("Secret", "second", "labels: {}"))), 0)
	// A post-renderer that sees it takes it apart, and its annotation with it.
	all[0].Ordinary = []string{"serviceaccounts/first", "secrets/second"}
	all[2].Ordinary = all[0].Ordinary
	all = append(all, ordinary(thrice("List with a hook in it", file("list", list("labels: {}", member("ServiceAccount", "first", hook), member("Secret", "second", "labels: {}"))), 0), "secrets/second")...)
	all = append(all, ordinary(thrice("List without hooks", file("list", list("labels: {}", member("ServiceAccount", "first", "labels: {}"), member("Secret", "second", "labels: {}"))), 0),
		"serviceaccounts/first", "secrets/second")...)
	all = append(all, thrice("hook with a generated name", file("generated",
		"apiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: generated-, annotations: {helm.sh/hook: pre-install, helm.sh/hook-delete-policy: hook-failed}}\n"), 2)...)
	all = append(all, thrice("hooks of one name and weight", Chart{Files: map[string]string{
		"templates/a-config.yaml":  "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: equal, " + hook + "}\n",
		"templates/b-account.yaml": "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: equal, " + hook + "}\n",
		"templates/c-secret.yaml":  "apiVersion: v1\nkind: Secret\nmetadata: {name: equal, " + hook + "}\n",
		"templates/d-service.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: equal, " + hook + "}\nspec: {ports: [{port: 80}]}\n",
	}}, 0)...)
	return append(all, thrice("comments and empty documents", file("odd",
		"# nothing but a comment\n---\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: odd, "+hook+"}\n---\n# nor here\n"), 0)...)
}
