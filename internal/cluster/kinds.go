package cluster

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/api/validate/content"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
)

// kind is where the objects of a kind are found.
type kind struct {
	resource   schema.GroupVersionResource
	namespaced bool
}

func jobs() schema.GroupVersionResource {
	return schema.GroupVersionResource{Group: "batch", Version: "v1", Resource: "jobs"}
}

func pods() schema.GroupVersionResource {
	return schema.GroupVersionResource{Version: "v1", Resource: "pods"}
}

// builtIn are the kinds of Kubernetes itself that charts have: for them nothing needs to be discovered, which saves
// requests in nearly every run. Only versions for good are here, since no cluster takes them away.
func builtIn(apiVersion string) (namespaced, clusterScoped string) {
	switch apiVersion {
	case "v1":
		return "ConfigMap Endpoints Event LimitRange PersistentVolumeClaim Pod PodTemplate ReplicationController ResourceQuota Secret Service ServiceAccount",
			"Namespace Node PersistentVolume"
	case "apps/v1":
		return "ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet", ""
	case "batch/v1":
		return "CronJob Job", ""
	case "autoscaling/v1", "autoscaling/v2":
		return "HorizontalPodAutoscaler", ""
	case "policy/v1":
		return "PodDisruptionBudget", ""
	case "networking.k8s.io/v1":
		return "Ingress NetworkPolicy", "IngressClass"
	case "rbac.authorization.k8s.io/v1":
		return "Role RoleBinding", "ClusterRole ClusterRoleBinding"
	case "storage.k8s.io/v1":
		return "CSIStorageCapacity", "CSIDriver CSINode StorageClass VolumeAttachment"
	case "apiextensions.k8s.io/v1":
		return "", "CustomResourceDefinition"
	case "apiregistration.k8s.io/v1":
		return "", "APIService"
	case "admissionregistration.k8s.io/v1":
		return "", "MutatingWebhookConfiguration ValidatingWebhookConfiguration"
	case "scheduling.k8s.io/v1":
		return "", "PriorityClass"
	case "coordination.k8s.io/v1":
		return "Lease", ""
	case "discovery.k8s.io/v1":
		return "EndpointSlice", ""
	case "node.k8s.io/v1":
		return "", "RuntimeClass"
	case "certificates.k8s.io/v1":
		return "", "CertificateSigningRequest"
	}
	return "", ""
}

// builtInKind looks a kind up in the table. The plural of each of its kinds is regular.
func builtInKind(version schema.GroupVersion, name string) (kind, bool) {
	namespaced, clusterScoped := builtIn(version.String())
	plural, _ := meta.UnsafeGuessKindToResource(version.WithKind(name))
	switch {
	case containsWord(namespaced, name):
		return kind{plural, true}, true
	case containsWord(clusterScoped, name):
		return kind{plural, false}, true
	}
	return kind{}, false
}

func containsWord(words, word string) bool {
	for w := range strings.FieldsSeq(words) {
		if w == word {
			return true
		}
	}
	return false
}

// discovered keeps what the server has told of the kinds that are not built in.
type discovered struct {
	client discovery.ServerResourcesInterfaceWithContext

	mu    sync.Mutex
	kinds map[schema.GroupVersionKind]kind
}

// errNoSuchKind says that the cluster does not serve a kind.
var errNoSuchKind = errors.New("no such kind")

// kindOf finds where the objects of a kind are. It asks for the one group and version of the kind, which is what
// Helm's own mapper comes down to (v3 and v4 pkg/kube/client.go Build: the exact version of the manifest); all groups,
// as kubectl asks for them, would be far more, and a cache on disk would have to be written.
func (c *Client) kindOf(ctx context.Context, w Wanted) (kind, request, error) {
	version, err := schema.ParseGroupVersion(w.APIVersion)
	if err != nil || version.Version == "" || w.Kind == "" {
		return kind{}, request{}, errNoSuchKind
	}
	if known, ok := builtInKind(version, w.Kind); ok {
		return known, request{}, nil
	}
	for _, segment := range []string{version.Group, version.Version} {
		if len(content.IsPathSegmentName(segment)) > 0 {
			return kind{}, request{}, errNoSuchKind
		}
	}
	c.kinds.mu.Lock()
	defer c.kinds.mu.Unlock()
	wanted := version.WithKind(w.Kind)
	if known, ok := c.kinds.kinds[wanted]; ok {
		return known, request{}, nil
	}
	asked := request{verb: "get", resource: "/apis/" + w.APIVersion}
	if version.Group == "" {
		asked.resource = "/api/" + w.APIVersion
	}
	list, err := c.kinds.client.ServerResourcesForGroupVersionWithContext(ctx, version.String())
	if apierrors.IsNotFound(err) {
		return kind{}, asked, errNoSuchKind
	}
	if err != nil {
		return kind{}, asked, err
	}
	c.kinds.learn(version, list.APIResources)
	if known, ok := c.kinds.kinds[wanted]; ok {
		return known, asked, nil
	}
	return kind{}, asked, errNoSuchKind
}

// kindAnswers are those of one call about kinds, those that failed as well: of what a cluster does not serve, a chart
// may have many objects.
type kindAnswers struct {
	client *Client

	mu    sync.Mutex
	known map[[2]string]found
}

type found struct {
	kind  kind
	asked request
	err   error
}

func (a *kindAnswers) of(ctx context.Context, w Wanted) (kind, request, error) {
	// Of the objects of one kind the first asks, and the others wait for what it hears.
	a.mu.Lock()
	defer a.mu.Unlock()
	key := [2]string{w.APIVersion, w.Kind}
	got, ok := a.known[key]
	if !ok {
		got.kind, got.asked, got.err = a.client.kindOf(ctx, w)
		a.known[key] = got
	}
	return got.kind, got.asked, got.err
}

// learn keeps the kinds of a version. What is missing is not kept: a CustomResourceDefinition may come at any time.
func (d *discovered) learn(version schema.GroupVersion, resources []metav1.APIResource) {
	if d.kinds == nil {
		d.kinds = map[schema.GroupVersionKind]kind{}
	}
	for _, r := range resources {
		// A subresource such as deployments/scale has a kind of its own, but no objects.
		if !strings.Contains(r.Name, "/") {
			d.kinds[version.WithKind(r.Kind)] = kind{version.WithResource(r.Name), r.Namespaced}
		}
	}
}

func (c *Client) noSuchKind(w Wanted) error {
	group, _, hasGroup := strings.Cut(w.APIVersion, "/")
	if !hasGroup {
		group = ""
	}
	return &Error{
		fmt.Errorf("%s serves no kind %s of %s", c.at(), w.Kind, w.APIVersion),
		fmt.Sprintf("a CustomResourceDefinition may be missing, or the version is gone; what there is: %s", c.kubectl("api-resources --api-group="+group)),
	}
}
