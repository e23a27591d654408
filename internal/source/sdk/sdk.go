// Package sdk is what internal/helm3 and internal/helm4 have in common: the request for a render, its
// result, and the few steps between a chart and its documents that no package of Helm offers.
package sdk

import (
	"encoding/json"
	"fmt"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// KubeVersion is the Kubernetes version that Helm's release builds believe in when there is no cluster:
// the minor of the client-go they are built with (v4 pkg/chart/common/capabilities.go:
// makeDefaultCapabilities; for v3 the -X flags of its Makefile). A plain build of Helm 3's packages
// says 1.20, so it is set here. A test holds it against the client-go of go.mod.
const KubeVersion = "v1.37.0"

// The versions of the Helm packages that are linked. A test holds them against go.mod.
const (
	Helm3Version = "v3.22.0"
	Helm4Version = "v4.3.1"
)

// Chart is a loaded chart. Its methods may be called at the same time from several goroutines, and a
// render leaves no trace in it.
type Chart interface {
	Info() Info
	// Texts are all texts of the chart and its subcharts, enabled or not, that Helm could run as a
	// template: templates, default values, and the files that hold an action (tpl and .Files.Get).
	Texts() []Text
	Render(Request) (Result, error)
	// Reuse is what --reuse-values makes of the chart and of the values given with it: stored is the chart of the
	// current revision as its record holds it, config are the user's values of that revision.
	Reuse(stored json.RawMessage, config, values map[string]any) (Chart, map[string]any, error)
	// Overlay lays values over those of config; a null takes a key away.
	Overlay(values, config map[string]any) map[string]any
	// File is a file of the chart that is neither metadata, template nor values.yaml; nil where there is none.
	File(name string) []byte
	// Defaults are the chart's own values, and WithDefaults is the chart with others in their place.
	Defaults() map[string]any
	WithDefaults(values map[string]any) Chart
}

// Info is what Chart.yaml says.
type Info struct {
	Name       string
	Version    string
	AppVersion string
	Deprecated bool
	// Dependencies are the subcharts that Chart.yaml lists; in a record, those that were enabled.
	Dependencies []string
}

// Text is one text that Helm could run as a template.
type Text struct {
	// Path is Helm's path, such as shop/templates/migrate.yaml; empty for values.
	Path string
	Body string
}

// Request is all that a render depends on.
type Request struct {
	Engine  plan.Engine
	Release plan.Release
	Fields  plan.Fields
	// Values are the user's; they are copied, never changed.
	Values map[string]any
	// KubeVersion is --kube-version; empty means KubeVersion of this package.
	KubeVersion string
	// APIVersions are added to the built-in ones, as --api-versions does.
	APIVersions          []string
	SkipSchemaValidation bool
	// Cluster is the cluster that the render may ask; nil renders without one. KubeVersion and APIVersions are not
	// looked at where there is one, as in Helm (pkg/action/install.go: RunWithContext reads them for ClientOnly).
	Cluster *Cluster
	// Rewrite changes every text that may be run as a template before the render. It serves the
	// comparison of two renders and is nil otherwise.
	Rewrite func(string) string
}

// Result is one render.
type Result struct {
	plan.Rendered
	// Active are the templates of the root chart and of the subcharts that are enabled.
	Active []Text
}

// HelmVersion is what .Capabilities.HelmVersion.Version says under the engine. An engine of the minor
// that is linked has the linked version's patch.
func HelmVersion(engine plan.Engine, linked string) string {
	version := fmt.Sprintf("v%d.%d.%d", engine.Version[0], engine.Version[1], engine.Version[2])
	var major, minor, patch int
	if _, err := fmt.Sscanf(linked, "v%d.%d.%d", &major, &minor, &patch); err != nil {
		return version
	}
	if engine.Version[0] == major && engine.Version[1] == minor && engine.Version[2] >= patch {
		return linked
	}
	if engine.Version[2] >= anyPatch {
		// A minor was asked for: its first release, since the newest patch of each is not known here.
		return fmt.Sprintf("v%d.%d.0", engine.Version[0], engine.Version[1])
	}
	return version
}

// anyPatch is how pkg/plan says "the newest patch of this minor".
const anyPatch = 999
