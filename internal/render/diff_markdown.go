package render

import (
	"io"
	"strings"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// DiffMarkdown writes the differences as a comment for a pull request, or for a ticket. All that comes from a chart
// is escaped, as in LintMarkdown.
func DiffMarkdown(w io.Writer, h DiffHeader, d plan.Diff, _ Style) error {
	m := &lintMarkdown{}
	m.put("### helm-hooks diff")
	m.put("")
	m.put(strings.Join(each(h.titles(), markdown), "<br>"))
	for _, note := range h.Notes {
		m.put("")
		m.put(markdown(note))
	}
	m.put("")
	m.put("**" + markdown(diffVerdict(d)) + "**")
	for _, group := range diffGroups(h, d) {
		title := strings.ToUpper(group.title[:1]) + group.title[1:]
		m.put("")
		if group.impact == plan.ImpactNote {
			// Notes are many and break nothing: they are folded, as GitHub and GitLab do.
			m.put("<details><summary>" + count(linesOf(group), "note") + "</summary>")
			m.diff(h, group)
			m.put("")
			m.put("</details>")
			continue
		}
		m.put("#### " + title)
		m.diff(h, group)
	}
	if len(d.Unknown) > 0 {
		m.put("")
		m.put("#### Unknown")
		m.put("")
	}
	for _, u := range d.Unknown {
		said := markdown(u.What + ": " + u.Why)
		if u.HowToKnow != "" {
			said += " (to know: " + markdown(u.HowToKnow) + ")"
		}
		m.put("- " + said)
	}
	_, err := io.WriteString(w, m.out.String())
	return err
}

func linesOf(g diffGroup) (n int) {
	for _, item := range g.items {
		n += len(item.lines)
	}
	return n
}

// diff writes a row a change.
func (m *lintMarkdown) diff(h DiffHeader, g diffGroup) {
	old, now := h.labels()
	m.put("")
	m.put("| | what | " + markdown(old) + " | " + markdown(now) + " |")
	m.put("|---|---|---|---|")
	for _, item := range g.items {
		for i, line := range item.lines {
			name := ""
			if i == 0 && item.isHook {
				name = code(item.name)
			} else if i == 0 {
				name = markdown(item.name)
			}
			m.put("| " + name + " | " + markdown(line.heading()) + " | " + m.sides(line) + " |")
		}
	}
}

// sides are the two cells of a change; what is no pair takes the second, with what explains it.
func (m *lintMarkdown) sides(l diffLine) string {
	old, now := markdown(l.old), markdown(l.now)
	if l.text != "" {
		old, now = "", markdown(l.text)
	}
	for _, more := range l.more {
		now += "<br>" + markdown(more)
	}
	if l.rule != "" {
		now += "<br>[" + markdown(l.rule) + "](" + rulesURL + ruleFile(l.rule) + ".md)"
		if l.why != "" {
			now += ": " + markdown(l.why)
		}
	} else if l.why != "" {
		now += "<br>" + markdown(l.why)
	}
	if l.fix != "" {
		now += "<br>**fix:** " + markdown(l.fix)
	}
	return old + " | " + now
}
