package oracle

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	kube "github.com/helm-hooks/helm-hooks/internal/cluster"
	"github.com/helm-hooks/helm-hooks/internal/cluster/record"
	"github.com/helm-hooks/helm-hooks/internal/live"
	"github.com/helm-hooks/helm-hooks/internal/source"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
	"github.com/helm-hooks/helm-hooks/test/oracle/scenario"
	"github.com/helm-hooks/helm-hooks/test/oracle/stage"
)

// seen is a release as the tool sees it: the records that Helm has stored, read by the code that reads them from a
// cluster, and the objects that the oracle's cluster shows.
type seen struct {
	engine  plan.Engine
	release plan.Release
	stage   *stage.Stage
	// stored are the revisions, oldest first, refs what is known of them unread.
	stored []*record.Release
	refs   []kube.Ref
	// loads counts how often a record was read.
	loads map[int]int
}

// lookAt reads the records of a stage.
func lookAt(s *stage.Stage, engine plan.Engine) (*seen, error) {
	l := &seen{
		engine: engine, stage: s, loads: map[int]int{},
		release: plan.Release{Name: s.Scenario.Release, Namespace: s.Scenario.Namespace},
	}
	history, err := s.Records.History(s.Scenario.Release)
	if err != nil {
		return nil, err
	}
	for _, r := range history {
		found := s.Records.Query(map[string]string{"name": s.Scenario.Release, "version": strconv.Itoa(r.Revision)})
		if len(found) != 1 {
			return nil, fmt.Errorf("revision %d is stored %d times", r.Revision, len(found))
		}
		stored, err := record.Decode([]byte(base64.StdEncoding.EncodeToString(found[0])))
		if err != nil {
			return nil, fmt.Errorf("revision %d: %w", r.Revision, err)
		}
		l.stored = append(l.stored, stored)
		l.refs = append(l.refs, kube.Ref{Release: s.Scenario.Release, Namespace: s.Scenario.Namespace, Revision: r.Revision, Status: r.Status})
	}
	return l, nil
}

// tool is the release as the tool opens it.
func (l *seen) tool() *live.Release {
	r := &live.Release{Name: l.release.Name, Namespace: l.release.Namespace, Stored: l.release.Namespace, Refs: l.refs}
	if len(l.stored) > 0 {
		r.Newest = l.stored[len(l.stored)-1]
	}
	return r
}

// observed is what the tool makes of the records and of the objects that it looked up; nil stands for --offline.
func (l *seen) observed(world *live.World) *plan.Observed {
	o := l.tool().Observe(world)
	for i, ref := range l.refs {
		// A tool that knows one revision reads it without a cluster.
		alone := live.Release{Name: l.release.Name, Namespace: l.release.Namespace, Refs: []kube.Ref{ref}, Newest: l.stored[i]}
		load := alone.Observe(nil).Records[0].Load
		o.Records[i].Load = func() (plan.Stored, error) {
			l.loads[ref.Revision]++
			return load()
		}
	}
	return o
}

// again is what the next upgrade brings where nobody names a chart: what is stored.
func (l *seen) again() (*source.Source, error) { return l.tool().Source(l.engine) }

// look looks up the objects that a plan is about, as internal/live does, but for those that skip names.
func (l *seen) look(next plan.Render, rollbackTo int, skip func(hook bool) bool) (*live.World, error) {
	inventories, err := l.tool().Inventories(l.engine, &source.Source{Render: next}, 0)
	if err != nil {
		return nil, err
	}
	if target := slices.IndexFunc(l.refs, func(r kube.Ref) bool { return r.Revision == rollbackTo }); target >= 0 {
		documents, err := live.Documents(l.stored[target])
		if err != nil {
			return nil, err
		}
		inventory, err := plan.Classify(plan.Rendered{Documents: documents}, l.release, l.engine)
		if err != nil {
			return nil, err
		}
		inventories = append(inventories, inventory)
	}
	var asked []plan.Object
	for _, inventory := range inventories {
		for i := range inventory.Hooks {
			if !skip(true) {
				asked = want(asked, &inventory.Hooks[i].Parsed)
			}
		}
		for i := range inventory.Resources {
			if !inventory.Resources[i].Empty && !skip(false) {
				asked = want(asked, &inventory.Resources[i].Parsed)
			}
		}
		for _, file := range inventory.CRDs {
			for _, o := range file.Objects {
				asked = want(asked, &plan.Parsed{Object: o})
			}
		}
	}
	world := &live.World{Asked: asked}
	for _, o := range asked {
		world.Seen = append(world.Seen, l.get(o))
	}
	return world, nil
}

// want adds the objects of a document that have a name, each once.
func want(wanted []plan.Object, p *plan.Parsed) []plan.Object {
	objects := p.Items
	if objects == nil {
		objects = []plan.Object{p.Object}
	}
	for _, o := range objects {
		if o.Name != "" && o.Kind != "" && !strings.ContainsAny(o.Name, "<>*") && !slices.Contains(wanted, o) {
			wanted = append(wanted, o)
		}
	}
	return wanted
}

// get is what the API server answers for an object.
func (l *seen) get(o plan.Object) kube.Seen {
	s := kube.Seen{Wanted: kube.Wanted{APIVersion: o.APIVersion, Kind: o.Kind, Namespace: o.Namespace, Name: o.Name}}
	found, exists := l.stage.Cluster.Get(ids([]plan.Object{o})[0])
	if !exists {
		o.Namespace = ""
		if found, exists = l.stage.Cluster.Get(ids([]plan.Object{o})[0]); !exists {
			return s
		}
	}
	s.Exists, s.Labels, s.Annotations = true, found.Labels, found.Annotations
	s.Created = time.Unix(int64(found.Born), 0)
	if found.Leaving {
		s.Deleting = s.Created
	}
	for _, m := range found.Managers {
		// All that is written here is written by Helm, which calls itself by the name of the program.
		s.Managers = append(s.Managers, kube.Manager{Name: "helm", Operation: m.Operation})
	}
	progress := map[string]kube.Progress{"running": kube.Running, "finished": kube.Succeeded, "failed": kube.Failed}[string(found.State)]
	switch {
	case progress == "":
	case o.Kind == "Job" && found.Suspended && progress == kube.Running:
		s.Job = &kube.JobState{Progress: kube.Suspended}
	case o.Kind == "Job":
		s.Job = &kube.JobState{Progress: progress}
	default:
		s.Pod = &kube.PodState{Progress: progress}
	}
	return s
}

// storedChart is a chart that renders to what a revision holds, one document a file, in the order of the record.
func storedChart(documents []plan.Document) scenario.Chart {
	chart := scenario.Chart{Files: map[string]string{"Chart.yaml": "apiVersion: v2\nname: c\nversion: 0.1.0\n"}}
	for i, d := range documents {
		text := strings.ReplaceAll(d.Text, "{{", `{{ "{{" }}`)
		chart.Files[fmt.Sprintf("templates/%04d.yaml", i)] = text
	}
	return chart
}
