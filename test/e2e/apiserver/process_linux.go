package apiserver

import (
	"os/exec"
	"syscall"
)

// dieWithUs ends the child with this process, even where a test runs out of time or is killed and nothing can be
// stopped any more.
func dieWithUs(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
