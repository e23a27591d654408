package helm3

import (
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// build is the folder of a module.
func build(t *testing.T, module string) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// forbidden is what the shipped binary never links: the design's list, and what leads to it.
var forbidden = regexp.MustCompile(`^(helm\.sh/helm/v[34]/pkg/(action|kube|getter|downloader|cli|plugin|pusher|uploader)(/|$)|helm\.sh/helm/v3/pkg/repo$|` +
	`helm\.sh/helm/v4/pkg/repo/|k8s\.io/kubectl/|github\.com/(extism|tetratelabs)/)`)

func TestNothingHeavyIsLinked(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "../helm3", "../helm4", "../source").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range strings.Fields(string(out)) {
		if forbidden.MatchString(name) {
			t.Errorf("%s is linked", name)
		}
	}
}
