// Package gitops reads the objects by which Flux and Argo CD are told what to install: HelmRelease and Application,
// and what these refer to. Text goes in and values come out; it opens no file and asks no cluster.
package gitops

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"sigs.k8s.io/yaml"
)

// The kinds that say what is to be installed.
const (
	KindHelmRelease = "HelmRelease"
	KindApplication = "Application"
)

// The API groups.
const (
	groupHelmRelease = "helm.toolkit.fluxcd.io"
	groupSource      = "source.toolkit.fluxcd.io"
	groupArgo        = "argoproj.io"
)

// Document is one document of a stream.
type Document struct {
	Text string
	// Where names the file and the line, for messages.
	Where string
}

// Object is one object of a stream or a cluster.
type Object struct {
	APIVersion, Kind, Namespace, Name string
	// Where names the file and the line, or the cluster, for messages.
	Where string

	metadata metadata
	body     []byte
}

// metadata is what is read of every object. Values of other types than strings are for the API server to refuse.
type metadata struct {
	Name              string         `json:"name"`
	Namespace         string         `json:"namespace"`
	Annotations       map[string]any `json:"annotations"`
	Finalizers        []string       `json:"finalizers"`
	DeletionTimestamp string         `json:"deletionTimestamp"`
	Generation        int64          `json:"generation"`
}

// Ref is the object as people name it: HelmRelease/shop.
func (o *Object) Ref() string { return o.Kind + "/" + o.Name }

// Group is the API group; empty for what belongs to Kubernetes' core.
func (o *Object) Group() string {
	group, _, ok := strings.Cut(o.APIVersion, "/")
	if !ok {
		return ""
	}
	return group
}

// IsHelmRelease says whether Flux's helm-controller acts on the object, in whatever version of its API.
func (o *Object) IsHelmRelease() bool {
	return o.Kind == KindHelmRelease && o.Group() == groupHelmRelease
}

// IsApplication says whether Argo CD acts on the object.
func (o *Object) IsApplication() bool { return o.Kind == KindApplication && o.Group() == groupArgo }

// accompanies says whether the object is of the kind that lies beside a HelmRelease or an Application: another object
// of the two engines, or what holds values. Anything else comes from a chart or a kustomization.
func (o *Object) accompanies() bool {
	switch group := o.Group(); {
	case strings.HasSuffix(group, ".toolkit.fluxcd.io"), group == groupArgo, group == "kustomize.config.k8s.io":
		return true
	case group == "":
		return o.Kind == "ConfigMap" || o.Kind == "Secret" || o.Kind == "Namespace"
	case group == "external-secrets.io":
		return true
	}
	return o.Group() == "bitnami.com" && o.Kind == "SealedSecret"
}

// ParseObject reads one object of JSON. where says where it comes from. With metadata of wrong types there is an error
// and an object without a name.
func ParseObject(body []byte, where string) (*Object, error) {
	var head struct {
		APIVersion string          `json:"apiVersion"`
		Kind       string          `json:"kind"`
		Metadata   json.RawMessage `json:"metadata"`
	}
	if err := json.Unmarshal(body, &head); err != nil {
		return nil, fmt.Errorf("%s: %w", where, err)
	}
	o := &Object{APIVersion: head.APIVersion, Kind: head.Kind, Where: where, body: body}
	if len(head.Metadata) > 0 {
		if err := json.Unmarshal(head.Metadata, &o.metadata); err != nil {
			return o, fmt.Errorf("%s: %s: metadata: %w", where, o.Kind, withoutGo(err))
		}
	}
	o.Name, o.Namespace = o.metadata.Name, o.metadata.Namespace
	return o, nil
}

// named refuses an object without a name, as the API server does.
func (o *Object) named() error {
	if o.Name != "" {
		return nil
	}
	return fmt.Errorf("%s: metadata.name of the %s is missing: the API server refuses it", o.Where, o.Kind)
}

// parts are the fields of the object by name, such as spec.
func (o *Object) parts() (map[string]json.RawMessage, error) {
	var parts map[string]json.RawMessage
	if err := json.Unmarshal(o.body, &parts); err != nil {
		return nil, fmt.Errorf("%s: %s: %w", o.Where, o.Ref(), withoutGo(err))
	}
	return parts, nil
}

// Objects are those of one stream, in its order.
type Objects []*Object

// MayHold saves the parsing of a text that holds neither kind.
func MayHold(text string) bool {
	return strings.Contains(text, KindHelmRelease) && strings.Contains(text, groupHelmRelease) ||
		strings.Contains(text, KindApplication) && strings.Contains(text, groupArgo)
}

// Parse reads the objects of a stream; nil where it holds no HelmRelease and no Application. What is no object at all is
// left out: whoever reads the stream as such says so.
func Parse(documents []Document) (Objects, error) {
	var objects Objects
	for _, d := range documents {
		body, err := yaml.YAMLToJSON([]byte(d.Text))
		if err != nil {
			continue
		}
		if err := onlyOne(d); err != nil {
			return nil, err
		}
		more, err := expand(body, d.Where)
		if err != nil {
			return nil, err
		}
		objects = append(objects, more...)
	}
	if len(objects.Targets()) == 0 {
		return nil, nil
	}
	return objects, nil
}

// onlyOne finds two objects in one document, of which YAML would keep the last: what cat makes of files that do not
// begin with dashes.
func onlyOne(d Document) error {
	if !MayHold(d.Text) {
		return nil
	}
	if _, err := yaml.YAMLToJSONStrict([]byte(d.Text)); err != nil && strings.Contains(err.Error(), `key "apiVersion" already set`) {
		return &Error{fmt.Errorf("%s: two objects in one document", d.Where), "put a line with --- between them: awk 'FNR==1{print \"---\"}1' FILES | helm hooks plan -"}
	}
	return nil
}

// expand takes a List apart, as kubectl get -o yaml gives it.
func expand(body []byte, where string) (Objects, error) {
	var list struct {
		Kind  string            `json:"kind"`
		Items []json.RawMessage `json:"items"`
	}
	if err := json.Unmarshal(body, &list); err != nil {
		return nil, nil
	}
	items := list.Items
	if !strings.HasSuffix(list.Kind, "List") || items == nil {
		items = []json.RawMessage{body}
	}
	var objects Objects
	for _, item := range items {
		o, err := ParseObject(item, where)
		switch {
		case err == nil && o.Kind != "":
			objects = append(objects, o)
		case o != nil && (o.IsHelmRelease() || o.IsApplication()):
			return nil, err
		}
	}
	return objects, nil
}

// Targets are the HelmReleases and Applications.
func (o Objects) Targets() Objects {
	var targets Objects
	for _, one := range o {
		if one.IsHelmRelease() || one.IsApplication() {
			targets = append(targets, one)
		}
	}
	return targets
}

// Stranger is the first object that comes from elsewhere, so that the stream is rather what a chart or a kustomization
// gives; nil where there is none.
func (o Objects) Stranger() *Object {
	for _, one := range o {
		if !one.accompanies() || one.isHook() {
			return one
		}
	}
	return nil
}

// isHook says that the object is one of a chart.
func (o *Object) isHook() bool {
	_, hook := o.metadata.Annotations["helm.sh/hook"]
	return hook
}

// Find gives the object of a kind; nil where there is none. namespace is where the one that refers to it lives, which
// also takes in an object whose namespace is left to somebody else, such as a kustomization.
func (o Objects) Find(kind, namespace, name string) *Object {
	for _, one := range o {
		if one.Kind == kind && one.Name == name && (one.Namespace == namespace || one.Namespace == "" || namespace == "") {
			return one
		}
	}
	return nil
}

// errEncrypted says that what an object holds is not to be had from its file.
var errEncrypted = errors.New("it is encrypted")

// Data is what a ConfigMap or Secret holds.
func (o *Object) Data() (map[string]string, error) {
	var held struct {
		Data       map[string]string `json:"data"`
		StringData map[string]string `json:"stringData"`
		SOPS       json.RawMessage   `json:"sops"`
	}
	if err := json.Unmarshal(o.body, &held); err != nil {
		return nil, fmt.Errorf("%s: %w", o.Where, withoutGo(err))
	}
	if len(held.SOPS) > 0 {
		return nil, errEncrypted
	}
	data := map[string]string{}
	for key, value := range held.Data {
		if o.Kind != "Secret" {
			data[key] = value
			continue
		}
		plain, err := base64.StdEncoding.DecodeString(value)
		if err != nil {
			return nil, fmt.Errorf("%s: data.%s of %s is not base64", o.Where, key, o.Ref())
		}
		data[key] = string(plain)
	}
	if o.Kind == "Secret" {
		for key, value := range held.StringData {
			data[key] = value
		}
	}
	return data, nil
}
