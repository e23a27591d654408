package sdk

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// required is the version of a module in go.mod.
func required(t *testing.T, module string) string {
	t.Helper()
	data, err := os.ReadFile("../../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	match := regexp.MustCompile(`(?m)^\s*` + regexp.QuoteMeta(module) + ` (v\S+)`).FindSubmatch(data)
	if match == nil {
		t.Fatalf("go.mod does not require %s", module)
	}
	return string(match[1])
}

func TestKubeVersionIsTheMinorOfClientGo(t *testing.T) {
	minor := regexp.MustCompile(`^v0\.(\d+)\.`).FindStringSubmatch(required(t, "k8s.io/client-go"))
	if minor == nil {
		t.Fatal("client-go has no v0 version")
	}
	if want := "v1." + minor[1] + ".0"; KubeVersion != want {
		t.Errorf("KubeVersion is %s, go.mod's client-go says %s", KubeVersion, want)
	}
}

func TestVersionsAreThoseOfTheModules(t *testing.T) {
	if want := required(t, "helm.sh/helm/v3"); Helm3Version != want {
		t.Errorf("Helm3Version is %s, go.mod says %s", Helm3Version, want)
	}
	if want := required(t, "helm.sh/helm/v4"); Helm4Version != want {
		t.Errorf("Helm4Version is %s, go.mod says %s", Helm4Version, want)
	}
}

func TestHelmVersion(t *testing.T) {
	for _, test := range []struct {
		name    string
		version [3]int
		want    string
	}{
		{"the linked version is itself", [3]int{4, 3, 1}, "v4.3.1"},
		{"the newest patch of the linked minor is the linked one", [3]int{4, 3, 999}, "v4.3.1"},
		{"an older patch stays", [3]int{4, 3, 0}, "v4.3.0"},
		{"an older minor stays", [3]int{4, 1, 4}, "v4.1.4"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := HelmVersion(plan.Engine{Name: "helm4", Version: test.version}, "v4.3.1"); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestCopyValuesSharesNothing(t *testing.T) {
	list := []any{"a", map[string]any{"deep": 1}}
	values := map[string]any{"list": list, "table": map[string]any{"x": "y"}, "null": nil}
	copied := CopyValues(values)
	if diff := cmp.Diff(values, copied); diff != "" {
		t.Fatal(diff)
	}
	copied["table"].(map[string]any)["x"] = "changed"
	copied["list"].([]any)[1].(map[string]any)["deep"] = 2
	if values["table"].(map[string]any)["x"] != "y" || list[1].(map[string]any)["deep"] != 1 {
		t.Error("a change of the copy shows in the original")
	}
	if CopyValues(nil) != nil {
		t.Error("no values became some")
	}
}

func TestDocumentsAreInTheSortersOrder(t *testing.T) {
	files := map[string]string{
		"c/templates/b.yaml":           "two",
		"c/templates/a.yaml":           "one|more",
		"c/templates/NOTES.txt":        "notes",
		"c/templates/sub-NOTES.txt":    "notes as well",
		"c/templates/_helpers.tpl":     "helper",
		"c/templates/empty.yaml":       " \n\t",
		"c/charts/d/templates/z.yaml":  "zero",
		"c/templates/deep/NOTES.txt.x": "no notes",
	}
	split := func(text string) []string { return regexp.MustCompile(`\|`).Split(text, -1) }
	want := []plan.Document{
		{Template: "c/charts/d/templates/z.yaml", Text: "zero"},
		{Template: "c/templates/a.yaml", Text: "one"},
		{Template: "c/templates/a.yaml", Index: 1, Text: "more"},
		{Template: "c/templates/b.yaml", Text: "two"},
		{Template: "c/templates/deep/NOTES.txt.x", Text: "no notes"},
	}
	if diff := cmp.Diff(want, Documents(files, split)); diff != "" {
		t.Error(diff)
	}
}

func TestInOrderCountsInNumbers(t *testing.T) {
	want := strings.Split("abcdefghijkl", "")
	pieces := map[string]string{}
	for i, letter := range want {
		pieces[fmt.Sprintf("manifest-%d", i)] = letter
	}
	if got := InOrder(pieces); !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}

func TestCRDFileHasTheDocumentsThatMakeObjects(t *testing.T) {
	file, err := CRDFile(`c\crds\x.yaml`, []byte("# licence\n---\nkind: A\n---\n\n---\n# only words\n---\nkind: B\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := plan.CRDFile{Path: "c/crds/x.yaml", Documents: []plan.Document{
		{Template: "c/crds/x.yaml", Text: "kind: A\n"},
		{Template: "c/crds/x.yaml", Index: 1, Text: "kind: B\n"},
	}}
	if diff := cmp.Diff(want, file); diff != "" {
		t.Error(diff)
	}
}

func TestValueTextsAreTheStringsWithActions(t *testing.T) {
	values := map[string]any{"b": "{{ now }}", "a": []any{"plain", map[string]any{"c": "x{{ y }}"}}, "n": 3}
	want := []Text{{Body: "x{{ y }}"}, {Body: "{{ now }}"}}
	if diff := cmp.Diff(want, ValueTexts(values)); diff != "" {
		t.Error(diff)
	}
}
