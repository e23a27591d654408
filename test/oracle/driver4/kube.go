package driver4

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"reflect"
	"time"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"helm.sh/helm/v4/pkg/kube"

	"github.com/helm-hooks/helm-hooks/test/oracle/stage"
)

// client is Helm's own kube client for all that builds and changes objects, over the oracle's REST
// clients. Only what waits or reads logs is the oracle's.
type client struct {
	*kube.Client
	recorder  *stage.Recorder
	afterCRDs func()
}

func newClient(s *stage.Stage, r *stage.Recorder) *client {
	c := &client{
		Client:   &kube.Client{Factory: s.Cluster.Factory(), Namespace: s.Scenario.Namespace},
		recorder: r,
	}
	c.SetLogger(slog.DiscardHandler)
	return c
}

func (c *client) IsReachable() error { return c.recorder.Reachable() }

func (c *client) Build(reader io.Reader, validate bool) (kube.ResourceList, error) {
	text, err := io.ReadAll(reader)
	if err != nil {
		return nil, err
	}
	c.recorder.Building(string(text), validate)
	list, err := c.Client.Build(bytes.NewReader(text), validate)
	if err != nil {
		c.recorder.BuildFailed()
		return nil, err
	}
	c.recorder.Built(string(text), list)
	return list, nil
}

func (c *client) Create(list kube.ResourceList, options ...kube.ClientCreateOption) (result *kube.Result, err error) {
	err = c.recorder.Create(list, serverSide(options), func() error {
		result, err = c.Client.Create(list, options...)
		return err
	})
	return result, err
}

// serverSide looks into Helm's private options, which say whether a create is a server-side apply.
func serverSide(options []kube.ClientCreateOption) bool {
	settings := reflect.New(reflect.TypeFor[kube.ClientCreateOption]().In(0).Elem())
	for _, option := range options {
		reflect.ValueOf(option).Call([]reflect.Value{settings})
	}
	return settings.Elem().FieldByName("serverSideApply").Bool()
}

func (c *client) Update(original, target kube.ResourceList, options ...kube.ClientUpdateOption) (*kube.Result, error) {
	result := &kube.Result{} // upgrade.go reads the result of a failed update
	err := c.recorder.Update(target, func() (err error) {
		result, err = c.Client.Update(original, target, options...)
		return err
	})
	return result, err
}

func (c *client) Delete(list kube.ResourceList, policy metav1.DeletionPropagation) (result *kube.Result, errs []error) {
	errs = c.recorder.Delete(list, func() []error {
		result, errs = c.Client.Delete(list, policy)
		return errs
	})
	return result, errs
}

func (c *client) GetWaiter(strategy kube.WaitStrategy) (kube.Waiter, error) {
	switch strategy {
	case kube.HookOnlyStrategy:
		return &waiter{c, stage.HookOnly}, nil
	case kube.StatusWatcherStrategy:
		return &waiter{c, stage.Watcher}, nil
	case kube.LegacyStrategy:
		return &waiter{c, stage.Legacy}, nil
	}
	return nil, fmt.Errorf("unknown wait strategy (%s)", strategy)
}

func (c *client) GetPodList(namespace string, options metav1.ListOptions) (*v1.PodList, error) {
	if err := c.recorder.Logs(namespace, options.LabelSelector, options.FieldSelector); err != nil {
		return nil, err
	}
	return &v1.PodList{Items: []v1.Pod{{Spec: v1.PodSpec{Containers: []v1.Container{{Name: "main"}}}}}}, nil
}

func (c *client) OutputContainerLogsForPodList(pods *v1.PodList, namespace string, writer func(namespace, pod, container string) io.Writer) error {
	for _, pod := range pods.Items {
		for _, container := range pod.Spec.Containers {
			fmt.Fprintln(writer(namespace, pod.Name, container.Name), "log")
		}
	}
	return nil
}

type waiter struct {
	client *client
	kind   stage.Waiter
}

func (w *waiter) Wait(list kube.ResourceList, _ time.Duration) error {
	if !w.client.recorder.Recorded() {
		w.client.afterCRDs()
	}
	return w.client.recorder.Wait(list, w.kind)
}

func (w *waiter) WaitWithJobs(list kube.ResourceList, _ time.Duration) error {
	return w.client.recorder.Wait(list, w.kind)
}

func (w *waiter) WaitForDelete(list kube.ResourceList, _ time.Duration) error {
	return w.client.recorder.WaitForDelete(list, w.kind)
}

func (w *waiter) WatchUntilReady(list kube.ResourceList, _ time.Duration) error {
	return w.client.recorder.WatchUntilReady(list, w.kind)
}
