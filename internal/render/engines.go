package render

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// The marks of a cell against the first one of its row.
const (
	markSame      = "="
	markSimilar   = "~"
	markDifferent = "≠"
)

// enginesView is a comparison of engines in words, as all its formats tell it.
type enginesView struct {
	all plan.Comparison
	// rows are those that are asked for.
	rows     []plan.ComparedObject
	home     string
	findings []plan.ComparedFinding
	// withRows, withNotes and withFindings say which sections are asked for.
	withRows, withNotes, withFindings bool
}

// newEnginesView narrows a comparison to what the options ask for.
func newEnginesView(c plan.Comparison, o Options) (enginesView, error) {
	if err := o.Validate(); err != nil {
		return enginesView{}, err
	}
	v := enginesView{all: c, rows: c.Rows, findings: c.Findings, home: c.Release.Namespace}
	v.withRows, v.withNotes, v.withFindings = o.Only != onlyFindings, o.Only == "" && o.Hook == "", o.Only != onlyHooks
	if o.Hook != "" {
		v.rows = keep(c.Rows, func(r plan.ComparedObject) bool { return same(r.Object, o.Hook) })
		v.findings = keep(c.Findings, func(f plan.ComparedFinding) bool { return same(f.Object, o.Hook) })
		if len(v.rows) == 0 {
			return v, noSuchRow(c, o.Hook)
		}
	}
	unmade := func(cell plan.EngineCell) bool {
		return cell.Fate == plan.FateDropped || cell.Fate == plan.FateNever
	}
	switch o.Only {
	case onlyIgnored:
		v.rows, v.withFindings = keep(v.rows, func(r plan.ComparedObject) bool { return slices.ContainsFunc(r.Cells, unmade) }), false
	case onlyHooks:
		v.rows = keep(v.rows, func(r plan.ComparedObject) bool {
			return slices.ContainsFunc(r.Cells, func(cell plan.EngineCell) bool {
				return cell.Fate == plan.FateRuns || cell.Fate == plan.FateAtOnce
			})
		})
	}
	return v, nil
}

func noSuchRow(c plan.Comparison, ref string) error {
	var names []string
	for _, row := range c.Rows {
		if name := clean(row.Object.Ref()); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return fmt.Errorf("no hook %q: this source has no hooks", clean(ref))
	}
	return fmt.Errorf("no hook %q in this source: it has %s", clean(ref), strings.Join(names, ", "))
}

// engineTitle heads the column of an engine. Flux is called by its own name, not by that of its controller.
func engineTitle(e plan.Engine) string {
	if e.Name == "flux" {
		return "Flux"
	}
	return e.String()
}

// newestPatch stands for the newest patch in an engine's version, see plan.ParseEngine.
const newestPatch = 999

// titles are the engines in the order of the columns; two of one name are told apart by all their version.
func (v enginesView) titles() []string {
	var all []string
	for _, e := range v.all.Engines {
		title := engineTitle(e.Engine)
		if v := e.Engine.Version; slices.Contains(all, title) && v[2] < newestPatch {
			title = fmt.Sprintf("%s.%d", title, v[2])
		} else if slices.Contains(all, title) {
			title += " (newest)"
		}
		all = append(all, title)
	}
	return all
}

// base is the engine that the others are held against.
func (v enginesView) base() string {
	if len(v.all.Engines) == 0 {
		return "the first"
	}
	return v.titles()[0]
}

// row names an object, with the namespace where it is not the release's.
func (v enginesView) row(r plan.ComparedObject) string {
	name := objectsWords([]plan.Object{r.Object}, v.home)
	for _, other := range v.all.Rows {
		if other.Object == r.Object && (other.Template != r.Template || other.Document != r.Document) {
			return name + " in " + place("", r.Template, r.Document, 0)
		}
	}
	return name
}

// cell is what an engine makes of an object, in a few words; full says it also where it is the same as the first.
func (v enginesView) cell(r plan.ComparedObject, engine int, full bool) string {
	if engine >= len(r.Cells) {
		return ""
	}
	cell := r.Cells[engine]
	words := fateWords(cell)
	if engine == 0 {
		return words
	}
	switch {
	case cell.Agreement == plan.AgreementDifferent:
		return markDifferent + " " + words
	case cell.Agreement == plan.AgreementSimilar:
		return markSimilar + " " + words
	case full || cell.Fate != plan.FateRuns || words != fateWords(r.Cells[0]):
		return markSame + " " + words
	}
	return markSame
}

func fateWords(cell plan.EngineCell) string {
	switch cell.Fate {
	case plan.FateRuns:
		var runs []string
		for _, run := range cell.Runs {
			runs = append(runs, engineRunWords(run))
		}
		return strings.Join(runs, ", ")
	case plan.FateAtOnce:
		return "applied at once"
	case plan.FateDropped:
		return "dropped"
	case plan.FateNever:
		return "never"
	case plan.FateAbsent:
		return "not rendered"
	case plan.FateParts:
		return "by its members"
	case plan.FatePart:
		return "with its List"
	}
	if cell.Wave != 0 || cell.Phase != "" && cell.Phase != "Sync" {
		return "ordinary, " + cell.Phase + " wave " + strconv.Itoa(cell.Wave)
	}
	return "ordinary"
}

// engineRunWords is the phase and the place in it.
func engineRunWords(run plan.EngineRun) string {
	words := run.Phase
	if run.Step.Wave != nil || run.Action != plan.Delete {
		words += " " + strconv.Itoa(run.Order)
	}
	switch {
	case run.Step.NotRun:
		words += " (not run)"
	case run.Step.Result == plan.Skipped && run.Phase != "SyncFail":
		words += " (not reached)"
	case run.Step.Result == plan.Failed:
		words += " (fails)"
	case run.Once:
		words += " (once)"
	}
	return words
}

// verdict counts by engine.
func (v enginesView) verdict() string {
	parts := []string{count(len(v.all.Rows), "object")}
	if len(v.all.Rows) == 0 {
		return "no hooks, and nothing that is dropped or goes elsewhere"
	}
	for i, e := range v.all.Engines {
		if i == 0 {
			continue
		}
		said := "all as " + v.base()
		switch {
		case e.Different > 0 && e.Similar > 0:
			said = fmt.Sprintf("%d %s, %d %s", e.Different, markDifferent, e.Similar, markSimilar)
		case e.Different > 0:
			said = fmt.Sprintf("%d %s", e.Different, markDifferent)
		case e.Similar > 0:
			said = fmt.Sprintf("%d %s", e.Similar, markSimilar)
		}
		parts = append(parts, tied(v.titles()[i]+": "+said))
	}
	return strings.Join(parts, " · ")
}

// legend explains the marks and the numbers.
func (v enginesView) legend() string {
	return fmt.Sprintf("%s as %s; %s at the same moments, with another order, wait or deletion; %s otherwise. The number is the place among the hooks of the phase.",
		markSame, v.base(), markSimilar, markDifferent)
}

// notes are what holds under an engine for the source as a whole.
func (v enginesView) notes(engine int) []string {
	if !v.withNotes {
		return nil
	}
	return v.all.Engines[engine].Notes
}

// engineReason is a difference with all objects that share it.
type engineReason struct {
	mark, why string
	objects   []string
}

// reasons are the differences of one engine, those that matter most first.
func (v enginesView) reasons(engine int) []engineReason {
	var all []engineReason
	for _, row := range v.rows {
		if engine >= len(row.Cells) {
			continue
		}
		for _, d := range row.Cells[engine].Differences {
			mark := markDifferent
			if d.Aspect == plan.AspectOrder || d.Aspect == plan.AspectWaits || d.Aspect == plan.AspectDeletion {
				mark = markSimilar
			}
			i := slices.IndexFunc(all, func(r engineReason) bool { return r.mark == mark && r.why == d.Why })
			if i < 0 {
				i = len(all)
				all = append(all, engineReason{mark: mark, why: d.Why})
			}
			all[i].objects = append(all[i].objects, v.row(row))
		}
	}
	different := keep(all, func(r engineReason) bool { return r.mark == markDifferent })
	return append(different, keep(all, func(r engineReason) bool { return r.mark != markDifferent })...)
}

// enginesFinding is a rule with the objects and the engines that share it.
type enginesFinding struct {
	rule, title string
	severity    plan.Severity
	engines     string
	objects     []string
}

func (v enginesView) foundRules() []enginesFinding {
	var all []enginesFinding
	titles := v.titles()
	for _, f := range v.findings {
		rule, _ := plan.LookupRule(f.Rule)
		var engines []string
		for _, e := range f.Engines {
			if e >= 0 && e < len(titles) {
				engines = append(engines, titles[e])
			}
		}
		one := enginesFinding{rule: f.Rule, title: rule.Title, severity: f.Severity, engines: strings.Join(engines, ", ")}
		if len(engines) == len(titles) && len(titles) > 1 {
			one.engines = "every engine"
		}
		i := slices.IndexFunc(all, func(o enginesFinding) bool {
			return o.rule == one.rule && o.severity == one.severity && o.engines == one.engines
		})
		if i < 0 {
			i = len(all)
			all = append(all, one)
		}
		name := objectsWords([]plan.Object{f.Object}, v.home)
		if f.Object == (plan.Object{}) {
			name = "the action"
		}
		if !slices.Contains(all[i].objects, name) {
			all[i].objects = append(all[i].objects, name)
		}
	}
	return all
}

const enginesFindingsTitle = "Findings that not every engine has, and what is dropped"
