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
	// Unrun are hooks of an install that this way never runs.
	Unrun []Object
	// History and Live are where the way ends.
	History []RevisionStatus
	Live    Live
	// Left are the hook objects that exist at its end.
	Left       []Object
	Prediction Prediction
}

// Move is one command of a way out: a Helm command, or the deletion of objects by hand.
type Move struct {
	// Action is empty where Delete says what to delete with kubectl.
	Action  Action
	Options Options
	Delete  []Object
}

// Refusal is a command that does not work.
type Refusal struct {
	Move  Move
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
	r.found.Logs = r.logs()
	for _, way := range r.candidates() {
		if err := r.try(way); err != nil {
			return nil, err
		}
	}
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
		return []Way{{Goal: "start over", Moves: []Move{r.move(Uninstall), r.move(Install)}}}
	case StatusPendingUpgrade, StatusPendingRollback:
		return r.fromPending()
	case StatusUninstalling:
		return r.fromUninstalling()
	case StatusUninstalled:
		return []Way{
			{Goal: "forget the release", Moves: []Move{{Action: Uninstall}}},
			{Goal: "install it anew", Moves: []Move{r.replace()}},
		}
	case StatusFailed:
		return r.fromFailed(again)
	}
	return []Way{{Goal: "mend the cause and try again", Moves: []Move{again}}}
}

// withoutRecord is where Helm knows nothing of the release any more.
func (r *recovery) withoutRecord(again Move) []Way {
	if r.trace.Action == Install || r.trace.Outcome.Refused {
		return []Way{{Goal: "mend the cause and try again", Moves: []Move{again}}}
	}
	left := slices.DeleteFunc(r.state.Left(), func(o Object) bool { return !expendable(o) })
	if len(left) > 0 {
		return []Way{{Goal: "the release is gone; remove what its hooks left", Moves: []Move{{Delete: left}}}}
	}
	return nil
}

func (r *recovery) fromPending() []Way {
	good := r.goodRevision()
	if good == 0 {
		return []Way{{Goal: "start over", Moves: []Move{r.move(Uninstall), r.move(Install)}}}
	}
	ways := []Way{}
	if r.command.Action == Rollback && r.target() != good {
		ways = append(ways, Way{Goal: "mend the cause and roll back again", Moves: []Move{r.back(r.target())}})
	}
	goal := goBack(good)
	if r.command.Action == Rollback {
		goal = fmt.Sprintf("stay with revision %d", good)
	}
	ways = append(ways, Way{Goal: goal, Moves: []Move{r.back(good)}})
	if r.ranStoredHooks() {
		ways = append(ways, Way{Goal: "the same without hooks, if they cannot be mended", Moves: []Move{r.withoutHooks(r.back(r.usualTarget(good)))}})
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
		if stored := phase.Action == Rollback || phase.Action == Uninstall; stored && phase.Result == Failed && len(phase.Steps) > 0 {
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
	return []Way{
		{Goal: "mend the cause and uninstall again", Moves: []Move{r.move(Uninstall)}},
		{Goal: "uninstall without its hooks", Moves: []Move{r.withoutHooks(r.move(Uninstall))}},
		{Goal: "keep the release", Moves: []Move{r.back(keep)}},
	}
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
		{Goal: "mend the cause and go on", Moves: []Move{onward}},
		{Goal: "start over", Moves: []Move{r.move(Uninstall), r.move(Install)}},
		{Goal: "install again over the failed one", Moves: []Move{r.replace()}},
	}
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
func (r *recovery) goodRevision() int {
	if deployed := r.state.deployed(); deployed != nil {
		return deployed.number
	}
	for i := len(r.state.history) - 1; i >= 0; i-- {
		if r.state.history[i].status == StatusSuperseded {
			return r.state.history[i].number
		}
	}
	return 0
}
