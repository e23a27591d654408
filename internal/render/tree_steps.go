package render

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// step makes one run of a hook: its columns, and what is worth knowing in notes below it.
func (t *tree) step(phase plan.Phase, step plan.Step) node {
	skipped := step.Result == plan.Skipped
	n := node{
		label: []span{t.span(plain, ref(step.Hook.Object))},
		row: &row{
			order:  orderWord(step),
			weight: weightWord(phase, step),
			waits:  t.text(waitsWords(step)),
			faint:  skipped,
		},
	}
	if !skipped {
		deleted, byDefault := strings.CutSuffix(deletedWords(step, phase.Name), " (default)")
		n.row.deleted = []span{t.span(plain, deleted)}
		if byDefault {
			n.row.deleted = append(n.row.deleted, t.span(dim, " (default)"))
		}
	}
	if facts := t.stepFacts(step); len(facts) > 0 {
		n.notes = append(n.notes, []span{t.span(dim, strings.Join(facts, " · "))})
	}
	n.notes = append(n.notes, t.troubles(step)...)
	found := t.findingsAt(step)
	n.notes = append(n.notes, t.findingNotes(found)...)
	n.foldable = len(found) == 0 && step.Result != plan.Failed && !step.NotRun &&
		step.Hook.NeverCompletes == ""
	return n
}

// stepFacts are what is true of a hook and cannot be seen in its columns.
func (t *tree) stepFacts(step plan.Step) []string {
	var facts []string
	object := step.Hook.Object
	if object.Namespace != "" && object.Namespace != t.plan.Release.Namespace {
		facts = append(facts, "in namespace "+object.Namespace)
	}
	if chart := owner(step.Hook.Template); chart != "" && chart != rootChart(step.Hook.Template) {
		facts = append(facts, "subchart "+chart)
	}
	if step.WaitsFor == plan.WaitsNone && len(step.Hook.Events) > 0 {
		facts = append(facts, "meant for "+strings.Join(names(step.Hook.Events), ", "))
	}
	if items := len(step.Hook.Items); items > 0 {
		facts = append(facts, "a List of "+count(items, "object"))
	}
	if last := lastRunWords(step.Hook.LastRun); last != "" {
		facts = append(facts, last)
	}
	if step.Hook.VolatileName != "" {
		facts = append(facts, "name changes at each render")
	}
	if step.Hook.ScopeUnknown {
		facts = append(facts, "scope unknown, taken for namespaced")
	}
	if step.Prediction == plan.Unknown {
		facts = append(facts, "not certain")
	}
	return facts
}

// rootChart is the first part of Helm's template path.
func rootChart(template string) string {
	root, _, _ := strings.Cut(template, "/")
	return root
}

// troubles are what goes wrong in a step, where no finding says so already.
func (t *tree) troubles(step plan.Step) [][]span {
	told := func(text string) bool {
		return slices.ContainsFunc(t.findingsAt(step), func(f plan.Finding) bool {
			return text == "" || strings.Contains(f.Message, text)
		})
	}
	var notes [][]span
	if why := step.Hook.NeverCompletes; why != "" && step.WaitsFor == plan.WaitsCompletion && !told(why) {
		notes = append(notes, []span{t.span(alarm, "✗ never completes: "), t.span(plain, why+endless(t.plan))})
	}
	switch {
	case step.Signal != "":
		notes = append(notes, []span{t.span(alarm, "✗ here the signal comes: "), t.span(plain, "no policy runs, and the "+step.Hook.Kind+" itself is not stopped")})
	case step.Error != "" && step.Error == step.Hook.NeverCompletes:
	case step.Result != plan.Failed || step.Error != "" && told(step.Error):
	case step.Error == "":
		notes = append(notes, []span{t.span(alarm, "✗ fails")})
	default:
		notes = append(notes, []span{t.span(alarm, "✗ fails: "), t.span(plain, step.Error)})
	}
	if step.NotRun && !told("") {
		who := "Helm reports success and leaves the finished object of the last run as it is"
		if !t.plan.Engine.RunsHelm() {
			who = "the finished object of the last run is still there, and is left as it is" + likelyWord(step.Prediction)
		}
		notes = append(notes, []span{t.span(yellow, "▲ does not run: "), t.span(plain, who)})
	}
	return notes
}

// findingsAt are the errors and warnings at a step. Notes have a section of their own, since most of
// them hold for many hooks alike.
func (t *tree) findingsAt(step plan.Step) []plan.Finding {
	var found []plan.Finding
	for _, i := range step.Findings {
		if i >= 0 && i < len(t.plan.Findings) && t.plan.Findings[i].Severity != plan.SeverityInfo {
			found = append(found, t.plan.Findings[i])
		}
	}
	return found
}

// message is what a finding says beside its object, whose name need not be said again.
func message(f plan.Finding) string {
	if rest, ok := strings.CutPrefix(f.Message, f.Object.Ref()+" "); ok && f.Object.Name != "" {
		return rest
	}
	return f.Message
}

// saying is what makes two findings the same to a reader.
func saying(f plan.Finding) string { return f.Rule + "\x00" + string(f.Severity) + "\x00" + message(f) }

// findingNotes tell findings in full where they first show, and by rule alone after that.
func (t *tree) findingNotes(found []plan.Finding) [][]span {
	var notes [][]span
	for _, f := range found {
		mark := t.mark(f)
		if t.told[saying(f)] {
			notes = append(notes, []span{mark, t.span(dim, " as above")})
		} else {
			notes = append(notes, []span{mark, t.span(plain, ": "+message(f)+likelyWord(f.Prediction))})
		}
		withFix := saying(f) + "\x00" + f.Fix
		if f.Fix != "" && !t.told[withFix] {
			notes = append(notes, []span{t.span(dim, tied("  fix: ")+f.Fix)})
		}
		t.told[saying(f)], t.told[withFix] = true, true
	}
	return notes
}

// mark is a finding's sign, severity and rule.
func (t *tree) mark(f plan.Finding) span {
	sign, p := "•", dim
	switch f.Severity {
	case plan.SeverityError:
		sign, p = "✗", alarm
	case plan.SeverityWarning:
		sign, p = "▲", yellow
	}
	return t.span(p, strings.TrimSpace(sign+" "+severityWord(f.Severity)+" "+f.Rule))
}

// outcome makes the last branch of an action: how it fails and what it leaves.
func (t *tree) outcome(line plan.Timeline) []node {
	if t.options.Hook != "" {
		return nil
	}
	var nodes []node
	out := line.Outcome
	left := objectsWords(out.Left, t.plan.Release.Namespace)
	if out.Result == plan.Failed || out.Refused {
		word := "✗ FAILS"
		switch {
		case out.Refused:
			word = "✗ REFUSED, nothing runs"
		case out.Signal == plan.SignalKill:
			word = "✗ KILLED"
		case out.Signal == plan.SignalInterrupt:
			word = "✗ INTERRUPTED"
		}
		n := node{label: []span{t.span(alarm, word)}}
		if out.Error != "" {
			n.text = []span{t.span(plain, failureWords(line))}
		}
		if undone := undoneWords(line); undone != "" {
			n.notes = append(n.notes, []span{t.span(bold, undone), t.span(plain, racesWords(out))})
		}
		if !isOther(line.Action) {
			n.notes = append(n.notes, []span{t.span(plain, releaseWords(line))})
		}
		if live := liveWords(line); live != "" && !out.Refused {
			n.notes = append(n.notes, []span{t.span(plain, live)})
		}
		if left != "" && line.Action != plan.Uninstall {
			n.notes = append(n.notes, []span{t.span(plain, "hook objects in the cluster then: "+left)})
		}
		nodes = append(nodes, n)
	}
	if t.plan.Life && !t.options.Brief && out.Result == plan.OK {
		nodes = append(nodes, node{label: []span{t.span(bold, "ENDS WELL")}, text: []span{t.span(plain, cmp.Or(statusWords(out.History), "no release record is left"))}})
	}
	if line.Action != plan.Uninstall || (left == "" && (t.plan.Hooks == 0 || out.Refused)) {
		return nodes
	}
	if left == "" {
		left = "no hook object"
	}
	after := "after uninstall:"
	if out.Result == plan.Failed {
		after = "after the failed uninstall:"
	}
	return append(nodes, node{
		label: []span{t.span(bold, "LEFT")}, close: true,
		text: []span{t.span(plain, tied(after)+" "+left)},
	})
}

// failureWords are what Helm prints; a Helm that a signal has ended prints nothing.
func failureWords(line plan.Timeline) string {
	switch line.Outcome.Signal {
	case plan.SignalKill:
		if line.Outcome.Error != "killed" {
			return line.Outcome.Error
		}
		return "Helm prints nothing more"
	case plan.SignalInterrupt:
		return "helm " + string(line.Action) + " listens to no signal: Ctrl-C ends it where it stands"
	}
	if line.Because != "" {
		// helm-controller 1.6.3 internal/reconcile; the names of release and chart stand between the two.
		return "Helm " + string(line.Action) + " failed: " + line.Outcome.Error
	}
	return failureWord(line.Action) + line.Outcome.Error
}

// releaseWords say what the release history looks like after a failure.
func releaseWords(line plan.Timeline) string {
	out := line.Outcome
	if out.Status == "" && len(out.History) == 0 {
		return "no release record is left"
	}
	said := "release status: " + string(out.Status)
	if out.Status == "" {
		said = "no record of this revision is left"
	}
	if len(out.History) > 0 {
		said += " · history: " + statusWords(out.History)
	}
	return said
}

// titleParts name the source.
func titleParts(s Source) []string {
	chart := strings.TrimSpace(s.Chart + " " + s.ChartVersion)
	var parts []string
	switch {
	case s.Type == "release":
		parts = append(parts, fmt.Sprintf("release %s in namespace %s", s.Name, s.Namespace))
		if s.Context != "" {
			parts = append(parts, "context "+s.Context)
		}
		if s.Revision > 0 {
			parts = append(parts, strings.TrimSuffix(fmt.Sprintf("revision %d, %s", s.Revision, s.Status), ", "))
		}
		parts = append(parts, chart)
	case s.Type == "helmrelease" || s.Type == "application":
		parts = objectParts(s, chart)
	case s.Ref == "-":
		parts = append(parts, chart, "rendered YAML from standard input")
	case s.Type == "stream":
		parts = append(parts, chart, "rendered YAML from "+s.Ref)
	default:
		parts = append(parts, chart, s.Ref)
		if s.Name != "" && s.Name != s.Chart {
			parts = append(parts, "as release "+s.Name)
		}
	}
	parts = slices.DeleteFunc(parts, func(p string) bool { return p == "" })
	return parts
}

// objectParts name what a HelmRelease or an Application installs.
func objectParts(s Source, chart string) []string {
	word := map[string]string{"helmrelease": "HelmRelease", "application": "Application"}[s.Type]
	where := s.Ref
	switch {
	case s.Ref == "-":
		where = word + " from standard input"
	case !strings.HasPrefix(s.Ref, s.Type+"/"):
		where = word + " in " + s.Ref
	}
	parts := []string{chart, where, fmt.Sprintf("release %s in namespace %s", s.Name, s.Namespace)}
	if s.Context != "" {
		parts = append(parts, "context "+s.Context)
	}
	if s.Revision > 0 {
		parts = append(parts, strings.TrimSuffix(fmt.Sprintf("revision %d, %s", s.Revision, s.Status), ", "))
	}
	return parts
}

const newerThanKnown = "This Helm is newer than the newest one whose rules are known; the newest known rules are used."

// title is the first line: what was read and by which rules it was judged.
func (t *tree) title() {
	parts := titleParts(t.header.Source)
	for i, part := range parts {
		parts[i] = tied(part)
	}
	rules := tied(t.plan.Engine.String() + " rules")
	if len(parts) == 0 {
		t.put(t.span(bold, rules))
	} else {
		parts = append(parts, rules)
		t.paragraph(nil, blanks(gap), []span{t.span(bold, parts[0]), t.span(plain, " · "+strings.Join(parts[1:], " · "))})
	}
	if t.plan.Engine.NewerThanKnown {
		t.indented(0, t.span(yellow, newerThanKnown))
	}
	for _, note := range t.header.Notes {
		t.indented(0, t.span(dim, note))
	}
}
