package plan

import (
	"fmt"
)

// upgrade is Helm's pkg/action/upgrade.go prepareUpgrade, performUpgrade, releasingUpgrade and
// failRelease.
func (m *machine) upgrade(options Options) error {
	options = waitingFor(options)
	last, current, err := m.upgradable()
	if err != nil {
		return err
	}
	if _, err = loaded(last); err != nil {
		return err
	}
	if _, err = loaded(current); err != nil {
		return err
	}
	number := last.number + 1
	inventory, err := m.inventoryOf(Fields{Revision: number, IsUpgrade: true})
	if err != nil {
		return err
	}
	serverSide := m.updateServerSide(options, last.serverSide)
	m.trace.Revision = number
	if options.CRDs != "" {
		if err := m.installCRDs(inventory.CRDs, number, serverSide, options); err != nil {
			return err
		}
	}
	if err := postRendered(inventory, options); err != nil {
		return err
	}
	original := current.inventory.Resources
	originalNumber, currentServerSide := current.number, current.serverSide
	adopted, err := m.checkResources(inventory.Resources, original, number, "update", options.TakeOwnership)
	if err != nil {
		return err
	}
	m.makeRoom(options)
	m.state.history = append(m.state.history, revision{number: number, rendered: number, status: StatusPendingUpgrade, inventory: inventory, serverSide: serverSide})
	created, err := m.performUpgrade(options, inventory, update{
		original: original, originalNumber: originalNumber, target: inventory.Resources, number: number,
		adopted: adopted, serverSide: serverSide, migrates: !currentServerSide, forced: m.forces(options, serverSide),
	})
	if err != nil {
		failure, dead := m.afterStop(err)
		if dead {
			return failure
		}
		if isStop(err) {
			// handleContext knows nothing of what was created.
			created = nil
		}
		return m.failUpgrade(options, number, created, failure)
	}
	m.setStatus(originalNumber, StatusSuperseded)
	m.setStatus(number, StatusDeployed)
	return nil
}

// upgradable finds the last record and the one whose resources are taken for the current ones.
func (m *machine) upgradable() (last, current *revision, err error) {
	last = m.state.last()
	none := fmt.Sprintf("%q has no deployed releases", m.release.Name)
	switch {
	case last == nil:
		return nil, nil, refuse("%s", none)
	case last.status.pending():
		return nil, nil, refuse("another operation (install/upgrade/rollback) is in progress")
	case last.status == StatusDeployed:
		return last, last, nil
	}
	if deployed := m.state.deployed(); deployed != nil {
		return last, deployed, nil
	}
	if last.status == StatusFailed || last.status == StatusSuperseded {
		return last, last, nil
	}
	return nil, nil, refuse("%s", none)
}

// updateServerSide is getUpgradeServerSideValue (v4 pkg/action/upgrade.go): auto keeps what the record
// says. For an upgrade that is the last record, for a rollback the target.
func (m *machine) updateServerSide(options Options, recorded bool) bool {
	switch {
	case !m.rules.serverSideApply:
		return false
	case options.ServerSide == ServerSideTrue:
		return true
	case options.ServerSide == ServerSideFalse:
		return false
	}
	return recorded
}

func (m *machine) performUpgrade(options Options, inventory Inventory, u update) ([]creation, error) {
	number := u.number
	run := hookRun{revision: number, options: options, serverSide: u.serverSide, store: func() { m.store(number) }}
	if !options.NoHooks {
		run.event = PreUpgrade
		if err := m.runHooks(run, inventory); err != nil {
			m.skip(inventory, number, phaseResources, string(PostUpgrade))
			return nil, fmt.Errorf("pre-upgrade hooks failed: %w", err)
		}
	}
	phase := m.resourcePhase(inventory, number, options)
	created, err := m.updateResources(u)
	if err == nil {
		err = m.waitResources(inventory.Resources, number, options)
	}
	if err != nil {
		if !isStop(err) {
			m.store(u.originalNumber)
		}
		m.fail(phase, err)
		m.skipUnless(options.NoHooks, inventory, number, PostUpgrade)
		return created, err
	}
	if options.NoHooks {
		return created, nil
	}
	run.event = PostUpgrade
	if err := m.runHooks(run, inventory); err != nil {
		return created, fmt.Errorf("post-upgrade hooks failed: %w", err)
	}
	return created, nil
}

func (m *machine) failUpgrade(options Options, number int, created []creation, err error) error {
	m.setStatus(number, StatusFailed)
	if options.CleanupOnFail && len(created) > 0 {
		if failure := m.cleanUp(created, number); failure != nil {
			// This ends the command: no rollback follows, even if it is atomic.
			return fmt.Errorf("an error occurred while cleaning up resources. original upgrade error: %w: unable to cleanup resources: %w", err, failure)
		}
	}
	if !options.Atomic {
		return err
	}
	target := 0
	for _, r := range m.state.history {
		if r.status == StatusSuperseded || r.status == StatusDeployed {
			target = r.number
		}
	}
	if target == 0 {
		return fmt.Errorf("unable to find a previously successful release when attempting to rollback. original upgrade error: %w", err)
	}
	m.action = Rollback
	back := Options{
		RollbackTo: target, Wait: options.Wait, WaitForJobs: options.WaitForJobs, NoHooks: options.NoHooks,
		Timeout: options.Timeout, ServerSide: options.ServerSide, ForceConflicts: options.ForceConflicts,
	}
	if failure := m.rollback(back); failure != nil {
		return fmt.Errorf("an error occurred while rolling back the release. original upgrade error: %s: %w", err, failure)
	}
	return fmt.Errorf("release %s failed, and has been rolled back due to %s being set: %w", m.release.Name, m.atomicName(), err)
}

// rollback is Helm's pkg/action/rollback.go. It has no check for a pending release, and it runs the
// hooks stored in the target revision.
func (m *machine) rollback(options Options) error {
	last := m.state.last()
	if last == nil {
		return refuse("release: not found")
	}
	version := options.RollbackTo
	if version == 0 {
		version = last.number - 1
	}
	target := m.state.find(version)
	if target == nil {
		return refuse("release has no %d version", version)
	}
	if _, err := loaded(last); err != nil {
		return err
	}
	if _, err := loaded(target); err != nil {
		return err
	}
	number, lastNumber := last.number+1, last.number
	serverSide := m.updateServerSide(options, target.serverSide)
	original, inventory := last.inventory.Resources, target.inventory
	if m.trace.Revision == 0 {
		m.trace.Revision = number
	}
	rendered := target.rendered
	m.makeRoom(options)
	m.state.history = append(m.state.history, revision{number: number, rendered: rendered, status: StatusPendingRollback, inventory: inventory, serverSide: serverSide})
	// The new record carries the hooks and resources of the target: phases and operations name that one.
	run := hookRun{revision: version, options: options, serverSide: serverSide, store: func() { m.store(number) }}
	if !options.NoHooks {
		run.event = PreRollback
		if err := m.runHooks(run, inventory); err != nil {
			m.skip(inventory, version, phaseResources, string(PostRollback))
			return err
		}
	}
	change := update{original: original, originalNumber: lastNumber, target: inventory.Resources, number: version, serverSide: serverSide, migrates: true, forced: m.forces(options, serverSide)}
	if err := m.rollbackResources(options, change, inventory, number); err != nil {
		m.skipUnless(options.NoHooks, inventory, version, PostRollback)
		return err
	}
	if !options.NoHooks {
		run.event = PostRollback
		if err := m.runHooks(run, inventory); err != nil {
			return err
		}
	}
	m.supersedeDeployed()
	m.setStatus(number, StatusDeployed)
	return nil
}

func (m *machine) rollbackResources(options Options, u update, inventory Inventory, number int) error {
	lastNumber := u.originalNumber
	phase := m.resourcePhase(inventory, u.number, options)
	created, err := m.updateResources(u)
	if err != nil {
		m.fail(phase, err)
		m.setStatus(lastNumber, StatusSuperseded)
		m.setStatus(number, StatusFailed)
		if !options.CleanupOnFail {
			return err
		}
		// Unlike upgrade, rollback does not look whether there is anything to clean up.
		if failure := m.cleanUp(created, u.number); failure != nil {
			return fmt.Errorf("an error occurred while cleaning up resources. original rollback error: unable to cleanup resources: %w", failure)
		}
		return err
	}
	if err := m.waitResources(inventory.Resources, u.number, options); err != nil {
		m.fail(phase, err)
		if isStop(err) {
			return err
		}
		m.store(lastNumber)
		m.setStatus(number, StatusFailed)
		return fmt.Errorf("release %s failed: %w", m.release.Name, err)
	}
	return nil
}
