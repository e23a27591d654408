package render

import (
	"io"
	"strconv"
	"strings"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// Markdown writes the plan for a ticket or a pull request: a table an action, and the flow as a folded mermaid
// diagram. All that comes from a chart is escaped, as in LintMarkdown.
func Markdown(w io.Writer, h Header, p plan.Plan, o Options) error {
	s, err := newStory(h, p, o)
	if err != nil {
		return err
	}
	m := &planMarkdown{tree: s.words}
	m.title(s)
	verdict := each(s.verdicts, func(v span) string { return markdown(v.text) })
	m.block("**" + strings.Join(verdict, " · ") + "**")
	if s.assumed != "" {
		m.block("assumed: " + markdown(m.loose(s.assumed)))
	}
	m.wayOut(s.wayOut, "###")
	for _, one := range s.scenes {
		m.scene(one)
	}
	if s.withScenes {
		m.lifeEnd()
	}
	if s.withScenes && len(s.scenes) > 0 {
		m.block("<details><summary>As a picture</summary>")
		m.fenced("mermaid", diagram(s))
		m.block("</details>")
	}
	if s.withIgnored {
		m.ignored(s)
	}
	m.situations()
	m.findings(s)
	m.unknown(s.unknown)
	m.list(s.words.plan.Engine.String(), each(s.words.engineRemarks(), func(remark string) string { return markdown(m.loose(remark)) }))
	_, err = io.WriteString(w, m.out.String())
	return err
}

type planMarkdown struct {
	*tree
	out strings.Builder
}

// block writes a paragraph, which is escaped already.
func (m *planMarkdown) block(text string) { m.out.WriteString(text + "\n\n") }

// fenced writes text in which nothing is markup. The fence is longer than any within.
func (m *planMarkdown) fenced(language, text string) {
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	m.block(fence + language + "\n" + strings.TrimRight(text, "\n") + "\n" + fence)
}

func (m *planMarkdown) title(s story) {
	m.block("## " + markdown(s.heading))
	if len(s.facts) > 0 {
		m.block(strings.Join(each(s.facts, markdown), " · "))
	}
	if s.warning != "" {
		m.block("**" + markdown(s.warning) + "**")
	}
	for _, note := range s.notes {
		m.block("_" + markdown(note) + "_")
	}
}

// marked is the Markdown of pieces: what is bold or an alarm stays so.
func (m *planMarkdown) marked(pieces []span) string {
	var out strings.Builder
	for _, piece := range pieces {
		text := m.loose(piece.text)
		inner := strings.TrimSpace(text)
		switch {
		case inner == "" || piece.paint == plain || piece.paint == dim:
			out.WriteString(markdown(text))
		default:
			lead := text[:strings.Index(text, inner)]
			out.WriteString(lead + "<b>" + markdown(inner) + "</b>" + text[len(lead)+len(inner):])
		}
	}
	return strings.TrimSpace(out.String())
}

func (m *planMarkdown) scene(one scene) {
	m.block("### " + markdown(one.title))
	if said := m.marked(one.said); said != "" {
		m.block(said)
	}
	if one.draws() && !one.folded {
		m.table(one)
	}
	for _, n := range one.ends {
		lines := []string{strings.TrimSpace(m.marked(n.label) + " " + m.marked(n.text))}
		for _, note := range n.notes {
			lines = append(lines, m.marked(note))
		}
		m.block(strings.Join(lines, "<br>"))
	}
	m.wayOut(one.wayOut, "####")
}

// table writes a row a step; ordinary objects take one row.
func (m *planMarkdown) table(one scene) {
	m.row("phase", "#", "hook", strings.ToLower(weightTitle(one.line)), "waits until", "deleted")
	m.row("---", "--:", "---", "--:", "---", "---")
	for _, lane := range one.lanes {
		phase := m.marked(lane.label)
		if len(lane.children) == 0 || len(lane.text) > 0 || len(lane.notes) > 0 {
			m.row(phase, "", m.withNotes(m.marked(lane.text), lane.notes), "", "", "")
			phase = ""
		}
		for _, child := range lane.children {
			if child.row == nil {
				text := strings.TrimSpace(m.marked(child.label) + " " + m.marked(child.text))
				m.row(phase, "", m.withNotes(text, child.notes), "", "", "")
			} else {
				c := child.row
				name := code(m.loose(textOf(child.label)))
				m.row(phase, markdown(c.order), m.withNotes(name, child.notes), markdown(c.weight), markdown(m.loose(c.waits)), m.marked(c.deleted))
			}
			phase = ""
		}
	}
	m.out.WriteString("\n")
}

func textOf(pieces []span) string {
	var out strings.Builder
	for _, piece := range pieces {
		out.WriteString(piece.text)
	}
	return out.String()
}

func (m *planMarkdown) withNotes(text string, notes [][]span) string {
	parts := []string{text}
	for _, note := range notes {
		parts = append(parts, m.marked(note))
	}
	return strings.TrimPrefix(strings.Join(parts, "<br>"), "<br>")
}

func (m *planMarkdown) row(cells ...string) {
	m.out.WriteString("| " + strings.Join(cells, " | ") + " |\n")
}

func (m *planMarkdown) wayOut(r *recoveryText, level string) {
	if r == nil {
		return
	}
	say := func(text string) {
		if text != "" {
			m.block(markdown(m.loose(text)))
		}
	}
	commands := func(all []string) {
		if len(all) > 0 {
			m.fenced("sh", strings.Join(each(all, m.loose), "\n"))
		}
	}
	m.block(level + " Way out " + markdown(m.loose(r.title)))
	say(r.idle)
	say(r.reminder)
	say(r.see)
	commands(r.logs)
	say(r.running)
	commands(r.awaits)
	for i, way := range r.ways {
		m.block("**" + strconv.Itoa(i+1) + "\\. " + markdown(m.loose(way.goal)) + "**")
		for _, warning := range way.warnings {
			say("▲ " + warning)
		}
		commands(way.commands)
		say(way.said)
	}
	if len(r.refused) > 0 {
		say("✗ " + refusedTitle)
	}
	for _, refused := range r.refused {
		commands(refused.commands)
		say(refused.said)
	}
	for _, note := range r.notes {
		say("▲ " + note)
	}
}

func (m *planMarkdown) ignored(s story) {
	switch {
	case s.ignored == nil:
		why, howToKnow := ignoredDoubt(m.plan)
		m.block("### Ignored")
		said := "unknown: " + markdown(m.loose(why))
		if howToKnow != "" {
			said += " (to know: " + markdown(m.loose(howToKnow)) + ")"
		}
		m.block(said)
	case len(s.ignored) == 0:
		m.block("### Ignored")
		m.block("nothing")
	default:
		lines := each(s.ignored, func(i plan.Ignored) string {
			parts := []string{m.marked(m.ignoredHead(i))}
			for _, line := range m.ignoredLines(i) {
				parts = append(parts, m.marked([]span{line}))
			}
			return strings.Join(parts, "<br>")
		})
		m.list("Ignored: "+ignoredWords(s.ignored), lines)
	}
}

func (m *planMarkdown) findings(s story) {
	m.list("Findings", each(s.findings, func(f plan.Finding) string {
		text := m.marked(m.findingHead(f)) + "<br>" + markdown(m.loose(message(f)+likelyWord(f.Prediction)))
		if f.Fix != "" {
			text += "<br>fix: " + markdown(m.loose(f.Fix))
		}
		return text
	}))
	if len(s.remarks) == 0 {
		return
	}
	// Notes are many and fail nothing by themselves: they are folded.
	m.block("<details><summary>" + count(len(s.remarks), "note") + "</summary>")
	m.list("", each(s.remarks, func(n noteText) string {
		if n.fix == "" {
			return m.marked(n.line)
		}
		return m.marked(n.line) + "<br>fix: " + markdown(m.loose(n.fix))
	}))
	m.block("</details>")
}

func (m *planMarkdown) unknown(all []plan.UnknownFact) {
	m.list("Unknown", each(all, func(u plan.UnknownFact) string {
		text := "<b>" + markdown(m.loose(u.What)) + "</b>: " + markdown(m.loose(u.Why))
		if u.HowToKnow != "" {
			text += " (to know: " + markdown(m.loose(u.HowToKnow)) + ")"
		}
		return text
	}))
}

func (m *planMarkdown) list(title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	if title != "" {
		m.block("### " + markdown(title))
	}
	for _, line := range lines {
		m.out.WriteString("- " + line + "\n")
	}
	m.out.WriteString("\n")
}
