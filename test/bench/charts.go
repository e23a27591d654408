// Package bench makes the charts that speed is measured on. The same call always gives the same bytes.
package bench

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Files are a chart's files by path.
type Files map[string]string

// Write puts the files into a folder.
func (f Files) Write(dir string) error {
	for name, text := range f {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// Large is a chart of one template an object.
type Large struct {
	Templates int
	// Hooks says how many of the templates are hooks.
	Hooks int
	// Aware charts ask .Release.IsUpgrade in their hooks, so that one render does not serve several revisions.
	Aware bool
	// Random charts have a password made by chance, so that each revision is rendered a second time to compare.
	Random bool
}

// Files gives the chart's files.
func (l Large) Files() Files {
	files := Files{
		"Chart.yaml":             "apiVersion: v2\nname: large\nversion: 1.0.0\nappVersion: \"2.3\"\n",
		"values.yaml":            values,
		"templates/_helpers.tpl": helpers("large"),
		"templates/NOTES.txt":    "{{ .Release.Name }} is there.\n",
	}
	for i := range l.Templates - l.Hooks {
		files[fmt.Sprintf("templates/part-%03d.yaml", i)] = resource("large", i)
	}
	for i := range l.Hooks {
		files[fmt.Sprintf("templates/hooks/hook-%02d.yaml", i)] = hook("large", i, l.Aware)
	}
	if l.Random {
		files["templates/password.yaml"] = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: {{ include \"large.name\" . }}-password\nstringData:\n  password: {{ randAlphaNum 24 }}\n"
	}
	return files
}

// Small is what most charts are: some ordinary objects and two hooks.
func Small() Files { return Large{Templates: 8, Hooks: 2}.Files() }

// Umbrella is a chart of subcharts, each with templates, values and hooks of its own.
func Umbrella(subcharts int) Files {
	files := Large{Templates: 4, Hooks: 1}.Files()
	var list strings.Builder
	for i := range subcharts {
		name := fmt.Sprintf("part%02d", i)
		fmt.Fprintf(&list, "- name: %s\n  version: 1.0.0\n  condition: %[1]s.enabled\n", name)
		folder := "charts/" + name + "/"
		files[folder+"Chart.yaml"] = "apiVersion: v2\nname: " + name + "\nversion: 1.0.0\n"
		files[folder+"values.yaml"] = "enabled: true\n" + values
		files[folder+"templates/_helpers.tpl"] = helpers(name)
		for k := range 5 {
			files[fmt.Sprintf("%stemplates/part-%d.yaml", folder, k)] = resource(name, i+k)
		}
		files[folder+"templates/hook.yaml"] = hook(name, i, false)
	}
	files["Chart.yaml"] += "dependencies:\n" + list.String()
	return files
}

const values = `image: {repository: registry.example.com/app, tag: "", pullPolicy: IfNotPresent}
replicas: 2
service: {type: ClusterIP, port: 8080}
labels: {team: shop, tier: backend}
annotations: {}
resources:
  limits: {cpu: 500m, memory: 256Mi}
  requests: {cpu: 100m, memory: 128Mi}
env: {LOG_LEVEL: info, LISTEN: ":8080", CACHE: "redis://cache:6379"}
nodeSelector: {}
tolerations: []
affinity: {}
settings:
  timeout: 30s
  retries: 5
  features: [search, coupons, export]
`

// helpers are those that helm create writes, in short.
func helpers(chart string) string {
	return strings.ReplaceAll(`{{- define "CHART.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "CHART.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride }}
{{- if contains $name .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "CHART.selector" -}}
app.kubernetes.io/name: {{ include "CHART.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "CHART.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{ include "CHART.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | default "0" | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.labels }}
{{ toYaml . }}
{{- end }}
{{- end }}
`, "CHART", chart)
}

// resource is one ordinary template: a Deployment, Service, ConfigMap or ServiceAccount in turn.
func resource(chart string, i int) string {
	texts := []string{deployment, service, settings, account}
	return strings.NewReplacer("CHART", chart, "NUMBER", fmt.Sprint(i)).Replace(texts[i%len(texts)])
}

// hook is a hook's template: mostly Jobs, over all events, with different weights and policies.
func hook(chart string, i int, aware bool) string {
	events := []string{"pre-install,pre-upgrade", "post-install,post-upgrade", "pre-rollback", "post-rollback", "pre-delete", "post-delete", "test", "pre-upgrade"}
	policies := []string{"before-hook-creation,hook-succeeded", "before-hook-creation", "hook-succeeded,before-hook-creation,hook-failed"}
	text := strings.NewReplacer("CHART", chart, "NUMBER", fmt.Sprint(i), "EVENTS", events[i%len(events)],
		"WEIGHT", fmt.Sprint(i%7-3), "POLICIES", policies[i%len(policies)]).Replace(job)
	if aware {
		text = strings.Replace(text, "backoffLimit: 1", "backoffLimit: {{ if .Release.IsUpgrade }}1{{ else }}2{{ end }}", 1)
	}
	return text
}

const meta = `metadata:
  name: {{ include "CHART.fullname" . }}-NUMBER
  labels:
    {{- include "CHART.labels" . | nindent 4 }}
`

const container = `- name: {{ .Chart.Name }}
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
          imagePullPolicy: {{ .Values.image.pullPolicy }}
          env:
            {{- range $name, $value := .Values.env }}
            - name: {{ $name }}
              value: {{ $value | quote }}
            {{- end }}
          resources:
            {{- toYaml .Values.resources | nindent 12 }}
`

const deployment = `apiVersion: apps/v1
kind: Deployment
` + meta + `spec:
  replicas: {{ .Values.replicas }}
  selector:
    matchLabels:
      {{- include "CHART.selector" . | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "CHART.labels" . | nindent 8 }}
      {{- with .Values.annotations }}
      annotations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
    spec:
      serviceAccountName: {{ include "CHART.fullname" . }}
      containers:
        ` + container + `          ports:
            - {name: http, containerPort: {{ .Values.service.port }}, protocol: TCP}
          livenessProbe:
            httpGet: {path: /healthz, port: http}
          readinessProbe:
            httpGet: {path: /ready, port: http}
      {{- with .Values.nodeSelector }}
      nodeSelector:
        {{- toYaml . | nindent 8 }}
      {{- end }}
`

const service = `apiVersion: v1
kind: Service
` + meta + `spec:
  type: {{ .Values.service.type }}
  ports:
    - {name: http, port: {{ .Values.service.port }}, targetPort: http, protocol: TCP}
  selector:
    {{- include "CHART.selector" . | nindent 4 }}
`

const settings = `apiVersion: v1
kind: ConfigMap
` + meta + `data:
  {{- range $name, $value := .Values.env }}
  {{ $name }}: {{ $value | quote }}
  {{- end }}
  settings.yaml: |
    {{- toYaml .Values.settings | nindent 4 }}
`

const account = `{{- if .Values.labels }}
apiVersion: v1
kind: ServiceAccount
` + meta + `automountServiceAccountToken: false
{{- end }}
`

const job = `apiVersion: batch/v1
kind: Job
metadata:
  name: {{ include "CHART.fullname" . }}-job-NUMBER
  labels:
    {{- include "CHART.labels" . | nindent 4 }}
  annotations:
    helm.sh/hook: EVENTS
    helm.sh/hook-weight: "WEIGHT"
    helm.sh/hook-delete-policy: POLICIES
spec:
  backoffLimit: 1
  template:
    metadata:
      labels:
        {{- include "CHART.selector" . | nindent 8 }}
    spec:
      restartPolicy: Never
      containers:
        ` + container + `          command: ["/bin/task", "--step", "NUMBER"]
`
