package plan

import (
	"fmt"

	"sigs.k8s.io/yaml"
)

// scopes knows which kinds have a namespace: built-in ones from a table, the chart's own from its
// crds/ folder.
type scopes map[string]bool

func (s scopes) namespaced(object Object) (namespaced, known bool) {
	key := object.group() + "/" + object.Kind
	if clusterScoped[key] {
		return false, true
	}
	if builtinGroups[object.group()] {
		return true, true
	}
	if namespaced, ok := s[key]; ok {
		return namespaced, true
	}
	return true, false
}

// learn reads a file of a crds/ folder: what it defines, and its own identity.
func (s scopes) learn(file *CRDFile, release Release) error {
	file.Objects = nil
	for _, document := range file.Documents {
		var crd struct {
			APIVersion string `json:"apiVersion"`
			Kind       string `json:"kind"`
			Metadata   struct {
				Name string `json:"name"`
			} `json:"metadata"`
			Spec struct {
				Group string `json:"group"`
				Scope string `json:"scope"`
				Names struct {
					Kind string `json:"kind"`
				} `json:"names"`
			} `json:"spec"`
		}
		if err := yaml.Unmarshal([]byte(document.Text), &crd); err != nil {
			return fmt.Errorf("parse %s, document %d: YAML parse error on %s: %w", file.Path, document.Index, file.Path, err)
		}
		if crd.Kind == "" {
			continue
		}
		object := Object{APIVersion: crd.APIVersion, Kind: crd.Kind, Name: crd.Metadata.Name}
		if crd.Kind == "CustomResourceDefinition" {
			s[crd.Spec.Group+"/"+crd.Spec.Names.Kind] = crd.Spec.Scope != "Cluster"
		} else {
			object.Namespace = release.Namespace
		}
		file.Objects = append(file.Objects, object)
	}
	return nil
}
