package source

import (
	"encoding/json"
	"io"
	"testing"

	"helm.sh/helm/v3/pkg/action"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	kubefake "helm.sh/helm/v3/pkg/kube/fake"
	releasev3 "helm.sh/helm/v3/pkg/release"
	"helm.sh/helm/v3/pkg/storage"
	"helm.sh/helm/v3/pkg/storage/driver"
	"k8s.io/client-go/rest"

	"github.com/helm-hooks/helm-hooks/internal/source/sdk"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// actor is Helm's own install, upgrade and rollback of the release web in the namespace prod, with a cluster that
// does nothing. What it stores is what a record gives back: JSON.
type actor interface {
	install(files map[string]string, values map[string]any) error
	upgrade(files map[string]string, values map[string]any, how mode) error
	rollback(to int) error
	// last is the newest revision, as DroppedOf takes it.
	last() StoredRelease
	// manifest is that of the newest revision.
	manifest() string
}

// mode is an upgrade with Helm's flags.
type mode struct{ reset, reuse, resetThenReuse, dryRun bool }

var web = plan.Release{Name: "web", Namespace: "prod"}

func newActor(t *testing.T, engine plan.Engine) actor {
	if engine.Name == "helm3" {
		return newActor3(t)
	}
	return newActor4(t)
}

type actor3 struct {
	t      *testing.T
	config *action.Configuration
	dry    *releasev3.Release
}

func newActor3(t *testing.T) *actor3 {
	memory := driver.NewMemory()
	memory.SetNamespace(web.Namespace)
	caps := chartutil.DefaultCapabilities.Copy()
	caps.KubeVersion = chartutil.KubeVersion{Version: "v1.37.0", Major: "1", Minor: "37"}
	caps.HelmVersion.Version = "v3.22.0"
	return &actor3{t: t, config: &action.Configuration{
		Releases: storage.Init(memory), KubeClient: &kubefake.PrintingKubeClient{Out: io.Discard, LogOutput: io.Discard},
		Capabilities: caps, Log: func(string, ...any) {},
	}}
}

func (a *actor3) install(files map[string]string, values map[string]any) error {
	client := action.NewInstall(a.config)
	client.ReleaseName, client.Namespace, client.Replace = web.Name, web.Namespace, true
	chart, err := loader.LoadFiles(buffered3(files))
	if err != nil {
		a.t.Fatal(err)
	}
	_, err = client.Run(chart, values)
	a.store()
	return err
}

func (a *actor3) upgrade(files map[string]string, values map[string]any, how mode) error {
	client := action.NewUpgrade(a.config)
	client.Namespace = web.Namespace
	client.ResetValues, client.ReuseValues, client.ResetThenReuseValues, client.DryRun = how.reset, how.reuse, how.resetThenReuse, how.dryRun
	chart, err := loader.LoadFiles(buffered3(files))
	if err != nil {
		a.t.Fatal(err)
	}
	released, err := client.Run(web.Name, chart, values)
	if err != nil {
		return err
	}
	a.dry = nil
	if how.dryRun {
		a.dry = released
		return nil
	}
	a.store()
	return nil
}

func (a *actor3) rollback(to int) error {
	client := action.NewRollback(a.config)
	client.Version = to
	err := client.Run(web.Name)
	a.store()
	return err
}

// store replaces the newest revision by what a record would give back.
func (a *actor3) store() {
	last, err := a.config.Releases.Last(web.Name)
	if err != nil {
		return
	}
	var again releasev3.Release
	if err := again3(last, &again); err != nil {
		a.t.Fatal(err)
	}
	if err := a.config.Releases.Update(&again); err != nil {
		a.t.Fatal(err)
	}
}

func again3(from, to any) error {
	text, err := json.Marshal(from)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, to)
}

func (a *actor3) newest() *releasev3.Release {
	if a.dry != nil {
		return a.dry
	}
	last, err := a.config.Releases.Last(web.Name)
	if err != nil {
		a.t.Fatal(err)
	}
	return last
}

func (a *actor3) manifest() string { return a.newest().Manifest }

func (a *actor3) last() StoredRelease {
	last := a.newest()
	raw, err := json.Marshal(last.Chart)
	if err != nil {
		a.t.Fatal(err)
	}
	var hooks []StoredHook
	for _, hook := range last.Hooks {
		hooks = append(hooks, StoredHook{Path: hook.Path, Manifest: hook.Manifest})
	}
	documents, err := StoredDocuments("web", last.Manifest, hooks)
	if err != nil {
		a.t.Fatal(err)
	}
	return StoredRelease{
		Engine: engines[0], Release: web, Chart: raw, Values: sdk.CopyValues(last.Config), Revision: last.Version, IsUpgrade: last.Version > 1,
		Documents: documents,
	}
}

func buffered3(files map[string]string) []*loader.BufferedFile {
	var list []*loader.BufferedFile
	for _, name := range sortedKeys(files) {
		list = append(list, &loader.BufferedFile{Name: name, Data: []byte(files[name])})
	}
	return list
}

// installOnServer is `helm install --dry-run=server` of a chart with one template.
func installOnServer(t *testing.T, engine plan.Engine, files map[string]string, config *rest.Config) (string, error) {
	t.Helper()
	if engine.Name == "helm4" {
		return installOnServer4(t, files, config)
	}
	a := newActor3(t)
	a.config.Capabilities, a.config.RESTClientGetter = nil, getter{config}
	client := action.NewInstall(a.config)
	client.ReleaseName, client.Namespace, client.DryRun, client.DryRunOption = web.Name, web.Namespace, true, "server"
	chart, err := loader.LoadFiles(buffered3(files))
	if err != nil {
		t.Fatal(err)
	}
	released, err := client.Run(chart, map[string]any{})
	if err != nil {
		return "", err
	}
	return released.Hooks[0].Manifest, nil
}
