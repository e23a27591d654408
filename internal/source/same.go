package source

import (
	"reflect"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/helm-hooks/helm-hooks/internal/source/sdk"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// visible is a document that Helm keeps: a hook or a resource.
type visible struct {
	document plan.Document
	object   plan.Object
	// events are those of a hook, empty for a resource.
	events []plan.Event
}

func visibleOf(inventory plan.Inventory) []visible {
	var list []visible
	for _, resource := range inventory.Resources {
		list = append(list, visible{resource.Document, resource.Object, nil})
	}
	for _, hook := range inventory.Hooks {
		list = append(list, visible{hook.Document, hook.Object, hook.Events})
	}
	return list
}

// reproduces tells whether a render gives exactly the documents that are stored. Their texts may differ only where
// a second render differs from the first as well.
func reproduces(rendered []visible, second *sdk.Result, stored []visible) bool {
	if len(rendered) != len(stored) {
		return false
	}
	left := map[string][]visible{}
	for _, one := range stored {
		left[one.document.Template] = append(left[one.document.Template], one)
	}
	take := func(template string, fits func(visible) bool) bool {
		at := slices.IndexFunc(left[template], fits)
		if at >= 0 {
			left[template] = slices.Delete(left[template], at, at+1)
		}
		return at >= 0
	}
	var changed []visible
	for _, one := range rendered {
		equal := func(other visible) bool {
			return clean(one.document.Text) == clean(other.document.Text) || sameButFlux(one.document.Text, other.document.Text)
		}
		if !take(one.document.Template, equal) {
			changed = append(changed, one)
		}
	}
	if len(changed) > 0 && second == nil {
		return false
	}
	for _, one := range changed {
		again, ok := documentAt(second.Documents, one.document)
		fits := func(other visible) bool {
			return sameObject(one, other) && varies(one.document.Text, again, other.document.Text)
		}
		if !ok || !take(one.document.Template, fits) {
			return false
		}
	}
	return true
}

// fluxLabels are those that helm-controller puts on all that it installs, by way of kustomize, which writes the document
// anew (helm-controller 1.6.3 internal/postrender/common_renderer.go).
var fluxLabels = []string{"helm.toolkit.fluxcd.io/name", "helm.toolkit.fluxcd.io/namespace"}

// sameButFlux tells whether a stored document is the rendered one with Flux's labels.
func sameButFlux(rendered, stored string) bool {
	if !strings.Contains(stored, fluxLabels[0]) {
		return false
	}
	var one, other map[string]any
	if yaml.Unmarshal([]byte(rendered), &one) != nil || yaml.Unmarshal([]byte(stored), &other) != nil {
		return false
	}
	metadata, _ := other["metadata"].(map[string]any)
	labels, _ := metadata["labels"].(map[string]any)
	for _, label := range fluxLabels {
		delete(labels, label)
	}
	if before, _ := one["metadata"].(map[string]any); len(labels) == 0 && metadata != nil && before["labels"] == nil {
		delete(metadata, "labels")
		delete(before, "labels")
	}
	return reflect.DeepEqual(one, other)
}

// clean takes off the white space around a document, which Helm's versions and the way through a manifest change.
func clean(text string) string { return strings.TrimSpace(text) }

func documentAt(documents []plan.Document, wanted plan.Document) (text string, ok bool) {
	at := slices.IndexFunc(documents, func(d plan.Document) bool { return d.Template == wanted.Template && d.Index == wanted.Index })
	if at < 0 {
		return "", false
	}
	return documents[at].Text, true
}

func sameObject(rendered, stored visible) bool {
	one, other := rendered.object, stored.object
	if rendered.document.VolatileName != "" {
		one.Name, other.Name = "", ""
	}
	return one == other && slices.Equal(rendered.events, stored.events)
}

// varies tells whether a third text can come from where the first two came from: it has all the lines that they
// share, and the order may be another, since templates may walk maps.
func varies(first, second, third string) bool {
	one, two, rest := lines(first), lines(second), lines(third)
	if len(one) == len(two) && len(one) != len(rest) {
		return false
	}
	inTwo, inRest := counts(two), counts(rest)
	for line, count := range counts(one) {
		if min(count, inTwo[line]) > inRest[line] {
			return false
		}
	}
	return true
}

func lines(text string) []string { return strings.Split(clean(text), "\n") }

func counts(lines []string) map[string]int {
	counts := map[string]int{}
	for _, line := range lines {
		counts[line]++
	}
	return counts
}
