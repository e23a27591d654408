package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/helm-hooks/helm-hooks/internal/render"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// diffOptions is `diff`: flags first, then what complete makes of them.
type diffOptions struct {
	env     Env
	command string
	chart   chartFlags
	action  actionFlags
	cluster clusterFlags

	engineFlag             string
	engineList             []string
	actionList             []string
	oldValues, newValues   []string
	oldVersion, newVersion string
	output                 string
	color                  string
	exitCode               bool

	old, new   diffSide
	callerOnly bool
	actions    []plan.Action
	style      render.Style
	renderer   render.DiffRenderer
}

func newDiffCommand(env Env, name string) *cobra.Command {
	o := &diffOptions{env: env, command: name}
	cmd := &cobra.Command{
		Use:   "diff OLD NEW",
		Short: "Show what changes for the hooks from one chart, revision or engine to another",
		Long: `Shows what changes for the hooks from OLD to NEW: which fail, are dropped or no longer run, which are
new, gone, moved, deleted or waited for otherwise, and what uninstall leaves.

OLD and NEW are charts (a folder, a .tgz, REPO/CHART, a URL, oci://…), rendered YAML (a file, or - for
standard input), or releases in the cluster: RELEASE, or RELEASE@REVISION. One SOURCE alone is compared
with itself under two engines, two versions or two sets of values.

Both sides are rendered as the same release. Of a release only its records are read.

Exit codes: 0 fine, 1 if a side cannot be read, with --exit-code 2 if there is any difference.`,
		Example: strings.ReplaceAll(`  # what a change of a chart does to its hooks
  NAME diff ./main/mychart ./branch/mychart -f values.yaml

  # what the move from Helm 3 to Helm 4 does
  NAME diff ./mychart --engines helm3,helm4

  # two versions, as a comment for a pull request
  NAME diff repo/mychart --old-version 1.2.3 --new-version 1.3.0 -o markdown

  # two revisions of a release, or the deployed one and a chart
  NAME diff myrelease@3 myrelease@4 -n web
  NAME diff myrelease ./mychart -n web -f values.yaml`, "NAME", name),
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.complete(cmd, args); err != nil {
				return err
			}
			if err := o.validate(cmd); err != nil {
				return err
			}
			return o.run(cmd.Context())
		},
	}
	releases := completeReleases(env, &o.cluster, func() string { return o.chart.namespace }, cobra.ShellCompDirectiveDefault)
	cmd.ValidArgsFunction = func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 1 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return releases(cmd, nil, typed)
	}
	o.chart.add(cmd)
	o.action.add(cmd)
	o.cluster.add(cmd, env, true)
	o.add(cmd)
	return cmd
}

func (o *diffOptions) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&o.engineFlag, "engine", "", "whose rules, for both sides: "+strings.Join(plan.EngineNames(), ", ")+", with a version as in helm3@3.18 (default: the Helm that called, else helm4)")
	flags.StringSliceVar(&o.engineList, "engines", nil, "the rules of OLD and those of NEW, such as helm3,helm4")
	flags.StringSliceVar(&o.oldValues, "old-values", nil, "values files of OLD (default: those of -f; --set holds for both)")
	flags.StringSliceVar(&o.newValues, "new-values", nil, "values files of NEW (default: those of -f; --set holds for both)")
	flags.StringVar(&o.oldVersion, "old-version", "", "version of the chart OLD (default: that of --version)")
	flags.StringVar(&o.newVersion, "new-version", "", "version of the chart NEW (default: that of --version)")
	flags.StringSliceVar(&o.actionList, "action", nil, "actions to compare: install, upgrade, rollback, uninstall, test (default: all)")
	flags.StringVarP(&o.output, "output", "o", render.DiffFormats()[0], "output format: "+strings.Join(render.DiffFormats(), ", "))
	flags.StringVar(&o.color, "color", "auto", "colour: "+strings.Join(colorModes, ", "))
	flags.BoolVar(&o.exitCode, "exit-code", false, "exit with 2 if there is any difference")
	completeWith(cmd, map[string][]string{
		"engine": plan.EngineNames(), "engines": {"helm3,helm4", "helm4,argocd", "helm4,template"}, "action": actionNames(), "output": render.DiffFormats(), "color": colorModes,
		"wait":        {string(plan.WaitWatcher), string(plan.WaitHookOnly), string(plan.WaitLegacy)},
		"server-side": serverSides,
	})
}

// complete asks the environment for all that the flags leave open.
func (o *diffOptions) complete(cmd *cobra.Command, args []string) (err error) {
	for _, name := range []string{"engine", "engines", "action", "output", "old-version", "new-version", "old-values", "new-values", "namespace", "name"} {
		if flag := cmd.Flags().Lookup(name); flag.Changed && (flag.Value.String() == "" || flag.Value.String() == "[]") {
			return &hintError{fmt.Errorf("--%s is empty", name), "an unset variable in a script? Leave the flag out for its default"}
		}
	}
	words, err := o.words(cmd, args)
	if err != nil {
		return err
	}
	if o.actions, err = parseActions(o.actionList); err != nil {
		return err
	}
	if o.style, err = chooseStyle(o.color, o.env); err != nil {
		return err
	}
	if o.renderer, err = render.NewDiff(o.output); err != nil {
		return err
	}
	if o.old, err = o.side("OLD", words[0], o.oldValues, o.oldVersion); err != nil {
		return err
	}
	if o.new, err = o.side("NEW", words[1], o.newValues, o.newVersion); err != nil {
		return err
	}
	return o.chooseEngines(cmd)
}

// words are the two SOURCEs. One alone stands for both where something else tells the sides apart; none is the
// chart in this folder, as for plan.
func (o *diffOptions) words(cmd *cobra.Command, args []string) (words [2][]string, err error) {
	apart := false
	for _, name := range []string{"engines", "old-values", "new-values", "old-version", "new-version"} {
		apart = apart || cmd.Flags().Changed(name)
	}
	switch {
	case len(args) > 2:
		err := fmt.Errorf("OLD and NEW are two, but got %d: %s", len(args), strings.Join(args, ", "))
		if cmd.Flags().Changed("wait") {
			return words, &hintError{err, "--wait takes its value after an equals sign: --wait=watcher"}
		}
		return words, &hintError{err, "the release's name is a flag here: --name NAME"}
	case len(args) == 2:
		if args[0] == "-" && args[1] == "-" {
			return words, &hintError{errors.New("standard input can be read once, not as OLD and as NEW"), "save one of them to a file"}
		}
		return [2][]string{args[:1], args[1:]}, nil
	case apart:
		return [2][]string{args, args}, nil
	case len(args) == 0:
		return words, &hintError{errors.New("nothing to compare"), o.command + " diff OLD NEW, or one SOURCE with --engines helm3,helm4"}
	}
	return words, &hintError{
		fmt.Errorf("%s is to be compared with what?", args[0]),
		"name OLD and NEW; or one of them with --engines helm3,helm4, with --old-version and --new-version, or with --old-values and --new-values",
	}
}

// validate checks the flags against what the two sides are.
func (o *diffOptions) validate(cmd *cobra.Command) error {
	for _, s := range []diffSide{o.old, o.new} {
		if err := s.validate(); err != nil {
			return err
		}
	}
	if !o.old.isChart() && !o.new.isChart() {
		for _, name := range forChartsOnly {
			if cmd.Flags().Changed(name) {
				return fmt.Errorf("--%s has no effect: neither side is rendered here", name)
			}
		}
		if cmd.Flags().Changed("name") && (o.old.isRelease() || o.new.isRelease()) {
			return errors.New("--name has no effect: neither side is rendered here")
		}
	}
	return o.action.validate(cmd, o.optionsEngine(), o.actions)
}

// optionsEngine is whose words the flags are in: of two engines the one that knows more of them. The other one takes
// them for the nearest that it has, and passes over what it has not.
func (o *diffOptions) optionsEngine() plan.Engine {
	for _, name := range []string{"helm4", "helm3"} {
		for _, s := range o.sides() {
			if s.input.engine.Name == name {
				return s.input.engine
			}
		}
	}
	return o.new.input.engine
}

func (o *diffOptions) run(ctx context.Context) error {
	header, diff, err := o.compare(ctx)
	if err != nil {
		return withHint(err)
	}
	// Nothing is half-printed: the answer is whole before its first byte leaves.
	var out bytes.Buffer
	if err := o.renderer(&out, header, diff, o.style); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if _, err := o.env.Out.Write(out.Bytes()); err != nil {
		return fmt.Errorf("write the answer: %w", err)
	}
	if o.exitCode && len(diff.Changes) > 0 {
		return findingsError{}
	}
	return nil
}

// compare reads, plans and compares both sides.
func (o *diffOptions) compare(ctx context.Context) (render.DiffHeader, plan.Diff, error) {
	defer waiting(o.env, "comparing")()
	if err := o.load(ctx); err != nil {
		return render.DiffHeader{}, plan.Diff{}, err
	}
	if err := o.settleEngines(ctx); err != nil {
		return render.DiffHeader{}, plan.Diff{}, err
	}
	before, err := plan.Make(o.old.planned)
	if err != nil {
		return render.DiffHeader{}, plan.Diff{}, err
	}
	after, err := plan.Make(o.new.planned)
	if err != nil {
		return render.DiffHeader{}, plan.Diff{}, err
	}
	diff := plan.Compare(before, after)
	return o.header(len(diff.Changes) > 0), diff, nil
}
