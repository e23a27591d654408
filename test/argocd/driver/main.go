// Command driver tells what gitops-engine, the part of Argo CD that syncs, makes of objects: which of them are
// hooks, their phases, waves and delete policies, and what two syncs in a row apply and delete. It reads one
// question a line from standard input and writes one answer a line.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/argoproj/argo-cd/gitops-engine/pkg/sync/hook"
	"github.com/argoproj/argo-cd/gitops-engine/pkg/sync/ignore"
	"github.com/argoproj/argo-cd/gitops-engine/pkg/sync/syncwaves"
	"github.com/argoproj/argo-cd/gitops-engine/pkg/utils/kube"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/klog/v2"
)

// question is an application: its namespace and its objects, in the order of the manifests.
type question struct {
	Namespace string           `json:"namespace"`
	Objects   []map[string]any `json:"objects"`
	// Syncs is how many syncs follow one another.
	Syncs int `json:"syncs"`
}

// answer has a fact for each object, and for each sync what was done in each round.
type answer struct {
	Facts []fact    `json:"facts"`
	Syncs [][]round `json:"syncs"`
	Error string    `json:"error,omitempty"`
}

type fact struct {
	Key      string   `json:"key"`
	IsHook   bool     `json:"isHook"`
	Ignored  bool     `json:"ignored"`
	Skipped  bool     `json:"skipped"`
	Types    []string `json:"types"`
	Wave     int      `json:"wave"`
	Policies []string `json:"policies"`
}

// round is one call of Sync: what it deleted, then applied, then deleted, in the order of the calls.
type round struct {
	Deleted []string `json:"deleted,omitempty"`
	Applied []string `json:"applied,omitempty"`
	After   []string `json:"after,omitempty"`
}

func main() {
	klog.SetOutput(discard{})
	klog.LogToStderr(false)
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 64<<20)
	out := json.NewEncoder(os.Stdout)
	for in.Scan() {
		var q question
		var a answer
		err := json.Unmarshal(in.Bytes(), &q)
		if err == nil {
			a, err = q.answer(context.Background())
		}
		if err != nil {
			a.Error = err.Error()
		}
		if err := out.Encode(a); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

type discard struct{}

func (discard) Write(text []byte) (int, error) { return len(text), nil }

func (q question) answer(_ context.Context) (answer, error) {
	a := answer{Facts: []fact{}, Syncs: [][]round{}}
	var objects []*unstructured.Unstructured
	for _, object := range q.Objects {
		objects = append(objects, &unstructured.Unstructured{Object: object})
	}
	cluster, err := newCluster(objects, q.Namespace)
	if err != nil {
		return a, err
	}
	defer cluster.close()
	for _, object := range objects {
		f := fact{
			Key: cluster.label(object), IsHook: hook.IsHook(object), Ignored: ignore.Ignore(object), Skipped: hook.Skip(object),
			Types: []string{}, Wave: syncwaves.Wave(object), Policies: []string{},
		}
		for _, one := range hook.Types(object) {
			f.Types = append(f.Types, string(one))
		}
		for _, one := range hook.DeletePolicies(object) {
			f.Policies = append(f.Policies, string(one))
		}
		a.Facts = append(a.Facts, f)
	}
	for range q.Syncs {
		rounds, err := cluster.sync(objects)
		if err != nil {
			return a, err
		}
		a.Syncs = append(a.Syncs, rounds)
	}
	return a, nil
}

// keyOf names an object. What has no namespace is in the application's: gitops-engine writes that into every
// object, cluster-scoped ones as well.
func keyOf(object *unstructured.Unstructured, home string) string {
	namespace := object.GetNamespace()
	if namespace == "" {
		namespace = home
	}
	return kube.GetResourceKey(object).Group + "/" + object.GetKind() + "/" + namespace + "/" + object.GetName()
}
