package source

import (
	"regexp"
	"slices"
	"strings"
	"text/template/parse"

	"github.com/helm-hooks/helm-hooks/internal/source/sdk"
)

// The scans err on one side only. They read all text that Helm could run, and where a word merely looks
// like a use of .Release or of a random function, one more render is the whole price.

var (
	releaseFields = regexp.MustCompile(`\b(Revision|IsInstall|IsUpgrade)\b`)
	// releaseUse catches .Release with what follows it.
	releaseUse = regexp.MustCompile(`\.Release\b(\.\w+)?`)
	// wholeContext catches what takes the top of all values, or .Release by its name as a string.
	wholeContext = regexp.MustCompile(`["` + "`" + `]Release["` + "`" + `]|\b(must)?[tT]o(Pretty|Raw)?(Yaml|Json|Toml|YamlPretty)\s+\$\s*[)|}-]|\$\s*\|\s*(must)?[tT]o\w+|\brange\b[^{}]*\$\s*-?}}` +
		// A lone dot at the top is the same; further in it is something else, for which one more render is no harm.
		`|\b(must)?[tT]o(Pretty|Raw)?(Yaml|Json|Toml|YamlPretty)\s+\.\s*[)|}-]|[{(]-?\s*\.\s*\|\s*(must)?[tT]o\w+|\b(deepCopy|omit|printf\s+"[^"]*")\s+\.[\s|)]`)
	// volatileUse names the functions of sprig and Helm whose result changes from call to call: random
	// ones, time, salts and keys, and those that walk a map in Go's order.
	volatileUse = regexp.MustCompile(`\b(rand\w+|uuidv4|shuffle|now|date|dateInZone|date_in_zone|htmlDate|htmlDateInZone|ago|` +
		`genPrivateKey|genCA\w*|genSelfSigned\w*|genSigned\w*|htpasswd|bcrypt|encryptAES|keys|values|getHostByName)\b`)
)

// dependsOnRelease tells whether a template could tell one revision from another.
func dependsOnRelease(texts []sdk.Text) bool {
	for _, text := range texts {
		if releaseFields.MatchString(text.Body) || wholeContext.MatchString(text.Body) {
			return true
		}
		for _, match := range releaseUse.FindAllStringSubmatch(text.Body, -1) {
			switch match[1] {
			case ".Name", ".Namespace", ".Service":
			default: // a field that changes, or .Release as a whole
				return true
			}
		}
	}
	return false
}

// mayBeVolatile tells whether two renders of the same input could differ.
func mayBeVolatile(texts []sdk.Text) bool {
	for _, text := range texts {
		if callsVolatile(text.Body) {
			return true
		}
	}
	return false
}

func callsVolatile(text string) bool { return calls(text, volatileUse) }

// calls looks for calls in the parsed text, since words such as date and values also stand in comments and
// keys. A string that is a template itself (tpl) is looked into.
func calls(text string, functions *regexp.Regexp) bool {
	if !sdk.HasAction(text) || !functions.MatchString(text) {
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
			case *parse.IdentifierNode:
				found = found || functions.MatchString(n.Ident)
			case *parse.StringNode:
				found = found || calls(n.Text, functions)
			}
		})
	}
	return found
}

// chanceUse names the functions whose result is another one in each render.
var chanceUse = regexp.MustCompile(`^(rand\w+|uuidv4|shuffle|now|ago)$`)

// decidedByChance lists the templates in which chance or the clock stands in a condition, so that what
// they render at all is another thing each time.
func decidedByChance(texts []sdk.Text) []string {
	var found []string
	for _, text := range texts {
		if !sdk.HasAction(text.Body) || !volatileUse.MatchString(text.Body) {
			continue
		}
		trees, err := parseTemplate("text", text.Body)
		if err != nil {
			continue
		}
		chance := false
		for _, tree := range trees {
			walkNodes(tree.Root, func(node parse.Node) { chance = chance || conditionByChance(node) })
		}
		if chance {
			found = append(found, text.Path)
		}
	}
	slices.Sort(found)
	return found
}

func conditionByChance(node parse.Node) bool {
	var pipe *parse.PipeNode
	switch n := node.(type) {
	case *parse.IfNode:
		pipe = n.Pipe
	case *parse.WithNode:
		pipe = n.Pipe
	case *parse.RangeNode:
		pipe = n.Pipe
	}
	if pipe == nil {
		return false
	}
	found := false
	walkNodes(pipe, func(inner parse.Node) {
		if identifier, ok := inner.(*parse.IdentifierNode); ok {
			found = found || chanceUse.MatchString(identifier.Ident)
		}
	})
	return found
}

// clockShift moves the second of two renders in time, so that what depends on the time differs for
// certain although both run within one second: 405 days, 5 hours, 7 minutes, 11 seconds. The year, the
// day of the month, the hour, the minute and the second all change.
const clockShift = `(date_modify "9725h7m11s" now)`

// shiftClock puts clockShift in for each `now` of a template text.
func shiftClock(text string) string {
	if !strings.Contains(text, "now") {
		return text
	}
	trees, err := parseTemplate("text", text)
	if err != nil {
		return text
	}
	at := map[int]bool{}
	for _, tree := range trees {
		walkNodes(tree.Root, func(node parse.Node) {
			if identifier, ok := node.(*parse.IdentifierNode); ok && identifier.Ident == "now" {
				at[int(identifier.Pos)] = true
			}
		})
	}
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		if at[i] && strings.HasPrefix(text[i:], "now") {
			out.WriteString(clockShift)
			i += len("now") - 1
			continue
		}
		out.WriteByte(text[i])
	}
	return out.String()
}

// parseTemplate gives the trees of a text: the text itself under its name, and each define.
func parseTemplate(name, text string) (map[string]*parse.Tree, error) {
	trees := map[string]*parse.Tree{}
	tree := parse.New(name)
	tree.Mode = parse.SkipFuncCheck
	if _, err := tree.Parse(text, "", "", trees); err != nil {
		return nil, err
	}
	return trees, nil
}

// walkNodes visits a node and everything below it.
func walkNodes(node parse.Node, visit func(parse.Node)) {
	for _, child := range children(node) {
		visit(child)
		walkNodes(child, visit)
	}
}

// children are the nodes directly below one. A nil that hides in an interface is left out.
func children(node parse.Node) []parse.Node {
	var list []parse.Node
	pipe := func(p *parse.PipeNode) {
		if p != nil {
			list = append(list, p)
		}
	}
	branch := func(b *parse.BranchNode) {
		pipe(b.Pipe)
		for _, part := range []*parse.ListNode{b.List, b.ElseList} {
			if part != nil {
				list = append(list, part)
			}
		}
	}
	switch n := node.(type) {
	case *parse.ListNode:
		if n != nil {
			list = n.Nodes
		}
	case *parse.ActionNode:
		pipe(n.Pipe)
	case *parse.TemplateNode:
		pipe(n.Pipe)
	case *parse.IfNode:
		branch(&n.BranchNode)
	case *parse.WithNode:
		branch(&n.BranchNode)
	case *parse.RangeNode:
		branch(&n.BranchNode)
	case *parse.PipeNode:
		for _, variable := range n.Decl {
			list = append(list, variable)
		}
		for _, command := range n.Cmds {
			list = append(list, command)
		}
	case *parse.CommandNode:
		list = n.Args
	case *parse.ChainNode:
		list = []parse.Node{n.Node}
	}
	return list
}
