//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/helm-hooks/helm-hooks/internal/cluster"
	"github.com/helm-hooks/helm-hooks/test/e2e/apiserver"
)

// move is one Helm command of a life, and what goes wrong in it.
type move struct {
	// args are Helm's words, without the release; CHART is the chart's path.
	args string
	// fates settle what becomes of Jobs from here on: NAME=succeed, fail or never.
	fates string
	// flags are those of our plan: the fates in its words.
	flags string
}

// life is what a release goes through.
type life struct {
	name, chart string
	moves       []move
}

// ownChart has a hook for each event and a ConfigMap: nothing that --wait could wait for in vain, as no kubelet is there
// to make Deployments ready.
const ownChart = "one of our own"

// quick is the timeout of commands in which something does not end.
const quick = "--timeout 3s"

// lives cover each action, in success and failure, over what testdata has. Left out is crd-hook: whether the server serves
// a kind by the time that the next hook needs it is a race, and its definition is the whole cluster's.
func lives() []life {
	well := func(name, chart string) life {
		return life{name, chart, []move{
			{args: "install r CHART"},
			{args: "upgrade r CHART"},
			{args: "upgrade r CHART"},
			{args: "rollback r 1"},
			{args: "test r"},
			{args: "rollback r"},
			{args: "uninstall r"},
		}}
	}
	return []life{
		well("every event", "every-event"), well("the demo", "shop"), well("ties", "order-ties"), well("policies", "policies"),
		well("odd weights", "weights-odd"), well("odd events", "events-odd"),
		well("subcharts", "subcharts"), well("revisions", "revision-aware"), well("lists", "lists"), well("clashes", "names-clash"),
		{"with --wait", "policies", []move{
			{args: "install r CHART --wait"}, {args: "upgrade r CHART --wait"}, {args: "rollback r --wait"}, {args: "uninstall r --wait"},
		}},
		{"a failing install, mended", "shop", []move{
			{args: "install r CHART", fates: "r-shop-smoke-test=fail", flags: "--fail Job/r-shop-smoke-test"},
			{args: "upgrade r CHART", fates: "r-shop-smoke-test=fail", flags: "--fail Job/r-shop-smoke-test"},
			{args: "upgrade r CHART", fates: "r-shop-smoke-test=succeed"},
			{args: "uninstall r"},
		}},
		{"an atomic install and upgrade that fail", ownChart, []move{
			{args: "install r CHART --atomic", fates: "post-install=fail", flags: "--fail Job/post-install"},
			{args: "install r CHART --atomic", fates: "post-install=succeed"},
			{args: "upgrade r CHART --atomic", fates: "pre-upgrade=fail", flags: "--fail Job/pre-upgrade"},
			{args: "upgrade r CHART --atomic", fates: "pre-upgrade=succeed post-upgrade=fail", flags: "--fail Job/post-upgrade"},
			{args: "rollback r", fates: "post-upgrade=succeed"},
			{args: "rollback r 1", fates: "post-rollback=fail", flags: "--fail Job/post-rollback"},
			{args: "upgrade r CHART", fates: "post-rollback=succeed"},
			{args: "rollback r 1"},
			{args: "uninstall r --keep-history"},
			{args: "rollback r 1"},
			{args: "uninstall r --wait"},
		}},
		{"a hook that does not end", "shop", []move{
			{args: "install r CHART"},
			{args: "upgrade r CHART " + quick, fates: "r-shop-migrate=never", flags: "--fail Job/r-shop-migrate:timeout"},
			{args: "upgrade r CHART", fates: "r-shop-migrate=succeed"},
			{args: "uninstall r --no-hooks"},
		}},
		{"failing deletions", "every-event", []move{
			{args: "install r CHART"},
			{args: "uninstall r", fates: "pre-delete=fail", flags: "--fail Job/pre-delete"},
			{args: "uninstall r --no-hooks"},
		}},
	}
}

// What real Helm does on a real API server is what the plan of the release says just before: the same objects made
// and deleted in the same order, the same history, the same leftovers.
func TestLives(t *testing.T) {
	bin := filepath.Join(built(t), "helm-hooks")
	s := apiServer(t)
	for _, helm := range helms() {
		for _, one := range lives() {
			t.Run(helm.version+"/"+one.name, func(t *testing.T) {
				if one.chart == "order-ties" {
					elsewhere(t, s, "tie-a", "tie-b", "tie-c")
				} else {
					t.Parallel()
				}
				namespace := s.Namespace(t, "lives")
				access := s.Worker(t, namespace, "helm")
				l := &living{t: t, server: s, helm: helm, access: access, bin: bin, namespace: namespace, chart: "testdata/charts/" + one.chart}
				l.home = newHome(t, "KUBECONFIG="+access.Kubeconfig)
				if one.chart == ownChart {
					l.chart = writeChart(t, l.home.dir)
				}
				for _, m := range one.moves {
					if !l.play(m) {
						return
					}
				}
			})
		}
	}
}

// living is a life being lived.
type living struct {
	t                     *testing.T
	server                *apiserver.Server
	helm                  helm
	access                apiserver.Access
	home                  home
	bin, namespace, chart string
}

// foretold is what our plan says of one action.
type foretold struct {
	Timelines []struct {
		Action     string
		Operations []struct {
			Op, Phase string
			Hook      bool
			Object    *wireObject
			Objects   []wireObject
		}
		Outcome struct {
			Result, Prediction, Error string
			History                   []struct {
				Revision int
				Status   string
			}
			Left []wireObject
		}
	}
}

type wireObject struct{ APIVersion, Kind, Namespace, Name string }

// resource is how the API server calls the object.
func (o wireObject) resource() string {
	plural := strings.ToLower(o.Kind) + "s"
	if strings.HasSuffix(o.Kind, "y") {
		plural = strings.ToLower(strings.TrimSuffix(o.Kind, "y")) + "ies"
	}
	return plural + "/" + o.Name
}

func (l *living) play(m move) bool {
	l.t.Helper()
	for fate := range strings.FieldsSeq(m.fates) {
		name, outcome, _ := strings.Cut(fate, "=")
		l.server.Decide(l.namespace, name, apiserver.Fate{Outcome: outcome})
	}
	told := l.foretell(m)
	since := mark(l.t, l.server)
	done := l.home.run(l.t, l.helm.path(), strings.Fields(strings.ReplaceAll(m.args, "CHART", l.chart))...)
	if len(told.Timelines) != 1 {
		l.t.Errorf("%s: %d timelines", m.args, len(told.Timelines))
		return false
	}
	line := told.Timelines[0]
	if (done.code == 0) != (line.Outcome.Result == "succeeded") {
		l.t.Errorf("%s: Helm ends with %d (%s), the plan says %s (%s)", m.args, done.code, done.stderr, line.Outcome.Result, line.Outcome.Error)
		return false
	}
	want, groups, kinds := expected(told)
	got, met := l.observed(since, kinds)
	if !slices.Equal(got, want) {
		l.t.Errorf("%s: Helm has sent\n  %s\nthe plan says\n  %s", m.args, strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
	for _, at := range met {
		if !slices.Contains(groups, at) {
			l.t.Errorf("%s: ordinary objects were changed after %d hook calls, the plan says after %v", m.args, at, groups)
		}
	}
	var history []string
	for _, r := range line.Outcome.History {
		history = append(history, fmt.Sprintf("%d %s", r.Revision, r.Status))
	}
	if helms := l.history(); !slices.Equal(helms, history) {
		l.t.Errorf("%s: Helm's history is %q, the plan's %q", m.args, helms, history)
	}
	l.compareLeft(m, told)
	return !l.t.Failed()
}

// foretell asks for the plan of the release as it is in the cluster.
func (l *living) foretell(m move) foretold {
	l.t.Helper()
	words := strings.Fields(m.args)
	args := []string{"plan", "r", "--engine", l.helm.engine, "-o", "json", "--action", words[0]}
	if words[0] == "install" || words[0] == "upgrade" {
		args = append(args, "--chart", l.chart)
	}
	for i, word := range words[2:] {
		switch {
		case word == "CHART":
		case words[0] == "rollback" && i == 0 && !strings.HasPrefix(word, "-"):
			args = append(args, "--revision", word)
		case word == "--atomic" && l.helm.engine == "helm4":
			args = append(args, "--rollback-on-failure")
		default:
			args = append(args, word)
		}
	}
	got := l.home.run(l.t, l.bin, append(args, strings.Fields(m.flags)...)...)
	got.succeeds(l.t, "plan "+m.args)
	var told foretold
	if err := json.Unmarshal([]byte(got.stdout), &told); err != nil {
		l.t.Fatal(err)
	}
	return told
}

// expected are the calls for hooks, in order; groups says after how many of them ordinary objects are changed, and
// hooks are the objects that only hooks have: who changed one that both have, the audit log does not tell.
func expected(told foretold) (want []string, groups []int, hooks map[string]bool) {
	hooks = map[string]bool{}
	ordinary := map[string]bool{}
	for _, op := range told.Timelines[0].Operations {
		for _, o := range op.Objects {
			ordinary[o.resource()] = ordinary[o.resource()] || !op.Hook
		}
	}
	for _, op := range told.Timelines[0].Operations {
		verb := map[string]string{"delete": "delete", "create": "create", "apply": "patch"}[op.Op]
		if !op.Hook {
			groups = append(groups, len(want))
			continue
		}
		objects := op.Objects
		if op.Object != nil {
			objects = []wireObject{*op.Object}
		}
		for _, o := range objects {
			if ordinary[o.resource()] {
				continue
			}
			hooks[o.resource()] = true
			if verb != "" {
				want = append(want, verb+" "+o.resource())
			}
		}
	}
	return want, groups, hooks
}

// observed are the calls that change hooks' objects; met says after how many of them ordinary objects were changed.
func (l *living) observed(since apiserver.Mark, hooks map[string]bool) (got []string, met []int) {
	l.t.Helper()
	all, err := l.server.Calls(since, l.access.User)
	if err != nil {
		l.t.Fatal(err)
	}
	for _, call := range all {
		if !strings.HasPrefix(call.Agent, "Helm/") && !strings.HasPrefix(call.Agent, "helm") {
			continue // ours, and that reads only
		}
		name := call.Resource + "/" + call.Name
		switch {
		case !slices.Contains([]string{"create", "patch", "update", "delete"}, call.Verb), strings.HasPrefix(call.Name, "sh.helm.release."):
		case hooks[name]:
			got = append(got, call.Verb+" "+name)
		default:
			met = append(met, len(got))
		}
	}
	return got, slices.Compact(met)
}

// history is Helm's own; none where the release is gone.
func (l *living) history() []string {
	l.t.Helper()
	got := l.home.run(l.t, l.helm.path(), "history", "r", "-o", "json")
	if got.code != 0 && strings.Contains(got.stderr, "not found") {
		return nil
	}
	var lines []history
	if err := json.Unmarshal([]byte(got.stdout), &lines); err != nil {
		l.t.Fatalf("%v: %s", err, got.stderr)
	}
	var said []string
	for _, line := range lines {
		said = append(said, fmt.Sprintf("%d %s", line.Revision, line.Status))
	}
	return said
}

// compareLeft looks up each object that the action touches for a hook: it is there if the plan says so.
func (l *living) compareLeft(m move, told foretold) {
	l.t.Helper()
	left := map[wireObject]bool{}
	var wanted []cluster.Wanted
	add := func(o wireObject, is bool) {
		if _, known := left[o]; !known {
			wanted = append(wanted, cluster.Wanted(o))
		}
		left[o] = left[o] || is
	}
	for _, o := range told.Timelines[0].Outcome.Left {
		add(o, true)
	}
	for _, op := range told.Timelines[0].Operations {
		if op.Hook && op.Object != nil && op.Op != "record" {
			add(*op.Object, false)
		}
	}
	for _, seen := range l.settled(wanted) {
		if o := wireObject(seen.Wanted); seen.Err != nil || seen.Exists != left[o] {
			l.t.Errorf("%s: %s/%s exists: %v (%v), the plan says %v", m.args, o.Kind, o.Name, seen.Exists, seen.Err, left[o])
		}
	}
}

// settled looks until nothing is on its way out any more: Helm 4 does not wait for its deletions.
func (l *living) settled(wanted []cluster.Wanted) []cluster.Seen {
	l.t.Helper()
	client := connect(l.t, l.access)
	deadline := time.Now().Add(10 * time.Second)
	for {
		seen, err := client.Look(l.t.Context(), wanted)
		if err != nil {
			l.t.Fatal(err)
		}
		leaving := slices.ContainsFunc(seen, func(s cluster.Seen) bool { return !s.Deleting.IsZero() })
		if !leaving || time.Now().After(deadline) {
			return seen
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// elsewhere makes the namespaces in which some hooks of a chart live. They are one cluster's, so that lives with them
// come one after the other.
func elsewhere(t *testing.T, s *apiserver.Server, names ...string) {
	t.Helper()
	for _, name := range names {
		object := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
		if _, err := s.Client().CoreV1().Namespaces().Create(t.Context(), object, metav1.CreateOptions{}); err != nil && !apierrors.IsAlreadyExists(err) {
			t.Fatal(err)
		}
	}
}

// writeChart makes ownChart.
func writeChart(t *testing.T, dir string) string {
	t.Helper()
	var hooks strings.Builder
	hooks.WriteString("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n")
	for _, event := range []string{"pre-install", "post-install", "pre-upgrade", "post-upgrade", "pre-rollback", "post-rollback", "pre-delete", "post-delete"} {
		for name, policy := range map[string]string{event: "before-hook-creation", event + "-tidy": "before-hook-creation,hook-succeeded,hook-failed"} {
			fmt.Fprintf(&hooks, `---
apiVersion: batch/v1
kind: Job
metadata: {name: %s, annotations: {helm.sh/hook: %s, helm.sh/hook-delete-policy: "%s"}}
spec: {backoffLimit: 0, template: {spec: {restartPolicy: Never, containers: [{name: main, image: example.org/main}]}}}
`, name, event, policy)
		}
	}
	chart := filepath.Join(dir, "chart")
	for name, text := range map[string]string{"Chart.yaml": "apiVersion: v2\nname: own\nversion: 1.0.0\n", "templates/hooks.yaml": hooks.String()} {
		path := filepath.Join(chart, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return chart
}
