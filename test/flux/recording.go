package flux

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Recording is what the controller did in one scenario.
type Recording struct {
	Name  string     `yaml:"name"`
	Steps []Observed `yaml:"steps"`
}

// Observed is what the controller did in one step, and how it left the HelmRelease.
type Observed struct {
	Do string `yaml:"do"`
	// Actions are those of Helm in order, none where nothing was done.
	Actions []Action `yaml:"actions,omitempty"`
	// Cut says that the step was left before the controller came to rest.
	Cut bool `yaml:"cut,omitempty"`
	// Stuck says that the controller tries for ever, without doing anything.
	Stuck bool `yaml:"stuck,omitempty"`
	// Gone says that the HelmRelease is there no more.
	Gone bool `yaml:"gone,omitempty"`
	// Conditions are the HelmRelease's as "TYPE STATUS REASON", sorted.
	Conditions []string `yaml:"conditions,omitempty,flow"`
	// Last is status.lastAttemptedReleaseAction.
	Last string `yaml:"last,omitempty"`
	// Failures are the counters of the status.
	Failures *Failures `yaml:"failures,omitempty,flow"`
	// History is the status's as "vREVISION STATUS", the newest first, followed by its tests as "NAME PHASE".
	History []string `yaml:"history,omitempty,flow"`
	// Storage are the records of all releases as "NAME vREVISION STATUS".
	Storage []string `yaml:"storage,omitempty,flow"`
	// Left are the ConfigMaps, Jobs and Deployments that exist after the last step, with their labels.
	Left []string `yaml:"left,omitempty,flow"`
	// Stderr are the lines of the controller's log that are not its own.
	Stderr []string `yaml:"stderr,omitempty"`
}

// Failures count since something changed that may help.
type Failures struct {
	All     int64 `yaml:"all,omitempty"`
	Install int64 `yaml:"install,omitempty"`
	Upgrade int64 `yaml:"upgrade,omitempty"`
}

// Action is one Helm action.
type Action struct {
	// Name is install, upgrade, rollback, uninstall, test, or unlock.
	Name string `yaml:"name"`
	// Trace are the requests that change something, in order: "create|apply|patch|update|delete RESOURCE/NAME",
	// with the code of a refusal, and "record vREVISION STATUS" for the release's record.
	Trace []string `yaml:"trace,omitempty"`
}

// OrdinaryCalls and DefinitionCalls are the lines of Calls that stand for objects that are no hooks, and for those of crds/.
const (
	OrdinaryCalls   = "ordinary objects"
	DefinitionCalls = "definitions"
)

// Calls are the requests for hooks, in order, and in between a line for each group of other objects. An object that was
// to be deleted and did not exist has "(404)". more are objects that are no hooks.
func (a Action) Calls(more ...string) []string {
	var lines []string
	for _, line := range a.Trace {
		_, object, _ := strings.Cut(line, " ")
		object, _, _ = strings.Cut(object, " ")
		switch {
		case strings.HasPrefix(line, "record "):
			continue
		case strings.HasPrefix(object, "customresourcedefinitions/") && strings.HasSuffix(line, "(409)"):
			continue // it is there, and stays as it is
		case strings.HasPrefix(object, "customresourcedefinitions/"):
			line = DefinitionCalls
		case ordinary(object), slices.Contains(more, object):
			line = OrdinaryCalls
		}
		if len(lines) == 0 || line != lines[len(lines)-1] || line != OrdinaryCalls && line != DefinitionCalls {
			lines = append(lines, line)
		}
	}
	return lines
}

// ordinary says of an object of the charts that it is no hook.
func ordinary(object string) bool {
	return slices.Contains([]string{"configmaps/settings", "serviceaccounts/more", "deployments/worker", "jobs/batch"}, object)
}

// HooksLeft are the objects of hooks that exist after the last step, sorted.
func (o Observed) HooksLeft() []string {
	var hooks []string
	for _, line := range o.Left {
		object, _, _ := strings.Cut(line, " ")
		if !ordinary(object) && !strings.HasPrefix(object, "customresourcedefinitions/") {
			hooks = append(hooks, object)
		}
	}
	slices.Sort(hooks)
	return hooks
}

// Records changes what is stored, a status by revision, as the action does. Those of another release are left out.
func (a Action) Records(stored map[int]string) {
	for _, line := range a.Trace {
		var revision int
		var status string
		if n, err := fmt.Sscanf(line, "record v%d %s", &revision, &status); err != nil || n != 2 {
			continue
		}
		stored[revision] = status
		if status == "deleted" {
			delete(stored, revision)
		}
	}
}

// Condition is status and reason of a condition of the HelmRelease; empty where it is not set.
func (o Observed) Condition(name string) (status, reason string) {
	for _, line := range o.Conditions {
		if words := strings.Fields(line); len(words) == 3 && words[0] == name {
			return words[1], words[2]
		}
	}
	return "", ""
}

// Path is where the recording is kept.
const Path = "testdata/recorded.yaml"

// Load reads a recording.
func Load(path string) ([]Recording, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var all []Recording
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&all); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return all, nil
}

// Save writes what Load reads.
func Save(path string, all []Recording) error {
	var text bytes.Buffer
	encoder := yaml.NewEncoder(&text)
	encoder.SetIndent(2)
	if err := encoder.Encode(all); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return os.WriteFile(path, text.Bytes(), 0o644)
}
