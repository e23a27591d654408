package plan

import (
	"encoding/json"
	"maps"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	yamlv2 "go.yaml.in/yaml/v2"
	"sigs.k8s.io/yaml"
)

// head is what Helm's sorter reads of a document. The first two levels and their types are those of
// Helm's SimpleHead, since the conversion of unquoted values to text depends on them; the fields of
// type any accept everything, so that they never fail a document which Helm accepts.
type head struct {
	Version  string        `json:"apiVersion"`
	Kind     string        `json:"kind,omitempty"`
	Metadata *headMetadata `json:"metadata,omitempty"`
}

type headMetadata struct {
	Name        string            `json:"name"`
	Annotations map[string]string `json:"annotations"`
}

// readDocument gives what Helm's sorter reads, and the object as the API server reads it: numbers as they
// are written, nil where the text is no mapping. The error is that of Helm's sorter.
//
// Helm's sorter and the rest of the world read the same YAML in two ways, but hardly any document shows it. So it is
// parsed once, and only one with something unusual in it goes through sigs.k8s.io/yaml, once for each way.
func readDocument(text string) (head, map[string]any, error) {
	var value any
	if err := yamlv2.Unmarshal([]byte(text), &value); err == nil {
		if body, ok := plain(value, 0); ok {
			if body, ok := body.(map[string]any); ok {
				if h, ok := plainHead(body); ok {
					return h, body, nil
				}
			}
		}
	}
	return readTwice(text)
}

func readTwice(text string) (h head, body map[string]any, err error) {
	if err := yaml.Unmarshal([]byte(text), &h); err != nil {
		return head{}, nil, err
	}
	if err := yaml.Unmarshal([]byte(text), &body, useNumber); err != nil {
		// Helm's sorter accepted it, so it is no mapping: null. There is nothing to identify.
		return h, nil, nil
	}
	return h, body, nil
}

// plainDepth bounds how deep a plain value may be; encoding/json has a bound as well.
const plainDepth = 1000

// plain turns what YAML gives into what encoding/json would read of it (sigs.k8s.io/yaml: Unmarshal, which goes by
// way of JSON). It gives up where the way through JSON changes more than the types of Go.
func plain(value any, depth int) (any, bool) {
	switch v := value.(type) {
	case nil, bool:
		return v, true
	case string:
		return v, utf8.ValidString(v)
	case int:
		return json.Number(strconv.Itoa(v)), true
	case []any:
		list := make([]any, len(v))
		for i := range v {
			member, ok := plain(v[i], depth+1)
			if !ok {
				return nil, false
			}
			list[i] = member
		}
		return list, depth < plainDepth
	case map[any]any:
		members := make(map[string]any, len(v))
		for key, value := range v {
			name, isText := key.(string)
			member, ok := plain(value, depth+1)
			if !isText || !ok || !utf8.ValidString(name) {
				return nil, false
			}
			members[name] = member
		}
		return members, depth < plainDepth
	}
	return nil, false
}

// plainHead is the head of a body in which keys have their usual case, as encoding/json does not insist on it, and
// all values their usual type, as Helm's reader turns others into text.
func plainHead(body map[string]any) (h head, ok bool) {
	if otherCase(body, "apiVersion", "kind", "metadata") || !text(body, "apiVersion", &h.Version) || !text(body, "kind", &h.Kind) {
		return head{}, false
	}
	value, given := body["metadata"]
	if !given {
		return h, true
	}
	metadata, isMap := value.(map[string]any)
	h.Metadata = &headMetadata{}
	if !isMap || otherCase(metadata, "name", "annotations") || !text(metadata, "name", &h.Metadata.Name) {
		return head{}, false
	}
	if value, given = metadata["annotations"]; !given {
		return h, true
	}
	annotations, isMap := value.(map[string]any)
	h.Metadata.Annotations = make(map[string]string, len(annotations))
	for key, value := range annotations {
		text, isText := value.(string)
		if !isText {
			return head{}, false
		}
		h.Metadata.Annotations[key] = text
	}
	return h, isMap
}

// text reads a key that may be missing, but is text where it is there.
func text(values map[string]any, key string, into *string) bool {
	value, given := values[key]
	if !given {
		return true
	}
	written, isText := value.(string)
	*into = written
	return isText
}

// otherCase says whether one of the keys is written in another case.
func otherCase(values map[string]any, keys ...string) bool {
	for written := range values {
		for _, key := range keys {
			if written != key && strings.EqualFold(written, key) {
				return true
			}
		}
	}
	return false
}

// readings are the documents of one or several renders, each read once. Revisions of a release have most documents
// in common.
type readings struct {
	release Release
	scopes  scopes
	done    map[Document]*understood
}

// understood is a document that was read.
type understood struct {
	parsed Parsed
	head   head
	err    error
}

func newReadings(release Release) *readings { return &readings{release: release} }

// read reads the documents, those that are new at the same time on all processors.
func (r *readings) read(documents []Document, scopes scopes) []*understood {
	if !maps.Equal(r.scopes, scopes) || r.done == nil {
		// What a chart defines decides of which kinds the namespace is known.
		r.scopes, r.done = scopes, map[Document]*understood{}
	}
	list := make([]*understood, len(documents))
	var fresh []*understood
	for i, document := range documents {
		one, known := r.done[document]
		if !known {
			one = &understood{parsed: Parsed{Document: document}}
			r.done[document] = one
			fresh = append(fresh, one)
		}
		list[i] = one
	}
	together(len(fresh), func(i int) { fresh[i].read(r.release, scopes) })
	return list
}

func (r *understood) read(release Release, scopes scopes) {
	var body map[string]any
	if r.head, body, r.err = readDocument(r.parsed.Text); r.err != nil {
		return
	}
	r.parsed = identify(r.parsed.Document, body, release, scopes)
	if r.head.Metadata != nil {
		r.parsed.Annotations = annotations(r.head.Metadata.Annotations, body)
	}
}

// together does n pieces of work that have nothing to do with each other, on as many processors as there are up to a
// few. Less than a handful is not worth a goroutine.
func together(n int, work func(i int)) {
	const most, worthwhile = 8, 16
	workers := min(most, n/worthwhile)
	if workers < 2 {
		for i := range n {
			work(i)
		}
		return
	}
	var group sync.WaitGroup
	for first := range workers {
		group.Go(func() {
			for i := first; i < n; i += workers {
				work(i)
			}
		})
	}
	group.Wait()
}
