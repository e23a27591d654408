//go:build e2e

package e2e

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/helm-hooks/helm-hooks/test/e2e/apiserver"
)

// revisionsEach is how many revisions each release of the benchmark has, and releasesEach how many share a namespace.
const (
	revisionsEach = 5
	releasesEach  = 20
)

// list -A against `helm list -A` of both Helms, in a cluster with many releases: make bench. It is no test: it fails
// only where the answers differ, never for being slow.
func TestListAtScale(t *testing.T) {
	releases, err := strconv.Atoi(os.Getenv("HELM_HOOKS_RELEASES"))
	if err != nil || releases < 1 {
		t.Skip("set HELM_HOOKS_RELEASES to the number of releases")
	}
	s := apiServer(t)
	tool := filepath.Join(built(t), "helm-hooks")
	admin := s.Admin(t, "default")
	began := time.Now()
	packed := populate(t, s, admin, releases)
	t.Logf("%d releases of %d revisions, records of %s KiB, made in %s", releases, revisionsEach, packed, time.Since(began).Round(time.Second))

	counter := countBytes(t, strings.TrimPrefix(s.URL, "https://"))
	home := newHome(t, "KUBECONFIG="+through(t, admin.Kubeconfig, counter.address()))
	ours := measure(t, counter, home, releases, tool, "list", "-A", "-o", "name")
	t.Logf("helm hooks list -A     %s", ours)
	for _, helm := range helms() {
		theirs := measure(t, counter, home, releases, helm.path(), "list", "-A", "--max", "0", "--no-headers")
		t.Logf("helm %s list -A    %s", helm.version, theirs)
		t.Logf("  ours to theirs       time %.2f, bytes %.2f, memory %.2f", ratio(ours.time, theirs.time), ratio(ours.bytes, theirs.bytes), ratio(ours.memory, theirs.memory))
	}
}

// usage is what a command took.
type usage struct {
	time   time.Duration
	bytes  int64
	memory int64
}

func (u usage) String() string {
	return fmt.Sprintf("%8.2f s %8.1f MiB received %8.1f MiB of memory at most", u.time.Seconds(), float64(u.bytes)/(1<<20), float64(u.memory)/(1<<20))
}

func ratio[T ~int64](a, b T) float64 { return float64(a) / float64(b) }

// measure runs a command three times and keeps the fastest run. The answer has a line a release.
func measure(t *testing.T, counter *byteCounter, home home, lines int, name string, arguments ...string) usage {
	t.Helper()
	var best usage
	for range 3 {
		counter.received.Store(0)
		cmd := exec.CommandContext(t.Context(), name, arguments...)
		cmd.Env = home.env
		var stdout, stderr bytes.Buffer
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		began := time.Now()
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		peak := watchMemory(cmd.Process.Pid)
		if err := cmd.Wait(); err != nil {
			t.Fatalf("%s: %v\n%s", name, err, stderr.String())
		}
		took := time.Since(began)
		if got := strings.Count(stdout.String(), "\n"); got != lines {
			t.Fatalf("%s tells of %d releases, not of %d", name, got, lines)
		}
		memory := <-peak
		if best.time == 0 || took < best.time {
			best = usage{took, counter.received.Load(), memory}
		}
	}
	return best
}

// watchMemory asks for the high-water mark of a process until the process is gone. What wait4 tells would not do: it
// counts in the memory of this process, from which the other was forked.
func watchMemory(pid int) <-chan int64 {
	peak := make(chan int64, 1)
	go func() {
		var most int64
		for {
			text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
			_, rest, found := strings.Cut(string(text), "VmHWM:")
			if err != nil || !found {
				peak <- most
				return
			}
			number, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
			kilobytes, _ := strconv.ParseInt(number, 10, 64)
			most = max(most, kilobytes<<10)
			time.Sleep(2 * time.Millisecond)
		}
	}()
	return peak
}

// populate stores releases as Helm does. They are copies of two that a real Helm has installed: the shop chart as it
// is, and with settings as charts of grown-up programs have them.
func populate(t *testing.T, s *apiserver.Server, admin apiserver.Access, releases int) (packed string) {
	t.Helper()
	home := newHome(t, "KUBECONFIG="+admin.Kubeconfig)
	originals := []map[string]json.RawMessage{installedRecord(t, s, home, shop), installedRecord(t, s, home, largeChart(t))}
	jobs := make(chan int)
	var workers sync.WaitGroup
	var small, large atomic.Int64
	for range 4 {
		workers.Go(func() {
			for i := range jobs {
				size := storeRelease(t, s, originals[i%2], i)
				[]*atomic.Int64{&small, &large}[i%2].Store(int64(size))
			}
		})
	}
	for i := range releases {
		if i%releasesEach == 0 {
			namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: scaleNamespace(i)}}
			if _, err := s.Client().CoreV1().Namespaces().Create(t.Context(), namespace, metav1.CreateOptions{}); err != nil {
				t.Fatal(err)
			}
		}
		jobs <- i
	}
	close(jobs)
	workers.Wait()
	return fmt.Sprintf("%.1f and %.1f", float64(small.Load())/1024, float64(large.Load())/1024)
}

func scaleNamespace(i int) string { return fmt.Sprintf("scale-%04d", i/releasesEach) }

// installedRecord is the record of a chart that a real Helm has installed, which is taken away again.
func installedRecord(t *testing.T, s *apiserver.Server, home home, chart string) map[string]json.RawMessage {
	t.Helper()
	namespace, helm := s.Namespace(t, "original"), helms()[1]
	home.mustHelm(t, helm, "install", "original", chart, "-n", namespace)
	secrets := s.Client().CoreV1().Secrets(namespace)
	secret, err := secrets.Get(t.Context(), "sh.helm.release.v1.original.v1", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := secrets.Delete(t.Context(), secret.Name, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	zipped, err := base64.StdEncoding.DecodeString(string(secret.Data["release"]))
	if err != nil {
		t.Fatal(err)
	}
	reader, err := gzip.NewReader(bytes.NewReader(zipped))
	if err != nil {
		t.Fatal(err)
	}
	var release map[string]json.RawMessage
	if err := json.NewDecoder(reader).Decode(&release); err != nil {
		t.Fatal(err)
	}
	return release
}

// largeChart is the shop chart with a dozen files of settings. Settings do not repeat themselves as templates do, so
// they are what makes a record large.
func largeChart(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "large")
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(at.checkout, shop))); err != nil {
		t.Fatal(err)
	}
	for i := range 12 {
		var text strings.Builder
		fmt.Fprintf(&text, "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings-%d\ndata:\n", i)
		for line := range 24 {
			fmt.Fprintf(&text, "  key-%d: %q\n", line, fmt.Sprintf("%x", sha256.Sum256([]byte{byte(i), byte(line)})))
		}
		if err := os.WriteFile(filepath.Join(dir, "templates", fmt.Sprintf("settings-%02d.yaml", i)), []byte(text.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// storeRelease stores all revisions of a release. One release in ten has failed the last time.
func storeRelease(t *testing.T, s *apiserver.Server, original map[string]json.RawMessage, i int) (size int) {
	name, namespace := fmt.Sprintf("app-%05d", i), scaleNamespace(i)
	var info map[string]any
	if err := json.Unmarshal(original["info"], &info); err != nil {
		t.Error(err)
	}
	for revision := 1; revision <= revisionsEach; revision++ {
		status := "superseded"
		switch failed := i%10 == 0; {
		case failed && revision == revisionsEach:
			status = "failed"
		case !failed && revision == revisionsEach, failed && revision == revisionsEach-1:
			status = "deployed"
		}
		info["status"] = status
		release := map[string]any{"name": name, "namespace": namespace, "version": revision, "info": info}
		for key, value := range original {
			if release[key] == nil {
				release[key] = value
			}
		}
		data := packRecord(t, release)
		size = len(data)
		secret := &corev1.Secret{
			Type: "helm.sh/release.v1", Data: map[string][]byte{"release": data},
			ObjectMeta: metav1.ObjectMeta{
				Name: fmt.Sprintf("sh.helm.release.v1.%s.v%d", name, revision),
				Labels: map[string]string{
					"owner": "helm", "name": name, "status": status, "version": strconv.Itoa(revision), "createdAt": strconv.FormatInt(time.Now().Unix(), 10),
				},
			},
		}
		if _, err := s.Client().CoreV1().Secrets(namespace).Create(t.Context(), secret, metav1.CreateOptions{}); err != nil {
			t.Error(err)
		}
	}
	return size
}

// packRecord is Helm's encodeRelease (v3 and v4 pkg/storage/driver/util.go).
func packRecord(t *testing.T, release any) []byte {
	text, err := json.Marshal(release)
	if err != nil {
		t.Error(err)
	}
	var buffer bytes.Buffer
	writer, err := gzip.NewWriterLevel(&buffer, gzip.BestCompression)
	if err != nil {
		t.Error(err)
	}
	_, _ = writer.Write(text)
	if err := writer.Close(); err != nil {
		t.Error(err)
	}
	return []byte(base64.StdEncoding.EncodeToString(buffer.Bytes()))
}

// byteCounter passes connections on to a server and counts what the server sends.
type byteCounter struct {
	listener net.Listener
	received atomic.Int64
}

func (c *byteCounter) address() string { return c.listener.Addr().String() }

func countBytes(t *testing.T, server string) *byteCounter {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &byteCounter{listener: listener}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go c.pass(client, server)
		}
	}()
	return c
}

func (c *byteCounter) pass(client net.Conn, address string) {
	defer client.Close()
	server, err := new(net.Dialer).DialContext(context.Background(), "tcp", address)
	if err != nil {
		return
	}
	defer server.Close()
	go func() {
		_, _ = io.Copy(server, client)
		_ = server.Close()
	}()
	_, _ = io.Copy(client, io.TeeReader(server, writerFunc(func(text []byte) { c.received.Add(int64(len(text))) })))
}

type writerFunc func(text []byte)

func (f writerFunc) Write(text []byte) (int, error) {
	f(text)
	return len(text), nil
}

// through is a copy of a kubeconfig that goes to another address.
func through(t *testing.T, kubeconfig, address string) string {
	t.Helper()
	config, err := clientcmd.LoadFromFile(kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	for _, cluster := range config.Clusters {
		cluster.Server = "https://" + address
	}
	path := filepath.Join(t.TempDir(), "kubeconfig")
	if err := clientcmd.WriteToFile(*config, path); err != nil {
		t.Fatal(err)
	}
	return path
}
