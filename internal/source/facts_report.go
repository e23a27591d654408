package source

import (
	"regexp"
	"slices"
	"strings"

	"github.com/helm-hooks/helm-hooks/internal/source/sdk"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// dryRun is how to let Helm itself ask the cluster.
const dryRun = "helm install NAME CHART --dry-run=server | helm hooks plan -"

// facts names the templates with hooks whose hooks hang on the cluster.
func (i inspection) facts(known []string, request sdk.Request) []plan.UnknownFact {
	var lookups, capabilities, versions []string
	asked := map[string]bool{}
	computed := false
	for _, file := range i.files {
		reached := i.closure(map[string]bool{file: true})
		if !i.anyMentionsHook(reached) {
			continue
		}
		speaking := i.speaking(file, reached)
		if i.holds(speaking, func(u *unit) bool { return u.lookup }) {
			lookups = append(lookups, file)
		}
		if literals, isComputed, ok := i.apiVersions(speaking, known, request.APIVersions); ok {
			capabilities = append(capabilities, file)
			computed = computed || isComputed
			for _, literal := range literals {
				asked[literal] = true
			}
		}
		if request.KubeVersion == "" && i.versionDecides(file, reached) {
			versions = append(versions, file)
		}
	}
	return describe(lookups, capabilities, versions, sortedKeys(asked), computed)
}

func describe(lookups, capabilities, versions, asked []string, computed bool) []plan.UnknownFact {
	var facts []plan.UnknownFact
	if len(lookups) > 0 {
		facts = append(facts, plan.UnknownFact{
			What: "lookup",
			Why: templateNames(lookups) + " with hooks " + verb(lookups, "uses", "use") + " lookup, which found nothing in this render, as in helm template: " +
				"a hook may appear, vanish or change on a cluster",
			HowToKnow: dryRun,
		})
	}
	if len(capabilities) > 0 {
		why := templateNames(capabilities) + " with hooks " + verb(capabilities, "asks", "ask") + " which APIs the cluster has"
		if len(asked) > 0 {
			why += " (" + strings.Join(asked, ", ") + ")"
		}
		how := "--api-versions " + strings.Join(asked, " --api-versions ") + " if the cluster has it"
		switch {
		case len(asked) == 0 || computed:
			how = "--api-versions GROUP/VERSION for each API that the cluster has, or " + dryRun
		case len(asked) > 1:
			how = "--api-versions " + strings.Join(asked, " --api-versions ") + ", each if the cluster has it"
		}
		facts = append(facts, plan.UnknownFact{
			What: "capabilities", Why: why + ": without a cluster only the built-in ones are known", HowToKnow: how,
		})
	}
	if len(versions) > 0 {
		facts = append(facts, plan.UnknownFact{
			What: "capabilities",
			Why: templateNames(versions) + " with hooks " + verb(versions, "depends", "depend") + " on the Kubernetes version, taken to be " +
				sdk.KubeVersion,
			HowToKnow: "--kube-version VERSION of the cluster",
		})
	}
	return facts
}

func templateNames(files []string) string {
	if len(files) == 1 {
		return "the template " + files[0]
	}
	return "the templates " + strings.Join(files, ", ")
}

func verb(files []string, one, many string) string {
	if len(files) == 1 {
		return one
	}
	return many
}

// closure is everything that a set of pieces includes, and the pieces themselves.
func (i inspection) closure(start map[string]bool) map[string]bool {
	reached := map[string]bool{}
	todo := sortedKeys(start)
	for len(todo) > 0 {
		next := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if reached[next] || i.units[next] == nil {
			continue
		}
		reached[next] = true
		todo = append(todo, sortedKeys(i.units[next].includes)...)
	}
	return reached
}

func (i inspection) anyMentionsHook(reached map[string]bool) bool {
	return i.holds(reached, func(u *unit) bool { return u.mentionsHook })
}

func (i inspection) holds(pieces map[string]bool, test func(*unit) bool) bool {
	for piece := range pieces {
		if test(i.units[piece]) {
			return true
		}
	}
	return false
}

// speaking are the pieces whose questions to the cluster bear on hooks: the file, the pieces it includes
// that hold the annotation, and whatever these take into a condition or a variable. A helper that only
// fills in a value elsewhere in the file is not among them.
func (i inspection) speaking(file string, reached map[string]bool) map[string]bool {
	speaking, decided := map[string]bool{}, map[string]bool{}
	for piece := range reached {
		if piece == file || i.units[piece].mentionsHook {
			speaking[piece] = true
			for name := range i.units[piece].decides {
				decided[name] = true
			}
		}
	}
	for piece := range i.closure(decided) {
		speaking[piece] = true
	}
	return speaking
}

// stableVersion is a built-in API version that every cluster of today has.
var stableVersion = regexp.MustCompile(`^([a-z0-9.-]+/)?v\d+$`)

// apiVersions gives the API versions that the pieces ask for and that are still open: not given by
// --api-versions, and no stable built-in one. A built-in beta may be gone from the cluster.
func (i inspection) apiVersions(pieces map[string]bool, known, given []string) (open []string, computed, any bool) {
	for piece := range pieces {
		u := i.units[piece]
		if u.apiVersions && u.computed {
			computed = true
		}
		for _, literal := range sortedKeys(u.literals) {
			builtIn := slices.Contains(known, literal) && stableVersion.MatchString(literal)
			if !builtIn && !slices.Contains(given, literal) {
				open = append(open, literal)
			}
		}
	}
	return open, computed, computed || len(open) > 0
}

// versionDecides tells whether the Kubernetes version decides which hooks the file gives.
func (i inspection) versionDecides(file string, reached map[string]bool) bool {
	guards := map[string]bool{}
	for piece := range reached {
		u := i.units[piece]
		if piece != file && !u.mentionsHook {
			continue
		}
		if u.decidesByVersion {
			return true
		}
		for name := range u.guards {
			guards[name] = true
		}
	}
	return i.holds(i.closure(guards), func(u *unit) bool { return u.kubeVersion })
}
