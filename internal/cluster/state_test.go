package cluster

import (
	"reflect"
	"strings"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func condition(kind batchv1.JobConditionType, status corev1.ConditionStatus, reason, message string) batchv1.JobCondition {
	return batchv1.JobCondition{Type: kind, Status: status, Reason: reason, Message: message, LastTransitionTime: noon(9)}
}

func Test_how_a_Job_is_doing(t *testing.T) {
	begun, done, yes, ttl := noon(1), noon(8), true, int32(60)
	const late = "DeadlineExceeded"
	for _, c := range []struct {
		name   string
		spec   batchv1.JobSpec
		status batchv1.JobStatus
		want   JobState
	}{
		{"one that nobody has taken up", batchv1.JobSpec{}, batchv1.JobStatus{}, JobState{Progress: Running}},
		{
			"running",
			batchv1.JobSpec{TTLSecondsAfterFinished: &ttl},
			batchv1.JobStatus{StartTime: &begun, Active: 1, Failed: 2},
			JobState{Progress: Running, Started: begun.Time, Active: 1, Failed: 2, TTL: &ttl},
		},
		{
			"complete",
			batchv1.JobSpec{},
			batchv1.JobStatus{StartTime: &begun, CompletionTime: &done, Succeeded: 1, Conditions: []batchv1.JobCondition{
				condition(batchv1.JobSuccessCriteriaMet, "True", "CompletionsReached", ""), condition(batchv1.JobComplete, "True", "CompletionsReached", ""),
			}},
			JobState{Progress: Succeeded, Started: begun.Time, Ended: done.Time, Succeeded: 1, Decided: "SuccessCriteriaMet"},
		},
		{
			"failed",
			batchv1.JobSpec{},
			batchv1.JobStatus{StartTime: &begun, Failed: 1, Conditions: []batchv1.JobCondition{
				condition(batchv1.JobFailureTarget, "True", late, "first"), condition(batchv1.JobFailed, "True", late, "then"),
			}},
			JobState{Progress: Failed, Started: begun.Time, Ended: noon(9).Time, Failed: 1, Decided: "FailureTarget", Reason: late, Message: "then"},
		},
		{
			"bound to fail, its Pods still going",
			batchv1.JobSpec{},
			batchv1.JobStatus{StartTime: &begun, Active: 1, Conditions: []batchv1.JobCondition{
				condition(batchv1.JobFailureTarget, "True", late, "too long"),
			}},
			JobState{Progress: Running, Started: begun.Time, Active: 1, Decided: "FailureTarget", Reason: late, Message: "too long"},
		},
		{
			"bound to succeed, its Pods still going",
			batchv1.JobSpec{},
			batchv1.JobStatus{StartTime: &begun, Conditions: []batchv1.JobCondition{
				condition(batchv1.JobSuccessCriteriaMet, "True", "SuccessPolicy", ""),
			}},
			JobState{Progress: Running, Started: begun.Time, Decided: "SuccessCriteriaMet"},
		},
		{
			"suspended",
			batchv1.JobSpec{Suspend: &yes},
			batchv1.JobStatus{Conditions: []batchv1.JobCondition{condition(batchv1.JobSuspended, "True", "JobSuspended", "")}},
			JobState{Progress: Suspended},
		},
		{
			"conditions that do not hold",
			batchv1.JobSpec{},
			batchv1.JobStatus{Conditions: []batchv1.JobCondition{
				condition(batchv1.JobFailed, "False", "x", ""), condition(batchv1.JobComplete, "Unknown", "x", ""),
			}},
			JobState{Progress: Running},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			job := &batchv1.Job{ObjectMeta: metav1.ObjectMeta{Name: "migrate", Namespace: "web", UID: "u-2"}, Spec: c.spec, Status: c.status}
			seen := look(t, &world{at: map[string]any{"/apis/batch/v1/namespaces/web/jobs/migrate": job}}, Wanted{"batch/v1", "Job", "web", "migrate"})
			if !seen.Exists || seen.UID != "u-2" || seen.Job == nil || seen.Pod != nil {
				t.Fatalf("%+v", seen)
			}
			if !reflect.DeepEqual(*seen.Job, c.want) {
				t.Errorf("%+v\nwant %+v", *seen.Job, c.want)
			}
		})
	}
}

func statuses(state corev1.ContainerState) []corev1.ContainerStatus {
	return []corev1.ContainerStatus{{Name: "main", State: state}}
}

func ended(reason, message string, code, signal int32) corev1.ContainerState {
	return corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{
		Reason: reason, Message: message, ExitCode: code, Signal: signal, StartedAt: noon(2), FinishedAt: noon(7),
	}}
}

func Test_how_a_Pod_is_doing(t *testing.T) {
	begun := noon(1)
	oom := ended("OOMKilled", "", 137, 9)
	for _, c := range []struct {
		name   string
		status corev1.PodStatus
		want   PodState
	}{
		{
			"nowhere to run",
			corev1.PodStatus{Phase: corev1.PodPending, Conditions: []corev1.PodCondition{
				{Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: "Unschedulable", Message: "0/3 nodes are available"},
			}},
			PodState{Phase: "Pending", Progress: Running, Unscheduled: "0/3 nodes are available", Containers: []ContainerState{{Name: "main", State: ContainerWaiting}}},
		},
		{
			"no image",
			corev1.PodStatus{Phase: corev1.PodPending, StartTime: &begun, ContainerStatuses: statuses(corev1.ContainerState{
				Waiting: &corev1.ContainerStateWaiting{Reason: "ImagePullBackOff", Message: "Back-off pulling https://ann:hunter2@registry/shop"},
			})},
			PodState{Phase: "Pending", Progress: Running, Started: begun.Time, Containers: []ContainerState{
				{Name: "main", State: ContainerWaiting, Reason: "ImagePullBackOff", Message: "Back-off pulling https://ann:[redacted]@registry/shop"},
			}},
		},
		{
			"running",
			corev1.PodStatus{
				Phase: corev1.PodRunning, StartTime: &begun,
				Conditions:        []corev1.PodCondition{{Type: corev1.PodScheduled, Status: corev1.ConditionTrue}},
				ContainerStatuses: statuses(corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: noon(2)}}),
			},
			PodState{Phase: "Running", Progress: Running, Started: begun.Time, Containers: []ContainerState{{Name: "main", State: ContainerRunning, Started: noon(2).Time}}},
		},
		{
			"starting again and again",
			corev1.PodStatus{Phase: corev1.PodRunning, ContainerStatuses: []corev1.ContainerStatus{{
				Name: "main", RestartCount: 3, LastTerminationState: oom,
				State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "CrashLoopBackOff"}},
			}}},
			PodState{Phase: "Running", Progress: Running, Containers: []ContainerState{{
				Name: "main", State: ContainerWaiting, Reason: "CrashLoopBackOff", Restarts: 3,
				Last: &Termination{Reason: "OOMKilled", ExitCode: 137, Signal: 9, Started: noon(2).Time, Ended: noon(7).Time},
			}}},
		},
		{
			"succeeded",
			corev1.PodStatus{Phase: corev1.PodSucceeded, StartTime: &begun, ContainerStatuses: statuses(ended("Completed", "", 0, 0))},
			PodState{Phase: "Succeeded", Progress: Succeeded, Started: begun.Time, Ended: noon(7).Time, Containers: []ContainerState{
				{Name: "main", State: ContainerTerminated, Reason: "Completed", Started: noon(2).Time, Ended: noon(7).Time},
			}},
		},
		{
			"out of memory",
			corev1.PodStatus{Phase: corev1.PodFailed, ContainerStatuses: statuses(oom)},
			PodState{Phase: "Failed", Progress: Failed, Ended: noon(7).Time, Containers: []ContainerState{
				{Name: "main", State: ContainerTerminated, Reason: "OOMKilled", ExitCode: 137, Signal: 9, Started: noon(2).Time, Ended: noon(7).Time},
			}},
		},
		{
			"a log for a message",
			corev1.PodStatus{Phase: corev1.PodFailed, ContainerStatuses: statuses(ended("Error", "start\nPASSWORD=hunter2\nboom", 1, 0))},
			PodState{Phase: "Failed", Progress: Failed, Ended: noon(7).Time, Containers: []ContainerState{
				{Name: "main", State: ContainerTerminated, Reason: "Error", Message: "start\nPASSWORD=[redacted]\nboom", ExitCode: 1, Started: noon(2).Time, Ended: noon(7).Time},
			}},
		},
		{
			"thrown off its node",
			corev1.PodStatus{Phase: corev1.PodFailed, Reason: "Evicted", Message: "low on memory"},
			PodState{Phase: "Failed", Progress: Failed, Reason: "Evicted", Message: "low on memory", Containers: []ContainerState{{Name: "main", State: ContainerWaiting}}},
		},
		{
			"out of reach",
			corev1.PodStatus{Phase: corev1.PodUnknown},
			PodState{Phase: "Unknown", Progress: Running, Containers: []ContainerState{{Name: "main", State: ContainerWaiting}}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "probe", Namespace: "web"}, Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "main"}}}, Status: c.status}
			seen := look(t, &world{at: map[string]any{"/api/v1/namespaces/web/pods/probe": pod}}, Wanted{"v1", "Pod", "web", "probe"})
			if seen.Pod == nil || !reflect.DeepEqual(*seen.Pod, c.want) {
				t.Errorf("%+v\nwant %+v", seen.Pod, c.want)
			}
		})
	}
}

func Test_containers_come_in_the_order_of_the_manifest(t *testing.T) {
	pod := &corev1.Pod{
		Spec: corev1.PodSpec{
			InitContainers: []corev1.Container{{Name: "wait"}, {Name: "fetch"}},
			Containers:     []corev1.Container{{Name: "web"}, {Name: "agent"}},
		},
		Status: corev1.PodStatus{InitContainerStatuses: []corev1.ContainerStatus{{Name: "fetch"}, {Name: "wait", State: ended("Completed", "", 0, 0)}}},
	}
	var got []string
	for _, container := range podState(pod).Containers {
		name := container.Name + " " + container.State
		if container.Init {
			name = "init " + name
		}
		got = append(got, name)
	}
	if want := "init wait terminated, init fetch waiting, web waiting, agent waiting"; strings.Join(got, ", ") != want {
		t.Errorf("%q", got)
	}
}
