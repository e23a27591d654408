package plan

import (
	"fmt"
	"slices"
)

// Recovery is what can be done about the state that a failure left. Every way was played on the machine
// from that state, on the understanding that what failed has been mended.
type Recovery struct {
	// Ways lead out, the usual one first.
	Ways []Way
	// Refused are commands that people try next and that Helm turns down or that fail again.
	Refused []Refusal
	// Logs are the failed Jobs and Pods that still exist, whose logs say more.
	Logs []Object
	// Running are Jobs and Pods that nobody has stopped, and that may still be at work.
	Running []Object
	// Notes are what is worth knowing before one types anything.
	Notes []string
}

// Way is a series of commands that ends well.
type Way struct {
	// Goal says in a few words what the way is for.
	Goal  string
	Moves []Move
	// Phases are the hook phases that run on the way.
	Phases []Phase
	// Unrun are hooks of an install that this way never runs, although no install has come to its end.
	Unrun []Object
	// Lost are ordinary objects that go on the way and take with them what nobody can bring back.
	Lost []Object
	// History and Live are where the way ends.
	History []RevisionStatus
	Live    Live
	// Left are the hook objects that exist at its end.
	Left       []Object
	Prediction Prediction
	// Unplayed says that the way was not played: the chart fails by itself, and what the mended one will do
	// cannot be known. History, Live and Left are empty then.
	Unplayed bool
}

// Move is one command of a way out: a Helm command, or the deletion of objects by hand.
type Move struct {
	// Action is empty where Delete says what to delete with kubectl.
	Action  Action
	Options Options
	Delete  []Object
}

// Refusal are commands of which the last one does not work.
type Refusal struct {
	Moves []Move
	Error string
	// Fails says that it starts and then fails; otherwise Helm turns it down at once.
	Fails bool
}

// recovery finds the ways out of one state.
type recovery struct {
	player *player
	trace  Trace
	// command is what failed, without its faults.
	command Command
	state   State
	found   Recovery
}

// recover finds the ways out of what a failed command left.
func (p *player) recover(trace Trace, command Command, state State) (*Recovery, error) {
	command.Faults = nil
	command.Action = trace.Action
	r := &recovery{player: p, trace: trace, command: command, state: state}
	r.found.Logs, r.found.Running = r.logs(), r.running()
	candidates := r.candidates()
	for _, way := range candidates {
		if err := r.try(way); err != nil {
			return nil, err
		}
	}
	r.unplayed(candidates)
	r.complete()
	for _, move := range r.temptations() {
		if err := r.tempt(move); err != nil {
			return nil, err
		}
	}
	r.found.Notes = r.notes()
	return &r.found, nil
}

// candidates are the ways that people take from a state, the usual one first.
func (r *recovery) candidates() []Way {
	again := r.move(r.command.Action)
	last := r.state.last()
	if last == nil {
		return r.withoutRecord(again)
	}
	switch last.status {
	case StatusPendingInstall:
		return r.fromNothingGood(last.number)
	case StatusPendingUpgrade, StatusPendingRollback:
		return r.fromPending()
	case StatusUninstalling:
		return r.fromUninstalling()
	case StatusUninstalled:
		return []Way{
			{Goal: "forget the release", Moves: []Move{{Action: Uninstall}}},
			{Goal: goalReplace, Moves: []Move{r.replace()}},
		}
	case StatusFailed:
		return r.fromFailed(again)
	}
	ways := []Way{{Goal: "mend the cause and try again", Moves: []Move{again}}}
	switch r.command.Action {
	case Test:
		ways = append(ways, Way{Goal: "change the test: it is stored with the release, so upgrade first", Moves: []Move{r.move(Upgrade), again}})
	case Install:
		ways = append(ways, Way{Goal: "upgrade what is installed already", Moves: []Move{r.move(Upgrade)}})
	}
	return ways
}

// withoutRecord is where Helm knows nothing of the release any more.
func (r *recovery) withoutRecord(again Move) []Way {
	switch {
	case r.trace.Action == Install:
		return []Way{{Goal: "mend the cause and try again", Moves: []Move{again}}}
	case r.trace.Outcome.Refused:
		return []Way{{Goal: "there is no release: install it", Moves: []Move{r.move(Install)}}}
	}
	left := slices.DeleteFunc(r.state.Left(), func(o Object) bool { return !expendable(o) || !nameable(o) })
	if len(left) > 0 {
		return []Way{{Goal: "the release is gone; remove what its hooks left", Moves: []Move{{Delete: left}}}}
	}
	return nil
}

func (r *recovery) fromPending() []Way {
	good := r.goodRevision()
	if good == 0 {
		return r.fromNothingGood(r.newestFailed())
	}
	ways := []Way{}
	if r.command.Action == Rollback && r.target() != good {
		ways = append(ways, Way{Goal: "mend the cause and roll back again", Moves: []Move{r.back(r.target())}})
	}
	goal := goBack(good)
	if r.command.Action == Rollback {
		goal = fmt.Sprintf("return to revision %d", good)
	}
	ways = append(ways, Way{Goal: goal, Moves: []Move{r.back(good)}})
	if r.ranStoredHooks() {
		ways = append(ways, Way{Goal: fmt.Sprintf("roll back to revision %d without hooks, if those cannot be mended", r.usualTarget(good)), Moves: []Move{r.withoutHooks(r.back(r.usualTarget(good)))}})
	}
	return append(ways, Way{Goal: "go on to the new chart", Moves: []Move{r.back(good), r.move(Upgrade)}})
}

// usualTarget is where the first way of a pending rollback leads.
func (r *recovery) usualTarget(good int) int {
	if r.command.Action == Rollback {
		return r.target()
	}
	return good
}

// ranStoredHooks says that the hooks which ran last came from a stored revision: those of a rollback, also
// of the one in an atomic upgrade, and those of an uninstall. A mended chart does not change them.
func (r *recovery) ranStoredHooks() bool {
	if len(r.trace.phases) == 0 || r.command.Options.NoHooks {
		return false
	}
	failed := false
	for _, phase := range r.trace.phases {
		if stored := phase.Action == Rollback || phase.Action == Uninstall || phase.Action == Test; stored && phase.Result == Failed && len(phase.Steps) > 0 {
			failed = true
		}
	}
	return failed
}

func (r *recovery) withoutHooks(move Move) Move {
	move.Options.NoHooks = true
	return move
}

func (r *recovery) fromUninstalling() []Way {
	keep := r.goodRevision()
	if keep == 0 {
		keep = r.state.last().number
	}
	ways := []Way{{Goal: "mend the cause and uninstall again", Moves: []Move{r.move(Uninstall)}}}
	if r.ranStoredHooks() {
		ways = append(ways, Way{Goal: "uninstall without its hooks", Moves: []Move{r.withoutHooks(r.move(Uninstall))}})
	}
	goal := "keep the release"
	if r.state.live.Revision == 0 {
		goal = fmt.Sprintf("bring revision %d back, its objects made anew", keep)
	}
	return append(ways, Way{Goal: goal, Moves: []Move{r.back(keep)}})
}

// fromFailed is the state that most failures leave. Only a release that was deployed before can go back.
func (r *recovery) fromFailed(again Move) []Way {
	good := r.goodRevision()
	switch {
	case r.command.Action == Test || r.command.Action == Uninstall:
		return []Way{{Goal: "mend the cause and try again", Moves: []Move{again}}}
	case good != 0 && r.command.Action == Rollback:
		return []Way{
			{Goal: "mend the cause and roll back again", Moves: []Move{r.back(r.target())}},
			{Goal: "go forward", Moves: []Move{r.move(Upgrade)}},
		}
	case good != 0:
		return []Way{
			{Goal: "mend the cause and upgrade again", Moves: []Move{r.move(Upgrade)}},
			{Goal: goBack(good), Moves: []Move{r.back(good)}},
		}
	}
	onward := r.move(Upgrade)
	onward.Options.Install = true
	return []Way{
		{Goal: goalOnward, Moves: []Move{onward}},
		{Goal: goalReplace, Moves: []Move{r.replace()}},
		r.startOver(),
	}
}

// The goals that are told apart: an upgrade over a failed install runs no install hook, another install does.
const (
	goalOnward  = "mend the cause and go on"
	goalReplace = "mend the cause and install again over the failed one"
)

// startOver removes the release and installs it anew. Without a wait the new objects could meet the old ones
// on their way out, and go with them.
func (r *recovery) startOver() Way {
	remove := r.move(Uninstall)
	if !waits(remove.Options) {
		remove.Options.Wait = WaitWatcher
	}
	return Way{Goal: "start over", Moves: []Move{remove, r.move(Install)}}
}

// fromNothingGood are the ways out of a pending release none of whose revisions was ever deployed. A rollback
// asks only for a record (rollback.go prepareRollback), so it lifts the pending one.
func (r *recovery) fromNothingGood(revision int) []Way {
	back := Way{Goal: fmt.Sprintf("lift the pending status with what revision %d holds, then go on", revision), Moves: []Move{r.back(revision), r.move(Upgrade)}}
	if r.state.live.Revision == 0 {
		return []Way{r.startOver(), back}
	}
	return []Way{back, r.startOver()}
}

// newestFailed is the newest revision that is not pending; the last one where all are.
func (r *recovery) newestFailed() int {
	for i := len(r.state.history) - 1; i >= 0; i-- {
		if !r.state.history[i].status.pending() {
			return r.state.history[i].number
		}
	}
	return r.state.last().number
}

// move is a command under the flags that the failed one had, as far as they are its own.
func (r *recovery) move(action Action) Move {
	given := r.command.Options
	options := Options{Wait: given.Wait, Timeout: given.Timeout, NoHooks: given.NoHooks}
	switch action {
	case Install:
		options.WaitForJobs, options.SkipCRDs, options.Atomic, options.ServerSide = given.WaitForJobs, given.SkipCRDs, given.Atomic, given.ServerSide
	case Upgrade:
		options.WaitForJobs, options.Atomic, options.CleanupOnFail, options.ServerSide = given.WaitForJobs, given.Atomic, given.CleanupOnFail, given.ServerSide
		options.Install = given.Install && r.command.Action == Upgrade
	case Rollback:
		options.WaitForJobs, options.CleanupOnFail, options.ServerSide = given.WaitForJobs, given.CleanupOnFail, given.ServerSide
		if r.command.Action == Rollback {
			options.RollbackTo = given.RollbackTo
		}
	case Uninstall:
		options.KeepHistory = given.KeepHistory && r.command.Action == Uninstall
	case Test:
		options = Options{Timeout: given.Timeout, TestFilter: given.TestFilter}
	}
	return Move{Action: action, Options: options}
}

func (r *recovery) back(revision int) Move {
	move := r.move(Rollback)
	move.Options.RollbackTo = revision
	return move
}

func (r *recovery) replace() Move {
	move := r.move(Install)
	move.Options.Replace = true
	return move
}

// target is the revision that the failed rollback was to go to.
func (r *recovery) target() int {
	if to := r.command.Options.RollbackTo; to != 0 {
		return to
	}
	// The record that the rollback made stands between.
	return r.state.last().number - 2
}

// goodRevision is the revision to go back to: the deployed one, else the newest that once was. 0 is none.
func (r *recovery) goodRevision() int { return goodRevision(r.state) }

func goodRevision(s State) int {
	if deployed := s.deployed(); deployed != nil {
		return deployed.number
	}
	for i := len(s.history) - 1; i >= 0; i-- {
		if s.history[i].status == StatusSuperseded {
			return s.history[i].number
		}
	}
	return 0
}
