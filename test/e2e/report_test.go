//go:build e2e

package e2e

import (
	"bytes"
	"fmt"
	"image/png"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// The report in Debian's Chromium: no error on the console, no request but for the file itself, light and dark, wide
// and narrow. HELM_HOOKS_SHOTS=DIR keeps the pictures for people to look at.
func TestReportInChromium(t *testing.T) {
	browser := newBrowser(t)
	shots := os.Getenv("HELM_HOOKS_SHOTS")
	if shots == "" {
		shots = t.TempDir()
	}
	for _, c := range []struct {
		name      string
		arguments []string
	}{
		{"shop", []string{"./testdata/charts/shop"}},
		{"failure", []string{"./testdata/charts/shop", "--fail", "Job/shop-migrate", "--action", "upgrade", "--rollback-on-failure"}},
		{"life", []string{"./testdata/charts/shop", "--life"}},
		{"matrix", []string{"./testdata/charts/shop", "--matrix"}},
		{"attack", []string{attackingChart(t)}},
		{"flux", []string{"./testdata/charts/shop", "--engine", "flux"}},
		{"diff", []string{"./testdata/charts/shop", "--engines", "helm4,argocd"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			page := filepath.Join(t.TempDir(), "report.html")
			writeReport(t, page, c.arguments)
			for _, width := range []int{1440, 500} {
				for _, scheme := range []string{"light", "dark"} {
					shot := filepath.Join(shots, fmt.Sprintf("%s-%s-%d.png", c.name, scheme, width))
					browser.shoot(t, page, shot, width, scheme)
				}
			}
			wide := brightness(t, filepath.Join(shots, c.name+"-light-1440.png"))
			dark := brightness(t, filepath.Join(shots, c.name+"-dark-1440.png"))
			if wide < 0.8 || dark > 0.3 {
				t.Errorf("the light page is %.2f bright, the dark one %.2f", wide, dark)
			}
			dom := browser.run(t, page, "--dump-dom")
			if !strings.Contains(dom, "</html>") || strings.Contains(dom, "<script") {
				t.Error("the page has a script, or is not whole")
			}
		})
	}
}

// The watch on the browser must be able to see something.
func TestAPageThatLoadsAndFailsIsFound(t *testing.T) {
	browser := newBrowser(t)
	page := filepath.Join(t.TempDir(), "bad.html")
	bad := `<!doctype html><title>x</title><img src="http://192.0.2.1/x.png"><img src="https://example.com/x.png"><script>throw new Error("seen")</script>`
	if err := os.WriteFile(page, []byte(bad), 0o600); err != nil {
		t.Fatal(err)
	}
	console, requests, _ := browser.watch(t, page, "--dump-dom")
	if len(console) == 0 || len(requests) < 2 {
		t.Errorf("console %q, requests %q", console, requests)
	}
}

// attackingChart has names and values that would be markup.
func attackingChart(t *testing.T) string {
	t.Helper()
	chart := filepath.Join(t.TempDir(), "attack")
	for name, text := range map[string]string{
		"Chart.yaml": "apiVersion: v2\nname: attack\nversion: 1.0.0\n",
		"templates/a.yaml": `apiVersion: v1
kind: ConfigMap
metadata:
  name: "<script>alert(1)</script><img src=http://192.0.2.1/x onerror=alert(2)>"
  annotations:
    helm.sh/hook: pre-install
    helm.sh/hook-weight: "\"><script>document.title='owned'</script>"
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: "</style><link rel=stylesheet href=http://192.0.2.1/x.css>"
  annotations:
    helm.sh/hook: "<iframe src=http://192.0.2.1/>"
`,
	} {
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

func writeReport(t *testing.T, page string, arguments []string) {
	t.Helper()
	command := "plan"
	if slices.Contains(arguments, "--engines") {
		command = "diff"
	}
	cmd := exec.Command("go", append([]string{"run", "./cmd/helm-hooks", command, "-o", "html"}, arguments...)...)
	cmd.Dir = at.root
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	text, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	if err := os.WriteFile(page, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

type browser struct{ path, profile string }

func newBrowser(t *testing.T) browser {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("chromium is not installed: apt-get install -y --no-install-recommends chromium")
		}
		t.Skip("chromium is not installed: apt-get install -y --no-install-recommends chromium")
	}
	return browser{path, t.TempDir()}
}

// loaded finds the addresses that the browser's own network log has for requests.
var loaded = regexp.MustCompile(`"url":"([^"]*)"`)

// watch opens a page and gives what the console says, and every address that was asked for beside the page. No name
// resolves, so that nothing leaves this machine even if something tries.
func (b browser) watch(t *testing.T, page string, flags ...string) (console, requests []string, out string) {
	t.Helper()
	log := filepath.Join(t.TempDir(), "net.json")
	own := (&url.URL{Scheme: "file", Path: page}).String()
	cmd := exec.Command(b.path, append([]string{
		"--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--user-data-dir=" + b.profile, "--host-resolver-rules=MAP * ~NOTFOUND",
		"--enable-logging=stderr", "--log-net-log=" + log, "--net-log-capture-mode=Everything", "--timeout=20000",
	}, append(flags, own)...)...)
	cmd.WaitDelay = 10 * time.Second
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v\n%s", b.path, err, stderr.String())
	}
	for line := range strings.Lines(stderr.String()) {
		if strings.Contains(line, ":CONSOLE") {
			console = append(console, strings.TrimSpace(line))
		}
	}
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	for _, match := range loaded.FindAllStringSubmatch(string(text), -1) {
		address := match[1]
		// The browser itself asks its maker for updates and the like.
		own := strings.Contains(address, "google") || strings.Contains(address, "gvt1.com") || strings.HasPrefix(address, "chrome")
		if !own && strings.HasPrefix(address, "http") {
			requests = append(requests, address)
		}
	}
	return console, requests, stdout.String()
}

// run opens a page that must be silent.
func (b browser) run(t *testing.T, page string, flags ...string) string {
	t.Helper()
	console, requests, out := b.watch(t, page, flags...)
	for _, line := range console {
		t.Errorf("the console says %s", line)
	}
	for _, address := range requests {
		t.Errorf("the page asks for %s", address)
	}
	return out
}

func (b browser) shoot(t *testing.T, page, shot string, width int, scheme string) {
	t.Helper()
	preferred := map[string]string{"light": "1", "dark": "0"}[scheme]
	b.run(t, page, "--screenshot="+shot, fmt.Sprintf("--window-size=%d,1600", width), "--blink-settings=preferredColorScheme="+preferred)
}

// brightness is the mean of a picture, from 0 for black to 1 for white.
func brightness(t *testing.T, path string) float64 {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	picture, err := png.Decode(file)
	if err != nil {
		t.Fatal(err)
	}
	sum, n := 0.0, 0
	for y := picture.Bounds().Min.Y; y < picture.Bounds().Max.Y; y += 7 {
		for x := picture.Bounds().Min.X; x < picture.Bounds().Max.X; x += 7 {
			r, g, b, _ := picture.At(x, y).RGBA()
			sum += float64(r+g+b) / (3 * 0xffff)
			n++
		}
	}
	return sum / float64(n)
}
