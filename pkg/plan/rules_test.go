package plan

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestRulesAreOneOrderedTable(t *testing.T) {
	form := regexp.MustCompile(`^HH\d{3}$`)
	last := ""
	for _, rule := range Rules() {
		if !form.MatchString(rule.ID) || rule.ID <= last {
			t.Errorf("ID %q does not follow %q", rule.ID, last)
		}
		last = rule.ID
		for name, text := range map[string]string{"title": rule.Title, "summary": rule.Summary, "fix": rule.Fix} {
			if text == "" || strings.TrimSpace(text) != text {
				t.Errorf("%s: %s is %q", rule.ID, name, text)
			}
		}
		if len(strings.Fields(rule.Title)) > 6 || strings.HasSuffix(rule.Title, ".") {
			t.Errorf("%s: title %q is not a few words", rule.ID, rule.Title)
		}
		if !strings.HasSuffix(rule.Summary, ".") {
			t.Errorf("%s: summary %q is no sentence", rule.ID, rule.Summary)
		}
		if !slices.Contains([]Severity{SeverityError, SeverityWarning, SeverityInfo}, rule.Severity) {
			t.Errorf("%s: severity %q", rule.ID, rule.Severity)
		}
		if found, ok := LookupRule(rule.ID); !ok || found != rule {
			t.Errorf("LookupRule(%q) = %v, %v", rule.ID, found, ok)
		}
	}
}

func TestRulesGivesACopy(t *testing.T) {
	Rules()[0].ID = "changed"
	if id := Rules()[0].ID; id != "HH001" {
		t.Errorf("the table changed to %q", id)
	}
}

func TestLookupRuleOfNothing(t *testing.T) {
	for _, id := range []string{"", "HH000", "hh001", "HH102"} {
		if rule, ok := LookupRule(id); ok {
			t.Errorf("LookupRule(%q) = %v", id, rule)
		}
	}
}

func TestObservedRulesAreInTheTable(t *testing.T) {
	for _, id := range []string{
		ruleExists, ruleNotRun, ruleLeft, ruleNeverCompletes, ruleShared, ruleUnowned, ruleFails, ruleEveryUpgrade, ruleNameOrder,
	} {
		if _, ok := LookupRule(id); !ok {
			t.Errorf("%s is not in the table", id)
		}
	}
}
