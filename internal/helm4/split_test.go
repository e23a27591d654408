package helm4

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The rows are what SplitManifests of 4.3.1, 4.2.3 and 4.1.4 give.
func TestSplitIsKeyedByVersion(t *testing.T) {
	for _, test := range []struct {
		name, text         string
		newest, middle, v0 []string
	}{
		{"two documents", "a: 1\n---\nb: 2\n", []string{"a: 1\n", "b: 2\n"}, []string{"a: 1", "b: 2\n"}, []string{"a: 1", "b: 2"}},
		{"dashes glued to the text", "---kind: X\n---kind: Y", []string{"kind: X\n", "kind: Y"}, []string{"kind: X", "kind: Y"}, []string{"kind: X", "kind: Y"}},
		{"a comment behind the dashes", "--- # c\na: 1", []string{"# c\na: 1"}, []string{"# c\na: 1"}, []string{"# c\na: 1"}},
		{"an indented separator", "a: |\n  x\n  ---\n  y", []string{"a: |\n  x\n  ---\n  y"}, []string{"a: |\n  x\n  ---\n  y"}, []string{"a: |\n  x\n  ---\n  y"}},
		{"four dashes", "a: 1\n----\nb: 2", []string{"a: 1\n", "-\nb: 2"}, []string{"a: 1", "-\nb: 2"}, []string{"a: 1", "-\nb: 2"}},
		{"only separators", "---\n---\n", nil, []string{"---\n"}, []string{"---"}},
		{"Windows lines", "a: 1\r\n---\r\nb: 2\r\n", []string{"a: 1\r\n", "b: 2\r\n"}, []string{"a: 1", "b: 2\r\n"}, []string{"a: 1", "b: 2"}},
		{"a trailing block", "a: |\n  x\n\n---\nb: 2", []string{"a: |\n  x\n\n", "b: 2"}, []string{"a: |\n  x", "b: 2"}, []string{"a: |\n  x", "b: 2"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			for version, want := range map[[3]int][]string{
				{4, 3, 1}: test.newest, {4, 2, 4}: test.newest, {4, 4, 0}: test.newest,
				{4, 2, 3}: test.middle, {4, 2, 0}: test.middle,
				{4, 1, 4}: test.v0, {4, 0, 0}: test.v0,
			} {
				if diff := cmp.Diff(want, Split(version)(test.text)); diff != "" && len(want)+len(Split(version)(test.text)) > 0 {
					t.Errorf("%v: %s", version, diff)
				}
			}
		})
	}
}
