package source

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/helm-hooks/helm-hooks/internal/helm3"
	"github.com/helm-hooks/helm-hooks/internal/helm4"
	"github.com/helm-hooks/helm-hooks/internal/source/sdk"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// ChartOptions are all that decides which chart is read and how it renders.
type ChartOptions struct {
	// Target is the chart, as Classify gave it.
	Target Target
	// FS is a chart folder to read instead of Target, such as an embedded one; Target only names it.
	FS fs.FS
	// Engine is helm3 or helm4 with a version; the SDK of that Helm loads and renders.
	Engine plan.Engine
	// Release is the simulated release: by default named like the chart, in the namespace default.
	Release              plan.Release
	Locate               helm3.LocateOptions
	Values               helm3.ValueOptions
	KubeVersion          string
	APIVersions          []string
	SkipSchemaValidation bool
	// Old is where the next upgrade of a live release starts from; nil where there is no release.
	Old *OldValues
	// Adapt changes the chart that was loaded, and gives values that all others are laid over; nil leaves both alone.
	Adapt func(sdk.Chart) (sdk.Chart, map[string]any, error)
	// First is the revision that is rendered at once; zero is the install of revision 1.
	First plan.Fields
	// Cluster is what --dry-run=server lets the templates ask; nil renders without a cluster. Where there is one,
	// KubeVersion and APIVersions above are not looked at.
	Cluster *sdk.Cluster
}

// FromChart finds, loads and renders a chart. The first revision is rendered at once, so that what is wrong
// with the chart shows here; Source.Render renders the others when they are asked for.
func FromChart(options ChartOptions) (*Source, error) {
	helm4Rules, err := isHelm4(options.Engine)
	if err != nil {
		return nil, err
	}
	options.Locate.Helm4, options.Values.Helm4 = helm4Rules, helm4Rules
	if options.Release.Name != "" {
		if err := helm3.ValidateReleaseName(options.Release.Name); err != nil {
			return nil, fmt.Errorf("release name %q: %w", options.Release.Name, err)
		}
	}
	loaded, path, err := load(options)
	if err != nil {
		return nil, err
	}
	if options.Adapt != nil {
		if loaded, options.Values.Base, err = options.Adapt(loaded); err != nil {
			return nil, err
		}
	}
	values, err := helm3.Values(options.Values)
	if err != nil {
		return nil, err
	}
	if options.Old != nil {
		if loaded, values, err = options.Old.into(loaded, values); err != nil {
			return nil, err
		}
	}
	info := loaded.Info()
	if options.Release.Name == "" {
		options.Release.Name = info.Name
	}
	if options.Release.Namespace == "" {
		options.Release.Namespace = defaultNamespace
	}
	return build(options, loaded, values, path)
}

func isHelm4(engine plan.Engine) (bool, error) {
	switch engine.Name {
	case "helm3":
		return false, nil
	case "helm4":
		return true, nil
	}
	return false, fmt.Errorf("a chart cannot be rendered by engine %q: valid are helm3 and helm4", engine.Name)
}

func build(options ChartOptions, loaded sdk.Chart, values map[string]any, path string) (*Source, error) {
	info := loaded.Info()
	texts := slices.Concat(loaded.Texts(), sdk.ValueTexts(values))
	request := sdk.Request{
		Engine: options.Engine, Release: options.Release, Values: values, KubeVersion: options.KubeVersion,
		APIVersions: options.APIVersions, SkipSchemaValidation: options.SkipSchemaValidation, Cluster: options.Cluster,
	}
	renders := newRevisions(loaded, request, texts)
	units := meanwhile(func() read {
		if options.Cluster != nil || !mayAskCluster(texts) {
			return nil
		}
		return readUnits(texts)
	})
	fields := options.First
	if fields == (plan.Fields{}) {
		fields.Revision = 1
	}
	first, err := renders.begin(fields)
	if err != nil {
		return nil, renderError(options, info, err)
	}
	if by := decidedByChance(first.active); len(by) > 0 {
		// Whether two renders happened to differ is chance as well, so this stands in for that fact.
		first.facts = []plan.UnknownFact{{
			What:      "chance",
			Why:       "chance or the clock decides what " + strings.Join(by, ", ") + " gives: what is shown here is one of several outcomes",
			HowToKnow: "a value that fixes what is random, if the chart has one; otherwise nothing settles it",
		}}
	}
	unknown := first.facts
	if options.Cluster == nil {
		unknown = slices.Concat(clusterFacts(first.active, units(), knownAPIs(options.Engine), request), unknown, tplFacts(first.active, texts))
	}
	source := &Source{
		Type: TypeChart, Ref: options.Target.Given, Name: options.Release.Name, Namespace: options.Release.Namespace,
		Chart: info.Name, ChartVersion: info.Version, AppVersion: info.AppVersion,
		Unknown: unknown, Render: renders.render, File: chartFiles(path, options.Target.Ref, info.Name),
	}
	if info.Deprecated {
		source.Notes = append(source.Notes, "this chart is deprecated")
	}
	return source, nil
}

func knownAPIs(engine plan.Engine) []string {
	if engine.Name == "helm3" {
		return helm3.APIVersions()
	}
	return helm4.APIVersions()
}

// load gives the chart and, for one that is a folder on disk, its path.
func load(options ChartOptions) (sdk.Chart, string, error) {
	if options.FS != nil {
		loaded, err := loadFS(options)
		if err != nil {
			return nil, "", fmt.Errorf("load chart %s: %w", options.Target.Given, err)
		}
		return loaded, "", nil
	}
	if options.Target.Kind == KindChart {
		options.Locate.RepoURL = "" // a path stays a path, also for Helm 4
	}
	path, err := helm3.Locate(options.Target.Ref, options.Locate)
	if err != nil {
		return nil, "", locateError(options, err)
	}
	var loaded sdk.Chart
	if options.Engine.Name == "helm3" {
		loaded, err = helm3.Load(path)
	} else {
		loaded, err = helm4.Load(path)
	}
	if err != nil {
		return nil, "", loadError(options.Target, path, err)
	}
	if info, err := os.Stat(path); err != nil || !info.IsDir() {
		path = ""
	}
	return loaded, path, nil
}

func loadFS(options ChartOptions) (sdk.Chart, error) {
	if options.Engine.Name == "helm3" {
		return helm3.LoadFS(options.FS)
	}
	return helm4.LoadFS(options.FS)
}

func locateError(options ChartOptions, err error) error {
	given := options.Target.Given
	err = fmt.Errorf("find chart %s: %w", given, err)
	text := err.Error()
	switch {
	case strings.HasPrefix(options.Locate.RepoURL, "oci://"):
		return &Error{err, "--repo takes no registry: name the chart as " + strings.TrimSuffix(options.Locate.RepoURL, "/") + "/" + given}
	case options.Target.Kind == KindRepo && strings.Contains(text, "repo ") && strings.HasSuffix(text, " not found"):
		return &Error{err, "there is no path " + given + " either; helm repo list shows the repositories, helm repo add adds one"}
	case options.Target.Kind == KindURL && strings.Contains(text, "not supported"):
		return &Error{err, "fetch it with helm pull and name the archive"}
	}
	return err
}

func loadError(target Target, path string, err error) error {
	text := err.Error()
	wrapped := fmt.Errorf("load chart %s: %w", target.Given, err)
	switch {
	case strings.Contains(text, "missing in charts/ directory"):
		return &Error{wrapped, "helm dependency build " + target.Given}
	case strings.Contains(text, "library charts are not installable"):
		return &Error{wrapped, "name a chart that depends on it"}
	case errors.Is(err, fs.ErrPermission) || errors.Is(err, fs.ErrNotExist):
		return wrapped
	}
	if info, statErr := os.Stat(path); statErr == nil && !info.IsDir() {
		return &Error{wrapped, "the archive is damaged or no chart; helm package makes one"}
	}
	return wrapped
}

// renderError keeps Helm's own message, which names template and line.
func renderError(options ChartOptions, info sdk.Info, err error) error {
	wrapped := fmt.Errorf("render chart %s: %w", options.Target.Given, err)
	switch text := err.Error(); {
	case options.Cluster != nil && strings.Contains(text, "error calling lookup") && strings.Contains(text, "is forbidden"):
		return &Error{wrapped, "Helm needs the right to read what the template looks up; without --dry-run=server lookup finds nothing"}
	case options.Cluster != nil && strings.Contains(text, "chart requires kubeVersion"):
		return wrapped
	case strings.Contains(text, "chart requires kubeVersion"):
		return &Error{wrapped, "--kube-version VERSION of the cluster"}
	case strings.Contains(text, "don't meet the specifications of the schema"):
		return &Error{wrapped, "set the values that " + info.Name + " asks for with -f or --set, or --skip-schema-validation"}
	}
	return wrapped
}
