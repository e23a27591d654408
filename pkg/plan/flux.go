package plan

import "time"

// Flux is what a HelmRelease says about which of Helm's actions run, and how. The zero value is one that says
// nothing of it. Read in helm-controller 1.6.3 (api/v2/helmrelease_types.go, internal/action, internal/reconcile).
type Flux struct {
	// Suspended says that nothing happens, a deletion of the HelmRelease included.
	Suspended bool
	// Deleting says that the HelmRelease is being deleted: its uninstall is all that comes.
	Deleting bool
	// Timeout bounds each wait where the action has none of its own; 0 is Flux's five minutes.
	Timeout time.Duration
	// MaxHistory is how many revisions are stored: nil is Flux's five, 0 is all.
	MaxHistory *int
	// PostRenderStrategy is combined, separate or nohooks; empty is combined.
	PostRenderStrategy string
	// ChartNameInPlace is spec.upgrade.chartNameChangeStrategy InPlaceUpdate: a chart of another name is an upgrade. By
	// default Flux uninstalls first.
	ChartNameInPlace bool
	// WaitStrategy is poller, legacy or empty, which is poller.
	WaitStrategy string

	Install, Upgrade, Rollback, Uninstall FluxAction

	Test FluxTest

	// Status is what a live HelmRelease knows of its past; nil is one that has made what is stored.
	Status *FluxStatus
}

// FluxStatus is the part of a HelmRelease's status that decides what comes next.
type FluxStatus struct {
	// Last is status.lastAttemptedReleaseAction, Install or Upgrade; empty is neither.
	Last Action
	// InstallFailures and UpgradeFailures count against what is wanted now.
	InstallFailures, UpgradeFailures int
	// History is status.history, newest first.
	History []FluxSnapshot
}

// FluxSnapshot is a revision as Flux saw it last.
type FluxSnapshot struct {
	Revision int
	Status   Status
	// Tested says that its tests have run, TestFailed that one of them failed.
	Tested, TestFailed bool
	// Other says that it was made of another chart or other values than those that are wanted, as after a rollback.
	Other bool
}

// FluxAction is spec.install, upgrade, rollback or uninstall. A field that the action does not have is not looked at.
type FluxAction struct {
	// Timeout is 0 where it is that of the whole HelmRelease.
	Timeout            time.Duration
	DisableHooks       bool
	DisableWait        bool
	DisableWaitForJobs bool
	// DisableTakeOwnership leaves Helm's check for objects of somebody else on; without it Flux takes them over.
	DisableTakeOwnership bool
	ServerSide           ServerSide
	CleanupOnFail        bool
	KeepHistory          bool
	Replace              bool
	// CRDs is Skip, Create, CreateReplace or empty, which is Create for installs and for upgrades.
	CRDs string
	// RetryOnFailure is the strategy of that name: upgrade again after RetryInterval, for ever.
	RetryOnFailure bool
	// RetryInterval is 0 for Flux's five minutes.
	RetryInterval time.Duration
	Remediation   FluxRemediation
}

// FluxRemediation is what Flux does about a failed install or upgrade.
type FluxRemediation struct {
	// Retries is how often the action is tried again; negative is without end.
	Retries int
	// LastFailure says whether the last failure is undone too; nil is Flux's default: no for installs, and for
	// upgrades if there are retries.
	LastFailure *bool
	// IgnoreTestFailures is nil where FluxTest.IgnoreFailures holds.
	IgnoreTestFailures *bool
	// Uninstall says that a failed upgrade is undone by uninstalling instead of rolling back. A failed install
	// always is.
	Uninstall bool
}

// FluxTest is spec.test.
type FluxTest struct {
	Enabled        bool
	IgnoreFailures bool
	// Timeout is 0 where it is that of the whole HelmRelease.
	Timeout time.Duration
	// Filters are in Helm's form: name=x or !name=x.
	Filters []string
}

// The values of Flux.PostRenderStrategy: what goes through Flux's post-renderers together.
const (
	postRenderCombined = "combined"
	postRenderSeparate = "separate"
	postRenderNoHooks  = "nohooks"
)

// The values of FluxAction.CRDs.
const (
	crdsSkip    = "Skip"
	crdsCreate  = "Create"
	crdsReplace = "CreateReplace"
)

// fluxMaxHistory is how many revisions Flux keeps where spec.maxHistory is not set.
const fluxMaxHistory = 5

// options are what Flux hands to Helm for an action (internal/action newInstall, newUpgrade, newRollback,
// newUninstall, newTest, getWaitStrategy).
func (f *Flux) options(action Action) Options {
	if action == Test {
		return Options{Timeout: f.timeout(f.Test.Timeout), TestFilter: f.Test.Filters}
	}
	a := f.action(action)
	o := Options{Timeout: f.timeout(a.Timeout), NoHooks: a.DisableHooks, Wait: WaitWatcher}
	switch {
	case a.DisableWait:
		o.Wait = WaitHookOnly
	case f.WaitStrategy == string(WaitLegacy):
		o.Wait = WaitLegacy
	}
	if action == Uninstall {
		o.KeepHistory = a.KeepHistory
		return o
	}
	o.WaitForJobs, o.ServerSide = !a.DisableWaitForJobs, a.ServerSide
	if action == Rollback || action == Upgrade {
		o.CleanupOnFail, o.MaxHistory = a.CleanupOnFail, f.maxHistory()
	}
	if action != Rollback {
		o.TakeOwnership, o.CRDs = !a.DisableTakeOwnership, a.CRDs
		o.PostRender = f.postRendering()
		if o.CRDs == "" {
			// crdPolicyOrDefault, for both; the API's text says Skip of upgrades.
			o.CRDs = crdsCreate
		}
	}
	o.Replace = action == Install && a.Replace
	return o
}

// postRendering is the strategy in force; empty where there is no Flux.
func (f *Flux) postRendering() string {
	switch {
	case f == nil:
		return ""
	case f.PostRenderStrategy == "":
		return postRenderCombined
	}
	return f.PostRenderStrategy
}

func (f *Flux) action(action Action) FluxAction {
	switch action {
	case Install:
		return f.Install
	case Upgrade:
		return f.Upgrade
	case Rollback:
		return f.Rollback
	}
	return f.Uninstall
}

func (f *Flux) timeout(own time.Duration) time.Duration {
	switch {
	case own != 0:
		return own
	case f.Timeout != 0:
		return f.Timeout
	}
	return DefaultTimeout
}

// maxHistory is spec.maxHistory as Options has it.
func (f *Flux) maxHistory() int {
	switch {
	case f.MaxHistory == nil:
		return fluxMaxHistory
	case *f.MaxHistory == 0:
		return -1
	}
	return *f.MaxHistory
}

// retryInterval is how long RetryOnFailure waits; 0 where the strategy is another one.
func (a FluxAction) retryInterval() time.Duration {
	switch {
	case !a.RetryOnFailure:
		return 0
	case a.RetryInterval == 0:
		return DefaultTimeout
	}
	return a.RetryInterval
}

// remediatesLast says whether the last failure is undone although no retry is left.
func (f *Flux) remediatesLast(action Action) bool {
	r := f.action(action).Remediation
	if r.LastFailure != nil {
		return *r.LastFailure
	}
	return action == Upgrade && r.Retries > 0
}

// ignoresTests says whether failed tests count for nothing after an install or upgrade.
func (f *Flux) ignoresTests(action Action) bool {
	if ignore := f.action(action).Remediation.IgnoreTestFailures; ignore != nil {
		return *ignore
	}
	return f.Test.IgnoreFailures
}

// uninstalls says how a failure of an action is undone: by an uninstall, else by a rollback.
func (f *Flux) uninstalls(action Action) bool {
	return action == Install || f.Upgrade.Remediation.Uninstall
}
