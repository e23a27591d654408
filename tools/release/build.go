package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// platform is what Go calls a target.
type platform struct{ OS, Arch string }

func (p platform) String() string { return p.OS + "/" + p.Arch }

// exe is the ending of an executable's name.
func (p platform) exe() string {
	if p.OS == "windows" {
		return ".exe"
	}
	return ""
}

// mainPackage is what is built, seen from the checkout.
const mainPackage = "./cmd/helm-hooks"

// goCommand is a go command for a platform. What a developer may have set must not change the bytes.
func goCommand(ctx context.Context, root string, p platform, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = root
	cmd.Env = append(
		os.Environ(), "GOOS="+p.OS, "GOARCH="+p.Arch, "CGO_ENABLED=0", "GOWORK=off",
		"GOAMD64=v1", "GOARM64=v8.0", "GOEXPERIMENT=", "GOFIPS140=off",
	)
	return cmd
}

// build links the stripped binary of one platform. It knows its version, but neither the folder it was built in nor
// the state of git: an export of the sources gives the same bytes as a clone.
func build(ctx context.Context, root, out string, p platform, version string) error {
	cmd := goCommand(
		ctx, root, p, "build", "-trimpath", "-buildvcs=false",
		"-ldflags", "-s -w -X main.version="+version, "-o", out, mainPackage,
	)
	_, err := output(cmd)
	if err != nil {
		return fmt.Errorf("build for %s: %w", p, err)
	}
	return nil
}

func output(cmd *exec.Cmd) ([]byte, error) {
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, stderr.String())
	}
	return out, nil
}
