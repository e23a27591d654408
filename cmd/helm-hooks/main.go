// Command helm-hooks shows which hooks of a Helm chart run when, and which are dropped. It is a plugin
// of Helm (helm hooks), of kubectl (kubectl hooks) and a program of its own.
package main

import (
	"context"
	"log"
	"log/slog"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"

	"golang.org/x/term"
	"k8s.io/klog/v2"

	"github.com/helm-hooks/helm-hooks/internal/cli"
)

// version is set when a release is linked; a plain build takes it from the module's build info.
var version string

func main() {
	collectLate()
	os.Exit(run())
}

// collectLate leaves garbage where it is until the heap has 16 MiB (4 MiB times the percentage, runtime/mgcpacer.go:
// heapMinimum): most plans are made before that, and to go through the memory of two SDKs takes longer than the plan.
// The first collection brings the usual pace back, so that what is large stays as small as it can be.
func collectLate() {
	const percent = 400
	usual := debug.SetGCPercent(percent)
	if usual != 100 {
		debug.SetGCPercent(usual) // GOGC says otherwise
		return
	}
	first := new([64]byte)
	runtime.AddCleanup(first, func(usual int) { debug.SetGCPercent(usual) }, usual)
}

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
