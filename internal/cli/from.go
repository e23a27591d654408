package cli

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/helm-hooks/helm-hooks/internal/render"
	"github.com/helm-hooks/helm-hooks/internal/source"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// fromFlags name the chart that the release was made of before.
type fromFlags struct {
	chart   string
	version string
	values  []string

	target source.Target
}

func (f *fromFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.chart, "from", "", "the chart that is installed now: plan the upgrade from it, and the rollback to it")
	flags.StringVar(&f.version, "from-version", "", "version of the chart of --from")
	flags.StringSliceVar(&f.values, "from-values", nil, "values files of the chart of --from (default: those of -f; --set holds for both)")
}

func (f *fromFlags) complete(chart source.Target) (err error) {
	if f.chart == "" {
		return nil
	}
	f.target, err = source.Classify([]string{f.chart}, source.LocalEnv(), source.Choice{})
	if err != nil {
		return err
	}
	if chart.Kind == source.KindRelease {
		return fmt.Errorf("--from takes a chart to come from, and a release in a cluster is what it is: leave --from out")
	}
	if chart.Kind == source.KindStdin || chart.Kind == source.KindFile {
		return fmt.Errorf("--from takes a chart to come from, and this input is rendered already: name the chart to go to")
	}
	switch f.target.Kind {
	case source.KindChart, source.KindRepo, source.KindURL:
		return nil
	}
	return fmt.Errorf("--from %q is no chart: name a folder (./…), an archive, REPO/CHART or a URL", f.chart)
}

func (f *fromFlags) validate(actions []plan.Action) error {
	switch {
	case f.chart == "" && (f.version != "" || len(f.values) > 0):
		return fmt.Errorf("--from-version and --from-values go with --from")
	case f.version != "" && f.target.Kind == source.KindChart:
		return fmt.Errorf("--from-version %s has no effect: the chart of --from is a path, %s", f.version, f.target.Given)
	case f.chart != "" && slices.Contains(actions, plan.Install):
		return fmt.Errorf("--from names what is installed already, so there is no install to plan; leave --from or --action install out")
	}
	return nil
}

// openOld reads the chart of --from as the same release; nil where there is none.
func (o *inputOptions) openOld(engine plan.Engine, read *source.Source) (*source.Source, error) {
	if o.from.chart == "" {
		return nil, nil
	}
	options := source.ChartOptions{
		Target: o.from.target, Engine: engine.Helm(), Locate: o.chart.locate, Values: o.chart.values, Release: read.Release(),
		KubeVersion: o.chart.kubeVersion, APIVersions: o.chart.apiVersions, SkipSchemaValidation: o.chart.skipSchema,
	}
	options.Locate.Version = o.from.version
	if o.object != nil {
		options.Adapt = o.object.given.Options.Adapt
	}
	if len(o.from.values) > 0 {
		options.Values.Files = o.from.values
	}
	old, err := source.Open(options, o.env.In)
	if err != nil {
		return nil, fmt.Errorf("--from: %w", err)
	}
	return old, nil
}

// ofOldChart are the unknown facts that only the old chart has.
func ofOldChart(old, known []plan.UnknownFact) []plan.UnknownFact {
	var more []plan.UnknownFact
	for _, fact := range old {
		if !slices.Contains(known, fact) {
			fact.Why = "the chart of --from: " + fact.Why
			more = append(more, fact)
		}
	}
	return more
}

// helm is how this release is named on Helm's command line.
func (o *inputOptions) helm(read *source.Source) render.Helm {
	h := render.Helm{Engine: o.engine, Release: read.Release(), Chart: "CHART"}
	target := o.target
	switch {
	case o.live.release != nil:
		h.Live, h.Context, target = true, o.live.release.Client.Context, o.live.target
		h.Release.Namespace = o.live.release.Stored // which is where Helm looks for the record
		if o.live.chart != "" {
			h.Chart = o.live.chart
		}
		h.Flags = append(h.Flags, o.live.valueFlags()...)
	case o.object != nil:
	case read.Type != source.TypeChart && o.chart.name == "":
		h.Release.Name = "RELEASE" // rendered input does not say what its release is called
	}
	switch target.Kind {
	case source.KindChart, source.KindRepo, source.KindURL, source.KindFile:
		if read.Type == source.TypeChart {
			h.Chart = read.Ref
		}
	}
	if o.object != nil && o.object.given != nil {
		h.Chart = o.object.given.Options.Target.Given
	}
	add := func(name string, values []string) {
		for _, value := range values {
			h.Flags = append(h.Flags, name, value)
		}
	}
	locate, values := o.chart.locate, o.chart.values
	password := ""
	if locate.Password != "" {
		password = "PASSWORD" // which is none of anybody's business
	}
	if target.Kind == source.KindChart {
		locate.Version, locate.RepoURL = "", "" // without effect on a path, as a note says
	}
	for _, one := range []struct{ name, value string }{
		{"--version", locate.Version},
		{"--repo", locate.RepoURL},
		{"--username", locate.Username},
		{"--password", password},
		{"--ca-file", locate.CaFile},
		{"--cert-file", locate.CertFile},
		{"--key-file", locate.KeyFile},
	} {
		if one.value != "" {
			add(one.name, []string{one.value})
		}
	}
	for _, one := range []struct {
		name string
		on   bool
	}{
		{"--devel", locate.Devel},
		{"--plain-http", locate.PlainHTTP},
		{"--insecure-skip-tls-verify", locate.InsecureSkipTLSVerify},
		{"--pass-credentials", locate.PassCredentialsAll},
		{"--verify", locate.Verify},
		{"--skip-schema-validation", o.chart.skipSchema},
	} {
		if one.on {
			h.Flags = append(h.Flags, one.name)
		}
	}
	add("-f", namedFiles(values.Files))
	add("--set", values.Set)
	add("--set-string", values.SetString)
	add("--set-file", values.SetFile)
	add("--set-json", values.SetJSON)
	add("--set-literal", values.SetLiteral)
	return h
}

// namedFiles gives standard input a name, since nobody can type it again.
func namedFiles(files []string) []string {
	named := slices.Clone(files)
	for i, file := range named {
		if file == "-" {
			named[i] = "VALUES.yaml"
		}
	}
	return named
}
