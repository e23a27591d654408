package plan

import (
	"fmt"
	"slices"
)

// The rules about practice.
const (
	ruleLongLived  = "HH301"
	ruleShortLived = "HH302"
	ruleArgo       = "HH303"
)

// longLivedKinds are kinds that serve for as long as the release exists, by group and kind.
var longLivedKinds = map[string]bool{
	"apps/Deployment": true, "apps/StatefulSet": true, "apps/DaemonSet": true, "apps/ReplicaSet": true,
	"extensions/Deployment": true, "extensions/DaemonSet": true, "extensions/ReplicaSet": true,
	"/ReplicationController": true, "/Service": true, "/PersistentVolumeClaim": true, "/Namespace": true,
	"batch/CronJob": true, "autoscaling/HorizontalPodAutoscaler": true,
	"networking.k8s.io/Ingress": true, "extensions/Ingress": true, "apiregistration.k8s.io/APIService": true,
	"admissionregistration.k8s.io/MutatingWebhookConfiguration":   true,
	"admissionregistration.k8s.io/ValidatingWebhookConfiguration": true,
}

func longLivedKind(object Object) bool { return longLivedKinds[object.group()+"/"+object.Kind] }

// longLived: HH301. Helm upgrades and uninstalls what is in the manifest, and hooks are not.
func (l *linter) longLived(inventory *Inventory, users users) {
	for i := range inventory.Hooks {
		h := &inventory.Hooks[i]
		if !slices.ContainsFunc(h.Events, deploys) || slices.Contains(h.DeletePolicies, HookSucceeded) {
			continue // hook-succeeded: it is there for the other hooks of its event only
		}
		for _, one := range h.parts {
			by := users.of(one.object)
			used := len(by) > 0 && h.upgrades()
			if !longLivedKind(one.object) && !used || len(inventory.makersOf(one.object)) > 1 || inventory.servesHooks(one, by) {
				continue
			}
			f := h.kept(one.object)
			f.Object = one.object
			what := fmt.Sprintf("%s is a hook (%s: %q)", one.object.Ref(), annotationHook, hookValue(h))
			if len(by) > 0 {
				what += " and " + usedBy(by)
			}
			f.Message = what + ", so " + f.Message
			if inventory.neededByHooks(one.object) {
				f.Fix = "give the hooks that need it a copy under another name, and remove helm.sh/hook from this one"
			}
			l.report(&h.Parsed, one.object.Ref(), f)
		}
	}
}

// deploys says that an event is one of an install or an upgrade.
func deploys(event Event) bool {
	return event == PreInstall || event == PostInstall || event == PreUpgrade || event == PostUpgrade
}

func (h *Hook) upgrades() bool { return h.runsIn(string(PreUpgrade)) || h.runsIn(string(PostUpgrade)) }

// kept says what being a hook means for an object that is to last. The message is the second half of a
// sentence.
func (h *Hook) kept(object Object) Finding {
	f := Finding{Rule: ruleLongLived, Prediction: Proven, Fix: fmt.Sprintf("remove %s, so that it is upgraded and uninstalled with the release", annotationHook)}
	anew := slices.Contains(effectivePolicies(h), BeforeHookCreation)
	what := goesWith(object)
	loses := what != ""
	switch {
	case anew && h.upgrades() && loses:
		f.Severity, f.Prediction = SeverityError, Likely
		f.Message = fmt.Sprintf("before-hook-creation deletes it on every upgrade, %s", what)
	case anew && h.upgrades():
		f.Message = "before-hook-creation deletes it and makes it anew on every upgrade, " + h.stays(true)
	case h.upgrades():
		f.Message = h.stays(false)
	case anew && loses:
		f.Prediction = Likely
		f.Message = fmt.Sprintf("no upgrade changes it, uninstall leaves it, and the next install deletes it, %s", what)
	default:
		f.Message = "no upgrade changes it, and uninstall leaves it"
	}
	if loses && !anew {
		f.Severity = SeverityInfo // to be left alone is what it is a hook for
	}
	return f
}

// goesWith is what is lost with an object when it is deleted; empty where it can be made anew.
func goesWith(object Object) string {
	switch object.Kind {
	case "Namespace":
		return "with everything in it"
	case "PersistentVolumeClaim":
		return "with its data, unless the volume is retained"
	}
	return ""
}

// stays says who leaves the object alone, as the end of a list or as all of it.
func (h *Hook) stays(last bool) string {
	switch {
	case !h.runsIn(string(PreRollback)) && !h.runsIn(string(PostRollback)):
		return "a rollback does not change it back, and uninstall leaves it"
	case last:
		return "and uninstall leaves it"
	}
	return "uninstall leaves it"
}

// servesHooks says that an object is there for hooks: a claim or a workload's configuration that only they
// use, or a Service before their pods.
func (inv *Inventory) servesHooks(one part, by []Object) bool {
	if len(by) > 0 {
		return false
	}
	selector := map[string]any{}
	if one.object.Kind == "Service" {
		spec, _ := one.body["spec"].(map[string]any)
		selector, _ = spec["selector"].(map[string]any)
	}
	hooks, others := false, false
	inv.eachPart(func(_ *Parsed, h *Hook, other part) {
		serves := slices.ContainsFunc(references(other), func(r reference) bool { return makes([]part{one}, r.object) }) ||
			len(selector) > 0 && selects(selector, podLabels(other)) && one.object.Namespace == other.object.Namespace
		hooks, others = hooks || serves && h != nil, others || serves && h == nil
	})
	return hooks && !others
}

// neededByHooks says that pods of hooks need an object.
func (inv *Inventory) neededByHooks(object Object) bool {
	found := false
	inv.eachPart(func(_ *Parsed, h *Hook, other part) {
		found = found || h != nil && slices.ContainsFunc(references(other), func(r reference) bool {
			return identityKey(Parsed{}, r.object) == identityKey(Parsed{}, object)
		})
	})
	return found
}

// podLabels are the labels of a workload's pods.
func podLabels(one part) map[string]any {
	template := one.body
	for _, step := range templateKinds[one.object.group()+"/"+one.object.Kind] {
		if step != "spec" || one.object.Kind != "Pod" {
			template, _ = template[step].(map[string]any)
		}
	}
	meta, _ := template["metadata"].(map[string]any)
	labels, _ := meta["labels"].(map[string]any)
	return labels
}

func selects(selector, labels map[string]any) bool {
	for key, value := range selector {
		if labels[key] != value {
			return false
		}
	}
	return true
}

// shortTTL is the time below which a finished Job can come and go while a broken watch is being mended:
// client-go waits up to 30 seconds before it tries again (tools/cache/reflector.go defaultBackoffMax).
const shortTTL = 30

// shortLived: HH302. Kubernetes deletes a finished Job after spec.ttlSecondsAfterFinished.
func (l *linter) shortLived(inventory *Inventory) {
	for i := range inventory.Hooks {
		h := &inventory.Hooks[i]
		for _, one := range h.parts {
			seconds, short := secondsToLive(one)
			if !short {
				continue
			}
			// v3 and v4 legacy: pkg/kube watchUntilReady; v4 watcher: pkg/kube/statuswait.go.
			vanished := "takes a Job that has vanished for a success, even if it failed"
			if options := l.player.input.Options; l.player.input.Engine.rules().waiters && options.Wait != WaitLegacy {
				vanished = "waits for a Job that has vanished until the timeout"
			}
			l.report(&h.Parsed, one.object.Ref(), Finding{
				Rule: ruleShortLived, Object: one.object,
				Message: fmt.Sprintf("%s is deleted %d s after it ends (spec.ttlSecondsAfterFinished), with the logs that tell why it failed; and Helm, if its watch breaks off meanwhile, %s",
					one.object.Ref(), seconds, vanished),
				Fix: fmt.Sprintf("remove spec.ttlSecondsAfterFinished and write %s: %s, or let it live for some minutes", annotationDelete, tidyPolicies(h)),
			})
		}
	}
}

// secondsToLive reads a Job's spec.ttlSecondsAfterFinished where it is shorter than shortTTL.
func secondsToLive(one part) (seconds int64, short bool) {
	seconds, given := timeToLive(one)
	return seconds, given && seconds < shortTTL
}

// tidyPolicies are delete policies that leave nothing behind but a failed Job.
func tidyPolicies(h *Hook) string {
	policies := string(BeforeHookCreation) + "," + string(HookSucceeded)
	if slices.Contains(h.DeletePolicies, HookFailed) {
		policies += "," + string(HookFailed)
	}
	return policies
}
