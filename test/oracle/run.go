// Package oracle runs Helm's own actions over an imitated cluster and tells what they did, so that
// predictions can be held against it.
package oracle

import (
	"fmt"

	"github.com/helm-hooks/helm-hooks/test/oracle/driver3"
	"github.com/helm-hooks/helm-hooks/test/oracle/driver4"
	"github.com/helm-hooks/helm-hooks/test/oracle/scenario"
	"github.com/helm-hooks/helm-hooks/test/oracle/stage"
)

// Run runs a scenario, each step by the Helm it names, over one cluster and one history. The error is for
// a scenario that cannot be run; what Helm refuses is in the result.
func Run(sc scenario.Scenario) (scenario.Result, error) {
	return stage.New(sc).Run(stepper)
}

// stepper finds the Helm that a step names.
func stepper(helm string) (stage.Stepper, error) {
	switch helm {
	case "3":
		return driver3.Step, nil
	case "4":
		return driver4.Step, nil
	}
	return nil, fmt.Errorf("unknown Helm %q (valid are 3 and 4)", helm)
}
