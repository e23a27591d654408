// Package source holds the ways in: it finds out what the word on the command line means, reads a chart
// or rendered YAML, and hands pkg/plan documents and a way to render more of them.
package source

import (
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// The types of sources, as they stand in the JSON contract.
const (
	TypeChart         = "chart"
	TypeRelease       = "release"
	TypeStream        = "stream"
	TypeHelmRelease   = "helmrelease"
	TypeApplication   = "application"
	defaultNamespace  = "default"
	standardInputName = "stdin"
)

// Source is an input that was read and, for a chart, rendered once.
type Source struct {
	// Type is chart or stream.
	Type string
	// Ref is the source as the user named it.
	Ref string
	// Name and Namespace are those of the simulated release, or of the one whose output was read.
	Name         string
	Namespace    string
	Chart        string
	ChartVersion string
	AppVersion   string
	// Revision is the revision that Helm's own output names; 0 where it names none.
	Revision int
	// HasSourceComments says that a stream carries Helm's `# Source:` comments or sections.
	HasSourceComments bool
	// AlreadyRendered and Unknown go into plan.Input as they are.
	AlreadyRendered bool
	Unknown         []plan.UnknownFact
	// Notes are remarks for people, such as that the chart is deprecated.
	Notes  []string
	Render plan.Render
	// File turns a template path into a path that people can open, empty where there is none.
	File func(template string) string
}

// Release names the release for pkg/plan.
func (s *Source) Release() plan.Release { return plan.Release{Name: s.Name, Namespace: s.Namespace} }

// Error is an error whose way out is known.
type Error struct {
	Err error
	// Hint says what to do about it.
	Hint string
}

func (e *Error) Error() string { return e.Err.Error() }

// Unwrap gives the error itself.
func (e *Error) Unwrap() error { return e.Err }
