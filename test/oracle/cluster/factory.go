package cluster

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/cli-runtime/pkg/resource"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/kubectl/pkg/validation"
	sigsjson "sigs.k8s.io/json"
)

// Factory is what a Helm kube.Client builds its objects and clients with (kube.Factory of Helm 3 and 4).
type Factory struct{ c *Cluster }

// Factory gives access to the cluster for Helm's kube.Client.
func (c *Cluster) Factory() Factory { return Factory{c} }

var errNoNetwork = errors.New("the oracle's cluster has no network")

// NewBuilder makes cli-runtime's real builder, over the cluster's mapper and REST clients.
func (f Factory) NewBuilder() *resource.Builder {
	return resource.NewFakeBuilder(f.c.client,
		func() (meta.RESTMapper, error) { return restMapper{c: f.c}, nil },
		func() (restmapper.CategoryExpander, error) { return resource.FakeCategoryExpander, nil })
}

// Validator stands for kubectl's client-side validation, pkg/cmd/util Factory.Validator.
func (f Factory) Validator(directive string) (validation.Schema, error) {
	if directive == metav1.FieldValidationIgnore {
		return validation.NullSchema{}, nil
	}
	return listSchema{}, nil
}

// ToRESTConfig and what follows is never called by the parts of kube.Client that are in use.
func (f Factory) ToRESTConfig() (*rest.Config, error) { return nil, errNoNetwork }

// ToRawKubeConfigLoader is asked for a namespace only where the client has none.
func (f Factory) ToRawKubeConfigLoader() clientcmd.ClientConfig { return nil }

// DynamicClient is for waiting.
func (f Factory) DynamicClient() (dynamic.Interface, error) { return nil, errNoNetwork }

// KubernetesClientSet is for waiting and logs.
func (f Factory) KubernetesClientSet() (*kubernetes.Clientset, error) { return nil, errNoNetwork }

// listSchema is client-side validation against a server that supports the fieldValidation parameter: kubectl
// then checks only that there is a kind, and leaves the rest to the server. The server cannot do so for
// typed lists, which are no resource, so kubectl does: an annotated ConfigMapList is refused.
type listSchema struct{}

func (listSchema) ValidateBytes(data []byte) error {
	var head struct {
		APIVersion string          `json:"apiVersion"`
		Kind       string          `json:"kind"`
		Metadata   json.RawMessage `json:"metadata"`
		Items      json.RawMessage `json:"items"`
	}
	if err := sigsjson.UnmarshalCaseSensitivePreserveInts(data, &head); err != nil {
		return err
	}
	var missing []string
	if head.APIVersion == "" {
		missing = append(missing, "apiVersion not set")
	}
	if head.Kind == "" {
		missing = append(missing, "kind not set")
	}
	if len(missing) > 0 {
		return fmt.Errorf("[%s]", strings.Join(missing, ", "))
	}
	if !strings.HasSuffix(head.Kind, "List") || head.Kind == "List" || len(head.Items) == 0 || len(head.Metadata) == 0 {
		return nil
	}
	unknown, err := sigsjson.UnmarshalStrict(head.Metadata, &metav1.ListMeta{}, sigsjson.DisallowUnknownFields)
	if err != nil {
		return err
	}
	if len(unknown) > 0 {
		return fmt.Errorf("ValidationError(%s.metadata): %w", head.Kind, unknown[0])
	}
	return nil
}
