package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// DiffHeader is what a renderer must know of the two sides beside their differences.
type DiffHeader struct {
	Old, New DiffSide
	// Notes are lines that belong to the head of the answer.
	Notes []string
	// Hint is a command that goes on from here; empty where there is none.
	Hint string
}

// DiffSide is one of the two that are compared.
type DiffSide struct {
	Source Source
	Engine plan.Engine
	// With is what distinguishes it beside its source, such as its values files.
	With string
	// Home is the namespace of its release.
	Home string
}

// DiffRenderer writes the differences in one format.
type DiffRenderer func(w io.Writer, h DiffHeader, d plan.Diff, s Style) error

// diffFormats is the one list of formats of `diff`: names, help, completion and the switch come from it.
func diffFormats() []struct {
	name   string
	render DiffRenderer
} {
	return []struct {
		name   string
		render DiffRenderer
	}{
		{"tree", DiffTree},
		{"markdown", DiffMarkdown},
		{"json", DiffJSON},
		{"yaml", DiffYAML},
		{"html", DiffHTML},
	}
}

// DiffFormats are the names of the formats, the default first.
func DiffFormats() []string {
	var names []string
	for _, f := range diffFormats() {
		names = append(names, f.name)
	}
	return names
}

// NewDiff gives the renderer of a format.
func NewDiff(name string) (DiffRenderer, error) {
	for _, f := range diffFormats() {
		if f.name == name {
			return f.render, nil
		}
	}
	return nil, fmt.Errorf("unknown output format %q: valid are %s", name, strings.Join(DiffFormats(), ", "))
}

// sameSource says that both sides are one source under two engines.
func (h DiffHeader) sameSource() bool {
	return h.Old.Source == h.New.Source && h.Old.With == h.New.With
}

// labels are what the two sides are called: the engines where those alone differ.
func (h DiffHeader) labels() (old, now string) {
	if a, b := h.Old.Engine.String(), h.New.Engine.String(); h.sameSource() && a != b {
		return a, b
	}
	return "old", "new"
}

// titles name what is compared, in one line where the engines alone differ.
func (h DiffHeader) titles() []string {
	rules := h.New.Engine.String() + " rules"
	if a, b := h.Old.Engine.String(), h.New.Engine.String(); a != b {
		rules = a + " → " + b
	}
	if h.sameSource() {
		return []string{strings.Join(append(h.New.title(), rules), " · ")}
	}
	return []string{"old: " + strings.Join(h.Old.title(), " · "), "new: " + strings.Join(h.New.title(), " · "), rules}
}

func (s DiffSide) title() []string {
	parts := titleParts(s.Source)
	if s.With != "" {
		parts = append(parts, s.With)
	}
	return parts
}
