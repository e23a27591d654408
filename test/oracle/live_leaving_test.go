package oracle

import (
	"strings"
	"testing"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
	"github.com/helm-hooks/helm-hooks/test/oracle/scenario"
	"github.com/helm-hooks/helm-hooks/test/oracle/stage"
)

// A hook's Job that was deleted and waits for its finalizers. Helm 3 waits until it is gone, and so does Helm 4 with
// --wait; by default Helm 4 patches it on its way out, finds it complete, and reports success.
func TestLiveObjectThatIsGoingAway(t *testing.T) {
	held := strings.Replace(object("Job", "a", "hook: pre-install,pre-upgrade"), "  name: a\n", "  name: a\n  finalizers: [example.com/hold]\n", 1)
	chart := chartOf(held, object("ConfigMap", "plain"))
	engines := newest(t)
	for _, c := range []struct {
		helm, wait string
		notRun     bool
		want       string
	}{
		{"3", "", false, "pre-upgrade delete Job/a\npre-upgrade wait-deleted Job/a\npre-upgrade record Job/a\npre-upgrade create Job/a\npre-upgrade wait Job/a\nresources update ConfigMap/plain\n"},
		{"4", "", true, "pre-upgrade delete Job/a\npre-upgrade record Job/a\npre-upgrade apply Job/a\npre-upgrade wait Job/a\nresources update ConfigMap/plain\n"},
		{"4", "watcher", false, "pre-upgrade delete Job/a\npre-upgrade wait-deleted Job/a\npre-upgrade record Job/a\npre-upgrade apply Job/a\npre-upgrade wait Job/a\nresources update ConfigMap/plain\nresources wait ConfigMap/plain\n"},
	} {
		s := stage.New(scenario.Scenario{Release: "r", Namespace: "ns", Charts: []scenario.Chart{chart}})
		for _, step := range []scenario.Step{{Helm: c.helm, Action: "install"}, {Action: scenario.DeleteByHand, Delete: []string{"batch/Job/ns/a"}}} {
			if _, err := s.Play(step, stepper); err != nil {
				t.Fatal(err)
			}
		}
		l, err := lookAt(s, engines[c.helm])
		if err != nil {
			t.Fatal(err)
		}
		n := next{steps: []scenario.Step{{Helm: c.helm, Action: "upgrade", Wait: c.wait}}, chart: &chart}
		a, err := l.foretell(n, "all")
		if err != nil {
			t.Fatal(err)
		}
		did, err := l.do(n)
		if err != nil {
			t.Fatal(err)
		}
		if got, _, _ := strings.Cut(told(did[0]), "="); got != c.want || did[0].Err != "" {
			t.Errorf("helm %s %s did\n%s%s", c.helm, c.wait, got, did[0].Err)
		}
		if v, diff := a.compare(did); v != agrees || diff != "" {
			t.Errorf("helm %s %s: %s\n%s", c.helm, c.wait, v, diff)
		}
		step := a.timelines[0].Phases[0].Steps[0]
		if step.NotRun != c.notRun || step.Prediction != plan.Likely {
			t.Errorf("helm %s %s: not run is %v, %s", c.helm, c.wait, step.NotRun, step.Prediction)
		}
	}
}
