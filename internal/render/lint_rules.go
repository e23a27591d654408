package render

import (
	"io"

	"github.com/helm-hooks/helm-hooks/internal/lint"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

const kindLintRules = "LintRules"

type wireLintRules struct {
	APIVersion string         `json:"apiVersion"`
	Kind       string         `json:"kind"`
	Rules      []wireLintRule `json:"rules"`
}

type wireLintRule struct {
	ID string `json:"id"`
	// Severity is the rule's usual one, Level what it counts as here: off, or a severity.
	Severity string `json:"severity"`
	Level    string `json:"level"`
	Title    string `json:"title"`
	Summary  string `json:"summary"`
	Fix      string `json:"fix"`
	HelpURI  string `json:"helpUri"`
}

// RuleFormats are the formats of the list of rules.
func RuleFormats() []string { return []string{"text", "json"} }

// levelOf is what a rule counts as.
func levelOf(rule plan.Rule, levels lint.Rules) string {
	severity, on := levels.Severity(rule.ID, rule.Severity)
	if !on {
		return string(lint.Off)
	}
	return string(severity)
}

// LintRules lists all rules for people.
func LintRules(w io.Writer, levels lint.Rules, style Style) error {
	t := &tree{Style: style}
	for _, rule := range plan.Rules() {
		level := levelOf(rule, levels)
		pieces := []span{t.span(bold, rule.ID), t.span(plain, "  "+pad(level, len("warning"))+"  "+rule.Title)}
		if level != string(rule.Severity) {
			pieces = append(pieces, t.span(dim, " (usually "+string(rule.Severity)+")"))
		}
		t.put(pieces...)
	}
	return t.flush(w)
}

// LintRulesJSON lists all rules as one document of docs/schema/lintrules.v1alpha1.schema.json.
func LintRulesJSON(w io.Writer, levels lint.Rules) error {
	out := wireLintRules{APIVersion: wireAPIVersion, Kind: kindLintRules, Rules: []wireLintRule{}}
	for _, rule := range plan.Rules() {
		out.Rules = append(out.Rules, wireLintRule{
			ID: rule.ID, Severity: string(rule.Severity), Level: levelOf(rule, levels), Title: rule.Title,
			Summary: rule.Summary, Fix: rule.Fix, HelpURI: rulesURL + rule.ID + ".md",
		})
	}
	text, err := encode(out)
	if err != nil {
		return err
	}
	_, err = w.Write(escaped(text))
	return err
}
