package render

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// enginesHeading heads what becomes of a hook under each engine.
const enginesHeading = "UNDER EACH ENGINE"

// WithEngines adds to the life of a hook a line an engine: what becomes of it there, and why that differs from the first.
func WithEngines(e Explanation, c plan.Comparison, hook string) Explanation {
	v, err := newEnginesView(c, Options{Hook: hook})
	if err != nil {
		// Where no engine makes anything special of it there is nothing to add.
		return e
	}
	s := Section{Heading: enginesHeading}
	for _, row := range v.rows {
		name := ""
		if len(v.rows) > 1 {
			name = v.row(row) + ", "
		}
		for i, title := range v.titles() {
			s.say(name + title + ": " + v.inSentence(row, i) + ".")
		}
	}
	e.Sections = append(e.Sections, s)
	return e
}

// WithoutEngines says why it cannot be told what becomes of a hook under other engines.
func WithoutEngines(e Explanation, why error) Explanation {
	s := Section{Heading: enginesHeading}
	s.say("It cannot be told: " + why.Error() + ".")
	e.Sections = append(e.Sections, s)
	return e
}

// inSentence is a cell with the reasons why it is not that of the first engine.
func (v enginesView) inSentence(r plan.ComparedObject, engine int) string {
	if engine >= len(r.Cells) {
		return "unknown"
	}
	cell := r.Cells[engine]
	words := fateWords(cell)
	var whys []string
	for _, d := range cell.Differences {
		whys = append(whys, d.Why)
	}
	said := strings.Join(whys, "; ")
	switch {
	case engine == 0:
		return words
	case said == "" && words == fateWords(r.Cells[0]):
		return "the same"
	case said == "":
		return words + ", to the same effect"
	case strings.HasPrefix(said, words):
		return said
	}
	return words + "; " + said
}

// OtherNarration tells in sentences what an engine that is not Helm does with a source.
func OtherNarration(h Header, p plan.Plan) Explanation {
	e := Explanation{Subject: subjectSource, Name: h.Source.Name, Sections: []Section{otherHolds(p)}}
	for i, line := range p.Timelines {
		s := Section{Heading: strings.ToUpper(string(line.Action)) + ", from " + line.StartsFrom}
		words, again := "", false
		for _, model := range p.Timelines[:i] {
			if words, again = againWords(line, model); again {
				break
			}
		}
		if again {
			s.say(upperFirst(strings.TrimSpace(strings.ReplaceAll(words, string(tie), " "))) + ".")
		} else {
			for _, phase := range line.Phases {
				s.say(otherPhaseWords(p, phase)...)
			}
		}
		s.say(otherEnd(p, line))
		e.Sections = append(e.Sections, s)
	}
	if section, any := findingsSection(problems(p), func(f plan.Finding) string { return f.Message }); any {
		e.Sections = append(e.Sections, section)
	}
	rest := Section{Heading: strings.ToUpper(p.Engine.String())}
	for _, remark := range p.Remarks {
		rest.say(upperFirst(remark) + ".")
	}
	for _, u := range p.Unknown {
		rest.say("Not known: " + u.What + ": " + u.Why + "; to know: " + u.HowToKnow)
	}
	if len(rest.Lines) > 0 {
		e.Sections = append(e.Sections, rest)
	}
	return e
}

func otherHolds(p plan.Plan) Section {
	s := holdsSection(plan.Plan{Documents: p.Documents, Resources: p.Resources, Hooks: p.Hooks, Ignored: []plan.Ignored{}})
	s.Lines = s.Lines[:1]
	if p.Ignored == nil {
		s.say("What Helm has dropped cannot be known: " + renderedAlready + ".")
	}
	for _, i := range p.Ignored {
		s.say(ignoredBy(i) + " " + i.Message)
	}
	return s
}

// ignoredBy says who leaves an object out: Helm when it renders, or the engine.
func ignoredBy(i plan.Ignored) string {
	if i.Rule == "HH001" || i.Rule == "HH002" {
		return "Helm drops " + ref(i.Object) + " when it renders."
	}
	return ref(i.Object) + " is left out."
}

// otherPhaseWords tell a phase, its ordinary objects wave by wave among the hooks.
func otherPhaseWords(p plan.Plan, phase plan.Phase) []string {
	var said []string
	if phase.Waves == nil && phase.Objects > 0 {
		said = append(said, upperFirst(phase.Name)+": "+count(phase.Objects, "object")+" "+objectsDone(phase, false)+" ("+kindsWords(phase.Kinds, 0)+").")
	}
	if phase.Name == "SyncFail" {
		said = append(said, "SyncFail runs only if the sync fails.")
	}
	for _, wave := range phase.Waves {
		where := phase.Name
		if wave.Number != 0 || len(phase.Waves) > 1 {
			where += ", wave " + strconv.Itoa(wave.Number)
		}
		said = append(said, upperFirst(where)+": "+count(wave.Objects, "object")+" "+waveDone(phase, wave)+" ("+kindsWords(wave.Kinds, 0)+").")
	}
	for i, step := range phase.Steps {
		where := phase.Name
		if step.Wave != nil {
			where += ", wave " + strconv.Itoa(*step.Wave)
		}
		said = append(said, upperFirst(where)+": "+objectsWords([]plan.Object{step.Hook.Object}, p.Release.Namespace)+". "+otherStepWords(phase, i))
	}
	return said
}

// otherStepWords say what an engine that is not Helm does with a hook when its turn comes.
func otherStepWords(phase plan.Phase, at int) string {
	step := phase.Steps[at]
	var said []string
	if together := togetherWith(phase, at); together != "" {
		said = append(said, "It is made together with "+together+", and waited for with it.")
	}
	switch {
	case step.Result == plan.Skipped && phase.Name != "SyncFail":
		return strings.Join(append(said, "It is not reached: what comes before it fails."), " ")
	case step.NotRun:
		said = append(said, "It does not run: the finished object of the last run is still there, and counts as done"+likelyWord(step.Prediction)+".")
	case step.Result == plan.Failed:
		said = append(said, "It is waited for without an end: "+step.Error+".")
	case step.WaitsFor == plan.WaitsCompletion:
		said = append(said, "It is waited for until it completes, without a limit.")
	case step.WaitsFor == plan.WaitsHealthy && step.Prediction == plan.Likely:
		said = append(said, "It is waited for until it is healthy, if there is a health check for its kind.")
	case step.WaitsFor == plan.WaitsHealthy:
		said = append(said, "It is waited for until it is healthy, without a limit.")
	default:
		said = append(said, "It is not waited for.")
	}
	if phase.Action == plan.Apply {
		return strings.Join(append(said, "Nothing deletes it."), " ")
	}
	return strings.Join(append(said, "Deleted: "+deletedWords(step, phase.Name)+"."), " ")
}

func otherEnd(p plan.Plan, line plan.Timeline) string {
	var said []string
	switch {
	case line.Outcome.Refused:
		said = append(said, "Nothing is made: "+line.Outcome.Error+".")
	case line.Outcome.Result == plan.Failed:
		said = append(said, "It fails: "+line.Outcome.Error+".")
	}
	if !hasSteps(line) && !line.Outcome.Refused {
		said = append(said, "No hook runs.")
	}
	if left := objectsWords(line.Outcome.Left, p.Release.Namespace); left != "" && line.Action == plan.Delete {
		said = append(said, "Hooks leave behind: "+left+".")
	}
	return strings.Join(said, " ")
}

// OtherHook tells what an engine that is not Helm does with one hook.
func OtherHook(h Header, p plan.Plan, hook string) (Explanation, error) {
	view, err := Filter(p, Options{Hook: hook})
	if err != nil {
		return Explanation{}, err
	}
	e := Explanation{Subject: subjectHook, Name: hook}
	for _, i := range view.Ignored {
		s := Section{}
		s.say(place(i.File, i.Template, i.Index, 0))
		annotation := i.Annotation
		if annotation == "" {
			annotation = "helm.sh/hook"
		}
		s.code(annotation + ": " + written(i))
		s.say(ignoredBy(i), i.Message)
		if i.Harmless != "" {
			s.say("Nothing is lost: " + i.Harmless + ".")
		}
		if i.Fix != "" {
			s.say("To change that, " + i.Fix + ".")
		}
		s.say("More: helm hooks explain " + i.Rule + ".")
		e.Name = ref(i.Object)
		e.Sections = append(e.Sections, s)
	}
	e.Sections = append(e.Sections, otherRuns(p, hook, &e.Name)...)
	if section, any := findingsSection(view.Findings, message); any {
		e.Sections = append(e.Sections, section)
	}
	return e, nil
}

// otherRuns are the runs of one hook. A later action that does the same again takes a sentence.
func otherRuns(p plan.Plan, hook string, name *string) []Section {
	var all []Section
	for _, line := range p.Timelines {
		for _, phase := range line.Phases {
			for i := range phase.Steps {
				step := &phase.Steps[i]
				if !same(step.Hook.Object, hook) {
					continue
				}
				if len(all) == 0 {
					*name = ref(step.Hook.Object)
					all = append(all, otherWritten(&step.Hook))
				}
				s := Section{Heading: strings.ToUpper(string(line.Action)) + ", " + phase.Name + ", from " + line.StartsFrom}
				if line.Action == plan.Apply {
					s.Heading = "APPLY, from " + line.StartsFrom
				}
				s.say(otherPlace(phase, i), otherStepWords(phase, i))
				if k := slices.IndexFunc(all, func(other Section) bool { return slices.Equal(other.Lines, s.Lines) }); k >= 0 {
					s.Lines = []Line{{Text: "The same as " + all[k].Heading + "."}}
				}
				all = append(all, s)
			}
		}
	}
	return all
}

// otherWritten is what the author wrote, for Helm and for Argo CD.
func otherWritten(h *plan.Hook) Section {
	s := writtenSection(h)
	for _, a := range h.Annotations {
		if slices.Contains(argoAnnotations(), a.Key) {
			s.code(fmt.Sprintf("%s: %q", a.Key, a.Value))
		}
	}
	return s
}

// otherPlace says where in its phase a hook stands.
func otherPlace(phase plan.Phase, at int) string {
	step := phase.Steps[at]
	switch {
	case phase.Action == plan.Apply:
		return "It is applied like every other object, whatever its annotations say."
	case step.Wave == nil:
		return "Hooks of " + phase.Name + " have no order: all are made together."
	}
	if len(phase.Steps) == 1 {
		return "It is the only hook of " + phase.Name + ", in wave " + strconv.Itoa(*step.Wave) + "."
	}
	said := "It is number " + strconv.Itoa(step.Order) + " of " + strconv.Itoa(len(phase.Steps)) + ", in wave " + strconv.Itoa(*step.Wave)
	if at > 0 {
		said += ", after " + ref(phase.Steps[at-1].Hook.Object)
	}
	if at+1 < len(phase.Steps) {
		said += ", before " + ref(phase.Steps[at+1].Hook.Object)
	}
	return said + ": waves go first, then kinds, then names."
}

// upperFirst begins a sentence with what is written in lower case.
func upperFirst(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}
