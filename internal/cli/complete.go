package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/helm-hooks/helm-hooks/internal/source"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// completeHooks offers the hooks of the chart that the command line names: KIND/NAME, and where a fault is
// meant the events after an @.
func (o *planOptions) completeHooks(faults, signals bool) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		var words []string
		for _, h := range o.hooksHere(cmd, args) {
			ref := h.Object.Ref()
			if signals && !slices.Contains([]string{"Job", "Pod"}, h.Kind) || h.Name == "" {
				continue
			}
			words = append(words, ref)
			if !faults || !strings.HasPrefix(typed, ref) {
				continue
			}
			for _, event := range h.Events {
				words = append(words, ref+"@"+string(event))
			}
		}
		if faults {
			words = append(words, "resources")
		}
		slices.Sort(words)
		return slices.Compact(words), cobra.ShellCompDirectiveNoFileComp
	}
}

// hooksHere are the hooks of the source, nothing where it cannot be read: completion has no words for that.
func (o *planOptions) hooksHere(cmd *cobra.Command, args []string) []plan.Hook {
	o.failure.fail, o.failure.interrupt, o.failure.kill, o.hook = nil, nil, nil, ""
	if slices.Contains(args, "-") || o.liveObject() || o.complete(cmd, args) != nil || o.liveObject() || o.target.Kind == source.KindStdin || o.target.Kind == source.KindURL {
		return nil
	}
	read, err := o.open(o.engine)
	if err != nil {
		return nil
	}
	var hooks []plan.Hook
	for _, fields := range []plan.Fields{{Revision: 1}, {Revision: 2, IsUpgrade: true}} {
		rendered, err := read.Render(fields)
		if err != nil {
			return hooks
		}
		inventory, err := plan.Classify(rendered, read.Release(), o.engine.Helm())
		if err != nil {
			return hooks
		}
		hooks = append(hooks, inventory.Hooks...)
	}
	return hooks
}
