package recorded

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// fact is what an object has at a path, or one of
//
//	uid       the number of the object among those that were answered: the same number is the same object
//	deleting  whether it is going away
//	managers  who has written fields, and how; not who has written the status
func (p *player) fact(object map[string]any, name string) any {
	metadata, _ := object["metadata"].(map[string]any)
	switch name {
	case "uid":
		uid, _ := metadata["uid"].(string)
		if !slices.Contains(p.uids, uid) {
			p.uids = append(p.uids, uid)
		}
		return slices.Index(p.uids, uid) + 1
	case "deleting":
		return metadata["deletionTimestamp"] != nil
	case "managers":
		return managers(metadata)
	}
	var value any = object
	for key := range strings.SplitSeq(name, ".") {
		switch at := value.(type) {
		case map[string]any:
			value = at[key]
		case []any: // of the only element, or of all
			each := make([]any, len(at))
			for i, element := range at {
				one, _ := element.(map[string]any)
				each[i] = one[key]
			}
			if value = each; len(each) == 1 {
				value = each[0]
			}
		default:
			value = nil
		}
	}
	return value
}

func managers(metadata map[string]any) []string {
	names := []string{}
	entries, _ := metadata["managedFields"].([]any)
	for _, entry := range entries {
		fields, _ := entry.(map[string]any)
		if part, ok := fields["subresource"].(string); ok && part != "" {
			continue
		}
		name, _ := fields["manager"].(string)
		operation, _ := fields["operation"].(string)
		names = append(names, name+" "+operation)
	}
	slices.Sort(names)
	return names
}

// scrubber replaces what differs each time, by the words that stand for it.
type scrubber map[string]string

var (
	uid     = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	endless = regexp.MustCompile(`a{50,}|b{50,}`)
)

// learn remembers a name that the server has made up.
func (s scrubber) learn(object map[string]any) {
	metadata, _ := object["metadata"].(map[string]any)
	name, _ := metadata["name"].(string)
	prefix, _ := metadata["generateName"].(string)
	if prefix != "" && strings.HasPrefix(name, prefix) && len(name) == len(prefix)+5 {
		s[prefix+"{random}"] = name
	}
}

// text is one without what differs each time. Names that are as long as they may be are told by their length.
func (s scrubber) text(text string) string {
	for word, value := range s {
		text = strings.ReplaceAll(text, value, word)
	}
	text = uid.ReplaceAllString(text, "{uid}")
	return endless.ReplaceAllStringFunc(text, func(same string) string { return fmt.Sprintf("%c×%d", same[0], len(same)) })
}

// message is an error's: without whole specs and without a diff, whose white space differs.
func (s scrubber) message(message string) string {
	if first, rest, _ := strings.Cut(message, "\n"); strings.Contains(rest, "core.") {
		message = first
	}
	const given = "Invalid value: "
	parts := strings.Split(message, given)
	for i, part := range parts[1:] {
		var value json.RawMessage
		if json.NewDecoder(strings.NewReader(part)).Decode(&value) == nil && len(value) > 100 && value[0] == '{' {
			parts[i+1] = "{…}" + part[len(value):]
		}
	}
	return s.text(strings.Join(parts, given))
}

func (s scrubber) value(v any) any {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // it came out of JSON
	}
	var out any
	if err := json.Unmarshal([]byte(s.text(string(text))), &out); err != nil {
		panic(err) // no replacement touches the syntax
	}
	return out
}
