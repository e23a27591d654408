package oracle

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	v3 "helm.sh/helm/v3/pkg/releaseutil"
	v4 "helm.sh/helm/v4/pkg/release/v1/util"

	"github.com/helm-hooks/helm-hooks/internal/helm3"
	"github.com/helm-hooks/helm-hooks/internal/helm4"
	"github.com/helm-hooks/helm-hooks/internal/source/sdk"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// sortedBy3 and sortedBy4 write what each Helm's SortManifests makes of rendered files, one line a hook
// and one a resource, in Helm's order.
func sortedBy3(files map[string]string) ([]string, error) {
	hooks, manifests, err := v3.SortManifests(files, nil, v3.InstallOrder)
	var lines []string
	for _, h := range hooks {
		lines = append(lines, fmt.Sprintf("hook %s %s/%s %v %d %q %q %q", h.Path, h.Kind, h.Name, h.Events, h.Weight, h.DeletePolicies, h.OutputLogPolicies, h.Manifest))
	}
	for _, m := range manifests {
		lines = append(lines, fmt.Sprintf("resource %s %s %q", m.Name, m.Head.Kind, m.Content))
	}
	return lines, err
}

func sortedBy4(files map[string]string) ([]string, error) {
	hooks, manifests, err := v4.SortManifests(files, nil, v4.InstallOrder)
	var lines []string
	for _, h := range hooks {
		lines = append(lines, fmt.Sprintf("hook %s %s/%s %v %d %q %q %q", h.Path, h.Kind, h.Name, h.Events, h.Weight, h.DeletePolicies, h.OutputLogPolicies, h.Manifest))
	}
	for _, m := range manifests {
		lines = append(lines, fmt.Sprintf("resource %s %s %q", m.Name, m.Head.Kind, m.Content))
	}
	return lines, err
}

// sortedByUs is the same from the classifier. It also checks that no document is lost.
func sortedByUs(files map[string]string, engine plan.Engine, split func(string) []string) ([]string, error) {
	documents := sdk.Documents(files, split)
	inventory, err := plan.Classify(plan.Rendered{Documents: documents}, plan.Release{Name: "r", Namespace: "default"}, engine)
	if err != nil {
		return nil, err
	}
	if got := len(inventory.Hooks) + len(inventory.Resources) + len(inventory.Dropped); got != len(documents) {
		return nil, fmt.Errorf("LOST: %d documents in, %d out", len(documents), got)
	}
	var lines []string
	for _, h := range inventory.Hooks {
		policies, logs := h.DeletePolicies, h.OutputLogPolicies
		if policies == nil {
			policies = []plan.DeletePolicy{}
		}
		if logs == nil {
			logs = []plan.DeletePolicy{}
		}
		lines = append(lines, fmt.Sprintf("hook %s %s/%s %v %d %q %q %q", h.Template, h.Kind, h.Name, h.Events, h.Weight, policies, logs, h.Text))
	}
	for _, r := range inventory.Resources {
		lines = append(lines, fmt.Sprintf("resource %s %s %q", r.Template, r.Kind, r.Text))
	}
	return lines, nil
}

// holdSorting demands that both Helms and the classifier make the same of the files.
func holdSorting(t fataler, files map[string]string) {
	t.Helper()
	engines := newest(t)
	for _, side := range []struct {
		key   string
		helm  func(map[string]string) ([]string, error)
		split func(string) []string
	}{
		{"3", sortedBy3, helm3.Split},
		{"4", sortedBy4, helm4.Split(engines["4"].Version)},
	} {
		want, wantErr := side.helm(files)
		got, err := sortedByUs(files, engines[side.key], side.split)
		if (err != nil) != (wantErr != nil) {
			t.Fatalf("Helm %s: %v, classifier: %v\n%q", side.key, wantErr, err, files)
		}
		if wantErr == nil && !slices.Equal(want, got) {
			t.Fatalf("Helm %s: -Helm +classifier\n%s\n%q", side.key, cmp.Diff(want, got), files)
		}
	}
}

func FuzzSortManifests(f *testing.F) {
	for _, seed := range []string{
		"", "---", "----\na: b", "---kind: X\nmetadata: {name: a}", "# only a comment\n", "null", "[]", "a", "%YAML 1.2\n---\na: b",
		"kind: Job\nmetadata:\n  name: a\n  annotations:\n    helm.sh/hook: pre-install,\n",
		"kind: Job\nmetadata:\n  name: 010\n  annotations:\n    helm.sh/hook: Pre-Install , TEST-success\n    helm.sh/hook-weight: 010\n",
		"kind: Job\nMetadata:\n  Name: a\n  Annotations:\n    helm.sh/hook: test\n    helm.sh/hook-weight: 1e3\n",
		"kind: List\nitems:\n- metadata: {annotations: {helm.sh/hook: pre-install}}\n",
		"kind: A\nmetadata:\n  annotations:\n    helm.sh/hook:\n---\nkind: B\nmetadata:\n  annotations: {helm.sh/hook: \"post-delete\", helm.sh/hook-delete-policy: }\n",
		"kind: A\nmetadata: {annotations: {x: [1]}}\n", "a: |\n  text\n---\n  more\n", "kind: Service\r\n---\r\nkind: Job\r\n",
		"kind: A\nmetadata:\n  annotations:\n    helm.sh/hook: pre-install\n    helm.sh/hook: post-install\n",
		"items: 5\nkind: List\n", "metadata: {name: {a: b}}", "metadata: {namespace: [x], labels: 7, annotations: {helm.sh/hook: test}}", "a: &a [*a]",
		"kind: Job\nmetadata:\n  name: 1.50\n  annotations: {helm.sh/hook: test, helm.sh/hook-weight: 0x10}\n",
		"kind: Job\nmetadata:\n  name: 2024-01-02\n  annotations: {helm.sh/hook: test, helm.sh/hook-weight: 12345678901234567890}\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		holdSorting(t, map[string]string{"c/templates/a.yaml": text, "c/templates/_b.tpl": text, "c/templates/b.yaml": "kind: Job\nmetadata: {name: z}\n"})
	})
}

func TestKindOrdersAreHelms(t *testing.T) {
	engines := newest(t)
	if diff := cmp.Diff([]string(v3.InstallOrder), plan.KindOrder(engines["3"])); diff != "" {
		t.Errorf("Helm 3: %s", diff)
	}
	if diff := cmp.Diff([]string(v4.InstallOrder), plan.KindOrder(engines["4"])); diff != "" {
		t.Errorf("Helm 4: %s", diff)
	}
}
