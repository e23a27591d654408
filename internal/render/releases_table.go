package render

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	human "k8s.io/apimachinery/pkg/util/duration"
)

// ReleasesTable writes a row a release, and nothing at all where there is none.
func ReleasesTable(w io.Writer, r Releases, s Style) error { return releasesTable(w, r, s, false) }

// ReleasesWide writes the same rows with more columns, and every hook in trouble.
func ReleasesWide(w io.Writer, r Releases, s Style) error { return releasesTable(w, r, s, true) }

func releasesTable(w io.Writer, r Releases, s Style, wide bool) error {
	if len(r.Items) == 0 {
		return nil
	}
	var rows [][]string
	var paints []paint
	for _, one := range r.Items {
		cells := releaseCells(r, one, wide)
		for i, cell := range cells {
			if cells[i] = strings.TrimSpace(s.text(cell)); cells[i] == "" {
				cells[i] = s.text(noValue)
			}
		}
		rows = append(rows, cells)
		paints = append(paints, releasePaint(one))
	}
	text, err := aligned(releaseTitles(r, wide), rows)
	if err != nil {
		return err
	}
	var out strings.Builder
	out.WriteString(s.text(releasesTitle(r)) + "\n")
	for i, line := range strings.Split(strings.TrimRight(string(text), "\n"), "\n") {
		how := bold
		if i > 0 {
			how = paints[i-1]
		}
		out.WriteString(s.colored(span{strings.TrimRight(line, " "), how}) + "\n")
	}
	_, err = io.WriteString(w, out.String())
	return err
}

// releasesTitle says where was looked, and how much of what is there is shown.
func releasesTitle(r Releases) string {
	var parts []string
	if r.Context != "" {
		parts = append(parts, "context "+r.Context)
	}
	if r.Namespace == "" {
		parts = append(parts, "all namespaces")
	} else {
		parts = append(parts, "namespace "+r.Namespace)
	}
	shown := fmt.Sprintf("%d of %s", len(r.Items), count(r.Total, "release"))
	if r.Total == len(r.Items) {
		shown = count(r.Total, "release")
	}
	parts = append(parts, shown)
	if r.Partial {
		parts = append(parts, "the list broke off")
	}
	return strings.Join(parts, " · ")
}

func releaseTitles(r Releases, wide bool) []string {
	titles := []string{"NAME", "REVISION", "STATUS", "HOOKS", "LAST HOOK FAILURE", "STUCK"}
	if r.ShowIgnored {
		titles = append(titles, "IGNORED")
	}
	if r.ShowLeft {
		titles = append(titles, "LEFT")
	}
	if r.Namespace == "" {
		titles = slices.Insert(titles, 0, "NAMESPACE")
	}
	if wide {
		titles = append(titles, "UPDATED", "DEPLOYED", "STORED", "CHART", "APPLY", "DEPLOYS TO")
	}
	return titles
}

func releaseCells(r Releases, one Release, wide bool) []string {
	cells := []string{one.Name, strconv.Itoa(one.Revision), one.Status, hooksWords(one, wide), troubleWords(r, one, wide), stuckWords(r, one)}
	if r.ShowIgnored {
		cells = append(cells, foundWords(one, one.Ignored, wide))
	}
	if r.ShowLeft {
		cells = append(cells, foundWords(one, one.Left, wide))
	}
	if r.Namespace == "" {
		cells = slices.Insert(cells, 0, one.Namespace)
	}
	if !wide {
		return cells
	}
	deployed, chart, target := "", one.Chart, one.Namespace
	if one.Deployed > 0 {
		deployed = strconv.Itoa(one.Deployed)
	}
	if one.ChartVersion != "" {
		chart += "-" + one.ChartVersion
	}
	if one.Target != "" {
		target = one.Target
	}
	if one.Unread {
		target = "unknown"
	}
	return append(cells, ago(r.Now, one.Updated), deployed, strconv.Itoa(one.Stored), chart, one.ApplyMethod, target)
}

// releaseActions and releaseEvents are in the order of a release's life.
func releaseActions() []string {
	return []string{"install", "upgrade", "rollback", "uninstall", "test"}
}

func releaseEvents() []string {
	return []string{
		"pre-install", "post-install", "pre-upgrade", "post-upgrade", "pre-rollback", "post-rollback", "pre-delete", "post-delete", "test",
	}
}

// hooksWords counts hooks by action, or by event. A hook may run in several.
func hooksWords(one Release, wide bool) string {
	switch {
	case one.Unread:
		return "unknown: the record cannot be read"
	case one.Hooks == 0:
		return "none"
	}
	order, counts := releaseActions(), one.Actions
	if wide {
		order, counts = releaseEvents(), one.Events
	}
	var parts []string
	for _, name := range order {
		if counts[name] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[name], name))
		}
	}
	if len(parts) == 0 {
		return strconv.Itoa(one.Hooks)
	}
	return fmt.Sprintf("%d (%s)", one.Hooks, strings.Join(parts, ", "))
}

// troubleWords name the hook that failed last.
func troubleWords(r Releases, one Release, wide bool) string {
	if one.Unread {
		return "unknown"
	}
	var words []string
	for _, run := range one.Troubled {
		if !run.Running {
			words = append(words, runWords(r, run, wide))
		}
	}
	switch {
	case len(words) == 0:
		return ""
	case wide:
		return strings.Join(words, "; ")
	case len(words) > 1:
		return fmt.Sprintf("%s, and %d more", words[0], len(words)-1)
	}
	return words[0]
}

// runWords tell a hook's bad end. The record does not say in which event it ran, unless there is but one.
func runWords(r Releases, run HookRun, wide bool) string {
	text := run.Kind + "/" + run.Name
	if len(run.Events) == 1 || wide {
		text += " (" + strings.Join(run.Events, ", ") + ")"
	}
	at := run.Completed
	if run.Phase != "Failed" {
		text, at = text+" did not finish", run.Started
	}
	if when := ago(r.Now, at); when != "" {
		text += " " + when
	}
	return text
}

// stuckWords say for how long an action has been pending.
func stuckWords(r Releases, one Release) string {
	if one.Pending == nil {
		return ""
	}
	long := age(r.Now, one.Pending.Since)
	switch {
	case one.Pending.Stuck && long == "":
		return "yes"
	case one.Pending.Stuck:
		return "for " + long
	case long == "":
		return "not yet"
	}
	return "not yet (" + long + ")"
}

// foundWords name objects of a release; all of them where there is room.
func foundWords(one Release, found *ReleaseObjects, wide bool) string {
	if found == nil {
		return "unknown"
	}
	const named = 2
	shown := objectsWords(found.Objects, one.Namespace)
	if len(found.Objects) > named && !wide {
		shown = fmt.Sprintf("%s and %d more", objectsWords(found.Objects[:named], one.Namespace), len(found.Objects)-named)
	}
	switch {
	case found.Why == "":
		return shown
	case shown != "":
		shown += ", and "
	}
	if wide {
		return shown + "unknown: " + found.Why
	}
	return shown + "unknown"
}

func releasePaint(one Release) paint {
	failed := slices.ContainsFunc(one.Troubled, func(run HookRun) bool { return !run.Running })
	switch {
	case one.Pending != nil && one.Pending.Stuck, one.Status == "failed":
		return red
	case failed, one.Unread:
		return yellow
	}
	return plain
}

// age is how long ago something was, as kubectl writes it; empty where the time is not known. Clocks that disagree
// must not make it negative.
func age(now, then time.Time) string {
	if then.IsZero() {
		return ""
	}
	return human.HumanDuration(max(0, now.Sub(then)))
}

func ago(now, then time.Time) string {
	if text := age(now, then); text != "" {
		return text + " ago"
	}
	return ""
}
