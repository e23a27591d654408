package render

import (
	"fmt"
	"slices"
	"strings"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// HookLife puts the life of one hook, or the fate of an ignored object, into sentences.
func HookLife(h Header, life plan.HookLife) Explanation {
	if life.Ignored != nil {
		return ignoredLife(*life.Ignored)
	}
	e := Explanation{Subject: subjectHook, Name: ref(life.Hook.Object)}
	e.Sections = append(e.Sections, writtenSection(life.Hook))
	if len(life.Never) > 0 {
		never := Section{Heading: "NEVER"}
		never.say(life.Never...)
		e.Sections = append(e.Sections, never)
	}
	for _, run := range life.Runs {
		e.Sections = append(e.Sections, runSection(h, run))
	}
	if rest := restSection(life, h.Helm.Live); len(rest.Lines) > 0 {
		e.Sections = append(e.Sections, rest)
	}
	if section, any := findingsSection(life.Findings, message); any {
		e.Sections = append(e.Sections, section)
	}
	return e
}

func ignoredLife(i plan.Ignored) Explanation {
	s := Section{}
	s.say(place(i.File, i.Template, i.Index, 0))
	s.code("helm.sh/hook: " + written(i))
	s.say("Helm drops this object: it is neither installed nor run, in any action, and the exit code stays 0.", i.Message)
	if i.Harmless != "" {
		s.say("Nothing is lost: " + i.Harmless + ".")
	}
	if i.DidYouMean != "" {
		s.say(fmt.Sprintf("What was probably meant is %q.", i.DidYouMean))
	}
	if i.Fix != "" {
		s.say("To mend it, " + i.Fix + ".")
	}
	s.say("More: helm hooks explain " + i.Rule + ".")
	return Explanation{Subject: subjectHook, Name: ref(i.Object), Sections: []Section{s}}
}

// writtenSection is what the author wrote.
func writtenSection(h *plan.Hook) Section {
	s := Section{}
	s.say(place("", h.Template, h.Index, 0))
	for _, a := range h.Annotations {
		switch {
		case !strings.HasPrefix(a.Key, "helm.sh/"):
		case a.NotString:
			s.code(a.Key + ": " + a.Value)
		default:
			s.code(fmt.Sprintf("%s: %q", a.Key, a.Value))
		}
	}
	return s
}

func runSection(h Header, run plan.HookRun) Section {
	s := Section{Heading: strings.ToUpper(string(run.Action)) + ", " + run.Phase.Name + ", from " + run.StartsFrom}
	if run.Phase.Action != "" && run.Phase.Action != run.Action {
		s.say("This is part of the " + string(run.Phase.Action) + " that undoes it.")
	}
	if run.Action == plan.Rollback {
		s.say(fmt.Sprintf("A rollback runs the hooks that are stored with its target, here revision %d.", run.Phase.Revision))
	}
	s.say(placeWords(run), deletedBefore(run))
	switch run.Step.Result {
	case plan.Skipped:
		s.say("It is not reached: what comes before it fails.")
		return s
	case plan.Failed:
		s.say("It fails: " + run.Step.Error + ".")
	default:
		s.say(waitSentence(h, run))
	}
	s.say(deletedAfter(run), existsWords(run))
	if run.IfFails != nil && run.Step.Result == plan.OK {
		failureSentences(&s, h, *run.IfFails)
	}
	if under := run.UnderFlux; under != nil {
		s.say("If it fails, each time, helm-controller runs: " + stepsWords(under.Steps, under.End.Repeats) + ". Then: " + endWords(under.End) + ".")
	}
	return s
}

// placeWords say where in its phase the hook runs, and which key put it there.
func placeWords(run plan.HookRun) string {
	said := "It is the only hook of " + run.Phase.Name
	if run.Of > 1 {
		said = fmt.Sprintf("It runs as number %d of %d", run.Step.Order, run.Of)
	}
	var beside []string
	if run.Before != nil {
		beside = append(beside, "after "+ref(run.Before.Object)+" ("+decidedWords(run.Before, run.Step.Hook)+")")
	}
	if run.After != nil {
		beside = append(beside, "before "+ref(run.After.Object)+" ("+decidedWords(run.After, run.Step.Hook)+")")
	}
	if len(beside) > 0 {
		said += ": " + strings.Join(beside, ", ")
	}
	when := map[string]string{
		"pre-install": ", before any ordinary object is made", "post-install": ", after the ordinary objects were made",
		"pre-upgrade": ", before any ordinary object is changed", "post-upgrade": ", after the ordinary objects were changed",
		"pre-rollback": ", before any ordinary object is changed", "post-rollback": ", after the ordinary objects were changed",
		"pre-delete": ", before any ordinary object is deleted", "post-delete": ", after the ordinary objects were deleted",
	}[run.Phase.Name]
	return said + when + "."
}

func decidedWords(n *plan.Neighbour, own plan.Hook) string {
	switch n.Decided {
	case "weight":
		return fmt.Sprintf("by weight: %d, this one has %d", n.Weight, own.Weight)
	case "name":
		return "by name, the weights being equal"
	case "kind":
		return "by kind, weights and names being equal"
	}
	return "by their order in the chart's files, all else being equal"
}

// deletedBefore says what before-hook-creation does.
func deletedBefore(run plan.HookRun) string {
	if run.Step.Result == plan.Skipped || slices.Contains(run.Step.DeletePolicies, plan.BeforeHookCreation) && run.Step.Hook.BuildError != "" {
		return ""
	}
	for _, d := range run.Deletions {
		if !d.Before {
			continue
		}
		source := "as its delete policy says"
		if run.Step.PolicyFromDefault {
			source = "as no delete policy is given"
		}
		switch {
		case d.Idle:
			return "Helm first deletes the object of an earlier run (before-hook-creation, " + source + "); in this state there is none."
		case d.Waited:
			return "Helm first deletes the object of the earlier run (before-hook-creation, " + source + ") and waits until it is gone."
		}
		return "Helm first deletes the object of the earlier run (before-hook-creation, " + source + ") and goes on at once."
	}
	if run.Step.Hook.Kind == crdKind {
		return "Helm deletes nothing first: it never deletes a CustomResourceDefinition."
	}
	return "Helm deletes nothing first: before-hook-creation is not among its delete policies."
}

func waitSentence(h Header, run plan.HookRun) string {
	step := run.Step
	limit := ""
	if h.Timeout > 0 {
		limit = ", at most " + duration(int64(h.Timeout))
	}
	switch {
	case step.NotRun:
		return "It does not run: the finished object of the last run is still there, so Helm applies over it, finds it complete and reports success."
	case step.Hook.NeverCompletes != "":
		return "It never completes: " + step.Hook.NeverCompletes + "."
	case step.WaitsFor == plan.WaitsCompletion:
		return "Helm makes the object and waits until the " + step.Hook.Kind + " completes" + limit + ". Nothing else happens meanwhile."
	}
	return "Helm makes the object and goes on as soon as it exists: only Jobs and Pods are waited for."
}

// deletedAfter says which policies delete the object after the run.
func deletedAfter(run plan.HookRun) string {
	if run.Step.Result != plan.OK || run.Step.NotRun {
		return ""
	}
	var said []string
	for _, d := range run.Deletions {
		if !d.Before && d.Because == plan.HookSucceeded {
			said = append(said, "Helm deletes it once "+succeeded(run.Phase.Name)+" (hook-succeeded).")
		}
	}
	if slices.Contains(run.Step.DeletePolicies, plan.HookFailed) && run.Step.WaitsFor == plan.WaitsCompletion {
		said = append(said, "If it fails, Helm deletes it (hook-failed), and its logs go with it.")
	}
	if slices.Contains(run.Step.Hook.OutputLogPolicies, plan.HookFailed) {
		said = append(said, "If it fails, Helm prints its logs first (hook-output-log-policy).")
	}
	return strings.Join(said, " ")
}

func existsWords(run plan.HookRun) string {
	if run.Exists {
		return "When the action is over, the object is still in the cluster."
	}
	return "When the action is over, nothing of it is in the cluster."
}

func failureSentences(s *Section, h Header, row plan.MatrixRow) {
	release := "no release record is left"
	if len(row.Outcome.History) > 0 {
		release = "the history is " + statusWords(row.Outcome.History)
	}
	how := "If it fails, "
	if row.Fault.At == plan.FaultCreate {
		how = "If it cannot be created, "
	}
	live := ""
	if words := liveWords(plan.Timeline{Action: row.Action, Revision: row.Revision, Outcome: row.Outcome, Phases: []plan.Phase{{Name: "resources", Objects: 1}}}); words != "" {
		live = "; " + words
	}
	s.say(how + string(row.Action) + " fails: " + release + live + ".")
	if row.Recovery == nil || len(row.Recovery.Ways) == 0 {
		return
	}
	way := row.Recovery.Ways[0]
	s.say("Then, to " + way.Goal + ":")
	for _, warning := range wayWarnings(way, h.Source.Namespace) {
		s.say("Beware: this way " + warning + ".")
	}
	for _, move := range way.Moves {
		s.code(h.Helm.commands(move)...)
	}
}

// restSection says where the hook does not run and what stays of it.
func restSection(life plan.HookLife, live bool) Section {
	s := Section{Heading: "BEYOND THAT"}
	if len(life.Idle) > 0 {
		s.say("It does not run in " + strings.Join(names(life.Idle), ", ") + ".")
	}
	after := "After install and uninstall "
	if live {
		after = "After uninstall "
	}
	switch left := objectsWords(life.LeftAfterUninstall, life.Plan.Release.Namespace); {
	case life.UninstallUnknown:
	case left == "":
		s.say(after + "nothing of it is left.")
	default:
		s.say(after + left + " is still there: Helm never deletes what hooks made, except by their delete policies.")
	}
	return s
}

// findingsSection tells findings in the words of say.
func findingsSection(findings []plan.Finding, say func(plan.Finding) string) (Section, bool) {
	s := Section{Heading: "FINDINGS"}
	for _, f := range findings {
		said := severityWord(f.Severity) + " " + f.Rule + ": " + say(f) + likelyWord(f.Prediction)
		if f.Fix != "" {
			said += "; fix: " + f.Fix
		}
		s.say(said)
	}
	return s, len(s.Lines) > 0
}
