//go:build e2e

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/helm-hooks/helm-hooks/test/bench"
)

// memoryAim is how much of Helm's memory the tool may take, wherever it is measured.
const memoryAim = 0.7

// storedRevisions is how many revisions the release has that is planned.
const storedRevisions = 20

// The tool against both Helms, pair by pair in one run: make bench. It is a report, not a test: it fails only where
// a command fails or prints nothing, never for being slow.
func TestSpeed(t *testing.T) {
	pairs, err := strconv.Atoi(os.Getenv("HELM_HOOKS_PAIRS"))
	if err != nil || pairs < 1 {
		t.Skip("set HELM_HOOKS_PAIRS to how often each pair of commands runs")
	}
	s := speed{pairs: pairs, bin: t.TempDir(), charts: t.TempDir()}
	s.prepare(t)
	server := apiServer(t)
	admin := server.Admin(t, "default")
	s.home = newHome(t, "KUBECONFIG="+admin.Kubeconfig)
	namespace := server.Namespace(t, "speed")
	s.store(t, namespace)
	secrets, err := server.Client().CoreV1().Secrets(namespace).List(t.Context(), metav1.ListOptions{LabelSelector: "owner=helm"})
	if err != nil || len(secrets.Items) != storedRevisions {
		t.Fatalf("%d records are stored, not %d: %v", len(secrets.Items), storedRevisions, err)
	}
	t.Logf("%d pairs of each; the release has %d revisions of %d KiB", pairs, storedRevisions, len(secrets.Items[0].Data["release"])>>10)
	t.Log("\n" + s.measure(t, namespace))
}

// speed is what is measured, and where it lies.
type speed struct {
	pairs       int
	bin, charts string
	home        home
}

// prepare makes the charts, and copies all binaries in the same way: how much of a binary Linux counts as memory in use
// depends on how its file came into the page cache.
func (s *speed) prepare(t *testing.T) {
	t.Helper()
	for name, files := range map[string]bench.Files{
		"small": bench.Small(), "umbrella": bench.Umbrella(40), "heavy": bench.Heavy(48),
		"large":     bench.Large{Templates: 500, Hooks: 60}.Files(),
		"revisions": bench.Large{Templates: 500, Hooks: 60, Aware: true}.Files(),
		"random":    bench.Large{Templates: 500, Hooks: 60, Random: true}.Files(),
	} {
		if err := files.Write(filepath.Join(s.charts, name)); err != nil {
			t.Fatal(err)
		}
	}
	s.copyBinary(t, filepath.Join(built(t), "helm-hooks"), "helm-hooks")
	for _, helm := range helms() {
		s.copyBinary(t, helm.path(), helm.engine)
	}
	cmd := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-buildvcs=false", "-o", s.binary("compare"), "./test/bench/compare")
	cmd.Dir = at.checkout
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

func (s *speed) binary(name string) string { return filepath.Join(s.bin, name) }

func (s *speed) copyBinary(t *testing.T, from, name string) {
	t.Helper()
	source, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	target, err := os.OpenFile(s.binary(name), os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o700)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = io.Copy(target, source); err == nil {
		err = target.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// store makes a release with all its revisions, by Helm 4.
func (s *speed) store(t *testing.T, namespace string) {
	t.Helper()
	helm, chart := helms()[1], filepath.Join(s.charts, "heavy")
	s.home.mustHelm(t, helm, "install", "heavy", chart, "-n", namespace)
	for range storedRevisions - 1 {
		s.home.mustHelm(t, helm, "upgrade", "heavy", chart, "-n", namespace, "--history-max", strconv.Itoa(storedRevisions))
	}
}

// question is something that both the tool and Helm can be asked. aim is the ratio of times to stay below.
type question struct {
	name         string
	ours, theirs []string
	aim          float64
}

func (s *speed) questions(namespace string) []question {
	list := []question{{"start-up (version)", []string{"version"}, []string{"version"}, 0.6}}
	for _, chart := range []struct {
		name, what string
		one, all   float64
	}{
		{"small", "8 templates", 1, 1},
		{"large", "500 templates, 60 hooks", 0.5, 1},
		{"umbrella", "40 subcharts", 0.5, 1},
		{"revisions", "500, revisions differ", 1, 1},
		{"random", "500, random values", 1, 1},
	} {
		path := filepath.Join(s.charts, chart.name)
		template := []string{"template", "large", path}
		list = append(list,
			question{"plan --action install, " + chart.what, []string{"plan", path, "--action", "install"}, template, chart.one},
			question{"plan, " + chart.what, []string{"plan", path}, template, chart.all})
	}
	return append(list, question{"plan RELEASE", []string{"plan", "heavy", "-n", namespace}, []string{"get", "hooks", "heavy", "-n", namespace}, 1})
}

// measure asks everything of both Helms, and gives the table.
func (s *speed) measure(t *testing.T, namespace string) string {
	t.Helper()
	work := bench.Work{Pairs: s.pairs, Env: s.home.env}
	var aims []float64
	for _, q := range s.questions(namespace) {
		for _, helm := range helms() {
			ours := append([]string{s.binary("helm-hooks")}, q.ours...)
			if q.ours[0] == "plan" {
				ours = append(ours, "--engine", helm.engine)
			}
			work.Cases = append(work.Cases, bench.Case{
				Name: q.name + " / Helm " + helm.version, Ours: ours, Theirs: append([]string{s.binary(helm.engine)}, q.theirs...),
			})
			aims = append(aims, q.aim)
		}
	}
	input, err := json.Marshal(work)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), s.binary("compare"))
	cmd.Stdin, cmd.Stderr = bytes.NewReader(input), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return table(t, out, aims)
}

func table(t *testing.T, out []byte, aims []float64) string {
	t.Helper()
	var text strings.Builder
	row := "%-64s %8s %8s %6s %5s %-4s %6s %8s %8s %6s %-4s\n"
	fmt.Fprintf(&text, row, "", "ms ours", "Helm", "ratio", "aim", "", "CPU", "MiB ours", "Helm", "ratio", fmt.Sprint(memoryAim))
	decoder := json.NewDecoder(bytes.NewReader(out))
	for _, aim := range aims {
		var r bench.Result
		if err := decoder.Decode(&r); err != nil {
			t.Fatal(err)
		}
		ours, theirs := r.OursTook, r.TheirsTook
		wall, memory := ratio(ours.Wall, theirs.Wall), ratio(ours.Memory, theirs.Memory)
		fmt.Fprintf(&text, row, r.Name, milliseconds(ours.Wall), milliseconds(theirs.Wall), fmt.Sprintf("%.2f", wall), fmt.Sprint(aim), met(wall, aim),
			fmt.Sprintf("%.2f", ratio(ours.CPU, theirs.CPU)), mebibytes(ours.Memory), mebibytes(theirs.Memory), fmt.Sprintf("%.2f", memory), met(memory, memoryAim))
	}
	return text.String()
}

func milliseconds(d time.Duration) string { return fmt.Sprintf("%.1f", d.Seconds()*1000) }

func mebibytes(n int64) string { return fmt.Sprintf("%.1f", float64(n)/(1<<20)) }

func met(got, aim float64) string {
	if got <= aim {
		return "met"
	}
	return "not"
}
