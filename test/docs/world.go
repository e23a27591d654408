package docs

import (
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// World is the folder in which the commands of one page run, with what they name.
type World struct {
	// Dir is where they run.
	Dir string
	// Env is their whole environment.
	Env []string
	// Bin is the first folder on their PATH; helm-hooks and kubectl-hooks are in it.
	Bin string
	// stands are words of the pages and what stands for them here.
	stands []string
}

// charts are the folders that a page's commands name, and what they are copies of, below the repository's root. Of a
// page that is not named here, those of "".
func charts() map[string]map[string]string {
	recipe := func(name string) map[string]string { return map[string]string{"chart": "test/docs/testdata/" + name} }
	return map[string]map[string]string{
		"": {
			"chart": "test/docs/testdata/chart", "mychart": "test/docs/testdata/chart", "shop": "test/docs/testdata/chart",
			"main/mychart": "test/docs/testdata/chart", "branch/mychart": "test/docs/testdata/chart",
			"main/shop": "test/docs/testdata/chart", "branch/shop": "test/docs/testdata/chart",
			"charts/shop": "testdata/charts/shop", "testdata/charts/shop": "testdata/charts/shop",
		},
		"docs/lint.md":                   {"charts/shop": "test/docs/testdata/chart"},
		"help of lint":                   {"mychart": "testdata/charts/rules/HH001-good", "charts/shop": "testdata/charts/rules/HH001-good"},
		"docs/recipes/already-exists.md": recipe("smoke"), "docs/recipes/move-to-helm-4.md": recipe("smoke"),
		"docs/recipes/stuck.md": recipe("stuck"), "docs/list.md": {"chart": "test/docs/testdata/stuck", "plain": "testdata/charts/ordinary"},
		"docs/recipes/hook-did-not-run.md": recipe("silent"), "docs/recipes/what-will-uninstall-leave.md": recipe("leaves"),
		"docs/recipes/ci-gate.md": {"charts/shop": "test/docs/testdata/chart", "mychart": "test/docs/testdata/chart"},
	}
}

// files are more of what commands name.
func files() map[string]string {
	return map[string]string{
		"values.yaml":      "migrate:\n  enabled: true\n",
		"staging.yaml":     "migrate:\n  enabled: false\n",
		"prod.yaml":        "migrate:\n  enabled: true\n",
		"helmrelease.yaml": helmRelease("uninstall: {disableHooks: true}"), "misprint.yaml": helmRelease("uninstall: {disableHook: true}"),
		"retries.yaml": helmRelease("install: {remediation: {retries: 1}}\n  upgrade: {remediation: {retries: 1}}\n  test: {enable: true}"),
	}
}

// helmRelease is one for the chart here, with a field more.
func helmRelease(field string) string {
	return "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: shop, namespace: web}\nspec:\n  interval: 10m\n" +
		"  chart: {spec: {chart: mychart, sourceRef: {kind: GitRepository, name: flux-system}}}\n  " + field + "\n"
}

// kubeconfig knows a namespace and no cluster.
const kubeconfig = `{apiVersion: v1, kind: Config, current-context: prod,
contexts: [{name: prod, context: {cluster: none, user: none, namespace: web}}],
clusters: [{name: none, cluster: {server: "https://127.0.0.1:9"}}], users: [{name: none, user: {}}]}
`

// NewWorld makes the folder for a page. root is that of the repository.
func NewWorld(t testing.TB, root, page string) *World {
	t.Helper()
	base := t.TempDir()
	w := &World{Dir: filepath.Join(base, "work"), Bin: filepath.Join(base, "bin")}
	copies, ok := charts()[page]
	if !ok {
		copies = charts()[""]
	}
	for to, from := range copies {
		w.copy(t, filepath.Join(root, filepath.FromSlash(from)), to)
	}
	for name, text := range files() {
		w.write(t, name, []byte(text))
	}
	// docs/diff.md shows the charts of a script.
	script, err := txtar.ParseFile(filepath.Join(root, "testdata", "script", "diff.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range script.Files {
		if strings.HasPrefix(file.Name, "old/") || strings.HasPrefix(file.Name, "new/") {
			w.write(t, file.Name, file.Data)
		}
	}
	w.write(t, "../kubeconfig", []byte(kubeconfig))
	w.programs(t)
	w.Env = []string{
		"HOME=" + base, "LC_ALL=C.UTF-8", "TERM=xterm", "NO_COLOR=1", "TMPDIR=" + os.TempDir(), "GIT_CEILING_DIRECTORIES=" + base,
		"HELM_DATA_HOME=" + filepath.Join(base, "data"), "HELM_CACHE_HOME=" + filepath.Join(base, "cache"),
		"HELM_CONFIG_HOME=" + filepath.Join(base, "config"), "KUBECONFIG=" + filepath.Join(base, "kubeconfig"),
		"PATH=" + w.Bin + string(os.PathListSeparator) + os.Getenv("PATH"),
	}
	w.publish(t, base, filepath.Join(root, "test", "docs", "testdata", "chart"))
	return w
}

// programs puts this test binary on PATH under the names of ours; its TestMain runs Program then.
func (w *World) programs(t testing.TB) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(w.Bin, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"helm-hooks", "kubectl-hooks"} {
		if err := os.Symlink(self, filepath.Join(w.Bin, name)); err != nil {
			t.Fatal(err)
		}
	}
}

// HelmOf is the Helm that a page calls helm: helm3 or helm4.
func HelmOf(page string) string {
	if page == "docs/recipes/already-exists.md" {
		return "helm3"
	}
	return "helm4"
}

// StandIn puts scripts on PATH that do what Helm and kubectl do for a plugin, and nothing else. test/e2e has real ones.
func (w *World) StandIn(t testing.TB, page string) {
	t.Helper()
	// By the variable HELM_CONTENT_CACHE Helm 4 is known.
	version, cache := "v4.3.1", "HELM_CONTENT_CACHE=. "
	if HelmOf(page) == "helm3" {
		version, cache = "v3.22.0", ""
	}
	const other = `[ "$1" = hooks ] || { echo "$0 $1: only test/e2e has a real one" >&2; exit 127; }` + "\nshift\n"
	for name, script := range map[string]string{
		"helm": `[ "$1" != version ] || { echo ` + version + `; exit; }` + "\n" + other +
			"HELM_BIN=$0 HELM_PLUGIN_DIR=. HELM_NAMESPACE=web " + cache + "helm-hooks \"$@\"\n" +
			`code=$?; [ $code -eq 0 ] || echo 'Error: plugin "hooks" exited with error' >&2` + "\nexit $code\n",
		"kubectl": other + "exec kubectl-hooks \"$@\"\n",
	} {
		if err := os.WriteFile(filepath.Join(w.Bin, name), []byte("#!/bin/sh\n"+script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

func (w *World) write(t testing.TB, name string, data []byte) {
	t.Helper()
	path := filepath.Join(w.Dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

func (w *World) copy(t testing.TB, from, to string) {
	t.Helper()
	if err := walk(from, func(name string, data []byte) error {
		w.write(t, to+"/"+name, data)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// walk reads all files of a folder.
func walk(dir string, each func(name string, data []byte) error) error {
	return filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		inside, failed := filepath.Rel(dir, path)
		if err := cmp.Or(err, failed); err != nil {
			return fmt.Errorf("read %s: %w", path, err)
		}
		return each(filepath.ToSlash(inside), data)
	})
}
