//go:build versions

package oracle

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
	"github.com/helm-hooks/helm-hooks/test/oracle/scenario"
)

// TestVersions holds the machine's rules for each Helm at a boundary of the version table against that
// very Helm, built with the Kubernetes libraries it came with: testdata charts and generated lives, each
// with all kinds of faults.
func TestVersions(t *testing.T) {
	modules, err := filepath.Glob("versions/helm*.mod")
	if err != nil || len(modules) < 10 {
		t.Fatalf("%d versions: %v", len(modules), err)
	}
	for _, module := range modules {
		version := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(module), "helm"), ".mod")
		t.Run(version, func(t *testing.T) { holdVersion(t, version) })
	}
}

func holdVersion(t *testing.T, version string) {
	binary := filepath.Join(t.TempDir(), "driver")
	if out, err := exec.Command("sh", "versions/build.sh", version, binary).CombinedOutput(); err != nil {
		t.Fatalf("build the driver: %v\n%s", err, out)
	}
	driver, err := Start(binary)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := driver.Close(); err != nil {
			t.Error(err)
		}
	})
	major := version[:1]
	engine, err := plan.ParseEngine("helm" + major + "@" + version)
	if err != nil {
		t.Fatal(err)
	}
	engines := map[string]plan.Engine{major: engine}
	lives, operations := 0, 0
	folders, err := os.ReadDir(chartsDir)
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range folders {
		for _, l := range chartLives() {
			dir, err := filepath.Abs(filepath.Join(chartsDir, folder.Name()))
			if err != nil {
				t.Fatal(err)
			}
			sc := scenario.Scenario{Release: "r", Namespace: "default", Steps: l.steps(major), Charts: []scenario.Chart{{Dir: dir}}}
			n, err := agree(t, sc, engines, driver.Run)
			if err == nil {
				lives, operations = lives+1, operations+n
			}
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		n, err := agree(rt, GenerateScenario(rt, major), engines, driver.Run)
		if err == nil {
			lives, operations = lives+1, operations+n
		}
	})
	t.Logf("Helm %s: %d lives agree, %d operations compared", version, lives, operations)
}
