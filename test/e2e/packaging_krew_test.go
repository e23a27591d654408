//go:build e2e

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// krewVersion is the one that krew/go.mod names.
const krewVersion = "0.4.4"

// krewTools is a folder with krew, as kubectl-krew too, and with its check of manifests.
func krewTools(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(at.tools, "krew-"+krewVersion)
	if _, err := os.Stat(dir); err == nil {
		return dir
	}
	partial := dir + ".partial"
	if err := os.MkdirAll(partial, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(
		"go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", partial+string(os.PathSeparator),
		"sigs.k8s.io/krew/cmd/krew", "sigs.k8s.io/krew/cmd/validate-krew-manifest",
	)
	cmd.Dir = filepath.Join(at.root, "test", "e2e", "krew")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build krew: %v\n%s", err, out)
	}
	if err := os.Symlink("krew", filepath.Join(partial, "kubectl-krew")); err != nil && !os.IsExist(err) {
		t.Fatal(err)
	}
	if err := os.Rename(partial, dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

// kubectl is a home whose PATH has krew, what krew installs, and kubectl.
func kubectl(t *testing.T) home {
	t.Helper()
	if _, err := exec.LookPath("kubectl"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("no kubectl on PATH; .ci/run installs it")
		}
		t.Skip("no kubectl on PATH")
	}
	root := filepath.Join(t.TempDir(), "krew")
	path := []string{filepath.Join(root, "bin"), krewTools(t), os.Getenv("PATH")}
	return newHome(t, "KREW_ROOT="+root, "KREW_NO_UPGRADE_CHECK=1", "PATH="+strings.Join(path, string(os.PathListSeparator)))
}

// manifest is the release's krew manifest, with page in place of the project's releases page.
func manifest(t *testing.T, r release, page *server) string {
	t.Helper()
	const releases = "https://github.com/helm-hooks/helm-hooks/releases/download"
	text := string(read(t, filepath.Join(r.dist, "hooks.yaml")))
	if !strings.Contains(text, "uri: "+releases+"/v"+r.version+"/"+r.file(here)+"\n") {
		t.Errorf("the manifest does not name the releases page:\n%s", text)
	}
	name := filepath.Join(t.TempDir(), "hooks.yaml")
	if err := os.WriteFile(name, []byte(strings.ReplaceAll(text, releases, page.URL)), 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

// krew's own check of a manifest installs it for each platform.
func TestKrewManifestIsValid(t *testing.T) {
	r := released(t, pluginVersion(t))
	home := kubectl(t)
	got := home.run(t, filepath.Join(krewTools(t), "validate-krew-manifest"), "-manifest", manifest(t, r, serve(t, r)))
	if got.code != 0 || !strings.Contains(got.stderr, "all 2 spec.platforms installed fine") {
		t.Errorf("validate-krew-manifest: %+v", got)
	}
}

func TestKrewInstalls(t *testing.T) {
	r := released(t, pluginVersion(t))
	home := kubectl(t)
	got := home.run(t, "kubectl", "krew", "install", "--manifest", manifest(t, r, serve(t, r)))
	if got.code != 0 || !strings.Contains(got.stderr, "Installed plugin: hooks") {
		t.Fatalf("kubectl krew install: %+v", got)
	}
	if version := home.mustRun(t, "kubectl", "hooks", "version"); !strings.HasPrefix(version, "helm-hooks "+r.version+" ") {
		t.Errorf("kubectl hooks version says %s", version)
	}
	if plan := home.mustRun(t, "kubectl", "hooks", "plan", shop); !strings.Contains(plan, "shop-migrate") {
		t.Errorf("the plan of the demo chart:\n%s", plan)
	}
	if usage := home.mustRun(t, "kubectl", "hooks", "--help"); !strings.Contains(usage, "kubectl hooks") {
		t.Errorf("kubectl hooks --help:\n%s", usage)
	}
	store := filepath.Join(home.value("KREW_ROOT"), "store", "hooks", "v"+r.version)
	want := []string{"LICENSE", "THIRD_PARTY_NOTICES.txt", "helm-hooks", "kubectl_complete-hooks"}
	if names := namesIn(t, store); !slices.Equal(names, want) {
		t.Errorf("krew keeps %v, want %v", names, want)
	}

	// The manifest's caveats say how to get completion. Their command is run as it stands.
	_, caveats, found := strings.Cut(got.stderr, "on PATH:")
	if !found {
		t.Fatalf("krew shows no caveats: %s", got.stderr)
	}
	var command string
	for line := range strings.Lines(caveats) {
		if before, after, ok := strings.Cut(line, "cp "); ok && strings.Trim(before, " |\\\t") == "" {
			command = "cp " + strings.TrimSpace(after)
		}
	}
	if command == "" {
		t.Fatalf("the caveats have no command: %s", caveats)
	}
	home.mustRun(t, "sh", "-c", command)
	offered := home.run(t, "kubectl", "__complete", "hooks", "pl")
	if !offers(strings.Split(offered.stdout, "\n"), "plan") {
		t.Errorf("kubectl completes `hooks pl` with %+v", offered)
	}
}

func TestKrewRefusesAChangedArchive(t *testing.T) {
	r := released(t, pluginVersion(t))
	page := serve(t, r)
	name := "/v" + r.version + "/" + r.file(here)
	page.change(name, append(slices.Clone(page.file(name)), 0))
	home := kubectl(t)
	got := home.run(t, "kubectl", "krew", "install", "--manifest", manifest(t, r, page))
	if got.code == 0 || !strings.Contains(got.stderr, "checksum does not match") {
		t.Errorf("kubectl krew install: %+v", got)
	}
}

// The manifest in a custom index, which is a git repository with a folder plugins/.
func TestKrewCustomIndex(t *testing.T) {
	r := released(t, pluginVersion(t))
	home := kubectl(t)
	index := t.TempDir()
	if err := os.Mkdir(filepath.Join(index, "plugins"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(index, "plugins", "hooks.yaml"), read(t, manifest(t, r, serve(t, r))), 0o644); err != nil {
		t.Fatal(err)
	}
	git(t, index, "init", "-q")
	commit(t, index)
	if got := home.run(t, "kubectl", "krew", "index", "add", "mine", "file://"+index); got.code != 0 {
		t.Fatalf("krew index add: %+v", got)
	}
	if got := home.run(t, "kubectl", "krew", "install", "mine/hooks"); got.code != 0 {
		t.Fatalf("krew install mine/hooks: %+v", got)
	}
	if version := home.mustRun(t, "kubectl", "hooks", "version"); !strings.HasPrefix(version, "helm-hooks "+r.version+" ") {
		t.Errorf("kubectl hooks version says %s", version)
	}
}

// value is a variable of the home's environment.
func (h home) value(name string) string {
	for _, setting := range slices.Backward(h.env) {
		if value, ok := strings.CutPrefix(setting, name+"="); ok {
			return value
		}
	}
	return ""
}
