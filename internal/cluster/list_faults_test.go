package cluster

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

func Test_records_that_cannot_be_read_do_not_end_the_list(t *testing.T) {
	fake := &fakeAPI{objects: append(
		shop(),
		stored("web", "cut", 2, "deployed", packed("cut", 2)[:80]),
		stored("web", "cut", 1, "superseded", packed("cut", 1)),
		stored("web", "corrupt", 1, "pending-upgrade", []byte("!!!!")),
		stored("web", "empty", 1, "deployed", nil),
		stored("web", "alien", 1, "superseded", packed("another", 1)),
	)}
	lines, err := listed(t, fake.start(t).Records(Secrets), Query{})
	if err != nil {
		t.Fatal(err)
	}
	same(t, lines, slices.Concat(everyRelease[:1], []string{
		"web/alien 1 of 1, 0 deployed: unread", "web/corrupt 1 of 1, 0 deployed: unread",
		"web/cut 2 of 2, 2 deployed: unread", "web/empty 1 of 1, 1 deployed: unread",
	}, everyRelease[1:])...)
}

func Test_an_expired_list_goes_on_where_it_was(t *testing.T) {
	for name, c := range map[string]struct{ offers, metadata bool }{
		"metadata, and the server offers to go on": {true, true},
		"metadata, and it does not":                {false, true},
		"records, and the server offers to go on":  {true, false},
		"records, and it does not":                 {false, false},
	} {
		t.Run(name, func(t *testing.T) {
			fake := &fakeAPI{objects: shop(), pageSize: 3}
			expired := 0
			fake.instead = func(w http.ResponseWriter, r *http.Request) bool {
				token := r.URL.Query().Get("continue")
				isMetadata := strings.Contains(r.Header.Get("Accept"), "as=PartialObjectMetadataList")
				if token != "3" || isMetadata != c.metadata || expired > 0 {
					return false
				}
				expired++
				status := map[string]any{"apiVersion": "v1", "kind": "Status", "status": "Failure", "reason": "Expired", "code": http.StatusGone}
				if c.offers {
					status["metadata"] = map[string]any{"continue": "3"}
				}
				answer(w, http.StatusGone, status)
				return true
			}
			lines, err := listed(t, fake.start(t).Records(Secrets), Query{})
			if err != nil || expired != 1 {
				t.Fatal(err, expired)
			}
			same(t, lines, everyRelease...)
		})
	}
}

func Test_a_list_that_breaks_off_tells_what_came_in_full(t *testing.T) {
	for name, fail := range map[string]func(f *fakeAPI) int{
		"500": func(*fakeAPI) int { return http.StatusInternalServerError },
		"the server dies": func(f *fakeAPI) int {
			_ = f.server.Listener.Close()
			panic(http.ErrAbortHandler) // the connection breaks
		},
	} {
		t.Run(name, func(t *testing.T) {
			fake := &fakeAPI{objects: append(shop(), stored("a", "first", 1, "deployed", packed("first", 1))), pageSize: 5}
			fake.before = func(r *http.Request) int {
				if r.URL.Query().Get("continue") == "5" {
					return fail(fake)
				}
				return 0
			}
			lines, err := listed(t, fake.start(t).Records(Secrets), Query{})
			var known *Error
			if !errors.As(err, &known) {
				t.Fatal(err)
			}
			// The fifth record is one of web/shop, of which more were to come.
			want := []string{"a/first 1 of 1, 1 deployed: deployed with 0 hooks", everyRelease[0], everyRelease[2]}
			if name != "500" {
				want = []string{"a/first 1 of 1, 1 deployed: unread", "test/shop 40 of 1, 40 deployed: unread", "web/shop-2 30 of 1, 30 deployed: unread"}
			}
			same(t, lines, want...)
		})
	}
}

// crowd is many releases of one revision.
func crowd(n int) (objects []fakeObject) {
	for i := range n {
		name := fmt.Sprintf("app-%03d", i)
		objects = append(objects, stored("web", name, 1, "deployed", packed(name, 1)))
	}
	return objects
}

func Test_a_server_that_dies_while_records_are_read_is_not_asked_again_and_again(t *testing.T) {
	fake := &fakeAPI{objects: crowd(200), pageSize: 20}
	fake.before = func(r *http.Request) int {
		if r.URL.Query().Get("continue") == "40" && !strings.Contains(r.Header.Get("Accept"), "as=PartialObjectMetadataList") {
			_ = fake.server.Listener.Close()
			panic(http.ErrAbortHandler)
		}
		return 0
	}
	lines, err := listed(t, fake.start(t).Records(Secrets), Query{})
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]int{}
	for _, line := range lines {
		_, said, _ := strings.Cut(line, ": ")
		told[said]++
	}
	if told["deployed with 0 hooks"] != 40 || told["unread"] < atOnce || told["unread"] > 2*atOnce || len(lines) != 200 {
		t.Errorf("%v", told)
	}
}

func Test_a_busy_server_is_asked_again_when_it_says(t *testing.T) {
	fake := &fakeAPI{objects: shop()}
	refused := 0
	fake.instead = func(w http.ResponseWriter, r *http.Request) bool {
		if refused++; refused%2 == 0 {
			return false
		}
		w.Header().Set("Retry-After", "0")
		refuse(w, r, http.StatusTooManyRequests)
		return true
	}
	lines, err := listed(t, fake.start(t).Records(Secrets), Query{})
	if err != nil {
		t.Fatal(err)
	}
	same(t, lines, everyRelease...)
}

func Test_a_list_that_fails_says_why(t *testing.T) {
	for code, words := range map[int]string{
		http.StatusInternalServerError: "try again later", http.StatusForbidden: "auth can-i list secrets --all-namespaces; -n NAMESPACE lists one namespace",
		http.StatusTooManyRequests: "try again later", http.StatusUnauthorized: "auth whoami",
	} {
		fake := &fakeAPI{objects: shop(), before: func(*http.Request) int { return code }}
		lines, err := listed(t, fake.start(t).Records(Secrets), Query{})
		var known *Error
		if !errors.As(err, &known) || !strings.Contains(known.Hint, words) || !strings.Contains(err.Error(), "list secrets in all namespaces") || len(lines) > 0 {
			t.Errorf("%d: %v, %+v, %q", code, err, known, lines)
		}
	}
}

func Test_a_slow_server_and_a_cancelled_list(t *testing.T) {
	fake := &fakeAPI{objects: crowd(100), before: func(r *http.Request) int {
		if strings.Contains(r.Header.Get("Accept"), "as=PartialObjectMetadataList") {
			return 0
		}
		<-r.Context().Done()
		return http.StatusGatewayTimeout
	}}
	fake.start(t)
	flags := fake.flags(t)
	timeout := "200ms"
	flags.Timeout = &timeout
	client, err := Connect(flags, "helm-hooks/test")
	if err != nil {
		t.Fatal(err)
	}
	slow := 0
	err = client.Records(Secrets).List(t.Context(), Query{}, func(one Listed) {
		var known *Error
		if errors.As(one.Err, &known) && strings.Contains(known.Hint, "--request-timeout") {
			slow++
		}
	})
	if err != nil || slow < atOnce || slow > 2*atOnce {
		t.Errorf("%d answers came too late, %v", slow, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	fake = &fakeAPI{objects: crowd(100), before: func(r *http.Request) int {
		if !strings.Contains(r.Header.Get("Accept"), "as=PartialObjectMetadataList") {
			cancel()
		}
		return 0
	}}
	if err := fake.start(t).Records(Secrets).List(ctx, Query{}, func(Listed) {}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func Test_a_release_that_changes_while_it_is_listed(t *testing.T) {
	remove := func(f *fakeAPI, name string) {
		f.objects = slices.DeleteFunc(f.objects, func(o fakeObject) bool { return strings.HasSuffix(o.name, name) })
	}
	supersede := func(f *fakeAPI) {
		remove(f, ".shop.v11")
		f.objects = append(
			f.objects, stored("web", "shop", 12, "deployed", packed("shop", 12)),
			stored("web", "shop", 11, superseded, packed("shop", 11)),
		)
	}
	for _, c := range []struct {
		name   string
		change func(f *fakeAPI)
		want   []string
	}{
		{"the newest record is deleted", func(f *fakeAPI) { remove(f, ".shop.v11") }, []string{"web/shop 10 of 10, 0 deployed: deployed with 0 hooks"}},
		{"all records are deleted", func(f *fakeAPI) { f.objects = nil }, nil},
		{"it is upgraded", supersede, []string{"web/shop 12 of 12, 12 deployed: deployed with 0 hooks"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			fake := &fakeAPI{objects: slices.DeleteFunc(shop(), func(o fakeObject) bool { return o.labels["name"] != "shop" || o.namespace != "web" })}
			lists := 0
			fake.before = func(*http.Request) int {
				if lists++; lists == 2 {
					c.change(fake)
				}
				return 0
			}
			lines, err := listed(t, fake.start(t).Records(Secrets), Query{Namespace: "web"})
			if err != nil {
				t.Fatal(err)
			}
			same(t, lines, c.want...)
		})
	}
}

func Test_a_record_that_never_stays(t *testing.T) {
	fake := &fakeAPI{objects: shop(), before: func(r *http.Request) int {
		if strings.Contains(r.URL.Path, "/sh.helm.") || strings.Contains(r.URL.Query().Get("labelSelector"), "status") {
			return http.StatusNotFound
		}
		return 0
	}}
	lines, err := listed(t, fake.start(t).Records(Secrets), Query{Namespace: "test"})
	if err != nil {
		t.Fatal(err)
	}
	same(t, lines, "test/shop 40 of 1, 40 deployed: unread")
}
