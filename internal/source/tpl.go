package source

import (
	"regexp"
	"strings"

	"github.com/helm-hooks/helm-hooks/internal/source/sdk"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

var (
	tplUse      = regexp.MustCompile(`\btpl\b`)
	lookupUse   = regexp.MustCompile(`\blookup\b`)
	versionsUse = regexp.MustCompile(`\.Capabilities\.APIVersions\b`)
)

// tplFacts says what cannot be known because a value or a file that a template runs with tpl asks the
// cluster, and has to do with hooks. Which of them a template runs is not looked into.
func tplFacts(active, all []sdk.Text) []plan.UnknownFact {
	runs, templates := false, map[string]bool{}
	for _, text := range active {
		runs = runs || strings.Contains(text.Body, "tpl") && tplUse.MatchString(text.Body)
		templates[text.Path] = true
	}
	if !runs {
		return nil
	}
	lookup, versions := false, false
	for _, text := range all {
		if (text.Path != "" && templates[text.Path]) || !sdk.HasAction(text.Body) || !strings.Contains(text.Body, hookMark) {
			continue
		}
		lookup = lookup || lookupUse.MatchString(text.Body)
		versions = versions || versionsUse.MatchString(text.Body)
	}
	var facts []plan.UnknownFact
	if lookup {
		facts = append(facts, plan.UnknownFact{
			What:      "lookup",
			Why:       "a value or file with a hook in it, which a template may run with tpl, asks the cluster by lookup; it found nothing in this render, as in helm template",
			HowToKnow: "helm install NAME CHART --dry-run=server | helm hooks plan -",
		})
	}
	if versions {
		facts = append(facts, plan.UnknownFact{
			What:      "capabilities",
			Why:       "a value or file with a hook in it, which a template may run with tpl, asks which API versions the cluster has",
			HowToKnow: "--api-versions GROUP/VERSION for what the cluster has",
		})
	}
	return facts
}
