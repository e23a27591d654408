package source

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/helm-hooks/helm-hooks/internal/gitops"
	"github.com/helm-hooks/helm-hooks/internal/helm3"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// Surroundings are where a HelmRelease or an Application finds what it refers to.
type Surroundings struct {
	Find gitops.Finder
	// Complete says that Find knows all there is: a cluster.
	Complete bool
	// Chart is the one of --chart; nil where the object is to tell.
	Chart *Target
	// Folders are where the root of the repository may be that the object names.
	Folders []string
}

// Given is what an object makes of the flags: the chart, its values and the release.
type Given struct {
	Options ChartOptions
	Notes   []string
	Unknown []plan.UnknownFact

	// secret is the one that holds the credentials, for the case that the chart cannot be had.
	secret string
	kind   string
}

// Open reads and renders the chart.
func (g *Given) Open() (*Source, error) {
	read, err := FromChart(g.Options)
	if err != nil && strings.Contains(err.Error(), "improper constraint") && g.Options.Target.Kind == KindURL {
		err = &Error{err, "Helm takes versions and digests of a registry, no other tags: --chart " + untagged(g.Options.Target.Ref) + "@sha256:DIGEST, or --chart ./PATH"}
	}
	if err != nil && g.secret != "" && strings.HasPrefix(err.Error(), "find chart ") {
		err = &Error{err, fmt.Sprintf("the credentials of Secret/%s are not read: give --username and --password, or --chart ./PATH", g.secret)}
	}
	if err != nil {
		return nil, err
	}
	read.Type = g.kind
	read.Notes = slices.Concat(g.Notes, read.Notes)
	read.Unknown = slices.Concat(g.Unknown, read.Unknown)
	return read, nil
}

// untagged is a reference without its tag.
func untagged(ref string) string {
	if at := strings.LastIndexByte(ref, ':'); at > strings.LastIndexByte(ref, '/') {
		return ref[:at]
	}
	return ref
}

// Folders are where the root of a repository may be: next to the file that names a path in it, at the .git above, and
// the same for the working folder. An empty file is standard input or a cluster.
func Folders(file string) []string {
	var folders []string
	if file != "" {
		folders = append(folders, filepath.Dir(file), gitRoot(filepath.Dir(file)))
	}
	folders = append(folders, ".", gitRoot("."))
	return slices.DeleteFunc(folders, func(f string) bool { return f == "" })
}

// gitRoot is the nearest folder from here upwards that has a .git; empty where there is none.
func gitRoot(folder string) string {
	at, err := filepath.Abs(folder)
	if err != nil {
		return ""
	}
	for {
		if _, err := os.Stat(filepath.Join(at, ".git")); err == nil {
			return shortest(at)
		}
		above := filepath.Dir(at)
		if above == at {
			return ""
		}
		at = above
	}
}

// shortest is a path from the working folder, if it is below.
func shortest(path string) string {
	here, err := os.Getwd()
	if err != nil {
		return path
	}
	if relative, err := filepath.Rel(here, path); err == nil && !strings.HasPrefix(relative, "..") {
		return relative
	}
	return path
}

// inRepository finds a path of a repository whose root may be in several places. root is where it begins.
func inRepository(path string, folders []string, is func(string) bool) (found, root string, others []string) {
	seen := map[string]bool{}
	for _, folder := range folders {
		at := filepath.Join(folder, filepath.Join(string(filepath.Separator), filepath.FromSlash(path)))
		real, err := filepath.EvalSymlinks(at)
		if err != nil || !is(at) {
			continue
		}
		if real, err = filepath.Abs(real); err != nil || seen[real] {
			continue
		}
		seen[real] = true
		if found == "" {
			found, root = at, folder
		} else {
			others = append(others, at)
		}
	}
	return found, root, others
}

func isChart(path string) bool {
	info, err := os.Stat(path)
	if err != nil {
		return false
	}
	if !info.IsDir() {
		return hasAnySuffix(path, ".tgz", ".tar.gz")
	}
	info, err = os.Stat(filepath.Join(path, "Chart.yaml"))
	return err == nil && !info.IsDir()
}

// place is where a chart was found.
type place struct {
	target Target
	// root is that of the repository, where it is known; empty for what is no path in one.
	root string
}

// locate turns a location into a chart, and adds to the flags what the location says.
func locate(at gitops.Location, from Surroundings, options *helm3.LocateOptions) (place, []string, error) {
	if from.Chart != nil {
		return place{target: *from.Chart, root: rootOf(*from.Chart, at.Path)}, at.Notes, nil
	}
	if at.Path != "" {
		return inPath(at, from.Folders)
	}
	notes := at.Notes
	if options.Version == "" {
		options.Version = at.Version
	}
	options.PlainHTTP = options.PlainHTTP || at.PlainHTTP
	options.PassCredentialsAll = options.PassCredentialsAll || at.PassCredentials
	if at.Ref != "" {
		options.RepoURL = ""
		return place{target: Target{Kind: KindURL, Ref: at.Ref, Given: at.Ref}}, append(notes, "its chart: "+withVersion(at.Ref, at.Version)), nil
	}
	options.RepoURL = at.RepoURL
	return place{target: Target{Kind: KindRepo, Ref: at.Chart, Given: at.Chart}},
		append(notes, fmt.Sprintf("its chart: %s of %s", withVersion(at.Chart, at.Version), at.RepoURL)), nil
}

func withVersion(name, version string) string {
	if version == "" {
		return name
	}
	return name + " " + version
}

// inPath finds the chart that lies in a repository.
func inPath(at gitops.Location, folders []string) (place, []string, error) {
	found, root, others := inRepository(at.Path, folders, isChart)
	switch {
	case found == "":
		return place{}, nil, &Error{
			fmt.Errorf("its chart is %s in %s, and there is no such chart here", at.Path, at.Of),
			"--chart ./PATH names it; a path of the repository is looked for next to the file, in the folder here, and at the root of their Git repositories",
		}
	case len(others) > 0:
		return place{}, nil, &Error{
			fmt.Errorf("its chart is %s in %s, and there are several here: %s", at.Path, at.Of, strings.Join(append([]string{found}, others...), ", ")),
			"--chart names the one that is meant: --chart ./" + strings.TrimPrefix(found, "./"),
		}
	}
	return place{target: Target{Kind: KindChart, Ref: found, Given: found}, root: root},
		append(at.Notes, fmt.Sprintf("its chart: %s, taken for %s in %s", found, at.Path, at.Of)), nil
}

// rootOf is the root of the repository where a chart given by hand lies at the path that the object names, else that of
// its Git repository; empty where neither is so.
func rootOf(chart Target, path string) string {
	if chart.Kind != KindChart || path == "" {
		return ""
	}
	full, err := filepath.Abs(chart.Ref)
	if err != nil {
		return ""
	}
	inside := filepath.Join(string(filepath.Separator), filepath.FromSlash(path))
	if root, ok := strings.CutSuffix(full, inside); ok && inside != string(filepath.Separator) {
		return firstWord(root, string(filepath.Separator))
	}
	return gitRoot(full)
}

func firstWord(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
