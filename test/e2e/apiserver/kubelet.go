package apiserver

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// nodeName is the node on which all Pods run.
const nodeName = "e2e"

// startNode makes a node whose kubelet can do one thing: tell the log of a container.
func (k *keeper) startNode(ctx context.Context) error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /containerLogs/{namespace}/{pod}/{container}", k.serveLog)
	k.kubelet = httptest.NewTLSServer(mux)
	_, port, _ := strings.Cut(strings.TrimPrefix(k.kubelet.URL, "https://"), ":")
	number, err := strconv.ParseInt(port, 10, 32)
	if err != nil {
		return fmt.Errorf("the kubelet listens on %s: %w", k.kubelet.URL, err)
	}
	_, err = k.client.CoreV1().Nodes().Create(ctx, &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: nodeName},
		Status: corev1.NodeStatus{
			Addresses:       []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: "127.0.0.1"}},
			DaemonEndpoints: corev1.NodeDaemonEndpoints{KubeletEndpoint: corev1.DaemonEndpoint{Port: int32(number)}},
		},
	}, metav1.CreateOptions{})
	return err
}

func (k *keeper) serveLog(w http.ResponseWriter, r *http.Request) {
	pod, err := k.client.CoreV1().Pods(r.PathValue("namespace")).Get(r.Context(), r.PathValue("pod"), metav1.GetOptions{})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	fate, err := k.fate(pod.Namespace, scriptName(pod), pod.Annotations)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	lines := strings.SplitAfter(strings.TrimSuffix(fate.Log, "\n"), "\n")
	if tail, err := strconv.Atoi(r.URL.Query().Get("tailLines")); err == nil && tail < len(lines) {
		lines = lines[len(lines)-tail:]
	}
	fmt.Fprintln(w, strings.Join(lines, ""))
}

// scriptName is the name under which a Pod's fate was decided: its Job's, or its own.
func scriptName(pod *corev1.Pod) string {
	if owner := metav1.GetControllerOf(pod); owner != nil {
		return owner.Name
	}
	return pod.Name
}

func (k *keeper) pod(ctx context.Context, object any, deleted bool) {
	pod, ok := object.(*corev1.Pod)
	switch {
	case !ok || deleted:
	case pod.DeletionTimestamp != nil:
		k.once(ctx, pod, "vanish", func(ctx context.Context) error { return k.removePod(ctx, pod) })
	case metav1.GetControllerOf(pod) == nil:
		k.once(ctx, pod, "run", func(ctx context.Context) error { return k.runBarePod(ctx, pod) })
	}
}

func (k *keeper) runBarePod(ctx context.Context, pod *corev1.Pod) error {
	fate, err := k.fate(pod.Namespace, pod.Name, pod.Annotations)
	if err != nil {
		return err
	}
	if pod.Spec.NodeName == "" {
		err := k.client.CoreV1().Pods(pod.Namespace).Bind(ctx, &corev1.Binding{
			ObjectMeta: metav1.ObjectMeta{Name: pod.Name, Namespace: pod.Namespace, UID: pod.UID},
			Target:     corev1.ObjectReference{Kind: "Node", Name: nodeName},
		}, metav1.CreateOptions{})
		if err != nil {
			return err
		}
	}
	return k.runPod(ctx, pod, fate)
}

// runPod brings a Pod through its phases.
func (k *keeper) runPod(ctx context.Context, pod *corev1.Pod, fate Fate) error {
	start := metav1.Now()
	running := corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: start}}
	if err := k.podStatus(ctx, pod, corev1.PodRunning, running, start); err != nil || fate.Outcome == Never {
		return err
	}
	if !pause(ctx, fate.After) {
		return nil
	}
	phase := corev1.PodSucceeded
	terminated := &corev1.ContainerStateTerminated{Reason: "Completed", StartedAt: start, FinishedAt: metav1.Now()}
	if fate.Outcome == Fail {
		phase, terminated.Reason, terminated.ExitCode = corev1.PodFailed, "Error", fate.ExitCode
	}
	return k.podStatus(ctx, pod, phase, corev1.ContainerState{Terminated: terminated}, start)
}

func (k *keeper) podStatus(ctx context.Context, pod *corev1.Pod, phase corev1.PodPhase, state corev1.ContainerState, start metav1.Time) error {
	status := corev1.PodStatus{Phase: phase, StartTime: &start}
	ready := corev1.ConditionFalse
	if phase == corev1.PodRunning {
		ready = corev1.ConditionTrue
	}
	status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: ready, LastTransitionTime: metav1.Now()}}
	for _, container := range pod.Spec.Containers {
		status.ContainerStatuses = append(status.ContainerStatuses, corev1.ContainerStatus{
			Name: container.Name, Image: container.Image, State: state, Ready: phase == corev1.PodRunning,
		})
	}
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"uid": pod.UID}, "status": status})
	if err != nil {
		return err
	}
	_, err = k.client.CoreV1().Pods(pod.Namespace).Patch(ctx, pod.Name, types.MergePatchType, patch, metav1.PatchOptions{}, "status")
	return err
}

// removePod is the kubelet's last word on a Pod that is to go: it has ended.
func (k *keeper) removePod(ctx context.Context, pod *corev1.Pod) error {
	fate, err := k.fate(pod.Namespace, scriptName(pod), pod.Annotations)
	if err != nil {
		return err
	}
	if !pause(ctx, fate.GoneAfter) {
		return nil
	}
	now := int64(0)
	return k.client.CoreV1().Pods(pod.Namespace).Delete(ctx, pod.Name, metav1.DeleteOptions{GracePeriodSeconds: &now, Preconditions: metav1.NewUIDPreconditions(string(pod.UID))})
}
