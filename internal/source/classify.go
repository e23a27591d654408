package source

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

// Kind is what a SOURCE turned out to be.
type Kind string

// The kinds of SOURCE.
const (
	// KindStdin is rendered YAML on standard input.
	KindStdin Kind = "stdin"
	// KindFile is a file of rendered YAML.
	KindFile Kind = "file"
	// KindChart is a chart folder or archive on disk.
	KindChart Kind = "chart"
	// KindURL is a chart at a URL or in a registry.
	KindURL Kind = "url"
	// KindRepo is REPO/CHART, or CHART with --repo.
	KindRepo Kind = "repo"
	// KindRelease is a release in the cluster.
	KindRelease Kind = "release"
	// KindHelmRelease and KindApplication are objects of Flux and Argo CD.
	KindHelmRelease Kind = "helmrelease"
	KindApplication Kind = "application"
)

// SourceTypes are the values of --source-type.
var SourceTypes = []string{TypeChart, TypeRelease, TypeStream}

// Env is the part of the outside that decides what a SOURCE is.
type Env struct {
	// Stat looks a path up; nil is os.Stat.
	Stat func(name string) (fs.FileInfo, error)
	// Home is what ~ stands for.
	Home string
	// Windows reads drive letters and backslashes as paths.
	Windows bool
}

// LocalEnv is the environment of this process.
func LocalEnv() Env {
	home, err := os.UserHomeDir()
	if err != nil {
		home = ""
	}
	return Env{Stat: os.Stat, Home: home, Windows: runtime.GOOS == "windows"}
}

// Choice are the flags that bear on what a SOURCE is.
type Choice struct {
	// SourceType is --source-type, or empty.
	SourceType string
	// RepoURL is --repo: with it a word names a chart in that repository.
	RepoURL string
}

// Target is a SOURCE that was understood.
type Target struct {
	Kind Kind
	// Ref is the path, URL, reference or name to go on with.
	Ref string
	// Given is the SOURCE as the user wrote it.
	Given string
	// Note says what else the word could have meant and how to get that, else empty.
	Note string
}

// Classify finds out what SOURCE is. args are the words of the command line, none or one. The order is
// that of the user guide: "-", paths by their look, URLs, helmrelease/ and application/, REPO/CHART, a
// chart folder here, a release.
func Classify(args []string, env Env, choice Choice) (Target, error) {
	if env.Stat == nil {
		env.Stat = os.Stat
	}
	if choice.SourceType != "" && !slices.Contains(SourceTypes, choice.SourceType) {
		return Target{}, fmt.Errorf("unknown source type %q: valid are %s", choice.SourceType, strings.Join(SourceTypes, ", "))
	}
	if len(args) > 1 {
		return Target{}, fmt.Errorf("one SOURCE at a time, but got %d: %s", len(args), strings.Join(args, ", "))
	}
	if len(args) == 0 {
		return env.nothing(choice)
	}
	given := args[0]
	if strings.TrimSpace(given) == "" {
		return Target{}, &Error{errors.New("the SOURCE is an empty string"), "an unset variable in a script? Leave SOURCE out for the chart in this folder"}
	}
	target, err := env.decide(given, choice)
	target.Given = given
	return target, err
}

func (e Env) nothing(choice Choice) (Target, error) {
	if choice.SourceType == TypeStream {
		return Target{Kind: KindStdin, Ref: "-", Given: "-"}, nil
	}
	if choice.SourceType != TypeRelease && e.isFile("Chart.yaml") {
		return Target{Kind: KindChart, Ref: ".", Given: "."}, nil
	}
	return Target{}, &Error{
		errors.New("no SOURCE given, and there is no Chart.yaml in this folder"),
		"name a chart (folder, .tgz, REPO/CHART, oci://…), rendered YAML (a file, or - for standard input), or a release",
	}
}

func (e Env) decide(given string, choice Choice) (Target, error) {
	switch choice.SourceType {
	case TypeRelease:
		return Target{Kind: KindRelease, Ref: given}, nil
	case TypeStream:
		return e.forcedStream(given)
	case TypeChart:
		return e.forcedChart(given, choice)
	}
	kind, name, hasSlash := strings.Cut(given, "/")
	switch {
	case given == "-":
		return Target{Kind: KindStdin, Ref: "-"}, nil
	case strings.Contains(given, "://") && !e.looksRelative(given):
		return e.remote(given)
	case e.looksLikePath(given):
		return e.path(given)
	case hasSlash && (kind == TypeHelmRelease || kind == TypeApplication):
		if name == "" {
			return Target{}, fmt.Errorf("%s lacks the name of the object", given)
		}
		return Target{Kind: Kind(kind), Ref: name, Note: e.slashNote(given)}, nil
	case hasSlash:
		if e.exists(given) {
			return e.path(given)
		}
		return Target{Kind: KindRepo, Ref: given}, nil
	case choice.RepoURL != "":
		return Target{Kind: KindRepo, Ref: given}, nil
	}
	return e.word(given)
}

// word is a name without any slash: the chart in a folder here, else a release.
func (e Env) word(given string) (Target, error) {
	info, err := e.Stat(given)
	switch {
	case err == nil && info.IsDir() && e.isFile(filepath.Join(given, "Chart.yaml")):
		return Target{
			Kind: KindChart, Ref: given,
			Note: fmt.Sprintf("%s is the chart in this folder; for the release of that name: --source-type release", given),
		}, nil
	case err == nil && info.IsDir():
		return Target{
			Kind: KindRelease, Ref: given,
			Note: fmt.Sprintf("%s is taken for a release: the folder of that name here has no Chart.yaml", given),
		}, nil
	case err == nil:
		return Target{
			Kind: KindRelease, Ref: given,
			Note: fmt.Sprintf("%s is taken for a release; for the file of that name here: ./%s", given, given),
		}, nil
	}
	return Target{Kind: KindRelease, Ref: given}, nil
}

func (e Env) forcedStream(given string) (Target, error) {
	if given == "-" {
		return Target{Kind: KindStdin, Ref: "-"}, nil
	}
	name := e.expand(given)
	if err := e.mustExist(name, given); err != nil {
		return Target{}, err
	}
	if e.isDir(name) {
		return Target{}, &Error{fmt.Errorf("%s is a folder, rendered YAML is a file", given), "name the files' stream: cat " + given + "/*.yaml | helm hooks plan -"}
	}
	return Target{Kind: KindFile, Ref: name}, nil
}

func (e Env) forcedChart(given string, choice Choice) (Target, error) {
	name := e.expand(given)
	switch {
	case given == "-":
		return Target{}, &Error{errors.New("a chart cannot be read from standard input"), "save the archive and name the file"}
	case strings.Contains(given, "://") && !e.looksRelative(given):
		return e.remote(given)
	case e.exists(name):
		return Target{Kind: KindChart, Ref: name}, nil
	case e.looksLikePath(given):
		return Target{}, e.mustExist(name, given)
	case strings.Contains(given, "/") || choice.RepoURL != "":
		return Target{Kind: KindRepo, Ref: given}, nil
	}
	return Target{}, noSuch(given)
}

// remote is a URL. Helm has no getter for file URLs.
func (e Env) remote(given string) (Target, error) {
	scheme, rest, _ := strings.Cut(given, "://")
	if strings.EqualFold(scheme, "file") {
		return Target{}, &Error{fmt.Errorf("%s: Helm reads no file URLs", given), "give the path: " + rest}
	}
	return Target{Kind: KindURL, Ref: given}, nil
}

// path is a chart folder, a chart archive or a file of rendered YAML.
func (e Env) path(given string) (Target, error) {
	name := e.expand(given)
	if err := e.mustExist(name, given); err != nil {
		return Target{}, err
	}
	if e.isDir(name) {
		if !e.isFile(filepath.Join(name, "Chart.yaml")) {
			return Target{}, e.noChart(name, given)
		}
		return Target{Kind: KindChart, Ref: name}, nil
	}
	switch base := filepath.Base(name); {
	case base == "Chart.yaml":
		return Target{}, &Error{fmt.Errorf("%s is a chart's metadata, not rendered YAML", given), "give the chart's folder: " + filepath.Dir(name)}
	case hasAnySuffix(base, ".tgz", ".tar.gz"):
		return Target{Kind: KindChart, Ref: name}, nil
	}
	return Target{Kind: KindFile, Ref: name}, nil
}

func (e Env) noChart(name, given string) error {
	err := fmt.Errorf("%s is not a chart: it has no Chart.yaml", given)
	for _, kustomization := range []string{"kustomization.yaml", "kustomization.yml", "Kustomization"} {
		if e.isFile(filepath.Join(name, kustomization)) {
			return &Error{err, "it is a kustomization: kustomize build " + given + " | helm hooks plan -"}
		}
	}
	return &Error{err, "name a folder with a Chart.yaml, or pipe rendered YAML: cat " + strings.TrimSuffix(given, "/") + "/*.yaml | helm hooks plan -"}
}

var driveLetter = regexp.MustCompile(`^[A-Za-z]:`)

// looksRelative tells what can only be a path, even with :// further on.
func (e Env) looksRelative(given string) bool {
	if given == "." || given == ".." || given == "~" || hasAnyPrefix(given, "./", "../", "/", "~/") {
		return true
	}
	return e.Windows && hasAnyPrefix(given, `.\`, `..\`, `\`, `~\`)
}

func (e Env) looksLikePath(given string) bool {
	if e.looksRelative(given) || strings.HasPrefix(given, "~") || hasAnySuffix(given, ".tgz", ".yaml", ".yml", ".json") {
		return true
	}
	return e.Windows && (driveLetter.MatchString(given) || strings.Contains(given, `\`))
}

// expand puts the home folder in for ~, as a shell does where the word is not quoted.
func (e Env) expand(given string) string {
	if e.Home == "" || !strings.HasPrefix(given, "~") {
		return given
	}
	if given == "~" || strings.HasPrefix(given, "~/") || e.Windows && strings.HasPrefix(given, `~\`) {
		return filepath.Join(e.Home, given[1:])
	}
	return given
}

func (e Env) slashNote(given string) string {
	if e.exists(given) {
		return fmt.Sprintf("for the path of that name here: ./%s", given)
	}
	return ""
}

func (e Env) mustExist(name, given string) error {
	_, err := e.Stat(name)
	if err == nil {
		return nil
	}
	if errors.Is(err, fs.ErrNotExist) {
		return noSuch(given)
	}
	return fmt.Errorf("read %s: %w", given, err)
}

func noSuch(given string) error { return fmt.Errorf("no such file or folder: %s", given) }

func (e Env) exists(name string) bool {
	_, err := e.Stat(name)
	return err == nil
}

func (e Env) isFile(name string) bool {
	info, err := e.Stat(name)
	return err == nil && !info.IsDir()
}

func (e Env) isDir(name string) bool {
	info, err := e.Stat(name)
	return err == nil && info.IsDir()
}

func hasAnyPrefix(text string, prefixes ...string) bool {
	return slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(text, prefix) })
}

func hasAnySuffix(text string, suffixes ...string) bool {
	return slices.ContainsFunc(suffixes, func(suffix string) bool { return strings.HasSuffix(text, suffix) })
}
