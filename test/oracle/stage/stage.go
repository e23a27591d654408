// Package stage is what the drivers of Helm 3 and Helm 4 share: one cluster, one set of release records
// and the recorder of operations. It knows no Helm package, so that steps of both can follow each other.
package stage

import (
	"fmt"
	"io"
	"log"
	"log/slog"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/helm-hooks/helm-hooks/test/oracle/cluster"
	"github.com/helm-hooks/helm-hooks/test/oracle/scenario"
)

// defaultTimeout is that of Helm's command line.
const defaultTimeout = 300 * time.Second

// MaxHistory is the command line's limit of records for upgrade and rollback.
const MaxHistory = 10

// Stage is where the steps of one scenario happen.
type Stage struct {
	Scenario scenario.Scenario
	Cluster  *cluster.Cluster
	Records  *Records
}

// Stepper runs one step by one version of Helm. It fills everything of the result but what the stage
// itself knows (operations, history, objects).
type Stepper func(*Stage, *Recorder, scenario.Step) (scenario.StepResult, error)

// New starts a scenario in an empty cluster. It silences the process-global loggers, to which both Helms
// write about hooks they do not know.
func New(sc scenario.Scenario) *Stage {
	quiet()
	if sc.Namespace == "" {
		sc.Namespace = "default"
	}
	return &Stage{Scenario: sc, Cluster: cluster.New(), Records: NewRecords()}
}

// quiet is done once, not undone: a library cannot know who else logs meanwhile.
var quiet = sync.OnceFunc(func() {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	log.SetOutput(io.Discard)
})

// Run runs all steps, each by the stepper that pick names for it.
func (s *Stage) Run(pick func(helm string) (Stepper, error)) (scenario.Result, error) {
	var result scenario.Result
	for i, step := range s.Scenario.Steps {
		res, err := s.Play(step, pick)
		if err != nil {
			return result, fmt.Errorf("step %d (helm %s %s): %w", i, step.Helm, step.Action, err)
		}
		result.Steps = append(result.Steps, res)
	}
	return result, nil
}

// Play runs one step, whether or not it is one of the scenario's.
func (s *Stage) Play(step scenario.Step, pick func(helm string) (Stepper, error)) (scenario.StepResult, error) {
	if step.Action == scenario.DeleteByHand {
		s.Cluster.Remove(step.Delete)
		return scenario.StepResult{Objects: s.Cluster.Objects()}, nil
	}
	stepper, err := pick(step.Helm)
	if err != nil {
		return scenario.StepResult{}, err
	}
	return s.step(stepper, step)
}

// Clone is a stage on which things are as on this one, and go their own way from here. charts are added to the
// scenario's.
func (s *Stage) Clone(charts ...scenario.Chart) *Stage {
	copied := &Stage{Scenario: s.Scenario, Cluster: s.Cluster.Clone(), Records: s.Records.clone()}
	copied.Scenario.Charts = slices.Concat(s.Scenario.Charts, charts)
	return copied
}

func (s *Stage) step(run Stepper, step scenario.Step) (scenario.StepResult, error) {
	s.Cluster.SetFaults(step.Faults)
	recorder := newRecorder(s, step)
	res, err := run(s, recorder, step)
	if err != nil {
		return res, err
	}
	s.Records.Seal(false)
	s.Cluster.Settle()
	if recorder.died != nil {
		res.Err = recorder.died.Error()
	}
	res.Ops = recorder.ops
	res.History, err = s.Records.History(s.Scenario.Release)
	if err != nil {
		return res, err
	}
	res.Objects = s.Cluster.Objects()
	res.HookObjects = s.Cluster.HookObjects()
	res.States = s.Cluster.States()
	res.Contents = s.Cluster.Contents()
	return res, nil
}

// Only is a picker for a driver of one Helm.
func Only(helm string, stepper Stepper) func(string) (Stepper, error) {
	return func(want string) (Stepper, error) {
		if want != helm {
			return nil, fmt.Errorf("this driver runs Helm %s, not %q", helm, want)
		}
		return stepper, nil
	}
}

// Chart is the step's chart.
func (s *Stage) Chart(step scenario.Step) (scenario.Chart, error) {
	if step.Chart < 0 || step.Chart >= len(s.Scenario.Charts) {
		return scenario.Chart{}, fmt.Errorf("there is no chart %d", step.Chart)
	}
	return s.Scenario.Charts[step.Chart], nil
}

// Timeout is the step's --timeout.
func Timeout(step scenario.Step) time.Duration {
	if step.TimeoutSeconds == 0 {
		return defaultTimeout
	}
	return time.Duration(step.TimeoutSeconds) * time.Second
}

// FileNames lists a chart's files in a fixed order.
func FileNames(c scenario.Chart) []string { return slices.Sorted(maps.Keys(c.Files)) }

// Sorted says whether SortManifests looks at a rendered file at all (manifest_sorter.go, both Helms).
func Sorted(name, content string) bool {
	return !strings.HasPrefix(path.Base(name), "_") && strings.TrimSpace(content) != ""
}

// Filters reads a step's --filter values as Helm's command line does (release_testing.go, both Helms): the
// names to test and the names to leave out. Anything else is ignored.
func Filters(step scenario.Step) (include, exclude []string) {
	notName := regexp.MustCompile(`^!\s?name=`)
	for _, f := range step.Filters {
		if name, ok := strings.CutPrefix(f, "name="); ok {
			include = append(include, name)
		} else if notName.MatchString(f) {
			exclude = append(exclude, notName.ReplaceAllLiteralString(f, ""))
		}
	}
	return include, exclude
}
