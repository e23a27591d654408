//go:build fluxrecord && linux

package flux

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// status is what we read of a HelmRelease.
type status struct {
	ObservedGeneration         int64
	LastHandledReconcileAt     string
	Conditions                 []metav1.Condition
	LastAttemptedReleaseAction string
	Failures                   int64
	InstallFailures            int64
	UpgradeFailures            int64
	History                    []struct {
		Version   int
		Status    string
		TestHooks map[string]struct{ Phase string }
	}
}

func statusOf(object *unstructured.Unstructured) (status, error) {
	var s status
	text, err := json.Marshal(object.Object["status"])
	if err != nil {
		return s, err
	}
	return s, json.Unmarshal(text, &s)
}

// rests says whether the controller has nothing more to do for now.
func rests(object *unstructured.Unstructured) bool {
	s, err := statusOf(object)
	if err != nil {
		return false
	}
	if object.GetDeletionTimestamp() != nil {
		return false
	}
	if suspended, _, _ := unstructured.NestedBool(object.Object, "spec", "suspend"); suspended {
		return s.ObservedGeneration == object.GetGeneration()
	}
	if asked := object.GetAnnotations()["reconcile.fluxcd.io/requestedAt"]; asked != s.LastHandledReconcileAt {
		return false
	}
	return s.ObservedGeneration == object.GetGeneration() &&
		!slices.ContainsFunc(s.Conditions, func(c metav1.Condition) bool { return c.Type == "Reconciling" }) &&
		slices.ContainsFunc(s.Conditions, func(c metav1.Condition) bool { return c.Type == "Ready" && c.Status != metav1.ConditionUnknown })
}

// observe fills in what there is after a step.
func (p *player) observe(into *Observed) {
	p.t.Helper()
	into.Stderr = p.controller.takenStrange()
	into.Storage = p.storage()
	object, err := p.client.Resource(releases).Namespace(p.home).Get(p.t.Context(), ReleaseName, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		into.Gone = true
		return
	}
	if err != nil {
		p.t.Fatal(err)
	}
	s, err := statusOf(object)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, c := range s.Conditions {
		into.Conditions = append(into.Conditions, fmt.Sprintf("%s %s %s", c.Type, c.Status, c.Reason))
	}
	slices.Sort(into.Conditions)
	into.Last = s.LastAttemptedReleaseAction
	if counts := (Failures{All: s.Failures, Install: s.InstallFailures, Upgrade: s.UpgradeFailures}); counts != (Failures{}) {
		into.Failures = &counts
	}
	for _, h := range s.History {
		line := fmt.Sprintf("v%d %s", h.Version, h.Status)
		for _, name := range slices.Sorted(maps.Keys(h.TestHooks)) {
			line += ", " + strings.TrimSpace(name+" "+h.TestHooks[name].Phase)
		}
		into.History = append(into.History, line)
	}
}

func (p *player) records(namespace string) []corev1.Secret {
	p.t.Helper()
	list, err := p.server.Client().CoreV1().Secrets(namespace).List(p.t.Context(), metav1.ListOptions{LabelSelector: "owner=helm"})
	if err != nil {
		p.t.Fatal(err)
	}
	slices.SortFunc(list.Items, func(a, b corev1.Secret) int { return strings.Compare(a.Name, b.Name) })
	return list.Items
}

func (p *player) storage() []string {
	p.t.Helper()
	var lines []string
	for _, namespace := range []string{p.home, otherOf(p.home)} {
		for _, secret := range p.records(namespace) {
			line := fmt.Sprintf("%s v%s %s", secret.Labels["name"], secret.Labels["version"], secret.Labels["status"])
			if namespace != p.home {
				line += " in " + Other
			}
			lines = append(lines, strings.ReplaceAll(line, otherOf(p.home), Other))
		}
	}
	return lines
}

// left are the objects that a chart can have made, with their labels; "flux" stands for Flux's own. What is on its way
// out is waited for.
func (p *player) left() []string {
	p.t.Helper()
	var lines []string
	waitFor(p.t, "nothing is being deleted any more", 20*time.Second, func() bool {
		lines = nil
		leaving := false
		for _, namespace := range []string{p.home, otherOf(p.home)} {
			for _, object := range p.made(namespace) {
				leaving = leaving || object.DeletionTimestamp != nil
				lines = append(lines, labelled(object, namespace != p.home))
			}
		}
		return !leaving
	})
	definitions, err := p.client.Resource(definitions).List(p.t.Context(), metav1.ListOptions{})
	if err != nil {
		p.t.Fatal(err)
	}
	for _, object := range definitions.Items {
		if strings.Contains(object.GetName(), p.home) {
			lines = append(lines, "customresourcedefinitions/"+strings.ReplaceAll(object.GetName(), p.home, Home)+" version="+object.GetLabels()["version"])
		}
	}
	return lines
}

// made are the ConfigMaps, Deployments and Jobs of a namespace; their names begin with the resource.
func (p *player) made(namespace string) []metav1.ObjectMeta {
	p.t.Helper()
	var all []metav1.ObjectMeta
	add := func(resource string, meta metav1.ObjectMeta) {
		meta.Name = resource + "/" + meta.Name
		all = append(all, meta)
	}
	client := p.server.Client()
	configs, err := client.CoreV1().ConfigMaps(namespace).List(p.t.Context(), metav1.ListOptions{})
	if err != nil {
		p.t.Fatal(err)
	}
	for _, object := range configs.Items {
		add("configmaps", object.ObjectMeta)
	}
	deployments, err := client.AppsV1().Deployments(namespace).List(p.t.Context(), metav1.ListOptions{})
	if err != nil {
		p.t.Fatal(err)
	}
	for _, object := range deployments.Items {
		add("deployments", object.ObjectMeta)
	}
	jobs, err := client.BatchV1().Jobs(namespace).List(p.t.Context(), metav1.ListOptions{})
	if err != nil {
		p.t.Fatal(err)
	}
	for _, object := range jobs.Items {
		add("jobs", object.ObjectMeta)
	}
	return all
}

// labelled is an object as the recording has it.
func labelled(object metav1.ObjectMeta, elsewhere bool) string {
	line := object.Name
	for _, key := range slices.Sorted(maps.Keys(object.Labels)) {
		switch {
		case key == "helm.toolkit.fluxcd.io/name":
			line += " flux"
		case !strings.Contains(key, "/") && key != "job-name" && key != "controller-uid":
			line += " " + key + "=" + object.Labels[key]
		}
	}
	if elsewhere {
		line += " in " + Other
	}
	return line
}

// meddle takes the newest record away, or changes its description.
func (p *player) meddle(how string) {
	p.t.Helper()
	all := p.records(p.home)
	newest := all[len(all)-1]
	secrets := p.server.Client().CoreV1().Secrets(p.home)
	if how == Forget {
		if err := secrets.Delete(p.t.Context(), newest.Name, metav1.DeleteOptions{}); err != nil {
			p.t.Fatal(err)
		}
		return
	}
	text, err := tampered(newest.Data["release"])
	if err != nil {
		p.t.Fatal(err)
	}
	newest.Data["release"] = text
	if _, err := secrets.Update(p.t.Context(), &newest, metav1.UpdateOptions{}); err != nil {
		p.t.Fatal(err)
	}
}

// tampered is a record with another description: base64 of gzip of JSON.
func tampered(record []byte) ([]byte, error) {
	packed, err := base64.StdEncoding.DecodeString(string(record))
	if err != nil {
		return nil, err
	}
	zipped, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(zipped)
	if err != nil {
		return nil, err
	}
	var release map[string]any
	if err := json.Unmarshal(text, &release); err != nil {
		return nil, err
	}
	info, _ := release["info"].(map[string]any)
	info["description"] = "changed by hand"
	if text, err = json.Marshal(release); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	writer := gzip.NewWriter(&out)
	if _, err := writer.Write(text); err != nil {
		return nil, err
	}
	if err := writer.Close(); err != nil {
		return nil, err
	}
	return []byte(base64.StdEncoding.EncodeToString(out.Bytes())), nil
}
