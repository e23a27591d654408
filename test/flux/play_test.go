//go:build fluxrecord && linux

package flux

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
	"sigs.k8s.io/yaml"

	"github.com/helm-hooks/helm-hooks/test/e2e/apiserver"
)

// player plays one scenario.
type player struct {
	*recorder
	t          *testing.T
	scenario   Scenario
	home       string
	proxy      *proxy
	controller *controller
	published  int
	requests   int
	// statuses are those of the records after the last step.
	statuses map[string]string

	mu     sync.Mutex
	faults []Fault
	killAt string
}

func (r *recorder) play(t *testing.T, scenario Scenario, home string) Recording {
	t.Helper()
	p := &player{recorder: r, t: t, scenario: scenario, home: home, statuses: map[string]string{}}
	for _, name := range []string{home, otherOf(home)} {
		namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
		if _, err := r.server.Client().CoreV1().Namespaces().Create(t.Context(), namespace, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	p.publish("app")
	p.proxy = startProxy(t, r.server, r.server.Worker(t, home, "helm-controller").Token)
	p.proxy.onJob, p.proxy.onMade = p.decide, p.maybeKill
	p.controller = startController(t, r.program, p.proxy.URL, home, r.logs, scenario.Flags)
	recording := Recording{Name: scenario.Name}
	for i, step := range scenario.Steps {
		observed := p.step(step, i == len(scenario.Steps)-1)
		recording.Steps = append(recording.Steps, observed)
		if observed.Cut && i < len(scenario.Steps)-1 {
			t.Fatal("a step that is cut off must be the last")
		}
		if t.Failed() {
			break
		}
	}
	return recording
}

// publish gives the chart's source another version.
func (p *player) publish(name string) {
	p.t.Helper()
	version := fmt.Sprintf("1.%d.0", p.published)
	files := p.scenario.Chart.Content(name, version)
	for path, text := range files {
		files[path] = strings.ReplaceAll(text, Home, p.home)
	}
	artifact := p.shelf.put(p.t, p.home, version, files)
	sources := p.client.Resource(charts).Namespace(p.home)
	if p.published == 0 {
		source := &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "HelmChart", "metadata": map[string]any{"name": "app"},
			"spec": map[string]any{"chart": "app", "interval": "1h", "sourceRef": map[string]any{"kind": "HelmRepository", "name": "shelf"}},
		}}
		if _, err := sources.Create(p.t.Context(), source, metav1.CreateOptions{}); err != nil {
			p.t.Fatal(err)
		}
	}
	p.published++
	patch := map[string]any{"status": map[string]any{"observedGeneration": 1, "artifact": artifact, "conditions": []any{map[string]any{
		"type": "Ready", "status": "True", "reason": "ChartPullSucceeded", "message": "", "lastTransitionTime": artifact["lastUpdateTime"],
	}}}}
	p.patch(sources, "app", patch, "status")
}

func (p *player) patch(client dynamic.ResourceInterface, name string, patch map[string]any, sub ...string) {
	p.t.Helper()
	text, err := json.Marshal(patch)
	if err != nil {
		p.t.Fatal(err)
	}
	if _, err := client.Patch(p.t.Context(), name, types.MergePatchType, text, metav1.PatchOptions{}, sub...); err != nil {
		p.t.Fatal(err)
	}
}

// decide settles what becomes of a Job that is about to be made.
func (p *player) decide(job string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !slices.ContainsFunc(p.faults, func(f Fault) bool { return f.Job == job }) {
		return // its annotations say
	}
	fate := apiserver.Fate{}
	for i, fault := range p.faults {
		if fault.Job != job || fault.Times < 0 {
			continue
		}
		fate.Outcome = fault.Outcome
		if fault.Outcome == Vanish {
			fate.Outcome = apiserver.Never
			go p.vanish(job)
		}
		if fault.Times > 0 {
			if p.faults[i].Times--; p.faults[i].Times == 0 {
				p.faults[i].Times = -1
			}
		}
		break
	}
	p.server.Decide(p.home, job, fate)
}

// vanish takes a Job away after a while.
func (p *player) vanish(job string) {
	time.Sleep(time.Second)
	background := metav1.DeletePropagationBackground
	err := p.server.Client().BatchV1().Jobs(p.home).Delete(context.Background(), job, metav1.DeleteOptions{PropagationPolicy: &background})
	if err != nil {
		p.t.Error(err)
	}
}

// maybeKill kills the controller once the hook is there.
func (p *player) maybeKill(name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if name != p.killAt || name == "" {
		return
	}
	p.killAt = ""
	go func() {
		// It shall have had the answer, and wait.
		time.Sleep(500 * time.Millisecond)
		p.controller.kill()
		p.proxy.cut()
	}()
}

func (p *player) step(step Step, last bool) Observed {
	p.t.Helper()
	p.mu.Lock()
	p.faults, p.killAt = append(p.faults, step.Faults...), step.KillAt
	p.mu.Unlock()
	p.do(step)
	p.proxy.touch()
	observed := Observed{Do: step.Do, Stuck: step.Stuck}
	observed.Cut = p.settle(step)
	var ended int
	observed.Actions, ended = fold(p.proxy.taken(), p.home, p.statuses)
	if observed.Cut {
		observed.Actions = observed.Actions[:min(ended, step.Actions)]
		return observed
	}
	p.observe(&observed)
	if last {
		observed.Left = p.left()
	}
	return observed
}

// do is the step's own deed.
func (p *player) do(step Step) {
	p.t.Helper()
	helmReleases := p.client.Resource(releases).Namespace(p.home)
	switch step.Do {
	case Create:
		spec := p.spec(step.Spec)
		spec["interval"], spec["chartRef"] = "1h", map[string]any{"kind": "HelmChart", "name": "app"}
		object := &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease", "metadata": map[string]any{"name": ReleaseName}, "spec": spec,
		}}
		if _, err := helmReleases.Create(p.t.Context(), object, metav1.CreateOptions{}); err != nil {
			p.t.Fatal(err)
		}
	case Change:
		p.patch(helmReleases, ReleaseName, map[string]any{"spec": p.spec(step.Spec)})
	case Publish:
		p.publish("app")
	case Rename:
		p.publish("renamed")
	case Squat:
		p.squat()
	case Delete:
		if err := helmReleases.Delete(p.t.Context(), ReleaseName, metav1.DeleteOptions{}); err != nil {
			p.t.Fatal(err)
		}
	case Reconcile:
		p.request()
	case Force:
		p.request("reconcile.fluxcd.io/forceAt")
	case Reset:
		p.request("reconcile.fluxcd.io/resetAt")
	case Forget, Tamper:
		p.meddle(step.Do)
		p.request()
	case Drift:
		for _, name := range []string{"settings", "post-install"} {
			if err := p.server.Client().CoreV1().ConfigMaps(p.home).Delete(p.t.Context(), name, metav1.DeleteOptions{}); err != nil {
				p.t.Fatal(err)
			}
		}
		p.request()
	default:
		p.t.Fatalf("step %q is unknown", step.Do)
	}
}

// squat makes objects of the chart's names that are nobody's.
func (p *player) squat() {
	p.t.Helper()
	for _, name := range []string{"settings", "pre-install"} {
		object := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name}}
		if _, err := p.server.Client().CoreV1().ConfigMaps(p.home).Create(p.t.Context(), object, metav1.CreateOptions{}); err != nil {
			p.t.Fatal(err)
		}
	}
}

func (p *player) spec(text string) map[string]any {
	p.t.Helper()
	spec := map[string]any{}
	if err := yaml.Unmarshal([]byte(strings.ReplaceAll(text, Other, otherOf(p.home))), &spec); err != nil {
		p.t.Fatal(err)
	}
	return spec
}

// request asks for a reconciliation, by the annotation of `flux reconcile`, with more annotations of the same value.
func (p *player) request(more ...string) {
	p.t.Helper()
	p.requests++
	annotations := map[string]any{}
	for _, key := range append(more, "reconcile.fluxcd.io/requestedAt") {
		annotations[key] = fmt.Sprintf("request-%d", p.requests)
	}
	p.patch(p.client.Resource(releases).Namespace(p.home), ReleaseName, map[string]any{"metadata": map[string]any{"annotations": annotations}})
}

// settle waits until the controller has come to rest, or has done as many actions as the step lets it: then it says so.
func (p *player) settle(step Step) (cut bool) {
	p.t.Helper()
	meanwhile := step.Meanwhile
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		if _, ended := fold(p.proxy.seen(), p.home, maps.Clone(p.statuses)); meanwhile != "" && ended > 0 {
			p.patch(p.client.Resource(releases).Namespace(p.home), ReleaseName, map[string]any{"spec": p.spec(meanwhile)})
			meanwhile = ""
		} else if step.Actions > 0 && ended >= step.Actions {
			return true
		}
		quiet, idle := p.proxy.quiet()
		if step.Stuck && idle > stuck {
			return false
		}
		if quiet < calm || meanwhile != "" || step.Stuck {
			continue
		}
		object, err := p.client.Resource(releases).Namespace(p.home).Get(p.t.Context(), ReleaseName, metav1.GetOptions{})
		if apierrors.IsNotFound(err) || err == nil && rests(object) {
			return false
		}
		if err != nil {
			p.t.Fatal(err)
		}
	}
	p.t.Errorf("%s: the controller does not come to rest", step.Do)
	return false
}
