package plan

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// weight: HH003. Helm: calculateHookWeight in pkg/releaseutil/manifest_sorter.go.
func (d *diagnosis) weight(h *Hook) {
	a, given := h.annotation(annotationWeight)
	if !given || a.NotString && !a.Null {
		return // a number fails the action before its weight matters: HH004
	}
	_, err := strconv.Atoi(a.Value)
	switch {
	case err == nil:
	case strings.TrimSpace(a.Value) == "":
		d.report(&h.Parsed, Finding{
			Rule: "HH003", Severity: SeverityInfo, Message: "helm.sh/hook-weight is empty, so Helm uses 0",
			Fix: "write a whole number in quotes, or remove helm.sh/hook-weight",
		})
	case errors.Is(err, strconv.ErrRange):
		d.report(&h.Parsed, Finding{
			Rule: "HH003", Message: fmt.Sprintf("helm.sh/hook-weight %s does not fit into 64 bits, so Helm uses 0", quoteRaw(a.Value)),
			Fix: "write a smaller number",
		})
	default:
		fix := `write a whole number in quotes, such as "5"`
		if number, sound := suggestWeight(a.Value); sound {
			fix = fmt.Sprintf("write %s: %q", annotationWeight, number)
		}
		d.report(&h.Parsed, Finding{
			Rule: "HH003", Message: fmt.Sprintf("helm.sh/hook-weight %s is not an integer, so Helm uses 0", quoteRaw(a.Value)), Fix: fix,
		})
	}
}

// wholeNumber is a weight with something harmless around it: blanks, .0, underscores between digits.
var wholeNumber = regexp.MustCompile(`^\s*["']?([+-]?\d+(?:_\d+)*)(?:\.0*)?["']?\s*$`)

func suggestWeight(value string) (string, bool) {
	match := wholeNumber.FindStringSubmatch(value)
	if match == nil {
		return "", false
	}
	number := strings.ReplaceAll(match[1], "_", "")
	_, err := strconv.Atoi(number)
	return number, err == nil
}

// notStrings: HH004. The resource builder refuses the object when the hook's turn comes, at its
// before-hook-creation deletion or else at its creation; null is an empty string everywhere.
func (d *diagnosis) notStrings(h *Hook, s *suspect) {
	for _, a := range h.Annotations {
		if !a.NotString || a.Null {
			continue
		}
		raw := writtenValue(s, a)
		read := ""
		if raw != a.Value {
			read = fmt.Sprintf(" (Helm reads %s)", visible(a.Value))
		}
		kind := "a number"
		if a.Value == "true" || a.Value == "false" {
			kind = "a boolean"
		}
		d.report(&h.Parsed, Finding{
			Rule: "HH004",
			Message: fmt.Sprintf("%s: %s is %s%s, but annotations are strings: the action fails when it comes to this hook in %s",
				visible(a.Key), visible(raw), kind, read, eventList(h.Events)),
			Fix: quoteFix(a, raw),
		})
	}
}

// quoteFix puts a value in quotes. A weight must be an integer as text too, and 010 in quotes is 10.
func quoteFix(a Annotation, raw string) string {
	if a.Key != annotationWeight {
		return fmt.Sprintf("write %s: %s (in a template: | quote)", visible(a.Key), quoteRaw(raw))
	}
	written, sound := suggestWeight(raw)
	read, err := strconv.Atoi(a.Value)
	switch {
	case err != nil && !sound:
		return "write a whole number in quotes"
	case !sound:
		return fmt.Sprintf("write %s: %q", a.Key, strconv.Itoa(read))
	}
	if meant, _ := strconv.Atoi(written); err == nil && meant != read {
		return fmt.Sprintf("write %s: %q or %q, whichever is meant", a.Key, strconv.Itoa(read), strconv.Itoa(meant))
	}
	return fmt.Sprintf("write %s: %q (in a template: | quote)", a.Key, written)
}

// writtenValue is an annotation's value as it stands in the document: 010 where Helm reads 8.
func writtenValue(s *suspect, a Annotation) string {
	node := lastValue(lastValue(s.root(), "metadata"), "annotations")
	if value := lastValue(node, a.Key); value != nil && value.Value != "" {
		return value.Value
	}
	return a.Value
}

// eventList names a hook's events, each once.
func eventList(events []Event) string {
	return enumerate(strings.Split(joinEvents(events), ","), "and")
}

// knownPolicies are the delete policies that Helm acts on; the last two are output log policies as well.
var knownPolicies = [...]DeletePolicy{BeforeHookCreation, HookSucceeded, HookFailed}

// splitKnown tells the policies that Helm knows from the others, which come quoted; empty parts are
// only counted.
func splitKnown(policies, valid []DeletePolicy) (known, unknown []string, empty int) {
	for _, policy := range policies {
		switch {
		case slices.Contains(valid, policy):
			known = append(known, string(policy))
		case policy == "":
			empty++
		default:
			unknown = append(unknown, quoteRaw(string(policy)))
		}
	}
	return known, unknown, empty
}

// deletePolicies: HH005. Helm: execHook sets the default only where the list is empty, and a written
// annotation never makes an empty list.
func (d *diagnosis) deletePolicies(h *Hook) {
	a, given := h.annotation(annotationDelete)
	if !given || h.Kind == "CustomResourceDefinition" {
		return
	}
	known, unknown, empty := splitKnown(h.DeletePolicies, knownPolicies[:])
	f := Finding{Rule: "HH005", Fix: `write one or more of before-hook-creation, hook-succeeded, hook-failed, separated by commas`}
	if value := suggestPolicies(a.Value, knownPolicies[:]); value != "" {
		f.Fix = fmt.Sprintf("write %s: %q", annotationDelete, value)
	}
	subject := enumerate(unknown, "and") + " is no delete policy, so Helm ignores it"
	if len(unknown) > 1 {
		subject = enumerate(unknown, "and") + " are no delete policies, so Helm ignores them"
	}
	const off = "turns the default (before-hook-creation) off: Helm never deletes this object"
	switch {
	case len(unknown) == 0 && empty == 0:
		return
	case len(unknown) == 0 && len(known) > 0:
		f.Severity = SeverityInfo
		f.Message = fmt.Sprintf("helm.sh/hook-delete-policy %s has an empty part, which Helm ignores", quoteRaw(a.Value))
	case len(unknown) == 0:
		f.Message = "helm.sh/hook-delete-policy is empty, which " + off
		f.Fix = "remove helm.sh/hook-delete-policy to have the default, or write before-hook-creation, hook-succeeded, hook-failed or several of them"
	case len(known) > 0:
		f.Message = fmt.Sprintf("%s and goes by %s alone", subject, enumerate(known, "and"))
	default:
		f.Message = subject + ", but writing helm.sh/hook-delete-policy at all " + off
	}
	d.report(&h.Parsed, f)
}

// repeatedEvents: HH006.
func (d *diagnosis) repeatedEvents(h *Hook) {
	var twice []string
	for i, event := range h.Events {
		if slices.Contains(h.Events[:i], event) && !slices.Contains(twice, string(event)) {
			twice = append(twice, string(event))
		}
	}
	if len(twice) == 0 {
		return
	}
	a, _ := h.annotation(annotationHook)
	alias := ""
	if slices.Contains(twice, string(TestEvent)) && strings.Contains(strings.ToLower(a.Value), "test-success") {
		alias = " (test-success is another name for test)"
	}
	d.report(&h.Parsed, Finding{
		Rule: "HH006",
		Message: fmt.Sprintf("helm.sh/hook %s lists %s more than once%s, and Helm goes through the hook each time",
			quoteRaw(a.Value), enumerate(twice, "and"), alias),
		Fix: fmt.Sprintf("write %s: %q", annotationHook, joinEvents(h.Events)),
	})
}

// hookCRD: HH007. Helm: deleteHookByPolicy returns at once for this kind, whatever its group.
func (d *diagnosis) hookCRD(h *Hook) {
	if h.Kind != "CustomResourceDefinition" {
		return
	}
	again := "its second run fails: already exists"
	if d.engine.rules().serverSideApply {
		again = "its second run is applied over the first (in a release that Helm 3 made it fails: already exists)"
	}
	d.report(&h.Parsed, Finding{
		Rule:    "HH007",
		Message: "A CustomResourceDefinition that is a hook is never deleted, neither by policy nor by uninstall, and " + again,
		Fix:     "move it to the chart's crds/ folder, without helm.sh/hook",
	})
}

// logPolicies: HH011. Helm: outputLogsByPolicy in pkg/action/hooks.go looks at Jobs and Pods only.
func (d *diagnosis) logPolicies(h *Hook) {
	a, given := h.annotation(annotationOutputLog)
	if !given {
		return
	}
	f := Finding{Rule: "HH011", Severity: SeverityInfo}
	known, unknown, _ := splitKnown(h.OutputLogPolicies, knownPolicies[1:])
	switch {
	case !d.engine.rules().logPolicies:
		f.Message = fmt.Sprintf("%s does not read helm.sh/hook-output-log-policy, which came with Helm 3.18", d.engine)
		f.Fix = "use Helm 3.18 or newer"
	case len(unknown) > 0:
		f.Severity = SeverityWarning
		f.Message = enumerate(unknown, "and") + " is no output log policy, so Helm ignores it"
		if len(unknown) > 1 {
			f.Message = enumerate(unknown, "and") + " are no output log policies, so Helm ignores them"
		}
		f.Fix = "write hook-succeeded, hook-failed or both, separated by a comma"
		if value := suggestPolicies(a.Value, knownPolicies[1:]); value != "" {
			f.Fix = fmt.Sprintf("write %s: %q", annotationOutputLog, value)
		}
	case len(known) == 0:
		f.Message, f.Fix = "helm.sh/hook-output-log-policy is empty, so Helm prints no logs", "write hook-succeeded, hook-failed or both, or remove it"
	case h.Kind != "Job" && h.Kind != "Pod":
		f.Message = fmt.Sprintf("helm.sh/hook-output-log-policy has no effect: Helm prints the logs of Jobs and Pods only, and this is a %s", visible(h.Kind))
		f.Fix = "remove helm.sh/hook-output-log-policy"
	default:
		return
	}
	d.report(&h.Parsed, f)
}

// resourcePolicy: HH012. Helm: pkg/action/resource_policy.go, called with the manifest, never with hooks.
func (d *diagnosis) resourcePolicy(h *Hook) {
	a, given := h.annotation(annotationResourcePolicy)
	if !given || strings.ToLower(strings.TrimSpace(a.Value)) != "keep" {
		return
	}
	d.report(&h.Parsed, Finding{
		Rule:    "HH012",
		Message: "helm.sh/resource-policy: keep has no effect on a hook: uninstall deletes no hooks anyway, and the delete policies still do",
		Fix:     "remove helm.sh/resource-policy; to keep what the hook made, check helm.sh/hook-delete-policy",
	})
}

// otherCase: HH013. Helm's sorter decodes with encoding/json, which takes keys in any case.
func (d *diagnosis) otherCase(h *Hook, s *suspect) {
	for _, key := range [...]string{"apiVersion", "kind", "metadata"} {
		written, other := inOtherCase(s.body, key)
		switch {
		case !other:
		case key == "metadata":
			d.report(&h.Parsed, Finding{
				Rule:    "HH013",
				Message: written + " is not metadata: Helm reads it and runs this as a hook, but to the API server the object has no name, and the action fails (resource name may not be empty)",
				Fix:     "write metadata",
			})
		default:
			d.report(&h.Parsed, Finding{
				Rule: "HH013", Prediction: Likely,
				Message: fmt.Sprintf("%s is not %s: Helm reads it and runs this as a hook, but the object cannot be built without %s, and the action fails", written, key, key),
				Fix:     "write " + key,
			})
		}
	}
	inner, _ := s.body["metadata"].(map[string]any)
	if written, other := inOtherCase(inner, "annotations"); other {
		f := Finding{
			Rule: "HH013", Severity: SeverityWarning, Prediction: Likely, Fix: "write metadata.annotations",
			Message: fmt.Sprintf("metadata.%s is not metadata.annotations: Helm reads it and runs this as a hook, but the API server ignores it, so the object has none of these annotations", written),
		}
		if d.engine.rules().serverSideApply {
			f.Severity = SeverityError
			f.Message = fmt.Sprintf("metadata.%s is not metadata.annotations: Helm reads it and runs this as a hook, but server-side apply refuses a field that the kind does not have, and the action fails", written)
		}
		d.report(&h.Parsed, f)
	}
	if written, other := inOtherCase(inner, "name"); other {
		d.report(&h.Parsed, Finding{
			Rule: "HH013", Prediction: Likely, Fix: "write metadata.name",
			Message: fmt.Sprintf("metadata.%s is not metadata.name: Helm sorts by it, but to the API server the object has no name, and the action fails (resource name may not be empty)", written),
		})
	}
}

// inOtherCase finds a key that differs from the right one in case alone, where the right one is missing.
func inOtherCase(values map[string]any, key string) (written string, other bool) {
	if _, right := values[key]; right {
		return "", false
	}
	for _, candidate := range sortedKeys(values) {
		if strings.EqualFold(candidate, key) {
			return candidate, true
		}
	}
	return "", false
}
