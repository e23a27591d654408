// Package status judges what became of a release's hooks: from the records that Helm has stored, the objects that
// exist, and the plan of what comes next. Values in, values out: it asks nobody, and knows no clock.
package status

import (
	"time"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// Facts are what is known of a release at one moment.
type Facts struct {
	// Now is that moment.
	Now time.Time
	// Quiet is how long Helm may leave a record as it is before an action that is said to be under way can hardly be.
	Quiet   time.Duration
	Release plan.Release
	// Revisions are those stored, oldest first, at least one.
	Revisions []Revision
	// Hooks are those of the newest revision, in the order of `helm get hooks`.
	Hooks []HookFacts
	// Plan is what the next actions would do; nil where none could be made, and Unknown then says why.
	Plan    *plan.Plan
	Unknown []plan.UnknownFact
}

// Revision is a stored revision.
type Revision struct {
	Number int
	Status plan.Status
	// Read says that more is known than the metadata of the record tell; Torn that it could not be read.
	Read, Torn  bool
	Description string
	// FirstDeployed and LastDeployed are when the release was installed, and when the action began that made the
	// revision; Deleted is when an uninstall of it began.
	FirstDeployed, LastDeployed, Deleted time.Time
	// Written is when Helm last wrote the record.
	Written time.Time
	// RollbackTo is where a rollback went, 0 where it was none or is not stored.
	RollbackTo int
}

// HookFacts are a hook and the objects that it makes: one, or the members of a List.
type HookFacts struct {
	Hook    plan.Hook
	Objects []ObjectFacts
}

// ObjectFacts are what the cluster tells of a hook's object.
type ObjectFacts struct {
	Object plan.Object
	// Unread is why nothing is known of it, else empty.
	Unread string
	// NoSuchKind says that the cluster does not serve the kind.
	NoSuchKind bool
	Exists     bool
	// Created is when it was made, Deleting when its deletion was asked for.
	Created, Deleting time.Time
	// Finalizers keep an object that is to go.
	Finalizers []string
	// Managers are who has written its fields; without any, nobody knows.
	Managers []string
	// Owner is the release, as NAMESPACE/NAME, that has it for an ordinary object; else empty.
	Owner string
	// Job and Pod are set for such an object that exists.
	Job *Job
	Pod *Pod
	// Pods are a Job's, newest first. Unread says why nothing is known of them.
	Pods []Pod
	// Events are what happened to the object and to its Pods, newest last.
	Events []Event
	Logs   []Log
	// Gaps say what of Pods, events and logs could not be read.
	Gaps []string
}

// Progress is how far a Job or Pod has come, as Helm sees it.
type Progress string

// What Helm waits for is Succeeded or Failed.
const (
	Running   Progress = "running"
	Suspended Progress = "suspended"
	Succeeded Progress = "succeeded"
	Failed    Progress = "failed"
)

// Job is how a Job is doing.
type Job struct {
	Progress Progress
	// Ended is zero while it has not.
	Ended time.Time
	// Reason and Message are those of its failure.
	Reason, Message string
	// Failed counts its failed Pods.
	Failed int
}

// Pod is how a Pod is doing.
type Pod struct {
	Name     string
	Progress Progress
	// Phase is Kubernetes' word.
	Phase string
	Ended time.Time
	// Reason and Message are the Pod's own, such as Evicted.
	Reason, Message string
	// Unscheduled is why no node was found.
	Unscheduled string
	Containers  []Container
}

// Container is how a container is doing.
type Container struct {
	Name string
	Init bool
	// State is waiting, running or terminated.
	State            string
	Reason, Message  string
	ExitCode, Signal int
	Restarts         int
	// LastReason and LastExitCode are how it ended before it was started again.
	LastReason   string
	LastExitCode int
}

// What a container does.
const (
	waiting    = "waiting"
	terminated = "terminated"
)

// Event is something that happened.
type Event struct {
	// Of is KIND/NAME of the object.
	Of string
	// Warning says that it is no ordinary event.
	Warning         bool
	Reason, Message string
	Count           int
	Last            time.Time
}

// Log is the end of what a container has written.
type Log struct {
	Pod, Container string
	// Previous says that it is the container's before its last restart.
	Previous bool
	Lines    []string
	// Redacted is how many secrets were taken out; Cut says that lines were left out or shortened.
	Redacted int
	Cut      bool
}

func (f *Facts) newest() Revision { return f.Revisions[len(f.Revisions)-1] }
