package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/helm-hooks/helm-hooks/internal/source"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// checkWords finds what slipped into SOURCE or was left empty, as an unset variable in a script does.
func checkWords(cmd *cobra.Command, args []string) error {
	for _, name := range []string{"engine", "action", "only", "hook", "source-type"} {
		if flag := cmd.Flags().Lookup(name); flag.Changed && (flag.Value.String() == "" || flag.Value.String() == "[]") {
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
func (o *planOptions) withoutEffect(cmd *cobra.Command) (notes []string) {
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
	wait, _ := waitStrategy(o.action.wait, false)
	if o.action.waitForJobs && wait == plan.WaitHookOnly && !o.action.atomic && !o.action.rollbackOnFailure {
		notes = append(notes, "--wait-for-jobs has no effect without --wait")
	}
	return notes
}

// defaultNamespace is where Helm would install: the one that Helm handed to its plugin, else that of
// the kubeconfig's current context.
func (o *planOptions) defaultNamespace() string {
	if o.env.asHelmPlugin() {
		return o.env.get("HELM_NAMESPACE")
	}
	namespace, _, err := genericclioptions.NewConfigFlags(false).ToRawKubeConfigLoader().Namespace()
	if err != nil {
		// As Helm does: a kubeconfig that cannot be read matters only where a cluster is needed.
		return ""
	}
	return namespace
}

func (o *planOptions) open(engine plan.Engine) (*source.Source, error) {
	namespace := o.chart.namespace
	isStream := o.target.Kind == source.KindStdin || o.target.Kind == source.KindFile
	if namespace == "" && !isStream {
		namespace = o.defaultNamespace()
	}
	read, err := source.Open(source.ChartOptions{
		Target: o.target, Engine: engine, Locate: o.chart.locate, Values: o.chart.values,
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

func (o *planOptions) input(read, old *source.Source, engine plan.Engine) plan.Input {
	input := plan.Input{
		Engine: engine, Release: read.Release(), Render: read.Render, Options: o.action.options(engine), Actions: o.actions,
		AlreadyRendered: read.AlreadyRendered, Unknown: read.Unknown, File: read.File,
		Faults: o.failure.faults, Then: o.failure.commands,
	}
	if o.failure.life {
		input.Actions = []plan.Action{plan.Install}
	}
	if old != nil {
		input.From = old.Render
		input.Unknown = slices.Concat(input.Unknown, ofOldChart(old.Unknown, read.Unknown))
	}
	return input
}
