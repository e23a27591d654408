package plan

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// began is when the action that wrote a record began in the tests below.
var began = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

// hookDocument is a Job that is a hook; phase and minute are its last run, minutes after the action began.
func hookDocument(name, events, policies, phase string, minute int) Document {
	text := "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: " + name + "\n  annotations:\n    helm.sh/hook: \"" + events + "\"\n"
	if policies != "" {
		text += "    helm.sh/hook-delete-policy: \"" + policies + "\"\n"
	}
	d := Document{Template: "c/templates/" + name + ".yaml", Text: text + "spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: i}]}}}\n"}
	if phase != "" {
		d.LastRun = LastRun{Phase: phase, Started: began.Add(time.Duration(minute) * time.Minute)}
	}
	return d
}

func configDocument(name string) Document {
	return Document{Template: "c/templates/" + name + ".yaml", Text: "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: " + name + "\n"}
}

// storedRevision is a record as an action has left it.
func storedRevision(t *testing.T, number int, status Status, description string, documents ...Document) *revision {
	t.Helper()
	inventory, err := Classify(Rendered{Documents: documents}, Release{Name: "r", Namespace: "ns"}, engineOf(t, "helm4"))
	if err != nil {
		t.Fatal(err)
	}
	return &revision{
		number: number, rendered: number, status: status, inventory: inventory, serverSide: true,
		stored: Stored{Description: description, Documents: documents, Began: began},
	}
}

// The descriptions are those of pkg/action/install.go, upgrade.go, rollback.go and uninstall.go, the same in v3.22 and
// v4.3.
func TestReached(t *testing.T) {
	const canceled = "context canceled"
	job := func(events, phase string, minute int) Document { return hookDocument("job", events, "", phase, minute) }
	other := func(events, phase string, minute int) Document {
		return hookDocument("other", events, "", phase, minute)
	}
	for _, c := range []struct {
		name, description string
		status            Status
		number            int
		hooks             []Document
		want              reach
	}{
		{"an install", "Install complete", StatusDeployed, 1, nil, reachedAll},
		{"an upgrade that another one followed", "Upgrade complete", StatusSuperseded, 2, nil, reachedAll},
		{"one with a description of the user's own", "hotfix, see #12", StatusSuperseded, 2, nil, reachedAll},
		{"a failure that a failed rollback made superseded", `Upgrade "r" failed: cannot patch "a" with kind Job`, StatusSuperseded, 2, nil, reachedSome},
		{"a hook before an install", `Release "r" failed: failed pre-install: job job failed: BackoffLimitExceeded`, StatusFailed, 1, nil, reachedNothing},
		{"a hook after an install", `Release "r" failed: failed post-install: timed out waiting for the condition`, StatusFailed, 1, nil, reachedAll},
		{"a hook before an upgrade", `Upgrade "r" failed: pre-upgrade hooks failed: resource Job/ns/job not ready. status: Failed`, StatusFailed, 2, nil, reachedNothing},
		{"a hook after an upgrade", `Upgrade "r" failed: post-upgrade hooks failed: warning: Hook post-upgrade c/templates/job.yaml failed: x`, StatusFailed, 2, nil, reachedAll},
		{"the resources of an upgrade", `Upgrade "r" failed: cannot patch "pre-upgrade hooks failed" with kind Job`, StatusFailed, 2, nil, reachedSome},
		{"the resources, then a test that shares a hook", `Upgrade "r" failed: timed out`, StatusFailed, 2, []Document{job("post-upgrade,test", "Succeeded", 9)}, reachedSome},
		{"the resources of a rollback", `Rollback "r" failed: cannot patch "a" with kind Job`, StatusFailed, 3, nil, reachedSome},
		{"the wait of a rollback", `Release "r" failed: timed out waiting for the condition`, StatusFailed, 3, nil, reachedSome},
		{"Ctrl-C in a hook before", `Upgrade "r" failed: ` + canceled, StatusFailed, 2, []Document{job("pre-upgrade", "Unknown", 1)}, reachedNothing},
		{"Ctrl-C in the first of two hooks before", `Upgrade "r" failed: ` + canceled, StatusFailed, 2, []Document{job("pre-upgrade,post-upgrade", "Unknown", 1), other("pre-upgrade", "", 0)}, reachedNothing},
		{"Ctrl-C in a hook that runs before and after", `Upgrade "r" failed: ` + canceled, StatusFailed, 2, []Document{job("pre-upgrade,post-upgrade", "Unknown", 1)}, reachedSome},
		{"Ctrl-C in a hook after", `Upgrade "r" failed: ` + canceled, StatusFailed, 2, []Document{job("pre-upgrade", "Succeeded", 1), other("post-upgrade", "Unknown", 2)}, reachedAll},
		{"Ctrl-C in the resources", `Release "r" failed: ` + canceled, StatusFailed, 1, []Document{job("pre-install", "Succeeded", 1), other("post-install", "", 0)}, reachedSome},
		{"kill in a hook before an install", "Initial install underway", StatusPendingInstall, 1, []Document{job("pre-install", "Running", 1)}, reachedNothing},
		{"kill in a hook after an install", "Initial install underway", StatusPendingInstall, 1, []Document{job("pre-install", "Succeeded", 1), other("post-install", "Running", 2)}, reachedAll},
		{"kill in the resources of an install", "Initial install underway", StatusPendingInstall, 1, nil, reachedSome},
		{"kill in a hook before an upgrade", "Preparing upgrade", StatusPendingUpgrade, 2, []Document{job("pre-upgrade", "Running", 1)}, reachedNothing},
		{"kill in a hook after an upgrade", "Preparing upgrade", StatusPendingUpgrade, 2, []Document{job("post-upgrade", "Running", 1)}, reachedAll},
		{"a hook before a rollback", "Rollback to 1", StatusPendingRollback, 3, []Document{job("pre-rollback", "Running", 1)}, reachedNothing},
		{"a hook after a rollback", "Rollback to 1", StatusPendingRollback, 3, []Document{job("post-rollback", "Running", 1)}, reachedAll},
		{"a rollback with the times of its target", "Rollback to 1", StatusPendingRollback, 3, []Document{job("post-rollback", "Succeeded", -60)}, reachedSome},
		{"a hook before an uninstall", "Deletion in progress (or silently failed)", StatusUninstalling, 2, []Document{job("pre-delete", "Running", 1)}, reachedNothing},
		{"kill in a hook after an uninstall", "Deletion in progress (or silently failed)", StatusUninstalling, 2, []Document{job("pre-delete", "Succeeded", 1), other("post-delete", "Running", 2)}, reachedAll},
		{"the resources of an uninstall", "Deletion in progress (or silently failed)", StatusUninstalling, 2, []Document{job("pre-delete", "Succeeded", 1)}, reachedSome},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := reached(storedRevision(t, c.number, c.status, c.description, c.hooks...)); got != c.want {
				t.Errorf("reached %d, want %d", got, c.want)
			}
		})
	}
}

func TestBroken(t *testing.T) {
	for _, c := range []struct {
		status      Status
		number      int
		description string
		rolledBack  int
		hooks       []Document
		want        Action
	}{
		{StatusPendingInstall, 1, "Initial install underway", 0, nil, Install},
		{StatusPendingUpgrade, 2, "Preparing upgrade", 0, nil, Upgrade},
		{StatusPendingRollback, 3, "Rollback to 1", 0, nil, Rollback},
		{StatusUninstalling, 3, "Deletion in progress (or silently failed)", 0, nil, Uninstall},
		{StatusFailed, 1, `Release "r" failed: failed pre-install: x`, 0, nil, Install},
		{StatusFailed, 4, `Release "r" failed: failed pre-install: x`, 0, []Document{hookDocument("job", "pre-install", "", "Failed", 1)}, Install},
		{StatusFailed, 2, `Upgrade "r" failed: x`, 0, nil, Upgrade},
		{StatusFailed, 3, `Rollback "r" failed: x`, 0, nil, Rollback},
		// The wait of a rollback (rollback.go performRollback SetStatus): only Helm 4 notes where it went, and only
		// the times of the hooks, which it copies, tell that of Helm 3 from an install --replace.
		{StatusFailed, 3, `Release "r" failed: timed out`, 1, nil, Rollback},
		{StatusFailed, 3, `Release "r" failed: timed out`, 0, []Document{hookDocument("job", "pre-install", "", "Succeeded", -60)}, Rollback},
	} {
		r := storedRevision(t, c.number, c.status, c.description, c.hooks...)
		r.stored.RollbackTo = c.rolledBack
		if got := broken(r); got != c.want {
			t.Errorf("revision %d, %s, %q: %s, want %s", c.number, c.status, c.description, got, c.want)
		}
	}
}

func TestLiveOf(t *testing.T) {
	const (
		good   = "Upgrade complete"
		before = `Upgrade "r" failed: pre-upgrade hooks failed: x`
		within = `Upgrade "r" failed: cannot patch "a" with kind Job`
		behind = `Upgrade "r" failed: post-upgrade hooks failed: x`
		gone   = "Uninstallation complete"
		going  = "Deletion in progress (or silently failed)"
	)
	type record struct {
		status      Status
		description string
	}
	for _, c := range []struct {
		name       string
		records    []record
		want       Live
		candidates []int
	}{
		{"deployed", []record{{StatusSuperseded, good}, {StatusDeployed, good}}, Live{Revision: 2, Rendered: 2}, []int{2}},
		{"failed before", []record{{StatusDeployed, good}, {StatusFailed, before}}, Live{Revision: 1, Rendered: 1}, []int{1}},
		{"failed within", []record{{StatusDeployed, good}, {StatusFailed, within}}, Live{Revision: 2, Rendered: 2, Partly: true, Before: 1}, []int{2, 1}},
		{"failed behind", []record{{StatusDeployed, good}, {StatusFailed, behind}}, Live{Revision: 2, Rendered: 2}, []int{2}},
		{"failed behind, then before", []record{{StatusDeployed, good}, {StatusFailed, behind}, {StatusFailed, before}}, Live{Revision: 2, Rendered: 2}, []int{2}},
		{"failed within, then before", []record{{StatusDeployed, good}, {StatusFailed, within}, {StatusFailed, before}}, Live{Revision: 2, Rendered: 2, Partly: true, Before: 1}, []int{2, 1}},
		{"failed within twice", []record{{StatusDeployed, good}, {StatusFailed, within}, {StatusFailed, within}}, Live{Revision: 3, Rendered: 3, Partly: true, Before: 1}, []int{3, 2, 1}},
		{"a rollback that made a failure superseded", []record{{StatusSuperseded, good}, {StatusSuperseded, within}, {StatusFailed, `Rollback "r" failed: x`}}, Live{Revision: 3, Rendered: 3, Partly: true, Before: 1}, []int{3, 2, 1}},
		{"an uninstall of what was deployed", []record{{StatusSuperseded, good}, {StatusUninstalling, going}}, Live{Revision: 2, Rendered: 2, Partly: true}, []int{2}},
		{"an uninstall of what had failed", []record{{StatusDeployed, good}, {StatusFailed, within}, {StatusUninstalling, going}}, Live{Revision: 3, Rendered: 3, Partly: true, Before: 1}, []int{3, 2, 1}},
		{"an uninstall after failures only", []record{{StatusFailed, within}, {StatusUninstalling, going}}, Live{Revision: 2, Rendered: 2, Partly: true, Before: 1}, []int{2, 1}},
		{"uninstalled", []record{{StatusSuperseded, good}, {StatusUninstalled, gone}}, Live{Deleted: true}, nil},
		{"failed before, over an uninstalled one", []record{{StatusUninstalled, gone}, {StatusFailed, `Release "r" failed: failed pre-install: x`}}, Live{Deleted: true}, nil},
		{"a first install that failed before", []record{{StatusFailed, `Release "r" failed: failed pre-install: x`}}, Live{}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			state := State{}
			for i, r := range c.records {
				state.history = append(state.history, *storedRevision(t, i+1, r.status, r.description, configDocument("a")))
			}
			got, candidates, err := liveOf(&state)
			if err != nil || got != c.want || !slices.Equal(candidates, c.candidates) {
				t.Errorf("live is %+v of %v (%v), want %+v of %v", got, candidates, err, c.want, c.candidates)
			}
		})
	}
}

func TestLeftByLastRun(t *testing.T) {
	failed := func(what string) string { return `Upgrade "r" failed: pre-upgrade hooks failed: ` + what }
	created := func(why string) string {
		return failed("warning: Hook pre-upgrade c/templates/job.yaml failed: " + why)
	}
	for _, c := range []struct {
		name, policies, phase, description string
		status                             Status
		left, unsure                       bool
	}{
		{"it has not run", "", "", "Upgrade complete", StatusDeployed, false, false},
		{"success", "", "Succeeded", "Upgrade complete", StatusDeployed, true, false},
		{"success with hook-succeeded", "hook-succeeded", "Succeeded", "Upgrade complete", StatusDeployed, false, false},
		{"success with hook-failed", "hook-failed", "Succeeded", "Upgrade complete", StatusDeployed, true, false},
		{"failure", "", "Failed", failed("job job failed"), StatusFailed, true, false},
		{"failure with hook-failed", "hook-failed", "Failed", failed("job job failed"), StatusFailed, false, false},
		{"failure with hook-succeeded", "hook-succeeded", "Failed", failed("job job failed"), StatusFailed, true, false},
		{"it could not be made", "", "Failed", created("jobs.batch is forbidden"), StatusFailed, false, false},
		{"it was in the way", "hook-failed", "Failed", created(`jobs.batch "job" already exists`), StatusFailed, true, false},
		{"a test that failed", "", "Failed", "Upgrade complete", StatusDeployed, true, true},
		{"Helm was killed", "hook-failed,hook-succeeded", "Running", "Preparing upgrade", StatusPendingUpgrade, true, true},
		{"Helm was interrupted", "hook-failed,hook-succeeded", "Unknown", `Upgrade "r" failed: context canceled`, StatusFailed, true, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := storedRevision(t, 2, c.status, c.description, hookDocument("job", "pre-upgrade", c.policies, c.phase, 1))
			thing, left := r.leftByRuns(identityKey(r.inventory.Hooks[0].Parsed, r.inventory.Hooks[0].Object))
			if left != c.left || left && thing.unsure != c.unsure {
				t.Errorf("left is %v, unsure %v, want %v, %v", left, thing.unsure, c.left, c.unsure)
			}
		})
	}
}

// A hook that succeeded stays when a later one of the event could not be made: no policy runs then (hooks.go execHook
// returns before it comes to them).
func TestLeftWhenTheCleaningNeverCame(t *testing.T) {
	r := storedRevision(t, 2, StatusFailed, `Upgrade "r" failed: pre-upgrade hooks failed: warning: Hook pre-upgrade c/templates/second.yaml failed: x`,
		hookDocument("first", "pre-upgrade", "hook-succeeded", "Succeeded", 1), hookDocument("second", "pre-upgrade", "hook-succeeded", "Failed", 2))
	thing, left := r.leftByRuns("batch|Job|ns|first")
	if !left || thing.unsure {
		t.Errorf("left is %v, unsure %v", left, thing.unsure)
	}
}

// storedRelease is a release of so many revisions, which counts what is read of it.
func storedRelease(documents []Document, revisions int, reads map[int]int) *Observed {
	o := &Observed{}
	for number := 1; number <= revisions; number++ {
		record := Record{Revision: number, Status: StatusSuperseded}
		if number == revisions {
			record.Status = StatusDeployed
		}
		record.Load = func() (Stored, error) {
			reads[number]++
			return Stored{Description: "Upgrade complete", Documents: documents, ServerSide: true, Began: began}, nil
		}
		o.Records = append(o.Records, record)
	}
	return o
}

func TestRecordsAreReadWhenTheyAreNeeded(t *testing.T) {
	documents := []Document{
		configDocument("plain"), hookDocument("migrate", "pre-install,pre-upgrade,pre-rollback", "", "Succeeded", 1),
		hookDocument("bye", "pre-delete", "before-hook-creation,hook-succeeded", "", 0),
	}
	lacking := append(slices.Clone(documents), hookDocument("odd", "pre-delete,test", "hook-failed", "", 0))
	for _, c := range []struct {
		name      string
		documents []Document
		action    Action
		options   Options
		want      map[int]int
	}{
		{"uninstall", documents, Uninstall, Options{}, map[int]int{5: 1}},
		{"test", documents, Test, Options{}, map[int]int{5: 1}},
		{"upgrade", documents, Upgrade, Options{}, map[int]int{5: 1}},
		{"rollback", documents, Rollback, Options{}, map[int]int{4: 1, 5: 1}},
		{"rollback to 2", documents, Rollback, Options{RollbackTo: 2}, map[int]int{2: 1, 5: 1}},
		{"a hook without before-hook-creation may meet what any revision left", lacking, Uninstall, Options{}, map[int]int{1: 1, 2: 1, 3: 1, 4: 1, 5: 1}},
	} {
		for _, looked := range []bool{false, true} {
			reads := map[int]int{}
			live := storedRelease(c.documents, 5, reads)
			want := c.want
			if looked {
				// What was looked up, the records need not tell.
				for _, name := range []string{"migrate", "bye", "odd"} {
					live.Missing = append(live.Missing, Object{APIVersion: "batch/v1", Kind: "Job", Namespace: "ns", Name: name})
				}
				if len(want) == 5 {
					want = map[int]int{5: 1}
				}
			}
			p, err := Make(Input{
				Engine: engineOf(t, "helm4"), Release: Release{Name: "r", Namespace: "ns"}, Actions: []Action{c.action}, Options: c.options, Live: live,
				Render: func(Fields) (Rendered, error) { return Rendered{Documents: c.documents}, nil },
			})
			if err != nil || p.Timelines[0].Outcome.Result != OK {
				t.Fatalf("%s: %v %+v", c.name, err, p.Timelines)
			}
			if diff := cmp.Diff(want, reads); diff != "" {
				t.Errorf("%s, looked up %v: records read -want +got\n%s", c.name, looked, diff)
			}
		}
	}
}

// A record that cannot be read is an error of the plan, not one of Helm's.
func TestUnreadableRecord(t *testing.T) {
	for name, action := range map[string]Action{"the newest": Uninstall, "the one before": Rollback} {
		live := storedRelease([]Document{configDocument("plain")}, 3, map[int]int{})
		broken := 3
		if action == Rollback {
			broken = 2
		}
		live.Records[broken-1].Load = func() (Stored, error) { return Stored{}, errors.New("forbidden") }
		_, err := Make(Input{
			Engine: engineOf(t, "helm3"), Release: Release{Name: "r", Namespace: "ns"}, Actions: []Action{action}, Live: live,
			Render: func(Fields) (Rendered, error) { return Rendered{Documents: []Document{configDocument("plain")}}, nil },
		})
		if want := fmt.Sprintf("read revision %d: forbidden", broken); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
}
