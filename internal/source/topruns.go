package source

import (
	"slices"
	"text/template/parse"
)

// origin is an expression with the tree that it stands in.
type origin struct {
	node parse.Node
	tree topTree
}

// origins looks for where the texts that tpl runs come from.
type origins struct {
	trees topTrees
	// given are the values that maps are given under a key.
	given map[string][]origin
	// seen are the names that were followed.
	seen map[string]bool
	left []origin
}

// runsChanged tells whether tpl may run a text that a call changed or decoded, so that it is not among the texts.
func (t topTrees) runsChanged() bool {
	if !t.runs {
		return false
	}
	o := origins{trees: t, given: map[string][]origin{}, seen: map[string]bool{}}
	for _, tree := range t.list {
		walkCommands(tree.root, func(command *parse.CommandNode) { o.note(command, tree) })
	}
	for len(o.left) > 0 {
		next := o.left[len(o.left)-1]
		o.left = o.left[:len(o.left)-1]
		if o.changed(next) {
			return true
		}
	}
	return false
}

// note keeps what tpl runs, and what maps are given.
func (o *origins) note(command *parse.CommandNode, tree topTree) {
	args := command.Args
	keep := func(key, value parse.Node) {
		if literal, ok := key.(*parse.StringNode); ok {
			o.given[literal.Text] = append(o.given[literal.Text], origin{value, tree})
		}
	}
	switch name := called(command); {
	case name == "tpl" && len(args) > 1:
		o.left = append(o.left, origin{args[1], tree})
	case name == "dict":
		for i := 1; i+1 < len(args); i += 2 {
			keep(args[i], args[i+1])
		}
	case name == "set" && len(args) > 3:
		keep(args[2], args[3])
	}
}

// changed tells whether a call in an expression changes text, and notes what else the expression is made of.
func (o *origins) changed(from origin) bool {
	found := false
	visit := func(node parse.Node) {
		switch n := node.(type) {
		case *parse.CommandNode:
			found = found || changesText(n)
			if called(n) == "include" && len(n.Args) > 1 {
				o.included(n.Args[1])
			}
		case *parse.TemplateNode:
			o.define(n.Name)
		case *parse.VariableNode:
			o.variable(n.Ident[0], from.tree)
			o.fields(n.Ident[1:])
		case *parse.FieldNode:
			o.fields(n.Ident)
		case *parse.ChainNode:
			o.fields(n.Field)
		}
	}
	visit(from.node)
	walkNodes(from.node, visit)
	return found
}

func (o *origins) first(name string) bool {
	if o.seen[name] {
		return false
	}
	o.seen[name] = true
	return true
}

func (o *origins) included(name parse.Node) {
	if literal, ok := name.(*parse.StringNode); ok {
		o.define(literal.Text)
	}
}

func (o *origins) define(name string) {
	if !o.first("define " + name) {
		return
	}
	for _, tree := range o.trees.list {
		if tree.name == name {
			o.left = append(o.left, origin{tree.root, tree})
		}
	}
}

// variable notes what a variable of a tree is given.
func (o *origins) variable(name string, tree topTree) {
	if name == "$" || !o.first(name+" in "+tree.name) {
		return
	}
	for _, other := range o.trees.list {
		if other.name != tree.name {
			continue
		}
		walkNodes(other.root, func(node parse.Node) {
			pipe, ok := node.(*parse.PipeNode)
			if ok && slices.ContainsFunc(pipe.Decl, func(v *parse.VariableNode) bool { return v.Ident[0] == name }) {
				o.left = append(o.left, origin{pipe, other})
			}
		})
	}
}

// fields notes what the maps of templates have under the names of a path.
func (o *origins) fields(path []string) {
	for _, field := range path {
		if steady(field) {
			return
		}
		if o.first("key " + field) {
			o.left = append(o.left, o.given[field]...)
		}
	}
}
