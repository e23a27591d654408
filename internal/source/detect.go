package source

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/helm-hooks/helm-hooks/internal/gitops"
)

// Detected is what a file or standard input holds beside rendered YAML.
type Detected struct {
	// Object is the HelmRelease or Application to plan; nil where the input is rendered YAML.
	Object *gitops.Object
	// Objects are all objects of the input.
	Objects gitops.Objects
}

// Detect looks for a HelmRelease or an Application. name chooses one; then it must be there.
func Detect(text, label, name string) (Detected, error) {
	if !gitops.MayHold(text) && name == "" {
		return Detected{}, nil
	}
	objects, rendered, err := objectsOf(text, label)
	if err != nil && name == "" && rendered {
		return Detected{}, nil // the stream is read as such, and says what is wrong with its objects
	}
	if err != nil {
		return Detected{}, err
	}
	targets := objects.Targets()
	if name != "" {
		chosen, err := choose(targets, label, name)
		return Detected{Object: chosen, Objects: objects}, err
	}
	if len(targets) == 0 {
		return Detected{}, nil
	}
	if rendered || objects.Stranger() != nil {
		// A chart may well have a HelmRelease among its objects; the stream says so.
		return Detected{}, nil
	}
	if len(targets) > 1 {
		return Detected{}, &Error{
			fmt.Errorf("%s holds %d objects that install something: %s", label, len(targets), strings.Join(refs(targets), ", ")),
			"choose one with --object " + targets[0].Name + ", or with its kind: --object " + targets[0].Ref(),
		}
	}
	return Detected{Object: targets[0], Objects: objects}, nil
}

// objectsOf are the objects of an input that holds a HelmRelease or an Application; rendered says that it comes from
// helm template.
func objectsOf(text, label string) (objects gitops.Objects, rendered bool, err error) {
	var documents []gitops.Document
	for _, piece := range cut(label, text, 1) {
		rendered = rendered || piece.source != ""
		documents = append(documents, gitops.Document{Text: piece.text, Where: fmt.Sprintf("%s, line %d", piece.label, piece.line)})
	}
	objects, err = gitops.Parse(documents)
	return objects, rendered, err
}

// Installs is the first HelmRelease or Application of an input that holds nothing of a chart; nil for rendered YAML.
func Installs(text, label string) *gitops.Object {
	if !gitops.MayHold(text) {
		return nil
	}
	objects, rendered, err := objectsOf(text, label)
	if targets := objects.Targets(); err == nil && !rendered && len(targets) > 0 && objects.Stranger() == nil {
		return targets[0]
	}
	return nil
}

// choose finds the object that --object names, by name, KIND/NAME or NAMESPACE/NAME.
func choose(targets gitops.Objects, label, name string) (*gitops.Object, error) {
	var found gitops.Objects
	first, last, cut := strings.Cut(name, "/")
	for _, o := range targets {
		if !cut && o.Name == name || cut && o.Name == last && (strings.EqualFold(o.Kind, first) || o.Namespace == first) {
			found = append(found, o)
		}
	}
	switch {
	case len(targets) == 0:
		return nil, fmt.Errorf("--object %s: %s holds no HelmRelease and no Application", name, label)
	case len(found) == 0:
		return nil, &Error{fmt.Errorf("--object %s: %s holds no such HelmRelease or Application", name, label), "it holds " + strings.Join(refs(targets), ", ")}
	case len(found) > 1:
		return nil, &Error{fmt.Errorf("--object %s: %s holds %d of that name", name, label, len(found)), "add the kind or the namespace: " + strings.Join(places(found), ", ")}
	}
	return found[0], nil
}

func refs(objects gitops.Objects) []string {
	var names []string
	for _, o := range objects {
		if !slices.Contains(names, o.Ref()) {
			names = append(names, o.Ref())
		}
	}
	return names
}

func places(objects gitops.Objects) []string {
	var names []string
	for _, o := range objects {
		names = append(names, o.Ref()+" ("+o.Namespace+"/"+o.Name+")")
	}
	return names
}

// ReadInput reads all of an input, as a stream does; an empty name is that of standard input. A file that is an archive
// gives no text.
func ReadInput(name string, stdin io.Reader) (string, error) {
	if name == "" {
		return Input{Reader: stdin}.read(maxStream)
	}
	if looksLikeArchive(name) {
		return "", nil
	}
	file, err := openFile(name)
	if err != nil {
		return "", err
	}
	defer file.Close()
	return Input{Name: name, Reader: file}.read(maxStream)
}
