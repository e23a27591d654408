// Package helm4 is everything that is done with Helm 4's packages: a chart is loaded, rendered and split
// as Helm 4.3 does it. Where the chart comes from and which values go in is internal/helm3's work for
// both Helms.
package helm4

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	chartutil "helm.sh/helm/v4/pkg/chart/v2/util"
	"helm.sh/helm/v4/pkg/engine"

	"github.com/helm-hooks/helm-hooks/internal/source/sdk"
)

// Render renders one revision as RunWithContext of v4 pkg/action/install.go does: without a cluster, or, for
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
	if err := chartutil.ProcessDependencies(work, values); err != nil {
		return sdk.Result{}, fmt.Errorf("chart dependencies processing failed: %w", err)
	}
	options := common.ReleaseOptions{
		Name:      request.Release.Name,
		Namespace: request.Release.Namespace,
		Revision:  request.Fields.Revision,
		IsInstall: !request.Fields.IsUpgrade,
		IsUpgrade: request.Fields.IsUpgrade,
	}
	top, err := util.ToRenderValuesWithSchemaValidation(work, values, options, caps, request.SkipSchemaValidation)
	if err != nil {
		return sdk.Result{}, err
	}
	// v4 pkg/action/action.go: renderResources
	if wanted := work.Metadata.KubeVersion; wanted != "" && !chartutil.IsCompatibleRange(wanted, caps.KubeVersion.String()) {
		return sdk.Result{}, fmt.Errorf("chart requires kubeVersion: %s which is incompatible with Kubernetes %s",
			wanted, caps.KubeVersion.Version)
	}
	var run engine.Engine
	if request.Cluster != nil && request.Cluster.Config != nil {
		run = engine.New(request.Cluster.Config)
	}
	files, err := run.RenderWithContext(context.Background(), work, top)
	if err != nil {
		return sdk.Result{}, err
	}
	var result sdk.Result
	result.Documents = sdk.Documents(files, Split(request.Engine.Version))
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

// capabilities are built from the SDK's defaults, which stay as they are: other code in the process may
// read them.
func capabilities(request sdk.Request) (*common.Capabilities, error) {
	caps := common.DefaultCapabilities.Copy()
	caps.HelmVersion.Version = sdk.HelmVersion(request.Engine, sdk.Helm4Version)
	if cluster := request.Cluster; cluster != nil {
		// v4 pkg/action/action.go: getCapabilities takes the API server's words as they are.
		caps.KubeVersion = common.KubeVersion{Version: cluster.KubeVersion, Major: cluster.Major, Minor: cluster.Minor}
		if len(cluster.APIVersions) > 0 {
			caps.APIVersions = slices.Clone(cluster.APIVersions)
		}
		return caps, nil
	}
	version := request.KubeVersion
	if version == "" {
		version = sdk.KubeVersion
	}
	parsed, err := common.ParseKubeVersion(version)
	if err != nil {
		return nil, fmt.Errorf("invalid kube version '%s': %w", version, err)
	}
	caps.KubeVersion = *parsed
	caps.APIVersions = slices.Concat(caps.APIVersions, request.APIVersions)
	return caps, nil
}

// APIVersions are the API versions that a render knows without --api-versions.
func APIVersions() []string { return slices.Clone(common.DefaultVersionSet) }

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

func rewriteFiles(files []*common.File, change func(string) string) []*common.File {
	out := make([]*common.File, len(files))
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
