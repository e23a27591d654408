package cli

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// completionPatience is how long somebody who has pressed the tab key may be kept waiting for a cluster.
const completionPatience = 2 * time.Second

// completeReleases offers the names of the releases in the namespace that the command line names. A cluster that does
// not answer, or does not want to, has no words. namespace is what another flag than kubectl's has asked for.
func completeReleases(env Env, flags *clusterFlags, namespace func() string, directive cobra.ShellCompDirective) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		switch {
		case len(args) > 0:
			return nil, cobra.ShellCompDirectiveNoFileComp
		case strings.ContainsAny(typed, "./~"):
			// That will be a path, and needs no cluster.
			return nil, directive
		}
		flags.in(namespace())
		client, records, err := flags.connect(env)
		if err != nil {
			return nil, directive
		}
		ctx, cancel := context.WithTimeout(cmd.Context(), completionPatience)
		defer cancel()
		names, err := records.Releases(ctx, client.Namespace)
		if err != nil {
			return nil, directive
		}
		return names, directive
	}
}
