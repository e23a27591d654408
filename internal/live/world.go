package live

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/helm-hooks/helm-hooks/internal/cluster"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// World is what a cluster shows of the objects that a plan is about.
type World struct {
	// Seen are the objects that were looked up, in the order of the documents, each once; Asked are their names as
	// the documents have them, which may give a namespace to a kind that has none.
	Seen  []cluster.Seen
	Asked []plan.Object
	// Unknown says what could not be looked up.
	Unknown []plan.UnknownFact
}

// Observe gives the release as pkg/plan takes it. world may be nil: then the records are believed.
func (r *Release) Observe(world *World) *plan.Observed {
	observed := &plan.Observed{Records: r.records()}
	if world == nil {
		return observed
	}
	order := make([]int, len(world.Seen))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return world.Seen[a].Created.Compare(world.Seen[b].Created) })
	for _, i := range order {
		seen := &world.Seen[i]
		switch {
		case seen.Err != nil && !seen.NoSuchKind:
		case seen.Exists:
			observed.Existing = append(observed.Existing, r.existing(world.Asked[i], seen))
		default:
			observed.Missing = append(observed.Missing, world.Asked[i])
		}
	}
	return observed
}

func (r *Release) existing(asked plan.Object, seen *cluster.Seen) plan.Existing {
	e := plan.Existing{
		Object: asked, Condition: conditionOf(seen), Leaving: !seen.Deleting.IsZero(),
		// v3 and v4 pkg/action/validate.go checkOwnership.
		Owned: seen.Labels["app.kubernetes.io/managed-by"] == "Helm" &&
			seen.Annotations["meta.helm.sh/release-name"] == r.Name && seen.Annotations["meta.helm.sh/release-namespace"] == r.Namespace,
		Kept: seen.Annotations["helm.sh/resource-policy"] == "keep",
	}
	for _, manager := range seen.Managers {
		// Helm calls itself by the name of its program (v3 and v4 pkg/kube getManagedFieldsManager), Flux
		// helm-controller.
		if manager.Subresource != "" || !strings.HasPrefix(strings.ToLower(manager.Name), "helm") {
			continue
		}
		e.Applied = e.Applied || manager.Operation == "Apply"
		e.Patched = e.Patched || manager.Operation == "Update"
	}
	return e
}

// conditionOf says how far a Job or Pod has come.
func conditionOf(seen *cluster.Seen) plan.Condition {
	var progress cluster.Progress
	switch {
	case seen.Job != nil:
		progress = seen.Job.Progress
	case seen.Pod != nil:
		progress = seen.Pod.Progress
	default:
		return ""
	}
	switch progress {
	case cluster.Succeeded:
		return plan.ConditionSucceeded
	case cluster.Failed:
		return plan.ConditionFailed
	case cluster.Suspended:
		return plan.ConditionStalled
	}
	return plan.ConditionRunning
}

// Look looks up the objects of inventories: of hooks all, of ordinary objects those that an action creates, patches
// or deletes.
func (r *Release) Look(ctx context.Context, inventories ...plan.Inventory) (*World, error) {
	var asked []plan.Object
	for _, inventory := range inventories {
		for i := range inventory.Hooks {
			asked = want(asked, &inventory.Hooks[i].Parsed)
		}
		for i := range inventory.Resources {
			if !inventory.Resources[i].Empty {
				asked = want(asked, &inventory.Resources[i].Parsed)
			}
		}
		for _, file := range inventory.CRDs {
			for _, o := range file.Objects {
				asked = want(asked, &plan.Parsed{Object: o})
			}
		}
	}
	var wanted []cluster.Wanted
	for _, o := range asked {
		wanted = append(wanted, cluster.Wanted{APIVersion: o.APIVersion, Kind: o.Kind, Namespace: o.Namespace, Name: o.Name})
	}
	seen, err := r.Client.Look(ctx, wanted)
	if err != nil {
		return nil, err
	}
	world := &World{Seen: seen, Asked: asked}
	world.Unknown = world.facts()
	return world, nil
}

// want adds the objects of a document that have a name, each once.
func want(wanted []plan.Object, p *plan.Parsed) []plan.Object {
	objects := p.Items
	if objects == nil {
		objects = []plan.Object{p.Object}
	}
	for _, o := range objects {
		if p.VolatileName == "" && o.Name != "" && o.Kind != "" && !strings.ContainsAny(o.Name, "<>*") && !slices.Contains(wanted, o) {
			wanted = append(wanted, o)
		}
	}
	return wanted
}

// facts says what stays unknown: what could not be read, and what changes by itself before the next action.
func (w *World) facts() []plan.UnknownFact {
	var facts []plan.UnknownFact
	var unserved []string
	unread := map[string][]string{}
	var reasons []string
	for i := range w.Seen {
		seen := &w.Seen[i]
		ref := seen.Kind + "/" + seen.Name
		switch {
		case seen.NoSuchKind:
			// Nothing of a kind that the cluster does not serve can exist.
			kind := fmt.Sprintf("%s of %s", seen.Kind, seen.APIVersion)
			if !slices.Contains(unserved, kind) {
				unserved = append(unserved, kind)
			}
		case seen.Err != nil:
			reason := reasonOf(seen)
			if unread[reason] == nil {
				reasons = append(reasons, reason)
			}
			unread[reason] = append(unread[reason], ref)
		case seen.Exists && !seen.Deleting.IsZero():
			facts = append(facts, leaving(seen, ref))
		case seen.Exists && seen.Job != nil && seen.Job.TTL != nil:
			facts = append(facts, plan.UnknownFact{
				What:      "world",
				Why:       fmt.Sprintf("%s has ttlSecondsAfterFinished: %d, so it goes by itself; planned is that it is still there", ref, *seen.Job.TTL),
				HowToKnow: fmt.Sprintf("kubectl get %s -n %s just before the action", strings.ToLower(ref), seen.Namespace),
			})
		}
	}
	if len(unserved) > 0 {
		facts = append(facts, plan.UnknownFact{
			What: "world",
			Why: "the cluster does not serve " + strings.Join(unserved, ", ") +
				": what is of such a kind fails, unless its CustomResourceDefinition is there and served by then; planned is that it is",
			HowToKnow: "kubectl api-resources",
		})
	}
	for _, reason := range reasons {
		facts = append(facts, plan.UnknownFact{
			What:      "world",
			Why:       fmt.Sprintf("whether %s there is not known (%s); planned is what the release's records say", count(unread[reason]), reason),
			HowToKnow: "a user who may get these objects; --offline asks for none",
		})
	}
	return facts
}

// reasonOf names what was forbidden without the object, so that many of a kind are one line.
func reasonOf(seen *cluster.Seen) string {
	text := seen.Err.Error()
	if at := strings.Index(text, ": "); at > 0 {
		text = strings.ReplaceAll(text[:at], " "+seen.Name+" ", " ") + " failed"
	}
	return text
}

func leaving(seen *cluster.Seen, ref string) plan.UnknownFact {
	why := ref + " was deleted and has not gone yet"
	if len(seen.Finalizers) > 0 {
		why += "; it waits for " + strings.Join(seen.Finalizers, ", ")
	}
	return plan.UnknownFact{
		What:      "world",
		Why:       why + ": what the next run meets depends on when it is gone",
		HowToKnow: fmt.Sprintf("kubectl get %s -n %s", strings.ToLower(ref), seen.Namespace),
	}
}

// count names a few objects, and how many they are where they are more.
func count(refs []string) string {
	const named = 3
	switch {
	case len(refs) == 1:
		return refs[0] + " is"
	case len(refs) <= named:
		return strings.Join(refs, ", ") + " are"
	}
	return fmt.Sprintf("%s and %d more are", strings.Join(refs[:named], ", "), len(refs)-named)
}
