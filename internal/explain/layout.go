package explain

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// tie is a blank at which no line is broken; it is written as an ordinary one.
const tie = '\u00a0'

// longestTied is how long a piece of code may be and still stay on one line.
const longestTied = 40

// together finds a revision with its status, and a Helm with its number.
var together = regexp.MustCompile(`(^|, )(\d+) |(Helm) (\d)`)

// inline takes the marks of code away and keeps together what belongs together.
func inline(text string) string {
	text = together.ReplaceAllString(text, "$1$2$3"+string(tie)+"$4")
	parts := strings.Split(text, "`")
	for i := 1; i < len(parts); i += 2 {
		if len(parts[i]) <= longestTied {
			parts[i] = strings.ReplaceAll(parts[i], " ", string(tie))
		}
	}
	return strings.Join(parts, "")
}

func columns(text string) int { return utf8.RuneCountInString(text) }

// wrap breaks text between words into lines of at most width columns. A word that is wider stands alone.
func wrap(text string, width int) []string {
	var lines []string
	current := ""
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ' ' || r == '\n' }) {
		switch {
		case current == "":
			current = word
		case columns(current)+1+columns(word) > width:
			lines, current = append(lines, current), word
		default:
			current += " " + word
		}
	}
	return append(lines, current)
}

// untied gives a finished line its ordinary blanks.
func untied(line string) string {
	return strings.TrimRight(strings.ReplaceAll(line, string(tie), " "), " ")
}

// columnGap stands between the columns of a table.
const columnGap = 2

// tableLines lays a table out, or stacks its cells where the columns do not fit.
func tableLines(rows [][]string, width int) []string {
	rows = slices.Clone(rows)
	for i, row := range rows {
		rows[i] = slices.Clone(row)
		for j := range row {
			rows[i][j] = inline(row[j])
			if i == 0 {
				rows[i][j] = strings.ToUpper(rows[i][j])
			}
		}
	}
	widths := columnWidths(rows, width)
	if widths == nil {
		return stacked(rows, width)
	}
	var lines []string
	for i, row := range rows {
		rowLines := layRow(row, widths)
		// Rows of several lines run into one another without a gap.
		if i > 1 && len(rowLines) > 1 && lines[len(lines)-1] != "" {
			lines = append(lines, "")
		}
		lines = append(lines, rowLines...)
		if i > 0 && i < len(rows)-1 && len(rowLines) > 1 {
			lines = append(lines, "")
		}
	}
	return lines
}

func layRow(row []string, widths []int) []string {
	var lines []string
	at := 0
	for j, cell := range row {
		for n, piece := range wrap(cell, widths[j]) {
			for len(lines) <= n {
				lines = append(lines, "")
			}
			lines[n] += strings.Repeat(" ", max(0, at-columns(lines[n]))) + piece
		}
		at += widths[j] + columnGap
	}
	return lines
}

// columnWidths gives each column its share: what it needs where there is room, and the widest ones less
// and less where there is not. nil means that not even the words fit.
func columnWidths(rows [][]string, width int) []int {
	count := len(rows[0])
	widths, least := make([]int, count), make([]int, count)
	for _, row := range rows {
		for j, cell := range row[:count] {
			widths[j] = max(widths[j], columns(cell))
			for word := range strings.SplitSeq(cell, " ") {
				least[j] = max(least[j], columns(word))
			}
		}
	}
	total := columnGap * (count - 1)
	for _, w := range widths {
		total += w
	}
	for ; total > width; total-- {
		widest := -1
		for j := range widths {
			if widths[j] > least[j] && (widest < 0 || widths[j] > widths[widest]) {
				widest = j
			}
		}
		if widest < 0 {
			return nil
		}
		widths[widest]--
	}
	return widths
}

// stacked writes the cells of a row below each other, each behind its heading.
func stacked(rows [][]string, width int) []string {
	var lines []string
	for _, row := range rows[1:] {
		inset := ""
		for j, cell := range row {
			heading := rows[0][j]
			if heading != "" {
				heading += ": "
			}
			for _, line := range wrap(heading+cell, width-len(inset)) {
				lines = append(lines, inset+line)
			}
			inset = strings.Repeat(" ", indent)
		}
	}
	return lines
}
