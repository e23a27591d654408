// Package explain holds the texts behind `helm hooks explain TOPIC`: what an event, an annotation, a
// status or a rule means, with an example, what changed in which Helm, and where Helm's code says so.
// The same texts make docs/topics and docs/rules.
package explain

import (
	"embed"
	"slices"
	"strings"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

//go:embed topics
var files embed.FS

// Topic is one text. It is plain data; Text and Markdown are its two forms.
type Topic struct {
	// Name is what one types: weight, or the ID of a rule.
	Name  string
	Title string
	// Group is the heading under which lists show the topic.
	Group string
	// Summary is one line without a full stop.
	Summary string
	// Aliases are other names that find the topic.
	Aliases []string
	// Note says what is wrong with the name that was looked up; empty otherwise.
	Note string
	// Severity and Fix are those of a rule, empty for any other topic.
	Severity plan.Severity
	Fix      string
	// Description is written in a small part of Markdown: paragraphs, lists, tables and literal blocks.
	Description string
	// Example is YAML.
	Example string
	Changed []Change
	Sources []Source
	// Seen are statements that a run against an API server has shown.
	Seen []string
	// SeeAlso are names of other topics.
	SeeAlso []string

	mistakes []mistake
	checks   []check
}

// Change is what one version of Helm made different.
type Change struct {
	// Versions are without v: "3.19.5, 4.0.5" or "4.0.0 to 4.1.0".
	Versions string
	Text     string
}

// Source is a place in Helm's code.
type Source struct {
	// Versions are those in which the place was read, with v.
	Versions []string
	File     string
	// Names are the functions, types or variables.
	Names []string
}

// mistake is a name that is none of Helm's, with what to say to whoever looks it up.
type mistake struct{ name, note string }

// check is a line of the front part that only the tests read: what Helm makes of the example.
type check struct{ key, value string }

// IsRule tells a rule from a topic.
func (t Topic) IsRule() bool { return t.Severity != "" }

// Topics lists all topics in reading order, the rules last.
func Topics() []Topic {
	topics, err := load(files)
	if err != nil {
		panic(err) // only for a malformed file in this package, and a test reads them all
	}
	return addRules(topics, plan.Rules())
}

// Lookup finds a topic by its name, an alias or the ID of a rule, in any case.
func Lookup(name string) (Topic, bool) {
	want := normal(name)
	for _, topic := range Topics() {
		if normal(topic.Name) == want || slices.Contains(topic.Aliases, want) {
			return topic, true
		}
		for _, m := range topic.mistakes {
			if m.name == want {
				topic.Note = m.note
				return topic, true
			}
		}
	}
	return Topic{}, false
}

// normal is the form in which names are compared: "--Hook_Weight" is hook-weight.
func normal(name string) string {
	name = strings.ToLower(strings.Join(strings.Fields(name), "-"))
	return strings.TrimLeft(strings.ReplaceAll(name, "_", "-"), "-")
}

// suggestions is how many names Suggest gives at most.
const suggestions = 3

// Suggest gives the names of the topics that a mistyped name comes near to, the nearest first.
func Suggest(name string) []string {
	type candidate struct {
		name  string
		score int
	}
	var found []candidate
	word := plain(name)
	for _, topic := range Topics() {
		best := 0
		for _, spelling := range append([]string{topic.Name}, topic.Aliases...) {
			best = max(best, likeness(word, plain(spelling)))
		}
		if best > 0 {
			found = append(found, candidate{topic.Name, best})
		}
	}
	// Stable: between equals the reading order stays.
	slices.SortStableFunc(found, func(a, b candidate) int { return b.score - a.score })
	var names []string
	for _, one := range found[:min(len(found), suggestions)] {
		names = append(names, one.name)
	}
	return names
}

// plain keeps letters and digits only.
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, strings.ToLower(name))
}

// shortestGuess is how many letters a word needs before anything is guessed from it.
const shortestGuess = 3

// likeness is 0 for two words that have little in common. One may hold the other, or they differ in one
// place of at most two letters, as typing errors do.
func likeness(a, b string) int {
	if len(a) < shortestGuess || len(b) < shortestGuess {
		return 0
	}
	same := commonPrefix(a, b)
	same += commonPrefix(reversed(a[same:]), reversed(b[same:]))
	switch longer := max(len(a), len(b)); {
	case same >= longer-2 && same >= longer/2:
		return 100 - (longer - same)
	case strings.Contains(b, a):
		return 50
	case strings.Contains(a, b):
		return 40
	}
	return 0
}

func commonPrefix(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

func reversed(word string) string {
	letters := []byte(word)
	slices.Reverse(letters)
	return string(letters)
}
