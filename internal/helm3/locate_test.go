package helm3

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	action3 "helm.sh/helm/v3/pkg/action"
	cli3 "helm.sh/helm/v3/pkg/cli"
	registry3 "helm.sh/helm/v3/pkg/registry"
	action4 "helm.sh/helm/v4/pkg/action"
	cli4 "helm.sh/helm/v4/pkg/cli"
	registry4 "helm.sh/helm/v4/pkg/registry"
)

// archive is a packed chart.
func archive(t *testing.T, name, version string) []byte {
	t.Helper()
	var out bytes.Buffer
	zipped := gzip.NewWriter(&out)
	packed := tar.NewWriter(zipped)
	text := fmt.Sprintf("apiVersion: v2\nname: %s\nversion: %s\n", name, version)
	if err := packed.WriteHeader(&tar.Header{Name: name + "/Chart.yaml", Mode: 0o644, Size: int64(len(text))}); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(packed, text); err != nil {
		t.Fatal(err)
	}
	if packed.Close() != nil || zipped.Close() != nil {
		t.Fatal("cannot pack")
	}
	return out.Bytes()
}

// repoServer is a chart repository that remembers who asked with which credentials.
type repoServer struct {
	*httptest.Server
	mu   sync.Mutex
	seen []string
}

func (s *repoServer) take() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	seen := s.seen
	s.seen = nil
	return seen
}

func newRepo(t *testing.T, index func(url string) string, start func(http.Handler) *httptest.Server) *repoServer {
	t.Helper()
	s := &repoServer{}
	s.Server = start(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, _, _ := r.BasicAuth()
		s.mu.Lock()
		s.seen = append(s.seen, r.URL.Path+" "+user)
		s.mu.Unlock()
		base := filepath.Base(r.URL.Path)
		switch {
		case base == "index.yaml":
			fmt.Fprint(w, index(s.URL))
		case strings.HasSuffix(base, ".tgz") && !strings.Contains(base, "lost"):
			name, version, _ := strings.Cut(strings.TrimSuffix(base, ".tgz"), "-")
			w.Write(archive(t, name, version))
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

// indexOf lists versions oldest first, to see the sorting; extra is more YAML below entries.
func indexOf(extra string) func(string) string {
	return func(url string) string {
		out := "apiVersion: v1\nentries:\n  shop:\n"
		for _, version := range []string{"1.0.0", "not-a-version", "1.10.0", "1.9.0", "2.0.0-rc.1", "1.2.0+build"} {
			out += fmt.Sprintf("  - {apiVersion: v2, name: shop, version: %q, urls: [\"charts/shop-%s.tgz\"]}\n", version, version)
		}
		return out + "  - null\n  absolute:\n  - {apiVersion: v2, name: absolute, version: 1.0.0, urls: [\"" + url + "/x/absolute-1.0.0.tgz\"]}\n" +
			"  lost:\n  - {apiVersion: v2, name: lost, version: 1.0.0, urls: [lost-1.0.0.tgz]}\n" +
			"  nourl:\n  - {apiVersion: v2, name: nourl, version: 1.0.0}\n" + extra
	}
}

// locators are the three ways to ask: ours, Helm 3's own, Helm 4's own.
func locators(settings Settings) map[string]func(string, LocateOptions) (string, error) {
	return map[string]func(string, LocateOptions) (string, error){
		"ours for Helm 3": func(ref string, o LocateOptions) (string, error) {
			o.Settings = settings
			return Locate(ref, o)
		},
		"ours for Helm 4": func(ref string, o LocateOptions) (string, error) {
			o.Settings, o.Helm4 = settings, true
			return Locate(ref, o)
		},
		"Helm 3": func(ref string, o LocateOptions) (string, error) {
			client := action3.NewInstall(&action3.Configuration{})
			client.Version, client.RepoURL, client.Username, client.Password = o.Version, o.RepoURL, o.Username, o.Password
			client.PassCredentialsAll, client.CaFile, client.InsecureSkipTLSverify = o.PassCredentialsAll, o.CaFile, o.InsecureSkipTLSVerify
			client.Verify, client.Keyring, client.PlainHTTP = o.Verify, o.Keyring, o.PlainHTTP
			if o.Version == "" && o.Devel {
				client.Version = ">0.0.0-0"
			}
			registryClient, err := registry3.NewClient(registry3.ClientOptPlainHTTP(), registry3.ClientOptWriter(io.Discard))
			if err != nil {
				return "", err
			}
			client.SetRegistryClient(registryClient)
			return client.LocateChart(ref, cli3.New())
		},
		"Helm 4": func(ref string, o LocateOptions) (string, error) {
			client := action4.NewInstall(action4.NewConfiguration())
			client.Version, client.RepoURL, client.Username, client.Password = o.Version, o.RepoURL, o.Username, o.Password
			client.PassCredentialsAll, client.CaFile, client.InsecureSkipTLSVerify = o.PassCredentialsAll, o.CaFile, o.InsecureSkipTLSVerify
			client.Verify, client.Keyring, client.PlainHTTP = o.Verify, o.Keyring, o.PlainHTTP
			if o.Version == "" && o.Devel {
				client.Version = ">0.0.0-0"
			}
			registryClient, err := registry4.NewClient(registry4.ClientOptPlainHTTP(), registry4.ClientOptWriter(io.Discard))
			if err != nil {
				return "", err
			}
			client.SetRegistryClient(registryClient)
			return client.LocateChart(ref, cli4.New())
		},
	}
}

// remember writes a repository into Helm's configuration and its index into the cache.
func remember(t *testing.T, settings Settings, name, url, index, rest string) {
	t.Helper()
	for file, text := range map[string]string{
		settings.RepositoryConfig:                                   fmt.Sprintf("apiVersion: v1\nrepositories:\n- {name: %s, url: %q%s}\n", name, url, rest),
		filepath.Join(settings.RepositoryCache, name+"-index.yaml"): index,
	} {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// outcome is what the ways must agree on: the chart's content, the requests made, or that it failed.
func outcome(path string, err error, seen []string) string {
	if err != nil {
		return fmt.Sprintf("error: %v, requests %q", err, seen)
	}
	chart, err := Load(path)
	if err != nil {
		return fmt.Sprintf("cannot load: %v", err)
	}
	return fmt.Sprintf("%s %s, requests %q", chart.Info().Name, chart.Info().Version, seen)
}

func TestLocateEqualsBothHelms(t *testing.T) {
	settings := isolate(t)
	server := newRepo(t, indexOf(""), httptest.NewServer)
	other := newRepo(t, func(string) string {
		return "apiVersion: v1\nentries:\n  far:\n  - {apiVersion: v2, name: far, version: 1.0.0, urls: [\"" + server.URL + "/far-1.0.0.tgz\"]}\n"
	}, httptest.NewServer)
	remember(t, settings, "stable", server.URL, indexOf("")(server.URL), ", username: stored, password: secret")
	work := writeFiles(t, map[string]string{
		"here/Chart.yaml": "{apiVersion: v2, name: here, version: 0.1.0}",
		"shop/Chart.yaml": "{apiVersion: v2, name: shop, version: 0.0.1}",
	})
	t.Chdir(work)
	for _, test := range []struct {
		name    string
		ref     string
		options LocateOptions
		// differ says that Helm 3 and Helm 4 do not agree.
		differ bool
	}{
		{"a folder", "here", LocateOptions{}, false},
		{"a folder by its path", "./here", LocateOptions{}, false},
		{"a missing path", "./nowhere", LocateOptions{}, false},
		{"a missing absolute path", "/nowhere/at/all", LocateOptions{}, false},
		{"a bare word", "nowhere", LocateOptions{}, false},
		{"repo/chart, newest stable", "stable/shop", LocateOptions{}, false},
		{"repo/chart, --devel", "stable/shop", LocateOptions{Devel: true}, false},
		{"repo/chart, exact version", "stable/shop", LocateOptions{Version: "1.9.0"}, false},
		{"repo/chart, exact version beats --devel", "stable/shop", LocateOptions{Version: "1.9.0", Devel: true}, false},
		{"repo/chart, range", "stable/shop", LocateOptions{Version: "~1.9"}, false},
		{"repo/chart, build metadata", "stable/shop", LocateOptions{Version: "1.2.0+build"}, false},
		{"repo/chart, no such version", "stable/shop", LocateOptions{Version: "7.0.0"}, false},
		{"repo/chart, no version at all", "stable/shop", LocateOptions{Version: "not a version"}, false},
		{"repo/chart, no such chart", "stable/none", LocateOptions{}, false},
		{"repo/chart, no such repository", "unstable/shop", LocateOptions{}, false},
		{"repo/chart, credentials of the flags lose to the stored", "stable/shop", LocateOptions{Username: "flag", Password: "p"}, false},
		{"repo/chart with an absolute URL", "stable/absolute", LocateOptions{}, false},
		{"repo/chart that the server lost", "stable/lost", LocateOptions{}, false},
		{"repo/chart without URL", "stable/nourl", LocateOptions{}, false},
		{"--repo", "absolute", LocateOptions{RepoURL: server.URL}, false},
		{"--repo with a slash at the end", "absolute", LocateOptions{RepoURL: server.URL + "/"}, false},
		{"--repo with credentials", "lost", LocateOptions{RepoURL: server.URL, Username: "flag", Password: "p"}, false},
		{"--repo with a chart elsewhere keeps credentials back", "far", LocateOptions{RepoURL: other.URL, Username: "flag", Password: "p"}, false},
		{"--repo with a chart elsewhere, all credentials", "far", LocateOptions{RepoURL: other.URL, Username: "flag", Password: "p", PassCredentialsAll: true}, false},
		{"--repo, no such chart", "none", LocateOptions{RepoURL: server.URL, Version: "1"}, false},
		{"--repo that is none", "none", LocateOptions{RepoURL: server.URL + "/none"}, false},
		{"--repo and a folder of that name", "shop", LocateOptions{RepoURL: server.URL}, true},
		{"a URL of a known repository", server.URL + "/x/absolute-1.0.0.tgz", LocateOptions{}, false},
		{"a URL of nobody's", server.URL + "/y/free-3.0.0.tgz", LocateOptions{Username: "flag", Password: "p"}, false},
		{"a URL with a user but no password", server.URL + "/y/free-3.0.0.tgz", LocateOptions{Username: "flag"}, false},
		{"a lost URL", server.URL + "/lost-1.0.0.tgz", LocateOptions{}, false},
		{"an unknown scheme", "s3://bucket/chart.tgz", LocateOptions{}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			results := map[string]string{}
			for way, locate := range locators(settings) {
				server.take()
				other.take()
				path, err := locate(test.ref, test.options)
				results[way] = outcome(path, err, append(other.take(), server.take()...))
			}
			for _, helm := range []string{"Helm 3", "Helm 4"} {
				if ours := results["ours for "+helm]; ours != results[helm] {
					t.Errorf("for %s we have\n%s\n%s has\n%s", helm, ours, helm, results[helm])
				}
			}
			if (results["Helm 3"] != results["Helm 4"]) != test.differ {
				t.Errorf("Helm 3 has\n%s\nHelm 4 has\n%s", results["Helm 3"], results["Helm 4"])
			}
		})
	}
}

func TestLocateWithTLS(t *testing.T) {
	settings := isolate(t)
	server := newRepo(t, indexOf(""), httptest.NewTLSServer)
	server.Config.ErrorLog = nil
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pemOf(server.Certificate().Raw), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name    string
		options LocateOptions
		ok      bool
	}{
		{"unknown authority", LocateOptions{}, false},
		{"--ca-file", LocateOptions{CaFile: ca}, true},
		{"--insecure-skip-tls-verify", LocateOptions{InsecureSkipTLSVerify: true}, true},
		{"a CA file that is none", LocateOptions{CaFile: "locate_test.go"}, false},
		{"a key that is none", LocateOptions{CertFile: ca, KeyFile: ca}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.options.Settings, test.options.RepoURL = settings, server.URL
			_, err := Locate("absolute", test.options)
			if (err == nil) != test.ok {
				t.Errorf("got %v", err)
			}
		})
	}
}

// registryServer answers the four requests that pulling a chart takes.
func registryServer(t *testing.T, tags ...string) *httptest.Server {
	t.Helper()
	blobs := map[string][]byte{}
	manifests := map[string][]byte{}
	for _, tag := range tags {
		config := fmt.Appendf(nil, `{"apiVersion":"v2","name":"shop","version":%q}`, tag)
		layer := archive(t, "shop", tag)
		for _, blob := range [][]byte{config, layer} {
			blobs[digest(blob)] = blob
		}
		manifest, err := json.Marshal(map[string]any{
			"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
			"config": map[string]any{"mediaType": registry3.ConfigMediaType, "digest": digest(config), "size": len(config)},
			"layers": []any{map[string]any{"mediaType": registry3.ChartLayerMediaType, "digest": digest(layer), "size": len(layer)}},
		})
		if err != nil {
			t.Fatal(err)
		}
		manifests[tag], manifests[digest(manifest)] = manifest, manifest
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		base := filepath.Base(r.URL.Path)
		switch {
		case base == "list":
			json.NewEncoder(w).Encode(map[string]any{"name": "charts/shop", "tags": tags})
		case strings.Contains(r.URL.Path, "/manifests/") && manifests[base] != nil:
			w.Header().Set("Content-Type", "application/vnd.oci.image.manifest.v1+json")
			w.Header().Set("Docker-Content-Digest", digest(manifests[base]))
			w.Header().Set("Content-Length", fmt.Sprint(len(manifests[base])))
			w.Write(manifests[base])
		case strings.Contains(r.URL.Path, "/blobs/") && blobs[base] != nil:
			w.Write(blobs[base])
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(server.Close)
	return server
}

func TestLocateInARegistryEqualsBothHelms(t *testing.T) {
	settings := isolate(t)
	server := registryServer(t, "1.0.0", "1.10.0", "1.9.0", "2.0.0-rc.1", "latest")
	ref := "oci://" + strings.TrimPrefix(server.URL, "http://") + "/charts/shop"
	for _, test := range []struct {
		name    string
		ref     string
		options LocateOptions
	}{
		{"the newest stable", ref, LocateOptions{}},
		{"--devel", ref, LocateOptions{Devel: true}},
		{"a version", ref, LocateOptions{Version: "1.9.0"}},
		{"a range", ref, LocateOptions{Version: "^1.0.0"}},
		{"a tag", ref + ":1.0.0", LocateOptions{}},
		{"a tag and another version", ref + ":1.0.0", LocateOptions{Version: "1.9.0"}},
		{"no such version", ref, LocateOptions{Version: "9.9.9"}},
		{"no such range", ref, LocateOptions{Version: ">9"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.options.PlainHTTP = true
			results := map[string]string{}
			for way, locate := range locators(settings) {
				path, err := locate(test.ref, test.options)
				results[way] = outcome(path, err, nil)
			}
			if results["ours for Helm 3"] != results["Helm 3"] {
				t.Errorf("we have\n%s\nHelm 3 has\n%s", results["ours for Helm 3"], results["Helm 3"])
			}
			if strings.HasPrefix(results["Helm 4"], "error") != strings.HasPrefix(results["ours for Helm 4"], "error") ||
				!strings.HasPrefix(results["Helm 4"], "error") && results["ours for Helm 4"] != results["Helm 4"] {
				t.Errorf("we have\n%s\nHelm 4 has\n%s", results["ours for Helm 4"], results["Helm 4"])
			}
		})
	}
}

func TestLocateVerifies(t *testing.T) {
	settings := isolate(t)
	testdata := filepath.Join(build(t, "helm.sh/helm/v3"), "pkg", "downloader", "testdata")
	options := LocateOptions{Settings: settings, Verify: true, Keyring: filepath.Join(testdata, "helm-test-key.pub")}
	if _, err := Locate(filepath.Join(testdata, "signtest-0.1.0.tgz"), options); err != nil {
		t.Errorf("a signed chart was refused: %v", err)
	}
	for _, ref := range []string{filepath.Join(testdata, "signtest"), filepath.Join(testdata, "local-subchart-0.1.0.tgz"), "locate_test.go"} {
		if _, err := Locate(ref, options); err == nil {
			t.Errorf("%s was taken for verified", ref)
		}
	}
	server := httptest.NewServer(http.FileServer(http.Dir(testdata)))
	defer server.Close()
	if _, err := Locate(server.URL+"/signtest-0.1.0.tgz", options); err != nil {
		t.Errorf("a signed chart from a server was refused: %v", err)
	}
	if _, err := Locate(server.URL+"/local-subchart-0.1.0.tgz", options); err == nil || !strings.Contains(err.Error(), "failed to fetch provenance") {
		t.Errorf("got %v", err)
	}
}

func TestDownloadsAreBounded(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Write(make([]byte, 1<<20))
	}))
	defer server.Close()
	if _, err := getHTTP(server.URL, access{limit: 1 << 20}); err != nil {
		t.Error(err)
	}
	if _, err := getHTTP(server.URL, access{limit: 1<<20 - 1}); err == nil || !strings.Contains(err.Error(), "more than 0 MiB") {
		t.Errorf("got %v", err)
	}
}
