package cluster

import (
	"cmp"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// PodState is how a Pod is doing.
type PodState struct {
	// Phase is Pending, Running, Succeeded, Failed or Unknown.
	Phase string
	// Progress is what Helm goes by: the phases Succeeded and Failed end a Pod, nothing else (v3 pkg/kube/client.go
	// waitForPodSuccess, v4 internal/statusreaders/pod_status_reader.go podConditions).
	Progress Progress
	// Started is when a kubelet took it up, zero where none has.
	Started time.Time
	// Ended is when its last container did, zero while Helm would still wait.
	Ended time.Time
	// Containers are in the order of the manifest, those of initialisation first.
	Containers []ContainerState
	// Reason and Message are the Pod's own, such as Evicted.
	Reason, Message string
	// Unscheduled is why no node was found, empty once one was.
	Unscheduled string
}

// What a container does.
const (
	ContainerWaiting    = "waiting"
	ContainerRunning    = "running"
	ContainerTerminated = "terminated"
)

// ContainerState is how a container is doing.
type ContainerState struct {
	Name string
	// Init says that it runs before the others.
	Init bool
	// State is ContainerWaiting, ContainerRunning or ContainerTerminated.
	State string
	// Reason and Message are why it waits or has ended, such as ImagePullBackOff. Secrets are taken out of the
	// message, which may be the end of the log (terminationMessagePolicy).
	Reason, Message string
	// ExitCode and Signal are those of a container that has ended.
	ExitCode, Signal int
	Started, Ended   time.Time
	Restarts         int
	// Last is how it ended before it was started again.
	Last *Termination
}

// Termination is the end of a container.
type Termination struct {
	Reason, Message  string
	ExitCode, Signal int
	Started, Ended   time.Time
}

func podState(pod *corev1.Pod) *PodState {
	status := pod.Status
	state := &PodState{
		Phase: cmp.Or(string(status.Phase), string(corev1.PodUnknown)), Progress: Running,
		Started: moment(status.StartTime), Reason: status.Reason, Message: Redact(status.Message),
	}
	for _, container := range pod.Spec.InitContainers {
		state.Containers = append(state.Containers, containerState(container.Name, true, status.InitContainerStatuses))
	}
	for _, container := range pod.Spec.Containers {
		state.Containers = append(state.Containers, containerState(container.Name, false, status.ContainerStatuses))
	}
	for _, condition := range status.Conditions {
		if condition.Type == corev1.PodScheduled && condition.Status == corev1.ConditionFalse {
			state.Unscheduled = cmp.Or(condition.Message, condition.Reason)
		}
	}
	switch status.Phase {
	case corev1.PodSucceeded:
		state.Progress = Succeeded
	case corev1.PodFailed:
		state.Progress = Failed
	default:
		return state
	}
	for _, container := range state.Containers {
		if container.Ended.After(state.Ended) {
			state.Ended = container.Ended
		}
	}
	return state
}

// containerState finds a container's status. One that no kubelet has told of yet waits.
func containerState(name string, isInit bool, statuses []corev1.ContainerStatus) ContainerState {
	state := ContainerState{Name: name, Init: isInit, State: ContainerWaiting}
	for _, status := range statuses {
		if status.Name != name {
			continue
		}
		state.Restarts, state.Last = int(status.RestartCount), termination(status.LastTerminationState.Terminated)
		switch now := status.State; {
		case now.Running != nil:
			state.State, state.Started = ContainerRunning, now.Running.StartedAt.UTC()
		case now.Terminated != nil:
			end := termination(now.Terminated)
			state.State, state.Reason, state.Message = ContainerTerminated, end.Reason, end.Message
			state.ExitCode, state.Signal, state.Started, state.Ended = end.ExitCode, end.Signal, end.Started, end.Ended
		case now.Waiting != nil:
			state.Reason, state.Message = now.Waiting.Reason, Redact(now.Waiting.Message)
		}
	}
	return state
}

func termination(end *corev1.ContainerStateTerminated) *Termination {
	if end == nil {
		return nil
	}
	return &Termination{
		Reason: end.Reason, Message: Redact(end.Message), ExitCode: int(end.ExitCode), Signal: int(end.Signal),
		Started: end.StartedAt.UTC(), Ended: end.FinishedAt.UTC(),
	}
}
