package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/helm-hooks/helm-hooks/internal/source"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// allEngines stands for every engine that is not named by itself.
const allEngines = "all"

// engineChoices are what completion offers for --engine.
func (o *inputOptions) engineChoices() []string {
	if o.several {
		return append(plan.EngineNames(), allEngines)
	}
	return plan.EngineNames()
}

// takeEngines takes a list off --engine and leaves its first engine there, or nothing where that is all: then who acts
// next comes first.
func (o *planOptions) takeEngines(cmd *cobra.Command) {
	if o.engineFlag != allEngines && !strings.Contains(o.engineFlag, ",") {
		return
	}
	o.wanted = strings.Split(o.engineFlag, ",")
	first := strings.TrimSpace(o.wanted[0])
	if first == allEngines {
		// As if the flag were not there.
		o.engineFlag, cmd.Flags().Lookup("engine").Changed = "", false
		return
	}
	o.engineFlag = first
}

// parseEngines makes engines of the list; the first was chosen before.
func (o *planOptions) parseEngines() error {
	if o.wanted == nil {
		return nil
	}
	o.compared = []plan.Engine{o.engine}
	known := func(name string) bool {
		return slices.ContainsFunc(o.compared, func(e plan.Engine) bool { return e.Name == name })
	}
	for i, word := range o.wanted {
		word = strings.TrimSpace(word)
		switch {
		case word == allEngines:
			for _, name := range plan.EngineNames() {
				if engine, err := plan.ParseEngine(name); err == nil && !known(name) {
					o.compared = append(o.compared, engine)
				}
			}
		case i > 0:
			engine, err := plan.ParseEngine(word)
			if err != nil {
				return err
			}
			if slices.Contains(o.compared, engine) {
				return fmt.Errorf("--engine names %s twice", engine)
			}
			o.compared = append(o.compared, engine)
		}
	}
	if len(o.compared) < 2 {
		return &hintError{fmt.Errorf("--engine %s: a comparison takes two engines or more", strings.Join(o.wanted, ",")), "--engine all, or a list such as helm4,argocd"}
	}
	return nil
}

// onePlanOnly are flags that play something which a comparison has no room for.
var onePlanOnly = []string{"action", "fail", "interrupt", "kill", "matrix", "then", "life", "from", "from-version", "from-values"}

// validateEngines refuses what not all of the compared engines have: an answer under other flags for each would
// compare apples with pears.
func (o *planOptions) validateEngines(cmd *cobra.Command) error {
	if o.target.Kind == source.KindRelease {
		return &hintError{
			fmt.Errorf("release %s: engines without Helm's records cannot start from it", o.target.Ref),
			"compare the chart that it was made of; a chart's path needs a slash: ./" + o.target.Ref,
		}
	}
	if o.liveObject() {
		return &hintError{fmt.Errorf("%s: engines cannot all start from what is in the cluster", o.target.Given), "compare the chart that it installs"}
	}
	if o.renderer.Engines == nil {
		return fmt.Errorf("-o %s shows one engine: name it", o.output)
	}
	for _, name := range onePlanOnly {
		if cmd.Flags().Changed(name) {
			return &hintError{
				fmt.Errorf("--%s goes with one engine: a comparison shows all actions of each, and what happens when all goes well", name),
				"plan with --engine " + o.engine.Name + " alone",
			}
		}
	}
	for _, engine := range o.compared {
		one := *o
		one.engine = engine
		err := one.validateEngine(cmd)
		if err == nil {
			err = o.action.validate(cmd, engine, nil)
		}
		if err != nil {
			return &hintError{err, "leave the flag out, or name only engines that have it: --engine helm3,helm4"}
		}
	}
	return o.refuseUnread(cmd)
}

// compare plans the source under each engine and renders what differs. found says that --exit-code has something to say
// of any of them.
func (o *planOptions) compare(ctx context.Context, out io.Writer) (found bool, err error) {
	plans, read, notes, err := o.plansOf(ctx, o.compared, map[plan.Engine]*source.Source{})
	if err != nil {
		return false, err
	}
	header := o.header(read)
	for _, note := range notes {
		if !slices.Contains(header.Notes, note) {
			header.Notes = append(header.Notes, note)
		}
	}
	return slices.ContainsFunc(plans, troubled), o.renderer.Engines(out, header, plan.CompareEngines(plans), o.viewOptions())
}

// plansOf plans the source under several engines. Each Helm reads it once; sources are those that were read before.
func (o *planOptions) plansOf(ctx context.Context, engines []plan.Engine, sources map[plan.Engine]*source.Source) (plans []plan.Plan, first *source.Source, notes []string, err error) {
	text, err := o.wholeStdin()
	if err != nil {
		return nil, nil, nil, err
	}
	for i, engine := range engines {
		one := o.inputOptions
		one.engine, one.callerOnly = engine, o.callerOnly && i == 0
		read := sources[engine.Helm()]
		if read == nil {
			one.env.In, one.chart.values.Stdin = bytes.NewReader(text), bytes.NewReader(text)
			if read, err = one.open(engine); err != nil {
				return nil, nil, nil, err
			}
			sources[engine.Helm()] = read
			notes = append(notes, read.Notes...)
		}
		if first == nil {
			first = read
		}
		input := one.input(read, nil)
		input.Options.SkipTests, input.Options.IncludeCRDs = o.flat.skipTests, o.flat.includeCRDs
		// Of engines with a machine of their own, what lint finds belongs to the comparison.
		input.Lint = engine.Name == "argocd" || engine.Name == "template"
		if input, err = one.settleEngine(ctx, input); err != nil {
			return nil, nil, nil, err
		}
		made, err := plan.Make(input)
		if err != nil {
			return nil, nil, nil, fmt.Errorf("under %s: %w", engine, err)
		}
		plans = append(plans, made)
	}
	return plans, first, notes, nil
}

// wholeStdin reads standard input where the source or the values come from there: each render reads it anew.
func (o *inputOptions) wholeStdin() ([]byte, error) {
	values := slices.Contains(o.chart.values.Files, "-")
	if o.target.Kind != source.KindStdin && !values {
		return nil, nil
	}
	if o.target.Kind == source.KindStdin && values {
		return nil, errors.New("standard input cannot be both SOURCE and the values of -f -")
	}
	// The source bounds what it reads itself; no report of Helm's comes near this.
	const most = 256 << 20
	text, err := io.ReadAll(io.LimitReader(o.env.In, most))
	if err != nil {
		return nil, fmt.Errorf("read standard input: %w", err)
	}
	return text, nil
}

// keepStdin lets a hook's source and values be read more than once from standard input.
func (o *explainOptions) keepStdin() error {
	text, err := o.wholeStdin()
	if err == nil && text != nil {
		o.stdin = text
		o.env.In, o.chart.values.Stdin = bytes.NewReader(text), bytes.NewReader(text)
	}
	return err
}

// underOthers is what becomes of one hook under every engine, for explain; asked is false where that cannot be asked.
func (o *explainOptions) underOthers(ctx context.Context, read *source.Source) (others plan.Comparison, asked bool, err error) {
	if o.target.Kind == source.KindRelease || o.liveObject() {
		return plan.Comparison{}, false, nil
	}
	several := &planOptions{inputOptions: o.inputOptions, wanted: []string{allEngines}}
	several.actions, several.callerOnly = nil, false
	if o.stdin != nil {
		several.env.In, several.chart.values.Stdin = bytes.NewReader(o.stdin), bytes.NewReader(o.stdin)
	}
	if err := several.parseEngines(); err != nil {
		return plan.Comparison{}, true, err
	}
	plans, _, _, err := several.plansOf(ctx, several.compared, map[plan.Engine]*source.Source{o.engine.Helm(): read})
	if err != nil {
		return plan.Comparison{}, true, err
	}
	return plan.CompareEngines(plans), true, nil
}
