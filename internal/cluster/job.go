package cluster

import (
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
)

// JobState is how a Job is doing.
type JobState struct {
	// Progress is what Helm goes by: the conditions Complete and Failed, and nothing else (v3 pkg/kube/client.go
	// waitForJob, v4 internal/statusreaders/job_status_reader.go jobConditions).
	Progress Progress
	// Started is when the Job controller first took it up, zero where none has.
	Started time.Time
	// Ended is zero while Helm would still wait.
	Ended time.Time
	// Decided is SuccessCriteriaMet or FailureTarget once the outcome is certain: until the last Pod is gone, a Job
	// is still running for all that, and Helm waits.
	Decided string
	// Reason and Message are those of the condition Failed, before that of FailureTarget.
	Reason, Message string
	// Active, Succeeded and Failed count Pods.
	Active, Succeeded, Failed int
	// TTL is how many seconds after its end the Job is removed by itself.
	TTL *int32
}

func jobState(job *batchv1.Job) *JobState {
	status := job.Status
	state := &JobState{
		Progress: Running, Started: moment(status.StartTime), TTL: job.Spec.TTLSecondsAfterFinished,
		Active: int(status.Active), Succeeded: int(status.Succeeded), Failed: int(status.Failed),
	}
	if job.Spec.Suspend != nil && *job.Spec.Suspend {
		state.Progress = Suspended
	}
	// The first of the two that end a Job counts, as in Helm's loops; the server lets no Job have both.
	for _, condition := range status.Conditions {
		if condition.Status != corev1.ConditionTrue {
			continue
		}
		switch condition.Type {
		case batchv1.JobComplete:
			state.Progress, state.Ended = Succeeded, condition.LastTransitionTime.UTC()
			if status.CompletionTime != nil {
				state.Ended = moment(status.CompletionTime)
			}
			return state
		case batchv1.JobFailed:
			state.Progress, state.Ended = Failed, condition.LastTransitionTime.UTC()
			state.Reason, state.Message = condition.Reason, condition.Message
			return state
		case batchv1.JobFailureTarget:
			state.Decided, state.Reason, state.Message = string(condition.Type), condition.Reason, condition.Message
		case batchv1.JobSuccessCriteriaMet:
			state.Decided = string(condition.Type)
		}
	}
	return state
}
