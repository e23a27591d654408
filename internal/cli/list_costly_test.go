package cli

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/helm-hooks/helm-hooks/test/schema"
)

// template is a stored template as JSON has it.
func template(name, text string) string {
	return fmt.Sprintf(`{"name":%q,"data":%q}`, name, base64.StdEncoding.EncodeToString([]byte(text)))
}

func quotedJSON(t *testing.T, text string) string {
	t.Helper()
	data, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// The case with which it began: a release whose only object was dropped has neither hooks nor resources.
func Test_list_finds_what_helm_has_dropped_and_what_hooks_have_left(t *testing.T) {
	const worker = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: worker\n  annotations:\n    helm.sh/hook: post-install, pre-uninstall\n"
	const config = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: config\n"
	records := []storedRecord{
		{namespace: "web", release: "mission", revision: 1, status: "deployed", age: time.Hour, templates: "[" + template("templates/worker.yaml", worker) + "]"},
		{
			namespace: "web", release: "fine", revision: 1, status: "deployed", age: time.Hour, templates: "[" + template("templates/config.yaml", config) + "]",
			manifest: quotedJSON(t, "---\n# Source: shop/templates/config.yaml\n"+config),
		},
		{namespace: "web", release: "left", revision: 1, status: "deployed", age: time.Hour, hooks: `{"name":"migrate","kind":"Job","path":"shop/templates/migrate.yaml",` +
			`"manifest":"apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: migrate\n  annotations:\n    helm.sh/hook: pre-install\n","events":["pre-install"]}`},
		{namespace: "web", release: "spoiled", revision: 1, status: "deployed", age: time.Hour, spoiled: []byte("!")},
	}
	api := recordsAPI(t, records, func(r *http.Request) int {
		if strings.Contains(r.URL.Path, "/jobs/") {
			return http.StatusForbidden
		}
		return 0
	})
	got := listIn(t, api, "--ignored", "--leftovers")
	for release, words := range map[string]string{"mission": "Deployment/worker", "left": "unknown unknown", "spoiled": "unknown", "fine": ""} {
		line := strings.Join(strings.Fields(lineOf(got.stdout, release)), " ")
		if !strings.Contains(line, words) || (words == "") != (line == "") {
			t.Errorf("%s: %q, want %q", release, line, words)
		}
	}
	if got.code != exitError || !strings.Contains(got.stderr, "spoiled") {
		t.Errorf("exit code %d, stderr %q", got.code, got.stderr)
	}
	asJSON := listIn(t, api, "--ignored", "--leftovers", "-o", "json")
	schema.Validate(t, schema.Strict(t, filepath.Join("..", "..", "docs", "schema"), "releasehookslist"), []byte(asJSON.stdout))
	if !strings.Contains(asJSON.stdout, `get jobs`) {
		t.Errorf("nothing says why it is unknown what the hook has left:\n%s", asJSON.stdout)
	}
}

func lineOf(text, first string) string {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, first+" ") {
			return line
		}
	}
	return ""
}
