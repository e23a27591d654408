// Package render turns a plan into text: a tree for people, tables for wide screens, json and yaml
// for programs. One format lives in one file. Renderers only write to the writer they are given, and
// the same plan always gives the same bytes.
//
// Every string that comes from a chart or a cluster passes through clean before it becomes text, so
// that no control character of theirs ever reaches a terminal.
package render

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// Header is what a renderer must know about the input beside the plan.
type Header struct {
	Source Source
	// Notes are lines that belong to the head of the answer, such as "last written by Helm 3".
	Notes []string
	// Timeout is Helm's --timeout of each wait; with it the worst case can be told as a product.
	Timeout time.Duration
	// Helm is how the release is named on Helm's command line.
	Helm Helm
}

// Source names the input.
type Source struct {
	// Type is chart, release, stream, helmrelease or application.
	Type string
	// Name and Namespace are those of the release, simulated or live.
	Name      string
	Namespace string
	// Chart and ChartVersion are empty where the input does not tell.
	Chart        string
	ChartVersion string
	// Ref is what the user wrote: a path, a chart reference, "-".
	Ref string
	// Revision is the live release's revision, 0 where there is none; Status is its status.
	Revision int
	Status   string
	// Context is the kubeconfig's context of a live release.
	Context string
}

// Style is how text looks. The zero value is plain ASCII of unbounded width.
type Style struct {
	Color   bool
	Unicode bool
	// Width is the terminal's width in columns; 0 means unbounded: nothing is wrapped or shortened.
	Width int
	// Fold shortens long phases. It is meant for terminals only.
	Fold bool
}

// Options choose what is shown and how.
type Options struct {
	Style Style
	// Only narrows the view to one section: one of OnlyValues, or empty.
	Only string
	// Hook narrows the view to one hook, as KIND/NAME; empty means all.
	Hook string
	// Brief shortens actions that hold no surprise to one line.
	Brief bool
}

// The values of Options.Only.
const (
	onlyIgnored  = "ignored"
	onlyFindings = "findings"
	onlyHooks    = "hooks"
)

// OnlyValues are the valid values of Options.Only, for help, completion and checks.
func OnlyValues() []string { return []string{onlyIgnored, onlyFindings, onlyHooks} }

// Validate checks the options by themselves, before there is a plan.
func (o Options) Validate() error {
	if o.Only != "" && !slices.Contains(OnlyValues(), o.Only) {
		return fmt.Errorf("unknown section %q: valid are %s", o.Only, strings.Join(OnlyValues(), ", "))
	}
	if o.Hook == "" {
		return nil
	}
	if kind, name, ok := strings.Cut(o.Hook, "/"); !ok || kind == "" || name == "" {
		return fmt.Errorf("hook %q is not of the form KIND/NAME, such as Job/migrate", o.Hook)
	}
	return nil
}

// Renderer writes an answer in one format.
type Renderer struct {
	Plan   func(w io.Writer, h Header, p plan.Plan, o Options) error
	Matrix func(w io.Writer, h Header, m plan.Matrix, o Options) error
	// Engines is nil for a format that shows one engine only.
	Engines func(w io.Writer, h Header, c plan.Comparison, o Options) error
}

// formats is the one list of output formats: names, help, completion and the switch come from it.
func formats() []struct {
	name   string
	render Renderer
} {
	return []struct {
		name   string
		render Renderer
	}{
		{"tree", Renderer{Tree, MatrixTree, EnginesTree}},
		{"table", Renderer{Table, MatrixTable, EnginesTable}},
		{"wide", Renderer{Wide, MatrixWide, EnginesWide}},
		{"json", Renderer{JSON, MatrixJSON, EnginesJSON}},
		{"yaml", Renderer{YAML, MatrixYAML, EnginesYAML}},
		{"html", Renderer{HTML, MatrixHTML, EnginesHTML}},
		{"markdown", Renderer{Markdown, MatrixMarkdown, EnginesMarkdown}},
		{"mermaid", Renderer{Mermaid, MatrixMermaid, nil}},
		{"name", Renderer{Names, MatrixNames, EnginesNames}},
	}
}

// Formats are the names of the output formats, the default first.
func Formats() []string {
	var names []string
	for _, f := range formats() {
		names = append(names, f.name)
	}
	return append(names, Expressions()...)
}

// New gives the renderer of a format.
func New(name string) (Renderer, error) {
	for _, f := range formats() {
		if f.name == name {
			return f.render, nil
		}
	}
	if e, found, err := parseExpression(name); found {
		return Renderer{Plan: e.plan, Matrix: e.matrix, Engines: e.engines}, err
	}
	return Renderer{}, fmt.Errorf("unknown output format %q: valid are %s", name, strings.Join(Formats(), ", "))
}
