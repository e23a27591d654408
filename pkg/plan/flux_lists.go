package plan

import (
	"encoding/json"
	"strings"

	"sigs.k8s.io/yaml"
)

// takenApart is what becomes of Lists on the way through Flux's post-renderers, which are kustomize: the members are
// documents of their own, judged by their own annotations, and those of the List are lost (sigs.k8s.io/kustomize/api
// resource/factory.go inlineAnyEmbeddedLists; seen with helm-controller 1.6.3). Under nohooks, what is a hook before
// is not sent through.
func takenApart(documents []Document, strategy string) []Document {
	var apart []Document
	changed := false
	for i, document := range documents {
		members, isList := membersOf(document, strategy)
		if isList && !changed {
			apart, changed = append(apart, documents[:i]...), true
		}
		switch {
		case isList:
			apart = append(apart, members...)
		case changed:
			apart = append(apart, document)
		}
	}
	if !changed {
		return documents
	}
	return apart
}

// membersOf gives the members of a List as documents.
func membersOf(document Document, strategy string) (members []Document, isList bool) {
	if !strings.Contains(document.Text, "List") {
		return nil, false
	}
	var body map[string]any
	if err := yaml.Unmarshal([]byte(document.Text), &body, useNumber); err != nil {
		return nil, false
	}
	if _, isHook := annotationsOf(body)[annotationHook]; isHook && strategy == postRenderNoHooks {
		return nil, false
	}
	return unpacked(document, body)
}

func unpacked(document Document, body map[string]any) (members []Document, isList bool) {
	kind, _ := body["kind"].(string)
	items, has := body["items"]
	list, isSlice := items.([]any)
	if !strings.HasSuffix(kind, "List") || !has || !isSlice && items != nil {
		return nil, false
	}
	for _, item := range list {
		member, isMap := item.(map[string]any)
		if !isMap {
			return nil, false
		}
		if inner, isList := unpacked(document, member); isList {
			members = append(members, inner...)
			continue
		}
		text, err := json.Marshal(member)
		if err != nil {
			return nil, false
		}
		one := document
		one.Text, one.VolatileName = string(text)+"\n", ""
		members = append(members, one)
	}
	return members, true
}

func annotationsOf(body map[string]any) map[string]any {
	annotations, _ := metadata(body)["annotations"].(map[string]any)
	return annotations
}
