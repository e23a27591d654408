package live

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/helm-hooks/helm-hooks/internal/cluster"
	"github.com/helm-hooks/helm-hooks/internal/status"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// EvidenceOptions say what to gather.
type EvidenceOptions struct {
	// Logs asks for the logs of what failed, Tail lines of each.
	Logs bool
	Tail int
}

// What is asked at most: a release with a hundred failed hooks is not worth a thousand requests.
const (
	mostEvidence   = 20
	evidenceAtOnce = 4
	// evidencePatience bounds the whole, so that a slow server does not keep back what is known already.
	evidencePatience = 15 * time.Second
	mostLogs         = 3
)

// HookFacts are the hooks of the newest revision, with what became of their objects. Pods, events and logs are asked
// for only where a run did not end well.
func (r *Release) HookFacts(ctx context.Context, hooks []plan.Hook, world *World, options EvidenceOptions) ([]status.HookFacts, error) {
	facts := make([]status.HookFacts, len(hooks))
	var asked []*gathering
	for i := range hooks {
		facts[i].Hook = hooks[i]
		objects := hooks[i].Items
		if objects == nil {
			objects = []plan.Object{hooks[i].Object}
		}
		facts[i].Objects = make([]status.ObjectFacts, len(objects))
		for k, o := range objects {
			seen := world.find(o)
			facts[i].Objects[k] = objectFacts(o, seen)
			if g := (&gathering{r.Client, options, seen, &facts[i].Objects[k]}); seen != nil && g.worthwhile(hooks[i].LastRun) {
				asked = append(asked, g)
			}
		}
	}
	if len(asked) > mostEvidence {
		for _, g := range asked[mostEvidence:] {
			g.facts.Gaps = append(g.facts.Gaps, fmt.Sprintf("its Pods and events were not asked for: only those of the first %d are", mostEvidence))
		}
		asked = asked[:mostEvidence]
	}
	gather(ctx, asked)
	return facts, ctx.Err()
}

// gather asks for all, a few at a time.
func gather(ctx context.Context, asked []*gathering) {
	ctx, cancel := context.WithTimeout(ctx, evidencePatience)
	defer cancel()
	places := make(chan struct{}, evidenceAtOnce)
	var group sync.WaitGroup
	for _, g := range asked {
		group.Go(func() {
			places <- struct{}{}
			defer func() { <-places }()
			g.run(ctx)
		})
	}
	group.Wait()
}

// find is what was seen of an object, nil where it was not looked up.
func (w *World) find(o plan.Object) *cluster.Seen {
	for i := range w.Asked {
		if w.Asked[i] == o {
			return &w.Seen[i]
		}
	}
	return nil
}

// gathering asks for what happened around one object.
type gathering struct {
	client  *cluster.Client
	options EvidenceOptions
	seen    *cluster.Seen
	facts   *status.ObjectFacts
}

// worthwhile says that there is something to explain: a run that did not end well, or an object that did not.
func (g *gathering) worthwhile(run plan.LastRun) bool {
	isJob := g.seen.Kind == "Job" && strings.HasPrefix(g.seen.APIVersion, "batch/")
	isPod := g.seen.Kind == "Pod" && g.seen.APIVersion == "v1"
	if g.seen.Err != nil || !isJob && !isPod {
		return false
	}
	if run.Phase != "" && run.Phase != "Succeeded" {
		return true
	}
	return g.facts.Job != nil && g.facts.Job.Progress != status.Succeeded || g.facts.Pod != nil && g.facts.Pod.Progress != status.Succeeded
}

func (g *gathering) run(ctx context.Context) {
	g.events(ctx, g.seen)
	pods := []cluster.Seen{*g.seen}
	if g.seen.Kind == "Job" {
		var err error
		if pods, err = g.client.Pods(ctx, g.seen.Namespace, g.seen.Name, g.seen.UID); err != nil {
			g.gap("its Pods", err)
		}
		const most = 5
		for i := range pods[:min(len(pods), most)] {
			g.facts.Pods = append(g.facts.Pods, podFacts(&pods[i]))
		}
		if len(pods) > 0 {
			g.events(ctx, telling(pods))
		}
	}
	if g.options.Logs && len(pods) > 0 {
		g.logs(ctx, telling(pods))
	}
}

// telling is the Pod that has most to tell: the newest that failed, else the newest.
func telling(pods []cluster.Seen) *cluster.Seen {
	for i := range pods {
		if pods[i].Pod != nil && pods[i].Pod.Progress == cluster.Failed {
			return &pods[i]
		}
	}
	return &pods[0]
}

func (g *gathering) events(ctx context.Context, of *cluster.Seen) {
	found, err := g.client.Events(ctx, of.Namespace, of.UID, of.Kind, of.Name)
	if err != nil {
		g.gap("the events of "+of.Kind+"/"+of.Name, err)
		return
	}
	for _, e := range found {
		g.facts.Events = append(g.facts.Events, status.Event{
			Of: of.Kind + "/" + of.Name, Warning: e.Type == "Warning", Reason: e.Reason, Message: e.Message, Count: e.Count, Last: e.Last,
		})
	}
	slices.SortStableFunc(g.facts.Events, func(a, b status.Event) int { return a.Last.Compare(b.Last) })
}

// gap notes what could not be read, once for each reason.
func (g *gathering) gap(what string, err error) {
	text := what + ": " + err.Error()
	var known *cluster.Error
	if errors.As(err, &known) && known.Hint != "" {
		text += " (" + known.Hint + ")"
	}
	g.facts.Gaps = append(g.facts.Gaps, text)
}

// logs reads those of the containers that failed, or of those that have begun where none has.
func (g *gathering) logs(ctx context.Context, of *cluster.Seen) {
	if of.Pod == nil {
		return
	}
	begun := slices.DeleteFunc(slices.Clone(of.Pod.Containers), func(c cluster.ContainerState) bool {
		return c.State == cluster.ContainerWaiting && c.Restarts == 0
	})
	failed := slices.DeleteFunc(slices.Clone(begun), func(c cluster.ContainerState) bool { return c.ExitCode == 0 && c.Signal == 0 && c.Last == nil })
	if len(failed) > 0 {
		begun = failed
	}
	for _, c := range begun[:min(len(begun), mostLogs)] {
		previous := c.State == cluster.ContainerWaiting
		log, err := g.client.Logs(ctx, of.Namespace, of.Name, c.Name, cluster.LogOptions{Tail: g.options.Tail, Previous: previous})
		if err != nil {
			g.gap("the log of container "+c.Name, err)
			continue
		}
		g.facts.Logs = append(g.facts.Logs, status.Log{
			Pod: of.Name, Container: c.Name, Previous: previous, Lines: log.Lines, Redacted: log.Redacted, Cut: log.Cut,
		})
	}
}
