package gitops

import (
	"fmt"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// one reads a single object.
func one(t *testing.T, text string) *Object {
	t.Helper()
	body, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	o, err := ParseObject(body, "x.yaml, line 1")
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// helmRelease is one of web whose spec has these lines beside the ones that it must have.
func helmRelease(spec ...string) string {
	return object("helm.toolkit.fluxcd.io/v2", "HelmRelease", "shop", append([]string{
		"interval: 10m", "chart: {spec: {chart: charts/shop, sourceRef: {kind: GitRepository, name: flux-system}}}",
	}, spec...)...)
}

func object(apiVersion, kind, name string, spec ...string) string {
	return fmt.Sprintf("apiVersion: %s\nkind: %s\nmetadata: {name: %s, namespace: web}\nspec:\n  %s\n", apiVersion, kind, name, strings.Join(spec, "\n  "))
}

func read(t *testing.T, spec ...string) *HelmRelease {
	t.Helper()
	h, err := ParseHelmRelease(one(t, helmRelease(spec...)), "")
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// among finds objects of a file.
func among(t *testing.T, texts ...string) Finder {
	t.Helper()
	var objects Objects
	for _, text := range texts {
		objects = append(objects, one(t, text))
	}
	return func(kind, namespace, name string) (*Object, error) { return objects.Find(kind, namespace, name), nil }
}

func says(t *testing.T, text string, wanted ...string) {
	t.Helper()
	for _, want := range wanted {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}
