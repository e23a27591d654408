//go:build e2e

package e2e

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/client/clientset/clientset/typed/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/helm-hooks/helm-hooks/internal/cluster"
	"github.com/helm-hooks/helm-hooks/test/e2e/apiserver"
)

// hookJob is a Job whose fate stands in its annotations.
func hookJob(name string, annotations map[string]string) *batchv1.Job {
	return &batchv1.Job{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: batchv1.JobSpec{Template: corev1.PodTemplateSpec{
			ObjectMeta: metav1.ObjectMeta{Annotations: annotations},
			Spec: corev1.PodSpec{
				RestartPolicy: corev1.RestartPolicyNever, Containers: []corev1.Container{{Name: "main", Image: "busybox"}},
			},
		}},
	}
}

func create[T any](t *testing.T, object T, by func(context.Context, T, metav1.CreateOptions) (T, error)) T {
	t.Helper()
	made, err := by(t.Context(), object, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// lookUntil looks until what was seen is as wanted.
func lookUntil(t *testing.T, client *cluster.Client, wanted []cluster.Wanted, holds func([]cluster.Seen) bool) []cluster.Seen {
	t.Helper()
	for try := 0; ; try++ {
		seen, err := client.Look(t.Context(), wanted)
		if err != nil {
			t.Fatal(err)
		}
		if holds(seen) {
			return seen
		}
		if try == 500 {
			t.Fatalf("not within time: %+v", seen)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// Jobs, Pods and others as a real API server tells of them, by get and list alone.
func TestObjects(t *testing.T) {
	s := apiServer(t)
	namespace := s.Namespace(t, "objects")
	batch, core := s.Client().BatchV1(), s.Client().CoreV1()
	create(t, hookJob("good", map[string]string{apiserver.AnnotationLog: "start\nPASSWORD=hunter2\ndone"}), batch.Jobs(namespace).Create)
	create(t, hookJob("bad", map[string]string{apiserver.AnnotationOutcome: apiserver.Fail, apiserver.AnnotationExitCode: "137"}), batch.Jobs(namespace).Create)
	create(t, hookJob("endless", map[string]string{apiserver.AnnotationOutcome: apiserver.Never}), batch.Jobs(namespace).Create)
	held, yes := hookJob("held", nil), true
	held.Spec.Suspend = &yes
	create(t, held, batch.Jobs(namespace).Create)
	create(t, &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "probe"}, Spec: hookJob("", nil).Spec.Template.Spec}, core.Pods(namespace).Create)
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "keys", Finalizers: []string{"e2e.helm-hooks/keep"}}, StringData: map[string]string{"password": "x"}}
	create(t, secret, core.Secrets(namespace).Create)
	if err := core.Secrets(namespace).Delete(t.Context(), "keys", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}

	tool := s.User(
		t, namespace, "tool", apiserver.Rule("batch", []string{"jobs"}, []string{"get"}), apiserver.Rule("", []string{"pods", "events"}, []string{"get", "list"}),
		apiserver.Rule("", []string{"pods/log", "secrets"}, []string{"get"}),
	)
	client, since := connect(t, tool), mark(t, s)
	wanted := []cluster.Wanted{
		{APIVersion: "batch/v1", Kind: "Job", Namespace: namespace, Name: "good"},
		{APIVersion: "batch/v1", Kind: "Job", Namespace: namespace, Name: "bad"},
		{APIVersion: "batch/v1", Kind: "Job", Namespace: namespace, Name: "endless"},
		{APIVersion: "batch/v1", Kind: "Job", Namespace: namespace, Name: "held"},
		{APIVersion: "v1", Kind: "Pod", Namespace: namespace, Name: "probe"},
		{APIVersion: "v1", Kind: "Secret", Namespace: namespace, Name: "keys"},
		{APIVersion: "v1", Kind: "Secret", Namespace: namespace, Name: "absent"},
		{APIVersion: "v1", Kind: "ConfigMap", Namespace: namespace, Name: "settings"},
		{APIVersion: "shop.example/v1", Kind: "Cart", Namespace: namespace, Name: "first"},
	}
	seen := lookUntil(t, client, wanted, func(seen []cluster.Seen) bool {
		return seen[0].Job.Progress == cluster.Succeeded && seen[1].Job.Progress == cluster.Failed && seen[2].Job.Active == 1 && seen[4].Pod.Progress == cluster.Succeeded
	})
	asMade(t, seen)
	evidence(t, s, client, namespace, seen)
	for _, line := range calls(t, s, since, tool.User) {
		if verb, _, _ := strings.Cut(line, " "); verb != "get" && verb != "list" {
			t.Errorf("sent %s", line)
		}
	}
}

func asMade(t *testing.T, seen []cluster.Seen) {
	t.Helper()
	good, bad, endless, held, pod, keys, absent, settings, cart := seen[0], seen[1], seen[2], seen[3], seen[4], seen[5], seen[6], seen[7], seen[8]
	if j := good.Job; j.Started.IsZero() || j.Ended.Before(j.Started) || j.Succeeded != 1 || j.Decided != "SuccessCriteriaMet" || good.UID == "" || len(good.Managers) == 0 {
		t.Errorf("good: %+v %+v", good, j)
	}
	if j := bad.Job; j.Reason != "BackoffLimitExceeded" || j.Failed != 1 || j.Ended.IsZero() {
		t.Errorf("bad: %+v", j)
	}
	if endless.Job.Progress != cluster.Running || held.Job.Progress != cluster.Suspended || !held.Job.Started.IsZero() {
		t.Errorf("endless: %+v, held: %+v", endless.Job, held.Job)
	}
	if p := pod.Pod; p.Phase != "Succeeded" || len(p.Containers) != 1 || p.Containers[0].State != cluster.ContainerTerminated || p.Ended.IsZero() {
		t.Errorf("pod: %+v", p)
	}
	if !keys.Exists || keys.Deleting.IsZero() || !slices.Equal(keys.Finalizers, []string{"e2e.helm-hooks/keep"}) {
		t.Errorf("keys: %+v", keys)
	}
	if absent.Exists || absent.Err != nil {
		t.Errorf("absent: %+v", absent)
	}
	var known *cluster.Error
	if !errors.As(settings.Err, &known) || !strings.Contains(known.Hint, "auth can-i get configmaps -n ") || settings.NoSuchKind {
		t.Errorf("settings: %+v", settings)
	}
	if !cart.NoSuchKind || cart.Err == nil {
		t.Errorf("cart: %+v", cart)
	}
}

// evidence reads the Pods, the events and the logs of the Jobs.
func evidence(t *testing.T, s *apiserver.Server, client *cluster.Client, namespace string, seen []cluster.Seen) {
	t.Helper()
	pods, err := client.Pods(t.Context(), namespace, "bad", seen[1].UID)
	if err != nil || len(pods) != 1 || pods[0].Pod.Progress != cluster.Failed || pods[0].Pod.Containers[0].ExitCode != 137 {
		t.Fatalf("%+v, %v", pods, err)
	}
	if other, err := client.Pods(t.Context(), namespace, "bad", seen[0].UID); err != nil || len(other) != 0 {
		t.Errorf("of another Job: %+v, %v", other, err)
	}
	create(t, &corev1.Event{
		ObjectMeta:     metav1.ObjectMeta{Name: "core"},
		InvolvedObject: corev1.ObjectReference{Kind: "Pod", Namespace: namespace, Name: pods[0].Name, UID: "u-1"},
		Type:           "Warning", Reason: "BackOff", Message: "first", Count: 3, LastTimestamp: metav1.NewTime(time.Now().Add(-time.Minute)),
	}, s.Client().CoreV1().Events(namespace).Create)
	create(t, &eventsv1.Event{
		ObjectMeta: metav1.ObjectMeta{Name: "new"}, Regarding: corev1.ObjectReference{Kind: "Pod", Namespace: namespace, Name: pods[0].Name, UID: "u-1"},
		Type: "Normal", Reason: "Pulled", Note: "second", EventTime: metav1.NowMicro(), ReportingController: "e2e.helm-hooks/kubelet", ReportingInstance: "e2e", Action: "Pull",
	}, s.Client().EventsV1().Events(namespace).Create)
	for _, by := range [][3]string{{"u-1", "", ""}, {"", "Pod", pods[0].Name}} {
		events, err := client.Events(t.Context(), namespace, by[0], by[1], by[2])
		if err != nil || len(events) != 2 || events[0].Message != "first" || events[0].Count != 3 || events[1].Message != "second" || events[1].Last.IsZero() {
			t.Errorf("%+v, %v", events, err)
		}
	}

	if pods, err = client.Pods(t.Context(), namespace, "good", seen[0].UID); err != nil || len(pods) != 1 {
		t.Fatalf("%+v, %v", pods, err)
	}
	log, err := client.Logs(t.Context(), namespace, pods[0].Name, "main", cluster.LogOptions{Tail: 2})
	if err != nil || !slices.Equal(log.Lines, []string{"PASSWORD=[redacted]", "done"}) || log.Redacted != 1 {
		t.Errorf("%+v, %v", log, err)
	}
	if _, err := client.Logs(t.Context(), namespace, "absent", "main", cluster.LogOptions{}); !errors.Is(err, cluster.ErrNoLog) {
		t.Errorf("of no Pod: %v", err)
	}
	if _, err := client.Logs(t.Context(), namespace, pods[0].Name, "absent", cluster.LogOptions{}); !errors.Is(err, cluster.ErrNoLog) {
		t.Errorf("of no container: %v", err)
	}
}

// The kinds that need no discovery are where the server has them: what it serves is the yardstick.
func TestObjectsOfEveryBuiltInKind(t *testing.T) {
	s := apiServer(t)
	namespace := s.Namespace(t, "kinds")
	_, lists, err := s.Client().Discovery().ServerGroupsAndResources()
	if err != nil {
		t.Fatal(err)
	}
	var wanted []cluster.Wanted
	scoped := map[cluster.Wanted]bool{}
	for _, list := range lists {
		for _, resource := range list.APIResources {
			if strings.Contains(resource.Name, "/") || !slices.Contains(resource.Verbs, "get") {
				continue
			}
			w := cluster.Wanted{APIVersion: list.GroupVersion, Kind: resource.Kind, Namespace: namespace, Name: "absent"}
			wanted, scoped[w] = append(wanted, w), !resource.Namespaced
		}
	}
	tool := s.Worker(t, namespace, "tool")
	since := mark(t, s)
	seen, err := connect(t, tool).Look(t.Context(), wanted)
	if err != nil || len(wanted) < 50 {
		t.Fatalf("%d kinds: %v", len(wanted), err)
	}
	for i, one := range seen {
		if one.Exists || one.Err != nil || one.ClusterScoped != scoped[wanted[i]] {
			t.Errorf("%+v", one)
		}
	}
	discovered := slices.DeleteFunc(calls(t, s, since, tool.User), func(line string) bool { return !strings.HasPrefix(line, "get /ap") })
	t.Logf("%d kinds, of which these groups were discovered: %q", len(wanted), discovered)
	if len(discovered) > len(lists)/2 {
		t.Errorf("%d of %d groups were discovered", len(discovered), len(lists))
	}
}

// A kind that comes with a CustomResourceDefinition, with a plural that cannot be guessed, and what a user without
// rights is told of it.
func TestObjectsOfACustomKind(t *testing.T) {
	s := apiServer(t)
	namespace := s.Namespace(t, "custom")
	worker := s.Worker(t, namespace, "worker")
	config, err := clientcmd.BuildConfigFromFlags("", worker.Kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	definitions, err := apiextensions.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	open := true
	group := namespace + ".helm-hooks.example"
	create(t, &apiextensionsv1.CustomResourceDefinition{
		ObjectMeta: metav1.ObjectMeta{Name: "oxen." + group},
		Spec: apiextensionsv1.CustomResourceDefinitionSpec{
			Group: group, Scope: apiextensionsv1.ClusterScoped,
			Names: apiextensionsv1.CustomResourceDefinitionNames{Plural: "oxen", Singular: "ox", Kind: "Ox", ListKind: "OxList"},
			Versions: []apiextensionsv1.CustomResourceDefinitionVersion{{
				Name: "v1", Served: true, Storage: true,
				Schema: &apiextensionsv1.CustomResourceValidation{OpenAPIV3Schema: &apiextensionsv1.JSONSchemaProps{Type: "object", XPreserveUnknownFields: &open}},
			}},
		},
	}, definitions.CustomResourceDefinitions().Create)
	client := connect(t, worker)
	ox := cluster.Wanted{APIVersion: group + "/v1", Kind: "Ox", Namespace: namespace, Name: "bella"}
	lookUntil(t, client, []cluster.Wanted{ox}, func(seen []cluster.Seen) bool { return !seen[0].NoSuchKind && seen[0].ClusterScoped })
	body := fmt.Sprintf(`{"apiVersion":"%s/v1","kind":"Ox","metadata":{"name":"bella","labels":{"a":"b"}}}`, group)
	request := definitions.RESTClient().Post().AbsPath("/apis/"+group+"/v1/oxen").SetHeader("Content-Type", "application/json").Body([]byte(body))
	if err := request.Do(t.Context()).Error(); err != nil {
		t.Fatal(err)
	}
	wanted := []cluster.Wanted{ox, {APIVersion: "apiextensions.k8s.io/v1", Kind: "CustomResourceDefinition", Namespace: namespace, Name: "oxen." + group}}
	seen, err := client.Look(t.Context(), wanted)
	if err != nil || !seen[0].Exists || seen[0].Labels["a"] != "b" || seen[0].Namespace != "" || !seen[1].Exists || !seen[1].ClusterScoped {
		t.Errorf("%+v, %v", seen, err)
	}
	stranger := s.User(t, namespace, "stranger", rbacv1.PolicyRule{APIGroups: []string{"batch"}, Resources: []string{"jobs"}, Verbs: []string{"get"}})
	seen, err = connect(t, stranger).Look(t.Context(), wanted)
	if err != nil || seen[0].Err == nil || !strings.Contains(seen[0].Err.Error(), "get oxen."+group+` bella (context "e2e")`) {
		t.Errorf("%+v, %v", seen, err)
	}
}
