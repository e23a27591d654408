package source

import (
	"strings"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// StoredHook is a hook as a release record holds it.
type StoredHook struct {
	Path, Manifest string
	LastRun        plan.LastRun
}

// StoredDocuments are the documents of a release record: those of the manifest, then the hooks. label names the
// record in messages.
func StoredDocuments(label, manifest string, hooks []StoredHook) ([]plan.Document, error) {
	read := stream{files: map[string]string{}, counts: map[string]int{}}
	from := Input{Name: label}
	if err := read.addPieces(from, cut(label, manifest, 1)); err != nil {
		return nil, err
	}
	for _, hook := range hooks {
		if strings.TrimSpace(hook.Manifest) == "" {
			continue
		}
		one := piece{source: hook.Path, text: hook.Manifest, label: label + ", " + hook.Path, line: 1}
		if err := read.addPieces(from, []piece{one}); err != nil {
			return nil, err
		}
		read.documents[len(read.documents)-1].LastRun = hook.LastRun
	}
	return read.documents, nil
}
