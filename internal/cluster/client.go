// Package cluster reads what is live: the records of releases, and the objects of their hooks. It sends get, list
// and watch, and nothing else.
package cluster

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/client-go/discovery"
	batchv1 "k8s.io/client-go/kubernetes/typed/batch/v1"
	corev1 "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"

	// Kubeconfigs of older clusters name these ways to log in, as they may for kubectl and Helm.
	_ "k8s.io/client-go/plugin/pkg/client/auth"
)

// Client asks one cluster.
type Client struct {
	// Context is the name of the kubeconfig's context, empty inside a Pod or where only a server was named.
	Context string
	// Server is the API server's URL.
	Server string
	// Namespace is the one that was asked for, else the context's.
	Namespace string

	core  corev1.CoreV1Interface
	batch batchv1.BatchV1Interface
	meta  metadata.Interface
	kinds discovered
	// config reaches the same server; only reads pass.
	config *rest.Config
}

// Connect prepares to ask a cluster; nothing is sent yet. agent is how the client calls itself.
func Connect(getter genericclioptions.RESTClientGetter, agent string) (*Client, error) {
	loader := getter.ToRawKubeConfigLoader()
	raw, err := loader.RawConfig()
	if err != nil {
		return nil, kubeconfigError(err)
	}
	c := &Client{Context: contextOf(getter, raw.CurrentContext)}
	if _, ok := raw.Contexts[c.Context]; !ok && c.Context != "" {
		return nil, &Error{
			fmt.Errorf("the kubeconfig has no context %q", c.Context),
			"it has " + cmp.Or(strings.Join(slices.Sorted(maps.Keys(raw.Contexts)), ", "), "none") + "; kubectl config view shows where it comes from",
		}
	}
	config, err := getter.ToRESTConfig()
	if err != nil {
		return nil, kubeconfigError(err)
	}
	// clientcmd falls back to kubectl's proxy of old, which nobody means any more.
	if len(raw.Clusters) == 0 && strings.TrimPrefix(config.Host, "http://") == "localhost:8080" {
		return nil, &Error{
			errors.New("no cluster to ask: there is no kubeconfig, or it names none"),
			"set KUBECONFIG or give --kubeconfig; without a cluster, plan a chart: helm hooks plan ./mychart",
		}
	}
	c.Server = config.Host
	if c.Namespace, _, err = loader.Namespace(); err != nil {
		return nil, kubeconfigError(err)
	}
	if err := c.prepare(config, agent); err != nil {
		return nil, kubeconfigError(err)
	}
	return c, nil
}

// prepare makes the clients.
func (c *Client) prepare(config *rest.Config, agent string) error {
	config = rest.CopyConfig(config)
	// Nothing slows requests down here: the server says itself what it can bear (API priority and fairness), with a
	// 429 and a Retry-After that client-go keeps to, and what is sent at once is bounded where it is sent. client-go's
	// default of 5 a second is for controllers; at 50, two thousand records would take 40 seconds.
	config.UserAgent, config.QPS = agent, -1
	config.WarningHandler = rest.NoWarnings{} // what is deprecated in the cluster is not ours to say
	config.Wrap(func(next http.RoundTripper) http.RoundTripper { return onlyReads{next} })
	c.config = config
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		return err
	}
	core := rest.CopyConfig(config)
	// A quarter less than JSON, which packs a Secret's bytes into text.
	core.ContentType, core.AcceptContentTypes = "application/vnd.kubernetes.protobuf", "application/vnd.kubernetes.protobuf,application/json"
	if c.core, err = corev1.NewForConfigAndClient(core, client); err != nil {
		return err
	}
	if c.batch, err = batchv1.NewForConfigAndClient(core, client); err != nil {
		return err
	}
	if c.kinds.client, err = discovery.NewDiscoveryClientForConfigAndClient(config, client); err != nil {
		return err
	}
	c.meta, err = metadata.NewForConfigAndClient(metadata.ConfigFor(config), client)
	return err
}

// Rendering is what a template engine may ask the cluster by: its API versions, and objects for lookup.
func (c *Client) Rendering() (discovery.DiscoveryInterface, *rest.Config, error) {
	config := rest.CopyConfig(c.config)
	client, err := discovery.NewDiscoveryClientForConfig(config)
	return client, config, err
}

// contextOf is the context in use: the flag's, or the current one.
func contextOf(getter genericclioptions.RESTClientGetter, current string) string {
	if flags, ok := getter.(*genericclioptions.ConfigFlags); ok && flags.Context != nil && *flags.Context != "" {
		return *flags.Context
	}
	return current
}

func kubeconfigError(err error) error {
	return &Error{fmt.Errorf("read the kubeconfig: %w", err), "kubectl config view shows what the kubeconfig says"}
}

// onlyReads lets no request through that could change anything: that is a promise of this tool.
type onlyReads struct{ next http.RoundTripper }

func (o onlyReads) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodGet {
		return nil, fmt.Errorf("%s %s: only get, list and watch are sent", r.Method, r.URL.Path)
	}
	return o.next.RoundTrip(r)
}

// WrappedRoundTripper is how client-go finds the transport below, to cancel requests.
func (o onlyReads) WrappedRoundTripper() http.RoundTripper { return o.next }
