package source

import (
	"encoding/json"
	"io"
	"log/slog"
	"testing"

	"helm.sh/helm/v4/pkg/action"
	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/loader/archive"
	loader "helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/kube"
	kubefake "helm.sh/helm/v4/pkg/kube/fake"
	releaser "helm.sh/helm/v4/pkg/release"
	releasev4 "helm.sh/helm/v4/pkg/release/v1"
	"helm.sh/helm/v4/pkg/storage"
	"helm.sh/helm/v4/pkg/storage/driver"
	"k8s.io/client-go/rest"

	"github.com/helm-hooks/helm-hooks/internal/source/sdk"
)

type actor4 struct {
	t      *testing.T
	config *action.Configuration
	dry    *releasev4.Release
}

func newActor4(t *testing.T) *actor4 {
	memory := driver.NewMemory()
	memory.SetNamespace(web.Namespace)
	kube, err := common.ParseKubeVersion("v1.37.0")
	if err != nil {
		t.Fatal(err)
	}
	caps := common.DefaultCapabilities.Copy()
	caps.KubeVersion, caps.HelmVersion.Version = *kube, "v4.3.1"
	config := action.NewConfiguration(action.ConfigurationSetLogger(slog.DiscardHandler))
	config.Releases, config.Capabilities = storage.Init(memory), caps
	config.KubeClient = &kubefake.PrintingKubeClient{Out: io.Discard, LogOutput: io.Discard}
	return &actor4{t: t, config: config}
}

func (a *actor4) install(files map[string]string, values map[string]any) error {
	client := action.NewInstall(a.config)
	client.ReleaseName, client.Namespace, client.Replace, client.WaitStrategy = web.Name, web.Namespace, true, kube.HookOnlyStrategy
	client.SkipCRDs = true // the cluster that does nothing builds no CRDs
	chart, err := loader.LoadFiles(buffered4(files))
	if err != nil {
		a.t.Fatal(err)
	}
	_, err = client.Run(chart, values)
	a.store()
	return err
}

func (a *actor4) upgrade(files map[string]string, values map[string]any, how mode) error {
	client := action.NewUpgrade(a.config)
	client.Namespace, client.WaitStrategy, client.ServerSideApply = web.Namespace, kube.HookOnlyStrategy, "auto"
	client.ResetValues, client.ReuseValues, client.ResetThenReuseValues = how.reset, how.reuse, how.resetThenReuse
	if how.dryRun {
		client.DryRunStrategy = action.DryRunClient
	}
	chart, err := loader.LoadFiles(buffered4(files))
	if err != nil {
		a.t.Fatal(err)
	}
	released, err := client.Run(web.Name, chart, values)
	if err != nil {
		return err
	}
	a.dry = nil
	if how.dryRun {
		a.dry = a.v1(released)
		return nil
	}
	a.store()
	return nil
}

func (a *actor4) rollback(to int) error {
	client := action.NewRollback(a.config)
	client.Version, client.WaitStrategy, client.ServerSideApply = to, kube.HookOnlyStrategy, "auto"
	err := client.Run(web.Name)
	a.store()
	return err
}

func (a *actor4) v1(released releaser.Releaser) *releasev4.Release {
	v1, ok := released.(*releasev4.Release)
	if !ok {
		a.t.Fatalf("a release of type %T", released)
	}
	return v1
}

func (a *actor4) store() {
	last, err := a.config.Releases.Last(web.Name)
	if err != nil {
		return
	}
	var again releasev4.Release
	if err := again3(last, &again); err != nil {
		a.t.Fatal(err)
	}
	if err := a.config.Releases.Update(&again); err != nil {
		a.t.Fatal(err)
	}
}

func (a *actor4) newest() *releasev4.Release {
	if a.dry != nil {
		return a.dry
	}
	last, err := a.config.Releases.Last(web.Name)
	if err != nil {
		a.t.Fatal(err)
	}
	return a.v1(last)
}

func (a *actor4) manifest() string { return a.newest().Manifest }

func (a *actor4) last() StoredRelease {
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
		Engine: engines[1], Release: web, Chart: raw, Values: sdk.CopyValues(last.Config), Revision: last.Version, IsUpgrade: last.Version > 1,
		Documents: documents,
	}
}

func buffered4(files map[string]string) []*archive.BufferedFile {
	var list []*archive.BufferedFile
	for _, name := range sortedKeys(files) {
		list = append(list, &archive.BufferedFile{Name: name, Data: []byte(files[name])})
	}
	return list
}

func installOnServer4(t *testing.T, files map[string]string, config *rest.Config) (string, error) {
	t.Helper()
	a := newActor4(t)
	a.config.Capabilities, a.config.RESTClientGetter = nil, getter{config}
	client := action.NewInstall(a.config)
	client.ReleaseName, client.Namespace, client.DryRunStrategy = web.Name, web.Namespace, action.DryRunServer
	chart, err := loader.LoadFiles(buffered4(files))
	if err != nil {
		t.Fatal(err)
	}
	released, err := client.Run(chart, map[string]any{})
	if err != nil {
		return "", err
	}
	return a.v1(released).Hooks[0].Manifest, nil
}
