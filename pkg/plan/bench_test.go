package plan

import (
	"fmt"
	"testing"
)

// benchmarkChart is what a chart of so many templates renders to, the last of which are hooks.
func benchmarkChart(templates, hooks int) Rendered {
	var rendered Rendered
	events := []string{"pre-install,pre-upgrade", "post-install,post-upgrade", "pre-rollback", "post-delete", "test"}
	for i := range templates {
		text := fmt.Sprintf(benchmarkObject, i)
		if at := i - (templates - hooks); at >= 0 {
			text = fmt.Sprintf(benchmarkHook, i, events[at%len(events)], at%7-3)
		}
		rendered.Documents = append(rendered.Documents, Document{Template: fmt.Sprintf("large/templates/part-%03d.yaml", i), Text: text})
	}
	return rendered
}

const benchmarkLabels = `  labels:
    helm.sh/chart: large-1.0.0
    app.kubernetes.io/name: large
    app.kubernetes.io/instance: large
    app.kubernetes.io/managed-by: Helm
`

const benchmarkObject = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: large-%[1]d
` + benchmarkLabels + `spec:
  replicas: 2
  selector:
    matchLabels: {app.kubernetes.io/name: large, part: "%[1]d"}
  template:
    metadata:
      labels: {app.kubernetes.io/name: large, part: "%[1]d"}
` + benchmarkPod

const benchmarkHook = `apiVersion: batch/v1
kind: Job
metadata:
  name: large-%d
  annotations:
    helm.sh/hook: %s
    helm.sh/hook-weight: "%d"
    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
` + benchmarkLabels + `spec:
  backoffLimit: 1
  template:
` + benchmarkPod + `      restartPolicy: Never
`

const benchmarkPod = `    spec:
      containers:
        - name: main
          image: registry.example.com/app:1.2.3
          env:
            - {name: LOG_LEVEL, value: info}
            - {name: LISTEN, value: ":8080"}
          resources:
            limits: {cpu: 500m, memory: 256Mi}
            requests: {cpu: 100m, memory: 128Mi}
`

// The benchmarks' chart: 500 documents, 60 of them hooks.
const benchmarkDocuments, benchmarkHooks = 500, 60

func benchmarkInput(b *testing.B, rendered Rendered) Input {
	engine, err := ParseEngine("helm4")
	if err != nil {
		b.Fatal(err)
	}
	return Input{
		Engine: engine, Release: Release{Name: "large", Namespace: "default"},
		Render:  func(Fields) (Rendered, error) { return rendered, nil },
		Options: Options{Timeout: DefaultTimeout},
	}
}

// perSecond reports how much was done in a second.
func perSecond(b *testing.B, each int, unit string) {
	b.ReportMetric(float64(each)*float64(b.N)/b.Elapsed().Seconds(), unit+"/s")
}

func BenchmarkClassify(b *testing.B) {
	rendered := benchmarkChart(benchmarkDocuments, benchmarkHooks)
	input := benchmarkInput(b, rendered)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Classify(rendered, input.Release, input.Engine); err != nil {
			b.Fatal(err)
		}
	}
	perSecond(b, benchmarkDocuments, "documents")
}

func BenchmarkOrder(b *testing.B) {
	input := benchmarkInput(b, benchmarkChart(benchmarkDocuments, benchmarkHooks))
	inventory, err := Classify(benchmarkChart(benchmarkDocuments, benchmarkHooks), input.Release, input.Engine)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		for _, event := range []Event{PreInstall, PostInstall, PreRollback, PostDelete, TestEvent} {
			executionOrder(inventory.Hooks, event)
		}
	}
	perSecond(b, benchmarkHooks, "hooks")
}

// BenchmarkRun plays one action after those that lead to it.
func BenchmarkRun(b *testing.B) {
	for _, action := range allActions {
		b.Run(string(action), func(b *testing.B) {
			player, _, err := newPlayer(benchmarkInput(b, benchmarkChart(benchmarkDocuments, benchmarkHooks)))
			if err != nil {
				b.Fatal(err)
			}
			state, _, err := player.start(action)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := player.chart.run(state, player.command(action)); err != nil {
					b.Fatal(err)
				}
			}
			perSecond(b, benchmarkDocuments, "documents")
		})
	}
}

func BenchmarkMake(b *testing.B) {
	input := benchmarkInput(b, benchmarkChart(benchmarkDocuments, benchmarkHooks))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Make(input); err != nil {
			b.Fatal(err)
		}
	}
	perSecond(b, benchmarkDocuments, "documents")
}

// BenchmarkMatrix lets each of 60 hooks fail, BenchmarkExplainHook each run of one of 200.
func BenchmarkMatrix(b *testing.B) {
	input := benchmarkInput(b, benchmarkChart(benchmarkDocuments, benchmarkHooks))
	rows := 0
	b.ReportAllocs()
	for b.Loop() {
		matrix, err := MakeMatrix(input)
		if err != nil {
			b.Fatal(err)
		}
		rows = len(matrix.Rows)
	}
	perSecond(b, rows, "rows")
}

func BenchmarkExplainHook(b *testing.B) {
	input := benchmarkInput(b, benchmarkChart(250, 200))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ExplainHook(input, "Job/large-60"); err != nil {
			b.Fatal(err)
		}
	}
}
