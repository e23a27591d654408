package cli

import (
	"fmt"
	"os"
	"time"

	"golang.org/x/term"
)

// progress tells somebody at a terminal that there is more to come.
type progress struct {
	env     Env
	on      bool
	shown   bool
	count   int
	total   int
	started time.Time
}

// patience is how long nothing is said.
const patience = 500 * time.Millisecond

func newProgress(env Env, total int) *progress {
	file, ok := env.Err.(*os.File)
	return &progress{env: env, total: total, started: time.Now(), on: ok && term.IsTerminal(int(file.Fd())) && env.get("TERM") != "dumb"}
}

func (p *progress) next(what string) {
	p.count++
	if p.on && time.Since(p.started) > patience {
		p.shown = true
		fmt.Fprintf(p.env.Err, "\r\x1b[2K%d of %d: %s", p.count, p.total, printable(what))
	}
}

func (p *progress) done() {
	if p.shown {
		fmt.Fprint(p.env.Err, "\r\x1b[2K")
	}
}
