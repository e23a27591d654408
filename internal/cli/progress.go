package cli

import (
	"fmt"
	"os"
	"sync"
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
	said    time.Time
}

// patience is how long nothing is said, pace how long between two lines of a list.
const (
	patience = 500 * time.Millisecond
	pace     = 100 * time.Millisecond
)

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

// at tells how far a list is: done counts records until the number of releases is known.
func (p *progress) at(done, total int) {
	if !p.on || time.Since(p.started) < patience || time.Since(p.said) < pace {
		return
	}
	p.shown, p.said = true, time.Now()
	if total == 0 {
		fmt.Fprintf(p.env.Err, "\r\x1b[2K%d records listed", done)
		return
	}
	fmt.Fprintf(p.env.Err, "\r\x1b[2K%d of %d releases", done, total)
}

func (p *progress) done() {
	if p.shown {
		fmt.Fprint(p.env.Err, "\r\x1b[2K")
	}
}

// waiting says what is being done once it takes longer than patience, on a terminal only. What it gives must be
// called at the end, before anything else is written.
func waiting(env Env, what string) (done func()) { return newProgress(env, 0).during(what) }

func (p *progress) during(what string) (done func()) {
	if !p.on {
		return func() {}
	}
	var mutex sync.Mutex
	timer := time.AfterFunc(patience, func() {
		mutex.Lock()
		defer mutex.Unlock()
		if p.on {
			p.shown = true
			fmt.Fprintf(p.env.Err, "\r\x1b[2K%s …", printable(what))
		}
	})
	return func() {
		timer.Stop()
		mutex.Lock()
		defer mutex.Unlock()
		p.done()
		p.on, p.shown = false, false
	}
}
