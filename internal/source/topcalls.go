package source

import (
	"slices"
	"strings"
	"text/template/parse"
)

// call is one command of a pipeline, with what is known of its arguments.
type call struct {
	name    string
	args    []parse.Node
	tainted []bool
	// hasPiped and piped are about the argument that comes from the command before, the last one.
	hasPiped, piped bool
}

// call looks at the arguments of a command, the first of which is a value where no function is called.
func (f *flow) call(command *parse.CommandNode, at scope) call {
	c := call{name: called(command), args: command.Args}
	if c.name != "" {
		c.args = c.args[1:]
	}
	for _, arg := range c.args {
		c.tainted = append(c.tainted, f.value(arg, at))
	}
	return c
}

// gets tells whether the argument at a place is tainted.
func (c call) gets(i int) bool {
	return i < len(c.args) && c.tainted[i] || i == len(c.args) && c.piped
}

// command tells whether a call gives something tainted.
func (f *flow) command(c call) bool {
	if !c.piped && !slices.Contains(c.tainted, true) {
		return false
	}
	switch c.name {
	case "kindIs", "kindOf", "typeIs", "typeOf", "typeIsLike", "hasKey", "empty", "not", "len":
		return false // the same whatever .Release holds
	case "include":
		f.include(c)
		return false
	case "tpl":
		// What it runs is among the texts, unless it is made from something tainted.
		f.leaks = f.leaks || c.gets(0)
		return false
	case "index", "get":
		return f.taken(c)
	}
	if !f.passes(c) {
		f.leaks = true
	}
	return true
}

// passes tells whether a call only hands on what it is given, or a part of it, and notes where. Any function that is
// not known makes text or a decision of it.
func (f *flow) passes(c call) bool {
	switch c.name {
	case "": // a value; with arguments, a method of .Files and the like
	case "dict":
		for i := 0; i < len(c.args); i += 2 {
			if c.gets(i + 1) {
				f.carry(c.args[i])
			}
		}
	case "set":
		if c.gets(2) && len(c.args) > 1 {
			f.carry(c.args[1])
			f.into(c.args[0])
		}
		return len(c.args) > 1
	case "merge", "mustMerge", "mergeOverwrite", "mustMergeOverwrite":
		if len(c.args) == 0 {
			return false
		}
		if c.piped || slices.Contains(c.tainted[1:], true) {
			f.into(c.args[0])
		}
	case "pluck":
		return len(c.args) > 0 && c.args[0].Type() == parse.NodeString
	case "list", "tuple", "unset", "deepCopy", "mustDeepCopy", "omit", "pick", "first", "mustFirst", "last", "mustLast",
		"rest", "mustRest", "initial", "mustInitial", "default", "coalesce", "ternary", "and", "or", "append", "mustAppend", "push",
		"mustPush", "prepend", "mustPrepend", "concat", "required":
	default:
		return false
	}
	return true
}

// include opens the define that is given something tainted.
func (f *flow) include(c call) {
	if len(c.args) == 0 || c.tainted[0] {
		f.leaks = true
		return
	}
	if literal, ok := c.args[0].(*parse.StringNode); ok {
		f.mark(f.open, literal.Text)
	} else if !namesFile(c.args[0]) {
		f.raise(&f.all)
	}
}

// namesFile tells the usual `print $.Template.BasePath "/configmap.yaml"`. The trees of files are open from the start.
func namesFile(node parse.Node) bool {
	pipe, ok := node.(*parse.PipeNode)
	if !ok || len(pipe.Cmds) != 1 || called(pipe.Cmds[0]) != "print" || len(pipe.Cmds[0].Args) < 3 {
		return false
	}
	var path []string
	switch n := pipe.Cmds[0].Args[1].(type) {
	case *parse.FieldNode:
		path = n.Ident
	case *parse.VariableNode:
		path = n.Ident[1:]
	}
	rest, ok := pipe.Cmds[0].Args[2].(*parse.StringNode)
	return ok && strings.HasPrefix(rest.Text, "/") && slices.Equal(path, []string{"Template", "BasePath"})
}

// taken is what index and get take out of something tainted. A computed key may be that of anything.
func (f *flow) taken(c call) bool {
	if c.hasPiped || len(c.args) < 2 || slices.Contains(c.tainted[1:], true) {
		f.leaks = true
		return true
	}
	var path []string
	for _, key := range c.args[1:] {
		switch n := key.(type) {
		case *parse.StringNode:
			path = append(path, n.Text)
		case *parse.NumberNode:
		default:
			f.leaks = true
			return true
		}
	}
	return f.fields(path)
}
