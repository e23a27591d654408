package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/helm-hooks/helm-hooks/internal/cluster"
	"github.com/helm-hooks/helm-hooks/internal/gitops"
	"github.com/helm-hooks/helm-hooks/internal/live"
	"github.com/helm-hooks/helm-hooks/internal/source"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// argoNamespace is where Applications live as Argo CD is installed.
const argoNamespace = "argocd"

// loadObject reads the object and what it installs.
func (o *inputOptions) loadObject(ctx context.Context) (*source.Source, plan.Input, error) {
	if o.liveObject() {
		if err := o.fetchObject(ctx); err != nil {
			return nil, plan.Input{}, err
		}
		if o.object.helmRelease != nil && o.engine.RunsHelm() {
			return o.loadLiveHelmRelease(ctx)
		}
	}
	read, err := o.openObject(ctx, o.engine)
	if err != nil {
		return nil, plan.Input{}, err
	}
	old, err := o.openOld(o.engine, read)
	if err != nil {
		return nil, plan.Input{}, err
	}
	return read, o.input(read, old), nil
}

// fetchObject gets the object from the cluster.
func (o *inputOptions) fetchObject(ctx context.Context) error {
	g := o.object
	if g.object != nil {
		return nil
	}
	o.live.cluster.in(o.chart.namespace)
	client, _, err := o.live.cluster.connect(o.env)
	if err != nil {
		return err
	}
	g.client, o.live.client = client, client
	kind := gitops.KindHelmRelease
	if o.target.Kind == source.KindApplication {
		kind = gitops.KindApplication
	}
	tried := []string{cmp.Or(client.Namespace, "default")}
	if kind == gitops.KindApplication && o.chart.namespace == "" && tried[0] != argoNamespace {
		// Who asks for an Application is rarely in its namespace.
		tried = []string{argoNamespace, tried[0]}
	}
	for _, namespace := range tried {
		if g.object, err = get(ctx, client, kind, namespace, o.target.Ref); err != nil {
			return withClusterHint(err)
		}
		if g.object != nil {
			break
		}
	}
	if g.object == nil {
		return &hintError{
			fmt.Errorf("there is no %s/%s in namespace %s (%s)", kind, o.target.Ref, joined(tried, " nor in "), clusterWords(client)),
			"-n says where it is; kubectl get " + string(o.target.Kind) + "s -A shows all",
		}
	}
	g.note = fmt.Sprintf("%s of namespace %s, %s", g.object.Ref(), g.object.Namespace, clusterWords(client))
	return o.parseObject(g.object.Namespace)
}

func joined(words []string, between string) string {
	text := words[0]
	for _, word := range words[1:] {
		text += between + word
	}
	return text
}

// clusterWords name a cluster.
func clusterWords(client *cluster.Client) string {
	if client.Context == "" {
		return client.Server
	}
	return fmt.Sprintf("context %q", client.Context)
}

// get reads an object of a cluster; nil where it does not exist.
func get(ctx context.Context, client *cluster.Client, kind, namespace, name string) (*gitops.Object, error) {
	body, err := client.GitOps(ctx, kind, namespace, name)
	if err != nil || body == nil {
		return nil, err
	}
	return gitops.ParseObject(body, fmt.Sprintf("%s/%s of namespace %s", kind, name, namespace))
}

// surroundings are where the object finds what it refers to: its cluster, or its file.
func (o *inputOptions) surroundings(ctx context.Context) source.Surroundings {
	g := o.object
	from := source.Surroundings{Folders: source.Folders(g.file)}
	if o.live.chart != "" {
		from.Chart = &o.live.target
	}
	if g.client == nil {
		from.Find = func(kind, namespace, name string) (*gitops.Object, error) {
			return g.objects.Find(kind, namespace, name), nil
		}
		return from
	}
	from.Complete = true
	from.Find = func(kind, namespace, name string) (*gitops.Object, error) {
		return get(ctx, g.client, kind, namespace, name)
	}
	return from
}

// giveChart prepares the chart that the object installs.
func (o *inputOptions) giveChart(ctx context.Context, engine plan.Engine) error {
	g := o.object
	if g.object == nil {
		return &hintError{fmt.Errorf("%s is read from a cluster, and planned by one engine at a time", o.target.Given), "name one engine; or save it as a file: kubectl get " + o.target.Given + " -o yaml"}
	}
	if err := o.parseObject(cmp.Or(o.chart.namespace, o.defaultNamespace(), "default")); err != nil {
		return err
	}
	asked, err := o.serverRendering()
	if err != nil {
		return err
	}
	options := source.ChartOptions{
		Cluster: asked, Engine: engine.Helm(), Locate: o.chart.locate, Values: o.chart.values,
		KubeVersion: o.chart.kubeVersion, APIVersions: o.chart.apiVersions, SkipSchemaValidation: o.chart.skipSchema,
	}
	if g.application != nil {
		g.given, err = source.FromApplication(g.application, o.surroundings(ctx), options)
	} else {
		g.given, err = source.FromHelmRelease(g.helmRelease, o.surroundings(ctx), options)
	}
	return withGitOpsHint(err)
}

// openObject renders the chart that the object installs.
func (o *inputOptions) openObject(ctx context.Context, engine plan.Engine) (*source.Source, error) {
	if err := o.giveChart(ctx, engine); err != nil {
		return nil, err
	}
	read, err := o.object.given.Open()
	if err != nil {
		return nil, withGitOpsHint(err)
	}
	read.Ref = o.target.Given
	return read, nil
}

// loadLiveHelmRelease plans from where the release is that the HelmRelease looks after.
func (o *inputOptions) loadLiveHelmRelease(ctx context.Context) (*source.Source, plan.Input, error) {
	h := o.object.helmRelease
	if h.OtherCluster {
		return nil, plan.Input{}, &hintError{
			fmt.Errorf("HelmRelease/%s installs into the cluster of its spec.kubeConfig, where its records are", h.Name),
			fmt.Sprintf("ask that cluster: --context CONTEXT, with the release as SOURCE: %s -n %s", h.Release.Name, h.Stored),
		}
	}
	if o.engine.Name == "flux" && h.Deleting {
		if err := o.onlyUninstall(); err != nil {
			return nil, plan.Input{}, err
		}
	}
	if err := o.openReleaseOf(ctx, h); err != nil {
		return nil, plan.Input{}, err
	}
	if o.engine.Name == "flux" && h.Deleting && o.live.release.Newest == nil {
		return nil, plan.Input{}, fmt.Errorf("%s is being deleted, and there is no release %s in namespace %s: nothing is uninstalled, and no hook runs", o.target.Given, h.Release.Name, h.Stored)
	}
	read, err := o.nextOf(ctx, h)
	if err != nil {
		return nil, plan.Input{}, err
	}
	if note, moved := h.Moved(read.Chart); moved && !h.Deleting {
		read.Notes = append([]string{note}, read.Notes...)
	}
	h.Flux.Status, h.Flux.Deleting = h.Past(), h.Deleting
	read.Type, read.Ref = source.TypeHelmRelease, o.target.Given
	return o.fromLive(ctx, read)
}

// onlyUninstall leaves of the actions the one that comes to a HelmRelease that is being deleted.
func (o *inputOptions) onlyUninstall() error {
	for _, action := range o.actions {
		if action != plan.Uninstall {
			return &hintError{
				fmt.Errorf("--action %s: %s is being deleted, and all that comes is its uninstall", action, o.target.Given),
				"leave --action out; --engine helm4 plans the release as if nobody but Helm acted on it",
			}
		}
	}
	o.actions = []plan.Action{plan.Uninstall}
	return nil
}

// openReleaseOf reads the records of the release, if there is one. Flux keeps them in Secrets (internal/action/config.go
// DefaultStorageDriver), in the namespace that it has noted.
func (o *inputOptions) openReleaseOf(ctx context.Context, h *gitops.HelmRelease) (err error) {
	client := o.object.client
	records := client.Records(cluster.Secrets)
	o.live.release, err = live.Open(ctx, client, records, h.Stored, h.Release.Name)
	var missing *cluster.NotFoundError
	if errors.As(err, &missing) {
		o.live.release, err = live.None(client, records, h.Release.Namespace, h.Release.Name), nil
		o.live.release.Stored = h.Stored
	}
	return withClusterHint(err)
}

// nextOf is what the next upgrade brings: the chart of --chart with the values of the HelmRelease, else what is stored;
// where nothing is, the chart that the HelmRelease names.
func (o *inputOptions) nextOf(ctx context.Context, h *gitops.HelmRelease) (*source.Source, error) {
	r := o.live.release
	if o.live.chart == "" && r.Newest != nil {
		read, err := r.Source(o.engine.Helm())
		if err == nil {
			read.Notes = slices.Concat(h.Notes, read.Notes)
			read.Unknown = slices.Concat(h.Unknown, read.Unknown)
		}
		return read, err
	}
	if err := o.giveChart(ctx, o.engine); err != nil {
		return nil, err
	}
	mode := source.ResetValues
	if h.PreserveValues {
		mode = source.ReuseValues
	}
	old, err := r.OldValues(mode)
	if err != nil {
		return nil, withClusterHint(err)
	}
	given := o.object.given
	given.Options.Old, given.Options.First = old, r.NextFields()
	read, err := given.Open()
	if err != nil {
		return nil, withGitOpsHint(err)
	}
	return r.Upgraded(read), nil
}
