package oracle

import (
	"fmt"
	"strings"

	"pgregory.net/rapid"

	"github.com/helm-hooks/helm-hooks/test/oracle/scenario"
)

// Generate builds a random chart: hooks and ordinary objects of few names, so that they collide, with the
// annotations people write and the ones they should not.
func Generate(t *rapid.T) scenario.Chart {
	chart, _ := generate(t)
	return chart
}

// GenerateScenario builds two charts that share names, and a life in which upgrades pick one of them and
// faults strike objects that are there. helm is "3", "4" or "" for steps of both in turn.
func GenerateScenario(t *rapid.T, helm string) scenario.Scenario {
	sc := scenario.Scenario{Release: "r", Namespace: "ns"}
	var objects []string
	for range 2 {
		chart, made := generate(t)
		sc.Charts = append(sc.Charts, chart)
		objects = append(objects, made...)
	}
	sc.Steps = GenerateSteps(t, helm)
	for i := range sc.Steps {
		step := &sc.Steps[i]
		if step.Action == scenario.Upgrade && oneIn(t, 3) {
			step.Chart = 1
		}
		for j := range step.Faults {
			if step.Faults[j].Object != scenario.ObjectResources && len(objects) > 0 {
				step.Faults[j].Object = pick(t, objects...)
			}
		}
	}
	return sc
}

func generate(t *rapid.T) (scenario.Chart, []string) {
	g := generator{T: t, ordinary: map[string]bool{}}
	chart := scenario.Chart{Files: map[string]string{"Chart.yaml": "apiVersion: v2\nname: c\nversion: 0.1.0\n"}}
	g.templates(chart.Files, "templates/", rapid.IntRange(1, 5).Draw(t, "files"))
	if oneIn(t, 6) {
		chart.Files["charts/sub/Chart.yaml"] = "apiVersion: v2\nname: sub\nversion: 0.2.0\n"
		g.templates(chart.Files, "charts/sub/templates/", rapid.IntRange(1, 2).Draw(t, "files of the subchart"))
	}
	if oneIn(t, 6) {
		chart.Files["crds/one.yaml"] = crd("things.example.com", "Thing", "Cluster")
	}
	if oneIn(t, 10) {
		chart.Files["crds/two.yaml"] = crd("parts.example.com", "Part", "Namespaced") + "---\n" + crd("bits.example.com", "Bit", "Namespaced")
	}
	if oneIn(t, 4) {
		chart.Files["templates/NOTES.txt"] = "Thank you.\n"
	}
	if oneIn(t, 4) {
		chart.Files["templates/_helpers.tpl"] = "{{- define \"x\" }}y{{ end }}\n"
	}
	return chart, g.objects
}

type generator struct {
	*rapid.T
	objects  []string // KIND/NAME of all
	ordinary map[string]bool
}

func (g *generator) templates(files map[string]string, dir string, n int) {
	for i := range n {
		var documents []string
		for range rapid.IntRange(1, 3).Draw(g.T, "documents") {
			documents = append(documents, g.document())
		}
		separator := pick(g.T, "---\n", "---\n", "---\n", "--- # next\n", "---\n---\n")
		head := pick(g.T, "", "", "", "---\n", "# a file\n")
		files[fmt.Sprintf("%s%c.yaml", dir, 'a'+i)] = head + strings.Join(documents, separator)
	}
}

func (g *generator) document() string {
	switch n := rapid.IntRange(0, 29).Draw(g.T, "document"); {
	case n == 0:
		return "# nothing but a comment\n"
	case n == 1:
		return g.list("v1", "List", "ConfigMap", "Secret", "Job")
	case n == 2:
		return g.list("v1", "ConfigMapList", "ConfigMap")
	case n == 3:
		return "{{- if .Release.IsInstall }}\n" + g.object() + "{{- end }}\n"
	}
	return g.object()
}

// object is one object, hook or not.
func (g *generator) object() string {
	hook := !oneIn(g.T, 3)
	kind := pick(g.T, kinds...)
	name, namespace := g.name(), pick(g.T, "", "", "", "", "ns", "other")
	if kind.cluster {
		namespace = ""
	}
	if !hook && g.taken(kind.kind, name, namespace) && (runs(kind.kind) || !oneIn(g.T, 8)) {
		hook = true
	}
	g.objects = append(g.objects, kind.kind+"/"+name)
	var b strings.Builder
	fmt.Fprintf(&b, "apiVersion: %s\nkind: %s\nmetadata:\n", kind.version, kind.kind)
	if oneIn(g.T, 40) {
		fmt.Fprintf(&b, "  generateName: %s-\n", name)
	} else {
		fmt.Fprintf(&b, "  name: %s\n", name)
	}
	if namespace != "" {
		fmt.Fprintf(&b, "  namespace: %s\n", namespace)
	}
	if oneIn(g.T, 6) {
		fmt.Fprintf(&b, "  labels: {app: %s}\n", pick(g.T, "one", "two", "'{{ .Release.Revision }}'"))
	}
	b.WriteString(g.annotations(hook))
	b.WriteString(kind.body(g, hook))
	return b.String()
}

// taken says whether there is an ordinary object of this identity, and takes it. Twins are rare in charts,
// and of Jobs and Pods they must not be: which of two different ones gets there first is chance.
func (g *generator) taken(kind, name, namespace string) bool {
	if namespace == "" {
		namespace = "ns"
	}
	id := kind + "/" + namespace + "/" + name
	taken := g.ordinary[id]
	g.ordinary[id] = true
	return taken
}

func runs(kind string) bool { return kind == "Job" || kind == "Pod" }

// name is from a short list. Some change with each revision, some sort differently as text and number.
func (g *generator) name() string {
	return pick(g.T, "a", "a", "b", "b", "c", "mig", "job-9", "job-10", "rev-{{ .Release.Revision }}")
}

func (g *generator) annotations(hook bool) string {
	lines := ""
	if hook {
		lines += "    helm.sh/hook: " + g.events() + "\n"
		if v, ok := maybe(g.T, 2, weights...); ok {
			lines += "    helm.sh/hook-weight: " + v + "\n"
		}
		if !oneIn(g.T, 3) {
			lines += "    helm.sh/hook-delete-policy: " + g.policies("before-hook-creation", "hook-succeeded", "hook-failed") + "\n"
		}
		if oneIn(g.T, 5) {
			lines += "    helm.sh/hook-output-log-policy: " + g.policies("hook-succeeded", "hook-failed") + "\n"
		}
	}
	if oneIn(g.T, 10) {
		lines += "    helm.sh/resource-policy: keep\n"
	}
	if oneIn(g.T, 30) {
		lines += "    note: {{ .Values.missing }}\n" // null, which is harmless
	}
	if lines == "" {
		return pick(g.T, "", "", "", "  annotations: {}\n")
	}
	return "  annotations:\n" + lines
}

// events is a YAML scalar for helm.sh/hook: mostly fine, sometimes a value that drops the document.
func (g *generator) events() string {
	if oneIn(g.T, 8) {
		return pick(g.T, oddEvents...)
	}
	picked := rapid.SliceOfN(rapid.SampledFrom(events), 1, 3).Draw(g.T, "events")
	if oneIn(g.T, 5) {
		picked = append(picked, picked[0])
	}
	separator := pick(g.T, ",", ",", ",", ", ", " ,")
	text := strings.Join(picked, separator)
	if oneIn(g.T, 8) {
		text = " " + strings.ToUpper(text) + " "
	}
	return `"` + text + `"`
}

// policies is a YAML scalar of any of the choices, or of none.
func (g *generator) policies(choices ...string) string {
	if oneIn(g.T, 6) {
		return pick(g.T, `""`, `"hook-success"`, `"never"`, "", `"Hook-Succeeded"`, `"before-hook-creation hook-succeeded"`)
	}
	picked := rapid.SliceOfNDistinct(rapid.SampledFrom(choices), 1, len(choices), rapid.ID[string]).Draw(g.T, "policies")
	text := strings.Join(picked, pick(g.T, ",", ",", " , "))
	switch {
	case oneIn(g.T, 8):
		text = strings.ToUpper(text)
	case oneIn(g.T, 12):
		text += ",typo"
	case oneIn(g.T, 12):
		text += ","
	}
	return `"` + text + `"`
}

// list is a list of objects, sometimes annotated as a hook itself, sometimes with annotated items.
func (g *generator) list(version, kind string, of ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "apiVersion: %s\nkind: %s\n", version, kind)
	if oneIn(g.T, 2) && (kind == "List" || oneIn(g.T, 3)) { // an annotated ConfigMapList is always refused
		b.WriteString("metadata:\n" + g.annotations(true))
	}
	b.WriteString("items:\n")
	for range rapid.IntRange(1, 3).Draw(g.T, "items") {
		item, name := pick(g.T, of...), g.name()
		if runs(item) && g.taken(item, name, "") {
			item = of[0]
		}
		version, spec := "v1", ""
		if item == "Job" {
			version, spec = "batch/v1", ", spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: i}]}}}"
		}
		note := pick(g.T, "", "", ", annotations: {helm.sh/hook: pre-install}")
		g.objects = append(g.objects, item+"/"+name)
		fmt.Fprintf(&b, "- {apiVersion: %s, kind: %s, metadata: {name: %q%s}%s}\n", version, item, name, note, spec)
	}
	return b.String()
}

func oneIn(t *rapid.T, n int) bool { return rapid.IntRange(0, n-1).Draw(t, "one in") == n-1 }

func pick[T any](t *rapid.T, from ...T) T { return rapid.SampledFrom(from).Draw(t, "pick") }

// maybe picks a value every n-th time.
func maybe[T any](t *rapid.T, n int, from ...T) (picked T, ok bool) {
	if !oneIn(t, n) {
		return picked, false
	}
	return pick(t, from...), true
}
