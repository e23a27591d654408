package cli

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/helm-hooks/helm-hooks/internal/explain"
	"github.com/helm-hooks/helm-hooks/internal/render"
	"github.com/helm-hooks/helm-hooks/internal/source"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// explainOptions is `explain`: a topic, or a source with perhaps one of its hooks.
type explainOptions struct {
	inputOptions
	output string
	name   string

	topic *explain.Topic
	hook  string
	// stdin is what was read from there, for the other engines.
	stdin []byte
}

// explainFormats are the formats of an explanation; topics are text only.
var explainFormats = []string{"text", "json", "yaml"}

func newExplainCommand(env Env, name string) *cobra.Command {
	o := &explainOptions{inputOptions: inputOptions{env: env}, name: name}
	cmd := &cobra.Command{
		Use:   "explain [TOPIC | SOURCE] [KIND/NAME]",
		Short: "Say when and why a hook runs, or what a word of Helm's hooks means",
		Long: `Explains a topic (an event, weights, delete policies, a rule such as HH001 …), a chart in plain
sentences, or one hook: when it runs and why there, what Helm waits for, when it is deleted, what
happens if it fails and what stays. For an object that Helm drops it says why, and what to write.

Without anything it lists the topics. A topic wins over a source of the same name: write ./NAME for
the folder.`,
		Example: strings.ReplaceAll(`  NAME explain
  NAME explain post-install
  NAME explain HH001
  NAME explain ./mychart
  NAME explain ./mychart Job/migrate`, "NAME", name),
		Args:              cobra.MaximumNArgs(2),
		ValidArgsFunction: o.completeArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return listTopics(env, name)
			}
			if err := o.complete(cmd, args); err != nil {
				return err
			}
			if o.topic != nil {
				return o.topic.Text(env.Out, env.Width, name)
			}
			if err := o.validate(cmd); err != nil {
				return err
			}
			return o.run(cmd.Context())
		},
	}
	o.inputOptions.add(cmd)
	o.live.add(cmd, env)
	cmd.Flags().StringVarP(&o.output, "output", "o", explainFormats[0], "output format: "+strings.Join(explainFormats, ", "))
	completeWith(cmd, map[string][]string{"output": explainFormats})
	return cmd
}

// listTopics names all topics; of the rules only how many there are.
func listTopics(env Env, command string) error {
	topics, rules := []explain.Topic{}, 0
	for _, topic := range explain.Topics() {
		if topic.IsRule() {
			rules++
		} else {
			topics = append(topics, topic)
		}
	}
	var out bytes.Buffer
	if err := explain.List(&out, env.Width, topics); err != nil {
		return err
	}
	fmt.Fprintf(&out, "\n%d rules have a topic each, such as HH001.\n", rules)
	fmt.Fprintf(&out, "%s explain TOPIC tells one of them, %[1]s explain ./CHART KIND/NAME a hook.\n", command)
	_, err := env.Out.Write(out.Bytes())
	return err
}

// complete decides between a topic, a hook of the chart here, and a source.
func (o *explainOptions) complete(cmd *cobra.Command, args []string) error {
	if len(args) == 1 {
		if topic, ok := explain.Lookup(args[0]); ok {
			o.topic = &topic
			return o.topicOnly(cmd)
		}
		if isRef(args[0]) {
			// A lone KIND/NAME is a hook of the chart here.
			args = []string{".", args[0]}
		}
	}
	if len(args) == 2 {
		if kind, name, ok := strings.Cut(args[1], "/"); !ok || kind == "" || name == "" {
			return &hintError{fmt.Errorf("%q is not of the form KIND/NAME, such as Job/migrate", args[1]), fmt.Sprintf("%s explain SOURCE KIND/NAME", o.name)}
		}
		o.hook = args[1]
	}
	if err := o.inputOptions.complete(cmd, args[:1]); err != nil {
		return o.orTopic(args[0], err)
	}
	return nil
}

// topicOnly refuses flags that a topic has no use for.
func (o *explainOptions) topicOnly(cmd *cobra.Command) error {
	if cmd.Flags().NFlag() == 0 || cmd.Flags().NFlag() == 1 && cmd.Flags().Changed("color") {
		return nil
	}
	return &hintError{fmt.Errorf("%s is a topic, and a topic takes no flags", o.topic.Name), "for a folder of that name: ./" + o.topic.Name}
}

// orTopic adds the topics that a word comes near to.
func (o *explainOptions) orTopic(word string, err error) error {
	near := explain.Suggest(word)
	if strings.ContainsAny(word, "/.:") || len(near) == 0 {
		return err
	}
	return &hintError{fmt.Errorf("%q is no topic, and as a source: %w", word, err), "did you mean " + o.name + " explain " + strings.Join(near, " or ") + "?"}
}

// isRef tells KIND/NAME from a path or REPO/CHART: kinds begin with a capital letter.
func isRef(word string) bool {
	kind, name, ok := strings.Cut(word, "/")
	return ok && name != "" && !strings.ContainsAny(name, "/") && kind != "" && kind[0] >= 'A' && kind[0] <= 'Z' && !strings.ContainsAny(kind, ".:~")
}

func (o *explainOptions) validate(cmd *cobra.Command) error {
	if _, ok := map[string]bool{"text": true, "json": true, "yaml": true}[o.output]; !ok {
		return fmt.Errorf("unknown output format %q: valid are %s", o.output, strings.Join(explainFormats, ", "))
	}
	if err := (&planOptions{inputOptions: o.inputOptions}).validateEngine(cmd); err != nil {
		return err
	}
	actions := o.actions
	if otherEngine(o.engine) {
		// Its flags were checked already, and its actions are none of Helm's.
		actions = nil
	}
	if err := o.action.validate(cmd, o.engine, actions); err != nil {
		return err
	}
	return o.refuseUnread(cmd)
}

func (o *explainOptions) run(ctx context.Context) error {
	done := waiting(o.env, "reading "+o.target.Ref)
	if err := o.keepStdin(); err != nil {
		done()
		return err
	}
	read, input, err := o.load(ctx)
	done()
	if err != nil {
		if o.target.Kind == source.KindRelease {
			return o.orTopic(o.target.Ref, err)
		}
		return withHint(err)
	}
	input, err = o.settleEngine(ctx, input)
	if err != nil {
		return err
	}
	explanation, err := o.explain(ctx, read, input)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	var out bytes.Buffer
	switch o.output {
	case "json":
		err = render.ExplainJSON(&out, o.header(read), o.engine, explanation)
	case "yaml":
		err = render.ExplainYAML(&out, o.header(read), o.engine, explanation)
	default:
		err = render.ExplainText(&out, o.header(read), o.engine, explanation, o.style)
	}
	if err != nil {
		return err
	}
	if _, err := o.env.Out.Write(out.Bytes()); err != nil {
		return fmt.Errorf("write the answer: %w", err)
	}
	return nil
}

func (o *explainOptions) explain(ctx context.Context, read *source.Source, input plan.Input) (render.Explanation, error) {
	if o.hook == "" {
		answer, err := plan.Make(input)
		if otherEngine(o.engine) {
			return render.OtherNarration(o.header(read), answer), err
		}
		return render.Narration(o.header(read), answer), err
	}
	explanation, err := o.explainHook(read, input)
	if err != nil {
		return render.Explanation{}, err
	}
	others, asked, err := o.underOthers(ctx, read)
	switch {
	case !asked || ctx.Err() != nil:
		return explanation, nil
	case err != nil:
		// What another engine stumbles over takes nothing away from this one's answer.
		return render.WithoutEngines(explanation, err), nil
	}
	return render.WithEngines(explanation, others, o.hook), nil
}

func (o *explainOptions) explainHook(read *source.Source, input plan.Input) (render.Explanation, error) {
	if otherEngine(o.engine) {
		answer, err := plan.Make(input)
		if err != nil {
			return render.Explanation{}, err
		}
		return render.OtherHook(o.header(read), answer, o.hook)
	}
	life, err := plan.ExplainHook(input, o.hook)
	if err != nil {
		return render.Explanation{}, err
	}
	return render.HookLife(o.header(read), life), nil
}

// completeArgs offers topics and paths first, then the hooks of the source.
func (o *explainOptions) completeArgs(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	if len(args) == 0 {
		var words []string
		for _, topic := range explain.Topics() {
			if typed != "" || !topic.IsRule() {
				words = append(words, topic.Name+"\t"+topic.Summary)
			}
		}
		return words, cobra.ShellCompDirectiveDefault
	}
	if len(args) > 1 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	hooks := &planOptions{inputOptions: o.inputOptions, output: render.Formats()[0]}
	return hooks.completeHooks(false, false)(cmd, args, typed)
}
