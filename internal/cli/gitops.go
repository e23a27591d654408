package cli

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/helm-hooks/helm-hooks/internal/cluster"
	"github.com/helm-hooks/helm-hooks/internal/gitops"
	"github.com/helm-hooks/helm-hooks/internal/source"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// gitObject is a HelmRelease or an Application as SOURCE: what was read of it, and where it finds what it refers to.
type gitObject struct {
	// object is nil for one of a cluster that was not read yet; objects lie beside one of a file.
	object  *gitops.Object
	objects gitops.Objects
	// file is empty for standard input and a cluster.
	file string
	// client is that of the cluster; nil for a file.
	client *cluster.Client

	helmRelease *gitops.HelmRelease
	application *gitops.Application
	// note says where a live object was found.
	note string
	// given is what became of the flags; nil before the chart was opened, and where the stored one is planned.
	given *source.Given
}

// live says that the object is one of a cluster.
func (o *inputOptions) liveObject() bool {
	return o.object != nil && (o.target.Kind == source.KindHelmRelease || o.target.Kind == source.KindApplication) && o.object.inCluster()
}

func (g *gitObject) inCluster() bool { return len(g.objects) == 0 }

// looksAtFiles says that SOURCE is no word that --chart could make a release of.
func looksAtFiles(args []string) bool {
	if len(args) != 1 {
		return false
	}
	word := args[0]
	return word == "-" || hasSuffix(word, ".yaml", ".yml", ".json") ||
		strings.HasPrefix(word, source.TypeHelmRelease+"/") || strings.HasPrefix(word, source.TypeApplication+"/")
}

func hasSuffix(word string, suffixes ...string) bool {
	return slices.ContainsFunc(suffixes, func(s string) bool { return strings.HasSuffix(word, s) })
}

// detect finds out whether SOURCE is a HelmRelease or an Application: by its name in a cluster, or by what a file or
// standard input holds.
func (o *inputOptions) detect() error {
	switch o.target.Kind {
	case source.KindHelmRelease, source.KindApplication:
		o.object = &gitObject{}
		return o.noObjectFlag("it names one object already")
	case source.KindFile, source.KindStdin:
	default:
		return o.noObjectFlag("it is about a file with several HelmReleases or Applications")
	}
	if o.sourceType == source.TypeStream {
		return o.noObjectFlag("--source-type stream reads all objects as they are")
	}
	name := inputName(o.target)
	text, err := source.ReadInput(name, o.env.In)
	if err != nil {
		return withHint(err)
	}
	if name == "" {
		o.env.In = strings.NewReader(text)
	}
	found, err := source.Detect(text, labelOf(name), o.objectName)
	if err != nil {
		return withGitOpsHint(err)
	}
	if found.Object == nil {
		return nil
	}
	o.object = &gitObject{object: found.Object, objects: found.Objects, file: name}
	o.stdinTaken = name == ""
	o.target.Kind = source.KindHelmRelease
	if found.Object.IsApplication() {
		o.target.Kind = source.KindApplication
	}
	return nil
}

// installs is the HelmRelease or Application that a file or standard input holds in place of rendered YAML; nil where it
// holds none. in reads standard input from its beginning again.
func installs(target source.Target, stdin io.Reader) (object *gitops.Object, in io.Reader, err error) {
	name := inputName(target)
	text, err := source.ReadInput(name, stdin)
	if err != nil {
		return nil, stdin, withHint(err)
	}
	if name == "" {
		stdin = strings.NewReader(text)
	}
	return source.Installs(text, labelOf(name)), stdin, nil
}

// engineOfObject names who acts on an object such as helmrelease or Application/shop.
func engineOfObject(what string) string {
	if strings.HasPrefix(strings.ToLower(what), source.TypeApplication) {
		return "argocd"
	}
	return "flux"
}

// inputName is the name of a file; that of standard input is empty.
func inputName(target source.Target) string {
	if target.Kind == source.KindStdin {
		return ""
	}
	return target.Ref
}

func labelOf(name string) string {
	if name == "" {
		return "stdin"
	}
	return name
}

func (o *inputOptions) noObjectFlag(why string) error {
	if o.objectName == "" {
		return nil
	}
	return fmt.Errorf("--object %s has no effect on %s: %s", o.objectName, o.target.Given, why)
}

// followObject takes the rules of who acts on the object, unless others were asked for.
func (o *inputOptions) followObject() (err error) {
	if o.object == nil || o.engineFlag != "" || o.env.get("HELM_HOOKS_ENGINE") != "" {
		return nil
	}
	name := "flux"
	if o.target.Kind == source.KindApplication {
		name = "argocd"
	}
	o.engine, err = plan.ParseEngine(name)
	o.callerOnly = false
	return err
}

// objectDecides are flags whose place is a field of the object; the first for a HelmRelease, the second for an
// Application. With --chart those of the chart mean something.
var objectDecides = []struct {
	flag, flux, argo string
	ofChart          bool
}{
	{"name", "spec.releaseName names the release", "spec.source.helm.releaseName names the release", false},
	{"version", "spec.chart.spec.version says which", "spec.source.targetRevision says which", true},
	{"repo", "the source that it refers to says which", "spec.source.repoURL says which", true},
	{"devel", "spec.chart.spec.version says which, as in >=0-0", "spec.source.targetRevision says which, as in >=0-0", true},
	{"revision", "", "Argo CD keeps no Helm releases", false},
	{"reuse-values", "spec.upgrade.preserveValues says so", "Argo CD keeps no Helm releases", false},
	{"reset-values", "spec.upgrade.preserveValues says so", "Argo CD keeps no Helm releases", false},
	{"reset-then-reuse-values", "spec.upgrade.preserveValues says so", "Argo CD keeps no Helm releases", false},
	{"offline", "", "no live object decides what Argo CD does", false},
}

// validateObject refuses flags that the object decides about, or that have no effect on it.
func (o *inputOptions) validateObject(cmd *cobra.Command) error {
	changed := func(name string) bool { return cmd.Flags().Changed(name) }
	for _, one := range objectDecides {
		why := one.flux
		if o.target.Kind == source.KindApplication {
			why = one.argo
		}
		if why != "" && changed(one.flag) && !(one.ofChart && o.live.chart != "") {
			return fmt.Errorf("--%s has no effect on %s: %s", one.flag, o.target.Given, why)
		}
	}
	for _, name := range []string{"revision", "offline"} {
		if changed(name) && !o.object.inCluster() {
			return fmt.Errorf("--%s is about a release in a cluster, and %s is a file", name, o.target.Given)
		}
	}
	if changed("revision") && o.live.revision < 1 {
		return fmt.Errorf("--revision %d: revisions count from 1", o.live.revision)
	}
	if changed("revision") && o.engine.Name == "flux" {
		return fmt.Errorf("--revision has no effect on %s: Flux itself picks the revision that it rolls back to", o.target.Given)
	}
	if o.from.chart != "" && o.object.inCluster() && o.target.Kind == source.KindHelmRelease {
		return fmt.Errorf("--from takes a chart to come from, and a release in a cluster is what it is: leave --from out")
	}
	if o.stdinTaken && slices.Contains(o.chart.values.Files, "-") {
		return errors.New("standard input cannot be both SOURCE and the values of -f -")
	}
	return nil
}

// parse reads the object; namespace is where it lives if it does not say so itself.
func (o *inputOptions) parseObject(namespace string) (err error) {
	g := o.object
	if g.helmRelease != nil || g.application != nil {
		return nil
	}
	if asked := o.chart.namespace; asked != "" && g.object.Namespace != "" && g.object.Namespace != asked {
		return fmt.Errorf("-n %s: %s says that it lives in namespace %s", asked, g.object.Ref(), g.object.Namespace)
	}
	if o.target.Kind == source.KindApplication {
		g.application, err = gitops.ParseApplication(g.object, namespace)
	} else {
		g.helmRelease, err = gitops.ParseHelmRelease(g.object, namespace)
	}
	return withGitOpsHint(err)
}

// withGitOpsHint carries the hint of an object's error over to where errors are printed.
func withGitOpsHint(err error) error {
	var known *gitops.Error
	if errors.As(err, &known) && known.Hint != "" {
		return &hintError{err, known.Hint}
	}
	return withClusterHint(withHint(err))
}

// objectNote says which object of a cluster was read, or whose settings are planned where no HelmRelease was given.
func (o *inputOptions) objectNote() string {
	switch {
	case o.object != nil && o.object.note != "":
		return o.object.note
	case o.engine.Name != "flux" || o.object != nil && o.object.helmRelease != nil:
		return ""
	case o.target.Kind == source.KindRelease:
		return "planned as if its HelmRelease set nothing; helmrelease/NAME as SOURCE reads what it sets"
	}
	return "without a HelmRelease, one that sets nothing stands in: Flux waits for resources, 5m each time, tries nothing again and runs no tests"
}

// addTo puts what the object says beside the chart into the machine's input.
func (g *gitObject) addTo(input *plan.Input) {
	switch {
	case g == nil:
	case g.helmRelease != nil:
		input.Flux = &g.helmRelease.Flux
	case g.application != nil:
		input.Options.SkipCRDs = input.Options.SkipCRDs || g.application.SkipCRDs()
		input.Options.SkipTests = input.Options.SkipTests || g.application.SkipTests()
	}
}
