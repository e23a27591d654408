//go:build e2e

package e2e

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// here is this machine's platform, there is one with other file names.
const here, there = runtime.GOOS + "/" + runtime.GOARCH, "windows/arm64"

// release is what `make release` made of a checkout.
type release struct {
	dist, version string
}

// releases are made once each, since a release takes its time.
var releases = struct {
	sync.Mutex
	made map[string]release
}{made: map[string]release{}}

// released is a release of a copy of this checkout in which plugin.yaml says version. The real version comes for two
// platforms, another one for this machine only.
func released(t *testing.T, version string) release {
	t.Helper()
	releases.Lock()
	defer releases.Unlock()
	if r, ok := releases.made[version]; ok {
		return r
	}
	checkout := filepath.Join(filepath.Dir(at.checkout), "releases", version)
	platforms := here
	if version == pluginVersion(t) {
		platforms += " " + there
	}
	r := makeRelease(t, checkout, version, "PLATFORMS="+platforms)
	releases.made[version] = r
	return r
}

func makeRelease(t *testing.T, checkout, version string, settings ...string) release {
	t.Helper()
	if err := copyCheckout(at.root, checkout); err != nil {
		t.Fatal(err)
	}
	setVersion(t, checkout, version)
	cmd := exec.Command("make", append([]string{"release"}, settings...)...)
	cmd.Dir = checkout
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("make release: %v\n%s", err, out)
	}
	t.Logf("%s", out)
	return release{dist: filepath.Join(checkout, "dist"), version: version}
}

var versionLine = regexp.MustCompile(`(?m)^version: .*$`)

func setVersion(t *testing.T, checkout, version string) {
	t.Helper()
	name := filepath.Join(checkout, "plugin.yaml")
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, versionLine.ReplaceAll(data, []byte("version: "+version)), 0o644); err != nil {
		t.Fatal(err)
	}
}

// file is the name of a platform's archive.
func (r release) file(platform string) string {
	return "helm-hooks-" + r.version + "-" + strings.ReplaceAll(platform, "/", "-") + ".tar.gz"
}

// archive is the path of this machine's archive.
func (r release) archive() string { return filepath.Join(r.dist, r.file(here)) }

// packed is a file or folder in an archive.
type packed struct {
	header tar.Header
	data   []byte
}

func unpack(t *testing.T, archive string) []packed {
	t.Helper()
	data, err := os.ReadFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	zipped, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	var all []packed
	for reader := tar.NewReader(zipped); ; {
		header, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(reader)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, packed{*header, data})
	}
}

// server is a releases page on this machine: v<version>/<file>, as far as there is such a release.
type server struct {
	*httptest.Server
	mu    sync.Mutex
	files map[string][]byte
	asked []string
}

func serve(t *testing.T, all ...release) *server {
	t.Helper()
	s := &server{files: map[string][]byte{}}
	for _, r := range all {
		names, err := os.ReadDir(r.dist)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			data, err := os.ReadFile(filepath.Join(r.dist, name.Name()))
			if err != nil {
				t.Fatal(err)
			}
			s.files["/v"+r.version+"/"+name.Name()] = data
		}
	}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.asked = append(s.asked, r.URL.Path)
		data, ok := s.files[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		// Helm 3 asks for the type before it takes a URL for an archive.
		w.Header().Set("Content-Type", "application/gzip")
		_, _ = w.Write(data)
	}))
	t.Cleanup(s.Close)
	return s
}

// change replaces one file of the server.
func (s *server) change(path string, data []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if data == nil {
		delete(s.files, path)
		return
	}
	s.files[path] = data
}

func (s *server) file(path string) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.files[path]
}
