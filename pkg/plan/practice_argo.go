package plan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Argo CD's annotations. What it makes of them beside Helm's: gitops-engine pkg/sync/hook/hook.go,
// hook/delete_policy.go and syncwaves/waves.go, and controller/hook.go of argo-cd 3.6.
const (
	argoHook         = "argocd.argoproj.io/hook"
	argoDeletePolicy = "argocd.argoproj.io/hook-delete-policy"
	argoWave         = "argocd.argoproj.io/sync-wave"
)

// argoPhases are the phases into which Argo CD puts a hook, by Helm's event (hook/helm/type.go). Of the
// other events it runs none.
var argoPhases = map[Event]string{
	PreInstall: "PreSync", PreUpgrade: "PreSync", PostInstall: "PostSync", PostUpgrade: "PostSync",
	PreDelete: "PreDelete", PostDelete: "PostDelete",
}

// argoDisagrees: HH303. One object with both families of annotations.
func (l *linter) argoDisagrees(inventory *Inventory) {
	for i := range inventory.Hooks {
		h := &inventory.Hooks[i]
		if a, given := h.annotation(argoHook); given {
			l.argoEvents(h, a.Value)
		}
		if a, given := h.annotation(argoDeletePolicy); given {
			l.argoPolicies(h, a.Value)
		}
		if a, given := h.annotation(argoWave); given {
			l.argoOrder(inventory, h, a.Value)
		}
	}
}

func (l *linter) argo(h *Hook, key string, severity Severity, message, fix string) {
	l.report(&h.Parsed, key, Finding{Rule: ruleArgo, Severity: severity, Message: message, Fix: fix})
}

// argoEvents compares when Helm and Argo CD run a hook. Argo CD goes by its own annotation if that has a
// value it knows, else by Helm's; PreDelete and PostDelete are known in one place only, so that Helm's
// events count as well. Skip says on purpose that Argo CD is to leave the object alone.
func (l *linter) argoEvents(h *Hook, value string) {
	var known, deletes, unknown []string
	for _, part := range strings.Split(value, ",") {
		switch part = strings.TrimSpace(part); part {
		case "Skip":
			return
		case "PreSync", "Sync", "PostSync", "SyncFail":
			known = append(known, part)
		case "PreDelete", "PostDelete":
			deletes = append(deletes, part)
		case "":
		default:
			unknown = append(unknown, quoteRaw(part))
		}
	}
	var helms []string
	for _, event := range h.Events {
		if phase := argoPhases[event]; phase != "" && !slices.Contains(helms, phase) {
			helms = append(helms, phase)
		}
	}
	shown := fmt.Sprintf("%s: %s beside %s: %s", argoHook, quoteRaw(value), annotationHook, quoteRaw(hookValue(h)))
	switch {
	case len(unknown) > 0 && len(known)+len(deletes) == 0:
		l.argo(h, argoHook, "", fmt.Sprintf("%s: %s is no hook of Argo CD's, so it goes by Helm's annotation", shown, enumerate(unknown, "and")),
			"write PreSync, Sync, PostSync, SyncFail, PreDelete, PostDelete or Skip")
	case len(known) == 0 && len(deletes) > 0 && !subset(helms, deletes):
		l.argo(h, argoHook, "", fmt.Sprintf("%s: Argo CD runs it in %s as well as in %s", shown, enumerate(without(helms, deletes), "and"), enumerate(deletes, "and")),
			"write the same points for both, or make two objects of it")
	case len(known) > 0 && len(helms) > 0 && !(subset(known, helms) && subset(without(helms, []string{"PreDelete", "PostDelete"}), known)):
		l.argo(h, argoHook, SeverityInfo, fmt.Sprintf("%s: Argo CD runs it in %s, where Helm's annotation alone would mean %s",
			shown, enumerate(known, "and"), enumerate(helms, "and")), "make sure that this is meant")
	}
}

func subset(inner, outer []string) bool {
	return !slices.ContainsFunc(inner, func(word string) bool { return !slices.Contains(outer, word) })
}

func without(words, others []string) []string {
	return slices.DeleteFunc(slices.Clone(words), func(word string) bool { return slices.Contains(others, word) })
}

// argoPolicies: Argo CD takes both lists of delete policies together, and knows Helm's in lower case only.
func (l *linter) argoPolicies(h *Hook, value string) {
	names := map[string]DeletePolicy{"BeforeHookCreation": BeforeHookCreation, "HookSucceeded": HookSucceeded, "HookFailed": HookFailed}
	var own, helms, unknown []string
	for _, part := range strings.Split(value, ",") {
		switch part = strings.TrimSpace(part); {
		case names[part] != "":
			own = append(own, string(names[part]))
		case part != "":
			unknown = append(unknown, quoteRaw(part))
		}
	}
	for _, policy := range h.DeletePolicies {
		if slices.Contains(knownPolicies[:], policy) {
			helms = append(helms, string(policy))
		}
	}
	switch {
	case len(unknown) > 0:
		l.argo(h, argoDeletePolicy, "", fmt.Sprintf("%s: %s: Argo CD does not know %s", argoDeletePolicy, quoteRaw(value), enumerate(unknown, "and")),
			"write BeforeHookCreation, HookSucceeded or HookFailed")
	case len(helms) > 0 && !subset(helms, own):
		l.argo(h, argoDeletePolicy, SeverityInfo, fmt.Sprintf("%s: %s does not replace %s: %s: Argo CD goes by both together",
			argoDeletePolicy, quoteRaw(value), annotationDelete, quoteRaw(policyText(*h))), "write the same policies in both")
	}
}

// argoOrder: a sync-wave takes the place of the weight, unless it is no integer. Delete hooks have neither.
func (l *linter) argoOrder(inventory *Inventory, h *Hook, value string) {
	wave, err := strconv.Atoi(value)
	if err != nil {
		l.argo(h, argoWave, "", fmt.Sprintf("%s: %s is no integer, so Argo CD goes by the weight, %d", argoWave, quoteRaw(value), h.Weight),
			"write a whole number in quotes")
		return
	}
	for i := range inventory.Hooks {
		other := &inventory.Hooks[i]
		otherWave := other.wave()
		together := slices.ContainsFunc(h.Events, func(e Event) bool { return deploys(e) && slices.Contains(other.Events, e) })
		if together && (h.Weight < other.Weight && wave > otherWave || h.Weight > other.Weight && wave < otherWave) {
			l.argo(h, argoWave, "", fmt.Sprintf("%s %s beside weight %d: Helm runs it %s %s, Argo CD %s",
				argoWave, quoteRaw(value), h.Weight, order(h.Weight < other.Weight), other.Object.Ref(), order(wave < otherWave)),
				"give waves and weights the same order")
			return
		}
	}
}

// wave is where Argo CD puts a hook among others of its phase.
func (h *Hook) wave() int {
	if a, given := h.annotation(argoWave); given {
		if wave, err := strconv.Atoi(a.Value); err == nil {
			return wave
		}
	}
	return h.Weight
}

func order(first bool) string {
	if first {
		return "before"
	}
	return "after"
}
