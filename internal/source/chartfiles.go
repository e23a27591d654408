package source

import (
	"os"
	"path/filepath"
	"strings"

	"sigs.k8s.io/yaml"
)

// chartFiles finds the file behind one of Helm's template paths, as a path that begins as the user named
// the chart. Helm's path is made of chart names and aliases (v3 pkg/chart/chart.go: ChartFullPath), the
// folders of subcharts may be called otherwise. Archives have no files to open.
func chartFiles(path, ref, chart string) func(string) string {
	if path == "" {
		return func(string) string { return "" }
	}
	return func(template string) string {
		rest, ok := strings.CutPrefix(template, chart+"/")
		if !ok {
			return ""
		}
		return chartFile(ref, rest)
	}
}

// maxDepth bounds the folders that are looked into for one template.
const maxDepth = 16

func chartFile(dir, rest string) string {
	for range maxDepth {
		if file := filepath.Join(dir, filepath.FromSlash(rest)); isRegular(file) {
			return keepDot(dir, file)
		}
		below, ok := strings.CutPrefix(rest, "charts/")
		if !ok {
			return ""
		}
		name, inside, ok := strings.Cut(below, "/")
		if !ok {
			return ""
		}
		if dir = subchartDir(dir, name); dir == "" {
			return ""
		}
		rest = inside
	}
	return ""
}

// keepDot gives back the ./ that Join took away, for what the user named ./shop.
func keepDot(dir, file string) string {
	if prefix := "." + string(filepath.Separator); strings.HasPrefix(dir, prefix) {
		return prefix + file
	}
	return file
}

// subchartDir is the folder of the subchart that Helm calls name: by its folder, its name in Chart.yaml,
// or the alias that the parent gives it.
func subchartDir(dir, name string) string {
	for _, dependency := range readChartYAML(dir).Dependencies {
		if dependency.Alias == name {
			name = dependency.Name
			break
		}
	}
	entries, err := os.ReadDir(filepath.Join(dir, "charts"))
	if err != nil {
		return ""
	}
	for _, entry := range entries {
		folder := filepath.Join(dir, "charts", entry.Name())
		if readChartYAML(folder).Name == name {
			return keepDot(dir, folder)
		}
	}
	return ""
}

type chartYAML struct {
	Name         string `json:"name"`
	Dependencies []struct {
		Name  string `json:"name"`
		Alias string `json:"alias"`
	} `json:"dependencies"`
}

func readChartYAML(dir string) chartYAML {
	var parsed chartYAML
	data, err := os.ReadFile(filepath.Join(dir, "Chart.yaml"))
	if err != nil || yaml.Unmarshal(data, &parsed) != nil {
		return chartYAML{}
	}
	return parsed
}

func isRegular(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}
