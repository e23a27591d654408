package plan

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// otherPlan plans documents under an engine that is not Helm. raw documents have no Helm in front of them.
func otherPlan(t *testing.T, engine string, raw bool, options Options, documents ...string) Plan {
	t.Helper()
	parsed, err := ParseEngine(engine)
	if err != nil {
		t.Fatal(err)
	}
	var all []Document
	for i, text := range documents {
		all = append(all, Document{Template: "c/templates/all.yaml", Index: i, Text: text})
	}
	p, err := Make(Input{
		Engine: parsed, Release: Release{Name: "shop", Namespace: "prod"}, Raw: raw, Options: options,
		Render: func(Fields) (Rendered, error) { return Rendered{Documents: all}, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// one is an object with annotations in YAML's flow style.
func one(kind, name, annotations string) string {
	version := map[string]string{"Job": "batch/v1", "Deployment": "apps/v1", "Widget": "example.com/v1"}[kind]
	if version == "" {
		version = "v1"
	}
	return fmt.Sprintf("apiVersion: %s\nkind: %s\nmetadata: {name: %s, annotations: {%s}}\n", version, kind, name, annotations)
}

// told is a plan in words: for each timeline its phases with their steps and ordinary objects, then what is ignored.
func toldOther(p Plan) []string {
	var lines []string
	for _, timeline := range p.Timelines {
		for _, phase := range timeline.Phases {
			line := timeline.ID + " " + phase.Name + ":"
			for _, wave := range phase.Waves {
				line += fmt.Sprintf(" [wave %d %d objects%s]", wave.Number, wave.Objects, map[bool]string{true: " waited"}[wave.Waited])
			}
			for _, step := range phase.Steps {
				line += " " + step.Hook.Object.Ref()
				if step.Wave != nil {
					line += fmt.Sprintf("@%d", *step.Wave)
				}
				if step.NotRun {
					line += " (not run)"
				}
				if step.Result != OK {
					line += " (" + string(step.Result) + ")"
				}
			}
			lines = append(lines, line)
		}
	}
	for _, i := range p.Ignored {
		line := "ignored " + i.Rule + " " + i.Object.Ref()
		if i.Harmless != "" {
			line += " harmless"
		}
		lines = append(lines, line)
	}
	return lines
}

// Each case is a row of the engine matrix, or a sentence of the section that its name begins with, in the notes on
// Argo CD 3.6 that docs/engines.md sums up.
func TestArgoAsItsSourceSays(t *testing.T) {
	const policy = ", helm.sh/hook-delete-policy: hook-succeeded"
	for _, c := range []struct {
		name      string
		raw       bool
		options   Options
		documents []string
		// want are lines that stand in toldOther; not are words that do not.
		want, not []string
	}{
		{name: "2.2 pre-install and pre-upgrade are one PreSync, in every sync", documents: []string{one("Job", "a", `helm.sh/hook: "pre-install,pre-upgrade"`)}, want: []string{"sync PreSync: Job/a@0", "sync-2 PreSync: Job/a@0"}},
		{name: "2.2 post-upgrade runs after the first sync too", documents: []string{one("Job", "a", `helm.sh/hook: post-upgrade`)}, want: []string{"sync PostSync: Job/a@0"}},
		{name: "2.2 pre-delete and post-delete run at deletion alone", documents: []string{one("Job", "a", `helm.sh/hook: pre-delete`), one("Job", "b", `helm.sh/hook: post-delete`)}, want: []string{"delete PreDelete: Job/a", "delete PostDelete: Job/b"}, not: []string{"sync "}},
		{name: "2.2 rollback hooks are never made", documents: []string{one("Job", "a", `helm.sh/hook: "pre-rollback,post-rollback"`)}, want: []string{"ignored HH401 Job/a"}, not: []string{"sync "}},
		{name: "2.2 tests are never made", documents: []string{one("Pod", "a", `helm.sh/hook: test`), one("Pod", "b", `helm.sh/hook: test-success`)}, want: []string{"ignored HH401 Pod/a harmless", "ignored HH401 Pod/b harmless"}},
		{name: "2.1 skipTests drops whatever has a test among its events", options: Options{SkipTests: true}, documents: []string{one("Job", "a", `helm.sh/hook: "post-install,test"`)}, want: []string{}, not: []string{"Job/a"}},
		{name: "2.2 crd-install: dropped by helm template", documents: []string{one("Job", "a", `helm.sh/hook: crd-install`)}, want: []string{"ignored HH002 Job/a"}},
		{name: "2.2 crd-install: an ordinary object in plain YAML", raw: true, documents: []string{one("Job", "a", `helm.sh/hook: crd-install`)}, want: []string{"sync Sync: [wave 0 1 objects]"}},
		{name: "2.2 crd-install beside pre-install in plain YAML", raw: true, documents: []string{one("Job", "a", `helm.sh/hook: "crd-install,pre-install"`)}, want: []string{"sync PreSync: Job/a@0"}},
		{name: "2.2 an unknown item: dropped by helm template", documents: []string{one("Job", "a", `helm.sh/hook: "post-install, pre-uninstall"`)}, want: []string{"ignored HH001 Job/a"}, not: []string{"PostSync"}},
		{name: "2.2 an unknown item: passed over in plain YAML", raw: true, documents: []string{one("Job", "a", `helm.sh/hook: "post-install, pre-uninstall"`)}, want: []string{"sync PostSync: Job/a@0"}},
		{name: "2.2 upper case", documents: []string{one("Job", "a", `helm.sh/hook: Pre-Install`)}, want: []string{"ignored HH401 Job/a"}},
		{name: "2.2 a list that crosses sync and delete; what the sync left counts as run", documents: []string{one("Job", "a", `helm.sh/hook: "pre-install,pre-delete"`)}, want: []string{"sync PreSync: Job/a@0", "delete PreDelete: Job/a (not run)"}},
		{name: "2.3 Argo CD's hook beats Helm's, for each object", documents: []string{one("Job", "a", `helm.sh/hook: pre-install, argocd.argoproj.io/hook: PostSync`), one("Job", "b", `helm.sh/hook: pre-install`)}, want: []string{"sync PreSync: Job/b@0", "sync PostSync: Job/a@0"}},
		{name: "2.3 Skip", documents: []string{one("Job", "a", `helm.sh/hook: pre-install, argocd.argoproj.io/hook: Skip`)}, want: []string{"ignored HH401 Job/a harmless"}},
		{name: "2.3 Sync revives a test", documents: []string{one("Pod", "a", `helm.sh/hook: test, argocd.argoproj.io/hook: Sync`)}, want: []string{"sync Sync: Pod/a@0"}},
		{name: "2.3 an unknown hook falls back to Helm's", documents: []string{one("Job", "a", `helm.sh/hook: pre-install, argocd.argoproj.io/hook: presync`)}, want: []string{"sync PreSync: Job/a@0"}},
		{name: "2.3 PostDelete and pre-install are both", documents: []string{one("Job", "a", `helm.sh/hook: pre-install, argocd.argoproj.io/hook: PostDelete`+policy)}, want: []string{"sync PreSync: Job/a@0", "delete PostDelete: Job/a"}},
		{name: "2.3 PreSync and pre-delete are both", documents: []string{one("Job", "a", `helm.sh/hook: pre-delete, argocd.argoproj.io/hook: PreSync`+policy)}, want: []string{"sync PreSync: Job/a@0", "delete PreDelete: Job/a"}},
		{name: "2.3 a wave beats a weight, unless it is no integer", documents: []string{one("Job", "a", `helm.sh/hook: pre-install, helm.sh/hook-weight: "5", argocd.argoproj.io/sync-wave: "1"`), one("Job", "b", `helm.sh/hook: pre-install, helm.sh/hook-weight: "5", argocd.argoproj.io/sync-wave: one`)}, want: []string{"sync PreSync: Job/a@1 Job/b@5"}},
		{name: "2.4 a weight that is no integer is 0", documents: []string{one("Job", "a", `helm.sh/hook: pre-install, helm.sh/hook-weight: "5.0"`)}, want: []string{"sync PreSync: Job/a@0"}},
		{name: "2.4 weights are waves for ordinary objects too", documents: []string{one("Deployment", "web", `helm.sh/hook-weight: "7"`), one("ConfigMap", "c", `a: b`)}, want: []string{"sync Sync: [wave 0 1 objects waited] [wave 7 1 objects]"}},
		{name: "2.4 kind before name", documents: []string{one("Job", "a-job", `helm.sh/hook: pre-install`), one("ServiceAccount", "z", `helm.sh/hook: pre-install`)}, want: []string{"sync PreSync: ServiceAccount/z@0 Job/a-job@0"}},
		{name: "2.4 a namespace goes ahead into the phase of what is in it", documents: []string{one("Job", "a", `helm.sh/hook: pre-install`), one("Namespace", "prod", `a: b`), one("ConfigMap", "c", `a: b`)}, want: []string{"sync PreSync: [wave 0 1 objects waited] Job/a@0"}},
		{name: "2.4 delete hooks have no waves, the cascade goes backwards", documents: []string{one("Job", "a", `helm.sh/hook: pre-delete, helm.sh/hook-weight: "9"`), one("ConfigMap", "c", `argocd.argoproj.io/sync-wave: "2"`), one("ConfigMap", "d", `a: b`)}, want: []string{"delete PreDelete: Job/a", "delete resources: [wave 9 1 objects waited] [wave 2 1 objects waited] [wave 0 1 objects waited]"}},
		{name: "2.5 a finished Job that stays is applied over and does not run again", documents: []string{one("Job", "a", `helm.sh/hook: pre-install, helm.sh/hook-delete-policy: hook-failed`)}, want: []string{"sync PreSync: Job/a@0", "sync-2 PreSync: Job/a@0 (not run)"}},
		{name: "2.5 a misspelt policy is the default", documents: []string{one("Job", "a", `helm.sh/hook: pre-install, helm.sh/hook-delete-policy: Hook-Failed`)}, want: []string{"sync-2 PreSync: Job/a@0"}},
		{name: "2.6 a suspended Job is waited for without an end", documents: []string{one("Job", "a", `helm.sh/hook: pre-install`) + "spec: {suspend: true}\n", one("ConfigMap", "c", `a: b`)}, want: []string{"sync PreSync: Job/a@0 (failed)", "sync Sync: [wave 0 1 objects]"}},
		{name: "2.6 SyncFail runs after a failure alone", documents: []string{one("Job", "a", `argocd.argoproj.io/hook: SyncFail`)}, want: []string{"sync SyncFail: Job/a@0 (skipped)"}},
		{name: "a List is its members", documents: []string{"apiVersion: v1\nkind: List\nmetadata: {annotations: {helm.sh/hook: pre-install}}\nitems:\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: b, annotations: {helm.sh/hook: post-install}}}\n"}, want: []string{"sync Sync: [wave 0 1 objects waited]", "sync PostSync: ConfigMap/b@0"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := toldOther(otherPlan(t, "argocd", c.raw, c.options, c.documents...))
			for _, line := range c.want {
				if !slices.Contains(got, line) {
					t.Errorf("%q is missing in\n%s", line, strings.Join(got, "\n"))
				}
			}
			for _, words := range c.not {
				if strings.Contains(strings.Join(got, "\n"), words) {
					t.Errorf("%q stands in\n%s", words, strings.Join(got, "\n"))
				}
			}
		})
	}
}

// 2.5: deletions because of policies, in the true order.
func TestArgoDeletesWhenTheWholeSyncHasSucceeded(t *testing.T) {
	p := otherPlan(t, "argocd", false, Options{}, one("Job", "a", `helm.sh/hook: pre-install, helm.sh/hook-delete-policy: hook-succeeded`),
		one("ConfigMap", "c", `a: b`), one("Job", "b", `helm.sh/hook: post-install`))
	var got []string
	for _, op := range p.Timelines[1].Operations {
		got = append(got, strings.TrimSpace(string(op.Op)+" "+op.Objects[0].Ref()+" "+op.Because))
	}
	want := []string{
		"apply Job/a", "wait Job/a", "apply ConfigMap/c", "wait ConfigMap/c",
		"delete Job/b before-hook-creation", "wait-deleted Job/b before-hook-creation", "apply Job/b", "wait Job/b", "delete Job/a hook-succeeded",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// 2.5: what stays after deletion, and both annotations' policies together.
func TestArgoLeavesPostDeleteHooks(t *testing.T) {
	p := otherPlan(t, "argocd", false, Options{}, one("Job", "stays", `helm.sh/hook: post-delete`), one("Job", "goes", `helm.sh/hook: post-delete, argocd.argoproj.io/hook-delete-policy: HookSucceeded`), one("Job", "before", `helm.sh/hook: pre-delete`))
	left := p.Timelines[len(p.Timelines)-1].Outcome.Left
	if len(left) != 1 || left[0].Name != "stays" {
		t.Errorf("left: %v", left)
	}
}

// 2.6 and the generation of manifests: what no sync gets past.
func TestArgoRefusesWhatIsNoString(t *testing.T) {
	p := otherPlan(t, "argocd", false, Options{}, one("Job", "a", `helm.sh/hook: pre-install, helm.sh/hook-weight: 5`))
	if out := p.Timelines[0].Outcome; !out.Refused || out.Result != Failed || out.Prediction != Likely {
		t.Errorf("%+v", out)
	}
}

func TestOtherEnginesAnswerOnlyTheirQuestions(t *testing.T) {
	engine, _ := ParseEngine("argocd")
	input := Input{Engine: engine, Render: func(Fields) (Rendered, error) { return Rendered{}, nil }}
	for name, change := range map[string]func(*Input){
		"live": func(i *Input) { i.Live = &Observed{} }, "then": func(i *Input) { i.Then = []Command{} },
		"faults": func(i *Input) { i.Faults = []Fault{{}} }, "from": func(i *Input) { i.From = i.Render },
		"actions": func(i *Input) { i.Actions = []Action{Install} }, "no hooks": func(i *Input) { i.Options.NoHooks = true },
	} {
		changed := input
		change(&changed)
		if _, err := Make(changed); err == nil {
			t.Errorf("%s is answered", name)
		}
	}
	if _, err := MakeMatrix(input); err == nil {
		t.Error("a matrix is made")
	}
	if _, err := ExplainHook(input, "Job/a"); err == nil {
		t.Error("a hook is explained")
	}
	if p, err := Make(input); err != nil || p.Documents != 0 {
		t.Errorf("nothing: %v %+v", err, p)
	}
}
