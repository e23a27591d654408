package stage

import (
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/rest"
)

// Discovery is the RESTClientGetter that older Helms want once CRDs are there, to forget what they know of
// the API (install.go installCRDs before 3.21 and 4.1). It must be set only for that moment, because with
// a getter templates may look things up; Done is called when the moment is over.
type Discovery struct{ Done func() }

// ToRESTConfig is for lookups, which there are none of.
func (Discovery) ToRESTConfig() (*rest.Config, error) { return nil, nil }

// ToDiscoveryClient gives a client whose cache can be cleared.
func (Discovery) ToDiscoveryClient() (discovery.CachedDiscoveryInterface, error) {
	return emptyDiscovery{}, nil
}

// ToRESTMapper is the last thing installCRDs asks for.
func (d Discovery) ToRESTMapper() (meta.RESTMapper, error) {
	d.Done()
	return nil, nil
}

type emptyDiscovery struct {
	discovery.CachedDiscoveryInterface
}

func (emptyDiscovery) Invalidate() {}

func (emptyDiscovery) ServerGroups() (*metav1.APIGroupList, error) {
	return &metav1.APIGroupList{}, nil
}
