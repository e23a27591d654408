package driver4

import (
	"strings"

	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	"helm.sh/helm/v4/pkg/engine"
	rspb "helm.sh/helm/v4/pkg/release/v1"
	releaseutil "helm.sh/helm/v4/pkg/release/v1/util"

	"github.com/helm-hooks/helm-hooks/test/oracle/scenario"
	"github.com/helm-hooks/helm-hooks/test/oracle/stage"
)

// describe renders what Helm has rendered once more, to see what SortManifests does with it: a release
// does not tell which documents it dropped. A render that fails was Helm's error already.
func (d *run) describe(res *scenario.StepResult, rel *rspb.Release) {
	if rel == nil || rel.Chart == nil {
		return
	}
	options := common.ReleaseOptions{
		Name: d.name, Namespace: d.stage.Scenario.Namespace, Revision: rel.Version,
		IsUpgrade: d.step.Action == scenario.Upgrade, IsInstall: d.step.Action == scenario.Install,
	}
	if options.IsInstall {
		options.Revision = 1 // install.go RunWithContext, whatever number is stored
	}
	values, err := util.ToRenderValues(rel.Chart, rel.Config, options, capabilities())
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
