package source

import (
	"slices"
	"strings"
	"text/template/parse"

	"github.com/helm-hooks/helm-hooks/internal/source/sdk"
)

// dots tells what a lone dot stands for. `{{ with .Values.resources }}{{ toYaml . }}{{ end }}`, which nearly every
// chart has, looks like a use of the top of all values, and is none.
type dots struct {
	// mixed says that the chart may put the top of all values into .Values, so that nothing is known of any dot.
	mixed bool
}

// newDots looks for what could put the top of all values elsewhere: a call such as `set .Values "top" $`, or a map
// of the chart's own that has Values as a key.
func newDots(texts []sdk.Text) dots {
	return dots{mixed: slices.ContainsFunc(texts, func(text sdk.Text) bool { return namesPart(text.Body) || mixesTop(text.Body) })}
}

// namesPart tells whether a part of the top is named by a string.
func namesPart(text string) bool {
	for _, part := range steadyParts {
		if holdsAny(text, `"`+part+`"`, "`"+part+"`") {
			return true
		}
	}
	return false
}

// mixesTop tells whether a call that changes a map is given the top of all values, or what may be it. A string that
// is a template itself (tpl) is looked into.
func mixesTop(text string) bool {
	if !sdk.HasAction(text) || !holdsAny(text, "set ", "set\t", "set\n", "set\r", "merge", "Merge") {
		return false
	}
	trees, err := parseTemplate("text", text)
	if err != nil {
		return true
	}
	found := false
	for _, tree := range trees {
		walkNodes(tree.Root, func(node parse.Node) {
			switch n := node.(type) {
			case *parse.PipeNode:
				found = found || slices.ContainsFunc(n.Cmds, changesMap) && !apart(n, false)
			case *parse.StringNode:
				found = found || mixesTop(n.Text)
			}
		})
	}
	return found
}

// changesMap names the functions of sprig that change a map in place. A method of a value has no such name.
func changesMap(command *parse.CommandNode) bool {
	if len(command.Args) == 0 {
		return false
	}
	name, ok := command.Args[0].(*parse.IdentifierNode)
	return ok && (name.Ident == "set" || strings.Contains(strings.ToLower(name.Ident), "merge"))
}

// takeTop tells whether a lone dot that may be the top of all values is made into text or copied.
func (d dots) takeTop(text string) bool {
	lone := loneDots(text)
	if len(lone) == 0 {
		return false
	}
	known := map[int]bool{}
	if !d.mixed {
		known = apartDots(text)
		if !slices.ContainsFunc(lone, func(at int) bool { return !known[at] }) {
			return false
		}
	}
	return slices.ContainsFunc(wholeDot.FindAllStringIndex(text, -1), func(at []int) bool {
		return !known[at[0]+strings.LastIndexByte(text[at[0]:at[1]], '.')]
	})
}

// loneDots gives the dots that wholeDot can match, which takes many times as long: those with white space or a bracket
// before them and something to end them behind. In `include "name" .`, with a quoted name before it, the dot is the
// argument of no function that wholeDot has but printf.
func loneDots(text string) (places []int) {
	prints := strings.Contains(text, "printf")
	for i := 0; i < len(text); i++ {
		next := strings.IndexByte(text[i:], '.')
		if next < 0 {
			break
		}
		i += next
		if i == 0 || i+1 == len(text) || !strings.ContainsRune(" \t\n\f\r)|}-", rune(text[i+1])) {
			continue
		}
		before := strings.TrimRight(text[:i], " \t\n\f\r")
		if before != "" && (before[len(before)-1] != '"' || prints) {
			places = append(places, i)
		}
	}
	return places
}

// apartDots gives the places of the dots that stand for something else than the top of all values for certain.
func apartDots(text string) map[int]bool {
	places := map[int]bool{}
	trees, err := parseTemplate("text", text)
	if err != nil {
		return places
	}
	for _, tree := range trees {
		// What a file or a define starts with is whatever it was given.
		noteDots(tree.Root, false, places)
	}
	return places
}

// noteDots goes down a tree. known says that the dot is known to be something apart from the top.
func noteDots(node parse.Node, known bool, places map[int]bool) {
	for _, child := range children(node) {
		switch n := child.(type) {
		case *parse.DotNode:
			if known {
				places[int(n.Pos)] = true
			}
		case *parse.WithNode:
			noteBranch(&n.BranchNode, known, places)
			continue
		case *parse.RangeNode:
			noteBranch(&n.BranchNode, known, places)
			continue
		}
		noteDots(child, known, places)
	}
}

// noteBranch: with and range set the dot anew, but not in their else.
func noteBranch(branch *parse.BranchNode, known bool, places map[int]bool) {
	if branch.Pipe != nil {
		noteDots(branch.Pipe, known, places)
	}
	if branch.List != nil {
		noteDots(branch.List, branch.Pipe != nil && apart(branch.Pipe, known), places)
	}
	if branch.ElseList != nil {
		noteDots(branch.ElseList, known, places)
	}
}

// apart tells whether nothing that a pipeline is made of can be, or hold, the top of all values: it has only
// literals, and fields of the parts of the top that are the same in each revision.
func apart(pipe *parse.PipeNode, known bool) bool {
	result := true
	walkNodes(pipe, func(node parse.Node) {
		switch n := node.(type) {
		case *parse.DotNode:
			result = result && known
		case *parse.FieldNode:
			result = result && (known || steady(n.Ident))
		case *parse.VariableNode:
			declared := slices.Contains(pipe.Decl, n)
			result = result && (declared || n.Ident[0] == "$" && steady(n.Ident[1:]))
		case *parse.TemplateNode:
			result = false
		}
	})
	return result
}

// steadyParts are the parts of the top without anything of .Release in them; .Subcharts has it again.
var steadyParts = [...]string{"Values", "Chart", "Capabilities", "Files", "Template"}

func steady(fields []string) bool {
	return len(fields) > 0 && slices.Contains(steadyParts[:], fields[0])
}
