package stage

import (
	"context"
	"errors"
	"runtime"

	"github.com/helm-hooks/helm-hooks/test/oracle/scenario"
)

var (
	errInterrupted = errors.New("interrupted")
	errKilled      = errors.New("killed")
)

// stopped is how a wait ends that a signal strikes.
func stopped(signal string) error {
	if signal == scenario.AtKill {
		return errKilled
	}
	return errInterrupted
}

// Context is the one that Helm's command line hands to install and upgrade: it is cancelled by the first
// SIGINT or SIGTERM (v3 cmd/helm/install.go runInstall and upgrade.go, v4 pkg/cmd). Nothing else may cancel
// it, not even the end of the step: handleContext (upgrade.go) may only then come to look at it, and would
// fail an upgrade that is over.
func (r *Recorder) Context() context.Context { return r.ctx }

// signals are the faults that may end a wait now. An interrupt during the undo of an atomic action is left
// out: the goroutine that listens for it races with the one that undoes (upgrade.go handleContext).
func (r *Recorder) signals() []string {
	if r.action != r.step.Action {
		return []string{scenario.AtKill}
	}
	return []string{scenario.AtInterrupt, scenario.AtKill}
}

// obey does what the signal that ended a wait with err does.
//
// Install and upgrade catch an interrupt: their context is cancelled, and what they do about that goes on in
// another goroutine. The one that waited would notice nothing; it ends here, as it does in a process that is
// over before the hook is. All other actions die of it, as every action does of a kill: from then on nothing
// that is left of Helm in this process changes anything, and it comes to its end by errors.
func (r *Recorder) obey(err error) {
	switch {
	case !errors.Is(err, errInterrupted) && !errors.Is(err, errKilled), r.died != nil:
	case errors.Is(err, errInterrupted) && (r.action == scenario.Install || r.action == scenario.Upgrade):
		r.signal()
		runtime.Goexit()
	default:
		r.died = err
		r.stage.Records.Seal(true)
	}
}
