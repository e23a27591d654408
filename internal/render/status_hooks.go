package render

import (
	"fmt"
	"slices"
	"strings"

	"al.essio.dev/pkg/shellescape"

	"github.com/helm-hooks/helm-hooks/internal/status"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// hooks writes what became of each.
func (t *statusText) hooks() {
	r := t.report
	title := fmt.Sprintf("of revision %d", r.Newest.Number)
	if !r.Began.IsZero() {
		title += fmt.Sprintf(", whose %s began ", r.Action) + t.when(r.Began)
	}
	if len(r.Hooks) == 0 {
		title = fmt.Sprintf("revision %d has none", r.Newest.Number)
	}
	t.heading("HOOKS", title)
	for i := range r.Hooks {
		t.hook(&r.Hooks[i])
	}
}

func (t *statusText) hook(h *status.Hook) {
	mark := t.span(dim, "• ")
	switch h.Concern {
	case status.Trouble:
		if mark = t.span(alarm, "✗ "); h.Run.State == status.RunRunning {
			mark = t.span(yellow, "▲ ")
		}
	case status.Notice:
		mark = t.span(yellow, "▲ ")
	}
	about := []string{strings.Join(names(h.Hook.Events), ", ")}
	if h.Hook.Weight != 0 {
		about = append(about, fmt.Sprintf("weight %d", h.Hook.Weight))
	}
	if policies := names(h.Hook.DeletePolicies); len(policies) > 0 && !isDefault(h.Hook) {
		about = append(about, "delete policy "+strings.Join(policies, ","))
	}
	t.paragraph([]span{mark}, blanks(2*gap), []span{t.span(bold, ref(h.Hook.Object)), t.span(plain, " · "+strings.Join(about, " · "))})
	t.fact("last run", t.runSpans(h)...)
	for i := range h.Objects {
		t.object(h, &h.Objects[i])
	}
}

// isDefault says that a hook has the policy that it would have without any: Helm stores it with the hook.
func isDefault(h plan.Hook) bool {
	return slices.Equal(h.DeletePolicies, []plan.DeletePolicy{plan.BeforeHookCreation})
}

func (t *statusText) runSpans(h *status.Hook) []span {
	run := h.Run
	if run.State == status.RunNone {
		return []span{t.span(plain, "none: "+run.Meaning)}
	}
	words, color := runStateWords(run), plain
	if h.Concern == status.Trouble && run.State != status.RunRunning {
		color = red
	}
	pieces := []span{t.span(color, words), t.span(plain, " "+t.when(run.Started))}
	if run.Event != "" {
		pieces = append(pieces, t.span(plain, ", in "+string(run.Event)))
	}
	if run.Meaning != "" {
		pieces = append(pieces, t.span(plain, ". "+strings.ToUpper(run.Meaning[:1])+run.Meaning[1:]))
	}
	return pieces
}

// runStateWords come before the time at which a run began.
func runStateWords(run status.Run) string {
	took, ended := run.Took()
	switch {
	case run.State == status.RunSucceeded && ended:
		return "succeeded in " + spanWords(took) + ", began"
	case run.State == status.RunFailed && ended:
		return "failed after " + spanWords(took) + ", began"
	case run.State == status.RunAbandoned:
		return "end unknown, began"
	case run.State == status.RunRunning:
		return "running, began"
	case run.State == status.RunInterrupted:
		return "interrupted, began"
	}
	return string(run.State) + ", began"
}

// object writes what is left of a run.
func (t *statusText) object(h *status.Hook, live *status.Live) {
	trouble := h.Concern == status.Trouble
	if live.Reason != nil && (trouble || h.Concern == status.Notice) {
		t.fact("why", t.span(bold, live.Reason.Text))
	}
	// What has not run need not be looked for.
	if live.State == status.Absent {
		return
	}
	name := ""
	if len(h.Objects) > 1 {
		name = ref(live.Object) + " is "
	}
	t.fact("now", t.span(plain, name+live.Meaning+podWords(live)))
	if !trouble {
		return
	}
	for _, e := range live.Events {
		// What is the reason already need not be said twice.
		if live.Reason != nil && strings.Contains(live.Reason.Text, e.Message) && e.Message != "" {
			continue
		}
		times := ""
		if e.Count > 1 {
			times = fmt.Sprintf(", %d times", e.Count)
		}
		t.fact("event", t.span(plain, fmt.Sprintf("%s of %s%s, %s: %s", e.Reason, e.Of, times, t.when(e.Last), e.Message)))
	}
	t.logs(live)
	for _, gap := range live.Gaps {
		t.fact("not known", t.span(yellow, gap))
	}
}

// podWords name the Pods of a Job.
func podWords(live *status.Live) string {
	if len(live.Pods) == 0 {
		return ""
	}
	var parts []string
	for _, p := range live.Pods {
		parts = append(parts, tied("Pod "+p.Name+" "+strings.ToLower(p.Phase)))
	}
	const most = 3
	if len(parts) > most {
		parts = append(parts[:most], fmt.Sprintf("%d more", len(parts)-most))
	}
	return "; " + strings.Join(parts, ", ")
}

// logs writes the end of the logs, or the commands that show them.
func (t *statusText) logs(live *status.Live) {
	for _, log := range live.Logs {
		title := "container " + log.Container + " of Pod " + log.Pod
		if log.Previous {
			title += ", before its last restart"
		}
		if len(log.Lines) == 0 {
			title += " has written nothing"
		}
		if log.Redacted > 0 {
			title += fmt.Sprintf(" (%s taken out)", count(log.Redacted, "secret"))
		}
		t.fact("log", t.span(dim, title))
		for _, line := range log.Lines {
			// Lines of a log are not broken: they are searched for, and copied.
			t.put(t.span(dim, strings.Repeat(" ", 2*gap)+"│ "), t.span(plain, line))
		}
	}
	if len(live.Logs) > 0 {
		return
	}
	// Commands are never broken, so that they can be copied.
	for _, o := range live.Readable {
		if !t.options.Logs {
			t.copied("log", t.statusCommand("--logs"))
		}
		t.copied("all of it", t.header.Helm.logs(o))
	}
}

func (t *statusText) copied(label, command string) {
	t.put(t.span(dim, strings.Repeat(" ", 2*gap)+pad(label, labelWidth)), t.span(bold, command))
}

// statusCommand is this very command once more, with more flags.
func (t *statusText) statusCommand(flags ...string) string {
	h := t.header.Helm
	words := slices.Concat(strings.Fields(t.options.Command), []string{"status", h.Release.Name}, h.namespace(h.Release.Namespace))
	if h.Context != "" {
		// Under helm hooks, Helm takes --kube-context for itself and hands it over; --context is ours everywhere.
		words = append(words, "--context", h.Context)
	}
	return shellescape.QuoteCommand(append(words, flags...))
}

// next writes what the actions would do now.
func (t *statusText) next() {
	if len(t.report.Next) == 0 {
		return
	}
	t.heading("NEXT", "if it came now, with the stored chart once more")
	width := len("helm uninstall")
	for _, n := range t.report.Next {
		if n.Action == plan.Test && n.Hooks == 0 {
			continue
		}
		prefix := "  " + pad("helm "+string(n.Action), width) + "  "
		t.paragraph([]span{t.span(plain, prefix)}, blanks(len(prefix)), t.nextSpans(n))
		if doomed := t.inTheWay(n); len(doomed) > 0 {
			t.indented(2*gap, t.span(plain, "to have it run, delete first:"))
			for _, line := range t.header.Helm.deletions(doomed) {
				t.command(line)
			}
		}
		if n.Action == plan.Uninstall && n.Result == status.Works && len(n.Left) > 0 {
			t.indented(2*gap, t.span(plain, "what it leaves goes with:"))
			for _, line := range t.header.Helm.deletions(n.Left) {
				t.command(line)
			}
		}
	}
}

func (t *statusText) nextSpans(n status.Next) []span {
	sure := likelyWord(n.Prediction)
	switch {
	case n.Result == status.Refused:
		return []span{t.span(red, "is refused"+sure), t.span(plain, ": "+n.Error)}
	case n.Result == status.Fails && n.At != nil:
		return []span{t.span(red, fmt.Sprintf("fails at %s in %s%s", ref(*n.At), n.Phase, sure)), t.span(plain, ": "+n.Error)}
	case n.Result == status.Fails:
		return []span{t.span(red, "fails"+sure), t.span(plain, ": "+n.Error)}
	}
	words := "works, runs " + count(n.Hooks, "hook")
	if n.Hooks == 0 {
		words = "works, runs no hook"
	}
	pieces := []span{t.span(plain, words+sure)}
	if len(n.NotRun) > 0 {
		pieces = append(pieces, t.span(red, "; does not run "+objectsWords(n.NotRun, t.plan.Release.Namespace)+" again, and calls that a success"))
	}
	if n.Action == plan.Uninstall && len(n.Left) > 0 {
		pieces = append(pieces, t.span(plain, "; leaves "+objectsWords(n.Left, t.plan.Release.Namespace)))
	}
	return pieces
}

// inTheWay are objects of hooks that exist and keep an action from working. Where there is a way out, that tells.
func (t *statusText) inTheWay(n status.Next) []plan.Object {
	if t.plan.WayOut != nil || n.Action == plan.Test {
		return nil
	}
	suspects := slices.Clone(n.NotRun)
	if n.Result == status.Fails && n.At != nil {
		suspects = append(suspects, *n.At)
	}
	return slices.DeleteFunc(suspects, func(o plan.Object) bool {
		return !slices.ContainsFunc(t.report.Hooks, func(h status.Hook) bool {
			return slices.ContainsFunc(h.Objects, func(l status.Live) bool { return l.Object == o && l.State == status.Exists })
		})
	})
}
