package plan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Engine is a set of rules for what hooks do: a Helm of one version, or what takes Helm's place.
type Engine struct {
	// Name is one of EngineNames.
	Name string
	// Version is major, minor, patch. Patch is the newest known one where only major.minor was asked for.
	// That of template is of the Helm that renders.
	Version [3]int
	// NewerThanKnown says that a newer version was asked for than the rules were proven against.
	NewerThanKnown bool
}

// The engines. Helm's run Helm's machine; Argo CD has one of its own; template stands for all that apply
// what helm template prints at once, and knows no hooks.
const (
	engineHelm3    = "helm3"
	engineHelm4    = "helm4"
	engineFlux     = "flux"
	engineArgo     = "argocd"
	engineTemplate = "template"
)

// EngineNames are the names that ParseEngine takes.
func EngineNames() []string {
	return []string{engineHelm3, engineHelm4, engineFlux, engineArgo, engineTemplate}
}

// newest known and oldest supported versions. The rules between them are keyed by version; see rules.
var (
	helm3Oldest, helm3Newest = [3]int{3, 13, 0}, [3]int{3, 22, 0}
	helm4Oldest, helm4Newest = [3]int{4, 0, 0}, [3]int{4, 3, 1}
	fluxOldest, fluxNewest   = [3]int{1, 6, 0}, [3]int{1, 6, 3}
	argoOldest, argoNewest   = [3]int{3, 6, 0}, [3]int{3, 6, 1}
)

// fluxHelm is the Helm in helm-controller 1.6 (go.mod of 1.6.3).
var fluxHelm = [3]int{4, 2, 1}

// ParseEngine reads helm3, helm4, flux, argocd or template, all but the last with a version if one likes, as in
// helm3@3.18 or helm4@4.1.1; flux has those of helm-controller. A version without patch means the newest patch of that minor.
func ParseEngine(text string) (Engine, error) {
	name, version, versioned := strings.Cut(text, "@")
	var oldest, newest [3]int
	switch name {
	case engineHelm3:
		oldest, newest = helm3Oldest, helm3Newest
	case engineHelm4:
		oldest, newest = helm4Oldest, helm4Newest
	case engineFlux:
		oldest, newest = fluxOldest, fluxNewest
	case engineArgo:
		oldest, newest = argoOldest, argoNewest
	case engineTemplate:
		if versioned {
			return Engine{}, fmt.Errorf("engine %q: template has no versions, since it runs no hooks", text)
		}
		newest = helm4Newest
	default:
		return Engine{}, fmt.Errorf("unknown engine %q: valid are helm3, helm4, flux, argocd and template, with a version as in helm3@3.18", text)
	}
	if !versioned {
		return Engine{Name: name, Version: newest}, nil
	}
	parsed, err := parseVersion(version)
	if err != nil {
		return Engine{}, fmt.Errorf("engine %q: %w", text, err)
	}
	if parsed[0] != oldest[0] || less(parsed, oldest) {
		return Engine{}, fmt.Errorf("engine %q: the rules of %s are known from %d.%d on (newest %d.%d)",
			text, name, oldest[0], oldest[1], newest[0], newest[1])
	}
	return Engine{Name: name, Version: parsed, NewerThanKnown: !sameMinorOrOlder(parsed, newest)}, nil
}

// anyPatch stands for the newest patch of a minor: larger than any that exists.
const anyPatch = 999

func parseVersion(text string) ([3]int, error) {
	parts := strings.Split(strings.TrimPrefix(text, "v"), ".")
	if len(parts) < 2 || len(parts) > 3 {
		return [3]int{}, fmt.Errorf("version %q is not of the form 3.18 or 3.18.2", text)
	}
	version := [3]int{0, 0, anyPatch}
	for i, part := range parts {
		n, err := strconv.Atoi(part)
		if err != nil || n < 0 || n >= anyPatch || strings.HasPrefix(part, "+") {
			return [3]int{}, fmt.Errorf("version %q is not of the form 3.18 or 3.18.2", text)
		}
		version[i] = n
	}
	return version, nil
}

func less(a, b [3]int) bool {
	for i := range a {
		if a[i] != b[i] {
			return a[i] < b[i]
		}
	}
	return false
}

func sameMinorOrOlder(a, newest [3]int) bool {
	return a[0] == newest[0] && a[1] <= newest[1]
}

// MinorVersion is the version as people say it: 4.3.
func (e Engine) MinorVersion() string { return fmt.Sprintf("%d.%d", e.Version[0], e.Version[1]) }

// String is the engine in words: "Helm 4.3".
func (e Engine) String() string {
	switch e.Name {
	case engineFlux:
		return "Flux helm-controller " + e.MinorVersion()
	case engineArgo:
		return "Argo CD " + e.MinorVersion()
	case engineTemplate:
		return "template-only"
	}
	return "Helm " + e.MinorVersion()
}

// Helm is the Helm that renders charts for the engine, and under Flux runs them; a Helm's own is itself. Argo CD
// 3.6 carries Helm 4.3.1 (hack/tool-versions.sh); for template the newest stands in.
func (e Engine) Helm() Engine {
	if e.Name == engineFlux {
		return Engine{Name: engineHelm4, Version: fluxHelm}
	}
	if e.Name == engineArgo || e.Name == engineTemplate {
		return Engine{Name: engineHelm4, Version: helm4Newest}
	}
	return e
}

// Actions are those of the engine, in the order of a plan.
func (e Engine) Actions() []Action {
	switch e.Name {
	case engineArgo:
		return []Action{Sync, Delete}
	case engineTemplate:
		return []Action{Apply}
	}
	return slices.Clone(allActions)
}

// RunsHelm says that the engine runs Helm's own code: Helm itself, and Flux.
func (e Engine) RunsHelm() bool { return e.planner() == nil }

// planner is how an engine plans that does not run Helm's machine; nil for those that do.
func (e Engine) planner() func(Input) (Plan, error) {
	switch e.Name {
	case engineArgo:
		return makeArgo
	case engineTemplate:
		return makeTemplate
	}
	return nil
}

// rules are the points in which the Helms differ as far as hooks are concerned. One field a point;
// the version in the comment is the first that has it.
type rules struct {
	// serverSideApply: installs use server-side apply unless told otherwise (4.0.0).
	serverSideApply bool
	// waiters: Helm 4's wait strategies; without them Helm 3's single watch (4.0.0).
	waiters bool
	// waitsForDeletion: a hook's deletion is waited for (3.14.0). Helm 4 leaves it to the strategy.
	waitsForDeletion bool
	// succeededBackward: hook-succeeded deletions run in reverse order (3.16.3).
	succeededBackward bool
	// logPolicies: helm.sh/hook-output-log-policy is read (3.18.0).
	logPolicies bool
	// failedDeletionMasks: an error while deleting a failed hook replaces the failure (before 3.18.0).
	failedDeletionMasks bool
	// earlierSucceeded: after a failure the earlier hooks' hook-succeeded deletions still run (3.19.0).
	earlierSucceeded bool
	// keepHistorySupersedes: uninstall --keep-history supersedes older deployed records (3.19.5, 4.0.5).
	keepHistorySupersedes bool
	// failedJobWaitsOut: a failed hook Job is noticed only when the timeout is up (4.0.0 to 4.1.0).
	failedJobWaitsOut bool
	// ownedDeletionOnly: uninstall deletes only objects that carry the release's ownership marks (4.3.0).
	ownedDeletionOnly bool
	// updatesForeign: an update patches an object that exists without being in the old manifest;
	// before, it failed with `no KIND with the name "x" found` (3.22.0, 4.2.0).
	updatesForeign bool
	// zeroTimeoutIsThirtySeconds: a watch with timeout 0 lasts 30 s, not for ever (4.1.0).
	zeroTimeoutIsThirtySeconds bool
	// passesGenerateName: the check for existing objects passes over generateName (4.1.3; 4.1.2 could not
	// be had to look).
	passesGenerateName bool
	// crdWaitForced: new CRDs are waited for under hookOnly too (4.3.1; Helm 3 always waits).
	crdWaitForced bool
	// matchesAnyGroup: an update takes objects of one kind and name in two API groups for one, so that the
	// one which vanished from the chart is not deleted (before 3.17.1).
	matchesAnyGroup bool
	// matchesVersion: an update takes an object in another version of its API for another one, and so
	// deletes what it has just patched (4.0.0 to 4.1.0).
	matchesVersion bool
	// installsOverUninstalled: upgrade --install takes the install path over a kept record (3.14.4).
	installsOverUninstalled bool
	// forcesConflicts: what is applied server-side is applied with force (Flux).
	forcesConflicts bool
	// logsCrash: helm.sh/hook-output-log-policy ends the process, as nothing was told where to write the logs to
	// (helm-controller 1.6.3 internal/action/config.go; fluxcd/helm-controller issue 1562).
	logsCrash bool
	// fluxWaiter: Flux waits by a poller of its own, for which a suspended Job is done (fluxcd/pkg/runtime 0.110.0
	// statusreaders/job.go).
	fluxWaiter bool
	// webhookKindsLast: the two webhook configurations have a place in the kind order (4.0.0).
	webhookKindsLast bool
}

func (e Engine) rules() rules {
	if e.Name == engineFlux {
		r := e.Helm().rules()
		r.forcesConflicts, r.fluxWaiter, r.logsCrash = true, true, true
		return r
	}
	e = e.Helm()
	since := func(major, minor, patch int) bool { return !less(e.Version, [3]int{major, minor, patch}) }
	if e.Name == engineHelm3 {
		return rules{
			crdWaitForced:         true,
			matchesAnyGroup:       !since(3, 17, 1),
			waitsForDeletion:      since(3, 14, 0),
			succeededBackward:     since(3, 16, 3),
			logPolicies:           since(3, 18, 0),
			failedDeletionMasks:   !since(3, 18, 0),
			earlierSucceeded:      since(3, 19, 0),
			keepHistorySupersedes: since(3, 19, 5),
			updatesForeign:        since(3, 22, 0),

			installsOverUninstalled: since(3, 14, 4),
		}
	}
	return rules{
		serverSideApply:            true,
		waiters:                    true,
		waitsForDeletion:           true,
		succeededBackward:          true,
		logPolicies:                true,
		earlierSucceeded:           true,
		webhookKindsLast:           true,
		installsOverUninstalled:    true,
		crdWaitForced:              since(4, 3, 1),
		matchesVersion:             !since(4, 1, 1),
		keepHistorySupersedes:      since(4, 0, 5),
		failedJobWaitsOut:          !since(4, 1, 1),
		ownedDeletionOnly:          since(4, 3, 0),
		passesGenerateName:         since(4, 1, 3),
		updatesForeign:             since(4, 2, 0),
		zeroTimeoutIsThirtySeconds: since(4, 1, 0),
	}
}
