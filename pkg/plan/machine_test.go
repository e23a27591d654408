package plan

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// job, configMap and friends build documents that are valid unless a test says otherwise.
func manifest(apiVersion, kind, name, spec string, annotations ...string) string {
	text := fmt.Sprintf("apiVersion: %s\nkind: %s\nmetadata:\n  name: %s\n", apiVersion, kind, name)
	if len(annotations) > 0 {
		text += "  annotations:\n"
		for _, annotation := range annotations {
			text += "    helm.sh/" + annotation + "\n"
		}
	}
	return text + spec
}

func job(name string, annotations ...string) string {
	return manifest("batch/v1", "Job", name, "spec:\n  template: {spec: {restartPolicy: Never}}\n", annotations...)
}

func configMap(name string, annotations ...string) string {
	return manifest("v1", "ConfigMap", name, "", annotations...)
}

// chartOf renders the same documents for every revision.
func chartOf(texts ...string) Render {
	var documents []Document
	for i, text := range texts {
		documents = append(documents, Document{Template: "c/templates/all.yaml", Index: i, Text: text})
	}
	return func(Fields) (Rendered, error) { return Rendered{Documents: documents}, nil }
}

func engineOf(t *testing.T, name string) Engine {
	t.Helper()
	engine, err := ParseEngine(name)
	if err != nil {
		t.Fatal(err)
	}
	return engine
}

// script writes a trace as text: an operation a line, then how it ended.
func script(trace Trace) string {
	var out strings.Builder
	for _, op := range trace.Operations {
		var names []string
		for _, object := range op.Objects {
			names = append(names, object.Ref())
		}
		fmt.Fprintf(&out, "%s %s %s", op.Phase, op.Op, strings.Join(names, ","))
		if op.Because != "" {
			fmt.Fprintf(&out, " (%s)", op.Because)
		}
		if op.Result != OK {
			fmt.Fprintf(&out, " %s", op.Result)
		}
		if op.NotRun {
			out.WriteString(" not run")
		}
		out.WriteString("\n")
	}
	fmt.Fprintf(&out, "= %s", trace.Outcome.Result)
	for _, r := range trace.Outcome.History {
		fmt.Fprintf(&out, " %d:%s", r.Revision, r.Status)
	}
	for _, object := range trace.Outcome.Left {
		fmt.Fprintf(&out, " left:%s", object.Ref())
	}
	return out.String() + "\n"
}

// play runs commands one after the other and gives the script of the last one.
func play(t *testing.T, engine string, render Render, commands ...Command) string {
	t.Helper()
	var state State
	var trace Trace
	for _, command := range commands {
		var err error
		trace, state, err = Run(engineOf(t, engine), Release{Name: "r", Namespace: "default"}, state, command, render)
		if err != nil {
			t.Fatal(err)
		}
	}
	return script(trace)
}

func do(action Action) Command { return Command{Action: action} }

func TestMachine(t *testing.T) {
	failing := func(action Action, object string, at FaultPoint) Command {
		return Command{Action: action, Faults: []Fault{{Object: object, At: at}}}
	}
	for _, test := range []struct {
		name     string
		engine   string
		chart    Render
		commands []Command
		want     string
	}{
		{
			name: "hooks run by weight, then by name as text, then by kind", engine: "helm3",
			chart: chartOf(
				job("job-9", `hook: pre-install`, `hook-delete-policy: hook-failed`), job("job-10", `hook: pre-install`, `hook-delete-policy: hook-failed`),
				configMap("zz", `hook: pre-install`, `hook-weight: "-5"`, `hook-delete-policy: hook-failed`),
				job("same", `hook: pre-install`, `hook-weight: "1"`, `hook-delete-policy: hook-failed`), configMap("same", `hook: pre-install`, `hook-weight: "1"`, `hook-delete-policy: hook-failed`)),
			commands: []Command{do(Install)},
			want: `pre-install record ConfigMap/zz
pre-install create ConfigMap/zz
pre-install wait ConfigMap/zz
pre-install record Job/job-10
pre-install create Job/job-10
pre-install wait Job/job-10
pre-install record Job/job-9
pre-install create Job/job-9
pre-install wait Job/job-9
pre-install record ConfigMap/same
pre-install create ConfigMap/same
pre-install wait ConfigMap/same
pre-install record Job/same
pre-install create Job/same
pre-install wait Job/same
= ok 1:deployed left:ConfigMap/zz left:Job/job-10 left:Job/job-9 left:ConfigMap/same left:Job/same
`,
		},
		{
			name: "without a policy the old object goes first, and Helm 3 waits for that", engine: "helm3",
			chart: chartOf(job("a", `hook: pre-install,pre-upgrade`), configMap("plain")), commands: []Command{do(Install), do(Upgrade)},
			want: `pre-upgrade delete Job/a (before-hook-creation)
pre-upgrade wait-deleted Job/a (before-hook-creation)
pre-upgrade record Job/a
pre-upgrade create Job/a
pre-upgrade wait Job/a
resources update ConfigMap/plain
= ok 1:superseded 2:deployed left:Job/a
`,
		},
		{
			name: "Helm 4 does not wait for the deletion unless told to wait", engine: "helm4",
			chart: chartOf(job("a", `hook: pre-install`)), commands: []Command{do(Install)},
			want: `pre-install delete Job/a (before-hook-creation)
pre-install record Job/a
pre-install apply Job/a
pre-install wait Job/a
= ok 1:deployed left:Job/a
`,
		},
		{
			name: "Helm 3 fails on a leftover Job", engine: "helm3",
			chart:    chartOf(job("a", `hook: post-install,post-upgrade`, `hook-delete-policy: hook-failed`)),
			commands: []Command{do(Install), do(Upgrade)},
			want: `resources update 
post-upgrade record Job/a
post-upgrade create Job/a failed
= failed 1:deployed 2:failed left:Job/a
`,
		},
		{
			name: "Helm 4 applies over a leftover Job and does not run it", engine: "helm4",
			chart:    chartOf(job("a", `hook: post-install,post-upgrade`, `hook-delete-policy: hook-failed`)),
			commands: []Command{do(Install), do(Upgrade)},
			want: `resources update 
post-upgrade record Job/a
post-upgrade apply Job/a
post-upgrade wait Job/a not run
= ok 1:superseded 2:deployed left:Job/a
`,
		},
		{
			name: "hook-succeeded deletions come after the event, in reverse", engine: "helm3",
			chart:    chartOf(job("a", `hook: pre-install`, `hook-delete-policy: hook-succeeded`), job("b", `hook: pre-install`, `hook-delete-policy: hook-succeeded`)),
			commands: []Command{do(Install)},
			want: `pre-install record Job/a
pre-install create Job/a
pre-install wait Job/a
pre-install record Job/b
pre-install create Job/b
pre-install wait Job/b
pre-install delete Job/b (hook-succeeded)
pre-install wait-deleted Job/b (hook-succeeded)
pre-install delete Job/a (hook-succeeded)
pre-install wait-deleted Job/a (hook-succeeded)
= ok 1:deployed
`,
		},
		{
			name: "after a failure the failed one goes, then the earlier ones forward, and the later ones never start", engine: "helm3",
			chart: chartOf(job("a", `hook: pre-install`, `hook-delete-policy: hook-succeeded`), job("b", `hook: pre-install`, `hook-delete-policy: hook-succeeded`),
				job("c", `hook: pre-install`, `hook-delete-policy: hook-failed`), job("d", `hook: pre-install`)),
			commands: []Command{failing(Install, "Job/c", FaultWait)},
			want: `pre-install record Job/a
pre-install create Job/a
pre-install wait Job/a
pre-install record Job/b
pre-install create Job/b
pre-install wait Job/b
pre-install record Job/c
pre-install create Job/c
pre-install wait Job/c failed
pre-install delete Job/c (hook-failed)
pre-install wait-deleted Job/c (hook-failed)
pre-install delete Job/a (hook-succeeded)
pre-install wait-deleted Job/a (hook-succeeded)
pre-install delete Job/b (hook-succeeded)
pre-install wait-deleted Job/b (hook-succeeded)
= failed 1:failed
`,
		},
		{
			name: "Helm 3.18 leaves the earlier ones", engine: "helm3@3.18",
			chart:    chartOf(job("a", `hook: pre-install`, `hook-delete-policy: hook-succeeded`), job("b", `hook: pre-install`, `hook-delete-policy: hook-failed`)),
			commands: []Command{failing(Install, "Job/b", FaultWait)},
			want: `pre-install record Job/a
pre-install create Job/a
pre-install wait Job/a
pre-install record Job/b
pre-install create Job/b
pre-install wait Job/b failed
pre-install delete Job/b (hook-failed)
pre-install wait-deleted Job/b (hook-failed)
= failed 1:failed left:Job/a
`,
		},
		{
			name: "no policy runs when the creation fails", engine: "helm3",
			chart:    chartOf(job("a", `hook: pre-install`, `hook-delete-policy: hook-succeeded`), job("b", `hook: pre-install`, `hook-delete-policy: hook-failed`)),
			commands: []Command{failing(Install, "Job/b", FaultCreate)},
			want: `pre-install record Job/a
pre-install create Job/a
pre-install wait Job/a
pre-install record Job/b
pre-install create Job/b failed
= failed 1:failed left:Job/a
`,
		},
		{
			name: "an atomic install that fails runs the delete hooks", engine: "helm3",
			chart:    chartOf(configMap("plain"), job("a", `hook: post-install`, `hook-delete-policy: hook-failed`), job("bye", `hook: pre-delete`, `hook-delete-policy: hook-succeeded`)),
			commands: []Command{{Action: Install, Options: Options{Atomic: true}, Faults: []Fault{{Object: "Job/a", At: FaultWait}}}},
			want: `resources create ConfigMap/plain
resources wait ConfigMap/plain
post-install record Job/a
post-install create Job/a
post-install wait Job/a failed
post-install delete Job/a (hook-failed)
post-install wait-deleted Job/a (hook-failed)
pre-delete record Job/bye
pre-delete create Job/bye
pre-delete wait Job/bye
pre-delete delete Job/bye (hook-succeeded)
pre-delete wait-deleted Job/bye (hook-succeeded)
resources delete ConfigMap/plain
= failed
`,
		},
		{
			name: "a failing pre-delete leaves the release uninstalling", engine: "helm4",
			chart:    chartOf(configMap("plain"), job("bye", `hook: pre-delete`)),
			commands: []Command{do(Install), failing(Uninstall, "Job/bye", FaultWait)},
			want: `pre-delete delete Job/bye (before-hook-creation)
pre-delete record Job/bye
pre-delete apply Job/bye
pre-delete wait Job/bye failed
= failed 1:uninstalling left:Job/bye
`,
		},
		{
			name: "a failing pre-rollback leaves pending-rollback, and the next upgrade is refused", engine: "helm3",
			chart:    chartOf(job("back", `hook: pre-rollback`, `hook-delete-policy: hook-failed`)),
			commands: []Command{do(Install), do(Upgrade), failing(Rollback, "Job/back", FaultWait), do(Upgrade)},
			want: `= failed 1:superseded 2:deployed 3:pending-rollback
`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, play(t, test.engine, test.chart, test.commands...)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// An ordinary object that becomes a pre-upgrade hook is made by the hook and then deleted by the update,
// because the old manifest has it and the new one has not. Seen with both Helms on a real API server.
func TestObjectThatBecomesHook(t *testing.T) {
	before, after := chartOf(configMap("mig"), configMap("other")), chartOf(configMap("mig", `hook: pre-upgrade`), configMap("other"))
	render := func(f Fields) (Rendered, error) {
		if f.IsUpgrade {
			return after(f)
		}
		return before(f)
	}
	for _, engine := range []string{"helm3", "helm4"} {
		var state State
		for _, action := range []Action{Install, Upgrade} {
			trace, next, err := Run(engineOf(t, engine), Release{Name: "r", Namespace: "default"}, state, do(action), render)
			if err != nil || trace.Outcome.Result != OK {
				t.Fatal(err, trace.Outcome)
			}
			state = next
		}
		want := []Object{{APIVersion: "v1", Kind: "ConfigMap", Namespace: "default", Name: "other"}}
		if diff := cmp.Diff(want, state.Objects()); diff != "" {
			t.Errorf("%s: %s", engine, diff)
		}
	}
}

// v3 pkg/action/install.go installCRDs: a file whose definition exists is passed over, and not waited for.
func TestOnlyNewDefinitionsAreWaitedFor(t *testing.T) {
	file := func(name string) CRDFile {
		text := "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: " + name + ".example.com}\nspec: {group: example.com, names: {kind: K}}\n"
		return CRDFile{Path: "c/crds/" + name + ".yaml", Documents: []Document{{Template: "c/crds/" + name + ".yaml", Text: text}}}
	}
	files := []CRDFile{file("old")}
	render := func(Fields) (Rendered, error) { return Rendered{CRDs: files}, nil }
	engine, release := engineOf(t, "helm3"), Release{Name: "r", Namespace: "ns"}
	var state State
	var trace Trace
	for i, action := range []Action{Install, Uninstall, Install} {
		var err error
		if i == 2 {
			files = append(files, file("new"))
		}
		if trace, state, err = Run(engine, release, state, Command{Action: action}, render); err != nil {
			t.Fatal(err)
		}
	}
	for _, op := range trace.Operations {
		if op.Op == OpWait && (len(op.Objects) != 1 || op.Objects[0].Name != "new.example.com") {
			t.Errorf("waits for %v", op.Objects)
		}
	}
	if len(trace.Operations) != 3 {
		t.Errorf("%+v", trace.Operations)
	}
}
