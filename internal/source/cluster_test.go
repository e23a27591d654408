package source

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/rest"

	"github.com/helm-hooks/helm-hooks/internal/source/sdk"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// apiServer answers like an API server with one Secret, two ConfigMaps, a CRD, and an API whose server is gone.
type apiServer struct {
	t *testing.T
	*httptest.Server
	mu sync.Mutex
	// paths are those that were asked for.
	paths []string
	// denied are paths that nobody may read.
	denied []string
}

func newAPIServer(t *testing.T) *apiServer {
	s := &apiServer{t: t}
	answers := map[string]string{
		"/version": `{"major": "1", "minor": "33+", "gitVersion": "v1.33.4-gke.1245000"}`,
		"/api":     `{"kind": "APIVersions", "versions": ["v1"]}`,
		"/apis": `{"kind": "APIGroupList", "apiVersion": "v1", "groups": [` + group("batch", "v1") + "," + group("example.com", "v1") + "," +
			group("gone.example.com", "v1") + "]}",
		"/api/v1":              resources("v1", "Secret secrets", "ConfigMap configmaps", "ConfigMap configmaps/odd"),
		"/apis/batch/v1":       resources("batch/v1", "Job jobs"),
		"/apis/example.com/v1": resources("example.com/v1", "Widget widgets"),
		"/api/v1/namespaces/prod/secrets/keys": `{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "keys", "namespace": "prod"},
			"data": {"password": "aHVudGVyMg=="}}`,
		"/api/v1/namespaces/prod/configmaps": `{"apiVersion": "v1", "kind": "ConfigMapList", "items": [
			{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}, {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "b"}}]}`,
	}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.paths = append(s.paths, r.URL.Path)
		s.mu.Unlock()
		w.Header().Set("Content-Type", "application/json")
		switch answer, ok := answers[r.URL.Path]; {
		case slices.Contains(s.denied, r.URL.Path):
			w.WriteHeader(http.StatusForbidden)
			write(t, w, `{"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "Forbidden", "code": 403, "message": "this is forbidden: you may not read it"}`)
		case strings.HasPrefix(r.URL.Path, "/apis/gone"):
			w.WriteHeader(http.StatusServiceUnavailable)
		case ok:
			write(t, w, answer)
		default:
			w.WriteHeader(http.StatusNotFound)
			write(t, w, `{"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound", "code": 404, "message": "there is none"}`)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

func write(t *testing.T, w http.ResponseWriter, text string) {
	if _, err := w.Write([]byte(text)); err != nil {
		t.Error(err)
	}
}

func group(name, version string) string {
	one := `{"groupVersion": "` + name + "/" + version + `", "version": "` + version + `"}`
	return `{"name": "` + name + `", "versions": [` + one + `], "preferredVersion": ` + one + "}"
}

func resources(version string, kinds ...string) string {
	var list []string
	for _, one := range kinds {
		kind, name, _ := strings.Cut(one, " ")
		list = append(list, `{"name": "`+name+`", "kind": "`+kind+`", "namespaced": true, "verbs": ["get", "list"]}`)
	}
	return `{"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": "` + version + `", "resources": [` + strings.Join(list, ",") + "]}"
}

// onlyGET is the transport of a caller that lets nothing but reading pass.
type onlyGET struct{ under http.RoundTripper }

func (o onlyGET) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Method != http.MethodGet {
		return nil, errors.New("this is no reading: " + request.Method)
	}
	request = request.Clone(request.Context())
	request.Header.Set("X-Guarded", "yes")
	return o.under.RoundTrip(request)
}

func (s *apiServer) config() *rest.Config {
	return &rest.Config{Host: s.URL, WrapTransport: func(under http.RoundTripper) http.RoundTripper { return onlyGET{under} }}
}

// getter is how Helm's actions reach the cluster.
type getter struct{ config *rest.Config }

func (g getter) ToRESTConfig() (*rest.Config, error) { return g.config, nil }

func (g getter) ToDiscoveryClient() (discovery.CachedDiscoveryInterface, error) {
	client, err := discovery.NewDiscoveryClientForConfig(g.config)
	return memory.NewMemCacheClient(client), err
}

func (g getter) ToRESTMapper() (meta.RESTMapper, error) { return nil, errors.New("there is none") }

func (s *apiServer) cluster() *sdk.Cluster {
	s.t.Helper()
	config := s.config()
	client, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		s.t.Fatal(err)
	}
	cluster, err := sdk.Discover(client, config)
	if err != nil {
		s.t.Fatal(err)
	}
	return cluster
}

// A chart that asks the cluster gives what `helm install --dry-run=server` gives.
func TestRenderingWithACluster(t *testing.T) {
	server := newAPIServer(t)
	for _, test := range []struct{ name, chart, template, want, err string }{
		{name: "an object that is there", template: `{{ if lookup "v1" "Secret" "prod" "keys" }}there{{ else }}missing{{ end }}`, want: "there"},
		{name: "what is in it", template: `{{ (lookup "v1" "Secret" "prod" "keys").data.password | b64dec }}`, want: "hunter2"},
		{name: "an object that is not there", template: `{{ lookup "v1" "Secret" "prod" "nothing" | toJson }}`, want: "{}"},
		{name: "a list", template: `{{ range (lookup "v1" "ConfigMap" "prod" "").items }}{{ .metadata.name }} {{ end }}`, want: "a b"},
		{name: "a list that is not there", template: `{{ lookup "v1" "Secret" "prod" "" | toJson }}`, want: "{}"},
		{name: "an API that is not there", template: `{{ lookup "none.example.com/v1" "None" "prod" "" | toJson }}`, err: "there is none"},
		{name: "an object that may not be read", template: `{{ lookup "v1" "Secret" "prod" "denied" }}`, err: "you may not read it"},
		{
			name: "APIs", template: `{{ range list "v1" "v1/Secret" "batch/v1/Job" "example.com/v1" "example.com/v1/Widget" "gone.example.com/v1" "gone.example.com/v1/Any" "apps/v1" }}` +
				`{{ $.Capabilities.APIVersions.Has . }} {{ end }}`,
			want: "true true true true true true false false",
		},
		{name: "the version", template: `{{ .Capabilities.KubeVersion }} {{ .Capabilities.KubeVersion.Major }} {{ .Capabilities.KubeVersion.Minor }}`, want: "v1.33.4-gke.1245000 1 33+"},
		{name: "a gate", chart: "kubeVersion: '>=1.30.0-0'", template: "open", want: "open"},
		{name: "a closed gate", chart: "kubeVersion: '>=1.34.0-0'", template: "open", err: "chart requires kubeVersion: >=1.34.0-0 which is incompatible with Kubernetes v1.33.4-gke.1245000"},
	} {
		eachEngine(t, func(t *testing.T, engine plan.Engine) {
			t.Run(test.name, func(t *testing.T) {
				server.denied = []string{"/api/v1/namespaces/prod/secrets/denied"}
				files := map[string]string{
					"Chart.yaml":       "apiVersion: v2\nname: shop\nversion: 1.4.0\n" + test.chart,
					"templates/x.yaml": "metadata: {annotations: {helm.sh/hook: test}}\nx: |\n  " + test.template,
				}
				options := ChartOptions{
					FS: memoryFS(files), Engine: engine, Release: web, Cluster: server.cluster(), KubeVersion: "v1.1.1", APIVersions: []string{"apps/v1"},
				}
				want, wantErr := installOnServer(t, engine, files, server.config())
				source, err := FromChart(options)
				if test.err != "" {
					if wantErr == nil || err == nil || !strings.Contains(err.Error(), test.err) || !strings.HasSuffix(err.Error(), wantErr.Error()) {
						t.Fatalf("Helm says %v, we say %v", wantErr, err)
					}
					return
				}
				if err != nil || wantErr != nil {
					t.Fatal(err, wantErr)
				}
				got := texts(t, source, plan.Fields{Revision: 1})
				if diff := cmp.Diff([]string{clean(want)}, got); diff != "" {
					t.Error(diff)
				}
				if !strings.HasSuffix(got[0], "x: |\n  "+test.want) {
					t.Errorf("got %q", got[0])
				}
				if len(source.Unknown) > 0 {
					t.Errorf("unknown although there is a cluster: %+v", source.Unknown)
				}
			})
		})
	}
}

func TestAHintWhereLookupIsForbidden(t *testing.T) {
	server := newAPIServer(t)
	server.denied = []string{"/api/v1/namespaces/prod/secrets/keys"}
	eachEngine(t, func(t *testing.T, engine plan.Engine) {
		options := ChartOptions{
			FS:     memoryFS(shop(map[string]string{"templates/x.yaml": `a: {{ lookup "v1" "Secret" "prod" "keys" | toJson }}`})),
			Engine: engine, Release: web, Cluster: server.cluster(),
		}
		_, err := FromChart(options)
		var hinted *Error
		if !errors.As(err, &hinted) || !strings.Contains(hinted.Hint, "the right to read") {
			t.Errorf("got %v", err)
		}
	})
}

// What is missing without a cluster is reported as unknown, and nothing is asked.
func TestRenderingWithoutACluster(t *testing.T) {
	server := newAPIServer(t)
	files := shop(map[string]string{
		"templates/x.yaml": "{{ if .Capabilities.APIVersions.Has \"example.com/v1/Widget\" }}\n" + goodJob + "# {{ lookup \"v1\" \"Secret\" \"prod\" \"keys\" }}\n{{ end }}",
	})
	eachEngine(t, func(t *testing.T, engine plan.Engine) {
		options := ChartOptions{FS: memoryFS(files), Engine: engine, Release: web}
		without := mustChart(t, options)
		if len(without.Unknown) != 2 || len(texts(t, without, plan.Fields{Revision: 1})) != 0 || len(server.paths) > 0 {
			t.Errorf("got %+v, asked for %s", without.Unknown, server.paths)
		}
		options.Cluster = server.cluster()
		options.Cluster.Config = nil
		server.paths = nil
		known := mustChart(t, options)
		if len(texts(t, known, plan.Fields{Revision: 1})) != 1 || len(server.paths) > 0 {
			t.Errorf("asked for %s", server.paths)
		}
		options.Cluster = server.cluster()
		options.Cluster.APIVersions = nil // a cluster that names none: Helm takes its own
		if got := texts(t, mustChart(t, options), plan.Fields{Revision: 1}); len(got) != 0 {
			t.Errorf("got %q", got)
		}
		server.paths = nil
	})
}

func TestDiscoverTellsWhatFails(t *testing.T) {
	for _, path := range []string{"/version", "/api", "/apis"} {
		server := newAPIServer(t)
		server.denied = []string{"/version", "/api", "/apis"}
		if path != "/version" {
			server.denied = server.denied[1:]
		}
		client, err := discovery.NewDiscoveryClientForConfig(server.config())
		if err != nil {
			t.Fatal(err)
		}
		want := "could not get apiVersions from Kubernetes: "
		if path == "/version" {
			want = "could not get server version from Kubernetes: "
		}
		if _, err := sdk.Discover(client, server.config()); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: got %v", path, err)
		}
	}
}
