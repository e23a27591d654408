package cluster

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/labels"
)

// NotFoundError says that a release is not stored where it was looked for.
type NotFoundError struct {
	Release, Namespace, Context string
	// Namespaces are others that store a release of this name.
	Namespaces []string
	// Near are releases of the namespace with a similar name.
	Near []string
	// OtherDriver is set where the record lies in another kind of object than HELM_DRIVER says.
	OtherDriver Driver
	// Empty says that the namespace stores no release at all.
	Empty bool
}

func (e *NotFoundError) Error() string {
	text := fmt.Sprintf("release %q not found in namespace %q", e.Release, e.Namespace)
	if e.Context != "" {
		text += fmt.Sprintf(" (context %q)", e.Context)
	}
	return text
}

// Hint says where to look instead.
func (e *NotFoundError) Hint() string {
	switch {
	case len(e.Namespaces) == 1:
		return "it is stored in another namespace: -n " + e.Namespaces[0]
	case len(e.Namespaces) > 1:
		return "releases of this name are stored in the namespaces " + strings.Join(e.Namespaces, ", ")
	case e.OtherDriver != "":
		return fmt.Sprintf("it is stored in a %s: set HELM_DRIVER=%s", e.OtherDriver.kind(), strings.ToLower(e.OtherDriver.kind()))
	case len(e.Near) > 0:
		return "did you mean " + strings.Join(e.Near, " or ") + "?"
	case e.Empty:
		return "this namespace stores no release; helm list -A shows where releases are"
	}
	return fmt.Sprintf("helm list -n %s shows the releases there are", e.Namespace)
}

// notFound finds out what may have been meant. That is a courtesy: what may not be read is passed over.
func (r *Records) notFound(ctx context.Context, namespace, release string) error {
	missing := &NotFoundError{Release: release, Namespace: namespace, Context: r.client.Context}
	if names, err := r.Releases(ctx, namespace); err == nil {
		missing.Near, missing.Empty = near(release, names), len(names) == 0
	}
	elsewhere := map[string]bool{}
	// What was found before a page failed is still true.
	_ = r.each(ctx, "", labels.Set{"owner": "helm", "name": release}, func(ref Ref) { elsewhere[ref.Namespace] = true })
	missing.Namespaces = slices.Sorted(maps.Keys(elsewhere))
	other := &Records{r.client, ConfigMaps}
	if r.driver == ConfigMaps {
		other.driver = Secrets
	}
	if refs, err := other.Revisions(ctx, namespace, release); err == nil && len(refs) > 0 {
		missing.OtherDriver = other.driver
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return missing
}

// near are the names that somebody may have meant: at most a third of the letters wrong, or one inside the other.
func near(wanted string, names []string) []string {
	const shown = 3
	type candidate struct {
		name   string
		errors int
	}
	var candidates []candidate
	for _, name := range names {
		wrong := typingErrors(wanted, name)
		switch {
		case wrong <= max(1, len(wanted)/3):
		case len(wanted) >= shown && strings.Contains(name, wanted), len(name) >= shown && strings.Contains(wanted, name):
		default:
			continue
		}
		candidates = append(candidates, candidate{name, wrong})
	}
	slices.SortStableFunc(candidates, func(a, b candidate) int { return a.errors - b.errors })
	var found []string
	for _, c := range candidates[:min(shown, len(candidates))] {
		found = append(found, c.name)
	}
	return found
}

// typingErrors counts the letters to add, drop, change, or swap with their neighbour.
func typingErrors(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}

// releaseName is Helm's own rule (v3 pkg/chartutil/validate_name.go, v4 pkg/chart/v2/util/validate_name.go).
var releaseName = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`)

const maxReleaseName = 53

// validName refuses what no release can be called, before the server does so in its own words.
func validName(name string) error {
	if len(name) <= maxReleaseName && releaseName.MatchString(name) {
		return nil
	}
	return &Error{
		fmt.Errorf("no release can be called %q", name),
		fmt.Sprintf("a release name has lower-case letters, digits, - and . inside, and at most %d letters; a chart's path needs a slash: ./%s", maxReleaseName, name),
	}
}
