package helm3

import (
	"slices"
	"testing"

	"helm.sh/helm/v3/pkg/releaseutil"

	"github.com/helm-hooks/helm-hooks/internal/source/sdk"
)

// A text in which there is nothing to cut must be cut as Helm does it.
func FuzzSplit(f *testing.F) {
	for _, text := range []string{"", " \n", "a: 1", "\n\ta: 1 \n\n", "a: 1\n---\nb: 2", "--", "---", "\u00a0a\u2028", "a\r\n"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if got, want := Split(text), sdk.InOrder(releaseutil.SplitManifests(text)); !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	})
}
