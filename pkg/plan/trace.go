package plan

// Action is a Helm command that runs hooks, or what another engine does in its place.
type Action string

// The five actions of Helm that run hooks.
const (
	Install   Action = "install"
	Upgrade   Action = "upgrade"
	Rollback  Action = "rollback"
	Uninstall Action = "uninstall"
	Test      Action = "test"
)

// What other engines do: Argo CD syncs, and deletes an Application; template-only tools apply.
const (
	Sync   Action = "sync"
	Delete Action = "delete"
	Apply  Action = "apply"
)

// Op is one kind of step that Helm takes towards the cluster or the release history.
type Op string

// The operations of a trace. Update is Helm's create-patch-delete pass over ordinary resources.
const (
	OpDelete      Op = "delete"
	OpWaitDeleted Op = "wait-deleted"
	OpRecord      Op = "record"
	OpCreate      Op = "create"
	OpApply       Op = "apply"
	OpWait        Op = "wait"
	OpLogs        Op = "logs"
	OpUpdate      Op = "update"
)

// Result is how an operation or an action ended. The zero value means that it was not set.
type Result string

// The results of an operation; an action is never skipped.
const (
	OK      Result = "ok"
	Failed  Result = "failed"
	Skipped Result = "skipped"
)

// Prediction says how far a line may be trusted.
type Prediction string

// Proven was seen with real Helm on a real API server or follows from Helm's code alone; Likely
// rests on an answer of the API server that no test has shown; Unknown cannot be told from the input.
const (
	Proven  Prediction = "proven"
	Likely  Prediction = "likely"
	Unknown Prediction = "unknown"
)

// Status is a release revision's status, in Helm's words.
type Status string

// The statuses of a stored revision.
const (
	StatusPendingInstall  Status = "pending-install"
	StatusPendingUpgrade  Status = "pending-upgrade"
	StatusPendingRollback Status = "pending-rollback"
	StatusDeployed        Status = "deployed"
	StatusFailed          Status = "failed"
	StatusSuperseded      Status = "superseded"
	StatusUninstalling    Status = "uninstalling"
	StatusUninstalled     Status = "uninstalled"
)

// pending mirrors Helm's Status.IsPending (pkg/release/status.go in v3, pkg/release/common in v4).
func (s Status) pending() bool {
	return s == StatusPendingInstall || s == StatusPendingUpgrade || s == StatusPendingRollback
}

// Operation is one step of a trace, in the order in which Helm takes it.
type Operation struct {
	Op Op
	// Action is the action that takes the step: an atomic install's clean-up says uninstall.
	Action Action
	// Phase is the hook event, or "crds" or "resources".
	Phase string
	// Revision is the release revision whose hooks or resources these are.
	Revision int
	// Hook is false for the one operation a phase that stands for ordinary resources.
	Hook bool
	// Order is the hook's run within its phase, from 1. An event listed twice has two.
	Order int
	// Objects are what the step touches; a hook that is a List has several.
	Objects []Object
	// Because is the delete or log policy that asked for the step, else empty.
	Because    string
	Result     Result
	Prediction Prediction
	// Idle says that there was nothing to delete: Helm asks all the same, and goes on at once.
	Idle bool
	// NotRun says that the step reported success although the hook's work was not done: server-side
	// apply over a finished Job or Pod.
	NotRun bool
	// Error is why the step failed, in Helm's or the API server's words where they are known.
	Error string
}

// RevisionStatus is one line of `helm history`.
type RevisionStatus struct {
	Revision int
	Status   Status
}

// Live says of which revision the ordinary resources in the cluster are.
type Live struct {
	// Revision is 0 where there are none.
	Revision int
	// Rendered is the revision for which they were rendered: what a rollback makes is a copy, and a release
	// that is installed anew renders as revision 1.
	Rendered int
	// Partly says that a failure left some of them, and some of Before where that is not 0: how far Helm
	// came only the cluster knows.
	Partly bool
	Before int
	// Deleted says that there were some, and that Helm has deleted them.
	Deleted bool
}

// Outcome is the state that an action leaves.
type Outcome struct {
	Result Result
	// Error is what Helm prints, without the parts that only a cluster knows.
	Error string
	// Status is the last revision's status, empty when no record is left.
	Status  Status
	History []RevisionStatus
	// Left are the hook objects that exist afterwards, in the order in which they were made.
	Left []Object
	// Live says which revision's ordinary resources exist.
	Live Live
	// Prediction is Likely where Helm's own goroutines race for the outcome.
	Prediction Prediction
	// Signal is what ended Helm itself in the middle of the action; empty where it lived to its end.
	Signal Signal
	// Refused says that Helm turned the action down before it stored or ran anything.
	Refused bool
}

// Trace is what one action does, in order.
type Trace struct {
	Action     Action
	Revision   int
	Operations []Operation
	Outcome    Outcome

	phases  []Phase
	strikes []strike
}
