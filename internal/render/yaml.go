package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// YAML writes the same tree as JSON, keys in alphabetical order.
func YAML(w io.Writer, h Header, p plan.Plan, o Options) error {
	text, err := marshal(h, p, o)
	if err != nil {
		return err
	}
	return writeYAML(w, text)
}

// MatrixYAML writes the same tree as MatrixJSON.
func MatrixYAML(w io.Writer, h Header, m plan.Matrix, _ Options) error {
	text, err := encode(matrixWire(h, m))
	if err != nil {
		return err
	}
	return writeYAML(w, text)
}

func writeYAML(w io.Writer, text []byte) error {
	var tree any
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&tree); err != nil {
		return fmt.Errorf("encode the answer: %w", err)
	}
	out, err := yaml.Marshal(marked(tree))
	if err != nil {
		return fmt.Errorf("encode the answer: %w", err)
	}
	_, err = io.WriteString(w, unmarked(string(out)))
	return err
}

// The encoder escapes C0 and C1 controls, but takes bidi overrides and the like for printable. So each of
// those goes in as a mark, SOH and its number, which the encoder writes as an escape in a double-quoted
// scalar, where the mark can then become the escape of the character meant.
const markText = `\x01`

var writtenMark = regexp.MustCompile(`\\x01\{([0-9a-f]{8})\}`)

// marked replaces hidden characters, and whatever could be taken for a mark, in all strings of a tree.
func marked(tree any) any {
	switch node := tree.(type) {
	case string:
		return markString(node)
	case []any:
		for i := range node {
			node[i] = marked(node[i])
		}
	case map[string]any:
		safe := make(map[string]any, len(node))
		for key, value := range node {
			safe[markString(key)] = marked(value)
		}
		return safe
	}
	return tree
}

func markString(s string) string {
	if isPlain(s) && !strings.Contains(s, markText) {
		return s
	}
	var out strings.Builder
	for i, r := range s {
		isMark := strings.HasPrefix(s[i:], markText)
		if r == '\n' || (!hidden(r) && !isMark) {
			out.WriteRune(r)
			continue
		}
		fmt.Fprintf(&out, "\x01{%08x}", r)
	}
	return out.String()
}

func unmarked(text string) string {
	return writtenMark.ReplaceAllString(text, `\U$1`)
}
