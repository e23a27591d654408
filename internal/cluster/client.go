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

	core corev1.CoreV1Interface
	meta metadata.Interface
}

// How fast requests may follow each other. The server has a say of its own (API priority and fairness);
// client-go's default of 5 a second is for controllers.
const (
	requestsPerSecond = 50
	requestsAtOnce    = 100
)

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
	config.UserAgent, config.QPS, config.Burst = agent, requestsPerSecond, requestsAtOnce
	config.WarningHandler = rest.NoWarnings{} // what is deprecated in the cluster is not ours to say
	config.Wrap(func(next http.RoundTripper) http.RoundTripper { return onlyReads{next} })
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
	c.meta, err = metadata.NewForConfigAndClient(metadata.ConfigFor(config), client)
	return err
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
