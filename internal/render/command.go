package render

import (
	"slices"
	"strconv"
	"strings"

	"al.essio.dev/pkg/shellescape"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// Helm is how a release and its chart are named on Helm's command line.
type Helm struct {
	Engine  plan.Engine
	Release plan.Release
	// Chart is the reference as the user wrote it; CHART where the input does not tell.
	Chart string
	// Flags are those that belong to the chart: its version, its repository, its values.
	Flags []string
	// Context is the kubeconfig's context of a live release; empty where there is none.
	Context string
	// Live says that the release is in a cluster, so that names and revisions are those of Helm's history.
	Live bool
}

// commands are a move as lines to copy.
func (h Helm) commands(move plan.Move) []string {
	if move.Action == "" {
		return h.deletions(move.Delete)
	}
	words := []string{"helm", string(move.Action), h.Release.Name}
	switch {
	case move.Action == plan.Upgrade && move.Options.Install:
		words = []string{"helm", "upgrade", "--install", h.Release.Name}
	case move.Action == plan.Rollback && move.Options.RollbackTo != 0:
		words = append(words, strconv.Itoa(move.Options.RollbackTo))
	}
	takesChart := move.Action == plan.Install || move.Action == plan.Upgrade
	if takesChart {
		words = append(words, h.Chart)
	}
	words = append(words, h.namespace(h.Release.Namespace)...)
	if h.Context != "" {
		words = append(words, "--kube-context", h.Context)
	}
	if takesChart {
		words = append(words, h.Flags...)
	}
	return []string{shellescape.QuoteCommand(slices.Concat(words, h.options(move)))}
}

func (h Helm) namespace(name string) []string {
	if name == "" {
		return nil
	}
	return []string{"-n", name}
}

// options are the flags of a move in the words of the Helm that will read them.
func (h Helm) options(move plan.Move) []string {
	o := move.Options
	helm3 := h.Engine.Name == "helm3"
	var flags []string
	add := func(on bool, flag string) {
		if on {
			flags = append(flags, flag)
		}
	}
	add(o.Replace, "--replace")
	switch {
	case o.Wait == "" || o.Wait == plan.WaitHookOnly || move.Action == plan.Test:
	case helm3:
		flags = append(flags, "--wait")
	default:
		flags = append(flags, "--wait="+string(o.Wait))
	}
	add(o.WaitForJobs, "--wait-for-jobs")
	add(o.Atomic && helm3, "--atomic")
	add(o.Atomic && !helm3, "--rollback-on-failure")
	add(o.NoHooks, "--no-hooks")
	add(o.SkipCRDs, "--skip-crds")
	add(o.CleanupOnFail, "--cleanup-on-fail")
	add(o.KeepHistory, "--keep-history")
	if o.ServerSide != "" && (o.ServerSide != plan.ServerSideAuto || move.Action != plan.Install) {
		flags = append(flags, "--server-side="+string(o.ServerSide))
	}
	if o.Timeout != plan.DefaultTimeout {
		flags = append(flags, "--timeout", duration(int64(o.Timeout)))
	}
	for _, filter := range o.TestFilter {
		flags = append(flags, "--filter", filter)
	}
	return flags
}

// deletions delete objects with kubectl, one line a namespace.
func (h Helm) deletions(objects []plan.Object) []string {
	var namespaces []string
	names := map[string][]string{}
	for _, o := range objects {
		if !slices.Contains(namespaces, o.Namespace) {
			namespaces = append(namespaces, o.Namespace)
		}
		names[o.Namespace] = append(names[o.Namespace], kubectlName(o))
	}
	lines := []string{}
	for _, namespace := range namespaces {
		words := slices.Concat(h.kubectl("delete"), h.namespace(namespace), names[namespace])
		lines = append(lines, shellescape.QuoteCommand(words))
	}
	return lines
}

// kubectl begins a command for the cluster of the release.
func (h Helm) kubectl(verb string) []string {
	if h.Context == "" {
		return []string{"kubectl", verb}
	}
	return []string{"kubectl", "--context", h.Context, verb}
}

// reminder says what in the commands is the plan's own.
func (h Helm) reminder() string {
	said := "names and revisions are those of this plan; helm history " + h.Release.Name
	if h.Release.Namespace != "" {
		said += " -n " + h.Release.Namespace
	}
	return said + " shows yours"
}

// await is the command that waits for a Job or Pod to end.
func (h Helm) await(o plan.Object) string {
	condition := "--for=condition=complete"
	if o.Kind == "Pod" {
		condition = "--for=jsonpath={.status.phase}=Succeeded"
	}
	return shellescape.QuoteCommand(slices.Concat(h.kubectl("wait"), h.namespace(o.Namespace), []string{condition, "--timeout=10m", kubectlName(o)}))
}

// logs is the command that shows why a Job or Pod failed.
func (h Helm) logs(o plan.Object) string {
	return shellescape.QuoteCommand(slices.Concat(h.kubectl("logs"), h.namespace(o.Namespace), []string{kubectlName(o), "--all-containers", "--tail=50"}))
}

// kubectlName names an object as kubectl takes it, with the group where there is one.
func kubectlName(o plan.Object) string {
	kind := strings.ToLower(o.Kind)
	group, _, found := strings.Cut(o.APIVersion, "/")
	if found && !isBuiltIn(group) {
		kind += "." + group
	}
	return kind + "/" + o.Name
}

// isBuiltIn says that a group's kinds need no group to be told apart.
func isBuiltIn(group string) bool {
	return !strings.Contains(group, ".") || strings.HasSuffix(group, ".k8s.io")
}

// failureWord is what Helm puts before an error (v3 cmd/helm and v4 pkg/cmd, install.go and upgrade.go).
func failureWord(action plan.Action) string {
	switch action {
	case plan.Install:
		return "INSTALLATION FAILED: "
	case plan.Upgrade:
		return "UPGRADE FAILED: "
	}
	return ""
}
