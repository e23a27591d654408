package plan

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func Test_ParseFault(t *testing.T) {
	for text, want := range map[string]Fault{
		"Job/migrate":                    {Object: "Job/migrate", Times: 1},
		"Job/migrate@pre-install":        {Object: "Job/migrate", Event: PreInstall, Times: 1},
		"Job/migrate@pre-install:create": {Object: "Job/migrate", Event: PreInstall, At: FaultCreate, Times: 1},
		"Job/migrate:timeout":            {Object: "Job/migrate", At: FaultTimeout, Times: 1},
		"ClusterRole/shop:migrate":       {Object: "ClusterRole/shop:migrate", Times: 1},
		"ClusterRole/shop:migrate:wait":  {Object: "ClusterRole/shop:migrate", At: FaultWait, Times: 1},
		"resources":                      {Object: "resources", Times: 1},
		"resources:delete":               {Object: "resources", At: FaultDelete, Times: 1},
		"resources@upgrade:wait":         {Object: "resources", Event: "upgrade", At: FaultWait, Times: 1},
	} {
		got, err := ParseFault(text)
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
		if got.String() != text {
			t.Errorf("%s is written as %s", text, got)
		}
	}
	for text, want := range map[string]string{
		"":                            "is not of the form",
		"migrate":                     "is not of the form",
		"Job/":                        "is not of the form",
		"Job/migrate@":                `"" is no hook event`,
		"Job/migrate@pre-uninstall":   `"pre-uninstall" is no hook event (did you mean "pre-delete"?)`,
		"Job/migrate@pre-install:now": `"now" is no point of failure`,
		"resources:now":               `"now" is no point of failure`,
		"resources:timeout":           "ordinary resources fail at create, wait or delete",
		"resources@pre-install":       `not to "pre-install"`,
	} {
		if _, err := ParseFault(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func FuzzParseFault(f *testing.F) {
	for _, text := range []string{"Job/a", "Job/a@pre-install:wait", "resources@upgrade", "@:", "a/b@c@test"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		fault, err := ParseFault(text)
		if err != nil {
			return
		}
		again, err := ParseFault(fault.String())
		if err != nil || again != fault {
			t.Errorf("%q is read as %+v, written as %q and then read as %+v, %v", text, fault, fault.String(), again, err)
		}
	})
}

func inputOf(t *testing.T, engine string, render Render) Input {
	t.Helper()
	return Input{Engine: engineOf(t, engine), Release: Release{Name: "r", Namespace: "default"}, Render: render}
}

func Test_a_fault_strikes_once_and_the_rest_of_a_life_goes_well(t *testing.T) {
	input := inputOf(t, "helm4", chartOf(job("migrate", "hook: pre-install,pre-upgrade")))
	input.Faults = []Fault{{Object: "Job/migrate", Times: 1}}
	input.Then = []Command{{Action: Upgrade}, {Action: Upgrade}}
	p, err := Make(input)
	if err != nil {
		t.Fatal(err)
	}
	var results []Result
	for _, timeline := range p.Timelines {
		results = append(results, timeline.Outcome.Result)
	}
	if diff := cmp.Diff([]Result{Failed, OK, OK}, results); diff != "" || !p.Life {
		t.Error(diff, p.Life)
	}
	if got := p.Timelines[1].StartsFrom; got != "what the failed install left: 1 failed" {
		t.Error(got)
	}
}

func Test_two_faults_of_one_hook_strike_in_two_actions(t *testing.T) {
	input := inputOf(t, "helm3", chartOf(job("migrate", "hook: pre-install,pre-upgrade")))
	once := Fault{Object: "Job/migrate", Times: 1}
	input.Faults = []Fault{once, once}
	input.Then = []Command{{Action: Upgrade}, {Action: Upgrade}}
	p, err := Make(input)
	if err != nil {
		t.Fatal(err)
	}
	if last := p.Timelines[2].Outcome; p.Timelines[1].Outcome.Result != Failed || last.Result != OK {
		t.Errorf("%+v", last)
	}
}

func Test_only_actions_that_a_fault_strikes_are_shown_unless_they_are_asked_for(t *testing.T) {
	input := inputOf(t, "helm4", chartOf(job("clean", "hook: pre-delete"), configMap("c")))
	input.Faults = []Fault{{Object: "job/clean", Times: 1}}
	p, err := Make(input)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Action{Uninstall}, actionsOf(p.Timelines)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]Fault{{Object: "Job/clean", At: FaultWait, Times: 1}}, p.Faults); diff != "" {
		t.Error(diff)
	}
	input.Actions = []Action{Install}
	if _, err := Make(input); err == nil || !strings.Contains(err.Error(), "it does not come to that in install: its events are pre-delete") {
		t.Error(err)
	}
}

func Test_ordinary_resources_fail_where_the_action_first_can(t *testing.T) {
	for _, c := range []struct {
		action Action
		wait   WaitStrategy
		atomic bool
		want   Op
	}{
		{Install, WaitHookOnly, false, OpApply},
		{Install, WaitWatcher, false, OpWait},
		{Install, WaitHookOnly, true, OpWait},
		{Upgrade, WaitHookOnly, false, OpUpdate},
		{Rollback, WaitWatcher, false, OpWait},
		{Uninstall, WaitWatcher, false, OpDelete},
	} {
		input := inputOf(t, "helm4", chartOf(configMap("c"), job("j", "hook: test")))
		input.Actions, input.Faults = []Action{c.action}, []Fault{{Object: "resources", Times: 1}}
		input.Options = Options{Wait: c.wait, Atomic: c.atomic}
		p, err := Make(input)
		if err != nil {
			t.Errorf("%+v: %v", c, err)
			continue
		}
		var failed []Op
		for _, operation := range p.Timelines[0].Operations {
			if operation.Result == Failed {
				failed = append(failed, operation.Op)
			}
		}
		if diff := cmp.Diff([]Op{c.want}, failed); diff != "" {
			t.Errorf("%+v: %s", c, diff)
		}
	}
}

func Test_hooks_come_from_the_old_chart_where_it_was_stored(t *testing.T) {
	input := inputOf(t, "helm4", chartOf(job("new", "hook: pre-upgrade,pre-rollback,test")))
	input.From = chartOf(job("old", "hook: pre-upgrade,pre-rollback,test"))
	input.Actions = []Action{Upgrade, Rollback, Test}
	p, err := Make(input)
	if err != nil {
		t.Fatal(err)
	}
	var ran []string
	for _, timeline := range p.Timelines {
		for _, phase := range timeline.Phases {
			for _, step := range phase.Steps {
				ran = append(ran, string(timeline.Action)+" "+step.Hook.Name)
			}
		}
	}
	if diff := cmp.Diff([]string{"upgrade new", "rollback old", "test new"}, ran); diff != "" {
		t.Error(diff)
	}
}

// An ordinary object that becomes a pre-upgrade hook is made by the hook and then deleted by the update.
func Test_what_the_old_chart_had_as_an_ordinary_object_is_deleted_after_its_hook_made_it(t *testing.T) {
	input := inputOf(t, "helm3", chartOf(configMap("settings", "hook: pre-install,pre-upgrade"), configMap("other")))
	input.From = chartOf(configMap("settings"), configMap("other"))
	p, err := Make(input)
	if err != nil {
		t.Fatal(err)
	}
	if left := p.Timelines[0].Outcome.Left; len(left) != 0 {
		t.Errorf("left: %v", left)
	}
	found := false
	for _, f := range p.Findings {
		found = found || f.Rule == ruleShared && strings.Contains(f.Message, "ConfigMap/settings was an ordinary object")
	}
	if !found {
		t.Errorf("no finding says so: %+v", p.Findings)
	}
}

func Test_a_way_out_is_one_that_works(t *testing.T) {
	stays := job("migrate", "hook: pre-install,pre-upgrade", "hook-delete-policy: hook-succeeded")
	input := inputOf(t, "helm3", chartOf(stays, configMap("c")))
	input.Actions, input.Faults = []Action{Upgrade}, []Fault{{Object: "Job/migrate", Times: 1}}
	p, err := Make(input)
	if err != nil {
		t.Fatal(err)
	}
	ways := p.Timelines[0].Recovery.Ways
	if len(ways) != 2 || ways[0].Moves[0].Action != "" || ways[0].Moves[0].Delete[0].Ref() != "Job/migrate" || ways[0].Moves[1].Action != Upgrade {
		t.Fatalf("the failed Job stays and is in the way, so it must be deleted first: %+v", ways)
	}
	if ways[1].Moves[0].Options.RollbackTo != 1 {
		t.Errorf("%+v", ways[1])
	}
}

func Test_nothing_that_cannot_be_brought_back_is_deleted_by_hand(t *testing.T) {
	claim := manifest("v1", "PersistentVolumeClaim", "data", "", "hook: pre-upgrade", "hook-delete-policy: hook-failed")
	input := inputOf(t, "helm3", chartOf(claim, configMap("c")))
	input.Actions = []Action{Upgrade}
	input.Then = []Command{{Action: Upgrade}}
	p, err := Make(input)
	if err != nil {
		t.Fatal(err)
	}
	recovery := p.Timelines[1].Recovery
	if p.Timelines[1].Outcome.Result != Failed || recovery == nil {
		t.Fatalf("the second upgrade finds the claim: %+v", p.Timelines[1].Outcome)
	}
	for _, way := range recovery.Ways {
		for _, move := range way.Moves {
			if move.Action == "" {
				t.Errorf("%s deletes %v", way.Goal, move.Delete)
			}
		}
	}
	if len(recovery.Refused) == 0 || !recovery.Refused[0].Fails {
		t.Errorf("%+v", recovery.Refused)
	}
}

func Test_the_live_resources_after_each_kind_of_failure(t *testing.T) {
	chart := chartOf(job("before", "hook: pre-install,pre-upgrade"), job("after", "hook: post-install,post-upgrade"), configMap("c"))
	for _, c := range []struct {
		action Action
		fault  string
		want   Live
	}{
		{Install, "Job/before", Live{}},
		{Install, "resources", Live{Revision: 1, Rendered: 1, Partly: true}},
		{Install, "Job/after", Live{Revision: 1, Rendered: 1}},
		{Upgrade, "Job/before", Live{Revision: 1, Rendered: 1}},
		{Upgrade, "resources", Live{Revision: 2, Rendered: 2, Partly: true, Before: 1}},
		{Upgrade, "Job/after", Live{Revision: 2, Rendered: 2}},
		{Uninstall, "resources", Live{Revision: 1, Rendered: 1, Partly: true}},
	} {
		input := inputOf(t, "helm4", chart)
		input.Actions, input.Faults = []Action{c.action}, []Fault{{Object: c.fault, Times: 1}}
		p, err := Make(input)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Timelines[0].Outcome.Live; got != c.want {
			t.Errorf("%s, %s: %+v, want %+v", c.action, c.fault, got, c.want)
		}
	}
}

func Test_a_matrix_has_a_row_for_each_hook_and_for_the_resources(t *testing.T) {
	m, err := MakeMatrix(inputOf(t, "helm4", chartOf(job("migrate", "hook: pre-install,pre-upgrade"), configMap("c"), configMap("seed", "hook: post-install"))))
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for _, row := range m.Rows {
		rows = append(rows, string(row.Action)+" "+row.Phase+" "+row.Fault.String()+" = "+string(row.Outcome.Status))
	}
	want := []string{
		"install pre-install Job/migrate@pre-install:wait = failed",
		"install resources resources = failed",
		"install post-install ConfigMap/seed@post-install:create = failed",
		"upgrade pre-upgrade Job/migrate@pre-upgrade:wait = failed",
		"upgrade resources resources = failed",
		"rollback resources resources = failed",
		"uninstall resources resources = uninstalling",
	}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Error(diff)
	}
}
