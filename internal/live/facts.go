package live

import (
	"fmt"
	"slices"

	"github.com/helm-hooks/helm-hooks/internal/cluster"
	"github.com/helm-hooks/helm-hooks/internal/cluster/record"
	"github.com/helm-hooks/helm-hooks/internal/status"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// Hooks are those of the newest revision, in the order of `helm get hooks`.
func (r *Release) Hooks(engine plan.Engine) ([]plan.Hook, error) {
	// The manifest is left out: a hook that a post-renderer put there Helm has never run as one.
	only := *r.Newest
	only.Manifest = ""
	documents, err := Documents(&only)
	if err != nil {
		return nil, err
	}
	inventory, err := plan.Classify(plan.Rendered{Documents: documents}, plan.Release{Name: r.Name, Namespace: r.Namespace}, engine)
	return inventory.Hooks, err
}

// Revisions are the stored ones, oldest first. The newest ones, so many, are read; of the others, and of those that
// cannot be read, the metadata tell.
func (r *Release) Revisions(read int) (revisions []status.Revision, unread []plan.UnknownFact) {
	for i, ref := range r.Refs {
		one := status.Revision{Number: ref.Revision, Status: plan.Status(ref.Status), Written: ref.Created}
		if ref.Modified.After(one.Written) {
			one.Written = ref.Modified
		}
		if i >= len(r.Refs)-read {
			stored, err := r.Revision(ref.Revision)
			if err != nil {
				one.Torn = true
				unread = append(unread, plan.UnknownFact{
					What: "history", Why: fmt.Sprintf("revision %d cannot be read: %v", ref.Revision, err),
					HowToKnow: fmt.Sprintf("helm history %s -n %s", r.Name, r.Stored),
				})
			} else {
				readRevision(&one, stored)
			}
		}
		revisions = append(revisions, one)
	}
	return revisions, unread
}

func readRevision(one *status.Revision, stored *record.Release) {
	one.Read, one.Status, one.Description = true, plan.Status(stored.Info.Status), stored.Info.Description
	one.FirstDeployed, one.LastDeployed, one.Deleted = stored.Info.FirstDeployed.UTC(), stored.Info.LastDeployed.UTC(), stored.Info.Deleted.UTC()
	one.RollbackTo = stored.Info.RollbackRevision
}

// objectFacts are what was seen of an object; nil was not looked up.
func objectFacts(o plan.Object, seen *cluster.Seen) status.ObjectFacts {
	facts := status.ObjectFacts{Object: o}
	switch {
	case seen == nil:
		facts.Unread = "its name is made up by the API server, or changes with each render"
		return facts
	case seen.NoSuchKind:
		facts.NoSuchKind = true
		return facts
	case seen.Err != nil:
		facts.Unread = seen.Err.Error()
		return facts
	case !seen.Exists:
		return facts
	}
	facts.Exists, facts.Created, facts.Deleting, facts.Finalizers = true, seen.Created, seen.Deleting, seen.Finalizers
	for _, m := range seen.Managers {
		if m.Subresource == "" && !slices.Contains(facts.Managers, m.Name) {
			facts.Managers = append(facts.Managers, m.Name)
		}
	}
	if owner := seen.Annotations["meta.helm.sh/release-name"]; owner != "" && seen.Labels["app.kubernetes.io/managed-by"] == "Helm" {
		facts.Owner = seen.Annotations["meta.helm.sh/release-namespace"] + "/" + owner
	}
	if j := seen.Job; j != nil {
		facts.Job = &status.Job{Progress: status.Progress(j.Progress), Ended: j.Ended, Reason: j.Reason, Message: j.Message, Failed: j.Failed}
	}
	if seen.Pod != nil {
		pod := podFacts(seen)
		facts.Pod = &pod
	}
	return facts
}

func podFacts(seen *cluster.Seen) status.Pod {
	p := seen.Pod
	pod := status.Pod{
		Name: seen.Name, Progress: status.Progress(p.Progress), Phase: p.Phase, Ended: p.Ended,
		Reason: p.Reason, Message: p.Message, Unscheduled: p.Unscheduled,
	}
	for _, c := range p.Containers {
		one := status.Container{
			Name: c.Name, Init: c.Init, State: c.State, Reason: c.Reason, Message: c.Message, ExitCode: c.ExitCode, Signal: c.Signal, Restarts: c.Restarts,
		}
		if c.Last != nil {
			one.LastReason, one.LastExitCode = c.Last.Reason, c.Last.ExitCode
		}
		pod.Containers = append(pod.Containers, one)
	}
	return pod
}
