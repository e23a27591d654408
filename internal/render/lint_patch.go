package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/aymanbagabas/go-udiff"

	"github.com/helm-hooks/helm-hooks/internal/lint"
)

// LintPatch writes the corrections that leave nothing to choose as one unified diff, for git apply or
// patch -p1. A file that has control characters near such a place is left out: a diff must hold the lines
// as they are, and a terminal must not.
func LintPatch(w io.Writer, r lint.Report, _ LintOptions) error {
	var out strings.Builder
	done := map[string]bool{}
	for _, source := range r.Sources {
		for _, patch := range source.Patches {
			if done[patch.Path] || strings.ContainsFunc(patch.Path, hidden) {
				continue
			}
			done[patch.Path] = true
			diff, err := udiff.ToUnified(patchName("a/", patch.Path), patchName("b/", patch.Path), patch.Old, udiff.Lines(patch.Old, patch.New), udiff.DefaultContextLines)
			if err != nil {
				return fmt.Errorf("compare %s with its correction: %w", patch.Path, err)
			}
			if !hasControls(diff) {
				out.WriteString(diff)
			}
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// patchName is a file's name in the head of a diff: in C's quotes where git wants them, and with a tab
// behind it where a blank would end it for patch.
func patchName(prefix, path string) string {
	if strings.ContainsAny(path, `"\`) {
		return `"` + prefix + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(path) + `"`
	}
	if strings.Contains(path, " ") {
		return prefix + path + "\t"
	}
	return prefix + path
}

// hasControls says whether a diff has characters that a terminal obeys. Tabs, and the carriage returns of
// Windows' line ends, are part of texts.
func hasControls(diff string) bool {
	return strings.ContainsFunc(strings.ReplaceAll(diff, "\r\n", "\n"), func(r rune) bool {
		return r != '\n' && r != '\t' && hidden(r)
	})
}
