package sdk

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"

	yamlutil "k8s.io/apimachinery/pkg/util/yaml"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// notesSuffix is v3 and v4 pkg/action/action.go: notesFileSuffix.
const notesSuffix = "NOTES.txt"

// Documents cuts rendered files into documents in the order in which SortManifests meets them: by full
// path, then by place in the file (v3 pkg/releaseutil/manifest_sorter.go, v4
// pkg/release/v1/util/manifest_sorter.go: SortManifests). What ends in NOTES.txt, partials and files of
// white space are left out as in pkg/action/action.go: renderResources.
func Documents(files map[string]string, split func(string) []string) []plan.Document {
	var documents []plan.Document
	for _, name := range slices.Sorted(maps.Keys(files)) {
		text := files[name]
		if strings.HasSuffix(name, notesSuffix) || strings.HasPrefix(path.Base(name), "_") || strings.TrimSpace(text) == "" {
			continue
		}
		for i, piece := range split(text) {
			documents = append(documents, plan.Document{Template: name, Index: i, Text: piece})
		}
	}
	return documents
}

// InOrder turns the map that both SplitManifests return, "manifest-0" to "manifest-N", into a list.
func InOrder(pieces map[string]string) []string {
	list := make([]string, 0, len(pieces))
	for i := range len(pieces) {
		list = append(list, pieces[fmt.Sprintf("manifest-%d", i)])
	}
	return list
}

// CRDFile cuts a file of crds/ into documents as kubectl's builder does, to which Helm hands the whole
// file (v3 and v4 pkg/action/install.go: installCRDs). Pieces without content make no object.
func CRDFile(name string, data []byte) (plan.CRDFile, error) {
	file := plan.CRDFile{Path: strings.ReplaceAll(name, `\`, "/")}
	reader := yamlutil.NewYAMLReader(bufio.NewReader(bytes.NewReader(data)))
	for {
		piece, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return file, nil
		}
		if err != nil {
			return file, fmt.Errorf("read %s: %w", name, err)
		}
		if onlyComments(piece) {
			continue
		}
		file.Documents = append(file.Documents, plan.Document{
			Template: file.Path, Index: len(file.Documents), Text: strings.TrimRight(string(piece), "\n") + "\n",
		})
	}
}

func onlyComments(piece []byte) bool {
	for line := range bytes.Lines(piece) {
		line = bytes.TrimSpace(line)
		if len(line) > 0 && line[0] != '#' && !bytes.HasPrefix(line, []byte("---")) {
			return false
		}
	}
	return true
}
