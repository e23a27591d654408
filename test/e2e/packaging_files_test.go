//go:build e2e

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

var (
	makeCommand = regexp.MustCompile("(?m)^(?:\\$ |`| *)make ([a-z0-9]+)")
	makeTarget  = regexp.MustCompile(`(?m)^([a-z0-9]+):.*##`)
	localLink   = regexp.MustCompile(`\]\(([^):#]+)\)`)
)

// The files for other people's machines are YAML, and name what there is.
func TestFilesForCI(t *testing.T) {
	targets := map[string]bool{}
	for _, match := range makeTarget.FindAllStringSubmatch(string(read(t, filepath.Join(at.root, "Makefile"))), -1) {
		targets[match[1]] = true
	}
	for _, name := range []string{".github/workflows/ci.yml", ".github/workflows/release.yml", "docs/gitlab-ci.yml", "artifacthub-repo.yml"} {
		data := read(t, filepath.Join(at.root, name))
		var content map[string]any
		if err := yaml.UnmarshalStrict(data, &content); err != nil || len(content) == 0 {
			t.Errorf("%s: %v", name, err)
		}
		for _, file := range regexp.MustCompile(`\.ci/run|CHANGELOG\.md|plugin\.yaml|README\.md|LICENSE`).FindAllString(string(data), -1) {
			if _, err := os.Stat(filepath.Join(at.root, file)); err != nil {
				t.Errorf("%s names %s: %v", name, file, err)
			}
		}
	}
	for _, name := range []string{".github/workflows/release.yml", "CONTRIBUTING.md", "docs/install.md", "README.md", ".ci/run"} {
		for _, match := range makeCommand.FindAllStringSubmatch(string(read(t, filepath.Join(at.root, name))), -1) {
			if !targets[match[1]] {
				t.Errorf("%s has `make %s`, which the Makefile has not", name, match[1])
			}
		}
	}
	for _, name := range []string{"CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "docs/install.md"} {
		for _, match := range localLink.FindAllStringSubmatch(string(read(t, filepath.Join(at.root, name))), -1) {
			if _, err := os.Stat(filepath.Join(at.root, filepath.Dir(name), match[1])); err != nil {
				t.Errorf("%s links to %s: %v", name, match[1], err)
			}
		}
	}
}

func TestScriptsPassShellcheck(t *testing.T) {
	if _, err := exec.LookPath("shellcheck"); err != nil {
		t.Skip("no shellcheck on PATH")
	}
	for _, name := range []string{"scripts/plugin-install.sh", "scripts/kubectl_complete-hooks", "plugin.complete", ".ci/run"} {
		newHome(t).mustRun(t, "shellcheck", filepath.Join(at.root, name))
	}
}

// The example's own commands, with a releases page on this machine. The demo chart has errors, so the job fails.
func TestGitLabExample(t *testing.T) {
	if here != "linux/amd64" {
		t.Skipf("the example is for linux/amd64, this is %s/%s", runtime.GOOS, runtime.GOARCH)
	}
	r := released(t, pluginVersion(t))
	var file map[string]struct {
		Variables map[string]string
		Script    []string
	}
	if err := yaml.Unmarshal(read(t, filepath.Join(at.root, "docs", "gitlab-ci.yml")), &file); err != nil {
		t.Fatal(err)
	}
	job := file["helm-hooks"]
	if job.Variables["HELM_HOOKS_VERSION"] != r.version {
		t.Errorf("the example is about version %s, plugin.yaml about %s", job.Variables["HELM_HOOKS_VERSION"], r.version)
	}
	page := serve(t, r)
	run := func() (string, string, error) {
		dir := t.TempDir()
		cmd := exec.Command("sh", "-e", "-c", strings.Join(job.Script, "\n"))
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "HELM_HOOKS_VERSION="+r.version, "HELM_HOOKS_BASE_URL="+page.URL, "CHARTS="+filepath.Join(at.checkout, shop))
		out, err := cmd.CombinedOutput()
		report, _ := os.ReadFile(filepath.Join(dir, "helm-hooks.xml"))
		return string(out), string(report), err
	}
	out, report, err := run()
	if exit, ok := err.(*exec.ExitError); !ok || exit.ExitCode() != 2 || !strings.Contains(report, "HH001") {
		t.Errorf("the job ends with %v: %s\n%s", err, out, report)
	}
	name := "/v" + r.version + "/" + r.file(here)
	page.change(name, append(page.file(name)[:0:0], "another file"...))
	if out, report, err := run(); err == nil || report != "" {
		t.Errorf("the job takes a changed archive: %s", out)
	}
}
