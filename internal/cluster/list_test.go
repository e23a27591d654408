package cluster

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/labels"
)

// listed runs a list and tells each release in a line: namespace/name, revision, stored revisions, deployed revision,
// and what the record says of its status.
func listed(t *testing.T, r *Records, q Query) ([]string, error) {
	t.Helper()
	lines := []string{}
	err := r.List(t.Context(), q, func(one Listed) {
		said := "unread"
		switch {
		case errors.Is(one.Err, ErrNotAsked):
			said = "not asked"
		case one.Err == nil:
			said = fmt.Sprintf("%s with %d hooks", one.Record.Info.Status, len(one.Record.Hooks))
		}
		lines = append(lines, fmt.Sprintf("%s/%s %d of %d, %d deployed: %s", one.Namespace, one.Release, one.Revision, one.Revisions, one.Deployed, said))
	})
	slices.Sort(lines)
	return lines, err
}

func same(t *testing.T, got []string, want ...string) {
	t.Helper()
	if diff := gocmp.Diff(append([]string{}, want...), got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// requests are those to the fake, without the first part of their path.
func (f *fakeAPI) requests(containing string) (found []string) {
	for _, line := range f.seen {
		if line = strings.TrimPrefix(line, "GET /api/v1/"); strings.Contains(line, containing) {
			found = append(found, line)
		}
	}
	return found
}

var everyRelease = []string{
	"test/shop 40 of 1, 40 deployed: deployed with 0 hooks",
	"web/shop 11 of 11, 11 deployed: deployed with 0 hooks",
	"web/shop-2 30 of 1, 30 deployed: deployed with 0 hooks",
	"web/shop.v2 1 of 1, 1 deployed: deployed with 0 hooks",
}

func Test_the_newest_record_of_each_release_is_listed(t *testing.T) {
	for _, pageSize := range []int{0, 1, 3} {
		fake := &fakeAPI{objects: shop(), pageSize: pageSize}
		records := fake.start(t).Records(Secrets)
		lines, err := listed(t, records, Query{})
		if err != nil {
			t.Fatal(err)
		}
		same(t, lines, everyRelease...)
		// Records that nobody needs are not even sent, and none is asked for alone.
		if gets := fake.requests("sh.helm."); len(gets) > 0 || pageSize == 0 && len(fake.seen) != 2 {
			t.Errorf("sent %q", fake.seen)
		}
		lines, err = listed(t, records, Query{Namespace: "test"})
		if err != nil {
			t.Fatal(err)
		}
		same(t, lines, everyRelease[0])
	}
	lines, err := listed(t, (&fakeAPI{objects: shop()}).start(t).Records(ConfigMaps), Query{})
	if err != nil {
		t.Fatal(err)
	}
	same(t, lines, "web/cart 1 of 1, 0 deployed: deployed with 0 hooks")
	lines, err = listed(t, (&fakeAPI{}).start(t).Records(Secrets), Query{})
	if err != nil {
		t.Fatal(err)
	}
	same(t, lines)
}

func Test_where_a_list_would_bring_too_much_the_newest_records_are_got(t *testing.T) {
	fake := &fakeAPI{}
	for revision := range 9 {
		fake.objects = append(fake.objects, stored("web", "broken", revision+1, "failed", packed("broken", revision+1)))
	}
	lines, err := listed(t, fake.start(t).Records(Secrets), Query{Namespace: "web"})
	if err != nil {
		t.Fatal(err)
	}
	same(t, lines, "web/broken 9 of 9, 0 deployed: deployed with 0 hooks")
	if want := []string{"namespaces/web/secrets", "namespaces/web/secrets/sh.helm.release.v1.broken.v9"}; !slices.Equal(fake.requests(""), want) {
		t.Errorf("sent %q", fake.seen)
	}
}

func Test_a_selector_is_held_against_the_newest_record_as_Helm_does(t *testing.T) {
	objects := append(
		shop(),
		stored("web", "pay", 1, "failed", packed("pay", 1)),
		stored("web", "pay", 2, "deployed", packed("pay", 2)),
		stored("web", "mail", 1, "failed", packed("mail", 1)),
	)
	objects[len(objects)-1].labels["team"] = "post"
	for _, c := range []struct {
		selector string
		asked    string
		want     []string
	}{
		{"status=failed", "owner=helm", []string{"web/mail 1 of 1, 0 deployed: deployed with 0 hooks"}},
		{"team=post", "owner=helm", []string{"web/mail 1 of 1, 0 deployed: deployed with 0 hooks"}},
		{"team!=post,name in (mail,pay)", "owner=helm,name in (mail,pay)", []string{"web/pay 2 of 2, 2 deployed: deployed with 0 hooks"}},
		{"version=11", "owner=helm", []string{everyRelease[1]}},
		{"name=nothing", "owner=helm,name=nothing", nil},
	} {
		t.Run(c.selector, func(t *testing.T) {
			selector, err := labels.Parse(c.selector)
			if err != nil {
				t.Fatal(err)
			}
			fake, asked := &fakeAPI{objects: objects}, ""
			fake.before = func(r *http.Request) int {
				asked = cmp.Or(asked, r.URL.Query().Get("labelSelector"))
				return 0
			}
			lines, err := listed(t, fake.start(t).Records(Secrets), Query{Selector: selector})
			if err != nil {
				t.Fatal(err)
			}
			same(t, lines, c.want...)
			if asked != c.asked {
				t.Errorf("the server is asked for %q, want %q", asked, c.asked)
			}
		})
	}
}

func Test_a_bounded_number_of_records_is_asked_for_at_once(t *testing.T) {
	fake := &fakeAPI{objects: crowd(100)}
	fake.before = func(r *http.Request) int {
		if strings.Contains(r.URL.Query().Get("labelSelector"), "status") {
			return http.StatusInternalServerError
		}
		return 0
	}
	fake.start(t)
	var now, most atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if at := now.Add(1); at > most.Load() {
			most.Store(at)
		}
		defer now.Add(-1)
		if strings.Contains(r.URL.Path, "/sh.helm.") {
			time.Sleep(5 * time.Millisecond)
		}
		fake.ServeHTTP(w, r)
	}))
	defer server.Close()
	fake.url = server.URL
	client, err := Connect(fake.flags(t), "helm-hooks/test")
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	count, last := 0, Query{Progress: func(done, total int) { told = append(told, fmt.Sprint(done, "/", total)) }}
	err = client.Records(Secrets).List(t.Context(), last, func(one Listed) {
		if one.Err == nil {
			count++
		}
	})
	if err != nil || count != 100 || most.Load() > atOnce || most.Load() < 2 {
		t.Errorf("%d releases, %d at once, %v", count, most.Load(), err)
	}
	if len(told) != 101 || told[0] != "100/0" || told[100] != "100/100" {
		t.Errorf("progress %q", told)
	}
}

func Test_what_is_listed_holds_no_manifest(t *testing.T) {
	err := (&fakeAPI{objects: shop()}).start(t).Records(Secrets).List(t.Context(), Query{}, func(one Listed) {
		if one.Err != nil || one.Record.Manifest != "" || one.Record.Namespace != "target" {
			t.Errorf("%+v, %v", one.Record, one.Err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}
