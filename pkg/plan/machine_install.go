package plan

import (
	"fmt"
)

// install is Helm's pkg/action/install.go RunWithContext, performInstall and failRelease, the same in
// v3 and v4 but for the apply method and the waiter.
func (m *machine) install(options Options) error {
	number, err := m.availableNumber(options)
	if err != nil {
		return err
	}
	// A re-install over kept history renders revision 1 and is stored as the next number.
	inventory, err := m.inventoryOf(Fields{Revision: 1})
	if err != nil {
		return err
	}
	serverSide := m.rules.serverSideApply && options.ServerSide != ServerSideFalse
	m.trace.Revision = number
	if err := m.installCRDs(inventory.CRDs, number, serverSide, options); err != nil {
		return err
	}
	if err := postRendered(inventory, options); err != nil {
		return err
	}
	// The CRDs come before atomic turns waiting on (install.go RunWithContext).
	options = waitingFor(options)
	adopted, err := m.checkResources(inventory.Resources, nil, number, "install", options.TakeOwnership)
	if err != nil {
		return err
	}
	if last := m.state.last(); last != nil && last.status != StatusFailed {
		m.setStatus(last.number, StatusSuperseded)
	}
	m.state.history = append(m.state.history, revision{number: number, rendered: 1, status: StatusPendingInstall, inventory: inventory, serverSide: serverSide})
	if err := m.performInstall(options, inventory, number, serverSide, adopted); err != nil {
		failure, dead := m.afterStop(err)
		if dead {
			return failure
		}
		return m.failInstall(options, number, failure)
	}
	m.setStatus(number, StatusDeployed)
	m.state.installed = true
	return nil
}

func (m *machine) availableNumber(options Options) (int, error) {
	last := m.state.last()
	switch {
	case last == nil:
		return 1, nil
	case options.Replace && (last.status == StatusUninstalled || last.status == StatusFailed):
		return last.number + 1, nil
	case m.rules.serverSideApply:
		return 0, refuse("release name check failed: cannot reuse a name that is still in use")
	}
	return 0, refuse("cannot re-use a name that is still in use")
}

func (m *machine) performInstall(options Options, inventory Inventory, number int, serverSide bool, adopted map[string]bool) error {
	run := hookRun{revision: number, options: options, serverSide: serverSide, store: func() { m.store(number) }}
	if !options.NoHooks {
		run.event = PreInstall
		if err := m.runHooks(run, inventory); err != nil {
			m.skip(inventory, number, phaseResources, string(PostInstall))
			return fmt.Errorf("failed pre-install: %w", err)
		}
	}
	phase := m.resourcePhase(inventory, number, options)
	if err := m.makeResources(inventory.Resources, number, serverSide, adopted, options); err != nil {
		m.fail(phase, err)
		m.skipUnless(options.NoHooks, inventory, number, PostInstall)
		return err
	}
	if err := m.waitResources(inventory.Resources, number, options); err != nil {
		m.fail(phase, err)
		m.skipUnless(options.NoHooks, inventory, number, PostInstall)
		return err
	}
	if options.NoHooks {
		return nil
	}
	run.event = PostInstall
	if err := m.runHooks(run, inventory); err != nil {
		return fmt.Errorf("failed post-install: %w", err)
	}
	return nil
}

func (m *machine) failInstall(options Options, number int, err error) error {
	if !options.Atomic {
		m.setStatus(number, StatusFailed)
		return err
	}
	// The failed status is held in memory only: atomic uninstalls at once (install.go failRelease).
	m.action = Uninstall
	clean := Options{NoHooks: options.NoHooks, Timeout: options.Timeout}
	if m.rules.waiters {
		// Helm 4 hands its wait strategy on; Helm 3's clean-up does not wait.
		clean.Wait = options.Wait
	}
	if failure := m.uninstall(clean); failure != nil {
		return fmt.Errorf("an error occurred while uninstalling the release. original install error: %s: %w", err, failure)
	}
	return fmt.Errorf("release %s failed, and has been uninstalled due to %s being set: %w", m.release.Name, m.atomicName(), err)
}

func (m *machine) atomicName() string {
	if m.rules.serverSideApply {
		return "rollback-on-failure"
	}
	return "atomic"
}
