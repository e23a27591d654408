package render

import (
	"slices"
	"time"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// pictureWidth is how many parts a picture is divided into: what was before, the action from pictureStart to
// pictureEnd, and what is afterwards. All is counted in whole numbers, so that every machine draws the same.
const (
	pictureWidth = 1000
	pictureStart = 30
	pictureEnd   = 960
)

// picture is one action over time: for each phase a lane, in it a row for each step.
type picture struct {
	lanes []pictureLane
	// total is how long the known waits took together, 0 where no length is known: the rows are then in order,
	// and not to scale.
	total time.Duration
	// stop is where the action fails, -1 where it does not.
	stop int
}

type pictureLane struct {
	node     node
	from, to int
	rows     []pictureRow
}

// pictureRow is a step, or ordinary objects.
type pictureRow struct {
	// node is what the tree says of it; step is nil for ordinary objects.
	node node
	step *plan.Step
	mark rowMark
	// from and to are when it is at work.
	from, to int
	// there is when its object exists beside that; gone are the moments when it is deleted.
	there []stretch
	gone  []int
	// stays says that the object is there when the action is over, was that there is one before it comes.
	stays, was bool
}

type stretch struct{ from, to int }

// rowMark is how a row's bar looks.
type rowMark string

const (
	markWaits   rowMark = "waits"
	markKnown   rowMark = "known"
	markInstant rowMark = "instant"
	markFails   rowMark = "fails"
	markEndless rowMark = "endless"
	markIdle    rowMark = "idle"
	markSkipped rowMark = "skipped"
	markObjects rowMark = "objects"
	// markNothing is that of ordinary objects where there are none: nothing is drawn.
	markNothing rowMark = "nothing"
)

// drawn lays an action out. lanes are the nodes of its phases.
func drawn(line plan.Timeline, lanes []node) picture {
	p := picture{stop: -1}
	for _, lane := range lanes {
		p.lanes = append(p.lanes, pictureLane{node: lane, rows: rowsOf(lane)})
	}
	p.place(p.lengths())
	for _, lane := range p.lanes {
		for _, row := range lane.rows {
			if row.mark == markFails || row.step != nil && row.step.Result == plan.Failed {
				p.stop = max(p.stop, row.to)
			}
		}
	}
	if !isOther(line.Action) {
		p.live(line)
	}
	return p
}

func rowsOf(lane node) []pictureRow {
	if len(lane.children) == 0 {
		row := pictureRow{node: lane, mark: markObjects}
		switch {
		case lane.phase.Result == plan.Failed:
			row.mark = markFails
		case lane.phase.Objects == 0:
			row.mark = markNothing
		case lane.phase.Result == plan.Skipped:
			row.mark = markSkipped
		}
		return []pictureRow{row}
	}
	steps := stepsOf(lane)
	var rows []pictureRow
	for i, child := range lane.children {
		row := pictureRow{node: child, step: steps[i], mark: markObjects}
		if row.step != nil {
			row.mark = markOf(*row.step)
		}
		rows = append(rows, row)
	}
	return rows
}

func markOf(s plan.Step) rowMark {
	took, known := lengthOf(s)
	switch {
	case s.Result == plan.Skipped:
		return markSkipped
	case s.Hook.NeverCompletes != "" && s.WaitsFor == plan.WaitsCompletion:
		return markEndless
	case s.Result == plan.Failed || s.Signal != "":
		return markFails
	case s.NotRun:
		return markIdle
	case s.WaitsFor != plan.WaitsCompletion && s.WaitsFor != plan.WaitsHealthy:
		return markInstant
	case known && took > 0:
		return markKnown
	}
	return markWaits
}

// lengthOf is how long a step took the last time, where it did so to a good end.
func lengthOf(s plan.Step) (took time.Duration, known bool) {
	if s.WaitsFor != plan.WaitsCompletion || s.Hook.LastRun.Phase != "Succeeded" {
		return 0, false
	}
	// Two days are more than any wait of Helm's, and keep the sums small.
	took, known = tookOf(s.Hook.LastRun)
	return min(took, 48*time.Hour), known
}

// lengths give every row its share, in milliseconds where any is known. What is not known is then as long as the
// mean of what is; nothing is so short that it could not be seen.
func (p *picture) lengths() func(pictureRow) int64 {
	var known int64
	for _, lane := range p.lanes {
		for _, row := range lane.rows {
			if row.mark == markKnown {
				took, _ := lengthOf(*row.step)
				p.total += took
				known++
			}
		}
	}
	if known == 0 {
		return func(row pictureRow) int64 {
			switch row.mark {
			case markWaits, markFails, markEndless:
				return 4
			case markObjects:
				return 3
			case markNothing:
				return 0
			}
			return 1
		}
	}
	mean := max(p.total.Milliseconds()/known, 1)
	least := max(p.total.Milliseconds()/40, 1)
	return func(row pictureRow) int64 {
		switch row.mark {
		case markKnown:
			took, _ := lengthOf(*row.step)
			return max(took.Milliseconds(), least)
		case markWaits, markFails, markEndless:
			return max(mean, least)
		case markObjects:
			return 2 * least
		case markNothing:
			return 0
		}
		return least
	}
}

// place puts the rows one after the other; what Argo CD does in one wave begins together, and what is applied
// at once altogether.
func (p *picture) place(length func(pictureRow) int64) {
	type place struct{ from, to int64 }
	var places [][]place
	var at int64
	for _, lane := range p.lanes {
		var mine []place
		for i, row := range lane.rows {
			from := at
			if i > 0 && together(*lane.node.phase, lane.rows[i-1].step, row.step) {
				from = mine[i-1].from
			}
			mine = append(mine, place{from, from + length(row)})
			at = max(at, from+length(row))
		}
		places = append(places, mine)
	}
	at = max(at, 1)
	for i := range p.lanes {
		lane := &p.lanes[i]
		for k := range lane.rows {
			lane.rows[k].from = pictureStart + int((pictureEnd-pictureStart)*places[i][k].from/at)
			lane.rows[k].to = pictureStart + int((pictureEnd-pictureStart)*places[i][k].to/at)
			lane.to = max(lane.to, lane.rows[k].to)
		}
		lane.from = lane.rows[0].from
	}
}

func together(phase plan.Phase, a, b *plan.Step) bool {
	switch {
	case phase.Action == plan.Apply:
		return true
	case a == nil || b == nil || a.Wave == nil || b.Wave == nil:
		return false
	}
	return *a.Wave == *b.Wave
}

// runKey names one run of a hook within an action.
type runKey struct {
	phase    string
	action   plan.Action
	revision int
	order    int
}

// existing is an object that the action has made, and the row that has made it.
type existing struct {
	object plan.Object
	row    *pictureRow
	since  int
}

// live draws when the objects of hooks exist, from the operations of the machine: a deletion is where a bar ends.
func (p *picture) live(line plan.Timeline) {
	rows, ends := map[runKey]*pictureRow{}, map[runKey]int{}
	for i := range p.lanes {
		lane := &p.lanes[i]
		reached := lane.from
		for _, row := range lane.rows {
			if row.mark != markSkipped {
				reached = max(reached, row.to)
			}
		}
		for k := range lane.rows {
			if row := &lane.rows[k]; row.step != nil {
				key := runKey{lane.node.phase.Name, lane.node.phase.Action, lane.node.phase.Revision, row.step.Order}
				rows[key], ends[key] = row, reached
			}
		}
	}
	var alive []existing
	made := map[runKey]bool{}
	for _, op := range line.Operations {
		key := runKey{op.Phase, op.Action, op.Revision, op.Order}
		row := rows[key]
		if row == nil || !op.Hook || op.Idle {
			continue
		}
		switch op.Op {
		case plan.OpDelete:
			when := row.from
			if made[key] {
				when = ends[key]
			}
			if op.Result == plan.OK {
				alive = deleted(alive, op.Objects, row, when)
			}
		case plan.OpCreate, plan.OpApply:
			made[key] = true
			if op.Result == plan.OK {
				alive = created(alive, op.Objects, row)
			}
		case plan.OpWait:
			if op.NotRun && !row.was {
				row.was = true
				row.add(0, row.from)
			}
		}
	}
	p.inTheWay(line, alive)
	for _, e := range alive {
		e.row.stays = true
		e.row.add(e.since, pictureWidth)
	}
}

// inTheWay draws the objects that stand where a hook could not make its own: they were there before, and stay.
func (p *picture) inTheWay(line plan.Timeline, alive []existing) {
	for i := range p.lanes {
		for k := range p.lanes[i].rows {
			row := &p.lanes[i].rows[k]
			if row.step == nil || row.mark != markFails || !slices.Contains(line.Outcome.Left, row.step.Hook.Object) {
				continue
			}
			if !slices.ContainsFunc(alive, func(e existing) bool { return e.object == row.step.Hook.Object }) {
				row.was, row.stays = true, true
				row.add(0, pictureWidth)
			}
		}
	}
}

// deleted ends the bars of objects; one that no row of this action has made was there before.
func deleted(alive []existing, objects []plan.Object, row *pictureRow, when int) []existing {
	for _, o := range objects {
		i := slices.IndexFunc(alive, func(e existing) bool { return e.object == o })
		if i < 0 {
			row.was = true
			row.add(0, when)
			row.end(when)
			continue
		}
		alive[i].row.add(alive[i].since, when)
		alive[i].row.end(when)
		alive = slices.Delete(alive, i, i+1)
	}
	return alive
}

// created begins the bars of objects; one that is there already goes on in the new row.
func created(alive []existing, objects []plan.Object, row *pictureRow) []existing {
	for _, o := range objects {
		if i := slices.IndexFunc(alive, func(e existing) bool { return e.object == o }); i >= 0 {
			alive[i].row.add(alive[i].since, row.from)
			alive = slices.Delete(alive, i, i+1)
		}
		alive = append(alive, existing{o, row, row.from})
	}
	return alive
}

func (r *pictureRow) add(from, to int) {
	if one := (stretch{from, to}); to > from && !slices.Contains(r.there, one) {
		r.there = append(r.there, one)
	}
}

func (r *pictureRow) end(when int) {
	if !slices.Contains(r.gone, when) {
		r.gone = append(r.gone, when)
	}
}

// lifeWords say of the object of a step what the picture shows.
func lifeWords(row pictureRow, lane string, line plan.Timeline) string {
	if row.step == nil || row.step.Result == plan.Skipped {
		return ""
	}
	first := slices.Contains(row.gone, row.from)
	switch {
	case row.was && first && row.stays:
		return "the one of an earlier run is deleted first, the new one is still there after " + string(line.Action)
	case row.was && first && len(row.gone) > 1:
		return "the one of an earlier run is deleted first, the new one within this " + string(line.Action)
	case row.was && row.stays:
		return "there since before, and still there after " + string(line.Action)
	case row.stays:
		return "still there after " + string(line.Action)
	case len(row.gone) > 0 && slices.Max(row.gone) > row.to:
		return "deleted later in this " + string(line.Action)
	case len(row.gone) > 0:
		return "deleted at the end of " + lane
	}
	return ""
}
