// Package rules holds every rule of lint against two small charts in testdata/charts/rules: HHxxx-bad, in
// which it finds that rule, and HHxxx-good, which comes near and is sound.
package rules

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/helm-hooks/helm-hooks/internal/helm3"
	"github.com/helm-hooks/helm-hooks/internal/helm4"
	"github.com/helm-hooks/helm-hooks/internal/source/sdk"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

const chartsDir = "../../testdata/charts/rules"

// enginesOf are those under which a rule is looked for: HH4xx are of the engines that are not Helm.
func enginesOf(rule plan.Rule) []string {
	switch {
	case rule.ID == "HH409" || rule.ID == "HH410":
		return []string{"flux"}
	case strings.HasPrefix(rule.ID, "HH4"):
		return []string{"argocd", "template"}
	}
	return []string{"helm3", "helm4"}
}

func TestEveryRuleHasItsCharts(t *testing.T) {
	folders, err := os.ReadDir(chartsDir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, folder := range folders {
		names = append(names, folder.Name())
	}
	var want []string
	for _, rule := range plan.Rules() {
		want = append(want, rule.ID+"-bad", rule.ID+"-good")
	}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("-rules +charts:\n%s", diff)
	}
}

// A bad chart gives its own rule and no other, or exactly those of its expect.txt.
func TestBadChartsBreakTheirRule(t *testing.T) {
	for _, rule := range plan.Rules() {
		t.Run(rule.ID, func(t *testing.T) {
			dir := filepath.Join(chartsDir, rule.ID+"-bad")
			found := false
			for _, engine := range enginesOf(rule) {
				p := lint(t, dir, engine)
				got := rulesOf(p)
				found = found || slices.Contains(got, rule.ID)
				if diff := cmp.Diff(expected(t, dir, rule.ID, engine), got); diff != "" {
					t.Errorf("%s (-want +got):\n%s%s", engine, diff, said(p))
				}
			}
			if !found {
				t.Errorf("%s is found under no engine", rule.ID)
			}
		})
	}
}

func TestGoodChartsAreSound(t *testing.T) {
	for _, rule := range plan.Rules() {
		t.Run(rule.ID, func(t *testing.T) {
			for _, engine := range enginesOf(rule) {
				p := lint(t, filepath.Join(chartsDir, rule.ID+"-good"), engine)
				unsound := slices.Contains(rulesOf(p), rule.ID) || len(p.Ignored) > 0
				for _, f := range p.Findings {
					unsound = unsound || f.Severity != plan.SeverityInfo
				}
				if unsound {
					t.Errorf("%s finds\n%s", engine, said(p))
				}
			}
		})
	}
}

// Each finding can be shown and attached: it has its words, and it names a document of the chart.
func TestFindingsAreComplete(t *testing.T) {
	for _, rule := range plan.Rules() {
		for _, engine := range enginesOf(rule) {
			for _, f := range lint(t, filepath.Join(chartsDir, rule.ID+"-bad"), engine).Findings {
				if f.Message == "" || f.Severity == "" || f.Prediction == "" || strings.ContainsAny(f.Message+f.Fix, "\n\t") {
					t.Errorf("%s, %s: %+v", rule.ID, engine, f)
				}
				if _, known := plan.LookupRule(f.Rule); !known {
					t.Errorf("%s is not in the table", f.Rule)
				}
				if f.Rule != "HH108" && !strings.HasPrefix(f.Template, strings.ToLower(rule.ID)+"-bad/") {
					t.Errorf("%s, %s: %s has the template %q", rule.ID, engine, f.Rule, f.Template)
				}
			}
		}
	}
}

// lint plans a chart with all findings.
func lint(t *testing.T, dir, name string) plan.Plan {
	t.Helper()
	engine, err := plan.ParseEngine(name)
	if err != nil {
		t.Fatal(err)
	}
	chart, err := load(dir, name)
	if err != nil {
		t.Fatal(err)
	}
	release := plan.Release{Name: "demo", Namespace: "prod"}
	p, err := plan.Make(plan.Input{
		Engine: engine, Release: release, Options: plan.Options{Timeout: plan.DefaultTimeout}, Lint: true,
		Render: func(fields plan.Fields) (plan.Rendered, error) {
			result, err := chart.Render(sdk.Request{Engine: engine.Helm(), Release: release, Fields: fields})
			return result.Rendered, err
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func load(dir, engine string) (sdk.Chart, error) {
	if engine == "helm3" {
		return helm3.Load(dir)
	}
	return helm4.Load(dir)
}

// rulesOf lists the rules that are broken, each once, in order.
func rulesOf(p plan.Plan) []string {
	var ids []string
	for _, f := range p.Findings {
		ids = append(ids, f.Rule)
	}
	for _, i := range p.Ignored {
		ids = append(ids, i.Rule)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// expected reads expect.txt: the rules of both engines in one line, or a line for each engine.
func expected(t *testing.T, dir, rule, engine string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "expect.txt"))
	if os.IsNotExist(err) {
		return []string{rule}
	}
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for line := range strings.Lines(string(text)) {
		name, rest, named := strings.Cut(line, ":")
		switch {
		case !named:
			ids = append(ids, strings.Fields(line)...)
		case name == engine:
			ids = append(ids, strings.Fields(rest)...)
		}
	}
	return ids
}

func said(p plan.Plan) string {
	var out strings.Builder
	for _, i := range p.Ignored {
		out.WriteString("  " + i.Rule + " " + i.Message + "\n")
	}
	for _, f := range p.Findings {
		out.WriteString("  " + f.Rule + " " + string(f.Severity) + " " + f.Message + "\n")
	}
	return out.String()
}
