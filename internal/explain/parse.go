package explain

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
)

// load reads all topic files, in the order of topics/index.txt, which has headings and names.
func load(files fs.FS) ([]Topic, error) {
	index, err := fs.ReadFile(files, "topics/index.txt")
	if err != nil {
		return nil, fmt.Errorf("read the list of topics: %w", err)
	}
	var topics []Topic
	group := ""
	for line := range strings.Lines(string(index)) {
		line = strings.TrimSpace(line)
		if heading, ok := strings.CutPrefix(line, "= "); ok {
			group = heading
			continue
		}
		if line == "" {
			continue
		}
		text, err := fs.ReadFile(files, "topics/"+line+".md")
		if err != nil {
			return nil, fmt.Errorf("read topic %s: %w", line, err)
		}
		topic, err := parse(line, string(text))
		if err != nil {
			return nil, err
		}
		topic.Group = group
		topics = append(topics, topic)
	}
	return topics, nil
}

// parse reads one topic: lines KEY: VALUE, a line of three dashes, the description, and a fenced block of
// YAML, which is the example.
func parse(name, text string) (Topic, error) {
	topic := Topic{Name: name}
	front, body, found := strings.Cut(text, "\n---\n")
	if !found {
		return Topic{}, fmt.Errorf("topic %s: no line of three dashes ends the front part", name)
	}
	for i, line := range strings.Split(front, "\n") {
		key, value, _ := strings.Cut(line, ": ")
		if err := topic.set(key, strings.TrimSpace(value)); err != nil {
			return Topic{}, fmt.Errorf("topic %s, line %d: %w", name, i+1, err)
		}
	}
	if topic.Title == "" || topic.Summary == "" || len(topic.Sources) == 0 {
		return Topic{}, fmt.Errorf("topic %s: title, summary and source are needed", name)
	}
	var err error
	if topic.Description, topic.Example, err = splitBody(body); err != nil {
		return Topic{}, fmt.Errorf("topic %s: %w", name, err)
	}
	return topic, nil
}

// set takes one line of the front part.
func (t *Topic) set(key, value string) error {
	if value == "" {
		return fmt.Errorf("%q has no value", key)
	}
	switch key {
	case "title":
		return once(&t.Title, key, value)
	case "summary":
		return once(&t.Summary, key, value)
	case "alias":
		t.Aliases = append(t.Aliases, strings.Split(value, ", ")...)
	case "mistake":
		name, note, found := strings.Cut(value, " = ")
		if !found {
			return fmt.Errorf("mistake %q is not of the form NAME = NOTE", value)
		}
		t.mistakes = append(t.mistakes, mistake{name, note})
	case "see":
		t.SeeAlso = append(t.SeeAlso, strings.Split(value, ", ")...)
	case "seen":
		t.Seen = append(t.Seen, value)
	case "changed":
		return t.addChange(value)
	case "source":
		return t.addSource(value)
	case "expect", "run", "left", "finds", "case":
		t.checks = append(t.checks, check{key, value})
	default:
		return fmt.Errorf("unknown key %q", key)
	}
	return nil
}

func once(field *string, key, value string) error {
	if *field != "" {
		return fmt.Errorf("%s is given twice", key)
	}
	*field = value
	return nil
}

// changed is "3.19.5, 4.0.5 TEXT" or "4.0.0 to 4.1.0 TEXT".
var changed = regexp.MustCompile(`^(\d+\.\d+\.\d+(?:(?:, | to )\d+\.\d+\.\d+)*) (.+)$`)

func (t *Topic) addChange(value string) error {
	parts := changed.FindStringSubmatch(value)
	if parts == nil {
		return fmt.Errorf("change %q does not begin with a version", value)
	}
	t.Changed = append(t.Changed, Change{Versions: parts[1], Text: parts[2]})
	return nil
}

// version is one of Helm's tags.
var version = regexp.MustCompile(`^v\d+\.\d+\.\d+$`)

// addSource reads "v3.22.0 v4.3.1 pkg/action/hooks.go execHook hookByWeight".
func (t *Topic) addSource(value string) error {
	words := strings.Fields(value)
	at := slices.IndexFunc(words, func(word string) bool { return !version.MatchString(word) })
	if at < 1 || len(words) < at+2 {
		return fmt.Errorf("source %q is not a version, a file and a name", value)
	}
	t.Sources = append(t.Sources, Source{Versions: words[:at], File: words[at], Names: words[at+1:]})
	return nil
}

// The fences of the example and of literal blocks.
const (
	exampleFence = "```yaml\n"
	fence        = "```"
)

// splitBody parts the description from the example, which comes last.
func splitBody(body string) (description, example string, err error) {
	description, example, found := strings.Cut(body, exampleFence)
	if found {
		rest := ""
		example, rest, found = strings.Cut(example, "\n"+fence)
		if !found || strings.TrimSpace(rest) != "" {
			return "", "", fmt.Errorf("the example does not end the text")
		}
		example += "\n"
	}
	if description = strings.TrimSpace(description); description == "" {
		return "", "", fmt.Errorf("there is no description")
	}
	return description, example, nil
}
