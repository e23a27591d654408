package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/helm-hooks/helm-hooks/test/schema"
)

func listIn(t *testing.T, kubeconfig string, arguments ...string) answer {
	t.Helper()
	return run(t, nil, func(env *Env) { env.Now = listNow }, append([]string{"list", "--kubeconfig", kubeconfig}, arguments...)...)
}

const (
	aHook      = `{"name":"migrate","kind":"Job","path":"shop/templates/migrate.yaml","events":["pre-install","pre-upgrade"]}`
	aTest      = `{"name":"probe","kind":"Pod","path":"shop/templates/probe.yaml","events":["test"]}`
	failedHook = `{"name":"migrate","kind":"Job","events":["pre-upgrade"],"last_run":{"started_at":"2026-11-03T08:59:00Z","completed_at":"2026-11-03T09:00:00Z","phase":"Failed"}}`
	deadHook   = `{"name":"warm","kind":"Job","events":["post-upgrade"],"last_run":{"started_at":"2026-11-03T09:30:00Z","phase":"Running"}}`
	liveHook   = `{"name":"warm","kind":"Job","events":["post-upgrade"],"last_run":{"started_at":"2026-11-03T11:59:30Z","phase":"Running"}}`
)

func releasesOfDev() []storedRecord {
	const hour, minute = time.Hour, time.Minute
	return []storedRecord{
		{namespace: "web", release: "shop", revision: 1, status: "superseded", age: 9 * hour, hooks: failedHook},
		{namespace: "web", release: "shop", revision: 2, status: "deployed", age: 8 * hour, hooks: aHook + "," + aTest},
		{namespace: "web", release: "plain", revision: 1, status: "deployed", age: hour},
		{namespace: "web", release: "broken", revision: 3, status: "failed", age: 3 * hour, hooks: failedHook + "," + deadHook},
		{namespace: "web", release: "stuck", revision: 2, status: "pending-upgrade", age: 5 * hour, hooks: deadHook},
		{namespace: "web", release: "busy", revision: 2, status: "pending-upgrade", age: 2 * minute, hooks: liveHook, labels: map[string]string{"team": "a"}},
		{namespace: "web", release: "tested", revision: 1, status: "deployed", age: hour, hooks: liveHook},
		{namespace: "tmp", release: "going", revision: 4, status: "uninstalling", age: 11 * minute, hooks: aHook},
		{namespace: "tmp", release: "bare", revision: 1, status: "pending-install", age: hour},
	}
}

func Test_list_shows_releases_with_hooks(t *testing.T) {
	config := recordsAPI(t, releasesOfDev(), nil)
	for _, c := range []struct {
		name      string
		arguments []string
		stdout    string
		stderr    string
	}{
		{"one namespace", nil, `context dev · namespace web · 5 of 6 releases
NAME    REVISION  STATUS           HOOKS                               LAST HOOK FAILURE                              STUCK
broken  3         failed           2 (2 upgrade)                       Job/warm (post-upgrade) did not finish 150m ago, and 1 more   -
busy    2         pending-upgrade  1 (1 upgrade)                       -                                              not yet (2m)
shop    2         deployed         2 (1 install, 1 upgrade, 1 test)    -                                              -
stuck   2         pending-upgrade  1 (1 upgrade)                       Job/warm (post-upgrade) did not finish 150m ago  for 5h
tested  1         deployed         1 (1 upgrade)                       -                                              -
`, "1 release without hooks is not shown; --all shows them\n"},
		{"names of all", []string{"-A", "-a", "-o", "name"}, "tmp/bare\ntmp/going\nweb/broken\nweb/busy\nweb/plain\nweb/shop\nweb/stuck\nweb/tested\n", ""},
		{"names of one namespace", []string{"-n", "tmp", "-o", "name"}, "going\n", ""},
		{"-A before -n", []string{"-n", "tmp", "-A", "--failed", "-o", "name"}, "web/broken\nweb/stuck\n", ""},
		{"failed", []string{"--failed", "-o", "name"}, "broken\nstuck\n", ""},
		{"stuck", []string{"-A", "--stuck", "-o", "name"}, "tmp/going\nweb/stuck\n", ""},
		{"stuck, without hooks too", []string{"-A", "--stuck", "--all", "-o", "name"}, "tmp/bare\ntmp/going\nweb/stuck\n", ""},
		{"failed or stuck", []string{"-A", "--stuck", "--failed", "-o", "name"}, "tmp/going\nweb/broken\nweb/stuck\n", ""},
		{"a label", []string{"-l", "team=a", "-o", "name"}, "busy\n", ""},
		{"a release that has been replaced", []string{"-l", "status=superseded", "-o", "name"}, "", "no releases with hooks in namespace \"web\"\n"},
		{"an empty namespace", []string{"-n", "nothing"}, "", "no releases with hooks in namespace \"nothing\"\n"},
		{"nothing stuck here", []string{"-n", "nothing", "--stuck", "-a", "-o", "name"}, "", "no releases that are stuck in namespace \"nothing\"\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := listIn(t, config, c.arguments...)
			squeeze := func(text string) string {
				lines := strings.Split(text, "\n")
				for i, line := range lines {
					lines[i] = strings.Join(strings.Fields(line), " ")
				}
				return strings.Join(lines, "\n")
			}
			if diff := gocmp.Diff(squeeze(c.stdout), squeeze(got.stdout)); diff != "" || got.code != 0 || got.stderr != c.stderr {
				t.Errorf("exit code %d, stderr %q\n%s", got.code, got.stderr, diff)
			}
		})
	}
}

func Test_list_as_JSON(t *testing.T) {
	inRepository(t)
	strict := schema.Strict(t, "docs/schema", "releasehookslist")
	config := recordsAPI(t, releasesOfDev(), nil)
	got := listIn(t, config, "-A", "-o", "json", "--all")
	schema.Validate(t, strict, []byte(got.stdout))
	var document struct {
		Namespace *string
		Counts    struct{ Releases, Shown, WithoutHooksNotShown int }
		Items     []struct {
			Name    string
			Pending *struct{ Stuck bool }
			Hooks   struct {
				Total    int
				ByAction map[string]int
			}
			TroubledHooks []struct{ Running bool }
		}
	}
	if err := json.Unmarshal([]byte(got.stdout), &document); err != nil || got.code != 0 || got.stderr != "" {
		t.Fatalf("%v, %+v", err, got)
	}
	if document.Namespace != nil || document.Counts.Releases != 8 || document.Counts.Shown != 8 || document.Counts.WithoutHooksNotShown != 0 {
		t.Errorf("%+v", document)
	}
	for _, item := range document.Items {
		switch item.Name {
		case "shop":
			if item.Pending != nil || item.Hooks.Total != 2 || item.Hooks.ByAction["install"] != 1 || item.Hooks.ByAction["test"] != 1 {
				t.Errorf("%+v", item)
			}
		case "busy", "tested":
			if item.Pending != nil && item.Pending.Stuck || len(item.TroubledHooks) != 1 || !item.TroubledHooks[0].Running {
				t.Errorf("%+v", item)
			}
		}
	}
	again, yaml := listIn(t, config, "-A", "-o", "json", "--all"), listIn(t, config, "-n", "nothing", "-o", "yaml")
	if again.stdout != got.stdout || !strings.Contains(yaml.stdout, "items: []\n") || yaml.stderr != "" || yaml.code != 0 {
		t.Errorf("not the same twice, or %+v", yaml)
	}
}

func Test_list_tells_the_rest_when_something_cannot_be_read(t *testing.T) {
	inRepository(t)
	strict := schema.Strict(t, "docs/schema", "releasehookslist")
	records := append(
		releasesOfDev(), storedRecord{namespace: "web", release: "torn", revision: 1, status: "pending-install", age: time.Hour, spoiled: []byte("H4sI")},
		storedRecord{namespace: "web", release: "alien", revision: 1, status: "deployed", spoiled: storedRecord{release: "other", revision: 1}.data()},
	)
	config := recordsAPI(t, records, nil)
	got := listIn(t, config)
	for _, want := range []string{"torn", "alien", "unknown: the record cannot be read", "for 60m", "shop"} {
		if !strings.Contains(got.stdout, want) {
			t.Errorf("%q is missing:\n%s", want, got.stdout)
		}
	}
	for _, want := range []string{"error: Secret sh.helm.release.v1.torn.v1 in namespace \"web\": record", "holds revision 1 of release \"other\"", "hint: Helm passes over"} {
		if !strings.Contains(got.stderr, want) {
			t.Errorf("%q is missing:\n%s", want, got.stderr)
		}
	}
	if got.code != 1 {
		t.Errorf("exit code %d", got.code)
	}
	document := listIn(t, config, "-o", "json")
	schema.Validate(t, strict, []byte(document.stdout))
	if document.code != 1 || !strings.Contains(document.stdout, `"object": "sh.helm.release.v1.alien.v1"`) || !strings.Contains(document.stdout, `"unread": 2`) {
		t.Errorf("%+v", document)
	}

	var many []storedRecord
	for i := range 30 {
		many = append(many, storedRecord{namespace: "web", release: fmt.Sprintf("torn-%02d", i), revision: 1, status: "deployed", spoiled: []byte("****")})
	}
	got = listIn(t, recordsAPI(t, many, nil))
	if lines := strings.Count(got.stderr, "error:"); lines != complained+2 || !strings.Contains(got.stderr, "19 more records could not be read\nhint: -o json names them all") {
		t.Errorf("%d errors:\n%s", lines, got.stderr)
	}
}

func Test_list_where_nothing_may_be_read(t *testing.T) {
	inRepository(t)
	refused := recordsAPI(t, nil, func(*http.Request) int { return http.StatusForbidden })
	got := listIn(t, refused, "-A")
	if got.code != 1 || got.stdout != "" || !strings.Contains(got.stderr, "list secrets in all namespaces") || !strings.Contains(got.stderr, "-n NAMESPACE lists one namespace") {
		t.Errorf("%+v", got)
	}
	got = listIn(t, refused, "-A", "-o", "json")
	schema.Validate(t, schema.Strict(t, "docs/schema", "releasehookslist"), []byte(got.stdout))
	if got.code != 1 || !strings.Contains(got.stdout, `"items": null`) {
		t.Errorf("%+v", got)
	}
	// The metadata come, and then the server is in trouble.
	half := recordsAPI(t, releasesOfDev(), func(r *http.Request) int {
		if strings.Contains(r.Header.Get("Accept"), "as=PartialObjectMetadataList") {
			return 0
		}
		return http.StatusInternalServerError
	})
	got = listIn(t, half)
	if got.code != 1 || !strings.Contains(got.stdout, "broken") || !strings.Contains(got.stderr, "try again later") {
		t.Errorf("%+v", got)
	}
	gone := listIn(t, writeKubeconfig(t, "http://127.0.0.1:1"))
	if gone.code != 1 || gone.stdout != "" || !strings.Contains(gone.stderr, "cannot reach the API server") {
		t.Errorf("%+v", gone)
	}
	slow := recordsAPI(t, nil, func(r *http.Request) int {
		<-r.Context().Done()
		return http.StatusGatewayTimeout
	})
	if got = listIn(t, slow, "--request-timeout", "50ms"); got.code != 1 || !strings.Contains(got.stderr, "--request-timeout says how long") {
		t.Errorf("%+v", got)
	}
}

func Test_list_refuses_what_it_cannot_take(t *testing.T) {
	for _, c := range []struct {
		arguments []string
		words     []string
	}{
		{[]string{"list", "shop"}, []string{"takes no argument, but got shop", "helm-hooks list -l name=shop"}},
		{[]string{"list", "-o", "tree"}, []string{"valid are table, wide, json, yaml, html, markdown, name, jsonpath=, go-template="}},
		{[]string{"list", "-o", ""}, []string{"--output is empty"}},
		{[]string{"list", "-n", ""}, []string{"--namespace is empty"}},
		{[]string{"list", "-l", "a=b=c"}, []string{"--selector", "such as team=shop"}},
		{[]string{"list", "--color", "red"}, []string{"--color"}},
		{[]string{"list", "-q"}, []string{"-q (--short) is a flag of helm list", "-o name"}},
		{[]string{"list", "--filter", "x"}, []string{"--filter is a flag of helm list", "-l name=NAME"}},
		{[]string{"list", "--kube-context", "x"}, []string{"--context"}},
		{[]string{"list", "--nonsense"}, []string{"unknown flag"}},
		{[]string{"lits"}, []string{"list"}},
	} {
		got := run(t, nil, nil, c.arguments...)
		if got.code != 1 || got.stdout != "" {
			t.Errorf("%q: %+v", c.arguments, got)
		}
		for _, words := range c.words {
			if !strings.Contains(got.stderr, words) {
				t.Errorf("%q does not say %q: %s", c.arguments, words, got.stderr)
			}
		}
	}
	got := run(t, map[string]string{"HELM_DRIVER": "sql"}, nil, "list")
	if got.code != 1 || !strings.Contains(got.stderr, "HELM_DRIVER=sql") {
		t.Errorf("%+v", got)
	}
}

// closedPipe is what is left of a pipe after head has gone.
type closedPipe struct{}

func (closedPipe) Write([]byte) (int, error) { return 0, syscall.EPIPE }

func Test_list_into_a_closed_pipe_as_a_plugin_and_interrupted(t *testing.T) {
	config := recordsAPI(t, releasesOfDev(), nil)
	got := run(t, nil, func(env *Env) { env.Out = io.Writer(closedPipe{}) }, "list", "--kubeconfig", config)
	if got.code != 0 || got.stderr != "" {
		t.Errorf("%+v", got)
	}
	plugin := map[string]string{"HELM_BIN": "helm", "HELM_PLUGIN_DIR": "/p", "HELM_NAMESPACE": "tmp"}
	t.Setenv("KUBECONFIG", config)
	if got = run(t, plugin, func(env *Env) { env.Now = listNow }, "ls", "-o", "name"); got.stdout != "going\n" || got.code != 0 {
		t.Errorf("%+v", got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	hanging := recordsAPI(t, nil, func(r *http.Request) int {
		cancel()
		<-r.Context().Done()
		return http.StatusGatewayTimeout
	})
	var out, talk bytes.Buffer
	code := Run(ctx, []string{"helm-hooks", "list", "--kubeconfig", hanging}, Env{Out: &out, Err: &talk, Lookup: os.LookupEnv})
	if code != exitInterrupted || out.Len() > 0 {
		t.Errorf("exit code %d, %q", code, out.String())
	}
}

// Whatever helm list takes, list takes too or explains.
func Test_every_flag_of_helm_list_is_ours_or_is_explained(t *testing.T) {
	cmd := newListCommand(Env{Lookup: os.LookupEnv}, "helm-hooks")
	cmd.InitDefaultHelpFlag()
	for _, helm := range []string{"helm3", "helm4"} {
		for _, their := range programs(t)[helm]["list"] {
			if cmd.Flags().Lookup(their.name) != nil {
				continue
			}
			written := []string{"--" + their.name}
			if their.shorthand != "" {
				written = append(written, "-"+their.shorthand)
			}
			if slices.ContainsFunc(written, func(flag string) bool {
				return !strings.Contains(run(t, nil, nil, "list", flag).stderr, "is a flag of helm list")
			}) {
				t.Errorf("%s list --%s is not explained", helm, their.name)
			}
		}
	}
}
