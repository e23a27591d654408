package cli

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/helm-hooks/helm-hooks/internal/cluster"
	"github.com/helm-hooks/helm-hooks/internal/render"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// listOptions is `list`: flags first, then what complete makes of them.
type listOptions struct {
	env           Env
	cluster       clusterFlags
	allNamespaces bool
	selectorText  string
	all           bool
	failed        bool
	stuck         bool
	ignored       bool
	leftovers     bool
	output        string
	color         string

	selector labels.Selector
	renderer render.ReleasesRenderer
	style    render.Style
	// engine sorts documents into hooks and others; which Helm it is makes no difference to that.
	engine plan.Engine
	// now is the one moment for which the answer is made.
	now time.Time
}

func newListCommand(env Env, name string) *cobra.Command {
	o := &listOptions{env: env}
	cmd := &cobra.Command{
		Use:     "list",
		Aliases: []string{"ls"},
		Short:   "List the releases of a cluster with their hooks, which failed, and which are stuck",
		Long: `Lists the releases that have hooks: how many by action, the hook that failed last, the status, and
whether an action has come to a standstill. Only get and list are sent.

A release is stuck that has been pending-install, pending-upgrade, pending-rollback or uninstalling while
nothing was written to its record for ` + minutesWords(quiet) + `: Helm notes each hook that begins and ends, and waits
5 minutes for each unless --timeout says otherwise. It may still be at work under a long --timeout.

The last hook failure is what the newest record tells: a hook that failed, or one whose end Helm has not noted.

Exit codes: 0 fine, 1 if a record or a namespace could not be read; the other releases are still listed.`,
		Example: strings.ReplaceAll(`  # everywhere
  NAME list -A

  # what needs a hand
  NAME list -A --failed
  NAME list -A --stuck

  # by the labels of the records, as in helm list
  NAME list -l team=shop

  # for scripts
  NAME list -A -o json | jq '.items[] | select(.pending.stuck)'`, "NAME", name),
		Args: noReleases,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.complete(cmd); err != nil {
				return err
			}
			return o.run(cmd.Context())
		},
	}
	o.cluster.add(cmd, env, false)
	o.add(cmd)
	cmd.SetFlagErrorFunc(listFlagError)
	return cmd
}

func (o *listOptions) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.BoolVarP(&o.allNamespaces, "all-namespaces", "A", false, "list the releases of all namespaces")
	flags.StringVarP(&o.selectorText, "selector", "l", "", "list releases whose newest record has these labels, such as team=shop,status!=deployed")
	flags.BoolVarP(&o.all, "all", "a", false, "list releases without hooks too")
	flags.BoolVar(&o.failed, "failed", false, "list only releases that have failed, or of which a hook has")
	flags.BoolVar(&o.stuck, "stuck", false, "list only releases that are stuck; with --failed those too")
	flags.BoolVar(&o.ignored, "ignored", false, "look for objects that Helm has dropped, also in releases without hooks; reads every record whole and renders its chart")
	flags.BoolVar(&o.leftovers, "leftovers", false, "look for objects of hooks that exist now; a request for each")
	flags.StringVarP(&o.output, "output", "o", render.ReleasesFormats()[0], formatsUsage(render.ReleasesFormats()))
	flags.StringVar(&o.color, "color", "auto", "colour: "+strings.Join(colorModes, ", "))
	completeWith(cmd, map[string][]string{"color": colorModes, "namespace": nil, "selector": nil})
	_ = cmd.RegisterFlagCompletionFunc("output", completeOutput(render.ReleasesFormats()))
}

// noReleases refuses a release's name, and says what was meant.
func noReleases(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return &hintError{
		fmt.Errorf("%s lists releases and takes no argument, but got %s", cmd.CommandPath(), strings.Join(args, ", ")),
		fmt.Sprintf("for one release: %s -l name=%s", cmd.CommandPath(), args[0]),
	}
}

// complete reads the flags and the clock.
func (o *listOptions) complete(cmd *cobra.Command) (err error) {
	for _, name := range []string{"output", "selector", "namespace", "context"} {
		if flag := cmd.Flags().Lookup(name); flag.Changed && flag.Value.String() == "" {
			return &hintError{fmt.Errorf("--%s is empty", name), "an unset variable in a script? Leave the flag out for its default"}
		}
	}
	if o.style, err = chooseStyle(o.color, o.env); err != nil {
		return err
	}
	if o.output, err = readExpression(o.output); err != nil {
		return err
	}
	if o.renderer, err = render.NewReleases(o.output); err != nil {
		return err
	}
	if o.selector, err = labels.Parse(o.selectorText); err != nil {
		return &hintError{fmt.Errorf("--selector %q: %w", o.selectorText, err), "such as team=shop, status!=deployed or name in (shop, cart)"}
	}
	o.now = o.env.now()
	o.engine, err = plan.ParseEngine(defaultEngine)
	return err
}

func (o *listOptions) run(ctx context.Context) error {
	client, records, err := o.cluster.connect(o.env)
	if err != nil {
		return err
	}
	listing := o.listing(client, records)
	if err := listing.read(ctx, records); err != nil {
		return err
	}
	if err := listing.examine(ctx, records); err != nil {
		return err
	}
	return o.write(listing)
}

// write puts out the answer, and says on stderr what it leaves out and what could not be read.
func (o *listOptions) write(l *listing) error {
	var out bytes.Buffer
	if err := o.renderer(&out, l.answer, o.style); err != nil {
		return err
	}
	if _, err := o.env.Out.Write(out.Bytes()); err != nil {
		return fmt.Errorf("write the answer: %w", err)
	}
	if note := l.note(); note != "" && !slices.Contains([]string{"json", "yaml"}, o.output) {
		fmt.Fprintln(o.env.Err, printable(note))
	}
	return l.complain()
}

// listFlagError knows the flags of helm list, which people paste.
func listFlagError(cmd *cobra.Command, err error) error {
	const rest = "what is shown is sorted by namespace and name, and never cut off: leave it out"
	names := map[string]string{
		"short": "-o name", "filter": "pick by label with -l name=NAME, or by grep from -o name", "max": rest, "offset": rest, "date": rest, "reverse": rest,
		"no-headers": "-o name, or -o json for scripts", "time-format": "-o json has times in RFC 3339", "deployed": "-l status=deployed",
		"pending": "--stuck, or -l 'status in (pending-install,pending-upgrade,pending-rollback)'", "superseded": "-l status=superseded",
		"uninstalled": "-l status=uninstalled", "uninstalling": "--stuck, or -l status=uninstalling",
	}
	letters := map[string]string{"q": "short", "f": "filter", "m": "max", "d": "date", "r": "reverse"}
	unknown, ok := err.(*pflag.NotExistError)
	if !ok {
		return flagError(cmd, err)
	}
	name, written := unknown.GetSpecifiedName(), "--"+unknown.GetSpecifiedName()
	if unknown.GetSpecifiedShortnames() != "" {
		name, written = letters[name], fmt.Sprintf("-%s (--%s)", name, letters[name])
	}
	if names[name] == "" {
		return flagError(cmd, err)
	}
	return &hintError{fmt.Errorf("%s is a flag of helm list, not of %s", written, cmd.CommandPath()), names[name]}
}

// inNamespace is where is listed; empty means everywhere. As in kubectl and Helm, -A wins over -n.
func (o *listOptions) inNamespace(client *cluster.Client) string {
	if o.allNamespaces {
		return ""
	}
	return client.Namespace
}
