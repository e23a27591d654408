package render

import (
	"io"
	"strings"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// The wire types of `diff -o json`: docs/schema/hooksdiff.v1alpha1.schema.json.

const kindHooksDiff = "HooksDiff"

type wireDiff struct {
	APIVersion string         `json:"apiVersion"`
	Kind       string         `json:"kind"`
	Old        wireDiffSide   `json:"old"`
	New        wireDiffSide   `json:"new"`
	Notes      []string       `json:"notes"`
	Verdict    string         `json:"verdict"`
	Counts     wireDiffCounts `json:"counts"`
	// Changes are sorted by what matters most.
	Changes []wireChange  `json:"changes"`
	Unknown []wireUnknown `json:"unknown"`
	Errors  []wireError   `json:"errors"`
}

type wireDiffSide struct {
	Source wireSource `json:"source"`
	Engine wireEngine `json:"engine"`
	With   string     `json:"with,omitempty"`
}

type wireDiffCounts struct {
	Differences int `json:"differences"`
	Breaks      int `json:"breaks"`
	Mends       int `json:"mends"`
	Differs     int `json:"differs"`
	Notes       int `json:"notes"`
}

type wireChange struct {
	Kind    string       `json:"kind"`
	Impact  string       `json:"impact"`
	Objects []wireObject `json:"objects"`
	// Was is the object under its old name, null where it kept its name.
	Was       *wireObject  `json:"was"`
	Places    []wirePlace  `json:"places"`
	Old       string       `json:"old"`
	New       string       `json:"new"`
	Parts     []string     `json:"parts"`
	Unreached []wireObject `json:"unreached"`
	// Rule is null where no rule has to do with it.
	Rule    *string `json:"rule"`
	Message string  `json:"message"`
	Fix     string  `json:"fix"`
}

type wirePlace struct {
	Action string `json:"action"`
	// Phase is empty for the action as a whole.
	Phase string `json:"phase"`
}

// DiffJSON writes the differences as one document of docs/schema/hooksdiff.v1alpha1.schema.json.
func DiffJSON(w io.Writer, h DiffHeader, d plan.Diff, _ Style) error {
	text, err := encode(diffWire(h, d))
	if err != nil {
		return err
	}
	_, err = w.Write(escaped(text))
	return err
}

// DiffYAML writes the same tree as DiffJSON.
func DiffYAML(w io.Writer, h DiffHeader, d plan.Diff, _ Style) error {
	text, err := encode(diffWire(h, d))
	if err != nil {
		return err
	}
	return writeYAML(w, text)
}

func diffWire(h DiffHeader, d plan.Diff) wireDiff {
	out := wireDiff{
		APIVersion: wireAPIVersion, Kind: kindHooksDiff, Old: diffSideWire(h.Old), New: diffSideWire(h.New),
		Notes: append([]string{}, h.Notes...), Verdict: diffVerdict(d),
		Changes: full(each(d.Changes, func(c plan.Change) wireChange { return changeWire(h, c) })),
		Unknown: full(each(d.Unknown, func(u plan.UnknownFact) wireUnknown { return wireUnknown(u) })),
		Errors:  []wireError{},
	}
	out.Counts.Differences = len(d.Changes)
	for _, c := range d.Changes {
		switch c.Impact {
		case plan.ImpactBreaks:
			out.Counts.Breaks++
		case plan.ImpactMends:
			out.Counts.Mends++
		case plan.ImpactDiffers:
			out.Counts.Differs++
		case plan.ImpactNote:
			out.Counts.Notes++
		}
	}
	return out
}

func diffSideWire(s DiffSide) wireDiffSide {
	return wireDiffSide{Source: sourceWire(s.Source), Engine: engineWire(s.Engine), With: s.With}
}

func changeWire(h DiffHeader, c plan.Change) wireChange {
	change := wireChange{
		Kind: string(c.Kind), Impact: string(c.Impact), Objects: objectsWire(c.Objects), Old: c.Old, New: c.New,
		Places: full(each(c.Places, func(p plan.Place) wirePlace { return wirePlace{string(p.Action), p.Phase} })),
		Parts:  full(c.Parts), Unreached: objectsWire(c.Unreached), Message: diffSentence(h, c), Fix: c.Fix,
	}
	if c.Was != (plan.Object{}) {
		was := objectWire(c.Was)
		change.Was = &was
	}
	if c.Rule != "" {
		change.Rule = &c.Rule
	}
	return change
}

// diffSentence is a change in one line.
func diffSentence(h DiffHeader, c plan.Change) string {
	item := diffItemOf(h, c)
	line := item.lines[0]
	said := line.text
	if said == "" {
		said = line.old + " → " + line.now
	}
	if heading := line.heading(); heading != "" {
		said = heading + ": " + said
	}
	parts := append([]string{item.name + ": " + said}, line.more...)
	if line.why != "" {
		parts = append(parts, line.why)
	}
	return strings.ReplaceAll(clean(strings.Join(parts, "; ")), string(tie), " ")
}
