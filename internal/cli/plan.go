package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/helm-hooks/helm-hooks/internal/render"
	"github.com/helm-hooks/helm-hooks/internal/source"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// planOptions is `plan`: flags first, then what Complete makes of them.
type planOptions struct {
	inputOptions
	failure  failFlags
	output   string
	only     string
	hook     string
	exitCode bool
	flat     renderFlags

	renderer render.Renderer
	// wanted are the words of a list of engines, compared what they mean; both nil for one engine.
	wanted   []string
	compared []plan.Engine
}

func newPlanCommand(env Env, name string) *cobra.Command {
	o := &planOptions{inputOptions: inputOptions{env: env, several: true}}
	cmd := &cobra.Command{
		Use:   "plan [SOURCE]",
		Short: "Show phase by phase which hooks run, in which order, and which are dropped",
		Long: `Shows phase by phase which hooks of a chart or a live release run, in which order, what Helm waits
for, what it deletes and what it leaves, and which objects it drops in silence.

SOURCE is a chart (a folder, a .tgz, REPO/CHART, a URL, oci://…), rendered YAML (a file, or - for
standard input), or the name of a release in the cluster. Without it, the chart in this folder.
A HelmRelease of Flux or an Application of Argo CD stands for what it installs: a file that holds
one, or helmrelease/NAME and application/NAME in the cluster.

A release is planned from where it is now: its stored revisions, and the objects that exist. Of the
cluster only get and list are asked. A chart asks no cluster, but with --dry-run=server.`,
		Example: strings.ReplaceAll(`  # what will happen to the hooks of a chart
  NAME plan ./mychart -f values.yaml

  # under the rules of an older Helm
  NAME plan ./mychart --engine helm3@3.18

  # what the next upgrade, rollback or uninstall of a release will do
  NAME plan myrelease -n web --chart ./mychart --reuse-values

  # what happens if a hook fails, and what to type then
  NAME plan ./mychart --action upgrade --fail Job/migrate

  # an upgrade from the chart that is installed now
  NAME plan ./mychart --from repo/mychart --from-version 1.2.3

  # what Argo CD makes of the hooks, and what becomes of them without any engine
  NAME plan ./mychart --engine argocd
  NAME plan ./mychart --engine template

  # what Flux does with them, as a HelmRelease says, or one in the cluster
  NAME plan helmrelease.yaml
  NAME plan helmrelease/shop -n web

  # what changes for the hooks from one engine to another
  NAME plan ./mychart --engine all -o markdown

  # rendered YAML
  helm template ./mychart | NAME plan -`, "NAME", name),
		Args:              cobra.ArbitraryArgs,
		ValidArgsFunction: completeReleases(env, &o.live.cluster, func() string { return o.chart.namespace }, cobra.ShellCompDirectiveDefault),
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
	o.inputOptions.add(cmd)
	o.failure.add(cmd)
	o.from.add(cmd)
	o.live.add(cmd, env)
	o.flat.add(cmd)
	o.add(cmd)
	return cmd
}

func (o *planOptions) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.Lookup("engine").Usage += "; all, or a list such as helm4,argocd, compares them"
	flags.StringVarP(&o.output, "output", "o", render.Formats()[0], formatsUsage(render.Formats()))
	flags.StringVar(&o.only, "only", "", "show one section: "+strings.Join(render.OnlyValues(), ", "))
	flags.StringVar(&o.hook, "hook", "", "show one hook, as KIND/NAME")
	flags.BoolVar(&o.exitCode, "exit-code", false, "exit with 2 if anything is ignored or a finding is an error")
	completeWith(cmd, map[string][]string{
		"only": render.OnlyValues(), "then": actionNames(),
	})
	_ = cmd.RegisterFlagCompletionFunc("output", completeOutput(render.Formats()))
	for name, complete := range map[string]cobra.CompletionFunc{
		"hook": o.completeHooks(false, false), "fail": o.completeHooks(true, false),
		"interrupt": o.completeHooks(true, true), "kill": o.completeHooks(true, true),
	} {
		_ = cmd.RegisterFlagCompletionFunc(name, complete)
	}
}

// complete asks the environment for all that the flags leave open.
func (o *planOptions) complete(cmd *cobra.Command, args []string) (err error) {
	o.takeEngines(cmd)
	if err = o.inputOptions.complete(cmd, args); err != nil {
		return err
	}
	if err = o.parseEngines(); err != nil {
		return err
	}
	if o.output, err = readExpression(o.output); err != nil {
		return err
	}
	if o.renderer, err = render.New(o.output); err != nil {
		return err
	}
	if err = o.failure.complete(o.action, o.engine); err != nil {
		return err
	}
	return withHint(o.from.complete(o.target))
}

func (o *planOptions) validate(cmd *cobra.Command) error {
	if err := o.viewOptions().Validate(); err != nil {
		return err
	}
	if o.compared != nil {
		return o.validateEngines(cmd)
	}
	if err := o.validateEngine(cmd); err != nil {
		return err
	}
	if err := o.validateFlux(); err != nil {
		return err
	}
	if err := o.action.validate(cmd, o.engine, o.helmActions()); err != nil {
		return err
	}
	if err := o.failure.validate(o.actions); err != nil {
		return err
	}
	if o.failure.matrix && (o.hook != "" || o.only != "") {
		return fmt.Errorf("--matrix shows every hook: it goes without --hook and --only; narrow it with --action")
	}
	if o.failure.matrix && o.exitCode {
		return fmt.Errorf("--exit-code asks for findings, and --matrix has none")
	}
	if err := o.from.validate(o.actions); err != nil {
		return err
	}
	return o.refuseUnread(cmd)
}

// helmActions are those of played that are Helm's; the other engines' own flags were checked before.
func (o *planOptions) helmActions() []plan.Action {
	if otherEngine(o.engine) {
		return nil
	}
	return o.played()
}

// played are the actions that the flags can be meant for; nil is all.
func (o *planOptions) played() []plan.Action {
	if o.actions == nil || o.failure.life {
		return nil
	}
	played := slices.Clone(o.actions)
	for _, command := range o.failure.commands {
		played = append(played, command.Action)
	}
	return played
}

func (o *planOptions) viewOptions() render.Options {
	return render.Options{Style: o.style, Only: o.only, Hook: o.hook, Brief: o.failure.life}
}

func (o *planOptions) run(ctx context.Context) error {
	// Nothing is half-printed: the answer is whole before its first byte leaves.
	var out bytes.Buffer
	done := waiting(o.env, "planning "+o.target.Ref)
	found, err := o.answer(ctx, &out)
	done()
	if err != nil {
		return withHint(err)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if _, err := o.env.Out.Write(out.Bytes()); err != nil {
		return fmt.Errorf("write the answer: %w", err)
	}
	if o.exitCode && found {
		return findingsError{}
	}
	return nil
}

// answer plans the source and renders what it gives. found says that --exit-code has something to say.
func (o *planOptions) answer(ctx context.Context, out io.Writer) (found bool, err error) {
	if o.compared != nil {
		return o.compare(ctx, out)
	}
	read, input, err := o.read(ctx)
	if err != nil {
		return false, err
	}
	if o.failure.matrix {
		matrix, err := plan.MakeMatrix(input)
		if err != nil {
			return false, err
		}
		return false, o.renderer.Matrix(out, o.header(read), matrix, o.viewOptions())
	}
	answer, err := plan.Make(input)
	if err != nil {
		return false, err
	}
	return troubled(answer), o.renderer.Plan(out, o.header(read), answer, o.viewOptions())
}

// read opens the source, with the failures and the commands that follow.
func (o *planOptions) read(ctx context.Context) (*source.Source, plan.Input, error) {
	read, input, err := o.load(ctx)
	if err != nil {
		return nil, plan.Input{}, err
	}
	input.Faults, input.Then = o.failure.faults, o.failure.commands
	input.Options.SkipTests, input.Options.IncludeCRDs = input.Options.SkipTests || o.flat.skipTests, o.flat.includeCRDs
	if o.failure.life && (input.Live == nil || len(input.Live.Records) == 0) {
		input.Actions = []plan.Action{plan.Install}
	}
	input, err = o.settleEngine(ctx, input)
	return read, input, err
}

func (o *planOptions) header(read *source.Source) render.Header {
	h := o.inputOptions.header(read)
	if (o.action.atomic || o.action.rollbackOnFailure) && len(o.failure.faults) == 0 {
		h.Notes = append(h.Notes, "undoing a failed install or upgrade waits again, on top of the waits added up here")
	}
	return h
}

// troubled is what --exit-code asks: anything ignored for real, or a finding that is an error.
func troubled(p plan.Plan) bool {
	return slices.ContainsFunc(p.Ignored, func(i plan.Ignored) bool { return i.Harmless == "" }) ||
		slices.ContainsFunc(p.Findings, func(f plan.Finding) bool { return f.Severity == plan.SeverityError })
}

// withHint carries a source's hint over to where errors are printed.
func withHint(err error) error {
	var known *source.Error
	if errors.As(err, &known) && known.Hint != "" {
		return &hintError{err, known.Hint}
	}
	return err
}
