package cli

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/labels"
)

// listNow is the moment of these tests.
func listNow() time.Time { return time.Date(2026, 11, 3, 12, 0, 0, 0, time.UTC) }

// storedRecord is a Secret of Helm's.
type storedRecord struct {
	namespace, release string
	revision           int
	status             string
	age                time.Duration
	// hooks is JSON.
	hooks string
	// spoiled takes the place of what is in the record.
	spoiled []byte
	labels  map[string]string
	// templates, manifest and config are JSON: the chart's templates, what came of them, and the user's values.
	templates, manifest, config string
}

func (r storedRecord) name() string {
	return fmt.Sprintf("sh.helm.release.v1.%s.v%d", r.release, r.revision)
}

func (r storedRecord) labelled() map[string]string {
	all := map[string]string{
		"owner": "helm", "name": r.release, "status": r.status, "version": strconv.Itoa(r.revision),
		"modifiedAt": strconv.FormatInt(listNow().Add(-r.age).Unix(), 10),
	}
	for key, value := range r.labels {
		all[key] = value
	}
	return all
}

func (r storedRecord) data() []byte {
	if r.spoiled != nil {
		return r.spoiled
	}
	began := listNow().Add(-r.age).Format(time.RFC3339)
	var buffer bytes.Buffer
	writer := gzip.NewWriter(&buffer)
	fmt.Fprintf(
		writer, `{"name":%q,"version":%d,"namespace":%q,"info":{"status":%q,"last_deployed":%q,"deleted":%q},"hooks":[%s],"manifest":%s,"config":%s,"chart":{"metadata":{"name":"shop","version":"1.4.0"},"templates":%s}}`,
		r.release, r.revision, r.namespace, r.status, began, began, r.hooks, cmp.Or(r.manifest, `""`), cmp.Or(r.config, "null"), cmp.Or(r.templates, "null"),
	)
	_ = writer.Close()
	return []byte(base64.StdEncoding.EncodeToString(buffer.Bytes()))
}

// recordsAPI answers as an API server that stores nothing but records. refuse may answer instead, with a status code.
func recordsAPI(t *testing.T, records []storedRecord, refuse func(r *http.Request) int) (kubeconfig string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if refuse != nil {
			if code := refuse(r); code != 0 {
				w.WriteHeader(code)
				reason := map[int]string{http.StatusForbidden: "Forbidden", http.StatusInternalServerError: "InternalError"}[code]
				fmt.Fprintf(w, `{"apiVersion":"v1","kind":"Status","status":"Failure","reason":%q,"code":%d,"message":%q}`, reason, code, http.StatusText(code))
				return
			}
		}
		namespace := ""
		if parts := strings.Split(r.URL.Path, "/"); len(parts) > 5 {
			namespace = parts[4]
		}
		selector, err := labels.Parse(r.URL.Query().Get("labelSelector"))
		if err != nil {
			t.Error(err)
		}
		items := []any{}
		for _, record := range records {
			if namespace != "" && record.namespace != namespace || !selector.Matches(labels.Set(record.labelled())) {
				continue
			}
			item := map[string]any{"metadata": map[string]any{
				"name": record.name(), "namespace": record.namespace, "labels": record.labelled(),
				"creationTimestamp": listNow().Add(-record.age).Format(time.RFC3339),
			}}
			if strings.HasSuffix(r.URL.Path, "/"+record.name()) {
				item["apiVersion"], item["kind"], item["data"] = "v1", "Secret", map[string]any{"release": record.data()}
				_ = json.NewEncoder(w).Encode(item)
				return
			}
			if !strings.Contains(r.Header.Get("Accept"), "as=PartialObjectMetadataList") {
				item["data"] = map[string]any{"release": record.data()}
			}
			items = append(items, item)
		}
		kind := map[string]any{"apiVersion": "v1", "kind": "SecretList", "metadata": map[string]any{}, "items": items}
		if strings.Contains(r.Header.Get("Accept"), "as=PartialObjectMetadataList") {
			kind["apiVersion"], kind["kind"] = "meta.k8s.io/v1", "PartialObjectMetadataList"
		}
		_ = json.NewEncoder(w).Encode(kind)
	}))
	t.Cleanup(server.Close)
	return writeKubeconfig(t, server.URL)
}

func writeKubeconfig(t *testing.T, url string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config")
	text := fmt.Sprintf(`{"apiVersion": "v1", "kind": "Config", "current-context": "dev", "clusters": [{"name": "c", "cluster": {"server": %q}}],
		"contexts": [{"name": "dev", "context": {"cluster": "c", "namespace": "web"}}]}`, url)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
