// Command helm-hooks shows which hooks of a Helm chart run when, and which are dropped. It is a plugin
// of Helm (helm hooks), of kubectl (kubectl hooks) and a program of its own.
package main

import (
	"context"
	"io"
	"log"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/term"
	"k8s.io/klog/v2"

	"github.com/helm-hooks/helm-hooks/internal/cli"
)

// version is set when a release is linked; a plain build takes it from the module's build info.
var version string

func main() { os.Exit(run()) }

func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// A closed pipe is an error of the write then, not the end of the process, which Helm would report.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	talk := cli.NewTalk(os.Stderr)
	// Helm's packages write through the process-wide loggers; nothing else may.
	log.SetFlags(0)
	log.SetOutput(talk)
	slog.SetDefault(slog.New(slog.NewTextHandler(talk, &slog.HandlerOptions{Level: slog.LevelInfo, ReplaceAttr: cli.WithoutTime})))
	// client-go logs what it also returns as an error, in a form of its own.
	klog.SetLogger(klog.New(nil))
	return cli.Run(ctx, os.Args, cli.Env{
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Lookup: os.LookupEnv,
		Width: width(os.Stdout), Terminal: term.IsTerminal(int(os.Stdout.Fd())), Version: version,
	})
}

// width is the terminal's width, 0 where the writer is no terminal.
func width(out io.Writer) int {
	file, ok := out.(*os.File)
	if !ok {
		return 0
	}
	columns, _, err := term.GetSize(int(file.Fd()))
	if err != nil {
		return 0
	}
	return columns
}
