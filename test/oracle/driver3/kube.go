package driver3

import (
	"bytes"
	"fmt"
	"io"
	"time"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"helm.sh/helm/v3/pkg/kube"

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
	return &client{
		Client:   &kube.Client{Factory: s.Cluster.Factory(), Namespace: s.Scenario.Namespace, Log: discard},
		recorder: r,
	}
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

func (c *client) Create(list kube.ResourceList) (result *kube.Result, err error) {
	err = c.recorder.Create(list, false, func() error {
		result, err = c.Client.Create(list)
		return err
	})
	return result, err
}

func (c *client) Update(original, target kube.ResourceList, force bool) (*kube.Result, error) {
	result := &kube.Result{} // upgrade.go reads the result of a failed update
	err := c.recorder.Update(target, func() (err error) {
		result, err = c.Client.Update(original, target, force)
		return err
	})
	return result, err
}

func (c *client) Delete(list kube.ResourceList) (result *kube.Result, errs []error) {
	errs = c.recorder.Delete(list, func() []error {
		result, errs = c.Client.Delete(list)
		return errs
	})
	return result, errs
}

func (c *client) DeleteWithPropagationPolicy(list kube.ResourceList, policy metav1.DeletionPropagation) (result *kube.Result, errs []error) {
	errs = c.recorder.Delete(list, func() []error {
		result, errs = c.Client.DeleteWithPropagationPolicy(list, policy)
		return errs
	})
	return result, errs
}

func (c *client) Wait(list kube.ResourceList, _ time.Duration) error {
	if !c.recorder.Recorded() {
		c.afterCRDs()
	}
	return c.recorder.Wait(list, stage.Legacy)
}

func (c *client) WaitWithJobs(list kube.ResourceList, _ time.Duration) error {
	return c.recorder.Wait(list, stage.Legacy)
}

func (c *client) WaitForDelete(list kube.ResourceList, _ time.Duration) error {
	return c.recorder.WaitForDelete(list, stage.Legacy)
}

func (c *client) WatchUntilReady(list kube.ResourceList, _ time.Duration) error {
	return c.recorder.WatchUntilReady(list, stage.Legacy)
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
