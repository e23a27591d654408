//go:build argocd

package argocd

import (
	"bufio"
	"encoding/json"
	"io"
	"os/exec"
	"path/filepath"
	"testing"
)

// The driver's question and answer, as in driver/main.go.
type question struct {
	Namespace string           `json:"namespace"`
	Objects   []map[string]any `json:"objects"`
	Syncs     int              `json:"syncs"`
}

type answer struct {
	Facts []fact    `json:"facts"`
	Syncs [][]round `json:"syncs"`
	Error string    `json:"error"`
}

type fact struct {
	Key      string   `json:"key"`
	IsHook   bool     `json:"isHook"`
	Ignored  bool     `json:"ignored"`
	Skipped  bool     `json:"skipped"`
	Types    []string `json:"types"`
	Wave     int      `json:"wave"`
	Policies []string `json:"policies"`
}

type round struct {
	Deleted []string `json:"deleted"`
	Applied []string `json:"applied"`
	After   []string `json:"after"`
}

// driver is gitops-engine at work.
type driver struct {
	in  *json.Encoder
	out *bufio.Reader
}

func startDriver(t *testing.T) *driver {
	t.Helper()
	path := filepath.Join(t.TempDir(), "driver")
	build := exec.Command("go", "build", "-o", path, ".")
	build.Dir = "driver"
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the driver: %v\n%s", err, out)
	}
	cmd := exec.Command(path)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		_, _ = io.Copy(io.Discard, out)
		_ = cmd.Wait()
	})
	return &driver{json.NewEncoder(in), bufio.NewReader(out)}
}

func (d *driver) ask(t *testing.T, q question) answer {
	t.Helper()
	if err := d.in.Encode(q); err != nil {
		t.Fatal(err)
	}
	line, err := d.out.ReadBytes('\n')
	if err != nil {
		t.Fatal(err)
	}
	var a answer
	if err := json.Unmarshal(line, &a); err != nil {
		t.Fatal(err)
	}
	return a
}
