package cluster

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

func packed(name string, revision int) []byte {
	var buffer bytes.Buffer
	writer := gzip.NewWriter(&buffer)
	fmt.Fprintf(writer, `{"name":%q,"version":%d,"namespace":"target","info":{"status":"deployed"},"manifest":"kind: ConfigMap\n"}`, name, revision)
	_ = writer.Close()
	return []byte(base64.StdEncoding.EncodeToString(buffer.Bytes()))
}

// shop has eleven revisions, so that text order and number order differ, and neighbours with like names.
func shop() []fakeObject {
	objects := []fakeObject{
		stored("web", "shop-2", 30, "deployed", packed("shop-2", 30)),
		stored("web", "shop.v2", 1, "deployed", packed("shop.v2", 1)),
		stored("test", "shop", 40, "deployed", packed("shop", 40)),
		{"secrets", "web", "shop-password", map[string]string{"owner": "helm", "name": "shop"}, nil},
		{"configmaps", "web", "sh.helm.release.v1.cart.v1", map[string]string{"owner": "helm", "name": "cart", "version": "1"}, packed("cart", 1)},
	}
	for revision := 11; revision > 0; revision-- {
		status := "superseded"
		if revision == 11 {
			status = "deployed"
		}
		objects = append(objects, stored("web", "shop", revision, status, packed("shop", revision)))
	}
	return objects
}

func Test_the_newest_revision_is_found_from_metadata_and_read_alone(t *testing.T) {
	for _, pageSize := range []int{0, 3} {
		fake := &fakeAPI{objects: shop(), pageSize: pageSize}
		client := fake.start(t)
		newest, refs, err := client.Records(Secrets).Newest(t.Context(), "web", "shop")
		if err != nil {
			t.Fatal(err)
		}
		if newest.Revision != 11 || newest.Namespace != "target" || len(refs) != 11 || refs[0].Revision != 1 || refs[10].Status != "deployed" {
			t.Errorf("revision %d in %s of %+v", newest.Revision, newest.Namespace, refs)
		}
		if ref := refs[10]; !ref.Modified.Equal(time.Unix(1762162207, 0)) || !ref.Created.Equal(time.Unix(1762162200, 0)) || ref.Namespace != "web" {
			t.Errorf("%+v", ref)
		}
		gets := slices.DeleteFunc(slices.Clone(fake.seen), func(line string) bool { return !strings.Contains(line, "/sh.helm.") })
		if want := []string{"GET /api/v1/namespaces/web/secrets/sh.helm.release.v1.shop.v11"}; !slices.Equal(gets, want) {
			t.Errorf("fetched %q", gets)
		}
	}
}

func Test_records_in_config_maps_are_read(t *testing.T) {
	client := (&fakeAPI{objects: shop()}).start(t)
	newest, _, err := client.Records(ConfigMaps).Newest(t.Context(), "web", "cart")
	if err != nil || newest.Name != "cart" {
		t.Errorf("%+v, %v", newest, err)
	}
}

func Test_an_expired_page_starts_the_list_again(t *testing.T) {
	fake := &fakeAPI{objects: shop(), pageSize: 3}
	fake.before = func(r *http.Request) int {
		if r.URL.Query().Get("continue") == "6" {
			return http.StatusGone
		}
		return 0
	}
	refs, err := fake.start(t).Records(Secrets).Revisions(t.Context(), "web", "shop")
	if err != nil || len(refs) != 11 {
		t.Errorf("%d revisions, %v", len(refs), err)
	}
}

func Test_a_record_deleted_between_list_and_get(t *testing.T) {
	fake := &fakeAPI{objects: shop()}
	fake.before = func(r *http.Request) int {
		if strings.HasSuffix(r.URL.Path, "shop.v11") {
			fake.objects = slices.DeleteFunc(fake.objects, func(o fakeObject) bool { return strings.HasSuffix(o.name, "shop.v11") })
		}
		return 0
	}
	newest, refs, err := fake.start(t).Records(Secrets).Newest(t.Context(), "web", "shop")
	if err != nil || newest.Revision != 10 || len(refs) != 10 {
		t.Errorf("revision %+v of %d, %v", newest, len(refs), err)
	}
	fake = &fakeAPI{objects: shop()}
	fake.before = func(r *http.Request) int {
		if strings.Contains(r.URL.Path, "/sh.helm.") {
			return http.StatusNotFound
		}
		return 0
	}
	if _, _, err = fake.start(t).Records(Secrets).Newest(t.Context(), "web", "shop"); !apierrors.IsNotFound(err) {
		t.Errorf("a record that is never there: %v", err)
	}
}

func Test_a_release_that_is_not_there(t *testing.T) {
	for _, c := range []struct {
		name, namespace, release string
		driver                   Driver
		forbid                   string
		hint                     string
	}{
		{"a typing error", "web", "shpo", Secrets, "", "did you mean shop?"},
		{"a longer name", "web", "shop-web", Secrets, "", "did you mean shop?"},
		{"in other namespaces", "dev", "shop", Secrets, "", "namespaces test, web"},
		{"in one other namespace", "dev", "shop-2", Secrets, "", "-n web"},
		{"in an empty namespace", "dev", "pay", Secrets, "", "helm list -A"},
		{"in config maps", "web", "cart", Secrets, "", "HELM_DRIVER=configmap"},
		{"in secrets", "web", "shop", ConfigMaps, "", "HELM_DRIVER=secret"},
		{"where other namespaces may not be read", "dev", "shop", Secrets, "/api/v1/secrets", "stores no release"},
		{"nothing like it", "web", "pay", Secrets, "", "helm list -n web"},
	} {
		t.Run(c.name, func(t *testing.T) {
			fake := &fakeAPI{objects: shop()}
			fake.before = func(r *http.Request) int {
				if c.forbid != "" && r.URL.Path == c.forbid {
					return http.StatusForbidden
				}
				return 0
			}
			_, _, err := fake.start(t).Records(c.driver).Newest(t.Context(), c.namespace, c.release)
			var missing *NotFoundError
			if !errors.As(err, &missing) {
				t.Fatal(err)
			}
			if hint := missing.Hint(); !strings.Contains(hint, c.hint) {
				t.Errorf("hint %q", hint)
			}
			if want := fmt.Sprintf("release %q not found in namespace %q (context \"dev\")", c.release, c.namespace); err.Error() != want {
				t.Errorf("%q, want %q", err, want)
			}
		})
	}
}

func Test_records_that_are_not_what_they_seem(t *testing.T) {
	labelled := func(data []byte) []fakeObject { return []fakeObject{stored("web", "shop", 2, "deployed", data)} }
	for _, c := range []struct {
		name  string
		data  []byte
		words []string
		hint  string
	}{
		{"corrupt", []byte("!!!!"), []string{"Secret sh.helm.release.v1.shop.v2 in namespace \"web\": record corrupt"}, "helm history shop -n web"},
		{"cut short", packed("shop", 2)[:80], []string{"record cut short"}, "passes over"},
		{"without data", nil, []string{"no data key \"release\""}, "passes over"},
		{"another release's", packed("cart", 2), []string{"holds revision 2 of release \"cart\""}, "delete it"},
		{"another revision's", packed("shop", 1), []string{"holds revision 1 of release \"shop\""}, "delete it"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, refs, err := (&fakeAPI{objects: labelled(c.data)}).start(t).Records(Secrets).Newest(t.Context(), "web", "shop")
			var known *Error
			if !errors.As(err, &known) || !strings.Contains(known.Hint, c.hint) || len(refs) != 1 {
				t.Fatalf("%v, %+v", err, known)
			}
			for _, words := range c.words {
				if !strings.Contains(err.Error(), words) {
					t.Errorf("%q does not say %q", err, words)
				}
			}
		})
	}
}

func Test_names_that_no_release_has_are_refused_without_asking(t *testing.T) {
	fake := &fakeAPI{}
	client := fake.start(t)
	for _, name := range []string{"", "Shop", "shop_1", "-shop", "shop/x", "a..b", strings.Repeat("a", 54)} {
		_, _, err := client.Records(Secrets).Newest(t.Context(), "web", name)
		var known *Error
		if !errors.As(err, &known) {
			t.Errorf("%q: %v", name, err)
		}
	}
	if len(fake.seen) > 0 {
		t.Errorf("asked %q", fake.seen)
	}
}

func Test_failures_say_what_was_asked_and_what_to_do(t *testing.T) {
	for _, c := range []struct {
		name  string
		code  int
		words string
		hint  string
	}{
		{"forbidden", http.StatusForbidden, `list secrets in namespace "web" (context "dev")`, "kubectl --context dev auth can-i list secrets -n web"},
		{"unauthorized", http.StatusUnauthorized, `list secrets`, "kubectl --context dev auth whoami"},
		{"internal error", http.StatusInternalServerError, `list secrets`, "try again later"},
		{"bad gateway", http.StatusBadGateway, `list secrets`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			fake := &fakeAPI{before: func(*http.Request) int { return c.code }}
			_, _, err := fake.start(t).Records(Secrets).Newest(t.Context(), "web", "shop")
			if err == nil || !strings.Contains(err.Error(), c.words) {
				t.Fatalf("%v", err)
			}
			var known *Error
			if c.hint != "" && (!errors.As(err, &known) || !strings.Contains(known.Hint, c.hint)) {
				t.Errorf("hint %+v", known)
			}
		})
	}
}

func Test_a_server_that_is_slow_or_gone(t *testing.T) {
	fake := &fakeAPI{before: func(r *http.Request) int {
		<-r.Context().Done()
		return http.StatusGatewayTimeout
	}}
	fake.start(t)
	flags := fake.flags(t)
	timeout := "50ms"
	flags.Timeout = &timeout
	client, err := Connect(flags, "helm-hooks/test")
	if err != nil {
		t.Fatal(err)
	}
	var known *Error
	if _, err := client.Records(Secrets).Revisions(t.Context(), "web", "shop"); !errors.As(err, &known) || !strings.Contains(known.Hint, "--request-timeout") {
		t.Errorf("slow: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := client.Records(Secrets).Revisions(ctx, "web", "shop"); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	fake = &fakeAPI{url: "http://127.0.0.1:1"}
	if client, err = Connect(fake.flags(t), "helm-hooks/test"); err != nil {
		t.Fatal(err)
	}
	_, err = client.Records(Secrets).Revisions(t.Context(), "web", "shop")
	if !errors.As(err, &known) || !strings.Contains(err.Error(), "cannot reach the API server http://127.0.0.1:1 of context \"dev\"") ||
		!strings.Contains(known.Hint, "kubectl --context dev version") {
		t.Errorf("gone: %v, %+v", err, known)
	}
}

func Test_a_server_that_dies_between_two_pages(t *testing.T) {
	fake := &fakeAPI{objects: shop(), pageSize: 3}
	fake.before = func(r *http.Request) int {
		if r.URL.Query().Get("continue") == "6" {
			_ = fake.server.Listener.Close()
			panic(http.ErrAbortHandler) // the connection breaks
		}
		return 0
	}
	newest, _, err := fake.start(t).Records(Secrets).Newest(t.Context(), "web", "shop")
	if newest != nil || err == nil || !strings.Contains(err.Error(), "cannot reach the API server") {
		t.Errorf("%+v, %v", newest, err)
	}
}

func Test_nothing_but_reading_leaves_the_client(t *testing.T) {
	fake := &fakeAPI{objects: shop()}
	client := fake.start(t)
	body := strings.NewReader("{}")
	err := client.core.RESTClient().Post().Resource("secrets").Namespace("web").Body(body).Do(t.Context()).Error()
	if err == nil || !strings.Contains(err.Error(), "only get, list and watch") || len(fake.seen) > 0 {
		t.Errorf("%v, %q", err, fake.seen)
	}
}
