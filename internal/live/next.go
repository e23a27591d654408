package live

import (
	"fmt"
	"slices"

	"sigs.k8s.io/yaml"

	"github.com/helm-hooks/helm-hooks/internal/cluster/record"
	"github.com/helm-hooks/helm-hooks/internal/source"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// Source is the release as a source: the next upgrade brings what is stored once more. The record holds no trace of
// what Helm dropped; the stored chart is rendered again to look for it, where that is sound.
func (r *Release) Source(engine plan.Engine) (*source.Source, error) {
	documents, err := Documents(r.Newest)
	if err != nil {
		return nil, err
	}
	values, err := Values(r.Newest)
	if err != nil {
		return nil, err
	}
	read := r.named()
	dropped, unknown := source.DroppedOf(source.StoredRelease{
		Engine: r.writer(engine), Release: plan.Release{Name: r.Name, Namespace: r.Namespace}, Chart: r.Newest.Chart.Raw, Values: values,
		Revision: r.Newest.Revision, IsUpgrade: r.Newest.Revision > 1, Documents: documents,
	})
	if unknown != nil {
		read.Unknown = append(read.Unknown, *unknown)
	}
	read.AlreadyRendered = unknown != nil
	all := slices.Concat(documents, dropped)
	read.Render = func(plan.Fields) (plan.Rendered, error) { return plan.Rendered{Documents: all}, nil }
	return read, nil
}

// writer is the Helm that wrote the newest record, as far as it shows; else the one asked for.
func (r *Release) writer(engine plan.Engine) plan.Engine {
	if writer := r.LastWriter(); writer != "" && writer != engine.Name {
		if other, err := plan.ParseEngine(writer); err == nil {
			return other
		}
	}
	return engine
}

// Current is the revision whose values an upgrade takes over: the deployed one, else the newest (v3 and v4
// pkg/action/upgrade.go prepareUpgrade).
func (r *Release) Current() (*record.Release, error) {
	for _, ref := range slices.Backward(r.Refs) {
		if ref.Status == string(plan.StatusDeployed) {
			return r.Revision(ref.Revision)
		}
	}
	return r.Newest, nil
}

// OldValues are what an upgrade starts from; nil where there is no release.
func (r *Release) OldValues(mode source.ReuseMode) (*source.OldValues, error) {
	current, err := r.Current()
	if err != nil || current == nil {
		return nil, err
	}
	values, err := Values(current)
	if err != nil {
		return nil, err
	}
	return &source.OldValues{Mode: mode, Config: values, Chart: current.Chart.Raw}, nil
}

// NextFields are what the templates see in the next upgrade, or in the install where there is no release.
func (r *Release) NextFields() plan.Fields {
	if r.Newest == nil {
		return plan.Fields{Revision: 1}
	}
	return plan.Fields{Revision: r.Newest.Revision + 1, IsUpgrade: true}
}

// named is the release without its documents.
func (r *Release) named() *source.Source {
	read := &source.Source{
		Type: source.TypeRelease, Ref: r.Name, Name: r.Name, Namespace: r.Namespace,
		File: func(string) string { return "" },
	}
	if r.Newest != nil {
		read.Chart, read.ChartVersion, read.AppVersion = r.Newest.Chart.Name, r.Newest.Chart.Version, r.Newest.Chart.AppVersion
		read.Revision = r.Newest.Revision
	}
	return read
}

// Upgraded is the release with the chart that the next upgrade brings.
func (r *Release) Upgraded(chart *source.Source) *source.Source {
	read := *chart
	read.Type, read.Ref, read.Revision = source.TypeRelease, r.Name, 0
	if r.Newest != nil {
		read.Revision = r.Newest.Revision
	}
	runs := r.lastRuns()
	read.Render = func(fields plan.Fields) (plan.Rendered, error) {
		rendered, err := chart.Render(fields)
		for i := range rendered.Documents {
			rendered.Documents[i].LastRun = runs[nameOf(rendered.Documents[i])]
		}
		return rendered, err
	}
	return &read
}

// documentName is what tells that two revisions' documents are one hook: its place and name.
type documentName struct{ template, kind, name string }

func nameOf(document plan.Document) documentName {
	var head struct {
		Kind     string
		Metadata struct{ Name string }
	}
	// What does not parse has no name, and the classifier says why.
	_ = yaml.Unmarshal([]byte(document.Text), &head)
	return documentName{document.Template, head.Kind, head.Metadata.Name}
}

// lastRuns are those of the newest revision's hooks.
func (r *Release) lastRuns() map[documentName]plan.LastRun {
	runs := map[documentName]plan.LastRun{}
	if r.Newest == nil {
		return runs
	}
	for _, hook := range r.Newest.Hooks {
		runs[documentName{hook.Path, hook.Kind, hook.Name}] = lastRun(hook)
	}
	return runs
}

// Previous is the revision that a rollback goes to where none is named: the last but one, whatever its status (v3 and
// v4 pkg/action/rollback.go prepareRollback). 0 where it is not stored.
func (r *Release) Previous() int {
	if r.Newest == nil {
		return 0
	}
	for _, ref := range r.Refs {
		if ref.Revision == r.Newest.Revision-1 {
			return ref.Revision
		}
	}
	return 0
}

// Inventories are those of the newest revision, of what the next upgrade brings, and of the revision that a rollback
// goes to: what can be met in the cluster.
func (r *Release) Inventories(engine plan.Engine, next *source.Source, rollbackTo int) ([]plan.Inventory, error) {
	release := plan.Release{Name: r.Name, Namespace: r.Namespace}
	var inventories []plan.Inventory
	add := func(rendered plan.Rendered) error {
		inventory, err := plan.Classify(rendered, release, engine)
		inventories = append(inventories, inventory)
		return err
	}
	if r.Newest != nil {
		stored, err := Documents(r.Newest)
		if err != nil {
			return nil, err
		}
		if err := add(plan.Rendered{Documents: stored}); err != nil {
			return nil, err
		}
	}
	rendered, err := next.Render(r.NextFields())
	if err != nil {
		return nil, err
	}
	if err := add(rendered); err != nil {
		return nil, err
	}
	if rollbackTo == 0 {
		return inventories, nil
	}
	target, err := r.Revision(rollbackTo)
	if err != nil {
		return nil, fmt.Errorf("read where the rollback goes: %w", err)
	}
	documents, err := Documents(target)
	if err != nil {
		return nil, err
	}
	return inventories, add(plan.Rendered{Documents: documents})
}
