package render

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// crdKind is the kind that no delete policy ever deletes, see deletedWords.
const crdKind = "CustomResourceDefinition"

// waitsWords says what Helm waits for after it made a hook's object. Helm looks at the kind alone.
func waitsWords(step plan.Step) string {
	switch {
	case step.Result == plan.Skipped:
		return "not reached"
	case step.Signal == plan.SignalKill:
		return "killed"
	case step.Signal == plan.SignalInterrupt:
		return "interrupted"
	case step.NotRun:
		return "does not run"
	case step.Result == plan.Failed && step.Hook.NeverCompletes == "":
		return "fails"
	case step.Hook.NeverCompletes != "" && step.WaitsFor == plan.WaitsCompletion:
		return "never completes"
	case step.WaitsFor == plan.WaitsCreated:
		return "created"
	case step.WaitsFor == plan.WaitsNone:
		return "nothing"
	case step.WaitsFor == plan.WaitsHealthy && step.Prediction == plan.Likely:
		return "healthy, if checked"
	case step.WaitsFor == plan.WaitsHealthy:
		return "healthy"
	case step.WaitsFor != plan.WaitsCompletion:
		return "unknown"
	case step.Hook.Kind == "Job":
		return "job completes"
	case step.Hook.Kind == "Pod":
		return "pod succeeds"
	}
	return "it completes"
}

// deletedWords says when Helm deletes a hook's object, from the policies in force. A CRD is never
// deleted whatever the policies say (deleteHookByPolicy in pkg/action/hooks.go of v3 and v4).
func deletedWords(step plan.Step, phase string) string {
	if words, other := otherDeletedWords(step, phase); other {
		return words
	}
	if step.Hook.Kind == crdKind {
		return "never (Helm keeps CRDs)"
	}
	has := func(p plan.DeletePolicy) bool { return slices.Contains(step.DeletePolicies, p) }
	var when []string
	if has(plan.BeforeHookCreation) && !step.NameChanges {
		when = append(when, "at next run")
	}
	if has(plan.HookSucceeded) {
		when = append(when, "once "+succeeded(phase))
	}
	if has(plan.HookFailed) {
		when = append(when, "if it fails")
	}
	switch {
	case len(when) == 0 && step.NameChanges:
		return "never (its name changes)"
	case len(when) == 0:
		return "never"
	case step.PolicyFromDefault:
		return strings.Join(when, "; ") + " (default)"
	}
	return strings.Join(when, "; ")
}

// succeeded is the success of a phase in words. hook-succeeded waits for all hooks of the event, not
// for the one hook (execHook in pkg/action/hooks.go of v3 and v4).
func succeeded(phase string) string {
	if phase == string(plan.TestEvent) {
		return "the tests succeed"
	}
	return phase + " succeeds"
}

// resourcesWords says what becomes of the ordinary objects in a resources phase and whether Helm waits
// for them; next is the hook phase that follows, which without a wait starts at once.
func resourcesWords(phase plan.Phase, next string) string {
	said := count(phase.Objects, "object")
	if phase.Objects == 0 {
		return "no ordinary objects"
	}
	said += map[plan.Action]string{
		plan.Install:   " created",
		plan.Upgrade:   " updated",
		plan.Rollback:  " rolled back",
		plan.Uninstall: " deleted",
	}[phase.Action]
	switch {
	case phase.Result == plan.Skipped:
		return count(phase.Objects, "object") + ", not reached"
	case phase.Waited:
		return said + " and waited for"
	case next != "":
		return said + ", not waited for without --wait: " + next + " starts at once"
	}
	return said + ", not waited for without --wait"
}

// kindsWords counts objects by kind: "5 Deployment, 4 Service". limit 0 means all kinds.
func kindsWords(kinds []plan.KindCount, limit int) string {
	var parts []string
	for i, k := range kinds {
		if limit > 0 && i == limit && len(kinds) > limit+1 {
			return strings.Join(parts, ", ") + " and " + count(len(kinds)-limit, "more kind")
		}
		parts = append(parts, fmt.Sprintf("%d %s", k.Count, k.Kind))
	}
	return strings.Join(parts, ", ")
}

// crdsWords says what Helm, or Flux in its stead, does with the crds/ folders.
func crdsWords(phase plan.Phase, line plan.Timeline) string {
	said := count(phase.Objects, crdKind)
	if len(phase.Kinds) != 1 || phase.Kinds[0].Kind != crdKind {
		said = count(phase.Objects, "object") + " of crds/"
	}
	if phase.Result == plan.Skipped {
		return said + ", not reached"
	}
	if line.Because != "" {
		if slices.ContainsFunc(line.Operations, func(o plan.Operation) bool { return o.Phase == "crds" && o.Op == plan.OpApply }) {
			return said + ", applied by Flux before any hook, over those that exist too; never deleted"
		}
		return said + ", made by Flux before any hook; never deleted"
	}
	return said + ", before any hook; never upgraded or deleted"
}

// worstCaseWords says how long all waits of an action may take. The product is told only where it is
// one: the wait for CRDs has a limit of its own.
func worstCaseWords(t plan.Timeline, each time.Duration) string {
	waits := count(t.Waits, "wait")
	switch {
	case t.Unbounded:
		return "waits without any limit"
	case t.WorstCase <= 0:
		return ""
	case each > 0 && t.Waits > 1 && t.WorstCase == int64(t.Waits)*int64(each):
		return "waits at most " + duration(t.WorstCase) + " in all: " + waits + " × " + duration(int64(each))
	case t.Waits == 1:
		return "waits at most " + duration(t.WorstCase)
	case t.Waits > 1:
		return "waits at most " + duration(t.WorstCase) + " in all: " + waits
	}
	return "waits at most " + duration(t.WorstCase) + " in all"
}

// duration is Go's form without the zeroes at its end: 25m, 1h5m, 90s as 1m30s.
func duration(nanoseconds int64) string {
	text := time.Duration(nanoseconds).String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// count puts a noun in the number it needs: 1 object, 2 objects.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// ordinal is 1st, 2nd, 3rd, 4th.
func ordinal(n int) string {
	if n%100 < 11 || n%100 > 13 {
		switch n % 10 {
		case 1:
			return strconv.Itoa(n) + "st"
		case 2:
			return strconv.Itoa(n) + "nd"
		case 3:
			return strconv.Itoa(n) + "rd"
		}
	}
	return strconv.Itoa(n) + "th"
}

// place names a document: the file that people can open, else Helm's template path, and which document
// of it where that is not the first.
func place(file, template string, document, line int) string {
	path := file
	if path == "" {
		path = template
	}
	switch {
	case path == "":
		return ""
	case line > 0:
		return path + ":" + strconv.Itoa(line)
	case document > 0:
		return path + " (" + ordinal(document+1) + " document)"
	}
	return path
}

// statusWords is one line of history: revision and status of each, oldest first.
func statusWords(history []plan.RevisionStatus) string {
	var parts []string
	for _, h := range history {
		parts = append(parts, fmt.Sprintf("%d %s", h.Revision, h.Status))
	}
	return strings.Join(parts, ", ")
}

// objectsWords lists objects as KIND/NAME, with the namespace where it is not the release's own.
func objectsWords(objects []plan.Object, home string) string {
	var parts []string
	for _, o := range objects {
		part := ref(o)
		if o.Namespace != "" && o.Namespace != home {
			part += tied(" (namespace " + o.Namespace + ")")
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", ")
}

// ref is KIND/NAME for people; a List has no name, nor has an object that the API server will name.
func ref(o plan.Object) string {
	if o.Name == "" {
		return o.Kind + "/(no name)"
	}
	return o.Ref()
}

// severityWord is how a severity reads in a sentence.
func severityWord(s plan.Severity) string {
	if s == plan.SeverityInfo {
		return "note"
	}
	return string(s)
}

// likelyWord marks what rests on an answer of the API server that no test has shown.
func likelyWord(p plan.Prediction) string {
	switch p {
	case plan.Likely:
		return " (likely)"
	case plan.Unknown:
		return " (not certain)"
	}
	return ""
}

// owner is the chart that a template belongs to: shop/charts/catalog/templates/x.yaml is catalog's.
// Empty where the path does not tell.
func owner(template string) string {
	parts := strings.Split(template, "/")
	if len(parts) < 3 {
		return ""
	}
	chart, rest := parts[0], parts[1:]
	for len(rest) > 2 && rest[0] == "charts" {
		chart, rest = rest[1], rest[2:]
	}
	if rest[0] != "templates" && rest[0] != "crds" {
		return ""
	}
	return chart
}
