package cli

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/helm-hooks/helm-hooks/internal/source"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// renderFlags are helm template's, for engines that render with it.
type renderFlags struct {
	skipTests   bool
	includeCRDs bool
}

func (f *renderFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.BoolVar(&f.skipTests, "skip-tests", false, "engines argocd and template: leave tests out, as helm template does")
	flags.BoolVar(&f.includeCRDs, "include-crds", false, "engine template: apply the crds/ folder too")
}

// otherEngine says that an engine does not run Helm's machine.
func otherEngine(engine plan.Engine) bool { return !engine.RunsHelm() }

// helmOnly turns an engine down where only Helm's rules have an answer.
func helmOnly(engine plan.Engine, command string) error {
	if !otherEngine(engine) {
		return nil
	}
	return &hintError{
		fmt.Errorf("%s goes by Helm's rules, and --engine %s (or HELM_HOOKS_ENGINE, or .helm-hooks.yaml) names another engine", command, engine.Name),
		"plan --engine " + engine.Name + " shows what becomes of the hooks",
	}
}

// The reasons why an engine lacks a flag.
const (
	noHelmRun    = "no helm install or upgrade runs"
	noRecords    = "there are no revisions"
	noFaults     = "failures are played with Helm's rules only"
	healthAlways = "Argo CD always waits for the health of what something else follows"
	waitsForNone = "everything is applied at once, and nothing is waited for"
	noTimeout    = "no wait for a hook has a limit there"
)

// fluxDecides are Helm's flags whose place is a HelmRelease under Flux, with the field.
func fluxDecides() []struct{ flag, field string } {
	return []struct{ flag, field string }{
		{"wait", "spec.install.disableWait and spec.upgrade.disableWait; Flux waits by itself"},
		{"wait-for-jobs", "spec.install.disableWaitForJobs and spec.upgrade.disableWaitForJobs; Flux waits for Jobs by itself"},
		{"timeout", "spec.timeout, or that of spec.install, spec.upgrade, spec.rollback, spec.uninstall or spec.test"},
		{"atomic", "spec.install.remediation and spec.upgrade.remediation"},
		{"rollback-on-failure", "spec.install.remediation and spec.upgrade.remediation"},
		{"no-hooks", "spec.install.disableHooks, and that of spec.upgrade, spec.rollback and spec.uninstall"},
		{"skip-crds", "spec.install.crds: Skip and spec.upgrade.crds: Skip"},
		{"cleanup-on-fail", "spec.upgrade.cleanupOnFail and spec.rollback.cleanupOnFail"},
		{"keep-history", "spec.uninstall.keepHistory"},
		{"server-side", "spec.install.serverSideApply, spec.upgrade.serverSideApply and spec.rollback.serverSideApply"},
		{"filter", "spec.test.filters"},
	}
}

// refuseUnderFlux names the field that decides instead of a flag.
func (o *inputOptions) refuseUnderFlux(cmd *cobra.Command) error {
	if o.engine.Name != "flux" {
		return nil
	}
	for _, one := range fluxDecides() {
		if cmd.Flags().Changed(one.flag) {
			return &hintError{
				fmt.Errorf("--%s is no flag of Flux's: the HelmRelease decides", one.flag),
				"set " + one.field,
			}
		}
	}
	return nil
}

// lacking are Helm's flags that another engine has no use for, each with the reason; the first for Argo CD,
// the second for tools that apply at once. Empty means that the engine has the flag.
var lacking = []struct{ flag, argo, template string }{
	{"wait", healthAlways, waitsForNone},
	{"wait-for-jobs", healthAlways, waitsForNone},
	{"timeout", noTimeout, waitsForNone},
	{"atomic", noHelmRun + "; syncPolicy.retry is Argo CD's answer to a failure", noHelmRun},
	{"rollback-on-failure", noHelmRun + "; syncPolicy.retry is Argo CD's answer to a failure", noHelmRun},
	{"no-hooks", "Argo CD has no such switch; argocd.argoproj.io/hook: Skip leaves out one object", ""},
	{"skip-crds", "", "helm template leaves the crds/ folder out by itself"},
	{"include-crds", "Argo CD includes the crds/ folder by itself; --skip-crds leaves it out", ""},
	{"cleanup-on-fail", noHelmRun, noHelmRun},
	{"keep-history", noRecords, noRecords},
	{"server-side", "it does not change which hooks run", "it does not change which hooks run"},
	{"filter", "Argo CD runs no tests", "tests are applied like everything else; --skip-tests leaves them out"},
	{"fail", noFaults, noFaults},
	{"interrupt", noFaults, noFaults},
	{"kill", noFaults, noFaults},
	{"matrix", noFaults, noFaults},
	{"then", noHelmRun, noHelmRun},
	{"life", noHelmRun, noHelmRun},
	{"from", noRecords, noRecords},
	{"from-version", noRecords, noRecords},
	{"from-values", noRecords, noRecords},
	{"dry-run", "Argo CD renders without a cluster", ""},
}

// refuseTemplateFlags is about what helm template alone has.
func (o *planOptions) refuseTemplateFlags(cmd *cobra.Command) error {
	for _, one := range []struct{ flag, instead string }{
		{"skip-tests", "--action install,upgrade,rollback,uninstall leaves the tests out"},
		{"include-crds", "leave it out: the crds/ folder is always part of the plan"},
	} {
		if cmd.Flags().Changed(one.flag) {
			return &hintError{fmt.Errorf("--%s is helm template's, and %s installs", one.flag, o.engine), one.instead}
		}
	}
	return nil
}

// validateEngine refuses what the engine lacks.
func (o *planOptions) validateEngine(cmd *cobra.Command) error {
	if !otherEngine(o.engine) {
		if err := o.refuseUnderFlux(cmd); err != nil {
			return err
		}
		return o.refuseTemplateFlags(cmd)
	}
	if o.target.Kind == source.KindRelease {
		return &hintError{
			fmt.Errorf("release %s: %s keeps no Helm releases, so there is none to start from", o.target.Ref, o.engine),
			"plan the chart, or what was rendered of it; a chart's path needs a slash: ./" + o.target.Ref,
		}
	}
	for _, one := range lacking {
		why := one.template
		if o.engine.Name == "argocd" {
			why = one.argo
		}
		if why != "" && cmd.Flags().Changed(one.flag) {
			return fmt.Errorf("--%s has no meaning under --engine %s: %s", one.flag, o.engine.Name, why)
		}
	}
	stream := o.target.Kind == source.KindStdin || o.target.Kind == source.KindFile
	for _, name := range []string{"skip-crds", "include-crds"} {
		if stream && cmd.Flags().Changed(name) {
			return fmt.Errorf("--%s has no effect: this input is rendered already; give it to the command that renders", name)
		}
	}
	return nil
}

// checkActions finds actions that the engine does not have.
func checkActions(actions []plan.Action, engine plan.Engine) error {
	for _, action := range actions {
		if !slices.Contains(engine.Actions(), action) {
			return fmt.Errorf("--action %s: %s has %s", action, engine, words(engine.Actions()))
		}
	}
	return nil
}
