//go:build fluxrecord && linux

package flux

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// controller is a helm-controller that watches one namespace. Like a Pod's container, it is started again when it ends.
type controller struct {
	t          *testing.T
	program    string
	home       string
	kubeconfig string
	namespace  string
	logs       string
	flags      []string

	mu      sync.Mutex
	cmd     *exec.Cmd
	stopped bool
	strange []string
	done    chan struct{}
}

func startController(t *testing.T, program, server, namespace, logs string, flags []string) *controller {
	t.Helper()
	c := &controller{t: t, program: program, home: t.TempDir(), namespace: namespace, logs: logs, flags: flags, done: make(chan struct{})}
	config := clientcmdapi.NewConfig()
	config.Clusters["c"] = &clientcmdapi.Cluster{Server: server}
	config.Contexts["x"] = &clientcmdapi.Context{Cluster: "c"}
	config.CurrentContext = "x"
	c.kubeconfig = filepath.Join(c.home, "kubeconfig")
	if err := clientcmd.WriteToFile(*config, c.kubeconfig); err != nil {
		t.Fatal(err)
	}
	go c.run()
	t.Cleanup(c.stop)
	return c
}

// run starts the controller, again and again.
func (c *controller) run() {
	defer close(c.done)
	// The kernel ends the child when the thread that started it ends, so that thread has to stay.
	runtime.LockOSThread()
	for {
		args := append([]string{
			"--watch-all-namespaces=false", "--metrics-addr=0", "--health-addr=0", "--events-addr=",
			"--enable-leader-election=false", "--concurrent=1", "--log-level=debug", "--interval-jitter-percentage=0",
			"--min-retry-delay=200ms", "--max-retry-delay=1s", "--graceful-shutdown-timeout=1s", "--http-retry=1",
		}, c.flags...)
		cmd := exec.Command(c.program, args...)
		cmd.Env = []string{"HOME=" + c.home, "TMPDIR=" + c.home, "KUBECONFIG=" + c.kubeconfig, "RUNTIME_NAMESPACE=" + c.namespace}
		cmd.Dir = c.home
		cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		out, err := cmd.StderrPipe()
		if err != nil {
			c.t.Error(err)
			return
		}
		c.mu.Lock()
		if c.stopped {
			c.mu.Unlock()
			return
		}
		c.cmd = cmd
		err = cmd.Start()
		c.mu.Unlock()
		if err != nil {
			c.t.Error(err)
			return
		}
		c.read(bufio.NewScanner(out))
		// How it ended is told below.
		_ = cmd.Wait()
		c.mu.Lock()
		stopped := c.stopped
		if !stopped && cmd.ProcessState.ExitCode() >= 0 {
			c.strange = append(c.strange, fmt.Sprintf("the controller ends with code %d", cmd.ProcessState.ExitCode()))
		}
		c.mu.Unlock()
		if stopped {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// foreign matches what Go's log and slog put before a line.
var foreign = regexp.MustCompile(`^\d{4}/\d{2}/\d{2} \d{2}:\d{2}:\d{2} `)

// read keeps the lines that are neither the controller's own nor client-go's.
func (c *controller) read(lines *bufio.Scanner) {
	lines.Buffer(nil, 1<<20)
	log, err := os.OpenFile(filepath.Join(c.logs, c.namespace+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		c.t.Error(err)
		return
	}
	defer log.Close()
	for lines.Scan() {
		line := lines.Text()
		fmt.Fprintln(log, line)
		text := foreign.ReplaceAllString(line, "")
		if text == line && !strings.HasPrefix(line, "panic: ") {
			continue
		}
		c.mu.Lock()
		c.strange = append(c.strange, text)
		c.mu.Unlock()
	}
}

// kill ends the controller at once; run starts it again.
func (c *controller) kill() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cmd != nil && c.cmd.Process != nil {
		// It may have ended by itself.
		_ = c.cmd.Process.Kill()
	}
}

func (c *controller) stop() {
	c.mu.Lock()
	c.stopped = true
	c.mu.Unlock()
	c.kill()
	<-c.done
}

// takenStrange are the foreign lines so far, which are then forgotten.
func (c *controller) takenStrange() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	lines := c.strange
	c.strange = nil
	return lines
}
