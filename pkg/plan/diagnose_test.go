package plan

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"pgregory.net/rapid"
)

var updateDiagnose = flag.Bool("update-diagnose", false, "write the want sections of testdata/diagnose anew")

// TestDiagnose runs testdata/diagnose/RULE.txtar. Each holds documents: those in bad.yaml break the
// rule, those in fine.yaml come near and give nothing at all, those in crds/ are the chart's. "want" is
// what is said under Helm 4.3; "want helm3@3.22" and the like hold what another engine says.
func TestDiagnose(t *testing.T) {
	paths, err := filepath.Glob("testdata/diagnose/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) { diagnoseCase(t, path) })
	}
}

func diagnoseCase(t *testing.T, path string) {
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rule := strings.TrimSuffix(filepath.Base(path), ".txtar")
	said, fine := "", false
	for i := range archive.Files {
		file := &archive.Files[i]
		version, isWant := strings.CutPrefix(file.Name, "want")
		if !isWant {
			fine = fine || file.Name == "fine.yaml"
			continue
		}
		engine := "helm4@4.3.1"
		if version = strings.TrimSpace(version); version != "" {
			engine = version
		}
		got := told(t, archive, engine)
		said += got
		if strings.Contains(got, "fine.yaml") {
			t.Errorf("%s: a document of fine.yaml is not fine:\n%s", engine, got)
		}
		if *updateDiagnose {
			file.Data = []byte(got)
		}
		if diff := cmp.Diff(string(file.Data), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", engine, diff)
		}
	}
	if !strings.Contains(said, rule) || !fine {
		t.Errorf("%s needs a document that breaks it and one that comes near", rule)
	}
	if *updateDiagnose {
		if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// told classifies and diagnoses an archive and writes all that is said, a paragraph each.
func told(t *testing.T, archive *txtar.Archive, engine string) string {
	t.Helper()
	var rendered Rendered
	for _, file := range archive.Files {
		if !strings.HasSuffix(file.Name, ".yaml") {
			continue
		}
		var documents []Document
		for i, text := range strings.Split(string(file.Data), "\n---\n") {
			documents = append(documents, Document{Template: "c/" + file.Name, Index: i, Text: text})
		}
		if strings.HasPrefix(file.Name, "crds/") {
			rendered.CRDs = append(rendered.CRDs, CRDFile{Path: "c/" + file.Name, Documents: documents})
			continue
		}
		rendered.Documents = append(rendered.Documents, documents...)
	}
	e := engineOf(t, engine)
	inventory, err := Classify(rendered, Release{Name: "r", Namespace: "default"}, e)
	if err != nil {
		t.Fatal(err)
	}
	return diagnosisText(diagnose(inventory, e, func(template string) string { return "./" + template }))
}

func diagnosisText(ignored []Ignored, findings []Finding) string {
	var out strings.Builder
	for _, i := range ignored {
		fmt.Fprintf(&out, "%s %s[%d] %s\n  %s\n", i.Rule, i.File, i.Index, i.Object.Ref(), i.Message)
		if i.DidYouMean != "" {
			fmt.Fprintf(&out, "  Did you mean %q?\n", i.DidYouMean)
		}
		if i.Harmless != "" {
			fmt.Fprintf(&out, "  harmless: %s\n", i.Harmless)
		}
		fmt.Fprintf(&out, "  fix: %s\n", i.Fix)
	}
	for _, f := range findings {
		fmt.Fprintf(&out, "%s %s %s %s[%d] %s\n  %s\n  fix: %s\n", f.Rule, f.Severity, f.Prediction, f.File, f.Document, f.Object.Ref(), f.Message, f.Fix)
	}
	return out.String()
}

func TestEveryDocumentRuleHasACase(t *testing.T) {
	for _, rule := range Rules() {
		if rule.ID > "HH1" {
			continue
		}
		if _, err := os.Stat(filepath.Join("testdata", "diagnose", rule.ID+".txtar")); err != nil {
			t.Errorf("%s has no case: %v", rule.ID, err)
		}
	}
}

// Without a file function and without documents nothing breaks.
func TestDiagnoseNothing(t *testing.T) {
	ignored, findings := diagnose(Inventory{}, Engine{}, nil)
	if len(ignored)+len(findings) > 0 {
		t.Errorf("diagnose of nothing gives %v %v", ignored, findings)
	}
	ignored, _ = diagnose(Inventory{Dropped: []Dropped{{Value: "x"}}}, Engine{}, nil)
	if len(ignored) != 1 || ignored[0].File != "" {
		t.Errorf("diagnose without file function gives %v", ignored)
	}
}

// handMade is an inventory whose parts contradict each other as much as their types allow.
func handMade(t *rapid.T) Inventory {
	text := rapid.OneOf(rapid.String(), rapid.Map(someValue(), func(value string) string {
		return "metadata:\n  annotations:\n    helm.sh/hook: " + value + "\n  labels: {helm.sh/hook: " + value + "}\nitems: [" + value + ", {metadata: {annotations: {helm.sh/hook: a}}}]\n"
	}))
	key := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{
		annotationHook, annotationWeight, annotationDelete, annotationOutputLog, annotationResourcePolicy,
		"helm.sh/hooks", "hook.helm.sh", "helm/hook-weight", "Helm.sh/Hook", "hook", "helm.sh/hook-foo", "/", "helm.sh/",
	}))
	annotation := rapid.Custom(func(t *rapid.T) Annotation {
		return Annotation{Key: key.Draw(t, "key"), Value: someValue().Draw(t, "value"), NotString: rapid.Bool().Draw(t, "not string"), Null: rapid.Bool().Draw(t, "null")}
	})
	parsed := rapid.Custom(func(t *rapid.T) Parsed {
		return Parsed{
			Document:    Document{Template: rapid.SampledFrom([]string{"", "c/a.yaml", "c/b.yaml"}).Draw(t, "template"), Index: rapid.IntRange(0, 3).Draw(t, "index"), Text: text.Draw(t, "text")},
			Object:      Object{APIVersion: rapid.SampledFrom([]string{"v1", "apps/v1", "batch/v1", ""}).Draw(t, "version"), Kind: rapid.SampledFrom([]string{"Job", "List", "Deployment", "CustomResourceDefinition", ""}).Draw(t, "kind"), Name: "n"},
			Annotations: rapid.SliceOfN(annotation, 0, 4).Draw(t, "annotations"),
		}
	})
	policies := rapid.SliceOfN(rapid.Map(someValue(), func(s string) DeletePolicy { return DeletePolicy(s) }), 0, 3)
	inventory := Inventory{CRDs: []CRDFile{{Path: "c/crds/x.yaml", Objects: []Object{{Kind: "CustomResourceDefinition", Name: "n"}}}}}
	for range rapid.IntRange(0, 3).Draw(t, "dropped") {
		inventory.Dropped = append(inventory.Dropped, Dropped{Parsed: parsed.Draw(t, "parsed"), Value: someValue().Draw(t, "value")})
	}
	for range rapid.IntRange(0, 3).Draw(t, "resources") {
		inventory.Resources = append(inventory.Resources, Resource{Parsed: parsed.Draw(t, "parsed"), Empty: rapid.Bool().Draw(t, "empty")})
	}
	for range rapid.IntRange(0, 3).Draw(t, "hooks") {
		p := parsed.Draw(t, "parsed")
		inventory.Hooks = append(inventory.Hooks, Hook{
			Parsed: p, Kind: p.Object.Kind, Events: rapid.SliceOfN(rapid.SampledFrom(everyEvent[:]), 0, 3).Draw(t, "events"),
			DeletePolicies: policies.Draw(t, "policies"), OutputLogPolicies: policies.Draw(t, "log policies"),
		})
	}
	return inventory
}

// checkDiagnosis holds for every inventory: nothing is lost, every rule is in the table, the same input
// gives the same words, and the order is total.
func checkDiagnosis(t interface{ Fatalf(string, ...any) }, inventory Inventory, engine Engine) {
	file := func(template string) string { return "./" + template }
	ignored, findings := diagnose(inventory, engine, file)
	if len(ignored) != len(inventory.Dropped) {
		t.Fatalf("%d dropped, %d explained", len(inventory.Dropped), len(ignored))
	}
	for _, i := range ignored {
		if rule, ok := LookupRule(i.Rule); !ok || rule.ID > "HH002" || i.Message == "" || i.Fix == "" {
			t.Fatalf("ignored without reason: %+v", i)
		}
	}
	for _, f := range findings {
		if _, ok := LookupRule(f.Rule); !ok || f.Message == "" || f.Fix == "" || f.Severity == "" || f.Prediction == "" || f.File == "" && f.Template != "" {
			t.Fatalf("finding without substance: %+v", f)
		}
		if strings.HasSuffix(f.Message, ".") || strings.ContainsAny(f.Message, "\n\x1b\x00") {
			t.Fatalf("message is not one plain line: %q", f.Message)
		}
	}
	if !slices.IsSortedFunc(findings, func(a, b Finding) int {
		return strings.Compare(fmt.Sprintf("%s\x00%d\x00%s", a.Template, a.Document, a.Rule), fmt.Sprintf("%s\x00%d\x00%s", b.Template, b.Document, b.Rule))
	}) {
		t.Fatalf("out of order: %+v", findings)
	}
	if again := diagnosisText(diagnose(inventory, engine, file)); again != diagnosisText(ignored, findings) {
		t.Fatalf("not the same twice")
	}
}

func TestDiagnoseAnything(t *testing.T) {
	engines := []Engine{engineOf(t, "helm3@3.17"), engineOf(t, "helm3"), engineOf(t, "helm4")}
	rapid.Check(t, func(t *rapid.T) {
		checkDiagnosis(t, handMade(t), rapid.SampledFrom(engines).Draw(t, "engine"))
	})
}

func FuzzDiagnose(f *testing.F) {
	paths, _ := filepath.Glob("testdata/diagnose/*.txtar")
	for _, path := range paths {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range archive.Files {
			for _, text := range strings.Split(string(file.Data), "\n---\n") {
				f.Add(text)
			}
		}
	}
	engine, err := ParseEngine("helm4")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		rendered := Rendered{Documents: []Document{{Template: "c/a.yaml", Text: text}}}
		inventory, err := Classify(rendered, Release{Name: "r", Namespace: "default"}, engine)
		if err != nil {
			return
		}
		checkDiagnosis(t, inventory, engine)
	})
}
