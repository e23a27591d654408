package render

import (
	"io"
	"time"
)

// The wire types of `list -o json`: docs/schema/releasehookslist.v1alpha1.schema.json.

const kindReleaseHooksList = "ReleaseHooksList"

type wireReleases struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Context    string `json:"context"`
	// Namespace is null where all are listed.
	Namespace *string `json:"namespace"`
	Driver    string  `json:"driver"`
	Selector  string  `json:"selector"`
	// AsOf is when it was looked.
	AsOf   string            `json:"asOf"`
	Counts wireReleaseCounts `json:"counts"`
	// Items are null where nothing could be listed.
	Items  []wireRelease      `json:"items"`
	Errors []wireReleaseError `json:"errors"`
}

// wireReleaseCounts are null where nothing could be listed.
type wireReleaseCounts struct {
	Releases *int `json:"releases"`
	Shown    *int `json:"shown"`
	Hidden   *int `json:"withoutHooksNotShown"`
	Unread   *int `json:"unread"`
}

type wireRelease struct {
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	Revision  int    `json:"revision"`
	Status    string `json:"status"`
	// DeployedRevision is null where none is deployed.
	DeployedRevision *int `json:"deployedRevision"`
	StoredRevisions  int  `json:"storedRevisions"`
	// What comes from the record is null where that cannot be read.
	DeploysTo     *string        `json:"deploysTo"`
	Chart         *string        `json:"chart"`
	ChartVersion  *string        `json:"chartVersion"`
	AppVersion    *string        `json:"appVersion"`
	ApplyMethod   *string        `json:"applyMethod"`
	FirstDeployed *string        `json:"firstDeployed"`
	Updated       *string        `json:"updated"`
	Hooks         *wireHookCount `json:"hooks"`
	// LastHookFailure is null also where none has failed.
	LastHookFailure *wireHookRun  `json:"lastHookFailure"`
	TroubledHooks   []wireHookRun `json:"troubledHooks"`
	// Pending is null where nothing is under way.
	Pending *wirePending `json:"pending"`
	// Ignored and Left are there where they were asked for.
	Ignored *wireFound `json:"ignored,omitempty"`
	Left    *wireFound `json:"left,omitempty"`
}

// wireFound has null objects where nothing is known of them.
type wireFound struct {
	Objects []wireObject `json:"objects"`
	// Unknown says why they are not, or not all, known.
	Unknown string `json:"unknown,omitempty"`
}

type wireHookCount struct {
	Total    int            `json:"total"`
	ByAction map[string]int `json:"byAction"`
	ByEvent  map[string]int `json:"byEvent"`
}

type wireHookRun struct {
	Kind     string   `json:"kind"`
	Name     string   `json:"name"`
	Template string   `json:"template"`
	Events   []string `json:"events"`
	Phase    string   `json:"phase"`
	// Running says that it may be at work just now.
	Running     bool    `json:"running"`
	StartedAt   *string `json:"startedAt"`
	CompletedAt *string `json:"completedAt"`
}

type wirePending struct {
	Since    *string `json:"since"`
	LastSign *string `json:"lastSign"`
	Stuck    bool    `json:"stuck"`
}

type wireReleaseError struct {
	Namespace string `json:"namespace,omitempty"`
	Name      string `json:"name,omitempty"`
	Object    string `json:"object,omitempty"`
	Message   string `json:"message"`
	Hint      string `json:"hint,omitempty"`
}

// ReleasesJSON writes one document of docs/schema/releasehookslist.v1alpha1.schema.json.
func ReleasesJSON(w io.Writer, r Releases, _ Style) error {
	text, err := encode(releasesWire(r))
	if err != nil {
		return err
	}
	_, err = w.Write(escaped(text))
	return err
}

// ReleasesYAML writes the same tree as ReleasesJSON.
func ReleasesYAML(w io.Writer, r Releases, _ Style) error {
	text, err := encode(releasesWire(r))
	if err != nil {
		return err
	}
	return writeYAML(w, text)
}

func releasesWire(r Releases) wireReleases {
	out := wireReleases{
		APIVersion: wireAPIVersion, Kind: kindReleaseHooksList, Context: r.Context, Driver: r.Driver, Selector: r.Selector,
		AsOf:   r.Now.UTC().Format(time.RFC3339),
		Errors: full(each(r.Errors, func(e ReleaseError) wireReleaseError { return wireReleaseError(e) })),
	}
	if r.Namespace != "" {
		out.Namespace = &r.Namespace
	}
	if r.Items != nil {
		shown := len(r.Items)
		out.Counts = wireReleaseCounts{&r.Total, &shown, &r.Hidden, &r.Unread}
		out.Items = full(each(r.Items, releaseWire))
	}
	return out
}

func releaseWire(r Release) wireRelease {
	out := wireRelease{
		Namespace: r.Namespace, Name: r.Name, Revision: r.Revision, Status: r.Status,
		DeployedRevision: positive(r.Deployed), StoredRevisions: r.Stored,
	}
	if p := r.Pending; p != nil {
		out.Pending = &wirePending{Since: instant(p.Since), LastSign: instant(p.LastSign), Stuck: p.Stuck}
	}
	if r.Unread {
		return out
	}
	target := r.Namespace
	if r.Target != "" {
		target = r.Target
	}
	out.Ignored, out.Left = foundWire(r.Ignored), foundWire(r.Left)
	out.DeploysTo, out.Chart, out.ChartVersion, out.AppVersion, out.ApplyMethod = &target, &r.Chart, &r.ChartVersion, &r.AppVersion, &r.ApplyMethod
	out.FirstDeployed, out.Updated = instant(r.FirstDeployed), instant(r.Updated)
	out.Hooks = &wireHookCount{r.Hooks, r.Actions, r.Events}
	if out.Hooks.ByAction == nil {
		out.Hooks.ByAction = map[string]int{}
	}
	if out.Hooks.ByEvent == nil {
		out.Hooks.ByEvent = map[string]int{}
	}
	out.TroubledHooks = full(each(r.Troubled, hookRunWire))
	for i := range out.TroubledHooks {
		if !out.TroubledHooks[i].Running {
			out.LastHookFailure = &out.TroubledHooks[i]
			break
		}
	}
	return out
}

func foundWire(found *ReleaseObjects) *wireFound {
	switch {
	case found == nil:
		return nil
	case found.Why != "" && len(found.Objects) == 0:
		return &wireFound{Unknown: found.Why}
	}
	return &wireFound{Objects: objectsWire(found.Objects), Unknown: found.Why}
}

func hookRunWire(run HookRun) wireHookRun {
	return wireHookRun{
		Kind: run.Kind, Name: run.Name, Template: run.Template, Events: full(run.Events), Phase: run.Phase, Running: run.Running,
		StartedAt: instant(run.Started), CompletedAt: instant(run.Completed),
	}
}

// instant is a time for programs, nil where there is none.
func instant(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	text := t.UTC().Format(time.RFC3339)
	return &text
}
