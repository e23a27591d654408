package plan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// faultPoints are the points that can be asked for by name.
var faultPoints = [...]FaultPoint{FaultCreate, FaultWait, FaultTimeout, FaultDelete}

// ParseFault reads KIND/NAME[@EVENT][:create|wait|timeout|delete][*TIMES], or resources[@ACTION][:create|wait|delete]
// [*TIMES], of a fault that strikes once unless told otherwise. Where no point is named, At is empty: see
// ResolveFaults.
func ParseFault(text string) (Fault, error) {
	f := Fault{Object: text, Times: 1}
	if rest, times, found := cutLast(text, "*"); found {
		n, err := strconv.Atoi(times)
		if err != nil || n < 1 {
			return Fault{}, fmt.Errorf("%q: after * comes how often it fails, such as *2", text)
		}
		text, f.Object, f.Times = rest, rest, n
	}
	if rest, point, found := cutLast(text, ":"); found {
		switch {
		case slices.Contains(faultPoints[:], FaultPoint(point)):
			f.Object, f.At = rest, FaultPoint(point)
		case strings.Contains(rest, "@") || strings.HasPrefix(rest, faultResources):
			return Fault{}, fmt.Errorf("%q: %q is no point of failure: valid are create, wait, timeout and delete", text, point)
		}
	}
	object, event, named := cutLast(f.Object, "@")
	if named {
		f.Object, f.Event = object, Event(event)
	}
	if f.Object == faultResources && (f.Event != "" || !named) {
		return f, checkResourceFault(text, f)
	}
	if kind, name, ok := strings.Cut(f.Object, "/"); !ok || kind == "" || name == "" {
		return Fault{}, fmt.Errorf("%q is not of the form KIND/NAME[@EVENT[:create|wait|timeout|delete]], such as Job/migrate, nor resources", text)
	}
	if !named {
		return f, nil
	}
	known, ok := eventOf(event)
	if !ok {
		return Fault{}, fmt.Errorf("%q: %q is no hook event%s", text, event, meant(event))
	}
	f.Event = known
	return f, nil
}

func cutLast(text, separator string) (before, after string, found bool) {
	i := strings.LastIndex(text, separator)
	if i < 0 {
		return text, "", false
	}
	return text[:i], text[i+len(separator):], true
}

func checkResourceFault(text string, f Fault) error {
	switch Action(f.Event) {
	case "", Install, Upgrade, Rollback, Uninstall:
	default:
		return fmt.Errorf("%q: ordinary resources belong to install, upgrade, rollback or uninstall, not to %q", text, f.Event)
	}
	if f.At == FaultTimeout {
		return fmt.Errorf("%q: ordinary resources fail at create, wait or delete; a timeout ends their wait as any other failure does", text)
	}
	return nil
}

// meant is the hint to the event that a word comes near to.
func meant(word string) string {
	if near, ok := nearestEvent(word); ok {
		return fmt.Sprintf(" (did you mean %q?)", near)
	}
	return ""
}

// String writes the fault as ParseFault reads it.
func (f Fault) String() string {
	text := f.Object
	if f.Event != "" {
		text += "@" + string(f.Event)
	}
	if slices.Contains(faultPoints[:], f.At) {
		text += ":" + string(f.At)
	}
	if f.Times > 1 {
		text += "*" + strconv.Itoa(f.Times)
	}
	return text
}
