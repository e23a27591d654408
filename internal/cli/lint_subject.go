package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/helm-hooks/helm-hooks/internal/lint"
	"github.com/helm-hooks/helm-hooks/internal/source"
)

// subject is one SOURCE, or a chart that was found below one.
type subject struct {
	target source.Target
	// dir is the folder of a chart that is one, archive the path of a packed one.
	dir     string
	archive string
}

// home is the folder whose .helm-hooks.yaml applies.
func (s subject) home() string {
	switch {
	case s.dir != "":
		return s.dir
	case s.archive != "":
		return filepath.Dir(s.archive)
	case s.target.Kind == source.KindFile:
		return filepath.Dir(s.target.Ref)
	}
	return "."
}

func (s subject) isStream() bool {
	return s.target.Kind == source.KindStdin || s.target.Kind == source.KindFile && s.archive == ""
}

// subjects finds out what the SOURCEs are. What is none goes into the report.
func (o *lintOptions) subjects(args []string, report *lint.Report) []subject {
	if len(args) == 0 {
		args = []string{"."}
	}
	var all []subject
	seen := map[string]bool{}
	add := func(s subject) {
		key := s.target.Ref
		if path, err := filepath.Abs(key); err == nil && s.dir+s.archive != "" {
			key = path
		}
		if !seen[key] {
			seen[key] = true
			all = append(all, s)
		}
	}
	for _, given := range args {
		if isFolder(given) && (o.chart.locate.RepoURL == "" || strings.ContainsAny(given, "./")) {
			found, err := chartsIn(given)
			if err != nil {
				report.Errors = append(report.Errors, problem(given, "", err))
			}
			for _, one := range found {
				if one.Library {
					report.Skipped = append(report.Skipped, lint.Skipped{Ref: one.Path, Why: "a library chart installs nothing by itself"})
					continue
				}
				add(subject{target: source.Target{Kind: source.KindChart, Ref: one.Path, Given: one.Path}, dir: one.Path})
			}
			continue
		}
		s, err := o.classify(given)
		if err != nil {
			report.Errors = append(report.Errors, problem(given, "", err))
			continue
		}
		add(s)
	}
	return all
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// chartsIn is the chart in a folder, or those below it.
func chartsIn(folder string) ([]lint.Discovered, error) {
	if lint.IsChart(folder) {
		return []lint.Discovered{{Path: folder, Library: lint.IsLibrary(folder)}}, nil
	}
	found, err := lint.Discover(folder)
	if err == nil && len(found) == 0 {
		err = &hintError{fmt.Errorf("no chart in %s or below it", folder), "name a folder that has a Chart.yaml somewhere"}
	}
	return found, err
}

// classify understands what is no folder.
func (o *lintOptions) classify(given string) (subject, error) {
	target, err := source.Classify([]string{given}, source.LocalEnv(), source.Choice{RepoURL: o.chart.locate.RepoURL})
	if err != nil {
		return subject{}, err
	}
	s := subject{target: target}
	switch target.Kind {
	case source.KindRelease:
		return s, &hintError{
			fmt.Errorf("%q is neither a file nor a chart here, and live releases are not linted", target.Ref),
			fmt.Sprintf("a path needs a slash: ./%s; for a release: helm get all %s | %s lint -", target.Ref, target.Ref, o.name),
		}
	case source.KindHelmRelease, source.KindApplication:
		return s, o.noChart(given, string(target.Kind))
	case source.KindStdin, source.KindFile:
		return s, o.refuseObject(target)
	case source.KindChart:
		if isFolder(target.Ref) {
			s.dir = target.Ref
		} else {
			s.archive = target.Ref
		}
	}
	return s, nil
}

// refuseObject turns down a file or standard input that says which chart is to be installed, and holds none of it.
func (o *lintOptions) refuseObject(target source.Target) error {
	object, in, err := installs(target, o.env.In)
	o.env.In = in
	if err != nil || object == nil {
		return err
	}
	return o.noChart(target.Given, object.Ref())
}

// noChart says what to lint in place of a HelmRelease or an Application.
func (o *lintOptions) noChart(given, what string) error {
	return &hintError{
		fmt.Errorf("%s is no chart: lint reads charts and what was rendered of them, not what installs them (%s)", given, what),
		fmt.Sprintf("lint the chart: %s lint ./CHART -f VALUES --engine %s; %[1]s plan %[3]s shows what becomes of the hooks under its own settings and values", o.name, engineOfObject(what), given),
	}
}
