// Package cli is the command line: cobra commands in four stages (options, Complete, Validate, Run).
// It reads the environment, asks the sources, lets pkg/plan work and hands the answer to a renderer.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
)

// Env is everything that a command may know of the outside.
type Env struct {
	In       io.Reader
	Out, Err io.Writer
	// Lookup reads an environment variable.
	Lookup func(name string) (string, bool)
	// Width is the terminal's width in columns, 0 where stdout is none.
	Width    int
	Terminal bool
	// Version is the linked-in version, empty for a plain build.
	Version string
	// Now is the clock, nil for the system's.
	Now func() time.Time
}

func (e Env) now() time.Time {
	if e.Now == nil {
		return time.Now()
	}
	return e.Now()
}

// get reads an environment variable; an empty one counts as not set, as in Helm.
func (e Env) get(name string) string {
	value, _ := e.Lookup(name)
	return value
}

// The exit codes. 1 beats 2.
const (
	exitFine        = 0
	exitError       = 1
	exitFindings    = 2
	exitInterrupted = 130
)

// findingsError asks for exit code 2 without a word: the answer is on stdout already.
type findingsError struct{}

func (findingsError) Error() string { return "findings" }

// hintError is an error with the way out on a line of its own.
type hintError struct {
	err  error
	hint string
}

func (e *hintError) Error() string { return e.err.Error() }
func (e *hintError) Unwrap() error { return e.err }

// Run executes one command line and gives the exit code. arguments begin with the program's name, as
// in os.Args.
func Run(ctx context.Context, arguments []string, env Env) int {
	name, rest := "helm-hooks", []string{}
	if len(arguments) > 0 {
		name, rest = arguments[0], arguments[1:]
	}
	root := newRoot(env, programName(name), commandName(name, env))
	root.SetArgs(rest)
	root.SetIn(env.In)
	root.SetOut(env.Out)
	root.SetErr(env.Err)
	done := make(chan error, 1)
	go func() { done <- root.ExecuteContext(ctx) }()
	select {
	case err := <-done:
		return exitCode(ctx, env, err)
	case <-ctx.Done():
		// Whoever reads a standard input that nobody writes, or waits for a chart repository, knows no
		// context: it is left behind, and goes with the process.
		return exitCode(ctx, env, ctx.Err())
	}
}

// exitCode is the only place where an error becomes a number and words.
func exitCode(ctx context.Context, env Env, err error) int {
	var findings findingsError
	switch {
	case err == nil:
		return exitFine
	case errors.As(err, &findings):
		return exitFindings
	case errors.Is(err, syscall.EPIPE):
		// Somebody closed the pipe, as `| head` does: nothing to say.
		return exitFine
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		fmt.Fprintln(env.Err, "interrupted")
		return exitInterrupted
	}
	fmt.Fprintf(env.Err, "error: %s\n", printable(err.Error()))
	var hint *hintError
	if errors.As(err, &hint) && hint.hint != "" {
		fmt.Fprintf(env.Err, "hint: %s\n", printable(hint.hint))
	}
	return exitError
}

// printable keeps what an error quotes from a chart from reaching the terminal's controls; line
// breaks stay, since Helm's messages have them.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r < 0x20, r == 0x7f, r >= 0x80 && r < 0xa0, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0x200e, r == 0x200f:
			return -1
		}
		return r
	}, text)
}

// programName is the file that was started: helm-hooks, or kubectl-hooks.
func programName(program string) string {
	base := strings.TrimSuffix(filepath.Base(strings.ReplaceAll(program, `\`, "/")), ".exe")
	if strings.HasPrefix(base, "kubectl-") {
		return base
	}
	return "helm-hooks"
}

// commandName is what people type to get here: helm hooks, kubectl hooks, or the program itself.
func commandName(program string, env Env) string {
	base := programName(program)
	switch {
	case strings.HasPrefix(base, "kubectl-"):
		// kubectl finds kubectl-a-b for `kubectl a b`, and _ stands for a dash in a word.
		words := strings.ReplaceAll(strings.TrimPrefix(base, "kubectl-"), "-", " ")
		return "kubectl " + strings.ReplaceAll(words, "_", "-")
	case env.asHelmPlugin():
		return "helm hooks"
	}
	return "helm-hooks"
}

// asHelmPlugin says whether Helm started us: it sets both variables for its plugins.
func (e Env) asHelmPlugin() bool { return e.get("HELM_BIN") != "" && e.get("HELM_PLUGIN_DIR") != "" }

// newRoot makes the commands. program is the file that completion scripts are for, name is what people type.
func newRoot(env Env, program, name string) *cobra.Command {
	root := &cobra.Command{
		Use:   program,
		Short: "Show which hooks of a Helm chart run when, and which are dropped",
		Long: `Shows what Helm will do with the hooks of a chart: which run in which action, in which
order, what Helm waits for, what it deletes, what is left behind, and what it drops in silence.`,
		Args:          func(cmd *cobra.Command, args []string) error { return unknownCommand(cmd, args) },
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		Annotations:   map[string]string{cobra.CommandDisplayNameAnnotation: name},
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return flagError(cmd, err) })
	root.SuggestionsMinimumDistance = 2
	root.AddCommand(newPlanCommand(env, name), newExplainCommand(env, name), newLintCommand(env, name), newStatusCommand(env, name), newListCommand(env, name), newDiffCommand(env, name), newVersionCommand(env))
	return root
}

// unknownCommand takes in what may be a mistyped command, or a SOURCE without one.
func unknownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	err := fmt.Errorf("unknown command %q for %q", args[0], cmd.CommandPath())
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		return &hintError{err, "did you mean " + cmd.CommandPath() + " " + strings.Join(near, " or ") + "?"}
	}
	return &hintError{err, fmt.Sprintf("for its hooks: %s plan %s; for all commands: %[1]s --help", cmd.CommandPath(), args[0])}
}
