//go:build e2e

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const shop = "testdata/charts/shop"

func TestUnbuiltCheckoutSaysHowToBuild(t *testing.T) {
	unbuilt := filepath.Join(t.TempDir(), "helm-hooks")
	if err := copyCheckout(at.root, unbuilt); err != nil {
		t.Fatal(err)
	}
	for _, helm := range helms() {
		t.Run(helm.version, func(t *testing.T) {
			// No release can be had from this address.
			got := newHome(t, "HELM_HOOKS_BASE_URL=http://127.0.0.1:9").run(t, helm.path(), "plugin", "install", unbuilt)
			if got.code == 0 || !strings.Contains(got.stderr, "make -C") || !strings.Contains(got.stderr, "build") {
				t.Errorf("exit code %d, stderr %q", got.code, got.stderr)
			}
		})
	}
}

func TestPlugin(t *testing.T) {
	built(t)
	for _, helm := range helms() {
		t.Run(helm.version, func(t *testing.T) {
			home := newHome(t)
			got := home.run(t, helm.path(), "plugin", "install", ".")
			got.succeeds(t, "plugin install")
			if !strings.Contains(got.stdout, "Installed plugin: hooks") {
				t.Errorf("plugin install says %q", got.stdout)
			}
			usePlugin(t, home, helm)
		})
	}
}

// Helm 4 installs into $HELM_DATA_HOME whatever HELM_PLUGINS says, but loads from HELM_PLUGINS.
func TestPluginByHelmPlugins(t *testing.T) {
	built(t)
	plugins := t.TempDir()
	if err := os.Symlink(at.checkout, filepath.Join(plugins, "hooks")); err != nil {
		t.Fatal(err)
	}
	for _, helm := range helms() {
		t.Run(helm.version, func(t *testing.T) {
			usePlugin(t, newHome(t, "HELM_PLUGINS="+plugins), helm)
		})
	}
}

func usePlugin(t *testing.T, home home, helm helm) {
	t.Helper()
	list := home.mustRun(t, helm.path(), "plugin", "list")
	if !strings.Contains(list, "hooks") || !strings.Contains(list, pluginVersion(t)) {
		t.Errorf("plugin list:\n%s", list)
	}

	plan := home.mustRun(t, helm.path(), "hooks", "plan", shop)
	if !strings.Contains(plan, helm.rules) {
		t.Errorf("the plan does not say %q:\n%s", helm.rules, plan)
	}
	for _, want := range []string{"shop-migrate", "shop-worker", "pre-uninstall", "pre-delete"} {
		if !strings.Contains(plan, want) {
			t.Errorf("the plan does not name %s:\n%s", want, plan)
		}
	}
	named := home.mustRun(t, filepath.Join(at.checkout, "bin", "helm-hooks"), "plan", "--engine", helm.engine, shop)
	if got := asBinary(plan); got != named {
		t.Errorf("the plugin and --engine %s differ:\n%s\n%s", helm.engine, got, named)
	}

	if version := home.mustRun(t, helm.path(), "hooks", "version"); !strings.Contains(version, pluginVersion(t)) {
		t.Errorf("version %q is not plugin.yaml's %s", version, pluginVersion(t))
	}

	// Helm keeps -n for itself and hands it on as HELM_NAMESPACE.
	spaced := home.mustRun(t, helm.path(), "hooks", "plan", "-n", "somewhere", shop, "-o", "json")
	if decode(t, spaced).Source.Namespace != "somewhere" {
		t.Errorf("-n did not arrive: %.300s", spaced)
	}

	if got := home.run(t, helm.path(), "hooks", "plan", "./nowhere"); got.code != 1 || got.stdout != "" || !strings.Contains(got.stderr, "nowhere") {
		t.Errorf("a missing path: %+v", got)
	}
	if got := home.run(t, helm.path(), "hooks", "plan", "--exit-code", shop); got.code != 2 {
		t.Errorf("--exit-code with an ignored object: exit code %d, want 2", got.code)
	}

	rendered := home.run(t, helm.path(), "template", "shop", shop)
	got := home.pipe(t, rendered.stdout, helm.path(), "hooks", "plan", "-")
	got.succeeds(t, "helm template | helm hooks plan -")
	if !strings.Contains(got.stdout, "IGNORED unknown") {
		t.Errorf("a rendered stream cannot show what Helm dropped, but the plan does not say so:\n%s", got.stdout)
	}

	complete(t, home, helm)
}

// asBinary puts the binary's own name where an answer names the command to run next.
func asBinary(answer string) string {
	return strings.NewReplacer("kubectl hooks", "helm-hooks", "helm hooks", "helm-hooks").Replace(answer)
}

func complete(t *testing.T, home home, helm helm) {
	t.Helper()
	for _, c := range []struct {
		words []string
		want  string
	}{
		{[]string{""}, "plan"},
		{[]string{"pl"}, "plan"},
		{[]string{"plan", "--eng"}, "--engine"},
		{[]string{"plan", "--engine", ""}, "helm3"},
		{[]string{"plan", "-o", ""}, "json"},
	} {
		got := home.run(t, helm.path(), append([]string{"__complete", "hooks"}, c.words...)...)
		lines := strings.Split(strings.TrimSpace(got.stdout), "\n")
		if got.code != 0 || !strings.HasPrefix(lines[len(lines)-1], ":") || !offers(lines, c.want) {
			t.Errorf("completing %q does not offer %s: exit code %d\n%s", c.words, c.want, got.code, got.stdout)
		}
		if strings.Contains(got.stdout, "Completion ended") {
			t.Errorf("completing %q offers what the binary says on stderr:\n%s", c.words, got.stdout)
		}
	}
	// A chart's folder is completed by the shell, so nothing may be in its way.
	got := home.run(t, helm.path(), "__complete", "hooks", "plan", "")
	if last := got.stdout[strings.LastIndex(strings.TrimSpace(got.stdout), "\n")+1:]; got.code != 0 || !strings.HasPrefix(last, ":") {
		t.Errorf("completing a source: exit code %d\n%s", got.code, got.stdout)
	}
}

// offers says whether a candidate is word; a description may follow after a tab.
func offers(lines []string, word string) bool {
	for _, line := range lines {
		if candidate, _, _ := strings.Cut(line, "\t"); candidate == word {
			return true
		}
	}
	return false
}

func TestHooksAloneSayIgnoredUnknown(t *testing.T) {
	bin := built(t)
	for _, helm := range helms() {
		t.Run(helm.version, func(t *testing.T) {
			home := newHome(t)
			rendered := home.run(t, helm.path(), "template", "shop", shop)
			// The form of `helm get hooks`: the same documents, each after a line ---.
			var hooks strings.Builder
			for _, document := range documents(t, rendered.stdout) {
				if document.hook() != "" {
					hooks.WriteString("---\n" + document.text + "\n")
				}
			}
			got := home.pipe(t, hooks.String(), filepath.Join(bin, "helm-hooks"), "plan", "-")
			got.succeeds(t, "helm get hooks | helm-hooks plan -")
			if !strings.Contains(got.stdout, "IGNORED unknown") || !strings.Contains(got.stdout, "shop-migrate") {
				t.Errorf("the plan of the hooks alone:\n%s", got.stdout)
			}
		})
	}
}

func TestKubectlHooks(t *testing.T) {
	bin := built(t)
	home := newHome(t, "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	for _, command := range [][]string{{"--help"}, {"plan", "--help"}} {
		usage := home.mustRun(t, filepath.Join(bin, "kubectl-hooks"), command...)
		if !strings.Contains(usage, "kubectl hooks") || strings.Contains(usage, "helm hooks plan [") {
			t.Errorf("kubectl-hooks %s does not speak of kubectl hooks:\n%s", strings.Join(command, " "), usage)
		}
	}
	usage := home.mustRun(t, filepath.Join(bin, "helm-hooks"), "--help")
	if strings.Contains(usage, "kubectl hooks [") {
		t.Errorf("helm-hooks speaks of kubectl hooks:\n%s", usage)
	}

	candidates := home.mustRun(t, filepath.Join(bin, "kubectl_complete-hooks"), "")
	if !offers(strings.Split(candidates, "\n"), "plan") {
		t.Errorf("kubectl_complete-hooks offers %q", candidates)
	}

	kubectl, err := exec.LookPath("kubectl")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("no kubectl on PATH; .ci/run installs it")
		}
		t.Log("no kubectl on PATH: kubectl-hooks was checked by its name only")
		return
	}
	plan := home.mustRun(t, kubectl, "hooks", "plan", shop)
	if direct := home.mustRun(t, filepath.Join(bin, "helm-hooks"), "plan", shop); asBinary(plan) != direct {
		t.Errorf("kubectl hooks plan and helm-hooks plan differ:\n%s\n%s", asBinary(plan), direct)
	}
	if got := home.run(t, kubectl, "hooks", "plan", "--exit-code", shop); got.code != 2 {
		t.Errorf("kubectl hooks plan --exit-code: exit code %d, want 2", got.code)
	}
}

// The budget is for everything that a download, a CI step or a completion has to wait for.
func TestBudget(t *testing.T) {
	info, err := os.Stat(filepath.Join(built(t), "helm-hooks"))
	if err != nil {
		t.Fatal(err)
	}
	const limit = 60 << 20
	t.Logf("bin/helm-hooks has %.1f MiB", float64(info.Size())/(1<<20))
	if info.Size() > limit {
		t.Errorf("bin/helm-hooks has %d bytes, more than %d", info.Size(), limit)
	}
}

func pluginVersion(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(at.checkout, "plugin.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		if version, ok := strings.CutPrefix(line, "version: "); ok {
			return strings.TrimSpace(version)
		}
	}
	t.Fatal("plugin.yaml has no version")
	return ""
}
