package helm3

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/ignore"

	"github.com/helm-hooks/helm-hooks/internal/source/sdk"
)

// Chart is a chart as Helm 3 loads it. It is never changed: every render works on a copy.
type Chart struct {
	chart *chart.Chart
}

// Load reads a chart folder or archive as `helm install` does, up to the checks that come before the
// values are used. Archives are bounded by Helm's own limits (loader.MaxDecompressedChartSize).
func Load(name string) (*Chart, error) {
	loaded, err := loader.Load(name)
	if err != nil {
		return nil, err
	}
	return newChart(loaded)
}

// LoadFS reads a chart folder from a file system, with its .helmignore.
func LoadFS(fsys fs.FS) (*Chart, error) {
	rules := ignore.Empty()
	if file, err := fsys.Open(ignore.HelmIgnore); err == nil {
		defer file.Close()
		if rules, err = ignore.Parse(file); err != nil {
			return nil, err
		}
	}
	rules.AddDefaults()
	var files []*loader.BufferedFile
	err := fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || name == "." {
			return err
		}
		info, err := entry.Info()
		switch {
		case err != nil:
			return err
		case rules.Ignore(name, info) && entry.IsDir():
			return fs.SkipDir
		case rules.Ignore(name, info) || entry.IsDir():
			return nil
		}
		data, err := fs.ReadFile(fsys, name)
		files = append(files, &loader.BufferedFile{Name: name, Data: data})
		return err
	})
	if err != nil {
		return nil, err
	}
	loaded, err := loader.LoadFiles(files)
	if err != nil {
		return nil, err
	}
	return newChart(loaded)
}

func newChart(loaded *chart.Chart) (*Chart, error) {
	// v3 cmd/helm/install.go: checkIfInstallable
	if kind := loaded.Metadata.Type; kind != "" && kind != "application" {
		return nil, fmt.Errorf("%s charts are not installable", kind)
	}
	if err := checkDependencies(loaded); err != nil {
		return nil, err
	}
	sortDependencies(loaded)
	return &Chart{chart: loaded}, nil
}

// checkDependencies is CheckDependencies of v3 pkg/action/install.go, which the binary must not link,
// with the message of cmd/helm/install.go: runInstall. It looks at the root chart only, as Helm does.
func checkDependencies(c *chart.Chart) error {
	var missing []string
	for _, wanted := range c.Metadata.Dependencies {
		found := func(have *chart.Chart) bool { return have.Name() == wanted.Name }
		if !slices.ContainsFunc(c.Dependencies(), found) {
			missing = append(missing, wanted.Name)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return errors.New("An error occurred while checking for chart dependencies. " + // Helm's own words
		"You may need to run `helm dependency build` to fetch missing dependencies: " +
		"found in Chart.yaml, but missing in charts/ directory: " + strings.Join(missing, ", "))
}

// sortDependencies gives subcharts a fixed order: the loader takes them from a map (v3
// pkg/chart/loader/load.go: LoadFiles), and the order decides in which the crds/ of subcharts come
// that Chart.yaml does not list.
func sortDependencies(c *chart.Chart) {
	dependencies := slices.Clone(c.Dependencies())
	slices.SortStableFunc(dependencies, func(a, b *chart.Chart) int {
		if order := strings.Compare(a.Name(), b.Name()); order != 0 {
			return order
		}
		return strings.Compare(a.Metadata.Version, b.Metadata.Version)
	})
	c.SetDependencies(dependencies...)
	for _, dependency := range dependencies {
		sortDependencies(dependency)
	}
}

// Info is what Chart.yaml says.
func (c *Chart) Info() sdk.Info {
	meta := c.chart.Metadata
	info := sdk.Info{Name: meta.Name, Version: meta.Version, AppVersion: meta.AppVersion, Deprecated: meta.Deprecated}
	for _, dependency := range meta.Dependencies {
		info.Dependencies = append(info.Dependencies, dependency.Name)
	}
	return info
}

// Texts are all texts that Helm could run as a template.
func (c *Chart) Texts() []sdk.Text {
	var texts []sdk.Text
	var walk func(*chart.Chart)
	walk = func(c *chart.Chart) {
		texts = append(texts, templates(c)...)
		texts = append(texts, sdk.ValueTexts(c.Values)...)
		texts = append(texts, sdk.ChartTexts(c.Metadata)...)
		for _, file := range c.Files {
			if sdk.HasAction(file.Name) { // tpl (.Files.Glob "x").AsConfig
				texts = append(texts, sdk.Text{Body: file.Name})
			}
			if body := string(file.Data); sdk.HasAction(body) {
				texts = append(texts, sdk.Text{Path: path.Join(c.ChartFullPath(), file.Name), Body: body})
			}
		}
		for _, dependency := range c.Dependencies() {
			walk(dependency)
		}
	}
	walk(c.chart)
	return texts
}

func templates(c *chart.Chart) []sdk.Text {
	var texts []sdk.Text
	for _, file := range c.Templates {
		texts = append(texts, sdk.Text{Path: path.Join(c.ChartFullPath(), file.Name), Body: string(file.Data)})
	}
	return texts
}
