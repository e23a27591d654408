package helm4

import (
	"regexp"
	"strings"
	"unicode"

	"helm.sh/helm/v4/pkg/release/v1/util"

	"github.com/helm-hooks/helm-hooks/internal/source/sdk"
)

// oldSeparator is the separator of Helm 4 before 4.2.4 (v4.2.3 pkg/release/v1/util/manifest.go).
var oldSeparator = regexp.MustCompile("(?:^|\\s*\n)---\\s*")

// Split gives the function with which the Helm 4 of a version cuts a rendered file into documents.
func Split(version [3]int) func(string) []string {
	switch {
	case !before(version, [3]int{4, 2, 4}):
		return splitNewest
	case !before(version, [3]int{4, 2, 0}):
		return splitKeepingTail
	default:
		return splitTrimming
	}
}

// splitNewest is SplitManifests as it is linked, which is not asked where there is nothing to cut.
func splitNewest(text string) []string {
	if strings.Contains(text, "---") {
		return sdk.InOrder(util.SplitManifests(text))
	}
	if text = strings.TrimLeftFunc(text, unicode.IsSpace); text == "" {
		return nil
	}
	return []string{text}
}

// splitKeepingTail is SplitManifests of v4.2.0 to v4.2.3: leading white space goes, trailing stays.
func splitKeepingTail(text string) []string {
	var pieces []string
	for _, piece := range oldSeparator.Split(strings.TrimLeftFunc(text, unicode.IsSpace), -1) {
		if strings.TrimSpace(piece) != "" {
			pieces = append(pieces, strings.TrimLeftFunc(piece, unicode.IsSpace))
		}
	}
	return pieces
}

// splitTrimming is SplitManifests of v4.0.0 to v4.1.x, the one that Helm 3 still has.
func splitTrimming(text string) []string {
	var pieces []string
	for _, piece := range oldSeparator.Split(strings.TrimSpace(text), -1) {
		if piece != "" {
			pieces = append(pieces, strings.TrimSpace(piece))
		}
	}
	return pieces
}

func before(a, b [3]int) bool {
	for i := range a {
		if a[i] != b[i] {
			return a[i] < b[i]
		}
	}
	return false
}
