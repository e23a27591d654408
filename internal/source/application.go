package source

import (
	"fmt"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/helm-hooks/helm-hooks/internal/gitops"
	"github.com/helm-hooks/helm-hooks/internal/helm3"
	"github.com/helm-hooks/helm-hooks/internal/source/sdk"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// FromApplication is the chart that an Application renders, with its values. options are those of the flags.
func FromApplication(a *gitops.Application, from Surroundings, options ChartOptions) (*Given, error) {
	at := a.Locate()
	chart, notes, err := locate(at, from, &options.Locate)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", "Application/"+a.Name, err)
	}
	flags, unknown, err := a.Parameters()
	if err != nil {
		return nil, err
	}
	options.Target, options.Release = chart.target, a.Release
	options.SkipSchemaValidation = options.SkipSchemaValidation || a.SkipSchemaValidation()
	if options.KubeVersion == "" {
		options.KubeVersion = a.KubeVersion()
	}
	options.APIVersions = slices.Concat(a.APIVersions(), options.APIVersions)
	notes = append(notes, a.Notes...)
	notes = append(notes, overridden(chart.target, a.Name)...)
	files := valueFiles{chart: chart, inChart: at.Path == "", folders: from.Folders, refs: a.Refs}
	if err := files.resolve(flags); err != nil {
		return nil, fmt.Errorf("%s: %w", "Application/"+a.Name, err)
	}
	unknown, notes = append(unknown, files.unknown...), append(notes, files.notes...)
	user := options.Values
	options.Adapt = func(loaded sdk.Chart) (sdk.Chart, map[string]any, error) {
		values, err := files.values(flags, loaded, user)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", "Application/"+a.Name, err)
		}
		return loaded, values, nil
	}
	return &Given{Options: options, Notes: notes, Unknown: unknown, kind: TypeApplication}, nil
}

// overridden says that files beside the chart change the Application (reposerver/repository/repository.go
// mergeSourceParameters).
func overridden(chart Target, app string) (notes []string) {
	if chart.Kind != KindChart {
		return nil
	}
	for _, name := range []string{".argocd-source.yaml", ".argocd-source-" + app + ".yaml"} {
		if isRegular(filepath.Join(chart.Ref, name)) {
			notes = append(notes, filepath.Join(chart.Ref, name)+" changes the Application's source under Argo CD; it is not read here")
		}
	}
	return notes
}

// valueFiles finds the files of spec.source.helm.valueFiles and fileParameters (reposerver/repository/repository.go
// getResolvedValueFiles).
type valueFiles struct {
	chart place
	// inChart says that relative paths are those of a chart that is no folder here.
	inChart bool
	folders []string
	refs    []string

	files   []string
	setFile []string
	unknown []plan.UnknownFact
	notes   []string
}

// chartMark begins the name of a file inside the chart.
const chartMark = "file of the chart: "

// valuesName is how errors name the values that stand in the object itself.
const valuesName = "spec.source.helm.values"

func (v *valueFiles) resolve(flags gitops.Parameters) error {
	entries := make([][]string, len(flags.ValueFiles))
	var named []string
	for i, name := range flags.ValueFiles {
		found, err := v.find(name)
		switch {
		case err != nil:
			return fmt.Errorf("valueFiles: %w", err)
		case !isPattern(name):
			named = append(named, found...)
		case len(found) == 0 && !flags.IgnoreMissing:
			return fmt.Errorf("valueFiles: no file is like %s", name)
		}
		entries[i] = found
	}
	for i, found := range entries {
		for _, file := range found {
			missing := !strings.HasPrefix(file, chartMark) && !isRemote(file) && !isRegular(file)
			// What is named has its place there, not where a pattern takes it in too.
			elsewhere := isPattern(flags.ValueFiles[i]) && slices.Contains(named, file)
			if missing && flags.IgnoreMissing || elsewhere || slices.Contains(v.files, file) {
				continue
			}
			v.files = append(v.files, file)
		}
	}
	for _, one := range flags.SetFile {
		name, file, _ := strings.Cut(one, "=")
		found, err := v.find(strings.ReplaceAll(file, `\,`, ","))
		if err != nil {
			return fmt.Errorf("fileParameters: %w", err)
		}
		for _, file := range found {
			v.setFile = append(v.setFile, name+"="+strings.ReplaceAll(file, ",", `\,`))
		}
	}
	return nil
}

func isRemote(name string) bool {
	parsed, err := url.Parse(name)
	return err == nil && parsed.Scheme != "" && strings.Contains(name, "://")
}

func isPattern(name string) bool { return strings.ContainsAny(name, "*?[") }

// find are the files that one entry means. What lies in a repository that is not here is told as unknown.
func (v *valueFiles) find(name string) ([]string, error) {
	if isRemote(name) {
		// The default of helm.valuesFileSchemes in argocd-cm.
		if !hasAnyPrefix(name, "http://", "https://") {
			return nil, fmt.Errorf("%s: Argo CD takes values from http and https only", name)
		}
		return []string{name}, nil
	}
	if ref, rest, ok := strings.Cut(strings.TrimPrefix(name, "$"), "/"); ok && strings.HasPrefix(name, "$") && slices.Contains(v.refs, ref) {
		found, _, others := inRepository(rest, v.folders, isRegular)
		if found == "" || len(others) > 0 {
			v.unknown = append(v.unknown, plan.UnknownFact{
				What: "values", Why: fmt.Sprintf("%s lies in another repository, and here is no such file, or more than one: the plan is without its values", name),
				HowToKnow: "give the file with -f",
			})
			return nil, nil
		}
		v.notes = append(v.notes, fmt.Sprintf("%s is taken for %s of another repository", found, name))
		return []string{found}, nil
	}
	if strings.Contains(name, "**") {
		return nil, &Error{fmt.Errorf("%s: the pattern ** is not read here", name), "name the files one by one with -f, and leave the pattern out"}
	}
	full, err := v.place(name)
	if err != nil || !isPattern(name) {
		return []string{full}, err
	}
	if strings.HasPrefix(full, chartMark) {
		return nil, &Error{fmt.Errorf("%s: patterns are read for charts in a folder only", name), "--chart ./FOLDER names the unpacked chart"}
	}
	found, err := filepath.Glob(full)
	if err != nil {
		return nil, fmt.Errorf("pattern %s: %w", name, err)
	}
	return found, nil
}

// place is where a path leads: from the chart, or with a slash in front from the root of its repository.
func (v *valueFiles) place(name string) (string, error) {
	fromRoot := strings.HasPrefix(name, "/")
	switch chart := v.chart.target; {
	case v.inChart && chart.Kind != KindChart, v.inChart && isRegular(chart.Ref):
		return chartMark + path.Clean(strings.TrimPrefix(name, "/")), nil
	case v.inChart, !fromRoot:
		return v.inside(filepath.Join(chart.Ref, filepath.FromSlash(name)), name)
	case v.chart.root == "":
		return "", &Error{fmt.Errorf("%s begins at the root of the repository, which is not known here", name), "name the chart by its place in that repository: --chart ./REPOSITORY/PATH"}
	}
	return filepath.Join(v.chart.root, filepath.Join(string(filepath.Separator), filepath.FromSlash(name))), nil
}

// inside refuses what leads out of the repository (util/io/path/resolved.go resolveFileOrDirectory).
func (v *valueFiles) inside(path, name string) (string, error) {
	root := v.chart.root
	if v.inChart {
		root = v.chart.target.Ref
	}
	if root == "" {
		return path, nil
	}
	full, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if root, err = filepath.Abs(root); err != nil {
		return "", err
	}
	relative, err := filepath.Rel(root, full)
	if err != nil || relative == ".." || strings.HasPrefix(relative, ".."+string(filepath.Separator)) {
		return "", fmt.Errorf("%s leads out of the repository: Argo CD refuses it", name)
	}
	return path, nil
}

// values are those of the Application together, as helm template takes them.
func (v *valueFiles) values(flags gitops.Parameters, loaded sdk.Chart, user helm3.ValueOptions) (map[string]any, error) {
	options := helm3.ValueOptions{
		Settings: user.Settings, Helm4: user.Helm4, Stderr: user.Stderr,
		Files: v.files, Set: flags.Set, SetString: flags.SetString, SetFile: v.setFile,
	}
	if flags.Values != "" {
		options.Files = append(slices.Clone(v.files), valuesName)
	}
	var broken error
	options.Open = func(name string) ([]byte, bool) {
		inside, ok := strings.CutPrefix(name, chartMark)
		switch {
		case name == valuesName:
			return []byte(flags.Values), true
		case !ok:
			return nil, false
		case inside == "values.yaml":
			text, err := yaml.Marshal(loaded.Defaults())
			if err != nil {
				broken = err
			}
			return text, true
		}
		text := loaded.File(inside)
		if text == nil && !flags.IgnoreMissing {
			broken = fmt.Errorf("the chart has no file %s: %w", inside, os.ErrNotExist)
		}
		return text, true
	}
	values, err := helm3.Values(options)
	if broken != nil {
		return nil, broken
	}
	return values, err
}
