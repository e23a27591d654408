package gitops

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

type syncPolicy struct {
	Automated *struct {
		Prune      *bool `json:"prune"`
		SelfHeal   *bool `json:"selfHeal"`
		AllowEmpty *bool `json:"allowEmpty"`
		Enabled    *bool `json:"enabled"`
	} `json:"automated"`
	SyncOptions []string `json:"syncOptions"`
	Retry       *struct {
		Limit   int64           `json:"limit"`
		Backoff json.RawMessage `json:"backoff"`
		Refresh bool            `json:"refresh"`
	} `json:"retry"`
	ManagedNamespaceMetadata json.RawMessage `json:"managedNamespaceMetadata"`
}

// The finalizer that makes the deletion of an Application take its objects along, and the annotation that takes an
// Application out of the controller's hands (pkg/apis/application/v1alpha1/application_defaults.go, common/common.go).
const (
	cascadeFinalizer = "resources-finalizer.argocd.argoproj.io"
	skipReconcile    = "argocd.argoproj.io/skip-reconcile"
)

// note says when a sync comes, and what it makes of hooks. What holds for every Application pkg/plan says.
func (a *Application) note() {
	add := func(format string, arguments ...any) { a.Notes = append(a.Notes, fmt.Sprintf(format, arguments...)) }
	if a.object.metadata.Annotations[skipReconcile] == "true" {
		add("%s: true: Argo CD leaves this Application alone, and runs nothing", skipReconcile)
	}
	policy := a.spec.SyncPolicy
	if policy == nil {
		policy = &syncPolicy{}
	}
	auto := policy.Automated
	switch automated := auto != nil && (auto.Enabled == nil || *auto.Enabled); {
	case !automated:
		add("no automated sync: the hooks run when somebody syncs the whole Application")
	case auto.SelfHeal != nil && *auto.SelfHeal:
		add("automated sync: the hooks run when the sources change an ordinary object; selfHeal undoes what others change without running a hook")
	default:
		add("automated sync: the hooks run when the sources change an ordinary object")
	}
	a.noteRetries(policy, auto != nil)
	if slices.Contains(policy.SyncOptions, "ApplyOutOfSyncOnly=true") {
		add("ApplyOutOfSyncOnly leaves out what is in sync, and no hook")
	}
	if !slices.ContainsFunc(a.object.metadata.Finalizers, func(f string) bool { return f == cascadeFinalizer || strings.HasPrefix(f, cascadeFinalizer+"/") }) {
		add("without the finalizer %s, kubectl delete leaves the Application's ordinary objects (argocd app delete sets it by itself)", cascadeFinalizer)
	}
}

// noteRetries: a retried sync begins anew, hooks included. An automated one is tried again five times where nothing is
// said (controller/appcontroller.go autoSync).
func (a *Application) noteRetries(policy *syncPolicy, automated bool) {
	limit := int64(0)
	if automated {
		limit = 5
	}
	if policy.Retry != nil {
		limit = policy.Retry.Limit
	}
	switch {
	case limit < 0:
		a.Notes = append(a.Notes, "a failed sync is tried again without end, and its hooks run again each time")
	case limit > 0:
		a.Notes = append(a.Notes, fmt.Sprintf("a failed sync is tried again up to %d times, and its hooks run again each time", limit))
	}
}

// readStatus says how the Application of a cluster fares.
func (a *Application) readStatus(raw json.RawMessage) error {
	var status struct {
		Sync struct {
			Status string `json:"status"`
		} `json:"sync"`
		Health struct {
			Status string `json:"status"`
		} `json:"health"`
		OperationState struct {
			Phase   string `json:"phase"`
			Message string `json:"message"`
		} `json:"operationState"`
	}
	if len(raw) == 0 {
		return nil
	}
	if err := json.Unmarshal(raw, &status); err != nil {
		return fmt.Errorf("%s: %s: status: %w", a.object.Where, a.object.Ref(), withoutGo(err))
	}
	if status.Sync.Status != "" {
		a.Notes = append(a.Notes, fmt.Sprintf("it is %s and %s", status.Sync.Status, firstOf(status.Health.Status, "of unknown health")))
	}
	if state := status.OperationState; state.Phase != "" {
		last := Condition{Value: state.Phase, Message: state.Message}
		a.Notes = append(a.Notes, "its last sync: "+last.words())
	}
	return nil
}
