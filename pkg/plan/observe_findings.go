package plan

import (
	"cmp"
	"slices"
)

// mergeFindings joins and sorts: by place, then rule, then text.
func mergeFindings(a, b []Finding) []Finding {
	all := append(slices.Clone(a), b...)
	slices.SortStableFunc(all, func(x, y Finding) int {
		return cmp.Or(
			cmp.Compare(x.Template, y.Template), cmp.Compare(x.Document, y.Document), cmp.Compare(x.Rule, y.Rule),
			cmp.Compare(x.Object.Ref(), y.Object.Ref()), cmp.Compare(x.Phase, y.Phase), cmp.Compare(x.Message, y.Message))
	})
	return withoutEchoes(all)
}

// withoutEchoes leaves out "the action fails" where another error about the same document says why.
func withoutEchoes(all []Finding) []Finding {
	told := []Finding{}
	for _, f := range all {
		echo := f.Rule == ruleFails && f.Template != "" && slices.ContainsFunc(all, func(other Finding) bool {
			// That one object is made twice (HH106) does not say that an action is refused for it.
			why := other.Rule != ruleFails && (other.Rule != ruleShared || f.Phase != "")
			return why && other.Severity == SeverityError && other.Template == f.Template && other.Document == f.Document
		})
		if !echo {
			told = append(told, f)
		}
	}
	return told
}

// attach tells each step which findings concern it.
func attach(p *Plan, changing map[place]bool) {
	for t := range p.Timelines {
		timeline := &p.Timelines[t]
		for f := range timeline.Phases {
			phase := &timeline.Phases[f]
			for s := range phase.Steps {
				step := &phase.Steps[s]
				step.NameChanges = changing[placeOf(&step.Hook.Parsed)]
				step.Findings = nil
				for i, finding := range p.Findings {
					if finding.Template == step.Hook.Template && finding.Document == step.Hook.Index && finding.Object == step.Hook.Object && concerns(finding, *timeline, *phase) {
						step.Findings = append(step.Findings, i)
					}
				}
			}
		}
	}
}

// concerns says whether a finding belongs beside a step of this phase. What was observed in an upgrade
// or a second install is told where the object comes from as well.
func concerns(f Finding, t Timeline, p Phase) bool {
	switch f.Rule {
	case ruleExists, ruleNotRun, ruleLeft, ruleNameChanges:
		return true
	case ruleFails:
		return f.Action == t.Action && f.Phase == p.Name
	case ruleEveryUpgrade:
		return t.Action == Upgrade
	}
	return f.Phase == "" || f.Phase == p.Name
}

// The rules that a run of the machine can show.
const (
	ruleExists         = "HH101"
	ruleNotRun         = "HH104"
	ruleLeft           = "HH103"
	ruleNeverCompletes = "HH105"
	ruleShared         = "HH106"
	ruleUnowned        = "HH107"
	ruleFails          = "HH108"
	ruleEveryUpgrade   = "HH109"
	ruleNameOrder      = "HH110"
	ruleNameChanges    = "HH111"
)

// The rules of engines other than Helm.
const (
	ruleNotByArgo = "HH401"
	ruleOutOfTurn = "HH402"
)

func severityOf(id string) Severity {
	rule, _ := LookupRule(id)
	return rule.Severity
}
