package plan

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// matrixCell is one cell of the matrix of engines: what an engine does about one row. Its documents are planned, and
// the plan, told in lines by toldMatrix, holds all of want and nothing of not.
type matrixCell struct {
	row, column string
	documents   []string
	change      func(*Input)
	want, not   []string
}

// The helpers below keep a cell on one line.
func docs(all ...string) []string { return all }

func hookJob(name, annotations string) string { return one("Job", name, annotations) }

func testPod(name, annotations string) string {
	return one("Pod", name, annotations) + "spec: {restartPolicy: Never}\n"
}

func withFlux(flux Flux) func(*Input) { return func(i *Input) { i.Flux = &flux } }

// failing makes a hook fail, and plays what Flux does about it.
func failing(flux Flux, action Action, faults ...Fault) func(*Input) {
	return func(i *Input) { i.Flux, i.Faults, i.Actions = &flux, faults, []Action{action} }
}

func raw(i *Input) { i.Raw = true }

// byRevision names the hook after the revision that was rendered.
func byRevision(annotations string) func(*Input) {
	return func(i *Input) {
		i.Render = func(f Fields) (Rendered, error) {
			text := hookJob(fmt.Sprintf("r%d", f.Revision), annotations)
			return Rendered{Documents: []Document{{Template: "c/templates/all.yaml", Text: text}}}, nil
		}
	}
}

const (
	plainCM   = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: plain}\n"
	succeeded = ", helm.sh/hook-delete-policy: hook-succeeded"
	claimText = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: c, annotations: {helm.sh/hook: pre-install}}\n"
)

// retried is a HelmRelease that undoes failed installs and upgrades.
var retried = Flux{
	Install: FluxAction{Remediation: FluxRemediation{Retries: 1}}, Upgrade: FluxAction{Remediation: FluxRemediation{Retries: 1}},
}

// matrixCells are the columns Helm 4.3, Flux and Argo CD 3.6 with a chart as its source. Each cell takes a line.
func matrixCells() []matrixCell {
	job := func(annotations string) []string { return docs(hookJob("a", annotations), plainCM) }
	resources := Fault{Object: faultResources, Event: Event(Install), Times: 1}
	upgradeFails := Fault{Object: faultResources, Event: Event(Upgrade), Times: 1}
	return []matrixCell{
		{"pre-install", "Helm", job("helm.sh/hook: pre-install"), nil, docs("install: pre-install[Job/a] resources"), docs("upgrade: pre-")},
		{"pre-install", "Flux", job("helm.sh/hook: pre-install"), failing(retried, Install, Fault{Object: "Job/a", At: FaultWait, Times: 1}), docs("1-install: pre-install[Job/a failed] resources skipped", "2-uninstall: resources", "3-install: pre-install[Job/a] resources waited"), nil},
		{"pre-install", "Argo CD", job("helm.sh/hook: pre-install"), nil, docs("sync: PreSync[Job/a] Sync", "sync-2: PreSync[Job/a] Sync"), nil},

		{"post-install", "Helm", job("helm.sh/hook: post-install"), nil, docs("install: resources post-install[Job/a]"), docs("upgrade: resources post-", "resources waited")},
		{"post-install", "Flux", job("helm.sh/hook: post-install"), nil, docs("install: resources waited post-install[Job/a]"), docs("post-upgrade[")},
		{"post-install", "Argo CD", job("helm.sh/hook: post-install"), nil, docs("sync: Sync waited PostSync[Job/a]", "sync-2: Sync waited PostSync[Job/a]"), nil},

		{"pre-upgrade", "Helm", job("helm.sh/hook: pre-upgrade"), nil, docs("upgrade: pre-upgrade[Job/a] resources"), docs("install: pre-")},
		{"pre-upgrade", "Flux", job("helm.sh/hook: pre-upgrade"), failing(Flux{Install: FluxAction{RetryOnFailure: true}}, Install, resources), docs("1-install: resources failed waited", "2-upgrade: pre-upgrade[Job/a] resources waited", "situation foreign: upgrade pre-upgrade,post-upgrade", "situation forced: upgrade pre-upgrade,post-upgrade"), nil},
		{"pre-upgrade", "Argo CD", job("helm.sh/hook: pre-upgrade"), nil, docs("sync: PreSync[Job/a] Sync", "sync-2: PreSync[Job/a] Sync"), nil},

		{"post-upgrade", "Helm", job("helm.sh/hook: post-upgrade"), nil, docs("upgrade: resources post-upgrade[Job/a]"), docs("post-install[")},
		{"post-upgrade", "Flux", job("helm.sh/hook: post-upgrade"), nil, docs("upgrade: resources waited post-upgrade[Job/a]", "situation changed: upgrade pre-upgrade,post-upgrade"), docs("post-install[")},
		{"post-upgrade", "Argo CD", job("helm.sh/hook: post-upgrade"), nil, docs("sync: Sync waited PostSync[Job/a]", "sync-2: Sync waited PostSync[Job/a]"), nil},

		{"pre-delete", "Helm", job("helm.sh/hook: pre-delete"), nil, docs("uninstall: pre-delete[Job/a] resources"), docs("\ninstall: pre-")},
		{"pre-delete", "Flux", job("helm.sh/hook: pre-delete"), failing(retried, Install, resources), docs("2-uninstall: pre-delete[Job/a] resources", "situation deleted: uninstall pre-delete,post-delete", "situation target: uninstall pre-delete,post-delete; install pre-install,post-install"), nil},
		{"pre-delete", "Argo CD", job("helm.sh/hook: pre-delete"), nil, docs("delete: PreDelete[Job/a] resources", "remark deletion without the cascade runs PreDelete and PostDelete all the same"), docs("sync: PreSync", "PreDelete[Job/a] Sync")},

		{"post-delete", "Helm", job("helm.sh/hook: post-delete"), nil, docs("uninstall: resources post-delete[Job/a]"), docs("\ninstall: resources post-")},
		{"post-delete", "Flux", job("helm.sh/hook: post-delete"), failing(retried, Install, resources), docs("2-uninstall: resources post-delete[Job/a]", "situation deleted: uninstall pre-delete,post-delete"), nil},
		{"post-delete", "Argo CD", job("helm.sh/hook: post-delete"), nil, docs("delete: resources PostDelete[Job/a]"), docs("sync: Sync PostSync")},

		{"pre-rollback and post-rollback", "Helm", nil, byRevision(`helm.sh/hook: "pre-rollback,post-rollback"`), docs("rollback: pre-rollback[Job/r1] post-rollback[Job/r1]"), docs("\ninstall: pre-", "[Job/r2")},
		{"pre-rollback and post-rollback", "Flux", job(`helm.sh/hook: "pre-rollback,post-rollback"`), failing(retried, Upgrade, upgradeFails), docs("2-rollback: pre-rollback[Job/a] resources waited post-rollback[Job/a]"), nil},
		{"pre-rollback and post-rollback", "Flux by default", job(`helm.sh/hook: "pre-rollback,post-rollback"`), nil, nil, docs("[Job/a")},
		{"pre-rollback and post-rollback", "Argo CD", job(`helm.sh/hook: "pre-rollback,post-rollback"`), nil, docs("ignored HH401 Job/a"), docs("[Job/a")},

		{"test and test-success", "Helm", docs(testPod("a", "helm.sh/hook: test"), testPod("b", "helm.sh/hook: test-success")), nil, docs("test: test[Pod/a Pod/b]"), docs("install: test", "upgrade: test")},
		{"test and test-success", "Flux", docs(testPod("a", "helm.sh/hook: test")), withFlux(Flux{Test: FluxTest{Enabled: true}}), docs("test: test[Pod/a]", "situation first: install pre-install,post-install; test test", "situation changed: upgrade pre-upgrade,post-upgrade; test test"), nil},
		{"test and test-success", "Flux by default", docs(testPod("a", "helm.sh/hook: test")), nil, docs("situation test-enabled: test test"), docs("[Pod/a")},
		{"test and test-success", "Argo CD", docs(testPod("a", "helm.sh/hook: test"), testPod("b", "helm.sh/hook: test-success")), nil, docs("ignored HH401 Pod/a harmless", "ignored HH401 Pod/b harmless"), docs("[Pod/")},
		{"test and test-success", "Argo CD with skipTests", docs(one("Pod", "a", `helm.sh/hook: "post-install,test"`)), func(i *Input) { i.Options.SkipTests = true }, nil, docs("Pod/a")},

		{"crd-install", "Helm", job("helm.sh/hook: crd-install"), nil, docs("ignored HH002 Job/a"), docs("[Job/a")},
		{"crd-install", "Flux", job("helm.sh/hook: crd-install"), nil, docs("ignored HH002 Job/a"), docs("[Job/a")},
		{"crd-install", "Argo CD", job("helm.sh/hook: crd-install"), nil, docs("ignored HH002 Job/a"), docs("[Job/a")},
		{"crd-install", "Argo CD with plain YAML", docs(hookJob("a", "helm.sh/hook: crd-install")), raw, docs("sync: Sync 1 objects"), docs("ignored")},

		{"unknown in list", "Helm", job(`helm.sh/hook: "post-install, pre-uninstall"`), nil, docs("ignored HH001 Job/a"), docs("[Job/a")},
		{"unknown in list", "Flux", job(`helm.sh/hook: "post-install, pre-uninstall"`), nil, docs("ignored HH001 Job/a"), docs("[Job/a")},
		{"unknown in list", "Argo CD", job(`helm.sh/hook: "post-install, pre-uninstall"`), nil, docs("ignored HH001 Job/a"), docs("[Job/a")},
		{"unknown in list", "Argo CD with plain YAML", docs(hookJob("a", `helm.sh/hook: "post-install, pre-uninstall"`)), raw, docs("sync: PostSync[Job/a]"), docs("ignored")},

		{"upper case event", "Helm", job("helm.sh/hook: Pre-Install"), nil, docs("install: pre-install[Job/a] resources"), docs("ignored")},
		{"upper case event", "Flux", job("helm.sh/hook: Pre-Install"), nil, docs("install: pre-install[Job/a] resources waited"), docs("ignored")},
		{"upper case event", "Argo CD", job("helm.sh/hook: Pre-Install"), nil, docs("ignored HH401 Job/a"), docs("[Job/a")},

		{"weight", "Helm", docs(hookJob("b", "helm.sh/hook: pre-install"), one("ServiceAccount", "z", "helm.sh/hook: pre-install"), hookJob("last", `helm.sh/hook: pre-install, helm.sh/hook-weight: "1"`)), nil, docs("install: pre-install[Job/b ServiceAccount/z Job/last]", "install: apply Job/b; wait Job/b; apply ServiceAccount/z"), nil},
		{"weight", "Flux", docs(hookJob("b", "helm.sh/hook: pre-install"), one("ServiceAccount", "z", "helm.sh/hook: pre-install"), hookJob("last", `helm.sh/hook: pre-install, helm.sh/hook-weight: "1"`)), nil, docs("install: pre-install[Job/b ServiceAccount/z Job/last]"), nil},
		{"weight", "Argo CD", docs(hookJob("a", "helm.sh/hook: pre-install"), hookJob("b", "helm.sh/hook: pre-install"), one("ServiceAccount", "z", "helm.sh/hook: pre-install"), hookJob("last", `helm.sh/hook: pre-install, helm.sh/hook-weight: "1"`)), nil, docs("sync: PreSync[ServiceAccount/z@0 Job/a@0 Job/b@0 Job/last@1]", "sync: apply ServiceAccount/z; apply Job/a; apply Job/b; wait ServiceAccount/z; wait Job/a; wait Job/b; apply Job/last"), nil},
		{"weight", "Argo CD, delete hooks", docs(hookJob("a", `helm.sh/hook: pre-delete, helm.sh/hook-weight: "5"`), hookJob("b", `helm.sh/hook: pre-delete, helm.sh/hook-weight: "1"`)), nil, docs("delete: PreDelete[Job/a Job/b] resources wave 5: 1 objects wave 1: 1 objects", "delete: create Job/a; create Job/b; wait Job/a; wait Job/b"), nil},
		{"weight", "Argo CD, ordinary objects", docs(one("Deployment", "web", `helm.sh/hook-weight: "7"`), plainCM), nil, docs("sync: Sync waited wave 0: 1 objects wave 7: 1 objects"), nil},

		{"delete policies", "Helm", docs(hookJob("a", "helm.sh/hook: pre-install"+succeeded), hookJob("b", "helm.sh/hook: pre-install"), plainCM), nil, docs("install: apply Job/a; wait Job/a; apply Job/b; wait Job/b; delete Job/a hook-succeeded"), nil},
		{"delete policies", "Flux", docs(hookJob("a", "helm.sh/hook: pre-install"+succeeded), plainCM), nil, docs("install: apply Job/a; wait Job/a; delete Job/a hook-succeeded"), nil},
		{"delete policies", "Argo CD", docs(hookJob("a", "helm.sh/hook: pre-install"+succeeded), plainCM), nil, docs("sync: apply Job/a; wait Job/a; apply ConfigMap/plain; delete Job/a hook-succeeded"), nil},

		{"default policy", "Helm", job("helm.sh/hook: pre-install"), nil, docs("policies of Job/a: before-hook-creation by default"), nil},
		{"default policy", "Flux", job("helm.sh/hook: pre-install"), nil, docs("policies of Job/a: before-hook-creation by default"), nil},
		{"default policy", "Argo CD", job("helm.sh/hook: pre-install"), nil, docs("policies of Job/a: before-hook-creation by default"), nil},

		{"bad policy value", "Helm", job("helm.sh/hook: pre-upgrade, helm.sh/hook-delete-policy: typo"), nil, docs("policies of Job/a: typo", "finding HH104 Job/a"), docs("before-hook-creation")},
		{"bad policy value", "Flux", job("helm.sh/hook: pre-upgrade, helm.sh/hook-delete-policy: typo"), nil, docs("policies of Job/a: typo", "finding HH104 Job/a"), docs("before-hook-creation")},
		{"bad policy value", "Argo CD", job("helm.sh/hook: pre-upgrade, helm.sh/hook-delete-policy: typo"), nil, docs("policies of Job/a: before-hook-creation by default", "sync-2: PreSync[Job/a] Sync"), nil},

		{"output-log-policy", "Helm", job("helm.sh/hook: pre-install, helm.sh/hook-output-log-policy: hook-succeeded"), nil, docs("install: apply Job/a; wait Job/a; logs Job/a hook-succeeded"), nil},
		{"output-log-policy", "Flux", job("helm.sh/hook: pre-install, helm.sh/hook-output-log-policy: hook-succeeded"), nil, docs("finding HH409 Job/a"), nil},
		{"output-log-policy", "Argo CD", job("helm.sh/hook: pre-install, helm.sh/hook-output-log-policy: hook-succeeded"), nil, docs("sync: PreSync[Job/a] Sync"), docs("logs ")},

		{"wait", "Helm", docs(claimText, hookJob("j", "helm.sh/hook: pre-install")), nil, docs("Job/j waits for completion", "PersistentVolumeClaim/c waits for created", "install bounded"), nil},
		{"wait", "Flux", docs(claimText, hookJob("j", "helm.sh/hook: pre-install")), nil, docs("Job/j waits for completion", "PersistentVolumeClaim/c waits for created", "install bounded"), nil},
		{"wait", "Argo CD", docs(claimText, hookJob("j", "helm.sh/hook: pre-install")), nil, docs("Job/j waits for completion", "PersistentVolumeClaim/c waits for healthy", "sync unbounded"), nil},

		{"failure", "Helm", job("helm.sh/hook: post-install"), func(i *Input) { i.Faults, i.Actions = []Fault{{Object: "Job/a", At: FaultWait}}, []Action{Install} }, docs("install: resources post-install[Job/a failed]", "install ends failed: 1 failed"), nil},
		{"failure", "Helm with --rollback-on-failure", job("helm.sh/hook: post-upgrade"), func(i *Input) {
			i.Options.Atomic, i.Faults, i.Actions = true, []Fault{{Object: "Job/a", At: FaultWait}}, []Action{Upgrade}
		}, docs("upgrade ends failed: 1 superseded, 2 failed, 3 deployed"), nil},
		{"failure", "Flux", job("helm.sh/hook: post-install"), failing(Flux{}, Install, Fault{Object: "Job/a", At: FaultWait}), docs("1-install: resources waited post-install[Job/a failed]", "stalls RetriesExceeded"), docs("2-")},
		{"failure", "Flux with retries", job("helm.sh/hook: post-install"), failing(retried, Install, Fault{Object: "Job/a", At: FaultWait, Times: 1}), docs("2-uninstall: resources", "3-install: resources waited post-install[Job/a]"), nil},
		{"failure", "Argo CD", docs(hookJob("a", "helm.sh/hook: pre-install")+"spec: {suspend: true}\n", one("Job", "f", "argocd.argoproj.io/hook: SyncFail"), plainCM), nil, docs("sync: PreSync[Job/a failed] Sync skipped SyncFail skipped[Job/f skipped]"), nil},

		{"no-hooks switch", "Helm", job("helm.sh/hook: pre-install"), func(i *Input) { i.Options.NoHooks = true }, docs("install: resources"), docs("Job/a")},
		{"no-hooks switch", "Flux", job(`helm.sh/hook: "pre-install,pre-upgrade,pre-delete"`), withFlux(Flux{Install: FluxAction{DisableHooks: true}, Uninstall: FluxAction{DisableHooks: true}}), docs("install: resources waited", "upgrade: pre-upgrade[Job/a] resources waited", "uninstall: resources"), docs("pre-install[", "pre-delete[")},
		{"no-hooks switch", "Argo CD", job("helm.sh/hook: pre-install"), nil, docs("remark no hook runs in a sync of selected resources, a self-heal, argocd app rollback, or with the strategy apply", "refuses --no-hooks"), nil},
	}
}

func TestEveryCellOfTheEngineMatrix(t *testing.T) {
	rows := map[string]map[string]bool{}
	for _, cell := range matrixCells() {
		column, _, _ := strings.Cut(strings.ReplaceAll(strings.ReplaceAll(cell.column, " with", ","), " by", ","), ",")
		if rows[cell.row] == nil {
			rows[cell.row] = map[string]bool{}
		}
		rows[cell.row][column] = true
		t.Run(cell.row+"/"+cell.column, func(t *testing.T) {
			engine := map[string]string{"Helm": "helm4", "Flux": "flux", "Argo CD": "argocd"}[column]
			lines := toldMatrix(t, matrixInput(t, engine, cell))
			for _, want := range cell.want {
				if !slices.ContainsFunc(lines, func(line string) bool { return tells(line, want) }) {
					t.Errorf("%q is missing in\n%s", want, strings.Join(lines, "\n"))
				}
			}
			for _, words := range cell.not {
				if strings.Contains(strings.Join(lines, "\n"), words) {
					t.Errorf("%q stands in\n%s", words, strings.Join(lines, "\n"))
				}
			}
		})
	}
	if len(rows) != 19 {
		t.Errorf("%d rows", len(rows))
	}
	for row, columns := range rows {
		if len(columns) != 3 {
			t.Errorf("%s has %d columns", row, len(columns))
		}
	}
}

// tells: a line is what is wanted, or has it in front of more operations.
func tells(line, want string) bool { return line == want || strings.HasPrefix(line, want+";") }

// The checks above must be able to fail.
func TestAFalseCellIsFound(t *testing.T) {
	lines := toldMatrix(t, matrixInput(t, "helm4", matrixCell{documents: docs(hookJob("a", "helm.sh/hook: pre-install"))}))
	if slices.ContainsFunc(lines, func(line string) bool { return tells(line, "install: post-install[Job/a]") }) || !slices.Contains(lines, "install: pre-install[Job/a]") {
		t.Errorf("told: %q", lines)
	}
}

func matrixInput(t *testing.T, engine string, cell matrixCell) Input {
	t.Helper()
	input := Input{Engine: engineOf(t, engine), Release: Release{Name: "shop", Namespace: "prod"}, Render: chartOf(cell.documents...), Options: Options{Timeout: DefaultTimeout}}
	if cell.change != nil {
		cell.change(&input)
	}
	return input
}

// toldMatrix is a plan in lines: a line an action with its phases and hooks, one with its operations on hooks, and what
// is said of policies, waits, bounds, endings, situations and findings.
func toldMatrix(t *testing.T, input Input) []string {
	t.Helper()
	p, err := Make(input)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, timeline := range p.Timelines {
		lines = append(lines, toldTimeline(timeline)...)
	}
	for _, i := range p.Ignored {
		line := "ignored " + i.Rule + " " + i.Object.Ref()
		if i.Harmless != "" {
			line += " harmless"
		}
		lines = append(lines, line)
	}
	for _, f := range p.Findings {
		lines = append(lines, "finding "+f.Rule+" "+f.Object.Ref())
	}
	for _, remark := range p.Remarks {
		lines = append(lines, "remark "+remark)
	}
	for _, s := range p.Situations {
		var steps []string
		for _, step := range s.Steps {
			steps = append(steps, strings.TrimSpace(string(step.Action)+" "+strings.ReplaceAll(joinEvents(step.Events), " ", "")))
		}
		lines = append(lines, "situation "+s.ID+": "+strings.Join(steps, "; "))
	}
	if p.FluxEnd != nil && p.FluxEnd.Stalled != "" {
		lines = append(lines, "stalls "+p.FluxEnd.Stalled)
	}
	input.Options.NoHooks = true
	if _, err := Make(input); err != nil {
		lines = append(lines, "refuses --no-hooks")
	}
	return lines
}

func toldTimeline(timeline Timeline) []string {
	var phases, lines []string
	for _, phase := range timeline.Phases {
		if len(phase.Steps)+phase.Objects > 0 {
			phases = append(phases, toldPhase(timeline, phase))
		}
		for _, step := range phase.Steps {
			policies := strings.Join(toWords(step.DeletePolicies), ",")
			if step.PolicyFromDefault {
				policies += " by default"
			}
			lines = append(lines, "policies of "+step.Hook.Object.Ref()+": "+policies, step.Hook.Object.Ref()+" waits for "+string(step.WaitsFor))
		}
	}
	operations := []string{}
	for _, op := range timeline.Operations {
		if len(op.Objects) > 0 && op.Op != OpRecord && !op.Idle && (op.Hook || timeline.Action == Sync && op.Op == OpApply) {
			operations = append(operations, strings.TrimSpace(string(op.Op)+" "+op.Objects[0].Ref()+" "+op.Because))
		}
	}
	bound := "bounded"
	if timeline.Unbounded {
		bound = "unbounded"
	}
	lines = append(lines, timeline.ID+": "+strings.Join(phases, " "), timeline.ID+": "+strings.Join(operations, "; "), string(timeline.Action)+" "+bound)
	var history []string
	for _, r := range timeline.Outcome.History {
		history = append(history, fmt.Sprintf("%d %s", r.Revision, r.Status))
	}
	return append(lines, fmt.Sprintf("%s ends %s: %s", timeline.Action, timeline.Outcome.Result, strings.Join(history, ", ")))
}

func toldPhase(timeline Timeline, phase Phase) string {
	text := phase.Name
	if phase.Result == Skipped || phase.Result == Failed && len(phase.Steps) == 0 {
		text += " " + string(phase.Result)
	}
	if phase.Waited && timeline.Action != Uninstall && timeline.Action != Delete {
		text += " waited"
	}
	if len(phase.Waves) > 1 {
		for _, wave := range phase.Waves {
			text += fmt.Sprintf(" wave %d: %d objects", wave.Number, wave.Objects)
		}
	} else if phase.Objects > 0 && timeline.Action == Sync && len(timeline.Phases) == 1 {
		text += fmt.Sprintf(" %d objects", phase.Objects)
	}
	var steps []string
	for _, step := range phase.Steps {
		one := step.Hook.Object.Ref()
		if step.Wave != nil && len(phase.Steps) > 1 {
			one += fmt.Sprintf("@%d", *step.Wave)
		}
		if step.Result != OK && step.Result != "" {
			one += " " + string(step.Result)
		}
		steps = append(steps, one)
	}
	if len(steps) > 0 {
		text += "[" + strings.Join(steps, " ") + "]"
	}
	return text
}

func toWords[T ~string](all []T) []string {
	var words []string
	for _, one := range all {
		words = append(words, string(one))
	}
	return words
}
