package render

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// Releases is what `list` has found.
type Releases struct {
	// Context is the kubeconfig's, and Driver the kind of object that holds the records.
	Context string
	Driver  string
	// Namespace is empty for all.
	Namespace string
	Selector  string
	// Now is when ages are told.
	Now time.Time
	// Items are sorted; they are nil where nothing could be listed.
	Items []Release
	// Total is how many releases there are, Hidden how many of those that the filters let through have no hooks and
	// are left out, and Unread how many of all have a record that could not be read.
	Total, Hidden, Unread int
	// Partial says that the list broke off, so that Total is not all.
	Partial bool
	Errors  []ReleaseError
	// ShowIgnored and ShowLeft say that it was looked for objects that Helm has dropped, and for those of hooks.
	ShowIgnored, ShowLeft bool
}

// Release is a release as its newest record tells it.
type Release struct {
	// Namespace is where the record is stored, Target where the release deploys to, if that is another one.
	Namespace, Name, Target string
	Revision                int
	// Status is in Helm's words.
	Status string
	// Unread says that the record could not be read: what follows is then unknown but for Pending.
	Unread bool
	// Stored is how many revisions have a record, Deployed the newest one that is deployed, 0 for none.
	Stored, Deployed                int
	Chart, ChartVersion, AppVersion string
	// ApplyMethod is ssa or csa, empty in records of Helm 3.
	ApplyMethod string
	// FirstDeployed and Updated may be zero.
	FirstDeployed, Updated time.Time
	// Hooks is how many there are; Actions and Events say how many of them run in each.
	Hooks           int
	Actions, Events map[string]int
	// Troubled are the hooks of which the record tells no good end, the newest first.
	Troubled []HookRun
	// Pending is nil unless the status says that something is under way.
	Pending *Pending
	// Ignored are the objects that Helm has dropped, Left those of hooks that exist; nil where nobody looked.
	Ignored, Left *ReleaseObjects
}

// ReleaseObjects are objects of a release.
type ReleaseObjects struct {
	Objects []plan.Object
	// Why says why they are not known, or not all of them.
	Why string
}

// HookRun is the last execution of a hook, as the record tells it.
type HookRun struct {
	Kind, Name, Template string
	Events               []string
	// Phase is in Helm's words: Failed, Running, Unknown.
	Phase string
	// Running says that it may be at work just now; a phase Running that nothing has followed for long is that of a
	// Helm that has died.
	Running            bool
	Started, Completed time.Time
}

// Pending is an action that has not come to its end.
type Pending struct {
	// Since is when it began, LastSign when Helm last changed the record.
	Since, LastSign time.Time
	Stuck           bool
}

// ReleaseError is what could not be read.
type ReleaseError struct {
	Namespace, Name, Object, Message, Hint string
}

// ReleasesRenderer writes a list of releases in one format.
type ReleasesRenderer func(w io.Writer, r Releases, s Style) error

// releasesFormats is the one list of formats of `list`: names, help, completion and the switch come from it.
func releasesFormats() []struct {
	name   string
	render ReleasesRenderer
} {
	return []struct {
		name   string
		render ReleasesRenderer
	}{
		{"table", ReleasesTable},
		{"wide", ReleasesWide},
		{"json", ReleasesJSON},
		{"yaml", ReleasesYAML},
		{"html", ReleasesHTML},
		{"markdown", ReleasesMarkdown},
		{"name", ReleasesName},
	}
}

// ReleasesFormats are the names of the formats, the default first.
func ReleasesFormats() []string {
	var names []string
	for _, f := range releasesFormats() {
		names = append(names, f.name)
	}
	return append(names, Expressions()...)
}

// NewReleases gives the renderer of a format.
func NewReleases(name string) (ReleasesRenderer, error) {
	for _, f := range releasesFormats() {
		if f.name == name {
			return f.render, nil
		}
	}
	if e, found, err := parseExpression(name); found {
		return e.releases, err
	}
	return nil, fmt.Errorf("unknown output format %q: valid are %s", name, strings.Join(ReleasesFormats(), ", "))
}

// ReleasesName writes a line a release: its name, with the namespace in front where all are listed.
func ReleasesName(w io.Writer, r Releases, _ Style) error {
	var out strings.Builder
	for _, one := range r.Items {
		if r.Namespace == "" {
			out.WriteString(clean(one.Namespace) + "/")
		}
		out.WriteString(clean(one.Name) + "\n")
	}
	_, err := io.WriteString(w, out.String())
	return err
}
