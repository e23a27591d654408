//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/helm-hooks/helm-hooks/test/docs"
	"github.com/helm-hooks/helm-hooks/test/e2e/apiserver"
)

// The pages speak of releases in the namespace web of the context prod.
const pagesNamespace, pagesContext = "web", "prod"

// Commands of README, docs/ and the help texts that need Helm, kubectl or a cluster work as they stand, with all others
// of their page, one after the other; what is shown below them is what they print, but for times and random names. After
// a change of the output:
//
//	go test -tags e2e ./test/e2e -run Pages -update
func TestPagesOnACluster(t *testing.T) {
	for _, program := range []string{"kubectl", "jq"} {
		if _, err := exec.LookPath(program); err != nil {
			if os.Getenv("CI") != "" {
				t.Fatalf("no %s on PATH; .ci/run installs it", program)
			}
			t.Skipf("no %s on PATH", program)
		}
	}
	built(t)
	pages, err := docs.Pages(at.root)
	if err != nil {
		t.Fatal(err)
	}
	server := pagesServer(t)
	for _, page := range pages {
		commands, err := docs.ReadPage(at.root, page)
		if err != nil {
			t.Fatal(err)
		}
		if slices.ContainsFunc(commands, isLive) {
			t.Run(page, func(t *testing.T) {
				news := playPage(t, server, page, commands)
				if *update {
					if err := docs.Rewrite(at.root, page, news); err != nil {
						t.Fatal(err)
					}
					return
				}
				for i, answer := range news {
					t.Errorf("%s shows\n%s\nbut the answer is\n%s", commands[i], strings.Join(commands[i].Shown, "\n"), strings.Join(answer, "\n"))
				}
			})
		}
	}
	t.Run("help", func(t *testing.T) {
		var examples []docs.Command
		for _, name := range []string{"plan", "explain", "status", "list", "diff"} {
			help := newHome(t).mustRun(t, filepath.Join(built(t), "helm-hooks"), name, "--help")
			examples = append(examples, docs.Examples(name, help)...)
		}
		playPage(t, server, "help", examples)
	})
}

func isLive(c docs.Command) bool {
	stage, _, _ := docs.Place(c)
	return stage == docs.Live
}

// pagesServer is a cluster of its own: `list -A` shows what the pages show.
func pagesServer(t *testing.T) *apiserver.Server {
	t.Helper()
	folder := filepath.Join(at.tools, "kube-"+apiserver.Version)
	if err := apiserver.Build(at.root, folder); err != nil {
		t.Fatal(err)
	}
	server, err := apiserver.Start(context.Background(), folder)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	object := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: pagesNamespace}}
	if _, err := server.Client().CoreV1().Namespaces().Create(t.Context(), object, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	return server
}

// stage is a page's world with a cluster.
type stage struct {
	t      *testing.T
	server *apiserver.Server
	world  *docs.World
}

func playPage(t *testing.T, server *apiserver.Server, page string, commands []docs.Command) map[int][]string {
	t.Helper()
	defer sweep(t, server)
	s := &stage{t: t, server: server, world: docs.NewWorld(t, at.root, page)}
	scene := pageScenes()[page]
	s.furnish(docs.HelmOf(page))
	if scene.set == nil {
		scene.set = commonScene
	}
	scene.set(s)
	news := map[int][]string{}
	for i, c := range commands {
		if stage, _, _ := docs.Place(c); stage != docs.Alone && stage != docs.Live {
			continue
		}
		if before := scene.before[c.Text]; before != nil {
			before(s)
		}
		env := []string{docs.LaterVariable + "=" + scene.later}
		if answer := s.world.Check(t, c, sameButForTimes, env...); answer != nil {
			news[i] = answer
		}
		if t.Failed() {
			break // what follows stands on this
		}
	}
	return news
}

// furnish brings Helm with our plugin, and the way into the cluster. The other Helm is helm-helm3 or helm-helm4.
func (s *stage) furnish(engine string) {
	s.t.Helper()
	base := s.t.TempDir()
	plugin := filepath.Join(base, "plugins", "hooks")
	writeFile(s.t, filepath.Join(plugin, "plugin.yaml"), string(read(s.t, filepath.Join(at.checkout, "plugin.yaml"))))
	if err := os.Symlink(s.world.Bin, filepath.Join(plugin, "bin")); err != nil {
		s.t.Fatal(err)
	}
	access := s.server.Admin(s.t, pagesNamespace)
	config, err := clientcmd.LoadFromFile(access.Kubeconfig)
	if err != nil {
		s.t.Fatal(err)
	}
	config.Contexts[pagesContext] = config.Contexts[apiserver.Context]
	delete(config.Contexts, apiserver.Context)
	config.CurrentContext = pagesContext
	if err := clientcmd.WriteToFile(*config, access.Kubeconfig); err != nil {
		s.t.Fatal(err)
	}
	s.world.Env = append(s.world.Env, "KUBECONFIG="+access.Kubeconfig, "HELM_PLUGINS="+filepath.Dir(plugin))
	for _, helm := range helms() {
		name := "helm-" + helm.engine
		if helm.engine == engine {
			name = "helm"
		}
		if err := os.Symlink(helm.path(), filepath.Join(s.world.Bin, name)); err != nil {
			s.t.Fatal(err)
		}
	}
}

// sweep removes what a page has left in the cluster.
func sweep(t *testing.T, server *apiserver.Server) {
	t.Helper()
	ctx := context.Background()
	client, all := server.Client(), metav1.ListOptions{}
	background := metav1.DeletePropagationBackground
	now := metav1.DeleteOptions{PropagationPolicy: &background, GracePeriodSeconds: new(int64)}
	for _, err := range []error{
		client.BatchV1().Jobs(pagesNamespace).DeleteCollection(ctx, now, all),
		client.CoreV1().Pods(pagesNamespace).DeleteCollection(ctx, now, all),
		client.CoreV1().Secrets(pagesNamespace).DeleteCollection(ctx, now, all),
		client.CoreV1().ConfigMaps(pagesNamespace).DeleteCollection(ctx, now, all),
		client.CoreV1().ServiceAccounts(pagesNamespace).DeleteCollection(ctx, now, all),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for try := 0; ; try++ {
		jobs, err := client.BatchV1().Jobs(pagesNamespace).List(ctx, all)
		if err != nil {
			t.Fatal(err)
		}
		pods, err := client.CoreV1().Pods(pagesNamespace).List(ctx, all)
		if err != nil {
			t.Fatal(err)
		}
		if len(jobs.Items)+len(pods.Items) == 0 {
			return
		}
		if try == 100 {
			t.Fatalf("%d Jobs and %d Pods stay", len(jobs.Items), len(pods.Items))
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// run types a command that has to end with code.
func (s *stage) run(code int, command string) {
	s.t.Helper()
	c := docs.Command{File: "scene", Text: command}
	if answer, got := s.world.Run(s.t, c); got != code {
		s.t.Fatalf("%s: exit code %d, want %d\n%s", command, got, code, strings.Join(answer, "\n"))
	}
}

// fate settles what becomes of the Job of a name from now on.
func (s *stage) fate(job, outcome string) {
	s.server.Decide(pagesNamespace, job, apiserver.Fate{Outcome: outcome, ExitCode: 7})
}

// killed types a Helm command and kills Helm while it waits for a Job.
func (s *stage) killed(job string, args ...string) {
	s.t.Helper()
	s.fate(job, apiserver.Never)
	cmd := exec.CommandContext(s.t.Context(), filepath.Join(s.world.Bin, "helm"), args...)
	cmd.Dir, cmd.Env = s.world.Dir, s.world.Env
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	for try := 0; ; try++ {
		found, err := s.server.Client().BatchV1().Jobs(pagesNamespace).Get(s.t.Context(), job, metav1.GetOptions{})
		if err == nil && found.Status.Active == 1 {
			break
		}
		if try == 500 {
			s.t.Fatalf("%s does not begin: %v", job, err)
		}
		time.Sleep(20 * time.Millisecond)
	}
	time.Sleep(300 * time.Millisecond)
	if err := cmd.Process.Kill(); err != nil {
		s.t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed, and says so
	s.fate(job, apiserver.Succeed)
}

var (
	moments = regexp.MustCompile(`\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?(\.\d+)?Z?( \+0000 UTC| UTC)?|\w{3} \w{3} +\d+ \d\d:\d\d:\d\d \d{4}|\b\d\d:\d\d(:\d\d)?\b`)
	spans   = regexp.MustCompile(`\b\d+(\.\d+)?(ms|s|m|h|d)(\d+(s|m|h))?\b`)
	suffix  = regexp.MustCompile(`(-[bcdfghjklmnpqrstvwxz2456789]{5})+\b`)
	blanks  = regexp.MustCompile(`[\s│]+`)
)

// sameButForTimes compares answers without moments, spans, random ends of names, and where lines are broken because of
// them.
func sameButForTimes(a, b []string) bool {
	plain := func(lines []string) string {
		text := moments.ReplaceAllString(strings.Join(lines, "\n"), "MOMENT")
		text = suffix.ReplaceAllString(spans.ReplaceAllString(text, "SPAN"), "-RANDOM")
		return strings.TrimSpace(blanks.ReplaceAllString(text, " "))
	}
	return plain(a) == plain(b)
}

func TestSameButForTimes(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"began 3s ago, Pod cart-migrate-x7k2p", "began 12m ago,\n   Pod cart-migrate-bbbbb", true},
		{"since 2026-11-22 16:00 UTC", "since 2027-01-01 01:02 UTC", true},
		{"LAST DEPLOYED: Sun Nov 22 16:00:00 2026", "LAST DEPLOYED: Mon Jan  4 01:02:03 2027", true},
		{"began 3s ago", "ended 3s ago", false},
		{"revision 2", "revision 3", false},
		{"Job/cart-smoke", "Job/cart-other", false},
	} {
		if got := sameButForTimes([]string{c.a}, []string{c.b}); got != c.same {
			t.Errorf("%q and %q: %v", c.a, c.b, got)
		}
	}
	if fmt.Sprint(suffix.FindString("x-smoke")) != "" {
		t.Error("a word is taken for a random one")
	}
}
