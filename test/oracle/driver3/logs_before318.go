//go:build helm317

package driver3

import "helm.sh/helm/v3/pkg/action"

// setHookOutput has nothing to do: Helm before 3.18 knows no logs of hooks.
func setHookOutput(*action.Configuration) { _ = hookOutput }
