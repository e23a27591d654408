package cluster

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// world answers by path, as an API server does: with an object, with the code of a refusal, or as a function does.
type world struct {
	at map[string]any

	mu   sync.Mutex
	seen []string
}

func (w *world) client(t *testing.T, timeout string) *Client {
	t.Helper()
	server := httptest.NewServer(w)
	t.Cleanup(server.Close)
	flags := (&fakeAPI{url: server.URL}).flags(t)
	if timeout != "" {
		flags.Timeout = &timeout
	}
	client, err := Connect(flags, "helm-hooks/test")
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// served are the versions that every cluster has, and those that can be discovered.
func (w *world) served(path string) bool {
	parts := strings.SplitN(path, "/", 5)
	if _, ok := w.at[strings.Join(parts[:min(len(parts), 4)], "/")]; ok {
		return true
	}
	for _, prefix := range []string{"/api/v1/", "/apis/batch/v1/", "/apis/apps/v1/", "/apis/rbac.authorization.k8s.io/v1/", "/apis/apiextensions.k8s.io/v1/"} {
		if strings.HasPrefix(path, prefix) {
			return true
		}
	}
	return false
}

func (w *world) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	w.seen = append(w.seen, r.Method+" "+r.URL.Path)
	w.mu.Unlock()
	onlyMetadata := strings.Contains(r.Header.Get("Accept"), "as=PartialObjectMetadata")
	whole := strings.Contains(r.URL.Path, "/pods") || strings.Contains(r.URL.Path, "/jobs/") || strings.HasSuffix(r.URL.Path, "/events")
	switch answered := w.at[r.URL.Path].(type) {
	case nil:
		if w.served(r.URL.Path) {
			refuse(out, r, http.StatusNotFound)
			return
		}
		// As kube-apiserver answers where it serves nothing.
		http.Error(out, "404 page not found", http.StatusNotFound)
	case int:
		refuse(out, r, answered)
	case string:
		_, _ = io.WriteString(out, answered)
	case func(http.ResponseWriter, *http.Request):
		answered(out, r)
	case *metav1.APIResourceList:
		answer(out, http.StatusOK, answered)
	case metav1.Object:
		switch {
		case whole:
			answer(out, http.StatusOK, answered)
		case !onlyMetadata:
			refuse(out, r, http.StatusNotAcceptable)
		default:
			answer(out, http.StatusOK, metadataOf(answered))
		}
	default:
		answer(out, http.StatusOK, answered)
	}
}

func metadataOf(object metav1.Object) *metav1.PartialObjectMetadata {
	return &metav1.PartialObjectMetadata{
		TypeMeta: metav1.TypeMeta{APIVersion: "meta.k8s.io/v1", Kind: "PartialObjectMetadata"},
		ObjectMeta: metav1.ObjectMeta{
			Name: object.GetName(), Namespace: object.GetNamespace(), UID: object.GetUID(), CreationTimestamp: object.GetCreationTimestamp(),
			DeletionTimestamp: object.GetDeletionTimestamp(), Finalizers: object.GetFinalizers(), Labels: object.GetLabels(),
			Annotations: object.GetAnnotations(), ManagedFields: object.GetManagedFields(),
		},
	}
}

// look looks for one object.
func look(t *testing.T, w *world, wanted Wanted) Seen {
	t.Helper()
	seen, err := w.client(t, "").Look(t.Context(), []Wanted{wanted})
	if err != nil || len(seen) != 1 {
		t.Fatalf("%+v, %v", seen, err)
	}
	return seen[0]
}
