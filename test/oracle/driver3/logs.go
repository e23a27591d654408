//go:build !helm317

package driver3

import "helm.sh/helm/v3/pkg/action"

// setHookOutput is needed since Helm 3.18 prints logs of hooks.
func setHookOutput(cfg *action.Configuration) { cfg.SetHookOutputFunc(hookOutput) }
