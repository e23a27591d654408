package lint

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

// chartFile makes a folder a chart.
const chartFile = "Chart.yaml"

// Discovered is a chart that was found below a folder.
type Discovered struct {
	// Path begins as the folder was given.
	Path string
	// Library charts cannot be installed, so nothing of them runs by itself.
	Library bool
}

// Discover finds the charts in a folder and below it. A folder's own chart is found too. What lies in the
// charts/, templates/ or crds/ folder of a chart belongs to that chart. Hidden folders and symbolic links
// are passed over.
func Discover(folder string) ([]Discovered, error) {
	var found []Discovered
	err := walk(folder, &found, maxDepth)
	return found, err
}

// maxDepth bounds how deep charts are looked for.
const maxDepth = 32

func walk(folder string, found *[]Discovered, depth int) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return fmt.Errorf("look for charts: %w", err)
	}
	isChart := slices.ContainsFunc(entries, func(e os.DirEntry) bool { return e.Name() == chartFile && !e.IsDir() })
	if isChart {
		*found = append(*found, Discovered{Path: folder, Library: IsLibrary(folder)})
	}
	for _, entry := range entries {
		name := entry.Name()
		ownsIt := isChart && slices.Contains([]string{"charts", "templates", "crds"}, name)
		if !entry.IsDir() || strings.HasPrefix(name, ".") || ownsIt || depth == 0 {
			continue
		}
		if err := walk(below(folder, name), found, depth-1); err != nil {
			return err
		}
	}
	return nil
}

// below joins like filepath.Join, but keeps the ./ that the user wrote.
func below(folder, name string) string {
	joined := filepath.Join(folder, name)
	if prefix := "." + string(filepath.Separator); strings.HasPrefix(folder, prefix) || folder == "." {
		return prefix + joined
	}
	return joined
}

// IsLibrary says that a chart folder holds a library chart.
func IsLibrary(folder string) bool {
	data, err := os.ReadFile(filepath.Join(folder, chartFile))
	if err != nil {
		return false
	}
	var head struct {
		Type string `json:"type"`
	}
	return yaml.Unmarshal(data, &head) == nil && head.Type == "library"
}

// IsChart says that a folder holds a chart.
func IsChart(folder string) bool {
	info, err := os.Stat(filepath.Join(folder, chartFile))
	return err == nil && !info.IsDir()
}
