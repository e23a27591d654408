//go:build e2e

package e2e

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// unverified is what Helm 4 needs to install what nobody has signed.
func (h helm) unverified() []string {
	if h.engine == "helm4" {
		return []string{"--verify=false"}
	}
	return nil
}

// install runs `helm plugin install`.
func (h helm) install(t *testing.T, home home, source string) result {
	t.Helper()
	return home.run(t, h.path(), append([]string{"plugin", "install", source}, h.unverified()...)...)
}

// works demands that the installed plugin is of a version and plans the demo chart.
func works(t *testing.T, home home, helm helm, version string) {
	t.Helper()
	if got := home.mustRun(t, helm.path(), "hooks", "version"); !strings.HasPrefix(got, "helm-hooks "+version+" ") {
		t.Errorf("the plugin is %s, want version %s", got, version)
	}
	plan := home.mustRun(t, helm.path(), "hooks", "plan", shop)
	if !strings.Contains(plan, "shop-migrate") || !strings.Contains(plan, helm.rules) {
		t.Errorf("the plan of the demo chart:\n%s", plan)
	}
	completed := home.run(t, helm.path(), "__complete", "hooks", "plan", "--eng")
	if !offers(strings.Split(completed.stdout, "\n"), "--engine") {
		t.Errorf("completion offers:\n%s", completed.stdout)
	}
}

// gone demands that nothing of the plugin is left.
func gone(t *testing.T, home home, helm helm) {
	t.Helper()
	if left := namesIn(t, filepath.Join(home.dir, "data", "plugins")); len(left) > 0 {
		t.Errorf("the plugins' folder still has %v", left)
	}
	if list := home.mustRun(t, helm.path(), "plugin", "list"); strings.Contains(list, "hooks") {
		t.Errorf("plugin list:\n%s", list)
	}
}

// unbuilt is a checkout without a binary, in a folder with a blank in its name.
func unbuilt(t *testing.T) string {
	t.Helper()
	checkout := filepath.Join(t.TempDir(), "my code", "helm-hooks")
	if err := copyPlugin(checkout); err != nil {
		t.Fatal(err)
	}
	return checkout
}

// copyPlugin copies what Helm and the install script look at in a checkout.
func copyPlugin(to string) error {
	for _, name := range []string{
		".gitignore", "LICENSE", "README.md", "completion.yaml", "go.mod", "plugin.complete", "plugin.yaml",
		"scripts/kubectl_complete-hooks", "scripts/plugin-install.sh",
	} {
		source := filepath.Join(at.checkout, filepath.FromSlash(name))
		info, err := os.Stat(source)
		if err != nil {
			return err
		}
		data, err := os.ReadFile(source)
		if err != nil {
			return err
		}
		target := filepath.Join(to, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(target), 0o755), os.WriteFile(target, data, info.Mode())); err != nil {
			return err
		}
	}
	return nil
}

// repository is such a checkout as a git repository, for reading only.
var repository = sync.OnceValues(func() (string, error) {
	dir := filepath.Join(filepath.Dir(at.checkout), "repository", "helm-hooks")
	if err := copyPlugin(dir); err != nil {
		return "", err
	}
	for _, args := range [][]string{{"init", "-q"}, {"add", "-A"}, {"commit", "-q", "-m", "release"}} {
		if err := runGit(dir, args...); err != nil {
			return "", err
		}
	}
	return dir, nil
})

// cloned is a clone of repository that may be changed.
func cloned(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "helm-hooks")
	git(t, at.root, "clone", "-q", original(t), dir)
	return dir
}

func original(t *testing.T) string {
	t.Helper()
	dir, err := repository()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func commit(t *testing.T, dir string) {
	t.Helper()
	git(t, dir, "add", "-A")
	git(t, dir, "commit", "-q", "-m", "release")
}

func git(t *testing.T, dir string, args ...string) {
	t.Helper()
	if err := runGit(dir, args...); err != nil {
		t.Fatal(err)
	}
}

func runGit(dir string, args ...string) error {
	cmd := exec.Command("git", append([]string{"-c", "user.name=e2e", "-c", "user.email=e2e@example.com"}, args...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("git %s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return nil
}

// One archive serves Helm 3 and Helm 4 from a URL and Helm 4 from a file, again and again, and loads nothing else.
func TestInstallReleaseArchive(t *testing.T) {
	r := released(t, pluginVersion(t))
	for _, helm := range helms() {
		for _, way := range []string{"URL", "file"} {
			if way == "file" && helm.engine == "helm3" {
				continue // Helm 3 takes no archive from a file
			}
			t.Run(helm.version+"/"+way, func(t *testing.T) {
				page := serve(t, r)
				home := newHome(t, "HELM_HOOKS_BASE_URL="+page.URL)
				source := r.archive()
				if way == "URL" {
					source = page.URL + "/v" + r.version + "/" + r.file(here)
				}
				for range 2 {
					got := helm.install(t, home, source)
					got.succeeds(t, "plugin install")
					works(t, home, helm, r.version)
					home.mustRun(t, helm.path(), "plugin", "uninstall", "hooks")
					gone(t, home, helm)
				}
				for _, asked := range page.asked {
					if base := filepath.Base(asked); base != r.file(here) && base != r.file(here)+".prov" {
						t.Errorf("an archive with its binary asks for %s", asked)
					}
				}
			})
		}
	}
}

// Unpacked by hand, the archive's folder is a plugin for both.
func TestInstallUnpackedArchive(t *testing.T) {
	r := released(t, pluginVersion(t))
	dir := t.TempDir()
	if out, err := exec.Command("tar", "-xzf", r.archive(), "-C", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, helm := range helms() {
		t.Run(helm.version, func(t *testing.T) {
			home := newHome(t)
			got := home.run(t, helm.path(), "plugin", "install", filepath.Join(dir, "helm-hooks"))
			got.succeeds(t, "plugin install")
			works(t, home, helm, r.version)
		})
	}
}

func TestInstallArchiveOfAnotherPlatform(t *testing.T) {
	r := released(t, pluginVersion(t))
	dir := t.TempDir()
	if out, err := exec.Command("tar", "-xzf", r.archive(), "-C", dir).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	folder := filepath.Join(dir, "helm-hooks")
	if err := os.WriteFile(filepath.Join(folder, "bin", "helm-hooks"), []byte("MZ"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, helm := range helms() {
		page := serve(t, r)
		home := newHome(t, "HELM_HOOKS_BASE_URL="+page.URL)
		got := home.run(t, helm.path(), "plugin", "install", folder)
		if got.code == 0 || !strings.Contains(got.stderr, "does not run here") || len(page.asked) > 0 {
			t.Errorf("Helm %s: %+v, asked for %v", helm.version, got, page.asked)
		}
		gone(t, home, helm)
	}
}

// From git, as `helm plugin install https://…/helm-hooks` does it, and then a newer version.
func TestInstallFromGitAndUpdate(t *testing.T) {
	older, newer := released(t, pluginVersion(t)), released(t, "9.9.9")
	for _, helm := range helms() {
		t.Run(helm.version, func(t *testing.T) {
			page := serve(t, older)
			home := newHome(t, "HELM_HOOKS_BASE_URL="+page.URL)
			repo := cloned(t)
			got := helm.install(t, home, "file://"+repo)
			if got.code != 0 || !strings.Contains(got.stdout, "Installed plugin: hooks") {
				t.Fatalf("plugin install: %+v", got)
			}
			works(t, home, helm, older.version)
			bin := filepath.Join(home.dir, "data", "plugins", "helm-hooks", "bin")
			if names := namesIn(t, bin); !slices.Equal(names, []string{"THIRD_PARTY_NOTICES.txt", "helm-hooks"}) {
				t.Errorf("bin has %v", names)
			}

			page.asked = nil
			got = home.run(t, helm.path(), "plugin", "update", "hooks")
			got.succeeds(t, "plugin update without news")
			if len(page.asked) > 0 {
				t.Errorf("an update without news asks for %v", page.asked)
			}

			// A release that is announced but not there, or not whole, leaves the older one at work.
			setVersion(t, repo, newer.version)
			commit(t, repo)
			got = home.run(t, helm.path(), "plugin", "update", "hooks")
			if got.code == 0 || !strings.Contains(got.stderr, "cannot download "+page.URL+"/v"+newer.version) {
				t.Errorf("an update to a missing release: %+v", got)
			}
			works(t, home, helm, older.version)

			for name, data := range serve(t, newer).files {
				page.change(name, data)
			}
			got = home.run(t, helm.path(), "plugin", "update", "hooks")
			if got.code != 0 {
				t.Fatalf("plugin update: %+v", got)
			}
			works(t, home, helm, newer.version)
			if list := home.mustRun(t, helm.path(), "plugin", "list"); !strings.Contains(list, newer.version) {
				t.Errorf("plugin list:\n%s", list)
			}
			if names := namesIn(t, bin); len(names) != 2 {
				t.Errorf("bin has %v", names)
			}
		})
	}
}

// An installation of one version stays there.
func TestInstallOneVersionFromGit(t *testing.T) {
	r := released(t, pluginVersion(t))
	repo := cloned(t)
	git(t, repo, "tag", "v"+r.version)
	setVersion(t, repo, "9.9.9")
	commit(t, repo)
	for _, helm := range helms() {
		t.Run(helm.version, func(t *testing.T) {
			page := serve(t, r)
			home := newHome(t, "HELM_HOOKS_BASE_URL="+page.URL)
			args := append([]string{"plugin", "install", "file://" + repo, "--version", "v" + r.version}, helm.unverified()...)
			if got := home.run(t, helm.path(), args...); got.code != 0 {
				t.Fatalf("plugin install: %+v", got)
			}
			works(t, home, helm, r.version)
			page.asked = nil
			home.run(t, helm.path(), "plugin", "update", "hooks").succeeds(t, "plugin update")
			works(t, home, helm, r.version)
			if len(page.asked) > 0 {
				t.Errorf("the update asks for %v", page.asked)
			}
			home.mustRun(t, helm.path(), "plugin", "uninstall", "hooks")
			gone(t, home, helm)
		})
	}
}

// A checkout without a binary: over the network, and without it.
func TestInstallCheckout(t *testing.T) {
	r := released(t, pluginVersion(t))
	for _, helm := range helms() {
		for _, way := range []string{"URL", "archive"} {
			t.Run(helm.version+"/"+way, func(t *testing.T) {
				page := serve(t, r)
				setting := "HELM_HOOKS_BASE_URL=" + page.URL
				if way == "archive" {
					setting = "HELM_HOOKS_ARCHIVE=" + r.archive()
				}
				home := newHome(t, setting)
				got := home.run(t, helm.path(), "plugin", "install", unbuilt(t))
				if got.code != 0 {
					t.Fatalf("plugin install: %+v", got)
				}
				if (len(page.asked) > 0) != (way == "URL") {
					t.Errorf("asked for %v", page.asked)
				}
				works(t, home, helm, r.version)
			})
		}
	}
}
