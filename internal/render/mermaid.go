package render

import (
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// Mermaid writes the plan as a diagram of https://mermaid.js.org: the phases as a flow, and where the hooks of a
// live release have run before, a chart of how long they take.
func Mermaid(w io.Writer, h Header, p plan.Plan, o Options) error {
	s, err := newStory(h, p, o)
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, diagram(s))
	return err
}

func diagram(s story) string {
	var pictures []picture
	timed := false
	for _, one := range s.scenes {
		drawing := drawn(one.line, one.lanes)
		pictures = append(pictures, drawing)
		timed = timed || drawing.total > 0
	}
	if timed {
		return s.gantt(pictures)
	}
	return s.flow()
}

// flow draws an action as a box and its phases as steps in it, one after the other.
func (s story) flow() string {
	var out strings.Builder
	out.WriteString("flowchart TB\n")
	for i, one := range s.scenes {
		id := fmt.Sprintf("a%d", i+1)
		title := one.title + " " + textOf(one.said)
		if one.folded || !one.draws() {
			fmt.Fprintf(&out, "  %s[%s]\n", id, label(title))
		} else {
			fmt.Fprintf(&out, "  subgraph %s [%s]\n    direction LR\n", id, label(title))
			s.phases(&out, id, one)
			out.WriteString("  end\n")
		}
		if i > 0 {
			// A link that is not drawn keeps the actions one below the other.
			link := "~~~"
			if s.words.plan.Life {
				link = "-->"
			}
			fmt.Fprintf(&out, "  a%d %s %s\n", i, link, id)
		}
	}
	if said := s.then(); said != "" {
		fmt.Fprintf(&out, "  then[%s]\n", label("THEN", said))
		if len(s.scenes) > 0 {
			fmt.Fprintf(&out, "  a%d --> then\n", len(s.scenes))
		}
	}
	for i, ignored := range s.ignored {
		fmt.Fprintf(&out, "  i%d[%s]:::ignored\n", i+1, label("✗ "+ref(ignored.Object), "ignored: neither installed nor run"))
	}
	if len(s.scenes)+len(s.ignored) == 0 {
		out.WriteString("  none[" + label("no action") + "]\n")
	}
	out.WriteString("  classDef fails stroke:#d55e00,stroke-width:3px\n")
	out.WriteString("  classDef skipped stroke-dasharray:3 3\n")
	out.WriteString("  classDef ignored stroke:#d55e00,stroke-dasharray:3 3\n")
	return out.String()
}

// then says how a life under Flux ends, empty where there is none or it is not asked for.
func (s story) then() string {
	if !s.withScenes {
		return ""
	}
	return lifeEndWords(s.words.plan)
}

func (s story) phases(out *strings.Builder, id string, one scene) {
	previous := ""
	for k, lane := range one.lanes {
		lines := []string{textOf(lane.label)}
		if len(lane.text) > 0 {
			// The kinds of ordinary objects behind it would make the box as wide as the page.
			lines = append(lines, lane.text[0].text)
		}
		for _, child := range lane.children {
			if child.row == nil {
				lines = append(lines, strings.TrimSpace(textOf(child.label)+" "+textOf(child.text)))
				continue
			}
			lines = append(lines, child.row.order+" "+textOf(child.label)+", "+child.row.waits)
		}
		class := ""
		switch lane.phase.Result {
		case plan.Failed:
			class = ":::fails"
		case plan.Skipped:
			class = ":::skipped"
		}
		here := fmt.Sprintf("%s_%d", id, k+1)
		fmt.Fprintf(out, "    %s[%s]%s\n", here, label(lines...), class)
		if previous != "" {
			fmt.Fprintf(out, "    %s --> %s\n", previous, here)
		}
		previous = here
	}
}

// gantt draws the actions one below the other, each from its own beginning. What is not known takes no time.
func (s story) gantt(pictures []picture) string {
	var out strings.Builder
	out.WriteString("gantt\n")
	out.WriteString("  title " + entities(s.heading+", as long as the last time") + "\n")
	out.WriteString("  dateFormat x\n  axisFormat %H:%M:%S\n")
	for i, one := range s.scenes {
		if !one.draws() {
			continue
		}
		var at int64
		for k, lane := range pictures[i].lanes {
			written := false
			for r, row := range lane.rows {
				if row.step == nil {
					continue
				}
				if !written {
					out.WriteString("  section " + entities(one.title+" "+textOf(lane.node.label)) + "\n")
					written = true
				}
				took, _ := lengthOf(*row.step)
				state := "milestone, "
				switch {
				case row.mark == markFails:
					state = "crit, milestone, "
				case row.mark == markKnown:
					state = ""
				default:
					took = 0
				}
				name := row.node.row.order + " " + textOf(row.node.label)
				fmt.Fprintf(&out, "  %s :%sa%d_%d_%d, %d, %d\n", entities(name), state, i+1, k+1, r+1, at, at+took.Milliseconds())
				at += took.Milliseconds()
			}
		}
	}
	if said := s.then(); said != "" {
		fmt.Fprintf(&out, "  section THEN\n  %s :milestone, then, 0, 0\n", entities(said))
	}
	for i, ignored := range s.ignored {
		if i == 0 {
			out.WriteString("  section ignored\n")
		}
		fmt.Fprintf(&out, "  %s :crit, milestone, i%d, 0, 0\n", entities("✗ "+ref(ignored.Object)), i+1)
	}
	return out.String()
}

// label is a quoted text of one or more lines.
func label(lines ...string) string {
	return `"` + strings.Join(each(lines, entities), "<br/>") + `"`
}

// entities writes all but letters, digits and some harmless signs as mermaid's numbered entities, so that nothing of
// a chart can end a label, begin another statement or become HTML.
func entities(text string) string {
	var out strings.Builder
	for _, r := range documentStyle().loose(text) {
		if r >= unicode.MaxASCII || unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(" -/.,()", r) {
			out.WriteRune(r)
		} else {
			fmt.Fprintf(&out, "#%d;", r)
		}
	}
	return strings.TrimSpace(out.String())
}

// MatrixMermaid draws for each action what fails and the state that it leaves.
func MatrixMermaid(w io.Writer, h Header, m plan.Matrix, o Options) error {
	s := newMatrixStory(h, m, o)
	var out strings.Builder
	out.WriteString("flowchart LR\n")
	for i, action := range matrixActions(m) {
		start := fmt.Sprintf("a%d", i+1)
		named := false
		for k, row := range m.Rows {
			if row.Action != action {
				continue
			}
			if !named {
				fmt.Fprintf(&out, "  %s[%s]\n", start, label(strings.ToUpper(string(action)), "from "+row.StartsFrom))
				named = true
			}
			cells := s.words.cells(matrixCells(row, m.Release.Namespace, false))
			fmt.Fprintf(&out, "  %s --> f%d[%s] --> s%d[%s]\n", start, k+1, label(cells[0], cells[1]), k+1, label("release: "+cells[2], "resources: "+cells[3], "left: "+cells[4]))
		}
	}
	for i, f := range m.Failing {
		fmt.Fprintf(&out, "  x%d[%s]\n", i+1, label(failingWords(f)))
	}
	if len(m.Rows)+len(m.Failing) == 0 {
		out.WriteString("  none[" + label(nothingFails) + "]\n")
	}
	_, err := io.WriteString(w, out.String())
	return err
}
