package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Comparison is what becomes of one source under several engines.
type Comparison struct {
	// Engines are in the order of the cells of a row. The others are held against the first.
	Engines []ComparedEngine
	Release Release
	Rows    []ComparedObject
	// Findings are those that not all engines have, and what all of them drop.
	Findings []ComparedFinding
	Unknown  []UnknownFact
}

// ComparedEngine is one engine, with what holds for the source as a whole.
type ComparedEngine struct {
	Engine Engine
	// Different and Similar count the rows that are not the first engine's.
	Different, Similar int
	// Notes are about no single row: an action that fails, the crds/ folder.
	Notes []string
}

// ComparedObject is a row: an object that is a hook for some engine, or one that some engine drops, never makes, or
// puts elsewhere than with the other ordinary objects.
type ComparedObject struct {
	Object   Object
	Template string
	Document int
	// Value is helm.sh/hook as it was read; empty where the object has none.
	Value string
	Cells []EngineCell
}

// Fate is what an engine makes of an object.
type Fate string

// The fates.
const (
	// FateRuns is a hook that runs in at least one of the engine's actions.
	FateRuns Fate = "runs"
	// FateOrdinary is an object that is made and deleted with the other ordinary ones.
	FateOrdinary Fate = "ordinary"
	// FateAtOnce is a hook that is applied like any other object, since the engine knows no hooks.
	FateAtOnce Fate = "at-once"
	// FateDropped is an object that Helm throws away.
	FateDropped Fate = "dropped"
	// FateNever is an object that the engine knows of and never makes.
	FateNever Fate = "never"
	// FateAbsent is an object that is not rendered for this engine, or for which another one stands.
	FateAbsent Fate = "absent"
	// FateParts is a List whose members the engine takes one by one, FatePart a member that goes with its List.
	FateParts Fate = "parts"
	FatePart  Fate = "part"
)

// Agreement says how near a cell is to the first one of its row.
type Agreement string

// The agreements. Similar is what runs at the same moments, with another order, wait or deletion.
const (
	AgreementSame      Agreement = "same"
	AgreementSimilar   Agreement = "similar"
	AgreementDifferent Agreement = "different"
)

// EngineCell is one object under one engine.
type EngineCell struct {
	Fate Fate
	// Runs are in the order of the engine's actions; empty unless the fate is runs.
	Runs []EngineRun
	// Phase and Wave are where Argo CD applies an ordinary object.
	Phase string
	Wave  int
	// Rule is that of the fates dropped and never, where there is one.
	Rule        string
	Agreement   Agreement
	Differences []EngineDifference

	doc   *Parsed
	again repetition
	// own says that Argo CD's hook annotation decides, moved that something else needs the object earlier.
	own, moved bool
	message    string
	left       bool
}

// EngineRun is one run of a hook in an action of the engine.
type EngineRun struct {
	Action Action
	Phase  string
	// Order is the place among the Of hooks of the phase, 0 where there is no order.
	Order, Of int
	Step      Step
	// Once says that the next action of the same kind does not run it again: the finished one is still there.
	Once bool
}

// Aspect is in what respect two engines differ about an object.
type Aspect string

// The aspects. Those from AspectOrder on leave a cell similar.
const (
	AspectFate     Aspect = "fate"
	AspectMoments  Aspect = "moments"
	AspectAgain    Aspect = "again"
	AspectOrder    Aspect = "order"
	AspectWaits    Aspect = "waits"
	AspectDeletion Aspect = "deletion"
)

// EngineDifference is one difference to the first engine, told as what this one does.
type EngineDifference struct {
	Aspect Aspect
	Why    string
}

// ComparedFinding is a rule about an object, with the engines under which it is found.
type ComparedFinding struct {
	Rule     string
	Severity Severity
	Object   Object
	// Engines are indexes into Comparison.Engines.
	Engines []int
}

// CompareEngines says what becomes of each hook under the engines of the plans, which are of one source and of no
// live release. It is the first plan that the others are held against.
func CompareEngines(plans []Plan) Comparison {
	c := newEngineTable(plans)
	out := Comparison{Engines: []ComparedEngine{}, Rows: []ComparedObject{}, Findings: c.findings(), Unknown: []UnknownFact{}}
	for _, p := range plans {
		out.Release = p.Release
		out.Engines = append(out.Engines, ComparedEngine{Engine: p.Engine, Notes: engineNotes(p, plans[0])})
		for _, fact := range p.Unknown {
			if !slices.Contains(out.Unknown, fact) {
				out.Unknown = append(out.Unknown, fact)
			}
		}
	}
	c.compare()
	for _, row := range c.rows {
		if !row.counts() {
			continue
		}
		out.Rows = append(out.Rows, row.ComparedObject)
		for i, cell := range row.Cells {
			switch cell.Agreement {
			case AgreementDifferent:
				out.Engines[i].Different++
			case AgreementSimilar:
				out.Engines[i].Similar++
			case AgreementSame:
			}
		}
	}
	return out
}

// counts says whether an object deserves a row: it is more than an ordinary one somewhere.
func (r *engineRow) counts() bool {
	plain := []Fate{FateOrdinary, FateAbsent, FatePart, FateParts}
	return slices.ContainsFunc(r.Cells, func(cell EngineCell) bool {
		return !slices.Contains(plain, cell.Fate) || cell.Fate == FateOrdinary && cell.Agreement == AgreementSimilar
	})
}

// engineNotes say of an engine what no row can: actions that fail by themselves, what is waited for, and what becomes
// of crds/.
func engineNotes(p, first Plan) []string {
	notes := []string{}
	for _, t := range p.Timelines {
		note := string(t.Action) + " fails by itself: " + cmp.Or(t.Outcome.Error, "no reason is known")
		if t.Outcome.Result == Failed && !slices.Contains(notes, note) {
			notes = append(notes, note)
		}
	}
	if note := waitNote(p, first); note != "" {
		notes = append(notes, note)
	}
	if upgradesCRDs(p) {
		notes = append(notes, "crds/ comes before every upgrade too, unless spec.upgrade.crds is Skip")
	}
	if p.crds > 0 {
		switch p.Engine.Name {
		case engineArgo:
			notes = append(notes, "crds/ is part of the Sync phase, ahead of what needs it: each sync applies it, and no deletion takes it away")
		case engineTemplate:
			notes = append(notes, "crds/ is "+map[bool]string{true: "applied with everything else", false: "left out, as helm template does without --include-crds"}[p.crdsApplied])
		}
	}
	return notes
}

// waitNote says in which actions an engine waits for ordinary objects where the first one does not, or the reverse. Flux
// does unless disableWait is set (internal/action getWaitStrategy), Helm with --wait alone.
func waitNote(p, first Plan) string {
	flux := p.Engine.Name == engineFlux
	if flux == (first.Engine.Name == engineFlux) || !p.Engine.RunsHelm() || !first.Engine.RunsHelm() {
		return ""
	}
	var more, less []string
	mine, theirs := waitedActions(p), waitedActions(first)
	for _, action := range allActions {
		switch waited, before := slices.Contains(mine, action), slices.Contains(theirs, action); {
		case waited && !before:
			more = append(more, string(action))
		case before && !waited && slices.ContainsFunc(p.Timelines, func(t Timeline) bool { return t.Action == action }):
			less = append(less, string(action))
		}
	}
	switch {
	case len(more) > 0 && flux:
		return fmt.Sprintf("ordinary objects are waited for, up to spec.timeout, before post hooks run: in %s, unless disableWait is set there; %s does not wait for them without --wait", enumerate(more, "and"), first.Engine)
	case len(more) > 0:
		return fmt.Sprintf("ordinary objects are waited for before post hooks run: in %s", enumerate(more, "and"))
	case len(less) > 0 && !flux:
		return fmt.Sprintf("ordinary objects are not waited for without --wait: in %s post hooks run as soon as these are made, changed or deleted", enumerate(less, "and"))
	case len(less) > 0:
		return fmt.Sprintf("ordinary objects are not waited for: in %s, since disableWait is set", enumerate(less, "and"))
	}
	return ""
}

// waitedActions are those that wait for their ordinary objects.
func waitedActions(p Plan) []Action {
	var actions []Action
	for _, t := range p.Timelines {
		if slices.ContainsFunc(t.Phases, func(phase Phase) bool { return phase.Name == phaseResources && phase.Objects > 0 && phase.Waited }) {
			actions = append(actions, t.Action)
		}
	}
	return actions
}

// upgradesCRDs says that an upgrade begins with crds/, which Helm's never does.
func upgradesCRDs(p Plan) bool {
	return slices.ContainsFunc(p.Timelines, func(t Timeline) bool {
		return t.Action == Upgrade && slices.ContainsFunc(t.Phases, func(phase Phase) bool { return phase.Name == phaseCRDs && phase.Objects > 0 })
	})
}

// findings joins what was found under the engines: what a run shows or what is said of one engine alone, where some
// engine does not have it, and objects that are dropped or never made. The rules about documents, references and
// practice are Helm's: that another engine does not have them would not say that it is free of them.
func (c *engineTable) findings() []ComparedFinding {
	all := []ComparedFinding{}
	add := func(engine int, rule string, severity Severity, object Object) {
		i := slices.IndexFunc(all, func(f ComparedFinding) bool {
			return f.Rule == rule && f.Severity == severity && f.Object == object
		})
		if i < 0 {
			i = len(all)
			all = append(all, ComparedFinding{Rule: rule, Severity: severity, Object: object})
		}
		if !slices.Contains(all[i].Engines, engine) {
			all[i].Engines = append(all[i].Engines, engine)
		}
	}
	for e, p := range c.plans {
		for _, i := range p.Ignored {
			if i.Harmless == "" {
				add(e, i.Rule, cmp.Or(severityOf(i.Rule), SeverityError), i.Object)
			}
		}
	}
	dropped := len(all)
	for e, p := range c.plans {
		for _, f := range p.Findings {
			if f.Severity != SeverityInfo && aboutEngines(f.Rule) {
				add(e, f.Rule, f.Severity, f.Object)
			}
		}
	}
	for e, p := range c.plans {
		for _, f := range p.hangs {
			add(e, f.Rule, f.Severity, f.Object)
		}
	}
	kept := all[:dropped:dropped]
	for _, f := range all[dropped:] {
		if len(f.Engines) < len(c.plans) {
			kept = append(kept, f)
		}
	}
	slices.SortStableFunc(kept, func(a, b ComparedFinding) int {
		return cmp.Or(cmp.Compare(severityRank(a.Severity), severityRank(b.Severity)), cmp.Compare(a.Rule, b.Rule))
	})
	return kept
}

// aboutEngines says of a rule that its absence under an engine tells something.
func aboutEngines(rule string) bool {
	return rule == ruleExists || rule == ruleNotRun || rule == ruleFails || strings.HasPrefix(rule, "HH4")
}
