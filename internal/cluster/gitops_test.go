package cluster

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestObjectsOfFluxAndArgoCD(t *testing.T) {
	api := &fakeAPI{}
	api.instead = func(w http.ResponseWriter, r *http.Request) bool {
		w.Header().Set("Content-Type", "application/json")
		switch r.URL.Path {
		case "/apis/helm.toolkit.fluxcd.io/v2/namespaces/web/helmreleases/shop":
			fmt.Fprint(w, `{"apiVersion":"helm.toolkit.fluxcd.io/v2","kind":"HelmRelease","metadata":{"name":"shop","namespace":"web"},"spec":{"interval":"10m"}}`)
		case "/apis/source.toolkit.fluxcd.io/v1/namespaces/web/helmrepositories/charts":
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Forbidden","code":403,"message":"no"}`)
		case "/apis/argoproj.io/v1alpha1/namespaces/web/applications/shop":
			http.Error(w, "404 page not found", http.StatusNotFound)
		default:
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprint(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"NotFound","code":404,"message":"none"}`)
		}
		return true
	}
	client := api.start(t)
	for _, c := range []struct {
		kind, name string
		holds      string
		err        []string
	}{
		{"HelmRelease", "shop", `"interval":"10m"`, nil},
		{"HelmRelease", "gone", "", nil},
		{"Secret", "gone", "", nil},
		{"HelmRepository", "charts", "", []string{`get helmrepositories.source.toolkit.fluxcd.io charts in namespace "web"`}},
		{"Application", "shop", "", []string{"serves no Application of argoproj.io/v1alpha1"}},
		{"HelmRelease", "../secrets/x", "", []string{"no HelmRelease can be called"}},
		{"Deployment", "x", "", []string{"none of the kinds that are read"}},
	} {
		body, err := client.GitOps(context.Background(), c.kind, "web", c.name)
		for _, says := range c.err {
			if err == nil || !strings.Contains(err.Error(), says) {
				t.Errorf("%s/%s: %v", c.kind, c.name, err)
			}
		}
		if c.err == nil && (err != nil || !strings.Contains(string(body), c.holds) || (c.holds == "") != (body == nil)) {
			t.Errorf("%s/%s: %s, %v", c.kind, c.name, body, err)
		}
	}
	if slices.ContainsFunc(api.seen, func(r string) bool { return !strings.HasPrefix(r, "GET ") }) {
		t.Errorf("%q", api.seen)
	}
}
