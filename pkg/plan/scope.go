package plan

import (
	"strings"

	"sigs.k8s.io/yaml"
)

// scopes knows which kinds have a namespace: built-in ones from a table, the chart's own from its
// CustomResourceDefinitions.
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

// customDefinition is what one needs to know of a CustomResourceDefinition.
type customDefinition struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Metadata   struct {
		Name      string `json:"name"`
		Namespace string `json:"namespace"`
	} `json:"metadata"`
	Spec struct {
		Group string `json:"group"`
		Scope string `json:"scope"`
		Names struct {
			Kind string `json:"kind"`
		} `json:"names"`
	} `json:"spec"`
}

func (s scopes) define(crd customDefinition) {
	if crd.Kind == "CustomResourceDefinition" && crd.Spec.Names.Kind != "" {
		s[crd.Spec.Group+"/"+crd.Spec.Names.Kind] = crd.Spec.Scope != "Cluster"
	}
}

// learnFile reads a file of a crds/ folder: what it defines, and its own identity.
func (s scopes) learnFile(file *CRDFile, release Release) {
	file.Objects, file.Problem = nil, ""
	for _, document := range file.Documents {
		var crd customDefinition
		if err := yaml.Unmarshal([]byte(document.Text), &crd); err != nil {
			file.Problem = err.Error()
			continue
		}
		if crd.Kind == "" {
			var content map[string]any
			if yaml.Unmarshal([]byte(document.Text), &content) == nil && len(content) > 0 {
				file.Problem = "Object 'Kind' is missing"
			}
			continue
		}
		s.define(crd)
		object := Object{APIVersion: crd.APIVersion, Kind: crd.Kind, Namespace: crd.Metadata.Namespace, Name: crd.Metadata.Name}
		if namespaced, _ := s.namespaced(object); !namespaced {
			object.Namespace = ""
		} else if object.Namespace == "" {
			object.Namespace = release.Namespace
		}
		file.Objects = append(file.Objects, object)
	}
	if len(file.Objects) == 0 && file.Problem == "" {
		file.Problem = errNoObjects.Error()
	}
}

// learnTemplates reads the definitions that the chart brings as hooks or ordinary resources. What does
// not parse here is reported when it is classified.
func (s scopes) learnTemplates(documents []Document) {
	for _, document := range documents {
		if !strings.Contains(document.Text, "CustomResourceDefinition") {
			continue
		}
		var crd customDefinition
		if yaml.Unmarshal([]byte(document.Text), &crd) == nil {
			s.define(crd)
		}
	}
}
