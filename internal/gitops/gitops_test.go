package gitops

import (
	"strings"
	"testing"
)

func documents(texts ...string) []Document {
	var all []Document
	for _, text := range texts {
		all = append(all, Document{Text: text, Where: "x.yaml"})
	}
	return all
}

func TestObjectsOfAStream(t *testing.T) {
	configMap := "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: shop, namespace: web}\n"
	for _, c := range []struct {
		name      string
		documents []string
		targets   string
		stranger  string
	}{
		{"nothing of the two", []string{configMap}, "", ""},
		{"one", []string{helmRelease()}, "HelmRelease/shop", ""},
		{"what lies beside it", []string{helmRelease(), configMap, "apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {name: a}\n", "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: []\n"}, "HelmRelease/shop", ""},
		{"a List", []string{"apiVersion: v1\nkind: List\nitems:\n- " + strings.ReplaceAll(strings.TrimSpace(application(gitSource+"}")), "\n", "\n  ") + "\n"}, "Application/shop", ""},
		{"what a chart renders", []string{helmRelease(), "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\n"}, "HelmRelease/shop", "Deployment/a"},
		{"a hook", []string{helmRelease(), "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, annotations: {helm.sh/hook: pre-install}}\n"}, "HelmRelease/shop", "ConfigMap/a"},
		{"the kinds of somebody else", []string{"apiVersion: example.com/v1\nkind: HelmRelease\nmetadata: {name: helm.toolkit.fluxcd.io}\n"}, "", ""},
		{"what is no YAML", []string{helmRelease(), "a: [helm.toolkit.fluxcd.io"}, "HelmRelease/shop", ""},
		{"two", []string{helmRelease(), application(gitSource + "}")}, "HelmRelease/shop Application/shop", ""},
	} {
		objects, err := Parse(documents(c.documents...))
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		var targets []string
		for _, o := range objects.Targets() {
			targets = append(targets, o.Ref())
		}
		stranger := ""
		if o := objects.Stranger(); o != nil {
			stranger = o.Ref()
		}
		if strings.Join(targets, " ") != c.targets || stranger != c.stranger {
			t.Errorf("%s: %q, stranger %q", c.name, targets, stranger)
		}
	}
}

// cat does not put dashes between files.
func TestTwoObjectsInOneDocument(t *testing.T) {
	_, err := Parse(documents(helmRelease() + application(gitSource+"}")))
	if err == nil || err.Error() != "x.yaml: two objects in one document" {
		t.Error(err)
	}
	if _, err := Parse(documents(helmRelease("values: {a: 1, a: 2}"))); err != nil {
		t.Errorf("a value that is there twice is the last one, as kubectl takes it: %v", err)
	}
}

func TestANameThatIsNoString(t *testing.T) {
	_, err := Parse(documents("apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: off}\nspec: {}\n"))
	if err == nil || err.Error() != "x.yaml: HelmRelease: metadata: name is true or false and should be a string" {
		t.Error(err)
	}
}

// What the text holds may be anything: it is refused or read, and nothing breaks.
func FuzzParse(f *testing.F) {
	f.Add(helmRelease("install: {remediation: {retries: 3}}", "valuesFrom: [{kind: Secret, name: a, targetPath: a.b}]"))
	f.Add(application(gitSource + ", helm: {values: 'a: 1', parameters: [{name: a, value: $ARGOCD_APP_NAME}]}}"))
	f.Add("apiVersion: v1\nkind: List\nitems:\n- apiVersion: helm.toolkit.fluxcd.io/v2\n  kind: HelmRelease\n  spec: null\n")
	f.Add("apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: []\nspec: {sources: [null, {ref: $a}]}\n")
	f.Add("kind: HelmRelease\napiVersion: helm.toolkit.fluxcd.io/v2\nmetadata: {name: 1, annotations: {a: {}}}\nspec: {chart: {spec: {sourceRef: {kind: HelmRepository}}}}\n")
	f.Fuzz(func(t *testing.T, text string) {
		objects, err := Parse(documents(text))
		if err != nil {
			return
		}
		find := func(kind, namespace, name string) (*Object, error) { return objects.Find(kind, namespace, name), nil }
		for _, o := range objects.Targets() {
			if o.IsApplication() {
				if a, err := ParseApplication(o, "web"); err == nil {
					_ = a.Locate()
					_, _, _ = a.Parameters()
				}
				continue
			}
			h, err := ParseHelmRelease(o, "web")
			if err != nil {
				continue
			}
			if len(h.Release.Name) > 53 {
				t.Errorf("release name %q", h.Release.Name)
			}
			_, _ = h.Locate(find)
			_, _, _ = h.MergeValues(References{Find: find, Set: setFlat})
		}
	})
}
