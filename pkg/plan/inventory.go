package plan

// Event is a point in a release's life at which hooks run.
type Event string

// The nine events of Helm 3 and 4. Source: v3 pkg/release/hook.go, v4 pkg/release/v1/hook.go.
const (
	PreInstall   Event = "pre-install"
	PostInstall  Event = "post-install"
	PreUpgrade   Event = "pre-upgrade"
	PostUpgrade  Event = "post-upgrade"
	PreRollback  Event = "pre-rollback"
	PostRollback Event = "post-rollback"
	PreDelete    Event = "pre-delete"
	PostDelete   Event = "post-delete"
	TestEvent    Event = "test"
)

// DeletePolicy is one value of helm.sh/hook-delete-policy or helm.sh/hook-output-log-policy, trimmed
// and in lower case as Helm stores it; it may be a value that Helm does not know.
type DeletePolicy string

// The delete policies that Helm acts on. The last two are output log policies as well.
const (
	BeforeHookCreation DeletePolicy = "before-hook-creation"
	HookSucceeded      DeletePolicy = "hook-succeeded"
	HookFailed         DeletePolicy = "hook-failed"
)

// Annotation is one annotation as the author wrote it.
type Annotation struct {
	Key string
	// Value is the text that Helm reads; for a value that is no string it is Helm's rendering of it.
	Value string
	// NotString says that the YAML value is a number, a boolean or null, not a string.
	NotString bool
	// Null says that the YAML value is null, which Helm and the API server take for an empty string.
	Null bool
}

// Parsed is what every document carries, whatever became of it.
type Parsed struct {
	Document
	// Object is the identity that the API server sees, namespace filled in.
	Object Object
	// Items are the members of a List; nil otherwise.
	Items []Object
	// Annotations are all annotations of metadata.annotations, sorted by key.
	Annotations []Annotation
	// ScopeUnknown says that the kind is no built-in and no CRD of the chart, so that the object was
	// taken for a namespaced one.
	ScopeUnknown bool
	// BuildError is why kubectl's builder would refuse the document on the client side, else empty:
	// an annotation that is no string, or no kind.
	BuildError string
	// ValidationError is why the builder refuses the document where it validates: always for ordinary
	// resources, for hooks when they are created but not when they are deleted.
	ValidationError string

	// body is the document as the API server reads it, numbers as they are written; nil where it is no mapping. It is
	// never changed.
	body map[string]any
	// parts are the objects that the document makes, each as the API server gets it.
	parts []part
	// render counts the renders of a life, for names that differ in each.
	render int
}

// part is one object of a document: the document itself, or a member of a List.
type part struct {
	object Object
	// nameless says that the document gives no name: the object's name is generateName and a stand-in
	// for what the server makes up, or empty.
	nameless       bool
	generateName   string
	neverCompletes string
	// kept says that the object carries helm.sh/resource-policy: keep, to the letter.
	kept bool
	// fixed is what the API server lets nobody change afterwards.
	fixed map[string]any
	// body is the object as it is sent. It is never changed.
	body map[string]any
}

// Hook is a document that Helm runs as a hook.
type Hook struct {
	Parsed
	// Name is Helm's name of the hook, by which it sorts. It differs from Object.Name only where a
	// key such as Metadata is spelt in another case, which Helm's sorter reads and the API server not.
	Name string
	// Kind is the text of `kind`, by which Helm decides what it waits for and what it never deletes.
	Kind   string
	Events []Event
	Weight int
	// DeletePolicies are what the annotation lists; nil where there is no annotation.
	DeletePolicies    []DeletePolicy
	OutputLogPolicies []DeletePolicy
	// NeverCompletes is why the wait for this hook can only end in a timeout, else empty.
	NeverCompletes string
}

// Resource is a document that Helm installs as an ordinary object.
type Resource struct {
	Parsed
	// Kind is the text of `kind` as Helm reads it, by which the resources are ordered.
	Kind string
	// Empty documents hold only comments; Helm keeps them in the manifest and installs nothing.
	Empty bool
	// ResourcePolicy is helm.sh/resource-policy as Helm reads it: "keep", another value, or empty.
	ResourcePolicy string
	// HasResourcePolicy tells an empty annotation from none.
	HasResourcePolicy bool
}

// Dropped is a document that Helm throws away: neither hook nor resource.
type Dropped struct {
	Parsed
	// Value is helm.sh/hook as Helm reads it.
	Value string
	// Unknown is the first part of Value that is no event: the one that made Helm drop the document.
	Unknown string
}

// Inventory is all documents of one revision. Nothing is lost: the three lengths add up to the number
// of documents that were classified.
type Inventory struct {
	// Resources are in Helm's install order, hooks in storage order (`helm get hooks`).
	Resources []Resource
	Hooks     []Hook
	Dropped   []Dropped
	// CRDs are the objects of the charts' crds/ folders, in the order in which Helm creates them.
	CRDs []CRDFile
}

// CRDFile is one file of a crds/ folder.
type CRDFile struct {
	// Path is Helm's path of the file, such as shop/crds/order.yaml.
	Path string
	// Documents are its YAML documents.
	Documents []Document
	// Objects are filled in by Classify.
	Objects []Object
	// Problem is why Helm cannot install the file, else empty. Filled in by Classify.
	Problem string
}
