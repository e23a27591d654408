package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/helm-hooks/helm-hooks/internal/helm3"
	"github.com/helm-hooks/helm-hooks/internal/render"
	"github.com/helm-hooks/helm-hooks/internal/source"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// inputOptions are what every command has that reads one SOURCE and judges it: flags first, then what
// complete makes of them.
type inputOptions struct {
	env        Env
	chart      chartFlags
	action     actionFlags
	from       fromFlags
	live       liveFlags
	sourceType string
	engineFlag string
	actionList []string
	color      string
	// objectName is --object.
	objectName string
	// several says that --engine takes a list.
	several bool

	target     source.Target
	engine     plan.Engine
	callerOnly bool
	actions    []plan.Action
	style      render.Style
	notes      []string
	// object is the HelmRelease or Application that SOURCE is; nil for any other.
	object *gitObject
	// stdinTaken says that the object came from standard input.
	stdinTaken bool
}

func (o *inputOptions) add(cmd *cobra.Command) {
	o.chart.add(cmd)
	o.action.add(cmd)
	flags := cmd.Flags()
	flags.StringVar(&o.engineFlag, "engine", "", "whose rules: "+strings.Join(plan.EngineNames(), ", ")+", with a version as in helm3@3.18 (default: the Helm that called, else helm4)")
	flags.StringVar(&o.sourceType, "source-type", "", "what SOURCE is, where a word could be several things: "+strings.Join(source.SourceTypes, ", "))
	flags.StringVar(&o.objectName, "object", "", "the HelmRelease or Application to plan, where SOURCE holds several: NAME or KIND/NAME")
	flags.StringSliceVar(&o.actionList, "action", nil, "actions to show: install, upgrade, rollback, uninstall, test; sync, delete under argocd; apply under template (default: all)")
	flags.StringVar(&o.color, "color", "auto", "colour: "+strings.Join(colorModes, ", "))
	completeWith(cmd, map[string][]string{
		"object": nil, "engine": o.engineChoices(), "source-type": source.SourceTypes, "color": colorModes, "action": actionNames(),
		"wait":        {string(plan.WaitWatcher), string(plan.WaitHookOnly), string(plan.WaitLegacy)},
		"server-side": serverSides,
	})
}

func actionNames() []string { return []string{"install", "upgrade", "rollback", "uninstall", "test"} }

// completeWith offers fixed values for flags.
func completeWith(cmd *cobra.Command, values map[string][]string) {
	for name, words := range values {
		// The only error is a flag that does not exist or has a completion already.
		_ = cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
	}
}

// complete asks the environment for all that the flags leave open.
func (o *inputOptions) complete(cmd *cobra.Command, args []string) (err error) {
	if err := checkWords(cmd, args); err != nil {
		return err
	}
	if o.target, err = source.Classify(args, source.LocalEnv(), o.choice(args)); err != nil {
		return withHint(err)
	}
	if err = o.completeLive(); err != nil {
		return err
	}
	if err = o.detect(); err != nil {
		return err
	}
	if o.engine, o.callerOnly, err = chooseAnyEngine(o.engineFlag, o.env); err != nil {
		return err
	}
	if err = o.followObject(); err != nil {
		return err
	}
	if err = o.configure(cmd); err != nil {
		return err
	}
	if o.actions, err = parseActions(o.actionList); err != nil {
		return err
	}
	if err = checkActions(o.actions, o.engine); err != nil {
		return err
	}
	if o.style, err = chooseStyle(o.color, o.env); err != nil {
		return err
	}
	o.notes = o.withoutEffect(cmd)
	settings := helm3.SettingsFromEnv(o.env.Lookup)
	o.chart.locate.Settings, o.chart.values.Settings = settings, settings
	o.chart.locate.Stderr, o.chart.values.Stderr = o.env.Err, o.env.Err
	o.chart.values.Stdin = o.env.In
	return nil
}

// checkWords finds what slipped into SOURCE or was left empty, as an unset variable in a script does.
func checkWords(cmd *cobra.Command, args []string) error {
	for _, name := range []string{"engine", "action", "only", "hook", "source-type", "from", "object"} {
		if flag := cmd.Flags().Lookup(name); flag != nil && flag.Changed && (flag.Value.String() == "" || flag.Value.String() == "[]") {
			return &hintError{fmt.Errorf("--%s is empty", name), "an unset variable in a script? Leave the flag out for its default"}
		}
	}
	if len(args) < 2 {
		return nil
	}
	err := fmt.Errorf("one SOURCE at a time, but got %d: %s", len(args), strings.Join(args, ", "))
	for _, word := range args {
		if _, wrong := waitStrategy(word, false); wrong == nil && word != "" && cmd.Flags().Changed("wait") {
			return &hintError{err, fmt.Sprintf("--wait takes its value after an equals sign: --wait=%s", word)}
		}
	}
	return &hintError{err, fmt.Sprintf("the release's name is a flag here: --name %s", args[0])}
}

// withoutEffect names flags that this input has no use for. Helm passes over them in silence.
func (o *inputOptions) withoutEffect(cmd *cobra.Command) (notes []string) {
	if o.target.Kind == source.KindChart {
		var idle []string
		for _, name := range forRemoteCharts {
			if cmd.Flags().Changed(name) {
				idle = append(idle, "--"+name)
			}
		}
		switch len(idle) {
		case 0:
		case 1:
			notes = append(notes, idle[0]+" has no effect: the chart is a path")
		default:
			notes = append(notes, strings.Join(idle, ", ")+" have no effect: the chart is a path")
		}
	}
	if o.target.Kind != source.KindRelease && !o.liveObject() && o.live.dryRun != dryRunServer {
		notes = append(notes, o.live.idle(cmd)...)
	}
	wait, _ := waitStrategy(o.action.wait, false)
	if o.action.waitForJobs && wait == plan.WaitHookOnly && !o.action.atomic && !o.action.rollbackOnFailure {
		notes = append(notes, "--wait-for-jobs has no effect without --wait")
	}
	return notes
}

// defaultNamespace is where Helm would install: the one that Helm handed to its plugin, else that of
// the kubeconfig's current context.
func (o *inputOptions) defaultNamespace() string {
	if o.env.asHelmPlugin() {
		return o.env.get("HELM_NAMESPACE")
	}
	flags := o.live.cluster.config
	if flags == nil {
		flags = genericclioptions.NewConfigFlags(false)
	}
	namespace, _, err := flags.ToRawKubeConfigLoader().Namespace()
	if err != nil {
		// As Helm does: a kubeconfig that cannot be read matters only where a cluster is needed.
		return ""
	}
	return namespace
}

func (o *inputOptions) open(engine plan.Engine) (*source.Source, error) {
	if o.object != nil {
		return o.openObject(context.Background(), engine)
	}
	namespace := o.chart.namespace
	isStream := o.target.Kind == source.KindStdin || o.target.Kind == source.KindFile
	if namespace == "" && !isStream {
		namespace = o.defaultNamespace()
	}
	asked, err := o.serverRendering()
	if err != nil {
		return nil, err
	}
	read, err := source.Open(source.ChartOptions{
		Cluster: asked, Target: o.target, Engine: engine.Helm(), Locate: o.chart.locate, Values: o.chart.values,
		Release:     plan.Release{Name: o.chart.name, Namespace: namespace},
		KubeVersion: o.chart.kubeVersion, APIVersions: o.chart.apiVersions, SkipSchemaValidation: o.chart.skipSchema,
	}, o.env.In)
	if err != nil {
		return nil, err
	}
	// Helm's report of a release tells the namespace along with the revision; other output leaves it open.
	if fallback := o.defaultNamespace(); namespace == "" && read.Type == source.TypeStream && read.Revision == 0 && fallback != "" {
		read.Namespace = fallback
	}
	return read, nil
}

// load reads the source and makes the machine's input of it.
func (o *inputOptions) load(ctx context.Context) (*source.Source, plan.Input, error) {
	switch {
	case o.target.Kind == source.KindRelease:
		return o.loadLive(ctx)
	case o.object != nil:
		return o.loadObject(ctx)
	}
	read, err := o.open(o.engine)
	if err != nil {
		return nil, plan.Input{}, err
	}
	old, err := o.openOld(o.engine, read)
	if err != nil {
		return nil, plan.Input{}, err
	}
	return read, o.input(read, old), nil
}

func (o *inputOptions) input(read, old *source.Source) plan.Input {
	input := plan.Input{
		Engine: o.engine, Release: read.Release(), Render: read.Render, Options: o.action.options(o.engine), Actions: o.actions,
		AlreadyRendered: read.AlreadyRendered, Raw: read.Type == source.TypeStream, Unknown: read.Unknown, File: read.File,
	}
	o.object.addTo(&input)
	if old != nil {
		input.From = old.Render
		input.Unknown = slices.Concat(input.Unknown, ofOldChart(old.Unknown, read.Unknown))
	}
	return input
}

// settleEngine asks the Helm that called for its exact version where only the major one is known and the
// rest makes a difference.
func (o *inputOptions) settleEngine(ctx context.Context, input plan.Input) (plan.Input, error) {
	if !o.callerOnly {
		return input, nil
	}
	matters, err := plan.VersionMatters(input)
	if err != nil || !matters {
		return input, err
	}
	o.engine, err = askCaller(ctx, o.env, o.engine)
	back := input.Options.RollbackTo
	input.Engine, input.Options = o.engine, o.action.options(o.engine)
	input.Options.RollbackTo = back
	return input, err
}

func (o *inputOptions) header(read *source.Source) render.Header {
	h := render.Header{
		Source: render.Source{
			Type: read.Type, Name: read.Name, Namespace: read.Namespace, Chart: read.Chart,
			ChartVersion: read.ChartVersion, Ref: read.Ref, Revision: read.Revision, Status: o.live.status(), Context: o.live.context(),
		},
		Notes:   slices.Concat(o.liveNotes(), read.Notes, o.notes),
		Timeout: o.action.timeout,
		Helm:    o.helm(read),
	}
	if o.action.timeout == 0 && !otherEngine(o.engine) {
		h.Notes = append(h.Notes, zeroTimeoutNote(o.engine))
	}
	if o.action.noHooks && !otherEngine(o.engine) {
		h.Notes = append(h.Notes, "--no-hooks: Helm runs no hook but those of helm test")
	}
	if note := o.objectNote(); note != "" {
		h.Notes = append(h.Notes, note)
	}
	if o.target.Note != "" {
		h.Notes = append(h.Notes, o.target.Note)
	}
	return h
}

// refuseUnread turns down what is not read yet, and flags that this input has no use for.
func (o *inputOptions) refuseUnread(cmd *cobra.Command) error {
	if err := o.validateLive(cmd); err != nil {
		return err
	}
	if err := o.refuseUnderFlux(cmd); err != nil {
		return err
	}
	switch o.target.Kind {
	case source.KindStdin, source.KindFile:
		return refuseForStream(cmd)
	}
	return nil
}
