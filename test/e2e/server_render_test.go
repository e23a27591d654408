//go:build e2e

package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/helm-hooks/helm-hooks/test/e2e/apiserver"
)

// With --dry-run=server templates see the cluster: its objects and its versions. Nothing but reading is sent.
func TestServerRendering(t *testing.T) {
	bin := filepath.Join(built(t), "helm-hooks")
	s := apiServer(t)
	namespace := s.Namespace(t, "render")
	if _, err := s.Client().CoreV1().ConfigMaps(namespace).Create(t.Context(), &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "switch"}}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	chart := filepath.Join(t.TempDir(), "chart")
	for name, text := range map[string]string{
		"Chart.yaml": "apiVersion: v2\nname: own\nversion: 1.0.0\n",
		"templates/hook.yaml": `{{ if lookup "v1" "ConfigMap" .Release.Namespace "switch" }}
apiVersion: v1
kind: ConfigMap
metadata: {name: "on-{{ .Capabilities.KubeVersion.Version }}", annotations: {helm.sh/hook: pre-install}}
{{ end }}`,
	} {
		path := filepath.Join(chart, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	access := s.User(t, namespace, "tool", apiserver.Rule("", []string{"configmaps"}, []string{"get"}))
	user := newHome(t, "KUBECONFIG="+access.Kubeconfig)
	for _, helm := range helms() {
		since := mark(t, s)
		got := user.mustRun(t, bin, "plan", chart, "--engine", helm.engine, "--dry-run=server", "--action", "install")
		if !strings.Contains(got, "ConfigMap/on-v"+apiserver.Version) || strings.Contains(got, "lookup") {
			t.Errorf("%s:\n%s", helm.engine, got)
		}
		for _, call := range calls(t, s, since, access.User) {
			if !strings.HasPrefix(call, "get ") {
				t.Errorf("%s: sent %s", helm.engine, call)
			}
		}
		if without := user.mustRun(t, bin, "plan", chart, "--engine", helm.engine, "--action", "install"); !strings.Contains(without, "lookup") {
			t.Errorf("%s: nothing is said of lookup:\n%s", helm.engine, without)
		}
	}
}
