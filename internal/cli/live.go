package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/helm-hooks/helm-hooks/internal/cluster"
	"github.com/helm-hooks/helm-hooks/internal/live"
	"github.com/helm-hooks/helm-hooks/internal/source"
	"github.com/helm-hooks/helm-hooks/internal/source/sdk"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// liveFlags say how a release in a cluster is read, and what is to become of it.
type liveFlags struct {
	cluster  clusterFlags
	chart    string
	revision int
	offline  bool
	dryRun   string
	reuse    bool
	reset    bool
	merge    bool

	// target is the chart of --chart.
	target source.Target
	// client is connected once a release is to be read.
	client *cluster.Client
	// release is what was read; nil where no cluster is asked.
	release *live.Release
}

func (f *liveFlags) add(cmd *cobra.Command, env Env) {
	f.cluster.add(cmd, env, true)
	flags := cmd.Flags()
	flags.StringVar(&f.chart, "chart", "", "of a release: the chart that the next upgrade brings (default: the stored one again)")
	flags.IntVar(&f.revision, "revision", 0, "of a release: the revision to roll back to (default: the last but one, as in Helm)")
	flags.StringVar(&f.dryRun, "dry-run", "", "server renders with the cluster's versions and lets templates look objects up; client, the default, asks no cluster")
	flags.Lookup("dry-run").NoOptDefVal = dryRunClient
	flags.BoolVar(&f.offline, "offline", false, "of a release: read its records only, not which objects exist now")
	flags.BoolVar(&f.reuse, "reuse-values", false, "with --chart: keep the values of the last upgrade, as helm upgrade does with this flag")
	flags.BoolVar(&f.reset, "reset-values", false, "with --chart: take no values of the last upgrade")
	flags.BoolVar(&f.merge, "reset-then-reuse-values", false, "with --chart: the new chart's values, then those of the last upgrade, then yours")
}

// The values of --dry-run, as in helm install. A plan never runs anything, so none asks for the same as client.
const (
	dryRunClient = "client"
	dryRunServer = "server"
	dryRunNone   = "none"
)

// serverRendering gives the templates the cluster to ask, where --dry-run=server says so.
func (o *inputOptions) serverRendering() (*sdk.Cluster, error) {
	if o.live.dryRun != dryRunServer {
		return nil, nil
	}
	client := o.live.client
	if client == nil {
		var err error
		if client, _, err = o.live.cluster.connect(o.env); err != nil {
			return nil, err
		}
	}
	asked, config, err := client.Rendering()
	if err != nil {
		return nil, err
	}
	found, err := sdk.Discover(asked, config)
	if err != nil {
		return nil, fmt.Errorf("--dry-run=server: %w", err)
	}
	return found, nil
}

// liveOnly are the flags that mean something for a release in a cluster alone.
var liveOnly = []string{"chart", "revision", "offline", "reuse-values", "reset-values", "reset-then-reuse-values"}

// idle names the flags of a connection that nothing asks for: a chart takes its namespace from the kubeconfig, no more.
func (f *liveFlags) idle(cmd *cobra.Command) (notes []string) {
	if f.cluster.config == nil {
		return nil
	}
	all := pflag.NewFlagSet("cluster", pflag.ContinueOnError)
	f.cluster.config.AddFlags(all)
	all.VisitAll(func(flag *pflag.Flag) {
		switch flag.Name {
		case "namespace", "context", "cluster", "kubeconfig", "insecure-skip-tls-verify":
			return
		}
		if cmd.Flags().Changed(flag.Name) {
			notes = append(notes, "--"+flag.Name+" has no effect: a chart asks no cluster, but with --dry-run=server")
		}
	})
	return notes
}

// choice says what bears on what a SOURCE is: with --chart it is a release, but for what holds a HelmRelease or is one.
func (o *inputOptions) choice(args []string) source.Choice {
	choice := source.Choice{SourceType: o.sourceType, RepoURL: o.chart.locate.RepoURL}
	if o.live.chart != "" && choice.SourceType == "" && !looksAtFiles(args) {
		choice.SourceType, choice.RepoURL = source.TypeRelease, ""
	}
	return choice
}

// completeLive finds out what --chart names.
func (o *inputOptions) completeLive() (err error) {
	if o.live.chart == "" {
		return nil
	}
	o.live.target, err = source.Classify([]string{o.live.chart}, source.LocalEnv(), source.Choice{RepoURL: o.chart.locate.RepoURL})
	if err != nil {
		return withHint(fmt.Errorf("--chart: %w", err))
	}
	switch o.live.target.Kind {
	case source.KindChart, source.KindRepo, source.KindURL:
		return nil
	}
	return &hintError{fmt.Errorf("--chart %q is no chart", o.live.chart), "name a folder (./…), an archive, REPO/CHART or a URL"}
}

// validateLive refuses flags that have no effect on what SOURCE is.
func (o *inputOptions) validateLive(cmd *cobra.Command) error {
	changed := func(name string) bool { return cmd.Flags().Changed(name) }
	switch o.live.dryRun {
	case "", dryRunClient, dryRunNone, dryRunServer:
	default:
		return fmt.Errorf("--dry-run=%s: valid are client and server", o.live.dryRun)
	}
	if o.live.dryRun == dryRunServer && (changed("kube-version") || changed("api-versions")) {
		return fmt.Errorf("--dry-run=server asks the cluster for its versions: leave --kube-version and --api-versions out")
	}
	if o.object != nil {
		return o.validateObject(cmd)
	}
	if o.target.Kind != source.KindRelease {
		for _, name := range liveOnly {
			if changed(name) {
				return &hintError{
					fmt.Errorf("--%s is about a release in a cluster, and %s is none", name, o.target.Given),
					"name the release: a bare word, with --source-type release if there is a chart of that name here",
				}
			}
		}
		return nil
	}
	if o.live.chart == "" {
		for _, name := range slices.Concat(forChartsOnly, []string{"reuse-values", "reset-values", "reset-then-reuse-values", "name"}) {
			if changed(name) {
				return &hintError{
					fmt.Errorf("--%s has no effect: a release is planned as it is stored", name),
					"--chart CHART plans the upgrade to a chart, with its values",
				}
			}
		}
	}
	if changed("revision") && o.live.revision < 1 {
		return fmt.Errorf("--revision %d: revisions count from 1", o.live.revision)
	}
	if changed("revision") && o.actions != nil && !slices.Contains(o.actions, plan.Rollback) {
		return fmt.Errorf("--revision names where a rollback goes, and no rollback is planned")
	}
	return nil
}

// reuseMode is what Helm makes of the three flags together (v3 and v4 pkg/action/upgrade.go reuseValues).
func (f *liveFlags) reuseMode() source.ReuseMode {
	switch {
	case f.reset:
		return source.ResetValues
	case f.reuse:
		return source.ReuseValues
	case f.merge:
		return source.ResetThenReuseValues
	}
	return source.ReuseDefault
}

// valueFlags are those that decide which old values an upgrade keeps.
func (f *liveFlags) valueFlags() []string {
	var flags []string
	for _, one := range []struct {
		name string
		on   bool
	}{{"--reuse-values", f.reuse}, {"--reset-values", f.reset}, {"--reset-then-reuse-values", f.merge}} {
		if one.on {
			flags = append(flags, one.name)
		}
	}
	return flags
}

// loadLive reads the release and what the plan needs of its surroundings.
func (o *inputOptions) loadLive(ctx context.Context) (*source.Source, plan.Input, error) {
	if err := o.openRelease(ctx); err != nil {
		return nil, plan.Input{}, err
	}
	if err := o.followFlux(); err != nil {
		return nil, plan.Input{}, err
	}
	read, err := o.next()
	if err != nil {
		return nil, plan.Input{}, err
	}
	return o.fromLive(ctx, read)
}

// fromLive looks around in the cluster and makes the machine's input of the release.
func (o *inputOptions) fromLive(ctx context.Context, read *source.Source) (*source.Source, plan.Input, error) {
	world, err := o.lookAround(ctx, read)
	if err != nil {
		return nil, plan.Input{}, err
	}
	input := o.input(read, nil)
	input.Live = o.live.release.Observe(world)
	input.Options.RollbackTo = o.live.revision
	if world != nil {
		input.Unknown = append(input.Unknown, world.Unknown...)
	} else if o.live.release.Newest != nil {
		input.Unknown = append(input.Unknown, plan.UnknownFact{
			What: "world", Why: "no object was looked up (--offline): planned is what the records say that the last run left",
			HowToKnow: "leave --offline out",
		})
	}
	return read, input, nil
}

// openRelease connects and reads the newest record. With --chart a release that does not exist is installed.
func (o *inputOptions) openRelease(ctx context.Context) error {
	o.live.cluster.in(o.chart.namespace)
	client, records, err := o.live.cluster.connect(o.env)
	if err != nil {
		return o.orPath(err)
	}
	name := o.target.Ref
	o.live.client = client
	o.live.release, err = live.Open(ctx, client, records, client.Namespace, name)
	var missing *cluster.NotFoundError
	if errors.As(err, &missing) && o.live.chart != "" {
		o.live.release, err = live.None(client, records, client.Namespace, name), nil
	}
	if errors.As(err, &missing) {
		return o.orPath(live.Explain(ctx, client, missing))
	}
	return withClusterHint(err)
}

// followFlux takes the rules of who acts next: those of the Helm in helm-controller, whatever Helm called us. Which of
// its actions runs, and under which options, the HelmRelease says, which is not read here.
func (o *inputOptions) followFlux() (err error) {
	if o.engineFlag != "" || o.env.get("HELM_HOOKS_ENGINE") != "" || !o.live.release.ByFlux() {
		return nil
	}
	flux, err := plan.ParseEngine("flux")
	o.engine, o.callerOnly = flux.Helm(), false
	return err
}

// orPath adds that a word may have been meant for a path.
func (o *inputOptions) orPath(err error) error {
	err = withClusterHint(err)
	path := "a chart's path needs a slash: ./" + o.target.Ref
	var hinted *hintError
	if errors.As(err, &hinted) {
		return &hintError{hinted.err, hinted.hint + "; " + path}
	}
	return &hintError{err, path}
}

// next is what the next upgrade brings: the chart of --chart, else what is stored.
func (o *inputOptions) next() (*source.Source, error) {
	r := o.live.release
	if o.live.chart == "" {
		return r.Source(o.engine.Helm())
	}
	old, err := r.OldValues(o.live.reuseMode())
	if err != nil {
		return nil, withClusterHint(err)
	}
	asked, err := o.serverRendering()
	if err != nil {
		return nil, err
	}
	options := source.ChartOptions{
		Cluster: asked, Target: o.live.target, Old: old, First: r.NextFields(), Engine: o.engine.Helm(), Locate: o.chart.locate, Values: o.chart.values,
		Release:     plan.Release{Name: r.Name, Namespace: r.Namespace},
		KubeVersion: o.chart.kubeVersion, APIVersions: o.chart.apiVersions, SkipSchemaValidation: o.chart.skipSchema,
	}
	read, err := source.Open(options, o.env.In)
	if err != nil {
		return nil, fmt.Errorf("--chart: %w", err)
	}
	return r.Upgraded(read), nil
}

// lookAround looks up the objects that the plan is about; nil with --offline.
func (o *inputOptions) lookAround(ctx context.Context, next *source.Source) (*live.World, error) {
	r := o.live.release
	if o.live.offline {
		return nil, nil
	}
	inventories, err := r.Inventories(o.engine, next, o.rollbackTo())
	if err != nil {
		return nil, withClusterHint(err)
	}
	world, err := r.Look(ctx, inventories...)
	return world, withClusterHint(err)
}

func (o *inputOptions) plans(action plan.Action) bool {
	return o.actions == nil || slices.Contains(o.actions, action)
}

// rollbackTo is the revision that a planned rollback goes to; 0 where none is planned or possible.
func (o *inputOptions) rollbackTo() int {
	if !o.plans(plan.Rollback) {
		return 0
	}
	if o.live.revision != 0 {
		return o.live.revision
	}
	return o.live.release.Previous()
}

// liveNotes say what the reader of a live release should know first.
func (o *inputOptions) liveNotes() []string {
	r := o.live.release
	if r == nil {
		return nil
	}
	var notes []string
	switch {
	case r.Newest == nil && o.object != nil:
		note := fmt.Sprintf("there is no release %s in namespace %s", r.Name, r.Namespace)
		if h := o.object.helmRelease; h == nil || !h.Idle() {
			note += ": Flux installs it"
		}
		notes = append(notes, note)
	case r.Newest == nil:
		notes = append(notes, fmt.Sprintf("there is no release %s in namespace %s: an upgrade with --install makes it", r.Name, r.Namespace))
	case !o.plans(plan.Upgrade):
	case o.live.chart == "":
		notes = append(notes, "the upgrade shown is the stored chart with the stored values once more (likely); --chart CHART plans the real one")
	default:
		notes = append(notes, fmt.Sprintf("the upgrade is from %s", strings.TrimSpace(r.Newest.Chart.Name+" "+r.Newest.Chart.Version)))
	}
	if r.Stored != r.Namespace {
		notes = append(notes, fmt.Sprintf("its records are stored in namespace %s", r.Stored))
	}
	if namespace, name := r.HelmRelease(); name != "" && o.object == nil {
		where := ""
		if namespace != "" {
			where = " -n " + namespace
		}
		notes = append(notes, fmt.Sprintf("Flux looks after this release: plan helmrelease/%s%s shows which of these actions runs, when, and with which options", name, where))
	}
	if written := r.LastWriter(); written != "" && written != o.engine.Helm().Name {
		notes = append(notes, fmt.Sprintf("last written by %s", map[string]string{"helm3": "Helm 3", "helm4": "Helm 4"}[written]))
	}
	return notes
}

// status is that of the live release, empty where none is read.
func (f *liveFlags) status() string {
	if f.release == nil || f.release.Newest == nil {
		return ""
	}
	return f.release.Newest.Info.Status
}

func (f *liveFlags) context() string {
	if f.release == nil {
		return ""
	}
	return f.release.Client.Context
}
