package cli

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// actionFlags are Helm's flags that decide what hooks do.
type actionFlags struct {
	wait              string
	waitForJobs       bool
	atomic            bool
	rollbackOnFailure bool
	timeout           time.Duration
	noHooks           bool
	skipCRDs          bool
	cleanupOnFail     bool
	keepHistory       bool
	serverSide        string
	filters           []string
}

// takers says which actions have a flag, in Helm's own commands.
var takers = map[string][]plan.Action{
	"wait":                {plan.Install, plan.Upgrade, plan.Rollback, plan.Uninstall},
	"wait-for-jobs":       {plan.Install, plan.Upgrade, plan.Rollback},
	"atomic":              {plan.Install, plan.Upgrade},
	"rollback-on-failure": {plan.Install, plan.Upgrade},
	"no-hooks":            {plan.Install, plan.Upgrade, plan.Rollback, plan.Uninstall},
	"skip-crds":           {plan.Install},
	"cleanup-on-fail":     {plan.Upgrade, plan.Rollback},
	"keep-history":        {plan.Uninstall},
	"server-side":         {plan.Install, plan.Upgrade, plan.Rollback},
	"filter":              {plan.Test},
}

// serverSides are the values of --server-side.
var serverSides = []string{string(plan.ServerSideTrue), string(plan.ServerSideFalse), string(plan.ServerSideAuto)}

// testFilter is what Helm understands (v3 and v4 cmd/helm/release_testing.go); it passes over the rest.
var testFilter = regexp.MustCompile(`^(!\s?)?name=`)

// oneOf is a flag with a few values. It is checked when it is parsed: helm install has --server-side as a
// switch, and pasted from there it would swallow the word after it.
type oneOf struct {
	value *string
	valid []string
}

func (o *oneOf) String() string { return *o.value }
func (o *oneOf) Type() string   { return "string" }

func (o *oneOf) Set(value string) error {
	if !slices.Contains(o.valid, value) {
		return fmt.Errorf("valid are %s", strings.Join(o.valid, ", "))
	}
	*o.value = value
	return nil
}

func (f *actionFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.wait, "wait", "", "wait until resources are ready; Helm 4 also takes watcher, hookOnly or legacy")
	flags.Lookup("wait").NoOptDefVal = "true"
	flags.BoolVar(&f.waitForJobs, "wait-for-jobs", false, "with --wait, wait for ordinary Jobs too")
	flags.BoolVar(&f.atomic, "atomic", false, "undo the install or upgrade if it fails (Helm 3's name)")
	flags.BoolVar(&f.rollbackOnFailure, "rollback-on-failure", false, "undo the install or upgrade if it fails (Helm 4's name)")
	flags.DurationVar(&f.timeout, "timeout", plan.DefaultTimeout, "how long each single wait may take")
	flags.BoolVar(&f.noHooks, "no-hooks", false, "run no hooks")
	flags.BoolVar(&f.skipCRDs, "skip-crds", false, "install nothing from crds/")
	flags.BoolVar(&f.cleanupOnFail, "cleanup-on-fail", false, "delete new resources when an upgrade or rollback fails")
	flags.BoolVar(&f.keepHistory, "keep-history", false, "keep the record when uninstalling")
	flags.Var(&oneOf{value: &f.serverSide, valid: serverSides}, "server-side", "server-side apply in Helm 4: "+strings.Join(serverSides, ", "))
	flags.StringSliceVar(&f.filters, "filter", nil, "which tests to run: name=NAME or !name=NAME (repeatable)")
}

// validate checks the flags against the engine and the actions asked for.
func (f *actionFlags) validate(cmd *cobra.Command, engine plan.Engine, actions []plan.Action) error {
	helm3 := engine.Name == "helm3"
	changed := func(name string) bool { return cmd.Flags().Changed(name) }
	switch {
	case helm3 && changed("rollback-on-failure"):
		return fmt.Errorf("--rollback-on-failure is Helm 4's; %s has --atomic", engine)
	case helm3 && changed("server-side"):
		return fmt.Errorf("--server-side is Helm 4's; %s has no server-side apply", engine)
	case f.timeout < 0:
		return fmt.Errorf("--timeout %s is negative", f.timeout)
	}
	if changed("wait") && f.wait == "" {
		return fmt.Errorf("--wait= is empty: an unset variable? Leave it out, or say --wait")
	}
	if _, err := waitStrategy(f.wait, helm3); err != nil {
		return err
	}
	for _, filter := range f.filters {
		if !testFilter.MatchString(filter) {
			return fmt.Errorf("--filter %q: valid are name=NAME and !name=NAME", filter)
		}
	}
	if actions == nil {
		return nil
	}
	// The answer would be the same with and without the flag.
	for _, name := range []string{"wait", "wait-for-jobs", "atomic", "rollback-on-failure", "no-hooks", "skip-crds", "cleanup-on-fail", "keep-history", "server-side", "filter"} {
		if changed(name) && !overlap(takers[name], actions) {
			return fmt.Errorf("--%s has no meaning for helm %s: it belongs to %s", name, words(actions), words(takers[name]))
		}
	}
	return nil
}

// waitStrategy reads --wait. Helm 3's is a switch; Helm 4 takes true and false as well, deprecated.
func waitStrategy(value string, helm3 bool) (plan.WaitStrategy, error) {
	switch value {
	case "", "false":
		return plan.WaitHookOnly, nil
	case "true":
		return plan.WaitWatcher, nil
	case string(plan.WaitWatcher), string(plan.WaitLegacy), string(plan.WaitHookOnly):
		if !helm3 {
			return plan.WaitStrategy(value), nil
		}
	}
	if helm3 {
		return "", fmt.Errorf("--wait=%s: Helm 3 knows only --wait", value)
	}
	return "", fmt.Errorf("--wait=%s: valid are watcher, hookOnly and legacy", value)
}

// zeroTimeoutNote says what --timeout 0 means, which no two Helms agree on.
func zeroTimeoutNote(engine plan.Engine) string {
	switch {
	case engine.Name == "helm3":
		return "--timeout 0: Helm 3 waits for hooks without a limit, but looks only once at deletions and, with --wait, at resources, and fails if they are not done by then"
	case engine.Version[1] == 0:
		return "--timeout 0: Helm 4.0 waits without a limit"
	}
	return "--timeout 0: Helm 4 takes 30 seconds for each wait"
}

// options are the flags as the machine takes them. They were validated.
func (f *actionFlags) options(engine plan.Engine) plan.Options {
	wait, _ := waitStrategy(f.wait, engine.Name == "helm3")
	return plan.Options{
		Wait: wait, WaitForJobs: f.waitForJobs, Atomic: f.atomic || f.rollbackOnFailure, NoHooks: f.noHooks,
		SkipCRDs: f.skipCRDs, CleanupOnFail: f.cleanupOnFail, KeepHistory: f.keepHistory,
		ServerSide: plan.ServerSide(f.serverSide), Timeout: f.timeout, TestFilter: f.filters,
	}
}

func overlap(a, b []plan.Action) bool {
	for _, x := range a {
		for _, y := range b {
			if x == y {
				return true
			}
		}
	}
	return false
}

func words(actions []plan.Action) string {
	var names []string
	for _, action := range actions {
		names = append(names, string(action))
	}
	return strings.Join(names, ", ")
}

// parseActions reads --action, a list of Helm's commands or of another engine's actions.
func parseActions(names []string) ([]plan.Action, error) {
	var actions []plan.Action
	for _, name := range names {
		switch action := plan.Action(name); action {
		case plan.Install, plan.Upgrade, plan.Rollback, plan.Uninstall, plan.Test, plan.Sync, plan.Delete, plan.Apply:
			if !slices.Contains(actions, action) {
				actions = append(actions, action)
			}
		default:
			return nil, fmt.Errorf("unknown action %q: valid are install, upgrade, rollback, uninstall and test", name)
		}
	}
	return actions, nil
}
