package render

import (
	"io"
	"strings"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// shortPair is how many columns old and new may take together to stand on one line.
const shortPair = 70

// DiffTree writes the differences for people: what matters first, each hook with what changes about it.
func DiffTree(w io.Writer, h DiffHeader, d plan.Diff, s Style) error {
	t := &diffTree{tree: tree{Style: s}, diff: d, header: h}
	t.old, t.now = h.labels()
	t.title()
	for _, group := range diffGroups(h, d) {
		t.group(group)
	}
	t.unknownFacts()
	if h.Hint != "" {
		t.put()
		t.paragraph(nil, blanks(gap), []span{t.span(dim, h.Hint)})
	}
	return t.flush(w)
}

type diffTree struct {
	tree
	header   DiffHeader
	diff     plan.Diff
	old, now string
}

func (t *diffTree) title() {
	for i, line := range t.header.titles() {
		p := plain
		if i == 0 {
			p = bold
		}
		first, rest, more := strings.Cut(line, " · ")
		pieces := []span{t.span(p, first)}
		if more {
			pieces = append(pieces, t.span(plain, " · "+rest))
		}
		t.paragraph(nil, blanks(gap), pieces)
	}
	for _, side := range []DiffSide{t.header.Old, t.header.New} {
		if side.Engine.NewerThanKnown {
			t.paragraph(nil, blanks(gap), []span{t.span(yellow, side.Engine.String()+" is newer than the newest one whose rules are known; the newest known rules are used.")})
		}
	}
	for _, note := range t.header.Notes {
		t.paragraph(nil, blanks(gap), []span{t.span(dim, note)})
	}
	p := bold
	for _, change := range t.diff.Changes {
		if change.Impact == plan.ImpactBreaks {
			p = alarm
		}
	}
	t.paragraph(nil, blanks(gap), []span{t.span(p, diffVerdict(t.diff))})
}

func (t *diffTree) group(g diffGroup) {
	mark, p := "• ", plain
	switch g.impact {
	case plan.ImpactBreaks:
		mark, p = "✗ ", alarm
	case plan.ImpactNote:
		p = dim
	}
	title := bold
	if g.impact == plan.ImpactBreaks {
		title = alarm
	}
	t.put()
	t.put(t.span(title, strings.ToUpper(g.title)))
	for _, item := range g.items {
		t.paragraph([]span{t.span(p, mark)}, blanks(gap), []span{t.span(bold, item.name)})
		for _, line := range item.lines {
			t.line1(line)
		}
	}
}

// line1 writes one change below its hook.
func (t *diffTree) line1(l diffLine) {
	heading := l.heading()
	pair := l.old + " → " + l.now
	switch {
	case l.text != "":
		t.change(heading, l.text)
	case width(clean(pair))+width(clean(heading)) <= shortPair:
		t.change(heading, pair)
	default:
		if heading != "" {
			t.indented(2*gap, t.span(plain, heading+":"))
		}
		at := 2 * gap
		if heading != "" {
			at += gap
		}
		columns := max(width(t.old), width(t.now)) + gap
		for _, side := range []struct{ name, said string }{{t.old, l.old}, {t.now, l.now}} {
			prefix := []span{blanks(at)[0], {pad(t.text(side.name), columns), dim}}
			t.paragraph(prefix, blanks(at+columns), []span{t.span(plain, side.said)})
		}
	}
	for _, more := range l.more {
		t.paragraph(blanks(2*gap), blanks(3*gap), []span{t.span(dim, more)})
	}
	if l.rule != "" || l.why != "" {
		t.paragraph(blanks(2*gap), blanks(3*gap), []span{t.span(plain, strings.TrimSuffix(strings.TrimPrefix(l.rule+": "+l.why, ": "), ": "))})
	}
	if l.fix != "" {
		t.paragraph(blanks(2*gap), blanks(3*gap), []span{t.span(dim, "fix: "+l.fix)})
	}
}

func (t *diffTree) change(heading, text string) {
	pieces := []span{t.span(plain, text)}
	if heading != "" {
		pieces = []span{t.span(plain, heading+": "+text)}
	}
	t.paragraph(blanks(2*gap), blanks(3*gap), pieces)
}

func (t *diffTree) unknownFacts() {
	for i, u := range t.diff.Unknown {
		if i == 0 {
			t.put()
			t.put(t.span(bold, "UNKNOWN"))
		}
		t.paragraph([]span{t.span(yellow, "? ")}, blanks(2*gap), []span{t.span(bold, u.What), t.span(plain, ": "+u.Why)})
		if u.HowToKnow != "" {
			t.indented(2*gap, t.span(dim, "to know: "+u.HowToKnow))
		}
	}
}
