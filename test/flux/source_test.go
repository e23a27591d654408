//go:build fluxrecord && linux

package flux

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/client/clientset/clientset"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"
)

var (
	releases    = schema.GroupVersionResource{Group: "helm.toolkit.fluxcd.io", Version: "v2", Resource: "helmreleases"}
	charts      = schema.GroupVersionResource{Group: "source.toolkit.fluxcd.io", Version: "v1", Resource: "helmcharts"}
	definitions = schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"}

	oci = schema.GroupVersionResource{Group: "source.toolkit.fluxcd.io", Version: "v1", Resource: "ocirepositories"}
)

// define makes Flux's kinds, with any content.
func define(t *testing.T, config *rest.Config) {
	t.Helper()
	client, err := apiextensions.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	open := true
	for kind, resource := range map[string]schema.GroupVersionResource{"HelmRelease": releases, "HelmChart": charts, "OCIRepository": oci} {
		_, err := client.ApiextensionsV1().CustomResourceDefinitions().Create(t.Context(), &apiextensionsv1.CustomResourceDefinition{
			ObjectMeta: metav1.ObjectMeta{Name: resource.Resource + "." + resource.Group},
			Spec: apiextensionsv1.CustomResourceDefinitionSpec{
				Group: resource.Group, Scope: apiextensionsv1.NamespaceScoped,
				Names: apiextensionsv1.CustomResourceDefinitionNames{Plural: resource.Resource, Kind: kind},
				Versions: []apiextensionsv1.CustomResourceDefinitionVersion{{
					Name: resource.Version, Served: true, Storage: true,
					Subresources: &apiextensionsv1.CustomResourceSubresources{Status: &apiextensionsv1.CustomResourceSubresourceStatus{}},
					Schema:       &apiextensionsv1.CustomResourceValidation{OpenAPIV3Schema: &apiextensionsv1.JSONSchemaProps{Type: "object", XPreserveUnknownFields: &open}},
				}},
			},
		}, metav1.CreateOptions{})
		if err != nil {
			t.Fatal(err)
		}
	}
	for name := range map[string]bool{"helmreleases." + releases.Group: true, "helmcharts." + charts.Group: true, "ocirepositories." + oci.Group: true} {
		waitFor(t, name+" is served", 10*time.Second, func() bool {
			made, err := client.ApiextensionsV1().CustomResourceDefinitions().Get(t.Context(), name, metav1.GetOptions{})
			return err == nil && slices.ContainsFunc(made.Status.Conditions, func(c apiextensionsv1.CustomResourceDefinitionCondition) bool {
				return c.Type == apiextensionsv1.Established && c.Status == apiextensionsv1.ConditionTrue
			})
		})
	}
}

func waitFor(t *testing.T, what string, limit time.Duration, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(limit); !holds(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within %s: %s", limit, what)
		}
	}
}

// shelf serves packed charts, in the place of Flux's source-controller.
type shelf struct {
	url string
	mu  sync.Mutex
	by  map[string][]byte
}

func startShelf(t *testing.T) *shelf {
	t.Helper()
	s := &shelf{by: map[string][]byte{}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		content, ok := s.by[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		// Whoever asks is gone at times.
		_, _ = w.Write(content)
	}))
	t.Cleanup(server.CloseClientConnections)
	s.url = server.URL
	return s
}

// put packs a chart and gives the artifact of a source's status.
func (s *shelf) put(t *testing.T, namespace, version string, files map[string]string) map[string]any {
	t.Helper()
	var packed bytes.Buffer
	zipped := gzip.NewWriter(&packed)
	archive := tar.NewWriter(zipped)
	for _, path := range slices.Sorted(maps.Keys(files)) {
		header := &tar.Header{Name: "app/" + path, Mode: 0o644, Size: int64(len(files[path]))}
		if err := archive.WriteHeader(header); err != nil {
			t.Fatal(err)
		}
		if _, err := archive.Write([]byte(files[path])); err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	if err := zipped.Close(); err != nil {
		t.Fatal(err)
	}
	path := "/" + namespace + "/app-" + version + ".tgz"
	s.mu.Lock()
	defer s.mu.Unlock()
	s.by[path] = packed.Bytes()
	return map[string]any{
		"path": path, "url": s.url + path, "revision": version, "lastUpdateTime": metav1.Now().UTC().Format(time.RFC3339),
		"digest": fmt.Sprintf("sha256:%x", sha256.Sum256(packed.Bytes())),
	}
}
