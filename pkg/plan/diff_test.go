package plan

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// diffOf compares two charts under the rules of an engine each.
func diffOf(t *testing.T, oldEngine, newEngine string, old, now Render) Diff {
	t.Helper()
	return Compare(planned(t, oldEngine, "r", old), planned(t, newEngine, "r", now))
}

func planned(t *testing.T, engine, release string, render Render) Plan {
	t.Helper()
	p, err := Make(Input{
		Engine: engineOf(t, engine), Release: Release{Name: release, Namespace: "default"}, Render: render,
		Options: Options{Timeout: DefaultTimeout}, Lint: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// changesText writes changes as text, one a line. The sums that nearly every change of hooks entails are left out.
func changesText(d Diff) string {
	var out strings.Builder
	for _, c := range d.Changes {
		if c.Kind == ChangeLeft || c.Kind == ChangeWaits && len(c.Objects) == 0 || c.Kind == ChangeFinding && c.Impact == ImpactNote {
			continue
		}
		fmt.Fprintf(&out, "%s %s", c.Impact, c.Kind)
		for _, o := range c.Objects {
			out.WriteString(" " + o.Ref())
		}
		for _, p := range c.Places {
			out.WriteString(" @" + string(p.Action))
			if p.Phase != "" {
				out.WriteString("/" + p.Phase)
			}
		}
		if c.Old+c.New != "" {
			fmt.Fprintf(&out, ": %s -> %s", c.Old, c.New)
		}
		if len(c.Parts) > 0 {
			out.WriteString(": " + strings.Join(c.Parts, ", "))
		}
		for _, o := range c.Unreached {
			out.WriteString(" unreached:" + o.Ref())
		}
		if c.Rule != "" {
			out.WriteString(" [" + c.Rule + "]")
		}
		out.WriteString("\n")
	}
	return out.String()
}

const (
	installs  = `hook: pre-install`
	upgrades  = `hook: pre-upgrade`
	afterward = `hook: post-install`
	keepsNot  = `hook-delete-policy: hook-failed`
)

func weight(n int) string { return fmt.Sprintf("hook-weight: %q", fmt.Sprint(n)) }

func TestCompare(t *testing.T) {
	three := []string{job("a", installs, weight(1)), job("b", installs, weight(2)), job("c", installs, weight(3))}
	for _, test := range []struct {
		name     string
		old, now []string
		want     string
	}{
		{"nothing", three, three, ""},
		{
			"a new hook, of which the others are not moved", three, append([]string{job("x", installs, weight(0))}, three...),
			"differs added Job/x @install/pre-install:  -> weight 0; waits: until it completes; deleted: before-hook-creation\n",
		},
		{
			"a hook that is gone", three, three[:2],
			"differs removed Job/c @install/pre-install: weight 3; waits: until it completes; deleted: before-hook-creation -> \n",
		},
		{
			"a hook that changes places", three,
			[]string{three[0], three[1], job("c", installs, weight(0))},
			"differs order Job/c @install/pre-install: weight 3, after Job/b -> weight 0, first\n",
		},
		{
			"the moved one is the one whose weight changed", three[:2],
			[]string{job("a", installs, weight(5)), three[1]},
			"differs order Job/a @install/pre-install: weight 1, first -> weight 5, after Job/b\n",
		},
		{
			"another weight and the same order", three,
			[]string{three[0], three[1], job("c", installs, weight(9))},
			"note order Job/c @install/pre-install: weight 3 -> weight 9\n",
		},
		{
			"all three run at another time", three,
			[]string{job("a", afterward, weight(1)), three[1], three[2]},
			"differs events Job/a @install/pre-install @install/post-install: pre-install -> post-install\n",
		},
		{
			"one more event",
			[]string{job("a", installs)},
			[]string{job("a", bothBefore)},
			"differs events Job/a @upgrade/pre-upgrade: pre-install -> pre-install, pre-upgrade\n",
		},
		{
			"an event that is listed twice",
			[]string{job("a", installs)},
			[]string{job("a", "hook: pre-install,pre-install")},
			"differs events Job/a @install/pre-install: pre-install -> pre-install (2 times)\ndiffers finding Job/a:  -> warning [HH006]\n",
		},
		{"the default made explicit is no change", []string{job("a", installs)}, []string{job("a", installs, "hook-delete-policy: before-hook-creation")}, ""},
		{"the order of policies is no change", []string{job("a", installs, goes)}, []string{job("a", installs, "hook-delete-policy: hook-succeeded , before-hook-creation")}, ""},
		{
			"another policy",
			[]string{job("a", installs)},
			[]string{job("a", installs, goes)},
			"differs policy Job/a @install/pre-install: before-hook-creation -> before-hook-creation, hook-succeeded\n",
		},
		{
			"another output log policy",
			[]string{job("a", installs)},
			[]string{job("a", installs, "hook-output-log-policy: hook-failed")},
			"note logs Job/a @install/pre-install: not shown -> hook-failed\n",
		},
		{
			"a hook that begins to be ignored",
			[]string{job("a", installs)},
			[]string{job("a", "hook: pre-instal")},
			"breaks ignored Job/a @install/pre-install: a hook in pre-install -> ignored: \"pre-instal\" is no Helm event, so Helm drops the whole object: it is neither installed nor run. (HH001) [HH001]\n",
		},
		{
			"an ordinary object that begins to be ignored",
			[]string{configMap("a")},
			[]string{configMap("a", "hook: pre-instal")},
			"breaks ignored ConfigMap/a: an ordinary object, installed and deleted with the release -> ignored: \"pre-instal\" is no Helm event, so Helm drops the whole object: it is neither installed nor run. (HH001) [HH001]\n",
		},
		{
			"an ignored object that comes back to life",
			[]string{job("a", "hook: pre-instal")},
			[]string{job("a", installs)},
			"mends ignored Job/a @install/pre-install: ignored: \"pre-instal\" is no Helm event, so Helm drops the whole object: it is neither installed nor run. (HH001) -> a hook in pre-install [HH001]\n",
		},
		{
			"an ignored object that is taken out",
			[]string{job("a", "hook: pre-instal")},
			nil,
			"note ignored Job/a: ignored: \"pre-instal\" is no Helm event, so Helm drops the whole object: it is neither installed nor run. (HH001) ->  [HH001]\n",
		},
		{
			"ignored for another reason",
			[]string{job("a", "hook: pre-instal")},
			[]string{job("a", "hook: post-instal")},
			"differs ignored Job/a: ignored: \"pre-instal\" is no Helm event, so Helm drops the whole object: it is neither installed nor run. (HH001) -> ignored: \"post-instal\" is no Helm event, so Helm drops the whole object: it is neither installed nor run. (HH001) [HH001]\n",
		},
		{
			"a hook that becomes an ordinary object",
			[]string{configMap("a", installs, goes)},
			[]string{configMap("a")},
			"differs resource ConfigMap/a @install/pre-install: a hook in pre-install -> an ordinary object, installed and deleted with the release\n",
		},
		{
			"an ordinary object that becomes a hook",
			[]string{configMap("a")},
			[]string{configMap("a", installs, goes)},
			"differs resource ConfigMap/a @install/pre-install: an ordinary object, installed and deleted with the release -> a hook in pre-install\n",
		},
		{"ordinary objects are nobody's business", []string{configMap("a")}, []string{configMap("b"), deployment("c", "")}, ""},
		{
			"a hook that silently runs no more",
			[]string{job("a", afterward+",post-upgrade")},
			[]string{job("a", afterward+",post-upgrade", keepsNot)},
			"breaks run Job/a @upgrade/post-upgrade: runs -> does not run, and success is reported [HH104]\n" +
				"differs policy Job/a @install/post-install @upgrade/post-upgrade: before-hook-creation -> hook-failed\n",
		},
		{
			"a hook that never completes",
			[]string{job("a", installs)},
			[]string{manifest("batch/v1", "Job", "a", "spec: {suspend: true, template: {spec: {restartPolicy: Never}}}\n", installs)},
			"breaks outcome Job/a @install: succeeds -> fails: failed pre-install: resource Job/default/a not ready. status: InProgress: context deadline exceeded [HH105]\n" +
				"differs waits Job/a @install/pre-install: until it completes -> until the timeout, since it never completes: spec.suspend is true, so the Job is never started\n" +
				"differs content Job/a @install/pre-install: spec.suspend\n",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := changesText(diffOf(t, "helm4", "helm4", chartOf(test.old...), chartOf(test.now...)))
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCompareEngines(t *testing.T) {
	smoke := job("smoke", "hook: post-install,post-upgrade", keepsNot)
	after := job("z", "hook: post-upgrade")
	got := changesText(diffOf(t, "helm3", "helm4", chartOf(smoke, after), chartOf(smoke, after)))
	want := `breaks run Job/smoke @upgrade/post-upgrade: fails: warning: Hook post-upgrade c/templates/all.yaml failed: jobs.batch "smoke" already exists -> does not run, and success is reported [HH104]
differs outcome @upgrade: fails: post-upgrade hooks failed: warning: Hook post-upgrade c/templates/all.yaml failed: jobs.batch "smoke" already exists -> succeeds unreached:Job/z
differs apply @install @upgrade: create -> server-side apply
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	migrate := job("migrate", bothBefore, goes)
	d := diffOf(t, "helm3", "helm4", chartOf(migrate, smoke), chartOf(migrate, smoke))
	if got := changesText(d); !strings.Contains(got, "deletion Job/migrate @install @upgrade: waits until they are gone -> goes on at once") &&
		!strings.Contains(got, "deletion @install @upgrade: waits until they are gone -> goes on at once") {
		t.Error(got)
	}
	if got := changesText(diffOf(t, "helm3@3.18", "helm3@3.18", chartOf(migrate, smoke), chartOf(migrate, smoke))); got != "" {
		t.Error(got)
	}
}

// One cause is one change: what an action no longer reaches stands with the action.
func TestCompareFailures(t *testing.T) {
	good, bad := job("a", bothBefore), job("a", bothBefore, `hook-weight: 5`)
	later := job("z", "hook: post-install,post-upgrade")
	d := diffOf(t, "helm4", "helm4", chartOf(good, later), chartOf(bad, later))
	var outcomes, runs int
	for _, c := range d.Changes {
		switch c.Kind {
		case ChangeOutcome:
			outcomes++
			if c.Impact == ImpactBreaks && (len(c.Objects) != 1 || c.Objects[0].Name != "a" || len(c.Unreached) != 1 || c.Unreached[0].Name != "z") {
				t.Errorf("%+v", c)
			}
		case ChangeRun, ChangeAdded, ChangeRemoved:
			runs++
		}
	}
	if outcomes == 0 || runs > 0 {
		t.Errorf("%d outcomes, %d runs: %s", outcomes, runs, changesText(d))
	}
	back := diffOf(t, "helm4", "helm4", chartOf(bad, later), chartOf(good, later))
	if len(back.Changes) == 0 || back.Changes[0].Impact != ImpactMends {
		t.Error(changesText(back))
	}
}

// The two sides may be releases of different names: what is called like the release is the same hook.
func TestCompareReleasesOfDifferentNames(t *testing.T) {
	old, now := planned(t, "helm4", "blue", chartOf(job("blue-migrate", installs))), planned(t, "helm4", "green", chartOf(job("green-migrate", installs)))
	now.Release.Namespace = "elsewhere"
	for i := range now.Timelines {
		for j := range now.Timelines[i].Phases {
			for k := range now.Timelines[i].Phases[j].Steps {
				now.Timelines[i].Phases[j].Steps[k].Hook.Object.Namespace = "elsewhere"
			}
		}
	}
	now.inventories = nil
	for i := range now.Timelines {
		for j := range now.Timelines[i].Outcome.Left {
			now.Timelines[i].Outcome.Left[j].Namespace = "elsewhere"
		}
	}
	now.Findings, old.Findings = nil, nil
	if got := changesText(Compare(old, now)); got != "" {
		t.Error(got)
	}
}

func TestCompareRenames(t *testing.T) {
	one := func(name string, documents ...string) Render {
		return func(Fields) (Rendered, error) {
			r := Rendered{Documents: []Document{{Template: "c/templates/" + name + ".yaml", Text: documents[0]}}}
			for i, text := range documents[1:] {
				r.Documents = append(r.Documents, Document{Template: "c/templates/" + name + ".yaml", Index: i + 1, Text: text})
			}
			return r, nil
		}
	}
	for _, test := range []struct {
		name     string
		old, now Render
		want     string
	}{
		{
			"the only hook of its template", one("m", job("migrate-1", installs)), one("m", jobWith("migrate-2", "containers: [{name: main}]", installs)),
			"differs name Job/migrate-2: Job/migrate-1 -> Job/migrate-2\ndiffers content Job/migrate-2 @install/pre-install: containers\n",
		},
		{
			"one of several that does the same", one("m", job("a-1", installs), job("b", upgrades)), one("m", job("b", upgrades), job("a-2", installs)),
			"differs name Job/a-2: Job/a-1 -> Job/a-2\n",
		},
		{
			"one of several that does something else", one("m", job("a", installs), job("b", upgrades)), one("m", job("b", upgrades), job("c", afterward)),
			"differs removed Job/a @install/pre-install: weight 0; waits: until it completes; deleted: before-hook-creation -> \n" +
				"differs added Job/c @install/post-install:  -> weight 0; waits: until it completes; deleted: before-hook-creation\n",
		},
		{
			"another template", one("m", job("a", installs)), one("n", job("a", installs)),
			"note name Job/a @install/pre-install: templates/m.yaml -> templates/n.yaml\n",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, changesText(diffOf(t, "helm4", "helm4", test.old, test.now))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Where one side cannot tell what it drops, nothing is concluded from that, and the diff says so.
func TestCompareWithARenderedSide(t *testing.T) {
	dropped, hook := job("lost", "hook: pre-instal"), job("a", installs)
	rendered := planned(t, "helm4", "r", chartOf(hook))
	rendered.Ignored, rendered.Unknown = nil, []UnknownFact{{What: "ignored", Why: "it was rendered"}}
	chart := planned(t, "helm4", "r", chartOf(hook, dropped))
	for _, d := range []Diff{Compare(rendered, chart), Compare(chart, rendered)} {
		if len(d.Changes) > 0 || len(d.Unknown) != 1 || !strings.HasSuffix(d.Unknown[0].Why, ": it was rendered") {
			t.Errorf("%+v", d)
		}
	}
	// That it was an ordinary object before is known all the same.
	was := planned(t, "helm4", "r", chartOf(hook, job("lost")))
	was.Ignored = nil
	if d := Compare(was, chart); len(d.Changes) != 1 || d.Changes[0].Kind != ChangeIgnored {
		t.Error(changesText(d))
	}
}

func TestCompareLeavesAndWaits(t *testing.T) {
	d := diffOf(t, "helm4", "helm4", chartOf(job("a", installs, goes)), chartOf(job("a", installs), job("b", installs, goes)))
	var got []string
	for _, c := range d.Changes {
		if c.Kind == ChangeLeft || c.Kind == ChangeWaits {
			got = append(got, fmt.Sprintf("%s %s -> %s %d", c.Kind, c.Old, c.New, len(c.Objects)))
		}
	}
	want := []string{"left  -> left in the cluster 1", "waits install 5m -> install 10m 0"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Hooks of actions that are not shown are not gone.
func TestCompareSomeActions(t *testing.T) {
	only := func(render Render) Plan {
		p, err := Make(Input{Engine: engineOf(t, "helm4"), Release: Release{Name: "r", Namespace: "default"}, Render: render, Actions: []Action{Install}})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	d := Compare(only(chartOf(job("a", bothBefore))), only(chartOf(job("a", upgrades))))
	if got := changesText(d); got != "differs events Job/a @install/pre-install: pre-install -> \n" {
		t.Error(got)
	}
	if got := changesText(Compare(only(chartOf(job("a", upgrades))), only(chartOf()))); got != "" {
		t.Error(got)
	}
}

// What only a life under Helm shows is not mended because nobody lives it under another engine: there the finished Job
// does not run again either.
func TestCompareDoesNotCallMendedWhatNobodyLookedFor(t *testing.T) {
	chart := chartOf(job("smoke", `hook: "post-install,post-upgrade"`, keepsNot))
	if d := diffOf(t, "helm4", "helm4", chart, chartOf(job("smoke", `hook: "post-install,post-upgrade"`))); !strings.Contains(changesText(d), "mends run Job/smoke") {
		t.Fatalf("under one engine it is mended:\n%s", changesText(d))
	}
	for _, engine := range []string{"argocd", "template"} {
		for _, change := range diffOf(t, "helm4", engine, chart, chart).Changes {
			if change.Impact == ImpactMends {
				t.Errorf("%s: %+v", engine, change)
			}
		}
	}
}
