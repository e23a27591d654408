package cluster

import (
	"bytes"
	stderrors "errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/cli-runtime/pkg/resource"
	"k8s.io/client-go/rest"

	"github.com/helm-hooks/helm-hooks/test/oracle/scenario"
)

// client is the REST client for one group version, answered by the cluster without a network.
func (c *Cluster) client(gv schema.GroupVersion) (resource.RESTClient, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if rc, ok := c.rest[gv]; ok {
		return rc, nil
	}
	path := "/apis/" + gv.String()
	if gv.Group == "" {
		path = "/api/" + gv.Version
	}
	config := resource.UnstructuredPlusDefaultContentConfig()
	content := rest.ClientContentConfig{
		ContentType:  runtime.ContentTypeJSON,
		GroupVersion: gv,
		Negotiator:   runtime.NewClientNegotiator(config.NegotiatedSerializer, gv),
	}
	base := &url.URL{Scheme: "http", Host: "oracle"}
	rc, err := rest.NewRESTClient(base, path, content, nil, &http.Client{Transport: transport{c}})
	if err != nil {
		return nil, fmt.Errorf("make REST client for %s: %w", gv, err)
	}
	c.rest[gv] = rc
	return rc, nil
}

// request is a parsed API request.
type request struct {
	method  string
	version schema.GroupVersion
	key     key
	patch   string // content type of a PATCH
	manager string
	force   bool
	strict  bool
	body    []byte
}

// transport answers HTTP requests out of the cluster.
type transport struct{ c *Cluster }

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	req, err := t.c.parse(r)
	var code int
	var body []byte
	if err == nil {
		t.c.mu.Lock()
		code, body, err = t.c.serve(req)
		t.c.mu.Unlock()
	}
	contentType := runtime.ContentTypeJSON
	switch {
	case err == errNoPage:
		code, body, contentType = http.StatusNotFound, []byte(err.Error()), "text/plain; charset=utf-8"
	case err != nil:
		code, body = failure(err)
	}
	return &http.Response{
		StatusCode: code,
		Status:     http.StatusText(code),
		Proto:      "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        http.Header{"Content-Type": []string{contentType}},
		Body:          io.NopCloser(bytes.NewReader(body)),
		ContentLength: int64(len(body)),
		Request:       r,
	}, nil
}

// errNoPage is the answer where nobody serves the path: not a Status.
var errNoPage = stderrors.New("404 page not found")

func failure(err error) (int, []byte) {
	status, ok := err.(*errors.StatusError)
	if !ok {
		status = errors.NewInternalError(err)
	}
	s := status.ErrStatus
	s.TypeMeta = metav1.TypeMeta{APIVersion: "v1", Kind: "Status"}
	body, err := utiljson.Marshal(s)
	if err != nil {
		panic(err) // a Status always encodes
	}
	return int(s.Code), body
}

// parse reads /api/V/… or /apis/G/V/…, then [namespaces/NS/]RESOURCE[/NAME].
func (c *Cluster) parse(r *http.Request) (request, error) {
	req := request{method: r.Method, patch: r.Header.Get("Content-Type")}
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	switch {
	case len(parts) > 2 && parts[0] == "api":
		req.version = schema.GroupVersion{Version: parts[1]}
		parts = parts[2:]
	case len(parts) > 3 && parts[0] == "apis":
		req.version = schema.GroupVersion{Group: parts[1], Version: parts[2]}
		parts = parts[3:]
	default:
		return req, errNoPage
	}
	req.key.group = req.version.Group
	if len(parts) > 2 && parts[0] == "namespaces" {
		req.key.namespace = parts[1]
		parts = parts[2:]
	}
	if len(parts) > 1 {
		req.key.name = parts[1]
	}
	if req.key.kind = c.kindAt(req.version, parts[0], req.key.namespace != ""); req.key.kind == "" || len(parts) > 2 {
		if builtIn().groups[req.version.Group] {
			return req, errors.NewGenericServerResponse(http.StatusNotFound, r.Method, schema.GroupResource{}, "", "", 0, true)
		}
		return req, errNoPage
	}
	query := r.URL.Query()
	req.manager = query.Get("fieldManager")
	req.force = query.Get("force") == "true"
	req.strict = query.Get("fieldValidation") == metav1.FieldValidationStrict
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return req, fmt.Errorf("read body of %s: %w", r.URL.Path, err)
		}
		req.body = body
	}
	return req, nil
}

// serve does one request; the caller holds the lock.
func (c *Cluster) serve(req request) (int, []byte, error) {
	switch req.method {
	case http.MethodGet:
		return c.get(req)
	case http.MethodPost:
		return c.create(req)
	case http.MethodPut:
		return c.replace(req)
	case http.MethodPatch:
		if req.key.name != "" {
			return c.patch(req)
		}
	case http.MethodDelete:
		return c.delete(req)
	}
	return 0, nil, errors.NewMethodNotSupported(req.resource(), req.method)
}

func (c *Cluster) get(req request) (int, []byte, error) {
	o, ok := c.objects[req.key]
	if !ok {
		return 0, nil, errors.NewNotFound(req.resource(), req.key.name)
	}
	return c.answer(http.StatusOK, req.key, o)
}

func (c *Cluster) delete(req request) (int, []byte, error) {
	if c.fault(req.key, c.prefixOf(req.key), scenario.AtDelete) {
		return 0, nil, errors.NewInternalError(fmt.Errorf("delete of %s %q was refused", req.key.kind, req.key.name))
	}
	o, ok := c.objects[req.key]
	if !ok {
		return 0, nil, errors.NewNotFound(req.resource(), req.key.name)
	}
	if !o.leaving {
		delete(c.objects, req.key)
	}
	return done(http.StatusOK)
}

func (c *Cluster) prefixOf(k key) string {
	if o, ok := c.objects[k]; ok {
		return o.prefix
	}
	return ""
}

// resource names the kind in errors; the plural does not matter to anybody.
func (r request) resource() schema.GroupResource {
	return schema.GroupResource{Group: r.key.group, Resource: strings.ToLower(r.key.kind) + "s"}
}

// applies says whether it is a server-side apply.
func (r request) applies() bool { return r.patch == string(types.ApplyPatchType) }
