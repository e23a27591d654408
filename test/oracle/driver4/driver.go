// Package driver4 drives Helm 4's pkg/action over the oracle's cluster, as Helm's command line would.
package driver4

import (
	"fmt"
	"io"
	"log/slog"

	"helm.sh/helm/v4/pkg/action"
	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/loader/archive"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/kube"
	"helm.sh/helm/v4/pkg/release"
	rspb "helm.sh/helm/v4/pkg/release/v1"
	"helm.sh/helm/v4/pkg/storage"

	"github.com/helm-hooks/helm-hooks/test/oracle/scenario"
	"github.com/helm-hooks/helm-hooks/test/oracle/stage"
)

// Run runs a scenario whose steps are all of Helm 4.
func Run(sc scenario.Scenario) (scenario.Result, error) {
	return stage.New(sc).Run(stage.Only("4", Step))
}

// Step runs one step. What Helm refuses is in the result; the error is for a scenario that cannot be run.
func Step(s *stage.Stage, r *stage.Recorder, step scenario.Step) (scenario.StepResult, error) {
	d := &run{stage: s, recorder: r, step: step, name: s.Scenario.Release, cfg: configuration(s, r)}
	rel, err := d.act()
	var res scenario.StepResult
	if broken, ok := err.(unusable); ok {
		return res, broken.error
	}
	if err != nil {
		res.Err = err.Error()
	}
	if v1, ok := rel.(*rspb.Release); ok {
		d.describe(&res, v1)
	}
	return res, nil
}

type run struct {
	stage    *stage.Stage
	recorder *stage.Recorder
	step     scenario.Step
	name     string
	cfg      *action.Configuration
}

// unusable is an error of the scenario, not of Helm.
type unusable struct{ error }

func configuration(s *stage.Stage, r *stage.Recorder) *action.Configuration {
	cfg := action.NewConfiguration(action.ConfigurationSetLogger(slog.DiscardHandler))
	cfg.Releases = storage.Init(&records{s.Records, r})
	cfg.Releases.SetLogger(slog.DiscardHandler)
	client := newClient(s, r)
	client.afterCRDs = discoverOnce(cfg)
	cfg.KubeClient = client
	cfg.Capabilities = capabilities()
	cfg.HookOutputFunc = func(_, _, _ string) io.Writer { return io.Discard }
	return cfg
}

// discoverOnce lets Helm discover the API for once.
func discoverOnce(cfg *action.Configuration) func() {
	return func() {
		cfg.RESTClientGetter = stage.Discovery{Done: func() { cfg.RESTClientGetter = nil }}
	}
}

// capabilities are those of a cluster; the SDK's defaults are taken from the build info, which says 1.20
// inside go test (pkg/chart/common/capabilities.go).
func capabilities() *common.Capabilities {
	caps := common.DefaultCapabilities.Copy()
	caps.KubeVersion = common.KubeVersion{Version: "v1.37.0", Major: "1", Minor: "37"}
	return caps
}

func (d *run) act() (release.Releaser, error) {
	switch d.step.Action {
	case scenario.Install:
		return d.install()
	case scenario.Upgrade:
		return d.upgrade()
	case scenario.Rollback:
		return nil, d.rollback()
	case scenario.Uninstall:
		return nil, d.uninstall()
	case scenario.Test:
		return nil, d.test()
	}
	return nil, unusable{fmt.Errorf("there is no action %q", d.step.Action)}
}

// wait is the strategy of --wait; its default is the command line's (pkg/cmd/flags.go AddWaitFlag).
func (d *run) wait() kube.WaitStrategy {
	if d.step.Wait == scenario.WaitDefault {
		return kube.HookOnlyStrategy
	}
	return kube.WaitStrategy(d.step.Wait)
}

// serverSide is --server-side of upgrade and rollback.
func (d *run) serverSide() string {
	if d.step.ServerSide == "" {
		return "auto"
	}
	return d.step.ServerSide
}

// maxHistory is --history-max, of which Helm takes 0 for all.
func (d *run) maxHistory() int {
	switch {
	case d.step.MaxHistory < 0:
		return 0
	case d.step.MaxHistory > 0:
		return d.step.MaxHistory
	}
	return stage.MaxHistory
}

func (d *run) install() (release.Releaser, error) {
	chrt, values, err := d.load()
	if err != nil {
		return nil, unusable{err}
	}
	client := action.NewInstall(d.cfg)
	client.ReleaseName = d.name
	client.Namespace = d.stage.Scenario.Namespace
	client.DisableHooks = d.step.NoHooks
	client.Replace = d.step.Replace
	client.TakeOwnership, client.ForceConflicts = d.step.TakeOwnership, d.step.ForceConflicts
	client.SkipCRDs = d.step.SkipCRDs
	client.RollbackOnFailure = d.step.Atomic
	client.ServerSideApply = d.step.ServerSide != "false"
	client.WaitStrategy = d.wait()
	client.WaitForJobs = d.step.WaitForJobs
	client.Timeout = stage.Timeout(d.step)
	return client.RunWithContext(d.recorder.Context(), chrt, values)
}

func (d *run) upgrade() (release.Releaser, error) {
	chrt, values, err := d.load()
	if err != nil {
		return nil, unusable{err}
	}
	client := action.NewUpgrade(d.cfg)
	client.Namespace = d.stage.Scenario.Namespace
	client.DisableHooks = d.step.NoHooks
	client.SkipCRDs = d.step.SkipCRDs
	client.RollbackOnFailure = d.step.Atomic
	client.CleanupOnFail = d.step.CleanupOnFail
	client.TakeOwnership, client.ForceConflicts = d.step.TakeOwnership, d.step.ForceConflicts
	client.ServerSideApply = d.serverSide()
	client.WaitStrategy = d.wait()
	client.WaitForJobs = d.step.WaitForJobs
	client.Timeout = stage.Timeout(d.step)
	client.MaxHistory = d.maxHistory()
	return client.RunWithContext(d.recorder.Context(), d.name, chrt, values)
}

func (d *run) rollback() error {
	client := action.NewRollback(d.cfg)
	client.Version = d.step.RollbackTo
	client.DisableHooks = d.step.NoHooks
	client.CleanupOnFail = d.step.CleanupOnFail
	client.ServerSideApply = d.serverSide()
	client.WaitStrategy = d.wait()
	client.WaitForJobs = d.step.WaitForJobs
	client.Timeout = stage.Timeout(d.step)
	client.MaxHistory = d.maxHistory()
	client.ForceConflicts = d.step.ForceConflicts
	return client.Run(d.name)
}

func (d *run) uninstall() error {
	client := action.NewUninstall(d.cfg)
	client.DisableHooks = d.step.NoHooks
	client.KeepHistory = d.step.KeepHistory
	client.WaitStrategy = d.wait()
	client.Timeout = stage.Timeout(d.step)
	_, err := client.Run(d.name)
	return err
}

func (d *run) test() error {
	client := action.NewReleaseTesting(d.cfg)
	client.Namespace = d.stage.Scenario.Namespace
	client.Timeout = stage.Timeout(d.step)
	include, exclude := stage.Filters(d.step)
	client.Filters[action.IncludeNameFilter] = include
	client.Filters[action.ExcludeNameFilter] = exclude
	return runTest(client, d.name)
}

// load reads the step's chart anew: actions change the chart they are given.
func (d *run) load() (*chart.Chart, map[string]any, error) {
	source, err := d.stage.Chart(d.step)
	if err != nil {
		return nil, nil, err
	}
	values, err := common.ReadValues([]byte(source.Values))
	if err != nil {
		return nil, nil, fmt.Errorf("read values: %w", err)
	}
	if source.Dir != "" {
		chrt, err := loader.Load(source.Dir)
		if err != nil {
			return nil, nil, fmt.Errorf("load chart %s: %w", source.Dir, err)
		}
		return chrt, values, nil
	}
	var files []*archive.BufferedFile
	for _, name := range stage.FileNames(source) {
		files = append(files, &archive.BufferedFile{Name: name, Data: []byte(source.Files[name])})
	}
	chrt, err := loader.LoadFiles(files)
	if err != nil {
		return nil, nil, fmt.Errorf("load chart: %w", err)
	}
	return chrt, values, nil
}
