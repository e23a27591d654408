package plan

import (
	"reflect"
	"slices"
)

// VersionMatters says whether the timelines of this input differ between the versions of the engine's
// Helm whose rules are known, so that the exact version must be found out before one trusts them.
func VersionMatters(input Input) (bool, error) {
	if input.Actions == nil {
		input.Actions = slices.Clone(allActions)
	}
	want, err := timelinesUnder(input, input.Engine)
	if err != nil {
		return false, err
	}
	for _, other := range ruleBoundaries(input.Engine) {
		got, err := timelinesUnder(input, other)
		if err != nil {
			return false, err
		}
		if !reflect.DeepEqual(want, got) {
			return true, nil
		}
	}
	return false, nil
}

func timelinesUnder(input Input, engine Engine) ([]Timeline, error) {
	s := newStock(engine, input.Release, input.Render)
	var timelines []Timeline
	for _, action := range input.Actions {
		timeline, err := timelineOf(s, input, action)
		if err != nil {
			return nil, err
		}
		timelines = append(timelines, timeline)
	}
	return timelines, nil
}

// ruleBoundaries are versions on the older side of each change of the rules, oldest first.
func ruleBoundaries(engine Engine) []Engine {
	versions := [][3]int{{3, 13, 0}, {3, 14, 0}, {3, 16, 3}, {3, 17, 1}, {3, 18, 0}, {3, 19, 0}, {3, 19, 5}, {3, 21, 0}}
	if engine.Name == "helm4" {
		versions = [][3]int{{4, 0, 0}, {4, 0, 5}, {4, 1, 0}, {4, 1, 1}, {4, 2, 0}, {4, 3, 0}}
	}
	var engines []Engine
	for _, version := range versions {
		engines = append(engines, Engine{Name: engine.Name, Version: version})
	}
	return engines
}
