package lint

import (
	"slices"
	"strings"

	"github.com/helm-hooks/helm-hooks/internal/lint/locate"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// paper is what is known of the source of a template.
type paper struct {
	// file is the path to open; line is set where it is the same for all that the template gives, and note
	// says what file is if it is not the template itself.
	file string
	line int
	note string
	// text is the file's text where file is the template itself, raw the same with its byte order mark,
	// parsed what locate made of it.
	text   string
	raw    string
	parsed *locate.Template
	// rendered says that text is what was rendered, not a template.
	rendered bool
	// why says why no line can be found, for all that the template gives.
	why string
}

// asked is one line that is looked for: in a revision, with the answer.
type asked struct {
	revision int
	place    locate.Place
	answer   locate.Answer
}

// questions collects what is to be looked up, so that each render is read once.
type questions struct{ all []*asked }

func (q *questions) ask(revision, document, offset int) *asked {
	one := &asked{revision: revision, place: locate.Place{Document: document, Offset: offset}}
	q.all = append(q.all, one)
	return one
}

// template looks at all that one template gave under one set of values.
func (j *judge) template(template string, revisions []revision, found []*occurrence) {
	p := j.paper(template)
	q := &questions{}
	asked, why := make([][]*asked, len(found)), make([]string, len(found))
	for i, o := range found {
		asked[i], why[i] = j.anchors(q, revisions, o)
	}
	marks := j.marksIn(q, template, p, revisions)
	j.answer(q, p, revisions)
	for i, o := range found {
		o.File, o.Line, o.Note = p.file, p.line, p.note
		if p.line == 0 && p.note == "" {
			o.Line, o.Note = p.agreed(asked[i], why[i])
		}
	}
	j.suppress(p, revisions, marks, found)
	for _, o := range found {
		j.correct(p, revisions, o)
	}
}

// anchors asks for the line of a finding's key in each revision that has its document, or says why there
// is nothing to ask for.
func (j *judge) anchors(q *questions, revisions []revision, o *occurrence) (all []*asked, why string) {
	for r, revision := range revisions {
		at, doc := revision.find(o.Finding.Finding)
		if doc == nil {
			continue
		}
		s := j.sheet(doc.Text)
		key, ok := s.anchor(o.Finding.Finding, doc)
		if !ok {
			return nil, "the document does not have the key that it is about"
		}
		offset, ok := s.offset(key)
		if !ok {
			return nil, "the document has characters that YAML and editors count as lines differently"
		}
		all = append(all, q.ask(r, at, offset))
	}
	if len(all) == 0 {
		why = "the document differs from one render to the next"
	}
	return all, why
}

// find is the document that a finding is about; a List's items are in the document of the List.
func (r revision) find(f plan.Finding) (at int, doc *plan.Parsed) {
	for i, doc := range r.documents {
		if doc.Index == f.Document && (doc.Object == f.Object || slices.Contains(doc.Items, f.Object)) {
			return i, doc
		}
	}
	return 0, nil
}

// agreed is the line on which all answers agree, or why there is none.
func (p *paper) agreed(all []*asked, otherwise string) (line int, why string) {
	switch {
	case p.file == "":
		return 0, ""
	case p.why != "":
		return 0, noLine(p.why)
	case otherwise != "":
		return 0, noLine(otherwise)
	}
	for _, one := range all {
		switch {
		case one.answer.Line == 0:
			return 0, noLine(string(one.answer.Why))
		case line != 0 && line != one.answer.Line:
			return 0, noLine("an install and an upgrade render it from different lines")
		}
		line = one.answer.Line
	}
	return line, ""
}

func noLine(why string) string { return "no line: " + why }

// answer looks up all that was asked, one render after the other.
func (j *judge) answer(q *questions, p *paper, revisions []revision) {
	for r, revision := range revisions {
		var places []locate.Place
		var waiting []*asked
		for _, one := range q.all {
			if one.revision == r {
				places, waiting = append(places, one.place), append(waiting, one)
			}
		}
		if len(waiting) == 0 {
			continue
		}
		for i, answer := range p.lines(revision.texts(), places) {
			waiting[i].answer = answer
		}
	}
}

// lines finds the lines of places in the paper's own text.
func (p *paper) lines(documents []string, places []locate.Place) []locate.Answer {
	switch {
	case p.parsed != nil:
		return p.parsed.Lines(documents, places)
	case p.rendered:
		return linesInRendered(p.text, documents, places)
	}
	return make([]locate.Answer, len(places))
}

// linesInRendered finds lines in a file of rendered YAML, where documents stand as they are. One whose
// text stands there twice has no line.
func linesInRendered(text string, documents []string, places []locate.Place) []locate.Answer {
	answers := make([]locate.Answer, len(places))
	for i, place := range places {
		document := documents[place.Document]
		start := strings.Index(text, document)
		switch {
		case start < 0:
			answers[i].Why = locate.Unmatched
		case strings.Contains(text[start+1:], document):
			answers[i].Why = locate.Ambiguous
		default:
			answers[i].Line = strings.Count(text[:start+place.Offset], "\n") + 1
		}
	}
	return answers
}
