package source

import "text/template/parse"

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
