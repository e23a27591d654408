package cluster

import (
	"cmp"
	"context"
	"slices"
	"strings"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// legacyJobName is the label of Pods before Kubernetes 1.27.
const legacyJobName = "job-name"

// Pods are those of a Job, newest first. None is no error: they may have been removed, or never been made. An empty
// uid stands for every Job of the name that has been.
func (c *Client) Pods(ctx context.Context, namespace, jobName, uid string) ([]Seen, error) {
	for _, label := range []string{batchv1.JobNameLabel, legacyJobName} {
		found, err := pages(ctx, labels.Set{label: jobName}.AsSelector().String(), "", func(ctx context.Context, options metav1.ListOptions) ([]corev1.Pod, string, error) {
			list, err := c.core.Pods(namespace).List(ctx, options)
			if err != nil {
				return nil, "", err
			}
			return list.Items, list.Continue, nil
		})
		if err != nil {
			return nil, c.explain(request{verb: "list", resource: "pods", namespace: namespace}, err)
		}
		if seen := podsOf(found, uid); len(seen) > 0 {
			return seen, nil
		}
	}
	return nil, nil
}

// podsOf keeps the Pods that a Job controls. A Job that was made anew has the labels of the one before it, whose Pods
// may still be there.
func podsOf(found []corev1.Pod, jobUID string) []Seen {
	var seen []Seen
	for i := range found {
		pod := &found[i]
		owner := metav1.GetControllerOf(pod)
		if owner == nil || owner.Kind != "Job" || jobUID != "" && string(owner.UID) != jobUID {
			continue
		}
		one := Seen{Wanted: Wanted{"v1", "Pod", pod.Namespace, pod.Name}, Exists: true, Pod: podState(pod)}
		one.describe(pod)
		seen = append(seen, one)
	}
	// Made within the same second they are told apart by when a kubelet took them up, then by name.
	slices.SortFunc(seen, func(a, b Seen) int {
		return cmp.Or(b.Created.Compare(a.Created), b.Pod.Started.Compare(a.Pod.Started), strings.Compare(a.Name, b.Name), strings.Compare(a.UID, b.UID))
	})
	return seen
}

// pages lists all there is, page by page.
func pages[T any](ctx context.Context, labelSelector, fieldSelector string, list func(context.Context, metav1.ListOptions) ([]T, string, error)) ([]T, error) {
	options := metav1.ListOptions{LabelSelector: labelSelector, FieldSelector: fieldSelector, Limit: pageSize}
	var all []T
	for {
		items, next, err := list(ctx, options)
		if apierrors.IsResourceExpired(err) && options.Continue != "" {
			// The server has forgotten the state that the list began with: once more, in one go.
			all, options.Continue, options.Limit = nil, "", 0
			continue
		}
		if err != nil {
			return nil, err
		}
		all = append(all, items...)
		if options.Continue = next; next == "" {
			return all, nil
		}
	}
}
