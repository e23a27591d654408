package helm3

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path"
	"strings"
	"time"

	"helm.sh/helm/v3/pkg/registry"

	"github.com/helm-hooks/helm-hooks/internal/source/sdk"
)

// downloadTimeout is DefaultHTTPTimeout of v3 pkg/getter/getter.go.
const downloadTimeout = 120 * time.Second

// maxDownload bounds a download; the largest index files are a tenth of it, and Helm loads no chart
// above 100 MiB.
const maxDownload = 256 << 20

// access says how one download is to be made: the options of v3 pkg/getter/getter.go.
type access struct {
	// from is the URL for which the credentials are meant.
	from               string
	username, password string
	passCredentialsAll bool
	certFile, keyFile  string
	caFile             string
	insecureSkipVerify bool
	accept             string
	registry           *registry.Client
	version            string
	// limit bounds the download in bytes; 0 means maxDownload.
	limit int64
}

// get fetches one URL.
type get func(href string, how access) ([]byte, error)

// getters finds the way to fetch a URL, as All of v3 pkg/getter/getter.go.
type getters struct {
	settings Settings
	stderr   io.Writer
}

func (g getters) forScheme(scheme string) (get, error) {
	switch scheme {
	case "http", "https":
		return getHTTP, nil
	case registry.OCIScheme:
		return getOCI, nil
	}
	if plugin, ok := findGetterPlugin(g.settings.Plugins, scheme); ok {
		plugin.settings, plugin.stderr = g.settings, g.stderr
		return plugin.get, nil
	}
	return nil, fmt.Errorf("scheme %q not supported", scheme)
}

// getHTTP is HTTPGetter of v3 pkg/getter/httpgetter.go. Credentials go only to the host and port that
// they were given for, unless they may go anywhere.
func getHTTP(href string, how access) ([]byte, error) {
	request, err := http.NewRequest(http.MethodGet, href, nil)
	if err != nil {
		return nil, err
	}
	if how.accept != "" {
		request.Header.Set("Accept", how.accept)
	}
	request.Header.Set("User-Agent", "Helm/"+strings.TrimPrefix(sdk.Helm3Version, "v")+" (helm-hooks)")
	same, err := sameHost(how.from, href)
	if err != nil {
		return nil, err
	}
	if (how.passCredentialsAll || same) && how.username != "" && how.password != "" {
		request.SetBasicAuth(how.username, how.password)
	}
	transport := &http.Transport{DisableCompression: true, Proxy: http.ProxyFromEnvironment}
	defer transport.CloseIdleConnections()
	if transport.TLSClientConfig, err = tlsConfig(how); err != nil {
		return nil, fmt.Errorf("can't create TLS config for client: %w", err)
	}
	client := &http.Client{Transport: transport, Timeout: downloadTimeout}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("failed to fetch %s : %s", href, response.Status)
	}
	limit := how.limit
	if limit == 0 {
		limit = maxDownload
	}
	data, err := io.ReadAll(io.LimitReader(response.Body, limit+1))
	if err != nil {
		return nil, fmt.Errorf("fetch %s: %w", href, err)
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("fetch %s: more than %d MiB", href, limit>>20)
	}
	return data, nil
}

func sameHost(a, b string) (bool, error) {
	u1, err := url.Parse(a)
	if err != nil {
		return false, fmt.Errorf("unable to parse getter URL: %w", err)
	}
	u2, err := url.Parse(b)
	if err != nil {
		return false, fmt.Errorf("unable to parse URL getting from: %w", err)
	}
	return u1.Scheme == u2.Scheme && u1.Host == u2.Host, nil
}

// tlsConfig is NewClientTLS of v3 internal/tlsutil/tls.go; nil where nothing is asked for.
func tlsConfig(how access) (*tls.Config, error) {
	if (how.certFile == "" || how.keyFile == "") && how.caFile == "" && !how.insecureSkipVerify {
		return nil, nil
	}
	config := &tls.Config{InsecureSkipVerify: how.insecureSkipVerify} // Only where the user asks for it
	if how.certFile != "" && how.keyFile != "" {
		cert, err := tls.LoadX509KeyPair(how.certFile, how.keyFile)
		if err != nil {
			return nil, fmt.Errorf("can't load key pair from cert %s and key %s: %w", how.certFile, how.keyFile, err)
		}
		config.Certificates = []tls.Certificate{cert}
	}
	if how.caFile != "" {
		pem, err := os.ReadFile(how.caFile)
		if err != nil {
			return nil, fmt.Errorf("can't read CA file: %s", how.caFile)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("failed to append certificates from file: %s", how.caFile)
		}
	}
	return config, nil
}

// getOCI is OCIGetter of v3 pkg/getter/ocigetter.go.
func getOCI(href string, how access) ([]byte, error) {
	client := how.registry
	if client == nil {
		var err error
		if client, err = registry.NewClient(registry.ClientOptWriter(io.Discard)); err != nil {
			return nil, err
		}
	}
	ref := strings.TrimPrefix(href, registry.OCIScheme+"://")
	if how.version != "" && !strings.Contains(path.Base(ref), ":") {
		ref += ":" + how.version
	}
	if chartRef, ok := strings.CutSuffix(ref, ".prov"); ok {
		result, err := client.Pull(chartRef, registry.PullOptWithChart(false), registry.PullOptWithProv(true))
		if err != nil {
			return nil, err
		}
		return result.Prov.Data, nil
	}
	result, err := client.Pull(ref)
	if err != nil {
		return nil, err
	}
	if len(result.Chart.Data) > maxDownload {
		return nil, errors.New("the chart is too large")
	}
	return result.Chart.Data, nil
}

// registryClient is newRegistryClient of v3 cmd/helm/root.go, which does not talk.
func registryClient(options LocateOptions) (*registry.Client, error) {
	settings := []registry.ClientOption{
		registry.ClientOptEnableCache(true),
		registry.ClientOptWriter(io.Discard),
		registry.ClientOptCredentialsFile(options.RegistryConfig),
		registry.ClientOptBasicAuth(options.Username, options.Password),
	}
	how := options.access()
	config, err := tlsConfig(how)
	switch {
	case err != nil:
		return nil, fmt.Errorf("can't create TLS config for client: %w", err)
	case config != nil:
		settings = append(settings, registry.ClientOptHTTPClient(&http.Client{
			Transport: &http.Transport{TLSClientConfig: config, Proxy: http.ProxyFromEnvironment},
		}))
	case options.PlainHTTP:
		settings = append(settings, registry.ClientOptPlainHTTP())
	}
	return registry.NewClient(settings...)
}
