package render

import (
	"io"
	"slices"
	"strings"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// Tree writes the default view: the verdict, a tree for each action, what is ignored, what else was
// found and what cannot be known. The tree is drawn inside the first column, so that the columns beside
// it stay aligned over all actions.
func Tree(w io.Writer, h Header, p plan.Plan, o Options) error {
	view, err := Filter(p, o)
	if err != nil {
		return err
	}
	t := &tree{Style: o.Style, header: h, plan: view, options: o, told: map[string]bool{}}
	t.title()
	t.verdict(p)
	t.assumed()
	if o.Only == "" {
		t.wayOut(t.stuck())
	}
	if o.Only == "" || o.Only == onlyHooks {
		t.timelines()
		t.lifeEnd()
	}
	if o.Only == "" || o.Only == onlyIgnored {
		t.ignored()
	}
	t.situations()
	if o.Only == "" || o.Only == onlyFindings {
		t.findings()
	}
	t.unknown()
	_, err = io.WriteString(w, t.out.String())
	return err
}

// tree is one writing of the view.
type tree struct {
	Style
	header  Header
	plan    plan.Plan
	options Options
	// told are the findings already written, by what they say.
	told map[string]bool
	cols columns
	out  strings.Builder
}

// columns are the places of the columns beside the tree.
type columns struct {
	name, weight, waits int
	// order is the width of the order numbers.
	order int
}

// The fixed parts of the layout.
const (
	gap         = 2
	actionWidth = len("UNINSTALL") + gap
	// leastDeleted is how many columns DELETED keeps when names are long.
	leastDeleted = 20
	leastName    = 20
	// mostName is where names stop widening the column of the others.
	mostName = 60
)

func (c columns) weightAt() int  { return c.name + gap }
func (c columns) waitsAt() int   { return c.weightAt() + c.weight + gap }
func (c columns) deletedAt() int { return c.waitsAt() + c.waits + gap }

// node is one branch of a tree: a phase, a step or the result.
type node struct {
	label []span
	// row is set for steps only.
	row *row
	// text follows the label, notes stand under it.
	text     []span
	notes    [][]span
	children []node
	// foldable steps may be left out of a long phase.
	foldable bool
	// close puts one blank between label and text, not two.
	close bool
	// phase is set for phases only.
	phase *plan.Phase
}

// row holds the columns beside a step.
type row struct {
	order, weight, waits string
	deleted              []span
	// faint rows are of steps that are not reached.
	faint bool
}

// put writes one line.
func (t *tree) put(pieces ...span) {
	t.out.WriteString(t.line(trimmed(pieces)))
	t.out.WriteByte('\n')
}

// trimmed drops the blanks at the end of a line.
func trimmed(pieces []span) []span {
	pieces = slices.Clone(pieces)
	for i := len(pieces) - 1; i >= 0; i-- {
		pieces[i].text = strings.TrimRight(pieces[i].text, " ")
		if pieces[i].text != "" {
			return pieces[:i+1]
		}
	}
	return nil
}

// paragraph writes pieces behind a prefix; lines that follow stand behind rest, which is as wide.
func (t *tree) paragraph(prefix []span, rest []span, pieces []span) {
	for i, one := range wrap(pieces, t.room(max(widthOf(prefix), widthOf(rest)))) {
		front := prefix
		if i > 0 {
			front = rest
		}
		t.put(append(slices.Clone(front), one...)...)
	}
}

// room is how many columns are left behind a prefix, never so few that text would stand in a gutter.
func (t *tree) room(used int) int {
	if t.Width <= 0 {
		return 0
	}
	return max(t.Width-used, leastDeleted)
}

// blanks are a prefix of n columns.
func blanks(n int) []span { return []span{{text: strings.Repeat(" ", n)}} }

// indented writes a paragraph n columns in.
func (t *tree) indented(n int, pieces ...span) { t.paragraph(blanks(n), blanks(n), pieces) }

// draw writes a node and all below it. rails is what the ancestors draw to its left.
func (t *tree) draw(n node, rails string, last bool) {
	branch, below := "├─ ", "│  "
	if last {
		branch, below = "└─ ", "   "
	}
	inner := rails + below
	under := inner
	if len(n.children) > 0 {
		under += "│  "
	}
	if n.row != nil {
		t.drawRow(n, rails+branch, under)
	} else {
		prefix := append([]span{t.span(dim, rails+branch)}, n.label...)
		rest := widthOf(prefix)
		if len(n.text) > 0 {
			blank := gap
			if n.close {
				blank = 1
			}
			prefix = append(prefix, span{text: strings.Repeat(" ", blank)})
			rest += blank
		}
		t.paragraph(prefix, []span{t.railsTo(under, rest)}, n.text)
	}
	indent := t.text(under)
	if n.row != nil {
		indent += strings.Repeat(" ", t.cols.order+1)
	}
	for _, note := range n.notes {
		t.paragraph([]span{{indent, dim}}, []span{{indent + "  ", dim}}, note)
	}
	for i, child := range n.children {
		t.draw(child, inner, i == len(n.children)-1)
	}
}

// railsTo fills rails with blanks up to a column.
func (t *tree) railsTo(rails string, column int) span {
	return span{pad(t.text(rails), column), dim}
}

// drawRow writes a step: the tree, order and name in the first column, then the columns beside it.
func (t *tree) drawRow(n node, branch, under string) {
	front := t.text(branch)
	order := padLeft(n.row.order, t.cols.order) + " "
	room := 0
	if t.Width > 0 {
		room = t.cols.name - width(front) - width(order)
	}
	faint := func(p paint) paint {
		if n.row.faint {
			return dim
		}
		return p
	}
	var pieces []span
	used := width(front) + width(order)
	pieces = append(pieces, span{front, dim}, span{order, dim})
	for _, piece := range n.label {
		name := t.shorten(piece.text, room)
		pieces = append(pieces, span{name, faint(piece.paint)})
		used += width(name)
	}
	pieces = append(pieces,
		span{text: strings.Repeat(" ", max(gap, t.cols.weightAt()-used))},
		span{padLeft(n.row.weight, t.cols.weight) + "  ", faint(plain)},
		span{pad(n.row.waits, t.cols.waits+gap), faint(plain)})
	t.paragraph(pieces, []span{t.railsTo(under, t.cols.deletedAt())}, n.row.deleted)
}

// measure finds the widths of the columns over all actions that are drawn.
func (t *tree) measure(nodes []node, depth int) {
	for _, n := range nodes {
		if n.row != nil {
			t.cols.name = max(t.cols.name, depth*3+t.cols.order+1+widthOf(n.label))
			t.cols.weight = max(t.cols.weight, width(n.row.weight))
			t.cols.waits = max(t.cols.waits, width(n.row.waits))
		}
		t.measure(n.children, depth+1)
	}
}

// measureOrder finds the width of the widest order number; measure needs it.
func (t *tree) measureOrder(nodes []node) {
	for _, n := range nodes {
		if n.row != nil {
			t.cols.order = max(t.cols.order, width(n.row.order))
		}
		t.measureOrder(n.children)
	}
}

// bound keeps one very long name from pushing the other rows' columns away, and makes room for DELETED
// on a terminal, where names are shortened.
func (t *tree) bound() {
	t.cols.name = min(t.cols.name, mostName)
	if t.Width <= 0 {
		return
	}
	most := t.Width - (t.cols.deletedAt() - t.cols.name) - leastDeleted
	t.cols.name = min(t.cols.name, max(most, leastName))
}
