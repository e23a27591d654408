// Package locate finds the line of a template that a piece of its render came from. It never guesses: the
// template becomes a pattern of its literal text, in which an action may give anything and an if may be
// taken or not, and a line is told only where all ways in which the pattern can give the whole render
// agree on it. What comes out of range, include, tpl and define has no line.
package locate

import (
	"errors"
	"slices"
	"sort"
	"strings"
	"text/template/parse"
)

// Template is the source of a template, taken apart. Its methods may be called at the same time from
// several goroutines.
type Template struct {
	source string
	// lineStarts are the offsets at which the lines of source begin.
	lineStarts []int
	// separators are the offsets of the lines that begin with --- in text that may be rendered.
	separators []int
	comments   []Comment
	pattern    pattern
}

// Comment is a template comment.
type Comment struct {
	// Text is what stands between the marks, with all its lines.
	Text string
	// Line is its first line in the source, from 1.
	Line int
	// Section is the part of the source, between lines of ---, in which it stands; -1 in a define.
	Section int
}

// mostStates bounds the size of a pattern. Helm's own limit for a file of a chart is 5 MiB.
const mostStates = 1 << 20

var errTooLarge = errors.New("the template is too large")

// Parse takes a template apart. An error means that there is nothing to find in it: it does not parse, or
// holds what no pattern can tell.
func Parse(text string) (*Template, error) {
	text = strings.TrimPrefix(text, "\ufeff") // Helm's loader takes it away
	if len(text) > mostStates {
		return nil, errTooLarge
	}
	// Helm takes this text out of every render (pkg/engine/engine.go), so it would be missing.
	if strings.Contains(text, "<no value") {
		return nil, errors.New("the template holds <no value>, which Helm removes")
	}
	tree := parse.New("template")
	tree.Mode = parse.ParseComments | parse.SkipFuncCheck
	all := map[string]*parse.Tree{}
	tree, err := tree.Parse(text, "", "", all)
	if err != nil {
		return nil, err
	}
	t := &Template{source: text, lineStarts: []int{0}}
	for i := range len(text) {
		if text[i] == '\n' {
			t.lineStarts = append(t.lineStarts, i+1)
		}
	}
	b := builder{template: t}
	b.build(tree.Root)
	if b.err != nil {
		return nil, b.err
	}
	slices.Sort(t.separators)
	for i, comment := range t.comments {
		t.comments[i].Section = t.section(comment.Section)
		t.comments[i].Line = t.line(comment.Section)
	}
	for _, other := range all {
		if other != tree && other.Root != tree.Root {
			t.definedComments(other.Root)
		}
	}
	slices.SortFunc(t.comments, func(a, b Comment) int { return a.Line - b.Line })
	return t, nil
}

// Comments are the template comments in the order of their lines.
func (t *Template) Comments() []Comment { return slices.Clone(t.comments) }

// line is the line of an offset, from 1.
func (t *Template) line(offset int) int {
	return sort.Search(len(t.lineStarts), func(i int) bool { return t.lineStarts[i] > offset })
}

// section counts the separators up to an offset.
func (t *Template) section(offset int) int {
	return sort.Search(len(t.separators), func(i int) bool { return t.separators[i] > offset })
}

// definedComments collects the comments of a define, which may be rendered anywhere or nowhere.
func (t *Template) definedComments(list *parse.ListNode) {
	if list == nil {
		return
	}
	for _, node := range list.Nodes {
		if comment, ok := node.(*parse.CommentNode); ok {
			t.comments = append(t.comments, Comment{Text: commentText(comment.Text), Line: t.line(int(comment.Pos)), Section: -1})
		}
		for _, inner := range branches(node) {
			t.definedComments(inner)
		}
	}
}

// branches are the lists inside a node.
func branches(node parse.Node) []*parse.ListNode {
	switch node := node.(type) {
	case *parse.IfNode:
		return []*parse.ListNode{node.List, node.ElseList}
	case *parse.WithNode:
		return []*parse.ListNode{node.List, node.ElseList}
	case *parse.RangeNode:
		return []*parse.ListNode{node.List, node.ElseList}
	}
	return nil
}

func commentText(raw string) string {
	return strings.TrimSuffix(strings.TrimPrefix(raw, "/*"), "*/")
}
