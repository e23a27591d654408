package source

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// randomPart stands for what changes in a name.
const randomPart = "<random>"

// markVolatile compares two renders of the same input document by document and marks in the first what
// differs. Where a template gives another number of documents each time, no comparison can tell which is
// which: all of them are marked, and the fact says so.
func markVolatile(first, second []plan.Document) []plan.UnknownFact {
	a, b := byTemplate(first), byTemplate(second)
	var unsteady []string
	for template, documents := range a {
		other := b[template]
		if len(documents) != len(other) {
			unsteady = append(unsteady, template)
			for _, document := range documents {
				document.Volatile = true
			}
			continue
		}
		for i, document := range documents {
			if document.Text == other[i].Text {
				continue
			}
			document.Volatile = true
			document.VolatileName = stableName(documentName(document.Text), documentName(other[i].Text))
		}
	}
	for template := range b {
		if len(a[template]) == 0 {
			unsteady = append(unsteady, template)
		}
	}
	if len(unsteady) == 0 {
		return nil
	}
	slices.Sort(unsteady)
	return []plan.UnknownFact{{
		What: "resources",
		Why: fmt.Sprintf("two renders of the same input gave a different number of documents in %s: random values or the time decide what exists",
			strings.Join(unsteady, ", ")),
		HowToKnow: "run helm template twice and compare; a value that fixes what is random settles it",
	}}
}

func byTemplate(documents []plan.Document) map[string][]*plan.Document {
	groups := map[string][]*plan.Document{}
	for i := range documents {
		groups[documents[i].Template] = append(groups[documents[i].Template], &documents[i])
	}
	return groups
}

// documentName is metadata.name, empty where the document does not parse.
func documentName(text string) string {
	var head struct {
		Metadata struct {
			Name string `json:"name"`
		} `json:"metadata"`
	}
	if err := yaml.Unmarshal([]byte(text), &head); err != nil {
		return ""
	}
	return head.Metadata.Name
}

// stableName keeps what two names share at their ends, up to a separator: what two random parts happen
// to share must not show, or the same input would give other bytes next time. Empty where they are equal.
func stableName(a, b string) string {
	if a == b {
		return ""
	}
	const separators = "-._/:"
	limit := min(len(a), len(b))
	prefix := 0
	for prefix < limit && a[prefix] == b[prefix] {
		prefix++
	}
	prefix = strings.LastIndexAny(a[:prefix], separators) + 1
	suffix := 0
	for suffix < limit-prefix && a[len(a)-1-suffix] == b[len(b)-1-suffix] {
		suffix++
	}
	tail := a[len(a)-suffix:]
	if at := strings.IndexAny(tail, separators); at >= 0 {
		tail = tail[at:]
	} else {
		tail = ""
	}
	return a[:prefix] + randomPart + tail
}

// sortedKeys are the keys of a set in order.
func sortedKeys[V any](set map[string]V) []string { return slices.Sorted(maps.Keys(set)) }
