package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/helm-hooks/helm-hooks/internal/cluster"
	"github.com/helm-hooks/helm-hooks/internal/cluster/record"
	"github.com/helm-hooks/helm-hooks/internal/render"
)

// quiet is how long a record may stay as it is before an action that is said to be under way counts as stuck. Helm
// writes the record when a hook begins and when it ends, and waits 5 minutes for each by default, so twice that leaves
// room for what comes between.
const quiet = 10 * time.Minute

func minutesWords(d time.Duration) string { return fmt.Sprintf("%d minutes", int(d.Minutes())) }

// listing is the answer as it comes in.
type listing struct {
	o      *listOptions
	client *cluster.Client
	answer render.Releases
	// broken is why the list ended early, skipped how many records were not asked for.
	broken  error
	skipped int
	errors  []render.ReleaseError
}

func (o *listOptions) listing(client *cluster.Client, records *cluster.Records) *listing {
	return &listing{o: o, client: client, answer: render.Releases{
		ShowIgnored: o.ignored, ShowLeft: o.leftovers, Context: client.Context, Driver: string(records.Driver()), Namespace: o.inNamespace(client), Selector: o.selectorText, Now: o.now,
		Items: []render.Release{},
	}}
}

// read lists all releases, and sorts what came.
func (l *listing) read(ctx context.Context, records *cluster.Records) error {
	progress := newProgress(l.o.env, 0)
	query := cluster.Query{Namespace: l.answer.Namespace, Selector: l.o.selector, Progress: progress.at}
	l.broken = records.List(ctx, query, l.take)
	progress.done()
	if err := ctx.Err(); err != nil {
		return err
	}
	slices.SortFunc(l.answer.Items, func(a, b render.Release) int {
		return cmp.Or(strings.Compare(a.Namespace, b.Namespace), strings.Compare(a.Name, b.Name))
	})
	slices.SortFunc(l.errors, func(a, b render.ReleaseError) int {
		return cmp.Or(strings.Compare(a.Namespace, b.Namespace), strings.Compare(a.Name, b.Name))
	})
	if l.skipped > 0 {
		l.errors = append(l.errors, render.ReleaseError{
			Message: counted(l.skipped, "more record") + " not asked for, since too many requests in a row had failed", Hint: "try again later",
		})
	}
	if l.broken != nil {
		// Where nothing came at all, nobody knows how many releases there are.
		if l.answer.Partial = true; l.answer.Total == 0 {
			l.answer.Items = nil
		}
		l.errors = append(l.errors, releaseError(l.broken))
	}
	l.answer.Errors = l.errors
	return nil
}

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun + " was"
	}
	return fmt.Sprintf("%d %ss were", n, noun)
}

// take makes a row of a release, unless a filter is against it. Nothing else is kept of the record.
func (l *listing) take(one cluster.Listed) {
	l.answer.Total++
	row := l.row(one)
	if one.Err != nil {
		l.answer.Unread++
		l.blame(one)
	}
	failed := row.Status == "failed" || slices.ContainsFunc(row.Troubled, func(run render.HookRun) bool { return !run.Running })
	stuck := row.Pending != nil && row.Pending.Stuck
	switch {
	case (l.o.failed || l.o.stuck) && (!l.o.failed || !failed) && (!l.o.stuck || !stuck):
	case !row.Unread && row.Hooks == 0 && !l.o.all && !l.o.ignored:
		l.answer.Hidden++
	default:
		l.answer.Items = append(l.answer.Items, row)
	}
}

// blame notes why a record could not be read.
func (l *listing) blame(one cluster.Listed) {
	if errors.Is(one.Err, cluster.ErrNotAsked) {
		l.skipped++
		return
	}
	problem := releaseError(one.Err)
	problem.Namespace, problem.Name, problem.Object = one.Namespace, one.Release, one.Object
	l.errors = append(l.errors, problem)
}

func releaseError(err error) render.ReleaseError {
	problem := render.ReleaseError{Message: err.Error()}
	var known *hintError
	if errors.As(withClusterHint(err), &known) {
		problem.Hint = known.hint
	}
	return problem
}

func (l *listing) row(one cluster.Listed) render.Release {
	row := render.Release{
		Namespace: one.Namespace, Name: one.Release, Revision: one.Revision, Status: one.Status, Stored: one.Revisions, Deployed: one.Deployed,
		Unread: one.Err != nil,
	}
	if row.Unread {
		row.Pending = l.pending(row.Status, one.Created, latest(one.Created, one.Modified))
		return row
	}
	r := one.Record
	row.Status = cmp.Or(r.Info.Status, one.Status)
	if r.Namespace != one.Namespace {
		row.Target = r.Namespace
	}
	row.Chart, row.ChartVersion, row.AppVersion, row.ApplyMethod = r.Chart.Name, r.Chart.Version, r.Chart.AppVersion, r.ApplyMethod
	row.FirstDeployed, row.Updated = r.Info.FirstDeployed.Time, r.Info.LastDeployed.Time
	since := r.Info.LastDeployed.Time
	if row.Status == "uninstalling" {
		since = r.Info.Deleted.Time
	}
	sign := latest(one.Modified, one.Created, since)
	for _, hook := range r.Hooks {
		sign = latest(sign, hook.LastRun.StartedAt.Time, hook.LastRun.CompletedAt.Time)
	}
	row.Pending = l.pending(row.Status, since, sign)
	row.Hooks, row.Actions, row.Events = len(r.Hooks), map[string]int{}, map[string]int{}
	for _, hook := range r.Hooks {
		countHook(hook, row)
		if run, ok := l.troubled(hook, sign); ok {
			row.Troubled = append(row.Troubled, run)
		}
	}
	slices.SortStableFunc(row.Troubled, func(a, b render.HookRun) int {
		return -cmp.Or(a.Completed, a.Started).Compare(cmp.Or(b.Completed, b.Started))
	})
	return row
}

// countHook counts a hook once for each event and each action in which it runs.
func countHook(hook record.Hook, row render.Release) {
	events, actions := map[string]bool{}, map[string]bool{}
	for _, event := range hook.Events {
		events[event] = true
		actions[actionOf(event)] = true
	}
	for event := range events {
		row.Events[event]++
	}
	for action := range actions {
		row.Actions[action]++
	}
}

// actionOf is the action in which an event comes: what is pre-delete in a chart is helm uninstall.
func actionOf(event string) string {
	_, action, _ := strings.Cut(event, "-")
	switch {
	case action == "delete":
		return "uninstall"
	case action == "":
		return event
	}
	return action
}

// pending says how long an action has been under way, and whether it still can be.
func (l *listing) pending(status string, since, sign time.Time) *render.Pending {
	switch status {
	case "pending-install", "pending-upgrade", "pending-rollback", "uninstalling":
		return &render.Pending{Since: since, LastSign: sign, Stuck: l.isQuiet(sign)}
	}
	return nil
}

// isQuiet says that nothing has been heard of an action for so long that it can hardly be at work.
func (l *listing) isQuiet(sign time.Time) bool { return l.o.now.Sub(sign) > quiet }

// troubled tells of a hook's run that has not come to a good end.
func (l *listing) troubled(hook record.Hook, sign time.Time) (render.HookRun, bool) {
	last := hook.LastRun
	if last.Phase == "" || last.Phase == "Succeeded" {
		return render.HookRun{}, false
	}
	return render.HookRun{
		Kind: hook.Kind, Name: hook.Name, Template: hook.Path, Events: hook.Events, Phase: last.Phase,
		Running: last.Phase == "Running" && !l.isQuiet(sign), Started: last.StartedAt.Time, Completed: last.CompletedAt.Time,
	}, true
}

func latest(times ...time.Time) time.Time { return slices.MaxFunc(times, time.Time.Compare) }

// note says what is not on stdout, and that there is nothing where that is so.
func (l *listing) note() string {
	a := l.answer
	what := "with hooks"
	if l.o.all {
		what = ""
	}
	switch {
	case l.o.failed && l.o.stuck:
		what += " that failed or are stuck"
	case l.o.failed:
		what += " that failed"
	case l.o.stuck:
		what += " that are stuck"
	}
	var parts []string
	if len(a.Items) == 0 && !a.Partial {
		where := fmt.Sprintf("in namespace %q", a.Namespace)
		if a.Namespace == "" {
			where = "in any namespace"
		}
		parts = append(parts, strings.Join(strings.Fields("no releases "+what+" "+where), " "))
	}
	if a.Hidden > 0 && (len(a.Items) == 0 || l.o.output != "name") {
		verb := "releases without hooks are not shown"
		if a.Hidden == 1 {
			verb = "release without hooks is not shown"
		}
		parts = append(parts, fmt.Sprintf("%d %s; --all shows them", a.Hidden, verb))
	}
	return strings.Join(parts, "; ")
}

// complained is how many errors are spelled out; JSON has them all.
const complained = 10

// complain says on stderr what could not be read. The last error is the command's.
func (l *listing) complain() error {
	shown := l.errors
	if len(shown) > complained+1 {
		// The last ones are about the whole list.
		shown = slices.Concat(l.errors[:complained], []render.ReleaseError{{
			Message: fmt.Sprintf("%d more records could not be read", len(l.errors)-complained-1), Hint: "-o json names them all",
		}}, l.errors[len(l.errors)-1:])
	}
	for i, e := range shown {
		if i == len(shown)-1 {
			return &hintError{errors.New(e.Message), e.Hint}
		}
		fmt.Fprintf(l.o.env.Err, "error: %s\n", printable(e.Message))
		if e.Hint != "" && e.Hint != shown[i+1].Hint {
			fmt.Fprintf(l.o.env.Err, "hint: %s\n", printable(e.Hint))
		}
	}
	return nil
}
