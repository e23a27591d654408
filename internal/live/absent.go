package live

import (
	"context"
	"fmt"

	"github.com/helm-hooks/helm-hooks/internal/cluster"
)

// Explain adds to a release that is not stored whether Argo CD renders a chart of that name: it runs no Helm action
// and leaves no record.
func Explain(ctx context.Context, client *cluster.Client, missing *cluster.NotFoundError) error {
	if len(missing.Namespaces) > 0 || missing.OtherDriver != "" {
		return missing
	}
	application := client.ArgoApplication(ctx, missing.Namespace, missing.Release)
	if err := ctx.Err(); err != nil {
		return err
	}
	if application == "" {
		return missing
	}
	return &cluster.Error{
		Err:  fmt.Errorf("%w: Argo CD looks after it (Application %s), renders the chart itself and leaves no Helm record", missing, application),
		Hint: "plan the chart that the Application names; kubectl get application -A shows it",
	}
}
