//go:build e2e

package apiserver

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

// start runs a server for one test.
func start(t *testing.T) *Server {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", "..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	tools := os.Getenv("HELM_HOOKS_TOOLS")
	if tools == "" {
		tools = filepath.Join(root, ".tools")
	}
	folder := filepath.Join(tools, "kube-"+Version)
	if err := Build(root, folder); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	s, err := Start(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("ready after %s", time.Since(began).Round(time.Millisecond))
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestServer(t *testing.T) {
	s := start(t)
	t.Run("jobs and pods end as annotations say", func(t *testing.T) { testFates(t, s) })
	t.Run("what is slow to go goes later", func(t *testing.T) { testSlow(t, s) })
	t.Run("logs are read", func(t *testing.T) { testLogs(t, s) })
	t.Run("the audit log tells who did what", func(t *testing.T) { testAudit(t, s) })
}

func job(name string, annotations map[string]string) *batchv1.Job {
	return &batchv1.Job{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: batchv1.JobSpec{Template: corev1.PodTemplateSpec{
			ObjectMeta: metav1.ObjectMeta{Annotations: annotations},
			Spec:       podSpec(),
		}},
	}
}

func podSpec() corev1.PodSpec {
	return corev1.PodSpec{RestartPolicy: corev1.RestartPolicyNever, Containers: []corev1.Container{{Name: "main", Image: "busybox"}}}
}

func createJob(t *testing.T, client kubernetes.Interface, namespace string, job *batchv1.Job) {
	t.Helper()
	if _, err := client.BatchV1().Jobs(namespace).Create(t.Context(), job, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
}

// eventually waits until something holds.
func eventually(t *testing.T, what string, holds func(ctx context.Context) bool) {
	t.Helper()
	for range 500 {
		if holds(t.Context()) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("not within five seconds: %s", what)
}

func ended(job *batchv1.Job, with batchv1.JobConditionType) bool {
	return slices.ContainsFunc(job.Status.Conditions, func(c batchv1.JobCondition) bool {
		return c.Type == with && c.Status == corev1.ConditionTrue
	})
}

func testFates(t *testing.T, s *Server) {
	client, namespace := s.Client(), s.Namespace(t, "fates")
	createJob(t, client, namespace, job("good", nil))
	createJob(t, client, namespace, job("bad", map[string]string{AnnotationOutcome: Fail, AnnotationAfter: "50ms", AnnotationExitCode: "3"}))
	createJob(t, client, namespace, job("endless", map[string]string{AnnotationOutcome: Never}))
	s.Decide(namespace, "decided", Fate{Outcome: Fail})
	createJob(t, client, namespace, job("decided", nil))
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "bare"}, Spec: podSpec()}
	if _, err := client.CoreV1().Pods(namespace).Create(t.Context(), pod, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]batchv1.JobConditionType{"good": batchv1.JobComplete, "bad": batchv1.JobFailed, "decided": batchv1.JobFailed} {
		eventually(t, name+" is "+string(want), func(ctx context.Context) bool {
			got, err := client.BatchV1().Jobs(namespace).Get(ctx, name, metav1.GetOptions{})
			return err == nil && ended(got, want)
		})
	}
	eventually(t, "the bare Pod succeeds", func(ctx context.Context) bool {
		got, err := client.CoreV1().Pods(namespace).Get(ctx, "bare", metav1.GetOptions{})
		return err == nil && got.Status.Phase == corev1.PodSucceeded
	})
	bad := podOf(t, client, namespace, "bad")
	if state := bad.Status.ContainerStatuses[0].State.Terminated; state == nil || state.ExitCode != 3 {
		t.Errorf("the Pod of the failed Job: %+v", bad.Status)
	}
	endless, err := client.BatchV1().Jobs(namespace).Get(t.Context(), "endless", metav1.GetOptions{})
	if err != nil || endless.Status.Active != 1 {
		t.Errorf("the endless Job: %+v, %v", endless.Status, err)
	}
}

func podOf(t *testing.T, client kubernetes.Interface, namespace, job string) corev1.Pod {
	t.Helper()
	list, err := client.CoreV1().Pods(namespace).List(t.Context(), metav1.ListOptions{LabelSelector: batchv1.JobNameLabel + "=" + job})
	if err != nil || len(list.Items) != 1 {
		t.Fatalf("%d Pods of %s: %v", len(list.Items), job, err)
	}
	return list.Items[0]
}

func testSlow(t *testing.T, s *Server) {
	client, namespace := s.Client(), s.Namespace(t, "slow")
	slow := job("slow", map[string]string{AnnotationGoneAfter: "300ms"})
	slow.Finalizers = []string{FinalizerSlow}
	createJob(t, client, namespace, slow)
	eventually(t, "it is complete", func(ctx context.Context) bool {
		got, err := client.BatchV1().Jobs(namespace).Get(ctx, "slow", metav1.GetOptions{})
		return err == nil && ended(got, batchv1.JobComplete)
	})
	background := metav1.DeletePropagationBackground
	if err := client.BatchV1().Jobs(namespace).Delete(t.Context(), "slow", metav1.DeleteOptions{PropagationPolicy: &background}); err != nil {
		t.Fatal(err)
	}
	got, err := client.BatchV1().Jobs(namespace).Get(t.Context(), "slow", metav1.GetOptions{})
	if err != nil || got.DeletionTimestamp == nil {
		t.Errorf("right after the deletion: %v", err)
	}
	eventually(t, "the Job and its Pod are gone", func(ctx context.Context) bool {
		_, err := client.BatchV1().Jobs(namespace).Get(ctx, "slow", metav1.GetOptions{})
		pods, listErr := client.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{})
		return apierrors.IsNotFound(err) && listErr == nil && len(pods.Items) == 0
	})
}

func testLogs(t *testing.T, s *Server) {
	client, namespace := s.Client(), s.Namespace(t, "logs")
	createJob(t, client, namespace, job("speaks", map[string]string{AnnotationLog: "one\ntwo\nthree"}))
	eventually(t, "it has ended", func(ctx context.Context) bool {
		got, err := client.BatchV1().Jobs(namespace).Get(ctx, "speaks", metav1.GetOptions{})
		return err == nil && ended(got, batchv1.JobComplete)
	})
	tail := int64(2)
	text, err := client.CoreV1().Pods(namespace).GetLogs(podOf(t, client, namespace, "speaks").Name, &corev1.PodLogOptions{TailLines: &tail}).DoRaw(t.Context())
	if err != nil || string(text) != "two\nthree\n" {
		t.Errorf("log %q, %v", text, err)
	}
}

func testAudit(t *testing.T, s *Server) {
	namespace := s.Namespace(t, "audit")
	reader := s.User(t, namespace, "reader", Rule("", []string{"secrets"}, []string{"list"}))
	config, err := clientcmd.BuildConfigFromFlags("", reader.Kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	mark, err := s.Mark()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.CoreV1().Secrets(namespace).List(t.Context(), metav1.ListOptions{}); err != nil {
		t.Error(err)
	}
	if _, err := client.CoreV1().Secrets(namespace).Get(t.Context(), "x", metav1.GetOptions{}); !apierrors.IsForbidden(err) {
		t.Errorf("get of a Secret: %v", err)
	}
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "new"}}
	if _, err := client.CoreV1().Secrets(namespace).Create(t.Context(), secret, metav1.CreateOptions{}); !apierrors.IsForbidden(err) {
		t.Errorf("create of a Secret: %v", err)
	}
	if _, err := s.Client().CoreV1().Secrets(namespace).Create(t.Context(), secret, metav1.CreateOptions{}); err != nil {
		t.Error(err)
	}
	for user, want := range map[string][]string{
		reader.User: {"list secrets", "get secrets x → 403", "create secrets → 403"},
		Admin:       {"create secrets new"},
	} {
		calls, err := s.Calls(mark, user)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, call := range calls {
			got = append(got, call.String())
			if call.Namespace != namespace || !strings.Contains(call.URI, "/secrets") {
				t.Errorf("%+v", call)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", user, got, want)
		}
	}
}
