package render

import (
	"slices"
	"strconv"
	"strings"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// findings lists the errors and warnings that no step above has told, and all notes.
func (t *tree) findings() {
	rest := t.untoldFindings()
	if len(t.plan.Findings) == 0 && t.options.Only == onlyFindings {
		t.put()
		t.put(t.span(bold, "FINDINGS"), t.span(plain, " none"))
	}
	if len(rest) > 0 {
		t.put()
		t.put(t.span(bold, "FINDINGS"), t.span(plain, "  "+t.findingsWords(rest)))
	}
	for _, f := range rest {
		t.finding(f)
	}
	t.notes()
	t.remarks()
}

// remarks are what else is worth knowing about an engine that is not Helm.
func (t *tree) remarks() {
	all := t.engineRemarks()
	if len(all) == 0 {
		return
	}
	t.put()
	t.put(t.span(bold, strings.ToUpper(t.plan.Engine.String())))
	for _, remark := range all {
		t.paragraph([]span{t.span(dim, "• ")}, blanks(gap), []span{t.span(plain, remark)})
	}
}

// engineRemarks are the remarks where they are asked for.
func (t *tree) engineRemarks() []string {
	if t.options.Only != "" || t.options.Hook != "" {
		return nil
	}
	return t.plan.Remarks
}

// untoldFindings are the errors and warnings that no step above has told.
func (t *tree) untoldFindings() []plan.Finding {
	var rest []plan.Finding
	for _, f := range t.plan.Findings {
		if f.Severity != plan.SeverityInfo && !t.told[saying(f)] {
			rest = append(rest, f)
		}
	}
	return rest
}

func (t *tree) findingsWords(rest []plan.Finding) string {
	if t.options.Only == "" {
		return strconv.Itoa(len(rest)) + ", at no step above"
	}
	return strconv.Itoa(len(rest))
}

func (t *tree) findingHead(f plan.Finding) []span {
	head := []span{t.mark(f)}
	if f.Object.Name != "" {
		head = append(head, t.span(plain, " · "), t.span(bold, f.Object.Ref()))
	}
	for _, where := range []string{strings.TrimSpace(string(f.Action) + " " + f.Phase), place(f.File, f.Template, f.Document, f.Line)} {
		if where != "" {
			head = append(head, t.span(dim, " · "+where))
		}
	}
	return head
}

func (t *tree) finding(f plan.Finding) {
	t.paragraph(nil, blanks(2*gap), t.findingHead(f))
	t.indented(2*gap, t.span(plain, message(f)+likelyWord(f.Prediction)))
	if f.Fix != "" {
		t.indented(2*gap, t.span(dim, "fix: "+f.Fix))
	}
}

// noteText is a note, and the way to mend what it tells of.
type noteText struct {
	line []span
	fix  string
}

// notes lists the notes.
func (t *tree) notes() {
	all := t.noteTexts()
	if len(all) == 0 {
		return
	}
	t.put()
	t.put(t.span(bold, "NOTES"))
	for _, note := range all {
		t.paragraph(nil, blanks(2*gap), append([]span{t.span(dim, "• "+note.line[0].text)}, note.line[1:]...))
		if note.fix != "" {
			t.indented(2*gap, t.span(dim, "fix: "+note.fix))
		}
	}
}

// noteTexts are the notes, those that say the same of several objects as one.
func (t *tree) noteTexts() []noteText {
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
	var notes []noteText
	for _, f := range order {
		line := []span{t.span(dim, f.Rule+" ")}
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
		notes = append(notes, noteText{line, f.Fix})
	}
	return notes
}

// unknowns are what cannot be told, but for what has its own place.
func (t *tree) unknowns() []plan.UnknownFact {
	return slices.DeleteFunc(slices.Clone(t.plan.Unknown), func(u plan.UnknownFact) bool {
		return u.What == onlyIgnored && t.plan.Ignored == nil && (t.options.Only == "" || t.options.Only == onlyIgnored)
	})
}

// unknown lists what cannot be told, each with the way to find out. What is ignored has its own place.
func (t *tree) unknown() {
	first := true
	for _, u := range t.unknowns() {
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
