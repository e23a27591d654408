package plan

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// errOnlyHelm is what Make says to a question that only Helm's machine can answer.
var errOnlyHelm = errors.New("has no answer to this question: releases, failures, lives and older charts are Helm's")

// onlyForHelm turns down what an engine without Helm's machine cannot play.
func (input Input) onlyForHelm() error {
	if input.Live != nil || input.From != nil || input.Then != nil || len(input.Faults) > 0 {
		return fmt.Errorf("%s %w", input.Engine, errOnlyHelm)
	}
	for _, action := range input.Actions {
		if !slices.Contains(input.Engine.Actions(), action) {
			return fmt.Errorf("%s has no action %q", input.Engine, action)
		}
	}
	return nil
}

// wants says whether a timeline of the action was asked for.
func (input Input) wants(action Action) bool {
	return input.Actions == nil || slices.Contains(input.Actions, action)
}

// entry is a document as an engine gets it that is not Helm.
type entry struct {
	*Parsed
	// helm is the hook that Helm's sorter makes of it, nil for an ordinary object; a document that Helm would
	// have dropped has the value of helm.sh/hook only.
	helm  *Hook
	value string
	// inCRDs says that it comes from a folder crds/.
	inCRDs bool
}

// handed is everything that helm template, or whoever rendered, hands to the engine, in that order.
type handed struct {
	entries   []entry
	dropped   []Dropped
	inventory Inventory
	// skipped counts what --skip-tests and --no-hooks have left out.
	skipped int
}

// handOver renders as the install of revision 1, which is what helm template gives: Argo CD never passes
// --is-upgrade (util/helm/cmd.go template), nor does any other that renders this way.
func handOver(input Input, withCRDs bool) (handed, error) {
	rendered, err := input.Render(Fields{Revision: 1})
	if err != nil {
		return handed{}, err
	}
	var h handed
	if h.inventory, err = Classify(rendered, input.Release, input.Engine); err != nil {
		return handed{}, err
	}
	if withCRDs {
		h.addCRDs(input.Release, rendered)
	}
	for i := range h.inventory.Resources {
		if r := &h.inventory.Resources[i]; !r.Empty {
			h.entries = append(h.entries, entry{Parsed: &r.Parsed})
		}
	}
	for i := range h.inventory.Hooks {
		one := &h.inventory.Hooks[i]
		// helm template leaves out what has a test among its events, whatever else it has (v4
		// pkg/cmd/template.go isTestHook).
		if input.Options.NoHooks || input.Options.SkipTests && slices.Contains(one.Events, TestEvent) {
			h.skipped++
			continue
		}
		h.entries = append(h.entries, entry{Parsed: &one.Parsed, helm: one, value: hookValue(one)})
	}
	h.dropped = h.inventory.Dropped
	if !input.Raw {
		return h, nil
	}
	for i := range h.dropped {
		h.entries = append(h.entries, entry{Parsed: &h.dropped[i].Parsed, value: h.dropped[i].Value})
	}
	h.dropped = nil
	h.inDocumentOrder(rendered)
	return h, nil
}

// addCRDs puts the files of crds/ in front, where helm template --include-crds prints them.
func (h *handed) addCRDs(release Release, rendered Rendered) {
	known := scopes{}
	known.learnTemplates(rendered.Documents)
	for _, file := range rendered.CRDs {
		for _, document := range file.Documents {
			parsed, body := parse(document, release, known)
			if len(body) > 0 {
				h.entries = append(h.entries, entry{Parsed: &parsed, inCRDs: true})
			}
		}
	}
}

// inDocumentOrder undoes Helm's sorting where no Helm has sorted.
func (h *handed) inDocumentOrder(rendered Rendered) {
	type at struct {
		template string
		index    int
	}
	order := map[at]int{}
	for i, document := range rendered.Documents {
		order[at{document.Template, document.Index}] = i
	}
	slices.SortStableFunc(h.entries, func(a, b entry) int {
		return cmp.Compare(order[at{a.Template, a.Index}], order[at{b.Template, b.Index}])
	})
}

// newPlan is the plan before its timelines: the counts, what Helm drops, and what can be said of the
// documents under any engine.
func (h *handed) newPlan(input Input) Plan {
	p := Plan{Engine: input.Engine, Release: input.Release, Unknown: slices.Clone(input.Unknown), Findings: []Finding{}}
	ignored, findings := diagnose(h.inventory, input.Engine.Helm(), input.File)
	if input.Raw {
		ignored = []Ignored{}
	}
	p.Ignored = ignored
	if input.AlreadyRendered {
		p.Ignored, p.Unknown = nil, withDropUnknown(p.Unknown)
	}
	for _, f := range findings {
		// Of two equal keys the later wins for whoever reads YAML.
		if f.Rule == "HH014" {
			p.Findings = append(p.Findings, f)
		}
	}
	switch {
	case h.skipped > 0 && input.Options.NoHooks:
		p.Remarks = append(p.Remarks, fmt.Sprintf("--no-hooks leaves %s out", plural(h.skipped, "hook")))
	case h.skipped > 0:
		p.Remarks = append(p.Remarks, fmt.Sprintf("--skip-tests leaves %s out: all that has a test among its events", plural(h.skipped, "hook")))
	}
	return p
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// runsToCompletion says of a kind that it does its work once, when it is made.
func runsToCompletion(o Object) bool {
	return o.Kind == "Job" && o.group() == "batch" || o.Kind == "Pod" && o.group() == ""
}
