package plan

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// observeCase is one chart and what a life of it shows of the rules in question.
type observeCase struct {
	name, engine string
	chart        []string
	render       Render
	// rules are those looked at; others are left out.
	rules string
	want  []string
	// says are words that the messages and fixes hold.
	says []string
}

func testObserve(t *testing.T, cases []observeCase) {
	t.Helper()
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			if test.render == nil {
				test.render = chartOf(test.chart...)
			}
			p, err := Make(Input{
				Engine: engineOf(t, test.engine), Release: Release{Name: "r", Namespace: "default"},
				Options: Options{Timeout: DefaultTimeout}, Render: test.render,
			})
			if err != nil {
				t.Fatal(err)
			}
			var found []Finding
			var got []string
			for _, f := range p.Findings {
				if strings.Contains(test.rules, f.Rule) {
					found = append(found, f)
					got = append(got, fmt.Sprintf("%s (%s)", brief([]Finding{f})[0], f.Prediction))
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("found (-want +got):\n%s%s", diff, everything(found))
			}
			for _, words := range test.says {
				if !strings.Contains(everything(found), words) {
					t.Errorf("nothing says %q in\n%s", words, everything(found))
				}
			}
		})
	}
}

func ttlJob(name string, seconds int, annotations ...string) string {
	return manifest("batch/v1", "Job", name, fmt.Sprintf("spec: {ttlSecondsAfterFinished: %d, template: {spec: {restartPolicy: Never}}}\n", seconds), annotations...)
}

// A Job with a TTL is deleted by the cluster, so what a later run meets depends on how soon that comes.
func TestTTLTakesAJobAway(t *testing.T) {
	const failed = `hook-delete-policy: hook-failed`
	testObserve(t, []observeCase{
		{
			name: "does not run again soon", engine: "helm4", rules: "HH104", chart: []string{ttlJob("m", 600, `hook: pre-upgrade`, failed)},
			want: []string{"HH104 warning Job/m in upgrade pre-upgrade (likely)"},
			says: []string{"Job/m does not run again in pre-upgrade of the next upgrade if that comes less than 600 s after its last run ended (spec.ttlSecondsAfterFinished): the finished one is still there"},
		},
		{
			name: "already exists soon", engine: "helm3", rules: "HH101", chart: []string{ttlJob("m", 600, `hook: pre-upgrade`, failed)},
			want: []string{"HH101 warning Job/m in upgrade pre-upgrade (likely)"},
			says: []string{"Job/m fails in pre-upgrade of the next upgrade if that comes less than 600 s after its last run ended"},
		},
		{
			name: "twice in one action", engine: "helm3", rules: "HH101", chart: []string{ttlJob("m", 600, `hook: pre-install,post-install`, failed)},
			want: []string{"HH101 error Job/m in install post-install (likely)"}, says: []string{"the object of its run in pre-install already exists"},
		},
		{
			name: "twice in one action, with a short TTL", engine: "helm4", rules: "HH104", chart: []string{ttlJob("m", 10, `hook: pre-install,post-install`, failed)},
			want: []string{"HH104 warning Job/m in install post-install (likely)"},
		},
		{
			name: "without a TTL", engine: "helm3", rules: "HH101", chart: []string{job("m", `hook: pre-upgrade`, failed)},
			want: []string{"HH101 error Job/m in upgrade pre-upgrade (proven)"}, says: []string{"the object of the last run already exists"},
		},
		{
			name: "a List of which one stays", engine: "helm4", rules: "HH104",
			chart: []string{"apiVersion: v1\nkind: List\nmetadata: {annotations: {helm.sh/hook: post-upgrade, helm.sh/hook-delete-policy: hook-failed}}\nitems:\n" +
				"- {apiVersion: batch/v1, kind: Job, metadata: {name: a}, spec: {ttlSecondsAfterFinished: 60, template: {}}}\n- {apiVersion: batch/v1, kind: Job, metadata: {name: b}, spec: {template: {}}}\n"},
			want: []string{"HH104 error List/ in upgrade post-upgrade (proven)"},
		},
		{
			name: "left after uninstall", engine: "helm4", rules: "HH103", chart: []string{ttlJob("m", 600, `hook: post-install`)},
			want: []string{"HH103 info Job/m in uninstall (likely)"},
			says: []string{"Job/m is left in the cluster after uninstall, until 600 s after it ended (spec.ttlSecondsAfterFinished): Helm never deletes"},
		},
		{
			name: "another name each time", engine: "helm4", rules: "HH111",
			render: func(f Fields) (Rendered, error) {
				return chartOf(ttlJob(fmt.Sprintf("m-%d", f.Revision), 600, `hook: pre-upgrade`))(f)
			},
			want: []string{"HH111 info Job/m-1 (likely)", "HH111 info Job/m-2 (likely)", "HH111 info Job/m-3 (likely)"}, says: []string{"each run leaves one more, until 600 s after it ended"},
		},
		{
			name: "an ordinary Job that changes", engine: "helm4", rules: "HH108",
			render: byAction([]string{ttlJob("m", 600)}, []string{"apiVersion: batch/v1\nkind: Job\nmetadata: {name: m}\nspec: {ttlSecondsAfterFinished: 600, template: {spec: {restartPolicy: OnFailure}}}\n"}),
			want:   []string{"HH108 warning Job/m in upgrade resources (likely)"},
			says:   []string{"upgrade fails in resources if that comes less than 600 s after Job/m ended (spec.ttlSecondsAfterFinished): "},
		},
	})
}

// What a test leaves is met by the next helm test.
func TestHelmTestIsRunAgain(t *testing.T) {
	const failed = `hook-delete-policy: hook-failed`
	testObserve(t, []observeCase{
		{
			name: "already exists", engine: "helm3", rules: "HH101", chart: []string{job("check", `hook: test`, failed)},
			want: []string{"HH101 error Job/check in test test (proven)"}, says: []string{"Job/check fails in the next helm test: the object of the last run already exists"},
		},
		{
			name: "does not run again", engine: "helm4", rules: "HH104", chart: []string{job("check", `hook: test`, failed)},
			want: []string{"HH104 error Job/check in test test (proven)"}, says: []string{"Job/check does not run again in the next helm test"},
		},
		{name: "the default", engine: "helm3", rules: "HH101 HH104 HH108", chart: []string{job("check", `hook: test`)}},
	})
}
