package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/helm-hooks/helm-hooks/internal/lint"
	"github.com/helm-hooks/helm-hooks/internal/render"
)

func readYAML(t *testing.T, path string, into any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.UnmarshalStrict(text, into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// action is what action.yml may hold of the syntax of composite actions.
type action struct {
	Name, Description string
	Branding          map[string]string
	Inputs            map[string]struct {
		Description, Default string
	}
	Outputs map[string]struct{ Description, Value string }
	Runs    struct {
		Using string
		Steps []struct {
			Uses, Name, ID, Shell, Run string
			With                       map[string]any
			Env                        map[string]string
		}
	}
}

func Test_the_action_runs_lint_with_its_inputs(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil || runtime.GOOS == "windows" {
		t.Skip("no bash")
	}
	var a action
	readYAML(t, "../../action.yml", &a)
	if a.Runs.Using != "composite" || !slices.Contains(lint.FailOns(), a.Inputs["fail-on"].Default) || !slices.Contains(render.LintFormats(), a.Inputs["format"].Default) {
		t.Fatalf("%+v", a.Inputs)
	}
	last := a.Runs.Steps[len(a.Runs.Steps)-1]
	input := regexp.MustCompile(`^\$\{\{ inputs\.([a-z-]+) \}\}$`)
	used := map[string]string{}
	for name, value := range last.Env {
		match := input.FindStringSubmatch(value)
		if match == nil {
			t.Fatalf("%s: %s", name, value)
		}
		used[match[1]] = name
	}
	if strings.Contains(last.Run, "${{") || len(used) != len(a.Inputs) {
		t.Errorf("inputs %v of %v", used, a.Inputs)
	}
	temp := t.TempDir()
	program := "#!/bin/sh\nprintf '<%s>' \"$@\"\nexit 2\n"
	if err := os.MkdirAll(filepath.Join(temp, "helm-hooks-bin"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(temp, "helm-hooks-bin", "helm-hooks"), []byte(program), 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(bash, "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", last.Run)
	output := filepath.Join(temp, "output")
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "RUNNER_TEMP=" + temp, "GITHUB_OUTPUT=" + output, "INPUT_FAIL_ON=warning", "INPUT_FORMAT=sarif",
		"INPUT_SOURCES=./a b/*\n./c;d $(touch x)\n", "INPUT_ARGS=--disable HH109", "INPUT_OUTPUT=" + filepath.Join(temp, "report"),
	}
	if err := cmd.Run(); err == nil || cmd.ProcessState.ExitCode() != 2 {
		t.Errorf("%v", err)
	}
	report, err := os.ReadFile(filepath.Join(temp, "report"))
	if err != nil {
		t.Fatal(err)
	}
	if want := "<lint><--fail-on=warning><--output=sarif><--disable><HH109><--><./a><b/*><./c;d><$(touch><x)>"; string(report) != want {
		t.Errorf("got %s, want %s", report, want)
	}
	if said, err := os.ReadFile(output); err != nil || string(said) != "exit-code=2\n" {
		t.Errorf("%q, %v", said, err)
	}
}

func Test_the_hook_of_pre_commit_runs_lint(t *testing.T) {
	var hooks []struct {
		ID, Name, Description, Entry, Language, Files string
		PassFilenames                                 bool   `json:"pass_filenames"`
		RequireSerial                                 bool   `json:"require_serial"`
		Minimum                                       string `json:"minimum_pre_commit_version"`
	}
	readYAML(t, "../../.pre-commit-hooks.yaml", &hooks)
	if len(hooks) != 1 || hooks[0].ID != "helm-hooks-lint" || hooks[0].Entry != "helm-hooks lint" || hooks[0].Language != "golang" || hooks[0].PassFilenames {
		t.Fatalf("%+v", hooks)
	}
	files := regexp.MustCompile(hooks[0].Files)
	for path, want := range map[string]bool{
		"Chart.yaml": true, "charts/shop/Chart.yaml": true, "deploy/shop/templates/a.yaml": true, "deploy/shop/templates/_x.tpl": true, "shop/values.yaml": true,
		"shop/values-prod.yaml": true, "shop/values.schema.json": true, ".helm-hooks.yaml": true, "shop/crds/a.yaml": true, "README.md": false, "src/main.go": false,
		"shop/ci/a.yaml": true, "shop/MyChart.yaml": false,
	} {
		if files.MatchString(path) != want {
			t.Errorf("%s: %v", path, !want)
		}
	}
}
