package explain

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// The widths that text is laid out for: none given, the widest that reads well, the narrowest.
const (
	defaultWidth = 80
	widest       = 100
	narrowest    = 30
)

// seenWith says which binaries and which server the statements under Seen come from.
const seenWith = "Seen with Helm 3.22.0 and 4.3.1 against kube-apiserver 1.36.3: "

// indent is that of everything below a heading, head the width of the headings with a value beside them.
const (
	indent = 4
	head   = 12
)

// Text writes the topic for a terminal of a width, in the manner of kubectl explain. Width 0 is that of no
// terminal. command is how the tool is called: helm hooks, or kubectl hooks.
func (t Topic) Text(w io.Writer, width int, command string) error {
	if width <= 0 {
		width = defaultWidth
	}
	p := page{width: max(narrowest, min(width, widest))}
	p.field("NAME:", t.Name)
	if t.IsRule() {
		p.field("SEVERITY:", string(t.Severity))
	}
	p.field("SUMMARY:", t.Summary)
	if t.Note != "" {
		p.field("NOTE:", t.Note)
	}
	p.heading("DESCRIPTION:")
	p.description(t.Description)
	if t.Fix != "" {
		p.heading("FIX:")
		p.paragraph("", t.Fix)
	}
	if t.Example != "" {
		p.heading("EXAMPLE:")
		p.literal(t.Example)
	}
	if len(t.Changed) > 0 {
		p.heading("CHANGED:")
		p.changes(t.Changed)
	}
	if len(t.Sources) > 0 {
		p.heading("SOURCE:")
		for _, source := range t.Sources {
			p.paragraph("  ", strings.Join(source.Versions, ", ")+" "+source.File+" "+strings.Join(source.Names, ", "))
		}
		for _, seen := range t.Seen {
			p.paragraph("  ", seenWith+seen)
		}
	}
	p.heading("SEE ALSO:")
	for _, name := range t.SeeAlso {
		p.line(command + " explain " + name)
	}
	_, err := io.WriteString(w, p.out.String())
	return err
}

// List writes the names and summaries of topics under their headings.
func List(w io.Writer, width int, topics []Topic) error {
	if width <= 0 {
		width = defaultWidth
	}
	p := page{width: max(narrowest, min(width, widest))}
	names := 0
	for _, topic := range topics {
		names = max(names, len(topic.Name))
	}
	group := ""
	for i, topic := range topics {
		if topic.Group != group {
			if i > 0 {
				p.out.WriteString("\n")
			}
			group = topic.Group
			p.out.WriteString(strings.ToUpper(group) + ":\n")
		}
		p.hanging(strings.Repeat(" ", indent)+fmt.Sprintf("%-*s  ", names, topic.Name), inline(topic.Summary))
	}
	_, err := io.WriteString(w, p.out.String())
	return err
}

// page is text in the making.
type page struct {
	out   strings.Builder
	width int
}

// field is a heading with its value beside it.
func (p *page) field(name, value string) {
	p.hanging(fmt.Sprintf("%-*s", head, name), inline(value))
}

// hanging writes text behind a start, and goes on below the text.
func (p *page) hanging(start, text string) {
	for i, line := range wrap(text, p.width-len(start)) {
		if i > 0 {
			start = strings.Repeat(" ", len(start))
		}
		p.out.WriteString(untied(start+line) + "\n")
	}
}

func (p *page) heading(name string) {
	p.out.WriteString("\n" + name + "\n")
}

func (p *page) line(text string) {
	p.out.WriteString(strings.TrimRight(strings.Repeat(" ", indent)+untied(text), " ") + "\n")
}

// paragraph indents all lines but the first by hang.
func (p *page) paragraph(hang, text string) {
	start := strings.Repeat(" ", indent)
	for i, line := range wrap(inline(text), p.width-indent-len(hang)) {
		if i == 1 {
			start += hang
		}
		p.out.WriteString(untied(start+line) + "\n")
	}
}

func (p *page) literal(text string) {
	for line := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		p.line(line)
	}
}

func (p *page) description(text string) {
	var last kind
	for i, b := range blocks(text) {
		// Items of a list stand close together.
		if i > 0 && (b.kind != item || last != item) {
			p.out.WriteString("\n")
		}
		last = b.kind
		switch b.kind {
		case item:
			p.hanging(strings.Repeat(" ", indent)+b.marker, inline(b.text))
		case table:
			for _, line := range tableLines(b.rows, p.width-indent) {
				p.line(line)
			}
		case literal:
			p.literal(b.text)
		default:
			p.paragraph("", b.text)
		}
	}
}

func (p *page) changes(changes []Change) {
	longest := slices.MaxFunc(changes, func(a, b Change) int { return len(a.Versions) - len(b.Versions) })
	for _, c := range changes {
		p.hanging(strings.Repeat(" ", indent)+fmt.Sprintf("%-*s  ", len(longest.Versions), c.Versions), inline(c.Text))
	}
}
