package live

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/helm-hooks/helm-hooks/internal/cluster"
	"github.com/helm-hooks/helm-hooks/internal/cluster/record"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

var then = time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC)

// stored is a release of three revisions, the newest as given.
func stored(newest record.Release) *Release {
	newest.Name, newest.Namespace, newest.Revision = "shop", "web", 3
	return &Release{
		Name: "shop", Namespace: "web", Stored: "web", Newest: &newest,
		Refs: []cluster.Ref{{Revision: 1, Status: "superseded"}, {Revision: 2, Status: "deployed"}, {Revision: 3, Status: "failed"}},
		read: func(ref cluster.Ref) (*record.Release, error) {
			return &record.Release{Name: "shop", Revision: ref.Revision, Config: []byte(`{"of":2}`)}, nil
		},
	}
}

func Test_who_wrote_a_record_last(t *testing.T) {
	for want, newest := range map[string]record.Release{
		"helm4": {ApplyMethod: "csa"},
		"helm3": {},
		"":      {Info: record.Info{Deleted: record.Time{Time: then}}}, // an uninstall stores what it read
	} {
		if got := stored(newest).LastWriter(); got != want {
			t.Errorf("%+v: %q, want %q", newest, got, want)
		}
	}
	if got := (&Release{}).LastWriter(); got != "" {
		t.Errorf("no release was written by %q", got)
	}
}

func Test_Flux_is_known_by_its_label(t *testing.T) {
	const label = "metadata:\n  labels:\n    helm.toolkit.fluxcd.io/name: shop\n"
	for _, newest := range []record.Release{{Manifest: label}, {Hooks: []record.Hook{{Manifest: label}}}} {
		if !stored(newest).ByFlux() {
			t.Errorf("%+v", newest)
		}
	}
	if stored(record.Release{Manifest: "kind: ConfigMap"}).ByFlux() {
		t.Error("nothing says Flux")
	}
}

// v3 and v4 pkg/action: prepareRollback takes the last but one, whatever its status, prepareUpgrade the values of the
// deployed one.
func Test_which_revision_an_action_looks_at(t *testing.T) {
	r := stored(record.Release{Config: []byte(`{"of":3}`)})
	if got := r.Previous(); got != 2 {
		t.Errorf("rollback goes to %d", got)
	}
	if got := r.NextFields(); got != (plan.Fields{Revision: 4, IsUpgrade: true}) {
		t.Errorf("%+v", got)
	}
	old, err := r.OldValues("")
	if err != nil || old.Config["of"] != float64(2) {
		t.Errorf("%+v, %v: the values are those of the deployed revision", old, err)
	}
	none := None(nil, nil, "web", "shop")
	if old, err := none.OldValues(""); old != nil || err != nil || none.Previous() != 0 || none.NextFields() != (plan.Fields{Revision: 1}) {
		t.Errorf("%+v, %v", old, err)
	}
	if _, err := r.Revision(9); err == nil || !strings.Contains(err.Error(), "no revision 9") {
		t.Error(err)
	}
}

func job(name string, change func(*cluster.Seen)) cluster.Seen {
	seen := cluster.Seen{
		Wanted: cluster.Wanted{APIVersion: "batch/v1", Kind: "Job", Namespace: "web", Name: name}, Exists: true, Created: then,
		Job: &cluster.JobState{Progress: cluster.Succeeded},
	}
	change(&seen)
	return seen
}

func Test_what_was_seen_becomes_the_world_of_the_plan(t *testing.T) {
	seconds := int32(60)
	world := &World{}
	for _, seen := range []cluster.Seen{
		job("late", func(s *cluster.Seen) { s.Created = then.Add(time.Hour) }),
		job("failed", func(s *cluster.Seen) { s.Job.Progress = cluster.Failed }),
		job("halted", func(s *cluster.Seen) { s.Job.Progress = cluster.Suspended }),
		job("going", func(s *cluster.Seen) { s.Deleting, s.Finalizers = then, []string{"example.com/slow"} }),
		job("brief", func(s *cluster.Seen) { s.Job.TTL = &seconds }),
		job("ours", func(s *cluster.Seen) {
			s.Labels = map[string]string{"app.kubernetes.io/managed-by": "Helm"}
			s.Annotations = map[string]string{"meta.helm.sh/release-name": "shop", "meta.helm.sh/release-namespace": "web", "helm.sh/resource-policy": "keep"}
			s.Managers = []cluster.Manager{{Name: "helm", Operation: "Apply"}, {Name: "kube-controller-manager", Operation: "Update", Subresource: "status"}}
		}),
		job("theirs", func(s *cluster.Seen) {
			s.Labels = map[string]string{"app.kubernetes.io/managed-by": "Helm"}
			s.Managers = []cluster.Manager{{Name: "kubectl-create", Operation: "Update"}}
		}),
		job("absent", func(s *cluster.Seen) { *s = cluster.Seen{Wanted: s.Wanted} }),
		job("foreign", func(s *cluster.Seen) { *s = cluster.Seen{Wanted: s.Wanted, Err: errors.New("no"), NoSuchKind: true} }),
		job("secret-1", func(s *cluster.Seen) {
			*s = cluster.Seen{Wanted: s.Wanted, Err: errors.New(`get jobs.batch secret-1 in namespace "web" (context "dev"): forbidden`)}
		}),
		job("secret-2", func(s *cluster.Seen) {
			*s = cluster.Seen{Wanted: s.Wanted, Err: errors.New(`get jobs.batch secret-2 in namespace "web" (context "dev"): forbidden`)}
		}),
	} {
		world.Seen = append(world.Seen, seen)
		world.Asked = append(world.Asked, plan.Object{APIVersion: seen.APIVersion, Kind: seen.Kind, Namespace: seen.Namespace, Name: seen.Name})
	}
	got := stored(record.Release{Info: record.Info{Status: "failed"}}).Observe(world)
	named := func(name string) plan.Object {
		return plan.Object{APIVersion: "batch/v1", Kind: "Job", Namespace: "web", Name: name}
	}
	want := []plan.Existing{
		{Object: named("failed"), Condition: plan.ConditionFailed},
		{Object: named("halted"), Condition: plan.ConditionStalled},
		{Object: named("going"), Condition: plan.ConditionSucceeded, Leaving: true},
		{Object: named("brief"), Condition: plan.ConditionSucceeded},
		{Object: named("ours"), Condition: plan.ConditionSucceeded, Owned: true, Kept: true, Applied: true},
		{Object: named("theirs"), Condition: plan.ConditionSucceeded},
		{Object: named("late"), Condition: plan.ConditionSucceeded}, // the one made last comes last
	}
	if diff := cmp.Diff(want, got.Existing); diff != "" {
		t.Error(diff)
	}
	if !slices.Equal(got.Missing, []plan.Object{named("absent"), named("foreign")}) {
		t.Errorf("missing: %v", got.Missing)
	}
	var said []string
	for _, fact := range world.facts() {
		said = append(said, fact.Why)
	}
	text := strings.Join(said, "\n")
	for _, words := range []string{
		"Job/going was deleted and has not gone yet; it waits for example.com/slow", "Job/brief has ttlSecondsAfterFinished: 60",
		"the cluster does not serve Job of batch/v1: what is of such a kind fails",
		`whether Job/secret-1, Job/secret-2 are there is not known (get jobs.batch in namespace "web" (context "dev") failed)`,
	} {
		if !strings.Contains(text, words) {
			t.Errorf("%q is not said:\n%s", words, text)
		}
	}
	if len(said) != 4 {
		t.Errorf("%d facts:\n%s", len(said), text)
	}
}
