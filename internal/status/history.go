package status

import (
	"fmt"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// Past is a revision as history shows it.
type Past struct {
	Revision
	// Note is what the statuses before it tell, such as that it undid a failure; else empty.
	Note string
}

func (f *Facts) history() []Past {
	var all []Past
	for i, r := range f.Revisions {
		past := Past{Revision: r}
		if i > 0 && r.Read {
			past.Note = noteOf(r, f.Revisions[i-1])
		}
		all = append(all, past)
	}
	return all
}

// noteOf tells what two revisions in a row mean together.
func noteOf(r, before Revision) string {
	if actionOf(r) != plan.Rollback {
		return ""
	}
	text := "a rollback"
	if to := rollbackTo(r); to > 0 {
		text += fmt.Sprintf(" to revision %d", to)
	}
	switch before.Status {
	case plan.StatusFailed:
		return fmt.Sprintf("%s after revision %d failed", text, before.Number)
	case plan.StatusPendingInstall, plan.StatusPendingUpgrade, plan.StatusPendingRollback, plan.StatusUninstalling:
		return fmt.Sprintf("%s after revision %d was left %s", text, before.Number, before.Status)
	}
	return text
}

// deployed is the revision that Helm takes for the one in use, 0 where there is none.
func (f *Facts) deployed() int {
	for i := len(f.Revisions) - 1; i >= 0; i-- {
		if f.Revisions[i].Status == plan.StatusDeployed {
			return f.Revisions[i].Number
		}
	}
	return 0
}
