//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/helm-hooks/helm-hooks/test/e2e/apiserver"
)

// releaseList is the part of `list -o json` that these tests read.
type releaseList struct {
	Counts struct{ Releases, Shown, WithoutHooksNotShown, Unread int }
	Items  []struct {
		Namespace, Name, Status string
		Revision                int
		Chart, ChartVersion     string
		ApplyMethod             string
		DeployedRevision        *int
		Hooks                   struct {
			Total             int
			ByAction, ByEvent map[string]int
		}
		LastHookFailure *struct{ Kind, Name, CompletedAt string }
		Pending         *struct{ Stuck bool }
	}
	Errors []struct{ Message string }
}

// What `helm list` tells of releases, list tells too, of the same ones, and it sends lists and gets alone.
func TestListAgreesWithHelmList(t *testing.T) {
	s := apiServer(t)
	tool := filepath.Join(built(t), "helm-hooks")
	for _, helm := range helms() {
		for driver, resource := range map[string]string{"secret": "secrets", "configmap": "configmaps"} {
			t.Run(helm.version+" "+driver, func(t *testing.T) {
				namespace := s.Namespace(t, "list")
				worker := newHome(t, "KUBECONFIG="+s.Worker(t, namespace, "helm").Kubeconfig, "HELM_DRIVER="+driver)
				liveReleases(t, s, worker, helm, namespace)

				access := s.User(t, namespace, "tool", apiserver.Rule("", []string{resource}, []string{"get", "list"}))
				user := newHome(t, "KUBECONFIG="+access.Kubeconfig, "HELM_DRIVER="+driver)
				since := mark(t, s)
				ours := listAs(t, user, tool, "--all")
				for _, call := range calls(t, s, since, access.User) {
					if call != "list "+resource && !strings.HasPrefix(call, "get "+resource+" ") {
						t.Errorf("sent %q", call)
					}
				}
				for _, selector := range []string{"", "name=shop", "status=failed", "status!=deployed", "name notin (shop,plain),owner=helm", "version=2"} {
					compareLists(t, worker, helm, listAs(t, user, tool, "--all", "-l", selector), selector)
				}
				hooks := strings.Count(worker.mustHelm(t, helm, "get", "hooks", "shop"), "# Source: ")
				asInstalled(t, ours, hooks, strings.HasPrefix(helm.version, "4"))
				if shown := listAs(t, user, tool); shown.Counts.WithoutHooksNotShown != 1 || shown.Counts.Shown != ours.Counts.Shown-1 {
					t.Errorf("without --all: %+v", shown.Counts)
				}
				if got := user.mustRun(t, tool, "list", "--failed", "-o", "name"); got != "broken\n" {
					t.Errorf("--failed: %q", got)
				}
				refused := user.run(t, tool, "list", "-A")
				if refused.code != 1 || refused.stdout != "" || !strings.Contains(refused.stderr, "auth can-i list "+resource+" --all-namespaces; -n NAMESPACE") {
					t.Errorf("-A without the right to it: %+v", refused)
				}
				if err := s.Client().CoreV1().Namespaces().Delete(t.Context(), namespace, metav1.DeleteOptions{}); err != nil {
					t.Fatal(err)
				}
				if diff := gocmp.Diff(ours, listAs(t, user, tool, "--all")); diff != "" {
					t.Errorf("in a terminating namespace:\n%s", diff)
				}
			})
		}
	}
}

// liveReleases makes a release that is well, one without hooks, names that are prefixes of each other, an upgrade that
// fails in a hook, and one whose Helm is killed in a hook.
func liveReleases(t *testing.T, s *apiserver.Server, home home, helm helm, namespace string) {
	t.Helper()
	home.mustHelm(t, helm, "install", "shop", "testdata/charts/shop")
	home.mustHelm(t, helm, "upgrade", "shop", "testdata/charts/shop", "--no-hooks")
	home.mustHelm(t, helm, "install", "shop-2", "testdata/charts/shop")
	home.mustHelm(t, helm, "install", "plain", "testdata/charts/ordinary")
	home.mustHelm(t, helm, "install", "broken", "testdata/charts/shop")
	s.Decide(namespace, "broken-shop-migrate", apiserver.Fate{Outcome: apiserver.Fail})
	if got := home.run(t, helm.path(), "upgrade", "broken", "testdata/charts/shop"); got.code == 0 {
		t.Fatal("an upgrade whose hook fails succeeds")
	}
	s.Decide(namespace, "killed-shop-migrate", apiserver.Fate{Outcome: apiserver.Never})
	cmd := exec.CommandContext(t.Context(), helm.path(), "install", "killed", "testdata/charts/shop")
	cmd.Dir, cmd.Env = at.checkout, home.env
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for try := 0; ; try++ {
		if _, err := s.Client().BatchV1().Jobs(namespace).Get(t.Context(), "killed-shop-migrate", metav1.GetOptions{}); err == nil {
			break
		}
		if try == 300 {
			t.Fatal("the hook of an install never runs")
		}
		time.Sleep(50 * time.Millisecond)
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
}

// A server that dies in the middle of an answer costs one line and a hint, and nothing that client-go says by itself.
func TestListFromAServerThatDies(t *testing.T) {
	tool := filepath.Join(built(t), "helm-hooks")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		_, _ = w.Write([]byte(`{"kind":`))
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}))
	defer server.Close()
	config := clientcmdapi.NewConfig()
	config.Clusters["dying"] = &clientcmdapi.Cluster{Server: server.URL}
	config.Contexts["dying"] = &clientcmdapi.Context{Cluster: "dying"}
	path := filepath.Join(t.TempDir(), "kubeconfig")
	if err := clientcmd.WriteToFile(*config, path); err != nil {
		t.Fatal(err)
	}
	got := newHome(t).run(t, tool, "list", "-A", "--kubeconfig", path, "--context", "dying")
	if got.code != 1 || got.stdout != "" || !strings.HasPrefix(got.stderr, "error: list secrets in all namespaces (context \"dying\")") || strings.Count(got.stderr, "\n") > 2 {
		t.Errorf("%+v", got)
	}
}

func listAs(t *testing.T, home home, tool string, arguments ...string) releaseList {
	t.Helper()
	arguments = append([]string{"list", "-o", "json"}, arguments...)
	if i := slices.Index(arguments, ""); i > 0 {
		arguments = slices.Delete(arguments, i-1, i+1)
	}
	var list releaseList
	if err := json.Unmarshal([]byte(home.mustRun(t, tool, arguments...)), &list); err != nil {
		t.Fatal(err)
	}
	return list
}

func compareLists(t *testing.T, home home, helm helm, ours releaseList, selector string) {
	t.Helper()
	arguments := []string{"list", "-o", "json", "-l", selector}
	if strings.HasPrefix(helm.version, "3") {
		arguments = append(arguments, "--all") // Helm 4 shows every status by itself
	}
	var theirs []struct{ Name, Namespace, Revision, Status, Chart string }
	if err := json.Unmarshal([]byte(home.mustHelm(t, helm, arguments...)), &theirs); err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for _, one := range theirs {
		want = append(want, strings.Join([]string{one.Namespace, one.Name, one.Revision, one.Status, one.Chart}, " "))
	}
	for _, one := range ours.Items {
		got = append(got, fmt.Sprintf("%s %s %d %s %s-%s", one.Namespace, one.Name, one.Revision, one.Status, one.Chart, one.ChartVersion))
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("-l %q: -helm +ours:\n%s", selector, diff)
	}
}

func asInstalled(t *testing.T, list releaseList, hooks int, isHelm4 bool) {
	t.Helper()
	if list.Counts.Releases != 5 || list.Counts.Unread != 0 || len(list.Errors) > 0 {
		t.Errorf("%+v, %+v", list.Counts, list.Errors)
	}
	for _, one := range list.Items {
		if (one.ApplyMethod == "ssa") != isHelm4 {
			t.Errorf("%s: apply method %q", one.Name, one.ApplyMethod)
		}
		switch one.Name {
		case "plain":
			if one.Hooks.Total != 0 {
				t.Errorf("%+v", one)
			}
			continue
		case "broken":
			failure := one.LastHookFailure
			if failure == nil || failure.Kind != "Job" || failure.Name != "broken-shop-migrate" || failure.CompletedAt == "" || one.DeployedRevision == nil || *one.DeployedRevision != 1 {
				t.Errorf("%+v, %+v", one, failure)
			}
		case "killed":
			if one.Status != "pending-install" || one.Pending == nil || one.Pending.Stuck || one.DeployedRevision != nil {
				t.Errorf("%+v, %+v", one, one.Pending)
			}
		default:
			if one.LastHookFailure != nil || one.Pending != nil {
				t.Errorf("%+v", one)
			}
		}
		if one.Hooks.Total != hooks || one.Hooks.ByEvent["pre-upgrade"] != 5 || one.Hooks.ByAction["rollback"] != 1 || one.Hooks.ByAction["uninstall"] != 1 {
			t.Errorf("%s: %+v", one.Name, one.Hooks)
		}
	}
}
