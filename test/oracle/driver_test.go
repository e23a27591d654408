package oracle

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/helm-hooks/helm-hooks/test/oracle/scenario"
)

// The expectations here are written by hand from what real Helm binaries did on a real API server. They
// guard the imitated cluster and the recorder, not Helm.

// object is a manifest of kind and name, with annotations given as "key: value" under helm.sh/.
func object(kind, name string, annotations ...string) string {
	version, body := "v1", "data:\n  a: b\n"
	switch kind {
	case "Job":
		version = "batch/v1"
		body = "spec:\n  template:\n    spec:\n      restartPolicy: Never\n      containers: [{name: c, image: i}]\n"
	case "Pod":
		body = "spec:\n  restartPolicy: Never\n  containers: [{name: c, image: i}]\n"
	case "CustomResourceDefinition":
		version, body = "apiextensions.k8s.io/v1", "spec:\n  group: ex.io\n  scope: Namespaced\n  names: {kind: Widget, plural: widgets}\n"
	}
	out := fmt.Sprintf("apiVersion: %s\nkind: %s\nmetadata:\n  name: %s\n", version, kind, name)
	if len(annotations) > 0 {
		out += "  annotations:\n"
	}
	for _, a := range annotations {
		out += "    helm.sh/" + a + "\n"
	}
	return out + body
}

// chartOf puts each document into a template file of its own, in order.
func chartOf(documents ...string) scenario.Chart {
	files := map[string]string{"Chart.yaml": "apiVersion: v2\nname: c\nversion: 0.1.0\n"}
	for i, d := range documents {
		files[fmt.Sprintf("templates/%02d.yaml", i)] = d
	}
	return scenario.Chart{Files: files}
}

// play runs steps over charts and fails the test if they cannot be run.
func play(t *testing.T, charts []scenario.Chart, steps ...scenario.Step) []scenario.StepResult {
	t.Helper()
	result, err := Run(scenario.Scenario{Release: "r", Namespace: "ns", Charts: charts, Steps: steps})
	if err != nil {
		t.Fatal(err)
	}
	return result.Steps
}

// told is a step in short: one line an operation, the verdict, the records and what is left.
func told(s scenario.StepResult) string {
	var b strings.Builder
	for _, op := range s.Ops {
		fmt.Fprintf(&b, "%s %s%s", op.Event, op.Op, names(op.Objects))
		if op.Err != "" {
			b.WriteString(" !")
		}
		b.WriteByte('\n')
	}
	b.WriteString("=")
	if s.Err != "" {
		b.WriteString(" failed")
	}
	for _, r := range s.History {
		fmt.Fprintf(&b, " %d:%s", r.Revision, r.Status)
	}
	fmt.Fprintf(&b, "\nleft%s\n", names(s.Objects))
	return b.String()
}

func names(ids []string) string {
	out := ""
	for _, id := range ids {
		parts := strings.Split(id, "/")
		out += " " + parts[1] + "/" + parts[3]
	}
	return out
}

func expect(t *testing.T, s scenario.StepResult, want string) {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(want), "\n")
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	if diff := cmp.Diff(strings.Join(lines, "\n")+"\n", told(s)); diff != "" {
		t.Errorf("-want +Helm\n%s\nerror: %s", diff, s.Err)
	}
}

var helms = []string{"3", "4"}

// put is the word for how this Helm makes its own releases' objects.
var put = map[string]string{"3": "create", "4": "apply"}

func TestHooksRunByWeightThenName(t *testing.T) {
	hook := func(name, weight string) string {
		return object("ConfigMap", name, "hook: pre-install", "hook-delete-policy: none", "hook-weight: "+weight)
	}
	chart := chartOf(hook("b", `"0"`), hook("job-9", `"5"`), hook("job-10", `"+5"`), hook("a", `"abc"`),
		hook("lo", `"-5"`), hook("z", `" 7"`), hook("float", `"1.5"`))
	for _, helm := range helms {
		var got []string
		for _, op := range play(t, []scenario.Chart{chart}, scenario.Step{Helm: helm, Action: "install"})[0].Ops {
			if op.Op == put[helm] {
				got = append(got, names(op.Objects))
			}
		}
		want := []string{"lo", "a", "b", "float", "z", "job-10", "job-9"}
		for i := range want {
			want[i] = " ConfigMap/" + want[i]
		}
		if !slices.Equal(got, want) {
			t.Errorf("helm %s: order is %v, want %v", helm, got, want)
		}
	}
}

func TestPoliciesOfOneEvent(t *testing.T) {
	chart := chartOf(
		object("Job", "a", "hook: pre-install"),
		object("Job", "b", "hook: pre-install", "hook-delete-policy: hook-succeeded"),
		object("Job", "c", "hook: pre-install", "hook-delete-policy: hook-succeeded,hook-failed"),
		object("ConfigMap", "plain"),
	)
	steps := play(t, []scenario.Chart{chart}, scenario.Step{Helm: "3", Action: "install"})
	expect(t, steps[0], `
		pre-install delete Job/a
		pre-install wait-deleted Job/a
		pre-install record Job/a
		pre-install create Job/a
		pre-install wait Job/a
		pre-install record Job/b
		pre-install create Job/b
		pre-install wait Job/b
		pre-install record Job/c
		pre-install create Job/c
		pre-install wait Job/c
		pre-install delete Job/c
		pre-install wait-deleted Job/c
		pre-install delete Job/b
		pre-install wait-deleted Job/b
		resources create ConfigMap/plain
		= 1:deployed
		left ConfigMap/plain Job/a`)

	steps = play(t, []scenario.Chart{chart}, scenario.Step{Helm: "4", Action: "install"})
	expect(t, steps[0], `
		pre-install delete Job/a
		pre-install record Job/a
		pre-install apply Job/a
		pre-install wait Job/a
		pre-install record Job/b
		pre-install apply Job/b
		pre-install wait Job/b
		pre-install record Job/c
		pre-install apply Job/c
		pre-install wait Job/c
		pre-install delete Job/c
		pre-install delete Job/b
		resources apply ConfigMap/plain
		= 1:deployed
		left ConfigMap/plain Job/a`)
}

func TestFailedHookIsCleanedUpFirstThenTheEarlierOnesForward(t *testing.T) {
	policy := "hook-delete-policy: hook-succeeded,hook-failed"
	chart := chartOf(
		object("Job", "a", "hook: pre-install", policy), object("Job", "b", "hook: pre-install", policy),
		object("Job", "c", "hook: pre-install", policy), object("Job", "d", "hook: pre-install", policy),
	)
	for _, at := range []string{scenario.AtWait, scenario.AtTimeout} {
		steps := play(t, []scenario.Chart{chart}, scenario.Step{
			Helm: "4", Action: "install", Wait: "watcher",
			Faults: []scenario.Fault{{Object: "Job/c", Event: "pre-install", At: at}},
		})
		expect(t, steps[0], `
			pre-install record Job/a
			pre-install apply Job/a
			pre-install wait Job/a
			pre-install record Job/b
			pre-install apply Job/b
			pre-install wait Job/b
			pre-install record Job/c
			pre-install apply Job/c
			pre-install wait Job/c !
			pre-install delete Job/c
			pre-install wait-deleted Job/c
			pre-install delete Job/a
			pre-install wait-deleted Job/a
			pre-install delete Job/b
			pre-install wait-deleted Job/b
			= failed 1:failed
			left`)
	}
}

func TestCreateErrorSkipsEveryPolicy(t *testing.T) {
	policy := "hook-delete-policy: hook-succeeded,hook-failed"
	chart := chartOf(object("Job", "a", "hook: pre-install", policy), object("Job", "b", "hook: pre-install", policy))
	for _, helm := range helms {
		steps := play(t, []scenario.Chart{chart}, scenario.Step{
			Helm: helm, Action: "install",
			Faults: []scenario.Fault{{Object: "Job/b", At: scenario.AtCreate}},
		})
		expect(t, steps[0], strings.ReplaceAll(`
			pre-install record Job/a
			pre-install PUT Job/a
			pre-install wait Job/a
			pre-install record Job/b
			pre-install PUT Job/b !
			= failed 1:failed
			left Job/a`, "PUT", put[helm]))
	}
}

func TestLeftoverJob(t *testing.T) {
	chart := chartOf(object("Job", "a", "hook: pre-install,pre-upgrade", `hook-delete-policy: ""`))
	steps := play(t, []scenario.Chart{chart}, scenario.Step{Helm: "3", Action: "install"}, scenario.Step{Helm: "3", Action: "upgrade"})
	expect(t, steps[1], `
		pre-upgrade record Job/a
		pre-upgrade create Job/a !
		= failed 1:deployed 2:failed
		left Job/a`)

	// Helm 4 finds the old Job complete: success, though nothing has run.
	steps = play(t, []scenario.Chart{chart}, scenario.Step{Helm: "4", Action: "install"}, scenario.Step{Helm: "4", Action: "upgrade"})
	expect(t, steps[1], `
		pre-upgrade record Job/a
		pre-upgrade apply Job/a
		pre-upgrade wait Job/a
		resources update
		= 1:superseded 2:deployed
		left Job/a`)

	// Its template cannot change, though.
	changed := chartOf(strings.ReplaceAll(chart.Files["templates/00.yaml"], "image: i", "image: j"))
	steps = play(t, []scenario.Chart{chart, changed}, scenario.Step{Helm: "4", Action: "install"}, scenario.Step{Helm: "4", Action: "upgrade", Chart: 1})
	expect(t, steps[1], `
		pre-upgrade record Job/a
		pre-upgrade apply Job/a !
		= failed 1:deployed 2:failed
		left Job/a`)
}

func TestReleaseBornUnderHelm3(t *testing.T) {
	chart := chartOf(object("Job", "a", "hook: pre-install,pre-upgrade", `hook-delete-policy: ""`),
		object("Job", "pd", "hook: pre-delete"), object("ConfigMap", "plain"))
	steps := play(t, []scenario.Chart{chart}, scenario.Step{Helm: "3", Action: "install"},
		scenario.Step{Helm: "4", Action: "upgrade"}, scenario.Step{Helm: "4", Action: "upgrade", ServerSide: "true"},
		scenario.Step{Helm: "4", Action: "uninstall"})
	expect(t, steps[1], `
		pre-upgrade record Job/a
		pre-upgrade create Job/a !
		= failed 1:deployed 2:failed
		left ConfigMap/plain Job/a`)
	expect(t, steps[2], `
		pre-upgrade record Job/a
		pre-upgrade apply Job/a
		pre-upgrade wait Job/a
		resources update ConfigMap/plain
		= 1:superseded 2:failed 3:deployed
		left ConfigMap/plain Job/a`)
	expect(t, steps[3], `
		pre-delete delete Job/pd
		pre-delete record Job/pd
		pre-delete apply Job/pd
		pre-delete wait Job/pd
		resources delete ConfigMap/plain
		=
		left Job/a Job/pd`)
}

func TestAtomicInstallRunsDeleteHooks(t *testing.T) {
	chart := chartOf(object("Job", "post", "hook: post-install"), object("Job", "del", "hook: pre-delete,post-delete"),
		object("ConfigMap", "plain"))
	steps := play(t, []scenario.Chart{chart}, scenario.Step{
		Helm: "3", Action: "install", Atomic: true,
		Faults: []scenario.Fault{{Object: "Job/post", At: scenario.AtWait}},
	})
	expect(t, steps[0], `
		resources create ConfigMap/plain
		resources wait ConfigMap/plain
		post-install delete Job/post
		post-install wait-deleted Job/post
		post-install record Job/post
		post-install create Job/post
		post-install wait Job/post !
		pre-delete delete Job/del
		pre-delete wait-deleted Job/del
		pre-delete record Job/del
		pre-delete create Job/del
		pre-delete wait Job/del
		resources delete ConfigMap/plain
		post-delete delete Job/del
		post-delete wait-deleted Job/del
		post-delete record Job/del
		post-delete create Job/del
		post-delete wait Job/del
		= failed
		left Job/del Job/post`)
}

func TestAtomicUpgradeRollsBackWithTheOldHooks(t *testing.T) {
	chart := chartOf(object("ConfigMap", "h", "hook: pre-upgrade,post-rollback", "hook-delete-policy: x"), object("ConfigMap", "plain"))
	for _, helm := range helms {
		steps := play(t, []scenario.Chart{chart}, scenario.Step{Helm: helm, Action: "install"},
			scenario.Step{Helm: helm, Action: "upgrade", Atomic: true, Faults: []scenario.Fault{{Object: "resources", Event: "upgrade", At: "create"}}})
		want := `
			pre-upgrade record ConfigMap/h
			pre-upgrade PUT ConfigMap/h
			pre-upgrade wait ConfigMap/h
			resources update ConfigMap/plain !
			resources update ConfigMap/plain
			resources wait ConfigMap/plain
			post-rollback record ConfigMap/h
			post-rollback PUT ConfigMap/h`
		if helm == "3" {
			want += ` !
			= failed 1:deployed 2:failed 3:pending-rollback`
		} else {
			want += `
			post-rollback wait ConfigMap/h
			= failed 1:superseded 2:failed 3:deployed`
		}
		expect(t, steps[1], strings.ReplaceAll(want, "PUT", put[helm])+"\nleft ConfigMap/h ConfigMap/plain")
	}
}

// An ordinary object that becomes a pre-upgrade hook is made by the hook and deleted by the update.
func TestObjectThatBecomesAHook(t *testing.T) {
	before := chartOf(object("ConfigMap", "mig"), object("ConfigMap", "other"))
	for _, c := range []struct{ event, left string }{{"pre-upgrade", "ConfigMap/other"}, {"post-upgrade", "ConfigMap/mig ConfigMap/other"}} {
		after := chartOf(object("ConfigMap", "mig", "hook: "+c.event), object("ConfigMap", "other"))
		for _, helm := range helms {
			steps := play(t, []scenario.Chart{before, after}, scenario.Step{Helm: helm, Action: "install"},
				scenario.Step{Helm: helm, Action: "upgrade", Chart: 1})
			if got := strings.TrimSpace(names(steps[1].Objects)); got != c.left || steps[1].Err != "" {
				t.Errorf("helm %s, %s: left %s, want %s (%s)", helm, c.event, got, c.left, steps[1].Err)
			}
		}
	}
}

func TestDroppedDocuments(t *testing.T) {
	chart := chartOf(
		object("ConfigMap", "a", "hook: post-install, pre-uninstall"), object("ConfigMap", "b", `hook: "pre-install,"`),
		object("ConfigMap", "c", "hook: crd-install"), object("ConfigMap", "d", `hook: ""`), object("ConfigMap", "e", "hook: true"),
		object("ConfigMap", "f", `hook: " Pre-Install , test-success"`), "# only a comment\n",
		object("ConfigMap", "g")+"---\n"+object("ConfigMap", "h", "hook: pre-install,pre-install"),
	)
	for _, helm := range helms {
		step := play(t, []scenario.Chart{chart}, scenario.Step{Helm: helm, Action: "install"})[0]
		want := []scenario.HookInfo{
			{Path: "c/templates/05.yaml", Kind: "ConfigMap", Name: "f", Events: []string{"pre-install", "test"}},
			{Path: "c/templates/07.yaml", Kind: "ConfigMap", Name: "h", Events: []string{"pre-install", "pre-install"}},
		}
		if diff := cmp.Diff(want, step.Hooks); diff != "" {
			t.Errorf("helm %s: -want +got\n%s", helm, diff)
		}
		if step.DroppedCount != 5 || step.Resources != 2 {
			t.Errorf("helm %s: %d dropped, %d resources, want 5 and 2", helm, step.DroppedCount, step.Resources)
		}
	}
}

// A life of five steps of a chart with hooks of every action.
func BenchmarkLife(b *testing.B) {
	chart := chartOf(object("Job", "pre", "hook: pre-install,pre-upgrade", "hook-delete-policy: before-hook-creation,hook-succeeded"),
		object("Job", "post", "hook: post-install,post-upgrade,post-rollback"), object("Pod", "check", "hook: test"),
		object("Job", "del", "hook: pre-delete,post-delete"), object("ConfigMap", "one"), object("ConfigMap", "two"), object("ServiceAccount", "three"))
	for _, helm := range helms {
		b.Run("helm"+helm, func(b *testing.B) {
			sc := scenario.Scenario{Release: "r", Namespace: "ns", Charts: []scenario.Chart{chart}}
			for _, action := range []string{"install", "upgrade", "test", "rollback", "uninstall"} {
				sc.Steps = append(sc.Steps, scenario.Step{Helm: helm, Action: action})
			}
			for b.Loop() {
				if _, err := Run(sc); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
