package status

import (
	"time"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// noon is when the answers of these tests are made.
func noon() time.Time { return time.Date(2026, 11, 3, 12, 0, 0, 0, time.UTC) }

// ago is a time before noon.
func ago(d time.Duration) time.Time { return noon().Add(-d) }

// someFacts are those of a release without hooks whose install began an hour ago.
func someFacts(status plan.Status, change ...func(*Facts)) Facts {
	f := Facts{
		Now: noon(), Quiet: 10 * time.Minute, Release: plan.Release{Name: "shop", Namespace: "web"},
		Revisions: []Revision{revision(1, status)},
	}
	for _, c := range change {
		c(&f)
	}
	return f
}

// revision was deployed an hour before noon. The first is an install, those after it are upgrades.
func revision(number int, status plan.Status) Revision {
	r := Revision{Number: number, Status: status, Read: true, FirstDeployed: ago(time.Hour), LastDeployed: ago(time.Hour), Written: ago(time.Hour)}
	if number > 1 {
		r.FirstDeployed = ago(48 * time.Hour)
	}
	return r
}

func with(hooks ...HookFacts) func(*Facts) {
	return func(f *Facts) { f.Hooks = append(f.Hooks, hooks...) }
}

func newest(change func(*Revision)) func(*Facts) {
	return func(f *Facts) { change(&f.Revisions[len(f.Revisions)-1]) }
}

// history puts revisions before the newest.
func history(older ...Revision) func(*Facts) {
	return func(f *Facts) {
		f.Revisions = append(older, f.Revisions...)
		f.Revisions[len(f.Revisions)-1].Number = len(f.Revisions)
		f.Revisions[len(f.Revisions)-1].FirstDeployed = ago(48 * time.Hour)
	}
}

// aHook is a Job that has never run, with an object that is not there.
func aHook(name string, events ...plan.Event) HookFacts {
	o := plan.Object{APIVersion: "batch/v1", Kind: "Job", Namespace: "web", Name: name}
	h := HookFacts{Hook: plan.Hook{Name: name, Kind: "Job", Events: events}, Objects: []ObjectFacts{{Object: o}}}
	h.Hook.Object = o
	return h
}

// ran gives a hook a last run of five seconds that began so long ago.
func (h HookFacts) ran(phase string, began time.Duration) HookFacts {
	h.Hook.LastRun = plan.LastRun{Phase: phase, Started: ago(began)}
	if phase == phaseSucceeded || phase == phaseFailed {
		h.Hook.LastRun.Completed = ago(began - 5*time.Second)
	}
	return h
}

func (h HookFacts) policy(all ...plan.DeletePolicy) HookFacts {
	h.Hook.DeletePolicies = all
	return h
}

// job makes the object exist, made when the run began, as far as it has come.
func (h HookFacts) job(progress Progress, change ...func(*ObjectFacts)) HookFacts {
	o := h.Objects[0]
	o.Exists, o.Created, o.Managers = true, h.Hook.LastRun.Started, []string{"helm", "kube-controller-manager"}
	o.Job = &Job{Progress: progress}
	switch progress {
	case Failed:
		o.Job.Reason, o.Job.Failed, o.Job.Ended = "BackoffLimitExceeded", 1, h.Hook.LastRun.Started.Add(4*time.Second)
	case Succeeded:
		o.Job.Ended = h.Hook.LastRun.Started.Add(4 * time.Second)
	}
	for _, c := range change {
		c(&o)
	}
	h.Objects = []ObjectFacts{o}
	return h
}

func pods(all ...Pod) func(*ObjectFacts) { return func(o *ObjectFacts) { o.Pods = all } }

func aPod(progress Progress, containers ...Container) Pod {
	phase := map[Progress]string{Running: "Running", Failed: "Failed", Succeeded: "Succeeded"}[progress]
	return Pod{Name: "migrate-x7f2c", Progress: progress, Phase: phase, Containers: containers}
}

func exited(code int, change ...func(*Container)) Container {
	c := Container{Name: "main", State: terminated, ExitCode: code, Reason: "Error"}
	for _, one := range change {
		one(&c)
	}
	return c
}
