package cli

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	gocmp "github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/helm-hooks/helm-hooks/test/schema"
)

func Test_every_view_of_a_diff_is_as_its_golden_file(t *testing.T) {
	inRepository(t)
	utf8 := map[string]string{"LC_ALL": "C.UTF-8", "TERM": "xterm-256color"}
	engines := []string{"diff", "testdata/charts/shop", "--engines", "helm3,helm4"}
	wanted := map[string]bool{}
	for _, c := range []struct {
		name      string
		arguments []string
		env       map[string]string
		terminal  bool
	}{
		{"shop.tree", nil, utf8, false},
		{"shop.tree.w80", []string{"--color", "never"}, utf8, true},
		{"shop.tree.ascii", nil, map[string]string{"LC_ALL": "C"}, false},
		{"shop.tree.color", nil, utf8, true},
		{"shop.md", []string{"-o", "markdown"}, utf8, false},
		{"shop.json", []string{"-o", "json"}, utf8, false},
		{"shop.yaml", []string{"-o", "yaml"}, utf8, false},
		{"shop.client-side.tree", []string{"--server-side=false"}, utf8, false},
	} {
		path := filepath.Join("testdata", "golden", "diff", c.name)
		wanted[path] = true
		t.Run(c.name, func(t *testing.T) {
			got := run(t, c.env, func(e *Env) {
				if c.terminal {
					e.Terminal, e.Width = true, 80
				}
			}, append(engines, c.arguments...)...)
			if got.code != 0 || got.stderr != "" {
				t.Fatalf("exit code %d, stderr %q", got.code, got.stderr)
			}
			golden(t, path, got.stdout)
			if !c.terminal || c.name == "shop.tree.color" {
				return
			}
			for i, line := range strings.Split(got.stdout, "\n") {
				if len([]rune(line)) > 80 {
					t.Errorf("line %d is too wide: %s", i+1, line)
				}
			}
		})
	}
	files, err := filepath.Glob("testdata/golden/diff/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if !wanted[file] {
			t.Errorf("%s belongs to no test", file)
		}
	}
}

// Each chart is compared with itself under two engines, and with the next one: whatever comes out keeps to the schema.
func Test_json_and_yaml_of_diffs_are_one_tree_that_keeps_to_the_schema(t *testing.T) {
	inRepository(t)
	strict := schema.Strict(t, "docs/schema", "hooksdiff")
	previous := "./testdata/charts/shop"
	for _, chart := range chartNames(t) {
		if broken[chart] {
			continue
		}
		path := "./testdata/charts/" + chart
		for _, arguments := range [][]string{{"diff", path, "--engines", "helm3,helm4"}, {"diff", previous, path}, {"diff", path, path, "--exit-code"}} {
			asJSON := run(t, nil, nil, append(arguments, "-o", "json")...)
			if asJSON.code != 0 || asJSON.stderr != "" {
				t.Errorf("%v: exit code %d, stderr %q", arguments, asJSON.code, asJSON.stderr)
				continue
			}
			schema.Validate(t, strict, []byte(asJSON.stdout))
			converted, err := yaml.YAMLToJSON([]byte(run(t, nil, nil, append(arguments, "-o", "yaml")...).stdout))
			if err != nil {
				t.Fatal(err)
			}
			if diff := gocmp.Diff(decoded(t, []byte(asJSON.stdout)), decoded(t, converted)); diff != "" {
				t.Errorf("json and yaml differ (-json +yaml):\n%s", diff)
			}
		}
		previous = path
	}
}

// twoRevisions is shop in web: in revision 2 migrate runs on upgrades too, and in revision 3 there is a check.
func twoRevisions() *statusAPI {
	return &statusAPI{records: []storedRecord{
		{namespace: "web", release: "shop", revision: 1, status: "superseded", age: 9 * time.Hour, hooks: storedHook("migrate", "pre-install", "Succeeded", time.Hour)},
		{namespace: "web", release: "shop", revision: 2, status: "superseded", age: 8 * time.Hour, hooks: storedHook("migrate", "pre-install,pre-upgrade", "Succeeded", time.Hour)},
		{namespace: "web", release: "shop", revision: 3, status: "deployed", age: time.Hour, hooks: storedHook("migrate", "pre-install,pre-upgrade", "Failed", time.Hour) + "," + storedHook("check", "post-upgrade", "", 0)},
	}}
}

func diffOf(t *testing.T, api *statusAPI, arguments ...string) answer {
	t.Helper()
	return run(t, nil, func(env *Env) { env.Now = listNow }, append([]string{"diff", "--kubeconfig", api.start(t)}, arguments...)...)
}

func Test_two_revisions_of_a_release_are_compared_by_their_records(t *testing.T) {
	api := twoRevisions()
	got := diffOf(t, api, "shop@2", "shop")
	contains(
		t, got.stdout, "old: release shop in namespace web · context dev · revision 2, superseded · shop 1.4.0",
		"new: release shop in namespace web · context dev · revision 3, deployed · shop 1.4.0", "Job/check", "new hook (post-upgrade)",
	)
	if got.code != exitFine || got.stderr != "" || strings.Contains(got.stdout, "Job/migrate\n") {
		t.Errorf("exit code %d, stderr %q\n%s", got.code, got.stderr, got.stdout)
	}
	// Only records are read, and each once.
	for _, request := range api.asked() {
		if !strings.HasPrefix(request, "GET ") || !strings.Contains(request, "/secrets") {
			t.Error(request)
		}
	}
	if got := diffOf(t, twoRevisions(), "shop@1", "shop@2", "--exit-code"); got.code != exitFindings || !strings.Contains(got.stdout, "runs in: pre-install → pre-install, pre-upgrade") {
		t.Errorf("exit code %d\n%s%s", got.code, got.stdout, got.stderr)
	}
	if got := diffOf(t, twoRevisions(), "shop@3", "shop", "--exit-code"); got.code != exitFine {
		t.Errorf("exit code %d\n%s%s", got.code, got.stdout, got.stderr)
	}
	if got := diffOf(t, twoRevisions(), "shop@2", "--engines", "helm3,helm4"); got.code != exitFine || !strings.Contains(got.stdout, "Helm 3.") {
		t.Errorf("exit code %d\n%s%s", got.code, got.stdout, got.stderr)
	}
}

// A chart beside a release is rendered as that release, for that revision; records tell nothing of what was dropped
// where they cannot be rendered again.
func Test_a_release_is_compared_with_a_chart(t *testing.T) {
	inRepository(t)
	for _, words := range [][]string{{"shop", "./testdata/charts/revision-aware"}, {"./testdata/charts/revision-aware", "shop"}} {
		got := diffOf(t, twoRevisions(), words...)
		contains(t, got.stdout, "as release shop", "the chart is rendered for revision 3, with the values given here: those of the release are to be had with helm get values shop -n web --revision 3 -o yaml")
		if got.code != exitFine || got.stderr != "" {
			t.Errorf("exit code %d, stderr %q", got.code, got.stderr)
		}
	}
	got := diffOf(t, twoRevisions(), "shop", "./testdata/charts/shop", "-o", "json")
	schema.Validate(t, schema.Strict(t, "docs/schema", "hooksdiff"), []byte(got.stdout))
}

func Test_a_release_that_cannot_be_compared_is_named(t *testing.T) {
	inRepository(t)
	for _, c := range []struct {
		api       *statusAPI
		arguments []string
		want      []string
	}{
		{twoRevisions(), []string{"shop@7", "shop"}, []string{"error: release shop has no revision 7", "hint: stored are 1, 2, 3"}},
		{twoRevisions(), []string{"shop", "shopp"}, []string{"shopp", "a chart's path needs a slash: ./shopp"}},
		{twoRevisions(), []string{"shop@2", "shop@3", "--set", "a=b"}, []string{"--set has no effect: neither side is rendered here"}},
		{twoRevisions(), []string{"shop@2", "shop@3", "--name", "x"}, []string{"--name has no effect"}},
		{&statusAPI{before: func(*http.Request) int { return http.StatusForbidden }}, []string{"shop@2", "shop@3"}, []string{"secrets", "Forbidden"}},
	} {
		got := diffOf(t, c.api, c.arguments...)
		if got.code != exitError || got.stdout != "" {
			t.Errorf("%v: exit code %d, stdout %q", c.arguments, got.code, got.stdout)
		}
		contains(t, got.stderr, c.want...)
	}
}

func Test_release_at_revision(t *testing.T) {
	for word, want := range map[string]struct {
		release  string
		revision int
	}{
		"shop": {"shop", 0}, "shop@3": {"shop", 3}, "shop-2@10": {"shop-2", 10}, "a.b@1": {"a.b", 1}, "shop@007": {"shop", 7},
	} {
		release, revision, err := splitRevision(word)
		if err != nil || release != want.release || revision != want.revision {
			t.Errorf("%s: %s, %d, %v", word, release, revision, err)
		}
	}
	for _, word := range []string{"shop@", "@3", "shop@0", "shop@-1", "shop@+1", "shop@x", "shop@1@2", "shop@@1", "shop@1.2", "shop@ 1", "shop@99999999999999999999", "@"} {
		if release, revision, err := splitRevision(word); err == nil {
			t.Errorf("%s: %s, %d", word, release, revision)
		}
	}
}

func FuzzSplitRevision(f *testing.F) {
	for _, word := range []string{"shop", "shop@3", "@", "shop@", "a@b@1", "shop@0x1", "oci", "é@1", "shop@٣"} {
		f.Add(word)
	}
	f.Fuzz(func(t *testing.T, word string) {
		release, revision, err := splitRevision(word)
		switch {
		case err != nil:
			if !strings.Contains(word, "@") || release != "" || revision != 0 {
				t.Errorf("%q: %q, %d, %v", word, release, revision, err)
			}
		case !strings.Contains(word, "@"):
			if release != word || revision != 0 {
				t.Errorf("%q: %q, %d", word, release, revision)
			}
		case release == "" || revision < 1 || strings.Contains(release, "@") || !strings.HasPrefix(word, release+"@"):
			t.Errorf("%q: %q, %d", word, release, revision)
		case strings.Trim(strings.TrimPrefix(word, release+"@"), "0123456789") != "":
			t.Errorf("%q is taken for a number: %d", word, revision)
		case utf8.ValidString(word) != utf8.ValidString(release):
			t.Errorf("%q: %q", word, release)
		}
	})
}
