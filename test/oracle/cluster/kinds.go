package cluster

import (
	"strings"
	"sync"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// served is what an API server of Kubernetes 1.37 serves of its own, one line a group version; a star
// marks cluster-scoped kinds. Versions it no longer serves (apps/v1beta1, policy/v1beta1 …) are absent.
const served = `
v1: Binding ConfigMap Endpoints Event LimitRange Namespace* Node* PersistentVolume* PersistentVolumeClaim Pod PodTemplate ReplicationController ResourceQuota Secret Service ServiceAccount
apps/v1: ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet
batch/v1: CronJob Job
autoscaling/v1: HorizontalPodAutoscaler
autoscaling/v2: HorizontalPodAutoscaler
policy/v1: PodDisruptionBudget
networking.k8s.io/v1: Ingress IngressClass* NetworkPolicy IPAddress* ServiceCIDR*
rbac.authorization.k8s.io/v1: ClusterRole* ClusterRoleBinding* Role RoleBinding
storage.k8s.io/v1: CSIDriver* CSINode* CSIStorageCapacity StorageClass* VolumeAttachment* VolumeAttributesClass*
scheduling.k8s.io/v1: PriorityClass*
coordination.k8s.io/v1: Lease
discovery.k8s.io/v1: EndpointSlice
events.k8s.io/v1: Event
node.k8s.io/v1: RuntimeClass*
certificates.k8s.io/v1: CertificateSigningRequest*
admissionregistration.k8s.io/v1: MutatingAdmissionPolicy* MutatingAdmissionPolicyBinding* MutatingWebhookConfiguration* ValidatingAdmissionPolicy* ValidatingAdmissionPolicyBinding* ValidatingWebhookConfiguration*
apiextensions.k8s.io/v1: CustomResourceDefinition*
apiregistration.k8s.io/v1: APIService*
flowcontrol.apiserver.k8s.io/v1: FlowSchema* PriorityLevelConfiguration*
resource.k8s.io/v1: DeviceClass* ResourceClaim ResourceClaimTemplate ResourceSlice*
`

// kindTable knows the built-in kinds: scope by group version kind, and which groups are built in at all.
type kindTable struct {
	scopes map[schema.GroupVersionKind]meta.RESTScope
	groups map[string]bool
	plural map[schema.GroupVersionResource]string
}

// builtIn is read once: it never changes.
var builtIn = sync.OnceValue(func() kindTable {
	t := kindTable{scopes: map[schema.GroupVersionKind]meta.RESTScope{}, groups: map[string]bool{}, plural: map[schema.GroupVersionResource]string{}}
	for line := range strings.SplitSeq(strings.TrimSpace(served), "\n") {
		version, kinds, _ := strings.Cut(line, ":")
		gv, err := schema.ParseGroupVersion(version)
		if err != nil {
			panic(err) // the table above is wrong
		}
		t.groups[gv.Group] = true
		for kind := range strings.FieldsSeq(kinds) {
			scope := meta.RESTScopeNamespace
			if strings.HasSuffix(kind, "*") {
				kind, scope = strings.TrimSuffix(kind, "*"), meta.RESTScopeRoot
			}
			t.scopes[gv.WithKind(kind)] = scope
			plural, _ := meta.UnsafeGuessKindToResource(gv.WithKind(kind))
			t.plural[plural] = kind
			// Discovery mappers know each kind's list, client-go restmapper/discovery.go.
			t.scopes[gv.WithKind(kind+"List")] = scope
		}
	}
	t.scopes[schema.GroupVersionKind{Version: "v1", Kind: "List"}] = meta.RESTScopeRoot
	return t
})

// restMapper maps kinds as the API server's discovery would. Kinds of groups that are not built in are
// taken as served, namespaced unless a CustomResourceDefinition in the cluster says otherwise.
type restMapper struct {
	meta.RESTMapper // only RESTMapping is ever called by a resource.Builder
	c               *Cluster
}

func (m restMapper) RESTMapping(gk schema.GroupKind, versions ...string) (*meta.RESTMapping, error) {
	version := ""
	if len(versions) > 0 {
		version = versions[0]
	}
	gvk := gk.WithVersion(version)
	scope, ok := builtIn().scopes[gvk]
	if !ok {
		if builtIn().groups[gk.Group] {
			return nil, &meta.NoKindMatchError{GroupKind: gk, SearchedVersions: versions}
		}
		scope = m.c.customScope(gk)
	}
	plural, _ := meta.UnsafeGuessKindToResource(gvk)
	m.c.learn(plural.GroupResource(), gk.Kind)
	return &meta.RESTMapping{Resource: plural, GroupVersionKind: gvk, Scope: scope}, nil
}

// kindAt is the kind behind a path, "" if there is none: a built-in one, one with a definition in the cluster, or one that
// the mapper has given away. One with a scope is served only there.
func (c *Cluster) kindAt(gv schema.GroupVersion, resource string, namespaced bool) string {
	if builtIn().groups[gv.Group] {
		kind := builtIn().plural[gv.WithResource(resource)]
		if kind != "" && (builtIn().scopes[gv.WithKind(kind)] == meta.RESTScopeNamespace) != namespaced {
			return ""
		}
		return kind
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for k, o := range c.objects {
		group, _, _ := unstructured.NestedString(o.content, "spec", "group")
		plural, _, _ := unstructured.NestedString(o.content, "spec", "names", "plural")
		if k.kind != "CustomResourceDefinition" || group != gv.Group || plural != resource {
			continue
		}
		kind, _, _ := unstructured.NestedString(o.content, "spec", "names", "kind")
		if scope, _, _ := unstructured.NestedString(o.content, "spec", "scope"); (scope != "Cluster") != namespaced {
			return ""
		}
		return kind
	}
	return c.plural[schema.GroupResource{Group: gv.Group, Resource: resource}]
}
