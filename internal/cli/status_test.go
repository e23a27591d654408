package cli

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/helm-hooks/helm-hooks/test/schema"
)

func statusIn(t *testing.T, api *statusAPI, arguments ...string) answer {
	t.Helper()
	return run(t, nil, func(env *Env) { env.Now = listNow }, append([]string{"status", "--kubeconfig", api.start(t)}, arguments...)...)
}

func contains(t *testing.T, text string, words ...string) {
	t.Helper()
	for _, one := range words {
		if !strings.Contains(text, one) {
			t.Errorf("%q is not said in:\n%s", one, text)
		}
	}
}

func Test_status_of_a_failed_install(t *testing.T) {
	api := failedInstall()
	got := statusIn(t, api, "shop")
	if got.code != 0 || got.stderr != "" {
		t.Fatalf("exit code %d, stderr %q", got.code, got.stderr)
	}
	contains(
		t, got.stdout, "The install of shop failed 10m ago: its post-install hook Job/smoke failed: exit code 3.",
		"container main ended with exit code 3 (BackoffLimitExceeded)", "Job has reached the specified backoff limit",
		"helm-hooks status shop -n web --context dev --logs", "kubectl --context dev logs -n web pod/smoke-x7f2c --all-containers --tail=50",
		"gone: nobody knows by whom", "WAY OUT", "helm upgrade --install shop CHART -n web --kube-context dev",
	)
	if strings.Contains(got.stdout, "table users exists") {
		t.Error("logs are shown though nobody asked for them")
	}
	const core = "GET /api/v1/namespaces/web/"
	want := []string{
		"GET /apis/batch/v1/namespaces/web/jobs/migrate", "GET /apis/batch/v1/namespaces/web/jobs/smoke",
		core + "events", core + "events", core + "pods", core + "secrets", core + "secrets/sh.helm.release.v1.shop.v1",
	}
	slices.Sort(want)
	if asked := api.asked(); !slices.Equal(asked, want) {
		t.Errorf("asked for %q", asked)
	}
}

func Test_status_shows_the_end_of_logs_without_secrets(t *testing.T) {
	got := statusIn(t, failedInstall(), "shop", "--logs", "--tail", "5")
	contains(t, got.stdout, "container main of Pod smoke-x7f2c (1 secret taken out)", "password=[redacted]", "│ table users exists")
	if strings.Contains(got.stdout, "hunter2") || strings.Contains(got.stdout, "\x1b") {
		t.Error(got.stdout)
	}
}

func Test_status_as_JSON(t *testing.T) {
	inRepository(t)
	strict := schema.Strict(t, "docs/schema", "releasehooks")
	for _, api := range []*statusAPI{failedInstall(), {records: []storedRecord{{namespace: "web", release: "shop", revision: 1, status: "pending-install", age: time.Hour}}}} {
		got := statusIn(t, api, "shop", "-o", "json", "--logs")
		schema.Validate(t, strict, []byte(got.stdout))
		if got.code != 0 || got.stderr != "" || strings.Contains(got.stdout, "hunter2") {
			t.Errorf("exit code %d, stderr %q", got.code, got.stderr)
		}
	}
	var document struct{ State, AsOf string }
	if err := json.Unmarshal([]byte(statusIn(t, failedInstall(), "shop", "-o", "json").stdout), &document); err != nil || document.State != "failed" || document.AsOf != "2026-11-03T12:00:00Z" {
		t.Errorf("%+v, %v", document, err)
	}
}

func Test_status_exits_with_2_only_when_asked_and_something_is_wrong(t *testing.T) {
	well := &statusAPI{records: []storedRecord{{namespace: "web", release: "shop", revision: 1, status: "deployed", age: time.Hour}}}
	stuck := &statusAPI{records: []storedRecord{{namespace: "web", release: "shop", revision: 1, status: "pending-install", age: time.Hour}}}
	busy := &statusAPI{records: []storedRecord{{namespace: "web", release: "shop", revision: 1, status: "pending-install", age: time.Minute}}}
	for _, c := range []struct {
		name  string
		api   *statusAPI
		flags []string
		code  int
	}{
		{"failed", failedInstall(), nil, 0},
		{"failed, asked", failedInstall(), []string{"--exit-code"}, 2},
		{"stuck, asked", stuck, []string{"--exit-code"}, 2},
		{"perhaps at work, asked", busy, []string{"--exit-code"}, 0},
		{"well, asked", well, []string{"--exit-code"}, 0},
	} {
		if got := statusIn(t, c.api, append([]string{"shop"}, c.flags...)...); got.code != c.code {
			t.Errorf("%s: %d, want %d\n%s%s", c.name, got.code, c.code, got.stdout, got.stderr)
		}
	}
}

// What may not be read is said, where it belongs, and the rest is told.
func Test_status_tells_the_rest_when_something_cannot_be_read(t *testing.T) {
	forbid := func(what ...string) func(r *http.Request) int {
		return func(r *http.Request) int {
			if slices.ContainsFunc(what, func(one string) bool { return strings.HasSuffix(r.URL.Path, one) }) {
				return http.StatusForbidden
			}
			return 0
		}
	}
	for _, c := range []struct {
		name   string
		before func(r *http.Request) int
		words  []string
	}{
		{"Pods", forbid("/pods"), []string{"its post-install hook Job/smoke failed: BackoffLimitExceeded", "not known its Pods: list pods in namespace \"web\"", "auth can-i list pods -n web"}},
		{"events", forbid("/events"), []string{"failed: exit code 3", "not known the events of Job/smoke", "auth can-i list events -n web"}},
		{"logs", forbid("/log"), []string{"failed: exit code 3", "not known the log of container main", "--subresource=log", "all of it kubectl"}},
		{"no log", func(r *http.Request) int {
			if strings.HasSuffix(r.URL.Path, "/log") {
				return http.StatusNotFound
			}
			return 0
		}, []string{"the log of container main: no log"}},
		{"Jobs", forbid("/migrate", "/smoke"), []string{"its post-install hook Job/smoke failed", "not known: get jobs.batch smoke", "UNKNOWN", "planned is what the release's records say"}},
		{"a server in trouble", func(r *http.Request) int {
			if strings.HasSuffix(r.URL.Path, "/pods") {
				return http.StatusInternalServerError
			}
			return 0
		}, []string{"not known its Pods", "WAY OUT"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			api := failedInstall()
			api.before = c.before
			got := statusIn(t, api, "shop", "--logs")
			if got.code != 0 || got.stderr != "" {
				t.Errorf("exit code %d, stderr %q", got.code, got.stderr)
			}
			contains(t, got.stdout, c.words...)
			if strings.Contains(got.stdout, "--offline") {
				t.Error("names a flag that is not there")
			}
		})
	}
}

func Test_status_does_not_wait_for_a_slow_server(t *testing.T) {
	api := failedInstall()
	api.before = func(r *http.Request) int {
		if strings.HasSuffix(r.URL.Path, "/pods") {
			select {
			case <-r.Context().Done():
			case <-time.After(time.Minute):
			}
		}
		return 0
	}
	got := statusIn(t, api, "shop", "--request-timeout", "300ms")
	if got.code != 0 {
		t.Fatalf("exit code %d, stderr %q", got.code, got.stderr)
	}
	contains(t, got.stdout, "Job/smoke failed: BackoffLimitExceeded", "did not answer in time")
}

func Test_an_older_record_that_cannot_be_read_leaves_the_rest(t *testing.T) {
	api := &statusAPI{records: []storedRecord{
		{namespace: "web", release: "shop", revision: 1, status: "superseded", age: 2 * time.Hour, spoiled: []byte("****")},
		{namespace: "web", release: "shop", revision: 2, status: "deployed", age: time.Hour, hooks: storedHook("migrate", "pre-upgrade", "Succeeded", 59*time.Minute)},
	}}
	got := statusIn(t, api, "shop")
	if got.code != 0 || got.stderr != "" {
		t.Fatalf("exit code %d, stderr %q", got.code, got.stderr)
	}
	contains(t, got.stdout, "shop is deployed; the one hook of the last upgrade succeeded", "what is in it could not be read", "? history: revision 1 cannot be read", "? next: what comes next cannot be planned")
}

func Test_status_refuses_what_it_cannot_take(t *testing.T) {
	api := failedInstall()
	for _, c := range []struct {
		arguments []string
		words     []string
	}{
		{[]string{}, []string{"no release given", "helm-hooks list"}},
		{[]string{"shop", "cart"}, []string{"one release at a time, but got 2: shop, cart"}},
		{[]string{""}, []string{"the release's name is empty"}},
		{[]string{"./shop"}, []string{"status is about a release in a cluster, and ./shop is none", "helm-hooks plan ./shop"}},
		{[]string{"oci://x/shop"}, []string{"and oci://x/shop is none"}},
		{[]string{"web/shop"}, []string{"helm-hooks status shop -n web"}},
		{[]string{"release/shop"}, []string{"takes the release's name alone", "helm-hooks status shop"}},
		{[]string{"shop", "-o", "tree"}, []string{`unknown output format "tree": valid are text, json, yaml`}},
		{[]string{"shop", "-o", ""}, []string{"--output is empty"}},
		{[]string{"shop", "--tail", "5"}, []string{"--tail says how many lines --logs shows", "add --logs"}},
		{[]string{"shop", "--logs", "--tail", "0"}, []string{"--tail 0: at least one line"}},
		{[]string{"shop", "--engine", "helm2"}, []string{"helm2"}},
		{[]string{"shp"}, []string{"shp", "did you mean shop?"}},
		{[]string{"SHOP"}, []string{"error:"}},
	} {
		got := statusIn(t, api, c.arguments...)
		if got.code != 1 || got.stdout != "" {
			t.Errorf("%q: exit code %d, stdout %q", c.arguments, got.code, got.stdout)
		}
		contains(t, got.stderr, c.words...)
	}
}

func Test_releases_are_offered_for_completion(t *testing.T) {
	api := &statusAPI{records: []storedRecord{
		{namespace: "web", release: "shop", revision: 1, status: "superseded"},
		{namespace: "web", release: "shop", revision: 2, status: "deployed"},
		{namespace: "web", release: "cart", revision: 1, status: "deployed"},
	}}
	config := api.start(t)
	for _, c := range []struct {
		arguments []string
		want      string
	}{
		{[]string{"status", "--kubeconfig", config, ""}, "cart\nshop\n:4\n"},
		{[]string{"plan", "--kubeconfig", config, ""}, "cart\nshop\n:0\n"},
		{[]string{"plan", "--kubeconfig", config, "./"}, ":0\n"},
		{[]string{"status", "--kubeconfig", config, "shop", ""}, ":4\n"},
		{[]string{"status", "--kubeconfig", config + ".none", ""}, ":4\n"},
	} {
		got := run(t, nil, nil, append([]string{"__complete"}, c.arguments...)...)
		if got.stdout != c.want {
			t.Errorf("%q: %q, want %q", c.arguments, got.stdout, c.want)
		}
	}
}
