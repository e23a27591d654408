package cluster

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
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
	if !strings.Contains(r.Header.Get("Accept"), "as=PartialObjectMetadataList") {
		refuse(w, r, http.StatusNotAcceptable)
		return
	}
	f.list(w, r, resource, namespace)
}

func (f *fakeAPI) get(w http.ResponseWriter, r *http.Request, resource, namespace, name string) {
	for _, object := range f.objects {
		if object.resource != resource || object.namespace != namespace || object.name != name {
			continue
		}
		data := map[string]any{}
		if object.data != nil {
			data["release"] = object.data
		}
		kind := "Secret"
		if resource == "configmaps" {
			kind, data = "ConfigMap", map[string]any{"release": string(object.data)}
		}
		answer(w, http.StatusOK, map[string]any{
			"apiVersion": "v1", "kind": kind, "metadata": map[string]any{"name": name, "namespace": namespace}, "data": data,
		})
		return
	}
	refuse(w, r, http.StatusNotFound)
}

func (f *fakeAPI) list(w http.ResponseWriter, r *http.Request, resource, namespace string) {
	selector, err := labels.Parse(r.URL.Query().Get("labelSelector"))
	if err != nil {
		refuse(w, r, http.StatusBadRequest)
		return
	}
	list := metav1.PartialObjectMetadataList{TypeMeta: metav1.TypeMeta{APIVersion: "meta.k8s.io/v1", Kind: "PartialObjectMetadataList"}}
	for _, object := range f.objects {
		if object.resource == resource && (namespace == "" || object.namespace == namespace) && selector.Matches(labels.Set(object.labels)) {
			list.Items = append(list.Items, metav1.PartialObjectMetadata{ObjectMeta: metav1.ObjectMeta{
				Name: object.name, Namespace: object.namespace, Labels: object.labels, CreationTimestamp: metav1.NewTime(time.Unix(1762162200, 0)),
			}})
		}
	}
	start, _ := strconv.Atoi(r.URL.Query().Get("continue"))
	if f.pageSize > 0 && r.URL.Query().Get("limit") != "" && start+f.pageSize < len(list.Items) {
		list.Continue = strconv.Itoa(start + f.pageSize)
		list.Items = list.Items[:start+f.pageSize]
	}
	list.Items = list.Items[start:]
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
