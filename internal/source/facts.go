package source

import (
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"text/template/parse"

	"github.com/helm-hooks/helm-hooks/internal/source/sdk"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// hookMark is the text by which a template gives itself away as one with hooks.
const hookMark = "helm.sh/hook"

// unit is one named piece of template: a file, or a define in any file.
type unit struct {
	// mentionsHook says that the piece's own text holds the hook annotation.
	mentionsHook bool
	// lookup and apiVersions say that the piece itself asks the cluster; literals are the API versions it
	// asks for, and computed that one is no literal.
	lookup      bool
	apiVersions bool
	literals    map[string]bool
	computed    bool
	// kubeVersion says that the piece itself reads .Capabilities.KubeVersion.
	kubeVersion bool
	// decidesByVersion says that what the piece gives out at all depends on the Kubernetes version.
	decidesByVersion bool
	// includes are the pieces it includes; decides are those whose result a condition or a variable takes.
	includes map[string]bool
	decides  map[string]bool
	// guards are the pieces included by conditions around whole objects.
	guards map[string]bool
}

// inspection is what is known of a chart's templates without running them.
type inspection struct {
	units map[string]*unit
	// files are the templates that Helm renders, partials left out.
	files []string
}

// read are the pieces of each template that was read before.
type read map[sdk.Text]map[string]*unit

// readUnits reads all templates of a chart.
func readUnits(texts []sdk.Text) read {
	known := read{}
	for _, text := range texts {
		if text.Path != "" {
			known[text] = unitsOf(text)
		}
	}
	return known
}

// unitsOf reads one template. One that does not parse would have failed the render.
func unitsOf(text sdk.Text) map[string]*unit {
	trees, err := parseTemplate(text.Path, text.Body)
	if err != nil {
		return nil
	}
	units := map[string]*unit{}
	for name, tree := range trees {
		if tree.Root != nil {
			units[name] = newUnit(tree.Root)
		}
	}
	return units
}

// inspect looks at the active templates.
func inspect(texts []sdk.Text, known read) inspection {
	result := inspection{units: map[string]*unit{}}
	for _, text := range texts {
		units, ok := known[text]
		if !ok {
			units = unitsOf(text)
		}
		if units == nil {
			continue
		}
		maps.Copy(result.units, units)
		if !strings.HasPrefix(path.Base(text.Path), "_") {
			result.files = append(result.files, text.Path)
		}
	}
	slices.Sort(result.files)
	return result
}

func newUnit(root parse.Node) *unit {
	u := &unit{literals: map[string]bool{}, includes: map[string]bool{}, decides: map[string]bool{}, guards: map[string]bool{}}
	u.mentionsHook = holdsText(root, hookMark)
	u.read(root)
	u.readDecisions(root)
	return u
}

// read notes what the piece calls and includes.
func (u *unit) read(root parse.Node) {
	walkNodes(root, func(node parse.Node) {
		switch n := node.(type) {
		case *parse.IdentifierNode:
			u.lookup = u.lookup || n.Ident == "lookup"
		case *parse.TemplateNode:
			u.includes[n.Name] = true
		case *parse.CommandNode:
			if name, ok := included(n); ok {
				u.includes[name] = true
			}
			u.readHas(n)
		}
		if fields := fieldsOf(node); len(fields) > 0 {
			text := strings.Join(fields, ".")
			u.kubeVersion = u.kubeVersion || strings.Contains(text, "Capabilities.KubeVersion")
			if strings.Contains(text, "Capabilities.APIVersions") {
				u.apiVersions = true
			}
		}
	})
}

// readHas notes the arguments of .Capabilities.APIVersions.Has, and what else is done with the list.
func (u *unit) readHas(command *parse.CommandNode) {
	if len(command.Args) == 0 {
		return
	}
	text := strings.Join(fieldsOf(command.Args[0]), ".")
	if !strings.HasSuffix(text, "APIVersions.Has") {
		for _, argument := range command.Args {
			if strings.HasSuffix(strings.Join(fieldsOf(argument), "."), "Capabilities.APIVersions") {
				u.computed = true // the list as a whole: has "x" .Capabilities.APIVersions, toYaml, …
			}
		}
		return
	}
	if len(command.Args) == 2 {
		if literal, ok := command.Args[1].(*parse.StringNode); ok {
			u.literals[literal.Text] = true
			return
		}
	}
	u.computed = true
}

// readDecisions follows what conditions and variables take. A variable that was set from the Kubernetes
// version, directly or through an include, carries it on.
func (u *unit) readDecisions(root parse.Node) {
	tainted := map[string]bool{}
	carriers := map[string]map[string]bool{}
	walkNodes(root, func(node parse.Node) {
		pipe, ok := node.(*parse.PipeNode)
		if !ok || len(pipe.Decl) == 0 {
			return
		}
		direct, names := u.pipeUses(pipe, tainted, carriers)
		for _, variable := range pipe.Decl {
			tainted[variable.Ident[0]] = tainted[variable.Ident[0]] || direct
			merge(carriers, variable.Ident[0], names)
		}
		for name := range names {
			u.decides[name] = true
		}
	})
	walkNodes(root, func(node parse.Node) {
		branch := branchOf(node)
		if branch == nil || branch.Pipe == nil {
			return
		}
		direct, names := u.pipeUses(branch.Pipe, tainted, carriers)
		for name := range names {
			u.decides[name] = true
		}
		if !decidesObjects(branch) {
			return
		}
		u.decidesByVersion = u.decidesByVersion || direct
		for name := range names {
			u.guards[name] = true
		}
	})
}

func merge(carriers map[string]map[string]bool, variable string, names map[string]bool) {
	if carriers[variable] == nil {
		carriers[variable] = map[string]bool{}
	}
	for name := range names {
		carriers[variable][name] = true
	}
}

// pipeUses tells whether a pipeline reads the Kubernetes version, and which pieces it includes; variables
// bring along what they were set from.
func (u *unit) pipeUses(pipe *parse.PipeNode, tainted map[string]bool, carriers map[string]map[string]bool) (direct bool, names map[string]bool) {
	names = map[string]bool{}
	walkNodes(pipe, func(node parse.Node) {
		if strings.Contains(strings.Join(fieldsOf(node), "."), "Capabilities.KubeVersion") {
			direct = true
		}
		switch n := node.(type) {
		case *parse.CommandNode:
			if name, ok := included(n); ok {
				names[name] = true
			}
		case *parse.VariableNode:
			direct = direct || tainted[n.Ident[0]]
			for name := range carriers[n.Ident[0]] {
				names[name] = true
			}
		}
	})
	return direct, names
}

var kindLine = regexp.MustCompile(`(?m)^\s*kind:`)

// decidesObjects tells whether a condition stands around whole objects or their hook annotations.
func decidesObjects(branch *parse.BranchNode) bool {
	for _, part := range []*parse.ListNode{branch.List, branch.ElseList} {
		if part == nil {
			continue
		}
		found := holdsText(part, hookMark)
		walkNodes(part, func(node parse.Node) {
			if text, ok := node.(*parse.TextNode); ok && kindLine.Match(text.Text) {
				found = true
			}
		})
		if found {
			return true
		}
	}
	return false
}

func branchOf(node parse.Node) *parse.BranchNode {
	switch n := node.(type) {
	case *parse.IfNode:
		return &n.BranchNode
	case *parse.WithNode:
		return &n.BranchNode
	case *parse.RangeNode:
		return &n.BranchNode
	}
	return nil
}

// included gives the name in `include "name" .`, where it is a literal.
func included(command *parse.CommandNode) (string, bool) {
	if len(command.Args) < 2 {
		return "", false
	}
	function, ok := command.Args[0].(*parse.IdentifierNode)
	if !ok || function.Ident != "include" {
		return "", false
	}
	name, ok := command.Args[1].(*parse.StringNode)
	if !ok {
		return "", false
	}
	return name.Text, true
}

// fieldsOf is a chain of fields such as .Capabilities.KubeVersion.Minor or $.Capabilities.KubeVersion.
func fieldsOf(node parse.Node) []string {
	switch n := node.(type) {
	case *parse.FieldNode:
		return n.Ident
	case *parse.VariableNode:
		return n.Ident[1:]
	case *parse.ChainNode:
		return slices.Concat(fieldsOf(n.Node), n.Field)
	}
	return nil
}

func holdsText(root parse.Node, want string) bool {
	found := false
	walkNodes(root, func(node parse.Node) {
		switch n := node.(type) {
		case *parse.TextNode:
			found = found || strings.Contains(string(n.Text), want)
		case *parse.StringNode:
			found = found || strings.Contains(n.Text, want)
		}
	})
	return found
}

// clusterFacts are what a render without a cluster leaves open about hooks. units may be nil.
func clusterFacts(texts []sdk.Text, units read, known []string, request sdk.Request) []plan.UnknownFact {
	if !mayAskCluster(texts) {
		return nil
	}
	return inspect(texts, units).facts(known, request)
}

// mayAskCluster keeps most charts from being read: all that is asked of a cluster has one of these names.
func mayAskCluster(texts []sdk.Text) bool {
	return slices.ContainsFunc(texts, func(text sdk.Text) bool { return holdsAny(text.Body, "lookup", "Capabilities") })
}
