package gitops

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	kjson "sigs.k8s.io/json"
)

// decode reads a part of an object as the API server would: a value of a wrong type is refused, and a field that does
// not exist is dropped, which dropped says.
func decode(o *Object, part string, raw json.RawMessage, into any) (dropped []string, err error) {
	if len(raw) == 0 {
		return nil, nil
	}
	strict, err := kjson.UnmarshalStrict(raw, into)
	if err != nil {
		// The same once more for its words: they name the field.
		if plain := json.Unmarshal(raw, reflect.New(reflect.TypeOf(into).Elem()).Interface()); plain != nil {
			err = plain
		}
		return nil, fmt.Errorf("%s: %s: %w", o.Where, o.Ref(), atPart(part, err))
	}
	for _, one := range strict {
		if field, ok := unknownField(one); ok {
			dropped = append(dropped, droppedField(o, part, field, reflect.TypeOf(into)))
		}
	}
	return dropped, nil
}

// atPart says which field has the wrong type, in words that are no Go.
func atPart(part string, err error) error {
	var wrong *json.UnmarshalTypeError
	if !errors.As(err, &wrong) {
		return fmt.Errorf("%s: %w", part, err)
	}
	path := part
	if wrong.Field != "" {
		path += "." + wrong.Field
	}
	return fmt.Errorf("%s is %s and should be %s: the API server refuses it", path, valueWord(wrong.Value), typeWord(wrong.Type))
}

// withoutGo is an error of encoding/json in words that are no Go.
func withoutGo(err error) error {
	var wrong *json.UnmarshalTypeError
	if !errors.As(err, &wrong) {
		return err
	}
	return fmt.Errorf("%s is %s and should be %s", wrong.Field, valueWord(wrong.Value), typeWord(wrong.Type))
}

// valueWord says what was found, which encoding/json calls array, object, bool, string, or number and a number.
func valueWord(found string) string {
	kind, _, _ := strings.Cut(found, " ")
	switch kind {
	case "array":
		return "a list"
	case "object":
		return "an object"
	case "bool":
		return "true or false"
	}
	return "a " + found
}

func typeWord(of reflect.Type) string {
	switch of.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "a string"
	case reflect.Int, reflect.Int64:
		return "a whole number"
	case reflect.Slice:
		return "a list"
	case reflect.Map, reflect.Struct:
		return "an object"
	case reflect.Pointer:
		return typeWord(of.Elem())
	}
	return "of another type"
}

var unknownFieldText = regexp.MustCompile(`^unknown field "(.*)"$`)

func unknownField(err error) (string, bool) {
	found := unknownFieldText.FindStringSubmatch(err.Error())
	if found == nil {
		return "", false
	}
	return found[1], true
}

// droppedField says that a field does not exist, and which one may have been meant.
func droppedField(o *Object, part, field string, of reflect.Type) string {
	text := fmt.Sprintf("%s.%s is no field of %s, so the API server drops it", part, field, article(o.Kind))
	parents := strings.Split(field, ".")
	last := parents[len(parents)-1]
	if near := nearest(last, fieldsAt(of, parents[:len(parents)-1])); near != "" {
		text += fmt.Sprintf("; did you mean %s?", near)
	}
	return text
}

func article(kind string) string {
	if strings.ContainsRune("AEIOU", rune(kind[0])) {
		return "an " + kind
	}
	return "a " + kind
}

// fieldsAt are the names of the fields below a path.
func fieldsAt(of reflect.Type, path []string) []string {
	for of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice {
		of = of.Elem()
	}
	if of.Kind() != reflect.Struct {
		return nil
	}
	var names []string
	for i := range of.NumField() {
		field := of.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if len(path) > 0 && name == strings.SplitN(path[0], "[", 2)[0] {
			return fieldsAt(field.Type, path[1:])
		}
		names = append(names, name)
	}
	if len(path) > 0 {
		return nil
	}
	return names
}

// nearest is the name that differs in two letters at most, or only in case; empty where there is none.
func nearest(wanted string, names []string) string {
	const mistakes = 2
	best, fewest := "", mistakes+1
	for _, name := range names {
		wrong := distance(strings.ToLower(wanted), strings.ToLower(name))
		if wrong < fewest && wrong < len(name)/2 {
			best, fewest = name, wrong
		}
	}
	return best
}

// distance counts the letters to add, drop or change.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		before := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := before
			if a[i-1] != b[j-1] {
				cost++
			}
			before = row[j]
			row[j] = min(cost, row[j]+1, row[j-1]+1)
		}
	}
	return row[len(b)]
}

// duration is a time as Flux's fields hold it.
type duration struct{ time.Duration }

// durationText is the pattern of the CustomResourceDefinition.
var durationText = regexp.MustCompile(`^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$`)

func (d *duration) UnmarshalJSON(raw []byte) error {
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return err
	}
	if !durationText.MatchString(text) {
		return fmt.Errorf("%q is no duration such as 5m or 1h30m: the API server refuses it", text)
	}
	parsed, err := time.ParseDuration(text)
	if err != nil {
		return fmt.Errorf("%q is no duration: %w", text, err)
	}
	d.Duration = parsed
	return nil
}

// checks collects what an API server refuses.
type checks struct {
	object *Object
	err    error
}

func (c *checks) refuse(format string, arguments ...any) {
	if c.err == nil {
		c.err = fmt.Errorf("%s: %s: %s", c.object.Where, c.object.Ref(), fmt.Sprintf(format, arguments...)+": the API server refuses it")
	}
}

// oneOf refuses a value that is none of a few. Empty is as good as not there: all such fields are left out then.
func (c *checks) oneOf(field, value string, valid ...string) {
	if value != "" && !slices.Contains(valid, value) {
		c.refuse("%s: %q is none of %s", field, value, strings.Join(valid, ", "))
	}
}

func (c *checks) length(field, value string, most int) {
	if len(value) > most {
		c.refuse("%s: %q is longer than %d letters", field, value, most)
	}
}

func (c *checks) required(field, value string) {
	if value == "" {
		c.refuse("%s is missing", field)
	}
}
