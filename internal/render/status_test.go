package render

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/helm-hooks/helm-hooks/internal/status"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
	"github.com/helm-hooks/helm-hooks/test/schema"
)

// statusHook is a hook of the release shop that ran so many minutes before noon.
func statusHook(kind, name, phase string, minutes int, events ...plan.Event) status.HookFacts {
	o := object(kind, name)
	h := status.HookFacts{Hook: plan.Hook{Name: name, Kind: kind, Events: events}, Objects: []status.ObjectFacts{{Object: o}}}
	h.Hook.Object, h.Hook.Template = o, "shop/templates/"+name+".yaml"
	if phase == "" {
		return h
	}
	h.Hook.LastRun = plan.LastRun{Phase: phase, Started: noon().Add(-time.Duration(minutes) * time.Minute)}
	if phase == "Succeeded" || phase == "Failed" {
		h.Hook.LastRun.Completed = h.Hook.LastRun.Started.Add(4200 * time.Millisecond)
	}
	return h
}

// jobThere lets the object of a hook exist.
func jobThere(h status.HookFacts, progress status.Progress, change func(*status.ObjectFacts)) status.HookFacts {
	o := &h.Objects[0]
	o.Exists, o.Created, o.Managers = true, h.Hook.LastRun.Started, []string{"helm"}
	o.Job = &status.Job{Progress: progress}
	if progress == status.Failed {
		o.Job.Reason, o.Job.Ended = "BackoffLimitExceeded", h.Hook.LastRun.Started.Add(4*time.Second)
	}
	if change != nil {
		change(o)
	}
	return h
}

func statusRevision(number int, is plan.Status, minutes int, description string) status.Revision {
	at := noon().Add(-time.Duration(minutes) * time.Minute)
	return status.Revision{Number: number, Status: is, Read: true, FirstDeployed: noon().Add(-72 * time.Hour), LastDeployed: at, Written: at, Description: description}
}

func statusFacts(revisions []status.Revision, hooks ...status.HookFacts) status.Facts {
	return status.Facts{
		Now: noon(), Quiet: 10 * time.Minute, Release: plan.Release{Name: "shop", Namespace: "web"}, Revisions: revisions, Hooks: hooks,
		Plan: &plan.Plan{Engine: engine("helm4"), Release: plan.Release{Name: "shop", Namespace: "web"}},
	}
}

// statusHeader is that of the newest revision.
func statusHeader(f status.Facts) Header {
	newest := f.Revisions[len(f.Revisions)-1]
	return Header{
		Source: Source{Type: "release", Name: "shop", Namespace: "web", Chart: "shop", ChartVersion: "1.4.0", Ref: "shop", Revision: newest.Number, Status: string(newest.Status), Context: "prod"},
		Helm:   Helm{Engine: engine("helm4"), Release: f.Release, Chart: "CHART", Context: "prod", Live: true},
		Notes:  []string{"its records are stored in namespace flux-system"},
	}
}

// failedStatus is an upgrade whose post-upgrade hook failed, with all that can be told of it, and a hostile chart.
func failedStatus() status.Facts {
	smoke := jobThere(statusHook("Job", "smoke", "Failed", 3, plan.PostInstall, plan.PostUpgrade), status.Failed, func(o *status.ObjectFacts) {
		o.Pods = []status.Pod{
			{Name: "smoke-x7f2c", Phase: "Failed", Progress: status.Failed, Containers: []status.Container{{Name: "main", State: "terminated", ExitCode: 3, Reason: "Error"}}},
			{Name: "smoke-aaaaa", Phase: "Failed", Progress: status.Failed},
			{Name: "smoke-bbbbb", Phase: "Failed"},
			{Name: "smoke-ccccc", Phase: "Failed"},
		}
		o.Job.Failed = 4
		o.Events = []status.Event{
			{Of: "Job/smoke", Reason: "SuccessfulCreate", Message: "Created pod: smoke-x7f2c", Count: 1, Last: noon().Add(-3 * time.Minute)},
			{Of: "Pod/smoke-x7f2c", Warning: true, Reason: "BackOff", Message: "Back-off \x1b[31mrestarting failed container", Count: 7, Last: noon().Add(-2 * time.Minute)},
		}
		o.Gaps = []string{`the events of Job/smoke: list events in namespace "web": forbidden (needs the right to list events)`}
	})
	smoke.Hook.DeletePolicies = []plan.DeletePolicy{plan.HookSucceeded}
	migrate := statusHook("Job", "migrate", "Succeeded", 4, plan.PreInstall, plan.PreUpgrade)
	migrate.Hook.Weight, migrate.Hook.DeletePolicies = -5, []plan.DeletePolicy{plan.BeforeHookCreation, plan.HookSucceeded}
	keys := statusHook("Secret", "keys", "Succeeded", 5, plan.PreInstall, plan.PreUpgrade)
	keys.Objects[0].Exists, keys.Objects[0].Created, keys.Objects[0].Managers = true, noon().Add(-5*time.Minute), []string{"kubectl-create"}
	hidden := statusHook("ConfigMap", "hid\x1b]0;x\x07den", "", 0, plan.PreDelete)
	f := statusFacts([]status.Revision{
		{Number: 4, Status: plan.StatusSuperseded, Written: noon().Add(-80 * time.Hour)},
		statusRevision(5, plan.StatusDeployed, 60, "Rollback to 4"),
		statusRevision(6, plan.StatusFailed, 6, "Upgrade \"shop\" failed: post-upgrade hooks failed: 1 error occurred:\n\t* job smoke failed: \x1b[2JBackoffLimitExceeded\n\n"),
	}, migrate, keys, smoke, hidden)
	f.Plan.Timelines = []plan.Timeline{
		{Action: plan.Upgrade, Phases: []plan.Phase{{Name: "post-upgrade", Steps: []plan.Step{{Hook: smoke.Hook, Result: plan.Failed}}}}, Outcome: plan.Outcome{Result: plan.Failed, Error: "post-upgrade hooks failed", Prediction: plan.Likely}},
		{Action: plan.Rollback, Outcome: plan.Outcome{Result: plan.OK}},
		{Action: plan.Uninstall, Outcome: plan.Outcome{Result: plan.OK, Left: []plan.Object{smoke.Hook.Object, object("ConfigMap", "it's")}}},
		{Action: plan.Test, Outcome: plan.Outcome{Result: plan.OK}},
	}
	f.Plan.WayOut = &plan.Recovery{
		Ways: []plan.Way{{
			Goal: "mend the cause and upgrade again", Moves: []plan.Move{{Delete: []plan.Object{smoke.Hook.Object}}, {Action: plan.Upgrade, Options: plan.Options{Timeout: plan.DefaultTimeout}}},
			History: []plan.RevisionStatus{{Revision: 7, Status: plan.StatusDeployed}},
		}},
		Logs: []plan.Object{smoke.Hook.Object},
	}
	f.Unknown = []plan.UnknownFact{{What: "world", Why: "Job/bye is not known", HowToKnow: "kubectl get job/bye"}}
	return f
}

// stuckStatus is an uninstall whose hook failed.
func stuckStatus() status.Facts {
	bye := jobThere(statusHook("Job", "bye", "Running", 20, plan.PreDelete), status.Failed, nil)
	revision := statusRevision(3, plan.StatusUninstalling, 60, "Deletion in progress (or silently failed)")
	revision.Deleted = noon().Add(-21 * time.Minute)
	f := statusFacts([]status.Revision{revision}, bye, statusHook("Job", "migrate", "Succeeded", 59, plan.PreInstall))
	f.Plan.WayOut = &plan.Recovery{Ways: []plan.Way{{Goal: "uninstall without its hooks", Moves: []plan.Move{{Action: plan.Uninstall, Options: plan.Options{NoHooks: true, Timeout: plan.DefaultTimeout}}}}}}
	return f
}

// workingStatus is an install that may be under way.
func workingStatus() status.Facts {
	pull := status.Container{Name: "main", State: "waiting", Reason: "ImagePullBackOff", Message: "Back-off pulling image"}
	migrate := jobThere(statusHook("Job", "migrate", "Running", 1, plan.PreInstall), status.Running, func(o *status.ObjectFacts) {
		o.Pods = []status.Pod{{Name: "migrate-x7f2c", Phase: "Pending", Progress: status.Running, Containers: []status.Container{pull}}}
	})
	f := statusFacts([]status.Revision{statusRevision(1, plan.StatusPendingInstall, 2, "Initial install underway")}, migrate)
	f.Plan.WayOut = &plan.Recovery{Ways: []plan.Way{{Goal: "start over", Moves: []plan.Move{{Action: plan.Uninstall, Options: plan.Options{Timeout: plan.DefaultTimeout}}}}}}
	return f
}

// blindStatus is one without a plan and with hardly any rights.
func blindStatus() status.Facts {
	migrate := statusHook("Job", "migrate", "Succeeded", 59, plan.PreInstall)
	migrate.Objects[0].Unread = `get jobs migrate in namespace "web" (context "prod"): forbidden`
	f := statusFacts([]status.Revision{statusRevision(1, plan.StatusDeployed, 60, "Install complete")}, migrate)
	f.Plan, f.Unknown = nil, []plan.UnknownFact{{What: "next", Why: "what comes next cannot be planned: torn", HowToKnow: "helm hooks plan shop -n web"}}
	return f
}

func withLogs() status.Facts {
	f := failedStatus()
	o := &f.Hooks[2].Objects[0]
	o.Logs = []status.Log{{
		Pod: "smoke-x7f2c", Container: "main", Lines: []string{"connecting with password=[redacted]", "\x1b[31mred\x07 and more than eighty columns, which a terminal breaks where it likes but we do not", ""},
		Redacted: 1,
	}, {Pod: "smoke-x7f2c", Container: "proxy", Previous: true}}
	return f
}

func Test_status_golden(t *testing.T) {
	for _, c := range []struct {
		name, format string
		facts        status.Facts
		style        Style
	}{
		{"failed.txt", "text", failedStatus(), Style{Unicode: true}},
		{"failed-80.txt", "text", failedStatus(), Style{Unicode: true, Width: 80}},
		{"failed-ascii.txt", "text", failedStatus(), Style{}},
		{"failed-color.txt", "text", failedStatus(), Style{Unicode: true, Color: true}},
		{"failed.json", "json", failedStatus(), Style{}},
		{"failed.yaml", "yaml", failedStatus(), Style{}},
		{"logs-80.txt", "text", withLogs(), Style{Unicode: true, Width: 80}},
		{"logs.json", "json", withLogs(), Style{}},
		{"stuck.txt", "text", stuckStatus(), Style{Unicode: true}},
		{"stuck.json", "json", stuckStatus(), Style{}},
		{"working.txt", "text", workingStatus(), Style{Unicode: true}},
		{"blind.txt", "text", blindStatus(), Style{Unicode: true}},
		{"blind.json", "json", blindStatus(), Style{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			render, err := NewStatus(c.format)
			if err != nil {
				t.Fatal(err)
			}
			var got bytes.Buffer
			options := StatusOptions{Style: c.style, Command: "helm hooks", Logs: strings.HasPrefix(c.name, "logs")}
			if err := render(&got, statusHeader(c.facts), status.Judge(c.facts), options); err != nil {
				t.Fatal(err)
			}
			golden(t, "status/"+c.name, got.Bytes())
			colors := strings.NewReplacer("\x1b[1m", "", "\x1b[2m", "", "\x1b[31m", "", "\x1b[33m", "", "\x1b[1;31m", "", "\x1b[0m", "")
			if plainText := got.String(); strings.ContainsAny(colors.Replace(plainText), "\x1b\x07") || !c.style.Color && strings.ContainsAny(plainText, "\x1b\x07") {
				t.Error("a control character of a cluster comes through")
			}
			if c.format != "text" {
				text, err := yaml.YAMLToJSON(got.Bytes())
				if err != nil {
					t.Fatal(err)
				}
				schema.Validate(t, schema.Strict(t, "../../docs/schema", "releasehooks"), text)
			}
		})
	}
}

func Test_an_unknown_format_of_status_names_the_valid_ones(t *testing.T) {
	if _, err := NewStatus("tree"); err == nil || !strings.Contains(err.Error(), "text, json, yaml") {
		t.Error(err)
	}
}

// Every key is there even where nothing is known.
func Test_a_status_with_nothing_set_keeps_to_the_schema(t *testing.T) {
	var out bytes.Buffer
	report := status.Report{State: status.Fine, Action: plan.Install, Work: status.Work{State: status.WorkNo}}
	if err := StatusJSON(&out, Header{}, report, StatusOptions{}); err != nil {
		t.Fatal(err)
	}
	schema.Validate(t, schema.Strict(t, "../../docs/schema", "releasehooks"), out.Bytes())
}
