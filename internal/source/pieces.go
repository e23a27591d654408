package source

import (
	"fmt"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/helm-hooks/helm-hooks/internal/gitops"
)

// sourceMark is how Helm begins each document it prints (v3 cmd/helm/template.go, get_hooks.go; v3
// pkg/action/action.go: renderResources).
const sourceMark = "# Source: "

// piece is one document of a stream.
type piece struct {
	// source is the path after # Source:, empty where there is none.
	source string
	text   string
	// label and line say where the document begins, for messages.
	label string
	line  int
	head  head
}

// head is what a stream's documents are looked at for. Unlike Helm's own it must not fail on odd
// annotations: that is the classifier's work.
type head struct {
	APIVersion string `json:"apiVersion"`

	Kind     string `json:"kind"`
	Type     string `json:"type"`
	Metadata struct {
		Name        string         `json:"name"`
		Annotations map[string]any `json:"annotations"`
	} `json:"metadata"`
	Items []struct {
		Kind     string `json:"kind"`
		Type     string `json:"type"`
		Metadata struct {
			Name string `json:"name"`
		} `json:"metadata"`
	} `json:"items"`
}

// cut separates a text into documents at each --- at the beginning of a line, as Helm 4.2.4 and later do
// (v4 pkg/release/v1/util/manifest.go: SplitManifests): what stands behind the dashes belongs to the next
// document. Nothing but the dashes, the # Source: lines and blank pieces is left out. first is the number
// of the first line.
func cut(label, text string, first int) []piece {
	var pieces []piece
	var current strings.Builder
	begin := first
	flush := func() {
		if body := current.String(); strings.TrimSpace(body) != "" {
			pieces = append(pieces, newPiece(label, body, begin))
		}
		current.Reset()
	}
	number := first
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, "---"); ok {
			flush()
			begin = number
			current.WriteString(strings.TrimLeft(rest, " \t"))
		} else {
			current.WriteString(line)
		}
		number++
	}
	flush()
	return pieces
}

// newPiece takes blank lines and the # Source: line off the front.
func newPiece(label, body string, line int) piece {
	for {
		first, rest, found := strings.Cut(body, "\n")
		if !found || strings.TrimSpace(first) != "" {
			break
		}
		body, line = rest, line+1
	}
	made := piece{label: label, text: body, line: line}
	if first, rest, _ := strings.Cut(body, "\n"); strings.HasPrefix(first, sourceMark) {
		made.source = strings.TrimSpace(strings.TrimPrefix(first, sourceMark))
		made.text, made.line = rest, line+1
	}
	return made
}

// check parses the document, which must be a mapping, or nothing but comments.
func (p *piece) check() error {
	var value any
	if err := yaml.Unmarshal([]byte(p.text), &value); err != nil {
		return p.complain(fmt.Errorf("YAML parse error in the document that begins at %s:%d: %w", p.label, p.line, err))
	}
	switch value := value.(type) {
	case nil:
		return nil
	case map[string]any:
		_, hasKind := value["kind"]
		_, hasVersion := value["apiVersion"]
		_, hasMetadata := value["metadata"]
		if !hasKind && !hasVersion && !hasMetadata && len(value) > 0 {
			break // values, or an error message that happens to look like a mapping
		}
		// A head that does not decode has metadata of an odd shape; the classifier says what Helm says.
		_ = yaml.Unmarshal([]byte(p.text), &p.head)
		return nil
	}
	return p.complain(fmt.Errorf("%s:%d: neither a Kubernetes object nor output of Helm: %s", p.label, p.line, excerpt(p.text)))
}

// complain adds what the text looks like.
func (p *piece) complain(err error) error {
	first, _, _ := strings.Cut(strings.TrimSpace(p.text), "\n")
	switch {
	case strings.Contains(p.text, "{{"):
		return &Error{err, "it looks like a template that was not rendered: name the chart's folder"}
	case hasAnyPrefix(first, "level=", "WARNING:", "Error:") || strings.Contains(first, ".go:"):
		return &Error{err, "it looks like messages of Helm: pipe standard output only, without 2>&1"}
	}
	return err
}

func excerpt(text string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	const most = 60
	if runes := []rune(first); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return first
}

// isHook tells whether the document carries the hook annotation, be it a good one or not.
func (p *piece) isHook() bool {
	_, ok := p.head.Metadata.Annotations["helm.sh/hook"]
	return ok
}

// installs says that Flux or Argo CD installs something else when it meets the object.
func (p *piece) installs() bool {
	group, _, _ := strings.Cut(p.head.APIVersion, "/")
	return p.head.Kind == gitops.KindHelmRelease && group == "helm.toolkit.fluxcd.io" || p.head.Kind == gitops.KindApplication && group == "argoproj.io"
}
