package locate

import "math/bits"

// Place is a byte of a render.
type Place struct {
	// Document counts from 0 in the order of the render, Offset from the document's first byte.
	Document, Offset int
}

// Why says why a place has no line.
type Why string

// The reasons.
const (
	// Generated text comes out of an action: an include, a value, a loop.
	Generated Why = "it comes out of an action (a value, an include, a loop), not from this template's own text"
	// Ambiguous text can have come from several lines.
	Ambiguous Why = "it can have come from more than one place of this template"
	// Unmatched renders are none of this template's.
	Unmatched Why = "this template's text does not account for the render"
	// TooLarge templates and renders are not looked at.
	TooLarge Why = "the template or what it renders is too large"
)

// Answer is the line of a place, from 1, or 0 and the reason.
type Answer struct {
	Line int
	Why  Why

	offset int
}

// mostWork bounds the steps that one look-up may take; it is well under a second.
const mostWork = 400_000_000

// Lines finds the lines that the places came from. documents are all documents of the render of this
// template, in order, as Helm cut them.
func (t *Template) Lines(documents []string, places []Place) []Answer {
	answers := make([]Answer, len(places))
	m := matching{pattern: &t.pattern, documents: documents, places: places}
	candidates, why := m.run()
	for i := range places {
		switch {
		case why != "":
			answers[i].Why = why
		default:
			answers[i] = t.answer(candidates[i])
		}
	}
	return answers
}

// answer looks at the states that may have given a byte.
func (t *Template) answer(candidates set) Answer {
	found := Answer{}
	isWild := false
	for w, word := range candidates {
		for ; word != 0; word &= word - 1 {
			state := w*64 + bits.TrailingZeros64(word)
			if t.pattern.wild.has(state) {
				isWild = true
				continue
			}
			offset := int(t.pattern.origin[state])
			line := t.line(offset)
			if found.Line != 0 && found.Line != line {
				return Answer{Why: Ambiguous}
			}
			found = Answer{Line: line, offset: offset}
		}
	}
	switch {
	case isWild && found.Line != 0:
		return Answer{Why: Ambiguous}
	case found.Line == 0:
		return Answer{Why: Generated}
	}
	return found
}

// Sections tells for each document in which parts of the source, between lines of ---, it has text. A
// template without such a line has one part, and all documents are of it.
func (t *Template) Sections(documents []string) [][]int {
	sections := make([][]int, len(documents))
	if len(t.separators) == 0 {
		for i := range sections {
			sections[i] = []int{0}
		}
		return sections
	}
	var places []Place
	for d, text := range documents {
		start := true
		for i := range len(text) {
			if start && text[i] != ' ' && text[i] != '\t' && text[i] != '\n' {
				places = append(places, Place{d, i})
				start = false
			}
			start = start || text[i] == '\n'
		}
	}
	for i, answer := range t.Lines(documents, places) {
		if answer.Line == 0 {
			continue
		}
		list := &sections[places[i].Document]
		if section := t.section(answer.offset); len(*list) == 0 || (*list)[len(*list)-1] != section {
			*list = append(*list, section)
		}
	}
	return sections
}

// matching reads a render forwards and backwards.
type matching struct {
	pattern   *pattern
	documents []string
	places    []Place
}

// run gives for each place the states that can have given it in a reading of the whole render.
func (m *matching) run() ([]set, Why) {
	p := m.pattern
	total := 0
	for _, text := range m.documents {
		total += len(text)
	}
	words := len(p.wild)
	if total*(words+len(p.edges)) > mostWork || len(m.places)*words > mostWork/16 {
		return nil, TooLarge
	}
	wanted := map[Place][]int{}
	for i, place := range m.places {
		wanted[place] = append(wanted[place], i)
	}
	found := make([]set, len(m.places))
	for i := range found {
		found[i] = newSet(p.size)
	}
	if !m.forwards(wanted, found) {
		return nil, Unmatched
	}
	m.backwards(wanted, found)
	return found, ""
}

// forwards notes at each place the states that the text before it leads to. It says whether the whole
// render can be read.
func (m *matching) forwards(wanted map[Place][]int, found []set) bool {
	p := m.pattern
	now, next := newSet(p.size), newSet(p.size)
	now.add(0)
	p.skipGap(now)
	for d, text := range m.documents {
		for i := range len(text) {
			for _, k := range wanted[Place{d, i}] {
				copy(found[k], now)
			}
			p.step(next, now, text[i])
			p.close(next)
			now, next = next, now
		}
		p.skipGap(now)
	}
	return now.has(p.last())
}

// backwards leaves at each place only the states from which its byte and all text behind it can be read.
func (m *matching) backwards(wanted map[Place][]int, found []set) {
	p := m.pattern
	now, before := newSet(p.size), newSet(p.size)
	now.add(p.last())
	p.skipGapBack(now)
	for d := len(m.documents) - 1; d >= 0; d-- {
		text := m.documents[d]
		for i := len(text) - 1; i >= 0; i-- {
			p.stepBack(before, now, text[i])
			for _, k := range wanted[Place{d, i}] {
				for w := range found[k] {
					found[k][w] &= before[w]
				}
			}
			p.closeBack(before)
			now, before = before, now
		}
		p.skipGapBack(now)
	}
}

// step reads one byte.
func (p *pattern) step(out, in set, c byte) {
	literal := p.literals[c]
	carry := uint64(0)
	for w := range out {
		moved := uint64(0)
		if literal != nil {
			moved = in[w] & literal[w]
		}
		out[w] = moved<<1 | carry | in[w]&p.wild[w]
		carry = moved >> 63
	}
}

// stepBack gives the states that can read one byte and then are in one of in.
func (p *pattern) stepBack(out, in set, c byte) {
	literal := p.literals[c]
	for w := range out {
		out[w] = in[w] & p.wild[w]
		if literal == nil {
			continue
		}
		moved := in[w] >> 1
		if w+1 < len(in) {
			moved |= in[w+1] << 63
		}
		out[w] |= moved & literal[w]
	}
}

// close follows the edges.
func (p *pattern) close(s set) {
	for _, e := range p.edges {
		if s.has(int(e.from)) {
			s.add(int(e.to))
		}
	}
}

func (p *pattern) closeBack(s set) {
	for i := len(p.edges) - 1; i >= 0; i-- {
		if s.has(int(p.edges[i].to)) {
			s.add(int(p.edges[i].from))
		}
	}
}

// skipGap reads as much white space and as many dashes as there may be between two documents.
func (p *pattern) skipGap(s set) {
	k := 0
	for state := range p.size {
		for ; k < len(p.edges) && int(p.edges[k].from) == state; k++ {
			if s.has(state) {
				s.add(int(p.edges[k].to))
			}
		}
		if s.has(state) && p.gaps.has(state) {
			s.add(state + 1)
		}
	}
}

func (p *pattern) skipGapBack(s set) {
	k := len(p.edges) - 1
	for state := p.size - 1; state >= 0; state-- {
		if p.gaps.has(state) && s.has(state+1) {
			s.add(state)
		}
		for ; k >= 0 && int(p.edges[k].from) == state; k-- {
			if s.has(int(p.edges[k].to)) {
				s.add(state)
			}
		}
	}
}
