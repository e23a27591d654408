package locate

import (
	"errors"
	"slices"
	"strings"
	"text/template/parse"
)

// pattern is the template as a machine that reads a render: a state for each byte of literal text, one
// that takes anything for each action, and edges between them that take nothing. States are numbered in
// the order of the source and all edges lead forward, so that one pass over the edges closes a set.
type pattern struct {
	size int
	// origin leads from a literal state to its offset in the source.
	origin []int32
	// literals are the states that take a byte, by the byte; the state behind each has the next number.
	literals map[byte]set
	// wild states take any byte and stay.
	wild set
	// gaps are the literal states of white space and dashes, which Helm cuts away between documents.
	gaps set
	// edges are sorted by their beginnings.
	edges []edge
}

type edge struct{ from, to int32 }

// last is the state in which the whole template has been read.
func (p *pattern) last() int { return p.size - 1 }

// builder makes the pattern of a parsed template. The state that a node begins in is always the newest
// one, from which nothing leads away yet.
type builder struct {
	template *Template
	// bytes are what the literal states take; isWild and isText say what a state is, neither that it only
	// joins others.
	bytes  []byte
	isWild []bool
	isText []bool
	origin []int32
	edges  []edge
	err    error
}

func (b *builder) build(root *parse.ListNode) {
	b.state()
	b.list(root)
	if b.err != nil {
		return
	}
	n := len(b.bytes)
	p := &b.template.pattern
	*p = pattern{size: n, origin: b.origin, literals: map[byte]set{}, wild: newSet(n), gaps: newSet(n), edges: b.edges}
	slices.SortStableFunc(p.edges, func(x, y edge) int { return int(x.from) - int(y.from) })
	for i, c := range b.bytes {
		switch {
		case b.isWild[i]:
			p.wild.add(i)
		case b.isText[i]:
			if p.literals[c] == nil {
				p.literals[c] = newSet(n)
			}
			p.literals[c].add(i)
			if strings.IndexByte(gapBytes, c) >= 0 {
				p.gaps.add(i)
			}
		}
	}
}

// gapBytes may stand between two documents without being part of either: v3
// pkg/releaseutil/manifest.go and v4 pkg/release/v1/util/manifest.go cut at --- and trim white space.
const gapBytes = " \t\n\v\f\r-"

func (b *builder) state() int {
	b.bytes = append(b.bytes, 0)
	b.isWild = append(b.isWild, false)
	b.isText = append(b.isText, false)
	b.origin = append(b.origin, -1)
	if len(b.bytes) > 2*mostStates && b.err == nil {
		b.err = errTooLarge
	}
	return len(b.bytes) - 1
}

func (b *builder) edge(from, to int) { b.edges = append(b.edges, edge{int32(from), int32(to)}) }

// list adds nodes behind the newest state and gives the state in which they have been read.
func (b *builder) list(list *parse.ListNode) int {
	if list != nil {
		for _, node := range list.Nodes {
			if b.err == nil {
				b.node(node)
			}
		}
	}
	return len(b.bytes) - 1
}

func (b *builder) node(node parse.Node) {
	switch node := node.(type) {
	case *parse.TextNode:
		b.text(node)
	case *parse.CommentNode:
		// Section and Line hold the offset until all separators are known.
		b.template.comments = append(b.template.comments, Comment{Text: commentText(node.Text), Section: int(node.Pos)})
	case *parse.ActionNode:
		if len(node.Pipe.Decl) == 0 { // text/template prints nothing for {{ $x := … }}
			b.anything()
		}
	case *parse.IfNode:
		b.either(node.List, node.ElseList)
	case *parse.WithNode:
		b.either(node.List, node.ElseList)
	case *parse.RangeNode:
		// What a loop gives may come from any of its rounds, and break may cut one off.
		b.inside(node.List)
		b.inside(node.ElseList)
		b.anything()
	default:
		b.anything()
	}
}

func (b *builder) text(node *parse.TextNode) {
	start, end := int(node.Pos), int(node.Pos)+len(node.Text)
	source := b.template.source
	if end > len(source) || source[start:end] != string(node.Text) {
		b.err = errors.New("the parsed template does not fit its source")
		return
	}
	b.separators(start, end)
	for i := start; i < end; i++ {
		at := len(b.bytes) - 1
		b.bytes[at], b.isText[at], b.origin[at] = source[i], true, int32(i)
		b.state()
	}
}

// separators notes the lines of a piece of text that begin with three dashes.
func (b *builder) separators(start, end int) {
	source := b.template.source
	for i := start; i+3 <= end; i++ {
		if (i == 0 || source[i-1] == '\n') && source[i:i+3] == "---" {
			b.template.separators = append(b.template.separators, i)
		}
	}
}

// inside looks for separators and comments where the text itself is not looked at.
func (b *builder) inside(list *parse.ListNode) {
	if list == nil {
		return
	}
	for _, node := range list.Nodes {
		switch node := node.(type) {
		case *parse.TextNode:
			b.separators(int(node.Pos), min(int(node.Pos)+len(node.Text), len(b.template.source)))
		case *parse.CommentNode:
			b.node(node)
		}
		for _, inner := range branches(node) {
			b.inside(inner)
		}
	}
}

// anything takes any text.
func (b *builder) anything() {
	at := len(b.bytes) - 1
	b.isWild[at] = true
	b.edge(at, b.state())
}

// either takes one of two lists; a missing one is empty.
func (b *builder) either(one, other *parse.ListNode) {
	from := len(b.bytes) - 1
	b.edge(from, b.state())
	endOne := b.list(one)
	b.edge(from, b.state())
	endOther := b.list(other)
	join := b.state()
	b.edge(endOne, join)
	b.edge(endOther, join)
}

// set is a set of states.
type set []uint64

func newSet(n int) set { return make(set, (n+63)/64) }

func (s set) add(i int)      { s[i/64] |= 1 << (i % 64) }
func (s set) has(i int) bool { return s[i/64]&(1<<(i%64)) != 0 }
