package plan

import (
	"cmp"
	"strings"
)

// lintFindings are what goes beyond a plan: what a failure leads to (HH112 to HH114), references between
// objects (HH2xx) and practice (HH3xx). They are in no particular order; mergeFindings sorts them.
func lintFindings(p *player, inventories []Inventory) ([]Finding, error) {
	l := &linter{player: p, inventories: inventories, seen: map[string]bool{}}
	if err := l.play(); err != nil {
		return nil, err
	}
	l.unreached()
	if err := l.stranded(); err != nil {
		return nil, err
	}
	for i := range l.runs {
		run := &l.runs[i]
		l.missingObjects(run)
		if run.failed != "" {
			continue
		}
		l.missingRights(run)
		l.missingKinds(run)
		l.waitingWorkloads(run)
	}
	for i := range inventories {
		users := usersOf(&inventories[i])
		l.installOnly(&inventories[i], users)
		l.longLived(&inventories[i], users)
		l.shortLived(&inventories[i])
		l.argoDisagrees(&inventories[i])
	}
	return l.findings, nil
}

// linter plays a life of the chart and collects what it shows.
type linter struct {
	player *player
	// inventories are those of an install and of two upgrades in a row.
	inventories []Inventory
	runs        []lintRun
	findings    []Finding
	seen        map[string]bool
	// hangsOnly leaves out of HH204 what fails, or comes late, without a wait too.
	hangsOnly bool
}

// lintRun is one action of that life.
type lintRun struct {
	action Action
	before State
	trace  Trace
	after  State
	// inventory is the revision whose hooks run.
	inventory *Inventory
	// failed is the pre-install hook that failed in the install before; empty where all went well.
	failed string
}

// play runs install, two upgrades, rollback, test, and an uninstall of the first and of the second
// revision, as far as they go, and at last an uninstall after a failed install.
func (l *linter) play() error {
	installed, err := l.run(Install, State{})
	if err != nil {
		return err
	}
	first := installed.after
	if l.player.old != l.player.chart {
		if first, _, err = l.player.start(Upgrade); err != nil {
			return err
		}
	} else if installed.trace.Outcome.Result == Failed {
		return nil
	}
	upgraded, err := l.run(Upgrade, first)
	if err != nil {
		return err
	}
	if upgraded.trace.Outcome.Result == OK {
		for _, action := range []Action{Upgrade, Rollback, Uninstall} {
			if _, err := l.run(action, upgraded.after); err != nil {
				return err
			}
		}
	}
	if installed.trace.Outcome.Result == Failed {
		return nil
	}
	for _, action := range []Action{Uninstall, Test} {
		if _, err := l.run(action, installed.after); err != nil {
			return err
		}
	}
	return l.playFailure(installed)
}

// playFailure lets the first Job or Pod of pre-install fail and uninstalls what is left, as people do and as
// --atomic does.
func (l *linter) playFailure(installed lintRun) error {
	for i := range installed.trace.phases {
		phase := &installed.trace.phases[i]
		for _, f := range faultsOf(*phase) {
			if phase.Name != string(PreInstall) || f.fault.At != FaultWait {
				continue
			}
			command := Command{Action: Install, Options: l.player.leading(Install), Faults: []Fault{f.fault}}
			_, after, err := l.player.chart.run(State{}, command)
			if err != nil {
				return err
			}
			count := len(l.runs)
			_, err = l.run(Uninstall, after)
			if len(l.runs) > count {
				l.runs[count].failed = f.step.Hook.Object.Ref()
			}
			return err
		}
	}
	return nil
}

// run plays one action. What Helm refuses at once shows nothing.
func (l *linter) run(action Action, before State) (lintRun, error) {
	options := l.player.leading(action)
	if action == Rollback {
		options.RollbackTo = 1
	}
	trace, after, err := l.player.chart.run(before, Command{Action: action, Options: options})
	if err != nil {
		return lintRun{}, err
	}
	run := lintRun{action: action, before: before, trace: trace, after: after}
	record := after.last()
	if action == Uninstall || action == Test {
		record = before.last()
	}
	if record != nil && !trace.Outcome.Refused {
		run.inventory = &record.inventory
		l.runs = append(l.runs, run)
	}
	return run, nil
}

// report completes a finding about a document and keeps it, unless the same was said before, also of another
// revision, in which the document may stand in another place. subject tells apart what one rule says of one
// object.
func (l *linter) report(p *Parsed, subject string, f Finding) {
	f.Object = cmp.Or(f.Object, p.Object)
	key := strings.Join([]string{f.Rule, p.Template, f.Object.Namespace, f.Object.Ref(), subject}, "\x00")
	if l.seen[key] {
		return
	}
	l.seen[key] = true
	f.Template, f.Document = p.Template, p.Index
	f.Severity = cmp.Or(f.Severity, severityOf(f.Rule))
	f.Prediction = cmp.Or(f.Prediction, Likely)
	if file := l.player.input.File; file != nil && p.Template != "" {
		f.File = file(p.Template)
	}
	l.findings = append(l.findings, f)
}
