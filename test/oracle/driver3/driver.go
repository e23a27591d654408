// Package driver3 drives Helm 3's pkg/action over the oracle's cluster, as Helm's command line would.
package driver3

import (
	"fmt"
	"io"

	"helm.sh/helm/v3/pkg/action"
	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/release"
	"helm.sh/helm/v3/pkg/storage"

	"github.com/helm-hooks/helm-hooks/test/oracle/scenario"
	"github.com/helm-hooks/helm-hooks/test/oracle/stage"
)

// Run runs a scenario whose steps are all of Helm 3.
func Run(sc scenario.Scenario) (scenario.Result, error) {
	return stage.New(sc).Run(stage.Only("3", Step))
}

// Step runs one step. What Helm refuses is in the result; the error is for a scenario that cannot be run.
func Step(s *stage.Stage, r *stage.Recorder, step scenario.Step) (scenario.StepResult, error) {
	d := &run{stage: s, recorder: r, step: step, name: s.Scenario.Release}
	d.cfg = configuration(s, r)
	rel, err := d.act()
	var res scenario.StepResult
	if broken, ok := err.(unusable); ok {
		return res, broken.error
	}
	if err != nil {
		res.Err = err.Error()
	}
	d.describe(&res, rel)
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
	client := newClient(s, r)
	cfg := &action.Configuration{
		Releases:     storage.Init(&records{s.Records, r}),
		KubeClient:   client,
		Capabilities: capabilities(),
		Log:          discard,
	}
	client.afterCRDs = discoverOnce(cfg)
	setHookOutput(cfg)
	return cfg
}

func discard(string, ...interface{}) {}

// discoverOnce lets Helm discover the API for once.
func discoverOnce(cfg *action.Configuration) func() {
	return func() {
		cfg.RESTClientGetter = stage.Discovery{Done: func() { cfg.RESTClientGetter = nil }}
	}
}

// capabilities are those of a cluster; the SDK's defaults are of Kubernetes 1.20 (chartutil/capabilities.go).
func capabilities() *chartutil.Capabilities {
	caps := chartutil.DefaultCapabilities.Copy()
	caps.KubeVersion = chartutil.KubeVersion{Version: "v1.37.0", Major: "1", Minor: "37"}
	return caps
}

func (d *run) act() (*release.Release, error) {
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

// wait is whether --wait was given.
func (d *run) wait() bool {
	return d.step.Wait != scenario.WaitDefault && d.step.Wait != scenario.WaitHookOnly
}

func (d *run) install() (*release.Release, error) {
	chrt, values, err := d.load()
	if err != nil {
		return nil, unusable{err}
	}
	client := action.NewInstall(d.cfg)
	client.ReleaseName = d.name
	client.Namespace = d.stage.Scenario.Namespace
	client.DisableHooks = d.step.NoHooks
	client.Replace = d.step.Replace
	client.SkipCRDs = d.step.SkipCRDs
	client.Atomic = d.step.Atomic
	client.Wait = d.wait()
	client.WaitForJobs = d.step.WaitForJobs
	client.Timeout = stage.Timeout(d.step)
	return client.RunWithContext(d.recorder.Context(), chrt, values)
}

func (d *run) upgrade() (*release.Release, error) {
	chrt, values, err := d.load()
	if err != nil {
		return nil, unusable{err}
	}
	client := action.NewUpgrade(d.cfg)
	client.Namespace = d.stage.Scenario.Namespace
	client.DisableHooks = d.step.NoHooks
	client.SkipCRDs = d.step.SkipCRDs
	client.Atomic = d.step.Atomic
	client.CleanupOnFail = d.step.CleanupOnFail
	client.Wait = d.wait()
	client.WaitForJobs = d.step.WaitForJobs
	client.Timeout = stage.Timeout(d.step)
	client.MaxHistory = stage.MaxHistory
	return client.RunWithContext(d.recorder.Context(), d.name, chrt, values)
}

func (d *run) rollback() error {
	client := action.NewRollback(d.cfg)
	client.Version = d.step.RollbackTo
	client.DisableHooks = d.step.NoHooks
	client.CleanupOnFail = d.step.CleanupOnFail
	client.Wait = d.wait()
	client.WaitForJobs = d.step.WaitForJobs
	client.Timeout = stage.Timeout(d.step)
	client.MaxHistory = stage.MaxHistory
	return client.Run(d.name)
}

func (d *run) uninstall() error {
	client := action.NewUninstall(d.cfg)
	client.DisableHooks = d.step.NoHooks
	client.KeepHistory = d.step.KeepHistory
	client.Wait = d.wait()
	client.Timeout = stage.Timeout(d.step)
	_, err := client.Run(d.name)
	return err
}

// test is cmd/helm/release_testing.go without the output.
func (d *run) test() error {
	client := action.NewReleaseTesting(d.cfg)
	client.Namespace = d.stage.Scenario.Namespace
	client.Timeout = stage.Timeout(d.step)
	include, exclude := stage.Filters(d.step)
	client.Filters[action.IncludeNameFilter] = include
	client.Filters[action.ExcludeNameFilter] = exclude
	_, err := client.Run(d.name)
	return err
}

// load reads the step's chart anew: actions change the chart they are given.
func (d *run) load() (*chart.Chart, map[string]interface{}, error) {
	source, err := d.stage.Chart(d.step)
	if err != nil {
		return nil, nil, err
	}
	values, err := chartutil.ReadValues([]byte(source.Values))
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
	var files []*loader.BufferedFile
	for _, name := range stage.FileNames(source) {
		files = append(files, &loader.BufferedFile{Name: name, Data: []byte(source.Files[name])})
	}
	chrt, err := loader.LoadFiles(files)
	if err != nil {
		return nil, nil, fmt.Errorf("load chart: %w", err)
	}
	return chrt, values, nil
}

func hookOutput(_, _, _ string) io.Writer { return io.Discard }
