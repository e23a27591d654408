//go:build e2e

// Package e2e runs the tool as people do: as a plugin of real Helm binaries and of kubectl, out of a checkout
// that `make build` has built.
package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/helm-hooks/helm-hooks/test/docs"
)

// helm is a Helm built from its module as its release builds are: a plain build of Helm 3 takes the cluster for
// Kubernetes 1.20.
type helm struct {
	version string
	module  string
	ldflags string
	// rules is what the header says under this Helm.
	rules string
	// engine is the value of --engine that asks for the same rules.
	engine string
}

func helms() []helm {
	return []helm{
		{
			version: "3.22.0", module: "helm.sh/helm/v3", engine: "helm3", rules: "Helm 3.22 rules",
			ldflags: "-X helm.sh/helm/v3/internal/version.version=v3.22.0" +
				" -X helm.sh/helm/v3/pkg/chartutil.k8sVersionMajor=1 -X helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor=37",
		},
		{
			version: "4.3.1", module: "helm.sh/helm/v4", engine: "helm4", rules: "Helm 4.3 rules",
			ldflags: "-X helm.sh/helm/v4/internal/version.version=v4.3.1",
		},
	}
}

// places are where things lie: the repository, the Helm binaries, which are kept between runs, and a copy of the
// repository as a fresh clone would be, built.
type places struct {
	root     string
	tools    string
	checkout string
}

var at places

func TestMain(m *testing.M) {
	if docs.IsProgram() {
		os.Exit(docs.Program())
	}
	os.Exit(run(m))
}

func run(m *testing.M) int {
	temp, err := os.MkdirTemp("", "helm-hooks-e2e-")
	if err != nil {
		return fail(err)
	}
	defer os.RemoveAll(temp)
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		return fail(err)
	}
	at = places{root: root, tools: os.Getenv("HELM_HOOKS_TOOLS"), checkout: filepath.Join(temp, "helm-hooks")}
	if at.tools == "" {
		at.tools = filepath.Join(root, ".tools")
	}
	if !filepath.IsAbs(at.tools) {
		return fail(fmt.Errorf("HELM_HOOKS_TOOLS=%s is no absolute path", at.tools))
	}
	for _, helm := range helms() {
		if err := helm.build(); err != nil {
			return fail(err)
		}
	}
	if err := copyCheckout(at.root, at.checkout); err != nil {
		return fail(err)
	}
	code := m.Run()
	if err := live.stop(); err != nil {
		return fail(err)
	}
	return code
}

func fail(err error) int {
	fmt.Fprintln(os.Stderr, "e2e:", err)
	return 1
}

func (h helm) path() string { return filepath.Join(at.tools, "helm-"+h.version, "helm") }

// build makes the binary unless it is there. It appears under its name only when it is whole.
func (h helm) build() error {
	if _, err := os.Stat(h.path()); err == nil {
		return nil
	}
	dir := filepath.Dir(h.path())
	partial := dir + ".partial"
	if err := os.MkdirAll(partial, 0o755); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "e2e: building Helm %s into %s\n", h.version, dir)
	cmd := exec.Command("go", "install", "-trimpath", "-ldflags", "-s -w "+h.ldflags, h.module+"/cmd/helm@v"+h.version)
	cmd.Dir = os.TempDir() // outside this module, whose go.mod has no say in how Helm is built
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOBIN="+partial)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build Helm %s: %w\n%s", h.version, err, out)
	}
	return os.Rename(partial, dir)
}

// copyCheckout copies what a clone would hold: the files that git knows or would add.
func copyCheckout(from, to string) error {
	cmd := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	cmd.Dir = from
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("list the files of the checkout: %w", err)
	}
	for name := range strings.SplitSeq(strings.TrimRight(string(out), "\x00"), "\x00") {
		source := filepath.Join(from, name)
		info, err := os.Lstat(source)
		if errors.Is(err, os.ErrNotExist) {
			continue // deleted, and not yet committed
		}
		if err != nil {
			return err
		}
		data, err := os.ReadFile(source)
		if err != nil {
			return err
		}
		target := filepath.Join(to, name)
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(target, data, info.Mode().Perm()); err != nil {
			return err
		}
	}
	return nil
}

// built is the folder bin/ of the checkout; the first caller runs `make build` there.
func built(t *testing.T) string {
	t.Helper()
	bin := filepath.Join(at.checkout, "bin")
	if _, err := os.Stat(filepath.Join(bin, "helm-hooks")); err == nil {
		return bin
	}
	cmd := exec.Command("make", "build")
	cmd.Dir = at.checkout
	// The copy is no repository of its own, so git has no revision to stamp.
	cmd.Env = append(os.Environ(), "GOFLAGS=-buildvcs=false")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("make build: %v\n%s", err, out)
	}
	return bin
}

// home is one person's machine: own Helm folders, no cluster, no settings from outside.
type home struct {
	dir string
	env []string
}

func newHome(t *testing.T, env ...string) home {
	t.Helper()
	dir := t.TempDir()
	h := home{dir: dir, env: []string{
		"HOME=" + dir,
		"PATH=" + os.Getenv("PATH"),
		"TMPDIR=" + os.TempDir(),
		"LANG=C.UTF-8",
		"HELM_DATA_HOME=" + filepath.Join(dir, "data"),
		"HELM_CACHE_HOME=" + filepath.Join(dir, "cache"),
		"HELM_CONFIG_HOME=" + filepath.Join(dir, "config"),
		"KUBECONFIG=" + filepath.Join(dir, "no-kubeconfig"),
	}}
	h.env = append(h.env, env...)
	return h
}

// result is how a command ended.
type result struct {
	stdout, stderr string
	code           int
}

func (h home) run(t *testing.T, name string, args ...string) result {
	t.Helper()
	return h.pipe(t, "", name, args...)
}

func (h home) pipe(t *testing.T, stdin, name string, args ...string) result {
	t.Helper()
	ctx := t.Context()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.WaitDelay = 10 * time.Second
	cmd.Dir = at.checkout
	cmd.Env = h.env
	cmd.Stdin = strings.NewReader(stdin)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("%s %s: %v", name, strings.Join(args, " "), err)
	}
	return result{stdout: stdout.String(), stderr: stderr.String(), code: cmd.ProcessState.ExitCode()}
}

// mustRun is run for a command that has to succeed without a word on stderr.
func (h home) mustRun(t *testing.T, name string, args ...string) string {
	t.Helper()
	got := h.run(t, name, args...)
	got.succeeds(t, filepath.Base(name)+" "+strings.Join(args, " "))
	return got.stdout
}

func (r result) succeeds(t *testing.T, command string) {
	t.Helper()
	if r.code != 0 || r.stderr != "" {
		t.Fatalf("%s: exit code %d, stderr %q, stdout:\n%s", command, r.code, r.stderr, r.stdout)
	}
}
