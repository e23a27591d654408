package source

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// StreamOptions are what a stream cannot say itself.
type StreamOptions struct {
	// Given is the SOURCE as the user wrote it.
	Given string
	// Release overrides the name and namespace that Helm's output gives.
	Release plan.Release
	// Limit bounds all inputs together, in bytes; 0 means 256 MiB.
	Limit int64
}

// FromFile reads one file of rendered YAML.
func FromFile(name string, options StreamOptions) (*Source, error) {
	file, err := openFile(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return FromStream([]Input{{Name: name, Reader: file}}, options)
}

// FromStdin reads rendered YAML from standard input.
func FromStdin(reader io.Reader, options StreamOptions) (*Source, error) {
	return FromStream([]Input{{Reader: reader}}, options)
}

// FromStream reads rendered YAML: the output of helm template, helm get hooks, helm get manifest, helm
// get all, helm install --dry-run, kustomize, or plain YAML.
func FromStream(inputs []Input, options StreamOptions) (*Source, error) {
	read := stream{files: map[string]string{}, counts: map[string]int{}}
	limit := options.Limit
	if limit <= 0 {
		limit = maxStream
	}
	for _, input := range inputs {
		text, err := input.read(limit)
		if err != nil {
			return nil, err
		}
		limit -= int64(len(text))
		if err := read.add(input, text); err != nil {
			return nil, err
		}
	}
	if len(read.documents) == 0 {
		return nil, &Error{errors.New("nothing to read: the input holds no document"), "did the command before the pipe fail? Its message is on standard error"}
	}
	if err := read.oneChart(); err != nil {
		return nil, err
	}
	return read.source(options), nil
}

// stream is what the inputs hold together.
type stream struct {
	documents []plan.Document
	// files leads from a template path to the input it came from.
	files map[string]string
	// counts are the numbers of documents of each template so far.
	counts map[string]int
	charts []string
	// marked says that there are # Source: comments; sectioned that there were Helm's sections.
	marked, sectioned bool
	hooks, objects    int
	// labelled says that documents carry the labels that charts put on what Helm renders.
	labelled bool
	// installs names a HelmRelease or an Application among the documents.
	installs string
	// crds says that files of crds/ are among the documents.
	crds   bool
	report report
}

func (s *stream) add(input Input, text string) error {
	label := input.label()
	made, found, err := readReport(label, text)
	if !found {
		made, found, err = readRelease(label, text)
	}
	if err != nil {
		return err
	}
	if !found {
		return s.addPieces(input, cut(label, text, 1))
	}
	if s.sectioned {
		return &Error{fmt.Errorf("two releases in one stream: %s and %s", s.report.name, made.name), "give one at a time"}
	}
	s.sectioned, s.report = true, made
	if err := s.addPieces(input, cut(label, made.manifest, made.manifLine)); err != nil {
		return err
	}
	return s.addPieces(input, cut(label, made.hooks, made.hooksLine))
}

func (s *stream) addPieces(input Input, pieces []piece) error {
	crds := ""
	for _, piece := range pieces {
		if err := piece.check(); err != nil {
			return err
		}
		if err := piece.refuseRecord(); err != nil {
			return err
		}
		if piece.head.Kind != "" {
			s.objects++
			if piece.isHook() {
				s.hooks++
			}
		}
		s.labelled = s.labelled || strings.Contains(piece.text, "helm.sh/chart:") || strings.Contains(piece.text, "app.kubernetes.io/managed-by: Helm")
		if s.installs == "" && piece.installs() {
			s.installs = piece.head.Kind + "/" + piece.head.Metadata.Name
		}
		template := piece.source
		switch {
		case template != "":
			s.marked = true
			s.noteChart(template)
			crds = ""
			if strings.Contains(template, "/crds/") {
				s.crds = true
				crds = template // --include-crds prints a file as it is: its later documents have no comment
			}
		case crds != "":
			template = crds
		default:
			template = input.label()
		}
		if _, ok := s.files[template]; !ok {
			s.files[template] = input.Name
		}
		s.documents = append(s.documents, plan.Document{Template: template, Index: s.counts[template], Text: piece.text})
		s.counts[template]++
	}
	return nil
}

// noteChart keeps the root chart: the first part of Helm's path. What Helm 4 names
// generated-by-postrender-0.yaml has none.
func (s *stream) noteChart(template string) {
	if chart, _, ok := strings.Cut(template, "/"); ok && !slices.Contains(s.charts, chart) {
		s.charts = append(s.charts, chart)
	}
}

func (s *stream) oneChart() error {
	if len(s.charts) < 2 {
		return nil
	}
	return &Error{
		fmt.Errorf("%d root charts in one stream: %s; each is a release of its own", len(s.charts), strings.Join(s.charts, ", ")),
		"give one chart at a time",
	}
}

func (s *stream) source(options StreamOptions) *Source {
	source := &Source{
		Type: TypeStream, Ref: options.Given, Name: options.Release.Name, Namespace: options.Release.Namespace,
		Chart: s.report.chart, ChartVersion: s.report.chartVersion, AppVersion: s.report.appVersion, Revision: s.report.revision,
		HasSourceComments: s.marked || s.sectioned,
		AlreadyRendered:   s.marked || s.sectioned || s.labelled,
		Render: func(plan.Fields) (plan.Rendered, error) {
			return plan.Rendered{Documents: slices.Clone(s.documents)}, nil
		},
		File: func(template string) string { return s.files[template] },
	}
	if source.Chart == "" && len(s.charts) == 1 {
		source.Chart = s.charts[0]
	}
	for _, name := range []string{s.report.name, source.Chart, "release-name"} {
		if source.Name == "" {
			source.Name = name
		}
	}
	for _, namespace := range []string{s.report.namespace, defaultNamespace} {
		if source.Namespace == "" {
			source.Namespace = namespace
		}
	}
	s.missing(source)
	return source
}

// missing says what may have been left out. The texts of helm template, helm get hooks and helm get
// manifest are alike, only what they hold differs.
func (s *stream) missing(source *Source) {
	if s.installs != "" {
		source.Notes = append(source.Notes, s.installs+" is one of these objects: what it installs is no part of this answer; helm hooks plan "+firstWord(source.Ref, "FILE")+" --object "+s.installs+" plans it")
	}
	if (s.marked || s.sectioned) && !s.crds {
		source.Notes = append(source.Notes, "the chart's crds/ folder, if it has one, is not part of this input: only helm template --include-crds prints it")
	}
	if !s.marked || s.sectioned || s.objects == 0 {
		return
	}
	switch s.hooks {
	case s.objects:
		source.Unknown = []plan.UnknownFact{{
			What:      "resources",
			Why:       "all documents of this input are hooks: it could be helm get hooks, which leaves ordinary resources out",
			HowToKnow: "helm get all " + nameOrWord(source) + " | helm hooks plan -",
		}}
	case 0:
		source.Unknown = []plan.UnknownFact{{
			What:      "hooks",
			Why:       "no document of this input is a hook: it could be helm get manifest, which leaves hooks out",
			HowToKnow: "helm get all " + nameOrWord(source) + " | helm hooks plan -",
		}}
	}
}

// nameOrWord is the release's name where the stream or the user gave one.
func nameOrWord(source *Source) string {
	if source.Name == source.Chart {
		return "NAME"
	}
	return source.Name
}
