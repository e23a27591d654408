//go:build e2e

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/helm-hooks/helm-hooks/internal/cli"
	"github.com/helm-hooks/helm-hooks/test/e2e/apiserver"
)

// statusChart has a hook for each part of a life; a value for each settles what becomes of it.
const statusChart = `apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {note: "{{ .Values.note }}"}
---
apiVersion: batch/v1
kind: Job
metadata:
  name: migrate
  annotations:
    helm.sh/hook: pre-install,pre-upgrade,pre-rollback
    helm.sh/hook-delete-policy: "{{ .Values.policy }}"
spec:
  backoffLimit: 0
  template:
    metadata: {annotations: {e2e.helm-hooks/outcome: "{{ .Values.migrate }}", e2e.helm-hooks/exit-code: "7"}}
    spec: {restartPolicy: Never, containers: [{name: main, image: busybox}]}
---
apiVersion: batch/v1
kind: Job
metadata:
  name: smoke
  annotations: {helm.sh/hook: "post-install,post-upgrade", helm.sh/hook-delete-policy: hook-succeeded}
spec:
  backoffLimit: 0
  template:
    metadata:
      annotations:
        e2e.helm-hooks/outcome: "{{ .Values.smoke }}"
        e2e.helm-hooks/exit-code: "3"
        e2e.helm-hooks/log: "connecting\nDB_PASSWORD=hunter2\ntable users exists"
    spec: {restartPolicy: Never, containers: [{name: main, image: busybox}]}
---
apiVersion: batch/v1
kind: Job
metadata:
  name: bye
  annotations: {helm.sh/hook: pre-delete}
spec:
  backoffLimit: 0
  template:
    metadata: {annotations: {e2e.helm-hooks/outcome: "{{ .Values.bye }}"}}
    spec: {restartPolicy: Never, containers: [{name: main, image: busybox}]}
`

// statusCase is one release of the chart above, and the people around it.
type statusCase struct {
	server    *apiserver.Server
	helm      helm
	namespace string
	// home is the user's, whose PATH has this Helm as helm.
	home  home
	chart string
	// tool may only get and list; user is how the audit log knows whoever types.
	tool apiserver.Access
	user string
}

func newStatusCase(t *testing.T, helm helm) *statusCase {
	t.Helper()
	built(t)
	s := apiServer(t)
	c := &statusCase{server: s, helm: helm, namespace: s.Namespace(t, "status"), chart: filepath.Join(t.TempDir(), "shop")}
	writeFile(t, filepath.Join(c.chart, "Chart.yaml"), "apiVersion: v2\nname: shop\nversion: 1.4.0\n")
	writeFile(t, filepath.Join(c.chart, "values.yaml"), "migrate: succeed\nsmoke: succeed\nbye: succeed\npolicy: before-hook-creation\nnote: a\n")
	writeFile(t, filepath.Join(c.chart, "templates", "all.yaml"), statusChart)
	plugins := t.TempDir()
	if err := os.Symlink(at.checkout, filepath.Join(plugins, "hooks")); err != nil {
		t.Fatal(err)
	}
	worker := s.Worker(t, c.namespace, "user")
	c.user = worker.User
	c.home = inPath(t, map[string]string{"helm": helm.path(), "kubectl-hooks": filepath.Join(at.checkout, "bin", "kubectl-hooks")},
		"KUBECONFIG="+worker.Kubeconfig, "HELM_PLUGINS="+plugins)
	reads := []string{"get", "list"}
	c.tool = s.User(t, c.namespace, "tool", apiserver.Rule("", []string{"secrets", "configmaps", "pods", "events"}, reads),
		apiserver.Rule("", []string{"pods/log"}, []string{"get"}), apiserver.Rule("batch", []string{"jobs"}, reads))
	return c
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// run types a command, which may fail.
func (c *statusCase) run(t *testing.T, args ...string) result {
	t.Helper()
	// env looks the program up on the user's PATH, not on ours.
	return c.home.run(t, "env", args...)
}

// must types a Helm command that has to succeed.
func (c *statusCase) must(t *testing.T, args ...string) {
	t.Helper()
	if got := c.run(t, append([]string{"helm"}, args...)...); got.code != 0 {
		t.Fatalf("helm %s: %s", strings.Join(args, " "), got.stderr)
	}
}

// status is the answer of `status shop` so much later, to somebody who may only get and list.
func (c *statusCase) status(t *testing.T, later time.Duration, flags ...string) string {
	t.Helper()
	since := mark(t, c.server)
	var out, talk bytes.Buffer
	args := append([]string{"helm-hooks", "status", "shop", "--kubeconfig", c.tool.Kubeconfig, "--engine", c.helm.engine}, flags...)
	code := cli.Run(t.Context(), args, cli.Env{
		In: strings.NewReader(""), Out: &out, Err: &talk, Lookup: func(string) (string, bool) { return "", false },
		Now: func() time.Time { return time.Now().Add(later) },
	})
	if code != 0 || talk.Len() > 0 {
		t.Fatalf("exit code %d: %s", code, talk.String())
	}
	for _, line := range calls(t, c.server, since, c.tool.User) {
		if verb, _, _ := strings.Cut(line, " "); verb != "get" && verb != "list" {
			t.Errorf("sent %s", line)
		}
	}
	return out.String()
}

// says checks the words of an answer.
func says(t *testing.T, answer string, words ...string) {
	t.Helper()
	for _, one := range words {
		if !strings.Contains(answer, one) {
			t.Errorf("%q is not said in:\n%s", one, answer)
		}
	}
}

// wayOut mends the chart, and types the commands of the first way out, to the letter but for the chart's place.
func (c *statusCase) wayOut(t *testing.T) {
	t.Helper()
	// Not the values: Helm keeps those of the last upgrade.
	writeFile(t, filepath.Join(c.chart, "templates", "all.yaml"), regexp.MustCompile(`outcome: "[^"]*"`).ReplaceAllString(statusChart, `outcome: succeed`))
	var answer struct {
		WayOut struct {
			Ways []struct {
				Goal     string
				Commands []string
			}
		}
	}
	if err := json.Unmarshal([]byte(c.status(t, 0, "-o", "json")), &answer); err != nil || len(answer.WayOut.Ways) == 0 {
		t.Fatalf("no way out: %v", err)
	}
	way := answer.WayOut.Ways[0]
	for _, command := range way.Commands {
		if _, err := exec.LookPath("kubectl"); err != nil && strings.HasPrefix(command, "kubectl ") {
			t.Skipf("no kubectl on PATH for %s", command)
		}
		command = strings.Replace(command, " CHART ", " "+c.chart+" ", 1)
		if got := c.home.run(t, "sh", "-c", command); got.code != 0 {
			t.Fatalf("%s: %s: %s", way.Goal, command, got.stderr)
		}
	}
}

// A chart whose post-install Job fails, and somebody who has read nothing.
func TestStatusAsANewUser(t *testing.T) {
	for _, helm := range helms() {
		t.Run(helm.version, func(t *testing.T) {
			c := newStatusCase(t, helm)
			if got := c.run(t, "helm", "install", "shop", c.chart, "--set", "smoke=fail"); got.code == 0 {
				t.Fatal("the install has not failed")
			}
			const verdict = "The install of shop failed "
			since := mark(t, c.server)
			status := c.home.mustRun(t, "env", "helm", "hooks", "status", "shop")
			for _, line := range calls(t, c.server, since, c.user) {
				if verb, _, _ := strings.Cut(line, " "); verb != "get" && verb != "list" {
					t.Errorf("sent %s", line)
				}
			}
			says(
				t, status, verdict, "its post-install hook Job/smoke failed: exit code 3", "container main ended with exit code 3 (BackoffLimitExceeded)",
				"All ordinary objects had been made before that", helm.rules, "WAY OUT", "helm hooks status shop -n "+c.namespace+" --context e2e --logs",
			)
			logs := c.home.mustRun(t, "env", "helm", "hooks", "status", "shop", "-n", c.namespace, "--context", "e2e", "--logs")
			says(t, logs, verdict, "DB_PASSWORD=[redacted]", "table users exists")
			if strings.Contains(logs, "hunter2") {
				t.Error("a secret is shown")
			}
			says(t, c.home.mustRun(t, "env", "helm", "hooks", "plan", "shop"), "of revision 1, failed", "fails", "Job/smoke")
			if _, err := exec.LookPath("kubectl"); err == nil {
				// Other tests have releases without hooks in this cluster, of which stderr tells.
				says(t, c.run(t, "kubectl", "hooks", "list", "-A").stdout, c.namespace, "shop", "failed", "Job/smoke")
				says(t, c.home.mustRun(t, "env", "kubectl", "hooks", "status", "shop"), verdict, "kubectl hooks status shop")
			}
			if got := c.run(t, "helm", "hooks", "status", "shop", "--exit-code"); got.code != 2 {
				t.Errorf("--exit-code: %d", got.code)
			}
			c.wayOut(t)
			says(t, c.status(t, 0), "shop is deployed; all 2 hooks of the last upgrade succeeded", "Helm has deleted it after the success (hook-succeeded)")
		})
	}
}

// ended runs Helm and ends it with a signal while it waits for a Job that never ends.
func (c *statusCase) ended(t *testing.T, by os.Signal, job string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), c.helm.path(), args...)
	cmd.Env = c.home.env
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for try := 0; ; try++ {
		found, err := c.server.Client().BatchV1().Jobs(c.namespace).Get(t.Context(), job, metav1.GetOptions{})
		if err == nil && found.Status.Active == 1 {
			break
		}
		if try == 500 {
			t.Fatalf("%s does not begin: %v", job, err)
		}
		time.Sleep(20 * time.Millisecond)
	}
	time.Sleep(300 * time.Millisecond)
	if err := cmd.Process.Signal(by); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed, and says so
}

// A killed Helm cannot be told from one at work, until nothing has been heard of it for long.
func TestStatusOfAKilledHelm(t *testing.T) {
	const later = 20 * time.Minute
	for _, helm := range helms() {
		t.Run(helm.version+" install", func(t *testing.T) {
			c := newStatusCase(t, helm)
			c.ended(t, os.Kill, "smoke", "install", "shop", c.chart, "--set", "smoke=never")
			says(t, c.status(t, 0), "shop is pending-install for ", "Helm may be at work right now, waiting for Job/smoke", "No cluster shows whether a Helm process is there")
			says(
				t, c.status(t, later), "shop is stuck in pending-install since ", "Helm has probably died while it waited for Job/smoke",
				"end unknown, began", "it has died, or was killed", "Job/smoke still runs, which it does with and without Helm", "still there, running; Pod smoke-",
			)
			c.wayOut(t)
			says(t, c.status(t, 0), "shop is deployed; all 2 hooks of the last upgrade succeeded")
		})
		t.Run(helm.version+" upgrade", func(t *testing.T) {
			c := newStatusCase(t, helm)
			c.must(t, "install", "shop", c.chart)
			c.ended(t, os.Kill, "migrate", "upgrade", "shop", c.chart, "--set", "migrate=never")
			c.cannotPull(t, "migrate")
			says(
				t, c.status(t, later), "shop is stuck in pending-upgrade since ", "Helm has probably died while it waited for Job/migrate (ImagePullBackOff)",
				"container main cannot start: ImagePullBackOff: Back-off pulling image", "not reached: Job/migrate came before it, and its end was not noted",
				"refused: another operation (install/upgrade/rollback) is in progress",
			)
			c.wayOut(t)
			says(t, c.status(t, 0), "shop is deployed; the one hook of the last rollback succeeded", "a rollback to revision 1 after revision 2 was left pending-upgrade",
				"a rollback copies the last runs of its target")
		})
	}
}

// cannotPull writes into the Pod of a Job what a kubelet does that finds no image.
func (c *statusCase) cannotPull(t *testing.T, job string) {
	t.Helper()
	pods := c.server.Client().CoreV1().Pods(c.namespace)
	found, err := pods.List(t.Context(), metav1.ListOptions{LabelSelector: "batch.kubernetes.io/job-name=" + job})
	if err != nil {
		t.Fatal(err)
	}
	for _, pod := range found.Items {
		if pod.Status.Phase != "Running" {
			continue
		}
		patch := `{"status":{"phase":"Pending","containerStatuses":[{"name":"main","image":"busybox","imageID":"","ready":false,"restartCount":0,"state":{"waiting":{"reason":"ImagePullBackOff","message":"Back-off pulling image \"busybox\""}}}]}}`
		if _, err := pods.Patch(t.Context(), pod.Name, types.MergePatchType, []byte(patch), metav1.PatchOptions{}, "status"); err != nil {
			t.Fatal(err)
		}
	}
}

func TestStatusOfAnInterruptedHelm(t *testing.T) {
	for _, helm := range helms() {
		t.Run(helm.version, func(t *testing.T) {
			c := newStatusCase(t, helm)
			c.ended(t, os.Interrupt, "smoke", "install", "shop", c.chart, "--set", "smoke=never")
			says(
				t, c.status(t, 0), "The install of shop failed ", "Helm was interrupted while it waited for post-install hook Job/smoke",
				"interrupted, began", "still there, running", "Job/smoke may still be running",
			)
			c.wayOut(t)
			says(t, c.status(t, 0), "shop is deployed; all 2 hooks of the last upgrade succeeded")
		})
	}
}

// A failing pre-rollback hook leaves the release pending-rollback, and Helm notes nothing of the failure.
func TestStatusOfAStuckRollback(t *testing.T) {
	for _, helm := range helms() {
		t.Run(helm.version, func(t *testing.T) {
			c := newStatusCase(t, helm)
			c.must(t, "install", "shop", c.chart)
			c.must(t, "upgrade", "shop", c.chart, "--set", "note=b")
			c.server.Decide(c.namespace, "migrate", apiserver.Fate{Outcome: apiserver.Fail, ExitCode: 7})
			if got := c.run(t, "helm", "rollback", "shop", "1"); got.code == 0 {
				t.Fatal("the rollback has not failed")
			}
			says(
				t, c.status(t, 0), "shop is stuck in pending-rollback since ", "its pre-rollback hook Job/migrate failed: exit code 7",
				"is refused: another operation", "a rollback to revision 1", "a rollback copies the last runs of its target",
			)
			c.server.Decide(c.namespace, "migrate", apiserver.Fate{})
			c.wayOut(t)
			says(t, c.status(t, 0), "shop is deployed; the one hook of the last rollback succeeded", "after revision 3 was left pending-rollback")
		})
	}
}

// A failing pre-delete hook leaves the release uninstalling, and Helm notes nothing of the failure.
func TestStatusOfAStuckUninstall(t *testing.T) {
	for _, helm := range helms() {
		t.Run(helm.version, func(t *testing.T) {
			c := newStatusCase(t, helm)
			c.must(t, "install", "shop", c.chart, "--set", "bye=fail")
			if got := c.run(t, "helm", "uninstall", "shop"); got.code == 0 {
				t.Fatal("the uninstall has not failed")
			}
			says(
				t, c.status(t, 0), "shop is stuck in uninstalling since ", "its pre-delete hook Job/bye failed: exit code 1",
				"an uninstall that fails ends without a word in the record", "That was before the uninstall",
			)
			c.server.Decide(c.namespace, "bye", apiserver.Fate{})
			c.wayOut(t)
			if got := c.run(t, "helm", "status", "shop"); got.code == 0 {
				t.Errorf("the release is still there: %s", got.stdout)
			}
		})
	}
}

// What policies took away is gone, not absent; what is in the way of the next upgrade is said before it comes.
func TestStatusOfAReleaseThatIsDeployed(t *testing.T) {
	for _, helm := range helms() {
		t.Run(helm.version, func(t *testing.T) {
			c := newStatusCase(t, helm)
			c.must(t, "install", "shop", c.chart, "--set", "policy=hook-failed")
			answer := c.status(t, 0)
			says(
				t, answer, "shop is deployed; all 2 hooks of the last install succeeded. But ", "gone: Helm has deleted it after the success (hook-succeeded)",
				"none: pre-delete comes with helm uninstall", "leaves Job/migrate, Job/bye", "to have it run, delete first:",
			)
			remove := fmt.Sprintf("kubectl --context e2e delete -n %s job/migrate", c.namespace)
			says(t, answer, remove)
			if _, err := exec.LookPath("kubectl"); err != nil {
				t.Skip("no kubectl on PATH")
			}
			if got := c.home.run(t, "sh", "-c", remove); got.code != 0 {
				t.Fatal(got.stderr)
			}
			c.must(t, "upgrade", "shop", c.chart, "--set", "policy=hook-succeeded", "--set", "note=b")
			says(t, c.status(t, 0), "shop is deployed; all 2 hooks of the last upgrade succeeded\n", "works, runs 2 hooks")
			if got := c.run(t, "helm", "upgrade", "shop", c.chart, "--set", "policy=hook-failed", "--set", "migrate=fail"); got.code == 0 {
				t.Fatal("the upgrade has not failed")
			}
			says(
				t, c.status(t, 0), "The upgrade of shop failed ", "its pre-upgrade hook Job/migrate failed", "The ordinary objects had not been changed by then",
				"revision 2 is still the deployed one", "gone: Helm has deleted it after the failure (hook-failed), and its log with it", "not reached: Job/migrate came before it, and failed",
			)
			c.wayOut(t)
			says(t, c.status(t, 0), "shop is deployed; all 2 hooks of the last upgrade succeeded")
		})
	}
}
