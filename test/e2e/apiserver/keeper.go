package apiserver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"sync"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
)

// keeper stands in for the Job controller, the scheduler, the kubelet and the garbage collector, as far as hooks
// take notice of them.
type keeper struct {
	client  kubernetes.Interface
	kubelet *httptest.Server
	cancel  context.CancelFunc
	wg      sync.WaitGroup

	mu      sync.Mutex
	decided map[string]Fate
	// begun are the parts that have been played, by UID and part: events come more than once.
	begun map[string]bool
	errs  []error
}

func startKeeper(ctx context.Context, config *rest.Config) (*keeper, error) {
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	k := &keeper{client: client, decided: map[string]Fate{}, begun: map[string]bool{}}
	ctx, k.cancel = context.WithCancel(context.WithoutCancel(ctx))
	if err := k.startNode(ctx); err != nil {
		k.cancel()
		return nil, err
	}
	factory := informers.NewSharedInformerFactory(client, 0)
	for informer, handle := range map[cache.SharedInformer]func(context.Context, any, bool){
		factory.Batch().V1().Jobs().Informer(): k.job,
		factory.Core().V1().Pods().Informer():  k.pod,
	} {
		_, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
			AddFunc:    func(object any) { handle(ctx, object, false) },
			UpdateFunc: func(_, object any) { handle(ctx, object, false) },
			DeleteFunc: func(object any) {
				if last, ok := object.(cache.DeletedFinalStateUnknown); ok {
					object = last.Obj
				}
				handle(ctx, object, true)
			},
		})
		if err != nil {
			return nil, errors.Join(err, k.stop())
		}
	}
	factory.Start(ctx.Done())
	for kind, synced := range factory.WaitForCacheSync(ctx.Done()) {
		if !synced {
			return nil, errors.Join(fmt.Errorf("the keeper cannot list %s", kind), k.stop())
		}
	}
	return k, nil
}

func (k *keeper) stop() error {
	k.cancel()
	k.wg.Wait()
	k.kubelet.Close()
	k.mu.Lock()
	defer k.mu.Unlock()
	return errors.Join(k.errs...)
}

// once plays a part of an object's life, beside all others and only once.
func (k *keeper) once(ctx context.Context, object metav1.Object, part string, play func(ctx context.Context) error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	key := string(object.GetUID()) + " " + part
	if k.begun[key] || ctx.Err() != nil {
		return
	}
	k.begun[key] = true
	name := object.GetNamespace() + "/" + object.GetName()
	k.wg.Go(func() {
		// What is gone in the meantime, somebody has deleted, and has perhaps made another of that name.
		if err := play(ctx); err != nil && ctx.Err() == nil && !apierrors.IsNotFound(err) && !isAnother(err) {
			k.mu.Lock()
			defer k.mu.Unlock()
			k.errs = append(k.errs, fmt.Errorf("%s %s: %w", name, part, err))
		}
	})
}

// isAnother says that the object of that name is not the one that was meant: each request names the UID.
func isAnother(err error) bool {
	return strings.Contains(err.Error(), "metadata.uid: Invalid value") || strings.Contains(err.Error(), "UID in precondition") ||
		strings.Contains(err.Error(), "the UID in the precondition")
}

func (k *keeper) job(ctx context.Context, object any, deleted bool) {
	job, ok := object.(*batchv1.Job)
	switch {
	case !ok:
	case deleted:
		k.once(ctx, job, "collect", func(ctx context.Context) error { return k.collect(ctx, job) })
	case job.DeletionTimestamp != nil:
		k.once(ctx, job, "vanish", func(ctx context.Context) error { return k.vanish(ctx, job) })
	case job.Spec.Suspend == nil || !*job.Spec.Suspend:
		k.once(ctx, job, "run", func(ctx context.Context) error { return k.runJob(ctx, job) })
	}
}

// runJob follows what the Job controller writes: the start, then SuccessCriteriaMet or FailureTarget and the
// end, with counts that agree, or the server refuses the status.
func (k *keeper) runJob(ctx context.Context, job *batchv1.Job) error {
	fate, err := k.fate(job.Namespace, job.Name, job.Spec.Template.Annotations)
	if err != nil {
		return err
	}
	pod := &corev1.Pod{ObjectMeta: job.Spec.Template.ObjectMeta, Spec: job.Spec.Template.Spec}
	pod.GenerateName, pod.Namespace = job.Name+"-", job.Namespace
	pod.OwnerReferences = []metav1.OwnerReference{*metav1.NewControllerRef(job, batchv1.SchemeGroupVersion.WithKind("Job"))}
	pod.Spec.NodeName = nodeName
	if pod, err = k.client.CoreV1().Pods(job.Namespace).Create(ctx, pod, metav1.CreateOptions{}); err != nil {
		return err
	}
	start := metav1.Now()
	if err := k.jobStatus(ctx, job, map[string]any{"startTime": start, "active": 1, "ready": 1}); err != nil {
		// The Job went before its Pod came.
		return errors.Join(err, k.collect(ctx, job))
	}
	if err := k.runPod(ctx, pod, fate); err != nil || fate.Outcome == Never {
		return err
	}
	now := metav1.Now()
	end := map[string]any{"active": 0, "ready": 0, "terminating": 0, "uncountedTerminatedPods": map[string]any{}}
	condition := func(kind, reason string) map[string]any {
		return map[string]any{"type": kind, "status": "True", "reason": reason, "lastProbeTime": now, "lastTransitionTime": now}
	}
	if fate.Outcome == Fail {
		end["failed"] = 1
		end["conditions"] = []any{condition("FailureTarget", "BackoffLimitExceeded"), condition("Failed", "BackoffLimitExceeded")}
	} else {
		end["succeeded"], end["completionTime"] = 1, now
		end["conditions"] = []any{condition("SuccessCriteriaMet", "CompletionsReached"), condition("Complete", "CompletionsReached")}
	}
	return k.jobStatus(ctx, job, end)
}

func (k *keeper) jobStatus(ctx context.Context, job *batchv1.Job, status map[string]any) error {
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"uid": job.UID}, "status": status})
	if err != nil {
		return err
	}
	_, err = k.client.BatchV1().Jobs(job.Namespace).Patch(ctx, job.Name, types.MergePatchType, patch, metav1.PatchOptions{}, "status")
	return err
}

// vanish takes the finalizer off a Job that is slow to go.
func (k *keeper) vanish(ctx context.Context, job *batchv1.Job) error {
	fate, err := k.fate(job.Namespace, job.Name, job.Spec.Template.Annotations)
	if err != nil {
		return err
	}
	if !pause(ctx, fate.GoneAfter) {
		return nil
	}
	patch := fmt.Appendf(nil, `{"metadata":{"uid":%q,"$deleteFromPrimitiveList/finalizers":[%q]}}`, job.UID, FinalizerSlow)
	_, err = k.client.BatchV1().Jobs(job.Namespace).Patch(ctx, job.Name, types.StrategicMergePatchType, patch, metav1.PatchOptions{})
	return err
}

// collect removes the Pods of a Job that is gone.
func (k *keeper) collect(ctx context.Context, job *batchv1.Job) error {
	now := int64(0)
	return k.client.CoreV1().Pods(job.Namespace).DeleteCollection(ctx, metav1.DeleteOptions{GracePeriodSeconds: &now},
		metav1.ListOptions{LabelSelector: batchv1.ControllerUidLabel + "=" + string(job.UID)})
}

// pause says whether it was not cut short.
func pause(ctx context.Context, duration time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(duration):
		return true
	}
}
