package status

import (
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/duration"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// age is how long ago something was, as kubectl writes it. Clocks that disagree must not make it negative.
func age(now, then time.Time) string { return duration.HumanDuration(max(0, now.Sub(then))) }

// sentences joins clauses, without those that are empty.
func sentences(parts ...string) string {
	var said []string
	for _, part := range parts {
		if part != "" {
			said = append(said, part)
		}
	}
	return strings.Join(said, "; ")
}

// ref is KIND/NAME; a List has no name, nor has an object that the API server names.
func ref(o plan.Object) string {
	if o.Name == "" {
		return o.Kind + "/(no name)"
	}
	return o.Ref()
}

func refs(objects []plan.Object) string {
	var names []string
	for _, o := range objects {
		names = append(names, ref(o))
	}
	return enumerate(names, "and")
}

// few names some objects, and how many more there are.
func few(objects []plan.Object) string {
	const named = 3
	if len(objects) <= named+1 {
		return refs(objects)
	}
	return refs(objects[:named]) + " and " + count(len(objects)-named, "more object")
}

func enumerate(words []string, last string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " " + last + " " + words[len(words)-1]
}

// firstLine is the text up to its first line break, without blanks around it.
func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return strings.TrimSpace(line)
}

// oneLine makes Helm's lists of errors, which break and indent lines, fit for a sentence.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// anAction is an action with its article.
func anAction(a plan.Action) string {
	if a == plan.Rollback || a == plan.Test {
		return "a " + string(a)
	}
	return "an " + string(a)
}
