package plan

import (
	"crypto/sha256"
	"encoding/json"
)

// fixedPart is a fingerprint of what the API server refuses to change in an object that exists: a Job's
// template, selector and completions, and nearly all of a Pod's spec. It is empty for other kinds.
func fixedPart(object Object, body map[string]any) string {
	spec, _ := body["spec"].(map[string]any)
	switch {
	case object.Kind == "Job" && object.group() == "batch":
		return fingerprint([]any{spec["template"], spec["selector"], spec["completions"]})
	case object.Kind == "Pod" && object.group() == "":
		return fingerprint(spec)
	}
	return ""
}

func fingerprint(value any) string {
	// encoding/json writes maps in the order of their keys, and the value came out of a parser, so
	// that it always encodes.
	text, _ := json.Marshal(value)
	sum := sha256.Sum256(text)
	return string(sum[:])
}
