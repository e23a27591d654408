//go:build fluxrecord && linux

package flux

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"

	"github.com/helm-hooks/helm-hooks/test/e2e/apiserver"
)

// proxy stands between a controller and the API server and keeps what changes something, in order.
type proxy struct {
	URL string
	// onJob is told of each Job that is about to be made, onMade of what was made.
	onJob, onMade func(name string)

	mu    sync.Mutex
	calls []*call
	last  time.Time
	// deed is when something but the HelmRelease was last changed.
	deed time.Time
}

// call is a request that changes something, or one for the HelmRelease itself.
type call struct {
	verb, namespace, resource, name string
	code                            int
	// conditions says that a patch of the HelmRelease's status has conditions, running is the action they announce.
	conditions bool
	running    string
	// release says that the request is for the HelmRelease, record is the line of a release's record.
	release bool
	record  string
}

// startProxy lets in whoever finds it as the user with the token: client-go sends none without TLS.
func startProxy(t *testing.T, server *apiserver.Server, token string) *proxy {
	t.Helper()
	config := server.Config(token)
	transport, err := rest.TransportFor(config)
	if err != nil {
		t.Fatal(err)
	}
	target, err := url.Parse(config.Host)
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{last: time.Now()}
	forward := &httputil.ReverseProxy{
		Rewrite:       func(r *httputil.ProxyRequest) { r.SetURL(target) },
		Transport:     transport,
		FlushInterval: -1,
		// The controller is killed at times: then nobody reads the answer.
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	}
	listener := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { p.serve(w, r, forward) }))
	t.Cleanup(listener.CloseClientConnections)
	p.URL = listener.URL
	return p
}

// answered keeps the code of an answer.
type answered struct {
	http.ResponseWriter
	code int
}

func (a *answered) WriteHeader(code int) {
	a.code = code
	a.ResponseWriter.WriteHeader(code)
}

func (p *proxy) serve(w http.ResponseWriter, r *http.Request, forward http.Handler) {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		forward.ServeHTTP(w, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	c := readCall(r, body)
	if c == nil {
		forward.ServeHTTP(w, r)
		return
	}
	made := c.verb == "create" || c.verb == "apply"
	if made && c.resource == "jobs" && p.onJob != nil {
		p.onJob(c.name)
	}
	p.mu.Lock()
	p.calls = append(p.calls, c)
	p.happened(c)
	p.mu.Unlock()
	answer := &answered{ResponseWriter: w, code: http.StatusOK}
	forward.ServeHTTP(answer, r)
	p.mu.Lock()
	c.code = answer.code
	p.happened(c)
	p.mu.Unlock()
	if made && answer.code < 300 && p.onMade != nil {
		p.onMade(c.name)
	}
}

// happened notes when. The caller holds the lock.
func (p *proxy) happened(c *call) {
	p.last = time.Now()
	if !c.release {
		p.deed = p.last
	}
}

var (
	resourcePath = regexp.MustCompile(`^/(?:api/v1|apis/[^/]+/[^/]+)(?:/namespaces/([^/]+))?/([^/]+)(?:/([^/]+))?(?:/[^/]+)?$`)
	recordName   = regexp.MustCompile(`^sh\.helm\.release\.v1\.(.+)\.v(\d+)$`)
	runningText  = regexp.MustCompile(`^Running '([^']+)' action`)
)

// readCall is nil for what is of no interest: events, questions about rights.
func readCall(r *http.Request, body []byte) *call {
	parts := resourcePath.FindStringSubmatch(r.URL.Path)
	if parts == nil || slices.Contains([]string{"events", "leases", "selfsubjectaccessreviews", "subjectaccessreviews"}, parts[2]) {
		return nil
	}
	c := &call{namespace: parts[1], resource: parts[2], name: parts[3]}
	switch r.Method {
	case http.MethodPost:
		c.verb, c.name = "create", nameIn(body)
	case http.MethodPut:
		c.verb = "update"
	case http.MethodDelete:
		c.verb = "delete"
	case http.MethodPatch:
		c.verb = "patch"
		if strings.HasPrefix(r.Header.Get("Content-Type"), "application/apply-patch") {
			c.verb = "apply"
		}
	}
	if r.URL.Query().Has("dryRun") {
		return nil
	}
	if c.resource == "helmreleases" {
		c.release = true
		c.conditions, c.running = announced(body)
		return c
	}
	if parts := recordName.FindStringSubmatch(c.name); parts != nil && c.resource == "secrets" {
		status := "deleted"
		if c.verb != "delete" {
			status = recordStatus(body)
		}
		c.record = strings.TrimPrefix(parts[1]+" ", ReleaseName+" ") + "v" + parts[2] + " " + status
	}
	return c
}

// nameIn is the name of an object in any of the encodings that clients use.
func nameIn(body []byte) string {
	var object struct {
		Metadata struct {
			Name string `json:"name"`
		} `json:"metadata"`
	}
	if err := json.Unmarshal(body, &object); err == nil {
		return object.Metadata.Name
	}
	decoded, _, err := scheme.Codecs.UniversalDeserializer().Decode(body, nil, nil)
	if named, ok := decoded.(interface{ GetName() string }); err == nil && ok {
		return named.GetName()
	}
	return ""
}

// recordStatus is the status in the labels of a record.
func recordStatus(body []byte) string {
	decoded, _, err := scheme.Codecs.UniversalDeserializer().Decode(body, nil, nil)
	secret, ok := decoded.(*corev1.Secret)
	if err != nil || !ok {
		return fmt.Sprintf("cannot be read: %v", err)
	}
	return secret.Labels["status"]
}

// announced is the action that a patch of the status announces.
func announced(body []byte) (conditions bool, running string) {
	var patch struct {
		Status struct {
			Conditions []struct{ Type, Message string }
		}
	}
	if err := json.Unmarshal(body, &patch); err != nil {
		return false, ""
	}
	for _, condition := range patch.Status.Conditions {
		if parts := runningText.FindStringSubmatch(condition.Message); parts != nil && condition.Type == "Reconciling" {
			running = parts[1]
		}
	}
	return patch.Status.Conditions != nil, running
}

// touch is as if something had been sent.
func (p *proxy) touch() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last = time.Now()
	p.deed = p.last
}

// cut marks that whatever was under way is over.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls = append(p.calls, &call{release: true, conditions: true})
	p.last = time.Now()
}

// quiet says for how long nothing was sent, idle for how long nothing but for the HelmRelease itself.
func (p *proxy) quiet() (quiet, idle time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return time.Since(p.last), time.Since(p.deed)
}

// taken are the calls so far, which are then forgotten.
func (p *proxy) taken() []call {
	p.mu.Lock()
	defer p.mu.Unlock()
	calls := copied(p.calls)
	p.calls = nil
	return calls
}

// seen are the calls so far.
func (p *proxy) seen() []call {
	p.mu.Lock()
	defer p.mu.Unlock()
	return copied(p.calls)
}

func copied(calls []*call) []call {
	var all []call
	for _, c := range calls {
		all = append(all, *c)
	}
	return all
}
