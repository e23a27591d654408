package plan

import "time"

// ServerSide is Helm 4's --server-side.
type ServerSide string

// The values of --server-side. The empty value is the default of each action: true for install, auto
// for upgrade and rollback.
const (
	ServerSideTrue  ServerSide = "true"
	ServerSideFalse ServerSide = "false"
	ServerSideAuto  ServerSide = "auto"
)

// WaitStrategy is Helm 4's --wait.
type WaitStrategy string

// The wait strategies of Helm 4. The empty value is hookOnly, the default. Helm 3 knows only whether
// it waits: any other value than hookOnly means --wait.
const (
	WaitHookOnly WaitStrategy = "hookOnly"
	WaitWatcher  WaitStrategy = "watcher"
	WaitLegacy   WaitStrategy = "legacy"
)

// Options are the flags of Helm's commands that decide what hooks do.
type Options struct {
	Wait        WaitStrategy
	WaitForJobs bool
	// Atomic is --atomic in Helm 3, --rollback-on-failure in Helm 4.
	Atomic        bool
	NoHooks       bool
	SkipCRDs      bool
	CleanupOnFail bool
	KeepHistory   bool
	Replace       bool
	// TakeOwnership is --take-ownership of install and upgrade: objects of somebody else are taken over.
	TakeOwnership bool
	// ForceConflicts is --force-conflicts: server-side apply takes fields of ordinary objects from whoever owns
	// them. Hooks are never applied with force.
	ForceConflicts bool
	// MaxHistory is --history-max: 0 is Helm's ten, -1 keeps all.
	MaxHistory int
	// CRDs is what Flux does with the crds/ folder before an install or upgrade: Skip, Create or CreateReplace. Empty
	// is Helm's own way, to which SkipCRDs belongs.
	CRDs string
	// PostRender is what goes through Flux's post-renderers: all documents together (combined), hooks and others each
	// by themselves (separate), or no hooks (nohooks). Empty is that there are none.
	PostRender string
	// Install is that of helm upgrade --install: a release that does not exist is installed.
	Install    bool
	ServerSide ServerSide
	// Timeout bounds each wait, not the action. Zero means Helm's own meaning of 0.
	Timeout time.Duration
	// TestFilter holds the values of `helm test --filter`: name=x or !name=x.
	TestFilter []string
	// SkipTests and IncludeCRDs are those of helm template, for engines that render with it. Argo CD always
	// includes the CRDs, but with SkipCRDs.
	SkipTests   bool
	IncludeCRDs bool
	// RollbackTo is the target revision of a rollback; 0 means the last revision less one.
	RollbackTo int
}
