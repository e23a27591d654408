package source

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"text/template/parse"

	"github.com/helm-hooks/helm-hooks/internal/source/sdk"
)

// textName is the name that the tree of a whole text gets, which is no name of a define.
const textName = "\x00text"

// mostNested bounds templates in strings of templates; tpl in tpl in tpl is not met in charts.
const mostNested = 8

// topTree is one tree that Helm may run: a whole text, or a define.
type topTree struct {
	name string
	root parse.Node
}

// whole tells whether this is the tree of a text, which Helm starts with all values as its dot (v4
// pkg/engine/engine.go: renderWithReferences, and tpl), or may be started in that way.
func (t topTree) whole() bool {
	// `include (print .Template.BasePath "/x") .` runs a file, or a define that is called like one.
	return t.name == textName || strings.Contains(t.name, "/templates/")
}

// topTrees are the trees of all texts, and of the strings in them that tpl may run.
type topTrees struct {
	list []topTree
	// runs says that something calls tpl.
	runs bool
}

// readTrees parses all texts. It is false where one cannot be followed.
func readTrees(texts []sdk.Text) (topTrees, bool) {
	t := topTrees{runs: slices.ContainsFunc(texts, func(text sdk.Text) bool { return strings.Contains(text.Body, "tpl") })}
	for _, text := range texts {
		value := text.Path == ""
		if value && t.runs && endsOpen(text.Body) {
			return t, false
		}
		// A file that is no template does not parse and cannot be run.
		if !t.add(text.Body, 0) && (value && t.runs || strings.Contains(text.Path, "/templates/")) {
			return t, false
		}
	}
	return t, true
}

// add parses a text and the strings in it. It is false where the text does not parse, or has a string that makes a
// template only together with others.
func (t *topTrees) add(body string, depth int) bool {
	if !sdk.HasAction(body) {
		return true
	}
	if depth > mostNested {
		return false
	}
	trees, err := parseTemplate(textName, body)
	if err != nil {
		return false
	}
	good := true
	for _, name := range slices.Sorted(maps.Keys(trees)) {
		tree := topTree{name, trees[name].Root}
		t.list = append(t.list, tree)
		printed := map[*parse.CommandNode]bool{}
		walkNodes(tree.root, func(node parse.Node) {
			switch n := node.(type) {
			case *parse.PipeNode:
				// `{{ "{{ $labels.job }}" }}` writes what another program reads. A define's text may go to tpl.
				if name == textName && len(n.Cmds) == 1 && len(n.Cmds[0].Args) == 1 && len(n.Decl) == 0 {
					printed[n.Cmds[0]] = true
				}
			case *parse.CommandNode:
				good = t.addStrings(n, printed[n], depth) && good
			}
		})
	}
	return good
}

// addStrings parses the strings that a call is given. printed says that they are only written.
func (t *topTrees) addStrings(command *parse.CommandNode, printed bool, depth int) bool {
	good := true
	for _, arg := range command.Args {
		literal, ok := arg.(*parse.StringNode)
		if !ok {
			continue
		}
		// "\u0052elease" is not seen by those who look at the text as it is written.
		if literal.Text == "Release" || strings.Contains(literal.Quoted, `\`) && wordsOf(literal.Text) != onNothing {
			good = false
		}
		if !t.runs || searches(called(command)) {
			continue
		}
		pieced := isPiece(literal.Text)
		if t.add(literal.Text, depth+1) && !pieced || printed {
			continue
		}
		if pieced || !onlyEnd.MatchString(literal.Text) && !t.add(literal.Text+"{{end}}", depth+1) {
			good = false
		}
	}
	return good
}

// searches tells whether a function only compares or reports the strings that it is given.
func searches(function string) bool {
	switch function {
	case "contains", "hasPrefix", "hasSuffix", "regexMatch", "mustRegexMatch", "regexFind", "eq", "ne", "fail", "required":
		return true
	}
	return false
}

var (
	onlyEnd     = regexp.MustCompile(`^\s*(\{\{-?\s*end\s*-?\}\}\s*)+$`)
	wholeAction = regexp.MustCompile(`(?s)\{\{.*?\}\}`)
)

// isPiece tells whether a string has a part of an action, or one that printf fills in.
func isPiece(text string) bool {
	left := wholeAction.ReplaceAllStringFunc(text, func(action string) string {
		if strings.Contains(action, "%") {
			return "{{"
		}
		return ""
	})
	left = strings.ReplaceAll(left, "{%d", "") // no number is a brace
	return holdsAny(left, "{{", "}}", "{%") || endsOpen(left)
}

// endsOpen tells whether a text may become the begin of an action by what is put behind it.
func endsOpen(text string) bool { return strings.HasSuffix(text, "{") }

// called is the name of the function that a command calls; empty for a value.
func called(command *parse.CommandNode) string {
	if len(command.Args) > 0 {
		if name, ok := command.Args[0].(*parse.IdentifierNode); ok {
			return name.Ident
		}
	}
	return ""
}

// walkCommands visits all calls and values at a node and below.
func walkCommands(node parse.Node, visit func(*parse.CommandNode)) {
	walkNodes(node, func(n parse.Node) {
		if command, ok := n.(*parse.CommandNode); ok {
			visit(command)
		}
	})
}
