package plan

import (
	"slices"
)

// placedObject is an object as an engine without Helm's machine has placed it.
type placedObject struct {
	parsed *Parsed
	object Object
	fate   Fate
	phase  string
	wave   int
	own    bool
	moved  bool
}

// engineTable is the work on a comparison.
type engineTable struct {
	plans []Plan
	rows  []*engineRow
	index map[engineKey]*engineRow
	// doubled are the objects that one render has twice in one template; their documents tell them apart.
	doubled map[engineKey]bool
	// turns are the runs at each moment, engine by engine.
	turns []map[moment][]turn
}

type engineRow struct {
	ComparedObject
	key engineKey
}

// engineKey tells that two plans speak of one object. The document counts only where one template has the object
// twice, since an upgrade may render more or fewer documents than an install.
type engineKey struct {
	template string
	object   Object
	document int
}

const anyDocument = -1

func newEngineTable(plans []Plan) *engineTable {
	c := &engineTable{plans: plans, index: map[engineKey]*engineRow{}, doubled: map[engineKey]bool{}}
	for i := range plans {
		c.findDoubled(&plans[i])
	}
	for i := range plans {
		c.turns = append(c.turns, map[moment][]turn{})
		c.addRuns(i)
	}
	for i := range plans {
		c.addIgnored(i)
	}
	for i := range plans {
		c.addDocuments(i)
	}
	for _, row := range c.rows {
		c.complete(row)
	}
	return c
}

func (c *engineTable) findDoubled(p *Plan) {
	note := func(seen map[engineKey]int, parsed *Parsed, object Object) {
		key := engineKey{parsed.Template, object, anyDocument}
		if before, ok := seen[key]; ok && before != parsed.Index {
			c.doubled[key] = true
		}
		seen[key] = parsed.Index
	}
	for i := range p.inventories {
		seen := map[engineKey]int{}
		p.inventories[i].eachDocument(func(parsed *Parsed) { note(seen, parsed, parsed.Object) })
	}
	seen := map[engineKey]int{}
	for _, one := range p.placed {
		note(seen, one.parsed, one.object)
	}
}

// eachDocument goes through all documents but the empty ones.
func (inv *Inventory) eachDocument(show func(*Parsed)) {
	for i := range inv.Hooks {
		show(&inv.Hooks[i].Parsed)
	}
	for i := range inv.Resources {
		if !inv.Resources[i].Empty {
			show(&inv.Resources[i].Parsed)
		}
	}
	for i := range inv.Dropped {
		show(&inv.Dropped[i].Parsed)
	}
}

// cell finds the cell of an object, and makes its row where there is none.
func (c *engineTable) cell(engine int, parsed *Parsed, object Object) *EngineCell {
	key := engineKey{parsed.Template, object, anyDocument}
	if c.doubled[key] {
		key.document = parsed.Index
	}
	row := c.index[key]
	if row == nil {
		row = &engineRow{key: key}
		row.Object, row.Template, row.Document = object, parsed.Template, parsed.Index
		row.Cells = make([]EngineCell, len(c.plans))
		c.index[key] = row
		c.rows = append(c.rows, row)
	}
	cell := &row.Cells[engine]
	cell.doc = parsed
	if value, ok := parsed.annotation(annotationHook); ok && row.Value == "" {
		row.Value = value.Value
	}
	return cell
}

// addRuns notes the steps of all timelines. A second sync or apply only tells what does not run again.
func (c *engineTable) addRuns(engine int) {
	p := &c.plans[engine]
	seen := map[Action]bool{}
	for t := range p.Timelines {
		timeline := &p.Timelines[t]
		again := seen[timeline.Action]
		seen[timeline.Action] = true
		for f := range timeline.Phases {
			phase := &timeline.Phases[f]
			for s := range phase.Steps {
				step := &phase.Steps[s]
				cell := c.cell(engine, &step.Hook.Parsed, step.Hook.Object)
				if again {
					cell.noteAgain(timeline.Action, phase.Name, step)
					continue
				}
				if timeline.Action == Apply {
					cell.Fate = FateAtOnce
					continue
				}
				cell.Fate = FateRuns
				cell.Runs = append(cell.Runs, EngineRun{Action: timeline.Action, Phase: phase.Name, Order: step.Order, Of: len(phase.Steps), Step: *step})
				c.addTurn(engine, phase, step)
			}
		}
	}
}

func (cell *EngineCell) noteAgain(action Action, phase string, step *Step) {
	for i := range cell.Runs {
		if run := &cell.Runs[i]; run.Action == action && run.Phase == phase && step.NotRun && !run.Step.NotRun {
			run.Once = true
			cell.again = notAgain
		}
	}
}

func (c *engineTable) addIgnored(engine int) {
	p := &c.plans[engine]
	for i := range p.Ignored {
		ignored := &p.Ignored[i]
		cell := c.cell(engine, &ignored.Parsed, ignored.Object)
		cell.Rule, cell.message = ignored.Rule, ignored.Message
		cell.Fate = FateDropped
		if ignored.Rule == ruleNotByArgo {
			cell.Fate = FateNever
		}
	}
	for _, f := range p.Findings {
		if f.Rule != ruleExists && f.Rule != ruleNotRun {
			continue
		}
		for _, row := range c.rows {
			if row.isAbout(f) && row.Cells[engine].Fate == FateRuns {
				row.Cells[engine].again = map[string]repetition{ruleExists: failsAgain, ruleNotRun: notAgain}[f.Rule]
			}
		}
	}
}

// addDocuments fills the cells of what no timeline and no list of ignored objects speaks of.
func (c *engineTable) addDocuments(engine int) {
	p := &c.plans[engine]
	for i := range p.inventories {
		inventory := &p.inventories[i]
		for k := range inventory.Hooks {
			if cell := c.cell(engine, &inventory.Hooks[k].Parsed, inventory.Hooks[k].Object); cell.Fate == "" {
				cell.Fate = FateNever
			}
		}
		for k := range inventory.Resources {
			if r := &inventory.Resources[k]; !r.Empty {
				if cell := c.cell(engine, &r.Parsed, r.Object); cell.Fate == "" {
					cell.Fate = FateOrdinary
				}
			}
		}
	}
	for _, one := range p.placed {
		cell := c.cell(engine, one.parsed, one.object)
		cell.own, cell.moved = one.own, one.moved
		switch {
		case cell.Fate != "":
		case one.fate == FateRuns:
			// A hook that no timeline has: nothing comes to its turn.
			cell.Fate = FateNever
		default:
			cell.Fate, cell.Phase, cell.Wave = one.fate, one.phase, one.wave
		}
	}
}

// complete says what becomes of an object where an engine has no word about it, and what stays after its end.
func (c *engineTable) complete(row *engineRow) {
	for e := range row.Cells {
		cell := &row.Cells[e]
		if cell.Fate == "" {
			cell.Fate = c.withoutOwn(e, row)
		}
		for _, t := range c.plans[e].Timelines {
			if t.Action == Uninstall || t.Action == Delete {
				cell.left = slices.Contains(t.Outcome.Left, row.Object)
			}
		}
	}
}

// withoutOwn: an engine takes a List apart into members, or keeps it whole.
func (c *engineTable) withoutOwn(engine int, row *engineRow) Fate {
	for _, other := range c.rows {
		if other.key == row.key || other.Template != row.Template || other.Document != row.Document || other.Cells[engine].doc == nil {
			continue
		}
		if other.Cells[engine].doc.Items != nil {
			if other.Object == other.Cells[engine].doc.Object {
				return FatePart
			}
			return FateParts
		}
	}
	return FateAbsent
}
