//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	"sigs.k8s.io/yaml"

	"github.com/helm-hooks/helm-hooks/test/e2e/apiserver"
)

// roles are those of docs/rbac.yaml, by name.
func roles(t *testing.T) map[string][]rbacv1.PolicyRule {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(at.checkout, "docs", "rbac.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string][]rbacv1.PolicyRule{}
	for document := range strings.SplitSeq(string(text), "\n---\n") {
		var role rbacv1.ClusterRole
		if err := yaml.UnmarshalStrict([]byte(document), &role); err != nil {
			t.Fatal(err)
		}
		for _, rule := range role.Rules {
			for _, verb := range rule.Verbs {
				if verb != "get" && verb != "list" {
					t.Errorf("role %s gives %s: get and list are all that is sent", role.Name, verb)
				}
			}
		}
		found[role.Name] = role.Rules
	}
	return found
}

// With the roles of docs/rbac.yaml everything works, and nothing but reading is sent; without them it is said what is
// missing.
func TestRights(t *testing.T) {
	bin := filepath.Join(built(t), "helm-hooks")
	s := apiServer(t)
	namespace := s.Namespace(t, "rights")
	helm := helms()[1]
	worker := newHome(t, "KUBECONFIG="+s.Worker(t, namespace, "helm").Kubeconfig)
	s.Decide(namespace, "post-install", apiserver.Fate{Outcome: apiserver.Fail})
	if got := worker.run(t, helm.path(), "install", "r", writeChart(t, worker.dir)); got.code == 0 {
		t.Fatal("the install should have failed")
	}
	given := roles(t)
	records, plan, status := given["helm-hooks-list"], given["helm-hooks-plan"], given["helm-hooks-status"]
	for i, c := range []struct {
		name    string
		args    []string
		rules   []rbacv1.PolicyRule
		code    int
		says    []string
		without []string
	}{
		{"list", []string{"list"}, records, 0, []string{"Job/post-install"}, nil},
		{"list, nothing allowed", []string{"list"}, nil, 1, []string{`list secrets in namespace "` + namespace + `"`, "auth can-i list secrets"}, nil},
		{"list everywhere, one allowed", []string{"list", "-A"}, records, 1, []string{"list secrets in all namespaces", "-n NAMESPACE lists one namespace"}, nil},
		{"list --leftovers", []string{"list", "--leftovers"}, plan, 0, []string{"Job/post-install"}, []string{"unknown"}},
		{"list --leftovers, records only", []string{"list", "--leftovers"}, records, 0, []string{"unknown"}, nil},
		{"plan", []string{"plan", "r"}, plan, 0, []string{"WAY OUT", "Job/post-install"}, []string{"world:"}},
		{"plan, records only", []string{"plan", "r"}, records, 0, []string{"whether ", "is not known (get jobs.batch in namespace", "planned is what the release's records say"}, nil},
		{"plan, nothing allowed", []string{"plan", "r"}, nil, 1, []string{"list secrets", "auth can-i list secrets"}, nil},
		{"plan --offline", []string{"plan", "r", "--offline"}, records, 0, []string{"--offline"}, nil},
		{"status", []string{"status", "r", "--logs"}, slices.Concat(plan, status), 0, []string{"Job/post-install", "exit code"}, []string{"forbidden"}},
		{"status, records only", []string{"status", "r"}, records, 0, []string{"Job/post-install"}, nil},
		{"status, nothing allowed", []string{"status", "r"}, nil, 1, []string{"list secrets", "auth can-i list secrets"}, nil},
		{"explain", []string{"explain", "r", "Job/post-install"}, plan, 0, []string{"Job/post-install"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			access := s.User(t, namespace, fmt.Sprintf("user-%d", i), c.rules...)
			since := mark(t, s)
			got := newHome(t, "KUBECONFIG="+access.Kubeconfig).run(t, bin, c.args...)
			said := strings.Join(strings.Fields(got.stdout+got.stderr), " ")
			if got.code != c.code {
				t.Errorf("exit code %d: %s", got.code, said)
			}
			for _, words := range c.says {
				if !strings.Contains(said, words) {
					t.Errorf("%q is not said: %s", words, said)
				}
			}
			for _, words := range c.without {
				if strings.Contains(said, words) {
					t.Errorf("%q is said: %s", words, said)
				}
			}
			for _, call := range calls(t, s, since, access.User) {
				verb, _, _ := strings.Cut(call, " ")
				if verb != "get" && verb != "list" && verb != "watch" {
					t.Errorf("sent %s", call)
				}
			}
		})
	}
}
