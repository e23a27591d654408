package source

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"text/template/parse"
)

// changesText tells the functions that may make another template of a text, or one of what is none. What charts do to
// names and labels is not among them.
func changesText(command *parse.CommandNode) bool {
	name := strings.ToLower(called(command))
	args := command.Args
	switch {
	case name == "replace" && len(args) > 2:
		return !plainSign(args[1]) || !plainSign(args[2])
	case name == "regexreplaceall" && len(args) == 4:
		return !takesBraces(args[1], args[3]) && !cutsEnd(args[1], args[3])
	case strings.Contains(name, "find") && len(args) > 1:
		literal, ok := args[1].(*parse.StringNode)
		return !ok || word(literal.Text) != len(literal.Text)
	case slices.Contains([]string{"nospace", "swapcase", "title", "untitle", "camelcase", "snakecase", "kebabcase", "substr", "splitn", "regexsplit", "decryptaes"}, name):
		return true
	}
	return strings.Contains(name, "replace") || strings.HasSuffix(name, "dec") || strings.Contains(name, "find")
}

// plainSign tells the signs that names are cleaned of: `replace "+" "_"`.
func plainSign(node parse.Node) bool {
	literal, ok := node.(*parse.StringNode)
	return ok && len(literal.Text) == 1 && strings.Contains("+_-/:@", literal.Text)
}

// takesBraces tells whether a replacement leaves no opening brace: the expression matches one wherever it stands.
func takesBraces(pattern, by parse.Node) bool {
	from, ok := pattern.(*parse.StringNode)
	to, plain := by.(*parse.StringNode)
	if !ok || !plain || strings.ContainsAny(to.Text, "{$") {
		return false
	}
	parsed, err := syntax.Parse(from.Text, syntax.Perl)
	if err != nil || hasPlaces(parsed) {
		return false
	}
	alone, err := regexp.Compile(`^(?:` + from.Text + `)$`)
	return err == nil && alone.MatchString("{")
}

// hasPlaces tells whether an expression asks what stands around a match.
func hasPlaces(expression *syntax.Regexp) bool {
	switch expression.Op {
	case syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return true
	}
	return slices.ContainsFunc(expression.Sub, hasPlaces)
}

// cutsEnd tells whether a replacement only cuts off the end. What is left of a template has no action of its own.
func cutsEnd(pattern, by parse.Node) bool {
	from, ok := pattern.(*parse.StringNode)
	to, plain := by.(*parse.StringNode)
	if !ok || !plain || to.Text != "" {
		return false
	}
	parsed, err := syntax.Parse(from.Text, syntax.Perl)
	return err == nil && parsed.Op == syntax.OpConcat && parsed.Sub[len(parsed.Sub)-1].Op == syntax.OpEndText
}
