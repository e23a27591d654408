package plan

import (
	"fmt"
	"slices"
	"time"
)

// Situation is what may happen to a HelmRelease, and which of Helm's actions helm-controller then runs.
type Situation struct {
	// ID names it for programs.
	ID string
	// When says in words what has happened.
	When  string
	Steps []SituationStep
	End   FluxEnd
}

// SituationStep is one action of a situation.
type SituationStep struct {
	Action  Action
	Because string
	// Events are those whose hooks the action runs, in their order; of a failed action those that come if it gets so
	// far. None are run where the HelmRelease disables them.
	Events []Event
	Failed bool
	// Killed says that helm-controller itself died meanwhile.
	Killed bool
	// Pause is how long helm-controller waits before it.
	Pause time.Duration
}

// strandedByNamespace is what a changed targetNamespace does: Flux already uninstalls with the new one.
const strandedByNamespace = "the uninstall works in the new namespace: delete hooks are made there, and objects whose manifest names no namespace stay behind in the old one"

// situationChart is what the situations are played with: what the controller decides does not depend on the chart.
func situationChart(Fields) (Rendered, error) {
	document := func(name, annotations string) Document {
		return Document{Template: "c/templates/" + name + ".yaml", Text: "apiVersion: v1\nkind: Pod\nmetadata:\n  name: " + name + annotations + "\nspec: {restartPolicy: Never}\n"}
	}
	return Rendered{Documents: []Document{
		document("plain", ""),
		document("test", "\n  annotations: {helm.sh/hook: test}"),
		document("hook", "\n  annotations: {helm.sh/hook: \"pre-install,pre-upgrade\"}"),
	}}, nil
}

// situation is one to be played.
type situation struct {
	id, when string
	flux     Flux
	play     course
}

// situations are those that a HelmRelease can come into, each played on the controller.
func situations(engine Engine, flux Flux) ([]Situation, error) {
	flux.Status = nil
	if flux.Suspended {
		return []Situation{
			{ID: "suspended", When: "whatever happens: spec.suspend is set", End: FluxEnd{Note: "nothing runs, drift included"}},
			{ID: "deleted", When: "the HelmRelease is deleted", End: FluxEnd{Note: "nothing is uninstalled: the release stays"}},
		}, nil
	}
	var found []Situation
	for _, s := range situationsOf(flux) {
		c := newController(&s.flux, newStock(engine, Release{Name: "r", Namespace: "n"}, situationChart), State{})
		end, err := s.play(c)
		if err != nil {
			return nil, fmt.Errorf("play %s: %w", s.id, err)
		}
		one := Situation{ID: s.id, When: s.when, End: end}
		for _, step := range c.steps {
			one.Steps = append(one.Steps, situationStep(step))
		}
		if !s.pointless(one) {
			found = append(found, one)
		}
	}
	return found, nil
}

// pointless says of a situation that it does not come about: a failure for good where the tries never end, or a kill
// where nothing is waited for.
func (s situation) pointless(played Situation) bool {
	switch s.id {
	case "install-fails-changed":
		return s.flux.Install.Remediation.Retries < 0 || s.flux.Install.RetryOnFailure
	case "killed-install", "killed-upgrade":
		return !slices.ContainsFunc(played.Steps, func(step SituationStep) bool { return step.Killed })
	}
	return false
}

// course plays a situation from a new HelmRelease on.
type course func(*controller) (FluxEnd, error)

// settled begins where the first install has come to its end, whichever that is.
func settled(then course) course {
	return func(c *controller) (FluxEnd, error) {
		if _, err := c.settle(); err != nil {
			return FluxEnd{}, err
		}
		c.steps = nil
		return then(c)
	}
}

// changed is a change of chart or values after the first install, with failures.
func changed(faults []Fault) course {
	return settled(func(c *controller) (FluxEnd, error) {
		c.change()
		c.faults = faults
		return c.settle()
	})
}

// brokenBy is what follows by itself where the first install meets failures.
func brokenBy(faults []Fault) course {
	return func(c *controller) (FluxEnd, error) {
		c.faults = faults
		return c.settle()
	}
}

// resourcesFail lets the ordinary objects fail in some actions: hooks may be switched off.
func resourcesFail(actions ...Action) (faults []Fault) {
	for _, action := range actions {
		faults = append(faults, Fault{Object: faultResources, Event: Event(action)})
	}
	return faults
}

func situationsOf(flux Flux) []situation {
	return slices.Concat(ordinarySituations(flux), failedSituations(flux), testSituations(flux), killedSituations(flux), lastSituations(flux))
}

// ordinarySituations are those in which nothing goes wrong.
func ordinarySituations(flux Flux) []situation {
	return []situation{
		{"first", "the HelmRelease is new, and no release is stored", flux, (*controller).settle},
		{"changed", "chart, values, postRenderers or commonMetadata change", flux, changed(nil)},
		{"unchanged", "nothing has changed (each spec.interval)", flux, settled((*controller).settle)},
		{"forced", "the force annotation is set", flux, settled(func(c *controller) (FluxEnd, error) {
			c.forced = true
			return c.settle()
		})},
		{"foreign", "the stored release is not Flux's own, or helm has touched it since", flux, settled(func(c *controller) (FluxEnd, error) {
			c.snapshots = nil
			return c.settle()
		})},
	}
}

// failedSituations are failed installs and upgrades.
func failedSituations(flux Flux) []situation {
	installs := resourcesFail(Install)
	if flux.Install.RetryOnFailure {
		installs = resourcesFail(Install, Upgrade)
	}
	return []situation{
		{"install-fails", "the install fails, each time", flux, brokenBy(installs)},
		{"install-fails-changed", "the install has failed for good, and then chart or values change", flux, func(c *controller) (FluxEnd, error) {
			c.faults = installs
			return changed(nil)(c)
		}},
		{"upgrade-fails", "an upgrade fails, each time", flux, changed(resourcesFail(Upgrade))},
	}
}

// testSituations are failed tests, or those that are switched on later.
func testSituations(flux Flux) []situation {
	if flux.Test.Enabled {
		faults := []Fault{{Object: "Pod/test", Event: TestEvent, At: FaultWait}}
		return []situation{
			{"test-fails-first", "a test fails after the first install, each time", flux, brokenBy(faults)},
			{"test-fails", "a test fails after an upgrade, each time", flux, changed(faults)},
		}
	}
	return []situation{{"test-enabled", "spec.test.enable is set later", flux, settled(func(c *controller) (FluxEnd, error) {
		c.flux.Test.Enabled = true
		return c.settle()
	})}}
}

// killedSituations are those of a helm-controller that dies at work.
func killedSituations(flux Flux) []situation {
	kill := func(action Action, event Event) []Fault {
		if flux.action(action).DisableHooks {
			return []Fault{{Object: faultResources, Event: Event(action), At: FaultKill, Times: 1}}
		}
		return []Fault{{Object: "Pod/hook", Event: event, At: FaultKill, Times: 1}}
	}
	return []situation{
		{"killed-install", "helm-controller is killed during the first install", flux, brokenBy(kill(Install, PreInstall))},
		{"killed-upgrade", "helm-controller is killed during an upgrade", flux, changed(kill(Upgrade, PreUpgrade))},
	}
}

// lastSituations are those in which a release goes.
func lastSituations(flux Flux) []situation {
	moved := func(elsewhere bool) course {
		return settled(func(c *controller) (FluxEnd, error) { return c.moved(elsewhere) })
	}
	return []situation{
		{"target", "releaseName or storageNamespace changes", flux, moved(true)},
		{"target-namespace", "targetNamespace changes", flux, func(c *controller) (FluxEnd, error) {
			end, err := moved(true)(c)
			end.Note = strandedByNamespace
			return end, err
		}},
		{"chart-name", "the chart gets another name", flux, chartName(flux, changed(nil), moved(false))},
		{"deleted", "the HelmRelease is deleted", flux, settled((*controller).delete)},
	}
}

// chartName is what a chart of another name brings (spec.upgrade.chartNameChangeStrategy).
func chartName(flux Flux, upgrade, reinstall course) course {
	if flux.ChartNameInPlace {
		return upgrade
	}
	return reinstall
}

func situationStep(step controlled) SituationStep {
	outcome := step.trace.Outcome
	one := SituationStep{
		Action: step.trace.Action, Because: step.because, Killed: outcome.Signal == SignalKill, Pause: step.pause,
		Failed: outcome.Result == Failed && outcome.Signal != SignalKill,
	}
	if !step.options.NoHooks {
		one.Events = eventsOfAction(one.Action)
	}
	return one
}
