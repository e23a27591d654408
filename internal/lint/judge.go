package lint

import (
	"cmp"
	"maps"
	"slices"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// Run is what one set of values gave.
type Run struct {
	// Set is the name of the set, empty where there is but one.
	Set  string
	Plan plan.Plan
	// Revisions are the documents of an install and of the upgrades after it.
	Revisions []plan.Inventory
}

// Input is a source that was planned, under one set of values or several.
type Input struct {
	// Source has all that is known of the source itself; Judge fills in the rest.
	Source Source
	// Dir is the folder of a chart that is one, else empty.
	Dir string
	// Archive is the path of a packed chart, else empty.
	Archive string
	// File turns a template path into a file, see source.Source.
	File func(template string) string
	// ReadFile reads what File names.
	ReadFile func(path string) ([]byte, error)
	// Patched turns a file into the path that a patch names, empty where a patch cannot reach it. nil
	// leaves patches out.
	Patched func(path string) string
	Runs    []Run
	// Incomplete says that some set of values could not be rendered.
	Incomplete bool
	Rules      Rules
}

// Judge finds out what a source has to answer for.
func Judge(in Input) Source {
	j := &judge{Input: in, pages: map[string]*paper{}, sheets: map[string]*sheet{}, marks: map[markKey]*mark{}}
	for i := range in.Runs {
		j.run(i)
	}
	out := in.Source
	for _, run := range in.Runs {
		if run.Set != "" {
			out.Sets = append(out.Sets, run.Set)
		}
	}
	out.Findings = merge(j.found, in.Runs)
	out.Remarks = j.remarks()
	out.Unknown = unknownOf(in.Runs)
	if in.Patched != nil {
		out.Patches = j.patches()
	}
	return out
}

// judge is the work on one source.
type judge struct {
	Input
	// pages are the sources of templates, by Helm's path.
	pages  map[string]*paper
	sheets map[string]*sheet
	found  []occurrence
	marks  map[markKey]*mark
	edits  []edit
}

// occurrence is a finding under one set of values.
type occurrence struct {
	run int
	Finding
	ignored *plan.Ignored
}

// revision holds the documents of one template in one render, in order.
type revision struct {
	documents []*plan.Parsed
}

func (r revision) texts() []string {
	texts := make([]string, 0, len(r.documents))
	for _, doc := range r.documents {
		texts = append(texts, doc.Text)
	}
	return texts
}

// run looks at one set of values.
func (j *judge) run(i int) {
	byTemplate := map[string][]*occurrence{}
	var all []*occurrence
	for _, o := range j.occurrences(i) {
		all = append(all, &o)
		byTemplate[o.Template] = append(byTemplate[o.Template], &o)
	}
	revisions := revisionsOf(j.Runs[i].Revisions)
	for _, o := range byTemplate[""] {
		j.wholeSource(o)
	}
	templates := slices.Concat(slices.Collect(maps.Keys(byTemplate)), slices.Collect(maps.Keys(revisions)))
	slices.Sort(templates)
	for _, template := range slices.Compact(templates) {
		if template != "" {
			j.template(template, revisions[template], byTemplate[template])
		}
	}
	for _, o := range all {
		j.found = append(j.found, *o)
	}
}

// occurrences are the ignored objects and the findings of a plan, at the levels that were asked for.
func (j *judge) occurrences(i int) []occurrence {
	var all []occurrence
	p := j.Runs[i].Plan
	for k := range p.Ignored {
		all = append(all, occurrence{run: i, Finding: Finding{Finding: ofIgnored(p.Ignored[k])}, ignored: &p.Ignored[k]})
	}
	for _, f := range p.Findings {
		all = append(all, occurrence{run: i, Finding: Finding{Finding: f}})
	}
	counted := all[:0]
	for _, o := range all {
		severity, on := j.Rules.Severity(o.Rule, o.Severity)
		if o.Severity = severity; on {
			counted = append(counted, o)
		}
	}
	return counted
}

// ofIgnored makes a finding of an object that Helm drops. One that is installed from crds/ all the same
// is worth a note only.
func ofIgnored(i plan.Ignored) plan.Finding {
	rule, _ := plan.LookupRule(i.Rule)
	f := plan.Finding{
		Rule: i.Rule, Severity: cmp.Or(rule.Severity, plan.SeverityError), Prediction: plan.Proven, Object: i.Object,
		Template: i.Template, Document: i.Index, File: i.File, Message: i.Message, Fix: i.Fix,
	}
	if i.Harmless != "" {
		f.Severity = plan.SeverityInfo
		f.Message += " Harmless: " + i.Harmless + "."
	}
	return f
}

// revisionsOf sorts documents by template. Revisions in which a template gives the same are one.
func revisionsOf(inventories []plan.Inventory) map[string][]revision {
	all := map[string][]revision{}
	for i := range inventories {
		for template, documents := range documentsOf(&inventories[i]) {
			this := revision{documents}
			same := slices.ContainsFunc(all[template], func(r revision) bool { return slices.Equal(r.texts(), this.texts()) })
			if !same {
				all[template] = append(all[template], this)
			}
		}
	}
	return all
}

func documentsOf(inventory *plan.Inventory) map[string][]*plan.Parsed {
	all := map[string][]*plan.Parsed{}
	add := func(p *plan.Parsed) { all[p.Template] = append(all[p.Template], p) }
	for i := range inventory.Resources {
		add(&inventory.Resources[i].Parsed)
	}
	for i := range inventory.Hooks {
		add(&inventory.Hooks[i].Parsed)
	}
	for i := range inventory.Dropped {
		add(&inventory.Dropped[i].Parsed)
	}
	for _, documents := range all {
		slices.SortFunc(documents, func(a, b *plan.Parsed) int { return cmp.Compare(a.Index, b.Index) })
	}
	return all
}

func (j *judge) sheet(text string) *sheet {
	if j.sheets[text] == nil {
		j.sheets[text] = newSheet(text)
	}
	return j.sheets[text]
}

// fails says that an action fails by itself, so that what would follow does not show.
func (r Run) fails(action plan.Action) bool {
	return slices.ContainsFunc(r.Plan.Timelines, func(t plan.Timeline) bool {
		return (action == "" || t.Action == action) && t.Outcome.Result == plan.Failed
	})
}

// unknownOf are the facts that the sets of values leave unknown, each once.
func unknownOf(runs []Run) []plan.UnknownFact {
	var all []plan.UnknownFact
	sets := map[plan.UnknownFact][]string{}
	for _, run := range runs {
		facts := run.Plan.Unknown
		if run.fails(plan.Install) {
			facts = append(slices.Clip(facts), plan.UnknownFact{
				What: "later actions", Why: "the install fails by itself, so that what comes after it does not show",
				HowToKnow: "correct what makes it fail, then lint again",
			})
		}
		for _, fact := range facts {
			if _, told := sets[fact]; !told {
				all = append(all, fact)
			}
			sets[fact] = append(sets[fact], run.Set)
		}
	}
	for i, fact := range all {
		if names := shownSets(sets[fact], len(runs)); names != nil {
			all[i].Why = enumerate(names) + ": " + fact.Why
		}
	}
	return all
}
