package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/helm-hooks/helm-hooks/internal/cluster"
	"github.com/helm-hooks/helm-hooks/internal/live"
	"github.com/helm-hooks/helm-hooks/internal/render"
	"github.com/helm-hooks/helm-hooks/internal/source"
	"github.com/helm-hooks/helm-hooks/internal/status"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// statusOptions is `status`: flags first, then what complete makes of them.
type statusOptions struct {
	// input is a plan's, with a release as SOURCE and no flags: what comes next is planned by it.
	input    inputOptions
	command  string
	logs     bool
	tail     int
	output   string
	exitCode bool

	renderer render.StatusRenderer
	// now is the one moment for which the answer is made.
	now time.Time
}

// defaultTail is how many lines of a log are shown: the last words, not the story.
const defaultTail = 10

func newStatusCommand(env Env, name string) *cobra.Command {
	o := &statusOptions{input: inputOptions{env: env}, command: name}
	cmd := &cobra.Command{
		Use:   "status RELEASE",
		Short: "Show what became of a release's hooks, what is left of them, and the way out",
		Long: `Shows what became of the hooks of a release: when each last ran and how that ended, which of its objects
are still there, why it failed, what the next command would meet, and, where the release is stuck or failed, the
commands that lead out. Only get and list are sent.

Exit codes: 0 whatever the state is, as long as it could be told; 1 if not; with --exit-code 2 if the release is
stuck or failed, or one of its hooks has.`,
		Example: strings.ReplaceAll(`  # what happened, what is left, what to type
  NAME status shop -n web

  # with the last words of what failed
  NAME status shop --logs --tail 30

  # for scripts
  NAME status shop -o json | jq -r '.wayOut.ways[0].commands[]?'
  NAME status shop --exit-code`, "NAME", name),
		Args:              oneRelease,
		ValidArgsFunction: completeReleases(env, &o.input.live.cluster, func() string { return "" }, cobra.ShellCompDirectiveNoFileComp),
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
	o.input.live.cluster.add(cmd, env, false)
	o.add(cmd)
	return cmd
}

func (o *statusOptions) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&o.input.engineFlag, "engine", "", "whose rules the next actions follow: helm3 or helm4, with a version as in helm3@3.18 (default: the Helm that called, else helm4)")
	flags.BoolVar(&o.logs, "logs", false, "show the end of the logs of hooks that failed or did not finish; what looks like a secret is taken out")
	flags.IntVar(&o.tail, "tail", defaultTail, "with --logs: how many lines of each")
	flags.StringVarP(&o.output, "output", "o", render.StatusFormats()[0], "output format: "+strings.Join(render.StatusFormats(), ", "))
	flags.StringVar(&o.input.color, "color", "auto", "colour: "+strings.Join(colorModes, ", "))
	flags.BoolVar(&o.exitCode, "exit-code", false, "exit with 2 if the release is stuck or failed, or one of its hooks has")
	completeWith(cmd, map[string][]string{"engine": {"helm3", "helm4"}, "output": render.StatusFormats(), "color": colorModes})
}

// oneRelease tells a release's name from what people type for other commands.
func oneRelease(cmd *cobra.Command, args []string) error {
	root := cmd.Root().Name()
	if name := cmd.Root().Annotations[cobra.CommandDisplayNameAnnotation]; name != "" {
		root = name
	}
	switch {
	case len(args) == 0:
		return &hintError{errors.New("no release given"), root + " list shows the releases that have hooks; -A those of all namespaces"}
	case len(args) > 1:
		return &hintError{fmt.Errorf("one release at a time, but got %d: %s", len(args), strings.Join(args, ", ")), root + " list shows many at once"}
	case strings.TrimSpace(args[0]) == "":
		return &hintError{errors.New("the release's name is empty"), "an unset variable in a script?"}
	}
	given := args[0]
	kind, name, hasSlash := strings.Cut(given, "/")
	switch {
	case given == "-" || strings.HasPrefix(given, ".") || strings.HasPrefix(given, "~") || strings.Contains(given, "://") ||
		strings.HasSuffix(given, ".tgz") || strings.HasSuffix(given, ".yaml"):
		return &hintError{fmt.Errorf("status is about a release in a cluster, and %s is none", given), fmt.Sprintf("what a chart's hooks will do: %s plan %s", root, given)}
	case hasSlash && slices.Contains([]string{"release", "helmrelease"}, kind):
		return &hintError{fmt.Errorf("status takes the release's name alone, not %s", given), root + " status " + name}
	case hasSlash:
		return &hintError{
			fmt.Errorf("status is about a release in a cluster, and %s is none", given),
			fmt.Sprintf("a namespace goes into -n: %s status %s -n %s; what a chart's hooks will do: %s plan %s", root, name, kind, root, given),
		}
	}
	return nil
}

// complete asks the environment for all that the flags leave open.
func (o *statusOptions) complete(cmd *cobra.Command, args []string) (err error) {
	for _, name := range []string{"output", "engine", "namespace", "context"} {
		if flag := cmd.Flags().Lookup(name); flag.Changed && flag.Value.String() == "" {
			return &hintError{fmt.Errorf("--%s is empty", name), "an unset variable in a script? Leave the flag out for its default"}
		}
	}
	in := &o.input
	in.target = source.Target{Kind: source.KindRelease, Ref: args[0], Given: args[0]}
	// The flags of Helm's actions are not ours; their defaults are what people type.
	in.action.add(&cobra.Command{})
	if in.engine, in.callerOnly, err = chooseEngine(in.engineFlag, in.env); err != nil {
		return err
	}
	if in.style, err = chooseStyle(in.color, in.env); err != nil {
		return err
	}
	if o.renderer, err = render.NewStatus(o.output); err != nil {
		return err
	}
	o.now = in.env.now()
	return nil
}

func (o *statusOptions) validate(cmd *cobra.Command) error {
	switch {
	case o.tail < 1:
		return fmt.Errorf("--tail %d: at least one line", o.tail)
	case cmd.Flags().Changed("tail") && !o.logs:
		return &hintError{errors.New("--tail says how many lines --logs shows, and logs were not asked for"), "add --logs"}
	}
	return nil
}

func (o *statusOptions) run(ctx context.Context) error {
	read, report, err := o.look(ctx)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	options := render.StatusOptions{Style: o.input.style, Command: o.command, Logs: o.logs}
	if err := o.renderer(&out, o.header(read), report, options); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if _, err := o.input.env.Out.Write(out.Bytes()); err != nil {
		return fmt.Errorf("write the answer: %w", err)
	}
	if o.exitCode && report.Troubled() {
		return findingsError{}
	}
	return nil
}

// look asks the cluster for all that there is to tell.
func (o *statusOptions) look(ctx context.Context) (*source.Source, status.Report, error) {
	defer waiting(o.input.env, "reading "+o.input.target.Ref)()
	if err := o.open(ctx); err != nil {
		return nil, status.Report{}, err
	}
	read, report, err := o.report(ctx)
	return read, report, withClusterHint(err)
}

// open connects and reads the newest record.
func (o *statusOptions) open(ctx context.Context) error {
	f := &o.input.live
	client, records, err := f.cluster.connect(o.input.env)
	if err != nil {
		return err
	}
	f.client = client
	f.release, err = live.Open(ctx, client, records, client.Namespace, o.input.target.Ref)
	var missing *cluster.NotFoundError
	if errors.As(err, &missing) {
		err = live.Explain(ctx, client, missing)
	}
	return withClusterHint(err)
}

// readRevisions is how many of the newest revisions are read whole, for their descriptions.
const readRevisions = 5

// report gathers the facts and judges them. Where no plan can be made, the rest is told all the same.
func (o *statusOptions) report(ctx context.Context) (*source.Source, status.Report, error) {
	r := o.input.live.release
	hooks, err := r.Hooks(o.input.engine)
	if err != nil {
		return nil, status.Report{}, fmt.Errorf("the hooks of revision %d: %w", r.Newest.Revision, err)
	}
	read, inventories, broken := o.coming()
	world, err := r.Look(ctx, slices.Concat([]plan.Inventory{{Hooks: hooks}}, inventories)...)
	if err != nil {
		return nil, status.Report{}, err
	}
	evidence, err := r.HookFacts(ctx, hooks, world, live.EvidenceOptions{Logs: o.logs, Tail: o.tail})
	if err != nil {
		return nil, status.Report{}, err
	}
	facts := status.Facts{
		Now: o.now, Quiet: quiet, Release: plan.Release{Name: r.Name, Namespace: r.Namespace}, Hooks: evidence,
	}
	facts.Revisions, facts.Unknown = r.Revisions(readRevisions)
	if broken == nil {
		facts.Plan, broken = o.plan(ctx, read, world)
	}
	if err := ctx.Err(); err != nil {
		return nil, status.Report{}, err
	}
	for _, u := range world.Unknown {
		u.HowToKnow = strings.TrimSuffix(u.HowToKnow, "; --offline asks for none")
		facts.Unknown = append(facts.Unknown, u)
	}
	if broken != nil {
		facts.Unknown = append(facts.Unknown, plan.UnknownFact{
			What: "next", Why: fmt.Sprintf("what comes next cannot be planned: %v", broken), HowToKnow: o.command + " plan " + r.Name + " -n " + r.Stored,
		})
	}
	return read, status.Judge(facts), nil
}

// coming is what the next actions are about.
func (o *statusOptions) coming() (*source.Source, []plan.Inventory, error) {
	r := o.input.live.release
	read, err := r.Source(o.input.engine)
	if err != nil {
		return nil, nil, err
	}
	inventories, err := r.Inventories(o.input.engine, read, r.Previous())
	return read, inventories, err
}

func (o *statusOptions) plan(ctx context.Context, read *source.Source, world *live.World) (*plan.Plan, error) {
	input := o.input.input(read, nil)
	input.Live = o.input.live.release.Observe(world)
	input, err := o.input.settleEngine(ctx, input)
	if err != nil {
		return nil, err
	}
	p, err := plan.Make(input)
	if err != nil {
		return nil, err
	}
	return &p, nil
}

// header is that of a plan, without what only a plan has to say.
func (o *statusOptions) header(read *source.Source) render.Header {
	r := o.input.live.release
	if read == nil {
		read = &source.Source{Type: source.TypeRelease, Ref: r.Name, Name: r.Name, Namespace: r.Namespace, Revision: r.Newest.Revision}
	}
	h := o.input.header(read)
	h.Notes = o.input.liveNotes()
	h.Notes = slices.DeleteFunc(h.Notes, func(note string) bool { return strings.HasPrefix(note, "the upgrade shown ") })
	return h
}
