package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// Level is what a rule's findings are made to count as.
type Level string

// The levels; Off leaves the rule out. The others are the severities.
const (
	Off     Level = "off"
	Info    Level = Level(plan.SeverityInfo)
	Warning Level = Level(plan.SeverityWarning)
	Error   Level = Level(plan.SeverityError)
)

// Levels are the valid levels, for help, completion and checks.
func Levels() []string { return []string{string(Off), string(Info), string(Warning), string(Error)} }

// ParseLevel reads a level.
func ParseLevel(text string) (Level, error) {
	if !slices.Contains(Levels(), text) {
		return "", fmt.Errorf("unknown level %q: valid are %s", text, strings.Join(Levels(), ", "))
	}
	return Level(text), nil
}

// Rules are the levels of rules that differ from the usual ones, by ID.
type Rules map[string]Level

// Over gives the levels with those of another list in front.
func (r Rules) Over(below Rules) Rules {
	all := Rules{}
	for id, level := range below {
		all[id] = level
	}
	for id, level := range r {
		if level == usual {
			delete(all, id)
			continue
		}
		all[id] = level
	}
	return all
}

// usual takes an override away again: --enable of a rule that a file turns off.
const usual Level = ""

// Enable undoes what a list below says about a rule.
func (r Rules) Enable(id string) { r[id] = usual }

// Severity is what a finding counts as. on is false where its rule is off.
func (r Rules) Severity(rule string, own plan.Severity) (severity plan.Severity, on bool) {
	switch level, given := r[rule]; {
	case !given || level == usual:
		return own, true
	case level == Off:
		return own, false
	default:
		return plan.Severity(level), true
	}
}

// CheckRule says that an ID is one of a rule, or which IDs are near.
func CheckRule(id string) error {
	if _, known := plan.LookupRule(id); known {
		return nil
	}
	near := nearRules(id)
	if len(near) == 0 {
		return fmt.Errorf("unknown rule %q: `lint --rules` lists them", id)
	}
	return fmt.Errorf("unknown rule %q: did you mean %s?", id, strings.Join(near, " or "))
}

// mostNear is how many rules a message offers.
const mostNear = 3

// nearRules finds the rules whose IDs are one typing error away.
func nearRules(id string) []string {
	written := strings.ToUpper(strings.TrimSpace(id))
	if _, known := plan.LookupRule(written); known {
		return []string{written}
	}
	var near []string
	for _, rule := range plan.Rules() {
		if oneErrorApart(written, rule.ID) && len(near) < mostNear {
			near = append(near, rule.ID)
		}
	}
	return near
}

// oneErrorApart says whether one character was changed, left out, added or swapped with the next.
func oneErrorApart(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	switch {
	case len(a) == len(b) && i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]:
		return true
	case len(a) == len(b):
		return i < len(a) && a[i+1:] == b[i+1:]
	case len(a)+1 == len(b):
		return a[i:] == b[i+1:]
	}
	return false
}
