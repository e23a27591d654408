package plan

import "slices"

// ran is how one action of the controller went.
type ran struct {
	// nothingStored says that it failed without writing a record: Flux does not count that, and tries again.
	nothingStored bool
	// killed says that helm-controller itself was killed meanwhile.
	killed bool
}

// run runs one action and notes in the HelmRelease's status what it did to the records.
func (c *controller) run(n next) (ran, error) {
	if n.action == unlock {
		c.unlock(n.because)
		return ran{}, nil
	}
	command := Command{Action: n.action, Options: c.flux.options(n.action), Faults: c.faults}
	if n.action == Rollback {
		command.Options.RollbackTo = c.previous().Revision
	}
	before := c.state
	trace, after, err := c.stock.run(before, command)
	if err != nil {
		return ran{}, err
	}
	c.faults, c.state = unspent(trace.strikes), after
	c.steps = append(c.steps, controlled{trace: trace, options: command.Options, because: n.because, before: before, round: c.round, pause: c.pause})
	c.pause = 0
	c.noteMade(command, before)
	if trace.Outcome.Signal == SignalKill {
		// What the status would have become is lost with the process.
		return ran{killed: true}, nil
	}
	written := writtenSince(before.History(), after.History())
	failed := trace.Outcome.Result == Failed
	switch n.action {
	case Install, Upgrade:
		return c.released(n.action, written, failed), nil
	case Test:
		return c.tested(trace, failed), nil
	case Rollback:
		c.observe(written)
		c.conditions.rolledBack(failed)
		c.summarize()
	case Uninstall:
		c.observe(written)
		// UninstallRemediation.Reconcile does not summarize: Ready stays as it was.
		c.conditions.uninstalled(failed)
	}
	return ran{nothingStored: failed && len(written) == 0}, nil
}

// noteMade notes what the revisions are made of that an action has added.
func (c *controller) noteMade(command Command, before State) {
	last := c.state.last()
	if last == nil || before.find(last.number) != nil {
		return
	}
	c.made[last.number] = c.wanted
	if command.Action == Rollback {
		c.made[last.number] = c.made[command.Options.RollbackTo]
	}
}

// writtenSince are the records that an action has written, newest first; those that it has deleted count as uninstalled.
func writtenSince(before, after []RevisionStatus) []RevisionStatus {
	var written []RevisionStatus
	for _, r := range after {
		if !slices.Contains(before, r) {
			written = append(written, r)
		}
	}
	if len(after) == 0 {
		for _, r := range before {
			written = append(written, RevisionStatus{r.Revision, StatusUninstalled})
		}
	}
	slices.Reverse(written)
	return written
}

// released is what Install.Reconcile and Upgrade.Reconcile note.
func (c *controller) released(action Action, written []RevisionStatus, failed bool) ran {
	c.last = action
	if action == Install {
		c.snapshots = nil
	}
	c.record(written)
	c.conditions.released(action, failed)
	defer c.summarize()
	if !failed {
		if c.flux.action(action).RetryOnFailure {
			c.installFailures, c.upgradeFailures = 0, 0
		}
		return ran{}
	}
	if len(written) == 0 {
		return ran{nothingStored: true}
	}
	c.fail(action)
	return ran{}
}

// record is recordOnObject: the newest record is noted, and of the others only the newest that is known.
func (c *controller) record(written []RevisionStatus) {
	for i, r := range written {
		if i == 0 {
			c.snapshots = slices.Insert(c.snapshots, 0, FluxSnapshot{Revision: r.Revision, Status: r.Status})
			continue
		}
		if at := c.snapshot(r.Revision); at >= 0 {
			c.snapshots[at].Status = r.Status
			return
		}
	}
}

// observe is observeRollback and observeUninstall: each record is noted in its place.
func (c *controller) observe(written []RevisionStatus) {
	for _, r := range slices.Backward(written) {
		if at := c.snapshot(r.Revision); at >= 0 {
			c.snapshots[at].Status = r.Status
			continue
		}
		c.snapshots = slices.Insert(c.snapshots, 0, FluxSnapshot{Revision: r.Revision, Status: r.Status})
	}
}

func (c *controller) snapshot(revision int) int {
	return slices.IndexFunc(c.snapshots, func(s FluxSnapshot) bool { return s.Revision == revision })
}

// tested is Test.Reconcile: a failure counts like one of the install or upgrade before it, unless it is ignored.
func (c *controller) tested(trace Trace, failed bool) ran {
	defer c.summarize()
	c.conditions.tested(failed)
	newest := &c.snapshots[0]
	if !failed {
		newest.Tested, newest.TestFailed = true, false
		return ran{}
	}
	// A test that was never made leaves no result, and Flux tests again.
	newest.Tested = slices.ContainsFunc(trace.Operations, func(o Operation) bool {
		return o.Result == Failed && (o.Op == OpCreate || o.Op == OpApply || o.Op == OpWait)
	})
	newest.TestFailed = newest.Tested
	if !newest.Tested {
		return ran{nothingStored: true}
	}
	if c.last != "" && !c.flux.ignoresTests(c.last) {
		c.fail(c.last)
	}
	return ran{}
}

// unlock marks a pending record failed (Unlock.Reconcile).
func (c *controller) unlock(because string) {
	c.state = c.state.clone()
	last := c.state.last()
	trace := Trace{Action: unlock, Revision: last.number}
	last.status = StatusFailed
	if at := c.snapshot(last.number); at >= 0 {
		c.snapshots[at].Status = StatusFailed
	}
	trace.Outcome = Outcome{Result: OK, Status: StatusFailed, History: c.state.History(), Left: c.state.Left(), Live: c.state.live, Prediction: Proven}
	c.steps = append(c.steps, controlled{trace: trace, because: because, round: c.round})
	c.conditions.release = fluxCondition{reason: "PendingRelease"}
	c.summarize()
}
