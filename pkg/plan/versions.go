package plan

import (
	"reflect"
)

// VersionMatters says whether the timelines of this input differ between the versions of the engine's
// Helm whose rules are known, so that the exact version must be found out before one trusts them.
func VersionMatters(input Input) (bool, error) {
	if input.Engine.planner() != nil {
		return false, nil
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
	input.Engine = engine
	player, _, err := newPlayer(input)
	if err != nil {
		return nil, err
	}
	return player.timelines()
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
