// Package recorded holds requests as Helm's kube clients send them, to be put to a real API server, whose answers
// are kept in test/e2e/recorded, and to the oracle's imitation of one, which must answer alike.
package recorded

import "slices"

// Scenario is a sequence of requests in a namespace of its own.
type Scenario struct {
	Name string
	// Why it matters to somebody who predicts what Helm does.
	Why   string
	Steps []Step
}

// Step is one request. {namespace} in its texts stands for the scenario's namespace, {uid} for the uid of the newest
// object whose uid was a fact.
type Step struct {
	Method, Path, Query string
	// ContentType is that of Body, which is YAML and sent as JSON.
	ContentType, Body string
	// Facts are what matters of the object in the answer: paths such as data.a, and the words of fact.
	Facts []string
	// until is a fact that has to come true first, or a code that has to be answered.
	untilFact  string
	untilValue any
	untilCode  int
	// handover sends the JSON patch by which Helm 4 takes over fields that were written client-side.
	handover bool
}

// Answer is what a server said to a step. Namespace, uids, times and generated names are replaced.
type Answer struct {
	Request string         `json:"request"`
	Code    int            `json:"code"`
	Reason  string         `json:"reason,omitempty"`
	Message string         `json:"message,omitempty"`
	Facts   map[string]any `json:"facts,omitempty"`
}

// Scenarios are all there are.
func Scenarios() []Scenario {
	return slices.Concat(
		creating(), refusing(), fields(), naming(), deleting(), applying(), owning(), patching(), replacing(), jobs(), pods(), frozen(), custom(), defining(),
	)
}

// kind is a served kind and where it is served.
type kind struct{ path, apiVersion, name string }

const (
	core = "/api/v1/namespaces/{namespace}/"
	apps = "/apis/apps/v1/namespaces/{namespace}/"
	rbac = "/apis/rbac.authorization.k8s.io/v1/"
)

var (
	configMaps   = kind{core + "configmaps", "v1", "ConfigMap"}
	secrets      = kind{core + "secrets", "v1", "Secret"}
	services     = kind{core + "services", "v1", "Service"}
	podKind      = kind{core + "pods", "v1", "Pod"}
	jobKind      = kind{"/apis/batch/v1/namespaces/{namespace}/jobs", "batch/v1", "Job"}
	cronJobs     = kind{"/apis/batch/v1/namespaces/{namespace}/cronjobs", "batch/v1", "CronJob"}
	deployments  = kind{apps + "deployments", "apps/v1", "Deployment"}
	roles        = kind{rbac + "namespaces/{namespace}/roles", "rbac.authorization.k8s.io/v1", "Role"}
	clusterRoles = kind{rbac + "clusterroles", "rbac.authorization.k8s.io/v1", "ClusterRole"}
	namespaces   = kind{"/api/v1/namespaces", "v1", "Namespace"}
	definitions  = kind{"/apis/apiextensions.k8s.io/v1/customresourcedefinitions", "apiextensions.k8s.io/v1", "CustomResourceDefinition"}
)

const (
	plain     = "application/json"
	strategic = "application/strategic-merge-patch+json"
	mergeJSON = "application/merge-patch+json"
	applyYAML = "application/apply-patch+yaml"
	patchJSON = "application/json-patch+json"
)

// typed is a body with the kind in front: {…} becomes {apiVersion: …, kind: …, …}.
func (k kind) typed(body string) string {
	return "{apiVersion: " + k.apiVersion + ", kind: " + k.name + ", " + body[1:]
}

// post is how Helm 3 creates, and Helm 4 without server-side apply.
func post(k kind, body string, facts ...string) Step {
	return Step{Method: "POST", Path: k.path, Query: "fieldManager=helm", ContentType: plain, Body: k.typed(body), Facts: facts}
}

// apply is how Helm 4 creates and updates.
func apply(k kind, name, body string, facts ...string) Step {
	return Step{
		Method: "PATCH", Path: k.path + "/" + name, Query: "fieldManager=helm&fieldValidation=Strict&force=false",
		ContentType: applyYAML, Body: k.typed(body), Facts: facts,
	}
}

// patch is how Helm 3 updates, with a strategic merge patch where the kind is built in.
func patch(k kind, name, contentType, body string, facts ...string) Step {
	return Step{Method: "PATCH", Path: k.path + "/" + name, Query: "fieldManager=helm", ContentType: contentType, Body: body, Facts: facts}
}

// put is how Helm replaces under --force and --force-replace.
func put(k kind, name, body string, facts ...string) Step {
	return Step{Method: "PUT", Path: k.path + "/" + name, Query: "fieldManager=helm", ContentType: plain, Body: k.typed(body), Facts: facts}
}

func get(k kind, name string, facts ...string) Step {
	return Step{Method: "GET", Path: k.path + "/" + name, Facts: facts}
}

// remove is how Helm deletes.
func remove(k kind, name string, facts ...string) Step {
	return removeBy("Background", k, name, facts...)
}

// removeBy deletes as --cascade says.
func removeBy(policy string, k kind, name string, facts ...string) Step {
	body := "{kind: DeleteOptions, apiVersion: v1, propagationPolicy: " + policy + "}"
	return Step{Method: "DELETE", Path: k.path + "/" + name, ContentType: plain, Body: body, Facts: facts}
}

// handover is what Helm 4 sends first to an object that Helm 3 has made.
func handover(k kind, name string, facts ...string) Step {
	s := patch(k, name, patchJSON, "", facts...)
	s.handover = true
	return s
}

// asking changes the query.
func (s Step) asking(query string) Step {
	s.Query = query
	return s
}

// until repeats the request until a fact is true.
func (s Step) until(fact string, value any) Step {
	s.untilFact, s.untilValue = fact, value
	return s
}

// answered repeats the request until it is answered by a code.
func (s Step) answered(code int) Step {
	s.untilCode = code
	return s
}
