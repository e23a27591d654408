//go:build fluxrecord && linux

package flux

import (
	"fmt"
	"strings"
)

// folder folds requests into Helm actions. The controller announces each action in the conditions of the status, but
// for the uninstall of a HelmRelease that goes or has another target; whatever it does, it patches the HelmRelease when
// that is over.
type folder struct {
	home string
	// statuses are the records' last lines, which outlive a step.
	statuses map[string]string
	all      []Action
	// ended is how many actions are over.
	ended int
	open  bool
	// stale is the action that the conditions still announce though it is over.
	stale string
}

// fold gives the actions, and how many of them are over.
func fold(calls []call, home string, statuses map[string]string) (all []Action, ended int) {
	f := &folder{home: home, statuses: statuses}
	for _, c := range calls {
		if c.release {
			f.patched(c)
		} else {
			f.did(c)
		}
	}
	return f.all, f.ended
}

// patched is a patch of the HelmRelease. One without conditions tells nothing by itself.
func (f *folder) patched(c call) {
	if f.open && (len(f.last().Trace) > 0 || c.conditions && c.running != f.last().Name) {
		f.open, f.ended, f.stale = false, len(f.all), f.last().Name
	}
	switch {
	case !c.conditions:
	case c.running == "":
		f.stale = ""
	case !f.open && c.running != f.stale:
		f.begin(c.running)
	}
}

func (f *folder) last() *Action { return &f.all[len(f.all)-1] }

func (f *folder) begin(name string) {
	f.all = append(f.all, Action{Name: name})
	f.open, f.stale = true, ""
}

// did is a request that is part of an action. Of those for a record only what changes its status counts.
func (f *folder) did(c call) {
	if !f.open {
		f.begin("uninstall")
	}
	if c.record != "" {
		revision := c.record[:strings.LastIndex(c.record, " ")]
		if f.statuses[revision] == c.record && c.code < 400 {
			return
		}
		f.statuses[revision] = c.record
	}
	f.last().Trace = append(f.last().Trace, c.line(f.home))
}

// line is the request as the recording has it.
func (c call) line(home string) string {
	text := c.verb + " " + c.resource + "/" + strings.ReplaceAll(c.name, home, Home)
	if c.record != "" {
		text = "record " + strings.ReplaceAll(c.record, otherOf(home), Other)
	}
	if c.namespace != "" && c.namespace != home {
		text += " in " + strings.ReplaceAll(c.namespace, otherOf(home), Other)
	}
	if c.code >= 400 {
		text += fmt.Sprintf(" (%d)", c.code)
	}
	return text
}

func otherOf(home string) string { return home + "-other" }
