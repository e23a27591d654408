package cli

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/helm-hooks/helm-hooks/internal/lint"
	"github.com/helm-hooks/helm-hooks/internal/source"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// configure takes from the .helm-hooks.yaml that applies to a chart on disk what no flag and no variable
// says: the engine and the Kubernetes version.
func (o *inputOptions) configure(cmd *cobra.Command) error {
	if o.target.Kind != source.KindChart {
		return nil
	}
	folder := o.target.Ref
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		folder = filepath.Dir(folder)
	}
	config, err := lint.FindConfig(folder)
	if err != nil {
		return err
	}
	if o.engineFlag == "" && o.env.get("HELM_HOOKS_ENGINE") == "" && config.Engine != "" {
		if o.engine, err = plan.ParseEngine(config.Engine); err != nil {
			return fmt.Errorf("%s: %w", config.Path, err)
		}
		o.callerOnly = false
	}
	if !cmd.Flags().Changed("kube-version") && config.KubeVersion != "" {
		o.chart.kubeVersion = config.KubeVersion
	}
	return nil
}
