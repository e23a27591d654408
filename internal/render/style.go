package render

import (
	"strings"

	"github.com/clipperhouse/displaywidth"
)

// paint is what a piece of text means; a style gives it a colour or leaves it alone.
type paint string

// The paints, as parameters of ECMA-48's SGR sequence.
const (
	plain  paint = ""
	bold   paint = "1"
	dim    paint = "2"
	red    paint = "31"
	yellow paint = "33"
	alarm  paint = "1;31"
)

// span is a piece of safe text in one paint.
type span struct {
	text  string
	paint paint
}

// text makes any string safe and, where the style asks for it, ASCII.
func (s Style) text(raw string) string {
	safe := clean(raw)
	if s.Unicode {
		return safe
	}
	return ascii(safe)
}

// span is the only way in for text of any origin.
func (s Style) span(p paint, raw string) span { return span{text: s.text(raw), paint: p} }

// tied keeps words on one line.
func tied(s string) string { return strings.ReplaceAll(s, " ", string(tie)) }

// colored gives a piece its colour; off, it returns the text unchanged.
func (s Style) colored(piece span) string {
	text := strings.ReplaceAll(piece.text, string(tie), " ")
	if !s.Color || piece.paint == plain || text == "" {
		return text
	}
	return "\x1b[" + string(piece.paint) + "m" + text + "\x1b[0m"
}

// line joins pieces into one line of output.
func (s Style) line(pieces []span) string {
	var out strings.Builder
	for _, piece := range pieces {
		out.WriteString(s.colored(piece))
	}
	return out.String()
}

// width is how many columns safe text takes; East Asian characters take two.
func width(text string) int { return displaywidth.String(text) }

// widthOf adds up the widths of pieces.
func widthOf(pieces []span) int {
	sum := 0
	for _, piece := range pieces {
		sum += width(piece.text)
	}
	return sum
}

// pad fills text with blanks up to a width.
func pad(text string, columns int) string {
	return text + strings.Repeat(" ", max(0, columns-width(text)))
}

// padLeft puts the blanks in front, for numbers.
func padLeft(text string, columns int) string {
	return strings.Repeat(" ", max(0, columns-width(text))) + text
}

// shorten cuts the middle out of safe text that is wider than columns, since long names tend to differ
// at their ends. columns 0 means unbounded.
func (s Style) shorten(text string, columns int) string {
	if columns <= 0 || width(text) <= columns {
		return text
	}
	gap := s.text("…")
	room := columns - width(gap)
	if room < 2 {
		return displaywidth.TruncateString(text, columns, "")
	}
	front := displaywidth.TruncateString(text, room-room/2, "")
	var clusters []string
	graphemes := displaywidth.StringGraphemes(text)
	for graphemes.Next() {
		clusters = append(clusters, graphemes.Value())
	}
	back := ""
	for i := len(clusters) - 1; i >= 0; i-- {
		if width(clusters[i]+back) > room/2 {
			break
		}
		back = clusters[i] + back
	}
	return front + gap + back
}

// wrap breaks pieces into lines of at most columns, between words only: a path or a name stays whole.
// columns 0 or less means one line.
func wrap(pieces []span, columns int) [][]span {
	if columns <= 0 || widthOf(pieces) <= columns {
		return [][]span{pieces}
	}
	var lines [][]span
	var current []span
	used := 0
	for _, word := range words(pieces) {
		size := widthOf(word)
		if used > 0 && used+1+size > columns {
			lines, current, used = append(lines, current), nil, 0
		}
		if used > 0 {
			current, used = append(current, span{" ", word[0].paint}), used+1
		}
		current, used = append(current, word...), used+size
	}
	return append(lines, current)
}

// words cuts pieces at blanks; a word may run over several pieces.
func words(pieces []span) [][]span {
	var all [][]span
	var word []span
	flush := func() {
		if len(word) > 0 {
			all, word = append(all, word), nil
		}
	}
	for _, piece := range pieces {
		for i, part := range strings.Split(piece.text, " ") {
			if i > 0 {
				flush()
			}
			if part != "" {
				word = append(word, span{part, piece.paint})
			}
		}
	}
	flush()
	return all
}
