//go:build e2e

package e2e

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The picture in the README is what a terminal of 100 columns shows, to the letter. After a change of the output:
//
//	go test -tags e2e ./test/e2e -run README -update
func TestREADMEShowsTheRealOutput(t *testing.T) {
	const command = "helm hooks plan ./testdata/charts/shop --action install"
	const open, shut = "```console\n$ " + command + "\n", "```\n"

	built(t)
	plugins, path := t.TempDir(), t.TempDir()
	helms := helms()
	for from, to := range map[string]string{
		at.checkout:                filepath.Join(plugins, "hooks"),
		helms[len(helms)-1].path(): filepath.Join(path, "helm"),
	} {
		if err := os.Symlink(from, to); err != nil {
			t.Fatal(err)
		}
	}
	// script(1) gives the command a terminal.
	home := newHome(t, "HELM_PLUGINS="+plugins, "PATH="+path+string(os.PathListSeparator)+os.Getenv("PATH"), "TERM=xterm", "NO_COLOR=1")
	shown := home.mustRun(t, "script", "-qec", "stty cols 100 rows 60; "+command, os.DevNull)
	shown = strings.ReplaceAll(shown, "\r\n", "\n")

	name := filepath.Join(at.root, "README.md")
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(data), open)
	old, after, closed := strings.Cut(rest, shut)
	if !found || !closed {
		t.Fatalf("README.md does not show %q", command)
	}
	if old == shown {
		return
	}
	if *update {
		if err := os.WriteFile(name, []byte(before+open+shown+shut+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Errorf("the README shows\n%s\nbut the output is\n%s", old, shown)
}

var update = flag.Bool("update", false, "write the output into the README")
