package render

import (
	"fmt"
	"strings"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// Narration tells what a plan holds in sentences.
func Narration(h Header, p plan.Plan) Explanation {
	e := Explanation{Subject: subjectSource, Name: h.Source.Name, Sections: []Section{holdsSection(p)}}
	said := map[plan.Action]bool{}
	for _, line := range p.Timelines {
		e.Sections = append(e.Sections, actionSection(h, p, line, said[line.SameAs]))
		said[line.Action] = true
	}
	if section, any := findingsSection(problems(p), func(f plan.Finding) string { return f.Message }); any {
		e.Sections = append(e.Sections, section)
	}
	unknown := Section{Heading: "NOT KNOWN"}
	for _, u := range p.Unknown {
		unknown.say(u.What + ": " + u.Why + "; to know: " + u.HowToKnow)
	}
	if len(unknown.Lines) > 0 {
		e.Sections = append(e.Sections, unknown)
	}
	return e
}

// problems are the errors and warnings of a plan.
func problems(p plan.Plan) []plan.Finding {
	return keep(p.Findings, func(f plan.Finding) bool { return f.Severity != plan.SeverityInfo })
}

func holdsSection(p plan.Plan) Section {
	s := Section{}
	s.say(fmt.Sprintf("The render holds %s: %s and %s.", count(p.Documents, "document"), count(p.Resources, "ordinary one"), count(p.Hooks, "hook")))
	switch {
	case p.Ignored == nil:
		s.say("What Helm has dropped cannot be known: " + renderedAlready + ".")
	case len(p.Ignored) == 0:
		s.say("Helm drops nothing.")
	}
	for _, i := range p.Ignored {
		said := "Helm drops " + ref(i.Object) + " in silence. " + i.Message
		if i.DidYouMean != "" {
			said += fmt.Sprintf(" Probably meant: %q.", i.DidYouMean)
		}
		s.say(said)
	}
	return s
}

func actionSection(h Header, p plan.Plan, line plan.Timeline, modelSaid bool) Section {
	s := Section{Heading: strings.ToUpper(string(line.Action)) + ", from " + line.StartsFrom}
	if line.Outcome.Refused {
		s.say("Helm refuses: " + line.Outcome.Error + ".")
		return s
	}
	if modelSaid && line.SameAs != "" {
		s.say("The same hooks run in the same order as in " + string(line.SameAs) + ", in their " + string(line.Action) + " events.")
	} else {
		for _, phase := range line.Phases {
			s.say(phaseSentence(p, line, phase))
		}
	}
	if !hasSteps(line) {
		s.say("No hook runs.")
	}
	s.say(endSentence(h, p, line))
	return s
}

func phaseSentence(p plan.Plan, line plan.Timeline, phase plan.Phase) string {
	switch {
	case phase.Name == "crds" && phase.Objects > 0:
		return "First Helm makes the objects of crds/: " + kindsWords(phase.Kinds, 0) + ". No later action updates or deletes them."
	case phase.Name == "resources" && phase.Objects > 0:
		return "Helm goes through the ordinary objects: " + resourcesWords(phase, "") + "."
	case len(phase.Steps) == 0:
		return ""
	case phase.Result == plan.Skipped:
		return phase.Name + " is not reached."
	}
	where := phase.Name
	if phase.Action != "" && phase.Action != line.Action {
		where = "To undo it, " + string(phase.Action) + " runs: " + phase.Name
	}
	var steps []string
	for _, step := range phase.Steps {
		steps = append(steps, stepWords(p, step))
	}
	if len(steps) == 1 {
		return where + ": " + steps[0] + "."
	}
	return where + ", one after the other: " + strings.Join(steps, "; ") + "."
}

func stepWords(p plan.Plan, step plan.Step) string {
	said := objectsWords([]plan.Object{step.Hook.Object}, p.Release.Namespace)
	switch {
	case step.Result == plan.Skipped:
		return said + " is not reached"
	case step.Result == plan.Failed:
		return said + " fails (" + step.Error + ")"
	case step.NotRun:
		return said + " does not run, since the finished one of the last run is still there"
	case step.WaitsFor == plan.WaitsCompletion:
		return said + ", until it completes"
	}
	return said
}

func endSentence(h Header, p plan.Plan, line plan.Timeline) string {
	out := line.Outcome
	var said []string
	if waits := worstCaseWords(line, h.Timeout); waits != "" {
		said = append(said, "Helm "+waits+".")
	}
	end := "It ends well"
	if out.Result == plan.Failed {
		end = "It fails: " + failureWords(line)
	}
	if len(out.History) > 0 {
		end += "; the history is then " + statusWords(out.History)
	} else {
		end += "; no release record is left"
	}
	said = append(said, end+".")
	if left := objectsWords(out.Left, p.Release.Namespace); left != "" && line.Action == plan.Uninstall {
		said = append(said, "Hooks leave behind: "+left+".")
	}
	return strings.Join(said, " ")
}
