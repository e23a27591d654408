package render

import (
	"cmp"
	"slices"
	"strings"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// renderedAlready is why nothing can be said of dropped documents when Helm's own output is read.
const renderedAlready = "this input was already rendered by Helm, which leaves no trace of what it dropped"

// verdict is the one line that sums up the whole plan, also where only a part of it is shown.
func (t *tree) verdict(p plan.Plan) {
	var pieces []span
	for i, verdict := range t.verdicts(p) {
		if i > 0 {
			pieces = append(pieces, t.span(plain, " · "))
		}
		pieces = append(pieces, verdict)
	}
	t.paragraph(nil, blanks(gap), pieces)
}

// verdicts are the parts of the verdict.
func (t *tree) verdicts(p plan.Plan) []span {
	all := []span{t.hooksVerdict(p), t.ignoredVerdict(p), t.problemsVerdict(p)}
	if unknown := unknownBeyondIgnored(p); unknown > 0 {
		all = append(all, t.span(yellow, count(unknown, "thing")+" unknown"))
	}
	if failing := failingActions(p); len(failing) > 0 {
		verb := " fails"
		if len(failing) > 1 {
			verb = " fail"
		}
		all = append(all, t.span(alarm, strings.Join(failing, ", ")+verb))
	}
	return all
}

// assumed says what was asked to go wrong.
func (t *tree) assumed() {
	if said := assumedWords(t.plan.Faults); said != "" {
		t.paragraph(nil, blanks(gap), []span{t.span(yellow, "assumed: "), t.span(plain, said)})
	}
}

// unknownBeyondIgnored counts what the section UNKNOWN holds; what is ignored has its own place.
func unknownBeyondIgnored(p plan.Plan) int {
	n := 0
	for _, u := range p.Unknown {
		if u.What != onlyIgnored {
			n++
		}
	}
	return n
}

func (t *tree) hooksVerdict(p plan.Plan) span {
	if t.isUnknown("hooks") {
		return t.span(bold, "hooks unknown")
	}
	actions := 0
	for i, line := range p.Timelines {
		again := !p.Life && slices.ContainsFunc(p.Timelines[:i], func(earlier plan.Timeline) bool { return earlier.Action == line.Action })
		if hasSteps(line) && !again {
			actions++
		}
	}
	if p.Hooks == 0 {
		return t.span(bold, "no hooks")
	}
	return t.span(bold, count(p.Hooks, "hook")+" in "+count(actions, "action"))
}

func (t *tree) ignoredVerdict(p plan.Plan) span {
	switch {
	case p.Ignored == nil:
		return t.span(yellow, "ignored objects unknown")
	case len(p.Ignored) == 0:
		return t.span(plain, "nothing ignored")
	case harmless(p.Ignored) == len(p.Ignored):
		return t.span(plain, count(len(p.Ignored), "object")+" ignored, harmless")
	}
	return t.span(alarm, count(len(p.Ignored), "object")+" ignored")
}

func (t *tree) problemsVerdict(p plan.Plan) span {
	failures, warnings, _ := severities(p.Findings)
	switch {
	case failures > 0 && warnings > 0:
		return t.span(alarm, count(failures, "problem")+", "+count(warnings, "warning"))
	case failures > 0:
		return t.span(alarm, count(failures, "problem"))
	case warnings > 0:
		return t.span(yellow, count(warnings, "warning"))
	}
	if len(p.Ignored) > harmless(p.Ignored) {
		return t.span(plain, "no other problems")
	}
	return t.span(plain, "no problems")
}

func severities(findings []plan.Finding) (failures, warnings, notes int) {
	for _, f := range findings {
		switch f.Severity {
		case plan.SeverityError:
			failures++
		case plan.SeverityWarning:
			warnings++
		default:
			notes++
		}
	}
	return failures, warnings, notes
}

// failingActions are the actions that do not succeed, in the order of the plan, each once.
func failingActions(p plan.Plan) []string {
	var failing []string
	seen := map[plan.Action]bool{}
	for _, line := range p.Timelines {
		if (line.Outcome.Result == plan.Failed || line.Outcome.Refused) && !seen[line.Action] {
			seen[line.Action] = true
			failing = append(failing, string(line.Action))
		}
	}
	return failing
}

func harmless(ignored []plan.Ignored) int {
	n := 0
	for _, i := range ignored {
		if i.Harmless != "" {
			n++
		}
	}
	return n
}

// ignored lists what Helm throws away, or says why that cannot be known.
func (t *tree) ignored() {
	ignored := t.plan.Ignored
	switch {
	case ignored == nil:
		t.ignoredUnknown()
	case len(ignored) == 0 && t.options.Hook == "":
		t.put()
		t.put(t.span(bold, "IGNORED"), t.span(plain, " nothing"))
	case len(ignored) > 0:
		t.put()
		t.put(t.span(alarm, "IGNORED"), t.span(plain, "  "+ignoredWords(ignored)))
		for _, i := range ignored {
			t.ignoredOne(i)
		}
	}
}

// ignoredWords count what Helm throws away.
func ignoredWords(ignored []plan.Ignored) string {
	verb := " is"
	if len(ignored) > 1 {
		verb = " are"
	}
	return count(len(ignored), "object") + verb + " neither installed nor run"
}

// ignoredDoubt is why it cannot be known what is ignored, and how to find out.
func ignoredDoubt(p plan.Plan) (why, howToKnow string) {
	why = renderedAlready
	for _, u := range p.Unknown {
		if u.What == onlyIgnored {
			why, howToKnow = u.Why, u.HowToKnow
		}
	}
	return why, howToKnow
}

func (t *tree) ignoredUnknown() {
	why, howToKnow := ignoredDoubt(t.plan)
	t.put()
	t.paragraph(nil, blanks(gap), []span{t.span(bold, "IGNORED"), t.span(yellow, " unknown"), t.span(plain, ": "+why)})
	if howToKnow != "" {
		t.indented(gap, t.span(dim, "to know: "+howToKnow))
	}
}

func (t *tree) ignoredOne(i plan.Ignored) {
	sign := t.span(alarm, "✗ ")
	if i.Harmless != "" {
		sign = t.span(dim, "• ")
	}
	t.paragraph([]span{sign}, blanks(2*gap), t.ignoredHead(i))
	for _, line := range t.ignoredLines(i) {
		t.indented(2*gap, line)
	}
}

func (t *tree) ignoredHead(i plan.Ignored) []span {
	return []span{t.span(bold, ref(i.Object)), t.span(dim, " · "+i.Rule+" · "+place(i.File, i.Template, i.Index, 0))}
}

// ignoredLines tell why an object is ignored, and what to do.
func (t *tree) ignoredLines(i plan.Ignored) []span {
	var lines []span
	if object := i.Object; object.Namespace != "" && object.Namespace != t.plan.Release.Namespace {
		lines = append(lines, t.span(dim, "in namespace "+object.Namespace))
	}
	lines = append(lines, t.span(plain, cmp.Or(i.Annotation, hookAnnotation)+": "+written(i)))
	if i.Message != "" {
		lines = append(lines, t.span(plain, i.Message))
	}
	if i.Harmless != "" {
		lines = append(lines, t.span(plain, "harmless: "+i.Harmless))
	}
	if i.DidYouMean != "" {
		lines = append(lines, t.span(bold, `Did you mean "`+i.DidYouMean+`"?`))
	}
	if i.Fix != "" {
		lines = append(lines, t.span(dim, "fix: "+i.Fix))
	}
	return lines
}

// hookAnnotation is the one that Helm goes by.
const hookAnnotation = "helm.sh/hook"

// written is helm.sh/hook as the author wrote it: without quotes where it is no string.
func written(i plan.Ignored) string {
	for _, a := range i.Annotations {
		if a.Key != cmp.Or(i.Annotation, hookAnnotation) {
			continue
		}
		switch {
		case a.Null:
			return "(no value)"
		case a.NotString:
			return a.Value
		}
	}
	return `"` + i.Value + `"`
}
