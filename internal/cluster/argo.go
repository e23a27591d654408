package cluster

import (
	"context"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Argo CD's marks on what it applies (docs/user-guide/resource_tracking.md): an annotation APP:GROUP/KIND:NS/NAME, or a
// label of its own, or the label that charts use for the release's name.
const (
	argoTracking  = "argocd.argoproj.io/tracking-id"
	argoLabel     = "argocd.argoproj.io/instance"
	instanceLabel = "app.kubernetes.io/instance"
)

// ArgoApplication finds the Application of Argo CD that looks after what is named like a release; empty where none
// shows. What may not be read is passed over: nobody asked for it.
func (c *Client) ArgoApplication(ctx context.Context, namespace, release string) string {
	for _, gvr := range []schema.GroupVersionResource{
		{Group: "apps", Version: "v1", Resource: "deployments"},
		{Group: "apps", Version: "v1", Resource: "statefulsets"},
		{Version: "v1", Resource: "services"},
		{Version: "v1", Resource: "configmaps"},
	} {
		for _, label := range []string{instanceLabel, argoLabel} {
			selector := labels.Set{label: release}.AsSelector().String()
			const enough = 20
			list, err := c.meta.Resource(gvr).Namespace(namespace).List(ctx, metav1.ListOptions{LabelSelector: selector, Limit: enough})
			if err != nil {
				continue
			}
			for i := range list.Items {
				if app, _, ok := strings.Cut(list.Items[i].Annotations[argoTracking], ":"); ok && app != "" {
					return app
				}
				if app := list.Items[i].Labels[argoLabel]; app != "" {
					return app
				}
			}
		}
	}
	applications := schema.GroupVersionResource{Group: "argoproj.io", Version: "v1alpha1", Resource: "applications"}
	for _, where := range []string{"argocd", namespace} {
		if app, err := c.meta.Resource(applications).Namespace(where).Get(ctx, release, metav1.GetOptions{}); err == nil {
			return app.Name
		}
	}
	return ""
}
