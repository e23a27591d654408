// Package house holds the rules of the house that the compiler does not know: what may import what, and what the
// code may not contain.
package house

import (
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/helm-hooks/helm-hooks"

// root is the top of the repository, seen from this package.
var root = filepath.Join("..", "..")

func TestPlanTakesValuesAndGivesValues(t *testing.T) {
	// Direct imports: fmt and yaml need os themselves, so a ban on everything below would ban them too.
	for _, path := range goList(t, "-f", `{{join .Imports "\n"}}`, "./pkg/plan") {
		if oneOf(path, "os", "net", "log", "syscall", "unsafe", "embed", "flag", "math/rand", "os/exec", "runtime", "testing", "C") {
			t.Errorf("pkg/plan imports %s: it knows no files, network, environment, chance or process", path)
		}
	}
	for _, path := range goList(t, "-deps", "./pkg/plan") {
		if oneOf(path, "net", "os/exec", "os/user", "os/signal", "log", "math/rand") {
			t.Errorf("pkg/plan brings in %s", path)
		}
		if isModule(path) && path != module+"/pkg/plan" && !oneOf(path, "sigs.k8s.io/yaml", "go.yaml.in/yaml") {
			t.Errorf("pkg/plan brings in %s: a YAML parser is all it needs", path)
		}
	}
}

func TestEachSDKHasOnePackage(t *testing.T) {
	for _, sdk := range []struct{ path, owner string }{
		{"helm.sh/helm/v3", "internal/helm3"},
		{"helm.sh/helm/v4", "internal/helm4"},
	} {
		for _, line := range goList(t, "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./cmd/...", "./internal/...", "./pkg/...") {
			importer, imports, _ := strings.Cut(line, " ")
			for path := range strings.FieldsSeq(imports) {
				if oneOf(path, sdk.path) && !oneOf(importer, module+"/"+sdk.owner) {
					t.Errorf("%s imports %s: only %s may", importer, path, sdk.owner)
				}
			}
		}
	}
}

func TestDependenciesPointInward(t *testing.T) {
	for layer, forbidden := range map[string][]string{
		"internal/render":  {"internal/cli", "internal/source", "internal/cluster", "internal/helm3", "internal/helm4"},
		"internal/helm3":   {"internal/cli", "internal/source", "internal/cluster", "internal/render"},
		"internal/helm4":   {"internal/cli", "internal/source", "internal/cluster", "internal/render"},
		"internal/source":  {"internal/cli", "internal/render"},
		"internal/lint":    {"internal/cli", "internal/render", "internal/source", "internal/cluster", "internal/helm3", "internal/helm4"},
		"internal/status":  {"internal/cli", "internal/render", "internal/source", "internal/cluster", "internal/live", "internal/helm3", "internal/helm4"},
		"internal/cluster": {"internal/cli", "internal/render", "internal/source", "internal/helm3", "internal/helm4"},
	} {
		for _, path := range goList(t, "-deps", "./"+layer) {
			for _, outer := range forbidden {
				if path == module+"/"+outer {
					t.Errorf("%s depends on %s", layer, outer)
				}
			}
		}
	}
}

// Helm's acting half makes the binary half as large again and drags in a WebAssembly runtime, and its storage
// drivers for databases.
func TestTheBinaryIsLight(t *testing.T) {
	heavy := []string{
		"helm.sh/helm/v3/pkg/action", "helm.sh/helm/v3/pkg/kube", "helm.sh/helm/v3/pkg/storage",
		"helm.sh/helm/v4/pkg/action", "helm.sh/helm/v4/pkg/kube", "helm.sh/helm/v4/pkg/storage",
		"helm.sh/helm/v4/pkg/getter", "helm.sh/helm/v4/pkg/downloader",
		"helm.sh/helm/v4/pkg/cli", "helm.sh/helm/v4/internal/plugin",
		"k8s.io/kubectl", "github.com/tetratelabs/wazero", "github.com/extism/go-sdk",
	}
	for _, path := range goList(t, "-deps", "./cmd/helm-hooks") {
		if oneOf(path, heavy...) {
			t.Errorf("the binary links %s", path)
		}
	}
}

// oneOf says whether a package is one of paths or lies below one.
func oneOf(pkg string, paths ...string) bool {
	return slices.ContainsFunc(paths, func(path string) bool {
		return pkg == path || strings.HasPrefix(pkg, path+"/")
	})
}

// isModule tells a package of a module from one of the standard library.
func isModule(pkg string) bool {
	first, _, _ := strings.Cut(pkg, "/")
	return strings.Contains(first, ".")
}

func goList(t *testing.T, args ...string) []string {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list"}, args...)...)
	cmd.Dir = root
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list %s: %v\n%s", strings.Join(args, " "), err, stderr.String())
	}
	lines := strings.Fields(string(out))
	if slices.Contains(args, "-f") {
		lines = strings.Split(strings.TrimSpace(string(out)), "\n")
	}
	if len(lines) == 0 {
		t.Fatalf("go list %s names nothing", strings.Join(args, " "))
	}
	return lines
}
