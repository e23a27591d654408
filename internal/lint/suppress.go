package lint

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// IgnoreAnnotation suppresses findings about the object that carries it: "HH104: smoke test may run once".
// Several rules stand on lines of their own or behind a semicolon.
const IgnoreAnnotation = "helm-hooks/ignore"

// directive is one rule that the chart's authors want suppressed.
type directive struct {
	rule   string
	reason string
	// problem is why it suppresses nothing, else empty.
	problem string
	// together are the rules of one entry, where there are several: under each Helm another one of them
	// may be what shows, so it is enough if one is found.
	together string
}

var (
	// ruleList is one rule or several with commas between them.
	ruleList = regexp.MustCompile(`^([A-Za-z]{2}[0-9]+(?:[ \t]*,[ \t]*[A-Za-z]{2}[0-9]+)*)(?:[ \t]*[:,;-]+|[ \t]|$)`)
	// nextEntry is a semicolon that begins another entry; in a reason it is a semicolon.
	nextEntry = regexp.MustCompile(`;[ \t]*([A-Za-z]{2}[0-9]{2,}[ \t]*[:,])`)
	// ignoreComment is how a comment begins.
	ignoreComment = regexp.MustCompile(`^[ \t]*helm-hooks[ \t]*:[ \t]*ignore\b[ \t]*:?(.*)$`)
)

// parseAnnotation reads the value of the annotation.
func parseAnnotation(value string) []directive {
	var found []directive
	for line := range strings.Lines(nextEntry.ReplaceAllString(value, "\n$1")) {
		if entry := strings.Trim(line, " \t\r\n;"); entry != "" {
			found = append(found, parseDirective(entry)...)
		}
	}
	if len(found) == 0 {
		return []directive{{problem: "it is empty: write a rule and a reason, such as " + exampleOf("HH104")}}
	}
	return found
}

// parseComment reads one line of a comment, without the mark of the comment. It is nil where the line is
// about something else.
func parseComment(line string) []directive {
	match := ignoreComment.FindStringSubmatch(strings.TrimRight(line, "\r\n"))
	if match == nil {
		return nil
	}
	return parseDirective(strings.TrimSpace(match[1]))
}

// parseDirective reads RULE[,RULE…][:] REASON.
func parseDirective(text string) []directive {
	match := ruleList.FindStringSubmatch(text)
	if match == nil {
		return []directive{{problem: fmt.Sprintf("%q begins with no rule: write a rule and a reason, such as %s", shortened(text), exampleOf("HH104"))}}
	}
	reason := strings.Trim(text[len(match[0]):], " \t:")
	var found []directive
	ids := strings.Split(strings.ToUpper(match[1]), ",")
	for _, id := range ids {
		d := directive{rule: strings.TrimSpace(id), reason: reason}
		if len(ids) > 1 {
			d.together = strings.Join(ids, ",")
		}
		if err := CheckRule(d.rule); err != nil {
			d.problem = err.Error()
		} else if reason == "" {
			d.problem = fmt.Sprintf("%s has no reason, so nothing is suppressed: write %s", d.rule, exampleOf(d.rule))
		}
		found = append(found, d)
	}
	return found
}

func exampleOf(rule string) string { return fmt.Sprintf("%q", rule+": why") }

// mostShown is how much of an author's text a remark repeats.
const mostShown = 60

func shortened(text string) string {
	if runes := []rune(text); len(runes) > mostShown {
		return string(runes[:mostShown]) + "…"
	}
	return text
}

// comment is a YAML comment with a directive in a rendered document.
type comment struct {
	offset     int
	directives []directive
}

// comments finds the directives in a document's YAML comments.
func (s *sheet) comments() []comment {
	if !strings.Contains(s.text, "helm-hooks") {
		return nil
	}
	var found []comment
	offset := 0
	for line := range strings.Lines(s.text) {
		if at := commentStart(line); at >= 0 {
			text := line[at+1:]
			if directives := parseComment(text); directives != nil && !s.holds(strings.Trim(text, " \t\r\n\"'],}")) {
				found = append(found, comment{offset + at, directives})
			}
		}
		offset += len(line)
	}
	return found
}

// commentStart is the first # that can begin a comment with a directive.
func commentStart(line string) int {
	for i := range len(line) {
		if line[i] == '#' && (i == 0 || line[i-1] == ' ' || line[i-1] == '\t') && ignoreComment.MatchString(strings.TrimRight(line[i+1:], "\r\n")) {
			return i
		}
	}
	return -1
}

// isEmpty says that a document holds comments only.
func (s *sheet) isEmpty() bool { return s.root == nil || s.root.Tag == "!!null" }

// ignoreAnnotation is the annotation's value in a document.
func ignoreAnnotation(doc *plan.Parsed) (value string, given bool) {
	for _, a := range doc.Annotations {
		if a.Key == IgnoreAnnotation {
			return a.Value, true
		}
	}
	return "", false
}
