package docs

import (
	"context"
	"log"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"k8s.io/klog/v2"

	"github.com/helm-hooks/helm-hooks/internal/cli"
)

const (
	// columnsVariable asks Program for the answer on a terminal of that many columns.
	columnsVariable = "HELM_HOOKS_DOCS_COLUMNS"
	// LaterVariable sets the clock of Program forward, as in 20m.
	LaterVariable = "HELM_HOOKS_DOCS_LATER"
	// columns is how wide the answers in the pages are.
	columns = 100
)

// IsProgram says whether this test binary was started under the name of our program.
func IsProgram() bool {
	base := strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe")
	return base == "helm-hooks" || base == "kubectl-hooks"
}

// Program is main of cmd/helm-hooks but for the terminal, which a test has not, and the clock.
func Program() int {
	talk := cli.NewTalk(os.Stderr)
	log.SetFlags(0)
	log.SetOutput(talk)
	slog.SetDefault(slog.New(slog.NewTextHandler(talk, &slog.HandlerOptions{Level: slog.LevelInfo, ReplaceAttr: cli.WithoutTime})))
	klog.SetLogger(klog.New(nil))
	env := cli.Env{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Lookup: os.LookupEnv, Version: "0.1.0"}
	if width, err := strconv.Atoi(os.Getenv(columnsVariable)); err == nil {
		env.Width, env.Terminal = width, true
	}
	if later, err := time.ParseDuration(os.Getenv(LaterVariable)); err == nil {
		env.Now = func() time.Time { return time.Now().Add(later) }
	}
	return cli.Run(context.Background(), os.Args, env)
}
