// Package flux holds what the real Flux helm-controller was seen to do on a real API server: which Helm actions it
// runs when, what each does to hooks, and how it ends. testdata/recorded.yaml is the record; a test without network
// holds our Flux engine to it.
//
// To record again, on Linux, after a scenario was added or for another version of the controller:
//
//	HELM_CONTROLLER=/path/of/helm-controller go test -tags fluxrecord -timeout 60m -parallel 4 -run TestRecord ./test/flux
//
// HELM_CONTROLLER is the controller's binary (its main package, built without changes). -scenario REGEXP plays only
// some and leaves the others as they are recorded; -logs FOLDER keeps what the controllers have written. The API server
// is that of test/e2e, built into .tools where it is not there yet (HELM_HOOKS_TOOLS names another folder).
//
// Each scenario has a namespace, a controller that watches it alone, and a proxy between the two and the API server,
// which tells the order of the requests: no clock is compared. Jobs end as the scenario says, and no Deployment ever
// becomes ready. Times, uids and digests are left out, so that the same controller gives the same file; all of it takes
// about eight minutes. What is recorded is of helm-controller 1.6.3.
package flux
