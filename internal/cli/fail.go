package cli

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// failFlags say what goes wrong and what is done after that.
type failFlags struct {
	fail      []string
	interrupt []string
	kill      []string
	then      []string
	life      bool
	matrix    bool

	faults   []plan.Fault
	commands []plan.Command
}

func (f *failFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringArrayVar(&f.fail, "fail", nil, "let a hook fail once, under flux each time: KIND/NAME[@EVENT[:create|wait|timeout|delete]][*TIMES], or resources (repeatable)")
	flags.StringArrayVar(&f.interrupt, "interrupt", nil, "press Ctrl-C while Helm waits for a hook: KIND/NAME[@EVENT], or resources (repeatable)")
	flags.StringArrayVar(&f.kill, "kill", nil, "kill Helm (kill -9, an expired CI job) while it waits for a hook: KIND/NAME[@EVENT], or resources (repeatable)")
	flags.StringArrayVar(&f.then, "then", nil, `go on with another command from there: upgrade, "rollback 1", "uninstall --no-hooks" … (repeatable)`)
	flags.BoolVar(&f.life, "life", false, "play a whole life: install, upgrade, upgrade, rollback, test, uninstall")
	flags.BoolVar(&f.matrix, "matrix", false, "let each hook fail in turn: what is left, and the way out")
}

// lifeActions follow an install in a whole life.
var lifeActions = []plan.Action{plan.Upgrade, plan.Upgrade, plan.Rollback, plan.Test, plan.Uninstall}

// complete reads the flags' own little languages. action are the flags that the commands of --then share.
func (f *failFlags) complete(action actionFlags, engine plan.Engine) error {
	if err := f.parseFaults(engine); err != nil {
		return err
	}
	for _, text := range f.then {
		command, err := parseThen(text, action, engine)
		if err != nil {
			return err
		}
		f.commands = append(f.commands, command)
	}
	if f.life {
		for _, one := range lifeActions {
			f.commands = append(f.commands, plan.Command{Action: one, Options: action.options(engine)})
		}
	}
	return nil
}

func (f *failFlags) parseFaults(engine plan.Engine) error {
	for _, flag := range []struct {
		name   string
		values []string
		at     plan.FaultPoint
	}{{"fail", f.fail, ""}, {"interrupt", f.interrupt, plan.FaultInterrupt}, {"kill", f.kill, plan.FaultKill}} {
		for _, text := range flag.values {
			fault, err := plan.ParseFault(text)
			if err != nil {
				return fmt.Errorf("--%s %w", flag.name, err)
			}
			if flag.at != "" && fault.At != "" {
				return fmt.Errorf("--%s %q: a signal comes while Helm waits, so no point of failure can be named", flag.name, text)
			}
			if flag.at != "" {
				fault.At = flag.at
			}
			if engine.Name == "flux" && flag.at == "" && !strings.Contains(text, "*") {
				// Nobody mends anything between the tries of a controller.
				fault.Times = 0
			}
			f.faults = append(f.faults, fault)
		}
	}
	return nil
}

func (f *failFlags) validate(actions []plan.Action) error {
	switch {
	case f.matrix && (len(f.faults) > 0 || len(f.then) > 0 || f.life):
		return fmt.Errorf("--matrix lets each hook fail in turn: it goes without --fail, --interrupt, --kill, --then and --life")
	case f.life && len(f.then) > 0:
		return fmt.Errorf("--life and --then both say what follows: use one of them")
	case f.life && len(actions) > 0:
		return fmt.Errorf("--life begins with install: leave --action out, or use --then")
	case len(f.then) > 0 && len(actions) > 1:
		return fmt.Errorf("--then goes on from one action, but --action names %d: %s", len(actions), words(actions))
	}
	return nil
}

// parseThen reads one command as it would be typed after `helm`, without the names: "rollback 1",
// "upgrade --atomic". It shares the flags of the plan.
func parseThen(text string, shared actionFlags, engine plan.Engine) (plan.Command, error) {
	fields := strings.Fields(text)
	if len(fields) == 0 {
		return plan.Command{}, fmt.Errorf("--then is empty: name an action, such as --then upgrade")
	}
	actions, err := parseActions(fields[:1])
	if err != nil {
		return plan.Command{}, fmt.Errorf("--then %q: %w", text, err)
	}
	if err := checkActions(actions, engine.Helm()); err != nil {
		return plan.Command{}, fmt.Errorf("--then %q: %w", text, err)
	}
	action := actions[0]
	own := &actionFlags{}
	cmd := &cobra.Command{Use: string(action)}
	own.add(cmd)
	*own = shared
	var install, replace bool
	if action == plan.Upgrade {
		cmd.Flags().BoolVarP(&install, "install", "i", false, "")
	}
	if action == plan.Install {
		cmd.Flags().BoolVar(&replace, "replace", false, "")
	}
	if err := cmd.ParseFlags(fields[1:]); errors.Is(err, pflag.ErrHelp) {
		return plan.Command{}, fmt.Errorf("--then %q: a command has no help here", text)
	} else if err != nil {
		return plan.Command{}, fmt.Errorf("--then %q: %w", text, err)
	}
	if err := own.validate(cmd, engine, actions); err != nil {
		return plan.Command{}, fmt.Errorf("--then %q: %w", text, err)
	}
	options := own.options(engine)
	options.Install, options.Replace = install, replace
	rest := cmd.Flags().Args()
	if action == plan.Rollback && len(rest) == 1 {
		revision, err := strconv.Atoi(rest[0])
		if err != nil || revision < 0 {
			return plan.Command{}, fmt.Errorf("--then %q: %q is no revision", text, rest[0])
		}
		options.RollbackTo, rest = revision, nil
	}
	if len(rest) > 0 {
		return plan.Command{}, fmt.Errorf("--then %q: %q is no flag; the release and its chart are those of the plan", text, rest[0])
	}
	return plan.Command{Action: action, Options: options}, nil
}
