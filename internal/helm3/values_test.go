package helm3

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	cli3 "helm.sh/helm/v3/pkg/cli"
	values3 "helm.sh/helm/v3/pkg/cli/values"
	getter3 "helm.sh/helm/v3/pkg/getter"
	cli4 "helm.sh/helm/v4/pkg/cli"
	values4 "helm.sh/helm/v4/pkg/cli/values"
	getter4 "helm.sh/helm/v4/pkg/getter"
)

// both merges with the packages of both Helms.
func both(o ValueOptions) (helm3, helm4 map[string]any, err3, err4 error) {
	helm3, err3 = (&values3.Options{
		ValueFiles: o.Files, Values: o.Set, StringValues: o.SetString, FileValues: o.SetFile, JSONValues: o.SetJSON, LiteralValues: o.SetLiteral,
	}).MergeValues(getter3.All(cli3.New()))
	helm4, err4 = (&values4.Options{
		ValueFiles: o.Files, Values: o.Set, StringValues: o.SetString, FileValues: o.SetFile, JSONValues: o.SetJSON, LiteralValues: o.SetLiteral,
	}).MergeValues(getter4.All(cli4.New()))
	return helm3, helm4, err3, err4
}

func TestValuesEqualBothHelms(t *testing.T) {
	isolate(t)
	dir := writeFiles(t, map[string]string{
		"a.yaml":     "x: {y: 1, z: [1, 2]}\ns: text\nn: null\nbig: 12345678901234\nf: 1.5\n",
		"b.yaml":     "x: {y: {deep: true}, w: null}\ns: [1]\n",
		"empty.yaml": "",
		"two.yaml":   "a: 1\nm: {x: 1}\n---\nm: {y: 2}\n",
		"list.yaml":  "- 1\n",
		"broken":     "a: [",
		"page":       strings.Repeat("#", 4095) + "\n" + "k: v" + strings.Repeat(" ", 4091),
		"text":       "line\nline\n",
	})
	at := func(name string) string { return filepath.Join(dir, name) }
	server := httptest.NewServer(http.FileServer(http.Dir(dir)))
	defer server.Close()
	for _, test := range []struct {
		name    string
		options ValueOptions
	}{
		{"nothing", ValueOptions{}},
		{"one file", ValueOptions{Files: []string{at("a.yaml")}}},
		{"a later file wins, tables are merged", ValueOptions{Files: []string{at("a.yaml"), at("b.yaml")}}},
		{"an empty file", ValueOptions{Files: []string{at("empty.yaml")}}},
		{"a file of two documents", ValueOptions{Files: []string{at("two.yaml")}}},
		{"a file that is a list", ValueOptions{Files: []string{at("list.yaml")}}},
		{"a broken file", ValueOptions{Files: []string{at("broken")}}},
		{"an unterminated last line at the reader's border", ValueOptions{Files: []string{at("page")}}},
		{"a missing file", ValueOptions{Files: []string{at("none.yaml")}}},
		{"a file at a URL", ValueOptions{Files: []string{server.URL + "/b.yaml"}}},
		{"a missing file at a URL", ValueOptions{Files: []string{server.URL + "/none.yaml"}}},
		{"set", ValueOptions{Set: []string{"a.b=1,c=true,d=null,e={x,y},l[2].k=v", "a.b=2", `q=a\,b`, "n=007"}}},
		{"a broken set", ValueOptions{Set: []string{"a.b"}}},
		{"an index that is cut off", ValueOptions{Set: []string{"x=1,a.b[=1"}}},
		{"a JSON index that is cut off", ValueOptions{SetJSON: []string{"x=1,a.b[=1"}}},
		{"set-string", ValueOptions{SetString: []string{"a=1,b=true,c=null"}}},
		{"set-file", ValueOptions{SetFile: []string{"a=" + at("text")}}},
		{"a missing set-file", ValueOptions{SetFile: []string{"a=" + at("nothing")}}},
		{"set-json", ValueOptions{SetJSON: []string{`a={"x":1},b=[1,2]`, `a.x="y"`}}},
		{"set-json with an object", ValueOptions{SetJSON: []string{` {"a": {"b": 1}}`, `{"a": {"c": 2}}`}}},
		{"a broken set-json", ValueOptions{SetJSON: []string{"a={"}}},
		{"a broken set-json object", ValueOptions{SetJSON: []string{"{a"}}},
		{"set-literal", ValueOptions{SetLiteral: []string{"a.b=x,y={z}"}}},
		{"the order of all kinds", ValueOptions{
			Files: []string{at("a.yaml")}, SetJSON: []string{`v="json",x.y="json"`}, Set: []string{"v=set,w=set"},
			SetString: []string{"v=string,w=string"}, SetFile: []string{"v=" + at("text")}, SetLiteral: []string{"v=literal"},
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			want3, want4, err3, err4 := both(test.options)
			got3, gotErr3 := Values(test.options)
			test.options.Helm4 = true
			got4, gotErr4 := Values(test.options)
			same(t, "Helm 3", want3, got3, err3, gotErr3)
			same(t, "Helm 4", want4, got4, err4, gotErr4)
		})
	}
}

func same(t *testing.T, helm string, want, got map[string]any, wantErr, gotErr error) {
	t.Helper()
	if (wantErr == nil) != (gotErr == nil) {
		t.Fatalf("%s: error %v, want %v", helm, gotErr, wantErr)
	}
	if wantErr != nil {
		if gotErr.Error() != wantErr.Error() {
			t.Errorf("%s: error\n%v\nwant\n%v", helm, gotErr, wantErr)
		}
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: %s", helm, diff)
	}
}

func TestValuesFromStandardInput(t *testing.T) {
	got, err := Values(ValueOptions{Files: []string{"-"}, Stdin: strings.NewReader("a: 1")})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]any{"a": 1.0}, got); diff != "" {
		t.Error(diff)
	}
	if _, err := Values(ValueOptions{Files: []string{"-"}}); err == nil {
		t.Error("values were read from an input that is not there")
	}
}

// getterPluginFiles is a plugin that answers secret:// with what it was called with.
func getterPluginFiles() map[string]string {
	return map[string]string{
		"plugins/broken/plugin.yaml": "name: [",
		"plugins/other/plugin.yaml":  "name: other\nversion: 0.1.0\n",
		"plugins/secrets/plugin.yaml": "name: secrets\nversion: 0.1.0\nusage: u\ndescription: d\ncommand: $HELM_PLUGIN_DIR/get.sh\n" +
			"downloaders:\n- command: get.sh first\n  protocols: [secret]\n",
		"plugins/secrets/get.sh": "#!/bin/sh\necho \"args: '$*'\"\necho \"name: $HELM_PLUGIN_NAME\"\n",
	}
}

func TestValuesThroughAGetterPlugin(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the plugin is a shell script")
	}
	dir := writeFiles(t, getterPluginFiles())
	if err := os.Chmod(filepath.Join(dir, "plugins/secrets/get.sh"), 0o755); err != nil {
		t.Fatal(err)
	}
	options := ValueOptions{Files: []string{"secret://x"}}
	options.Plugins = filepath.Join(dir, "plugins")
	got, err := Values(options)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"args": "first    secret://x", "name": "secrets"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	options.Files = []string{"other://x"}
	if _, err := Values(options); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a scheme that nobody knows is a file name for Helm, got %v", err)
	}
}

// isolate keeps a test away from the user's own Helm.
func isolate(t *testing.T) Settings {
	t.Helper()
	home := t.TempDir()
	for _, name := range []string{"HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME"} {
		t.Setenv(name, filepath.Join(home, strings.ToLower(name)))
	}
	for _, name := range []string{"HELM_REPOSITORY_CONFIG", "HELM_REPOSITORY_CACHE", "HELM_REGISTRY_CONFIG", "HELM_PLUGINS"} {
		if value, ok := os.LookupEnv(name); ok {
			t.Cleanup(func() { os.Setenv(name, value) })
			os.Unsetenv(name)
		}
	}
	return SettingsFromEnv(os.LookupEnv)
}

func TestSettingsAreHelms(t *testing.T) {
	got, want := isolate(t), cli3.New()
	if got != (Settings{want.RepositoryConfig, want.RepositoryCache, want.RegistryConfig, want.PluginsDirectory}) {
		t.Errorf("got %+v", got)
	}
	if four := cli4.New(); got != (Settings{four.RepositoryConfig, four.RepositoryCache, four.RegistryConfig, four.PluginsDirectory}) {
		t.Errorf("Helm 4 differs: %s", fmt.Sprintf("%+v", four))
	}
}
