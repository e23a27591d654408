package render

import (
	"io"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// The wire types of `plan --engine all -o json`: docs/schema/enginecomparison.v1alpha1.schema.json.

const kindEngineComparison = "EngineComparison"

type wireEngines struct {
	APIVersion string     `json:"apiVersion"`
	Kind       string     `json:"kind"`
	Source     wireSource `json:"source"`
	Notes      []string   `json:"notes"`
	Verdict    string     `json:"verdict"`
	// Engines are in the order of the cells of a row; the others are held against the first.
	Engines  []wireComparedEngine `json:"engines"`
	Rows     []wireEngineRow      `json:"rows"`
	Findings []wireEnginesFinding `json:"findings"`
	Unknown  []wireUnknown        `json:"unknown"`
	Errors   []wireError          `json:"errors"`
}

type wireComparedEngine struct {
	Engine    wireEngine `json:"engine"`
	Different int        `json:"different"`
	Similar   int        `json:"similar"`
	Notes     []string   `json:"notes"`
}

type wireEngineRow struct {
	Object   wireObject       `json:"object"`
	Template string           `json:"template"`
	Document int              `json:"document"`
	Hook     string           `json:"hook"`
	Cells    []wireEngineCell `json:"cells"`
}

type wireEngineCell struct {
	Engine string `json:"engine"`
	Fate   string `json:"fate"`
	// Words are the cell as the table shows it, without its mark.
	Words string          `json:"words"`
	Runs  []wireEngineRun `json:"runs"`
	// Phase and Wave are those of an ordinary object under Argo CD.
	Phase       string           `json:"phase,omitempty"`
	Wave        int              `json:"wave,omitempty"`
	Rule        string           `json:"rule,omitempty"`
	Agreement   string           `json:"agreement"`
	Differences []wireDifference `json:"differences"`
}

type wireEngineRun struct {
	Action         string   `json:"action"`
	Phase          string   `json:"phase"`
	Order          int      `json:"order"`
	Of             int      `json:"of"`
	Weight         int      `json:"weight"`
	Wave           *int     `json:"wave,omitempty"`
	WaitsFor       string   `json:"waitsFor"`
	DeletePolicies []string `json:"deletePolicies"`
	Result         string   `json:"result,omitempty"`
	NotRun         bool     `json:"notRun,omitempty"`
	// Once says that the next action of the kind does not run it again.
	Once       bool   `json:"once,omitempty"`
	Prediction string `json:"prediction"`
}

type wireDifference struct {
	Aspect string `json:"aspect"`
	Why    string `json:"why"`
}

type wireEnginesFinding struct {
	Rule     string     `json:"rule"`
	Severity string     `json:"severity"`
	Object   wireObject `json:"object"`
	Engines  []string   `json:"engines"`
}

// EnginesJSON writes the comparison of engines as one document of docs/schema/enginecomparison.v1alpha1.schema.json.
func EnginesJSON(w io.Writer, h Header, c plan.Comparison, o Options) error {
	text, err := enginesText(h, c, o)
	if err != nil {
		return err
	}
	_, err = w.Write(escaped(text))
	return err
}

// EnginesYAML writes the same tree as EnginesJSON.
func EnginesYAML(w io.Writer, h Header, c plan.Comparison, o Options) error {
	text, err := enginesText(h, c, o)
	if err != nil {
		return err
	}
	return writeYAML(w, text)
}

func (e expression) engines(w io.Writer, h Header, c plan.Comparison, o Options) error {
	text, err := enginesText(h, c, o)
	if err != nil {
		return err
	}
	return e.write(w, text)
}

func enginesText(h Header, c plan.Comparison, o Options) ([]byte, error) {
	v, err := newEnginesView(c, o)
	if err != nil {
		return nil, err
	}
	return encode(enginesWire(h, v))
}

func enginesWire(h Header, v enginesView) wireEngines {
	out := wireEngines{
		APIVersion: wireAPIVersion, Kind: kindEngineComparison, Source: sourceWire(h.Source), Notes: append([]string{}, h.Notes...),
		Verdict: documentStyle().loose(v.verdict()), Rows: []wireEngineRow{}, Findings: []wireEnginesFinding{},
		Engines: full(each(v.all.Engines, func(e plan.ComparedEngine) wireComparedEngine {
			return wireComparedEngine{Engine: engineWire(e.Engine), Different: e.Different, Similar: e.Similar, Notes: full(e.Notes)}
		})),
		Unknown: full(each(v.all.Unknown, func(u plan.UnknownFact) wireUnknown { return wireUnknown(u) })),
		Errors:  []wireError{},
	}
	if v.withRows {
		out.Rows = full(each(v.rows, v.rowWire))
	}
	if v.withFindings {
		out.Findings = full(each(v.findings, func(f plan.ComparedFinding) wireEnginesFinding {
			one := wireEnginesFinding{Rule: f.Rule, Severity: string(f.Severity), Object: objectWire(f.Object), Engines: []string{}}
			for _, e := range f.Engines {
				one.Engines = append(one.Engines, v.name(e))
			}
			return one
		}))
	}
	return out
}

// name is an engine's, as --engine takes it; empty for a number that has none.
func (v enginesView) name(engine int) string {
	if engine < 0 || engine >= len(v.all.Engines) {
		return ""
	}
	return v.all.Engines[engine].Engine.Name
}

func (v enginesView) rowWire(r plan.ComparedObject) wireEngineRow {
	row := wireEngineRow{Object: objectWire(r.Object), Template: r.Template, Document: r.Document, Hook: r.Value, Cells: []wireEngineCell{}}
	for i, cell := range r.Cells {
		row.Cells = append(row.Cells, wireEngineCell{
			Engine: v.name(i), Fate: string(cell.Fate), Words: fateWords(cell), Phase: cell.Phase, Wave: cell.Wave, Rule: cell.Rule,
			Agreement:   string(cell.Agreement),
			Differences: full(each(cell.Differences, func(d plan.EngineDifference) wireDifference { return wireDifference{string(d.Aspect), d.Why} })),
			Runs:        full(each(cell.Runs, engineRunWire)),
		})
	}
	return row
}

func engineRunWire(r plan.EngineRun) wireEngineRun {
	return wireEngineRun{
		Action: string(r.Action), Phase: r.Phase, Order: r.Order, Of: r.Of, Weight: r.Step.Hook.Weight, Wave: r.Step.Wave,
		WaitsFor: string(r.Step.WaitsFor), DeletePolicies: names(r.Step.DeletePolicies), Result: string(r.Step.Result),
		NotRun: r.Step.NotRun, Once: r.Once, Prediction: string(r.Step.Prediction),
	}
}
