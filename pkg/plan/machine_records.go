package plan

import (
	"errors"
	"slices"
)

// store is Helm writing a record again. Helm 3 does not know apply_method and drops it. A record that made room for
// a new one is gone: Helm logs that and goes on (pkg/action/action.go recordRelease).
func (m *machine) store(number int) {
	if record := m.state.find(number); record != nil && !m.rules.serverSideApply {
		record.serverSide = false
	}
}

// maxHistory is Helm's --history-max where none is given.
const maxHistory = 10

// makeRoom deletes the oldest records so that there is room for another one, but never the one that is deployed
// (v3 and v4 pkg/storage/storage.go removeLeastRecent). Only the commands upgrade and rollback ask for that; the
// rollback in an atomic upgrade does not (upgrade.go failRelease).
func (m *machine) makeRoom(options Options) {
	limit := options.MaxHistory
	if limit == 0 {
		limit = maxHistory
	}
	if m.action != m.trace.Action || limit < 0 {
		return
	}
	keep := 0
	if deployed := m.state.deployed(); deployed != nil {
		keep = deployed.number
	}
	excess := len(m.state.history) - (limit - 1)
	m.state.history = slices.DeleteFunc(m.state.history, func(r revision) bool {
		if excess <= 0 || r.number == keep {
			return false
		}
		excess--
		return true
	})
}

// setStatus stores a record with a new status.
func (m *machine) setStatus(number int, status Status) {
	if record := m.state.find(number); record != nil {
		record.status = status
	}
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
var errResources = errors.New("(what the cluster says of the ordinary resources)")
