package lint

import (
	"slices"
	"strings"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// sameness is what two sets of values must agree in to show one and the same finding.
type sameness struct {
	rule, template, action, phase, message, fix string
	severity                                    plan.Severity
	prediction                                  plan.Prediction
	object                                      plan.Object
	suppressed                                  bool
	// turn tells equal findings of one run apart.
	turn int
}

// merge joins what the runs found. A finding that not all of them show names those that do. Two lines are
// two findings; where one run knows the line and another does not, it is one.
func merge(found []occurrence, runs []Run) []Finding {
	groups := map[sameness][]occurrence{}
	var order []sameness
	type runKey struct {
		run int
		key sameness
	}
	turns := map[runKey]int{}
	for _, o := range found {
		key := sameness{
			rule: o.Rule, template: o.Template, action: string(o.Action), phase: o.Phase, message: o.Message, fix: o.Fix,
			severity: o.Severity, prediction: o.Prediction, object: o.Object, suppressed: o.Suppressed != nil,
		}
		turn := turns[runKey{o.run, key}]
		turns[runKey{o.run, key}]++
		key.turn = turn
		if groups[key] == nil {
			order = append(order, key)
		}
		groups[key] = append(groups[key], o)
	}
	var all []Finding
	for _, key := range order {
		for _, same := range byLine(groups[key]) {
			f := same[0].Finding
			var sets []string
			for _, o := range same {
				if o.Line != 0 {
					f.Line, f.Note, f.File = o.Line, o.Note, o.File
				}
				sets = append(sets, runs[o.run].Set)
			}
			f.Sets = shownSets(sets, len(runs))
			all = append(all, f)
		}
	}
	sortFindings(all)
	return all
}

// byLine parts occurrences whose lines differ. Those without a line go with the others if these agree.
func byLine(all []occurrence) [][]occurrence {
	byLine := map[int][]occurrence{}
	var lines []int
	for _, o := range all {
		if byLine[o.Line] == nil {
			lines = append(lines, o.Line)
		}
		byLine[o.Line] = append(byLine[o.Line], o)
	}
	slices.Sort(lines)
	if len(lines) == 2 && lines[0] == 0 {
		return [][]occurrence{all}
	}
	parts := make([][]occurrence, 0, len(lines))
	for _, line := range lines {
		parts = append(parts, byLine[line])
	}
	return parts
}

// shownSets are the names to show: none where all runs agree.
func shownSets(sets []string, runs int) []string {
	if len(sets) == runs {
		return nil
	}
	return sets
}

// enumerate joins names as a sentence does.
func enumerate(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}
