//go:build helmcmd

// This file writes testdata/helm3.flags and testdata/helm4.flags. Helm 4's commands bring modules along
// that nothing else here needs, so it stands apart:
//
//	go test -tags helmcmd -mod=mod ./internal/cli -run Helms_flags -update -helm3 PATH-OF-HELM-3

package cli

import (
	"flag"
	"fmt"
	"io"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	helm "helm.sh/helm/v4/pkg/cmd"
)

var helm3Binary = flag.String("helm3", "../../.tools/helm-3.22.0/helm", "a Helm 3 to ask for its flags")

func Test_the_list_of_Helms_flags_is_Helm_4s(t *testing.T) {
	for _, name := range []string{"HELM_PLUGINS", "HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME"} {
		t.Setenv(name, t.TempDir())
	}
	root, err := helm.NewRootCmd(io.Discard, nil, func(bool) {})
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		command := strings.ReplaceAll(strings.TrimPrefix(strings.TrimPrefix(cmd.CommandPath(), "helm"), " "), " ", "-")
		if command == "" {
			command = "helm"
		}
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if !f.Hidden || f.Deprecated != "" { // hidden ones are klog's
				lines = append(lines, described(f).line(command))
			}
		})
		for _, sub := range cmd.Commands() {
			walk(sub)
		}
	}
	walk(root)
	golden(t, "testdata/helm4.flags", sorted(lines))
}

// flagLine is a line of a help text: letter, name, type, what stands for the flag without a value.
var flagLine = regexp.MustCompile(`^ +(?:-(\w), )? *--([\w-]+)(?: ([A-Za-z]\w*))?(\[=[^]]*\])?(?: {2,}|$)`)

func Test_the_list_of_Helms_flags_is_Helm_3s(t *testing.T) {
	// What help does not show: v3 cmd/helm/upgrade.go and version.go hide them.
	lines := []string{
		described(&pflag.Flag{Name: "recreate-pods", NoOptDefVal: "true", Value: boolean{}}).line("upgrade"),
		described(&pflag.Flag{Name: "client", Shorthand: "c", NoOptDefVal: "true", Value: boolean{}}).line("version"),
	}
	var walk func(command ...string)
	walk = func(command ...string) {
		out, err := exec.Command(*helm3Binary, append(slices.Clone(command), "--help")...).Output()
		if err != nil {
			t.Fatal(err)
		}
		section := ""
		for line := range strings.Lines(string(out)) {
			line = strings.TrimRight(line, "\n")
			switch {
			case strings.HasSuffix(line, ":") && !strings.HasPrefix(line, " "):
				section = line
			case section == "Available Commands:":
				if fields := strings.Fields(line); len(fields) > 0 && fields[0] != "help" {
					walk(append(slices.Clone(command), fields[0])...)
				}
			case section == "Flags:":
				if match := flagLine.FindStringSubmatch(line); match != nil {
					name := strings.Join(command, "-")
					if name == "" {
						name = "helm"
					}
					lines = append(lines, helmFlag{name: match[2], shorthand: match[1], shape: shapeOf(match[3] == "", match[4] != "")}.line(name))
				}
			}
		}
	}
	walk()
	golden(t, "testdata/helm3.flags", sorted(lines))
}

type boolean struct{ pflag.Value }

func (boolean) Type() string { return "bool" }

func sorted(lines []string) string {
	slices.Sort(lines)
	return strings.Join(slices.Compact(lines), "\n") + "\n"
}

func (f helmFlag) line(command string) string {
	shorthand := "-"
	if f.shorthand != "" {
		shorthand = "-" + f.shorthand
	}
	return fmt.Sprintf("%s %s --%s %s", command, shorthand, f.name, f.shape)
}
