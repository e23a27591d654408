package docs

import (
	"bytes"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

// Run types a command. The answer is what a terminal shows: stdout and stderr, in the order in which they come.
func (w *World) Run(t testing.TB, c Command, env ...string) (answer []string, code int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "bash", "-c", "set -o pipefail\n"+w.here(c.Text))
	cmd.WaitDelay = 10 * time.Second
	cmd.Dir = w.Dir
	cmd.Env = append(slices.Clone(w.Env), env...)
	if !strings.ContainsAny(c.Text, "|>") {
		cmd.Env = append(cmd.Env, fmt.Sprintf("%s=%d", columnsVariable, columns))
	}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatalf("%s: %v", c, err)
	}
	return strings.Split(strings.TrimRight(w.there(out.String()), "\n"), "\n"), cmd.ProcessState.ExitCode()
}

// Stand lets something on this machine stand for what the pages name.
func (w *World) Stand(said, here string) { w.stands = append(w.stands, said, here) }

func (w *World) here(text string) string { return strings.NewReplacer(w.stands...).Replace(text) }

func (w *World) there(text string) string {
	back := slices.Clone(w.stands)
	for i := 0; i < len(back); i += 2 {
		back[i], back[i+1] = back[i+1], back[i]
	}
	return strings.NewReplacer(back...).Replace(text)
}

// Check runs a command and holds it against its page: the exit code that is said, the answer that is shown. same
// compares two answers. What is shown and no longer true is returned as the new answer.
func (w *World) Check(t testing.TB, c Command, same func(a, b []string) bool, env ...string) (news []string) {
	t.Helper()
	answer, code := w.Run(t, c, env...)
	if code != c.ExitCode() {
		t.Errorf("%s: exit code %d, want %d\n%s", c, code, c.ExitCode(), strings.Join(answer, "\n"))
		return nil
	}
	if len(c.Shown) == 0 || same(c.Shown, answer) {
		return nil
	}
	return answer
}
