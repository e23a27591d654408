package lint

import (
	"cmp"
	"slices"
	"strings"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// markKey tells suppressions apart, the same in every run.
type markKey struct{ template, by, rule, reason, problem, together string }

// entry is the key of all rules of one entry.
func (k markKey) entry() markKey {
	if k.together != "" {
		k.rule = ""
	}
	return k
}

// mark is a suppression as it stands in a chart.
type mark struct {
	directive
	key  markKey
	file string
	line int
	// used says that it suppressed something under some set of values.
	used bool
	// alone says that it stands in a document of comments only.
	alone bool
}

// marked is a mark with the documents that it is about under one set of values.
type marked struct {
	*mark
	// documents are those of each revision, by their place in it.
	documents map[int][]int
	// asked are the questions for its line, none where the line is known.
	asked []*asked
}

// marksIn finds the suppressions in a template and in what it gave.
func (j *judge) marksIn(q *questions, template string, p *paper, revisions []revision) []*marked {
	var all []*marked
	for r, revision := range revisions {
		for d, doc := range revision.documents {
			s := j.sheet(doc.Text)
			if value, given := ignoreAnnotation(doc); given {
				for _, directive := range parseAnnotation(value) {
					m := j.mark(template, ByAnnotation, directive)
					m.documents[r] = []int{d}
					if key := s.path("metadata", "annotations", IgnoreAnnotation); key != nil {
						if offset, ok := s.offset(key); ok {
							m.asked = append(m.asked, q.ask(r, d, offset))
						}
					}
					all = append(all, m)
				}
			}
			for _, comment := range s.comments() {
				for _, directive := range comment.directives {
					m := j.mark(template, ByComment, directive)
					m.documents[r], m.alone = []int{d}, s.isEmpty()
					m.asked = append(m.asked, q.ask(r, d, comment.offset))
					all = append(all, m)
				}
			}
		}
	}
	return append(all, j.templateComments(template, p, revisions)...)
}

// templateComments finds {{/* … */}} comments, which leave no trace in what is rendered: they are about all
// documents of their part of the template.
func (j *judge) templateComments(template string, p *paper, revisions []revision) []*marked {
	if p.parsed == nil || !strings.Contains(p.text, "helm-hooks") {
		return nil
	}
	var all []*marked
	var sections [][][]int
	for _, comment := range p.parsed.Comments() {
		line := comment.Line
		for text := range strings.Lines(comment.Text) {
			for _, directive := range parseComment(text) {
				if comment.Section < 0 && directive.problem == "" {
					directive.problem = "it stands in a define, so nobody can tell which documents it is about: put it into the document, or use the annotation " + IgnoreAnnotation
				}
				if sections == nil {
					for _, revision := range revisions {
						sections = append(sections, p.parsed.Sections(revision.texts()))
					}
				}
				m := j.mark(template, ByComment, directive)
				m.line, m.file = line, p.file
				for r := range revisions {
					for d, parts := range sections[r] {
						if slices.Contains(parts, comment.Section) {
							m.documents[r] = append(m.documents[r], d)
						}
					}
				}
				all = append(all, m)
			}
			line++
		}
	}
	return all
}

// mark is the suppression with these words, the same one in every run.
func (j *judge) mark(template, by string, d directive) *marked {
	key := markKey{template, by, d.rule, d.reason, d.problem, d.together}
	if j.marks[key] == nil {
		j.marks[key] = &mark{directive: d, key: key}
	}
	return &marked{mark: j.marks[key], documents: map[int][]int{}}
}

// suppress takes out of what counts what the marks are about.
func (j *judge) suppress(p *paper, revisions []revision, marks []*marked, found []*occurrence) {
	for _, m := range marks {
		if m.file == "" {
			m.file = p.file
			m.line = cmp.Or(m.line, p.line)
		}
		if line, _ := p.agreed(m.asked, ""); line != 0 {
			m.line = line
		}
		if m.problem != "" {
			continue
		}
		for _, o := range found {
			if o.Rule == m.rule && m.covers(revisions, o.Finding.Finding) {
				m.used = true
				if o.Suppressed == nil {
					o.Suppressed = &Suppression{Reason: m.reason, By: m.key.by, File: m.file, Line: m.line}
				}
			}
		}
	}
}

// covers says whether a finding is about one of the documents.
func (m *marked) covers(revisions []revision, f plan.Finding) bool {
	for r, documents := range m.documents {
		if at, doc := revisions[r].find(f); doc != nil && slices.Contains(documents, at) {
			return true
		}
	}
	return false
}

// aboutDocuments tells the rules that look at documents as such from those that play actions.
func aboutDocuments(rule string) bool { return strings.HasPrefix(rule, "HH0") }

// remarks are about the suppressions that do nothing.
func (j *judge) remarks() []Remark {
	var all []Remark
	served := map[markKey]bool{}
	for _, m := range j.marks {
		served[m.key.entry()] = served[m.key.entry()] || m.used
	}
	cutShort := slices.ContainsFunc(j.Runs, func(r Run) bool { return r.fails("") })
	for _, m := range j.marks {
		r := Remark{File: cmp.Or(m.file, m.key.template), Line: m.line}
		_, on := j.Rules.Severity(m.rule, plan.SeverityError)
		switch {
		case m.problem != "":
			r.Message = "this suppression does nothing: " + m.problem
		case served[m.key.entry()] || j.Incomplete || !on || cutShort && !aboutDocuments(m.rule):
			continue
		case m.alone:
			r.Message = "this suppression of " + m.rule + " does nothing: it stands in a document of its own, so move it below the next ---"
		default:
			r.Message = "this suppression of " + m.rule + " does nothing: there is no such finding here"
		}
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b Remark) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Message, b.Message))
	})
	return all
}
