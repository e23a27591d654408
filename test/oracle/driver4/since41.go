//go:build !helm40

package driver4

import (
	"helm.sh/helm/v4/pkg/action"
	"helm.sh/helm/v4/pkg/kube"
)

// runTest is pkg/cmd/release_testing.go without the output: since Helm 4.1 the tests' objects are deleted
// only after their logs were read, by a function that the command line calls in every case.
func runTest(client *action.ReleaseTesting, name string) error {
	_, shutdown, err := client.Run(name)
	if failed := shutdown(); err == nil {
		err = failed
	}
	return err
}

// GetWaiterWithOptions is asked for instead of GetWaiter since Helm 4.1.
func (c *client) GetWaiterWithOptions(strategy kube.WaitStrategy, _ ...kube.WaitOption) (kube.Waiter, error) {
	return c.GetWaiter(strategy)
}
