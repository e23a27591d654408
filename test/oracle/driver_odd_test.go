package oracle

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/helm-hooks/helm-hooks/test/oracle/scenario"
)

// A number in any annotation is refused by the client when that hook's turn comes.
func TestUnquotedAnnotation(t *testing.T) {
	chart := chartOf(object("ConfigMap", "a", "hook: post-install", "hook-weight: 5"), object("ConfigMap", "plain"))
	for _, helm := range helms {
		steps := play(t, []scenario.Chart{chart}, scenario.Step{Helm: helm, Action: "install"})
		expect(t, steps[0], "resources "+put[helm]+" ConfigMap/plain\n= failed 1:failed\nleft ConfigMap/plain")
		want := "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.annotations of type string"
		if !strings.Contains(steps[0].Err, want) {
			t.Errorf("helm %s: error is %q, want %q in it", helm, steps[0].Err, want)
		}
	}
}

func TestListHooks(t *testing.T) {
	item := "\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: x}}\n- {apiVersion: v1, kind: Secret, metadata: {name: sec}}\n"
	head := "metadata:\n  annotations:\n    helm.sh/hook: pre-install\nitems:" + item
	for _, helm := range helms {
		steps := play(t, []scenario.Chart{chartOf("apiVersion: v1\nkind: List\n" + head)}, scenario.Step{Helm: helm, Action: "install", Wait: "watcher"})
		expect(t, steps[0], strings.ReplaceAll(`
			pre-install delete ConfigMap/x Secret/sec
			pre-install wait-deleted ConfigMap/x Secret/sec
			pre-install record ConfigMap/x Secret/sec
			pre-install PUT ConfigMap/x Secret/sec
			pre-install wait ConfigMap/x Secret/sec
			`, "PUT", put[helm])+"resources wait\n= 1:deployed\nleft ConfigMap/x Secret/sec")
		// A typed list has no annotations, and kubectl's client-side check says so before the create.
		steps = play(t, []scenario.Chart{chartOf("apiVersion: v1\nkind: ConfigMapList\n" + head)}, scenario.Step{Helm: helm, Action: "install", Wait: "watcher"})
		expect(t, steps[0], "pre-install delete ConfigMap/x Secret/sec\npre-install wait-deleted ConfigMap/x Secret/sec\n= failed 1:failed\nleft")
	}
}

func TestGenerateName(t *testing.T) {
	hook := func(policy string) scenario.Chart {
		return chartOf(strings.Replace(object("Job", "gen-", "hook: pre-install", "hook-delete-policy: "+policy), "  name:", "  generateName:", 1))
	}
	install := scenario.Step{Helm: "3", Action: "install"}
	expect(t, play(t, []scenario.Chart{hook("before-hook-creation")}, install)[0], "pre-install delete Job/gen-* !\n= failed 1:failed\nleft")
	expect(t, play(t, []scenario.Chart{hook("hook-failed")}, install)[0],
		"pre-install record Job/gen-*\npre-install create Job/gen-*\npre-install wait Job/gen-*\n= 1:deployed\nleft Job/gen-*")
	expect(t, play(t, []scenario.Chart{hook("hook-succeeded")}, install)[0], "pre-install record Job/gen-*\npre-install create Job/gen-*\n"+
		"pre-install wait Job/gen-*\npre-install delete Job/gen-* !\n= failed 1:failed\nleft Job/gen-*")
	install.Helm = "4"
	expect(t, play(t, []scenario.Chart{hook("hook-failed")}, install)[0], "pre-install record Job/gen-*\npre-install apply Job/gen-* !\n= failed 1:failed\nleft")
}

func TestForeignJobAndStuckHooks(t *testing.T) {
	foreign := strings.Replace(object("Job", "j", "hook: pre-install"), "batch/v1", "batch.volcano.sh/v1alpha1", 1)
	suspended := strings.Replace(object("Job", "j", "hook: pre-install"), "spec:\n", "spec:\n  suspend: true\n", 1)
	always := strings.Replace(object("Pod", "p", "hook: pre-install"), "Never", "Always", 1)
	for _, c := range []struct {
		name, document, helm, wait string
		fails                      bool
	}{
		{"foreign Job, Helm 3", foreign, "3", "", true},
		{"foreign Job, watcher", foreign, "4", "", false},
		{"foreign Job, legacy", foreign, "4", "legacy", true},
		{"suspended Job, Helm 3", suspended, "3", "", true},
		{"suspended Job, Helm 4", suspended, "4", "", true},
		{"Pod that restarts, Helm 3", always, "3", "", true},
		{"Pod that restarts, Helm 4", always, "4", "", true},
	} {
		step := play(t, []scenario.Chart{chartOf(c.document)}, scenario.Step{Helm: c.helm, Action: "install", Wait: c.wait})[0]
		if failed := step.Err != ""; failed != c.fails {
			t.Errorf("%s: failed is %v, want %v (%s)", c.name, failed, c.fails, step.Err)
		}
	}
}

func TestFailedDeleteHooks(t *testing.T) {
	chart := chartOf(object("Job", "del", "hook: pre-delete"), object("Job", "gone", "hook: post-delete"), object("ConfigMap", "plain"))
	for _, helm := range helms {
		steps := play(t, []scenario.Chart{chart}, scenario.Step{Helm: helm, Action: "install"},
			scenario.Step{Helm: helm, Action: "uninstall", Faults: []scenario.Fault{{Object: "Job/del", At: "wait"}}},
			scenario.Step{Helm: helm, Action: "upgrade"},
			scenario.Step{Helm: helm, Action: "uninstall", Faults: []scenario.Fault{{Object: "Job/gone", At: "wait"}}})
		last := func(s scenario.StepResult) string {
			lines := strings.Split(strings.TrimSpace(told(s)), "\n")
			return strings.Join(lines[len(lines)-2:], "\n")
		}
		for i, want := range map[int]string{
			1: "= failed 1:uninstalling\nleft ConfigMap/plain Job/del",
			2: "= failed 1:uninstalling\nleft ConfigMap/plain Job/del",
			3: "= failed\nleft Job/del Job/gone",
		} {
			if got := last(steps[i]); got != want {
				t.Errorf("helm %s step %d:\n%s\nwant\n%s", helm, i, got, want)
			}
		}
	}
}

// Where Helm 3 has no resource to create, only the hooks tell the phases apart.
func TestPhasesWithoutResources(t *testing.T) {
	chart := chartOf(object("Job", "a", "hook: pre-install,post-install", "hook-delete-policy: before-hook-creation,hook-succeeded"),
		object("Job", "b", "hook: post-install,pre-install,pre-install"))
	want := ""
	round := func(event, name string) string {
		return strings.NewReplacer("E", event, "N", name).Replace("E delete Job/N\nE wait-deleted Job/N\nE record Job/N\nE create Job/N\nE wait Job/N\n")
	}
	clean := func(event string) string { return event + " delete Job/a\n" + event + " wait-deleted Job/a\n" }
	want += round("pre-install", "a") + round("pre-install", "b") + round("pre-install", "b") + clean("pre-install")
	want += round("post-install", "a") + round("post-install", "b") + clean("post-install")
	expect(t, play(t, []scenario.Chart{chart}, scenario.Step{Helm: "3", Action: "install"})[0], want+"= 1:deployed\nleft Job/b")
}

func TestFiltersAndLogs(t *testing.T) {
	logs := "hook-output-log-policy: hook-succeeded,hook-failed"
	chart := chartOf(object("Pod", "a", "hook: test", "hook-delete-policy: hook-succeeded", logs), object("Job", "b", "hook: test", logs), object("Pod", "c", "hook: test"))
	for _, helm := range helms {
		steps := play(t, []scenario.Chart{chart}, scenario.Step{Helm: helm, Action: "install"},
			scenario.Step{Helm: helm, Action: "test", Filters: []string{"!name=c"}, Faults: []scenario.Fault{{Object: "Job/b", At: "wait"}}})
		want := `
			test record Pod/a
			test PUT Pod/a
			test wait Pod/a
			test delete Job/b
			test wait-deleted Job/b
			test record Job/b
			test PUT Job/b
			test wait Job/b !
			test logs Job/b
			test delete Pod/a
			test wait-deleted Pod/a
			= failed 1:deployed
			left Job/b`
		expect(t, steps[1], strings.ReplaceAll(want, "PUT", put[helm]))
	}
}

func TestCRDs(t *testing.T) {
	chart := chartOf(object("CustomResourceDefinition", "hooks.ex.io", "hook: pre-install"))
	chart.Files["crds/a.yaml"] = object("CustomResourceDefinition", "widgets.ex.io")
	install, uninstall := scenario.Step{Helm: "3", Action: "install"}, scenario.Step{Helm: "3", Action: "uninstall"}
	steps := play(t, []scenario.Chart{chart}, install, uninstall, install)
	expect(t, steps[0], `
		crds create CustomResourceDefinition/widgets.ex.io
		crds wait CustomResourceDefinition/widgets.ex.io
		pre-install record CustomResourceDefinition/hooks.ex.io
		pre-install create CustomResourceDefinition/hooks.ex.io
		pre-install wait CustomResourceDefinition/hooks.ex.io
		= 1:deployed
		left CustomResourceDefinition/hooks.ex.io CustomResourceDefinition/widgets.ex.io`)
	expect(t, steps[2], `
		crds create CustomResourceDefinition/widgets.ex.io !
		pre-install record CustomResourceDefinition/hooks.ex.io
		pre-install create CustomResourceDefinition/hooks.ex.io !
		= failed 1:failed
		left CustomResourceDefinition/hooks.ex.io CustomResourceDefinition/widgets.ex.io`)
	install.Helm, uninstall.Helm = "4", "4"
	steps = play(t, []scenario.Chart{chart}, install, uninstall, install)
	if steps[2].Err != "" || !slices.Contains(strings.Split(told(steps[2]), "\n"), "crds wait CustomResourceDefinition/widgets.ex.io") {
		t.Errorf("second install under Helm 4:\n%s%s", told(steps[2]), steps[2].Err)
	}
}

// Whatever is generated can be run, and the same scenario gives the same result.
func TestGeneratedScenariosRun(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sc := GenerateScenario(t, pick(t, "3", "4", ""))
		first, err := Run(sc)
		if err != nil {
			t.Fatal(err)
		}
		second, err := Run(sc)
		if err != nil {
			t.Fatal(err)
		}
		for i := range first.Steps {
			if diff := cmp.Diff(told(first.Steps[i]), told(second.Steps[i])); diff != "" {
				t.Fatalf("step %d differs between two runs:\n%s", i, diff)
			}
		}
	})
}

// A hook that cannot be built is not recorded, though the failed release is.
func TestHookThatCannotBeBuilt(t *testing.T) {
	chart := chartOf(object("ConfigMap", "a", "hook: pre-install", "hook-weight: 5", "hook-delete-policy: hook-failed"))
	for _, helm := range helms {
		expect(t, play(t, []scenario.Chart{chart}, scenario.Step{Helm: helm, Action: "install"})[0], "= failed 1:failed\nleft")
	}
}
