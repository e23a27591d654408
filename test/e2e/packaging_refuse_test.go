//go:build e2e

package e2e

import (
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// tools are all that the install script needs, apart from something to download and to hash with.
var tools = []string{"sh", "awk", "basename", "cp", "cut", "dirname", "gzip", "ln", "mkdir", "mktemp", "mv", "rm", "sed", "tar", "uname", "git"}

// path is a folder with these programs and nothing else, for PATH.
func path(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range names {
		program, err := exec.LookPath(name)
		if err != nil {
			t.Skipf("there is no %s on this machine", name)
		}
		if err := os.Symlink(program, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// machine makes `uname` say what another machine's does.
func machine(t *testing.T, dir, system, arch string) {
	t.Helper()
	name := filepath.Join(dir, "uname")
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	script := fmt.Sprintf("#!/bin/sh\ncase $1 in -s) echo %s ;; *) echo %s ;; esac\n", system, arch)
	if err := os.WriteFile(name, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
}

// Whatever is wrong, the script says so, and neither a binary nor a plugin is left.
func TestInstallRefuses(t *testing.T) {
	r := released(t, pluginVersion(t))
	other := released(t, "9.9.9")
	archive := "/v" + r.version + "/" + r.file(here)
	sums := "/v" + r.version + "/checksums.txt"
	whole := read(t, r.archive())
	sumOf := func(data []byte) []byte { return fmt.Appendf(nil, "%x  %s\n", sha256.Sum256(data), r.file(here)) }
	all := func(t *testing.T) string { return path(t, append(tools, "curl", "sha256sum")...) }

	for _, c := range []struct {
		name  string
		spoil func(t *testing.T, page *server) (path string)
		want  string
	}{
		{"a wrong checksum", func(t *testing.T, page *server) string {
			page.change(sums, sumOf([]byte("another")))
			return all(t)
		}, "checksum of " + r.file(here) + " is wrong"},
		{"a truncated archive", func(t *testing.T, page *server) string {
			page.change(archive, whole[:len(whole)/2])
			return all(t)
		}, "checksum of " + r.file(here) + " is wrong"},
		{"a truncated archive with the checksum of what is left", func(t *testing.T, page *server) string {
			page.change(archive, whole[:len(whole)/2])
			page.change(sums, sumOf(whole[:len(whole)/2]))
			return all(t)
		}, "cannot unpack"},
		{"an empty archive", func(t *testing.T, page *server) string {
			page.change(archive, []byte{})
			return all(t)
		}, "is wrong"},
		{"another version's archive", func(t *testing.T, page *server) string {
			data := read(t, other.archive())
			page.change(archive, data)
			page.change(sums, sumOf(data))
			return all(t)
		}, "is of version 9.9.9"},
		{"no checksums", func(t *testing.T, page *server) string { page.change(sums, nil); return all(t) }, "cannot download "},
		{"checksums of other files only", func(t *testing.T, page *server) string {
			page.change(sums, []byte(strings.Repeat("0", 64)+"  other-"+r.file(here)+"\n"))
			return all(t)
		}, "has no line for"},
		{"an error page for checksums", func(t *testing.T, page *server) string {
			page.change(sums, []byte("<html>"))
			return all(t)
		}, "has no line for"},
		{"no archive", func(t *testing.T, page *server) string { page.change(archive, nil); return all(t) }, "cannot download "},
		{"no archive, by wget", func(t *testing.T, page *server) string {
			page.change(archive, nil)
			return path(t, append(tools, "wget", "sha256sum")...)
		}, "cannot download "},
		{"neither curl nor wget", func(t *testing.T, _ *server) string { return path(t, append(tools, "sha256sum")...) }, "neither curl nor wget"},
		{"nothing to hash with", func(t *testing.T, _ *server) string { return path(t, append(tools, "curl")...) }, "none of sha256sum"},
		{"a processor without an archive", func(t *testing.T, _ *server) string {
			dir := all(t)
			machine(t, dir, "Linux", "riscv64")
			return dir
		}, "no archive is made for riscv64"},
		{"a system without an archive", func(t *testing.T, _ *server) string {
			dir := all(t)
			machine(t, dir, "FreeBSD", "amd64")
			return dir
		}, "no archive is made for FreeBSD"},
		{"a platform that this release lacks", func(t *testing.T, _ *server) string {
			dir := all(t)
			machine(t, dir, "Darwin", "arm64")
			return dir
		}, "cannot download "},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, helm := range helms() {
				page := serve(t, r)
				broken := newHome(t, "HELM_HOOKS_BASE_URL="+page.URL, "PATH="+c.spoil(t, page))
				got := helm.install(t, broken, "file://"+original(t))
				if got.code == 0 || !strings.Contains(got.stderr, c.want) || strings.Contains(got.stdout, "Installed") {
					t.Errorf("Helm %s: want %q, got %+v", helm.version, c.want, got)
				}
				gone(t, broken, helm)
			}
		})
	}
}

// What was wrong mended, the same command installs.
func TestInstallAfterRefusal(t *testing.T) {
	r := released(t, pluginVersion(t))
	sums := "/v" + r.version + "/checksums.txt"
	for _, helm := range helms() {
		page := serve(t, r)
		good := page.file(sums)
		page.change(sums, nil)
		home := newHome(t, "HELM_HOOKS_BASE_URL="+page.URL)
		if got := helm.install(t, home, "file://"+original(t)); got.code == 0 {
			t.Errorf("Helm %s installs without checksums: %+v", helm.version, got)
		}
		page.change(sums, good)
		if got := helm.install(t, home, "file://"+original(t)); got.code != 0 {
			t.Errorf("Helm %s cannot install after that: %+v", helm.version, got)
		}
		works(t, home, helm, r.version)
	}
}

// A checkout that a person has linked keeps what is in it, and the link goes: installing again is possible.
func TestInstallRefusesInCheckout(t *testing.T) {
	r := released(t, pluginVersion(t))
	lonely := filepath.Join(t.TempDir(), r.file(here))
	if err := os.WriteFile(lonely, read(t, r.archive()), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, setting, want string }{
		{"nothing listens", "HELM_HOOKS_BASE_URL=http://127.0.0.1:9", "make -C"},
		{"no such archive", "HELM_HOOKS_ARCHIVE=/nowhere/x.tar.gz", "names no file"},
		{"no checksums beside the archive", "HELM_HOOKS_ARCHIVE=" + lonely, "checksums.txt is missing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, helm := range helms() {
				home := newHome(t, c.setting)
				checkout := unbuilt(t)
				got := home.run(t, helm.path(), "plugin", "install", checkout)
				if got.code == 0 || !strings.Contains(got.stderr, c.want) {
					t.Errorf("Helm %s: want %q, got %+v", helm.version, c.want, got)
				}
				gone(t, home, helm)
				if left := namesIn(t, filepath.Join(checkout, "bin")); len(left) > 0 {
					t.Errorf("bin has %v", left)
				}
				if _, err := os.Stat(filepath.Join(checkout, "plugin.yaml")); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// The script with the other programs that it can use.
func TestInstallWithOtherPrograms(t *testing.T) {
	r := released(t, pluginVersion(t))
	for _, names := range [][]string{{"wget", "sha256sum"}, {"curl", "shasum", "perl"}, {"curl", "openssl"}} {
		t.Run(strings.Join(names, " "), func(t *testing.T) {
			helm := helms()[0]
			home := newHome(t, "HELM_HOOKS_BASE_URL="+serve(t, r).URL, "PATH="+path(t, append(tools, names...)...))
			if got := home.run(t, helm.path(), "plugin", "install", unbuilt(t)); got.code != 0 {
				t.Fatalf("plugin install: %+v", got)
			}
			works(t, home, helm, r.version)
		})
	}
}

// Alpine's programs are all BusyBox.
func TestInstallWithBusyBox(t *testing.T) {
	busybox, err := exec.LookPath("busybox")
	if err != nil {
		t.Skip("no busybox on PATH")
	}
	dir := t.TempDir()
	for _, name := range append(tools, "wget", "sha256sum") {
		if err := os.Symlink(busybox, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	r := released(t, pluginVersion(t))
	helm := helms()[0]
	home := newHome(t, "HELM_HOOKS_BASE_URL="+serve(t, r).URL, "PATH="+dir)
	if got := home.run(t, helm.path(), "plugin", "install", unbuilt(t)); got.code != 0 {
		t.Fatalf("plugin install: %+v", got)
	}
	works(t, home, helm, r.version)
}
