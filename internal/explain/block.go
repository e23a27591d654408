package explain

import (
	"regexp"
	"strings"
)

// kind is what a block of a description is.
type kind string

const (
	paragraph kind = "paragraph"
	item      kind = "item"
	table     kind = "table"
	literal   kind = "literal"
)

// block is a piece of a description that is laid out by itself.
type block struct {
	kind kind
	text string
	// marker begins an item: "- " or "1. ".
	marker string
	// rows are those of a table, its header first.
	rows [][]string
}

// itemStart is the beginning of a list item.
var itemStart = regexp.MustCompile(`^(- |\d+\. )`)

// tableRule is the line between a table's header and its body.
var tableRule = regexp.MustCompile(`^\|[-|]+\|$`)

// blocks cuts a description up.
func blocks(description string) []block {
	var all []block
	open := false // whether a line may go on the last block
	lines := strings.Split(description, "\n")
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		last := len(all) - 1
		switch marker := itemStart.FindString(line); {
		case strings.HasPrefix(line, fence):
			start := i + 1
			for i++; i < len(lines) && !strings.HasPrefix(lines[i], fence); i++ {
				continue
			}
			all, open = append(all, block{kind: literal, text: strings.Join(lines[start:min(i, len(lines))], "\n")}), false
		case strings.TrimSpace(line) == "":
			open = false
		case tableRule.MatchString(line):
		case strings.HasPrefix(line, "|"):
			if !open || all[last].kind != table {
				all, last = append(all, block{kind: table}), last+1
			}
			all[last].rows, open = append(all[last].rows, cells(line)), true
		case marker != "":
			all, open = append(all, block{kind: item, marker: marker, text: strings.TrimPrefix(line, marker)}), true
		case open && all[last].kind != table:
			all[last].text += " " + strings.TrimSpace(line)
		default:
			all, open = append(all, block{kind: paragraph, text: line}), true
		}
	}
	return all
}

func cells(line string) []string {
	parts := strings.Split(strings.Trim(line, "|"), "|")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return parts
}
