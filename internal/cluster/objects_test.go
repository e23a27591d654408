package cluster

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// noon is a moment in tests.
func noon(second int) metav1.Time {
	return metav1.NewTime(time.Date(2026, 11, 3, 12, 0, second, 0, time.UTC))
}

func configMap(namespace, name string) *corev1.ConfigMap {
	return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, UID: "u-1", CreationTimestamp: noon(0)}}
}

func Test_objects_come_in_the_order_asked(t *testing.T) {
	w := &world{at: map[string]any{}}
	var wanted []Wanted
	for i := range 40 {
		name := fmt.Sprintf("settings-%d", i)
		wanted = append(wanted, Wanted{"v1", "ConfigMap", "web", name})
		if i%2 == 0 {
			w.at["/api/v1/namespaces/web/configmaps/"+name] = configMap("web", name)
		}
	}
	wanted = append(wanted, wanted[0])
	seen, err := w.client(t, "").Look(t.Context(), wanted)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range seen {
		if s.Wanted != wanted[i] || s.Exists != (i%2 == 0) || s.Err != nil {
			t.Errorf("%d: %+v", i, s)
		}
	}
	if len(w.seen) != 40 || slices.ContainsFunc(w.seen, func(line string) bool { return !strings.HasPrefix(line, "GET ") }) {
		t.Errorf("%d requests: %q", len(w.seen), w.seen)
	}
	if seen, err := w.client(t, "").Look(t.Context(), nil); err != nil || len(seen) != 0 {
		t.Errorf("nothing: %+v, %v", seen, err)
	}
}

func Test_at_most_so_many_objects_are_asked_for_at_once(t *testing.T) {
	var now, most atomic.Int32
	w := &world{at: map[string]any{}}
	var wanted []Wanted
	for i := range 30 {
		name := fmt.Sprintf("settings-%d", i)
		wanted = append(wanted, Wanted{"v1", "ConfigMap", "web", name})
		w.at["/api/v1/namespaces/web/configmaps/"+name] = func(out http.ResponseWriter, r *http.Request) {
			if n := now.Add(1); n > most.Load() {
				most.Store(n)
			}
			time.Sleep(2 * time.Millisecond)
			now.Add(-1)
			refuse(out, r, http.StatusNotFound)
		}
	}
	if _, err := w.client(t, "").Look(t.Context(), wanted); err != nil || most.Load() > lookAtOnce || most.Load() < 2 {
		t.Errorf("%d at once, %v", most.Load(), err)
	}
}

func Test_what_the_metadata_of_an_object_tell(t *testing.T) {
	going := noon(30)
	object := configMap("web", "settings")
	object.DeletionTimestamp, object.Finalizers = &going, []string{"shop.example/keep"}
	object.Labels = map[string]string{"app": "shop"}
	object.Annotations = map[string]string{"helm.sh/hook": "pre-install", corev1.LastAppliedConfigAnnotation: `{"data":{"password":"x"}}`}
	object.ManagedFields = []metav1.ManagedFieldsEntry{
		{Manager: "kubectl-edit", Operation: metav1.ManagedFieldsOperationUpdate, APIVersion: "v1", Time: &going},
		{Manager: "helm", Operation: metav1.ManagedFieldsOperationApply, APIVersion: "v1"},
		{Manager: "helm", Operation: metav1.ManagedFieldsOperationApply, APIVersion: "v1beta1"},
		{Manager: "controller", Operation: metav1.ManagedFieldsOperationUpdate, Subresource: "status"},
	}
	got := look(t, &world{at: map[string]any{"/api/v1/namespaces/web/configmaps/settings": object}}, Wanted{"v1", "ConfigMap", "", "settings"})
	want := Seen{
		Wanted: Wanted{"v1", "ConfigMap", "web", "settings"}, Exists: true, UID: "u-1", Created: noon(0).Time, Deleting: going.Time,
		Finalizers: []string{"shop.example/keep"}, Labels: map[string]string{"app": "shop"}, Annotations: map[string]string{"helm.sh/hook": "pre-install"},
		Managers: []Manager{{"controller", "Update", "status"}, {"helm", "Apply", ""}, {"kubectl-edit", "Update", ""}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v\nwant %+v", got, want)
	}
}

func Test_objects_without_a_namespace(t *testing.T) {
	w := &world{at: map[string]any{
		"/apis/rbac.authorization.k8s.io/v1/clusterroles/shop": configMap("", "shop"),
		"/apis/shop.example/v1": &metav1.APIResourceList{GroupVersion: "shop.example/v1", APIResources: []metav1.APIResource{
			{Name: "tills", Kind: "Till", Namespaced: false}, {Name: "tills/status", Kind: "Till", Namespaced: true}, {Name: "carts", Kind: "Cart", Namespaced: true},
		}},
		"/apis/shop.example/v1/tills/main":                 configMap("", "main"),
		"/apis/shop.example/v1/namespaces/web/carts/first": configMap("web", "first"),
	}}
	client := w.client(t, "")
	for range 2 {
		seen, err := client.Look(t.Context(), []Wanted{
			{"rbac.authorization.k8s.io/v1", "ClusterRole", "web", "shop"},
			{"shop.example/v1", "Till", "web", "main"},
			{"shop.example/v1", "Cart", "web", "first"},
			{"shop.example/v1", "Cart", "web", "second"},
		})
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range []struct {
			clusterScoped, exists bool
			namespace             string
		}{{true, true, ""}, {true, true, ""}, {false, true, "web"}, {false, false, "web"}} {
			if s := seen[i]; s.Err != nil || s.ClusterScoped != want.clusterScoped || s.Exists != want.exists || s.Namespace != want.namespace {
				t.Errorf("%d: %+v", i, s)
			}
		}
	}
	// Kinds of Kubernetes itself need no discovery, and others need it once.
	asked := slices.DeleteFunc(slices.Clone(w.seen), func(line string) bool { return line != "GET /apis/shop.example/v1" })
	if len(asked) != 1 || len(w.seen) != 9 {
		t.Errorf("%q", w.seen)
	}
}

func Test_an_object_that_cannot_be_read_spoils_no_other(t *testing.T) {
	wanted := Wanted{"batch/v1", "Job", "web", "migrate"}
	path := "/apis/batch/v1/namespaces/web/jobs/migrate"
	for _, c := range []struct {
		name   string
		at     map[string]any
		wanted Wanted
		words  string
		hint   string
		noKind bool
	}{
		{
			"forbidden",
			map[string]any{path: http.StatusForbidden},
			wanted, `get jobs.batch migrate in namespace "web" (context "dev")`, "kubectl --context dev auth can-i get jobs.batch -n web", false,
		},
		{
			"forbidden without a namespace",
			map[string]any{"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/carts": http.StatusForbidden},
			Wanted{"apiextensions.k8s.io/v1", "CustomResourceDefinition", "web", "carts"},
			`get customresourcedefinitions.apiextensions.k8s.io carts (context "dev")`, "auth can-i get customresourcedefinitions.apiextensions.k8s.io", false,
		},
		{"busy", map[string]any{path: http.StatusTooManyRequests}, wanted, "get jobs.batch migrate", "try again later", false},
		{"an internal error", map[string]any{path: http.StatusInternalServerError}, wanted, "get jobs.batch migrate", "try again later", false},
		{"a version that is not served", nil, Wanted{"shop.example/v1", "Cart", "web", "first"}, `context "dev" serves no kind Cart of shop.example/v1`, "--api-group=shop.example", true},
		{
			"a kind that the version does not have",
			map[string]any{"/apis/shop.example/v1": &metav1.APIResourceList{GroupVersion: "shop.example/v1"}},
			Wanted{"shop.example/v1", "Cart", "web", "first"},
			"serves no kind Cart", "api-resources", true,
		},
		{"a built-in version that is not served", nil, Wanted{"policy/v1", "PodDisruptionBudget", "web", "x"}, "serves no kind PodDisruptionBudget", "--api-group=policy", true},
		{"no version at all", nil, Wanted{"", "Job", "web", "x"}, "serves no kind Job", "", true},
		{"a version that leads elsewhere", nil, Wanted{"../v1", "Job", "web", "x"}, "serves no kind Job of ../v1", "", true},
		{"no right to discover", map[string]any{"/apis/shop.example/v1": http.StatusForbidden}, Wanted{"shop.example/v1", "Cart", "web", "x"}, `get /apis/shop.example/v1 (context "dev")`, "auth can-i get /apis/shop.example/v1", false},
		{"a name that leads elsewhere", nil, Wanted{"v1", "Secret", "web", "../pods/x"}, `no Secret can be called "../pods/x"`, "refuses", false},
		{"a namespace that leads elsewhere", nil, Wanted{"v1", "Secret", "..", "x"}, `no Secret can be called ".."`, "", false},
		{"no name", nil, Wanted{"v1", "Pod", "web", ""}, "Pod without a name", "generateName", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := &world{at: map[string]any{"/api/v1/namespaces/web/configmaps/settings": configMap("web", "settings")}}
			for path, answered := range c.at {
				w.at[path] = answered
			}
			seen, err := w.client(t, "").Look(t.Context(), []Wanted{c.wanted, {"v1", "ConfigMap", "web", "settings"}})
			if err != nil {
				t.Fatal(err)
			}
			var known *Error
			if s := seen[0]; s.Exists || s.NoSuchKind != c.noKind || s.Name != c.wanted.Name || !errors.As(s.Err, &known) ||
				!strings.Contains(s.Err.Error(), c.words) || !strings.Contains(known.Hint, c.hint) {
				t.Errorf("%+v, %v", s, known)
			}
			if !seen[1].Exists {
				t.Errorf("the other: %+v", seen[1])
			}
		})
	}
}

func Test_a_kind_that_is_not_served_is_asked_for_once(t *testing.T) {
	w := &world{}
	seen, err := w.client(t, "").Look(t.Context(), []Wanted{{"shop.example/v1", "Cart", "web", "a"}, {"shop.example/v1", "Cart", "web", "b"}})
	if err != nil || !seen[0].NoSuchKind || !seen[1].NoSuchKind || len(w.seen) != 1 {
		t.Errorf("%+v, %v, %q", seen, err, w.seen)
	}
}

func Test_what_holds_for_all_objects_is_an_error_of_the_call(t *testing.T) {
	wanted := []Wanted{{"v1", "ConfigMap", "web", "a"}, {"v1", "ConfigMap", "web", "b"}, {"batch/v1", "Job", "web", "c"}}
	slow := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	a := "/api/v1/namespaces/web/configmaps/a"
	var known *Error
	if _, err := (&world{at: map[string]any{a: slow}}).client(t, "50ms").Look(t.Context(), wanted); !errors.As(err, &known) || !strings.Contains(known.Hint, "--request-timeout") {
		t.Errorf("slow: %v", err)
	}
	if _, err := (&world{at: map[string]any{a: http.StatusUnauthorized}}).client(t, "").Look(t.Context(), wanted); !errors.As(err, &known) || !strings.Contains(known.Hint, "auth whoami") {
		t.Errorf("unauthorized: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	w := &world{at: map[string]any{a: func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	}}}
	if _, err := w.client(t, "").Look(ctx, wanted); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	client, err := Connect((&fakeAPI{url: "http://127.0.0.1:1"}).flags(t), "helm-hooks/test")
	if err != nil {
		t.Fatal(err)
	}
	for _, objects := range [][]Wanted{wanted, {{"shop.example/v1", "Cart", "web", "a"}}} {
		if _, err := client.Look(t.Context(), objects); !errors.As(err, &known) || !strings.Contains(err.Error(), "cannot reach the API server") {
			t.Errorf("gone: %v", err)
		}
	}
}
