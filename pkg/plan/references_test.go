package plan

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"
)

func TestReferences(t *testing.T) {
	const pod = `
apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  serviceAccountName: robot
  priorityClassName: urgent
  runtimeClassName: sandbox
  imagePullSecrets: [{name: registry}, {name: both}]
  initContainers:
  - name: first
    envFrom: [{configMapRef: {name: settings}}, {secretRef: {name: maybe, optional: true}}]
    volumeDevices: [{name: disk}]
  containers:
  - name: main
    env:
    - {name: A, value: plain}
    - {name: B, valueFrom: {secretKeyRef: {name: both, key: k}}}
    - {name: C, valueFrom: {configMapKeyRef: {name: settings, key: k}}}
    - {name: D, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
    - {name: E, valueFrom: {secretKeyRef: {name: perhaps, key: k, optional: true}}}
    volumeMounts: [{name: files}, {name: tls}, {name: all}, {name: share}, {name: driver}, {name: loose}]
  volumes:
  - {name: files, configMap: {name: files}}
  - {name: tls, secret: {secretName: tls}}
  - {name: loose, secret: {secretName: loose, optional: true}}
  - {name: unused, secret: {secretName: unused}}
  - {name: disk, persistentVolumeClaim: {claimName: data}}
  - {name: idle, persistentVolumeClaim: {claimName: idle}}
  - {name: share, azureFile: {secretName: azure}}
  - {name: driver, csi: {driver: d, nodePublishSecretRef: {name: csi}}}
  - name: all
    projected:
      sources:
      - configMap: {name: projected}
      - secret: {name: token}
      - secret: {name: spare, optional: true}
      - serviceAccountToken: {path: t}
`
	want := []string{
		"ServiceAccount/robot at spec.serviceAccountName",
		"PriorityClass/urgent at spec.priorityClassName",
		"RuntimeClass/sandbox at spec.runtimeClassName",
		"ConfigMap/settings at spec.initContainers[0].envFrom[0].configMapRef",
		"Secret/both at spec.containers[0].env[1].valueFrom.secretKeyRef",
		"ConfigMap/files at spec.volumes[0].configMap",
		"Secret/tls at spec.volumes[1].secret",
		"PersistentVolumeClaim/data at spec.volumes[4].persistentVolumeClaim",
		"PersistentVolumeClaim/idle at spec.volumes[5].persistentVolumeClaim",
		"Secret/azure at spec.volumes[6].azureFile",
		"Secret/csi at spec.volumes[7].csi.nodePublishSecretRef",
		"ConfigMap/projected at spec.volumes[8].projected.sources[0].configMap",
		"Secret/token at spec.volumes[8].projected.sources[1].secret",
		"Secret/registry at spec.imagePullSecrets[0]",
	}
	if diff := cmp.Diff(want, referencesOf(t, pod)); diff != "" {
		t.Error(diff)
	}
}

func TestReferencesOfOtherKinds(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"a CronJob's pods lie deeper", "apiVersion: batch/v1\nkind: CronJob\nspec: {jobTemplate: {spec: {template: {spec: {serviceAccountName: a}}}}}\n", "ServiceAccount/a at spec.jobTemplate.spec.template.spec.serviceAccountName"},
		{"the old name of the field", "apiVersion: apps/v1\nkind: Deployment\nspec: {template: {spec: {serviceAccount: a}}}\n", "ServiceAccount/a at spec.template.spec.serviceAccount"},
		{"the account that every namespace has", "apiVersion: v1\nkind: Pod\nspec: {serviceAccountName: default}\n", ""},
		{"a PodTemplate makes no pods", "apiVersion: v1\nkind: PodTemplate\ntemplate: {spec: {serviceAccountName: a}}\n", ""},
		{"a Job of another group", "apiVersion: batch.volcano.sh/v1\nkind: Job\nspec: {template: {spec: {serviceAccountName: a}}}\n", ""},
		{"nonsense in every place", "apiVersion: v1\nkind: Pod\nspec: {serviceAccountName: 5, volumes: [x, {secret: y}], containers: {a: b}, imagePullSecrets: [z], initContainers: [{env: [1], envFrom: [{secretRef: s}], volumeMounts: q}]}\n", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			var want []string
			if test.want != "" {
				want = []string{test.want}
			}
			if diff := cmp.Diff(want, referencesOf(t, test.text)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func referencesOf(t *testing.T, text string) []string {
	t.Helper()
	var body map[string]any
	if err := yaml.Unmarshal([]byte(text), &body, useNumber); err != nil {
		t.Fatal(err)
	}
	object := Object{Kind: body["kind"].(string), APIVersion: body["apiVersion"].(string)}
	var found []string
	for _, r := range references(part{object: object, body: body}) {
		found = append(found, r.object.Ref()+" at "+r.path)
	}
	return found
}
