package cluster

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/helm-hooks/helm-hooks/test/recorded"
)

// beyond is what the imitation does not try to be.
type beyond struct {
	why string
	// steps are those of a scenario that are answered differently, counted from 1.
	steps map[string][]int
}

var outOfScope = []beyond{
	{"finalizers: what is deleted is gone at once", map[string][]int{
		"create what is going away":         {2, 3, 5, 6},
		"delete what has a finalizer":       {2, 3, 4, 5, 6},
		"delete a Job that has a finalizer": {3, 4},
		"apply over what is going away":     {2, 3, 5, 6},
	}},
	{"owner references: Foreground and Orphan are finalizers too", map[string][]int{"what an owner leaves behind": {7, 8, 9, 11}}},
	{"time: a Pod that runs is gone at once too", map[string][]int{"delete a Pod that runs": {3, 4, 5, 6, 7}}},
	{"namespaces: each is there", map[string][]int{"a namespace that does not exist": {1, 2, 3, 4}, "a namespace that is going away": {3, 4, 5, 6}}},
	{"required fields", map[string][]int{"what lacks required fields": {1, 2, 3, 5, 6}}},
	{"validation of names, labels and annotations: no plan speaks of it either", map[string][]int{
		"names":                             {1, 2, 4, 5, 6, 9, 11, 14, 15, 18},
		"labels and annotations":            {1, 3, 4, 5, 6, 8, 9},
		"the metadata of a custom resource": {7, 8},
	}},
	{"lists with keys: a list is one value", map[string][]int{"apply to a list with keys": {2, 3, 4, 5}}},
	{"the schemas of custom resources", map[string][]int{"what a custom resource may hold": {4, 5, 6, 7}}},
	{"definitions whose names clash, and the moment before a definition is served", map[string][]int{"a definition that is not established": {4}}},
}

// The imitation answers as a real API server has answered: with the same code, the same reason and the same facts.
func TestRecorded(t *testing.T) {
	want, err := recorded.Load(filepath.Join("..", "..", "e2e", "recorded", "answers.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, scenario := range recorded.Scenarios() {
		t.Run(strings.ReplaceAll(scenario.Name, " ", "-"), func(t *testing.T) {
			c := New()
			c.showManagers = true
			got, err := scenario.Play(t.Context(), transport{c}.RoundTrip, "http://oracle", "default", 0)
			if err != nil {
				t.Fatal(err)
			}
			if len(got) != len(want[scenario.Name]) {
				t.Fatalf("%d answers are recorded, not %d", len(want[scenario.Name]), len(got))
			}
			for i, answer := range got {
				diff := cmp.Diff(essence(want[scenario.Name][i]), essence(answer))
				switch except := isOutOfScope(scenario.Name, i+1); {
				case diff != "" && !except:
					t.Errorf("step %d: -recorded +imitated (%s)\n%s", i+1, answer.Message, diff)
				case diff == "" && except:
					t.Errorf("step %d: %s: it is answered alike by now, so take it off the list", i+1, answer.Request)
				}
			}
		})
	}
}

// essence is an answer without its words.
func essence(a recorded.Answer) recorded.Answer {
	a.Message = ""
	return a
}

func isOutOfScope(scenario string, step int) bool {
	return slices.ContainsFunc(outOfScope, func(b beyond) bool { return slices.Contains(b.steps[scenario], step) })
}

// Each exception is of a step that there is.
func TestOutOfScopeIsPlayed(t *testing.T) {
	steps := map[string]int{}
	for _, scenario := range recorded.Scenarios() {
		if _, twice := steps[scenario.Name]; twice {
			t.Errorf("there are two scenarios %q", scenario.Name)
		}
		steps[scenario.Name] = len(scenario.Steps)
	}
	for _, b := range outOfScope {
		for name, numbers := range b.steps {
			if len(numbers) == 0 || slices.Max(numbers) > steps[name] {
				t.Errorf("%s: %q has no steps %v", b.why, name, numbers)
			}
		}
	}
}
