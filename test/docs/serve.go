package docs

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// published are the versions of each chart in the repository and the registry.
func published() []string { return []string{"1.2.3", "1.3.0", "1.4.0"} }

// publish serves a chart under several names from this machine, and makes `repo` known to Helm.
func (w *World) publish(t testing.TB, base, dir string) {
	t.Helper()
	repository, registry := map[string][]byte{}, &registry{blobs: map[string][]byte{}, manifests: map[string][]byte{}}
	index := "apiVersion: v1\nentries:\n"
	for _, name := range []string{"chart", "mychart", "shop"} {
		index += "  " + name + ":\n"
		for _, version := range published() {
			file := name + "-" + version + ".tgz"
			repository["/"+file] = archive(t, dir, name, version)
			index += fmt.Sprintf("  - {apiVersion: v2, name: %s, version: %s, urls: [%s]}\n", name, version, file)
			if name == "shop" {
				registry.add(t, version, repository["/"+file])
			}
		}
	}
	repository["/index.yaml"] = []byte(index)
	charts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if data, ok := repository[r.URL.Path]; ok {
			_, _ = w.Write(data) // whoever asked sees what is missing
			return
		}
		http.NotFound(w, r)
	}))
	t.Cleanup(charts.Close)
	images := httptest.NewServer(registry)
	t.Cleanup(images.Close)
	for name, text := range map[string]string{
		"config/repositories.yaml":         fmt.Sprintf("apiVersion: v1\nrepositories:\n- {name: repo, url: %q}\n", charts.URL),
		"cache/repository/repo-index.yaml": index,
	} {
		file := filepath.Join(base, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	w.stands = append(
		w.stands,
		"oci://registry.example.com/charts/shop", "oci://"+strings.TrimPrefix(images.URL, "http://")+"/charts/shop --plain-http",
		"https://charts.example.com", charts.URL,
	)
}

var nameLine, chartVersionLine = regexp.MustCompile(`(?m)^name: .*$`), regexp.MustCompile(`(?m)^version: .*$`)

// archive packs a chart under another name and version.
func archive(t testing.TB, dir, name, version string) []byte {
	t.Helper()
	var out bytes.Buffer
	zipped := gzip.NewWriter(&out)
	packed := tar.NewWriter(zipped)
	err := walk(dir, func(file string, data []byte) error {
		if file == "Chart.yaml" {
			data = nameLine.ReplaceAll(data, []byte("name: "+name))
			data = chartVersionLine.ReplaceAll(data, []byte("version: "+version))
		}
		if err := packed.WriteHeader(&tar.Header{Name: name + "/" + file, Mode: 0o644, Size: int64(len(data))}); err != nil {
			return err
		}
		_, err := packed.Write(data)
		return err
	})
	if err != nil || packed.Close() != nil || zipped.Close() != nil {
		t.Fatalf("pack %s: %v", dir, err)
	}
	return out.Bytes()
}

// registry answers what pulling a chart asks.
type registry struct{ blobs, manifests map[string][]byte }

func (r *registry) add(t testing.TB, tag string, layer []byte) {
	t.Helper()
	config := fmt.Appendf(nil, `{"apiVersion":"v2","name":"shop","version":%q}`, tag)
	for _, blob := range [][]byte{config, layer} {
		r.blobs[digest(blob)] = blob
	}
	manifest, err := json.Marshal(map[string]any{
		"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
		"config": map[string]any{"mediaType": "application/vnd.cncf.helm.config.v1+json", "digest": digest(config), "size": len(config)},
		"layers": []any{map[string]any{"mediaType": "application/vnd.cncf.helm.chart.content.v1.tar+gzip", "digest": digest(layer), "size": len(layer)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	r.manifests[tag], r.manifests[digest(manifest)] = manifest, manifest
}

func digest(data []byte) string { return fmt.Sprintf("sha256:%x", sha256.Sum256(data)) }

func (r *registry) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	base := path.Base(request.URL.Path)
	data, isManifest := r.manifests[base]
	blob, isBlob := r.blobs[base]
	switch {
	case base == "list":
		data, _ = json.Marshal(map[string]any{"name": "charts/shop", "tags": published()})
	case isManifest:
		w.Header().Set("Content-Type", "application/vnd.oci.image.manifest.v1+json")
		w.Header().Set("Docker-Content-Digest", digest(data))
	case isBlob:
		data = blob
	default:
		http.NotFound(w, request)
		return
	}
	w.Header().Set("Content-Length", fmt.Sprint(len(data)))
	_, _ = w.Write(data) // whoever asked sees what is missing
}
