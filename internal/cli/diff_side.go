package cli

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/helm-hooks/helm-hooks/internal/helm3"
	"github.com/helm-hooks/helm-hooks/internal/live"
	"github.com/helm-hooks/helm-hooks/internal/source"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// diffSide is OLD or NEW.
type diffSide struct {
	// word is OLD or NEW.
	word string
	// input is a plan's, with this side as SOURCE.
	input inputOptions
	// revision is that of RELEASE@REVISION, 0 for the newest.
	revision int
	// values and version are those that only this side has.
	values  []string
	version string

	read    *source.Source
	planned plan.Input
	// stored is the release at its revision; nil for what is no release.
	stored *live.Release
}

func (s diffSide) isRelease() bool { return s.input.target.Kind == source.KindRelease }

func (s diffSide) isRemote() bool {
	return s.input.target.Kind == source.KindRepo || s.input.target.Kind == source.KindURL
}

func (s diffSide) isChart() bool { return s.isRemote() || s.input.target.Kind == source.KindChart }

// side finds out what a word means. args are that word, or none for the chart in this folder.
func (o *diffOptions) side(word string, args, values []string, version string) (diffSide, error) {
	target, err := source.Classify(args, source.LocalEnv(), source.Choice{RepoURL: o.chart.locate.RepoURL})
	if err != nil {
		return diffSide{}, withHint(err)
	}
	s := diffSide{word: word, values: values, version: version}
	switch target.Kind {
	case source.KindRelease:
		if target.Ref, s.revision, err = splitRevision(target.Ref); err != nil {
			return diffSide{}, err
		}
	case source.KindRepo:
		if name, version, ok := strings.Cut(target.Ref, "@"); ok {
			return diffSide{}, &hintError{
				fmt.Errorf("%s: @ goes with releases", target.Given),
				fmt.Sprintf("the version of a chart is a flag: %s with --%s-version %s", name, strings.ToLower(word), version),
			}
		}
	case source.KindHelmRelease, source.KindApplication:
		return diffSide{}, o.noSide(target.Given, string(target.Kind))
	case source.KindStdin, source.KindFile:
		object, in, err := installs(target, o.env.In)
		o.env.In = in
		if err != nil {
			return diffSide{}, err
		}
		if object != nil {
			return diffSide{}, o.noSide(target.Given, object.Ref())
		}
	case source.KindChart:
		if target.Note != "" {
			target.Note = fmt.Sprintf("%s is the chart in this folder; for the release of that name: %[1]s@REVISION", target.Given)
		}
	}
	settings := helm3.SettingsFromEnv(o.env.Lookup)
	s.input = inputOptions{
		env: o.env, chart: o.chart, action: o.action, live: liveFlags{cluster: o.cluster}, engineFlag: o.engineFlag,
		target: target, actions: o.actions, style: o.style,
	}
	chart := &s.input.chart
	chart.locate.Settings, chart.values.Settings = settings, settings
	chart.locate.Stderr, chart.values.Stderr = o.env.Err, o.env.Err
	if version != "" {
		chart.locate.Version = version
	}
	if len(values) > 0 {
		chart.values.Files = values
	}
	return s, nil
}

// noSide says what to compare in place of a HelmRelease or an Application.
func (o *diffOptions) noSide(given, what string) error {
	return &hintError{
		fmt.Errorf("%s is neither chart nor release: diff compares those, and what was rendered, but not what installs them (%s)", given, what),
		fmt.Sprintf("compare the charts: %s diff ./OLD ./NEW -f VALUES --engine %s; %[1]s plan %[3]s shows what the object makes of its own", o.command, engineOfObject(what), given),
	}
}

// splitRevision takes RELEASE@REVISION apart; without an @ the revision is 0. The names of releases have none.
func splitRevision(word string) (release string, revision int, err error) {
	release, text, found := strings.Cut(word, "@")
	if !found {
		return word, 0, nil
	}
	if release == "" {
		return "", 0, &hintError{fmt.Errorf("%s names a revision and no release", word), "RELEASE@REVISION, such as shop@3"}
	}
	revision, err = strconv.Atoi(text)
	if err != nil || revision < 1 || strings.HasPrefix(text, "+") {
		return "", 0, &hintError{
			fmt.Errorf("%s: %q is no revision", word, text),
			fmt.Sprintf("revisions are numbers from 1 on, as helm history %s shows them: %[1]s@3; the newest is %[1]s alone", release),
		}
	}
	return release, revision, nil
}

// validate refuses flags that have no effect on this side.
func (s diffSide) validate() error {
	flag := func(name string) string { return "--" + strings.ToLower(s.word) + "-" + name }
	given := s.input.target.Given
	switch {
	case len(s.values) > 0 && !s.isChart():
		return fmt.Errorf("%s has no effect: %s is rendered already", flag("values"), given)
	case s.version != "" && !s.isRemote():
		return &hintError{fmt.Errorf("%s has no effect: %s is no chart of a repository", flag("version"), given), "name it as REPO/CHART, oci://… or with --repo"}
	}
	return nil
}

// chooseEngines finds the rules of both sides. What one side's .helm-hooks.yaml says holds for both, since a
// difference between two such files is none between charts; that of NEW goes before that of OLD.
func (o *diffOptions) chooseEngines(cmd *cobra.Command) (err error) {
	if named := cmp.Or(o.engineFlag, o.env.get("HELM_HOOKS_ENGINE")); named != "" {
		o.old.input.engine, err = plan.ParseEngine(named)
	} else {
		o.old.input.engine, o.callerOnly, err = chooseEngine("", o.env)
	}
	if err != nil {
		return err
	}
	o.new.input.engine = o.old.input.engine
	if len(o.engineList) > 0 {
		if err := o.parseEngines(); err != nil {
			return err
		}
	}
	usual, kube := o.new.input.engine, ""
	chosen := usual
	for _, s := range o.sides() {
		asked := s.input.engine
		if s.input.callerOnly = o.callerOnly; len(o.engineList) > 0 {
			s.input.engineFlag = asked.Name // which the file does not change
		}
		if err := s.input.configure(cmd); err != nil {
			return err
		}
		if len(o.engineList) == 0 && s.input.callerOnly != o.callerOnly || s.input.engine != asked {
			chosen = s.input.engine
		}
		if s.input.chart.kubeVersion != "" {
			kube = s.input.chart.kubeVersion
		}
	}
	for _, s := range o.sides() {
		s.input.chart.kubeVersion = kube
		if len(o.engineList) == 0 {
			s.input.engine = chosen
			o.callerOnly = o.callerOnly && s.input.callerOnly
		}
	}
	return nil
}

func (o *diffOptions) parseEngines() (err error) {
	if o.engineFlag != "" {
		return errors.New("--engine is for both sides, --engines for one each: one of the two")
	}
	if len(o.engineList) != 2 {
		return &hintError{fmt.Errorf("--engines takes two, for OLD and for NEW, but got %d", len(o.engineList)), "--engines helm3,helm4"}
	}
	o.callerOnly = false
	if o.old.input.engine, err = plan.ParseEngine(o.engineList[0]); err != nil {
		return err
	}
	o.new.input.engine, err = plan.ParseEngine(o.engineList[1])
	return err
}

func (o *diffOptions) sides() []*diffSide { return []*diffSide{&o.old, &o.new} }
