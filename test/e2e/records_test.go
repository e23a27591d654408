//go:build e2e

package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/helm-hooks/helm-hooks/internal/cluster"
	"github.com/helm-hooks/helm-hooks/internal/cluster/record"
	"github.com/helm-hooks/helm-hooks/test/e2e/apiserver"
)

// history is a line of `helm history -o json`.
type history struct {
	Revision    int
	Status      string
	Description string
}

// What Helm has stored we read as Helm itself does, and by two requests.
func TestRecords(t *testing.T) {
	s := apiServer(t)
	for _, helm := range helms() {
		for driver, kind := range map[cluster.Driver]string{cluster.Secrets: "secret", cluster.ConfigMaps: "configmap"} {
			t.Run(helm.version+" "+kind, func(t *testing.T) {
				namespace := s.Namespace(t, "records")
				home := newHome(t, "KUBECONFIG="+s.Worker(t, namespace, "helm").Kubeconfig, "HELM_DRIVER="+kind)
				home.mustHelm(t, helm, "install", "shop", "testdata/charts/every-event")
				home.mustHelm(t, helm, "upgrade", "shop", "testdata/charts/every-event")
				home.mustHelm(t, helm, "upgrade", "shop", "testdata/charts/every-event", "--description", "third")
				home.mustHelm(t, helm, "install", "shop-2", "testdata/charts/shop")

				tool := s.User(t, namespace, "tool", apiserver.Rule("", []string{string(driver)}, []string{"get", "list"}))
				since := mark(t, s)
				newest, refs, err := connect(t, tool).Records(driver).Newest(t.Context(), namespace, "shop")
				if err != nil {
					t.Fatal(err)
				}
				key := "get " + string(driver) + " sh.helm.release.v1.shop.v3"
				if got, want := calls(t, s, since, tool.User), []string{"list " + string(driver), key}; !slices.Equal(got, want) {
					t.Errorf("sent %q, want %q", got, want)
				}
				asHelmTells(t, home, helm, newest, refs)
				if (newest.ApplyMethod == "ssa") != strings.HasPrefix(helm.version, "4") {
					t.Errorf("apply method %q", newest.ApplyMethod)
				}
			})
		}
	}
}

// mustHelm runs Helm, which may say on stderr that it skips a hook.
func (h home) mustHelm(t *testing.T, helm helm, args ...string) string {
	t.Helper()
	got := h.run(t, helm.path(), args...)
	if got.code != 0 {
		t.Fatalf("helm %s: exit code %d, %s", strings.Join(args, " "), got.code, got.stderr)
	}
	return got.stdout
}

func asHelmTells(t *testing.T, home home, helm helm, newest *record.Release, refs []cluster.Ref) {
	t.Helper()
	var lines []history
	if err := json.Unmarshal([]byte(home.mustHelm(t, helm, "history", newest.Name, "-o", "json")), &lines); err != nil {
		t.Fatal(err)
	}
	if len(lines) != len(refs) {
		t.Fatalf("Helm knows %d revisions, we %d", len(lines), len(refs))
	}
	for i, line := range lines {
		if refs[i].Revision != line.Revision || refs[i].Status != line.Status {
			t.Errorf("revision %d is %q for Helm, %d is %q for us", line.Revision, line.Status, refs[i].Revision, refs[i].Status)
		}
	}
	last := lines[len(lines)-1]
	if newest.Revision != last.Revision || newest.Info.Status != last.Status || newest.Info.Description != last.Description {
		t.Errorf("Helm says %+v, we %d %+v", last, newest.Revision, newest.Info)
	}
	if manifest := home.mustHelm(t, helm, "get", "manifest", newest.Name); strings.TrimSpace(manifest) != strings.TrimSpace(newest.Manifest) {
		t.Errorf("manifest:\n%s\n%s", manifest, newest.Manifest)
	}
	var hooks strings.Builder
	for _, hook := range newest.Hooks {
		fmt.Fprintf(&hooks, "---\n# Source: %s\n%s\n", hook.Path, hook.Manifest)
	}
	if told := home.mustHelm(t, helm, "get", "hooks", newest.Name); told != hooks.String() {
		t.Errorf("hooks:\n%s\n%s", told, hooks.String())
	}
	ran := 0
	for _, hook := range newest.Hooks {
		if hook.LastRun.Phase == "Succeeded" && !hook.LastRun.StartedAt.IsZero() && !hook.LastRun.CompletedAt.Before(hook.LastRun.StartedAt.Time) {
			ran++
		}
	}
	if ran == 0 {
		t.Errorf("no hook has run: %+v", newest.Hooks)
	}
}

// A record that is stored in another namespace than its release deploys to, as Flux does, one without rights, and a
// namespace that is about to go.
func TestRecordsInOddPlaces(t *testing.T) {
	s := apiServer(t)
	helm := helms()[1]
	store, target := s.Namespace(t, "store"), s.Namespace(t, "target")
	home := newHome(t, "KUBECONFIG="+s.Worker(t, store, "helm").Kubeconfig)
	home.mustHelm(t, helm, "install", "moved", "testdata/charts/ordinary", "-n", target)
	moveRecord(t, s, "sh.helm.release.v1.moved.v1", target, store)

	reader := s.User(t, store, "reader", apiserver.Rule("", []string{"secrets"}, []string{"get", "list"}))
	newest, _, err := connect(t, reader).Records(cluster.Secrets).Newest(t.Context(), store, "moved")
	if err != nil || newest.Namespace != target {
		t.Errorf("%v: the release deploys to %s, not to %q", err, target, newest.Namespace)
	}

	nobody := s.User(t, store, "nobody")
	_, _, err = connect(t, nobody).Records(cluster.Secrets).Newest(t.Context(), store, "moved")
	refusedBecause(t, err, `list secrets in namespace "`+store+`"`, "kubectl --context e2e auth can-i list secrets -n "+store)
	lister := s.User(t, store, "lister", apiserver.Rule("", []string{"secrets"}, []string{"list"}))
	_, _, err = connect(t, lister).Records(cluster.Secrets).Newest(t.Context(), store, "moved")
	refusedBecause(t, err, `get secrets sh.helm.release.v1.moved.v1 in namespace "`+store+`"`, "auth can-i get secrets")

	nobody.Token = "expired"
	stranger := genericclioptions.NewConfigFlags(false)
	stranger.KubeConfig, stranger.BearerToken = &nobody.Kubeconfig, &nobody.Token
	client, err := cluster.Connect(stranger, "helm-hooks/e2e")
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = client.Records(cluster.Secrets).Newest(t.Context(), store, "moved")
	refusedBecause(t, err, "Unauthorized", "kubectl --context e2e auth whoami")

	// A user who may not look into other namespaces is told less, but is told.
	_, _, err = connect(t, reader).Records(cluster.Secrets).Newest(t.Context(), store, "mvoed")
	foundNearby(t, err, "did you mean moved?")
	_, _, err = connect(t, s.Worker(t, store, "worker")).Records(cluster.Secrets).Newest(t.Context(), target, "moved")
	foundNearby(t, err, "-n "+store)

	if err := s.Client().CoreV1().Namespaces().Delete(t.Context(), store, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, _, err = connect(t, reader).Records(cluster.Secrets).Newest(t.Context(), store, "moved"); err != nil {
		t.Errorf("in a terminating namespace: %v", err)
	}
}

func moveRecord(t *testing.T, s *apiserver.Server, name, from, to string) {
	t.Helper()
	secrets := s.Client().CoreV1()
	secret, err := secrets.Secrets(from).Get(t.Context(), name, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := secrets.Secrets(from).Delete(t.Context(), name, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	secret.ObjectMeta = metav1.ObjectMeta{Name: name, Labels: secret.Labels}
	if _, err := secrets.Secrets(to).Create(t.Context(), secret, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
}

func refusedBecause(t *testing.T, err error, words, hint string) {
	t.Helper()
	var known *cluster.Error
	if !errors.As(err, &known) || !strings.Contains(err.Error(), words) || !strings.Contains(known.Hint, hint) {
		t.Errorf("%v, %+v", err, known)
	}
}

func foundNearby(t *testing.T, err error, hint string) {
	t.Helper()
	var missing *cluster.NotFoundError
	if !errors.As(err, &missing) || !strings.Contains(missing.Hint(), hint) {
		t.Errorf("%v", err)
	}
}
