//go:build helm40

package driver4

import "helm.sh/helm/v4/pkg/action"

// runTest is cmd/helm/release_testing.go of Helm 4.0 without the output.
func runTest(client *action.ReleaseTesting, name string) error {
	_, err := client.Run(name)
	return err
}
