package lint

import (
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/helm-hooks/helm-hooks/internal/lint/locate"
)

// paper finds the file behind a template and takes it apart, once.
func (j *judge) paper(template string) *paper {
	if known := j.pages[template]; known != nil {
		return known
	}
	p := j.newPaper(template)
	j.pages[template] = p
	return p
}

func (j *judge) newPaper(template string) *paper {
	if j.Archive != "" {
		return &paper{file: j.Archive, note: "in the archive: " + template}
	}
	file := j.File(template)
	if file == "" {
		return j.packed(template)
	}
	data, err := j.ReadFile(file)
	if err != nil {
		return &paper{file: file, why: "the file cannot be read"}
	}
	p := &paper{file: file, raw: string(data), text: strings.TrimPrefix(string(data), "\ufeff")}
	if j.Dir == "" {
		p.rendered = true
		return p
	}
	p.parsed, err = locate.Parse(p.text)
	if err != nil {
		p.why = "the template cannot be taken apart: " + err.Error()
	}
	return p
}

// wholeSource places a finding that is about no document: a chart's Chart.yaml, without a line.
func (j *judge) wholeSource(o *occurrence) {
	switch {
	case j.Dir != "":
		o.File = below(j.Dir, chartFile)
	case j.Archive != "":
		o.File = j.Archive
	}
}

// packed places a template of a subchart in charts/*.tgz: at its dependency in the Chart.yaml of the
// chart that holds the archive.
func (j *judge) packed(template string) *paper {
	if j.Dir == "" {
		return &paper{}
	}
	root, rest, _ := strings.Cut(template, "/")
	parent, prefix := below(j.Dir, chartFile), root
	for {
		inside, ok := strings.CutPrefix(rest, "charts/")
		if !ok {
			return &paper{}
		}
		name, deeper, ok := strings.Cut(inside, "/")
		if !ok {
			return &paper{}
		}
		prefix += "/charts/" + name
		if own := j.File(prefix + "/" + chartFile); own != "" {
			parent, rest = own, deeper
			continue
		}
		file, line := j.dependency(parent, name)
		return &paper{file: file, line: line, note: "in the packed subchart " + name + ": " + template}
	}
}

// dependency is the line of a dependency in a Chart.yaml, or in the requirements.yaml of older charts;
// 0 where it is not listed exactly once.
func (j *judge) dependency(chart, name string) (file string, line int) {
	for _, file := range []string{chart, strings.TrimSuffix(chart, chartFile) + "requirements.yaml"} {
		data, err := j.ReadFile(file)
		if err != nil {
			continue
		}
		if line := dependencyLine(data, name); line > 0 {
			return file, line
		}
	}
	return filepath.Clean(chart), 0
}

func dependencyLine(data []byte, name string) int {
	var document yaml.Node
	if err := yaml.Unmarshal(data, &document); err != nil || len(document.Content) == 0 {
		return 0
	}
	list := pairsOf(document.Content[0], "dependencies")
	if len(list) != 1 || list[0].value.Kind != yaml.SequenceNode {
		return 0
	}
	line := 0
	for _, item := range list[0].value.Content {
		// Helm knows a dependency by its alias, where it has one.
		called := scalar(item, "alias")
		if called == "" {
			called = scalar(item, "name")
		}
		if called != name {
			continue
		}
		if line > 0 {
			return 0
		}
		line = item.Line
	}
	return line
}

func scalar(mapping *yaml.Node, key string) string {
	pairs := pairsOf(mapping, key)
	if len(pairs) == 0 || pairs[len(pairs)-1].value.Kind != yaml.ScalarNode {
		return ""
	}
	return pairs[len(pairs)-1].value.Value
}
