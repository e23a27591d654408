package lint

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// The annotations that findings are about.
const (
	annotationHook   = "helm.sh/hook"
	annotationWeight = "helm.sh/hook-weight"
	annotationDelete = "helm.sh/hook-delete-policy"
	annotationLog    = "helm.sh/hook-output-log-policy"
	annotationKeep   = "helm.sh/resource-policy"
)

// objectName stands for metadata.name in the table below.
const objectName = "name"

// anchors are the keys whose line a finding gets, by rule: the first one that the document has. Rules that
// are missing here are about the object as a whole and get the line of its name.
var anchors = map[string][]string{
	"HH001": {annotationHook}, "HH002": {annotationHook}, "HH003": {annotationWeight}, "HH005": {annotationDelete},
	"HH006": {annotationHook}, "HH007": {annotationHook}, "HH010": {annotationWeight, annotationDelete, annotationLog},
	"HH011": {annotationLog}, "HH012": {annotationKeep},
	"HH101": {annotationDelete, annotationHook, objectName}, "HH103": {annotationDelete, annotationHook, objectName},
	"HH104": {annotationDelete, annotationHook, objectName}, "HH109": {annotationHook, objectName},
	"HH110": {annotationWeight, objectName}, "HH112": {annotationHook, objectName}, "HH113": {annotationHook, objectName},
	"HH114": {annotationDelete, annotationHook, objectName}, "HH205": {annotationHook, objectName}, "HH301": {annotationHook, objectName},
	"HH401": {annotationHook, objectName}, "HH402": {annotationHook, objectName}, "HH403": {annotationHook, objectName},
	"HH405": {annotationDelete, annotationHook, objectName}, "HH407": {annotationWeight, objectName}, "HH408": {annotationWeight, objectName},
	"HH409": {annotationLog}, "HH410": {annotationHook, objectName},
}

// onItem is how HH008 names an item of a List.
var onItem = regexp.MustCompile(`items\[(\d+)\]\.metadata\.annotations`)

// sheet is a rendered document with the places of its keys.
type sheet struct {
	text string
	root *yaml.Node
}

func newSheet(text string) *sheet {
	s := &sheet{text: text}
	var document yaml.Node
	if err := yaml.Unmarshal([]byte(text), &document); err == nil && len(document.Content) > 0 {
		s.root = document.Content[0]
	}
	return s
}

// anchor finds the key that a finding is about. ok is false where the document does not have it.
func (s *sheet) anchor(f plan.Finding, doc *plan.Parsed) (key *yaml.Node, ok bool) {
	switch f.Rule {
	case "HH004":
		key = s.named(f.Message, doc, func(a plan.Annotation) string {
			if !a.NotString {
				return ""
			}
			return a.Key + ": "
		})
	case "HH009":
		key = s.named(f.Message, doc, func(a plan.Annotation) string { return `"` + a.Key + `" is no annotation` })
	case "HH303":
		key = s.named(f.Message, doc, func(a plan.Annotation) string {
			if !strings.Contains(a.Key, "argoproj.io/") {
				return ""
			}
			return a.Key
		})
	case "HH008":
		key = s.misplaced(f.Message)
	case "HH013":
		word, _, _ := strings.Cut(f.Message, " ")
		key = s.path(strings.Split(word, ".")...)
	case "HH014":
		key = s.repeated(f.Message)
	case "HH302":
		key = s.path("spec", "ttlSecondsAfterFinished")
	default:
		key = s.first(anchors[f.Rule])
	}
	return key, key != nil
}

// first is the first of some annotations that the document has.
func (s *sheet) first(keys []string) *yaml.Node {
	if len(keys) == 0 {
		keys = []string{objectName}
	}
	for _, key := range keys {
		found := s.path("metadata", "annotations", key)
		if key == objectName {
			found = s.path("metadata", "name")
		}
		if found != nil {
			return found
		}
	}
	return nil
}

// named finds the annotation that a message begins with.
func (s *sheet) named(message string, doc *plan.Parsed, begins func(plan.Annotation) string) *yaml.Node {
	for _, a := range doc.Annotations {
		if start := begins(a); start != "" && strings.HasPrefix(message, start) {
			return s.path("metadata", "annotations", a.Key)
		}
	}
	return nil
}

// path follows keys from the top; of equal keys the last counts, as for Helm.
func (s *sheet) path(keys ...string) *yaml.Node {
	node := s.root
	var found *yaml.Node
	for _, key := range keys {
		pairs := pairsOf(node, key)
		if len(pairs) == 0 {
			return nil
		}
		found, node = pairs[len(pairs)-1].key, pairs[len(pairs)-1].value
	}
	return found
}

type pair struct{ key, value *yaml.Node }

// pairsOf are the entries of a mapping with a key, as often as it is written.
func pairsOf(node *yaml.Node, key string) []pair {
	if node == nil || node.Kind != yaml.MappingNode {
		return nil
	}
	var found []pair
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == key && node.Content[i].Kind == yaml.ScalarNode {
			found = append(found, pair{node.Content[i], node.Content[i+1]})
		}
	}
	return found
}

// misplaced finds a hook annotation outside metadata.annotations, if it is there once.
func (s *sheet) misplaced(message string) *yaml.Node {
	if m := onItem.FindStringSubmatch(message); m != nil {
		return s.onItem(m[1])
	}
	word, _, _ := strings.Cut(strings.NewReplacer(",", " ", ":", " ").Replace(message), " ")
	var found []*yaml.Node
	var walk func(node *yaml.Node, path []string)
	walk = func(node *yaml.Node, path []string) {
		if node.Kind == yaml.SequenceNode {
			for _, item := range node.Content {
				walk(item, append(slices.Clip(path), "[]"))
			}
		}
		if node.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(node.Content); i += 2 {
			key := node.Content[i]
			if key.Value == word && !slices.Equal(path, []string{"metadata", "annotations"}) {
				found = append(found, key)
			}
			walk(node.Content[i+1], append(slices.Clip(path), key.Value))
		}
	}
	if s.root != nil {
		walk(s.root, nil)
	}
	if len(found) != 1 {
		return nil
	}
	return found[0]
}

// onItem is the hook annotation on an item of a List.
func (s *sheet) onItem(number string) *yaml.Node {
	n, err := strconv.Atoi(number)
	items := pairsOf(s.root, "items")
	if err != nil || len(items) != 1 || n >= len(items[0].value.Content) {
		return nil
	}
	return (&sheet{root: items[0].value.Content[n]}).path("metadata", "annotations", annotationHook)
}

// repeated finds the first of two equal keys: the one that is lost.
func (s *sheet) repeated(message string) *yaml.Node {
	name, _, _ := strings.Cut(message, " ")
	var pairs []pair
	switch name {
	case "metadata":
		pairs = pairsOf(s.root, "metadata")
	case "metadata.annotations":
		if last := pairsOf(s.root, "metadata"); len(last) > 0 {
			pairs = pairsOf(last[len(last)-1].value, "annotations")
		}
	default:
		if last := pairsOf(s.root, "metadata"); len(last) > 0 {
			if blocks := pairsOf(last[len(last)-1].value, "annotations"); len(blocks) > 0 {
				pairs = pairsOf(blocks[len(blocks)-1].value, name)
			}
		}
	}
	if len(pairs) < 2 {
		return nil
	}
	return pairs[0].key
}

// offset is where a node's text begins. ok is false where the text there is another: YAML counts some
// characters as line breaks that no editor does.
func (s *sheet) offset(node *yaml.Node) (offset int, ok bool) {
	for line := 1; line < node.Line; line++ {
		i := strings.IndexByte(s.text[offset:], '\n')
		if i < 0 {
			return 0, false
		}
		offset += i + 1
	}
	for column := 1; column < node.Column; column++ {
		if offset >= len(s.text) {
			return 0, false
		}
		_, size := utf8.DecodeRuneInString(s.text[offset:])
		offset += size
	}
	rest := s.text[offset:]
	return offset, strings.HasPrefix(rest, node.Value) || len(rest) > 1 && strings.HasPrefix(rest[1:], node.Value)
}

// holds says whether some scalar of the document contains a text, so that what looks like a comment may be data.
func (s *sheet) holds(text string) bool {
	var walk func(node *yaml.Node) bool
	walk = func(node *yaml.Node) bool {
		return node.Kind == yaml.ScalarNode && strings.Contains(node.Value, text) || slices.ContainsFunc(node.Content, walk)
	}
	return s.root != nil && walk(s.root)
}
