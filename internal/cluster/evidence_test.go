package cluster

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
)

func jobPod(name, label, owner string, created int) corev1.Pod {
	yes := true
	return corev1.Pod{ObjectMeta: metav1.ObjectMeta{
		Name: name, Namespace: "web", UID: types.UID("uid-" + name), CreationTimestamp: noon(created), Labels: map[string]string{label: "migrate"},
		OwnerReferences: []metav1.OwnerReference{{APIVersion: "batch/v1", Kind: "Job", Name: "migrate", UID: types.UID(owner), Controller: &yes}},
	}}
}

// listPods lists by label, page by page.
func listPods(pods ...corev1.Pod) func(http.ResponseWriter, *http.Request) {
	return func(out http.ResponseWriter, r *http.Request) {
		selector, _ := labels.Parse(r.URL.Query().Get("labelSelector"))
		list := corev1.PodList{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "PodList"}}
		for _, pod := range pods {
			if selector.Matches(labels.Set(pod.Labels)) {
				list.Items = append(list.Items, pod)
			}
		}
		if len(list.Items) > 2 && r.URL.Query().Get("limit") != "" {
			if r.URL.Query().Get("continue") == "" {
				list.Items, list.Continue = list.Items[:2], "more"
			} else {
				refuse(out, r, http.StatusGone)
				return
			}
		}
		answer(out, http.StatusOK, list)
	}
}

func Test_the_Pods_of_a_Job(t *testing.T) {
	stranger := jobPod("stranger", batchv1.JobNameLabel, "", 9)
	stranger.OwnerReferences = nil
	legacy := jobPod("old-label", legacyJobName, "u-9", 1)
	for _, c := range []struct {
		name string
		pods []corev1.Pod
		uid  string
		want string
	}{
		{"newest first", []corev1.Pod{jobPod("a", batchv1.JobNameLabel, "u-1", 1), jobPod("b", batchv1.JobNameLabel, "u-1", 5)}, "u-1", "b a"},
		{
			"of one second by name, over many pages, of which the second is gone",
			[]corev1.Pod{jobPod("c", batchv1.JobNameLabel, "u-1", 1), jobPod("a", batchv1.JobNameLabel, "u-1", 1), jobPod("b", batchv1.JobNameLabel, "u-1", 1)},
			"u-1", "a b c",
		},
		{"not those of a Job that had the name before", []corev1.Pod{jobPod("a", batchv1.JobNameLabel, "u-0", 1), jobPod("b", batchv1.JobNameLabel, "u-1", 5)}, "u-1", "b"},
		{"of any Job of the name", []corev1.Pod{jobPod("a", batchv1.JobNameLabel, "u-0", 1), jobPod("b", batchv1.JobNameLabel, "u-1", 5), stranger}, "", "b a"},
		{"with the label of an old cluster", []corev1.Pod{legacy}, "u-9", "old-label"},
		{"gone", nil, "u-1", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := &world{at: map[string]any{"/api/v1/namespaces/web/pods": listPods(c.pods...)}}
			seen, err := w.client(t, "").Pods(t.Context(), "web", "migrate", c.uid)
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, s := range seen {
				names = append(names, s.Name)
				if !s.Exists || s.Pod == nil || s.Kind != "Pod" || s.Namespace != "web" || s.UID != "uid-"+s.Name {
					t.Errorf("%+v", s)
				}
			}
			if strings.Join(names, " ") != c.want {
				t.Errorf("%q, want %q", names, c.want)
			}
		})
	}
}

func Test_Pods_and_events_that_may_not_be_read(t *testing.T) {
	w := &world{at: map[string]any{"/api/v1/namespaces/web/pods": http.StatusForbidden, "/api/v1/namespaces/web/events": http.StatusForbidden}}
	var known *Error
	if _, err := w.client(t, "").Pods(t.Context(), "web", "migrate", "u-1"); !errors.As(err, &known) || !strings.Contains(err.Error(), `list pods in namespace "web"`) {
		t.Errorf("%v", err)
	}
	if _, err := w.client(t, "").Events(t.Context(), "web", "u-1", "", ""); !errors.As(err, &known) || !strings.Contains(known.Hint, "auth can-i list events -n web") {
		t.Errorf("%v", err)
	}
}

func Test_events_come_newest_last(t *testing.T) {
	selectors := make(chan string, 1)
	list := corev1.EventList{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "EventList"}, Items: []corev1.Event{
		{ObjectMeta: metav1.ObjectMeta{Name: "c"}, Type: "Warning", Reason: "BackOff", Message: "pulling https://a:b@c/d", Count: 4, LastTimestamp: noon(9), FirstTimestamp: noon(1)},
		{ObjectMeta: metav1.ObjectMeta{Name: "b"}, Type: "Normal", Reason: "Scheduled", EventTime: metav1.MicroTime{Time: noon(2).Time}},
		{
			ObjectMeta: metav1.ObjectMeta{Name: "d"}, Type: "Normal", Reason: "Pulled", EventTime: metav1.MicroTime{Time: noon(1).Time},
			Series: &corev1.EventSeries{Count: 7, LastObservedTime: metav1.MicroTime{Time: noon(8).Time}},
		},
		{ObjectMeta: metav1.ObjectMeta{Name: "a", CreationTimestamp: noon(2)}, Type: "Normal", Reason: "Created"},
	}}
	w := &world{at: map[string]any{"/api/v1/namespaces/web/events": func(out http.ResponseWriter, r *http.Request) {
		selectors <- r.URL.Query().Get("fieldSelector")
		answer(out, http.StatusOK, list)
	}}}
	got, err := w.client(t, "").Events(t.Context(), "web", "u-1", "Pod", "probe")
	want := []Event{
		{"Normal", "Scheduled", "", 1, noon(2).Time},
		{"Normal", "Created", "", 1, noon(2).Time},
		{"Normal", "Pulled", "", 7, noon(8).Time},
		{"Warning", "BackOff", "pulling https://a:[redacted]@c/d", 4, noon(9).Time},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
	if selector := <-selectors; selector != "involvedObject.uid=u-1" {
		t.Errorf("asked for %q", selector)
	}
	if _, err = w.client(t, "").Events(t.Context(), "web", "", "Pod", "probe"); err != nil {
		t.Error(err)
	}
	if selector := <-selectors; selector != "involvedObject.kind=Pod,involvedObject.name=probe" {
		t.Errorf("asked for %q", selector)
	}
}

func Test_the_end_of_a_log(t *testing.T) {
	path := "/api/v1/namespaces/web/pods/probe/log"
	long := strings.Repeat("ü", maxLine)
	for _, c := range []struct {
		name, text string
		want       Log
	}{
		{"nothing", "", Log{}},
		{"lines", "one\r\n\ntwo\n", Log{Lines: []string{"one", "", "two"}}},
		{"secrets", "PASSWORD=x\ntoken expired\n", Log{Lines: []string{"PASSWORD=[redacted]", "token expired"}, Redacted: 1}},
		{"a long line", long, Log{Lines: []string{long[:maxLine] + "…"}, Cut: true}},
		{"a secret at the end of a long line", strings.Repeat("a ", maxLine/2-6) + `password="` + long, Log{Lines: []string{strings.Repeat("a ", maxLine/2-6) + `password="[r…`}, Redacted: 1, Cut: true}},
		{"bytes that are no text", "\xff\x1b[1m", Log{Lines: []string{"\xff\x1b[1m"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := &world{at: map[string]any{path: c.text}}
			got, err := w.client(t, "").Logs(t.Context(), "web", "probe", "main", LogOptions{})
			if err != nil || !reflect.DeepEqual(got, c.want) {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}

func Test_a_log_is_bounded_and_its_end_is_kept(t *testing.T) {
	queries := make(chan string, 1)
	w := &world{at: map[string]any{"/api/v1/namespaces/web/pods/probe/log": func(out http.ResponseWriter, r *http.Request) {
		queries <- r.URL.RawQuery
		for range 3 * maxLog / 1000 {
			_, _ = out.Write([]byte(strings.Repeat("x", 999) + "\n"))
		}
		_, _ = out.Write([]byte("the end\n"))
	}}}
	log, err := w.client(t, "").Logs(t.Context(), "web", "probe", "main", LogOptions{Tail: 1000, Previous: true})
	if err != nil || !log.Cut || log.Lines[len(log.Lines)-1] != "the end" || len(log.Lines) > maxLog/1000+1 || len(log.Lines[0]) != 999 {
		t.Errorf("%d lines, %v, %v", len(log.Lines), log.Cut, err)
	}
	if query := <-queries; query != "container=main&limitBytes=8388608&previous=true&tailLines=1000" {
		t.Errorf("asked for %s", query)
	}
}

func Test_logs_that_are_not_there(t *testing.T) {
	path := "/api/v1/namespaces/web/pods/probe/log"
	waiting := func(out http.ResponseWriter, _ *http.Request) {
		answer(out, http.StatusBadRequest, metav1.Status{
			TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Status"}, Status: metav1.StatusFailure, Code: http.StatusBadRequest, Reason: metav1.StatusReasonBadRequest,
			Message: `container "main" in pod "probe" is waiting to start: ImagePullBackOff`,
		})
	}
	for _, c := range []struct {
		name   string
		answer any
		noLog  bool
		words  string
		hint   string
	}{
		{"waiting", waiting, true, `no log: container "main" in pod "probe" is waiting to start: ImagePullBackOff`, ""},
		{"gone", http.StatusNotFound, true, "no log", ""},
		{"forbidden", http.StatusForbidden, false, `get pods/log probe in namespace "web"`, "auth can-i get pods --subresource=log -n web"},
		{"a node out of reach", http.StatusInternalServerError, false, "get pods/log probe", "get nodes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := (&world{at: map[string]any{path: c.answer}}).client(t, "").Logs(t.Context(), "web", "probe", "main", LogOptions{})
			if err == nil || errors.Is(err, ErrNoLog) != c.noLog || !strings.Contains(err.Error(), c.words) {
				t.Errorf("%v", err)
			}
			var known *Error
			if c.hint != "" && (!errors.As(err, &known) || !strings.Contains(known.Hint, c.hint)) {
				t.Errorf("%+v", known)
			}
			if c.name == "gone" && !apierrors.IsNotFound(err) {
				t.Errorf("%v is no NotFound", err)
			}
		})
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	endless := func(out http.ResponseWriter, r *http.Request) {
		out.(http.Flusher).Flush()
		<-r.Context().Done()
	}
	if _, err := (&world{at: map[string]any{path: endless}}).client(t, "").Logs(ctx, "web", "probe", "main", LogOptions{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("endless: %v", err)
	}
}
