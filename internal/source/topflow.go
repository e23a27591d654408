package source

import (
	"slices"
	"text/template/parse"

	"github.com/helm-hooks/helm-hooks/internal/source/sdk"
)

// flow follows the top of all values through the templates. What may be the top, or hold it or .Release as a whole, is
// called tainted. Names stand for places: a key or variable that is given something tainted once is tainted wherever
// the name stands, so that no order of calls matters.
type flow struct {
	// carriers are the keys under which a map was given something tainted.
	carriers map[string]bool
	// open are the defines that are given something tainted as their dot; all says that a name was computed.
	open map[string]bool
	all  bool
	// mixed says that .Values or another steady part may hold something tainted.
	mixed bool
	// loose says that .Subcharts is handed on as a whole, so that any field may be the top of a subchart.
	loose bool
	// vars are the tainted variables of the tree that is looked at.
	vars map[string]bool
	// leaks is the answer: something tainted becomes text or a decision, or goes where it is not followed.
	leaks bool
	// grown says that something was noted, so that all trees must be looked at once more.
	grown bool
}

// scope is where a node stands: whether . and $ are known to be clean there.
type scope struct{ dot, dollar bool }

// mostRounds bounds how far something is followed from name to name.
const mostRounds = 100

// topLeaks tells whether a template may turn the top of all values, or a part of it found at run time, into text. The
// parts that are named in a template are not looked at here. What is not understood counts as a leak.
func topLeaks(texts []sdk.Text) bool {
	trees, ok := readTrees(texts)
	if !ok || trees.runsChanged() {
		return true
	}
	f := &flow{carriers: map[string]bool{}, open: map[string]bool{}}
	// Each round but the last notes one more name of the templates, so that it ends.
	f.grown = true
	for round := 0; f.grown && !f.leaks; round++ {
		if round > mostRounds {
			return true
		}
		f.grown = false
		for _, tree := range trees.list {
			f.tree(tree)
		}
	}
	return f.leaks
}

func (f *flow) tree(tree topTree) {
	known := !tree.whole() && !f.all && !f.open[tree.name]
	f.vars = map[string]bool{}
	for before := -1; before != len(f.vars) && !f.leaks; {
		before = len(f.vars)
		f.node(tree.root, scope{known, known})
	}
}

func (f *flow) mark(set map[string]bool, name string) {
	if !set[name] {
		set[name], f.grown = true, true
	}
}

func (f *flow) raise(flag *bool) {
	if !*flag {
		*flag, f.grown = true, true
	}
}

// node goes down a tree.
func (f *flow) node(node parse.Node, at scope) {
	switch n := node.(type) {
	case *parse.ListNode:
		if n == nil {
			return
		}
		for _, child := range n.Nodes {
			f.node(child, at)
		}
	case *parse.ActionNode:
		if f.pipe(n.Pipe, at) && len(n.Pipe.Decl) == 0 {
			f.leaks = true
		}
	case *parse.TemplateNode:
		if n.Pipe != nil && f.pipe(n.Pipe, at) {
			f.mark(f.open, n.Name)
		}
	case *parse.IfNode:
		// That something tainted is there is the same in each revision.
		f.pipe(n.Pipe, at)
		f.node(n.List, at)
		f.node(n.ElseList, at)
	case *parse.WithNode:
		tainted := f.pipe(n.Pipe, at)
		f.node(n.List, scope{!tainted, at.dollar})
		f.node(n.ElseList, at)
	case *parse.RangeNode:
		if f.pipe(n.Pipe, at) {
			f.leaks = true // .IsUpgrade may be among what is gone through, and a condition tells it
		}
		f.node(n.List, scope{true, at.dollar})
		f.node(n.ElseList, at)
	}
}

// pipe tells whether a pipeline gives something tainted, and notes what it does with it on the way.
func (f *flow) pipe(pipe *parse.PipeNode, at scope) bool {
	tainted := false
	for i, command := range pipe.Cmds {
		c := f.call(command, at)
		c.hasPiped, c.piped = i > 0, tainted
		tainted = f.command(c)
	}
	if tainted {
		for _, variable := range pipe.Decl {
			f.vars[variable.Ident[0]] = true
		}
	}
	return tainted
}

// value tells whether an operand is tainted.
func (f *flow) value(node parse.Node, at scope) bool {
	switch n := node.(type) {
	case *parse.DotNode:
		return !at.dot
	case *parse.FieldNode:
		return (!at.dot || f.mixed) && f.fields(n.Ident)
	case *parse.VariableNode:
		if n.Ident[0] == "$" {
			return (!at.dollar || f.mixed) && f.fields(n.Ident[1:])
		}
		return f.vars[n.Ident[0]] && f.fields(n.Ident[1:])
	case *parse.ChainNode:
		return f.value(n.Node, at) && f.fields(n.Field)
	case *parse.PipeNode:
		return f.pipe(n, at)
	}
	return false
}

// steady tells the parts of the top without anything of .Release in them; .Subcharts has it again (v4
// pkg/engine/engine.go: recAllTpls).
func steady(part string) bool {
	switch part {
	case "Values", "Chart", "Capabilities", "Files", "Template":
		return true
	}
	return false
}

// fields tells whether a path below something tainted may lead to something tainted.
func (f *flow) fields(path []string) bool {
	tainted := len(path) == 0
	if len(path) > 0 && path[len(path)-1] == "Subcharts" {
		f.raise(&f.loose)
	}
	for _, field := range path {
		switch {
		case steady(field) && !f.mixed, field == "Release": // takesRelease sees to that one
			return false
		case steady(field), field == "Subcharts", f.loose, f.carriers[field]:
			tainted = true
		}
	}
	return tainted
}

// carry notes a key that something tainted is put under.
func (f *flow) carry(key parse.Node) {
	literal, ok := key.(*parse.StringNode)
	if !ok {
		f.leaks = true
		return
	}
	if steady(literal.Text) {
		f.raise(&f.mixed)
	}
	f.mark(f.carriers, literal.Text)
}

// into notes that a map is given something tainted. A map that was just made has no other name; any other may be
// .Values, or stand in a map or list that nothing here knows of.
func (f *flow) into(target parse.Node) {
	if pipe, ok := target.(*parse.PipeNode); ok && len(pipe.Cmds) == 1 {
		if slices.Contains([]string{"dict", "deepCopy", "mustDeepCopy", "omit", "pick", "fromYaml", "fromJson"}, called(pipe.Cmds[0])) {
			return
		}
	}
	f.leaks = true
}
