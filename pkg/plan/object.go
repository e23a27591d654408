package plan

import "strings"

// Object is the identity of a Kubernetes object as the API server would know it.
type Object struct {
	APIVersion string
	Kind       string
	// Namespace is empty for cluster-scoped kinds.
	Namespace string
	Name      string
}

// Ref is KIND/NAME, the form in which people name an object on a command line.
func (o Object) Ref() string { return o.Kind + "/" + o.Name }

// group is the API group: "" for the core group, "batch" for batch/v1.
func (o Object) group() string {
	group, _, found := strings.Cut(o.APIVersion, "/")
	if !found {
		return ""
	}
	return group
}

// Document is one YAML document as Helm's splitter cut it out of a rendered template.
type Document struct {
	// Template is Helm's path of the template, such as shop/templates/migrate.yaml.
	Template string
	// Index is the document's place in the rendered template, from 0.
	Index int
	// Text is the document as it stands, untouched.
	Text string
	// VolatileName is a stable stand-in for metadata.name where two equal renders give different
	// names (randAlphaNum, now). Empty where the name is the same in every render.
	VolatileName string
	// Volatile says that two equal renders of this document differ.
	Volatile bool
	// LastRun is that of a live release's hook; zero where none is stored.
	LastRun LastRun
}

// clusterScoped lists the built-in kinds that have no namespace, by group and kind.
// Source: the API discovery of kube-apiserver 1.36.
var clusterScoped = map[string]bool{
	"/ComponentStatus": true, "/Namespace": true, "/Node": true, "/PersistentVolume": true,
	"admissionregistration.k8s.io/MutatingWebhookConfiguration":     true,
	"admissionregistration.k8s.io/ValidatingWebhookConfiguration":   true,
	"admissionregistration.k8s.io/ValidatingAdmissionPolicy":        true,
	"admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding": true,
	"admissionregistration.k8s.io/MutatingAdmissionPolicy":          true,
	"admissionregistration.k8s.io/MutatingAdmissionPolicyBinding":   true,
	"apiextensions.k8s.io/CustomResourceDefinition":                 true,
	"apiregistration.k8s.io/APIService":                             true,
	"certificates.k8s.io/CertificateSigningRequest":                 true,
	"certificates.k8s.io/ClusterTrustBundle":                        true,
	"flowcontrol.apiserver.k8s.io/FlowSchema":                       true,
	"flowcontrol.apiserver.k8s.io/PriorityLevelConfiguration":       true,
	"networking.k8s.io/IngressClass":                                true,
	"networking.k8s.io/IPAddress":                                   true,
	"networking.k8s.io/ServiceCIDR":                                 true,
	"node.k8s.io/RuntimeClass":                                      true,
	"policy/PodSecurityPolicy":                                      true,
	"rbac.authorization.k8s.io/ClusterRole":                         true,
	"rbac.authorization.k8s.io/ClusterRoleBinding":                  true,
	"resource.k8s.io/DeviceClass":                                   true,
	"resource.k8s.io/ResourceSlice":                                 true,
	"scheduling.k8s.io/PriorityClass":                               true,
	"storage.k8s.io/CSIDriver":                                      true,
	"storage.k8s.io/CSINode":                                        true,
	"storage.k8s.io/StorageClass":                                   true,
	"storage.k8s.io/VolumeAttachment":                               true,
	"storage.k8s.io/VolumeAttributesClass":                          true,
	"storagemigration.k8s.io/StorageVersionMigration":               true,
	"internal.apiserver.k8s.io/StorageVersion":                      true,
}

// builtinGroups are the API groups whose kinds the table above covers completely.
var builtinGroups = map[string]bool{
	"": true, "apps": true, "batch": true, "autoscaling": true, "policy": true, "extensions": true,
	"admissionregistration.k8s.io": true, "apiextensions.k8s.io": true, "apiregistration.k8s.io": true,
	"authentication.k8s.io": true, "authorization.k8s.io": true, "certificates.k8s.io": true,
	"coordination.k8s.io": true, "discovery.k8s.io": true, "events.k8s.io": true,
	"flowcontrol.apiserver.k8s.io": true, "networking.k8s.io": true, "node.k8s.io": true,
	"rbac.authorization.k8s.io": true, "resource.k8s.io": true, "scheduling.k8s.io": true,
	"storage.k8s.io": true, "storagemigration.k8s.io": true, "internal.apiserver.k8s.io": true,
}
