package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/helm-hooks/helm-hooks/internal/lint"
	"github.com/helm-hooks/helm-hooks/internal/render"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// lintOptions is `lint`: flags first, then what complete makes of them.
type lintOptions struct {
	// inputOptions are what all sources share; each is read with a copy of its own.
	inputOptions
	name           string
	output         string
	failOn         string
	disable        []string
	enable         []string
	severities     []string
	listRules      bool
	showSuppressed bool

	renderer render.LintRenderer
	// rules are what the flags say; they go over those of a file.
	rules lint.Rules
	// configs are the .helm-hooks.yaml files that were read.
	configs lint.Configs
	// stdin are the values of -f -, read once for all sources.
	stdin []byte
}

func newLintCommand(env Env, name string) *cobra.Command {
	o := &lintOptions{inputOptions: inputOptions{env: env}, name: name}
	cmd := &cobra.Command{
		Use:   "lint [SOURCE...]",
		Short: "Find what is wrong with the hooks of charts, for CI",
		Long: `Plays a whole life of each chart (install, upgrades, rollback, test, uninstall) and reports what Helm
drops, what fails, what does not run again, what is left behind and what the hooks refer to in vain. Under
--engine argocd, flux or template it reports what breaks there.

SOURCE is a chart (a folder, a .tgz, REPO/CHART, a URL, oci://…), a folder in which charts are looked for,
or rendered YAML (a file, or - for standard input). Without any, this folder.

.helm-hooks.yaml in a chart's folder or above sets the engine, the levels of rules and the values to try.
A chart suppresses a finding with a reason: the annotation ` + lint.IgnoreAnnotation + `: "HH104: why", or the
comment # helm-hooks: ignore HH104 why.

Exit codes: 0 fine, 2 findings at or above --fail-on, 1 a source that could not be read.`,
		Example: strings.ReplaceAll(`  # all charts of a repository
  NAME lint ./charts

  # warnings fail as well, and one rule is left out
  NAME lint ./mychart --fail-on warning --disable HH109

  # annotations in a pull request
  NAME lint ./charts -o github

  # correct what can be corrected mechanically
  NAME lint ./charts -o patch --fail-on never | git apply --allow-empty

  # what would break under Argo CD
  NAME lint ./mychart --engine argocd

  # what is looked for
  NAME lint --rules`, "NAME", name),
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.complete(cmd, args); err != nil {
				return err
			}
			if o.listRules {
				return o.printRules(args)
			}
			return o.run(cmd, args)
		},
	}
	o.chart.add(cmd)
	o.action.add(cmd)
	o.add(cmd)
	cmd.SetFlagErrorFunc(lintFlagError)
	return cmd
}

func (o *lintOptions) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&o.engineFlag, "engine", "", "whose rules: "+strings.Join(plan.EngineNames(), ", ")+", with a version as in helm3@3.18 (default: .helm-hooks.yaml, the Helm that called, else helm4)")
	flags.StringVarP(&o.output, "output", "o", render.LintFormats()[0], "output format: "+strings.Join(render.LintFormats(), ", "))
	flags.StringVar(&o.failOn, "fail-on", lint.FailOns()[0], "exit with 2 for findings of this severity or worse: "+strings.Join(lint.FailOns(), ", "))
	flags.StringSliceVar(&o.disable, "disable", nil, "leave a rule out, by its ID (repeatable)")
	flags.StringSliceVar(&o.enable, "enable", nil, "bring a rule back that .helm-hooks.yaml leaves out or changes (repeatable)")
	flags.StringSliceVar(&o.severities, "severity", nil, "what a rule counts as: ID=LEVEL, with "+strings.Join(lint.Levels(), ", ")+" (repeatable)")
	flags.BoolVar(&o.listRules, "rules", false, "list the rules, and what each counts as here")
	flags.BoolVar(&o.showSuppressed, "show-suppressed", false, "show what the charts suppress, with the reasons")
	flags.StringVar(&o.color, "color", "auto", "colour: "+strings.Join(colorModes, ", "))
	completeWith(cmd, map[string][]string{
		"engine": plan.EngineNames(), "output": render.LintFormats(), "fail-on": lint.FailOns(), "color": colorModes,
		"disable": ruleIDs(""), "enable": ruleIDs(""), "severity": ruleIDs("="), "server-side": serverSides,
	})
}

// complete reads the flags' own little languages.
func (o *lintOptions) complete(cmd *cobra.Command, args []string) (err error) {
	for _, name := range []string{"engine", "fail-on", "output"} {
		if flag := cmd.Flags().Lookup(name); flag.Changed && flag.Value.String() == "" {
			return &hintError{fmt.Errorf("--%s is empty", name), "an unset variable in a script? Leave the flag out for its default"}
		}
	}
	if o.style, err = chooseStyle(o.color, o.env); err != nil {
		return err
	}
	if o.rules, err = rulesOf(o.disable, o.enable, o.severities); err != nil {
		return err
	}
	if !slices.Contains(lint.FailOns(), o.failOn) {
		return fmt.Errorf("--fail-on %q: valid are %s", o.failOn, strings.Join(lint.FailOns(), ", "))
	}
	if o.listRules {
		return nil
	}
	if o.renderer, err = render.NewLint(o.output); err != nil {
		return err
	}
	if o.engine, o.callerOnly, err = chooseAnyEngine(o.engineFlag, o.env); err != nil {
		return err
	}
	if err := o.action.validate(cmd, o.engine, nil); err != nil {
		return err
	}
	if slices.Contains(o.chart.values.Files, "-") {
		if slices.Contains(args, "-") {
			return fmt.Errorf("standard input cannot be both a SOURCE and the values of -f -")
		}
		if o.stdin, err = io.ReadAll(o.env.In); err != nil {
			return fmt.Errorf("read values from standard input: %w", err)
		}
	}
	return nil
}

// rulesOf reads --disable, --enable and --severity.
func rulesOf(disable, enable, severities []string) (lint.Rules, error) {
	rules := lint.Rules{}
	said := map[string]string{}
	set := func(flag, id string) error {
		if err := lint.CheckRule(id); err != nil {
			return fmt.Errorf("--%s: %w", flag, err)
		}
		if before := said[id]; before != "" && before != flag {
			return fmt.Errorf("--%s and --%s both say something about %s: use one of them", before, flag, id)
		}
		said[id] = flag
		return nil
	}
	for _, id := range disable {
		if err := set("disable", id); err != nil {
			return nil, err
		}
		rules[id] = lint.Off
	}
	for _, id := range enable {
		if err := set("enable", id); err != nil {
			return nil, err
		}
		rules.Enable(id)
	}
	for _, text := range severities {
		id, written, ok := strings.Cut(text, "=")
		if !ok {
			return nil, fmt.Errorf("--severity %q is not of the form ID=LEVEL, such as HH109=warning", text)
		}
		if err := set("severity", id); err != nil {
			return nil, err
		}
		level, err := lint.ParseLevel(written)
		if err != nil {
			return nil, fmt.Errorf("--severity %s: %w", id, err)
		}
		rules[id] = level
	}
	return rules, nil
}

// printRules lists the rules as they count in this folder.
func (o *lintOptions) printRules(args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("--rules takes no SOURCE")
	}
	config, err := o.configs.Find(".")
	if err != nil {
		return err
	}
	levels := o.rules.Over(config.Rules)
	switch o.output {
	case "text":
		return render.LintRules(o.env.Out, levels, o.style)
	case "json":
		return render.LintRulesJSON(o.env.Out, levels)
	}
	return fmt.Errorf("--rules -o %s: valid are %s", o.output, strings.Join(render.RuleFormats(), ", "))
}

// lintFlagError knows the flags of helm lint, which people paste.
func lintFlagError(cmd *cobra.Command, err error) error {
	hints := map[string]string{
		"strict": "--fail-on warning", "quiet": "--fail-on error shows all findings, but only errors fail",
		"with-subcharts": "subcharts are always linted, with the chart that they belong to",
	}
	if unknown, ok := err.(*pflag.NotExistError); ok {
		if hint := hints[unknown.GetSpecifiedName()]; hint != "" {
			return &hintError{fmt.Errorf("--%s is a flag of helm lint, not of %s", unknown.GetSpecifiedName(), cmd.CommandPath()), hint}
		}
	}
	return flagError(cmd, err)
}

// ruleIDs are all rules for completion, each with an ending.
func ruleIDs(ending string) []string {
	var ids []string
	for _, rule := range plan.Rules() {
		ids = append(ids, rule.ID+ending)
	}
	return ids
}
