package cli

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/helm-hooks/helm-hooks/internal/helm3"
	"github.com/helm-hooks/helm-hooks/internal/lint"
	"github.com/helm-hooks/helm-hooks/internal/render"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// run lints all sources, whatever becomes of each, and writes one report.
func (o *lintOptions) run(cmd *cobra.Command, args []string) error {
	ctx := cmd.Context()
	report := lint.Report{FailOn: lint.FailOn(o.failOn)}
	subjects := o.subjects(args, &report)
	progress := newProgress(o.env, len(subjects))
	for _, s := range subjects {
		progress.next(s.target.Given)
		judged, problems := o.judge(cmd, s)
		if err := ctx.Err(); err != nil {
			progress.done()
			return err
		}
		report.Errors = addProblems(report.Errors, problems)
		if judged != nil {
			report.Sources = append(report.Sources, *judged)
		}
	}
	progress.done()
	return o.write(report)
}

// write puts out the report and says on stderr what could not be read. A format for people says nothing
// where nothing could be read.
func (o *lintOptions) write(report lint.Report) error {
	var out bytes.Buffer
	nothing := len(report.Sources)+len(report.Skipped) == 0 && slices.Contains([]string{"text", "patch"}, o.output)
	if !nothing {
		options := render.LintOptions{Style: o.style, ShowSuppressed: o.showSuppressed, Command: o.name, Version: buildVersion(o.env)}
		if err := o.renderer(&out, report, options); err != nil {
			return err
		}
	}
	if _, err := o.env.Out.Write(out.Bytes()); err != nil {
		return fmt.Errorf("write the answer: %w", err)
	}
	if o.output == "patch" && out.Len() == 0 && len(report.Errors) == 0 {
		fmt.Fprintln(o.env.Err, "nothing here can be corrected mechanically")
	}
	for i, p := range report.Errors {
		err := &hintError{errors.New(problemText(p)), p.Hint}
		if i == len(report.Errors)-1 {
			if p.Hint == "" {
				return err.err
			}
			return err
		}
		fmt.Fprintf(o.env.Err, "error: %s\n", printable(err.Error()))
		if p.Hint != "" {
			fmt.Fprintf(o.env.Err, "hint: %s\n", printable(p.Hint))
		}
	}
	if report.ExitCode() == exitFindings {
		return findingsError{}
	}
	return nil
}

// problemText names the source where the message does not.
func problemText(p lint.Problem) string {
	text := p.Message
	if p.Set != "" {
		text = "with the values of " + p.Set + ": " + text
	}
	if strings.Contains(p.Message, p.Ref) {
		return text
	}
	return p.Ref + ": " + text
}

// addProblems says the same thing once: several sources may share a broken .helm-hooks.yaml.
func addProblems(all, more []lint.Problem) []lint.Problem {
	for _, p := range more {
		if !slices.Contains(all, p) {
			all = append(all, p)
		}
	}
	return all
}

func problem(ref, set string, err error) lint.Problem {
	p := lint.Problem{Ref: ref, Set: set, Message: err.Error()}
	var hint *hintError
	if errors.As(withHint(err), &hint) {
		p.Hint = hint.hint
	}
	return p
}

// judge plans one source under each set of its values.
func (o *lintOptions) judge(cmd *cobra.Command, s subject) (*lint.Source, []lint.Problem) {
	ref := s.target.Given
	config, err := o.configs.Find(s.home())
	if err != nil {
		return nil, []lint.Problem{problem(config.Path, "", err)}
	}
	if s.isStream() {
		if err := refuseForStream(cmd); err != nil {
			return nil, []lint.Problem{problem(ref, "", err)}
		}
	}
	in := lint.Input{
		Source: lint.Source{Ref: ref, Config: config.Path}, Dir: s.dir, Archive: s.archive,
		ReadFile: os.ReadFile, Rules: o.rules.Over(config.Rules), Patched: patchPath,
	}
	var problems []lint.Problem
	for _, set := range o.setsFor(cmd, s, config, &in.Source) {
		run, err := o.plan(cmd, s, config, set, &in)
		if err != nil {
			in.Incomplete = true
			problems = append(problems, problem(ref, set.Name, err))
			continue
		}
		in.Runs = append(in.Runs, run)
	}
	if len(in.Runs) == 0 {
		return nil, problems
	}
	judged := lint.Judge(in)
	return &judged, problems
}

// valueFlags choose values; any of them takes the place of the sets in a .helm-hooks.yaml.
var valueFlags = []string{"values", "set", "set-string", "set-file", "set-json", "set-literal"}

// setsFor are the sets of values to try: those of the flags, else those of the file, else the chart's own.
func (o *lintOptions) setsFor(cmd *cobra.Command, s subject, config lint.Config, out *lint.Source) []lint.ValuesSet {
	own := []lint.ValuesSet{{}}
	path := cmp.Or(s.dir, s.archive)
	if path == "" || config.Path == "" {
		return own
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return own
	}
	inside, err := filepath.Rel(config.Dir, absolute)
	if err != nil {
		return own
	}
	sets := config.SetsFor(inside)
	if sets == nil {
		return own
	}
	if slices.ContainsFunc(valueFlags, func(name string) bool { return cmd.Flags().Changed(name) }) {
		out.Notes = append(out.Notes, "the values given by flags take the place of the sets of values in "+config.Path)
		return own
	}
	return sets
}

// plan plans a source under one set of values.
func (o *lintOptions) plan(cmd *cobra.Command, s subject, config lint.Config, set lint.ValuesSet, in *lint.Input) (lint.Run, error) {
	one, err := o.forSource(s, config, set)
	if err != nil {
		return lint.Run{}, err
	}
	if err := (&planOptions{inputOptions: *one}).validateEngine(cmd); err != nil {
		return lint.Run{}, err
	}
	read, err := one.open(one.engine)
	if err != nil {
		return lint.Run{}, err
	}
	input := one.input(read, nil)
	input.Lint = true
	if input, err = one.settleEngine(cmd.Context(), input); err != nil {
		return lint.Run{}, err
	}
	if o.callerOnly && one.callerOnly && input.Engine != o.engine {
		// The calling Helm was asked for its version; the other sources need not ask again.
		o.engine, o.callerOnly = input.Engine, false
	}
	planned, err := plan.Make(input)
	if err != nil {
		return lint.Run{}, err
	}
	run := lint.Run{Set: set.Name, Plan: planned}
	revisions := []plan.Fields{{Revision: 1}, {Revision: 2, IsUpgrade: true}, {Revision: 3, IsUpgrade: true}}
	if otherEngine(input.Engine) {
		// helm template renders an install, and nothing else.
		revisions = revisions[:1]
	}
	for _, fields := range revisions {
		rendered, err := read.Render(fields)
		if err != nil {
			return lint.Run{}, err
		}
		inventory, err := plan.Classify(rendered, input.Release, input.Engine)
		if err != nil {
			return lint.Run{}, err
		}
		run.Revisions = append(run.Revisions, inventory)
	}
	in.File = read.File
	one.notes = one.withoutEffect(cmd)
	describe(&in.Source, one.header(read), planned.Engine)
	return run, nil
}

// describe takes over what is known of a source once it is read, and what plan would say above its answer.
func describe(out *lint.Source, h render.Header, engine plan.Engine) {
	out.Type, out.Name, out.Namespace = h.Source.Type, h.Source.Name, h.Source.Namespace
	out.Chart, out.ChartVersion, out.Engine = h.Source.Chart, h.Source.ChartVersion, engine
	for _, note := range h.Notes {
		if !slices.Contains(out.Notes, note) {
			out.Notes = append(out.Notes, note)
		}
	}
}

// forSource are the options to read one source with: the flags, and below them the file.
func (o *lintOptions) forSource(s subject, config lint.Config, set lint.ValuesSet) (*inputOptions, error) {
	one := o.inputOptions
	one.target = s.target
	if o.engineFlag == "" && o.env.get("HELM_HOOKS_ENGINE") == "" && config.Engine != "" {
		engine, err := plan.ParseEngine(config.Engine)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", config.Path, err)
		}
		one.engine, one.callerOnly = engine, false
	}
	settings := helm3.SettingsFromEnv(o.env.Lookup)
	one.chart.locate.Settings, one.chart.values.Settings = settings, settings
	one.chart.locate.Stderr, one.chart.values.Stderr = o.env.Err, o.env.Err
	one.chart.values.Stdin = bytes.NewReader(o.stdin)
	if one.chart.kubeVersion == "" && !s.isStream() {
		one.chart.kubeVersion = config.KubeVersion
	}
	if set.Name == "" {
		return &one, nil
	}
	one.chart.values.Set = set.Set
	for _, file := range set.Files {
		if !filepath.IsAbs(file) && !strings.Contains(file, "://") {
			file = filepath.Join(s.home(), file)
		}
		one.chart.values.Files = append(slices.Clip(one.chart.values.Files), file)
	}
	return &one, nil
}

// patchPath is a file's path from here, with which git apply and patch -p1 find it; empty for what is not
// below this folder.
func patchPath(file string) string {
	here, err := filepath.Abs(".")
	if err != nil {
		return ""
	}
	absolute, err := filepath.Abs(file)
	if err != nil {
		return ""
	}
	path, err := filepath.Rel(here, absolute)
	if err != nil || path == ".." || strings.HasPrefix(path, ".."+string(filepath.Separator)) {
		return ""
	}
	return filepath.ToSlash(path)
}
