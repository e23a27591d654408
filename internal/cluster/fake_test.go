package cluster

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/cli-runtime/pkg/genericclioptions"
)

// fakeAPI answers lists of metadata and gets of Secrets and ConfigMaps as an API server does. What it is like to ask
// a real one, test/e2e shows.
type fakeAPI struct {
	server  *httptest.Server
	url     string
	objects []fakeObject
	// pageSize is how many items a page has.
	pageSize int
	// before may answer a request instead: it gives a status code, or 0.
	before func(r *http.Request) int
	// instead may answer a request in whatever way, and says whether it did.
	instead func(w http.ResponseWriter, r *http.Request) bool

	mu   sync.Mutex
	seen []string
}

type fakeObject struct {
	resource, namespace, name string
	labels                    map[string]string
	data                      []byte
}

// stored is a record as Helm lays it down.
func stored(namespace, release string, revision int, status string, data []byte) fakeObject {
	return fakeObject{
		"secrets", namespace, fmt.Sprintf("sh.helm.release.v1.%s.v%d", release, revision),
		map[string]string{"owner": "helm", "name": release, "status": status, "version": strconv.Itoa(revision), "modifiedAt": "1762162207"},
		data,
	}
}

func (f *fakeAPI) start(t *testing.T) *Client {
	t.Helper()
	f.server = httptest.NewServer(f)
	t.Cleanup(f.server.Close)
	f.url = f.server.URL
	client, err := Connect(f.flags(t), "helm-hooks/test")
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// flags are those of a kubeconfig that names the server.
func (f *fakeAPI) flags(t *testing.T) *genericclioptions.ConfigFlags {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config")
	text := fmt.Sprintf(`{"apiVersion": "v1", "kind": "Config", "current-context": "dev",
		"clusters": [{"name": "c", "cluster": {"server": %q}}],
		"contexts": [{"name": "dev", "context": {"cluster": "c", "namespace": "web"}}, {"name": "other", "context": {"cluster": "c"}}]}`, f.url)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	flags := genericclioptions.NewConfigFlags(false)
	flags.KubeConfig = &path
	return flags
}

func (f *fakeAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.seen = append(f.seen, r.Method+" "+r.URL.Path)
	if f.before != nil {
		if code := f.before(r); code != 0 {
			refuse(w, r, code)
			return
		}
	}
	if f.instead != nil && f.instead(w, r) {
		return
	}
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	namespace, resource, name := "", parts[len(parts)-1], ""
	if len(parts) > 3 && parts[2] == "namespaces" {
		namespace, resource = parts[3], parts[4]
	}
	if len(parts) == 6 {
		name = parts[5]
		f.get(w, r, resource, namespace, name)
		return
	}
	f.list(w, r, resource, namespace)
}

func (f *fakeAPI) get(w http.ResponseWriter, r *http.Request, resource, namespace, name string) {
	for _, object := range f.objects {
		if object.resource == resource && object.namespace == namespace && object.name == name {
			answer(w, http.StatusOK, object.whole())
			return
		}
	}
	refuse(w, r, http.StatusNotFound)
}

// whole is the object as the API server tells it.
func (o fakeObject) whole() map[string]any {
	kind, data := "Secret", map[string]any{}
	if o.data != nil {
		data["release"] = o.data
	}
	if o.resource == "configmaps" {
		kind, data = "ConfigMap", map[string]any{"release": string(o.data)}
	}
	return map[string]any{"apiVersion": "v1", "kind": kind, "metadata": o.meta(), "data": data}
}

func (o fakeObject) meta() metav1.ObjectMeta {
	return metav1.ObjectMeta{Name: o.name, Namespace: o.namespace, Labels: o.labels, CreationTimestamp: metav1.NewTime(time.Unix(1762162200, 0))}
}

func (f *fakeAPI) list(w http.ResponseWriter, r *http.Request, resource, namespace string) {
	selector, err := labels.Parse(r.URL.Query().Get("labelSelector"))
	if err != nil {
		refuse(w, r, http.StatusBadRequest)
		return
	}
	var found []fakeObject
	for _, object := range f.objects {
		if object.resource == resource && (namespace == "" || object.namespace == namespace) && selector.Matches(labels.Set(object.labels)) {
			found = append(found, object)
		}
	}
	// The order of a real server is that of its keys.
	slices.SortFunc(found, func(a, b fakeObject) int { return strings.Compare(a.namespace+"/"+a.name, b.namespace+"/"+b.name) })
	size, _ := strconv.Atoi(r.URL.Query().Get("limit"))
	if f.pageSize > 0 && size > 0 {
		size = min(size, f.pageSize)
	}
	start, _ := strconv.Atoi(r.URL.Query().Get("continue"))
	end, next := len(found), ""
	if size > 0 && start+size < end {
		end, next = start+size, strconv.Itoa(start+size)
	}
	items, isMetadata := []any{}, strings.Contains(r.Header.Get("Accept"), "as=PartialObjectMetadataList")
	for _, object := range found[start:end] {
		if isMetadata {
			items = append(items, metav1.PartialObjectMetadata{ObjectMeta: object.meta()})
		} else {
			items = append(items, object.whole())
		}
	}
	list := map[string]any{"apiVersion": "v1", "kind": map[string]string{"secrets": "SecretList", "configmaps": "ConfigMapList"}[resource]}
	if isMetadata {
		list = map[string]any{"apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadataList"}
	}
	list["metadata"], list["items"] = metav1.ListMeta{Continue: next}, items
	answer(w, http.StatusOK, list)
}

func answer(w http.ResponseWriter, code int, object any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(object)
}

// refuse words a Status as the API server does.
func refuse(w http.ResponseWriter, r *http.Request, code int) {
	reason := map[int]metav1.StatusReason{
		http.StatusForbidden: metav1.StatusReasonForbidden, http.StatusNotFound: metav1.StatusReasonNotFound, http.StatusGone: metav1.StatusReasonExpired,
		http.StatusUnauthorized: metav1.StatusReasonUnauthorized, http.StatusInternalServerError: metav1.StatusReasonInternalError,
		http.StatusTooManyRequests: metav1.StatusReasonTooManyRequests,
	}[code]
	answer(w, code, metav1.Status{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Status"}, Status: metav1.StatusFailure, Code: int32(code), Reason: reason,
		Message: fmt.Sprintf("%s %s: %s", r.Method, r.URL.Path, http.StatusText(code)),
	})
}
