package explain

import (
	"fmt"
	"slices"
	"strings"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// ruleGroup is the heading of the rules in lists of topics.
const ruleGroup = "Rules"

// addRules puts the table of rules and a topic for each rule behind the others.
func addRules(topics []Topic, rules []plan.Rule) []Topic {
	all := append(slices.Clip(topics), ruleTable(rules))
	for _, rule := range rules {
		topic := Topic{
			Name: rule.ID, Title: rule.ID + ": " + rule.Title, Group: ruleGroup, Summary: rule.Title,
			Severity: rule.Severity, Fix: rule.Fix, Description: rule.Summary,
		}
		topic.SeeAlso = append(related(rule, topics), "rules")
		all = append(all, topic)
	}
	return all
}

// mostRelated is how many topics a rule is led to by its words.
const mostRelated = 4

// related are the topics that name the rule, or else those that the rule's own words name.
func related(rule plan.Rule, topics []Topic) []string {
	var names, named []string
	text := spaced(rule.Title + " " + rule.Summary)
	for _, topic := range topics {
		if slices.Contains(topic.SeeAlso, rule.ID) {
			names = append(names, topic.Name)
		}
		telling := slices.DeleteFunc(append([]string{topic.Name}, topic.Aliases...), func(name string) bool { return !isTelling(name) })
		if slices.ContainsFunc(telling, func(name string) bool { return strings.Contains(text, spaced(name)) }) && len(named) < mostRelated {
			named = append(named, topic.Name)
		}
	}
	if len(names) > 0 {
		return names
	}
	return named
}

// isTelling leaves out words that occur in any text about hooks.
func isTelling(name string) bool {
	return strings.ContainsAny(name, "-/") || len(name) > len("upgrade")
}

// spaced puts one blank around each word.
func spaced(text string) string {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
	return " " + strings.Join(words, " ") + " "
}

// ruleTable is the topic that lists the rules.
func ruleTable(rules []plan.Rule) Topic {
	var table strings.Builder
	table.WriteString("A finding of this tool names its rule. Its ID never changes its meaning. The severity is the usual one; a rule's own text says where a finding differs.\n\n")
	table.WriteString("| rule | severity | what |\n|---|---|---|\n")
	for _, rule := range rules {
		fmt.Fprintf(&table, "| %s | %s | %s |\n", rule.ID, rule.Severity, rule.Title)
	}
	return Topic{
		Name: "rules", Title: "Rules", Group: ruleGroup, Summary: "All rules by which findings are named",
		Aliases: []string{"rule", "findings", "lint"}, Description: strings.TrimSpace(table.String()), SeeAlso: []string{"ignored", "failure"},
	}
}
