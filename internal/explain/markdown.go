package explain

import (
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
)

// repository is where Helm's code can be read.
const repository = "https://github.com/helm/helm/blob/"

// Markdown writes the topic as a page of docs/topics, or a rule as one of docs/rules.
func (t Topic) Markdown(w io.Writer) error {
	var out strings.Builder
	fmt.Fprintf(&out, "# %s\n\n", t.Title)
	if t.IsRule() {
		fmt.Fprintf(&out, "Severity: %s\n\n%s\n\n**Fix:** %s.\n", t.Severity, t.Description, t.Fix)
	} else {
		fmt.Fprintf(&out, "%s.\n\n%s\n", t.Summary, t.Description)
	}
	if t.Example != "" {
		fmt.Fprintf(&out, "\n## Example\n\n%s%s%s\n", exampleFence, t.Example, fence)
	}
	if len(t.Changed) > 0 {
		out.WriteString("\n## Changed\n\n| Helm | change |\n|---|---|\n")
		for _, c := range t.Changed {
			fmt.Fprintf(&out, "| %s | %s |\n", c.Versions, c.Text)
		}
	}
	if len(t.Sources) > 0 {
		out.WriteString("\n## Source\n\n")
		for _, source := range t.Sources {
			fmt.Fprintf(&out, "- %s\n", source.markdown())
		}
		for _, seen := range t.Seen {
			fmt.Fprintf(&out, "- %s%s\n", seenWith, seen)
		}
	}
	if len(t.SeeAlso) > 0 {
		out.WriteString("\n## See also\n\n")
		var links []string
		for _, name := range t.SeeAlso {
			links = append(links, fmt.Sprintf("[%s](%s)", name, t.linkTo(name)))
		}
		out.WriteString(strings.Join(links, ", ") + "\n")
	}
	_, err := io.WriteString(w, out.String())
	return err
}

func (s Source) markdown() string {
	var links []string
	for _, v := range s.Versions {
		links = append(links, fmt.Sprintf("[%s](%s%s/%s)", v, repository, v, s.File))
	}
	return fmt.Sprintf("%s `%s` %s", strings.Join(links, ", "), s.File, strings.Join(s.Names, ", "))
}

// linkTo is the path of another topic's page, seen from this one's.
func (t Topic) linkTo(name string) string {
	from, to := t.folder(), topicFolder
	if isRuleID(name) {
		to = ruleFolder
	}
	if from == to {
		return name + ".md"
	}
	return "../" + path.Base(to) + "/" + name + ".md"
}

// isRuleID knows a rule by the form of its ID.
func isRuleID(name string) bool { return len(name) == 5 && strings.HasPrefix(name, "HH") }

// The folders of the pages.
const (
	topicFolder = "docs/topics"
	ruleFolder  = "docs/rules"
)

func (t Topic) folder() string {
	if t.IsRule() {
		return ruleFolder
	}
	return topicFolder
}

// Page is one generated file of the documentation.
type Page struct {
	// Path is that in the repository.
	Path string
	Text string
}

// generated begins every page.
const generated = "<!-- Written by go test ./internal/explain -update; change internal/explain/topics or pkg/plan/rules.go instead. -->\n\n"

// Pages gives docs/topics and docs/rules. charts holds a folder ID-bad and a folder ID-good for each rule
// that has charts to show.
func Pages(charts fs.FS) ([]Page, error) {
	var pages []Page
	var topics, rules []Topic
	for _, topic := range Topics() {
		var text strings.Builder
		text.WriteString(generated)
		if err := topic.Markdown(&text); err != nil {
			return nil, err
		}
		if topic.IsRule() {
			rules = append(rules, topic)
			shown, err := chartSections(charts, topic.Name)
			if err != nil {
				return nil, fmt.Errorf("read the charts of rule %s: %w", topic.Name, err)
			}
			text.WriteString(shown)
		} else {
			topics = append(topics, topic)
		}
		pages = append(pages, Page{path.Join(topic.folder(), topic.Name+".md"), text.String()})
	}
	return append(
		pages,
		Page{topicFolder + "/README.md", generated + "# Topics\n\nWhat `helm hooks explain TOPIC` prints.\n" + topicIndex(topics)},
		Page{ruleFolder + "/README.md", generated + "# Rules\n\nWhat findings are named by. `helm hooks explain ID` prints the same.\n" + ruleIndex(rules)},
	), nil
}

func topicIndex(topics []Topic) string {
	var out strings.Builder
	group := ""
	for _, topic := range topics {
		if topic.Group != group {
			group = topic.Group
			fmt.Fprintf(&out, "\n## %s\n\n| topic | |\n|---|---|\n", group)
		}
		fmt.Fprintf(&out, "| [%s](%s.md) | %s |\n", topic.Name, topic.Name, topic.Summary)
	}
	return out.String()
}

func ruleIndex(rules []Topic) string {
	var out strings.Builder
	out.WriteString("\n| rule | severity | |\n|---|---|---|\n")
	for _, rule := range rules {
		fmt.Fprintf(&out, "| [%s](%s.md) | %s | %s |\n", rule.Name, rule.Name, rule.Severity, rule.Summary)
	}
	return out.String()
}
