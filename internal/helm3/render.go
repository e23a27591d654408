// Package helm3 is everything that is done with Helm 3's packages: a chart is found, loaded, rendered
// and split as Helm 3.22 does it. References and values are resolved here for both Helms.
//
// It links neither pkg/action nor pkg/kube nor kubectl. As pkg/cli pulls those in, and pkg/getter,
// pkg/downloader, pkg/repo and pkg/cli/values pull in pkg/cli, what these five do is written anew here
// and held against them, and against Helm 4's, in the tests.
package helm3

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v3/pkg/releaseutil"

	"github.com/helm-hooks/helm-hooks/internal/source/sdk"
)

// Render renders one revision as RunWithContext of v3 pkg/action/install.go does: without a cluster, or, for
// --dry-run=server, with one that is only read.
func (c *Chart) Render(request sdk.Request) (sdk.Result, error) {
	caps, err := capabilities(request)
	if err != nil {
		return sdk.Result{}, err
	}
	work, values := clone(c.chart), sdk.CopyValues(request.Values)
	if request.Rewrite != nil {
		rewrite(work, request.Rewrite)
		values = sdk.RewriteValues(values, request.Rewrite)
	}
	if err := chartutil.ProcessDependenciesWithMerge(work, values); err != nil {
		return sdk.Result{}, err
	}
	options := chartutil.ReleaseOptions{
		Name:      request.Release.Name,
		Namespace: request.Release.Namespace,
		Revision:  request.Fields.Revision,
		IsInstall: !request.Fields.IsUpgrade,
		IsUpgrade: request.Fields.IsUpgrade,
	}
	top, err := chartutil.ToRenderValuesWithSchemaValidation(work, values, options, caps, request.SkipSchemaValidation)
	if err != nil {
		return sdk.Result{}, err
	}
	// v3 pkg/action/action.go: renderResources
	if wanted := work.Metadata.KubeVersion; wanted != "" && !chartutil.IsCompatibleRange(wanted, caps.KubeVersion.String()) {
		return sdk.Result{}, fmt.Errorf("chart requires kubeVersion: %s which is incompatible with Kubernetes %s",
			wanted, caps.KubeVersion.String())
	}
	var run engine.Engine
	if request.Cluster != nil && request.Cluster.Config != nil {
		run = engine.New(request.Cluster.Config)
	}
	files, err := run.Render(work, top)
	if err != nil {
		return sdk.Result{}, err
	}
	var result sdk.Result
	result.Documents = sdk.Documents(files, Split)
	result.Active = active(work)
	for _, crd := range work.CRDObjects() {
		file, err := sdk.CRDFile(crd.Filename, crd.File.Data)
		if err != nil {
			return sdk.Result{}, err
		}
		result.CRDs = append(result.CRDs, file)
	}
	return result, nil
}

// Split cuts a rendered file into documents as every Helm 3 does (v3 pkg/releaseutil/manifest.go: SplitManifests, which
// is not asked where there is nothing to cut).
func Split(text string) []string {
	if strings.Contains(text, "---") {
		return sdk.InOrder(releaseutil.SplitManifests(text))
	}
	if text = strings.TrimSpace(text); text == "" {
		return nil
	}
	return []string{text}
}

// capabilities are built from the SDK's defaults, which stay as they are: other code in the process may
// read them.
func capabilities(request sdk.Request) (*chartutil.Capabilities, error) {
	caps := chartutil.DefaultCapabilities.Copy()
	caps.HelmVersion.Version = sdk.HelmVersion(request.Engine, sdk.Helm3Version)
	if cluster := request.Cluster; cluster != nil {
		// v3 pkg/action/action.go: getCapabilities takes the API server's words as they are.
		caps.KubeVersion = chartutil.KubeVersion{Version: cluster.KubeVersion, Major: cluster.Major, Minor: cluster.Minor}
		if len(cluster.APIVersions) > 0 {
			caps.APIVersions = slices.Clone(cluster.APIVersions)
		}
		return caps, nil
	}
	version := request.KubeVersion
	if version == "" {
		version = sdk.KubeVersion
	}
	parsed, err := chartutil.ParseKubeVersion(version)
	if err != nil {
		return nil, fmt.Errorf("invalid kube version '%s': %w", version, err)
	}
	caps.KubeVersion = *parsed
	caps.APIVersions = slices.Concat(caps.APIVersions, request.APIVersions)
	return caps, nil
}

// APIVersions are the API versions that a render knows without --api-versions.
func APIVersions() []string { return slices.Clone(chartutil.DefaultVersionSet) }

// ValidateReleaseName says why Helm would refuse the name of a release.
func ValidateReleaseName(name string) error { return chartutil.ValidateReleaseName(name) }

// clone copies what Helm changes on the way to a render: the tree of charts and their parents, metadata
// (ProcessDependencies renames and drops dependencies) and values. File contents are only read.
func clone(c *chart.Chart) *chart.Chart {
	out := *c
	out.Metadata = cloneMetadata(c.Metadata)
	out.Values = sdk.CopyValues(c.Values)
	dependencies := make([]*chart.Chart, 0, len(c.Dependencies()))
	for _, dependency := range c.Dependencies() {
		dependencies = append(dependencies, clone(dependency))
	}
	out.SetDependencies(dependencies...)
	return &out
}

func cloneMetadata(meta *chart.Metadata) *chart.Metadata {
	out := *meta
	out.Annotations = maps.Clone(meta.Annotations)
	out.Dependencies = slices.Clone(meta.Dependencies)
	for i, dependency := range meta.Dependencies {
		if dependency == nil {
			continue
		}
		copied := *dependency
		copied.ImportValues = slices.Clone(dependency.ImportValues)
		out.Dependencies[i] = &copied
	}
	return &out
}

func rewrite(c *chart.Chart, change func(string) string) {
	c.Values = sdk.RewriteValues(c.Values, change)
	c.Templates = rewriteFiles(c.Templates, change)
	c.Files = rewriteFiles(c.Files, change)
	for _, dependency := range c.Dependencies() {
		rewrite(dependency, change)
	}
}

func rewriteFiles(files []*chart.File, change func(string) string) []*chart.File {
	out := make([]*chart.File, len(files))
	for i, file := range files {
		copied := *file
		if body := string(file.Data); sdk.HasAction(body) {
			copied.Data = []byte(change(body))
		}
		out[i] = &copied
	}
	return out
}

func active(c *chart.Chart) []sdk.Text {
	texts := templates(c)
	for _, dependency := range c.Dependencies() {
		texts = append(texts, active(dependency)...)
	}
	return texts
}
