{{- define "catalog.fullname" -}}
{{- printf "%s-catalog" .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{- define "catalog.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
