// Package scenario holds the language of the oracle: what to run (charts, steps, faults) and what Helm
// did (operations, history, objects). It is plain data, so that an engine, a driver built against an old
// Helm and a golden file can share it.
package scenario

import "fmt"

// Actions.
const (
	Install   = "install"
	Upgrade   = "upgrade"
	Rollback  = "rollback"
	Uninstall = "uninstall"
	Test      = "test"

	// DeleteByHand is no Helm command: somebody deletes objects.
	DeleteByHand = "delete-by-hand"
)

// Wait strategies. Helm 3 has only "wait or not": it does not wait for WaitDefault and WaitHookOnly.
const (
	WaitDefault  = ""
	WaitHookOnly = "hookOnly"
	WaitWatcher  = "watcher"
	WaitLegacy   = "legacy"
)

// Kinds of operation.
const (
	OpDelete      = "delete"
	OpWaitDeleted = "wait-deleted"
	OpRecord      = "record"
	OpCreate      = "create"
	OpApply       = "apply"
	OpWait        = "wait"
	OpLogs        = "logs"
	OpUpdate      = "update"
)

// Events of operations that are not a hook's.
const (
	EventCRDs      = "crds"
	EventResources = "resources"
)

// Places where a Fault strikes, and the object that stands for all ordinary resources.
const (
	AtCreate    = "create"
	AtWait      = "wait"
	AtTimeout   = "timeout"
	AtDelete    = "delete"
	AtInterrupt = "interrupt"
	AtKill      = "kill"

	ObjectResources = "resources"
)

// Scenario is the life of one release.
type Scenario struct {
	Name      string  `json:"name,omitempty"`
	Release   string  `json:"release"`
	Namespace string  `json:"namespace"`
	Charts    []Chart `json:"charts"`
	Steps     []Step  `json:"steps"`
}

// Chart is a chart with the values its user gives. Dir is a folder or a .tgz; without it Files are the
// chart's files (Chart.yaml, templates/x.yaml, charts/sub/Chart.yaml, crds/c.yaml).
type Chart struct {
	Dir    string            `json:"dir,omitempty"`
	Files  map[string]string `json:"files,omitempty"`
	Values string            `json:"values,omitempty"`
}

// Step is one Helm command.
type Step struct {
	Helm           string   `json:"helm"` // "3" or "4"
	Action         string   `json:"action"`
	Chart          int      `json:"chart,omitempty"`
	Wait           string   `json:"wait,omitempty"`
	WaitForJobs    bool     `json:"waitForJobs,omitempty"`
	Atomic         bool     `json:"atomic,omitempty"`
	NoHooks        bool     `json:"noHooks,omitempty"`
	SkipCRDs       bool     `json:"skipCRDs,omitempty"`
	CleanupOnFail  bool     `json:"cleanupOnFail,omitempty"`
	KeepHistory    bool     `json:"keepHistory,omitempty"`
	Replace        bool     `json:"replace,omitempty"`
	TakeOwnership  bool     `json:"takeOwnership,omitempty"`  // Helm 4 only
	ForceConflicts bool     `json:"forceConflicts,omitempty"` // Helm 4 only
	MaxHistory     int      `json:"maxHistory,omitempty"`     // 0 is ten, -1 is all; Helm 4 only
	ServerSide     string   `json:"serverSide,omitempty"`     // "", "true", "false", "auto"; Helm 4 only
	TimeoutSeconds int      `json:"timeoutSeconds,omitempty"`
	Filters        []string `json:"filters,omitempty"` // as in helm test --filter
	RollbackTo     int      `json:"rollbackTo,omitempty"`
	Faults         []Fault  `json:"faults,omitempty"`
	Delete         []string `json:"delete,omitempty"` // for DeleteByHand, as ID writes them
}

// Fault makes something go wrong while a step runs.
//
// For a hook Object is KIND/NAME (the name of a generateName object is empty) and Event the hook event
// ("" is any). AtCreate: the create or apply is refused and nothing exists. AtWait: the Job or Pod ends
// as failed. AtTimeout: it never ends. AtDelete: the DELETE is refused and the object stays.
//
// For ObjectResources, AtCreate: the create or update call fails before it touches anything. AtWait and
// AtTimeout: the wait fails, if it waits at all; that of an uninstall is the one for the resources to be
// gone, which are then only slow to go. AtDelete: the delete call fails before it touches anything. Event
// may then name the action that is running ("rollback" is also the one inside an atomic upgrade, "uninstall"
// the one inside an atomic install); "" and EventResources are any.
//
// AtInterrupt is a first SIGINT or SIGTERM while Helm waits for the Job or Pod, or for the ordinary
// resources; AtKill is SIGKILL there. Either needs a wait that has something to wait for, and after the step
// the Job or Pod comes to its end by itself. Install and upgrade catch an interrupt, but for the undo that
// atomic starts, during which Helm races against itself and no interrupt strikes; any other action dies.
//
// Times is how often the fault strikes, at its first chances: how many calls for objects it fits. 0 is
// always.
type Fault struct {
	Object string `json:"object"`
	Event  string `json:"event,omitempty"`
	At     string `json:"at"`
	Times  int    `json:"times,omitempty"`
}

// Result is what the steps of a scenario did, in order. Err tells, between processes, why a scenario could
// not be run at all.
type Result struct {
	Steps []StepResult `json:"steps"`
	Err   string       `json:"err,omitempty"`
}

// StepResult is what one step did. Err is Helm's error, or how its process died: "interrupted" or "killed".
type StepResult struct {
	Ops []Op   `json:"ops,omitempty"`
	Err string `json:"err,omitempty"`

	// History is the release's records after the step, by revision.
	History []Revision `json:"history,omitempty"`
	// Objects is everything that exists after the step, HookObjects what a hook made, both sorted.
	Objects     []string `json:"objects,omitempty"`
	HookObjects []string `json:"hookObjects,omitempty"`
	// States is "running", "finished" or "failed" of each Job and Pod that exists.
	States map[string]string `json:"states,omitempty"`
	// Contents is the data.revision of each ConfigMap that exists and has one.
	Contents map[string]string `json:"contents,omitempty"`

	// What SortManifests made of this step's render; empty for steps that render nothing, and where Helm
	// gave up before it had a release. Hooks are in storage order. Dropped is the number of documents that
	// are neither hook nor resource.
	Hooks        []HookInfo `json:"hooks,omitempty"`
	Resources    int        `json:"resources,omitempty"`
	DroppedCount int        `json:"droppedCount,omitempty"`
}

// Op is one operation Helm did. Objects are identities as ID writes them.
type Op struct {
	Op       string   `json:"op"`
	Event    string   `json:"event"`
	Hook     bool     `json:"hook,omitempty"`
	Revision int      `json:"revision,omitempty"`
	Objects  []string `json:"objects,omitempty"`
	Err      string   `json:"err,omitempty"`
}

// Revision is one record of the release.
type Revision struct {
	Revision int    `json:"revision"`
	Status   string `json:"status"`
}

// HookInfo is a hook as SortManifests understood it.
type HookInfo struct {
	Path           string   `json:"path"`
	Kind           string   `json:"kind"`
	Name           string   `json:"name"`
	Weight         int      `json:"weight"`
	Events         []string `json:"events"`
	DeletePolicies []string `json:"deletePolicies,omitempty"`
}

// ID writes an object's identity: group/kind/namespace/name, with an empty group for the core group and an
// empty namespace for cluster-scoped kinds. An object named by the server has its generateName and a "*".
func ID(group, kind, namespace, name string) string {
	return group + "/" + kind + "/" + namespace + "/" + name
}

// String makes a test's diff of operations readable.
func (o Op) String() string {
	s := fmt.Sprintf("%s %s %v", o.Event, o.Op, o.Objects)
	if o.Err != "" {
		s += " ERR " + o.Err
	}
	return s
}
