package cluster

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
)

// The kinds of Flux and Argo CD that are read in full.
const (
	kindHelmRelease = "HelmRelease"
	kindApplication = "Application"
)

// gitOpsResource is where the objects of a kind are found that a HelmRelease or an Application is or refers to. The
// versions are those that helm-controller 1.6, source-controller 1.9 and Argo CD 3.6 serve.
func gitOpsResource(kind string) (schema.GroupVersionResource, bool) {
	sources := schema.GroupVersion{Group: "source.toolkit.fluxcd.io", Version: "v1"}
	switch kind {
	case kindHelmRelease:
		return schema.GroupVersionResource{Group: "helm.toolkit.fluxcd.io", Version: "v2", Resource: "helmreleases"}, true
	case kindApplication:
		return schema.GroupVersionResource{Group: "argoproj.io", Version: "v1alpha1", Resource: "applications"}, true
	case "HelmRepository":
		return sources.WithResource("helmrepositories"), true
	case "HelmChart":
		return sources.WithResource("helmcharts"), true
	case "OCIRepository":
		return sources.WithResource("ocirepositories"), true
	case "ConfigMap":
		return schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}, true
	case "Secret":
		return schema.GroupVersionResource{Version: "v1", Resource: "secrets"}, true
	}
	return schema.GroupVersionResource{}, false
}

// GitOps gets the JSON of a HelmRelease, an Application, or an object that these refer to; nil where there is none of
// that name. One request is sent, a get.
func (c *Client) GitOps(ctx context.Context, kind, namespace, name string) ([]byte, error) {
	resource, ok := gitOpsResource(kind)
	if !ok {
		return nil, fmt.Errorf("%s is none of the kinds that are read", kind)
	}
	if err := validPlace(Wanted{Kind: kind, Namespace: namespace, Name: name}); err != nil {
		return nil, err
	}
	client, err := dynamic.NewForConfig(c.config)
	if err != nil {
		return nil, err
	}
	object, err := client.Resource(resource).Namespace(namespace).Get(ctx, name, metav1.GetOptions{})
	switch {
	case err == nil:
		return object.MarshalJSON()
	case isUnknownPath(err):
		return nil, c.notServed(kind, resource)
	case apierrors.IsNotFound(err):
		return nil, nil
	}
	return nil, c.explain(request{verb: "get", resource: resource.GroupResource().String(), namespace: namespace, name: name}, err)
}

// notServed says that the cluster lacks the kind.
func (c *Client) notServed(kind string, resource schema.GroupVersionResource) error {
	hint := "what there is: " + c.kubectl("api-resources --api-group="+resource.Group)
	if kind == kindApplication {
		hint = "is Argo CD installed there? " + hint
	} else {
		hint = "is Flux installed there, in a version that serves it? " + hint
	}
	return &Error{fmt.Errorf("%s serves no %s of %s", c.at(), kind, resource.GroupVersion()), hint}
}
