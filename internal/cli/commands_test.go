package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// docs/commands.md is the tree of commands. After a change of a flag:
//
//	go test ./internal/cli -run Commands_page -update
func Test_the_Commands_page_is_the_tree_of_commands(t *testing.T) {
	root := newRoot(Env{Lookup: func(string) (string, bool) { return "", false }}, "helm-hooks", "helm hooks")
	commands := slices.DeleteFunc(root.Commands(), func(c *cobra.Command) bool { return !c.IsAvailableCommand() })
	order := []string{"plan", "explain", "lint", "status", "list", "diff"}
	place := func(c *cobra.Command) int {
		switch at := slices.Index(order, c.Name()); {
		case at >= 0:
			return at
		case c.Name() == "version":
			return len(order) + 1
		}
		return len(order)
	}
	slices.SortFunc(commands, func(a, b *cobra.Command) int {
		return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(a.Name(), b.Name()))
	})
	golden(t, "../../docs/commands.md", commandsPage(commands))
}

// flagGroup are flags that are the same in the same commands.
type flagGroup struct {
	commands []string
	flags    []*pflag.Flag
}

func commandsPage(commands []*cobra.Command) string {
	var page strings.Builder
	page.WriteString(`<!-- Written by go test ./internal/cli -run Commands_page -update -->

# Commands and flags

` + "`helm hooks COMMAND`, `kubectl hooks COMMAND` and `helm-hooks COMMAND` are the same program. `helm hooks COMMAND --help` has examples.\n" +
		"Helm keeps `-n`, `--kubeconfig` and its other global flags to itself and hands them on.\n\n| command | |\n|---|---|\n")
	for _, c := range commands {
		fmt.Fprintf(&page, "| [`%s`](#%[1]s) | %s |\n", c.Name(), c.Short)
	}
	page.WriteString("| `completion` | Print the completion script for bash, zsh, fish or powershell |\n")
	groups := groupFlags(commands)
	for _, c := range commands {
		use := strings.TrimPrefix(strings.TrimSuffix(c.UseLine(), " [flags]"), "helm hooks ")
		fmt.Fprintf(&page, "\n## %s\n\n    helm hooks %s\n", c.Name(), use)
		if c.Long != "" {
			fmt.Fprintf(&page, "\n%s\n", c.Long)
		}
		var own []*pflag.Flag
		var shared []string
		for _, g := range groups {
			switch {
			case !slices.Contains(g.commands, c.Name()):
			case !g.shared():
				own = append(own, g.flags...)
			default:
				shared = append(shared, fmt.Sprintf("[%s](#%s)", strings.ToLower(g.title()), strings.ToLower(strings.ReplaceAll(strings.ReplaceAll(g.title(), ",", ""), " ", "-"))))
			}
		}
		if len(own) > 0 {
			page.WriteString(flagTable(own))
		}
		if len(shared) > 0 {
			fmt.Fprintf(&page, "\nMore: %s.\n", strings.Join(shared, "; "))
		}
	}
	for _, g := range groups {
		if g.shared() {
			fmt.Fprintf(&page, "\n## %s\n%s", g.title(), flagTable(g.flags))
		}
	}
	return page.String()
}

// shared says whether the flags are told once for all commands that have them.
func (g flagGroup) shared() bool { return len(g.commands) > 1 && len(g.flags) > 2 }

func (g flagGroup) title() string {
	last := len(g.commands) - 1
	return "Flags of " + strings.Join(g.commands[:last], ", ") + " and " + g.commands[last]
}

func groupFlags(commands []*cobra.Command) []flagGroup {
	type same struct{ name, short, usage, value string }
	owners := map[same][]string{}
	flags := map[same]*pflag.Flag{}
	var keys []same
	for _, c := range commands {
		c.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if f.Hidden || f.Name == "help" {
				return
			}
			key := same{f.Name, f.Shorthand, f.Usage, f.DefValue}
			if owners[key] == nil {
				keys = append(keys, key)
			}
			owners[key], flags[key] = append(owners[key], c.Name()), f
		})
	}
	var groups []flagGroup
	for _, key := range keys {
		at := slices.IndexFunc(groups, func(g flagGroup) bool { return slices.Equal(g.commands, owners[key]) })
		if at < 0 {
			groups = append(groups, flagGroup{commands: owners[key]})
			at = len(groups) - 1
		}
		groups[at].flags = append(groups[at].flags, flags[key])
	}
	return groups
}

func flagTable(flags []*pflag.Flag) string {
	flags = slices.SortedFunc(slices.Values(flags), func(a, b *pflag.Flag) int { return cmp.Compare(a.Name, b.Name) })
	var table strings.Builder
	table.WriteString("\n| flag | |\n|---|---|\n")
	for _, f := range flags {
		value, usage := pflag.UnquoteUsage(f)
		name := "--" + f.Name
		if f.Shorthand != "" {
			name = "-" + f.Shorthand + ", " + name
		}
		if value != "" {
			name += " " + value
		}
		if !slices.Contains([]string{"", "[]", "false", "0"}, f.DefValue) {
			usage += " (default " + f.DefValue + ")"
		}
		fmt.Fprintf(&table, "| `%s` | %s |\n", name, strings.NewReplacer("|", `\|`, "<", "&lt;").Replace(usage))
	}
	return table.String()
}
