//go:build unix

package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"
)

// A reader that has seen enough, as head has, is no error: not a word, whatever the exit code.
func TestClosedPipeIsSilent(t *testing.T) {
	for _, format := range []string{"tree", "wide", "json"} {
		t.Run(format, func(t *testing.T) {
			reader, writer, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			var talk bytes.Buffer
			cmd := exec.Command("helm-hooks", "plan", "../../testdata/charts/shop", "-o", format)
			cmd.Stdout, cmd.Stderr = writer, &talk
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			reader.Close()
			writer.Close()
			err = cmd.Wait()
			if talk.Len() > 0 {
				t.Errorf("stderr %q", talk.String())
			}
			var exit *exec.ExitError
			if err != nil && (!errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGPIPE) {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestInterruptedWhileItReadsStandardInput(t *testing.T) {
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		t.Run(signal.String(), func(t *testing.T) {
			reader, writer, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer writer.Close()
			var out, talk bytes.Buffer
			cmd := exec.Command("helm-hooks", "plan", "-")
			cmd.Stdin, cmd.Stdout, cmd.Stderr = reader, &out, &talk
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			reader.Close()
			// More than a pipe holds: when all of it is written, the program is reading.
			if _, err := io.Copy(writer, bytes.NewReader(bytes.Repeat([]byte("# nothing\n"), 20000))); err != nil {
				t.Fatal(err)
			}
			if err := cmd.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			killer := time.AfterFunc(20*time.Second, func() { _ = cmd.Process.Kill() })
			defer killer.Stop()
			_ = cmd.Wait()
			if code := cmd.ProcessState.ExitCode(); code != 130 || out.Len() > 0 || talk.String() != "interrupted\n" {
				t.Errorf("exit code %d, stdout %q, stderr %q", code, out.String(), talk.String())
			}
		})
	}
}
