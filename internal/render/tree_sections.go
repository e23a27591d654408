package render

import (
	"slices"
	"strconv"
	"strings"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// renderedAlready is why nothing can be said of dropped documents when Helm's own output is read.
const renderedAlready = "this input was already rendered by Helm, which leaves no trace of what it dropped"

// verdict is the one line that sums up the whole plan, also where only a part of it is shown.
func (t *tree) verdict(p plan.Plan) {
	dot := t.span(plain, " · ")
	pieces := []span{t.hooksVerdict(p), dot, t.ignoredVerdict(p), dot, t.problemsVerdict(p)}
	if unknown := unknownBeyondIgnored(p); unknown > 0 {
		pieces = append(pieces, dot, t.span(yellow, count(unknown, "thing")+" unknown"))
	}
	if failing := failingActions(p); len(failing) > 0 {
		verb := " fails"
		if len(failing) > 1 {
			verb = " fail"
		}
		pieces = append(pieces, dot, t.span(alarm, strings.Join(failing, ", ")+verb))
	}
	t.paragraph(nil, blanks(gap), pieces)
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
	for _, line := range p.Timelines {
		if hasSteps(line) {
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
		verb := " is"
		if len(ignored) > 1 {
			verb = " are"
		}
		t.put()
		t.put(t.span(alarm, "IGNORED"), t.span(plain, "  "+count(len(ignored), "object")+verb+" neither installed nor run"))
		for _, i := range ignored {
			t.ignoredOne(i)
		}
	}
}

func (t *tree) ignoredUnknown() {
	why, howToKnow := renderedAlready, ""
	for _, u := range t.plan.Unknown {
		if u.What == onlyIgnored {
			why, howToKnow = u.Why, u.HowToKnow
		}
	}
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
	t.paragraph([]span{sign}, blanks(2*gap), []span{t.span(bold, ref(i.Object)), t.span(dim, " · "+i.Rule+" · "+place(i.File, i.Template, i.Index, 0))})
	if object := i.Object; object.Namespace != "" && object.Namespace != t.plan.Release.Namespace {
		t.indented(2*gap, t.span(dim, "in namespace "+object.Namespace))
	}
	t.indented(2*gap, t.span(plain, "helm.sh/hook: "+written(i)))
	if i.Message != "" {
		t.indented(2*gap, t.span(plain, i.Message))
	}
	if i.Harmless != "" {
		t.indented(2*gap, t.span(plain, "harmless: "+i.Harmless))
	}
	if i.DidYouMean != "" {
		t.indented(2*gap, t.span(bold, `Did you mean "`+i.DidYouMean+`"?`))
	}
	if i.Fix != "" {
		t.indented(2*gap, t.span(dim, "fix: "+i.Fix))
	}
}

// written is helm.sh/hook as the author wrote it: without quotes where it is no string.
func written(i plan.Ignored) string {
	for _, a := range i.Annotations {
		if a.Key != "helm.sh/hook" {
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

// findings lists the errors and warnings that no step above has told, and all notes.
func (t *tree) findings() {
	var rest []plan.Finding
	for _, f := range t.plan.Findings {
		if f.Severity != plan.SeverityInfo && !t.told[saying(f)] {
			rest = append(rest, f)
		}
	}
	if len(t.plan.Findings) == 0 && t.options.Only == onlyFindings {
		t.put()
		t.put(t.span(bold, "FINDINGS"), t.span(plain, " none"))
	}
	if len(rest) > 0 {
		title := "  " + strconv.Itoa(len(rest))
		if t.options.Only == "" {
			title += ", at no step above"
		}
		t.put()
		t.put(t.span(bold, "FINDINGS"), t.span(plain, title))
	}
	for _, f := range rest {
		t.finding(f)
	}
	t.notes()
}

func (t *tree) finding(f plan.Finding) {
	head := []span{t.mark(f)}
	if f.Object.Name != "" {
		head = append(head, t.span(plain, " · "), t.span(bold, f.Object.Ref()))
	}
	for _, where := range []string{strings.TrimSpace(string(f.Action) + " " + f.Phase), place(f.File, f.Template, f.Document, f.Line)} {
		if where != "" {
			head = append(head, t.span(dim, " · "+where))
		}
	}
	t.paragraph(nil, blanks(2*gap), head)
	t.indented(2*gap, t.span(plain, message(f)+likelyWord(f.Prediction)))
	if f.Fix != "" {
		t.indented(2*gap, t.span(dim, "fix: "+f.Fix))
	}
}

// notes lists the notes, those that say the same of several objects as one.
func (t *tree) notes() {
	objects := map[string][]string{}
	var order []plan.Finding
	for _, f := range t.plan.Findings {
		if f.Severity != plan.SeverityInfo {
			continue
		}
		same := saying(f) + "\x00" + f.Fix
		if _, ok := objects[same]; !ok {
			order = append(order, f)
			objects[same] = nil
		}
		if name := f.Object.Ref(); f.Object.Name != "" && !slices.Contains(objects[same], name) {
			objects[same] = append(objects[same], name)
		}
	}
	if len(order) == 0 {
		return
	}
	t.put()
	t.put(t.span(bold, "NOTES"))
	for _, f := range order {
		line := []span{t.span(dim, "• "+f.Rule+" ")}
		said := message(f) + likelyWord(f.Prediction)
		switch concerned := objects[saying(f)+"\x00"+f.Fix]; {
		case len(concerned) > 1 && message(f) != f.Message:
			line = append(line, t.span(bold, strings.Join(concerned, ", ")), t.span(plain, ": each "+said))
		case len(concerned) > 1:
			line = append(line, t.span(bold, strings.Join(concerned, ", ")), t.span(plain, ": "+said))
		case len(concerned) == 1 && message(f) != f.Message:
			line = append(line, t.span(bold, concerned[0]), t.span(plain, " "+said))
		case len(concerned) == 1:
			line = append(line, t.span(bold, concerned[0]), t.span(plain, ": "+said))
		default:
			line = append(line, t.span(plain, said))
		}
		t.paragraph(nil, blanks(2*gap), line)
		if f.Fix != "" {
			t.indented(2*gap, t.span(dim, "fix: "+f.Fix))
		}
	}
}

// unknown lists what cannot be told, each with the way to find out. What is ignored has its own place.
func (t *tree) unknown() {
	first := true
	for _, u := range t.plan.Unknown {
		if u.What == onlyIgnored && t.plan.Ignored == nil && (t.options.Only == "" || t.options.Only == onlyIgnored) {
			continue
		}
		if first {
			t.put()
			t.put(t.span(bold, "UNKNOWN"))
			first = false
		}
		t.paragraph([]span{t.span(yellow, "? ")}, blanks(2*gap), []span{t.span(bold, u.What), t.span(plain, ": "+u.Why)})
		if u.HowToKnow != "" {
			t.indented(2*gap, t.span(dim, "to know: "+u.HowToKnow))
		}
	}
}
