package plan

import (
	"fmt"
	"strings"
	"testing"
)

func TestComparedContent(t *testing.T) {
	pod := "containers: [{name: main, image: a, env: [{name: A, value: secret}]}], serviceAccountName: x"
	base := jobWith("a", pod, installs)
	for _, test := range []struct{ name, text, want string }{
		{"a comment", "# new\n" + base, ""},
		{"image and environment", jobWith("a", strings.NewReplacer("image: a", "image: b", "secret", "other").Replace(pod), installs), "env of container main, image of container main"},
		{"another container", jobWith("a", strings.Replace(pod, "[{", "[{name: side}, {", 1), installs), "container side"},
		{"the account", jobWith("a", strings.Replace(pod, ": x", ": y", 1), installs), "pod spec.serviceAccountName"},
		{"a hook annotation", strings.Replace(base, "pre-install", "pre-install ", 1), ""},
		{"another annotation", jobWith("a", pod, installs, `resource-policy: keep`), "annotations"},
		{"the version of the chart", strings.Replace(base, "metadata:\n", "metadata:\n  labels: {helm.sh/chart: c-2, app.kubernetes.io/version: v2}\n", 1), ""},
		{"another label", strings.Replace(base, "metadata:\n", "metadata:\n  labels: {team: a}\n", 1), "labels"},
		{"the API version", strings.Replace(base, "batch/v1", "batch/v1beta1", 1), "apiVersion"},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := diffOf(t, "helm4", "helm4", chartOf(base), chartOf(test.text))
			var got []string
			for _, c := range d.Changes {
				if c.Kind == ChangeContent {
					got = append(got, c.Parts...)
				}
			}
			if strings.Join(got, ", ") != test.want {
				t.Errorf("got %v, want %s", got, test.want)
			}
			if strings.Contains(fmt.Sprintf("%+v", d), "secret") {
				t.Error("the diff tells a value")
			}
		})
	}
	hidden := manifest("v1", "Secret", "s", "stringData: {password: hunter2}\n", installs)
	d := diffOf(t, "helm4", "helm4", chartOf(hidden), chartOf(strings.Replace(hidden, "hunter2", "hunter3", 1)))
	if got := changesText(d); got != "differs content Secret/s @install/pre-install: stringData\n" || strings.Contains(fmt.Sprintf("%+v", d), "hunter") {
		t.Error(got)
	}
}

// What a template makes up anew each time is different in two renders of one chart.
func TestVolatileContentIsNotCompared(t *testing.T) {
	made := func(token string) Render {
		return func(Fields) (Rendered, error) {
			return Rendered{Documents: []Document{{Template: "c/templates/a.yaml", Text: manifest("v1", "Secret", "s", "data: {t: "+token+"}\n", installs), Volatile: true}}}, nil
		}
	}
	if got := changesText(diffOf(t, "helm4", "helm4", made("eHh4"), made("eXl5"))); got != "" {
		t.Error(got)
	}
}
