package sdk

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"

	"k8s.io/client-go/discovery"
	"k8s.io/client-go/rest"
)

// Cluster is what a render may know of a cluster, and ask it.
type Cluster struct {
	// KubeVersion is what the API server says of itself, such as v1.33.4-gke.1245000.
	KubeVersion string
	// Major and Minor are the API server's own words, too: the minor may be "33+".
	Major, Minor string
	// APIVersions is the whole list: batch/v1 and batch/v1/Job.
	APIVersions []string
	// Config is how lookup reaches the cluster: all requests go through its transport. nil lets lookup find
	// nothing, as without a cluster.
	Config *rest.Config
}

// Discover asks a cluster for what .Capabilities says: getCapabilities and GetVersionSet of v3 and v4
// pkg/action/action.go. An API whose server does not answer is left out there, and here. The list is nil where
// the cluster names no API at all: then Helm takes its own.
func Discover(client discovery.DiscoveryInterface, config *rest.Config) (*Cluster, error) {
	version, err := client.ServerVersion()
	if err != nil {
		return nil, fmt.Errorf("could not get server version from Kubernetes: %w", err)
	}
	groups, resources, err := client.ServerGroupsAndResources()
	var partial *discovery.ErrGroupDiscoveryFailed
	if err != nil && !errors.As(err, &partial) {
		return nil, fmt.Errorf("could not get apiVersions from Kubernetes: %w", err)
	}
	known := map[string]bool{}
	for _, group := range groups {
		for _, version := range group.Versions {
			known[version.GroupVersion] = true
		}
	}
	for _, list := range resources {
		for _, resource := range list.APIResources {
			known[path.Join(list.GroupVersion, resource.Kind)] = true
		}
	}
	return &Cluster{
		KubeVersion: version.GitVersion, Major: version.Major, Minor: version.Minor,
		APIVersions: slices.Sorted(maps.Keys(known)), Config: config,
	}, nil
}
