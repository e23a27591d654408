package lint

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"go.yaml.in/yaml/v3"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// ConfigName is the file that says how charts are judged.
const ConfigName = ".helm-hooks.yaml"

// Config is what a .helm-hooks.yaml says. The zero value says nothing.
type Config struct {
	// Path is the file, as a path to open; empty where there is none.
	Path string
	// Dir is the file's folder.
	Dir string
	// Engine is as for --engine, KubeVersion as for --kube-version; both may be empty.
	Engine      string
	KubeVersion string
	Rules       Rules
	// Charts say which sets of values charts are tried with, in the order of the file.
	Charts []ChartSets
}

// ChartSets are the sets of values of the charts that a pattern matches.
type ChartSets struct {
	// Pattern is matched against the chart's path, relative to the file's folder, with slashes.
	Pattern string
	Sets    []ValuesSet
}

// ValuesSet is one way to install a chart.
type ValuesSet struct {
	Name string
	// Files are values files; a relative path is relative to the chart's folder.
	Files []string
	// Set are as for --set.
	Set []string
}

// SetsFor are the sets of values for a chart, by the first pattern that matches; nil where none does.
func (c Config) SetsFor(chart string) []ValuesSet {
	for _, one := range c.Charts {
		// The pattern was checked when it was read.
		if matched, err := doublestar.Match(one.Pattern, slashed(chart)); err == nil && matched {
			return one.Sets
		}
	}
	return nil
}

// ParseConfig reads a .helm-hooks.yaml. An error begins with file and line.
func ParseConfig(path string, text []byte) (Config, error) {
	c := Config{Path: path}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var document, more yaml.Node
	if err := decoder.Decode(&document); errors.Is(err, io.EOF) {
		return c, nil // an empty file says nothing
	} else if err != nil {
		return Config{}, fmt.Errorf("%s: %w", path, err)
	}
	if err := decoder.Decode(&more); !errors.Is(err, io.EOF) {
		return Config{}, fmt.Errorf("%s: it holds more than one YAML document", path)
	}
	if root := document.Content[0]; root.Tag == "!!null" {
		return c, nil
	}
	if err := c.fill(document.Content[0]); err != nil {
		var at *nodeError
		if errors.As(err, &at) {
			return Config{}, fmt.Errorf("%s:%d: %w", path, at.line, at.err)
		}
		return Config{}, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

// nodeError is an error about a place in the file.
type nodeError struct {
	line int
	err  error
}

func (e *nodeError) Error() string { return e.err.Error() }
func (e *nodeError) Unwrap() error { return e.err }

func wrong(node *yaml.Node, format string, args ...any) error {
	return &nodeError{node.Line, fmt.Errorf(format, args...)}
}

func (c *Config) fill(root *yaml.Node) error {
	return eachKey(root, "a mapping of engine, kube-version, rules and charts", func(key, value *yaml.Node) error {
		switch key.Value {
		case "engine":
			return c.readEngine(value)
		case "kube-version":
			return text(value, &c.KubeVersion)
		case "rules":
			return c.readRules(value)
		case "charts":
			return c.readCharts(value)
		}
		return unknownKey(key, "engine", "kube-version", "rules", "charts")
	})
}

func (c *Config) readEngine(node *yaml.Node) error {
	if err := text(node, &c.Engine); err != nil {
		return err
	}
	if _, err := plan.ParseEngine(c.Engine); err != nil {
		return wrong(node, "engine: %w", err)
	}
	return nil
}

func (c *Config) readRules(node *yaml.Node) error {
	c.Rules = Rules{}
	return eachKey(node, "a mapping of rule IDs to "+strings.Join(Levels(), ", "), func(key, value *yaml.Node) error {
		if err := CheckRule(key.Value); err != nil {
			return wrong(key, "rules: %w", err)
		}
		written := ""
		if err := text(value, &written); err != nil {
			return err
		}
		level, err := ParseLevel(written)
		if err != nil {
			return wrong(value, "rules: %s: %w", key.Value, err)
		}
		c.Rules[key.Value] = level
		return nil
	})
}

func (c *Config) readCharts(node *yaml.Node) error {
	return eachKey(node, "a mapping of path patterns to sets of values", func(key, value *yaml.Node) error {
		pattern := strings.TrimSuffix(strings.TrimPrefix(key.Value, "./"), "/")
		if pattern == "" {
			pattern = "."
		}
		if !doublestar.ValidatePattern(pattern) {
			return wrong(key, "charts: %q is no path pattern", key.Value)
		}
		one := ChartSets{Pattern: pattern}
		err := eachKey(value, "a mapping of names to sets of values", func(key, value *yaml.Node) error {
			set, err := readSet(key, value)
			one.Sets = append(one.Sets, set)
			return err
		})
		if err == nil && len(one.Sets) == 0 {
			err = wrong(key, "charts: %s lists no set of values; for the chart's own values write %s: {default: {}}", key.Value, key.Value)
		}
		c.Charts = append(c.Charts, one)
		return err
	})
}

// readSet reads files and set of one set of values; {} are the chart's own values.
func readSet(name, node *yaml.Node) (ValuesSet, error) {
	set := ValuesSet{Name: name.Value}
	if strings.TrimSpace(set.Name) == "" {
		return set, wrong(name, "charts: a set of values has no name")
	}
	if node.Tag == "!!null" {
		return set, nil
	}
	return set, eachKey(node, "a mapping of files and set", func(key, value *yaml.Node) error {
		switch key.Value {
		case "files":
			return texts(value, &set.Files)
		case "set":
			return texts(value, &set.Set)
		}
		return unknownKey(key, "files", "set")
	})
}

// eachKey goes through a mapping. A key that is written twice is an error.
func eachKey(node *yaml.Node, want string, read func(key, value *yaml.Node) error) error {
	node = resolved(node)
	if node.Kind != yaml.MappingNode {
		return wrong(node, "this must be %s", want)
	}
	var seen []string
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := resolved(node.Content[i]), resolved(node.Content[i+1])
		if key.Kind != yaml.ScalarNode {
			return wrong(key, "this must be %s", want)
		}
		if slices.Contains(seen, key.Value) {
			return wrong(key, "%s is written twice", key.Value)
		}
		seen = append(seen, key.Value)
		if err := read(key, value); err != nil {
			return err
		}
	}
	return nil
}

// resolved follows an alias, of which YAML allows one step.
func resolved(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.AliasNode && node.Alias != nil {
		return node.Alias
	}
	return node
}

func unknownKey(key *yaml.Node, valid ...string) error {
	for _, name := range valid {
		if oneErrorApart(strings.ToLower(strings.ReplaceAll(key.Value, "_", "-")), name) || strings.EqualFold(strings.NewReplacer("_", "", "-", "").Replace(key.Value), strings.ReplaceAll(name, "-", "")) {
			return wrong(key, "unknown key %q: did you mean %s?", key.Value, name)
		}
	}
	return wrong(key, "unknown key %q: valid are %s", key.Value, strings.Join(valid, ", "))
}

// text reads a scalar as it is written, so that 1.30 stays 1.30.
func text(node *yaml.Node, into *string) error {
	if node.Kind != yaml.ScalarNode || node.Tag == "!!null" || node.Value == "" {
		return wrong(node, "this must be a word")
	}
	*into = node.Value
	return nil
}

func texts(node *yaml.Node, into *[]string) error {
	if node.Kind != yaml.SequenceNode {
		return wrong(node, "this must be a list")
	}
	for _, item := range node.Content {
		one := ""
		if err := text(resolved(item), &one); err != nil {
			return err
		}
		*into = append(*into, one)
	}
	return nil
}
