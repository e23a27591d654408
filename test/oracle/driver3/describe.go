package driver3

import (
	"strings"

	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v3/pkg/release"
	"helm.sh/helm/v3/pkg/releaseutil"

	"github.com/helm-hooks/helm-hooks/test/oracle/scenario"
	"github.com/helm-hooks/helm-hooks/test/oracle/stage"
)

// describe renders what Helm has rendered once more, to see what SortManifests does with it: a release
// does not tell which documents it dropped. A render that fails was Helm's error already.
func (d *run) describe(res *scenario.StepResult, rel *release.Release) {
	if rel == nil || rel.Chart == nil {
		return
	}
	options := chartutil.ReleaseOptions{
		Name: d.name, Namespace: d.stage.Scenario.Namespace, Revision: rel.Version,
		IsUpgrade: d.step.Action == scenario.Upgrade, IsInstall: d.step.Action == scenario.Install,
	}
	if options.IsInstall {
		options.Revision = 1 // install.go RunWithContext, whatever number is stored
	}
	values, err := chartutil.ToRenderValues(rel.Chart, rel.Config, options, capabilities())
	if err != nil {
		return
	}
	files, err := engine.Render(rel.Chart, values)
	if err != nil {
		return
	}
	documents := 0
	for name, content := range files {
		switch {
		case strings.HasSuffix(name, "NOTES.txt"): // action.go renderResources
			delete(files, name)
		case stage.Sorted(name, content):
			documents += len(releaseutil.SplitManifests(content))
		}
	}
	hooks, manifests, err := releaseutil.SortManifests(files, nil, releaseutil.InstallOrder)
	if err != nil {
		return
	}
	res.Resources = len(manifests)
	res.DroppedCount = documents - len(hooks) - len(manifests)
	for _, h := range hooks {
		info := scenario.HookInfo{Path: h.Path, Kind: h.Kind, Name: h.Name, Weight: h.Weight}
		for _, e := range h.Events {
			info.Events = append(info.Events, e.String())
		}
		for _, p := range h.DeletePolicies {
			info.DeletePolicies = append(info.DeletePolicies, p.String())
		}
		res.Hooks = append(res.Hooks, info)
	}
}
