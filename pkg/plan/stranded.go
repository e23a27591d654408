package plan

import (
	"fmt"
	"slices"
	"strings"
)

// The rules about what a failure leads to.
const (
	ruleStranded  = "HH112"
	ruleUnreached = "HH113"
	ruleBlocks    = "HH114"
)

// stranded plays the life again, once for each Job and Pod that runs in it, with that one failing: HH112 is
// about the status that this leaves, HH114 about the object.
func (l *linter) stranded() error {
	played := map[string]bool{}
	for i := range l.runs {
		run := &l.runs[i]
		if run.failed != "" {
			continue
		}
		for k := range run.trace.phases {
			phase := &run.trace.phases[k]
			for _, f := range faultsOf(*phase) {
				key := phase.Name + " " + f.fault.Object
				if f.step == nil || f.fault.At != FaultWait || f.step.Result != OK || f.step.NotRun || !canStrand(*phase, &f.step.Hook) || played[key] {
					continue
				}
				played[key] = true
				if err := l.strand(run, phase, f); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// canStrand leaves out the failures that need not be played: any policy but hook-succeeded alone gets rid of
// a failed Job in time, and so does a TTL.
func canStrand(phase Phase, h *Hook) bool {
	switch Event(phase.Name) {
	case PreRollback, PostRollback, PreDelete:
		return true
	}
	return staysFailed(h)
}

// staysFailed says that a hook's object goes after a success and stays after a failure.
func staysFailed(h *Hook) bool {
	policies := h.DeletePolicies
	return slices.Contains(policies, HookSucceeded) && !slices.Contains(policies, BeforeHookCreation) && !slices.Contains(policies, HookFailed) &&
		!slices.ContainsFunc(h.parts, func(one part) bool {
			spec, _ := one.body["spec"].(map[string]any)
			return spec["ttlSecondsAfterFinished"] != nil
		})
}

func (l *linter) strand(run *lintRun, phase *Phase, f phaseFault) error {
	command := Command{Action: run.action, Options: l.player.leading(run.action), Faults: []Fault{f.fault}}
	if run.action == Rollback {
		command.Options.RollbackTo = 1
	}
	trace, after, err := l.player.chart.run(run.before, command)
	if err != nil || trace.Outcome.Result != Failed {
		return err
	}
	way, err := l.player.recover(trace, command, after)
	if err != nil {
		return err
	}
	h := &f.step.Hook
	if status := trace.Outcome.Status; status == StatusPendingRollback || status == StatusUninstalling {
		l.report(&h.Parsed, "", Finding{
			Rule: ruleStranded, Action: run.action, Phase: phase.Name, Prediction: f.step.Prediction,
			Message: fmt.Sprintf("if %s fails in %s, %s", h.Object.Ref(), phase.Name, l.strandedIn(trace, way)),
			Fix:     l.waysOut(way),
		})
	}
	if deleted := firstDeletion(way); staysFailed(h) && len(deleted) > 0 {
		l.report(&h.Parsed, "", Finding{
			Rule: ruleBlocks, Action: run.action, Phase: phase.Name, Prediction: f.step.Prediction,
			Severity: blocksSeverity(phase.Name),
			Message: fmt.Sprintf("if %s fails in %s it stays (%s: %q), and the next run %s, until someone deletes it by hand",
				h.Object.Ref(), phase.Name, annotationDelete, policyText(*h), l.nextRun()),
			Fix: fmt.Sprintf("write %s: %s,%s", annotationDelete, BeforeHookCreation, HookSucceeded),
		})
	}
	return nil
}

// blocksSeverity: a test that cannot be run again keeps nothing from being deployed.
func blocksSeverity(phase string) Severity {
	if phase == string(TestEvent) {
		return SeverityInfo
	}
	return SeverityWarning
}

// nextRun says how the leftover of a failed run shows in the next one.
func (l *linter) nextRun() string {
	if l.player.input.Engine.rules().serverSideApply {
		return "finds the old failure and fails again"
	}
	return "fails (already exists)"
}

// strandedIn tells the state after the failure and what Helm refuses in it.
func (l *linter) strandedIn(trace Trace, way *Recovery) string {
	text := fmt.Sprintf("the release stays %q", trace.Outcome.Status)
	if trace.Outcome.Status == StatusUninstalling {
		text = "nothing is deleted and " + text
	}
	for _, refused := range way.Refused {
		if refused.Moves[len(refused.Moves)-1].Action == Upgrade && !refused.Fails {
			return fmt.Sprintf("%s, in which Helm refuses upgrades (%s)", text, refused.Error)
		}
	}
	return text
}

// waysOut writes the ways as commands, each once.
func (l *linter) waysOut(way *Recovery) string {
	var ways []string
	for _, w := range way.Ways {
		var moves []string
		for _, move := range w.Moves {
			moves = append(moves, l.words(move))
		}
		if text := strings.Join(moves, ", then "); !slices.Contains(ways, text) && len(w.Moves) == 1 {
			ways = append(ways, text)
		}
	}
	return "to get out: " + enumerate(ways, "or")
}

// words is a move as people type it, without the flags that do not matter here.
func (l *linter) words(move Move) string {
	if move.Action == "" {
		var names []string
		for _, object := range move.Delete {
			names = append(names, object.Ref())
		}
		return "kubectl delete " + strings.Join(names, " ")
	}
	text := fmt.Sprintf("helm %s %s", move.Action, l.player.input.Release.Name)
	if move.Options.RollbackTo != 0 {
		text += fmt.Sprintf(" %d", move.Options.RollbackTo)
	}
	if move.Options.NoHooks {
		text += " --no-hooks"
	}
	return text
}

// firstDeletion is what must be deleted by hand before the usual way out works.
func firstDeletion(way *Recovery) []Object {
	for _, w := range way.Ways {
		for _, move := range w.Moves {
			if len(move.Delete) > 0 {
				return move.Delete
			}
		}
	}
	return nil
}

// unreached: HH113. An install runs the install hooks of what it renders, an upgrade the upgrade hooks of
// what that renders; the other actions run what either stored.
func (l *linter) unreached() {
	for i := range l.inventories {
		installs, upgrades := i == 0, i > 0
		for k := range l.inventories[i].Hooks {
			h := &l.inventories[i].Hooks[k]
			reached := slices.ContainsFunc(h.Events, func(e Event) bool {
				switch e {
				case PreInstall, PostInstall:
					return installs
				case PreUpgrade, PostUpgrade:
					return upgrades
				}
				return true
			})
			if reached || l.reachedElsewhere(h) {
				continue
			}
			rendered, runs := "on install", "upgrade"
			if upgrades {
				rendered, runs = "on upgrade", "install"
			}
			l.report(&h.Parsed, "", Finding{
				Rule: ruleUnreached, Prediction: Proven,
				Message: fmt.Sprintf("%s never runs: the template gives it only %s, and its events (%s: %q) are those of an %s",
					h.Object.Ref(), rendered, annotationHook, hookValue(h), runs),
				Fix: fmt.Sprintf("add an event of an %s to %s, or change the condition in the template", strings.TrimPrefix(rendered, "on "), annotationHook),
			})
		}
	}
}

// reachedElsewhere says that the template gives a hook of the same kind and events to a revision that runs it.
// The name may change with the revision.
func (l *linter) reachedElsewhere(h *Hook) bool {
	installs := h.runsIn(string(PreInstall)) || h.runsIn(string(PostInstall))
	for i := range l.inventories {
		if (i == 0) == installs && slices.ContainsFunc(l.inventories[i].Hooks, func(other Hook) bool {
			return other.Template == h.Template && other.Kind == h.Kind && slices.Equal(other.Events, h.Events)
		}) {
			return true
		}
	}
	return false
}
