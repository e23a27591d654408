package plan

import (
	"fmt"
	"regexp"
	"strings"
)

// uninstall is Helm's pkg/action/uninstall.go Run.
func (m *machine) uninstall(options Options) error {
	last, err := loaded(m.state.last())
	switch {
	case err != nil:
		return err
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
	lived := m.state.live
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
			m.state.live = Live{Revision: lived.Revision, Rendered: lived.Rendered, Partly: true}
			if isStop(err) {
				m.skipUnless(options.NoHooks, inventory, number, PostDelete)
				return err
			}
		}
	}
	if !options.NoHooks {
		run.event = PostDelete
		if err := m.runHooks(run, inventory); err != nil {
			if isStop(err) {
				return err
			}
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
	m.state.installed = false
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
	last, err := loaded(m.state.last())
	switch {
	case err != nil:
		return err
	case last == nil:
		return refuse("release: not found")
	}
	number := last.number
	m.trace.Revision = number
	options.Wait = WaitWatcher
	inventory := last.inventory
	inventory.Hooks = testFilter(inventory.Hooks, options.TestFilter)
	stored := false
	run := hookRun{
		event: TestEvent, revision: number, options: options,
		serverSide: m.rules.serverSideApply && last.serverSide,
		store:      func() { m.store(number); stored = true },
	}
	err = m.runHooks(run, inventory)
	if isStop(err) {
		if stored {
			// The record was written while it held the tests of the filter only, and nobody mends it.
			m.state.find(number).inventory.Hooks = inventory.Hooks
		}
		return err
	}
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
