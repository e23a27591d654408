package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"al.essio.dev/pkg/shellescape"

	"github.com/helm-hooks/helm-hooks/internal/render"
	"github.com/helm-hooks/helm-hooks/internal/source"
	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// load reads both sides as one release: the name is that of a release in the cluster, else of a report of Helm's,
// else that of OLD's chart.
func (o *diffOptions) load(ctx context.Context) error {
	if err := o.shareStdin(); err != nil {
		return err
	}
	order := o.sides()
	slices.SortStableFunc(order, func(a, b *diffSide) int { return a.rank() - b.rank() })
	first, second := order[0], order[1]
	if err := o.open(ctx, first, nil); err != nil {
		return err
	}
	named := &second.input.chart
	told := first.isRelease() || first.isChart() || first.read.Revision != 0
	if second.isChart() && told {
		if named.name == "" {
			named.name = first.read.Name
		}
		if named.namespace == "" {
			named.namespace = first.read.Namespace
		}
	}
	if err := o.open(ctx, second, first); err != nil {
		return err
	}
	if first.isRelease() && second.isChart() {
		second.asRevision(first.read.Revision)
	}
	for _, s := range order {
		s.plan(o.optionsEngine())
	}
	lint := !lacksResources(o.old.read) && !lacksResources(o.new.read)
	o.old.planned.Lint, o.new.planned.Lint = lint, lint
	return nil
}

// rank puts first what knows best how the release is called.
func (s *diffSide) rank() int {
	switch {
	case s.isRelease():
		return 0
	case s.isChart():
		return 2
	}
	return 1
}

// lacksResources says that nothing can be said of what hooks need.
func lacksResources(read *source.Source) bool {
	return slices.ContainsFunc(read.Unknown, func(u plan.UnknownFact) bool { return u.What == "resources" || u.What == "hooks" })
}

// shareStdin lets both sides read values from standard input, which can be read but once.
func (o *diffOptions) shareStdin() error {
	fromValues, fromSource := false, false
	for _, s := range o.sides() {
		fromValues = fromValues || s.isChart() && slices.Contains(s.input.chart.values.Files, "-")
		fromSource = fromSource || s.input.target.Kind == source.KindStdin
	}
	if fromValues && fromSource {
		return &hintError{errors.New("standard input can be read once, not as a side and as values"), "save the values to a file"}
	}
	if !fromValues && !fromSource {
		return nil
	}
	// One side at most is standard input; the values of both may be. The source bounds what it reads itself.
	if fromSource && o.old.input.target.Kind != o.new.input.target.Kind {
		return nil
	}
	const most = 256 << 20
	text, err := io.ReadAll(io.LimitReader(o.env.In, most))
	if err != nil {
		return fmt.Errorf("read standard input: %w", err)
	}
	for _, s := range o.sides() {
		s.input.env.In = bytes.NewReader(text)
		s.input.chart.values.Stdin = bytes.NewReader(text)
	}
	return nil
}

// open reads one side. Two revisions of one release need one connection.
func (o *diffOptions) open(ctx context.Context, s, other *diffSide) (err error) {
	in := &s.input
	if !s.isRelease() {
		s.read, err = in.open(in.engine)
		return err
	}
	if other != nil && other.isRelease() && other.input.target.Ref == in.target.Ref {
		in.live.client, in.live.release = other.input.live.client, other.input.live.release
	} else if err := in.openRelease(ctx); err != nil {
		return err
	}
	release := in.live.release
	if s.revision != 0 {
		if release, err = release.At(s.revision); err != nil {
			return withClusterHint(err)
		}
	}
	s.read, err = release.Source(in.engine)
	if err != nil {
		return withClusterHint(err)
	}
	for i := range s.read.Unknown {
		if s.read.Unknown[i].What == "ignored" {
			s.read.Unknown[i].HowToKnow = "name the chart that the revision was made of in place of " + in.target.Given
		}
	}
	s.stored = release
	return nil
}

// asRevision renders a chart for the one revision with which it is compared: a record holds what was rendered for
// that one alone.
func (s *diffSide) asRevision(number int) {
	render, fields := s.read.Render, plan.Fields{Revision: number, IsUpgrade: number > 1}
	s.read.Render = func(plan.Fields) (plan.Rendered, error) { return render(fields) }
}

// plan makes the machine's input of a side that was read.
func (s *diffSide) plan(words plan.Engine) {
	in := &s.input
	s.planned = in.input(s.read, nil)
	s.planned.Options = in.action.options(words)
}

// settleEngines asks the Helm that called for its exact version where that makes a difference on either side.
func (o *diffOptions) settleEngines(ctx context.Context) error {
	if !o.callerOnly {
		return nil
	}
	matters := false
	for _, s := range o.sides() {
		one, err := plan.VersionMatters(s.planned)
		if err != nil {
			return err
		}
		matters = matters || one
	}
	if !matters {
		return nil
	}
	engine, err := askCaller(ctx, o.env, o.new.input.engine)
	if err != nil {
		return err
	}
	for _, s := range o.sides() {
		s.input.engine, s.planned.Engine = engine, engine
		s.planned.Options = s.input.action.options(engine)
	}
	return nil
}

// header says what was compared.
func (o *diffOptions) header(differs bool) render.DiffHeader {
	h := render.DiffHeader{Old: o.old.header(), New: o.new.header()}
	old, now := o.old.notes(), o.new.notes()
	for _, note := range old {
		if !slices.Contains(now, note) {
			note = "old: " + note
		}
		h.Notes = append(h.Notes, note)
	}
	for _, note := range now {
		if !slices.Contains(old, note) {
			h.Notes = append(h.Notes, "new: "+note)
		}
	}
	h.Notes = append(h.Notes, o.sharedNotes()...)
	if differs {
		h.Hint = o.hint()
	}
	return h
}

func (s *diffSide) header() render.DiffSide {
	in := &s.input
	side := render.DiffSide{
		Engine: in.engine, Home: s.read.Namespace,
		Source: render.Source{
			Type: s.read.Type, Name: s.read.Name, Namespace: s.read.Namespace, Chart: s.read.Chart,
			ChartVersion: s.read.ChartVersion, Ref: s.read.Ref, Revision: s.read.Revision,
		},
	}
	if s.stored != nil {
		side.Source.Status, side.Source.Context = s.stored.Newest.Info.Status, s.stored.Client.Context
	}
	if len(s.values) > 0 {
		side.With = "with " + strings.Join(s.values, ", ")
	}
	return side
}

func (s *diffSide) notes() []string {
	notes := slices.Clone(s.read.Notes)
	if s.input.target.Note != "" {
		notes = append(notes, s.input.target.Note)
	}
	return notes
}

// sharedNotes are about both sides.
func (o *diffOptions) sharedNotes() []string {
	var notes []string
	if engine := o.optionsEngine(); o.action.timeout == 0 && strings.HasPrefix(engine.Name, "helm") {
		notes = append(notes, zeroTimeoutNote(engine))
	}
	if o.action.noHooks {
		notes = append(notes, "--no-hooks: Helm runs no hook but those of helm test")
	}
	if o.old.input.engine.Name == "helm3" && o.new.input.engine.Name == "helm4" && o.action.serverSide == "" {
		notes = append(notes, "each side shows releases that this Helm has installed; one that Helm 3 has installed keeps plain create for its hooks when Helm 4 upgrades it or rolls it back: --server-side=false shows that")
	}
	stored, chart := &o.old, &o.new
	if o.new.isRelease() {
		stored, chart = &o.new, &o.old
	}
	if stored.isRelease() && chart.isChart() {
		words := []string{"helm", "get", "values", stored.read.Name, "-n", stored.stored.Stored, "--revision", fmt.Sprint(stored.read.Revision), "-o", "yaml"}
		notes = append(notes, fmt.Sprintf("the chart is rendered for revision %d, with the values given here: those of the release are to be had with %s", stored.read.Revision, shellescape.QuoteCommand(words)))
	}
	return notes
}

// hint is the command for the way from the old to the new, which a comparison of the two does not show.
func (o *diffOptions) hint() string {
	if o.old.input.engine != o.new.input.engine || !o.new.isChart() || len(o.old.values)+len(o.new.values) > 0 || o.old.version+o.new.version != "" {
		return ""
	}
	var words []string
	switch {
	case o.old.isChart():
		words = []string{"plan", o.new.input.target.Given, "--from", o.old.input.target.Given}
		if o.chart.name != "" {
			words = append(words, "--name", o.chart.name)
		}
		if o.chart.namespace != "" {
			words = append(words, "-n", o.chart.namespace)
		}
	case o.old.isRelease() && o.old.revision == 0:
		words = []string{"plan", o.old.read.Name, "-n", o.old.read.Namespace, "--chart", o.new.input.target.Given}
	default:
		return ""
	}
	words = append(words, o.new.input.helm(o.new.read).Flags...)
	return "the upgrade from the one to the other: " + o.command + " " + shellescape.QuoteCommand(words)
}
