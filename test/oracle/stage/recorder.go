package stage

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"k8s.io/cli-runtime/pkg/resource"

	"github.com/helm-hooks/helm-hooks/test/oracle/cluster"
	"github.com/helm-hooks/helm-hooks/test/oracle/scenario"
)

// Release is what the recorder needs of a release record.
type Release struct {
	Revision int
	Hooks    []Hook
}

// Hook is what the recorder needs of a hook in a record.
type Hook struct {
	Kind, Name, Manifest string
	Events, Policies     []string
}

// turn is where Helm is within one hook (hooks.go execHook): a hook's manifest is built either to delete
// it, or to create it; the release is recorded only between that second build and the create.
type turn int

const (
	turnNone turn = iota
	turnDelete
	turnCreate
	turnRecorded
)

// Recorder watches the calls Helm makes to its kube client and its storage, and writes them down as
// operations. Helm does not tell its client why it calls, so the recorder follows along.
type Recorder struct {
	stage *Stage
	step  scenario.Step
	ops   []scenario.Op

	died     error  // how the process ended before the action did
	action   string // that runs now: an atomic install ends in an uninstall, an atomic upgrade in a rollback
	reached  bool
	post     bool // the hooks that run now are the action's post-hooks
	recorded bool // the release record of this action exists, so that hooks may run
	revision int
	hooks    map[string]Hook   // by manifest
	ids      map[string]string // of built hooks, by KIND/NAME
	turn     turn
	built    []*resource.Info // of the last hook built

	// Nothing but hooks tells pre-install from post-install where Helm 3 has no resource to create.
	preInstall struct{ hooks, cleanups, done, cleaned int }

	ctx    context.Context
	signal func()
}

func newRecorder(s *Stage, step scenario.Step) *Recorder {
	r := &Recorder{stage: s, step: step, action: step.Action, hooks: map[string]Hook{}, ids: map[string]string{}}
	r.ctx, r.signal = context.WithCancel(context.Background())
	return r
}

// Reachable is called for IsReachable, with which every action begins.
func (r *Recorder) Reachable() error {
	if r.died != nil {
		return r.died
	}
	if r.reached {
		switch r.action {
		case scenario.Install:
			r.action = scenario.Uninstall
		case scenario.Upgrade:
			r.action = scenario.Rollback
		}
		r.post = false
	}
	r.reached = true
	return nil
}

// Read is called for each release that Helm reads from its storage.
func (r *Recorder) Read(rel Release) {
	r.know(rel)
	r.revision = max(r.revision, rel.Revision)
	if r.action == scenario.Uninstall || r.action == scenario.Test {
		r.recorded = true
	}
}

// Created is called when Helm stores a new release.
func (r *Recorder) Created(rel Release) {
	r.know(rel)
	r.revision = rel.Revision
	r.recorded = true
	for _, h := range rel.Hooks {
		for _, e := range h.Events {
			if e != "pre-install" {
				continue
			}
			r.preInstall.hooks++
			if slices.Contains(h.Policies, "hook-succeeded") && h.Kind != "CustomResourceDefinition" {
				r.preInstall.cleanups++
			}
		}
	}
}

func (r *Recorder) know(rel Release) {
	for _, h := range rel.Hooks {
		r.hooks[h.Manifest] = h
	}
}

// Updated is called when Helm writes a release that is stored already.
func (r *Recorder) Updated() {
	if r.died != nil {
		return
	}
	if r.turn == turnCreate {
		r.turn = turnRecorded
		r.add(scenario.Op{Op: scenario.OpRecord, Event: r.event(), Hook: true}, r.built)
		return
	}
	// uninstall.go Run: "From here on out, the release is currently considered to be in
	// StatusUninstalling state" is the only other write of an uninstall before it is over.
	if r.action == scenario.Uninstall {
		r.post = true
	}
}

// Building is called with the text Helm builds; create tells whether for a create (it validates then).
func (r *Recorder) Building(text string, create bool) {
	r.turn, r.built = turnNone, nil
	if _, ok := r.hooks[text]; !ok || !r.recorded {
		return
	}
	r.leavePreInstall(create)
	r.turn = turnDelete
	if create {
		r.turn = turnCreate
	}
}

// leavePreInstall notices that pre-install is over, once each of its hooks was watched to success and
// each hook-succeeded one was cleaned up.
func (r *Recorder) leavePreInstall(create bool) {
	pre := &r.preInstall
	if r.action != scenario.Install || r.post || pre.done < pre.hooks {
		return
	}
	if create || pre.cleaned == pre.cleanups {
		r.post = true
		return
	}
	pre.cleaned++
}

// BuildFailed is called when the last build came to nothing: Helm neither records nor creates the hook.
func (r *Recorder) BuildFailed() { r.turn = turnNone }

// Built is called with what came of the last build.
func (r *Recorder) Built(text string, infos []*resource.Info) {
	if r.turn == turnNone {
		return
	}
	r.built = infos
	if len(infos) > 0 {
		h := r.hooks[text]
		r.ids[h.Kind+"/"+h.Name] = r.stage.Cluster.ID(infos[0])
	}
}

// Create is called for a create or, if apply is set, a server-side apply.
func (r *Recorder) Create(infos []*resource.Info, apply bool, do func() error) error {
	op := scenario.Op{Op: scenario.OpCreate}
	if apply {
		op.Op = scenario.OpApply
	}
	switch {
	case r.turn == turnRecorded:
		// The next create, if no build comes between, is that of the ordinary resources.
		op.Event, op.Hook, r.turn = r.event(), true, turnNone
	case !r.recorded:
		op.Event = scenario.EventCRDs
	default:
		op.Event, r.post = scenario.EventResources, true
	}
	return r.call(op, infos, do)
}

// Update is called for the update of ordinary resources.
func (r *Recorder) Update(infos []*resource.Info, do func() error) error {
	r.turn, r.post = turnNone, true
	return r.call(scenario.Op{Op: scenario.OpUpdate, Event: scenario.EventResources}, infos, do)
}

// Delete is called for every delete that is not part of an update.
func (r *Recorder) Delete(infos []*resource.Info, do func() []error) []error {
	op := scenario.Op{Op: scenario.OpDelete, Event: scenario.EventResources}
	if r.deletesHook(infos) {
		op.Event, op.Hook = r.event(), true
	}
	var errs []error
	err := r.call(op, infos, func() error {
		errs = do()
		return errors.Join(errs...)
	})
	if err != nil && len(errs) == 0 {
		errs = []error{err}
	}
	return errs
}

func (r *Recorder) deletesHook(infos []*resource.Info) bool {
	if r.turn != turnDelete || len(infos) != len(r.built) {
		return false
	}
	return len(infos) == 0 || infos[0] == r.built[0]
}

// Logs is called when Helm lists the Pods whose logs it wants, by a selector of either kind.
func (r *Recorder) Logs(namespace, labelSelector, fieldSelector string) error {
	if r.died != nil {
		return r.died
	}
	id := ""
	if name, ok := strings.CutPrefix(labelSelector, "job-name="); ok {
		id = r.logID("batch", "Job", namespace, name)
	} else if name, ok := strings.CutPrefix(fieldSelector, "metadata.name="); ok {
		id = r.logID("", "Pod", namespace, name)
	}
	r.ops = append(r.ops, scenario.Op{
		Op: scenario.OpLogs, Event: r.event(), Hook: true,
		Revision: r.revision, Objects: []string{id},
	})
	return nil
}

func (r *Recorder) logID(group, kind, namespace, name string) string {
	return scenario.ID(group, kind, namespace, name)
}

// event is the hook event that runs now.
func (r *Recorder) event() string {
	when := "pre-"
	if r.post {
		when = "post-"
	}
	switch r.action {
	case scenario.Test:
		return scenario.Test
	case scenario.Uninstall:
		return when + "delete"
	}
	return when + r.action
}

// strikes says whether a fault on ordinary resources strikes now.
func (r *Recorder) strikes(at string) bool {
	return r.stage.Cluster.Strike(func(f scenario.Fault) bool {
		return f.Object == scenario.ObjectResources && f.At == at &&
			(f.Event == "" || f.Event == scenario.EventResources || f.Event == r.action)
	})
}

// refused is the error of a fault on the making or deleting of ordinary resources.
func (r *Recorder) refused(op scenario.Op, infos []*resource.Info) error {
	at := scenario.AtCreate
	switch {
	case op.Event != scenario.EventResources:
		return nil
	case op.Op == scenario.OpDelete && len(infos) > 0:
		at = scenario.AtDelete
	case op.Op == scenario.OpDelete, op.Op == scenario.OpWait, op.Op == scenario.OpWaitDeleted:
		return nil
	}
	if r.strikes(at) {
		return fmt.Errorf("%s of resources was refused", at)
	}
	return nil
}

// call does one operation and writes it down.
func (r *Recorder) call(op scenario.Op, infos []*resource.Info, do func() error) error {
	if r.died != nil {
		return r.died
	}
	n := r.add(op, infos)
	var err error
	r.stage.Cluster.During(cluster.Scope{Hook: op.Hook, Event: op.Event}, func() {
		if err = r.refused(op, infos); err == nil {
			err = do()
		}
	})
	if err != nil {
		r.ops[n].Err = err.Error()
	}
	return err
}

func (r *Recorder) add(op scenario.Op, infos []*resource.Info) int {
	op.Revision = r.revision
	if op.Event == scenario.EventCRDs {
		op.Revision = r.revision + 1 // of the release that is about to be stored
	}
	for _, info := range infos {
		op.Objects = append(op.Objects, r.stage.Cluster.ID(info))
	}
	r.ops = append(r.ops, op)
	return len(r.ops) - 1
}

// Recorded says whether the action's release record exists; before that only CRDs are created.
func (r *Recorder) Recorded() bool { return r.recorded }
