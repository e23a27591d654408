package cli

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/labels"
)

// statusAPI is an API server with the records and the objects of one namespace, web.
type statusAPI struct {
	records []storedRecord
	// objects are bodies by path, without the namespace's part: jobs/migrate, pods?…, pods/x/log.
	objects map[string]string
	// before may answer instead: with a status code, or not at all where it waits.
	before func(r *http.Request) int

	mu   sync.Mutex
	seen []string
}

func (a *statusAPI) start(t *testing.T) (kubeconfig string) {
	t.Helper()
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	return writeKubeconfig(t, server.URL)
}

func (a *statusAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	a.seen = append(a.seen, r.Method+" "+r.URL.Path)
	a.mu.Unlock()
	if a.before != nil {
		if code := a.before(r); code != 0 {
			refuseWith(w, code)
			return
		}
	}
	_, path, ok := strings.Cut(r.URL.Path, "/namespaces/web/")
	switch {
	case !ok:
		refuseWith(w, http.StatusNotFound)
	case path == "secrets" || strings.HasPrefix(path, "secrets/sh.helm"):
		a.secrets(w, selectorOf(r), strings.TrimPrefix(path, "secrets/"))
	case a.objects[path] != "":
		if !strings.HasSuffix(path, "/log") {
			w.Header().Set("Content-Type", "application/json")
		}
		fmt.Fprint(w, a.objects[path])
	case path == "pods" || path == "events":
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"apiVersion":"v1","kind":%q,"items":[]}`, map[string]string{"pods": "PodList", "events": "EventList"}[path])
	default:
		refuseWith(w, http.StatusNotFound)
	}
}

// selectorOf is the selector of a list; what cannot be parsed selects nothing.
func selectorOf(r *http.Request) labels.Selector {
	selector, err := labels.Parse(r.URL.Query().Get("labelSelector"))
	if err != nil {
		return labels.Nothing()
	}
	return selector
}

func (a *statusAPI) secrets(w http.ResponseWriter, selector labels.Selector, name string) {
	w.Header().Set("Content-Type", "application/json")
	items := []any{}
	for _, record := range a.records {
		meta := map[string]any{
			"name": record.name(), "namespace": record.namespace, "labels": record.labelled(),
			"creationTimestamp": listNow().Add(-record.age).Format(time.RFC3339),
		}
		if name == record.name() {
			_ = json.NewEncoder(w).Encode(map[string]any{"apiVersion": "v1", "kind": "Secret", "metadata": meta, "data": map[string]any{"release": record.data()}})
			return
		}
		if selector.Matches(labels.Set(record.labelled())) {
			items = append(items, map[string]any{"metadata": meta})
		}
	}
	if name != "secrets" {
		refuseWith(w, http.StatusNotFound)
		return
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadataList", "metadata": map[string]any{}, "items": items})
}

func refuseWith(w http.ResponseWriter, code int) {
	if code < 0 {
		// What an API server says of a path that it does not serve.
		http.Error(w, "404 page not found", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	reason := map[int]string{http.StatusForbidden: "Forbidden", http.StatusInternalServerError: "InternalError", http.StatusNotFound: "NotFound"}[code]
	fmt.Fprintf(w, `{"apiVersion":"v1","kind":"Status","status":"Failure","reason":%q,"code":%d,"message":%q}`, reason, code, http.StatusText(code))
}

// storedHook is a hook of a record, a Job, as JSON.
func storedHook(name, event, phase string, ran time.Duration) string {
	manifest := fmt.Sprintf("apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: %s\n  annotations: {helm.sh/hook: %q}\nspec: {template: {spec: {restartPolicy: Never, containers: [{name: main, image: busybox}]}}}\n", name, event)
	run := "{}"
	if phase != "" {
		began := listNow().Add(-ran)
		run = fmt.Sprintf(`{"started_at":%q,"completed_at":%q,"phase":%q}`, began.Format(time.RFC3339), began.Add(5*time.Second).Format(time.RFC3339), phase)
	}
	return fmt.Sprintf(`{"name":%q,"kind":"Job","path":"shop/templates/%[1]s.yaml","manifest":%q,"events":[%q],"last_run":%s}`, name, manifest, event, run)
}

// failedInstall is a release whose post-install Job ended with exit code 3.
func failedInstall() *statusAPI {
	return &statusAPI{
		records: []storedRecord{{
			namespace: "web", release: "shop", revision: 1, status: "failed", age: 10 * time.Minute,
			hooks: storedHook("migrate", "pre-install", "Succeeded", 9*time.Minute) + "," + storedHook("smoke", "post-install", "Failed", 8*time.Minute),
		}},
		objects: map[string]string{
			"jobs/smoke": `{"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"smoke","namespace":"web","uid":"u-1","creationTimestamp":"2026-11-03T11:52:00Z","managedFields":[{"manager":"helm"}]},
				"status":{"failed":1,"conditions":[{"type":"Failed","status":"True","reason":"BackoffLimitExceeded","lastTransitionTime":"2026-11-03T11:52:04Z"}]}}`,
			"pods": `{"apiVersion":"v1","kind":"PodList","items":[{"metadata":{"name":"smoke-x7f2c","namespace":"web","uid":"p-1","ownerReferences":[{"controller":true,"kind":"Job","name":"smoke","uid":"u-1","apiVersion":"batch/v1"}]},
				"spec":{"containers":[{"name":"main"}]},"status":{"phase":"Failed","containerStatuses":[{"name":"main","state":{"terminated":{"exitCode":3,"reason":"Error"}}}]}}]}`,
			"events": `{"apiVersion":"v1","kind":"EventList","items":[{"metadata":{"name":"e"},"type":"Warning","reason":"BackoffLimitExceeded","message":"Job has reached the specified backoff limit","count":1,"lastTimestamp":"2026-11-03T11:52:04Z"}]}`,

			"pods/smoke-x7f2c/log": "one\nconnecting to db password=hunter2\n\u001b[2Jtable users exists\n",
		},
	}
}

// asked are the paths asked for, sorted.
func (a *statusAPI) asked() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Sorted(slices.Values(a.seen))
}
