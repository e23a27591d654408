package render

import (
	"cmp"
	"slices"
	"strings"

	"github.com/helm-hooks/helm-hooks/pkg/plan"
)

// htmlTrack is the drawing of one row: rectangles on a field of pictureWidth by trackHeight, which is stretched
// to the width of the column.
type htmlTrack struct {
	Label  string
	Shapes []htmlShape
	// Tip is what is shown beside the pointer; the details hold the same.
	Tip []string
}

type htmlShape struct {
	Class                      string
	X, Y, Width, Height, Round int
}

const trackHeight = 24

func block(class string, from, to int) htmlShape {
	return htmlShape{Class: class, X: from, Y: 4, Width: max(to-from, 6), Height: 16, Round: 2}
}

func thread(from, to int) htmlShape {
	return htmlShape{Class: "there", X: from, Y: 10, Width: to - from, Height: 4}
}

// end is where an object is deleted.
func end(at int) htmlShape {
	return htmlShape{Class: "gone", X: max(at-4, 0), Y: 3, Width: 4, Height: 18}
}

// track draws a row: the field of its phase, when its object exists, the work itself, deletions, and where all stops.
func track(drawing picture, lane pictureLane, row pictureRow, line plan.Timeline) htmlTrack {
	t := htmlTrack{Shapes: []htmlShape{{Class: "field", X: lane.from, Width: lane.to - lane.from, Height: trackHeight}}}
	for _, s := range row.there {
		t.Shapes = append(t.Shapes, thread(s.from, s.to))
	}
	if row.mark != markNothing {
		t.Shapes = append(t.Shapes, block("bar "+string(row.mark), row.from, row.to))
	}
	for _, at := range row.gone {
		t.Shapes = append(t.Shapes, end(at))
	}
	if row.stays {
		t.Shapes = append(t.Shapes, htmlShape{Class: "stays", X: pictureWidth - 12, Y: 6, Width: 12, Height: 12, Round: 5})
	}
	if drawing.stop >= 0 {
		t.Shapes = append(t.Shapes, htmlShape{Class: "stop", X: drawing.stop, Width: 3, Height: trackHeight})
	}
	t.describe(lane, row, line)
	return t
}

func (t *htmlTrack) describe(lane pictureLane, row pictureRow, line plan.Timeline) {
	style := documentStyle()
	for _, piece := range texts(row.node.label) {
		t.Label += piece.Text
	}
	t.Label = cmp.Or(strings.TrimSpace(t.Label), "objects")
	if row.step == nil {
		return
	}
	waits := waitsWords(*row.step)
	if row.mark == markWaits || row.mark == markKnown || row.mark == markInstant {
		waits = "waits until: " + waits
	}
	for _, said := range []string{waits, lifeWords(row, lane.node.phase.Name, line), lastRunWords(row.step.Hook.LastRun)} {
		if said = style.loose(said); said != "" {
			t.Label += ", " + said
			t.Tip = append(t.Tip, said)
		}
	}
}

// htmlLegend is one sort of bar.
type htmlLegend struct {
	Text   string
	Shapes []htmlShape
}

// legendOf says what the bars of a page mean, of those that it has.
func legendOf(actions []htmlAction) []htmlLegend {
	used := map[string]bool{}
	note := func(t htmlTrack) {
		for _, shape := range t.Shapes {
			used[shape.Class] = true
		}
	}
	for _, action := range actions {
		if action.Picture == nil {
			continue
		}
		for _, lane := range action.Picture.Lanes {
			note(lane.Track)
			for _, row := range lane.Rows {
				note(row.Track)
			}
		}
		for _, ghost := range action.Picture.Ghosts {
			note(ghost.Track)
		}
	}
	return slices.DeleteFunc(legend(), func(l htmlLegend) bool { return !used[l.class()] })
}

// class is the shape that an entry of the legend explains; the one before a mark of the end of all is meant.
func (l htmlLegend) class() string {
	last := l.Shapes[len(l.Shapes)-1].Class
	if last == "stop" {
		return l.Shapes[0].Class
	}
	return last
}

// legend is all that there is to explain. Its drawings are 60 wide.
func legend() []htmlLegend {
	bar := func(mark rowMark) []htmlShape { return []htmlShape{block("bar "+string(mark), 6, 54)} }
	return []htmlLegend{
		{"waits for it, for how long is not known", bar(markWaits)},
		{"as long as the last time", bar(markKnown)},
		{"goes on once it is made", bar(markInstant)},
		{"ordinary objects", bar(markObjects)},
		{"its object exists, until it is deleted", []htmlShape{thread(4, 54), end(56)}},
		{"still there afterwards", []htmlShape{thread(4, 54), {Class: "stays", X: 50, Y: 6, Width: 8, Height: 12, Round: 4}}},
		{"fails, and here all stops", append(bar(markFails), htmlShape{Class: "stop", X: 55, Width: 3, Height: trackHeight})},
		{"never completes", bar(markEndless)},
		{"does not run", bar(markIdle)},
		{"not reached", bar(markSkipped)},
		{"ignored", []htmlShape{{Class: "ghost", X: 6, Y: 4, Width: 48, Height: 16, Round: 2}}},
	}
}
