//go:build e2e

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/helm-hooks/helm-hooks/test/docs"
)

// The version, platform, key and addresses of the pages, for which a release that was just made stands.
const (
	pagesVersion   = "0.1.0"
	pagesPlatform  = "linux-amd64"
	pagesKey       = "helm-hooks.gpg"
	pagesPlace     = "https://github.com/helm-hooks/helm-hooks"
	pagesDownloads = pagesPlace + "/releases/download"
)

var (
	fromGit     = regexp.MustCompile(`^helm plugin install ` + pagesPlace + ` `)
	fromArchive = regexp.MustCompile(`^helm plugin install ` + pagesDownloads)
	fromCode    = regexp.MustCompile(`^(make|go run|export) |^helm plugin install \.( |$)`)
	installs    = regexp.MustCompile(`^helm plugin install `)
)

// Somebody types what the pages say about installing, with Helm 3, with Helm 4 and with kubectl.
func TestPagesInstall(t *testing.T) {
	key := newKey(t, "Release Key", "a secret", true)
	t.Setenv("SIGN_PASSPHRASE", "a secret")
	r := makeRelease(t, filepath.Join(t.TempDir(), "helm-hooks"), pluginVersion(t), "PLATFORMS="+here, "SIGN_KEY="+key.private)
	built(t)
	seen := 0
	for _, page := range []string{"README.md", "CONTRIBUTING.md", "docs/install.md"} {
		commands, err := docs.ReadPage(at.root, page)
		if err != nil {
			t.Fatal(err)
		}
		for _, helm := range helms() {
			t.Run(page+"/"+helm.version, func(t *testing.T) {
				i := newInstaller(t, helm, r, key)
				for _, c := range commands {
					stage, _, _ := docs.Place(c)
					used := helm.engine == "helm4" && strings.HasPrefix(c.Text, "kubectl hooks ")
					if used || stage == docs.Install && i.meant(c) {
						seen++
						i.play(c)
					}
				}
			})
		}
	}
	// Whatever else the pages say, both Helms are installed into in several ways.
	if seen < 15 {
		t.Errorf("only %d commands were run", seen)
	}
}

// installer is somebody who reads about installing.
type installer struct {
	t     *testing.T
	helm  helm
	world *docs.World
	// release is the folder of a downloaded release, code that of a checkout.
	release, code string
	home          home
	krew          bool
}

func newInstaller(t *testing.T, helm helm, r release, key key) *installer {
	t.Helper()
	page := serve(t, r)
	name := "/v" + r.version + "/hooks.yaml"
	page.change(name, []byte(strings.ReplaceAll(string(page.file(name)), pagesDownloads, page.URL)))
	i := &installer{t: t, helm: helm, world: docs.NewWorld(t, at.root, "docs/install.md"), code: at.checkout}
	i.release = i.world.Dir
	for _, file := range namesIn(t, r.dist) {
		writeFile(t, filepath.Join(i.release, file), string(read(t, filepath.Join(r.dist, file))))
	}
	// Here our program comes from the release alone.
	for _, name := range namesIn(t, i.world.Bin) {
		if err := os.Remove(filepath.Join(i.world.Bin, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(helm.path(), filepath.Join(i.world.Bin, "helm")); err != nil {
		t.Fatal(err)
	}
	repo := cloned(t)
	git(t, repo, "tag", "v"+r.version)
	i.world.Stand(pagesDownloads, page.URL)
	i.world.Stand(pagesPlace+" ", "file://"+repo+" ")
	i.world.Stand(pagesKey, key.public)
	i.world.Stand(pagesVersion, r.version)
	i.world.Stand(pagesPlatform, strings.ReplaceAll(here, "/", "-"))
	i.world.Env = append(i.world.Env, append(goSettings(t), "HELM_HOOKS_BASE_URL="+page.URL)...)
	// What is put onto a machine's PATH by hand.
	local := t.TempDir()
	i.world.Stand("/usr/local/bin", local)
	i.world.Env = append(i.world.Env, "PATH="+i.world.Bin+string(os.PathListSeparator)+local+string(os.PathListSeparator)+os.Getenv("PATH"))
	i.home = home{dir: filepath.Dir(i.release), env: i.world.Env}
	return i
}

// goSettings lets Go find what it has built and downloaded for us, in spite of another HOME.
func goSettings(t *testing.T) []string {
	t.Helper()
	names := []string{"GOENV", "GOCACHE", "GOMODCACHE"}
	out, err := exec.Command("go", append([]string{"env"}, names...)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	// The copy of the checkout is no repository of its own, so git has no revision to stamp.
	settings := []string{"GOFLAGS=-buildvcs=false"}
	for i, value := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		settings = append(settings, names[i]+"="+value)
	}
	return settings
}

// meant says whether a command is for this Helm. Those that concern no Helm are typed once.
func (i *installer) meant(c docs.Command) bool {
	switch {
	case fromArchive.MatchString(c.Text):
		return i.helm.engine == "helm4" // whose flag --keyring it has
	case installs.MatchString(c.Text), strings.HasPrefix(c.Text, "tar "):
		return true
	}
	return i.helm.engine == "helm4"
}

func (i *installer) play(c docs.Command) {
	i.t.Helper()
	i.world.Dir = i.release
	if fromCode.MatchString(c.Text) {
		i.world.Dir = i.code
	}
	if strings.HasPrefix(c.Text, "kubectl krew ") && !i.krew {
		i.krew = true
		with := kubectl(i.t)
		i.world.Env = append(
			i.world.Env, "KREW_ROOT="+with.value("KREW_ROOT"), "KREW_NO_UPGRADE_CHECK=1",
			// krew fetches its index first, whatever is installed; any repository will do for one.
			"KREW_DEFAULT_INDEX_URI="+original(i.t),
			"PATH="+i.home.value("PATH")+string(os.PathListSeparator)+with.value("PATH"),
		)
	}
	if fromGit.MatchString(c.Text) && i.helm.engine == "helm4" {
		// Both pages say beside the command that Helm 4 wants this.
		text, comment, _ := strings.Cut(c.Text, "#")
		c.Text = text + " --verify=false #" + comment
	}
	if installs.MatchString(c.Text) {
		i.home.run(i.t, i.helm.path(), "plugin", "uninstall", "hooks")
	}
	i.world.Check(i.t, c, slices.Equal)
	if installs.MatchString(c.Text) && !i.t.Failed() {
		works(i.t, i.home, i.helm, pluginVersion(i.t))
	}
}
