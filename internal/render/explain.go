package render

import (
	"io"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// Explanation is what is told of a source or of one of its hooks, in sections of sentences.
type Explanation struct {
	// Subject is source or hook.
	Subject string
	// Name is what is explained: the release, or KIND/NAME.
	Name     string
	Sections []Section
}

// Section is a heading with what belongs under it.
type Section struct {
	Heading string
	Lines   []Line
}

// Line is a sentence, or something to copy that is never broken.
type Line struct {
	Text string
	Code bool
}

func (s *Section) say(sentences ...string) {
	for _, text := range sentences {
		if text != "" {
			s.Lines = append(s.Lines, Line{Text: text})
		}
	}
}

func (s *Section) code(lines ...string) {
	for _, text := range lines {
		s.Lines = append(s.Lines, Line{Text: text, Code: true})
	}
}

// proseWidth is how wide sentences are set where no terminal says how wide it is.
const proseWidth = 100

// ExplainText writes an explanation for people.
func ExplainText(w io.Writer, h Header, engine plan.Engine, e Explanation, s Style) error {
	if s.Width <= 0 || s.Width > proseWidth {
		s.Width = proseWidth
	}
	t := &tree{Style: s, header: h, plan: plan.Plan{Engine: engine}}
	t.title()
	if e.Subject == subjectHook {
		t.put()
		t.put(t.span(bold, e.Name))
	}
	for _, section := range e.Sections {
		t.put()
		if section.Heading != "" {
			t.put(t.span(bold, section.Heading))
		}
		for _, line := range section.Lines {
			if line.Code {
				t.command(line.Text)
				continue
			}
			t.paragraph(blanks(gap), blanks(gap), []span{t.span(plain, line.Text)})
		}
	}
	return t.flush(w)
}

// The subjects of an explanation.
const (
	subjectSource = "source"
	subjectHook   = "hook"
)

// ExplainJSON writes an explanation as one document of docs/schema/explanation.v1alpha1.schema.json.
func ExplainJSON(w io.Writer, h Header, engine plan.Engine, e Explanation) error {
	text, err := encode(explanationWire(h, engine, e))
	if err != nil {
		return err
	}
	_, err = w.Write(escaped(text))
	return err
}

// ExplainYAML writes the same tree as ExplainJSON.
func ExplainYAML(w io.Writer, h Header, engine plan.Engine, e Explanation) error {
	text, err := encode(explanationWire(h, engine, e))
	if err != nil {
		return err
	}
	return writeYAML(w, text)
}

type wireExplanation struct {
	APIVersion string        `json:"apiVersion"`
	Kind       string        `json:"kind"`
	Source     wireSource    `json:"source"`
	Engine     wireEngine    `json:"engine"`
	Notes      []string      `json:"notes"`
	Subject    wireSubject   `json:"subject"`
	Sections   []wireSection `json:"sections"`
	Errors     []wireError   `json:"errors"`
}

type wireSubject struct {
	Type string `json:"type"`
	Name string `json:"name"`
}

type wireSection struct {
	Heading string     `json:"heading"`
	Lines   []wireLine `json:"lines"`
}

type wireLine struct {
	Text string `json:"text"`
	// Code lines are commands or YAML to copy.
	Code bool `json:"code,omitempty"`
}

func explanationWire(h Header, engine plan.Engine, e Explanation) wireExplanation {
	return wireExplanation{
		APIVersion: wireAPIVersion, Kind: "Explanation", Source: sourceWire(h.Source), Engine: engineWire(engine),
		Notes: append([]string{}, h.Notes...), Subject: wireSubject{Type: e.Subject, Name: e.Name},
		Sections: full(each(e.Sections, func(s Section) wireSection {
			return wireSection{Heading: s.Heading, Lines: full(each(s.Lines, func(l Line) wireLine { return wireLine(l) }))}
		})),
		Errors: []wireError{},
	}
}
