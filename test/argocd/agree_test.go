//go:build argocd

package argocd

import (
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

var (
	objects = flag.Int("objects", 3000, "how many objects to generate")
	seed    = flag.Uint64("seed", 1, "where to begin")
)

// version is that of driver/go.mod: the newest that builds with Go 1.26. That of argo-cd 3.6.1 needs Go 1.27 and was
// compared as text in part only.
const version = "v0.0.0-20260914071520-c9c369efcc5b"

const home = "shop"

// tally is what was compared.
type tally struct{ objects, hooks, ignored, syncs, operations int }

func TestGeneratedObjectsAgree(t *testing.T) {
	d := startDriver(t)
	g := &generator{Rand: rand.New(rand.NewPCG(*seed, 1))}
	var n tally
	for n.objects < *objects && !t.Failed() {
		application := g.application(1 + g.IntN(12))
		n.hold(t, d, fmt.Sprintf("seed %d, object %d", *seed, n.objects), application, planOf(t, application))
	}
	t.Logf("gitops-engine %s agrees on %d objects (%d hooks, %d ignored), %d syncs and %d operations", version, n.objects, n.hooks, n.ignored, n.syncs, n.operations)
}

// planOf plans objects as plain YAML.
func planOf(t *testing.T, application []map[string]any) plan.Plan {
	t.Helper()
	var documents []plan.Document
	for i, object := range application {
		text, err := json.Marshal(object)
		if err != nil {
			t.Fatal(err)
		}
		documents = append(documents, plan.Document{Template: "all.yaml", Index: i, Text: string(text)})
	}
	return made(t, plan.Input{Raw: true, Release: plan.Release{Name: "shop", Namespace: home}, Render: func(plan.Fields) (plan.Rendered, error) {
		return plan.Rendered{Documents: documents}, nil
	}})
}

func made(t *testing.T, input plan.Input) plan.Plan {
	t.Helper()
	engine, err := plan.ParseEngine("argocd")
	if err != nil {
		t.Fatal(err)
	}
	input.Engine = engine
	p, err := plan.Make(input)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// hold compares one application.
func (n *tally) hold(t *testing.T, d *driver, name string, application []map[string]any, p plan.Plan) {
	t.Helper()
	theirs := d.ask(t, question{Namespace: home, Objects: application, Syncs: 2})
	text, _ := json.MarshalIndent(application, "", " ")
	if theirs.Error != "" {
		t.Fatalf("%s: %s\n%s", name, theirs.Error, text)
	}
	n.objects += len(application)
	isHook := map[string]bool{}
	for _, f := range theirs.Facts {
		isHook[f.Key] = f.IsHook
	}
	if diff := gocmp.Diff(n.hooksOf(theirs.Facts), stepsOf(p)); diff != "" {
		t.Errorf("%s: phases, waves and policies (-theirs +ours)\n%s\n%s", name, diff, text)
	}
	for i, timeline := range syncsOf(p) {
		n.syncs++
		want, got := tokensOfRounds(theirs.Syncs[i], isHook), tokensOfOperations(timeline.Operations)
		n.operations += len(strings.Fields(strings.Join(got, " ")))
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("%s: sync %d (-theirs +ours)\n%s\n%s", name, i+1, diff, text)
		}
	}
}

func syncsOf(p plan.Plan) []plan.Timeline {
	return slices.DeleteFunc(slices.Clone(p.Timelines), func(t plan.Timeline) bool { return t.Action != plan.Sync })
}

// hooksOf are the lines in which the facts of hooks are compared; what is in no phase of a sync has none.
func (n *tally) hooksOf(facts []fact) []string {
	lines := []string{}
	for _, f := range facts {
		switch {
		case f.Ignored:
			n.ignored++
			continue
		case f.Skipped || !f.IsHook:
			continue
		}
		n.hooks++
		slices.Sort(f.Policies)
		policies := slices.Compact(f.Policies)
		for _, phase := range f.Types {
			if phase != "Skip" {
				lines = append(lines, line(f.Key, phase, f.Wave, policies))
			}
		}
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}

func stepsOf(p plan.Plan) []string {
	names := map[plan.DeletePolicy]string{plan.BeforeHookCreation: "BeforeHookCreation", plan.HookSucceeded: "HookSucceeded", plan.HookFailed: "HookFailed"}
	lines := []string{}
	for _, phase := range syncsOf(p)[0].Phases {
		for _, step := range phase.Steps {
			var policies []string
			for _, policy := range step.DeletePolicies {
				policies = append(policies, names[policy])
			}
			slices.Sort(policies)
			lines = append(lines, line(keyOf(step.Hook.Object), phase.Name, *step.Wave, policies))
		}
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}

// line says of a namespace and of a kind's definition nothing of phase and wave: they are moved ahead of what
// needs them, which only the syncs show.
func line(key, phase string, wave int, policies []string) string {
	if kind := kindOf(key); kind == "Namespace" || kind == "CustomResourceDefinition" {
		return key + " " + strings.Join(policies, ",")
	}
	return fmt.Sprintf("%s %s wave %d %s", key, phase, wave, strings.Join(policies, ","))
}

func keyOf(o plan.Object) string {
	group, _, found := strings.Cut(o.APIVersion, "/")
	if !found {
		group = ""
	}
	return group + "/" + o.Kind + "/" + cmp.Or(o.Namespace, home) + "/" + o.Name
}

// kindOf is the kind in a key.
func kindOf(key string) string { return strings.Split(key, "/")[1] }

// Tokens are what is done between two looks at the cluster: all deletions in any order, then what is applied,
// kind after kind, those of one kind in any order since they are applied at once. gitops-engine's order of hooks
// among ordinary objects of one wave is not told by a plan, so the two are compared each for itself.
func token(what string, keys []string) string {
	var parts []string
	for len(keys) > 0 {
		n := slices.IndexFunc(keys, func(key string) bool { return kindOf(key) != kindOf(keys[0]) })
		if n < 0 || what == "delete" {
			n = len(keys)
		}
		group := slices.Clone(keys[:n])
		slices.Sort(group)
		parts = append(parts, strings.Join(group, " "))
		keys = keys[n:]
	}
	return what + ": " + strings.Join(parts, " then ")
}

func tokensOfRounds(rounds []round, isHook map[string]bool) []string {
	tokens := []string{}
	for _, r := range rounds {
		if len(r.Deleted) > 0 {
			tokens = append(tokens, token("delete", r.Deleted))
		}
		// A namespace with two phases that are both moved ahead is applied twice in one round: told once.
		var once []string
		for _, key := range r.Applied {
			if !slices.Contains(once, key) {
				once = append(once, key)
			}
		}
		tokens = appendApplied(tokens, once, isHook)
		if len(r.After) > 0 {
			tokens = append(tokens, token("delete", r.After))
		}
	}
	return tokens
}

func appendApplied(tokens, applied []string, isHook map[string]bool) []string {
	var hooks, ordinary []string
	for _, key := range applied {
		if isHook[key] {
			hooks = append(hooks, key)
		} else {
			ordinary = append(ordinary, key)
		}
	}
	if len(hooks) > 0 {
		tokens = append(tokens, token("hooks", hooks))
	}
	if len(ordinary) > 0 {
		tokens = append(tokens, token("objects", ordinary))
	}
	return tokens
}

func tokensOfOperations(operations []plan.Operation) []string {
	tokens := []string{}
	isHook := map[string]bool{}
	var deleted, applied []string
	flush := func() {
		if len(deleted) > 0 {
			tokens = append(tokens, token("delete", deleted))
		}
		tokens = appendApplied(tokens, applied, isHook)
		deleted, applied = nil, nil
	}
	for _, op := range operations {
		switch {
		case op.Op == plan.OpApply:
			for _, o := range op.Objects {
				isHook[keyOf(o)] = op.Hook
				applied = append(applied, keyOf(o))
			}
		case op.Op == plan.OpDelete:
			if len(applied) > 0 {
				flush()
			}
			deleted = append(deleted, keyOf(op.Objects[0]))
		case op.Op == plan.OpWait && len(applied) > 0:
			flush()
		}
	}
	flush()
	return tokens
}
