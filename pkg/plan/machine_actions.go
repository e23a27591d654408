package plan

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// store is Helm writing a record again. Helm 3 does not know apply_method and drops it.
func (m *machine) store(number int) {
	if !m.rules.serverSideApply {
		m.state.find(number).serverSide = false
	}
}

// setStatus stores a record with a new status.
func (m *machine) setStatus(number int, status Status) {
	m.state.find(number).status = status
	m.store(number)
}

// supersedeDeployed is what Helm does with all other deployed records when one takes their place.
func (m *machine) supersedeDeployed() {
	for i := range m.state.history {
		if m.state.history[i].status == StatusDeployed {
			m.setStatus(m.state.history[i].number, StatusSuperseded)
		}
	}
}

// install is Helm's pkg/action/install.go RunWithContext, performInstall and failRelease, the same in
// v3 and v4 but for the apply method and the waiter.
func (m *machine) install(options Options) error {
	number, err := m.availableNumber(options)
	if err != nil {
		return err
	}
	options = waitingFor(options)
	// A re-install over kept history renders revision 1 and is stored as the next number.
	inventory, err := m.inventoryOf(Fields{Revision: 1})
	if err != nil {
		return err
	}
	serverSide := m.rules.serverSideApply && options.ServerSide != ServerSideFalse
	m.trace.Revision = number
	if !options.SkipCRDs {
		if err := m.installCRDs(inventory.CRDs, number, serverSide); err != nil {
			return err
		}
	}
	adopted, err := m.checkResources(inventory.Resources, nil, number, "install")
	if err != nil {
		return err
	}
	if last := m.state.last(); last != nil && last.status != StatusFailed {
		m.setStatus(last.number, StatusSuperseded)
	}
	m.state.history = append(m.state.history, revision{number: number, status: StatusPendingInstall, inventory: inventory, serverSide: serverSide})
	if err := m.performInstall(options, inventory, number, serverSide, adopted); err != nil {
		return m.failInstall(options, number, err)
	}
	m.setStatus(number, StatusDeployed)
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
	if err := m.makeResources(inventory.Resources, number, serverSide, adopted); err != nil {
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

// upgrade is Helm's pkg/action/upgrade.go prepareUpgrade, performUpgrade, releasingUpgrade and
// failRelease.
func (m *machine) upgrade(options Options) error {
	options = waitingFor(options)
	last, current, err := m.upgradable()
	if err != nil {
		return err
	}
	number := last.number + 1
	inventory, err := m.inventoryOf(Fields{Revision: number, IsUpgrade: true})
	if err != nil {
		return err
	}
	serverSide := m.updateServerSide(options, last.serverSide)
	m.trace.Revision = number
	original := current.inventory.Resources
	originalNumber := current.number
	adopted, err := m.checkResources(inventory.Resources, original, number, "update")
	if err != nil {
		return err
	}
	m.state.history = append(m.state.history, revision{number: number, status: StatusPendingUpgrade, inventory: inventory, serverSide: serverSide})
	created, err := m.performUpgrade(options, inventory, update{
		original: original, originalNumber: originalNumber, target: inventory.Resources, number: number,
		adopted: adopted, serverSide: serverSide,
	})
	if err != nil {
		return m.failUpgrade(options, number, created, err)
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

func (m *machine) performUpgrade(options Options, inventory Inventory, u update) ([]string, error) {
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
		m.store(u.originalNumber)
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

func (m *machine) failUpgrade(options Options, number int, created []string, err error) error {
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
		Timeout: options.Timeout, ServerSide: options.ServerSide,
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
	number, lastNumber := last.number+1, last.number
	serverSide := m.updateServerSide(options, target.serverSide)
	original, inventory := last.inventory.Resources, target.inventory
	if m.trace.Revision == 0 {
		m.trace.Revision = number
	}
	m.state.history = append(m.state.history, revision{number: number, status: StatusPendingRollback, inventory: inventory, serverSide: serverSide})
	run := hookRun{revision: number, options: options, serverSide: serverSide, store: func() { m.store(number) }}
	if !options.NoHooks {
		run.event = PreRollback
		if err := m.runHooks(run, inventory); err != nil {
			m.skip(inventory, number, phaseResources, string(PostRollback))
			return err
		}
	}
	change := update{original: original, originalNumber: lastNumber, target: inventory.Resources, number: number, serverSide: serverSide}
	if err := m.rollbackResources(options, change, inventory); err != nil {
		m.skipUnless(options.NoHooks, inventory, number, PostRollback)
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

func (m *machine) rollbackResources(options Options, u update, inventory Inventory) error {
	number, lastNumber := u.number, u.originalNumber
	phase := m.resourcePhase(inventory, number, options)
	created, err := m.updateResources(u)
	if err != nil {
		m.fail(phase, err)
		m.setStatus(lastNumber, StatusSuperseded)
		m.setStatus(number, StatusFailed)
		if !options.CleanupOnFail {
			return err
		}
		// Unlike upgrade, rollback does not look whether there is anything to clean up.
		if failure := m.cleanUp(created, number); failure != nil {
			return fmt.Errorf("an error occurred while cleaning up resources. original rollback error: unable to cleanup resources: %w", failure)
		}
		return err
	}
	if err := m.waitResources(inventory.Resources, number, options); err != nil {
		m.fail(phase, err)
		m.store(lastNumber)
		m.setStatus(number, StatusFailed)
		return fmt.Errorf("release %s failed: %w", m.release.Name, err)
	}
	return nil
}

// uninstall is Helm's pkg/action/uninstall.go Run.
func (m *machine) uninstall(options Options) error {
	last := m.state.last()
	switch {
	case last == nil:
		return refuse("uninstall: Release not loaded: %s: release: not found", m.release.Name)
	case last.status == StatusUninstalled && options.KeepHistory:
		return refuse("the release named %q is already deleted", m.release.Name)
	case last.status == StatusUninstalled:
		// Only the records go; no hook runs.
		m.state.history = nil
		return nil
	}
	number, inventory := last.number, last.inventory
	if m.trace.Revision == 0 {
		m.trace.Revision = number
	}
	// The status is set in memory and reaches the record with the first thing that is stored: the
	// first hook that gets as far as its creation, or the deletion of the resources.
	store := func() { m.setStatus(number, StatusUninstalling) }
	run := hookRun{revision: number, options: options, serverSide: m.rules.serverSideApply, store: store}
	if !options.NoHooks {
		run.event = PreDelete
		if err := m.runHooks(run, inventory); err != nil {
			m.skip(inventory, number, phaseResources, string(PostDelete))
			return err
		}
	}
	store()
	phase := m.resourcePhase(inventory, number, options)
	deleted, err := m.deleteResources(inventory.Resources, number)
	if err != nil {
		m.fail(phase, err)
		m.skipUnless(options.NoHooks, inventory, number, PostDelete)
		return fmt.Errorf("failed to delete release: %s", m.release.Name)
	}
	var failures []error
	if waits(options) {
		if err := m.waitResourcesDeleted(deleted, number); err != nil {
			failures = append(failures, err)
			m.fail(phase, err)
		}
	}
	if !options.NoHooks {
		run.event = PostDelete
		if err := m.runHooks(run, inventory); err != nil {
			failures = append(failures, err)
		}
	}
	m.endUninstall(options, number)
	if len(failures) > 0 {
		return fmt.Errorf("uninstallation completed with %d error(s): %w", len(failures), joined(failures))
	}
	return nil
}

func (m *machine) endUninstall(options Options, number int) {
	if !options.KeepHistory {
		m.state.history = nil
		return
	}
	m.setStatus(number, StatusUninstalled)
	if m.rules.keepHistorySupersedes {
		m.supersedeDeployed()
	}
}

// test is Helm's pkg/action/release_testing.go Run. It runs the hooks of the last record, whatever its
// status, and always waits with the watcher in Helm 4.
func (m *machine) test(options Options) error {
	last := m.state.last()
	if last == nil {
		return refuse("release: not found")
	}
	number := last.number
	m.trace.Revision = number
	options.Wait = WaitWatcher
	inventory := last.inventory
	inventory.Hooks = testFilter(inventory.Hooks, options.TestFilter)
	run := hookRun{
		event: TestEvent, revision: number, options: options,
		serverSide: m.rules.serverSideApply && last.serverSide, store: func() { m.store(number) },
	}
	err := m.runHooks(run, inventory)
	m.store(number)
	return err
}

// excluding is what Helm takes for "all but" (v3 cmd/helm/release_testing.go, the same in v4).
var excluding = regexp.MustCompile(`^!\s?name=`)

// testFilter keeps the hooks that `helm test --filter` leaves over: !name=x takes x away, and if any
// name=x is given only those stay. Helm passes over what is neither.
func testFilter(hooks []Hook, filters []string) []Hook {
	include, exclude := map[string]bool{}, map[string]bool{}
	for _, filter := range filters {
		if prefix := excluding.FindString(filter); prefix != "" {
			exclude[strings.TrimPrefix(filter, prefix)] = true
		} else if name, ok := strings.CutPrefix(filter, "name="); ok {
			include[name] = true
		}
	}
	var kept []Hook
	for _, h := range hooks {
		if !exclude[h.Name] && (len(include) == 0 || include[h.Name]) {
			kept = append(kept, h)
		}
	}
	return kept
}

// skipUnless notes a hook phase that was not reached.
func (m *machine) skipUnless(noHooks bool, inventory Inventory, number int, event Event) {
	if !noHooks {
		m.skip(inventory, number, string(event))
	}
}

func (m *machine) fail(phase int, err error) {
	m.phases[phase].Result = Failed
	m.phases[phase].Error = err.Error()
}

// errResources stands for whatever a cluster may have against the ordinary resources.
var errResources = errors.New("the ordinary resources failed")
